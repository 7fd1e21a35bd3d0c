"""Whatever is decided, begins, is refused, ends or is counted, in whatever order: a roll is who sits there and who is to come.

The oracle knows nothing of counts: it has each pupil sitting somewhere, and a school full when its chairs are.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from panel import events as ev
from panel.facts.rolls import occupied, on_roll
from panel.state.fold import fold
from panel.state.records import Recorded

ASH, BIRCH, UNIT = "100001", "100002", "100009"
EVERYWHERE: Final = (ASH, BIRCH, UNIT)
CHAIRS: Final = 12
FIRST: Final = dt.date(2026, 9, 7)


@dataclass
class Pupil:
    """Where a pupil has a chair, where it is to have one, and how far its case is."""

    name: str
    chairs: frozenset[str]
    home: str
    case: str = ""
    cases: int = 0
    coming: str | None = None
    temporary: bool = False
    at: str = "settled"
    follows: str | None = None
    moved_by: str = ""


@dataclass
class World:
    """Chairs at the end of each day, and the entries that a clerk wrote meanwhile."""

    rng: random.Random
    pupils: list[Pupil] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)
    events: list[ev.Event] = field(default_factory=list)
    days: list[dict[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pupils = [Pupil(f"P{n}", frozenset({home}), home) for n, home in enumerate((ASH, ASH, BIRCH, UNIT, UNIT))]
        self.others = {urn: CHAIRS - self.sitting(urn) - self.rng.randrange(3) for urn in EVERYWHERE}
        self.events = [ev.SchoolRecorded(urn=urn, name=urn) for urn in (ASH, BIRCH)]
        self.ends_the_day()
        self.counts_the_unit()
        self.counts(ASH, 0)
        self.counts(BIRCH, 0)

    @property
    def today(self) -> dt.date:
        return FIRST + dt.timedelta(days=len(self.days))

    def sitting(self, urn: str) -> int:
        return self.others.get(urn, 0) + sum(urn in pupil.chairs for pupil in self.pupils)

    def wanted(self, urn: str) -> int:
        return self.sitting(urn) + sum(pupil.coming == urn and urn not in pupil.chairs for pupil in self.pupils)

    def ends_the_day(self) -> None:
        self.days.append({urn: self.sitting(urn) for urn in EVERYWHERE})

    def shown(self, urn: str) -> int | None:
        state = fold([Recorded(n, "", event) for n, event in enumerate(self.events, start=1)])
        return occupied(state, urn) if urn == UNIT else on_roll(state, urn, 9, self.today)

    # --- what a clerk may write ---

    def counts(self, urn: str, day: int) -> None:
        """A count of the end of a day, however much later it is loaded."""
        year = ev.YearPlaces(year_group=9, pan=CHAIRS, on_roll=self.days[day][urn])
        self.events.append(ev.PlacesRecorded(urn=urn, as_at=FIRST + dt.timedelta(days=day), years=(year,)))

    def counts_the_unit(self) -> None:
        taken = self.sitting(UNIT)
        self.events.append(ev.SchoolRecorded(urn=UNIT, name=UNIT, setting="pru", places=CHAIRS, occupied=taken, occupied_anew=True))

    def says(self, kind: type[ev.Event], pupil: Pupil, **more: Any) -> None:
        self.events.append(kind.model_validate({"referral": pupil.case, "pupil": pupil.name, "on": self.today, **more}))

    def refers(self, pupil: Pupil, kind: str, follows: str | None = None) -> None:
        pupil.cases += 1
        pupil.case, pupil.at, pupil.temporary, pupil.follows = (
            f"{pupil.name}-{pupil.cases}",
            "waiting",
            kind == "off_site_direction",
            follows,
        )
        made = {"referral_kind": kind, "year_group": 9, "home_school": pupil.home, "made_on": self.today, "follows": follows}
        self.events.append(ev.ReferralMade.model_validate({"referral": pupil.case, "pupil": pupil.name, **made}))

    def decides(self, pupil: Pupil, urn: str) -> None:
        """A meeting sends a pupil where the record shows room, with a first day that will be kept or not."""
        shown = self.shown(urn)
        if urn == pupil.home or shown is None or (shown >= CHAIRS and urn not in pupil.chairs):
            return
        pupil.coming, pupil.at = urn, "decided"
        digests: dict[str, Any] = {"agenda_digest": "", "rulebook": "b", "edition": FIRST, "rulebook_digest": ""}
        meeting = {"meeting": len(self.events), "on": self.today}
        self.events.append(ev.MeetingOpened.model_validate({**meeting, "chair": "C", "agenda": (pupil.case,), **digests}))
        starts = self.today + dt.timedelta(days=self.rng.randrange(20))
        keeps = self.rng.choice((True, None)) if pupil.temporary else None  # a direction keeps it, whether the decision says so or not
        self.says(ev.DecisionTaken, pupil, **meeting, outcome="confirmed", school=urn, starts=starts, keeps_place=keeps)

    def begins(self, pupil: Pupil) -> None:
        self.says(ev.PlacementStarted, pupil, school=pupil.coming)
        there = frozenset({str(pupil.coming)})
        pupil.chairs, pupil.coming, pupil.follows = there | {pupil.home} if pupil.temporary else there, None, None
        pupil.home, pupil.at = (pupil.home, "away") if pupil.temporary else (next(iter(there)), "settled")
        pupil.moved_by = "" if pupil.temporary else pupil.case

    def refuses(self, pupil: Pupil) -> None:
        self.says(ev.FamilyRefused, pupil, by="parent", school=pupil.coming)
        pupil.coming, pupil.at = None, "waiting"

    def withdraws(self, pupil: Pupil) -> None:
        """Where a direction was to go on, the pupil is back."""
        self.says(ev.ReferralWithdrawn, pupil)
        pupil.chairs, pupil.at = frozenset({pupil.home}) if pupil.follows else pupil.chairs, "settled"
        pupil.follows = None

    def ends(self, pupil: Pupil, end: str) -> None:
        self.says(ev.PlacementEnded, pupil, end=end)
        if end == "managed_move":
            self.refers(pupil, "managed_move", follows=pupil.case)
        else:
            pupil.chairs, pupil.at = (frozenset({pupil.home}), "settled") if end == "return" else (frozenset(), "gone")

    def leaves(self, pupil: Pupil) -> None:
        """A pupil who had moved for good goes elsewhere."""
        self.events.append(ev.PlacementEnded(referral=pupil.moved_by, pupil=pupil.name, on=self.today, end="left"))
        pupil.chairs, pupil.at = frozenset(), "gone"

    def goes_on(self) -> None:
        """One thing that may happen next."""
        pupil, urn = self.rng.choice(self.pupils), self.rng.choice(EVERYWHERE)
        steps: dict[str, list[Any]] = {
            "settled": [
                *[lambda: self.refers(pupil, self.rng.choice(("managed_move", "fair_access", "off_site_direction")))] * 2,
                *([lambda: self.leaves(pupil)] if pupil.moved_by else []),
            ],
            "waiting": [lambda: self.decides(pupil, urn)] * 4 + [lambda: self.withdraws(pupil)],
            "decided": [lambda: self.begins(pupil)] * 2 + [lambda: self.refuses(pupil)],
            "away": [lambda: self.ends(pupil, self.rng.choice(("return", "left", "managed_move", "managed_move")))],
        }
        count = self.counts_the_unit if urn == UNIT else lambda: self.counts(urn, self.rng.randrange(len(self.days)))
        self.rng.choice([*steps.get(pupil.at, []), *steps.get(pupil.at, []), count])()
        self.ends_the_day()


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_a_roll_is_who_sits_there_and_who_is_to_come(seed: int) -> None:
    world = World(random.Random(seed))
    for _ in range(30):
        world.goes_on()
        assert {urn: world.shown(urn) for urn in EVERYWHERE} == {urn: world.wanted(urn) for urn in EVERYWHERE}
        assert all(world.sitting(urn) <= CHAIRS for urn in EVERYWHERE)
