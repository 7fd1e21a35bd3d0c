"""Somebody mistyped who was told of a meeting and when, or who came. It is corrected, and what stands follows."""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, MEETS, Panel
from tests.stories.test_a_meeting_that_stands import EAGLE, founded, said, verdicts
from tests.stories.test_a_meeting_while_schools_change import begins

ASKED = "meeting: {quorum: half, invite: all, notice: 5 school days, own_referral: no_vote}\n"


def met(folder: Path, told: str = "2026-10-15", there: tuple[str, ...] = (ASHDOWN, CEDAR), asked: str = ASKED, *voted: str) -> Panel:
    """One meeting at which R2, a pupil of Ashdown, was sent to Cedar; closed."""
    panel = founded(folder, asked)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "invite", "--on", told)
    panel("meeting", "attend", *there)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R2", "--confirm", *(word for urn in voted or (CEDAR,) for word in ("--voted", urn)))
    panel("meeting", "close")
    return panel


def entry(panel: Panel, kind: str) -> str:
    return panel.column("seq", kind)


def put_right(panel: Panel, kind: str, *cells: str) -> str:
    sets = [word for cell in cells for word in ("--set", cell)]
    return panel("correct", "--entry", entry(panel, kind), *(sets or ["--void"]), "--reason", "a slip").out


def test_the_day_on_which_they_were_told_was_mistyped(tmp_path: Path) -> None:
    """All were told on the 15th, five school days before; the clerk wrote the 19th, three before, so it did not stand."""
    panel = met(tmp_path, told="2026-10-19")
    assert verdicts(panel) == {"R2": "does not stand"}
    believed = panel.column("recorded_at", "meeting closed")
    seq = entry(panel, "meeting invited")
    assert put_right(panel, "meeting invited", "told_on=2026-10-15") == f"Entry 45 corrects entry {seq} (meeting invited): told on.\n"
    assert verdicts(panel) == {"R2": "stands"}
    assert {row["told_on"] for row in panel.json("meeting", "show")["schools"]} == {"2026-10-15"}
    # Taken back, it is as it was; and what was believed is still there to be read.
    panel("correct", "--entry", "45", "--void", "--reason", "the 19th it was")
    assert verdicts(panel) == {"R2": "does not stand"}
    panel("correct", "--entry", seq, "--set", "told_on=2026-10-15", "--reason", "the 15th after all")
    (then,) = panel.json("meeting", "show", "--known-at", believed)["decisions"]
    # Birch and Dell, who were not there, were told too late.
    assert ([ground["schools"] for ground in then["because"]], verdicts(panel)) == ([[BIRCH, DELL]], {"R2": "stands"})
    assert panel.json("audit", "replay")["ok"] is True
    assert panel.json("audit", "verify")["ok"] is True


def test_a_school_that_was_not_told_was_written_among_them(tmp_path: Path) -> None:
    panel = met(tmp_path)
    put_right(panel, "meeting invited", f"schools={ASHDOWN};{BIRCH};{CEDAR}")
    assert said(panel, "R2") == "Dell School (100004) was not told of the meeting, and was not there"
    assert panel.refused("correct", "--entry", entry(panel, "meeting invited"), "--set", "told_on=2026-10-23", "--reason", "x").endswith(
        "told_on: found 2026-10-23; wanted 2026-10-22, the meeting's day, or earlier\n"
    )
    nobody = panel.refused("correct", "--entry", entry(panel, "meeting invited"), "--set", "schools=;", "--reason", "x")
    assert nobody.endswith("schools: found none; wanted URNs separated by ;. If nobody was, take the entry out with --void.\n")
    # Without the entry nobody wrote down who was told.
    put_right(panel, "meeting invited")
    assert said(panel, "R2") == "nobody wrote down which schools were told of the meeting"


def test_who_came_was_mistyped(tmp_path: Path) -> None:
    """Cedar came, and not Dell: with Ashdown there were two of four, and half of four is two."""
    panel = met(tmp_path, "2026-10-15", (CEDAR,))
    assert said(panel, "R2") == "no quorum: 1 of 4 schools were there, and 2 must be"
    put_right(panel, "meeting attended", f"schools={BIRCH};{CEDAR}")
    assert verdicts(panel) == {"R2": "stands"}
    assert [row["school"] for row in panel.json("meeting", "show")["schools"] if row["there"]] == [BIRCH, CEDAR]
    assert panel.json("audit", "replay")["ok"] is True


