"""Slips that nobody would notice: each is stopped, and told."""

from __future__ import annotations

from pathlib import Path

from tests.running import BIRCH, CEDAR, harbour


def test_a_misspelt_column_is_not_passed_over(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    row = "R7,P7,managed_move,9,100001,2026-10-01,100003:safeguarding\n"
    for heading in ("kept_appart", "kept apart", "Kept-Apart"):
        slip = panel.file("slip.csv", f"referral,pupil,kind,year_group,home_school,made_on,{heading}\n{row}")
        said = panel.refused("load", "referrals", str(slip))
        assert f"slip.csv, {heading.casefold()}: found a column that is not read; wanted kept_apart." in said
    other = panel.file("other.csv", f"referral,pupil,kind,year_group,home_school,made_on,remarks\n{row}")
    assert panel("load", "referrals", str(other)).out.startswith("other.csv: 1 row read")


def test_a_pupils_name_is_no_reference(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    words = ("--kind", "fair_access", "--year-group", "9", "--made-on", "2026-10-01", "--home-school", BIRCH)
    assert "wanted a reference of at most 60 characters without spaces, never a name" in panel.refused(
        "refer", "R7", "--pupil", "Jo Doe", *words
    )


def test_special_measures_are_not_guessed(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    head = "URN,EstablishmentName,OfstedSpecialMeasures (name)\n"
    slip = panel.file("slip.csv", f"{head}{BIRCH},Birch Academy,in special mesures\n")
    assert "slip.csv row 2, ofstedspecialmeasures (name): found 'in special mesures'" in panel.refused("load", "schools", str(slip))
    unknown = panel.file("unknown.csv", f"{head}{BIRCH},Birch Academy,Not known\n{CEDAR},Cedar High School,In special measures\n")
    panel("load", "schools", str(unknown))
    assert f'"special_measures":true,"urn":"{CEDAR}"' in panel.bodies()


def test_a_meeting_does_not_go_back_behind_another(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    said = panel.refused("meeting", "open", "--date", "2026-10-21", "--chair", "X")
    assert (
        said
        == "--date: found 2026-10-21; wanted 2026-10-22 or later, the day of the latest meeting: its decisions have taken their seats.\n"
    )


def test_the_agenda_knows_no_more_than_its_day(tmp_path: Path) -> None:
    """A refusal of 30 October belongs to no meeting before it: there the case is decided still, and its count stands."""
    panel = harbour(tmp_path, "closed")
    panel("refuse", "R2", "--by", CEDAR, "--on", "2026-10-30", "--reason", "the governors do not agree")
    before = panel.json("meeting", "open", "--date", "2026-10-23", "--chair", "X")
    assert before["agenda"] == ["R3", "R4", "R5"]
    panel("meeting", "close")
    assert panel.json("meeting", "open", "--date", "2026-11-05", "--chair", "X")["agenda"] == ["R2", "R3", "R4", "R5"]


def test_what_an_override_set_aside_is_sealed(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    taken = panel.json("decide", "R1", "--school", "100004", "--reason", "an aunt teaches there")["decisions"][0]
    assert taken["waived"] == ["closing"]
    assert "closing" not in panel.column("body", "decision taken")
    assert panel.json("explain", "R1")["panel_reason"] == "an aunt teaches there"


def test_explain_shows_the_hold_that_a_withdrawn_agreement_brings(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("agree", "R1", "--by", "parent", "--withdrawn", "--on", "2026-10-22")
    panel.refused("decide", "R1", "--confirm")
    assert "As things stand now it is held by both-agree." in panel("explain", "R1").out
    assert panel.json("explain", "R2").get("held_since") is None
