"""Clocks: how soon one event must follow another, for whom, and that a layer above is only stricter than those below.

It runs none of them. A clock is a rule about a referral, so its condition is read, checked and shown by examples like any other.

A clock goes from the first of the events `from` that happens to the first of the events `until` that happens after it. One above
is no looser than the one of its name below where, whatever the record says,

    what it runs for       below fires => above fires, and above is silent => below is silent
    within, above          is no longer than below, from the same events, until no other event
    not before, above      is no shorter than below, from the same events, until at least the same events
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from rules.attributes import Clause, Comparison, possible
from rules.book import Authority, Clock, Example, Length, Rule
from rules.clauses import NEGATED, both_sides
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import KINDS, PAPER, PAPER_EVENT
from rules.lengths import at_least
from rules.lifecycle import Numbers
from rules.shape import ClockShape, RuleShape
from rules.terms import All, Always, Any, Condition, Not
from rules.yaml_text import Path

EVENTS: Final[Mapping[str, str]] = {
    "referral.made": "the case is put to the panel",
    "referral.accepted": "it is agreed that the pupil will be considered under the protocol",
    "referral.withdrawn": "the case is taken back",
    "conversation.held": "the home school talks with the parents",
    "parent.agreed": "the parent signs agreement to look for a move",
    "pupil.agreed": "the pupil agrees to look for a move",
    "home_school.agreed": "the home school signs agreement to look for a move",
    "parent.withdrew": "the parent takes that agreement back",
    "pupil.withdrew": "the pupil takes that agreement back",
    "home_school.withdrew": "the home school takes that agreement back",
    "sharing.agreed": "the family agrees that information about the case is shared",
    "sharing.withdrawn": "the family takes that back",
    "exclusion.made": "a school permanently excludes the pupil",
    "exclusion.reversed": "that permanent exclusion is rescinded, quashed, or the pupil reinstated",
    "education.stopped": "the day since which the pupil is out of education, where the referral says it",
    "education.started": "full-time education begins again, wherever it is",
    "meeting.called": "the schools are told of a meeting",
    "meeting.opened": "the meeting's day",
    "meeting.closed": "the meeting ends",
    "decision.taken": "the panel decides where the pupil goes",
    "decision.deferred": "the panel puts the case off",
    "decision.declined": "the panel declines the case",
    "family.told": "the family is told what was decided, and why",
    "family.agreed": "the parent or the pupil agrees to the school that was decided",
    "family.refused": "the parent or the pupil does not agree to it",
    "partner.agreed": "the home school or the local authority agrees to it",
    "partner.refused": "the home school or the local authority does not agree to it",
    "board.directed": "the home school's governing board directs the pupil off site",
    "board.declined": "the governing board does not follow the panel's advice",
    "receiving_school.accepted": "the receiving school agrees",
    "receiving_school.refused": "the receiving school does not agree",
    "direction.announced": "the authority tells a school that it means to direct it",
    "direction.answered": "the school answers that",
    "direction.referred": "the matter goes to somebody who decides whether the school must admit",
    "school.directed": "the authority directs a school to admit",
    "school.admitted": "a school that was to be directed admits the pupil",
    "direction.dropped": "the direction is given up",
    "notice.given": "a pupil's parents are told in writing of an off-site direction",
    "placement.started": "the first day at the receiving school",
    "placement.reviewed": "a review of the placement",
    "placement.extended": "the placement is made longer",
    "placement.made_permanent": "the trial ends well, or the direction becomes a move",
    "placement.broke_down": "the placement breaks down",
    "placement.ended": "the placement ends",
    "placement.not_taken_up": "the family does not take the place up, and the case is over",
    "transport.claimed": "somebody claims the cost of travel",
}
"""What a clock may run from and until, and beside these the papers of its book."""


class Reader(Protocol):
    """Reads the conditions and examples of a book, and keeps what it could not read as faults. `papers` are those of the book."""

    @property
    def papers(self) -> Mapping[str, str]: ...
    def lines(self, edition: Edition, path: Path, lines: tuple[str, ...], /) -> tuple[Condition, ...] | None: ...
    def examples(self, edition: Edition, path: Path, shape: RuleShape, /) -> tuple[Example, ...]: ...
    def authority(self, edition: Edition, shape: RuleShape, /) -> Authority: ...


def clocks_of(stack: Sequence[Edition], reader: Reader, numbers: Numbers, faults: list[Fault]) -> tuple[Clock, ...]:
    """The clocks of all layers; one from below may be named again with a shorter time, for as many referrals or more."""
    made: dict[str, Clock] = {}
    for edition in stack:
        own: set[str] = set()
        for number, shape in enumerate(edition.shape.clocks):
            path: Path = ("clocks", number)
            if shape.id in own:
                faults.append(edition.fault(path, found=f"the id {shape.id} a second time", wanted="an id of its own"))
                continue
            own.add(shape.id)
            clock = _clock(edition, path, shape, reader, numbers, faults)
            if clock is None:
                continue
            if shape.id in made and (why := _looser(made[shape.id], clock)):
                advice = numbers.stricter(clock.within, clock.not_before)
                faults.append(edition.fault(path, found="a clock looser than the book below has it", wanted=why, advice=advice))
            made[shape.id] = clock
    return tuple(made.values())


def _clock(edition: Edition, path: Path, shape: ClockShape, reader: Reader, numbers: Numbers, faults: list[Fault]) -> Clock | None:
    """The clock; None where a part of it cannot be read."""
    slips = [*_no_event(edition, path, shape, reader.papers), *_no_time(edition, path, shape)]
    faults.extend(slips)
    when = reader.lines(edition, (*path, "when"), shape.when or ("true",))
    unless = reader.lines(edition, (*path, "unless"), shape.unless or ())
    examples = reader.examples(edition, path, shape)
    lengths = {
        key: numbers.length(edition, (*path, key), text)
        for key, text in (("within", shape.within), ("not_before", shape.not_before))
        if text is not None
    }
    faults.extend(_never_kept(edition, path, lengths.get("within"), lengths.get("not_before")))
    if slips or when is None or unless is None or not lengths or None in lengths.values():
        return None
    condition = when[0] if len(when) == 1 else Any(when)
    rule = Rule(
        id=shape.id,
        kind="clock",
        condition=All((condition, *map(Not, unless))) if unless else condition,
        applies_to=None if shape.applies_to is None else frozenset(shape.applies_to),
        say=shape.say,
        when_text=shape.when or ("true",),
        unless_text=shape.unless or (),
        authority=reader.authority(edition, shape),
        examples=examples,
        book=edition.name,
        line=edition.document.line(path),
    )
    return Clock(rule=rule, from_=shape.from_, until=shape.until, within=lengths.get("within"), not_before=lengths.get("not_before"))


def _no_event(edition: Edition, path: Path, shape: ClockShape, papers: Mapping[str, str]) -> Iterator[Fault]:
    own = tuple(f"{PAPER_EVENT}{paper}" for paper in papers)
    for end, events in (("from", shape.from_), ("until", shape.until)):
        for event in events:
            unread = {"papers.", f"{PAPER}{event.removeprefix(PAPER_EVENT)}"} & edition.lost
            if event not in EVENTS and event not in own and not unread:
                wanted, advice = _wanted(event, own)
                yield edition.fault((*path, end), found=f"the event {event}", wanted=wanted, advice=advice)


def _wanted(event: str, own: tuple[str, ...]) -> tuple[str, str]:
    """What was wanted in place of an event that there is not, and what to do. `own` are those of the book's papers."""
    if not event.startswith(PAPER_EVENT):
        return f"one of {', '.join((*EVENTS, *own))}", nearest(event, (*EVENTS, *own))
    wanted = f"one of {', '.join(own)}" if own else "an event of a paper that the book names; it names none"
    return wanted, nearest(event, own) or "Name the paper under `papers`, in this book or one below it: `papers: {NAME: what it is}`."


