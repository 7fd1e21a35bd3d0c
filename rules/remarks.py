"""What a sound book may not mean as it stands: remarks, each with its line, for whoever wrote it.

It refuses nothing and evaluates nothing: what is told here can be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final

from rules.audience import Audience
from rules.book import Clock, Count, Length, Objective, Rule, Rulebook
from rules.edition import digest_of, read_edition
from rules.facts import KINDS, POINTS, SUITED_TO
from rules.guards import derived_by, roots, unguarded
from rules.idle import idle
from rules.lengths import at_least, length_in
from rules.likely_slips import likely_slips
from rules.reach import reached, unused
from rules.terms import All, Any, Flag, Not, Read, Term
from rules.yaml_text import Plain

Remark = tuple[str, int | None, str]
"""What it is about, the line in the book's file where that is known, and what is to be said."""

SAME_FEDERATION: Final = "candidate.same_federation"
HAS_HOME_SCHOOL: Final = "referral.has_home_school"
FROM_A_SCHOOL: Final = frozenset({"managed_move", "off_site_direction"})
"""Kinds of referral that lead away from a home school: a child of none has no such referral."""

ESTIMATED: Final = "candidate.metres"
"""Worked out as a meeting opens wherever home and school have coordinates: a charge by the distance needs no word more."""


def remarks_of(rulebook: Rulebook, texts: Iterable[str]) -> tuple[Remark, ...]:
    """All remarks on the highest layer of a book; `texts` are the files of all its layers."""
    texts = tuple(texts)
    own, unread = rulebook.layers[0].name, unused(rulebook, texts)
    needless = {about for about, _, _ in unread}
    return (
        *unread,
        *(remark for rule in (*rulebook.tiers, *rulebook.charges) if rule.book == own for remark in _unknown(rulebook, rule)),
        *(_one_kind(rule) for rule in rulebook.rules if rule.book == own and isinstance(rule, Rule) and _reads_one_kind(rulebook, rule)),
        *(_of_no_school(rule) for rule in rulebook.bars if rule.book == own and _bars_who_has_no_school(rulebook, rule)),
        *(_no_say(rule) for rule in (*rulebook.holds, *rulebook.bars, *rulebook.notices) if rule.book == own and not rule.say),
        *(_one_for_both(*pair) for pair in combinations(rulebook.clocks, 2) if _same(*pair) and own in {one.rule.book for one in pair}),
        *(_late_for_ever(clock) for clock in rulebook.clocks if clock.rule.book == own and _ends_by_an_answer(clock)),
        *_waiting_first(rulebook.objectives),
        *(remark for objective in rulebook.objectives for remark in _of_an_unknown(rulebook, objective)),
        *likely_slips(rulebook),
        *idle(rulebook),
        *(remark for kind in _said_of_trials(rulebook, texts) for remark in _late_reviews(rulebook, kind)),
        *(
            _term(count)
            for count in rulebook.counts
            if count.book == own and count.over.kind == "term" and f"count {count.id}" not in needless
        ),
    )


def _unknown(rulebook: Rulebook, rule: Rule) -> Iterator[Remark]:
    """A tier or a charge that cannot tell closes the school to the pupil, for want of a fact that nobody may ever give."""
    usual = {ESTIMATED} if rule.kind == "charge" else set[str]()
    names = [fact.name for fact in unguarded(rule.condition, derived_by(rulebook)) if roots(fact, derived_by(rulebook)) - usual]
    if names:
        facts = ", ".join(names)
        guard = f"write `{names[0]} is known and ...`, or `{names[0]} is unknown or ...`"
        where = "and no cost is quoted, the school" if rule.kind == "charge" else "the school"
        yield (
            f"{rule.kind} {rule.id}",
            rule.line,
            f"{facts} may be unknown; where it is, {where} is closed to the pupil. If you mean something else, {guard}",
        )


def _reads_one_kind(rulebook: Rulebook, rule: Rule) -> bool:
    return any(SUITED_TO in roots(fact, derived_by(rulebook)) for fact in unguarded(rule.condition, derived_by(rulebook)))


def _one_kind(rule: Rule) -> Remark:
    say = f"{SUITED_TO} names one kind of setting; of a pupil for whom any of several will do it is unknown, and so what this rule says"
    return f"{rule.kind} {rule.id}", rule.line, f"{say}. To ask whether a kind is among them write `{SUITED_TO}_KIND`, as `{SUITED_TO}_pru`"


def _bars_who_has_no_school(rulebook: Rulebook, rule: Rule) -> bool:
    """Whether a bar fires at every school for a child of no home school: it wants a federation, of which that child has none."""
    if rule.applies_to is not None and rule.applies_to <= FROM_A_SCHOOL:
        return False
    by = reached(rulebook, rule.condition)
    terms = [rule.condition, *(one.term for one in rulebook.derived if one.fact.name in by)]
    return HAS_HOME_SCHOOL not in by and any(_denied(term, SAME_FEDERATION) for term in terms)


def _denied(term: Term, fact: str, *, held: bool = True) -> bool:
    """Whether what is `held` of a condition, that it is so or that it is not, speaks of a yes/no that is no."""
    match term:
        case All(parts=parts) | Any(parts=parts):
            return any(_denied(part, fact, held=held) for part in parts)
        case Not(part=part):
            return _denied(part, fact, held=not held)
        case Flag(fact=one):
            return one.name == fact and not held
        case _:
            return False


