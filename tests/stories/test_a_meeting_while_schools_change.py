"""Schools merge, convert and take other numbers around a meeting: what stood still stands, and each is named as the meeting knows it."""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, MEETS, Panel
from tests.stories.test_a_meeting_that_stands import EAGLE, OUT, founded, said, sat, verdicts


def test_a_school_that_goes_on_as_another_changes_nothing_that_stood_or_fell(tmp_path: Path) -> None:
    """Birch voted on its own pupil. It and Cedar are one school since January: the vote of Cedar is none of Birch's for that."""
    panel = sat(tmp_path, chair=BIRCH)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, BIRCH, CEDAR)
    panel("decide", "R1", "--confirm", "--voted", BIRCH)
    panel("decide", "R2", "--confirm", "--voted", CEDAR)
    panel("meeting", "close")
    before = panel.json("meeting", "show")
    assert {row["referral"]: row["verdict"] for row in before["decisions"]} == {"R1": "does not stand", "R2": "stands"}
    panel("load", "schools", str(panel.file("eagle.csv", f"URN,EstablishmentName,NumberOfPupils\n{EAGLE},Eagle School,1300\n")))
    panel("school", "merge", BIRCH, CEDAR, "--into", EAGLE, "--on", "2027-01-04")
    assert panel.json("meeting", "show") == before
    # Birch had had the chair, so Eagle has had it: before it comes Ashdown, which never had, or Dell.
    panel("meeting", "open", "--date", "2027-01-14", "--chair", "Okafor", "--chair-of", EAGLE)
    panel("meeting", "invite", "--on", "2027-01-04")
    panel("meeting", "attend", ASHDOWN, EAGLE)
    panel("decide", "R3", "--defer", "--reason", "not yet")
    panel("meeting", "close")
    assert said(panel, "R3") == f"{OUT}Eagle School (100009) had it at meeting 1, and Ashdown School (100001) had waited longer"
    assert [row["school"] for row in panel.json("meeting", "show")["schools"]] == [ASHDOWN, DELL, EAGLE]


REGISTER = "URN,EstablishmentName,StatutoryLowAge,StatutoryHighAge,NumberOfPupils,Easting,Northing,OpenDate"


def begins(panel: Panel, urn: str, on: str) -> None:
    panel("load", "schools", str(panel.file("begins.csv", f"{REGISTER}\n{urn},Eagle School,11,18,1800,625000,400000,{on}\n")))


def test_a_merger_that_is_still_to_come_hides_nobodys_own_referral(tmp_path: Path) -> None:
    """Everybody knows in October that Ashdown and Cedar become Eagle in January. R2 is Ashdown's pupil, and Ashdown votes on it."""
    panel = founded(tmp_path)
    begins(panel, EAGLE, "2027-01-04")
    panel("school", "merge", ASHDOWN, CEDAR, "--into", EAGLE, "--on", "2027-01-04")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor", "--chair-of", BIRCH)
    panel("meeting", "invite", "--on", "2026-10-15")
    panel("meeting", "attend", ASHDOWN, BIRCH)
    panel("decide", "R2", "--school", CEDAR, "--reason", "as agreed", "--voted", ASHDOWN, "--voted", BIRCH)
    panel("meeting", "close")
    assert said(panel, "R2") == "Ashdown School (100001) voted on its own referral"
    assert verdicts(panel) == {"R2": "does not stand"}


def test_a_school_that_takes_another_number_during_the_meeting_is_named_as_the_meeting_knows_it(tmp_path: Path) -> None:
    """The number came on the 20th, and was recorded after the meeting of the 22nd had been opened: Ashdown still sits as 100001."""
    panel = sat(tmp_path)
    begins(panel, EAGLE, "2026-10-20")
    panel("school", "convert", ASHDOWN, "--to", EAGLE, "--on", "2026-10-20")
    told = "100009: meeting 1 of 2026-10-22 goes by the schools that there were when it opened. Name it as it was then: 100001.\n"
    assert panel.refused("meeting", "invite", EAGLE) == told
    assert panel.refused("meeting", "attend", EAGLE, BIRCH) == told
    assert panel.refused("meeting", "interest", EAGLE, "R1", "--reason", "a relative") == told
    assert panel.refused("decide", "R2", "--confirm", "--voted", EAGLE) == told
    assert panel.refused("decide", "R2", "--confirm", "--for", EAGLE) == told
    # Without names all are told that it froze, Ashdown among them.
    assert panel.json("meeting", "invite", "--on", "2026-10-15")["invited"] == [ASHDOWN, BIRCH, CEDAR, DELL]
    panel("meeting", "attend", ASHDOWN, BIRCH)
    panel("decide", "R2", "--confirm", "--voted", BIRCH)
    panel("meeting", "close")
    assert verdicts(panel) == {"R2": "stands"}


def test_a_number_that_is_gone_takes_no_chair_and_no_vote_of_its_own(tmp_path: Path) -> None:
    """Ashdown had the chair in October and is Eagle in November: by its old number it would seem never to have had it."""
    panel = sat(tmp_path)
    panel("meeting", "close")
    begins(panel, EAGLE, "2026-11-02")
    panel("school", "convert", ASHDOWN, "--to", EAGLE, "--on", "2026-11-02")
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor", "--chair-of", ASHDOWN)
    panel("meeting", "invite", "--on", "2026-11-02")
    assert "Name it as it was then: 100009." in panel.refused("meeting", "attend", ASHDOWN)
    panel("meeting", "attend", EAGLE, BIRCH)
    panel("decide", "R6", "--school", BIRCH, "--reason", "as agreed", "--voted", BIRCH)
    panel("meeting", "close")
    assert said(panel, "R6") == f"{OUT}Eagle School (100009) had it at meeting 1, and Birch Academy (100002) had waited longer"


def test_a_school_that_took_another_number_before_the_meeting_and_left_by_its_day_is_no_member(tmp_path: Path) -> None:
    """Ashdown is Eagle since the 2nd, by which number the meeting of the 22nd knows it; Eagle leaves the panel on the 20th."""
    panel = founded(tmp_path)
    begins(panel, EAGLE, "2026-10-02")
    panel("school", "convert", ASHDOWN, "--to", EAGLE, "--on", "2026-10-02")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor", "--chair-of", BIRCH)
    assert [row["school"] for row in panel.json("meeting", "show")["schools"]] == [BIRCH, CEDAR, DELL, EAGLE]
    panel("school", "leave", EAGLE, "--on", "2026-10-20")
    assert [row["school"] for row in panel.json("meeting", "show")["schools"]] == [BIRCH, CEDAR, DELL]
    panel("meeting", "invite", BIRCH, CEDAR, DELL, "--on", "2026-10-15")
    panel("meeting", "attend", BIRCH, CEDAR)
    panel("decide", "R2", "--school", CEDAR, "--reason", "as agreed", "--voted", BIRCH)
    panel("meeting", "close")
    assert verdicts(panel) == {"R2": "stands"}
