"""Which schools a clerk names at a meeting, and how they voted: by school or in numbers, and the chair's casting vote.

It refuses what cannot have been, and asks for no majority: whether a decision stands by its votes is for `votes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from panel import events as ev
from panel.errors import Refused
from panel.quoting import Place
from panel.state.records import Meeting, State
from panel.steps.office import school_of
from rules.book import Rulebook


@dataclass(frozen=True, slots=True)
class Ballot:
    """Who voted, and how: what a decision records of it. None where nobody wrote it down."""

    voted: tuple[str, ...] | None = None
    votes: ev.Votes | None = None


NOBODY_SAID: Final = Ballot()
HOW_MANY: Final = Place(words=("for", "against", "abstained"), references=True)
"""What may be quoted of a vote in numbers: figures with hyphens, as a reference may have."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a clerk says of a vote: schools by how they voted, or how many (`FOR-AGAINST`, `FOR-AGAINST-ABSTAINED`), who voted where
    nobody says how, and the casting vote."""

    schools: Mapping[ev.Vote, Sequence[str]] = field(default_factory=dict)
    numbers: str | None = None
    voted: Sequence[str] = ()
    casting: Literal["for", "against"] | None = None

    def __bool__(self) -> bool:
        return bool(any(self.schools.values()) or self.numbers or self.voted or self.casting)


def as_it_sits(state: State, meeting: Meeting, urns: Sequence[str]) -> tuple[str, ...]:
    """The schools of these URNs, each once. Raises `Refused` for another number of a school that the meeting froze: by that nobody
    would find who was there, or who voted on its own referral."""
    named = tuple(sorted({school_of(state, urn).urn for urn in urns}))
    seats = (meeting.opened.shared or {}).get("schools", {})
    for urn in named:
        same = [seat for seat in seats if urn not in seats and (state.successors.get(seat) == urn or state.successors.get(urn) == seat)]
        if same:
            raise Refused(
                f"{urn}: meeting {meeting.number} of {meeting.on} goes by the schools that there were when it opened. "
                f"Name it as it was then: {' or '.join(same)}."
            )
    return named


def named_beside(book: Rulebook) -> tuple[str, ...]:
    """Whom a rulebook names beside the schools: who must be represented at a meeting as well."""
    others = book.meeting.get("others", ())
    return tuple(map(str, others)) if isinstance(others, tuple) else ()


def ballot(state: State, meeting: Meeting, said: Said) -> Ballot:
    """A vote at a meeting as it is recorded. Raises `Refused` with everything in it that cannot have been."""
    named = {vote: [_voter(state, meeting, who) for who in whom] for vote, whom in said.schools.items()}
    how = {urn: vote for vote, urns in sorted(named.items()) for urn in urns}
    voted = tuple(sorted({_voter(state, meeting, who) for who in said.voted}))
    numbers = _numbers(said.numbers)
    wrong = [*_twice(named), *_away(meeting, named, voted), *_two_ways(said), *_unequal(said, how, numbers, len(voted))]
    if wrong:
        raise Refused(" ".join(wrong))
    if not how and numbers is None:
        return Ballot(voted or None)
    votes = ev.Votes(schools=how or None, numbers=numbers, casting=said.casting)
    return Ballot((votes.voted if how else voted) or None, votes)


def _voter(state: State, meeting: Meeting, who: str) -> str:
    """Who voted: a school, or somebody whom the rulebook names beside the schools and who is there."""
    other = who.replace("-", "_")
    return other if other in meeting.others else as_it_sits(state, meeting, [who])[0]


def _numbers(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,4})-(\d{1,4})(?:-(\d{1,4}))?", text.strip())
    numbers = tuple(int(many or 0) for many in found.groups()) if found else ()
    if sum(numbers) == 0:
        wanted = "how many were for and against, and how many abstained, such as 5-2 or 5-2-1"
        raise Refused(f"--votes: found {HOW_MANY.found(text)}; wanted {wanted}.")
    ayes, noes, abstained = numbers
    return ayes, noes, abstained


def _twice(named: Mapping[ev.Vote, Sequence[str]]) -> Iterator[str]:
    every = [urn for urns in named.values() for urn in urns]
    if twice := sorted({urn for urn in every if every.count(urn) > 1}):
        yield f"{', '.join(twice)} voted more than once: a school is named once, under --for, --against or --abstained."


def _away(meeting: Meeting, named: Mapping[ev.Vote, Sequence[str]], voted: Sequence[str]) -> Iterator[str]:
    """Only a school that is there can vote."""
    options = {"--voted": voted, **{f"--{vote}": urns for vote, urns in named.items()}}
    for option, urns in options.items():
        if away := sorted({urn for urn in urns if urn not in (*meeting.attended, *meeting.others)}):
            yield (
                f"{option}: {', '.join(away)} {'is' if len(away) == 1 else 'are'} not recorded as represented at meeting "
                f"{meeting.number}. Record it first with `pastoral meeting attend {' '.join(away)}`."
            )


def _two_ways(said: Said) -> Iterator[str]:
    ways = [way for way, given in (("by school", any(said.schools.values())), ("in numbers", said.numbers)) if given]
    if len(ways) > 1:
        yield "--votes: how each school voted is said already with --for, --against and --abstained; say one of the two."
    if any(said.schools.values()) and said.voted:
        yield "--voted: who voted is said already with --for and --against; leave it out."
    if said.casting and not ways:
        yield "--casting-vote: nobody says how the schools voted; say it with --for and --against, or with --votes."


def _unequal(said: Said, how: Mapping[str, ev.Vote], numbers: tuple[int, int, int] | None, voted: int) -> Iterator[str]:
    """A casting vote settles votes that are equal; and as many voted as there were votes."""
    votes = list(how.values())
    ayes, noes, _ = numbers or (votes.count("for"), votes.count("against"), 0)
    if said.casting and (votes or numbers) and ayes != noes:
        yield f"--casting-vote: found {ayes} for and {noes} against; wanted as many for as against: the chair's casting vote settles a tie."
    if numbers is not None and voted and ayes + noes != voted:
        yield f"--votes: found {ayes} for and {noes} against, and {voted} under --voted; wanted as many votes as schools that voted."
