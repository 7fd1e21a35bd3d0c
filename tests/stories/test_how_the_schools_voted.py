"""How the schools voted on a case, and whether what they decided stands by the majority that they agreed on.

Harbour has four schools: Ashdown, Birch, Cedar and Dell. R1 is Birch's pupil, R2 and R6 are Ashdown's. All of them were told in time
and all of them came, so that nothing but the votes decides whether a decision stands.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.record.ledger import Ledger
from panel.steps import casebook
from panel.steps.office import Office
from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, MEETS, Panel, url
from tests.stories.test_a_meeting_that_stands import EAGLE, founded, said, verdicts
from tests.stories.test_a_meeting_while_schools_change import REGISTER

SIMPLE = "meeting: {votes: {majority: simple, casting_vote: chair}, own_referral: no_vote}\n"
HOW_MANY = "wanted how many were for and against, and how many abstained, such as 5-2 or 5-2-1."
EVERYBODY = (ASHDOWN, BIRCH, CEDAR, DELL)


def sat(folder: Path, asked: str = SIMPLE, *, chair: str = ASHDOWN, there: tuple[str, ...] = EVERYBODY) -> Panel:
    """The panel at its meeting, everybody told, drawn and proposed."""
    panel = founded(folder, asked)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor", "--chair-of", chair)
    panel("meeting", "invite", "--on", "2026-10-01")
    panel("meeting", "attend", *there)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    return panel


def voting(*words: str) -> list[str]:
    """`for ASHDOWN` and so on as the options of the command."""
    return [word if n % 2 else f"--{word}" for n, word in enumerate(words)]


def decided(panel: Panel, *words: str, referral: str = "R2") -> tuple[str, str]:
    """Take the panel's word, close the meeting: whether the decision stands, and why not."""
    panel("decide", referral, "--confirm", *voting(*words))
    panel("meeting", "close")
    return verdicts(panel)[referral], said(panel, referral)


def test_more_than_half_of_those_voting_are_for_it(tmp_path: Path) -> None:
    """R2 is Ashdown's, which does not vote. Two for and one against; then it is told who voted how."""
    panel = sat(tmp_path)
    assert panel("decide", "R2", "--confirm", *voting("for", BIRCH, "for", CEDAR, "against", DELL)).out == (
        "R2: confirmed, Cedar High School (100003), from 2026-10-22; 2 for, 1 against\n"
    )
    panel("meeting", "close")
    (row,) = panel.json("meeting", "show")["decisions"]
    assert (row["verdict"], row["voted"]) == ("stands", [BIRCH, CEDAR, DELL])
    assert row["votes"] == {
        "for": 2, "against": 1, "abstained": 0, "schools": {BIRCH: "for", CEDAR: "for", DELL: "against"}, "casting_vote": None,
    }  # fmt: skip
    shown = " ".join(panel("meeting", "show", "--strict").out.split())
    assert "votes: majority simple, of voting, casting vote chair" in shown
    assert "R2: confirmed, Cedar High School (100003); for: 100002, 100003; against: 100004: stands." in shown
    assert panel.json("audit", "verify")["ok"] is True
    assert panel.json("audit", "replay")["ok"] is True


def test_too_few_are_for_it_and_it_is_told_at_once_and_in_the_minutes(tmp_path: Path) -> None:
    """One for, one against and one that abstains is a tie; with two against it is none."""
    panel = sat(tmp_path)
    why = "no majority: 1 for, 2 against; more than half of those voting must be for it"
    done = panel("decide", "R2", "--confirm", *voting("for", BIRCH, "against", CEDAR, "against", DELL))
    assert done.err == f"R2: {why}, so this decision does not stand.\n"
    assert f"R2: does not stand: {why}." in " ".join(panel("meeting", "close").out.split())
    assert panel.json("explain", "R2")["standing"]["because"] == [{"rule": "vote", "say": why, "schools": []}]
    assert panel("meeting", "show", "--strict", code=1).out
    # Nothing is taken back for it.
    assert {row["school"]: row["load"] for row in panel.json("position")["schools"]}[CEDAR] == 1