def _no_time(edition: Edition, path: Path, shape: ClockShape) -> Iterator[Fault]:
    if shape.within is None and shape.not_before is None and f"time of {shape.id}" not in edition.lost:
        advice = "`within` says how soon at the latest, `not_before` how soon at the earliest."
        yield edition.fault(path, found="a clock without a time", wanted="`within: ...`, `not_before: ...` or both", advice=advice)


def _never_kept(edition: Edition, path: Path, within: Length | None, not_before: Length | None) -> Iterator[Fault]:
    if within is not None and not_before is not None and at_least(not_before, within) and not at_least(within, not_before):
        found = f"not before {not_before} and within {within}"
        yield edition.fault(path, found=found, wanted="a time that is left between the two")


def _looser(below: Clock, above: Clock) -> str:
    """What was wanted, if the clock above asks for less than the one below; else nothing."""
    if why := _looser_run(below, above):
        return why
    if not (below.rule.applies_to or frozenset(KINDS)) <= (above.rule.applies_to or frozenset(KINDS)):
        return "every kind that it applies to below"
    if not no_narrower(below.rule.condition, above.rule.condition):
        return "a condition that is true wherever the one below is, or none"
    if below.within is not None and (above.within is None or not at_least(below.within, above.within)):
        return f"within {below.within} or sooner"
    if below.not_before is not None and (above.not_before is None or not at_least(above.not_before, below.not_before)):
        return f"not before {below.not_before} or later"
    return ""


def _looser_run(below: Clock, above: Clock) -> str:
    """What was wanted, if the clock above may begin elsewhere, or end with an event that below does not end it, or may not ask about it."""
    if set(above.from_) != set(below.from_):
        return below.run
    if below.within is not None and set(above.until) - set(below.until):
        return f"until {' or '.join(below.until)} and no other event"
    if below.not_before is not None and (missing := [event for event in below.until if event not in above.until]):
        return f"until {' or '.join(missing)} too"
    return ""


def no_narrower(below: Condition, above: Condition) -> bool:
    """Whether it is certain that the second fires wherever the first does, and is silent only where the first is.

    What is not certain counts as narrower: it looks for a clause of one that each clause of the other implies.
    """
    if below == above or above == Always(value=True):
        return True
    sides = both_sides(below), both_sides(above)
    if sides[0] is None or sides[1] is None:
        return False
    (true_below, false_below), (true_above, false_above) = sides  # type: ignore[misc]  # neither is None here
    return _implies(true_below, true_above) and _implies(false_above, false_below)


def _implies(some: Iterable[Clause], others: Sequence[Clause]) -> bool:
    return all(any(_follows(clause, other) for other in others) for clause in some)


def _follows(clause: Clause, other: Clause) -> bool:
    """Whether every row that satisfies the first clause satisfies the second: none satisfies it and fails a comparison of the other."""
    return not any(possible(clause | {Comparison(one.attribute, NEGATED[one.op], one.constant)}) for one in other)
