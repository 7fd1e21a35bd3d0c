"""Rules that go by what a pupil weighs: held, barred, sent elsewhere and told by points; what nobody has said; and the record of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from panel.deciding.opening import frozen_names
from panel.facts.beforehand import points_of
from panel.record.ledger import Ledger
from panel.steps.office import Office
from rules.edition import read_edition
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.facts import FACTS
from rules.reach import reads_points
from rules.rulebook import check, check_text
from tests.running import ASHDOWN, BIRCH, CEDAR, Panel, url
from tests.stories.test_points_that_add_up import ADDED, REFERRALS, line, opened, told

HOLD: Final = """\
  - id: full-panel
    when: referral.points >= 6
    say: "{referral.points} points: the full panel hears this case."
    examples:
      - {name: as many as that, given: {referral.points: 6}, expect: fires}
      - {name: fewer, given: {referral.points: 5}, expect: silent}
      - {name: nobody knows, given: {referral.points: unknown}, expect: cannot tell}
"""
BAR: Final = """\
  - id: not-here-with-a-point
    when: candidate.a_point and school.name == "Ashdown School"
    say: "{school.name} takes nobody of {referral.points} point."
    examples:
      - {name: one point, given: {referral.points: 1, school.name: Ashdown School}, expect: fires}
      - {name: none, given: {referral.points: 0, school.name: Ashdown School}, expect: silent}
      - {name: elsewhere, given: {referral.points: 1, school.name: Dell School}, expect: silent}
"""
DERIVE: Final = "derive:\n  - {id: a-point, fact: candidate.a_point, is: referral.points == 1}\n"
TIERS: Final = """\
tiers:
  - id: heavy-to-cedar
    tier: 1
    when: referral.points >= 2 and school.name == "Cedar High School"
    examples:
      - {name: heavy, given: {referral.points: 2, school.name: Cedar High School}, expect: fires}
      - {name: light, given: {referral.points: 1, school.name: Cedar High School}, expect: silent}
      - {name: elsewhere, given: {referral.points: 2, school.name: Dell School}, expect: silent}
  - {id: anywhere, tier: 2, when: true}
notices:
  - id: weighs-something
    when: referral.points > 0
    say: "It weighs {referral.points}."
    examples:
      - {name: it does, given: {referral.points: 1}, expect: fires}
      - {name: it does not, given: {referral.points: 0}, expect: silent}