@pytest.mark.parametrize(
    ("words", "stands", "why"),
    [
        (("votes", "1-1-1"), "cannot tell", "1 for, 1 against, 1 abstained, and nobody wrote down the chair's casting vote; "),
        (("votes", "1-1-1", "casting-vote", "against"), "does not stand",
         "no majority: 1 for, 1 against, 1 abstained, and the chair's casting vote against; "),
        # In numbers nobody knows whether Ashdown, whose pupil R2 is, was among them: the second sentence says so of each.
        (("votes", "1-1-1", "casting-vote", "for"), "cannot tell", ""),
    ],
)  # fmt: skip
def test_where_the_votes_are_equal_the_chair_has_one_more(tmp_path: Path, words: tuple[str, ...], stands: str, why: str) -> None:
    unknown = "nobody wrote down who voted, and Ashdown School (100001) may not vote on its own referral"
    asked = "more than half of those voting must be for it"
    verdict, because = decided(sat(tmp_path, chair=BIRCH), *words)
    assert verdict == stands
    told = f"{why}{asked}" if why else ""
    assert sorted(because.split(" / ")) == sorted(filter(None, (unknown, told)))


@pytest.mark.parametrize(
    ("asked", "words", "stands"),
    [
        # Four are there, R2 is Ashdown's: three may vote.
        ("majority: simple, of: present", ("for", BIRCH, "abstained", CEDAR, "abstained", DELL), False),
        ("majority: simple, of: present", ("for", BIRCH, "for", CEDAR, "abstained", DELL), True),
        ("majority: simple, of: voting", ("for", BIRCH, "abstained", CEDAR, "abstained", DELL), True),
        # One and one, and the casting vote makes it two of three.
        ("majority: simple, of: present, casting_vote: chair", ("for", BIRCH, "against", CEDAR, "casting-vote", "for"), True),
        ("majority: simple, of: voting", ("for", BIRCH, "against", CEDAR, "casting-vote", "for"), False),
        ("majority: two_thirds", ("for", BIRCH, "for", CEDAR, "against", DELL), True),
        ("majority: two_thirds", ("for", BIRCH, "against", CEDAR), False),
        ("majority: two_thirds, of: present", ("for", BIRCH, "for", CEDAR), True),
        ("majority: three_quarters", ("for", BIRCH, "for", CEDAR, "against", DELL), False),
        ("majority: three_quarters", ("for", BIRCH, "for", CEDAR, "abstained", DELL), True),
        ("majority: all", ("for", BIRCH, "for", CEDAR, "abstained", DELL), True),
        ("majority: all, of: present", ("for", BIRCH, "for", CEDAR, "abstained", DELL), False),
        ("majority: all", ("abstained", BIRCH), False),
    ],
)
def test_what_a_majority_is(tmp_path: Path, asked: str, words: tuple[str, ...], stands: bool) -> None:
    panel = sat(tmp_path, f"meeting: {{votes: {{{asked}}}, own_referral: no_vote}}\n", chair=BIRCH)
    assert decided(panel, *words)[0] == ("stands" if stands else "does not stand")


@pytest.mark.parametrize(("votes", "stands"), [("3-1", True), ("2-1-1", False)])
def test_three_of_four_are_three_quarters(tmp_path: Path, votes: str, stands: bool) -> None:
    panel = sat(tmp_path, "meeting: {votes: {majority: three_quarters}}\n")
    verdict, why = decided(panel, "votes", votes)
    assert verdict == ("stands" if stands else "does not stand")
    assert stands or why == "no majority: 2 for, 1 against, 1 abstained; three quarters of those voting must be for it"


