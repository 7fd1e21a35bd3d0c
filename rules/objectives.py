"""The objectives of a book, in its order: their keys, whose placements they count, and that the whole list makes sense.

It places nobody. A class of pupils is a kind and whether the pupil was permanently excluded; an audience is a set of them.
By what a placement under them can be proved is for `proving.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product
from typing import Final, Literal

from rules.book import ON_ROLL, Audience, Count, Objective, Proof, Rulebook
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import KINDS
from rules.forms import KEYS, MAY_LACK
from rules.grammar import verdict_of
from rules.layers import Stack, whole_of
from rules.measure import bounds, reads
from rules.proving import proof_of
from rules.shape import ObjectiveShape
from rules.terms import All, Always, Among, Any, Compare, Condition, Flag, Not, Read, Sum, Text, Whole
from rules.yaml_text import Path

EXAMPLES: Final[Mapping[str, str]] = {
    "quota": "quota: {count: excluded_taken, limit: 2}",
    "share": "share: {load: load, per: roll}",
    "preference": "preference: {unranked: 4}",
    "case_by_case": "case_by_case: {by: [tier, journey]}",
}
CLASSES: Final = frozenset(product(KINDS, (True, False)))

Class = tuple[str, bool]
Total = Callable[[Edition, Path, str], Sum | None]
"""Reads a whole number that a text says; None where it cannot be read, which is then told."""


def objectives_of(
    stack: Stack, rulebook: Rulebook, lost: Collection[str], faults: list[Fault], total: Total
) -> tuple[tuple[Objective, ...], Proof]:
    """The objectives of the highest book that has any, checked, with the lottery last; and by what they are proved."""
    made: list[tuple[Objective, Edition, Path]] = []
    for edition in stack:
        if edition.shape.statutory and edition.shape.objectives is not None:
            faults.append(
                edition.fault(
                    ("objectives",),
                    found="objectives",
                    wanted="none in a statutory book",
                    advice="What a panel prefers is for its own book.",
                )
            )
        elif edition.shape.objectives is not None:
            below, made = made, list(_made(edition, rulebook, lost, faults, total))
            faults.extend(_left_out(edition, below, made) if "objectives." not in lost else ())
    top = stack[-1]
    proof = proof_of(stack, made, rulebook, lost, faults)
    if made and "objectives." not in lost:
        faults.extend(_misplaced(made))
    elif not made and not top.shape.statutory and "objectives." not in lost:
        advice = "List them, `place` first. Only a statutory book (`statutory: true`) has none."
        faults.append(top.fault((), found="no `objectives`", wanted="`objectives: ...`", advice=advice))
    objectives = tuple(objective for objective, _, _ in made)
    whole = not objectives or objectives[-1].name == "lottery"
    return (objectives if whole else (*objectives, Objective(name="lottery"))), proof


def _made(
    edition: Edition, rulebook: Rulebook, lost: Collection[str], faults: list[Fault], total: Total
) -> Iterator[tuple[Objective, Edition, Path]]:
    for number, shape in enumerate(edition.shape.objectives or ()):
        path: Path = ("objectives", number)
        before = len(faults)
        faults.extend(_keys(edition, path, shape))
        count = shape.count or shape.load or ""
        objective = Objective(
            name=shape.name,
            of=audience_of(edition, path, shape.of, faults),
            count=count,
            part=_part(count, rulebook),
            limit=_limit(edition, path, shape.limit or 0, rulebook, lost, faults, total),
            limit_text=str(shape.limit or ""),
            beyond=shape.beyond or "level",
            per=shape.per or "roll",
            unranked=whole_of(edition, path, shape.unranked or 0, rulebook.settings, lost, faults) or 0,
            by=shape.by or (),
        )
        if len(faults) == before:
            faults.extend(_counted(edition, path, objective, rulebook, lost))
        if len(faults) == before:
            faults.extend(_bounded(edition, path, objective))
        yield objective, edition, path


def _keys(edition: Edition, path: Path, shape: ObjectiveShape) -> Iterator[Fault]:
    has = {key for key in ("count", "load", "limit", "beyond", "per", "unranked", "by") if getattr(shape, key) is not None}
    allowed = KEYS.get(shape.name, frozenset())
    for key in sorted(has - allowed):
        yield edition.fault(
            path, found=f"`{key}` in {shape.name}", wanted=EXAMPLES.get(shape.name, f"{shape.name} by itself, or with `of`")
        )
    if shape.name == "together" and shape.of is not None:
        advice = "It speaks of every two whom their referrals name (together_with), whatever they come by."
        yield edition.fault(path, found="`of` in together", wanted="together by itself", advice=advice)
    needless = MAY_LACK.get(shape.name, frozenset())
    if shape.name == "case_by_case":
        yield from _case_by_case(edition, path, shape)
        needless = needless - {"unranked"} if "preference" in (shape.by or ()) else needless
    if any(fault.row == edition.fault(path).row for fault in edition.faults):
        needless = needless | {"by"}  # it may be there, and wrong: that is told already
    for key in sorted(allowed - has - needless):
        wanted = "case_by_case: {by: [tier, preference], unranked: 4}" if shape.by else EXAMPLES[shape.name]
        yield edition.fault(path, found=f"{shape.name} without `{key}`", wanted=wanted)
    for key, least in (("limit", 0), ("unranked", 1)):
        amount = getattr(shape, key)
        if isinstance(amount, int) and amount < least:
            yield edition.fault(path, found=f"{key}: {amount}", wanted=f"at least {least}")


def _case_by_case(edition: Edition, path: Path, shape: ObjectiveShape) -> Iterator[Fault]:
    by = shape.by or ()
    for twice in sorted({one for one in by if by.count(one) > 1}):
        yield edition.fault(path, found=f"{twice} twice in case_by_case", wanted="each once, what matters most first")
    if shape.unranked is not None and "preference" not in by:
        yield edition.fault(path, found="`unranked` in case_by_case without preference", wanted=EXAMPLES["case_by_case"])


def audience_of(edition: Edition, path: Path, of: tuple[str, ...] | None, faults: list[Fault]) -> Audience:
    """Whom the words of an `of` name."""
    if of is None:
        return Audience()
    by_exclusion = {"permanently_excluded": True, "not_permanently_excluded": False}
    said = by_exclusion.keys() & set(of)
    if len(said) > 1:
        advice = "Together they are everybody: then leave `of` out."
        faults.append(edition.fault(path, found=f"of: {' and '.join(by_exclusion)}", wanted="at most one of the two", advice=advice))
    kinds = frozenset(of) - said
    return Audience(kinds=kinds or None, excluded=next((by_exclusion[word] for word in said), None))


def _part(count: str, rulebook: Rulebook) -> Literal["school", "year_group"]:
    return "year_group" if count == ON_ROLL or any(one.id == count and one.per == "year_group" for one in rulebook.counts) else "school"


def _limit(
    edition: Edition, path: Path, limit: int | str, rulebook: Rulebook, lost: Collection[str], faults: list[Fault], total: Total
) -> Sum:
    """A whole number, the setting that is one, or a sum that comes to one at each school."""
    if isinstance(limit, str) and not re.fullmatch(r"settings\.[a-z][a-z0-9_]*", limit.strip()):
        return total(edition, (*path, "quota", "limit"), limit) or Whole(0)
    text = limit.strip() if isinstance(limit, str) else limit
    return Whole(whole_of(edition, path, text, rulebook.settings, lost, faults) or 0)


def _bounded(edition: Edition, path: Path, objective: Objective) -> Iterator[Fault]:
    """A limit reads what is the same for every pupil there, and is not always below 0."""
    families = ("school", "year", "panel") if objective.part == "year_group" else ("school", "panel")
    limit = (*path, objective.name, "limit")
    for fact in reads(objective.limit):
        if fact.family not in families:
            advice = "A quota is the same for every pupil who comes, so its limit reads the setting and the panel."
            if fact.family == "year":
                advice = f"{objective.count} is counted for the whole school; a count `per: year_group` has a limit for each year group."
            wanted = f"only {' and '.join(f'{family}.*' for family in families)} in this limit"
            yield edition.fault(limit, found=fact.name, wanted=wanted, advice=advice)
    if bounds(objective.limit)[1] < 0:
        yield edition.fault(limit, found="a limit that is always below 0", wanted="one that can be 0 or more")


def _counted(edition: Edition, path: Path, objective: Objective, rulebook: Rulebook, lost: Collection[str]) -> Iterator[Fault]:
    """The count exists, counts placements, and counts those whom the objective speaks of."""
    if not objective.count or f"school.{objective.count}" in lost or "counts." in lost:
        return
    if objective.count == ON_ROLL:
        if objective.of != Audience():
            advice = "The roll counts everybody who comes. To level those of one kind define a count of them."
            yield edition.fault(path, found=f"of: {objective.of} with {ON_ROLL}", wanted=f"{ON_ROLL} without `of`", advice=advice)
        return
    counts = {count.id: count for count in rulebook.counts}
    count = counts.get(objective.count)
    if count is None:
        if f"school.{objective.count}" not in rulebook.facts and f"year.{objective.count}" not in rulebook.facts:
            yield edition.fault(
                path,
                found=f"the count {objective.count}",
                wanted="a count of the book",
                advice=nearest(objective.count, counts) or "Define it under `counts`.",
            )
    elif "placements" not in count.of:
        yield edition.fault(path, found=f"{count.id}, which no placement adds to", wanted="a count `of: placements`")
    else:
        yield from _disagreement(edition, path, objective.of, count)


def _disagreement(edition: Edition, path: Path, audience: Audience, count: Count) -> Iterator[Fault]:
    """`of` names the pupils who add to the count, so it must say what the count's `where` says, as far as that can be seen."""
    if count.where is None:
        wrong = audience != Audience()
    else:
        members = members_of(audience)
        verdicts = {one: verdict_of(settled(count.where, one)) for one in CLASSES}
        wrong = any(verdicts[one] == ("never" if one in members else "always") for one in CLASSES)
    if wrong:
        yield edition.fault(
            path,
            found=f"of: {audience}, while {count.id} counts {' or '.join(count.where_text) or 'every placement'}",
            wanted="an `of` that names the pupils who add to the count",
            advice="Change `of`, or define another count for these pupils.",
        )