"""
HEADS: Final = ADDED.replace(", weigh: points}", "}")
OWN: Final = "objectives:\n  - place\n  - share: {load: load, per: roll}\n  - preference: {unranked: 4}\n"
SCORED: Final = (
    HEADS.replace("limits:\n", f"{DERIVE}limits:\n", 1)
    .replace("holds:\n", f"holds:\n{HOLD}")
    .replace("bars:\n", f"bars:\n{BAR}")
    .replace(OWN, f"{TIERS}objectives:\n  - place\n  - tier\n")
)


def frozen(panel: Panel) -> dict[str, dict[str, Any]]:
    """What the latest meeting froze of each case, by its referral."""
    with Office(Ledger.open(url(panel.ledger)), actor="auditor") as office:
        return {case["referral"]: case["facts"] for case in office.state.meetings[-1].opened.cases.values()}


def test_holds_bars_tiers_and_notices_go_by_points(tmp_path: Path) -> None:
    """X weighs 6 and is held. D weighs 2 and is to go to Cedar, though Birch is nearer. C weighs 1, so not to Ashdown, the nearest, but
    to Birch. B weighs nothing and goes to Ashdown, the nearest.
    """
    panel = opened(tmp_path, SCORED)
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"B": ASHDOWN, "C": BIRCH, "D": CEDAR}
    assert data["held"] == [{"referral": "X", "holds": ["full-panel"], "cannot_tell": []}]
    assert "6 points: the full panel hears this case." in told(panel, "X")
    assert "Weighs 1 point: poor-attendance 1." in told(panel, "C")
    assert "It weighs 1." in told(panel, "C")
    assert "Ashdown School takes nobody of 1 point." in " ".join(panel("explain", "C", "--why-not", ASHDOWN).out.split())
    panel("decide", "B", "C", "D", "--confirm")
    assert panel.json("audit", "replay")["ok"] is True


def test_by_the_largest_line_the_same_rules_say_otherwise(tmp_path: Path) -> None:
    """X weighs 3 now, and is not held: it goes to Cedar. D weighs 2, C 1 as before."""
    panel = opened(tmp_path, SCORED.replace("points: added\n", ""))
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"X": CEDAR, "B": ASHDOWN, "C": BIRCH, "D": CEDAR}


def test_what_nobody_has_said_is_named_and_not_the_points(tmp_path: Path) -> None:
    panel = opened(tmp_path, SCORED, REFERRALS.replace("600,14", ",14"))
    held = {one["referral"]: one["cannot_tell"] for one in panel.json("allocate", "--dry-run")["held"]}
    assert held["C"] == [
        {"rule": "full-panel", "missing": ["referral.attendance"]},
        {"rule": "not-here-with-a-point", "missing": ["referral.attendance"]},
    ]
    assert "full-panel: cannot tell without referral.attendance (sessions attended of those possible" in told(panel, "C")
    panel("meeting", "close")
    panel("correct", "C", "--set", "attendance=600", "--reason", "the school has told us")
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor")
    assert [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]] == ["X"]


def test_a_correction_weighs_anew_at_the_next_opening(tmp_path: Path) -> None:
    panel = opened(tmp_path, SCORED)
    assert "X" in [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]]
    panel("correct", "X", "--set", "attendance=900", "--reason", "read wrongly")
    assert "X" in [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]], "what was frozen stays"
    panel("meeting", "close")
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor")
    assert panel.json("allocate", "--dry-run")["held"] == []
    assert "Weighs 5 points: excluded 3, long-suspended 2, added." in told(panel, "X")


def test_only_a_book_that_reads_it_freezes_it(tmp_path: Path) -> None:
    assert "referral.points" not in frozen(opened(tmp_path, HEADS))["X"]
    (tmp_path / "scored").mkdir()
    cases = frozen(opened(tmp_path / "scored", SCORED))
    assert {name: facts["referral.points"] for name, facts in cases.items()} == {"X": 6, "B": 0, "C": 1, "D": 2}
    plain, scored = (frozen_names(check_text(text, "harbour.yaml")) for text in (HEADS, SCORED))
    assert scored - plain - {"candidate.a_point"} == {"referral.points", "referral.points_given"}


def test_a_recorded_book_that_derives_the_name_keeps_its_own_meaning() -> None:
    hold = HOLD.partition("    examples:")[0] + (
        "    examples:\n"
        "      - {name: once, given: {referral.excluded_times: 1}, expect: fires}\n"
        "      - {name: never, given: {referral.excluded_times: 0}, expect: silent}\n"
    )
    derive = "derive:\n  - {id: own, fact: referral.points, is: referral.excluded_times * 9}\n"
    own = HEADS.replace("limits:\n", f"{derive}limits:\n", 1).replace("holds:\n", f"holds:\n{hold}")
    with pytest.raises(RulebookError, match=r"found referral\.points, which exists already"):
        check_text(own, "harbour.yaml")
    book = check(read_edition(own, "harbour.yaml"), adopted=True)
    assert not reads_points(book), "so that no opening freezes another number under its name"
    row = {fact.name: fact.usual for fact in FACTS if fact.family in ("referral", "panel")}
    assert Evaluation(book).referral({**row, "referral.excluded_times": 1}).firing("hold") == ("full-panel",)


def test_the_fact_is_what_the_pupil_weighs(tmp_path: Path) -> None:
    """The frozen fact and the weight that a share would count come out of the same facts as the same number."""
    book = check_text(SCORED, "harbour.yaml")
    read = Evaluation(book).admission
    for facts in frozen(opened(tmp_path, SCORED)).values():
        assert facts["referral.points"] == points_of(facts, book, read)


NEED: Final = SCORED.replace("tariff:\n", f"tariff:\n{line('need', 4, 'admission.behaviour_is_primary_need', 'true', 'false')}")


def test_no_bar_or_tier_goes_by_a_need_by_way_of_points() -> None:
    with pytest.raises(RulebookError) as caught:
        check_text(NEED, "harbour.yaml")
    said = str(caught.value)
    way = (
        "found referral.behaviour_is_primary_need (by way of candidate.a_point, referral.points, tariff need); wanted no such fact in a bar"
    )
    assert way in said
    assert "found referral.behaviour_is_primary_need (by way of referral.points, tariff need); wanted no such fact in a tier" in said
    assert len(caught.value.faults) == 2, "the hold and the notice may"


def test_a_hold_may_go_by_a_need_by_way_of_points() -> None:
    need = line("need", 4, "admission.behaviour_is_primary_need", "true", "false")
    held = HEADS.replace("tariff:\n", f"tariff:\n{need}").replace("holds:\n", f"holds:\n{HOLD}")
    assert check_text(held, "harbour.yaml")


def test_the_reach_is_printed_by_way_of_the_tariff(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "none.db")
    out = " ".join(panel("rules", "check", str(panel.file("harbour.yaml", SCORED))).out.split())
    hold = out.partition("hold full-panel: ")[2].partition(" hold ")[0]
    assert hold == (
        "referral.points, referral.permanently_excluded (by way of referral.points, tariff excluded), referral.attendance (by way of "
        "referral.points, tariff poor-attendance), referral.suspended_days (by way of referral.points, tariff long-suspended), "
        "referral.points_given (by way of referral.points)"
    )


# --- who comes first, and how soon ---

HEAVY: Final = "derive:\n  - {id: heavy, fact: referral.heavy, is: referral.points >= 2}\n"


def left_out(panel: Panel) -> list[str]:
    panel("meeting", "draw", "--words", "heron")
    return [one["referral"] for one in panel.json("allocate")["unplaced"]]


@pytest.mark.parametrize("aim", ["place: {of: referral.heavy}", "case_by_case: {by: [place], first: referral.points}"])
def test_the_heaviest_may_come_first(tmp_path: Path, aim: str) -> None:
    """C of one point and D of two may both go to Birch alone, which has one place in year 10: the earlier C would have it by its days."""
    book = HEADS.replace("limits:\n", f"{HEAVY}limits:\n", 1).replace(
        "objectives:\n  - place\n", f"objectives:\n  - place\n  - {aim}\n  - waiting\n"
    )
    one = [row for row in REFERRALS.splitlines(keepends=True) if row[:2] in ("re", "C,", "D,")]
    rows = "".join(one).replace("2026-10-01,no", "2026-09-20,no", 1)
    only = (
        book.replace("bars:\n", f"bars:\n{ONLY_BIRCH}")
        .replace(*ONE_PLACE)
        .replace("year.on_roll: 179}, expect: 1", "year.on_roll: 175}, expect: 1")
    )
    assert left_out(opened(tmp_path, only, rows)) == ["C"]
    (tmp_path / "by days").mkdir()
    assert left_out(opened(tmp_path / "by days", only.replace(f"  - {aim}\n", ""), rows)) == ["D"]


ONLY_BIRCH: Final = """\
  - id: only-birch
    when: school.name != "Birch Academy"
    say: Only Birch.
    examples:
      - {name: another, given: {school.name: Dell School}, expect: fires}
      - {name: Birch, given: {school.name: Birch Academy}, expect: silent}
