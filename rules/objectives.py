"""The objectives of a book, in its order: their keys, whose placements they count, and that the whole list makes sense.

It places nobody. A class of pupils is a kind and whether the pupil was permanently excluded; an audience is a set of them.
By what a placement under them can be proved is for `proving.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product
from typing import Final, Literal

from rules.audience import Audience
from rules.book import KEPT, ON_ROLL, Count, Fate, Objective, Proof, Rulebook
from rules.counting import fate_of
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import COUNT_BOUND, FOR_GOOD, KINDS
from rules.forms import KEYS, MAY_LACK, OF_DAYS, PER
from rules.grammar import verdict_of
from rules.layers import Stack, whole_of
from rules.lifecycle import Numbers, for_good
from rules.measure import bounds, reads
from rules.phrases import listed
from rules.proving import proof_of
from rules.shape import ObjectiveShape
from rules.terms import All, Always, Among, Any, Compare, Condition, Flag, Known, Not, Read, Sum, Text, Whole
from rules.whose import audience_of, goes_by
from rules.yaml_text import Path

EXAMPLES: Final[Mapping[str, str]] = {
    "quota": "quota: {count: excluded_taken, limit: 2}",
    "share": "share: {load: load, per: roll}",
    "preference": "preference: {unranked: 4}",
    "longest_ago": "longest_ago by itself, or with `of`, `per`, `broken_down` or `left`",
    "rota": "rota by itself, or with `of`, `per`, `list`, `broken_down` or `left`",
    "case_by_case": "case_by_case: {by: [tier, journey]}",
    "waiting": "waiting by itself, or with `of`, or `by: referral.days_out_of_education`",
}
BY_TURNS: Final = "By turns no size counts; `share` levels by size."
LOWER_LIMIT: Final = "Take it off the limit: `limit: 5 - school.agreed_number` and the like."
START_BOUND: Final = 1000 * COUNT_BOUND
"""With a count beside it below 2**30: by any two sizes of schools, up to 2**15 each, that is exact in 64 bits."""
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
    numbers = Numbers(rulebook.settings, lost, faults)
    for number, shape in enumerate(edition.shape.objectives or ()):
        path: Path = ("objectives", number)
        before = len(faults)
        faults.extend(_keys(edition, path, shape))
        count = shape.count or shape.load or ""
        objective = Objective(
            name=shape.name,
            of=audience_of(edition, path, shape.of, faults),
            count=count,
            part="year_group" if shape.per == "year_group" else _part(count, rulebook),
            limit=_level(edition, (*path, "quota", "limit"), shape.limit or 0, rulebook, lost, faults, total),
            limit_text=str(shape.limit or ""),
            beyond=shape.beyond or "level",
            per=_measured_by(shape),
            start=_level(edition, (*path, "share", "start"), shape.start or 0, rulebook, lost, faults, total),
            start_text=str(shape.start or ""),
            listed=_level(edition, (*path, "rota", "list"), shape.list_ or 0, rulebook, lost, faults, total),
            listed_text=str(shape.list_ or ""),
            broken_down=_fate(edition, path, shape, "broken_down", numbers),
            left=_fate(edition, path, shape, "left", numbers),
            unranked=whole_of(edition, path, shape.unranked or 0, rulebook.settings, lost, faults) or 0,
            by=shape.by if isinstance(shape.by, tuple) else (),
            days=shape.by if isinstance(shape.by, str) else "",
            first=shape.first or "",
        )
        if len(faults) == before:
            faults.extend(goes_by(edition, path, objective, rulebook, lost))
        if len(faults) == before and f"objective {number}" not in edition.lost:
            faults.extend(_counted(edition, path, objective, rulebook, lost))
        if len(faults) == before:
            faults.extend(_bounded(edition, path, objective))
        yield objective, edition, path


def _keys(edition: Edition, path: Path, shape: ObjectiveShape) -> Iterator[Fault]:
    has = {info.alias or name for name, info in ObjectiveShape.model_fields.items() if getattr(shape, name) is not None} - {"name", "of"}
    allowed = KEYS.get(shape.name, frozenset())
    for key in sorted(has - allowed):
        wanted = EXAMPLES.get(shape.name, f"{shape.name} by itself, or with `of`")
        advice = LOWER_LIMIT if (shape.name, key) == ("quota", "start") else ""
        yield edition.fault(path, found=f"`{key}` in {shape.name}", wanted=wanted, advice=advice)
    if "per" in has & allowed and shape.per not in PER[shape.name]:
        advice = {"year_group": "A share counts each year group by a count `per: year_group`.", "school": ""}.get(str(shape.per), BY_TURNS)
        yield edition.fault((*path, shape.name, "per"), found=f"per: {shape.per}", wanted=listed(PER[shape.name], "or"), advice=advice)
    if shape.name == "together" and shape.of is not None:
        advice = "It speaks of every two whom their referrals name (together_with), whatever they come by."
        yield edition.fault(path, found="`of` in together", wanted="together by itself", advice=advice)
    needless = MAY_LACK.get(shape.name, frozenset())
    if shape.name == "waiting" and isinstance(shape.by, tuple):
        yield edition.fault((*path, "waiting", "by"), found=f"by: {', '.join(shape.by)}", wanted=OF_DAYS)
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
    if isinstance(by, str):
        wanted = f"what matters for each case, and who is first: case_by_case: {{by: [tier, journey], first: {by}}}"
        yield edition.fault((*path, "case_by_case", "by"), found=f"by: {by}", wanted=wanted)
        return
    for twice in sorted({one for one in by if by.count(one) > 1}):
        yield edition.fault(path, found=f"{twice} twice in case_by_case", wanted="each once, what matters most first")
    if shape.unranked is not None and "preference" not in by:
        yield edition.fault(path, found="`unranked` in case_by_case without preference", wanted=EXAMPLES["case_by_case"])


def _fate(edition: Edition, path: Path, shape: ObjectiveShape, key: str, numbers: Numbers) -> Fate:
    """What becomes of turns that are over, in the same words as a count."""
    said: str | None = getattr(shape, key)
    return KEPT if said is None else fate_of(edition, (*path, shape.name, key), said, numbers)


def _measured_by(shape: ObjectiveShape) -> Literal["roll", "pan", "weight", "equal"]:
    match shape.per:
        case "pan" | "weight" | "equal":
            return shape.per
    return "roll"


def _part(count: str, rulebook: Rulebook) -> Literal["school", "year_group"]:
    return "year_group" if count == ON_ROLL or any(one.id == count and one.per == "year_group" for one in rulebook.counts) else "school"


def _level(
    edition: Edition, path: Path, level: int | str, rulebook: Rulebook, lost: Collection[str], faults: list[Fault], total: Total
) -> Sum:
    """A whole number, the setting that is one, or a sum that comes to one at each school."""
    if isinstance(level, str) and not re.fullmatch(r"settings\.[a-z][a-z0-9_]*", level.strip()):
        return total(edition, path, level) or Whole(0)
    text = level.strip() if isinstance(level, str) else level
    return Whole(whole_of(edition, path, text, rulebook.settings, lost, faults) or 0)


def _bounded(edition: Edition, path: Path, objective: Objective) -> Iterator[Fault]:
    """A limit or a start reads what is the same for every pupil there; and a limit is not always below 0."""
    if objective.name == "rota":
        yield from _on_a_list(edition, (*path, "rota", "list"), objective)
        return
    families = ("school", "year", "panel") if objective.part == "year_group" else ("school", "panel")
    key = "start" if objective.name == "share" else "limit"
    for fact in reads(objective.level):
        if fact.family not in families:
            advice = f"A {objective.name} is the same for every pupil who comes, so its {key} reads the setting and the panel."
            if fact.family == "year":
                advice = f"{objective.count} is counted for the whole school; a count `per: year_group` has a {key} for each year group."
            wanted = f"only {' and '.join(f'{family}.*' for family in families)} in this {key}"
            yield edition.fault((*path, objective.name, key), found=fact.name, wanted=wanted, advice=advice)
    low, high = bounds(objective.start)
    if max(-low, high) > START_BOUND:
        found = f"a start that could be {low if -low > high else high:,}"
        wanted = f"one from -{START_BOUND:,} to {START_BOUND:,}"
        largest = max(reads(objective.start), key=lambda fact: max(-fact.low, fact.high), default=None)
        by = f"{largest.name} is {largest.low:,} to {largest.high:,}. " if largest else ""
        advice = f"{by}Loads are compared exactly up to there. Multiply by less, or divide what is in small units: `// 1000`."
        yield edition.fault((*path, "share", "start"), found=found, wanted=wanted, advice=advice)
    if bounds(objective.limit)[1] < 0:
        yield edition.fault((*path, objective.name, "limit"), found="a limit that is always below 0", wanted="one that can be 0 or more")


def _on_a_list(edition: Edition, path: Path, objective: Objective) -> Iterator[Fault]:
    """Where a school stands on the list of a rota is a number of that school."""
    facts = reads(objective.listed)
    if objective.listed_text and not facts:
        advice = "By it equal claims are told apart: by a number that each school has. The schools file has a column for it, rota_place."
        yield edition.fault(
            path, found=f"list: {objective.listed_text}", wanted="list: school.rota_place, or another school.*", advice=advice
        )
    for fact in facts:
        if fact.family != "school":
            advice = "All pupils find the schools in the same order, so the list reads the school alone."
            yield edition.fault(path, found=fact.name, wanted="only school.* in this list", advice=advice)


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
        at = " at the school" if "own_referrals_placed" in count.of else ""
        yield edition.fault(path, found=f"{count.id}, which no placement{at} adds to", wanted="a count `of: placements`")
    else:
        yield from _disagreement(edition, path, objective.of, count, rulebook)


def _disagreement(edition: Edition, path: Path, audience: Audience, count: Count, rulebook: Rulebook) -> Iterator[Fault]:
    """`of` names the pupils who add to the count, so it must say what the count's `where` says, as far as that can be seen."""
    if count.where is None:
        wrong = audience != Audience()
    else:
        members = members_of(audience)
        verdicts = {one: verdict_of(settled(count.where, one, rulebook)) for one in CLASSES}
        wrong = any(verdicts[one] == ("never" if one in members else "always") for one in CLASSES)
    if wrong:
        yield edition.fault(
            path,
            found=f"of: {audience}, while {count.id} counts {' or '.join(count.where_text) or 'every placement'}",
            wanted="an `of` that names the pupils who add to the count",
            advice="Change `of`, or define another count for these pupils.",
        )


