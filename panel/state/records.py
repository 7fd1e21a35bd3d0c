"""What is so, as records: schools, referrals and what became of them, admissions, meetings. `fold.py` makes them of entries.

It reads no entry, no clock, and decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from panel import events as ev

Status = Literal["waiting", "withdrawn", "declined", "decided", "not taken up", "erased"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry, read: its number, the moment it was written (UTC, as text), and what it says."""

    seq: int
    recorded_at: str
    event: ev.Event


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a referral, named as a clock names it (`rules/clocks.py`), its day, and the entry that says so."""

    event: str
    on: dt.date
    seq: int


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral and what has become of it. `agreements` holds those in force; `refusals` the schools that did not agree, and
    `family_refusals` those that the family did not agree to. `directions` are the steps towards directing a school, in their order.

    `papers` is what was recorded since of papers that the rulebook names: whether the panel has them.
    `family` is who of the family agrees to the school that was decided, `partners` who else does beside that school, `sharing`
    who agrees that information is shared, each with the day. `until` is the planned last day of what is temporary, `end` how
    the placement ended or was settled, `returned` whether the pupil is then back at the home school. `happened` is all that
    happened to it, in the order of the record. `reversed_on` is the day on which the permanent exclusion that it rests on was
    reversed: then `made` says what is so without it. `erased_by` is the entry that erased its case, or 0. `moved_on`: when it was decided,
    its school and that of the placement that it follows were two, which have become one since.
    """

    made: ev.ReferralMade
    agreements: Mapping[str, dt.date] = field(default_factory=dict)
    papers: Mapping[str, bool] = field(default_factory=dict)
    family: Mapping[str, dt.date] = field(default_factory=dict)
    partners: Mapping[str, dt.date] = field(default_factory=dict)
    sharing: Mapping[str, dt.date] = field(default_factory=dict)
    claims: tuple[ev.TransportClaimed, ...] = ()
    happened: tuple[Happening, ...] = ()
    withdrawn: bool = False
    decision: ev.DecisionTaken | None = None
    decision_seq: int = 0
    deferrals: int = 0
    agreed_by_school: bool = False
    refusals: tuple[str, ...] = ()
    family_refusals: tuple[str, ...] = ()
    directions: tuple[ev.DirectionStep, ...] = ()
    until: dt.date | None = None
    end: Literal["return", "managed_move", "admission", "left", "not_taken_up", "broken_down", "permanent"] | None = None
    returned: bool = False
    reversed_on: dt.date | None = None
    erased_by: int = 0
    moved_on: bool = False

    def last(self, event: str) -> dt.date | None:
        """The day on which something happened last; None where it never did."""
        return next((one.on for one in reversed(self.happened) if one.event == event), None)

    def since(self, *events: str) -> dt.date | None:
        """The day on which one of these happened last since the decision that stands; None where none did."""
        lately = reversed(self.happened) if self.decision_seq else ()
        return next((one.on for one in lately if one.event in events and one.seq > self.decision_seq), None)

    @property
    def started(self) -> dt.date | None:
        """The first day at the school of the decision; None where nothing has started since it was taken."""
        return self.since("placement.started")

    @property
    def ended(self) -> dt.date | None:
        """The day on which the placement ended, broke down or was not taken up; None while it lasts, or is permanent."""
        return self.since("placement.ended", "placement.broke_down", "placement.not_taken_up")

    @property
    def left_on(self) -> dt.date | None:
        """The last day at the receiving school, where the pupil has left it again."""
        if self.end != "left" and not self.returned:
            return None
        return max(filter(None, (self.last("placement.ended"), self.last("placement.broke_down"))), default=None)

    @property
    def for_good(self) -> bool:
        """Whether the placement is permanent by now: no trial is running, and it is not for a time, as where a last day is planned."""
        kept = self.decision is not None and self.decision.keeps_place is True
        for_now = kept or self.until is not None or self.made.referral_kind == "off_site_direction"
        return self.end == "permanent" or not for_now

    @property
    def status(self) -> Status:
        """A deferred case and one that the receiving school refused are waiting again, unless they were erased."""
        if self.withdrawn:
            return "withdrawn"
        if self.decision is None:
            return "erased" if self.erased_by else "waiting"
        if self.end == "not_taken_up":
            return "not taken up"
        return "declined" if self.decision.outcome == "declined" else "decided"

    @property
    def case(self) -> ev.ReferralCase:
        """The sealed part; with everything unknown where it is no longer held."""
        return self.made.case or ev.ReferralCase()