"""
ONE_PLACE: Final = ("room: year.pan - year.on_roll", "room: year.pan - year.on_roll - 4")


@pytest.mark.parametrize("aim", ["place: {of: referral.heavy}", "case_by_case: {by: [place], first: referral.points}"])
def test_nobody_comes_first_for_a_need_by_way_of_points(aim: str) -> None:
    need = line("need", 4, "admission.behaviour_is_primary_need", "true", "false")
    book = HEADS.replace("limits:\n", f"{HEAVY}limits:\n", 1).replace("tariff:\n", f"tariff:\n{need}")
    assert check_text(book, "harbour.yaml")
    with pytest.raises(RulebookError, match=r"found referral\.behaviour_is_primary_need \(by way of .*referral\.points, tariff need\)"):
        check_text(book.replace("  - place\n", f"  - place\n  - {aim}\n"), "harbour.yaml")


def test_a_clock_may_run_for_the_heavy_only(tmp_path: Path) -> None:
    """X weighs 6; whose attendance nobody has said, of that pupil the clock cannot tell."""
    clock = """\
clocks:
  - id: heavy
    from: referral.made
    until: decision.taken
    within: 3 school days
    when: referral.points >= 6
    examples:
      - {name: heavy, given: {referral.points: 6}, expect: fires}
      - {name: light, given: {referral.points: 5}, expect: silent}
"""
    panel = opened(tmp_path, f"{HEADS}{clock}")
    due = [one for one in panel.json("due", "--as-of", "2026-10-22")["late"] if one["clock"] == "heavy"]
    assert [one["referral"] for one in due] == ["X"]


def test_another_book_weighs_the_meeting_anew(tmp_path: Path) -> None:
    """What a past opening did not freeze is worked out again from the record, as the other book has it."""
    panel = opened(tmp_path, HEADS)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    told_if = " ".join(panel("whatif", "--rulebook", str(panel.file("scored.yaml", SCORED))).out.split())
    assert "X Ashdown School (100001) > held" in told_if
    assert "> Cedar High School (100003) X" in told_if, "D, of two points, comes before X in the table"
