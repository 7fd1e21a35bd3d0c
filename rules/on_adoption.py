"""What a book is refused for while it is written, checked and adopted, and not once it is in a ledger: a recorded one goes on.

Each looks at the compiled book alone, and at what its highest layer says itself. None of them changes anything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rules.book import Limit, Rulebook
from rules.checks import Checked
from rules.errors import Fault
from rules.measure import linear
from rules.objectives import Class, counted_by, members_of
from rules.reach import named_by, reached
from rules.terms import Minus, Plus, Read, Sum, Times, Whole

NEVER: Final[Class] = ("permanent_exclusion", False)
"""A pupil who comes by a permanent exclusion and was not excluded: there is none."""

WHOEVER_COMES: Final = frozenset({"year.on_roll", "school.roll", "school.occupied"})
"""What every pupil who comes adds to."""

AT_A_MEETING: Final = frozenset({"meeting.called", "meeting.opened"})
AFTER_ONE: Final = frozenset({"meeting.opened", "meeting.closed"})


def clocks_are_about_a_case(checked: Checked) -> Iterator[Fault]:
    """No clock runs from one meeting to the next: a case that was decided comes to no other, and would be late for ever."""
    for clock in checked.rulebook.clocks:
        if set(clock.from_) & AFTER_ONE and set(clock.until) <= AT_A_MEETING:
            yield checked.fault(
                clock.rule,
                found=f"a clock {clock.run}",
                wanted="events of one case",
                advice="A clock runs for each case, also for one that the meeting decided and that comes to no other. From "
                "decision.deferred it asks when a case that was put off is heard again; how often the panel meets, no clock can ask.",
            )


def limits_count_whom_they_are_for(checked: Checked) -> Iterator[Fault]:
    """A limit whose counts leave out pupils who take its room: it would shut out pupils of whom it does not speak."""
    for limit in checked.rulebook.limits:
        counts, left_out = _left_out(checked.rulebook, limit)
        if left_out:
            yield checked.fault(
                limit,
                found=f"of: {limit.of}, while {' and '.join(counts)} counts nobody of {_called(left_out)}",
                wanted="an `of` that names the pupils who add to the count",
                advice="Whoever is placed takes room of this limit, and those would be shut out by it too. A limit for some of them says "
                f"whom it is for: `of: permanently_excluded`, or a list of kinds. To close a school to everybody by {counts[0]}, "
                "multiply: 100 * (settings.most - count).",
            )


def _left_out(rulebook: Rulebook, limit: Limit) -> tuple[tuple[str, ...], frozenset[Class]]:
    """The counts that are taken off a limit's room one for one, and those of its pupils who add to nothing that the room reads."""
    names = reached(rulebook, limit.room)
    counts = [count for count in rulebook.counts if "placements" in count.of and named_by(count) & names.keys()]
    if not counts or WHOEVER_COMES & names.keys():
        return (), frozenset()
    whole = _written_out(limit.room, {one.fact.name: one.term for one in rulebook.derived})
    parts, _ = linear(whole, Whole(0))
    taken_off = {part.fact.name for part, factor in parts.items() if isinstance(part, Read) and factor == -1}
    one_for_one = tuple(count.id for count in counts if {f"school.{count.id}", f"year.{count.id}"} & taken_off)
    if not one_for_one:
        return (), frozenset()
    return one_for_one, members_of(limit.of) - {NEVER} - frozenset[Class]().union(*(counted_by(count) for count in counts))


def _written_out(sum_: Sum, derived: Mapping[str, object]) -> Sum:
    """The sum with what its derived numbers are."""
    match sum_:
        case Read(fact=fact) if isinstance(term := derived.get(fact.name), Sum):
            return _written_out(term, derived)
        case Plus(left=left, right=right) | Minus(left=left, right=right) | Times(left=left, right=right):
            return dataclasses.replace(sum_, left=_written_out(left, derived), right=_written_out(right, derived))
    return sum_


def _called(classes: frozenset[Class]) -> str:
    words: list[str] = []
    for kind in sorted({kind for kind, _ in classes}):
        excluded = {one for which, one in classes if which == kind}
        alike = len(excluded) == 2 or kind == NEVER[0]
        words.append(kind if alike else f"{kind} {'after' if True in excluded else 'without'} an exclusion")
    return ", ".join(words)


ON_ADOPTION: Final[tuple[Callable[[Checked], Iterator[Fault]], ...]] = (clocks_are_about_a_case, limits_count_whom_they_are_for)
