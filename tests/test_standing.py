"""Whether a decision stands: the arithmetic of notice and quorum, that a book above is only stricter, and what could not be recorded.

The stories of it are in stories/test_a_meeting_that_stands.py.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.meetings.minutes import as_data
from panel.meetings.sitting import Standing
from panel.meetings.standing import notice, standing
from panel.order.entries import missteps
from panel.state.fold import fold
from panel.state.schooldays import Terms
from rules.rulebook import check_text
from tests.test_layers_of_books import book, law, refused, shelf_of
from tests.test_state import day, decided, made, written

SCHOOLS = tuple(f"1000{n:02}" for n in range(1, 12))
"""Eleven of them; beside them an inclusion centre, 200001, and a pupil referral unit, 200002."""


def convened(
    asked: dict[str, object],
    *,
    there: int = 11,
    told: str | None = "10-01",
    voted: tuple[str, ...] | None = None,
    home: str = SCHOOLS[4],
    also: tuple[str, ...] = (),
) -> Standing:
    """A closed meeting on Thursday 15 October of which `there` schools came, and that decided R1, a pupil of the fifth, for the sixth."""
    settings = dict.fromkeys(SCHOOLS, "mainstream") | {"200001": "inclusion_centre", "200002": "pru"}
    shared = {"schools": {urn: {"school.name": f"S{urn[-2:]}", "school.setting": setting} for urn, setting in settings.items()}}
    opened = ev.MeetingOpened(
        meeting=1, on=day("10-15"), chair="C", agenda=("R1",), agenda_digest="", rulebook="b", edition=day("09-01"), rulebook_digest="",
        shared=shared,
    )  # fmt: skip
    events: list[ev.Event] = [made().model_copy(update={"home_school": home}), opened]
    if told:
        events.append(ev.MeetingInvited(meeting=1, on=day("10-15"), schools=tuple(settings), told_on=day(told)))
    if there:
        events.append(ev.MeetingAttended(meeting=1, on=day("10-15"), schools=(*SCHOOLS[:there], *also)))
    events.append(decided(school=SCHOOLS[5], voted=voted))
    events.append(ev.MeetingClosed(meeting=1, on=day("10-15")))
    state = fold(written(*events))
    return standing(state, state.meetings[0], asked, fold(written(*events[:1])))


@pytest.mark.parametrize(
    ("quorum", "members", "wanted"),
    [
        # Eleven schools and the pupil referral unit are twelve; an inclusion centre is part of a school.
        ("half", None, 6),
        ("two_thirds", None, 8),
        ("all", None, 12),
        (4, None, 4),
        # Eleven: half of them is 5 1/2, two thirds 7 1/3.
        ("half", ("mainstream",), 6),
        ("two_thirds", ("mainstream",), 8),
        ("two_thirds", ("mainstream", "inclusion_centre", "pru"), 9),
    ],
)
def test_how_many_are_a_quorum(quorum: object, members: tuple[str, ...] | None, wanted: int) -> None:
    asked = {"quorum": quorum, **({"members": members} if members else {})}
    for there, verdict in ((wanted, "stands"), (wanted - 1, "does not stand")):
        if there <= len(SCHOOLS):
            sitting = convened(asked, there=there)
            assert (sitting.quorum, sitting.there) == (wanted, there)
            assert [judged.verdict for judged in sitting.decisions] == [verdict], (there, verdict)


@pytest.mark.parametrize(
    ("told", "wanted", "long"),
    [
        # From Thursday 8 October to Thursday 15 October; the 9th is a day of closure.
        ("10-08", "5 school days", 4),
        ("10-08", "7 calendar days", 7),
        ("10-08", "1 weeks", 1),
        ("10-09", "1 weeks", 0),
        ("10-15", "1 school days", 0),
        # September is in no term that is loaded.
        ("09-01", "5 school days", None),
    ],
)
def test_how_long_before_a_school_was_told(told: str, wanted: str, long: int | None) -> None:
    terms = Terms.of([ev.TermRecorded(first=dt.date(2026, 10, 1), last=dt.date(2026, 12, 18), closed=(day("10-09"),))])
    if long is None:
        terms = Terms.of([])
    assert notice(terms, day(told), day("10-15"), wanted) == long


def test_whoever_came_had_a_chance_and_whoever_was_told_in_time() -> None:
    """Five came. All thirteen were told on the 14th, a day before; a week is asked for."""
    asked: dict[str, object] = {"notice": "1 week"}
    late = convened(asked, there=5, told="10-14")
    assert {seat.urn for seat in late.seats if seat.chance} == set(SCHOOLS[:5])
    assert [judged.verdict for judged in late.decisions] == ["does not stand"]
    assert [judged.verdict for judged in convened(asked, there=5, told="10-08").decisions] == ["stands"]
    assert [judged.verdict for judged in convened(asked, there=0, told="10-14").decisions] == ["cannot tell"]
    assert [judged.verdict for judged in convened(asked, there=5, told=None).decisions] == ["cannot tell"]


def test_who_is_concerned_where_some_are_told() -> None:
    """R1 is a pupil of the fifth school and goes to the sixth. With five there, only the sixth was not."""
    (judged,) = convened({"invite": "some", "notice": "1 week"}, there=5, told="10-14").decisions
    assert [ground.schools for ground in judged.against] == [(SCHOOLS[5],)]
    assert convened({"invite": "some", "notice": "1 week"}, there=6, told="10-14").decisions[0].verdict == "stands"


def test_what_the_opening_no_longer_says_is_not_guessed() -> None:
    sitting = convened({"quorum": 1})
    bare = sitting.meeting.opened.model_copy(update={"shared": None})
    state = fold(written(made(), bare, decided(), ev.MeetingClosed(meeting=1, on=day("10-15"))))
    (judged,) = standing(state, state.meetings[0], {"quorum": 1}, fold(written(made()))).decisions
    assert (judged.verdict, judged.untold[0].rule) == ("cannot tell", "schools")


def test_invited_twice_counts_from_the_first_time() -> None:
    opened = convened({}).meeting.opened
    twice = [ev.MeetingInvited(meeting=1, on=day("10-15"), schools=SCHOOLS[:2], told_on=day(told)) for told in ("10-05", "10-01", "10-09")]
    state = fold(written(made(), opened, *twice))
    assert state.meetings[0].told == dict.fromkeys(SCHOOLS[:2], day("10-01"))


# --- layers ---


BELOW = law(
    "meeting: {members: [mainstream, pru], chair: rotates, own_referral: no_vote, interest: no_vote, votes: {majority: two_thirds}}\n"
)


@pytest.mark.parametrize(
    ("above", "wanted"),
    [
        ("members: [mainstream]", "also pru"),
        ("chair: any", "chair: rotates"),
        ("own_referral: vote", "own_referral: no_vote"),
        ("interest: vote", "interest: no_vote"),
        ("votes: {majority: simple, of: present}", "votes that ask as much as majority: two_thirds, of: voting, casting_vote: none"),
    ],
)
def test_a_book_above_asks_no_less_of_a_meeting(above: str, wanted: str) -> None:
    assert wanted in refused(book(f"extends: law\nmeeting: {{{above}}}\n"), BELOW)


def test_a_book_above_may_ask_more_of_a_meeting() -> None:
    above = book("extends: law\nmeeting: {members: [mainstream, pru, special], quorum: half}\n")
    made_of_both = check_text(above, "above.yaml", shelf_of(BELOW)).meeting
    assert made_of_both["members"] == ("mainstream", "pru", "special")
    assert (made_of_both["chair"], made_of_both["own_referral"], made_of_both["interest"]) == ("rotates", "no_vote", "no_vote")
    looser = law("meeting: {chair: any, own_referral: vote}\n")
    assert check_text(book("extends: law\nmeeting: {chair: rotates}\n"), "above.yaml", shelf_of(looser)).meeting["chair"] == "rotates"


@pytest.mark.parametrize(
    ("below", "above", "stricter"),
    [
        ("majority: simple", "majority: simple, of: present", True),
        ("majority: simple, of: present", "majority: all", False),
        ("majority: simple, casting_vote: chair", "majority: simple", True),
        ("majority: simple", "majority: simple, casting_vote: chair", False),
        ("majority: simple, casting_vote: chair", "majority: two_thirds", True),
        ("majority: all, of: present", "majority: two_thirds, of: present", False),
        ("majority: three_quarters", "majority: two_thirds", False),
        ("majority: two_thirds", "majority: three_quarters", True),
    ],
)
def test_votes_of_a_book_above_are_no_easier_to_carry(below: str, above: str, stricter: bool) -> None:
    under, over = law(f"meeting: {{votes: {{{below}}}}}\n"), book(f"extends: law\nmeeting: {{votes: {{{above}}}}}\n")
    if not stricter:
        assert "meeting, votes: found less than the book below asks" in refused(over, under)
        return
    whole = {"of": "voting", "casting_vote": "none", **dict(part.split(": ") for part in above.split(", "))}
    assert check_text(over, "above.yaml", shelf_of(under)).meeting["votes"] == whole


def test_what_a_book_does_not_say_of_votes_it_has_from_below() -> None:
    below, above = law("meeting: {votes: {majority: simple, of: present}}\n"), book("extends: law\nmeeting: {quorum: half}\n")
    votes = check_text(above, "above.yaml", shelf_of(below)).meeting["votes"]
    assert votes == {"majority": "simple", "of": "present", "casting_vote": "none"}
    assert "votes" not in check_text(book("meeting: {quorum: half}\n"), "alone.yaml").meeting


def test_a_casting_vote_settles_votes_that_are_equal_and_those_are_no_two_thirds() -> None:
    told = refused(book("meeting: {votes: {majority: two_thirds, casting_vote: chair}}\n"))
    assert "meeting, votes, casting_vote: found a casting vote of the chair; wanted none, or majority: simple." in told


@pytest.mark.parametrize("wrong", ["votes: simple", "votes: {of: present}", "votes: {majority: most}"])
def test_votes_that_a_meeting_does_not_know(wrong: str) -> None:
    assert "meeting, votes" in refused(book(f"meeting: {{{wrong}}}\n"))


@pytest.mark.parametrize("wrong", ["chair: sometimes", "own_referral: never", "members: [college]", "members: []"])
def test_words_that_a_meeting_does_not_know(wrong: str) -> None:
    assert f"meeting, {wrong.partition(':')[0]}" in refused(book(f"meeting: {{{wrong}}}\n"))


# --- what this program would never have recorded ---


def recorded(*events: ev.Event) -> list[tuple[int, str]]:
    founded = ev.PanelFounded(name="P", rulebook="b")
    opened = convened({}).meeting.opened
    return [(step.seq, step.what) for step in missteps(written(founded, made(), opened, *events))]


def interest(**other: Any) -> ev.InterestDeclared:
    return ev.InterestDeclared(**{"meeting": 1, "on": day("10-15"), "school": SCHOOLS[0], "referral": "R1", "pupil": "PR1", **other})


def test_a_sound_record_has_no_misstep() -> None:
    told = ev.MeetingInvited(meeting=1, on=day("10-15"), schools=SCHOOLS, told_on=day("10-15"))
    came = ev.MeetingAttended(meeting=1, on=day("10-15"), schools=SCHOOLS[:3])
    put_off = decided("deferred", voted=SCHOOLS[:2], case=ev.PanelsReason(reason="r"))
    assert recorded(told, came, interest(), interest(school=SCHOOLS[1]), put_off) == []


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (ev.MeetingInvited(meeting=1, on=day("10-15"), schools=SCHOOLS, told_on=day("10-16")), "told_on"),
        (interest(referral="R2"), "referral"),
        (interest(pupil="PR2"), "pupil"),
        (interest(meeting=2), "meeting"),
        (decided("deferred", voted=SCHOOLS[:1], case=ev.PanelsReason(reason="r")), "voted"),
        (decided("deferred", voted=(), case=ev.PanelsReason(reason="r")), "voted"),
    ],
)
def test_a_misstep_is_named(event: ev.Event, what: str) -> None:
    assert recorded(event) == [(4, what)]


def test_an_interest_is_declared_once() -> None:
    assert recorded(interest(), interest()) == [(5, "school")]


def deferred(voted: tuple[str, ...] | None, **votes: Any) -> ev.DecisionTaken:
    return decided("deferred", voted=voted, votes=ev.Votes(**votes), case=ev.PanelsReason(reason="r"))


def exempted(**more: Any) -> ev.ExemptionVoted:
    return ev.ExemptionVoted(urn=SCHOOLS[0], first=day("11-01"), last=day("12-18"), case=ev.Reason(reason="r"), **more)


TWO = {SCHOOLS[0]: "for", SCHOOLS[1]: "against"}


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        (deferred(SCHOOLS[:2], schools=TWO), []),
        (deferred(None, schools={SCHOOLS[0]: "abstained"}), []),
        (deferred(None, numbers=(2, 2, 0), casting="for"), []),
        (deferred(SCHOOLS[:2], numbers=(1, 1, 3)), []),
        (exempted(meeting=1, votes=ev.Votes(numbers=(2, 1, 0))), []),
        (exempted(), []),
        (deferred(SCHOOLS[:1], schools=TWO), ["voted"]),
        (deferred(SCHOOLS[:2], numbers=(1, 2, 0)), ["votes"]),
        (deferred(None, numbers=(2, 1, 0), casting="for"), ["votes.casting"]),
        (deferred(None, numbers=(0, 0, 0)), ["votes"]),
        (deferred(None, numbers=(3, -1, 0)), ["votes"]),
        (deferred(None, schools={SCHOOLS[9]: "abstained"}), ["votes"]),
        (deferred(SCHOOLS[:2], schools=TWO, numbers=(1, 1, 0)), ["votes"]),
        (exempted(meeting=2, votes=ev.Votes(numbers=(2, 1, 0))), ["meeting"]),
        (exempted(votes=ev.Votes(numbers=(2, 1, 0))), ["meeting"]),
        (exempted(meeting=1), ["meeting"]),
    ],
)
def test_votes_that_the_program_would_never_have_recorded(event: ev.Event, wrong: list[str]) -> None:
    came = ev.MeetingAttended(meeting=1, on=day("10-15"), schools=SCHOOLS[:3])
    # The schools that the openings of this file freeze are in no file here: only what is about votes is asked.
    founded = [ev.SchoolRecorded(urn=SCHOOLS[0], name="S01")] if isinstance(event, ev.ExemptionVoted) else []
    assert [what for _, what in recorded(*founded, came, event)] == wrong


def test_a_record_without_votes_reads_as_it_always_did() -> None:
    """What nobody said is in no body, so that older entries keep their digests."""
    assert not {"votes", "meeting"} & exempted().draft().body.keys()
    assert "votes" not in decided().draft().body
    said = deferred(SCHOOLS[:2], schools=TWO).draft().body
    assert said["votes"] == {"schools": TWO}
    again = ev.read("decision taken", said, {("PR1", "case"): {"reason": "r"}})
    assert isinstance(again, ev.DecisionTaken)
    assert again.votes is not None
    assert again.votes.counted == (1, 1, 0)


@pytest.mark.parametrize(("voted", "found"), [(True, "does not stand"), (False, "cannot tell")])
def test_whoever_is_no_member_and_is_there_has_no_vote_on_its_own_pupil_either(voted: bool, found: str) -> None:
    """The pupil is of an inclusion centre, which is part of a school and no member; somebody is there for it all the same."""
    votes = tuple(sorted((*SCHOOLS[:3], "200001"))) if voted else None
    sitting = convened({"own_referral": "no_vote"}, there=3, voted=votes, home="200001", also=("200001",))
    (judged,) = sitting.decisions
    said = "200001 voted on its own referral" if voted else "nobody wrote down who voted, and 200001 may not vote on its own referral"
    assert judged.verdict == found
    assert [ground.say for ground in (*judged.against, *judged.untold)] == [said]
    assert as_data(sitting)["others_there"] == ["200001"]


@pytest.mark.parametrize(("told", "days"), [("2026-12-10", None), ("2026-10-12", 9), ("2027-01-04", 3)])
def test_a_term_that_nobody_loaded_is_not_a_holiday(told: str, days: int | None) -> None:
    """The term up to Christmas is missing. To a meeting on 7 January 2027 count 5, 6 and 7 January, and in October 13 to 16, 19 and 20.

    Told on 10 December it had these three days and nobody knows how many more; told on 12 October nine, whatever came in between.
    """
    spans = [("2026-09-02", "2026-10-20"), ("2027-01-05", "2027-03-25")]
    known = Terms.of(ev.TermRecorded(first=dt.date.fromisoformat(a), last=dt.date.fromisoformat(b), closed=()) for a, b in spans)
    assert notice(known, dt.date.fromisoformat(told), dt.date(2027, 1, 7), "5 school days") == days
