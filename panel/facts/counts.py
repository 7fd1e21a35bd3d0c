"""A rulebook's counts, answered from the state: who took how many, over which span; and the rolls as they stand.

It reads only the state and what the tariff and `where` said of each admission; nothing here moves while one meeting
places pupils.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from panel.errors import Fault, Refused
from panel.state.records import Admission, Referral, State
from panel.state.schooldays import Terms, academic_year
from panel.state.year_groups import in_year, moved_up
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
                add(count.id, str(admission.sent_by), _there(state, admission, on), sent * weight)
            if ("placements" if admission.by_panel else "outside_admissions") in count.of:
                add(count.id, admission.school, _there(state, admission, on), weight)
    if faults:
        raise Refused("Some admissions in the record do not say enough to be counted.", faults)
    return Counts(per_school, per_year)


def _unsure(what: str, part: str, admission: Admission, missing: tuple[str, ...], state: State) -> Fault:
    """What an admission does not say; `part` is the part of the book that reads it."""
    columns = [name.removeprefix("admission.") for name in missing]
    by_decision = admission.by_panel and "over_number" in columns
    record = "L" if by_decision else f"Record it ({where_told(admission, columns)}), or l"
    return Fault(
        file=f"pupil {admission.pupil} at {_named(state, admission.school)} on {admission.on}",
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


def _named(state: State, urn: str) -> str:
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


def on_roll(state: State, urn: str, year_group: int, on: dt.date) -> int | None:
    """Pupils on roll in a year group: as counted, plus those who came (back) since, minus those who left; None if never counted.

    A pupil on off-site direction stays on the roll of the home school and is on the receiving one as well. One whom the
    school itself excluded left with the exclusion, not with the decision, and is back if it was reversed.
    """
    year = state.years.get((urn, year_group))
    if year is None or year.on_roll is None:
        return None
    came = {
        admission.pupil
        for admission in state.admissions
        if admission.school == urn and _there(state, admission, on) == year_group and admission.on > year.as_at and not admission.gone
    }
    excluded = {
        exclusion.pupil
        for exclusion in state.exclusions
        if exclusion.school == urn and exclusion.year_group == year_group and year.as_at < exclusion.on <= on
    }
    stayed, moved = _decided_from(state, urn, year_group, year.as_at, on)
    back = _back(state, urn, year_group, year.as_at)
    ended = {admission.pupil for admission in _ended(state, urn, year_group, year.as_at)}
    return max(0, year.on_roll + len(came - stayed) + len(back) - len(excluded | moved) - len(ended))


def _there(state: State, admission: Admission, on: dt.date) -> int:
    """The year group in which a pupil takes a place, seen from a day: of one who comes in a later academic year, the one before."""
    ahead = admission.on > on and state.pupils_move_up
    return moved_up(admission.year_group, admission.on, on) if ahead else admission.year_group


def _decided_from(state: State, urn: str, year_group: int, since: dt.date, on: dt.date) -> tuple[set[str], set[str]]:
    """Of the pupils on roll at a school: those decided for that same school, and those who left it by a decision after a day.

    A place that is kept while the pupil is elsewhere for a time is given up when that becomes permanent, or the pupil leaves.
    """
    stayed: set[str] = set()
    moved: set[str] = set()
    for referral in state.referrals.values():
        made, decision = referral.made, referral.decision
        gone_before = made.permanently_excluded and made.excluded_by in (None, urn)
        if made.home_school != urn or gone_before or referral.status != "decided" or decision is None or decision.starts is None:
            continue
        left_on = _gave_up(referral)[0] if keeps_place(referral) else decision.starts
        if in_year(state, made, min(left_on or decision.starts, on)) != year_group:
            continue
        if decision.school == urn:
            stayed.add(made.pupil)
        elif referral.returned:
            continue
        elif left_on is not None and left_on > since:
            moved.add(made.pupil)
    return stayed, moved


def _back(state: State, urn: str, year_group: int, as_at: dt.date) -> set[str]:
    """Pupils on roll again who were not when the year group was counted: returned from elsewhere, or their exclusion was reversed."""
    back: set[str] = set()
    for referral in state.referrals.values():
        made, decision = referral.made, referral.decision
        if made.home_school != urn or decision is None or decision.school == urn or keeps_place(referral):
            continue
        left, returned = decision.starts, referral.ended if referral.returned else None
        if left and returned and left <= as_at < returned and moved_up(in_year(state, made, left), left, as_at) == year_group:
            back.add(made.pupil)
    for reversal in state.reversals:
        one, since = reversal.exclusion, reversal.by.on
        if one.school == urn and one.on <= as_at < since and moved_up(one.year_group, one.on, as_at) == year_group:
            elsewhere = any(a.pupil == one.pupil and a.school != urn and one.on <= a.on <= as_at and not a.gone for a in state.admissions)
            back |= set() if elsewhere else {one.pupil}
    return back


def _ended(state: State, urn: str, year_group: int, as_at: dt.date) -> list[Admission]:
    """Placements of pupils who were there when the year group was counted, that ended after that day."""
    return [
        a
        for a in state.admissions
        if a.school == urn and a.gone_on is not None and a.on <= as_at < a.gone_on and moved_up(a.year_group, a.on, as_at) == year_group
    ]


def keeps_place(referral: Referral) -> bool:
    """Whether the pupil's place where it came from is kept while the placement lasts: it is for a time, or on trial."""
    decision = referral.decision
    return referral.made.referral_kind == "off_site_direction" or (decision is not None and decision.keeps_place is True)


