"""Who was told of a meeting, who came, who voted: and which of its decisions stand by what the schools agreed.

Harbour's schools have written down what makes a decision stand: a week's notice to every school, half of the four there,
a chair that passes on, and no vote on one's own referral. Thursday 22 October 2026 is the fifth school day after Thursday
15 October, and the third after Monday 19 October.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, MEETS, Panel, harbour

ASKED = (
    "meeting: {quorum: half, invite: all, absent: bound, notice: 5 school days, chair: rotates, own_referral: no_vote, interest: no_vote}\n"
)
EAGLE = "100009"
OUT = "the chair was out of turn: "


def founded(folder: Path, asked: str = ASKED) -> Panel:
    """Harbour with a book that says what makes a decision stand, and its files loaded."""
    harbour(folder, "loaded")
    panel = Panel(folder / "agreed.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", BOOK + asked)))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(panel.folder / f"{what}.csv"))
    return panel


def sat(folder: Path, asked: str = ASKED, chair: str = ASHDOWN) -> Panel:
    """The panel at its meeting, drawn and proposed; nobody was told yet and nobody is there."""
    panel = founded(folder, asked)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor", "--chair-of", chair)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    return panel


def verdicts(panel: Panel) -> dict[str, str]:
    """Referral -> whether the decision on it stands."""
    return {row["referral"]: row["verdict"] for row in panel.json("meeting", "show")["decisions"]}


def said(panel: Panel, referral: str) -> str:
    """Why a decision does not stand, or why that cannot be told."""
    (row,) = [row for row in panel.json("meeting", "show")["decisions"] if row["referral"] == referral]
    return " / ".join(ground["say"] for ground in (*row["because"], *row["cannot_tell"]))


def test_every_school_was_told_in_time_and_the_decisions_stand(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    panel("meeting", "invite", "--on", "2026-10-15")
    panel("meeting", "attend", ASHDOWN, CEDAR)
    # R1 comes from Birch and R2 from Ashdown; R6 from Ashdown too. Whoever's pupil it is does not vote.
    panel("decide", "R1", "--confirm", "--voted", ASHDOWN, "--voted", CEDAR)
    panel("decide", "R2", "R6", "--confirm", "--voted", CEDAR)
    assert "stand" not in panel("meeting", "close").out
    shown = panel("meeting", "show", "--strict").out
    assert [" ".join(line.split()) for line in shown.splitlines()] == [
        "Meeting 1 of 2026-10-22, closed; Okafor, Ashdown School (100001), in the chair.",
        "harbour, edition of 2026-09-01, asks of a meeting: invite: all; absent: bound;",
        "chair: rotates; own referral: no vote; interest: no vote; quorum: half; notice:",
        "5 school days.",
        "school told notice in time there",
        "Ashdown School (100001) 2026-10-15 5 yes yes",
        "Birch Academy (100002) 2026-10-15 5 yes no",
        "Cedar High School (100003) 2026-10-15 5 yes yes",
        "Dell School (100004) 2026-10-15 5 yes no",
        "Quorum 2: 2 of 4 there.",
        "R1: confirmed, Ashdown School (100001); voted: 100001, 100003: stands.",
        "R2: confirmed, Cedar High School (100003); voted: 100003: stands.",
        "R6: confirmed, Birch Academy (100002); voted: 100003: stands.",
        "Entries, for `pastoral correct --entry N`: opened 38, drawn 39, told 41, there",
        "42.",
    ]
    assert panel.json("explain", "R1")["standing"] == {"stands": True, "verdict": "stands", "because": [], "cannot_tell": []}


def test_what_was_written_down_wrongly_is_found_by_its_entry(tmp_path: Path) -> None:
    """Each step and `meeting show` tell the entry's number; what is taken back is not shown again."""
    panel = sat(tmp_path)
    told = panel.json("meeting", "invite", "--on", "2026-10-15")["entry"]
    there = panel.json("meeting", "attend", ASHDOWN, DELL)["entry"]
    has = panel.json("meeting", "interest", CEDAR, "R2", "--reason", "a relative")["entry"]
    panel("correct", "--entry", str(there), "--void", "--reason", "Dell was not there")
    again = panel.json("meeting", "attend", ASHDOWN, CEDAR)["entry"]
    assert [(one["what"], one["entry"], one["schools"]) for one in panel.json("meeting", "show")["entries"][2:]] == [
        ("told", told, [ASHDOWN, BIRCH, CEDAR, DELL]), ("interest", has, [CEDAR]), ("there", again, [ASHDOWN, CEDAR]),
    ]  # fmt: skip
    assert {seat["school"] for seat in panel.json("meeting", "show")["schools"] if seat["there"]} == {ASHDOWN, CEDAR}


