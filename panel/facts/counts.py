"""A rulebook's counts, answered from the state: who took how many, over which span.

It reads only the state and what the tariff and `where` said of each admission; nothing here moves while one meeting
places pupils.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from panel.errors import Refused
from panel.events import ReferralMade
from panel.facts.beforehand import Read
from panel.facts.brought import is_of_referrals, made_by_schools
from panel.facts.doubts import RECORD, Doubt, told
from panel.facts.present import at_present
from panel.state.lifecycle import kept
from panel.state.records import Admission, Referral, State
from panel.state.schooldays import Terms, academic_year
from panel.state.stays import DAY, goes_on, sent_by
from panel.state.year_groups import year_group_there
from rules.book import Count, Fate, Rulebook, Span
from rules.evaluate import AdmissionReading
from rules.facts import BY_NAME, Value
from rules.reach import reads_points


@dataclass(frozen=True, slots=True)
class Counts:
    """`per_school[count, urn]` and `per_year[count, urn, year group]`; an absent key is nought.

    `numbers[count, referral]` is the number of a case among those of its school, by a count of the referrals that schools made.
    `weigh` is what admissions were counted by, where a rule of the book asks what a pupil of the agenda weighs. `taken_up`: each
    placement that a case is to take up -> the counts at its school that have it, how much it added, and in which year group.
    """

    per_school: Mapping[tuple[str, str], int]
    per_year: Mapping[tuple[str, str, int], int]
    numbers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    weigh: Read | None = None
    taken_up: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)

    def of(self, count: str, urn: str, year_group: int | None = None) -> int:
        """The count at one school, or at one year group of it."""
        if year_group is None:
            return self.per_school.get((count, urn), 0)
        return self.per_year.get((count, urn, year_group), 0)

    def at_the_sender(self, count: Count, made: ReferralMade) -> int | None:
        """A count at the home school of a case, None where none is named; of one of referrals the number of the case itself."""
        if is_of_referrals(count):
            return self.numbers.get((count.id, made.referral), 0)
        return self.of(count.id, made.home_school) if made.home_school else None


SAID: Final = (
    *("ehcp", "looked_after", "behaviour_is_primary_need", "persistent_disruptive_behaviour"),
    *("attendance", "suspended_days", "from_alternative_provision", "days_out_of_education", "over_number", "for_good"),
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

    A placement that went on as another at the same school is not in a count that has the other.
    Raises `Refused` naming every admission for which a count cannot tell whether to take it in: nothing is counted by guess.
    """
    faults: list[Doubt] = []
    tariff = {rule.id for rule in rulebook.tariff}
    per_school: dict[tuple[str, str], int] = {}
    per_year: dict[tuple[str, str, int], int] = {}

    def add(count: str, urn: str, year_group: int, by: int) -> None:
        per_school[count, urn] = per_school.get((count, urn), 0) + by
        per_year[count, urn, year_group] = per_year.get((count, urn, year_group), 0) + by

    counts = [count for count in rulebook.counts if not is_of_referrals(count)]
    span, after = Spans(state, rulebook, on), goes_on(state)
    readings = [(one, read(admission_facts(one))) for one in state.admissions]
    later = _later(after, readings, counts, span)
    taken_up: dict[str, dict[str, tuple[int, int]]] = {name: {} for name, held in after.items() if held.status == "waiting"}
    for admission, reading in readings:
        doubts = {finding.rule: finding.missing for finding in reading.cannot_tell}
        for count in counts:
            if not _speaks_of(count, admission) or not span.has(count, admission):
                continue
            if count.id in doubts:
                faults.append(_unsure(f"count {count.id}", "count's `where`", admission, doubts[count.id]))
            if count.id not in reading.counted or count.id in later.get(admission.referral, ()) or span.taken_in(count, admission):
                continue
            if (out := dropped(count, admission, span.terms)) is not False:
                faults.extend([no_end(f"count {count.id}", count, admission)] if out is None else ())
                continue
            faults.extend(_unweighed(count, admission, doubts, tariff))
            weight = 1 if count.weigh == "heads" else admission.points if admission.points is not None else reading.points
            year_group = span.year_group(count, admission)
            if admission.by_panel and (admission.sent_by not in (None, admission.school) or admission.moved_within):
                sent = ("own_referrals_placed" in (*count.of, *count.plus)) - ("own_referrals_placed" in count.minus)
                add(count.id, str(admission.sent_by), year_group, sent * weight)
            if _source(admission) in count.of:
                add(count.id, admission.school, year_group, weight)
                taken_up.get(admission.referral or "", {})[count.id] = weight, year_group
    numbers = _numbered(state, rulebook, read, span, faults)
    for count_id, name in numbers:
        add(count_id, str(sent_by(state.referrals[name])), state.referrals[name].made.year_group, 1)
    if faults:
        raise Refused("Some admissions in the record do not say enough to be counted.", told(faults, state))
    return Counts(per_school, per_year, numbers, weighing(rulebook, read), taken_up)


