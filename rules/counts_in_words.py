"""What a count counts, in words: for pages, differences and explanations."""

from __future__ import annotations

from typing import Final

from rules.book import Count, Fate, Rulebook, Span
from rules.phrases import listed

WHAT: Final = {
    "placements": "placements by the panel",
    "outside_admissions": "admissions outside the panel",
    "own_referrals": "referrals that the school made, but those that were withdrawn",
    "own_referrals_placed": "pupils whom the panel placed elsewhere for the school",
}


def said_span(span: Span) -> str:
    """How far back a count looks."""
    if span.kind == "weeks":
        return f"over the {span.weeks} weeks before the meeting"
    if span.kind == "at_present":
        return "of pupils who are there, or are to begin there, when the meeting opens"
    if span.kind == "academic_years":
        return f"over the academic year and the {'one' if span.years == 2 else span.years - 1} before it"
    return f"over { ({'academic_year': 'the academic year', 'term': 'the term', 'for_ever': 'all the record'}[span.kind]) }"


def said_count(count: Count) -> str:
    """What a count counts, as one sentence without a full stop."""
    parts = [f"{'points of ' if count.weigh == 'points' else ''}{listed(WHAT[one] for one in count.of)}"]
    if count.where_text:
        parts.append(f"where {' or '.join(count.where_text)}")
    parts.append(f"{said_span(count.over)}, for each {'year group of a school' if count.per == 'year_group' else 'school'}")
    if count.minus:
        parts.append("less the pupils whom the panel placed elsewhere for it")
    if count.plus:
        parts.append("and the pupils whom the panel placed elsewhere for it")
    fates = ((count.broken_down, "that broke down"), (count.left, "that the pupil left"))
    parts += [f"without those {what}{_how_soon(fate)}" for fate, what in fates if fate.drop]
    return ", ".join(parts)


def _how_soon(fate: Fate) -> str:
    return f" within {fate.within}" if fate.within else ""


def shown_by_position(rulebook: Rulebook, count: Count) -> str:
    """What `pastoral position` says of a count: what it comes to, or what it is held against leaves of it."""
    by = [objective for objective in rulebook.objectives if objective.count == count.id]
    if count.per == "year_group" and by and any(one.name == "share" and one.per != "equal" for one in by):
        return "its rate in each year group"
    if not by or any(one.name == "share" for one in by):
        return "what it comes to"
    return f"what its quota leaves{' in each year group' if count.per == 'year_group' else ''}"
