"""Two pupils who are to be kept apart: by whom it is said, where the other is, one place for both; and who learns of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import pytest

from panel import events as ev
from panel.answering.hypothesis import Hypothesis, suppose
from panel.answering.relaxation import relaxations
from panel.deciding.decision import Case, Decision, decide
from panel.deciding.opening import agenda, facts_on
from panel.facts.apart import among, kept_apart, whereabouts, whereabouts_and_to_come
from panel.placing.placement import place
from panel.state.fold import fold
from panel.state.records import Recorded, State
from rules.evaluate import Evaluation
from rules.rulebook import Shelf
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, MEETS, Panel, harbour

ON: Final = dt.date(2026, 10, 22)
TEXT: Final = """\
rulebook: hand
edition: {from: 2026-09-01}
title: By hand
authority: {instrument: Nobody}
limits:
  - {id: not-together, per: kept_apart_pupils, room: 1, waivable: false, say: "Not both to {school.name}."}
bars:
  - id: other-is-there
    waivable: false
    when: candidate.kept_apart_pupil_here
    examples:
      - {name: there, given: {candidate.kept_apart_pupil_here: true}, expect: fires}
      - {name: elsewhere, given: {candidate.kept_apart_pupil_here: false}, expect: silent}
objectives: [place, preference: {unranked: 3}, ticket, lottery]
"""
RULEBOOK = Shelf.of([(TEXT, "hand.yaml")]).in_force("hand", ON)
EVALUATION = Evaluation(RULEBOOK)


def day(number: int) -> dt.date:
    return dt.date(2026, 10, number)


def made(name: str, home: str | None = "900009", on: int = 1, **fields: Any) -> ev.ReferralMade:
    case = ev.ReferralCase(not_with=fields.pop("not_with", None), preferences=fields.pop("wishes", ()))
    usual: dict[str, Any] = {"referral_kind": "fair_access", "year_group": 9, **fields}
    return ev.ReferralMade(referral=name, pupil=f"P{name}", home_school=home, made_on=day(on), case=case, **usual)


def came(urn: str, on: int, kind: ev.Kind = "managed_move", outcome: Any = None) -> ev.PlacedBefore:
    return ev.PlacedBefore(
        pupil="PQ", school=urn, on=day(on), referral_kind=kind, permanently_excluded=False, year_group=9, outcome=outcome
    )


def excluded(urn: str, on: int) -> ev.PermanentlyExcluded:
    return ev.PermanentlyExcluded(pupil="PQ", school=urn, on=day(on), year_group=9)


def state(*events: ev.Event) -> State:
    return fold(Recorded(n, "", event) for n, event in enumerate(events, start=1))


# --- where a pupil is ---


@pytest.mark.parametrize(
    ("events", "where"),
    [
        ([], None),
        ([made("Q", "1")], {"1"}),
        ([made("Q", "1", permanently_excluded=True)], set()),  # by the home school
        ([made("Q", "1", permanently_excluded=True, excluded_by="2")], {"1"}),  # by an earlier one
        ([made("Q", None, permanently_excluded=True, excluded_by="1")], set()),
        ([made("Q", "1", on=1), excluded("1", 5)], set()),
        ([made("Q", "1", on=1), excluded("2", 5)], {"1"}),
        ([excluded("1", 5)], None),  # gone from there, but where to?
        ([came("3", 6)], {"3"}),
        ([came("3", 6, outcome="broken_down")], None),
        ([made("Q", "1", on=1), came("3", 6)], {"3"}),
        ([made("Q", "1", on=1), came("3", 6, outcome="returned")], {"1"}),
        ([made("Q", "1", on=7), came("3", 6)], {"1"}),  # the referral is younger
        ([came("3", 6), excluded("3", 6)], {"3"}),  # one who was excluded and admitted on a day was admitted last
        ([came("3", 6), excluded("3", 7)], set()),
        ([made("Q", "1", on=1), came("3", 6, "off_site_direction")], {"1", "3"}),
        ([made("Q", "1", on=1), came("3", 6, "off_site_direction", "returned")], {"1"}),
        ([came("3", 6, "off_site_direction")], {"3"}),
        ([ev.AdmittedOutside(pupil="PQ", school="4", on=day(6), year_group=9)], {"4"}),
    ],
)
def test_a_pupil_is_where_the_record_last_has_one(events: list[ev.Event], where: set[str] | None) -> None:
    assert whereabouts(state(*events), "PQ", ON) == where


def test_until_the_first_day_a_pupil_is_where_it_was_and_is_to_be_kept_from_both() -> None:
    """Came to 3 on the 6th; of the 5th it is still at its home school, and whoever must be kept from it goes to neither."""
    record = state(made("Q", "1", on=1), came("3", 6))
    assert whereabouts(record, "PQ", day(5)) == frozenset({"1"})
    assert whereabouts_and_to_come(record, "PQ", day(5)) == frozenset({"1", "3"})
    assert whereabouts(record, "PQ", day(6)) == whereabouts_and_to_come(record, "PQ", day(6)) == frozenset({"3"})
    assert whereabouts_and_to_come(state(came("3", 6)), "PQ", day(5)) == frozenset({"3"})


def test_it_goes_for_both_whoever_says_it() -> None:
    record = state(
        made("A"), made("B", not_with=("PA",)), made("C", not_with=("PX", "PB")), ev.ReferralWithdrawn(referral="C", pupil="PC", on=day(2))
    )
    apart = kept_apart(record)
    assert apart == {"PA": {"PB"}, "PB": {"PA", "PC"}, "PC": {"PB", "PX"}, "PX": {"PC"}}
    assert among(apart, {"A": "PA", "B": "PB", "D": "PD"}) == {"A": ("B",), "B": ("A",)}


# --- one meeting ---


def schools(*urns: str) -> list[ev.Event]:
    return [ev.SchoolRecorded(urn=urn, name=urn, low_age=11, high_age=16, roll=900) for urn in urns]


def decided(*events: ev.Event, **fixed: str) -> Decision:
    record = [Recorded(n, "", event) for n, event in enumerate(events, start=1)]
    facts = facts_on(record, agenda(record, ON), RULEBOOK, EVALUATION, ON)
    return decide(Case(facts, "00" * 32, fixed), RULEBOOK, evaluate=EVALUATION, place=place)


def test_one_of_the_two_gives_way() -> None:
    """Both want 1; one goes to 2. A third who is nobody's business stays where the wish is."""
    pair = [made("A", wishes=("1", "2")), made("B", wishes=("1", "2"), not_with=("PA",)), made("C", wishes=("1", "2"))]
    decision = decided(*schools("1", "2"), *pair)
    assert {decision.placing["A"], decision.placing["B"]} == {"1", "2"}
    assert decision.placing["C"] == "1"
    assert decision.certificate.unique


