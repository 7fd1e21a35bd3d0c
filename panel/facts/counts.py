"""A rulebook's counts, answered from the state: who took how many, over which span.

It reads only the state and what the tariff and `where` said of each admission; nothing here moves while one meeting
places pupils.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panel.errors import Fault, Refused
from panel.state.records import Admission, State
from panel.state.schooldays import Terms, academic_year
from panel.state.year_groups import year_group_there
from rules.book import Count, Rulebook
from rules.evaluate import AdmissionReading
from rules.facts import BY_NAME, Facts, Value

Read = Callable[[Facts], AdmissionReading]
"""Facts of one admission -> which counts take it in."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`per_school[count, urn]` and `per_year[count, urn, year group]`; an absent key is nought."""

    per_school: Mapping[tuple[str, str], int]
    per_year: Mapping[tuple[str, str, int], int]

    def of(self, count: str, urn: str, year_group: int | None = None) -> int:
        """The count at one school, or at one year group of it."""
        if year_group is None:
            return self.per_school.get((count, urn), 0)
        return self.per_year.get((count, urn, year_group), 0)


SAID: Final = (
    *("ehcp", "looked_after", "behaviour_is_primary_need", "persistent_disruptive_behaviour"),
    *("attendance", "suspended_days", "from_alternative_provision", "days_out_of_education", "over_number"),
)
"""What may be unknown of an admission."""


def admission_facts(admission: Admission) -> dict[str, Value]:
    """The `admission.*` facts of one row of the record; what is unknown is absent."""
    facts: dict[str, Value] = {
        "admission.by_panel": admission.by_panel,
        "admission.kind": admission.kind,
        "admission.after_exclusion": admission.permanently_excluded,
        "admission.year_group": admission.year_group,
    }
    for name in SAID:
        value = getattr(admission, name)
        if value is not None:
            facts[f"admission.{name}"] = value
    return facts


def tally(state: State, rulebook: Rulebook, read: Read, on: dt.date) -> Counts:
    """All counts of the book as they stand for a meeting on the day `on`.

    Raises `Refused` naming every admission for which a count cannot tell whether to take it in: nothing is counted by guess.
    """
    faults: list[Fault] = []
    tariff = {rule.id for rule in rulebook.tariff}
    per_school: dict[tuple[str, str], int] = {}
    per_year: dict[tuple[str, str, int], int] = {}

    def add(count: str, urn: str, year_group: int, by: int) -> None:
        per_school[count, urn] = per_school.get((count, urn), 0) + by
        per_year[count, urn, year_group] = per_year.get((count, urn, year_group), 0) + by

    for admission in state.admissions:
        reading = read(admission_facts(admission))
        doubts = {finding.rule: finding.missing for finding in reading.cannot_tell}
        for count in rulebook.counts:
            if not _within(count, admission, state, on):
                continue
            if count.id in doubts:
                faults.append(_unsure(f"count {count.id}", "count's `where`", admission, doubts[count.id], state))
            if count.id not in reading.counted or (admission.failed and count.broken_down == "drop"):
                continue
            if count.weigh == "points" and admission.points is None:
                lines = ((rule, missing) for rule, missing in doubts.items() if rule in tariff)
                faults.extend(
                    _unsure(f"count {count.id}, tariff {rule}", "tariff line's `when`", admission, missing, state)
                    for rule, missing in lines
                )
            weight = 1 if count.weigh == "heads" else admission.points if admission.points is not None else reading.points
            if admission.by_panel and (admission.sent_by not in (None, admission.school) or admission.moved_within):
                sent = ("own_referrals_placed" in count.plus) - ("own_referrals_placed" in count.minus)
                add(count.id, str(admission.sent_by), year_group_there(state, admission, on), sent * weight)
            if ("placements" if admission.by_panel else "outside_admissions") in count.of:
                add(count.id, admission.school, year_group_there(state, admission, on), weight)
    if faults:
        raise Refused("Some admissions in the record do not say enough to be counted.", faults)
    return Counts(per_school, per_year)


def _unsure(what: str, part: str, admission: Admission, missing: tuple[str, ...], state: State) -> Fault:
    """What an admission does not say; `part` is the part of the book that reads it."""
    columns = [name.removeprefix("admission.") for name in missing]
    by_decision = admission.by_panel and "over_number" in columns
    record = "L" if by_decision else f"Record it ({where_told(admission, columns)}), or l"
    return Fault(
        file=f"pupil {admission.pupil} at {school_named(state, admission.school)} on {admission.on}",
        column=what,
        found=f"nothing for {', '.join(missing)}",
        wanted="a yes or no" if all(BY_NAME[name].type == "yes/no" for name in missing) else "what was so when the pupil came",
        advice=f"{record}et the {part} say what an unknown means (`is known`).",
    )


def where_told(admission: Admission, columns: Sequence[str]) -> str:
    """The file, its columns and the command by which the record comes to say what it does not say of an admission."""
    if admission.referral is not None:
        columns = ["out_of_education_since" if column == "days_out_of_education" else column for column in columns]
    told = " ".join(f"--set {column}=VALUE" for column in columns)
    if admission.referral is not None:
        return f"the referrals' column {', '.join(columns)}: `pastoral correct {admission.referral} {told} --reason TEXT`"
    file = "history" if admission.by_panel else "admissions"
    return f"the column {', '.join(columns)} of {file}: `pastoral correct --entry N {told} --reason TEXT`, N being the entry of its row"


def school_named(state: State, urn: str) -> str:
    return f"{state.schools[urn].name} ({urn})" if urn in state.schools else urn


def _within(count: Count, admission: Admission, state: State, on: dt.date) -> bool:
    match count.over.kind:
        case "for_ever":
            return True
        case "academic_year":
            return academic_year(admission.on) == academic_year(on)
        case "weeks":
            return admission.on > on - dt.timedelta(weeks=count.over.weeks)
        case "term":
            terms = Terms.of(state.terms)
            term = terms.term_of(on)
            return term is not None and term.first <= admission.on <= term.last


def since_when(state: State, rulebook: Rulebook, on: dt.date) -> str:
    """From which day the counts of the book over a term count on a day, in words; nothing where it has none."""
    over = [count.id for count in rulebook.counts if count.over.kind == "term"]
    if not over:
        return ""
    term, many = Terms.of(state.terms).term_of(on), len(over) > 1
    named = f"{', '.join(over)} {'count' if many else 'counts'}"
    if term is None:
        come = "they come" if many else "it comes"
        return f"{named} over a term, and {on} lies in none that was loaded (`pastoral load terms`): {come} to 0."
    return f"{named} since {term.first}: a term is one row of the file of terms, here to {term.last}."