def counted_by(count: Count) -> frozenset[Class]:
    """The classes of pupils of whom a placement by the panel can add to the count."""
    where = count.where
    return CLASSES if where is None else frozenset(one for one in CLASSES if verdict_of(settled(where, one)) != "never")


def members_of(audience: Audience) -> frozenset[Class]:
    """The classes of pupils that the audience is made of."""
    return frozenset((kind, excluded) for kind, excluded in CLASSES if audience.has(kind, excluded))


def settled(condition: Condition, pupil: Class) -> Condition:
    """The condition on a placement by the panel of a pupil of that class: what that settles is written out."""
    kind, excluded = pupil
    match condition:
        case Flag(fact=fact) if fact.name == "admission.after_exclusion":
            return Always(excluded)
        case Flag(fact=fact) if fact.name == "admission.by_panel":
            return Always(value=True)
        case Among(fact=fact, values=values) if fact.name == "admission.kind":
            return Always(kind in values)
        case Compare(op=op, left=Read(fact=fact), right=Text(value=word)) | Compare(op=op, left=Text(value=word), right=Read(fact=fact)):
            return Always((kind == word) == (op == "==")) if fact.name == "admission.kind" else condition
        case Not(part=part):
            return Not(settled(part, pupil))
        case All(parts=parts):
            return All(tuple(settled(part, pupil) for part in parts))
        case Any(parts=parts):
            return Any(tuple(settled(part, pupil) for part in parts))
    return condition


