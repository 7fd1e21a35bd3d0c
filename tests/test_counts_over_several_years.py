"""Counts over this academic year and those before it: what they take in, what is said of them, and what they have no part in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from panel import events as ev
from panel.deciding.levels import quota_limits
from panel.errors import Refused
from panel.facts.counts import since_which_years
from rules.book import Span
from rules.counting import span_of
from rules.counts_in_words import said_span
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.rulebook import Shelf, check_text
from tests import test_schools_that_change as change
from tests.running import Panel
from tests.stories import test_a_first_day_after_the_summer as summer
from tests.test_counts import BIRCH, CEDAR, before, counts, day, folded, placed
from tests.test_record_and_schema import objections

HEAD = "rulebook: c\nedition: {from: 2020-09-01}\ntitle: C\nauthority: {instrument: X}\nobjectives: [place]\ncounts:\n"
DAYS = tuple(
    map(
        dt.date.fromisoformat,
        ("2018-08-31", "2018-09-01", "2024-08-31", "2024-09-01", "2025-08-31", "2025-09-01", "2026-08-31", "2026-09-01"),
    )
)


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("academic_year", 2),  # 1 September 2026, and the one who is to begin in December
        ("2 academic_years", 4),  # from 1 September 2025
        ("3 academic_years", 6),
        ("9 academic_years", 8),  # from 1 September 2018: all but the first
        ("for_ever", 9),
    ],
)
def test_from_the_first_of_september_so_many_years_ago(over: str, expected: int) -> None:
    """The meeting is on 12 November 2026."""
    starting = placed({"pupil": "P", "school": CEDAR, "starts": "12-21"})
    state = folded(*(before(f"H{n}", on) for n, on in enumerate(DAYS)), *starting)
    assert counts(state, f"  load: {{of: placements, over: {over}}}").of("load", CEDAR) == expected


def test_whoever_is_to_begin_in_a_later_academic_year_is_counted_in_that_one() -> None:
    first_days = {"R1": dt.date(2027, 8, 31), "R2": dt.date(2027, 9, 1)}
    events = [
        one.model_copy(update={"starts": first_days[one.referral]}) if isinstance(one, ev.DecisionTaken) else one
        for one in placed({"began": ""}, {"began": "", "pupil": "Q"})
    ]
    assert counts(folded(*events), "  load: {of: placements, over: 2 academic_years}").of("load", CEDAR) == 1
    assert counts(folded(*events), "  load: {of: placements, over: for_ever}").of("load", CEDAR) == 2


def test_it_is_over_all_that_a_count_may_be_of() -> None:
    """Two cases of Birch are placed at Cedar, and two others of the year before last are too old for it."""
    state = folded(*(before(f"H{n}", dt.date(2025 - n, 8, 31)) for n in (0, 1)), *placed({}, {"pupil": "Q"}))
    text = (
        "  net: {of: placements, minus: [own_referrals_placed], over: 2 academic_years}\n"
        "  brought: {of: own_referrals, over: 2 academic_years}\n"
        "  sent: {of: own_referrals_placed, over: 2 academic_years}\n"
        "  nines: {of: placements, per: year_group, over: 2 academic_years}"
    )
    found = counts(state, text)
    assert (found.of("net", CEDAR), found.of("net", BIRCH)) == (2, -2)
    assert (found.of("brought", BIRCH), found.of("sent", BIRCH), found.of("nines", CEDAR, 9)) == (2, 2, 2)


def test_one_who_came_a_year_ago_stays_in_that_year_group() -> None:
    state = folded(before("H1", dt.date(2025, 11, 3), year_group=8))
    found = counts(state, "  taken: {of: placements, per: year_group, over: 2 academic_years}")
    assert (found.of("taken", CEDAR, 8), found.of("taken", CEDAR, 9)) == (1, 0)


@pytest.mark.parametrize("over", ["0 academic_years", "1 academic_years", "10 academic_years", "2 academic_year", "2 academic years"])
def test_two_to_nine_and_written_in_one_way(over: str) -> None:
    assert objections(f"{HEAD}  load: {{of: placements, over: 2 academic_years}}\n") == []
    assert objections(f"{HEAD}  load: {{of: placements, over: {over}}}\n") != []
    with pytest.raises(RulebookError, match=r"wanted academic_year, 2 academic_years \(up to 9\), term, for_ever"):
        check_text(f"{HEAD}  load: {{of: placements, over: {over}}}\n", "c.yaml")


@pytest.mark.parametrize(
    ("over", "span", "said"),
    [
        ("2 academic_years", Span("academic_years", years=2), "over the academic year and the one before it"),
        ("5 academic_years", Span("academic_years", years=5), "over the academic year and the 4 before it"),
        ("6 weeks", Span("weeks", weeks=6), "over the 6 weeks before the meeting"),
    ],
)
def test_in_words(over: str, span: Span, said: str) -> None:
    assert (span_of(over), said_span(span)) == (span, said)


def test_since_when_it_counts() -> None:
    text = (
        "  b: {of: placements, over: 3 academic_years}\n  a: {of: placements, over: 2 academic_years}\n"
        "  c: {of: placements, over: 2 academic_years}\n  d: {of: placements, over: academic_year}\n"
    )
    book = Shelf.of([(HEAD + text, "c.yaml")]).in_force("c", day("11-12"))
    assert since_which_years(book, day("11-12")) == (
        "a, c count since 2025-09-01: this academic year and the one before it.",
        "b counts since 2024-09-01: this academic year and the 2 before it.",
    )
    assert since_which_years(book, dt.date(2027, 8, 31))[0].startswith("a, c count since 2025-09-01")
    assert since_which_years(book, dt.date(2027, 9, 1))[0].startswith("a, c count since 2026-09-01")


def test_an_admission_that_cannot_be_counted_is_told_as_far_back_as_it_counts() -> None:
    text = "  hard: {of: placements, over: SPAN, where: admission.persistent_disruptive_behaviour}"
    state = folded(before("H1", dt.date(2025, 11, 3)))
    assert counts(state, text.replace("SPAN", "academic_year")).of("hard", CEDAR) == 0
    with pytest.raises(Refused, match="count hard"):
        counts(state, text.replace("SPAN", "2 academic_years"))


YEARS = summer.BOOK.replace("over: academic_year", "over: 2 academic_years")


def test_the_second_for_september_is_asked_of_the_two_years_of_september(tmp_path: Path) -> None:
    """In July nobody is counted at Birch; by September the first is."""
    panel = summer.partnership(tmp_path, YEARS)
    summer.first_for_september(panel)
    summer.opened(panel, "2027-07-15")
    why = " ".join(panel.refused("decide", "J2", "--confirm", "--starts", "2027-09-06").split())
    assert why.startswith("J2: on 2027-09-06, with all that is decided for then, 900002 is closed by one-excluded-a-year.")


@pytest.mark.parametrize(("on", "taken", "held"), [("2025-08-31", 0, False), ("2025-09-01", 1, True)])
def test_a_limit_of_two_years_goes_by_what_was_loaded(tmp_path: Path, on: str, taken: int, held: bool) -> None:
    panel: Panel = summer.partnership(tmp_path, YEARS)
    history = f"pupil,school,on,kind,year_group,permanently_excluded\nH1,{summer.BIRCH},{on},permanent_exclusion,9,yes\n"
    panel("load", "history", str(panel.file("history.csv", history)))
    summer.refer(panel, "J1", "2027-07-01")
    summer.opened(panel, "2027-07-08")
    explained = " ".join(panel("explain", "J1").out.split())
    assert ("one-excluded-a-year" in explained) == held
    position = panel("position", "--as-of", "2027-07-08").out
    said = "excluded_taken, taken count since 2025-09-01: this academic year and the one before it."
    assert said in " ".join(position.split())
    schools = panel.json("position", "--as-of", "2027-07-08")["schools"]
    assert [row["counts"]["excluded_taken"] for row in schools if row["school"] == summer.BIRCH] == [taken]
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_a_part_of_the_year_takes_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two a year are one for a school that joins in January; two in two years are two."""
    record = (change.school(change.A), change.school(change.B), ev.SchoolJoined(urn=change.B, on=change.day("01-04")))
    whole = change.BOOK.replace("over: academic_year", "over: 2 academic_years")
    for text, limit in ((change.BOOK, 1), (whole, 2)):
        monkeypatch.setattr(change, "BOOK", text)
        rulebook, found = change.book(), change.facts(*record)
        assert quota_limits(found, rulebook, Evaluation(rulebook)) == {(1, change.A, None): 2, (1, change.B, None): limit}
        assert ("part_year" in found.shared()) == (limit == 1)