def counted_by(count: Count, rulebook: Rulebook) -> frozenset[Class]:
    """The classes of pupils of whom a placement by the panel can add to the count."""
    where = count.where
    return CLASSES if where is None else frozenset(one for one in CLASSES if verdict_of(settled(where, one, rulebook)) != "never")


def members_of(audience: Audience) -> frozenset[Class]:
    """The classes of pupils that the audience is made of."""
    return frozenset((kind, excluded) for kind, excluded in CLASSES if audience.has(kind, excluded))


def settled(condition: Condition, pupil: Class, rulebook: Rulebook) -> Condition:
    """The condition on a placement by the panel of a pupil of that class: what that settles, with the lifecycle, is written out."""
    kind, excluded = pupil
    told = {"admission.after_exclusion": excluded, "admission.by_panel": True, FOR_GOOD: for_good(rulebook.lifecycle, kind)}
    match condition:
        case Flag(fact=fact) if fact.name in told:
            return Always(told[fact.name])
        case Known(fact=fact) if fact.name == FOR_GOOD:
            return Always(value=True)
        case Among(fact=fact, values=values) if fact.name == "admission.kind":
            return Always(kind in values)
        case Compare(op=op, left=Read(fact=fact), right=Text(value=word)) | Compare(op=op, left=Text(value=word), right=Read(fact=fact)):
            return Always((kind == word) == (op == "==")) if fact.name == "admission.kind" else condition
        case Not(part=part):
            return Not(settled(part, pupil, rulebook))
        case All(parts=parts):
            return All(tuple(settled(part, pupil, rulebook) for part in parts))
        case Any(parts=parts):
            return Any(tuple(settled(part, pupil, rulebook) for part in parts))
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
        if objective in seen and f"objective {path[1]}" not in edition.lost:
            yield edition.fault(path, found=f"{objective.name} a second time", wanted="it once, or with another `of`")
        seen.add(objective)