def test_a_school_that_was_not_told_could_not_speak_and_nothing_stands(tmp_path: Path) -> None:
    """Dell was never told. It was not there either, so it had no chance to contribute: that is said wherever it is asked."""
    panel = sat(tmp_path)
    panel("meeting", "invite", ASHDOWN, BIRCH, CEDAR, "--on", "2026-10-15")
    panel("meeting", "attend", ASHDOWN, CEDAR)
    panel("decide", "R1", "--confirm", "--voted", CEDAR)
    why = "Dell School (100004) was not told of the meeting, and was not there"
    open_still = panel.json("meeting", "show")["decisions"][0]
    assert (open_still["stands"], open_still["verdict"], open_still["because"][0]["say"]) == (None, "open", why)
    closed = " ".join(panel("meeting", "close").out.split())
    assert f"To the next agenda: R2, R3, R4, R5, R6 R1: does not stand: {why}. The ledger's head" in closed
    assert panel.json("explain", "R1")["standing"]["because"] == [{"rule": "told", "say": why, "schools": [DELL]}]
    assert f"This decision does not stand: {why}." in " ".join(panel("explain", "R1").out.split())
    assert panel("meeting", "show", "--strict", code=1).out == panel("meeting", "show").out
    # The mark takes nothing back: the count stands until the panel or the school says otherwise, and the record is whole.
    assert {row["school"]: row["load"] for row in panel.json("position")["schools"]}[ASHDOWN] == 1
    assert panel.json("audit", "verify")["ok"] is True
    assert panel.json("audit", "replay")["ok"] is True


def test_a_school_that_was_told_too_late_is_not_bound_but_one_that_came_all_the_same_is(tmp_path: Path) -> None:
    """Birch and Dell hear of it on the 19th, three school days before. Birch comes, and has its say; Dell does not."""
    panel = sat(tmp_path)
    panel("meeting", "invite", ASHDOWN, CEDAR, "--on", "2026-10-15")
    panel("meeting", "invite", BIRCH, DELL, "--told-on", "2026-10-19")
    panel("meeting", "attend", ASHDOWN, BIRCH)
    panel("decide", "R1", "--confirm", "--voted", ASHDOWN)
    panel("meeting", "close")
    late = "Dell School (100004) was told on 2026-10-19, 3 school days before, and was not there; 5 school days of notice are asked for"
    assert said(panel, "R1") == late
    schools = {
        row["school"]: (row["notice"], row["in_time"], row["there"], row["chance"]) for row in panel.json("meeting", "show")["schools"]
    }
    assert schools == {
        ASHDOWN: (5, True, True, True),
        BIRCH: (3, False, True, True),
        CEDAR: (5, True, False, True),
        DELL: (3, False, False, False),
    }


def test_nobody_is_told_of_a_meeting_after_it(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    assert panel.refused("meeting", "invite", "--on", "2026-10-23") == (
        "--on: found 2026-10-23; wanted 2026-10-22, the day of meeting 1, or earlier: nobody is told of a meeting after it.\n"
    )


def test_too_few_are_no_quorum(tmp_path: Path) -> None:
    panel = sat(tmp_path, chair=CEDAR)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", CEDAR)
    panel("decide", "R1", "--confirm", "--voted", CEDAR)
    panel("meeting", "close")
    assert said(panel, "R1") == "no quorum: 1 of 4 schools were there, and 2 must be"


def test_what_nobody_wrote_down_cannot_be_told(tmp_path: Path) -> None:
    """No invitation, no attendance, no votes: nothing says that the decision stands, and nothing that it does not."""
    panel = sat(tmp_path)
    panel("decide", "R1", "--confirm")
    closed = " ".join(panel("meeting", "close").out.split())
    assert "R1: cannot tell whether it stands: nobody wrote down which schools were told of the meeting; nobody wrote down who" in closed
    (row,) = panel.json("meeting", "show")["decisions"]
    assert (row["stands"], [ground["rule"] for ground in row["cannot_tell"]]) == (None, ["told", "quorum", "vote"])


def test_without_term_dates_school_days_of_notice_cannot_be_counted(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel = Panel(tmp_path / "agreed.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", BOOK + ASKED)))
    for what in ("schools", "places", "referrals"):
        panel("load", what, str(panel.folder / f"{what}.csv"))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor", "--chair-of", ASHDOWN)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, BIRCH, CEDAR)
    panel("decide", "R1", "--decline", "--reason", "no longer wished", "--voted", CEDAR)
    panel("meeting", "close")
    assert (
        said(panel, "R1")
        == "whether Dell School (100004) had 5 school days of notice cannot be told without the term dates from 2026-10-01"
    )
    panel("load", "terms", str(panel.folder / "terms.csv"))
    assert verdicts(panel) == {"R1": "stands"}