def _speaks_of(count: Count, admission: Admission) -> bool:
    """Whether a count is of such admissions at all, at the school that took the pupil or at the one that sent it."""
    sent = admission.by_panel and "own_referrals_placed" in (*count.of, *count.plus, *count.minus)
    return sent or _source(admission) in count.of


def _later(
    after: Mapping[str, Referral], readings: Iterable[tuple[Admission, AdmissionReading]], counts: Sequence[Count], span: Spans
) -> Mapping[str | None, Collection[str]]:
    """Each placement that went on as another -> the counts that have the other, and so not this one."""
    placed = {held.made.referral: name for name, held in after.items()}
    return {
        placed[one.referral]: [
            count.id
            for count in counts
            if span.has(count, one) and count.id in reading.counted and dropped(count, one, span.terms) is False
        ]
        for one, reading in readings
        if one.referral is not None and one.referral in placed
    }


def weighing(rulebook: Rulebook, read: Read) -> Read | None:
    """What a pupil of the agenda is weighed by; None where no rule of the book asks for it."""
    return read if reads_points(rulebook) else None


def _unweighed(count: Count, admission: Admission, doubts: Mapping[str, tuple[str, ...]], tariff: Collection[str]) -> Iterator[Doubt]:
    """What an admission does not say to the lines of the tariff, where a count weighs it by them."""
    if count.weigh == "points" and admission.points is None:
        for rule, missing in ((rule, missing) for rule, missing in doubts.items() if rule in tariff):
            yield _unsure(f"count {count.id}, tariff {rule}", "tariff line's `when`", admission, missing)


def _numbered(state: State, rulebook: Rulebook, read: Read, span: Spans, faults: list[Doubt]) -> dict[tuple[str, str], int]:
    """The number of each case among those of its school, by each count of referrals that takes it in."""
    counts = [count for count in rulebook.counts if is_of_referrals(count)]
    numbers, so_far = dict[tuple[str, str], int](), dict[tuple[str, str], int]()
    for held, asked in made_by_schools(state) if counts else ():
        reading = read(admission_facts(asked))
        doubts = {finding.rule: finding.missing for finding in reading.cannot_tell}
        for count in (one for one in counts if span.lies_in(one.over, asked.on)):
            if count.id in doubts:
                faults.append(_unsure(f"count {count.id}", "count's `where`", asked, doubts[count.id]))
            if count.id in reading.counted:
                so_far[count.id, asked.school] = so_far.get((count.id, asked.school), 0) + 1
                numbers[count.id, held.made.referral] = so_far[count.id, asked.school]
    return numbers


def _unsure(what: str, part: str, admission: Admission, missing: tuple[str, ...]) -> Doubt:
    """What an admission does not say; `part` is the part of the book that reads it."""
    columns = tuple(name.removeprefix("admission.") for name in missing)
    by_decision = admission.by_panel and "over_number" in columns
    record = "L" if by_decision else f"Record it ({RECORD}), or l"
    wanted = "a yes or no" if all(BY_NAME[name].type == "yes/no" for name in missing) else "what was so when the pupil came"
    advice = f"{record}et the {part} say what an unknown means (`is known`)."
    return Doubt(admission, what, f"nothing for {', '.join(missing)}", wanted, columns, advice)


