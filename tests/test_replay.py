"""What was changed in the record is found by a replay, and named."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from panel import events as ev
from panel.answering.replay import Replay, Replayer
from panel.canonical import canonical
from panel.errors import LedgerBroken
from panel.placing.placement import place
from panel.record.ledger import Ledger
from panel.state.fold import fold
from panel.steps import casebook, meeting
from panel.steps.office import Office, found
from panel.story import made_up_clock, made_up_salts

CHECKOUT: Final = Path(__file__).resolve().parent.parent
SHIRE: Final = CHECKOUT / "fixtures" / "shire11"
FILES: Final = ("schools", "places", "terms", "exclusions", "history", "admissions", "journeys")
FIRST, SECOND = dt.date(2026, 9, 24), dt.date(2026, 10, 22)
E = TypeVar("E", bound=ev.Event)
Events = list[ev.Event]


def told(url: str, folder: Path) -> Office:
    """Two meetings of Shire11: proposed, one pupil placed otherwise, the rest proposed again, confirmed, deferred; a second meeting."""
    office = found(
        url,
        name="Shire11",
        book="shire11",
        actor="clerk",
        clock=made_up_clock(dt.datetime(2026, 9, 1, tzinfo=dt.UTC)),
        salts=made_up_salts("s"),
    )
    for what in (*FILES, "referrals-1"):
        casebook.load(office, what.partition("-")[0], folder / f"{what}.csv")
    meeting.open_meeting(office, on=FIRST, chair="A chair")
    meeting.draw(office, words=["oak", "ash", "elm"])
    first = meeting.allocate(office)
    placed = sorted(first.decision.placing)
    other = next(
        urn
        for urn, verdict in first.decision.casework.hearings[placed[0]].verdicts.items()
        if not verdict.closed and urn != first.decision.placing[placed[0]]
    )
    meeting.override(office, referral=placed[0], school=other, reason="The panel knows the family.")
    again = meeting.allocate(office, again=True)
    meeting.confirm(office, referrals=[name for name in sorted(again.decision.placing) if name not in (placed[0], placed[1])])
    meeting.put_off(office, referral=placed[1], outcome="deferred", reason="The school will write.")
    meeting.close(office)
    casebook.load(office, "referrals", folder / "referrals-2.csv")
    meeting.open_meeting(office, on=SECOND, chair="A chair")
    meeting.draw(office, words=["fir"])
    meeting.allocate(office)
    return office


@dataclass(frozen=True)
class Story:
    """A recorded ledger: its file, and its events by entry number."""

    url: str
    events: tuple[ev.Event, ...]

    def at(self, kind: type[E], nth: int = 0) -> int:
        """The number of the nth entry of a kind."""
        return [n for n, event in enumerate(self.events, start=1) if isinstance(event, kind)][nth]


def recorded_in(folder: Path) -> Story:
    url = f"sqlite:///{folder / 'shire11.db'}"
    with told(url, SHIRE) as office:
        return Story(url, tuple(item.event for item in office.record))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return recorded_in(tmp_path_factory.mktemp("replay"))


def replayed(office: Office) -> Replay:
    return Replayer(office.record, office.book_then, office.evaluation, place).replay()


def rewritten(events: Sequence[ev.Event]) -> Office:
    """A ledger of these events whose chain and seals are all in order."""
    drafts = [event.draft() for event in events]
    ledger = Ledger.found("sqlite://", drafts, actor="clerk", now="2026-09-01T00:00:00.000000Z", salts=made_up_salts("other"))
    assert ledger.flaws() == ()
    return Office(ledger, actor="clerk")


# --- what was changed is found ---


def changed(events: Events, seq: int, **update: Any) -> Events:
    events[seq - 1] = events[seq - 1].model_copy(update=update)
    return events


def within(mapping: Any, *keys: str, value: Any) -> Any:
    """The mapping with another value somewhere inside."""
    head, *rest = keys
    return {**mapping, head: within(mapping[head], *rest, value=value) if rest else value}


Tamper = Callable[[Story, Events], tuple[Events, int, str]]
"""Changes the events; the entry that must be named, and how what differs there begins."""


def another_school(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.PlacementsProposed)
    proposed = events[seq - 1]
    assert isinstance(proposed, ev.PlacementsProposed)
    (first, urn), (second, other) = list(proposed.placements.items())[:2]
    assert urn != other
    return changed(events, seq, placements={**proposed.placements, first: other, second: urn}), seq, f"placements.{first}"


def somebody_left_out(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.PlacementsProposed, 2)
    proposed = events[seq - 1]
    assert isinstance(proposed, ev.PlacementsProposed)
    return changed(events, seq, unplaced=(*proposed.unplaced, next(iter(proposed.placements)))), seq, "unplaced"


def a_better_value(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.PlacementsProposed)
    proposed = events[seq - 1]
    assert isinstance(proposed, ev.PlacementsProposed)
    assert proposed.shared is not None
    first, *rest = proposed.values
    better = [{**first, "value": first["value"] + 1}, *rest]
    return changed(events, seq, shared={**proposed.shared, "objectives": better}), seq, "shared.objectives[0].value"


def a_finding_hidden(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.PlacementsProposed)
    proposed = events[seq - 1]
    assert isinstance(proposed, ev.PlacementsProposed)
    pupil, urn = next(
        (pupil, urn) for pupil, case in proposed.cases.items() for urn, verdict in case["schools"].items() if "bars" in verdict
    )
    verdict = {key: value for key, value in proposed.cases[pupil]["schools"][urn].items() if key != "bars"}
    return (
        changed(events, seq, cases=within(proposed.cases, pupil, "schools", urn, value=verdict)),
        seq,
        f"cases.{pupil}.schools.{urn}.bars",
    )


def another_proof(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.PlacementsProposed)
    proposed = events[seq - 1]
    assert isinstance(proposed, ev.PlacementsProposed)
    assert proposed.shared is not None
    return changed(events, seq, shared={**proposed.shared, "proof": {**proposed.shared["proof"], "leaf": "none"}}), seq, "shared.proof"


def a_nearer_home(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingOpened)
    opened = events[seq - 1]
    assert isinstance(opened, ev.MeetingOpened)
    pupil, urn = next((pupil, urn) for pupil, case in opened.cases.items() for urn in case["candidates"])
    cases = within(opened.cases, pupil, "candidates", urn, "candidate.metres", value=100)
    return changed(events, seq, cases=cases), seq, f"cases.{pupil}.candidates.{urn}.candidate.metres"


def a_larger_school(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingOpened, 1)
    opened = events[seq - 1]
    assert isinstance(opened, ev.MeetingOpened)
    assert opened.shared is not None
    return (
        changed(events, seq, shared=within(opened.shared, "schools", "900001", "school.roll", value=9999)),
        seq,
        "shared.schools.900001.school.roll",
    )


def left_off_the_agenda(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingOpened, 1)
    opened = events[seq - 1]
    assert isinstance(opened, ev.MeetingOpened)
    return changed(events, seq, agenda=opened.agenda[1:]), seq, "agenda"


def a_stranger_on_the_agenda(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingOpened, 1)
    opened = events[seq - 1]
    assert isinstance(opened, ev.MeetingOpened)
    return changed(events, seq, agenda=(*opened.agenda, "R99")), seq, "agenda"


def other_words(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingDrawn)
    return changed(events, seq, words=("oak", "elm", "ash")), seq, "seed"


def a_chosen_seed(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingDrawn)
    return changed(events, seq, seed="0" * 64), seq, "seed"


def no_draw(story: Story, events: Events) -> tuple[Events, int, str]:
    del events[story.at(ev.MeetingDrawn) - 1]
    return events, story.at(ev.PlacementsProposed) - 1, "seed"


def a_second_draw(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.MeetingDrawn) + 1
    events.insert(seq - 1, events[seq - 2].model_copy(update={"words": ("yew",)}))
    return events, seq, "words"


def confirmed_elsewhere(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.DecisionTaken, 1)
    decision = events[seq - 1]
    assert isinstance(decision, ev.DecisionTaken)
    assert decision.outcome == "confirmed"
    assert decision.school != "900001"
    return changed(events, seq, school="900001"), seq, "school"


def by_an_older_proposal(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.DecisionTaken, 1)
    return changed(events, seq, proposal=story.at(ev.PlacementsProposed)), seq, "proposal"


def a_cheaper_journey(story: Story, events: Events) -> tuple[Events, int, str]:
    seq = story.at(ev.DecisionTaken, 1)
    return changed(events, seq, transport_pence=1), seq, "transport_pence"


def a_place_that_nobody_keeps(story: Story, events: Events) -> tuple[Events, int, str]:
    """A move to stay is said to be for a time, so that the home school has its place no more to give."""
    decided = (
        (n, one) for n, one in enumerate(events, start=1) if isinstance(one, ev.DecisionTaken) and one.school and not one.keeps_place
    )
    seq = next(n for n, _ in decided)
    return changed(events, seq, keeps_place=True), seq, "keeps_place"


def other_wishes(story: Story, events: Events) -> tuple[Events, int, str]:
    """Somebody rewrites a referral: the facts that its meeting froze no longer follow from it."""
    seq = story.at(ev.ReferralMade)
    made = events[seq - 1]
    assert isinstance(made, ev.ReferralMade)
    assert made.case is not None
    case = made.case.model_copy(update={"preferences": tuple(reversed(made.case.preferences)) or ("900001",)})
    return changed(events, seq, case=case), story.at(ev.MeetingOpened), f"cases.{made.pupil}.candidates."


TAMPERINGS: Final[tuple[Tamper, ...]] = (
    another_school,
    somebody_left_out,
    a_better_value,
    a_finding_hidden,
    another_proof,
    a_nearer_home,
    a_larger_school,
    left_off_the_agenda,
    a_stranger_on_the_agenda,
    other_words,
    a_chosen_seed,
    no_draw,
    a_second_draw,
    confirmed_elsewhere,
    by_an_older_proposal,
    a_cheaper_journey,
    a_place_that_nobody_keeps,
    other_wishes,
)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: str(tamper.__name__))
def test_what_was_changed_and_chained_anew_is_named(story: Story, tamper: Tamper) -> None:
    events, seq, what = tamper(story, list(story.events))
    assert events != list(story.events)
    with rewritten(events) as office:
        result = replayed(office)
    assert not result.ok
    first = result.divergences[0]
    assert (first.seq, first.what[: len(what)]) == (seq, what)
    assert first.recorded != first.replayed


def test_a_ledger_that_was_only_chained_anew_replays(story: Story) -> None:
    """The counter-proof to the tamperings: it is the change that is found, not the rewriting."""
    with rewritten(story.events) as office:
        assert replayed(office) == Replay(decisions=3, divergences=())


def test_a_proposal_that_says_one_thing_and_holds_another_is_shown_both_ways(story: Story) -> None:
    events, seq, _ = another_school(story, list(story.events))
    proposed, before = events[seq - 1], story.events[seq - 1]
    assert isinstance(proposed, ev.PlacementsProposed)
    assert isinstance(before, ev.PlacementsProposed)
    with rewritten(events) as office:
        here = [divergence for divergence in replayed(office).divergences if divergence.seq == seq]
    moved = [name for name in before.placements if before.placements[name] != proposed.placements[name]]
    assert [(d.what, d.recorded, d.replayed) for d in here] == [
        (f"placements.{name}", proposed.placements[name], before.placements[name]) for name in moved
    ]


def test_an_unknown_meaning_is_not_guessed(story: Story) -> None:
    seq = story.at(ev.MeetingOpened)
    with rewritten(changed(list(story.events), seq, semantics=99)) as office:
        result = replayed(office)
    assert [(d.seq, d.what, d.recorded) for d in result.divergences] == [(seq, "semantics", 99)]


@pytest.mark.parametrize("missing", [ev.MeetingOpened, ev.ReferralMade])
def test_an_entry_about_nothing_is_refused_and_named(story: Story, missing: type[ev.Event]) -> None:
    seq = story.at(missing)
    with (
        rewritten([event for n, event in enumerate(story.events, start=1) if n != seq]) as office,
        pytest.raises(LedgerBroken, match=r"[Ee]ntry \d+|contradicts"),
    ):
        fold(office.record)


def test_a_replay_says_what_it_cannot_do_and_goes_on(story: Story) -> None:
    """A rulebook that can no longer be read stops its meetings' replay, not the auditor."""
    seq = story.at(ev.RulebookAdopted, -1)
    adopted = story.events[seq - 1]
    assert isinstance(adopted, ev.RulebookAdopted)
    events = changed(list(story.events), seq, text=adopted.text.replace("objectives:", "objectivs:"))
    with rewritten(events) as office:
        result = replayed(office)
    stopped = [(story.at(ev.MeetingOpened, n), "cannot be replayed") for n in (0, 1)]
    assert [(d.seq, d.what) for d in result.divergences] == [(seq, "digest"), *stopped]


def test_the_story_has_every_kind_of_step(story: Story) -> None:
    decisions = [event for event in story.events if isinstance(event, ev.DecisionTaken)]
    assert {decision.outcome for decision in decisions} == {"overridden", "confirmed", "deferred"}
    assert json.loads(canonical([event.draft().body for event in story.events]))