@dataclass(frozen=True, slots=True)
class YearCount:
    """One year group of one setting, and the day it was counted."""

    as_at: dt.date
    pan: int | None
    on_roll: int | None
    looked_after: int | None
    ehcp: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """From a day (None: always) until a day (None: for good), which is not in it any more."""

    first: dt.date | None = None
    until: dt.date | None = None

    def has(self, on: dt.date) -> bool:
        """Whether a day lies in it."""
        return (self.first is None or self.first <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Admission:
    """A pupil taken by a school: decided by the panel, before the ledger began, or outside the panel.

    `kind` is the referral's kind, or `outside`. `sent_by` is the school that the pupil came from, where the record says.
    `failed` is a placement that broke down or a trial that ended in a return, `departed` one that ended because the pupil left, `ended_on`
    when either did, where the record says; `for_good` whether it is permanent by now. `gone` is one that the pupil has left for the
    home school or elsewhere, `gone_on` when, where the record says. `referral` is the one that it was decided by: then `on` is the day
    that was planned, `began` that on which the placement really began and `left` that from which the pupil was really elsewhere, each
    None until it is recorded.
    `moved_within`: the schools that the pupil left and came to have become one since. `entry` is the number of that which a file of
    history or admissions gave, None of one that was decided.
    """

    pupil: str
    school: str
    on: dt.date
    year_group: int
    by_panel: bool
    kind: str
    permanently_excluded: bool
    ehcp: bool | None = None
    looked_after: bool | None = None
    behaviour_is_primary_need: bool | None = None
    persistent_disruptive_behaviour: bool | None = None
    attendance: int | None = None
    suspended_days: int | None = None
    from_alternative_provision: bool | None = None
    days_out_of_education: int | None = None
    points: int | None = None
    over_number: int | None = None
    sent_by: str | None = None
    failed: bool = False
    departed: bool = False
    ended_on: dt.date | None = None
    for_good: bool | None = None
    gone: bool = False
    gone_on: dt.date | None = None
    referral: str | None = None
    began: dt.date | None = None
    left: dt.date | None = None
    moved_within: bool = False
    pence_per_year: int | None = None
    entry: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reversal:
    """A permanent exclusion that no longer stands, and what reversed it."""

    exclusion: ev.PermanentlyExcluded
    by: ev.ExclusionReversed


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting, from its opening. `told` has the first day on which each school that was invited was told, `others` who was
    there beside the schools, by the rulebook's names for them, `exemptions` are
    those that it voted, where the record says so."""

    opened: ev.MeetingOpened
    opened_seq: int
    invited: tuple[str, ...] = ()
    told: Mapping[str, dt.date] = field(default_factory=dict)
    attended: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    interests: tuple[ev.InterestDeclared, ...] = ()
    drawn: ev.MeetingDrawn | None = None
    proposals: tuple[tuple[int, ev.PlacementsProposed], ...] = ()
    decisions: Mapping[str, ev.DecisionTaken] = field(default_factory=dict)
    exemptions: tuple[ev.ExemptionVoted, ...] = ()
    closed: bool = False

    @property
    def number(self) -> int:
        return self.opened.meeting

    @property
    def on(self) -> dt.date:
        return self.opened.on


@dataclass(frozen=True, slots=True)
class State:
    """Everything that later modules ask of the record.

    `occupied_seqs`: the entry that says how many places of a setting are taken; `budgets`: pence for transport by academic
    year; `funds`: a partnership's pence by financial year; `identified`: pupils whose identity is recorded (it is not read here);
    `members`: when schools are members, for those that were not always or will not be, and `sharing` when they take their share;
    `successors`: schools that are there no more -> the one as which each goes on, by whose number everything above names it; `began`: when
    schools under another number opened under their first; `pupils_move_up`: whether a pupil is a year older in each academic year;
    `as_it_began`: whether a roll goes by the days on which placements really began; `each_child_once`: whether a placement that ended
    to go on as another counts once with it. All three are so but under meaning 1 of the rules.
    """

    name: str = ""
    rulebook: str = ""
    editions: tuple[ev.RulebookAdopted, ...] = ()
    schools: Mapping[str, ev.SchoolRecorded] = field(default_factory=dict)
    occupied_seqs: Mapping[str, int] = field(default_factory=dict)
    years: Mapping[tuple[str, int], YearCount] = field(default_factory=dict)
    terms: tuple[ev.TermRecorded, ...] = ()
    budgets: Mapping[int, int] = field(default_factory=dict)
    funds: Mapping[int, int] = field(default_factory=dict)
    identified: frozenset[str] = frozenset()
    exemptions: tuple[ev.ExemptionVoted, ...] = ()
    journeys: Mapping[str, Mapping[str, ev.Journey]] = field(default_factory=dict)
    referrals: Mapping[str, Referral] = field(default_factory=dict)
    admissions: tuple[Admission, ...] = ()
    exclusions: tuple[ev.PermanentlyExcluded, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    members: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    sharing: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)
    began: Mapping[str, dt.date | None] = field(default_factory=dict)
    pupils_move_up: bool = True
    as_it_began: bool = True
    each_child_once: bool = True

    def is_member(self, urn: str, on: dt.date) -> bool:
        """Whether a school takes part on a day."""
        return urn not in self.members or any(span.has(on) for span in self.members[urn])

    @property
    def open_meeting(self) -> Meeting | None:
        """The latest meeting that is not closed."""
        return next((meeting for meeting in reversed(self.meetings) if not meeting.closed), None)
