"""Which unknown facts could leave a condition or a sum untold, by how it is written: those that no `is known` beside them keeps out.

It evaluates nothing; what one row lacks is for `lacking.py`. It sees through what a book derives.

    open(all p)       what the p leave open, but each f with `f is known` among them: without f the whole is false
    open(any p)       the same with `f is unknown`: without f the whole is true
    open(derived d)   d itself, where what it is derived from leaves anything open that is not kept out
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rules.book import Rulebook
from rules.facts import Fact
from rules.measure import needed
from rules.terms import All, Any, Known, Not, Term

Derived = Mapping[str, Term]
"""What a book derives: the fact's name -> its condition or sum."""


def derived_by(rulebook: Rulebook) -> Derived:
    """Everything that a book derives, by its name."""
    return {one.fact.name: one.term for one in rulebook.derived}


def unguarded(term: Term, derived: Derived, kept_out: Collection[Fact] = ()) -> tuple[Fact, ...]:
    """The facts for want of which a term cannot tell, each once, as it names them; `kept_out` are known wherever it is asked."""
    match term:
        case All(parts=parts):
            known = {part.fact for part in parts if isinstance(part, Known)}
        case Any(parts=parts):
            known = {part.part.fact for part in parts if isinstance(part, Not) and isinstance(part.part, Known)}
        case Not(part=part):
            return unguarded(part, derived, kept_out)
        case _:
            return tuple(fact for fact in needed(term) if fact not in kept_out and _is_open(fact, derived, kept_out))
    inside = {*kept_out, *known}
    return tuple(dict.fromkeys(fact for part in parts for fact in unguarded(part, derived, inside)))


def roots(fact: Fact, derived: Derived) -> frozenset[str]:
    """The facts for want of which a fact may be unknown: itself, or those that what it is derived from leaves open."""
    if fact.name not in derived:
        return frozenset({fact.name} if fact.optional else ())
    return frozenset[str]().union(*(roots(inner, derived) for inner in unguarded(derived[fact.name], derived)))


def _is_open(fact: Fact, derived: Derived, kept_out: Collection[Fact]) -> bool:
    return bool(unguarded(derived[fact.name], derived, kept_out)) if fact.name in derived else fact.optional