def test_where_there_is_one_school_one_of_three_has_a_place() -> None:
    three = [made("A", not_with=("PB", "PC")), made("B", not_with=("PC",)), made("C")]
    assert len(decided(*schools("1"), *three).placing) == 1
    assert len(decided(*schools("1", "2", "3"), *three).placing) == 3


def test_of_different_year_groups_too() -> None:
    decision = decided(*schools("1"), made("A", not_with=("PB",)), made("B", year_group=11))
    assert len(decision.placing) == 1


def test_whom_the_panel_put_there_itself_keeps_the_other_away() -> None:
    decision = decided(*schools("1", "2"), made("A", wishes=("1",)), made("B", not_with=("PA",)), B="1")
    assert decision.placing == {"A": "2", "B": "1"}
    assert decision.casework.without_seat("A", "1", {"B": "1"}) == ("not-together",)


def test_one_place_more_is_no_place_for_both() -> None:
    decision = decided(*schools("1"), made("A", not_with=("PB",)), made("B"))
    with pytest.raises(Exception, match="No limit says how much room 1 as a whole has"):
        suppose(decision, Hypothesis(room={("1", None): 1}), RULEBOOK, evaluate=EVALUATION, place=place)


def test_nothing_that_may_be_relaxed_would_place_both() -> None:
    decision = decided(*schools("1"), made("A", not_with=("PB",)), made("B"))
    found = relaxations(decision, RULEBOOK, *decision.unplaced, evaluate=EVALUATION, place=place)
    assert (found.found, found.whole) == ((), True)


