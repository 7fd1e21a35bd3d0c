"""One academic year that is over, as those see it who ask whether it was fair: the pupils referred in it, and what became of them.

A year is over in the record once a meeting of a later year is opened. What it says is fixed then: only entries before that
opening are read, so that the year looks the same on whatever day somebody asks. Years share no pupil's referral and no
exclusion. It counts nothing; identities are read only where asked for, and only those parts that equality is monitored by.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from panel import events as ev
from panel.deciding.chance import BITS, bits
from panel.state.corrections import corrected
from panel.state.fold import fold
from panel.state.records import Meeting, Recorded, Referral, Span, State
from panel.state.schooldays import academic_year
from panel.state.succession import days_within, memberships, shares

IDENTITY: Final = ("sex", "ethnicity", "fsm", "sen")
"""What is read of an identity: nothing that says who somebody is."""

CHARACTERISTICS: Final = ("looked_after", *IDENTITY)
UNKNOWN: Final = "not known"


@dataclass(frozen=True, slots=True)
class School:
    """A mainstream school at the end of the year. `roll` counts pupils; `share` is what its receiving is measured by; None is unknown."""

    name: str
    roll: int | None
    share: int | None


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pupil referred in the year, by the latest referral. Nobody's reference is in here.

    `sent_by` and `received_by` are URNs; `proposed` where an override departed from, blank where no place was proposed.
    `waited` is days to the decision, or to the end of the year without one. `lots` are the pupil's own, `pair_lots` those with
    each setting, from 0 to 1, one for each draw that the pupil was in; lower goes first.
    """

    sent_by: str
    after_exclusion: bool
    groups: Mapping[str, str]
    received_by: str | None = None
    chair: str | None = None
    overridden: bool = False
    proposed: str = ""
    waited: int | None = None
    lots: tuple[float, ...] = ()
    pair_lots: Mapping[str, tuple[float, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """One academic year that is over. `excluded_by` has the URN of each pupil's exclusion; `gone` the characteristics of which a
    part is no longer held; `population` what the record itself says of everybody on roll, by characteristic and group."""

    year: int
    schools: Mapping[str, School]
    pupils: tuple[Pupil, ...]
    excluded_by: tuple[str, ...]
    gone: frozenset[str] = frozenset()
    population: Mapping[str, Mapping[str, int]] | None = None

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, 9, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.year + 1, 8, 31)


def closings(record: Iterable[Recorded], as_of: dt.date | None = None) -> dict[int, int]:
    """Academic year -> the entry that closed it, for every year that is over by the day `as_of`.

    Which entry that is does not depend on the day: else two days would show two versions of one year.
    """
    found: dict[int, tuple[int, dt.date]] = {}
    began: int | None = None
    for item in record:
        if isinstance(item.event, ev.MeetingOpened) and began is not None:
            for year in range(began, academic_year(item.event.on)):
                found.setdefault(year, (item.seq, item.event.on))
        day = item.event.day
        if isinstance(item.event, ev.ReferralMade | ev.PermanentlyExcluded | ev.MeetingOpened) and day is not None:
            began = min(began or academic_year(day), academic_year(day))
    return {year: seq for year, (seq, on) in found.items() if as_of is None or on <= as_of}


def look(record: Sequence[Recorded], year: int, closing: int, *, per: str, identities: bool) -> Year:
    """The year, from the entries before `closing`. `per` is what the rulebook measures receiving by: roll, pan, weight or equal."""
    before = [item for item in record if item.seq < closing]
    state = as_the_year_was(before, year)
    latest = latest_of(state, year)
    known = _identities(before) if identities else {}
    meetings = {meeting.number: meeting for meeting in state.meetings}
    excluded = {one.pupil: one.school for one in sorted(state.exclusions, key=lambda one: one.on) if academic_year(one.on) == year}
    part = _part_of_the_year(state, year)
    schools = {urn: School(school.name, school.roll, _share(state, urn, per, part.get(urn))) for urn, school in _mainstream(state)}
    return Year(
        year=year,
        schools=schools,
        pupils=tuple(_pupil(referral, year, meetings, schools, known) for referral in latest.values()),
        excluded_by=tuple(excluded.values()),
        gone=_gone(latest, known),
        population=_population(state),
    )


def as_the_year_was(before: Sequence[Recorded], year: int) -> State:
    """What these entries show, with the schools that there were in an academic year: how they changed after it says nothing of it.

    Schools that took no part in it at all, as one that begins when it is over, are not among them.
    """
    first, last = dt.date(year, 9, 1), dt.date(year + 1, 8, 31)
    known = [item for item in corrected(before) if not isinstance(item.event, ev.Correction)]
    steps = [item.event for item in known if isinstance(item.event, ev.OfSchool)]
    members = memberships(steps)
    state = fold(item for item in known if not (isinstance(item.event, ev.OfSchool) and item.event.on > last))
    there = {urn: school for urn, school in state.schools.items() if days_within(members.get(urn, (Span(),)), first, last)}
    return replace(state, schools=there, members=members, sharing=shares(steps))


def latest_of(state: State, year: int) -> dict[str, Referral]:
    """Pupil -> the latest referral made in the academic year: whoever was referred in it is counted once."""
    latest: dict[str, Referral] = {}
    for referral in sorted(state.referrals.values(), key=lambda one: (one.made.made_on, one.made.referral)):
        if academic_year(referral.made.made_on) == year:
            latest[referral.made.pupil] = referral
    return latest


def _mainstream(state: State) -> list[tuple[str, ev.SchoolRecorded]]:
    """Those that took part; of a school that goes on as another one, only that other."""
    return [(urn, school) for urn, school in state.schools.items() if school.setting == "mainstream" and urn not in state.successors]


def _part_of_the_year(state: State, year: int) -> dict[str, int]:
    """Days of an academic year on which each school took its share; none where all of them did all year, and shares stay as they are."""
    first, last = dt.date(year, 9, 1), dt.date(year + 1, 8, 31)
    days = {urn: days_within(state.sharing.get(urn, (Span(),)), first, last) for urn, _ in _mainstream(state)} if state.sharing else {}
    return {} if set(days.values()) <= {(last - first).days + 1} else days


def _share(state: State, urn: str, per: str, days: int | None) -> int | None:
    """What a school's receiving is measured by: times its days as a member, where some school was one for a part of the year."""
    share: int | None = 1
    if per == "roll":
        share = state.schools[urn].roll
    elif per == "weight":
        share = state.schools[urn].share_weight
    elif per != "equal":
        pans = [year.pan for (other, _), year in state.years.items() if other == urn]
        share = None if None in pans else sum(pan or 0 for pan in pans)
    return (share or 0) * (1 if days is None else days) or None


def _identities(record: Iterable[Recorded]) -> dict[str, ev.Identity | None]:
    """Pupil -> the newest identity; None where it is no longer held."""
    return {item.event.pupil: item.event.identity for item in record if isinstance(item.event, ev.IdentityRecorded)}


def _gone(latest: Mapping[str, Referral], known: Mapping[str, ev.Identity | None]) -> frozenset[str]:
    """Beside an older report a newer one would show whose parts were erased meanwhile, and what they said."""
    gone = {"looked_after"} if any(referral.made.case is None for referral in latest.values()) else set()
    return frozenset(gone | (set(IDENTITY) if any(pupil in known and known[pupil] is None for pupil in latest) else set()))


def _population(state: State) -> dict[str, dict[str, int]]:
    """How many on roll are looked after, where every counted year group of every mainstream school says so."""
    mainstream = dict(_mainstream(state))
    years = [year for (urn, _), year in state.years.items() if urn in mainstream]
    looked_after = [year.looked_after for year in years if year.looked_after is not None and year.on_roll is not None]
    counted = {urn for urn, _ in state.years}
    if len(looked_after) < len(years) or not mainstream.keys() <= counted or not years:
        return {}
    there = sum(looked_after)
    rest = sum(year.on_roll or 0 for year in years) - there
    return {"looked_after": {"yes": there, "no": rest}} if there > 0 and rest > 0 else {}


def _pupil(
    referral: Referral, year: int, meetings: Mapping[int, Meeting], schools: Mapping[str, School], known: Mapping[str, ev.Identity | None]
) -> Pupil:
    made, decision = referral.made, referral.decision
    after = made.permanently_excluded or (made.referral_kind == "permanent_exclusion" and referral.reversed_on is None)
    in_draws = [meeting for meeting in meetings.values() if made.referral in meeting.opened.agenda and meeting.drawn]
    seeds = [meeting.drawn.seed for meeting in in_draws if meeting.drawn]
    until = decision.on if decision else dt.date(year + 1, 8, 31)
    base = Pupil(
        sent_by=(made.excluded_by if after else made.home_school) or made.home_school or made.excluded_by or "",
        after_exclusion=after,
        groups=_groups(referral, known),
        waited=None if referral.withdrawn else max(0, (until - made.made_on).days),
        lots=tuple(_lot(bits(seed, made.pupil)) for seed in seeds),
        pair_lots={urn: tuple(_lot(bits(seed, made.pupil, urn)) for seed in seeds) for urn in schools},
    )
    if referral.status != "decided" or decision is None:
        return base
    meeting = meetings[decision.meeting]
    return Pupil(
        sent_by=base.sent_by,
        after_exclusion=base.after_exclusion,
        groups=base.groups,
        received_by=decision.school,
        chair=" ".join(meeting.opened.chair.split()),
        overridden=decision.outcome == "overridden",
        proposed=_proposed(meeting, decision) if decision.outcome == "overridden" else "",
        waited=base.waited,
        lots=base.lots,
        pair_lots=base.pair_lots,
    )


def _proposed(meeting: Meeting, decision: ev.DecisionTaken) -> str:
    return next((proposed.placements.get(decision.referral, "") for seq, proposed in meeting.proposals if seq == decision.proposal), "")


def _groups(referral: Referral, known: Mapping[str, ev.Identity | None]) -> dict[str, str]:
    """Characteristic -> the group, as the record has it; identities only where `known` has them."""
    groups = {"looked_after": _word(referral.case.looked_after)}
    if identity := known.get(referral.made.pupil):
        groups |= {name: _word(getattr(identity, name)) for name in IDENTITY}
    return groups


def _word(value: object) -> str:
    if value is None:
        return UNKNOWN
    return ("yes" if value else "no") if isinstance(value, bool) else as_group(str(value))


def as_group(text: str) -> str:
    """A group's name as it is compared: small letters, single blanks."""
    return " ".join(text.casefold().split()) or UNKNOWN


def _lot(drawn: int) -> float:
    """Bits as a number between 0 and 1."""
    return (drawn + 0.5) / (1 << BITS)
