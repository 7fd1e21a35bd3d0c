"""Whom an `of` names, and by which fact of the case an objective goes: what may be written there, and what not.

It evaluates nothing. A fact by which somebody comes first is told of the pupil as the meeting opens; it decides, as a tier does.

    of     yes or no: whose placements are counted
    by     a whole number of days: how much those left out weigh in `waiting`
    first  a whole number: whose case is taken first in `case_by_case`, the largest
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from rules.audience import BY_EXCLUSION, EVERYBODY, Audience, whoever_is
from rules.book import Objective, Rulebook
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import AS_AN_ADMISSION, PROCESS_ONLY, Fact
from rules.forms import SomeShape
from rules.offers import process_facts
from rules.reach import moved_by_the_meeting, reached
from rules.terms import Read
from rules.yaml_text import Path

DAYS: Final = frozenset({"days", "school days"})
OF_EARLIER_PLACEMENTS: Final = "Of an earlier placement the record does not say what was so of the case, so nothing counts those by it."
TOLD_OF_EARLIER_ONES: Final = frozenset({"admission.persistent_disruptive_behaviour", "admission.from_alternative_provision"})
"""What is so or not of a case, and the record has of its placement too."""
ASK_THE_COUNT: Final = (
    "Of earlier placements the record has it as {0}: define a count `of: placements` with `where: {0}`, and write a share or a quota of "
    "that count, without `of`, as `share: {{load: COUNT, per: roll}}`"
)
INSTEAD: Final[Mapping[str, str]] = {
    "quota": "Let the count's `where` ask the placement, as `admission.year_group == 11`",
    "share": "Let the count's `where` ask the placement, as `admission.year_group == 11`",
    "limit": "Say whom it is for by kinds, an exclusion or `year_groups`",
    "rota": "Say whose turns these are by kinds or an exclusion",
    "longest_ago": "Say whose turns these are by kinds or an exclusion",
}
"""What to write where whom it counts would be chosen by a fact of the case."""


def audience_of(edition: Edition, path: Path, of: tuple[str, ...] | SomeShape | str | None, faults: list[Fault]) -> Audience:
    """Whom an `of` names."""
    if of is None:
        return EVERYBODY
    if isinstance(of, str):
        return Audience(fact=of)
    if isinstance(of, SomeShape):
        some = Audience(kinds=frozenset(of.kinds), excluded=of.permanently_excluded, both=True)
        if some.kinds == frozenset({"permanent_exclusion"}) and not some.excluded:
            advice = "Whoever comes by a permanent exclusion was excluded. Leave that kind out."
            faults.append(edition.fault(path, found=f"of: {some.as_written}", wanted="somebody", advice=advice))
        return some
    said = BY_EXCLUSION.keys() & set(of)
    if len(said) > 1:
        advice = "Together they are everybody: then leave `of` out."
        faults.append(edition.fault(path, found=f"of: {' and '.join(BY_EXCLUSION)}", wanted="at most one of the two", advice=advice))
    return whoever_is(of)


def told_of_the_case(edition: Edition, path: Path, audience: Audience, what: str) -> Iterator[Fault]:
    """What counts earlier placements too cannot speak of pupils whom a fact of the case chooses."""
    if audience.fact:
        there = AS_AN_ADMISSION.get(audience.fact, "")
        instead = ASK_THE_COUNT.format(there) if there in TOLD_OF_EARLIER_ONES else f"{OF_EARLIER_PLACEMENTS} {INSTEAD[what]}"
        advice = f"{instead}; to put these pupils first write `place: {{of: {audience.fact}}}`."
        yield edition.fault(path, found=f"of: {audience.fact} in {what}", wanted="kinds or an exclusion", advice=advice)


def goes_by(edition: Edition, path: Path, objective: Objective, rulebook: Rulebook, lost: Collection[str]) -> Iterator[Fault]:
    """The facts of the case by which an objective goes: each is there, of its type, and one that may decide."""
    counts = next((name for name in (*objective.measures, objective.name) if name in INSTEAD), None)
    if counts is not None:
        yield from told_of_the_case(edition, path, objective.of, counts)
        if objective.of.fact:
            return
    for key, name in (("of", objective.of.fact), ("by", objective.days), ("first", objective.first)):
        if name and name not in lost:
            yield from _may_decide(edition, (*path, objective.name, key), key, name, rulebook)


def _may_decide(edition: Edition, path: Path, key: str, name: str, rulebook: Rulebook) -> Iterator[Fault]:
    fact = rulebook.facts.get(name)
    if fact is None:
        mine = [one.name for one in rulebook.facts.values() if one.family == "referral" and one.type == TYPES[key]]
        alike = [one for one in mine if not any(_may_decide(edition, path, key, one, rulebook))]
        near = nearest(name, mine)
        advice = (near if near == nearest(name, alike) else "") or "It is one of docs/facts.md, or one that the book derives."
        yield edition.fault(path, found=name, wanted=WANTED[key], advice=advice)
        return
    ways = reached(rulebook, Read(fact))
    own, moved = process_facts(rulebook), moved_by_the_meeting(rulebook)
    for inner, by in ways.items():
        way = f"{inner} (by way of {', '.join(by)})" if by else inner
        if inner in PROCESS_ONLY or inner in own:
            advice = "It decides process only: use it in a hold or a notice."
            yield edition.fault(path, found=way, wanted="no such fact in an objective", advice=advice)
        elif inner in moved:
            advice = "Who comes first is settled as the meeting opens, by what stays as it is."
            yield edition.fault(path, found=f"{way}, which the meeting itself changes", wanted="facts that stay as they are", advice=advice)
    if fact.type != TYPES[key] or (key == "by" and not _counts_days(fact, [rulebook.facts[one] for one in ways])):
        yield edition.fault(path, found=f"{name}, {_called(fact)}", wanted=WANTED[key], advice=ADVICE[key])


def _counts_days(fact: Fact, reached_by: list[Fact]) -> bool:
    """Whether it is days and never fewer than none; one that is derived has the unit of what it is worked out from."""
    units = {one.unit for one in reached_by if one.type == "number" and one.unit}
    return fact.low >= 0 and bool(units) and units <= DAYS


def _called(fact: Fact) -> str:
    kind = {"yes/no": "a yes or no", "number": "a whole number", "word": "a word", "date": "a day"}[fact.type]
    return f"{kind} of {fact.unit}" if fact.type == "number" and fact.unit else kind


TYPES: Final[Mapping[str, str]] = {"of": "yes/no", "by": "number", "first": "number"}
WANTED: Final[Mapping[str, str]] = {
    "of": "a yes/no fact of the referral",
    "by": "a fact of the referral that counts days, and is never below 0",
    "first": "a fact of the referral that is a whole number",
}
ADVICE: Final[Mapping[str, str]] = {
    "of": "Name a condition under `derive`: `{id: exam-year, fact: referral.exam_year, is: referral.year_group == 11}`.",
    "by": "Such are referral.days_out_of_education and referral.days_since_excluded. By another number cases are put in an order: "
    "`case_by_case: {by: [tier], first: referral.NAME}`.",
    "first": "The largest comes first. For pupils of whom something is so or not write `place: {of: referral.NAME}`.",
}