def _left_out(
    edition: Edition, below: list[tuple[Objective, Edition, Path]], above: list[tuple[Objective, Edition, Path]]
) -> Iterator[Fault]:
    """A book above another with objectives keeps them all, in their order."""
    kept = iter(objective for objective, _, _ in above)
    for objective, home, _ in below:
        if objective.name != "lottery" and objective not in kept:
            yield edition.fault(
                ("objectives",),
                found=f"objectives without {objective.name} of {objective.of} as in {home.name}",
                wanted=f"every objective of {home.name}, in its order",
                advice="A local book may put others between them.",
            )
            return


def _misplaced(made: list[tuple[Objective, Edition, Path]]) -> Iterator[Fault]:
    first, edition, path = made[0]
    if first != Objective(name="place"):
        yield edition.fault(
            path,
            found=f"{first.name} first",
            wanted="`place` first, for everybody",
            advice="That as few pupils as possible stay without a place comes before all else.",
        )
    seen: set[Objective] = set()
    for number, (objective, edition, path) in enumerate(made):
        if objective.name == "lottery" and (number < len(made) - 1 or objective.of != Audience()):
            yield edition.fault(
                path,
                found="the lottery before other objectives or for some pupils only",
                wanted="`lottery` last, for everybody",
                advice="After the lottery nothing is left to decide.",
            )
        if objective in seen:
            yield edition.fault(path, found=f"{objective.name} a second time", wanted="it once, or with another `of`")
        seen.add(objective)
