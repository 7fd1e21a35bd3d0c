"""What a book asks of every school under names of its own, and whether it offers what a pupil needs, as far as somebody has said it.

It works nothing out. What was said in another unit, as an earlier edition asked for it, or beyond what this one lets it be, is unknown.
"""

from __future__ import annotations

from panel.events import ReferralCase, SchoolRecorded
from rules.book import Rulebook
from rules.facts import Value
from rules.rows import unfit


def asked_by_the_book(rulebook: Rulebook, school: SchoolRecorded) -> dict[str, Value | None]:
    """The facts of the book's own of one school, by the name after the family; None is unknown."""
    said = school.facts or {}
    return {
        name: said[name].value if name in said and (said[name].unit or "") == fact.unit and unfit(fact, said[name].value) is None else None
        for name, fact in rulebook.school_facts.items()
    }


def offers_what_is_needed(rulebook: Rulebook, school: SchoolRecorded, case: ReferralCase) -> bool | None:
    """Whether a school offers all that a pupil needs of what the book names; None is unknown, and where the book names nothing."""
    if not rulebook.offers:
        return None
    there, needed = school.offers or {}, case.needs or {}
    open_ = [name for name in rulebook.offers if needed.get(name) is not False and there.get(name) is not True]
    if any(needed.get(name) is True and there.get(name) is False for name in open_):
        return False
    return None if open_ else True
