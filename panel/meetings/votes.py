"""Whether a vote carries what was decided, by the majority that a rulebook asks for: who may vote, who did, and what it comes to.

It knows of a meeting who its members are, who was there and who may not vote on what is decided. It judges nothing else.

    simple       2f > n        two thirds   3f >= 2n, f > 0        three quarters   4f >= 3n, f > 0        all   f = n, f > 0
    f votes for and a against:  n = f + a  of those voting;  n = the members there that may vote  of those present
    where f = a the chair's casting vote is one more for or against, if the book gives the chair one
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from panel import events as ev

Said = Iterator[tuple[bool | None, str, tuple[str, ...]]]
"""What was not kept to (False) or cannot be told (None), in words, and the schools whose doing it is."""

WANTED: Final[Mapping[str, tuple[str, Callable[[int, int], bool]]]] = {
    "simple": ("more than half", lambda ayes, among: 2 * ayes > among),
    "two_thirds": ("two thirds", lambda ayes, among: ayes > 0 and 3 * ayes >= 2 * among),
    "three_quarters": ("three quarters", lambda ayes, among: ayes > 0 and 4 * ayes >= 3 * among),
    "all": ("all", lambda ayes, among: ayes > 0 and ayes == among),
}
"""A majority in words, and whether so many votes of so many are one."""
WHOSE: Final = {"voting": "those voting", "present": "those present"}


@dataclass(frozen=True, slots=True)
class Company:
    """Who is at a meeting, by URN. `there`: who was there, None where nobody wrote it down; `may_not`: those who have no vote on
    what is decided; `chair`: the school that has the chair and its name, where that is known."""

    members: frozenset[str]
    there: frozenset[str] | None
    may_not: frozenset[str]
    chair: tuple[str, str] | None

    @property
    def able(self) -> frozenset[str] | None:
        """The members that were there and may vote; None where nobody wrote down who was there."""
        return None if self.there is None else self.members & self.there - self.may_not


def carried(rule: Mapping[str, str], votes: ev.Votes | None, company: Company) -> Said:
    """Why the votes do not carry what was decided, or why that cannot be told; nothing where they do."""
    if votes is None:
        yield None, f"nobody wrote down how the schools voted; {_asked(rule)}", ()
        return
    yield from too_many(votes, company.there, company.able)
    if votes.casting and company.chair and company.chair[0] in company.may_not:
        yield False, f"{company.chair[1]} gave the casting vote, and may not vote on this case", company.chair[:1]
    if rule["of"] == "present" and company.able is None:
        yield None, f"nobody wrote down who was there; {_asked(rule)}", ()
        return
    yield from _counted(rule, votes, company)


def too_many(votes: ev.Votes, there: frozenset[str] | None, able: frozenset[str] | None = None) -> Said:
    """More votes than members that could have given them (`able`, where that is known), or with abstentions more than were `there`."""
    ayes, noes, abstained = votes.numbers or (0, 0, 0)
    if able is not None and ayes + noes > len(able):
        many = f"{len(able)} {'member' if len(able) == 1 else 'members'} that may vote {_were(len(able))} there"
        yield False, f"{ayes + noes} votes were written down, and {many}", ()
    elif there is not None and ayes + noes + abstained > len(there):
        neither = f", {abstained} of them abstentions" if abstained else ""
        yield False, f"{ayes + noes + abstained} votes were written down{neither}, and {len(there)} {_were(len(there))} there", ()


def _counted(rule: Mapping[str, str], votes: ev.Votes, company: Company) -> Said:
    """Whether those who may vote carry it: a vote that nobody may give is counted for nothing."""
    valid = votes
    if votes.schools is not None:
        may = company.able if company.able is not None else company.members - company.may_not
        valid = votes.model_copy(update={"schools": {urn: vote for urn, vote in votes.schools.items() if urn in may}})
    told, (ayes, noes, _) = valid.told, valid.counted
    casting = rule["casting_vote"] == "chair" and ayes == noes and ayes + noes > 0
    if casting and votes.casting is None and _enough(rule, ayes + 1, noes, company):
        yield None, f"{told}, and nobody wrote down the chair's casting vote; {_asked(rule)}", ()
        return
    if casting and votes.casting is not None:
        ayes, noes = (ayes + 1, noes) if votes.casting == "for" else (ayes, noes + 1)
        told += f", and the chair's casting vote {votes.casting}"
    elif votes.casting is not None and rule["casting_vote"] != "chair":
        told += f", and a casting vote {votes.casting} that counts for nothing, for the rulebook gives the chair none"
    if not _enough(rule, ayes, noes, company):
        yield False, f"no majority: {told}; {_asked(rule)}{_present(rule, company)}", ()


def _enough(rule: Mapping[str, str], ayes: int, noes: int, company: Company) -> bool:
    among = len(company.able or ()) if rule["of"] == "present" else ayes + noes
    return WANTED[rule["majority"]][1](ayes, among)


def _asked(rule: Mapping[str, str]) -> str:
    return f"{WANTED[rule['majority']][0]} of {WHOSE[rule['of']]} must be for it"


def _present(rule: Mapping[str, str], company: Company) -> str:
    many = len(company.able or ())
    return f", and {many} that may vote {_were(many)}" if rule["of"] == "present" else ""


def _were(many: int) -> str:
    return "was" if many == 1 else "were"
