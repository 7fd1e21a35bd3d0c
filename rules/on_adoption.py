"""What a book is refused for while it is written, checked and adopted, and not once it is in a ledger: a recorded one goes on.

Each looks at the compiled book alone, and at what its highest layer says itself. None of them changes anything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from rules.book import Count, Example, Limit, Rule, Rulebook
from rules.checks import Checked, Item
from rules.clauses import verdict_of
from rules.compile import NAME_OF_ITS_OWN
from rules.errors import Fault
from rules.facts import BY_NAME, FOR_GOOD, NEVER_WEIGHED, POINTS, SETTINGS, SUITED_TO, count_facts
from rules.lifecycle import MEANT
from rules.measure import reads
from rules.objectives import CLASSES, Class, counted_by, members_of, settled
from rules.offers import OFFERED
from rules.phrases import PAID, listed
from rules.proving import crossed, crossings
from rules.reach import moved_by_the_meeting, reached, terms_of
from rules.takers import NEVER, TakenOff, named, taken_off, uneven
from rules.terms import All, Always, Among, Any, Condition, Flag, Not

Wrong = Mapping[str, str]
"""What is wrong with a limit, in the parts of a fault."""

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
    """A limit and its counts that speak of different pupils: it would be passed, or shut out pupils of whom it does not speak."""
    for limit in checked.rulebook.limits:
        off = taken_off(checked.rulebook, limit)
        wrong = _for_each(checked.rulebook, limit, off) or (_of_others(checked.rulebook, limit, off) if off.counts else None)
        if wrong is not None:
            yield checked.fault(limit, **wrong)


def _for_each(rulebook: Rulebook, limit: Limit, off: TakenOff) -> Wrong | None:
    """A number that several settings or year groups share, and each of them would have for itself."""
    if off.over_the_panel:
        return {
            "found": f"{off.over_the_panel[0]} taken off the room of each setting",
            "wanted": "a count of the setting itself, as school.*",
            "advice": "Each would have all that is left for itself, and together they would pass it: no limit is for all schools at once. "
            f"A notice can tell of it; to close them all once it is reached, multiply: 100 * (settings.most - {off.over_the_panel[0]}).",
        }
    shared = [name for name in off.facts if name.startswith("school.") and name in moved_by_the_meeting(rulebook)]
    years = limit.years or rulebook.year_groups
    if limit.per == "year_group" and len(years) > 1 and shared:
        return {
            "found": f"per: year_group, while the room takes off {shared[0]}, which all year groups share",
            "wanted": "`per: school`, or a count `per: year_group`",
            "advice": "Each year group would have the whole room for itself, and together they would pass it.",
        }
    return None


def _of_others(rulebook: Rulebook, limit: Limit, off: TakenOff) -> Wrong | None:
    """A count that leaves out pupils who take of the room, or takes in pupils who do not."""
    found = uneven(rulebook, limit, off.counts)
    whom = f"of: {limit.of}" + (f", {_years(limit.years)}" if limit.years is not None else "")
    if found.left_out:
        of = named(members_of(limit.of) - found.left_out)
        which = f"`of: {of.as_written}`" if of else "`of: permanently_excluded`, or a list of kinds"
        return {
            "found": f"of: {limit.of}, while {off.names} counts nobody of {_called(found.left_out)}",
            "wanted": "an `of` that names the pupils who add to the count",
            "advice": "Whoever is placed takes room of this limit, and those would be shut out by it too. A limit for some of them says "
            f"whom it is for: {which}. To close a school to everybody by {_first(off)}, "
            "multiply: 100 * (settings.most - count).",
        }
    if found.years_left_out:
        return {
            "found": f"{whom}, while {off.names} counts nobody of {_years(found.years_left_out)}",
            "wanted": "`year_groups` that names the pupils who add to the count",
            "advice": "Whoever is placed takes room of this limit, and those would be shut out by it too. A limit for some of them says "
            "which: `year_groups: {lowest: 11, highest: 11}`.",
        }
    if found.some_left_out and any(_goes_by_what_is_to_come(rulebook, count, members_of(limit.of)) for count, _ in off.counts):
        return {"found": f"{whom}, while {off.names} asks {OVER_NUMBER}", **NOT_BEFOREHAND}
    if found.some_left_out:
        where = " or ".join(text for count, _ in off.counts for text in count.where_text)
        return {
            "found": f"{whom}, while {off.names} counts only some of them, {where}",
            "wanted": "a count of all whom the limit is for",
            "advice": "Whoever is placed takes room of this limit, so that the others would use it up; whom it is for, only kinds, an "
            f"exclusion and year groups say. A quota asks each pupil what its count asks: `quota: {{count: {_first(off)}, limit: 2}}`. Or "
            "give these pupils points in a tariff, and let count and limit say `weigh: points`. To close a school to everybody by it, "
            "multiply: 100 * (settings.most - count).",
        }
    if found.others or found.other_years:
        others = _called(found.others) if found.others else _years(found.other_years)
        return {
            "found": f"{whom}, while {off.names} also counts {others}",
            "wanted": "a count of nobody else",
            "advice": "Others who are placed at the same meeting take none of this room, so that the number would be passed. Take off a "
            "count whose `where` says whom the limit is for, or let the limit speak of all whom the count is of. To close a school to "
            "these as the meeting opens, multiply: 100 * (settings.most - count).",
        }
    return None


def _years(years: Sequence[int]) -> str:
    return f"year group{'s' if len(years) > 1 else ''} {', '.join(map(str, years))}"


def _first(off: TakenOff) -> str:
    return next(count.id for count, factor in off.counts if factor == -1)


def objectives_count_nobody_else(checked: Checked) -> Iterator[Fault]:
    """A quota or a share whose count also takes in pupils of whom its `of` does not speak: they would use it up."""
    book = checked.rulebook
    top, counts = checked.editions[book.layers[0].name], {count.id: count for count in book.counts}
    for number, (_, objective) in enumerate(zip(top.shape.objectives or (), book.objectives, strict=False)):
        count = counts.get(objective.count)
        if count is None or count.where is None:
            continue
        others = counted_by(count, book) - members_of(objective.of) - {NEVER}
        if others:
            yield top.fault(
                ("objectives", number),
                found=f"of: {objective.of}, while {count.id} also counts {_called(others)}",
                wanted="a count of nobody else",
                advice="Those take of it at every earlier meeting, and nothing at this one. Say in the count's `where` too whom `of` "
                'names: `admission.after_exclusion`, or `admission.kind == "fair_access"`.',
            )


OVER_NUMBER: Final = "admission.over_number"
"""What no referral says of its placement: it is told by what else the meeting decides."""
NOT_BEFOREHAND: Final[Wrong] = {
    "wanted": "a limit by year.pan and year.on_roll",
    "advice": "By how many a year group is above PAN is known of a placement that stands, and of no pupil whom the meeting is to place, so "
    "that each meeting could pass this. At most one above PAN is a limit: `per: year_group`, `room: year.pan + 1 - year.on_roll`.",
}


def objectives_count_what_is_known_beforehand(checked: Checked) -> Iterator[Fault]:
    """A quota or a share by what no referral says of its placement: it would go by earlier meetings alone."""
    book = checked.rulebook
    top, counts = checked.editions[book.layers[0].name], {count.id: count for count in book.counts}
    for number, (_, objective) in enumerate(zip(top.shape.objectives or (), book.objectives, strict=False)):
        count = counts.get(objective.count)
        if count is not None and _goes_by_what_is_to_come(book, count, members_of(objective.of)):
            found = f"{objective.name} of {count.id}, which asks {OVER_NUMBER}"
            yield top.fault(("objectives", number), found=found, **NOT_BEFOREHAND)


def _goes_by_what_is_to_come(rulebook: Rulebook, count: Count, members: frozenset[Class]) -> bool:
    """Whether a count takes in some of these pupils, or leaves them out, by what no referral says of their placement."""
    where = count.where
    return where is not None and any(_asks(rulebook, settled(where, one, rulebook), OVER_NUMBER) for one in members - {NEVER})


def _asks(rulebook: Rulebook, condition: Condition, fact: str) -> bool:
    """Whether a condition goes by a fact in a part of it that is not settled without."""
    if verdict_of(condition) != "can be either":
        return False
    match condition:
        case Not(part=part):
            return _asks(rulebook, part, fact)
        case All(parts=parts) | Any(parts=parts):
            return any(_asks(rulebook, part, fact) for part in parts)
    return fact in reached(rulebook, condition)


def _called(classes: frozenset[Class]) -> str:
    words: list[str] = []
    for kind in sorted({kind for kind, _ in classes}):
        excluded = {one for which, one in classes if which == kind}
        alike = len(excluded) == 2 or kind == NEVER[0]
        words.append(kind if alike else f"{kind} {'after' if True in excluded else 'without'} an exclusion")
    return ", ".join(words)


def nothing_is_paid_by_what_a_child_is(checked: Checked) -> Iterator[Fault]:
    """No money follows a pupil for a plan, or for being looked after: the record tells these to a count alone."""
    for rule in checked.rulebook.transfers:
        for name in reached(checked.rulebook, rule.condition):
            if name in NEVER_WEIGHED:
                advice = f"Only the `where` of a count may ask it. {PAID}"
                yield checked.fault(rule, found=name, wanted="no such fact in a transfer", advice=advice)


def nothing_goes_by_what_ends(checked: Checked) -> Iterator[Fault]:
    """No points and no money go by whether a placement is permanent by now: they would be others on each day that somebody asks."""
    for rule in (*checked.rulebook.tariff, *checked.rulebook.transfers):
        if FOR_GOOD in reached(checked.rulebook, rule.condition):
            money = " For money that waits for the end of a trial write `begins: permanent`." if rule.kind == "transfer" else ""
            advice = f"It changes when a trial ends. Only the `where` of a count may ask it.{money}"
            yield checked.fault(rule, found=FOR_GOOD, wanted=f"no such fact in a {rule.kind}", advice=advice)


def money_follows_somebody(checked: Checked) -> Iterator[Fault]:
    """A line that is paid for no placement by the panel, whoever is placed, and from no exclusion: no statement would ever have it."""
    for rule in checked.rulebook.transfers:
        kinds = {kind for kind, _ in CLASSES if _is_paid(rule, kind)}
        temporary = {kind for kind in kinds if rule.flow.begins == "permanent" and _is_for_a_time(checked.rulebook, kind)}
        if kinds - temporary or verdict_of(rule.condition) == "never":
            continue
        if rule.flow.begins == "exclusion":
            advice = "From the exclusion on nobody is placed: admission.by_panel is no, and admission.kind permanent_exclusion."
        elif temporary:
            advice = (
                f"A placement by {listed(sorted(temporary))} is for a time. Leave `begins` out: it is then paid from the first day there."
            )
        else:
            advice = "Only what the panel decided is paid for, so that admission.by_panel is yes, and admission.kind never outside."
        yield checked.fault(rule, found="a transfer that can never be paid", wanted="one that can", advice=advice)


def _is_paid(rule: Rule, kind: str) -> bool:
    """Whether a line may be paid for some pupil who comes by a kind, as far as the record settles what it asks."""
    by_panel, excluded = Flag(BY_NAME["admission.by_panel"]), Flag(BY_NAME["admission.after_exclusion"])
    of_the_kind = Among(BY_NAME["admission.kind"], (kind,))
    if rule.flow.begins == "exclusion":
        said: tuple[Condition, ...] = (Not(by_panel), excluded) if kind == NEVER[0] else (Always(value=False),)
    else:
        said = (by_panel, excluded) if kind == NEVER[0] else (by_panel,)
    return verdict_of(All((*said, of_the_kind, rule.condition))) != "never"


def _is_for_a_time(rulebook: Rulebook, kind: str) -> bool:
    """Whether a placement by a kind is for a time, and never becomes permanent itself."""
    said = rulebook.lifecycle.get(kind)
    told: Mapping[str, object] = said if isinstance(said, Mapping) else {}
    return told.get("placement", MEANT.get(kind)) == "temporary" and not isinstance(told.get("trial"), Mapping)


def points_are_those_of_a_tariff(checked: Checked) -> Iterator[Fault]:
    """Where no book has a tariff there is nothing to add; a layer of law may say it for the books above."""
    top = checked.editions[checked.rulebook.layers[0].name]
    if top.shape.points == "added" and not top.shape.statutory and not checked.rulebook.tariff and "tariff." not in checked.lost:
        advice = "Say under `tariff` how many points a placement has."
        yield top.fault(("points",), found="points: added in a book without a tariff", wanted="a `tariff`, or no `points`", advice=advice)


def pupils_are_weighed_by_a_tariff(checked: Checked) -> Iterator[Fault]:
    """What a pupil weighs is asked only where a tariff says it."""
    book, top = checked.rulebook, checked.editions[checked.rulebook.layers[0].name]
    if book.tariff or top.shape.statutory or "tariff." in checked.lost or POINTS in {one.fact.name for one in book.derived}:
        return
    wrong = {
        "found": f"{POINTS} in a book without a tariff",
        "wanted": "a `tariff`",
        "advice": "Say under `tariff` how many points a placement has.",
    }
    asking: list[Item] = [item for item, term in checked.terms if POINTS in {fact.name for fact in reads(term)}]
    asking += [item for item in checked.spoken if f"{{{POINTS}}}" in item.say and item not in asking]
    yield from (checked.fault(item, **wrong) for item in asking)
    for number, (_, objective) in enumerate(zip(top.shape.objectives or (), book.objectives, strict=False)):
        if POINTS in objective.of_the_case:
            yield top.fault(("objectives", number), **wrong)


def examples_suit_the_pupil(checked: Checked) -> Iterator[Fault]:
    """The kind of setting that an example names, and its answers for each kind, are of one pupil."""
    for item in checked.spoken:
        for example in item.examples:
            if found := _unsuited(example):
                fault = checked.fault(item, found=found, wanted="answers that agree", advice=SUITS)
                yield dataclasses.replace(fault, row=example.line)


def _unsuited(example: Example) -> str:
    """What contradicts itself of the kinds of setting that will do for the pupil; nothing where all of it agrees."""
    answers = {kind: example.given.get(f"{SUITED_TO}_{kind}", kind == "mainstream") for kind in SETTINGS}
    if SUITED_TO in example.unknown:
        suits = [kind for kind, yes in answers.items() if yes]
        return f"{SUITED_TO}: unknown, where {suits[0] if suits else 'no kind'} alone will do" if len(suits) < 2 else ""
    word = example.given.get(SUITED_TO)
    given = [kind for kind in SETTINGS if word is not None and f"{SUITED_TO}_{kind}" in example.given]
    wrong = next((kind for kind in given if answers[kind] != (kind == word)), None)
    return f"{SUITED_TO}: {word} with {SUITED_TO}_{wrong}: {str(answers[wrong]).lower()}" if wrong else ""


SUITS: Final = (
    f"`{SUITED_TO}` names the one kind that will do, and is unknown where several will: give each of those, as `{SUITED_TO}_pru: true`."
)


def names_are_its_own(checked: Checked) -> Iterator[Fault]:
    """No book derives what is a fact already; in one that is recorded its own meaning goes on."""
    derived = {one.fact.name: one for one in checked.rulebook.derived}
    made = {fact.name: count for count in checked.rulebook.counts for fact in count_facts([(count.id, count.per)])}
    for name in sorted(derived.keys() & {*BY_NAME, *made}):
        yield checked.fault(derived[name], found=f"{name}, which exists already", wanted="a new name", advice=NAME_OF_ITS_OWN)
        if name in made and made[name].book != derived[name].book:
            count = made[name]
            yield checked.fault(count, found=f"the name {count.id}", wanted="a name of its own", advice=f"{name} is already a fact.")


def school_facts_are_its_own(checked: Checked) -> Iterator[Fault]:
    """No book asks of schools what the program knows already; in one that is recorded its own meaning goes on."""
    top = checked.editions[checked.rulebook.layers[0].name]
    for name in top.shape.school_facts:
        if f"school.{name}" in BY_NAME:
            advice = f"school.{name} is already a fact."
            yield top.fault(("school_facts", name), found=f"the name {name}", wanted="a name of its own", advice=advice)


def offers_are_named(checked: Checked) -> Iterator[Fault]:
    """A rule that asks whether a school offers what is needed stands in a book that says what may be."""
    if checked.rulebook.offers or {"offers."} & set(checked.lost):
        return
    for rule in checked.rulebook.rules:
        if any(OFFERED in reached(checked.rulebook, term) for term in terms_of(rule)):
            advice = "Name what a school may offer and a pupil may need: `offers: {sign_language: lessons with an interpreter}`."
            yield checked.fault(rule, found=f"{OFFERED} in a book without `offers`", wanted="`offers`", advice=advice)


def counts_nest(checked: Checked) -> Iterator[Fault]:
    """Numbers of pupils who overlap by anything that a `where` asks cross too. Books were once asked by kind, exclusion, year group, a plan
    and being looked after alone; those crossings are told of every book.
    """
    book, top = checked.rulebook, checked.editions[checked.rulebook.layers[0].name]
    if book.proof == "solvers" or "objectives." in checked.lost or "counts." in checked.lost:
        return
    made = [(objective, top, ("objectives", n)) for n, objective in enumerate(book.objectives)]
    told = crossings(book.objectives, book, checked.lost, by_anything=False)
    yield from crossed(made, [pair for pair in crossings(book.objectives, book, checked.lost) if pair not in told])


ON_ADOPTION: Final[tuple[Callable[[Checked], Iterator[Fault]], ...]] = (
    clocks_are_about_a_case,
    limits_count_whom_they_are_for,
    objectives_count_nobody_else,
    objectives_count_what_is_known_beforehand,
    nothing_is_paid_by_what_a_child_is,
    nothing_goes_by_what_ends,
    money_follows_somebody,
    points_are_those_of_a_tariff,
    pupils_are_weighed_by_a_tariff,
    examples_suit_the_pupil,
    names_are_its_own,
    school_facts_are_its_own,
    offers_are_named,
    counts_nest,
)