def _of_no_school(rule: Rule) -> Remark:
    say = (
        f"{SAME_FEDERATION} is no for a child of no home school (`none`) whom no school excluded, so that such a child is barred everywhere"
    )
    return f"bar {rule.id}", rule.line, f"{say}. To leave it out write `unless: {HAS_HOME_SCHOOL} is known and not {HAS_HOME_SCHOOL}`"


def _no_say(rule: Rule) -> Remark:
    return f"{rule.kind} {rule.id}", rule.line, "it has no `say`: who asks why is told its condition instead of a sentence"


def _same(one: Clock, other: Clock) -> bool:
    """Whether two clocks ask the same of some referral, with two times."""
    kinds = (one.rule.applies_to or frozenset(KINDS)) & (other.rule.applies_to or frozenset(KINDS))
    run = set(one.from_) == set(other.from_) and set(one.until) == set(other.until)
    return bool(kinds) and run and one.rule.condition == other.rule.condition and None not in (one.within, other.within)


def _one_for_both(one: Clock, other: Clock) -> Remark:
    until = " or ".join(other.until)
    say = f"{other.run} as {one.id} does: the first {until} meets both, and the longer asks for nothing more"
    if one.rule.book != other.rule.book and one.within and other.within and at_least(one.within, other.within):
        say += f". If it is to be so soon, name it {one.id}: a clock of {one.rule.book} may be named again with a shorter time"
    elif "placement.reviewed" in other.until:
        say += ". For one review after another write under `lifecycle`, for the kind of referral, `reviews: [6 weeks, 12 weeks]`"
    return f"clock {other.id}", other.rule.line, say


def _ends_by_an_answer(clock: Clock) -> bool:
    """Whether a clock runs until the receiving school says yes, and goes on though the pupil is there."""
    return "receiving_school.accepted" in clock.until and "placement.started" not in clock.until


def _late_for_ever(clock: Clock) -> Remark:
    until = ", ".join(dict.fromkeys((*clock.until, "placement.started")))
    say = "where nobody writes the answer down it stays late for ever, though the pupil has started there"
    return f"clock {clock.id}", clock.rule.line, f"{say}. Write `until: [{until}]`"


def _waiting_first(objectives: Iterable[Objective]) -> Iterator[Remark]:
    """`waiting` of some weighs the days that they have waited, so it puts nobody first who has waited none."""
    before: list[Objective] = []
    for objective in objectives:
        some = objective.name == "waiting" and objective.of != Audience()
        earlier = [one for one in before if one.name in ("place", "waiting")]
        if some and not any(one != Objective(name="place") for one in earlier):
            say = "it weighs the days that they have waited: who was accepted on the meeting's day weighs nothing, and gives way to anybody"
            if objective.days:
                say = f"it weighs {objective.days}: of whom that is 0 weighs nothing, and gives way to anybody"
            first = f"To give them the places first write `place: {{of: {objective.of.as_written}}}` before it"
            yield f"objective waiting of {objective.of}", None, f"{say}. {first}"
        before.append(objective)


def _of_an_unknown(rulebook: Rulebook, objective: Objective) -> Iterator[Remark]:
    """An objective by a fact of the case that nobody may ever give: where it is unknown, the case is held."""
    chosen, derived = objective.of.fact, derived_by(rulebook)
    about = f"objective {objective.name}{f' of {chosen}' if chosen else ''}"
    held = "may be unknown; where it is, the case is held"
    told = set() if any(unguarded(line.condition, derived) for line in rulebook.tariff) else {POINTS}
    if chosen and (names := sorted(roots(rulebook.facts[chosen], derived) - told)):
        yield about, None, f"{', '.join(names)} {held}. If you mean something else, ask in `derive` whether it is known"
    asked = reached(rulebook, Read(rulebook.facts[chosen])).keys() if chosen else set[str]()
    if objective.goes_by and (names := sorted(roots(rulebook.facts[objective.goes_by], derived) - asked - told)):
        leave = f"`of: referral.NAME`, where `derive` has `fact: referral.NAME` with `is: {names[0]} is known`"
        yield about, None, f"{', '.join(names)} {held}. To leave such pupils out of this objective say {leave}"


def _said_of_trials(rulebook: Rulebook, texts: Iterable[str]) -> Iterator[str]:
    """The kinds of referral of which the highest layer says a trial or reviews itself."""
    for text in texts:
        if digest_of(text) == rulebook.layers[0].digest:
            lifecycle = read_edition(text, rulebook.name).shape.lifecycle
            yield from (kind for kind, said in lifecycle.items() if said.trial is not None or said.reviews is not None)


def _late_reviews(rulebook: Rulebook, kind: str) -> Iterator[Remark]:
    """A review that certainly comes after a trial is over, however often that was made longer."""
    said: Plain = rulebook.lifecycle[kind]
    trial, reviews = said.get("trial"), said.get("reviews", ())
    if not isinstance(trial, Mapping):
        return
    last = Length(trial["weeks"], "weeks") if "weeks" in trial else length_in(trial["lasts"])
    if more := trial.get("extension"):
        by = length_in(more["by"])
        if by.unit != last.unit:
            return
        last = Length(last.many + more["times"] * by.many, last.unit)
    for review in map(length_in, reviews):
        if at_least(review, last) and not at_least(last, review):
            say = f"it asks for a review {review} after the first day, which lies after the end of the trial: that is over after {last}"
            yield f"lifecycle {kind}", None, say


def _term(count: Count) -> Remark:
    return (
        f"count {count.id}",
        count.line,
        "a term is one row of the file of terms: half a term where the file has halves, and in the holidays it counts nobody",
    )
