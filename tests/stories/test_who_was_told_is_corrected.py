"""Somebody mistyped who was told of a meeting and when, or who came. It is corrected, and what stands follows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from panel import events as ev
from panel.order.entries import missteps
from panel.state.corrections import corrected
from panel.state.records import Recorded
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
    for kind in ("meeting drawn", "placements proposed", "meeting closed"):
        assert panel.refused("correct", "--entry", entry(panel, kind), "--void", "--reason", "x") == (
            f"Entry {entry(panel, kind)} ({kind}) cannot be corrected: what a meeting did stays as it was.\n"
        )
    opened = entry(panel, "meeting opened")
    assert panel.refused("correct", "--entry", opened, "--void", "--reason", "x") == (
        f"Entry {opened} (meeting opened) is not taken out of the record: what a meeting did stays as it was. "
        "Which school had the chair is corrected with `--set chair_of=URN`.\n"
    )
    agenda = panel.refused("correct", "--entry", opened, "--set", "agenda=R1", "--reason", "x")
    assert "a column that this entry cannot be corrected by; wanted chair_of" in agenda
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


INTEREST = ASKED.replace("own_referral: no_vote", "own_referral: no_vote, interest: no_vote")


def with_an_interest(folder: Path) -> Panel:
    """Birch has the interest in R2's case; the clerk wrote Cedar, which voted. What interest it is was said, and is sealed."""
    panel = founded(folder, INTEREST)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "invite", "--on", "2026-10-15")
    panel("meeting", "attend", ASHDOWN, BIRCH, CEDAR)
    panel("meeting", "interest", CEDAR, "R2", "--reason", "the head's nephew")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R2", "--confirm", "--voted", CEDAR)
    panel("meeting", "close")
    return panel


def test_an_interest_was_written_down_of_the_wrong_school(tmp_path: Path) -> None:
    panel = with_an_interest(tmp_path)
    assert said(panel, "R2") == "Cedar High School (100003) voted on a case in which it has an interest"
    seq = entry(panel, "interest declared")
    told = put_right(panel, "interest declared", f"school={BIRCH}")
    assert told.endswith(f"corrects entry {seq} (interest declared): school.\n")
    assert verdicts(panel) == {"R2": "stands"}
    assert panel.json("meeting", "show")["interests"] == [{"school": BIRCH, "referral": "R2"}]
    # What interest it is stays sealed with the case, and the chain has no word of it.
    assert "nephew" not in panel.column("body", "correction")
    assert panel.json("audit", "replay")["ok"] is True
    named = [one for one in panel.json("meeting", "show")["entries"] if one["what"] == "interest"]
    assert named == [{"entry": int(seq), "what": "interest", "schools": [BIRCH]}]


def test_an_interest_that_nobody_has_is_taken_out(tmp_path: Path) -> None:
    panel = with_an_interest(tmp_path)
    put_right(panel, "interest declared")
    assert verdicts(panel) == {"R2": "stands"}
    assert panel.json("meeting", "show")["interests"] == []
    assert panel.json("audit", "replay")["ok"] is True
    assert panel.json("audit", "verify")["ok"] is True


def test_an_interest_does_not_become_another_cases(tmp_path: Path) -> None:
    panel = with_an_interest(tmp_path)
    wrong = ("correct", "--entry", entry(panel, "interest declared"), "--reason", "x", "--set")
    assert panel.refused(*wrong, "referral=R1").startswith(f"Entry {entry(panel, 'interest declared')} is about R2, and does not become")
    assert "wanted the URN of a school of this panel" in panel.refused(*wrong, "school=100007")
    assert "a column that this entry cannot be corrected by; wanted school" in panel.refused(*wrong, "meeting=2")


def test_the_same_interest_is_not_said_twice(tmp_path: Path) -> None:
    """Birch has said so already: then Cedar's is taken out, and not made Birch's once more."""
    panel = founded(tmp_path, INTEREST)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    for urn in (CEDAR, BIRCH):
        panel("meeting", "interest", urn, "R2", "--reason", "a relative")
    wrong = ("correct", "--entry", entry(panel, "interest declared"), "--reason", "x", "--set", f"school={BIRCH}")
    assert panel.refused(*wrong).startswith("The record would contradict itself")