@pytest.mark.parametrize("asked", ["meeting: {votes: {majority: simple}}\n", "meeting: {quorum: half}\n"])
@pytest.mark.parametrize(("votes", "stands"), [("1-0-40", False), ("1-0-4", False), ("1-0-3", True)])
def test_more_votes_than_there_were_people_are_told_at_once(tmp_path: Path, asked: str, votes: str, stands: bool) -> None:
    """Four are there: whoever abstains is one of them, whether the book asks for a majority or not."""
    panel = sat(tmp_path, asked)
    many = {"1-0-40": "41 votes were written down, 40 of them abstentions", "1-0-4": "5 votes were written down, 4 of them abstentions"}
    why = "" if stands else f"{many[votes]}, and 4 were there"
    done = panel("decide", "R2", "--confirm", "--votes", votes)
    assert done.err == ("" if stands else f"R2: {why}, so this decision does not stand.\n")
    panel("meeting", "close")
    assert (verdicts(panel)["R2"], said(panel, "R2")) == ("stands" if stands else "does not stand", why)


def test_a_casting_vote_that_the_book_does_not_give_is_said_to_count_for_nothing(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {votes: {majority: simple}}\n", chair=BIRCH)
    verdict, why = decided(panel, "votes", "1-1", "casting-vote", "for")
    assert verdict == "does not stand"
    assert why == (
        "no majority: 1 for, 1 against, and a casting vote for that counts for nothing, for the rulebook gives the chair none; "
        "more than half of those voting must be for it"
    )


def test_a_school_that_may_not_vote_is_counted_for_nothing_and_told(tmp_path: Path) -> None:
    """R2 is Ashdown's: with its vote it would be two and two, and the chair's word; without it one is for it and two are against."""
    words = ("for", ASHDOWN, "for", BIRCH, "against", CEDAR, "against", DELL, "casting-vote", "for")
    verdict, why = decided(sat(tmp_path, chair=BIRCH), *words)
    assert verdict == "does not stand"
    assert why.split(" / ") == [
        "Ashdown School (100001) voted on its own referral",
        "no majority: 1 for, 2 against; more than half of those voting must be for it",
    ]


def test_a_chair_gives_no_casting_vote_on_its_own_pupil(tmp_path: Path) -> None:
    verdict, why = decided(sat(tmp_path), "for", BIRCH, "against", CEDAR, "casting-vote", "for")
    assert (verdict, why) == ("does not stand", "Ashdown School (100001) gave the casting vote, and may not vote on this case")


def test_more_votes_than_members_are_told(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {votes: {majority: simple}}\n", there=(ASHDOWN, BIRCH))
    verdict, why = decided(panel, "votes", "3-0")
    assert (verdict, why) == ("does not stand", "3 votes were written down, and 2 members that may vote were there")


def test_nobody_wrote_down_how_they_voted(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {votes: {majority: two_thirds, of: present}}\n")
    assert decided(panel) == ("cannot tell", "nobody wrote down how the schools voted; two thirds of those present must be for it")


def test_a_book_that_says_nothing_of_votes_asks_for_none(tmp_path: Path) -> None:
    """What was written down is told all the same."""
    panel = sat(tmp_path, "meeting: {quorum: half}\n")
    assert decided(panel, "for", BIRCH, "against", CEDAR) == ("stands", "")
    assert panel.json("meeting", "show")["decisions"][0]["votes"]["against"] == 1


def test_a_case_that_is_put_off_needs_no_majority(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    panel("decide", "R2", "--defer", "--reason", "the family visits first", *voting("votes", "0-3"))
    panel("meeting", "close")
    assert verdicts(panel) == {"R2": "stands"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("for", BIRCH, "against", BIRCH),
         "100002 voted more than once: a school is named once, under --for, --against or --abstained."),
        (("for", DELL),
         "--for: 100004 is not recorded as represented at meeting 1. Record it first with `pastoral meeting attend 100004`."),
        (("for", BIRCH, "votes", "1-0"),
         "--votes: how each school voted is said already with --for, --against and --abstained; say one of the two."),
        (("for", BIRCH, "voted", BIRCH), "--voted: who voted is said already with --for and --against; leave it out."),
        (("casting-vote", "for"), "--casting-vote: nobody says how the schools voted; say it with --for and --against, or with --votes."),
        (("votes", "3-1", "casting-vote", "for"),
         "--casting-vote: found 3 for and 1 against; wanted as many for as against: the chair's casting vote settles a tie."),
        (("votes", "2-1", "voted", BIRCH),
         "--votes: found 2 for and 1 against, and 1 under --voted; wanted as many votes as schools that voted."),
        (("votes", "many"), f"--votes: found text of 4 characters, which is not quoted; {HOW_MANY}"),
        (("votes", "0-0"), f"--votes: found '0-0'; {HOW_MANY}"),
    ],
)  # fmt: skip
def test_votes_that_cannot_have_been(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    panel = sat(tmp_path, there=(ASHDOWN, BIRCH, CEDAR))
    assert panel.refused("decide", "R2", "--confirm", *voting(*words)) == f"{told}\n"


# --- a vote that exempts a school ---


def exempt(panel: Panel, *words: str) -> str:
    return panel("exempt", CEDAR, "--from", "2026-11-02", "--until", "2026-12-18", "--reason", "three at once", *voting(*words)).out


def test_a_vote_that_exempts_a_school_is_one_of_the_meetings(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {votes: {majority: two_thirds}}\n")
    assert (
        exempt(panel, "for", ASHDOWN, "for", BIRCH, "against", DELL) == "100003: exempt from 2026-11-02 to 2026-12-18; 2 for, 1 against.\n"
    )
    exempt(panel, "for", ASHDOWN, "against", DELL)
    told = panel("exempt", BIRCH, "--from", "2026-11-02", "--until", "2026-12-18", "--reason", "so", *voting("votes", "0-3"), "--json")
    votes = {"for": 0, "against": 3, "abstained": 0, "schools": None, "casting_vote": None}
    assert (told.json["meeting"], told.json["votes"]) == (1, votes)
    assert told.err == "100002: no majority: 0 for, 3 against; two thirds of those voting must be for it, so this vote does not stand.\n"
    panel("meeting", "close")
    first, second, third = panel.json("meeting", "show")["exemptions"]
    assert (third["verdict"], third["votes"]) == ("does not stand", votes)
    assert (first["verdict"], first["school"], first["votes"]["schools"][DELL]) == ("stands", CEDAR, "against")
    assert second["because"][0]["say"] == "no majority: 1 for, 1 against; two thirds of those voting must be for it"
    shown = " ".join(panel("meeting", "show", "--strict", code=1).out.split())
    assert "Cedar High School (100003): exempt from 2026-11-02 to 2026-12-18; for: 100001, 100002; against: 100004: stands." in shown
    # A vote that was none is taken out of the record, and out of the minutes.
    panel("correct", "--entry", panel.column("seq", "exemption voted"), "--void", "--reason", "another school's")
    assert panel.json("meeting", "show")["exemptions"] == [second, third]
    assert panel.json("audit", "replay")["ok"] is True


def test_an_exemption_without_votes_is_as_it_was_and_with_votes_needs_a_meeting(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    assert exempt(panel) == "100003: exempt from 2026-11-02 to 2026-12-18.\n"
    panel("meeting", "close")
    assert panel.json("meeting", "show")["exemptions"] == []
    span = ("--from", "2026-11-02", "--until", "2026-12-18", "--reason", "three at once")
    assert panel.refused("exempt", CEDAR, *span, "--votes", "3-0").startswith("No meeting is open. Meeting 1 of 2026-10-22 is closed.")


def test_votes_are_never_recorded_where_no_meeting_would_judge_them(tmp_path: Path) -> None:
    panel = sat(tmp_path)
    panel("meeting", "close")
    first, last = dt.date(2026, 11, 2), dt.date(2026, 12, 18)
    with Office(Ledger.open(url(panel.ledger)), actor="clerk") as office:
        with pytest.raises(Refused, match="is kept with the meeting at which they did, and none is open"):
            casebook.exempt(office, urn=CEDAR, year_group=None, first=first, last=last, reason="x", vote=ev.Votes(numbers=(3, 0, 0)))
        assert casebook.exempt(office, urn=CEDAR, year_group=None, first=first, last=last, reason="x").meeting is None


# --- who is a member on the meeting's day ---


def joins(panel: Panel, on: str) -> None:
    panel("load", "schools", str(panel.file("joins.csv", f"{REGISTER}\n{EAGLE},Eagle School,11,18,1800,625000,400000,\n")))
    panel("school", "join", EAGLE, "--on", on)


@pytest.mark.parametrize(
    ("on", "verdict", "why"),
    [("2026-11-01", "does not stand", "Eagle School (100009) voted, and is no member of the panel"), ("2026-10-22", "stands", "")],
)
def test_a_school_that_joins_while_the_meeting_is_open_has_a_vote_if_it_is_a_member_on_that_day(
    tmp_path: Path, on: str, verdict: str, why: str
) -> None:
    """The meeting of 22 October is open when the clerk records that Eagle joins, from November or from that very day; Eagle is there."""
    panel = sat(tmp_path, "meeting: {invite: all, own_referral: no_vote}\n")
    joins(panel, on)
    panel("meeting", "attend", EAGLE)
    panel("decide", "R2", "--confirm", "--voted", BIRCH, "--voted", EAGLE)
    panel("meeting", "close")
    assert (verdicts(panel)["R2"], said(panel, "R2")) == (verdict, why)
    members = [row["school"] for row in panel.json("meeting", "show")["schools"]]
    assert (EAGLE in members) == (verdict == "stands")


def test_its_vote_counts_only_if_it_is_a_member(tmp_path: Path) -> None:
    """One for and one against but for Eagle: with it there is a majority, and it is no member before November."""
    panel = sat(tmp_path, "meeting: {votes: {majority: simple}}\n")
    joins(panel, "2026-11-01")
    panel("meeting", "attend", EAGLE)
    verdict, why = decided(panel, "for", BIRCH, "against", CEDAR, "for", EAGLE)
    assert (verdict, why.split(" / ")) == (
        "does not stand",
        [
            "Eagle School (100009) voted, and is no member of the panel",
            "no majority: 1 for, 1 against; more than half of those voting must be for it",
        ],
    )


def test_a_member_that_joined_by_the_day_is_told_too_and_one_that_had_left_is_none(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {invite: all, quorum: all}\n", there=(ASHDOWN, BIRCH, CEDAR))
    joins(panel, "2026-10-20")
    panel("school", "leave", DELL, "--on", "2026-10-20")
    assert panel.json("meeting", "invite", "--on", "2026-10-21")["invited"] == [ASHDOWN, BIRCH, CEDAR, DELL, EAGLE]
    panel("decide", "R2", "--confirm")
    panel("meeting", "close")
    shown = panel.json("meeting", "show")
    assert [row["school"] for row in shown["schools"]] == [ASHDOWN, BIRCH, CEDAR, EAGLE]
    assert said(panel, "R2") == "no quorum: 3 of 4 schools were there, and 4 must be"
    # What is recorded of that day later, when the meeting is over, is nobody's fault at it.
    panel("school", "join", DELL, "--on", "2026-10-22")
    assert panel.json("meeting", "show")["schools"] == shown["schools"]


# --- the chair ---


def test_a_chair_whose_school_is_recorded_as_absent_is_told(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {chair: rotates, quorum: 2}\n", chair=DELL, there=(ASHDOWN, BIRCH))
    panel("decide", "R2", "--confirm")
    panel("meeting", "close")
    assert (verdicts(panel)["R2"], said(panel, "R2")) == (
        "cannot tell", "Dell School (100004) had the chair, and is recorded as not there: one of these was written down wrongly",
    )  # fmt: skip
    assert panel.json("meeting", "show")["chair_there"] is False


def test_where_the_book_asks_nothing_of_the_chair_it_is_told_and_undoes_nothing(tmp_path: Path) -> None:
    panel = sat(tmp_path, "meeting: {quorum: 2}\n", chair=DELL, there=(ASHDOWN, BIRCH))
    assert decided(panel) == ("stands", "")
    shown = " ".join(panel("meeting", "show").out.split())
    assert "Dell School (100004) had the chair, and is recorded as not there: one of these was written down wrongly." in shown