def test_a_school_that_voted_turns_out_not_to_have_been_there(tmp_path: Path) -> None:
    """Dell was written down for Birch, and as having voted. What was decided is not rewritten; it is told of."""
    panel = met(tmp_path, "2026-10-15", (CEDAR, DELL), ASKED, CEDAR, DELL)
    assert verdicts(panel) == {"R2": "stands"}
    put_right(panel, "meeting attended", f"schools={BIRCH};{CEDAR}")
    assert said(panel, "R2") == "Dell School (100004) voted, and is recorded as not there"
    assert panel.json("audit", "replay")["ok"] is True


def test_while_the_meeting_is_open_the_next_steps_go_by_the_corrected_entry(tmp_path: Path) -> None:
    panel = founded(tmp_path, ASKED)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "attend", ASHDOWN, DELL)
    put_right(panel, "meeting attended", f"schools={ASHDOWN};{CEDAR}")
    defer = ("decide", "R3", "--defer", "--reason", "not yet", "--voted")
    assert panel.refused(*defer, DELL).startswith("--voted: 100004 is not recorded as represented at meeting 1.")
    panel(*defer, CEDAR)
    assert panel.json("audit", "replay")["ok"] is True


def test_nothing_else_that_a_meeting_did_is_corrected(tmp_path: Path) -> None:
    panel = met(tmp_path)
    for kind in ("meeting opened", "meeting drawn", "placements proposed", "meeting closed"):
        assert panel.refused("correct", "--entry", entry(panel, kind), "--void", "--reason", "x") == (
            f"Entry {entry(panel, kind)} ({kind}) cannot be corrected: what a meeting did stays as it was.\n"
        )
    stranger = panel.refused("correct", "--entry", entry(panel, "meeting attended"), "--set", "meeting=2", "--reason", "x")
    assert "a column that this entry cannot be corrected by; wanted schools" in stranger
    unknown = panel.refused("correct", "--entry", entry(panel, "meeting attended"), "--set", "schools=100007", "--reason", "x")
    assert "schools: found '100007'; wanted the URN of a school of this panel. The nearest is 100001, Ashdown School." in unknown


def test_a_school_is_named_there_as_the_meeting_knows_it(tmp_path: Path) -> None:
    panel = met(tmp_path)
    begins(panel, EAGLE, "2026-11-02")
    panel("school", "convert", BIRCH, "--to", EAGLE, "--on", "2026-11-02")
    wrong = ("correct", "--entry", entry(panel, "meeting attended"), "--set", f"schools={CEDAR};{EAGLE}", "--reason", "a slip")
    assert panel.refused(*wrong) == (
        "100009: meeting 1 of 2026-10-22 goes by the schools that there were when it opened. Name it as it was then: 100002.\n"
    )
    put_right(panel, "meeting attended", f"schools={BIRCH};{CEDAR}")
    assert verdicts(panel) == {"R2": "stands"}


CALLED = """\
clocks:
  - id: called-soon
    applies_to: [managed_move]
    from: referral.made
    within: 10 school days
    until: meeting.called
    say: The schools are told of a meeting within ten school days.
"""


def test_a_clock_that_waits_for_the_schools_to_be_told_follows(tmp_path: Path) -> None:
    """The referrals are of 1 October; ten school days after it is Thursday the 15th. Told on the 15th it is met, on the 19th it is late."""
    panel = met(tmp_path, "2026-10-19", (ASHDOWN, CEDAR), ASKED + CALLED)

    def settled() -> list[tuple[str, str]]:
        rows = panel.json("due", "--all", "--as-of", MEETS)["settled"]
        return [(row["standing"], row["met"]["on"]) for row in rows if row["clock"] == "called-soon" and row["referral"] == "R2"]

    assert settled() == [("met late", "2026-10-19")]
    put_right(panel, "meeting invited", "told_on=2026-10-15")
    assert settled() == [("met", "2026-10-15")]