def test_a_vote_on_ones_own_pupil_or_with_an_interest_undoes_that_decision_alone(tmp_path: Path) -> None:
    """R1 is Birch's own pupil, and Cedar has said that it has an interest in R2."""
    panel = sat(tmp_path)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, BIRCH, CEDAR)
    assert (
        panel("meeting", "interest", CEDAR, "R2", "--reason", "the head's nephew").out
        == "Meeting 1: 100003 has an interest in R2, entry 43.\n"
    )
    again = panel.refused("meeting", "interest", CEDAR, "R2", "--reason", "the same")
    assert again == "100003 has declared an interest in R2 at this meeting already.\n"
    panel("refer", "R7", "--pupil", "P7", "--kind", "fair_access", "--year-group", "8", "--home-school", BIRCH, "--made-on", "2026-10-22")
    assert panel.refused("meeting", "interest", CEDAR, "R7", "--reason", "a cousin") == (
        "R7 is not on the agenda of meeting 1, so there is no interest to declare in it here.\n"
    )
    own = panel("decide", "R1", "--confirm", "--voted", BIRCH, "--voted", CEDAR).err
    assert own == "R1: Birch Academy (100002) voted on its own referral, so this decision does not stand.\n"
    panel("decide", "R2", "--confirm", "--voted", BIRCH, "--voted", CEDAR)
    assert panel("decide", "R6", "--confirm", "--voted", BIRCH, "--voted", CEDAR).err == ""
    panel("meeting", "close")
    assert verdicts(panel) == {"R1": "does not stand", "R2": "does not stand", "R6": "stands"}
    assert said(panel, "R1") == "Birch Academy (100002) voted on its own referral"
    assert said(panel, "R2") == "Cedar High School (100003) voted on a case in which it has an interest"
    # What interest it is lies with the case, sealed; that there is one is open.
    assert "nephew" not in panel.bodies()
    assert "nephew" not in panel("meeting", "show").out
    assert panel.json("meeting", "show")["interests"] == [{"school": CEDAR, "referral": "R2"}]
    assert panel.json("audit", "replay")["ok"] is True


def test_what_stood_still_stands_when_the_case_is_erased(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, BIRCH, CEDAR)
    panel("meeting", "interest", CEDAR, "R2", "--reason", "the head's nephew")
    panel("decide", "R2", "--confirm", "--voted", CEDAR)
    panel("meeting", "close")
    before = panel.json("meeting", "show")
    panel("person", "erase", "P2", "--yes", "--reason", "ten years on")
    assert panel.json("meeting", "show") == before
    assert panel.json("explain", "R2")["standing"]["verdict"] == "does not stand"
    assert panel.json("audit", "verify")["ok"] is True
    assert panel.json("audit", "replay")["ok"] is True


def test_only_a_school_that_is_there_can_vote(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    panel("meeting", "attend", ASHDOWN)
    assert panel.refused("decide", "R1", "--confirm", "--voted", ASHDOWN, "--voted", CEDAR) == (
        "--voted: 100003 is not recorded as represented at meeting 1. Record it first with `pastoral meeting attend 100003`.\n"
    )


def test_who_voted_must_be_known_only_where_somebody_there_may_not(tmp_path: Path) -> None:
    """R1 is Birch's: with Birch away it cannot have voted. R2 is Ashdown's, which was there."""
    panel = sat(tmp_path)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, CEDAR)
    panel("decide", "R1", "R2", "--confirm")
    panel("meeting", "close")
    assert verdicts(panel) == {"R1": "stands", "R2": "cannot tell"}
    assert said(panel, "R2") == "nobody wrote down who voted, and Ashdown School (100001) may not vote on its own referral"


def test_putting_a_case_off_is_no_vote_on_it(tmp_path: Path) -> None:
    """R2 is Ashdown's own, and Ashdown is there; nobody wrote down who voted, and it is only deferred."""
    panel = sat(tmp_path)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, CEDAR)
    panel("decide", "R2", "--defer", "--reason", "the family visits first")
    panel("meeting", "close")
    assert verdicts(panel) == {"R2": "stands"}