class Spans:
    """How far back each count of a book looks from a day, and who is at a school then where one asks for that."""

    def __init__(self, state: State, rulebook: Rulebook, on: dt.date) -> None:
        self._state, self._on = state, on
        self.terms = Terms.of(state.terms)
        self._term = self.terms.term_of(on)
        asked = any(count.over.kind == "at_present" for count in rulebook.counts)
        self._present = at_present(state, on, rulebook.year_groups[-1]) if asked else {}
        self._taken = set[tuple[str, str, str]]()

    def has(self, count: Count, admission: Admission) -> bool:
        """Whether a count looks at an admission."""
        return admission in self._present if count.over.kind == "at_present" else self.lies_in(count.over, admission.on)

    def taken_in(self, count: Count, admission: Admission) -> bool:
        """Whether a count of who is there has this pupil at this school already; from then on it has."""
        if count.over.kind != "at_present" or _source(admission) not in count.of:
            return False
        before, one = len(self._taken), (count.id, admission.pupil, admission.school)
        self._taken.add(one)
        return len(self._taken) == before

    def lies_in(self, over: Span, day: dt.date) -> bool:
        """Whether a day lies in the span."""
        match over.kind:
            case "academic_year":
                return academic_year(day) == academic_year(self._on)
            case "academic_years":
                return 0 <= academic_year(self._on) - academic_year(day) < over.years
            case "weeks":
                return day > self._on - dt.timedelta(weeks=over.weeks)
            case "term":
                return self._term is not None and self._term.first <= day <= self._term.last
            case _:
                return True

    def year_group(self, count: Count, admission: Admission) -> int:
        """The year group in which a count takes an admission: that in which the pupil came, or of who is there now that of the day."""
        if count.over.kind == "at_present":
            return self._present[admission]
        return year_group_there(self._state, admission, self._on)


def _source(admission: Admission) -> Literal["placements", "outside_admissions"]:
    return "placements" if admission.by_panel else "outside_admissions"


class Fates(Protocol):
    """What becomes of placements that are over, in a count or in turns."""

    @property
    def broken_down(self) -> Fate: ...

    @property
    def left(self) -> Fate: ...


def dropped(fates: Fates, admission: Admission, terms: Terms) -> bool | None:
    """Whether a placement is left out because it is over; None where the record does not say how long it lasted."""
    fate = fates.broken_down if admission.failed else fates.left if admission.departed else None
    if fate is None or fate.within is None:
        return fate is not None and fate.drop
    if admission.ended_on is None:
        return None
    longer = kept(fate.within, (admission.began or admission.on) - DAY, admission.ended_on - DAY, terms)
    return None if longer is None else not longer


def no_end(what: str, fates: Fates, admission: Admission) -> Doubt:
    """That nobody knows how long a placement lasted: its last day was not said, or the terms do not reach."""
    wanted = f"whether it was within {(fates.broken_down if admission.failed else fates.left).within}"
    if admission.ended_on is None:
        return Doubt(admission, what, "no last day of a placement that is over", wanted, ("ended_on",), f"Record it ({RECORD}).")
    dates = f"from {admission.began or admission.on} to {admission.ended_on}"
    return Doubt(admission, what, f"no terms {dates}", wanted, (), f"Load the term dates {dates} (`pastoral load terms`).")


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


def since_which_years(rulebook: Rulebook, on: dt.date) -> tuple[str, ...]:
    """The same of the counts over several academic years, a sentence for each number of years."""
    spans = sorted({count.over.years for count in rulebook.counts if count.over.kind == "academic_years"})
    told = []
    for years in spans:
        over = [count.id for count in rulebook.counts if count.over.years == years]
        first = dt.date(academic_year(on) - years + 1, 9, 1)
        before = "one" if years == 2 else years - 1
        told.append(
            f"{', '.join(over)} {'count' if len(over) > 1 else 'counts'} since {first}: this academic year and the {before} before it."
        )
    return tuple(told)
