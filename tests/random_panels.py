"""A random small panel: the events up to a meeting on `ON`, with an earlier meeting behind it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Final, Literal, get_args

from panel import events as ev

KINDS: Final = get_args(ev.Kind)
OUTCOMES: Final[tuple[Literal["permanent", "returned", "broken_down"] | None, ...]] = (None, "permanent", "returned", "broken_down")
SUITED_TO: Final[tuple[ev.SettingKind | tuple[ev.SettingKind, ...], ...]] = (
    *("mainstream",) * 15,
    *("pru", "pru"),
    *(("mainstream", "pru"), ("mainstream", "inclusion_centre"), ("mainstream", "inclusion_centre", "pru")),
)
ON = dt.date(2026, 11, 12)
EARLIER = dt.date(2026, 10, 8)
COUNTED = dt.date(2026, 10, 20)
TERMS = (
    ev.TermRecorded(first=dt.date(2026, 9, 3), last=dt.date(2026, 10, 23)),
    ev.TermRecorded(first=dt.date(2026, 11, 2), last=dt.date(2026, 12, 18), closed=(dt.date(2026, 11, 10),)),
)


def random_events(rng: random.Random) -> list[ev.Event]:
    urns = [str(100001 + n) for n in range(rng.choice((1, 2, 3, 3, 4, 4, 5)))]
    events: list[ev.Event] = list(TERMS) if rng.random() < 0.93 else []
    events += [random_school(rng, urn) for urn in urns]
    events += [random_places(rng, urn) for urn in urns]
    events += [
        ev.ExemptionVoted(
            urn=rng.choice(urns), year_group=rng.choice((None, 9, 10)), first=EARLIER, last=rng.choice((ON, ON - dt.timedelta(1)))
        )
        for _ in range(rng.choice((0, 0, 0, 1)))
    ]
    for n in range(rng.choice((0, 1, 3, 6))):
        day = rng.choice((dt.date(2025, 11, 3), dt.date(2026, 9, 14), dt.date(2026, 10, 2), dt.date(2026, 11, 4), dt.date(2026, 11, 20)))
        kind = rng.choice(KINDS)
        where, year = rng.choice(urns), rng.choice((9, 10))
        if rng.random() < 0.6:
            excluded, outcome = rng.random() < 0.5, rng.choice(OUTCOMES)
            events.append(
                ev.PlacedBefore(
                    pupil=f"H{n}", school=where, on=day, referral_kind=kind, permanently_excluded=excluded, year_group=year, outcome=outcome
                )
            )
        else:
            events.append(ev.AdmittedOutside(pupil=f"H{n}", school=where, on=day, year_group=year, permanently_excluded=rng.random() < 0.5))
    before, now = rng.choice((0, 1, 2, 3)), rng.choice((2, 3, 4, 4, 5, 5))
    for n in range(before):
        events += random_referral(rng, f"A{n}", urns, EARLIER - dt.timedelta(rng.randint(0, 9)))
    events += earlier_meeting(rng, urns, [f"A{n}" for n in range(before)])
    for n in range(now):
        events += random_referral(rng, f"B{n}", urns, ON - dt.timedelta(rng.randint(-1, 20)))
    return events


def random_school(rng: random.Random, urn: str) -> ev.SchoolRecorded:
    school = _random_school(rng, urn)
    return school.model_copy(update={"rota_place": (2, None, 1, 2, 3, 1, 4)[(int(urn) + (school.roll or 0) // 300) % 7]})


def _random_school(rng: random.Random, urn: str) -> ev.SchoolRecorded:
    setting = "mainstream" if rng.random() < 0.85 else rng.choice(("pru", "inclusion_centre"))
    ages = rng.choice(((11, 16),) * 4 + ((11, 18), (11, 18), (13, 18), (None, None)))
    return ev.SchoolRecorded(
        urn=urn,
        name=urn,
        setting=setting,  # type: ignore[arg-type]
        phase=rng.choice(("Secondary", "Secondary", None)),
        intake=rng.choice(("mixed",) * 7 + (None, "girls")),
        low_age=ages[0],
        high_age=ages[1],
        opened_on=rng.choice((None,) * 12 + (EARLIER, EARLIER, dt.date(2027, 1, 1))),
        closes_on=rng.choice((None,) * 30 + (ON,)),
        closing=rng.random() < 0.05,
        closed=rng.random() < 0.03,
        roll=rng.choice((600, 900, 900, 1200, 1217) + (None,) * (rng.random() < 0.15)),
        places=None if setting == "mainstream" else rng.choice((2, 3, 3, 3, None)),
        occupied=None if setting == "mainstream" else rng.choice((0, 1, 2)),
    )


def random_places(rng: random.Random, urn: str) -> ev.PlacesRecorded:
    years = tuple(
        ev.YearPlaces(
            year_group=year, pan=rng.choice((4, 4, 4, 4, 4, 5) + (None,) * (rng.random() < 0.05)), on_roll=rng.choice((3, 3, 4, 5))
        )
        for year in (9, 10)
    )
    return ev.PlacesRecorded(urn=urn, as_at=COUNTED, years=years)


def random_referral(rng: random.Random, name: str, urns: list[str], made_on: dt.date) -> list[ev.Event]:
    kind = rng.choice((*KINDS, "permanent_exclusion"))
    excluded = kind == "permanent_exclusion" or (kind != "managed_move" and rng.random() < 0.4)
    by = rng.choice(urns) if excluded and rng.random() < 0.8 else None
    home = rng.choice(urns) if by is None or rng.random() < 0.3 else None
    case = ev.ReferralCase(
        suited_to=rng.choice(SUITED_TO),
        single_sex_schools=rng.choice(("girls", "none", None)),
        preferences=tuple(rng.sample(urns, rng.randint(0, len(urns)))),
        kept_apart={rng.choice(urns): "police"} if rng.random() < 0.2 else {},
        siblings_at=tuple(rng.sample(urns, 1)) if rng.random() < 0.2 else (),
        ehcp=rng.choice((False,) * 20 + (True, None)),
        not_with=random_others(rng, f"P{name}"),
    )
    year = rng.choice((9, 9, 9, 10))
    made = ev.ReferralMade(
        referral=name,
        pupil=f"P{name}",
        referral_kind=kind,
        permanently_excluded=excluded,
        year_group=year,
        home_school=home,
        excluded_by=by,
        made_on=made_on,
        accepted_on=rng.choice((None, made_on + dt.timedelta(1))),
        case=case,
    )
    gone: list[ev.Event] = []
    if by is not None and rng.random() < 0.7:
        day = rng.choice((made_on - dt.timedelta(3), COUNTED + dt.timedelta(2)))
        gone.append(ev.PermanentlyExcluded(pupil=made.pupil, school=by, on=day, year_group=year))
    if rng.random() < 0.15:
        gone.append(ev.PermanentlyExcluded(pupil=made.pupil, school=rng.choice(urns), on=dt.date(2024, 11, 5), year_group=year - 2))
    rows = tuple(
        ev.Journey(urn=urn, metres=rng.choice((1000, 3900, 4100, 5200, 7100)), pence_per_year=rng.choice((None, None, 100)))
        for urn in urns
        if rng.random() < 0.98
    )
    signed: list[ev.Event] = [
        ev.AgreementSigned(referral=name, by="home_school", on=made_on),
        ev.AgreementSigned(referral=name, by="parent", on=made_on),
    ]
    taken_back: list[ev.Event] = [ev.AgreementWithdrawn(referral=name, by="parent", on=ON)] if rng.random() < 0.1 else []
    return [*gone, made, *signed, *taken_back, ev.JourneysRecorded(pupil=made.pupil, case=ev.JourneyRows(journeys=rows))]


def random_others(rng: random.Random, pupil: str) -> tuple[str, ...] | None:
    """Mostly pupils of this meeting; now and then one of an earlier one or of the history, or one of whom nothing is recorded."""
    others = [other for other in ("PB0", "PB1", "PB2", "PB3") if other != pupil]
    if rng.random() < 0.2:
        others = ["PA0", "PA1", "H0", "PX"]
    return tuple(sorted(rng.sample(others, rng.choice((1, 1, 2))))) if rng.random() < 0.5 else None


def earlier_meeting(rng: random.Random, urns: list[str], names: list[str]) -> list[ev.Event]:
    """Placed and there since, or not yet; refused by the school, deferred or declined: what an earlier meeting leaves behind."""
    opened = ev.MeetingOpened(
        meeting=1, on=EARLIER, chair="C", agenda=tuple(names), agenda_digest="", rulebook="random", edition=EARLIER, rulebook_digest=""
    )
    events: list[ev.Event] = [opened]
    begun: list[ev.Event] = []
    for name in names:
        word = rng.choice(("placed", "placed", "placed", "refused", "deferred", "declined"))
        common = {"meeting": 1, "on": EARLIER, "referral": name, "pupil": f"P{name}"}
        if word in ("placed", "refused"):
            urn = rng.choice(urns)
            starts = rng.choice((EARLIER, COUNTED, COUNTED + dt.timedelta(1), ON + dt.timedelta(4)))
            events.append(ev.DecisionTaken(**common, outcome="overridden", school=urn, starts=starts))  # type: ignore[arg-type]
            if word == "refused":
                events.append(ev.SchoolRefused(referral=name, pupil=f"P{name}", school=urn, on=EARLIER + dt.timedelta(2)))
            elif (first := rng.choice((None, COUNTED, COUNTED + dt.timedelta(1)))) is not None:
                begun.append(ev.PlacementStarted(referral=name, pupil=f"P{name}", school=urn, on=first))
        else:
            events.append(ev.DecisionTaken(**common, outcome=word))  # type: ignore[arg-type]
    return [*events, ev.MeetingClosed(meeting=1, on=EARLIER), *begun]