def test_the_school_where_the_other_is_stays_shut() -> None:
    """B is on the roll of 1 and on the agenda too: A may not go there, even if B leaves in this meeting."""
    decision = decided(*schools("1", "2"), made("A", wishes=("1",), not_with=("PB",)), made("B", home="1", wishes=("2",)))
    assert decision.casework.hearings["A"].verdicts["1"].bars == ("other-is-there",)
    assert "A" not in decision.placing or decision.placing["A"] == "2"


def test_where_the_record_does_not_say_where_the_other_is_the_case_is_held() -> None:
    decision = decided(*schools("1"), made("A", not_with=("PX",)), made("C"))
    assert decision.held == ("A",)
    (doubt,) = decision.casework.hearings["A"].doubts
    assert (doubt.rule, doubt.missing) == ("other-is-there", ("candidate.kept_apart_pupil_here",))
    assert decision.placing == {"C": "1"}


# --- at the table ---

TOGETHER: Final = BOOK.replace(
    "holds:\n",
    "  - id: not-together\n    per: kept_apart_pupils\n    room: 1\n    waivable: false\n"
    '    say: "{school.name} cannot take both of two pupils who are to be kept apart."\nholds:\n',
    1,
)
REFERRALS: Final = f"""\
referral,pupil,kind,year_group,home_school,made_on,easting,northing,kept_apart,not_with,ehcp,parent_agrees_on,home_school_agrees_on
R1,P1,managed_move,8,{BIRCH},2026-10-01,622000,400000,{CEDAR}:safeguarding,P2,no,2026-09-30,2026-09-30
R2,P2,managed_move,8,{BIRCH},2026-10-01,622000,400000,{CEDAR}:safeguarding,,no,2026-09-30,2026-09-30
"""


def meeting(folder: Path) -> Panel:
    """Both may only go to Ashdown, which has five places in year 8."""
    folder.joinpath("scratch").mkdir()
    files = harbour(folder / "scratch", "loaded").folder
    panel = Panel(folder / "apart.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", TOGETHER)))
    for what in ("schools", "places", "terms"):
        panel("load", what, str(files / f"{what}.csv"))
    panel("load", "referrals", str(panel.file("referrals.csv", REFERRALS)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


def test_the_panel_is_told_and_no_child_is_named(tmp_path: Path) -> None:
    panel = meeting(tmp_path)
    answer = panel.json("allocate")
    (placed,), (left,) = answer["placements"], answer["unplaced"]
    assert placed["school"] == ASHDOWN
    said = panel("explain", left["referral"])
    assert panel("allocate", "--again").out.count("cannot take both of two pupils") == 1
    other = "P2" if left["referral"] == "R1" else "P1"
    assert other not in said.out
    assert other not in str(panel.json("explain", left["referral"]))
    refused = panel.refused("decide", left["referral"], "--school", CEDAR, "--reason", "x")
    assert "may not be waived" in refused
    panel("decide", placed["referral"], "--confirm")
    assert "not-together may not be waived" in panel.refused("decide", left["referral"], "--school", ASHDOWN, "--reason", "x")
    assert "2 proposal(s) replayed" in panel("audit", "replay").out
    assert "not_with" not in panel.bodies(), "who is kept from whom is sealed"
    assert '"apart"' not in panel.bodies()


def test_no_meeting_opens_without_a_rule_that_keeps_them_apart(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel(
        "load",
        "referrals",
        str(panel.file("more.csv", REFERRALS.replace("R1,P1", "R8,P8").replace("R2,P2", "R9,P9").replace(",P2,", ",P9,"))),
    )
    said = panel.refused("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert "R8, R9: to be kept apart from another pupil (not_with), and no rule of 'harbour' would." in said


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("P1", "found 'P1', the pupil's own reference; wanted references of other pupils"),
        ("P2;P2", "wanted each reference once"),
        ("a name", "wanted a reference of at most 60"),
    ],
)
def test_a_reference_that_cannot_be_is_refused(tmp_path: Path, cell: str, words: str) -> None:
    panel = harbour(tmp_path, "loaded")
    text = f"referral,pupil,kind,year_group,home_school,made_on,not_with\nR9,P1,managed_move,9,{BIRCH},2026-10-01,{cell}\n"
    said = panel.refused("load", "referrals", str(panel.file("more.csv", text)))
    assert "row 2, not_with: " in said
    assert words in said