def _gave_up(referral: Referral) -> tuple[dt.date | None, int]:
    """When a place that was kept was given up, and the entry that says so; no day while it is kept, and after a return.

    A trial that became permanent gave it up then, whatever became of the pupil since.
    """
    asked = {"placement.made_permanent", *(("placement.ended",) if referral.end == "left" else ())}
    since = (one for one in referral.happened if one.seq > referral.decision_seq)
    return next(((one.on, one.seq) for one in since if one.event in asked), (None, 0))


def on_roll_who(state: State, urn: str, year_group: int, which: Literal["looked_after", "ehcp"], on: dt.date) -> int | None:
    """Looked-after children, or pupils with an EHCP, in a year group: as counted, plus those who came since, minus those whose
    placement there has ended.

    None if they were never counted, or if the record does not say of one of these pupils whether to count them.
    """
    year = state.years.get((urn, year_group))
    counted: int | None = None if year is None else getattr(year, which)
    if year is None or counted is None:
        return None
    said = [getattr(admission, which) for admission in _came(state, urn, year_group, year.as_at, on)]
    left = [getattr(admission, which) for admission in _ended(state, urn, year_group, year.as_at)]
    return None if None in (*said, *left) else max(0, counted + sum(said) - sum(left))


def _came(state: State, urn: str, year_group: int, as_at: dt.date, on: dt.date) -> list[Admission]:
    """Pupils who came to a year group after it was counted, and are there."""
    return [a for a in state.admissions if (a.school, _there(state, a, on)) == (urn, year_group) and a.on > as_at and not a.gone]


def untold(state: State, urn: str, year_group: int, which: Literal["looked_after", "ehcp"], on: dt.date) -> tuple[Admission, ...]:
    """The pupils who came to, or left, a year group since it was counted and of whom nobody has said whether to count them."""
    year = state.years.get((urn, year_group))
    if year is None or getattr(year, which) is None:
        return ()
    moved = (*_came(state, urn, year_group, year.as_at, on), *_ended(state, urn, year_group, year.as_at))
    return tuple(admission for admission in moved if getattr(admission, which) is None)


def occupied(state: State, urn: str) -> int | None:
    """Places taken in a setting without year groups: as recorded, plus those decided for it since, minus those who have left it since."""
    recorded = state.schools[urn].occupied
    if recorded is None:
        return None
    counted = state.occupied_seqs[urn]
    decided = [r for r in state.referrals.values() if r.status == "decided" and r.decision]
    gone = {a.referral: a.gone_on for a in state.admissions if a.referral is not None and a.gone}
    came, left, ended = set[str](), set[str](), set[str]()
    for r in decided:
        name, pupil, school = r.made.referral, r.made.pupil, r.decision.school if r.decision else None
        if school == urn and r.decision_seq > counted:
            came |= set() if name in gone else {pupil}
        elif school == urn and name in gone and _last_seq(state, r) > counted:
            ended.add(pupil)
        elif r.made.home_school == urn and school != urn and _left_by(r) > counted:
            left.add(pupil)
    return max(0, recorded + len(came) - len(left | ended))


def _left_by(referral: Referral) -> int:
    """The entry by which the pupil gave up the place that it came from; 0 where it has it still, or again."""
    if referral.decision is not None and referral.decision.keeps_place:
        return _gave_up(referral)[1]
    return 0 if referral.returned else referral.decision_seq


def _last_seq(state: State, referral: Referral) -> int:
    """The entry by which the pupil was gone from a placement that is over."""
    asked = [referral]
    if referral.end in ("managed_move", "admission"):
        asked = [held for held in state.referrals.values() if held.made.follows == referral.made.referral]
    return max((one.seq for held in asked for one in held.happened if one.event in _OVER), default=0)


_OVER: Final = ("placement.ended", "placement.broke_down", "decision.taken", "decision.declined", "referral.withdrawn")


def counted_in_another_year(state: State, on: dt.date) -> tuple[str, ...]:
    """URNs of the settings whose year groups were last counted in another academic year: the pupils have moved up since."""
    return tuple(sorted({urn for (urn, _), year in state.years.items() if academic_year(year.as_at) != academic_year(on)}))