def test_a_reason_that_several_decisions_have_is_told_once(tmp_path: Path) -> None:
    """All were told three school days before, and Birch and Dell did not come: R1, R2 and R6 do not stand, for that one reason."""
    panel = founded(tmp_path, ASKED)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "invite", "--on", "2026-10-19")
    panel("meeting", "attend", ASHDOWN, CEDAR)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R2", "--confirm", "--voted", CEDAR)
    panel("decide", "R1", "--confirm", "--voted", ASHDOWN, "--voted", CEDAR)
    panel("decide", "R6", "--confirm", "--voted", ASHDOWN)
    panel("meeting", "close")
    shown = " ".join(panel("meeting", "show").out.split())
    late = "were told on 2026-10-19, 3 school days before, and were not there; 5 school days of notice are asked for."
    assert shown.count(late) == 1
    assert "R2: confirmed, Cedar High School (100003); voted: 100003: does not stand." in shown
    own = "Ashdown School (100001) voted on its own referral"
    assert f"voted: 100001: does not stand: {own}." in shown
    assert f"R2, R1, R6: Birch Academy (100002), Dell School (100004) {late}" in shown
    # In the data each decision has all of its reasons.
    rules = {one["referral"]: [ground["rule"] for ground in one["because"]] for one in panel.json("meeting", "show")["decisions"]}
    assert rules == {"R2": ["told"], "R1": ["told"], "R6": ["told", "vote"]}


ROTATES = "meeting: {chair: rotates}\n"
OUT = "the chair was out of turn: Ashdown School (100001) had it at meeting 1, and Birch Academy (100002) had waited longer"


def chaired(folder: Path, *chairs: str) -> Panel:
    """A meeting for each chair, in October and November, at which R3 is put off; Ashdown and Birch are there."""
    panel = founded(folder, ROTATES)
    for day, chair in zip(("2026-10-22", "2026-11-05", "2026-11-19"), chairs, strict=False):
        panel("meeting", "open", "--date", day, "--chair", "Okafor", "--chair-of", chair)
        panel("meeting", "invite")
        panel("meeting", "attend", ASHDOWN, BIRCH)
        panel("decide", "R3", "--defer", "--reason", "not yet")
        panel("meeting", "close")
    return panel


def opened_by(panel: Panel, day: str) -> str:
    return next(str(one["entry"]) for one in panel.json("meeting", "show", day)["entries"] if one["what"] == "opened")


def test_the_school_that_had_the_chair_was_written_down_wrongly(tmp_path: Path) -> None:
    """Birch had the chair at the second meeting, and the clerk wrote Ashdown once more."""
    panel = chaired(tmp_path, ASHDOWN, ASHDOWN)
    assert said(panel, "R3") == OUT
    seq = opened_by(panel, "2026-11-05")
    told = panel("correct", "--entry", seq, "--set", f"chair_of={BIRCH}", "--reason", "a slip").out
    assert told.endswith(f"corrects entry {seq} (meeting opened): chair of.\n")
    shown = panel.json("meeting", "show")
    assert (verdicts(panel), shown["chair_of"], shown["chair"]) == ({"R3": "stands"}, BIRCH, "Okafor")
    assert panel.json("audit", "replay")["ok"] is True
    assert panel.json("audit", "verify")["ok"] is True
    # Said with a blank, nobody wrote it down.
    panel("correct", "--entry", seq, "--set", "chair_of=", "--reason", "nobody remembers")
    assert said(panel, "R3") == "which school had the chair was not written down, and the chair is to rotate"


def test_the_turns_of_later_meetings_follow(tmp_path: Path) -> None:
    """Birch had it at the first meeting and not Ashdown: then Ashdown's at the second was its first, and in turn."""
    panel = chaired(tmp_path, ASHDOWN, ASHDOWN)
    assert said(panel, "R3") == OUT
    panel("correct", "--entry", opened_by(panel, "2026-10-22"), "--set", f"chair_of={BIRCH}", "--reason", "a slip")
    assert verdicts(panel) == {"R3": "stands"}
    assert panel.json("audit", "replay")["ok"] is True


def test_a_correction_says_nothing_else_of_what_a_meeting_froze() -> None:
    """A record that was written by other means: another agenda, or another chair's name. Each is named, and changes nothing."""
    day = dt.date(2026, 10, 22)
    opened = ev.MeetingOpened(
        meeting=1, on=day, chair="Okafor", agenda=(), agenda_digest="a", rulebook="r", edition=day, rulebook_digest="b",
        cases={"P1": {"referral.kind": "fair_access"}}, shared={"schools": {}},
    )  # fmt: skip
    body = opened.draft().body
    why = ev.CorrectionCase(reason="a slip")

    def told(**said: object) -> tuple[list[str], ev.Event]:
        correction = ev.Correction(corrects=2, on=day, body={**body, **said}, case=why)
        founded_by = ev.PanelFounded(name="Harbour", rulebook="r")
        record = [Recorded(n, "", event) for n, event in enumerate((founded_by, opened, correction), start=1)]
        return [step.what for step in missteps(record) if step.seq == 3], corrected(record)[1].event

    assert told(chair_of="900001") == ([], opened.model_copy(update={"chair_of": "900001"}))
    for other in ({"agenda": ["R1"]}, {"chair": "Singh"}, {"rulebook_digest": "c"}, {"meeting": 2}, {"on": "2026-10-23"}):
        (name,) = other
        wrong, event = told(**other)
        assert f"body.{name}" in wrong
        assert event == opened
