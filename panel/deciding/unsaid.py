"""What the chair should hear when a meeting opens: what was not said of a school that is said of others, and words that no school has.

    numbers    a mainstream school without the PAN, or the roll, of a year group that others have, where the book goes by it
    phases     a setting of which a phase of the book cannot be added up, where a rule goes by that
    answers    a setting of which nobody has said what the book asks of every school, or what it offers, where a rule goes by that
    lists      a mainstream school whose number on the list of a rota is not known
    words      a rule that asks for a school, a federation or a grade that no school of the panel has
    pupils     one who came to, or left, a year group since its looked-after children, or its pupils with a plan, were counted
    together   one who is to be placed with another who is not on the agenda; or anybody, where no objective of the book does it;
               or one whose case names a referral where it means its pupil
    costs      journeys without a recorded cost, where the objective `transport` weighs it and the book has no charges
    attendance of a tenth or less, which is per cent where per mille was asked for

It closes nothing and changes nothing: what follows from each is what the rules make of it, and is said with it.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from panel.events import SchoolRecorded
from panel.facts.admits import age_fits
from panel.facts.candidates import MeetingFacts, receiving
from panel.facts.doubts import where_told
from panel.facts.phases import uncounted
from panel.facts.remedies import source_of
from panel.facts.rolls import untold
from panel.state.records import State
from rules.book import Limit, Objective, Rule, Rulebook
from rules.measure import reads, words_compared
from rules.offers import OFFERED
from rules.phrases import listed, said_value
from rules.reach import facts_named, reach_of, reached, terms_of
from rules.terms import Term

Column = Literal["pan", "on_roll"]
COLUMNS: Final[tuple[tuple[Column, str], ...]] = (("pan", "PAN"), ("on_roll", "roll"))

UNTOLD: Final[tuple[tuple[Literal["looked_after", "ehcp"], str], ...]] = (("looked_after", "is looked after"), ("ehcp", "has an EHCP"))

GRADES: Final = (
    *("Outstanding", "Good", "Requires improvement", "Inadequate"),
    *("Serious Weaknesses", "Special Measures", "Insufficient evidence"),
)
"""Grades as the register writes them: a rule may ask for one that no school of the panel has just now."""


def unsaid(state: State, rulebook: Rulebook, facts: MeetingFacts) -> tuple[str, ...]:
    """One line for each, in the order of the first docstring; nothing where all is said."""
    return (
        *_missing_numbers(state, rulebook, facts.on),
        *_unanswered(state, rulebook, facts),
        *_uncounted(state, rulebook, facts),
        *_unlisted(rulebook, facts),
        *_strange_words(state, rulebook, facts.on),
        *_pupils_untold(state, rulebook, facts),
        *_not_together(state, rulebook, facts),
        *_referrals_for_pupils(state, facts),
        *_without_a_cost(rulebook, facts),
        *_attendance_in_per_cent(state, facts),
    )


# --- numbers that others have ---


def _missing_numbers(state: State, rulebook: Rulebook, on: dt.date) -> Iterator[str]:
    schools = {urn: school for urn, school in receiving(state, on).items() if school.setting == "mainstream"}
    for column, words in COLUMNS:
        by_year, whole = _going_by(rulebook, column)
        if not (by_year or whole):
            continue
        known = {key for key, year in state.years.items() if key[0] in schools and getattr(year, column) is not None}
        years = [year for year in rulebook.year_groups if any(other == year for _, other in known)]
        for urn, school in schools.items():
            lacking = [year for year in years if (urn, year) not in known and age_fits(school, year) is not False]
            if lacking:
                said = [*(_of_the_whole(state, urn, rulebook, share) for share in whole), *_of_the_years(by_year, column)]
                yield (
                    f"{school.name} ({urn}) has no {words} of {_years(lacking)}, which other schools have: {'; '.join(said)}. "
                    f"Load it (`pastoral load places`, {column})."
                )


def _going_by(rulebook: Rulebook, column: Column) -> tuple[tuple[str, ...], tuple[Objective, ...]]:
    """What goes by the number of one year group, in words; and the shares of whole schools that add it up."""
    shares = [one for one in rulebook.objectives if one.name == "share"]
    whole = tuple(one for one in shares if column == "pan" and one.part == "school" and one.per == "pan")
    reading = (one for one in reach_of(rulebook) if one.kind != "count" and f"year.{column}" in one.facts)
    named = dict.fromkeys(f"{one.kind} {one.id}" for one in reading)
    if whole and all(one.part == "school" for one in shares):
        named.pop("objective share", None)  # it only adds them up
    return tuple(named), whole


def _of_the_whole(state: State, urn: str, rulebook: Rulebook, share: Objective) -> str:
    """What the share of a whole school is, as far as its year groups are recorded."""
    pans = [year.pan for (other, year_group), year in state.years.items() if other == urn and year_group in rulebook.year_groups]
    if not pans or None in pans:
        return f"its share (load {share.count}, per pan) is unknown, so it is not considered"
    return f"its share (load {share.count}, per pan) is that of its other year groups alone, {sum(pan or 0 for pan in pans)}"


def _of_the_years(by_year: tuple[str, ...], column: Column) -> Iterator[str]:
    if by_year:
        yield f"{listed(by_year)} cannot tell of it there without year.{column}"


def _years(years: Iterable[int]) -> str:
    """`year 9`, or `years 8, 9 and 11`."""
    named = [str(year) for year in years]
    return f"year{'s' if len(named) > 1 else ''} {listed(named)}"


# --- what the book asks of every school ---


def _unanswered(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    for column, fact in rulebook.school_facts.items():
        users, asked = _asked(state, rulebook, facts, fact.name)
        lacking = [_unanswered_at(state.schools[urn], column) for urn in asked if fact.name not in facts.schools[urn]]
        if lacking:
            yield f"{fact.name} ({fact.meaning}) is unknown of {listed(lacking)}; by it go: {users}. {_AGAIN.format(column)}"
    users, asked = _asked(state, rulebook, facts, OFFERED)
    schools = [state.schools[urn] for urn in asked if not rulebook.offers.keys() <= (state.schools[urn].offers or {}).keys()]
    if schools:
        named = listed(f"{school.name} ({school.urn})" for school in schools)
        yield (
            f"Nobody has said of {named} whether there is {listed(rulebook.offers.values(), 'or')}, as far as pupils need it; by "
            f"{OFFERED} go: {users}. {_AGAIN.format('offers')}"
        )


LISTED: Final = (("objective", "rota"), ("objective", "longest_ago"))
"""What goes by turns lists schools by a number, which is told by itself."""

_AGAIN: Final = "Load the schools again with a column {} (`pastoral load schools FILE`): it counts from the next opening."


def _asked(state: State, rulebook: Rulebook, facts: MeetingFacts, fact: str) -> tuple[str, tuple[str, ...]]:
    """What goes by a fact, in words, and the settings of which it is asked."""
    rules = {rule.id: rule for rule in rulebook.rules}
    users = [one for one in reach_of(rulebook) if fact in one.facts and (one.kind, one.id) not in LISTED]
    asked = [urn for urn in sorted(facts.schools) if any(_is_for(rules.get(one.id), state.schools[urn]) for one in users)]
    return ", ".join(dict.fromkeys(f"{one.kind} {one.id}" for one in users)), tuple(asked)


def _is_for(rule: Rule | Limit | None, school: SchoolRecorded) -> bool:
    """Whether a rule is asked at a school, by its kind and the year groups that it has; an objective (None) is at mainstream ones."""
    if rule is None:
        return school.setting == "mainstream"
    years = (rule.years if isinstance(rule, Limit) else None) or ()
    return (rule.at is None or school.setting in rule.at) and (not years or any(age_fits(school, year) is not False for year in years))


def _uncounted(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    """Schools of which a phase cannot be added up, and of which year groups nobody has said a number."""
    for phase, years in rulebook.phases.items():
        for column, words in COLUMNS:
            fact = f"school.{column}_{phase}"
            users, asked = _asked(state, rulebook, facts, fact)
            told = {urn: uncounted(state, state.schools[urn], years, column) for urn in asked if fact not in facts.schools[urn]}
            lacking = [f"{state.schools[urn].name} ({urn}) in {_years(without)}" for urn, without in told.items()]
            if lacking:
                yield (
                    f"{fact} is unknown: nobody has said the {words} of {listed(lacking)}; by it go: {users}. "
                    f"Load it (`pastoral load places`, {column}); a year group that is there and empty has 0."
                )


def _unanswered_at(school: SchoolRecorded, column: str) -> str:
    """A school by its name, and what was said of it where that is no answer to what the book asks now."""
    said = (school.facts or {}).get(column)
    other = f", where it was said as {said_value(said.value)} {said.unit or ''}".rstrip() if said is not None else ""
    return f"{school.name} ({school.urn}{other})"


# --- numbers on the list of a rota ---


def _unlisted(rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    derived = {one.fact.name for one in rulebook.derived}
    lists = dict.fromkeys(objective.listed for objective in rulebook.objectives if objective.has_a_list)
    asked = tuple(dict.fromkeys(name for term in lists for name in reached(rulebook, term) if name not in derived))
    for name in asked:
        lacking = [f"{facts.schools[urn]['school.name']} ({urn})" for urn in facts.mainstream() if name not in facts.schools[urn]]
        if lacking:
            yield (
                f"{name} is unknown of {listed(lacking)}, and the rota lists schools by it: where claims are equal, those come last. "
                f"It is told by {source_of(name, [fact.name for fact in rulebook.school_facts.values()])}."
            )


# --- words that no school has ---


def _strange_words(state: State, rulebook: Rulebook, on: dt.date) -> Iterator[str]:
    schools = receiving(state, on).values()
    there = {name: {getattr(school, name) for school in schools} - {None} for name in ("name", "federation", "ofsted")}
    asked: dict[tuple[str, str], list[str]] = {}
    derived = {one.fact.name: one.term for one in rulebook.derived}
    for item in rulebook.rules:
        for fact, word in dict.fromkeys(_words_of(item, derived)):
            asked.setdefault((fact, word), []).append(f"{item.kind if isinstance(item, Rule) else 'limit'} {item.id}")
    for (fact, word), items in asked.items():
        have = there.get(fact.removeprefix("school."), set())
        if not fact.startswith("school.") or fact.removeprefix("school.") not in there or word in have:
            continue
        near = _nearest(word, have)
        if fact == "school.ofsted" and word in GRADES and (not near or near in GRADES):
            continue
        advice = f" The nearest that one has is '{near}'." if near else ""
        yield f"No school of the panel has {fact} '{word}', which {listed(items)} go{'es' if len(items) == 1 else ''} by.{advice}"


def _words_of(item: Rule | Limit, derived: dict[str, Term]) -> Iterator[tuple[str, str]]:
    terms: list[Term] = list(terms_of(item))
    done: set[str] = set()
    while terms:
        term = terms.pop()
        yield from ((fact.name, word) for fact, word in words_compared(term))
        more = [fact.name for fact in reads(term) if fact.name in derived and fact.name not in done]
        done.update(more)
        terms.extend(derived[name] for name in more)


def _nearest(word: str, have: Iterable[str]) -> str:
    spelt = {one.casefold(): one for one in sorted(have)}
    near = difflib.get_close_matches(word.casefold(), spelt, n=1)
    return spelt[near[0]] if near else ""


# --- pupils of whom nobody has said it ---


def _pupils_untold(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    named = facts_named(rulebook)
    for which, words in UNTOLD:
        if f"year.{which}" not in named:
            continue
        for urn, year_group in sorted(facts.years):
            for one in untold(state, urn, year_group, which, facts.on):
                where = f"year {year_group} at {facts.schools[urn]['school.name']} ({urn})"
                yield (
                    f"year.{which} is unknown of {where}: it was counted, and nobody has said whether {one.pupil}, who came there on "
                    f"{one.on}, {words}. Record it: {where_told([one], (which,))}."
                )


# --- pupils who are to be placed together ---


def _not_together(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    asking = {name: state.referrals[name].case.together_with or () for name in facts.referrals}
    said = [name for name, others in asking.items() if others]
    if said and not any(objective.name == "together" for objective in rulebook.objectives):
        yield (
            f"{', '.join(said)}: to be placed together with another pupil (together_with), and '{rulebook.name}' has no objective "
            "`together`, so nothing is done for it. It is for the panel to see to, or for an edition with that objective."
        )
        return
    here = set(facts.pupils.values())
    for name in said:
        if any(other not in here for other in set(asking[name]).difference(_slips(state, asking[name]))):
            yield (
                f"{name} is to be placed together with a pupil who is not on this agenda, so nothing is done for it. "
                "If that pupil is at a school already, say so in siblings_at, and a rule may read candidate.sibling_here; "
                "if that pupil waits too, refer it before the meeting opens."
            )


def _slips(state: State, others: tuple[str, ...]) -> list[str]:
    """Which of these references of pupils are a referral's, and no pupil's of whom one was made."""
    pupils = {held.made.pupil for held in state.referrals.values()}
    return [other for other in others if other in state.referrals and other not in pupils]


def _referrals_for_pupils(state: State, facts: MeetingFacts) -> Iterator[str]:
    for name in facts.referrals:
        case = state.referrals[name].case
        for column, others in (("together_with", case.together_with or ()), ("not_with", case.not_with or ())):
            if slips := _slips(state, others):
                yield (
                    f"{name}: its {column} has {listed(slips)}, the reference of a referral and not of a pupil, so nothing is done for it. "
                    f"Write what that referral's column pupil says: `pastoral correct {name} --set {column}=... --reason TEXT`."
                )


# --- what nobody said that travel costs ---


def _without_a_cost(rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    if rulebook.charges or not any("transport" in objective.measures for objective in rulebook.objectives):
        return
    many = {
        name: sum(not isinstance(facts.pair_row(name, urn).get("candidate.quoted_pence"), int) for urn in urns)
        for name, urns in facts.candidates.items()
    }
    lacking = [f"{name} ({number} of {len(facts.candidates[name])})" for name, number in many.items() if number]
    if lacking:
        yield (
            f"No cost of travel is recorded, and '{rulebook.name}' has no charges: {', '.join(lacking)}. The objective `transport` "
            "reckons these journeys at nothing, so that they come before any that has a cost. Load it (`pastoral load journeys`, "
            "pence_per_year): it counts from the next opening."
        )


# --- attendance that looks like per cent ---


def _attendance_in_per_cent(state: State, facts: MeetingFacts) -> Iterator[str]:
    lowest = [name for name in sorted(facts.referrals) if state.referrals[name].case.attendance in range(1, 101)]
    if lowest:
        yield (
            f"Attendance of a tenth or less: {', '.join(lowest)}. It is per mille, so that 93 is 9.3 per cent; where 93 per cent was meant "
            "it is 930: `pastoral correct REFERRAL --set attendance=930 --reason TEXT`. Rules read it as it stands."
        )