def test_the_chair_passes_on_to_who_has_waited_longest_of_those_who_came(tmp_path: Path) -> None:
    """Ashdown, Birch, then Ashdown again while Cedar sits by; then Cedar; then Ashdown, for of those there Birch had it later."""
    panel = founded(tmp_path, "meeting: {chair: rotates}\n")
    came = {
        "2026-10-22": (ASHDOWN, (ASHDOWN, BIRCH, CEDAR)),
        "2026-11-05": (BIRCH, (ASHDOWN, BIRCH)),
        "2026-11-19": (ASHDOWN, (ASHDOWN, BIRCH, CEDAR)),
        "2026-12-03": (CEDAR, (ASHDOWN, BIRCH, CEDAR)),
        "2026-12-10": (BIRCH, (ASHDOWN, BIRCH, CEDAR)),
        "2026-12-17": (CEDAR, (ASHDOWN, CEDAR)),
    }
    said_of = {}
    for n, (day, (chair, schools)) in enumerate(came.items(), start=1):
        panel("meeting", "open", "--date", day, "--chair", "Okafor", "--chair-of", chair)
        panel("meeting", "invite")
        panel("meeting", "attend", *schools)
        panel("decide", "R3", "--defer", "--reason", f"time {n}")
        panel("meeting", "close")
        said_of[day] = said(panel, "R3") or verdicts(panel)["R3"]
    assert said_of == {
        "2026-10-22": "stands",
        "2026-11-05": "stands",
        "2026-11-19": f"{OUT}Ashdown School (100001) had it at meeting 1, and Cedar High School (100003) had waited longer",
        "2026-12-03": "stands",
        # Of the three Birch had it at meeting 2, Ashdown at 3, Cedar at 4.
        "2026-12-10": "stands",
        # Ashdown had it at meeting 3, Cedar at 4.
        "2026-12-17": f"{OUT}Cedar High School (100003) had it at meeting 4, and Ashdown School (100001) had waited longer",
    }
    assert panel.json("audit", "replay")["ok"] is True


def test_a_chair_whose_school_nobody_wrote_down(tmp_path: Path) -> None:
    panel = founded(tmp_path, "meeting: {chair: rotates}\n")
    for day, chair in (("2026-10-22", ("--chair-of", ASHDOWN)), ("2026-11-05", ()), ("2026-11-19", ("--chair-of", BIRCH))):
        panel("meeting", "open", "--date", day, "--chair", "Okafor", *chair)
        panel("meeting", "invite")
        panel("meeting", "attend", ASHDOWN, BIRCH)
        panel("decide", "R3", "--defer", "--reason", "not yet")
        panel("meeting", "close")
    data = {day: panel.json("meeting", "show", day)["decisions"][0] for day in ("2026-11-05", "2026-11-19")}
    assert data["2026-11-05"]["cannot_tell"][0]["say"] == "which school had the chair was not written down, and the chair is to rotate"
    assert data["2026-11-19"]["cannot_tell"][0]["say"] == "which school had the chair at meeting 2 was not written down"
    assert panel.refused("meeting", "open", "--date", "2026-12-03", "--chair", "Okafor", "--chair-of", "999999").startswith(
        "There is no school with URN 999999 in this panel."
    )


def test_where_absent_schools_are_free_only_their_own_word_binds_them(tmp_path: Path) -> None:
    """R2 is sent to Cedar, which was told and stayed away. It stands once Cedar accepts."""
    panel = sat(tmp_path, "meeting: {absent: free}\n")
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", ASHDOWN, BIRCH)
    panel("decide", "R1", "R2", "--confirm")
    panel("meeting", "close")
    assert verdicts(panel) == {"R1": "stands", "R2": "does not stand"}
    assert said(panel, "R2") == (
        "Cedar High School (100003) was not there, and an absent school is not bound; the decision stands once the school accepts it"
    )
    panel("accept", "R2", "--by", CEDAR, "--on", "2026-10-26")
    assert verdicts(panel) == {"R1": "stands", "R2": "stands"}


@pytest.mark.parametrize(
    ("asked", "told", "stands"),
    [
        # R1 comes from Birch and goes to Ashdown: with `some` these two have to be told, and nobody else.
        ("meeting: {invite: some}\n", (ASHDOWN, BIRCH), "stands"),
        ("meeting: {invite: some}\n", (ASHDOWN, CEDAR, DELL), "does not stand"),
        ("meeting: {invite: all}\n", (ASHDOWN, BIRCH), "does not stand"),
        # Harbour's schools are all mainstream: where only special schools are members there is nobody to be told, or to ask.
        ("meeting: {members: [special]}\n", (ASHDOWN,), "cannot tell"),
        ("", (), "not judged"),
    ],
)
def test_whom_the_book_wants_told(tmp_path: Path, asked: str, told: tuple[str, ...], stands: str) -> None:
    panel = sat(tmp_path, asked)
    if told:
        panel("meeting", "invite", *told, "--on", "2026-10-01")
    panel("meeting", "attend", CEDAR)
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    assert verdicts(panel) == {"R1": stands}


# --- schools that change around a meeting ---
