"""How long a pupil stayed: who left, who moved on, what was planned, and two placements on one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from panel import events as ev
from panel.state.records import Happening, Referral, State
from panel.state.stays import Stay, stays

NOVEMBER, DECEMBER, JANUARY = dt.date(2026, 11, 2), dt.date(2026, 12, 18), dt.date(2027, 1, 4)


def placed(name: str, starts: dt.date, *, seq: int = 1, pupil: str = "P1", **more: object) -> Referral:
    """A referral of the home school 100001 that was decided for 100002."""
    made = ev.ReferralMade(
        referral=name, pupil=pupil, referral_kind="off_site_direction", year_group=9, home_school="100001", made_on=dt.date(2026, 10, 1)
    )
    decision = ev.DecisionTaken(
        meeting=1, on=dt.date(2026, 10, 8), referral=name, pupil=pupil, outcome="confirmed", school="100002", starts=starts
    )
    return Referral(made, decision=decision, decision_seq=seq, **more)  # type: ignore[arg-type]


def stay(first: Referral, *others: Referral) -> Stay:
    """The stay of the first of these."""
    every: Iterable[Referral] = (first, *others)
    return stays(State(referrals={one.made.referral: one for one in every}))[first.made.referral]


def test_who_is_there_has_no_last_day() -> None:
    assert stay(placed("R1", NOVEMBER)) == Stay(NOVEMBER)
    assert stay(placed("R1", NOVEMBER), placed("R2", JANUARY, pupil="P2")).until is None, "another child is not the next placement"


def test_who_moves_on_leaves_the_day_before() -> None:
    """The next begins when it really began, two days after the plan."""
    began = Happening("placement.started", JANUARY + dt.timedelta(days=2), 9)
    assert stay(placed("R1", NOVEMBER), placed("R2", JANUARY, seq=2, happened=(began,))).until == dt.date(2027, 1, 5)


def test_of_two_on_one_day_the_later_decision_holds() -> None:
    """The first then has no day at all."""
    first, second = placed("R1", NOVEMBER, seq=2), placed("R2", NOVEMBER, seq=1)
    assert (stay(first, second).until, stay(second, first).until) == (None, dt.date(2026, 11, 1))


def test_who_left_before_the_next_began_was_there_until_then() -> None:
    ended = Happening("placement.ended", DECEMBER, 5)
    left = placed("R1", NOVEMBER, happened=(ended,), end="left")
    assert stay(left, placed("R2", JANUARY, seq=9)).until == DECEMBER


def test_a_planned_last_day_ends_what_is_temporary_until_it_has_passed() -> None:
    one = stay(placed("R1", NOVEMBER, until=DECEMBER))
    assert (one.last(dt.date(2026, 11, 30)), one.last(DECEMBER), one.last(dt.date(2026, 12, 19))) == (DECEMBER, DECEMBER, None)
    ended = stay(placed("R1", NOVEMBER, until=DECEMBER, end="managed_move"))
    assert ended.last(dt.date(2026, 11, 30)) is None, "it goes on until what follows is decided"
