"""Tables of one key of the annual report: every child of a set is in exactly one row. Which counts are shown, `suppression.py` says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from panel.events.event import Kind
from panel.reports.suppression import Shown, shown
from panel.state.lifecycle import kind_in_words
from panel.state.records import Referral
from panel.state.year_groups import year_group_on
from rules.book import Category

NO_CATEGORY: Final = "no category recorded"
FAIR_ACCESS: Final[Kind] = "fair_access"
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LATER: Final = "on roll later"
Part = Literal["receiving", "category", "year_group", "on_roll", "kind", "why"]

PUT_OFF: Final = "outstanding: put off to a later meeting"
SCHOOL_REFUSED: Final = "outstanding: the school did not agree"
FAMILY_REFUSED: Final = "outstanding: the family did not agree"
OPEN: Final = "outstanding: no place found yet, or not decided"
WITHDRAWN: Final = "the referral was withdrawn"
DECLINED: Final = "the panel declined it"
ERASED: Final = "the case was erased"
NOT_TAKEN_UP: Final = "the family did not take the place up"
WHY: Final = (PUT_OFF, SCHOOL_REFUSED, FAMILY_REFUSED, OPEN, WITHDRAWN, DECLINED, NOT_TAKEN_UP, ERASED)
WAITING: Final = {
    "decision.deferred": PUT_OFF,
    "receiving_school.refused": SCHOOL_REFUSED,
    "family.refused": FAMILY_REFUSED,
}
"""What happened last to a referral that waits, and what that makes of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A partition of the children `of`: all who were referred, those not placed, or a set of those admitted."""

    part: Part
    of: str
    shown: Shown


def by_key(part: Part, of: str, children: Sequence[Referral], labels: Sequence[str], key: Callable[[Referral], str]) -> Table:
    """The table of at least 20 children by a key whose words are `labels`."""
    keys = [key(one) for one in children]
    return Table(part, of, shown(labels, [keys.count(label) for label in labels], [None] * len(labels)))


def when_referred(one: Referral) -> int:
    """The year group on the day of the referral."""
    return one.made.year_group


def when_admitted(one: Referral) -> int:
    """The year group on the first day at the school."""
    return year_group_on(one.made, one.started or one.made.made_on)


def by_category(of: str, children: Sequence[Referral], categories: Mapping[str, Category]) -> Iterator[Table]:
    """By category; none where some case is no longer held: beside an older report it would show whose."""
    if all(one.made.case is not None for one in children):
        letters = {one.case.category for one in children if one.case.category}
        labels = (*(f"category {letter}" for letter in sorted(letters | categories.keys())), NO_CATEGORY)
        yield by_key("category", of, children, labels, category)


def by_year_group(of: str, children: Sequence[Referral], year_of: Callable[[Referral], int] = when_referred) -> Table:
    years = sorted(set(map(year_of, children)))
    return by_key("year_group", of, children, [f"year {year}" for year in years], lambda one: f"year {year_of(one)}")


def by_kind(of: str, children: Sequence[Referral], kinds: Sequence[Kind]) -> Table:
    return by_key("kind", of, children, [kind_in_words(kind) for kind in kinds], lambda one: kind_in_words(one.made.referral_kind))


def by_on_roll(of: str, children: Sequence[Referral], weeks: int) -> Table:
    """How soon after the decision the first day was."""
    return by_key("on_roll", of, children, (within(weeks), LATER), lambda one: within(weeks) if in_time(one, weeks) else LATER)


def by_why(children: Sequence[Referral]) -> Table:
    """Why they were not placed; that places were not taken up only where it was so: an older report has no such row."""
    said = set(map(why, children))
    return by_key("why", "not placed", children, [label for label in WHY if label != NOT_TAKEN_UP or label in said], why)


def category(one: Referral) -> str:
    return f"category {one.case.category}" if one.case.category else NO_CATEGORY


def within(weeks: int) -> str:
    """What a child is who was on roll in time."""
    return f"on roll within {weeks} weeks of the decision"


def in_time(one: Referral, weeks: int) -> bool:
    return one.started is not None and one.decision is not None and one.started <= one.decision.on + dt.timedelta(weeks=weeks)


def why(one: Referral) -> str:
    """Why a child was not placed, when the year was over."""
    match one.status:
        case "withdrawn":
            return WITHDRAWN
        case "declined":
            return DECLINED
        case "not taken up":
            return NOT_TAKEN_UP
        case "erased":
            return ERASED
        case _:
            return next((WAITING[happened.event] for happened in reversed(one.happened) if happened.event in WAITING), OPEN)
