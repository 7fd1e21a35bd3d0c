"""Writes docs/facts.md from the closed list of facts and the shape of a rulebook, so that nothing is typed twice: `make docs`.

What each key is for is said here once; a key of the shape without its sentence stops the writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, get_args

from docs.keys_of_a_panel import AUTHORITY, LENGTH, OF_A_PANEL, words
from rules import shape
from rules.checks import AS_IT_OPENED
from rules.clocks import EVENTS
from rules.facts import (
    BY_THE_DAY,
    FACTS,
    FAMILIES,
    KEPT_APART,
    KINDS,
    MOVED_BY_THE_MEETING,
    NEVER_WEIGHED,
    PAPER_EVENT,
    PROCESS_ONLY,
    SETTINGS,
    Fact,
)
from rules.forms import Measure, ObjectiveName, Shape

PAGE: Final = Path(__file__).with_name("facts.md")


BEGINNING: Final = f"""# Every fact and every key

Written by `make docs` from the program's own lists; a test checks that it is up to date. How to use them is in
[writing-a-rulebook.md](writing-a-rulebook.md).

## Facts

A rule may name these and no others, beside the counts and the derived facts of its own book. *Usual* is what an example has
where it says nothing. A fact that *may be unknown* can be tested with `is known` and `is unknown`; without such a test, a rule
that needs it cannot tell.

- *moves*: placing pupils changes it during the meeting. Only a limit or a notice may read it; and a tier
  {words(AS_IT_OPENED, "and")}, as they stood when the meeting opened: an order of approach closes nothing.
- *process*: it decides how a case is handled. Only a hold, a notice or a clock may read it (of an admission: only the `where` of a count).
- *by the day*: it is another on each day that somebody asks. A clock may not read it: it counts days itself.
"""

WHAT: Final[Mapping[str, str]] = {
    "referral": "the pupil's case; beside these every count of the book that is per school, as it stands at the home school when the "
    "meeting opens, as `referral.home_school_COUNT` (a whole number, usual 0, may be unknown: a referral with only `excluded_by`, or with "
    "`none`, names no home school; of a count of `own_referrals` the number of the case among them, always known): for holds and "
    "notices; and for every paper of the book whether the panel has it, "
    "as `referral.paper_NAME` (yes/no, usual true), and for everything under `offers` whether the pupil needs it, as "
    "`referral.needs_NAME` (yes/no, usual false, may be unknown): for holds, notices and clocks",
    "school": "a setting that could receive; beside these whatever the book asks of every school under `school_facts`, as `school.NAME` "
    "(yes/no or a whole number, usual false or 0, may be unknown); of every phase `school.on_roll_NAME`, which *moves*, and "
    "`school.pan_NAME` (pupils, usual 0; unknown where a year group of it that the school has, by the places file or by its ages, has no "
    "number); every count of the book that is per school, as `school.COUNT`, and as "
    "`school.even_COUNT_by_roll` what would fall to the school if the panel's total of it went by roll: `panel.total_COUNT` times the "
    "school's roll, divided by the rolls of all mainstream schools, rounded down (below 0 away from it). It is unknown of a setting that "
    "is not mainstream (write `at: [mainstream]`), and of all where a roll is unknown. Of a count over the academic year a roll is weighed "
    "by the school's days as a member, as in a share",
    "year": "the pupil's year group at that setting; beside these every count of the book that is per year group, as `year.COUNT`, and as "
    "`year.even_COUNT_by_roll` what falls to it of the total of that year group at all mainstream schools, by the rolls of that year "
    "group, rounded down in the same way",
    "candidate": "the pupil and the setting together",
    "panel": "the meeting; beside these for every count `panel.lowest_COUNT`, `panel.highest_COUNT`, `panel.total_COUNT` and "
    "`panel.average_COUNT` over the mainstream schools; the average is the total divided by their number, rounded down. All of them *move* "
    "where the count takes in placements: they are as the meeting found them, and only a limit, a quota's limit or a notice reads them",
    "admission": "one admission or placement in the record; only `tariff`, `transfers` and the `where` of a count may read it. Of a "
    "placement it is what its referral says (a correction changes it for the meetings that open later), of any other what the file of "
    "admissions or of history says. A referral says it beforehand, too, and so a pupil on the agenda is weighed by it",
}

PROCESS: Final = PROCESS_ONLY | NEVER_WEIGHED

_WHEN: Final = "one condition, or a list of which each line is enough by itself"
RULES: Final[Mapping[str, type[shape.RuleShape]]] = {
    "tariff": shape.TariffShape,
    "limits": shape.LimitShape,
    "holds": shape.HoldShape,
    "bars": shape.BarShape,
    "charges": shape.ChargeShape,
    "transfers": shape.TransferShape,
    "tiers": shape.TierShape,
    "notices": shape.NoticeShape,
}

_ID: Final = "small letters, digits and hyphens; its own in the book and in the books below"
_APPLIES_TO: Final = "the kinds of referral that it is for; all where it is left out"

RULE_KEYS: Final[Mapping[str, str]] = {
    "id": _ID,
    "when": f"{_WHEN}; of a limit, at which schools it is, by what no meeting changes; everywhere where both are left out",
    "unless": "the same, turned round: every line must be silent",
    "per": "`year_group` or `school`: what the room is in, and by year group only where there are any: not at a unit, a centre or a "
    "special school without a PAN in the pupil's year; `kept_apart_pupils`, with `room: 1`: "
    "any two pupils of a meeting who are to be kept apart",
    "of": "whom the room is for: kinds of referral, `permanently_excluded` or `not_permanently_excluded`; "
    "of a list whoever is any of these; `{kinds: [fair_access], permanently_excluded: false}` are only those who are both; "
    "everybody where it is left out",
    "year_groups": "the year groups that the room is for, `{lowest: 0, highest: 2}`, or a phase by its name; all of the book's where it is "
    "left out",
    "room": "a sum of school.*, year.* and panel.*: how many more may come; 0 or less is none",
    "weigh": "of a limit: room is in `heads` (usual), or in `points`, of which each takes what the tariff gives to the placement",
    "points": "a whole number, or settings.NAME",
    "pence": "pence a year: a whole number, or settings.NAME; of a transfer also `transport`, what the decision recorded that the journey "
    "costs",
    "from": "who pays: `sending_school` (usual), `authority` or `fund`",
    "to": "who is paid: `receiving_school` (usual), `sending_school`, `fund` or `authority`",
    "once": "`true`: pence once, whatever is left of the year; usually pence a year for the rest of it",
    "after": "`12 weeks` or `84 calendar days`: only if the placement still stands so long after its first day, "
    "or the exclusion after its own",
    "begins": "`first_day` (usual); `permanent`: after a trial the day on which the pupil stays; `exclusion`: the day of a permanent "
    "exclusion, placed or not, `to: authority` or `fund`",
    "tier": "1 for the first to be approached: a whole number, or settings.NAME",
    "waivable": "`false`: not even the panel may set it aside; usually `true`",
    "applies_to": _APPLIES_TO,
    "at": "the kinds of setting that it is for; all where it is left out",
    "in_force": "`{from: DAY, until: DAY}`: the meetings that it is for, both days included, either may be left out",
    "say": "the sentence that people read; `{school.name}` and the like are filled in. With `: ` or braces in it, in double quotes",
    "authority": AUTHORITY,
    "examples": "cases with what the rule must say of them: at least one in which it fires and one in which it stays silent",
}

KEYS: Final[tuple[tuple[str, type[Shape], Mapping[str, str]], ...]] = (
    (
        "The file",
        shape.BookShape,
        {
            "rulebook": "**required.** The name of the line of editions",
            "edition": "**required.** `{from: DAY}`; in force until the next edition of the line, or until the day of `until`",
            "title": "**required.** What people call it",
            "authority": "**required.** `{instrument: ..., paragraph: ...}`: the protocol that it was made from",
            "statutory": "`true` for a layer of law that others stand on; it has no objectives",
            "extends": "the line below; on any day the edition of it that is in force then",
            "year_groups": "the year groups of the pupils whom the panel places; 7 to 11 where it is left out",
            "proof": "by what a placement is proved: `certificate` (usual), or `solvers` where quotas, shares or rotas count pupils who "
            "overlap without nesting",
            "settings": "values with a name",
            "points": "`largest` (usual): an admission has the points of the largest line of the tariff that fires; `added`: those of all "
            "that fire, at most 1000 together. A book that extends another one with a tariff reads its lines as that one does",
            "tariff": "the points of an admission",
            "counts": "questions to the record",
            "derive": "names for parts of conditions",
            "limits": "how many more there is room for; shared by all who are placed in one meeting",
            "holds": "why the panel cannot decide a referral yet",
            "bars": "why this school may not receive this pupil",
            "charges": "what a placement costs the authority; they add up, and a quoted cost takes their place",
            "transfers": "what follows a pupil, usually from the school that sent to the school that receives; they add up",
            "tiers": "the order of approach; the lowest that fires, and the last is `when: true`",
            "notices": "what the panel is told",
            "objectives": "**required**, but in a statutory layer. What is best, in its order",
            "meeting": "who is to be told and who is to be there",
            "papers": "`name: words`: what the panel may want to see of a case; a rule asks for one as `referral.paper_NAME`, "
            "and a clock runs from or until `paper.NAME`",
            "phases": "`name: {lowest: 0, highest: 2}`: year groups that are counted together. Of each phase a school has "
            "`school.on_roll_NAME` and `school.pan_NAME`, and a limit may be for it, `year_groups: NAME`",
            "offers": "`name: words`: what a school may offer and a pupil may need; the columns `offers` of schools and `needs` of "
            "referrals say which. A bar or a tier reads `candidate.offers_what_is_needed`, a hold or a notice `referral.needs_NAME`",
            "school_facts": "`name: {say: ..., unit: ...}`: what the book asks of every school and the program does not know; a rule "
            "reads it as `school.NAME`, the schools file says it in a column of that name",
            "categories": "`letter: words`, or `letter: {stands_for: LETTER, say: words}`; without any, every category is accepted",
            "lifecycle": "what becomes of a referral, by its kind",
            "clocks": "how soon things must follow one another, or how long they must wait",
            "money": "the financial year, and how a partnership's fund is filled and shared",
        },
    ),
    ("edition", shape.EditionShape, {"from": "the first day in force", "until": "the last day, where no next edition follows"}),
    (
        "year_groups",
        shape.YearGroupsShape,
        {"lowest": "the lowest, 0 (Reception) to 11", "highest": "the highest; within those of the book below, if it says any"},
    ),
    (
        "authority",
        shape.AuthorityShape,
        {"instrument": "the law, guidance, protocol or decision", "paragraph": "only where it was checked"},
    ),
    (
        "settings, each",
        shape.SettingShape,
        {
            "value": "a whole number, true or false, a word or a date; `furthest: 9000` is short for `furthest: {value: 9000}`",
            "unit": "pupils, metres, minutes, pence a year, ...: it must fit what the value is compared with",
            "say": "what the value is",
            "choice": "`true`: a book that extends this one may choose another value",
            "at_least": "the lowest that may be chosen",
            "at_most": "the highest that may be chosen",
        },
    ),
    (
        "counts, each",
        shape.CountShape,
        {
            "of": "`placements` (by the panel), `outside_admissions`, or both in a list; or by itself `own_referrals_placed`, at the "
            "school that sent "
            "them those whom the panel placed elsewhere, or `own_referrals`: the referrals that a "
            "school made, those that were withdrawn left out",
            "where": f"which of them, by `admission.*`: {_WHEN}; all where it is left out",
            "over": "`academic_year`, `2 academic_years` (up to 9: this one and those before it), `for_ever`, weeks up to the "
            "meeting, such as `6 weeks`, or `term`: the row of the file of terms in which the meeting's day lies, half a term "
            "where the file has halves; on a day that lies in none it comes to 0. Or `at_present`: whoever is there when the "
            "meeting opens, or is still to begin there",
            "per": "`school` (usual) or `year_group`",
            "minus": "`own_referrals_placed`: less those whom the panel placed elsewhere for the school, so that it is asked sooner, "
            "whatever the kind; the "
            "school is the one that excluded the pupil, else the home school; `where` limits these too",
            "plus": "`own_referrals_placed`: more for those, so that it is asked later",
            "broken_down": "`keep` (usual): a placement that broke down or ended in a return still counts; `drop`: it does not; `drop "
            "within "
            "6 weeks`: it does not where that was within 6 weeks, the first day there counted",
            "left": "the same of a placement that ended because the pupil left (`end --as left`)",
            "weigh": "`heads` (usual), or `points` by the tariff",
        },
    ),
    (
        "derive, each",
        shape.DeriveShape,
        {
            "id": _ID,
            "fact": "the new name, FAMILY.NAME; candidate.* may read all families, the others their own and the panel's",
            "is": "a condition or a sum",
        },
    ),
    (
        "examples, each",
        shape.ExampleShape,
        {
            "name": "what the case is. With a comma in it, in double quotes",
            "given": "`{fact: value}`, over the usual values; `unknown` where nobody knows it. Not what is derived, but what from. "
            "A kind, an exclusion, a setting, a day or a year group that it leaves out is one of which the rule speaks: "
            "for `out of scope` give one of which it does not",
            "expect": "`fires`, `silent`, `cannot tell` or `out of scope`; of a limit the room as a whole number, or one of the last two",
        },
    ),
    (
        "objectives, each",
        shape.ObjectiveShape,
        {
            "name": f"written as the key: {words(get_args(ObjectiveName))}",
            "of": "whose placements it looks at, as for a limit; everybody where it is left out; `together` has none. Of what adds up each "
            "pupil for itself (`place`, `waiting`, `tier`, `preference`, `journey`, `transport`, `case_by_case`, `ticket`) also a yes/no "
            "fact "
            "`referral.NAME`, of the list or of `derive`: those of whom it is so. Where it is unknown, the case is held",
            "count": "quota: the count that fills it, per school or per year group; `on_roll` is the roll of the year group",
            "limit": "quota: how many each mainstream school, or each year group of it, takes before others are asked twice: "
            "a whole number, a setting, or a sum of school.*, panel.* and, per year group, year.*; below 0 is 0",
            "beyond": "quota: `level` (usual): nobody has two beyond it before all have one; `free`: only how many are beyond it",
            "load": "share: the count that is shared out, per school or per year group, or `on_roll`",
            "per": "share: by `roll` (usual: school.roll), by `pan` (the sum of year.pan over all of its year groups that the book is for; "
            "unknown where one of those that are recorded has none), by `weight` (school.share_weight, which the schools agreed), or "
            "`equal`; per year group by its own roll or PAN, and by the school's weight. rota, longest_ago: `school` (usual), or "
            "`year_group`: each year group has its own list of turns, by the year group in which a pupil came",
            "list": "rota: a number of the school, such as `school.rota_place`, or a sum of school.* and settings, the smallest first, "
            "by which "
            "schools stand whose claims are equal; behind them stands one of which it is unknown, which the chair is told at the opening",
            "broken_down": "rota, longest_ago: whether one that broke down was a turn: `keep` (usual), `drop`, `drop within 6 weeks`",
            "left": "rota, longest_ago: the same of a placement that the pupil left",
            "start": "share: what each school begins with before anything is counted, 0 where it is left out: a whole number, a setting, "
            "or a "
            "sum as for a quota's `limit`, but it may be below 0. What is levelled is the start and the count together; the start does not "
            "move while the meeting places pupils. Of a school that is a member for a part of the year it is that part, to the nearest "
            "whole, where the count is over the academic year",
            "unranked": "preference, and case_by_case with it: what a school counts as that the family did not name",
            "by": f"case_by_case: what matters for each case, first what matters most: one or several of {words(get_args(Measure))}. "
            "waiting: a fact `referral.NAME` that counts days, in the place of the school days waited; where it is unknown, the case is "
            "held",
            "first": "case_by_case: a whole number `referral.NAME`; the case with the largest is first, and equal ones are level; by the "
            "day "
            "on which each was accepted, else made, where it is left out. Where it is unknown, the case is held",
        },
    ),
    *OF_A_PANEL,
    (
        "clocks, each",
        shape.ClockShape,
        {
            "id": _ID,
            "from": "an event (below), or a list of events of which the first that happens starts the clock",
            "until": "the event that must follow; in a list, any of them will do: the first that happens ends the clock",
            "within": f"how soon at the latest: {LENGTH}; this, `not_before`, or both",
            "not_before": "how soon at the earliest, said in the same way",
            "applies_to": _APPLIES_TO,
            "when": f"the referrals that it runs for, by `referral.*` as on any day: {_WHEN}; all where it is left out",
            "unless": "the same, turned round: every line must be silent",
            "say": "what it means, in a sentence",
            "authority": AUTHORITY,
            "examples": "as of a rule; needed where it has a `when`: where it fires the clock runs",
        },
    ),
    (
        "categories, each",
        shape.CategoryShape,
        {
            "say": "which children; `f: a carer` is short for `f: {say: a carer}`. Where `stands_for` is alone, what the book below says",
            "stands_for": "the letter that the book below has for this category, which then loses its own; several may stand for one",
        },
    ),
)

WORDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Kinds of referral", KINDS),
    ("Kinds of setting", SETTINGS),
    ("Reasons to keep pupil and school apart", KEPT_APART),
    (
        "Signs of a condition",
        ("and", "or", "not", "==", "!=", "<", "<=", ">", ">=", "in [...]", "is known", "is unknown", "+", "-", "*", "//", "( )"),
    ),
)


RUN_BY: Final = (
    "`pastoral due` says which clocks are late and what comes next ([clocks.md](clocks.md)). `meeting.*` are the meetings that have the "
    "case on their agenda, `exclusion.made` is the exclusion that it is about."
)


PAPER_OF_A_BOOK: Final = (
    f"{PAPER_EVENT}NAME",
    "the panel has the paper of this name under `papers`: the day on which it was brought, or the referral made that had it",
)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _kind(fact: Fact) -> str:
    match fact.type:
        case "number" if fact.unit == "year group":
            return f"{fact.low} to {fact.high}, or 0 (Reception) to 11 where the book has `year_groups`"
        case "number":
            return f"{fact.low:,} to {fact.high:,} {fact.unit}"
        case "word":
            return ", ".join(f'"{word}"' for word in fact.words) or "any word"
    return fact.type


def _usual(fact: Fact) -> str:
    return {True: "true", False: "false"}[fact.usual] if isinstance(fact.usual, bool) else str(fact.usual)


def _remarks(fact: Fact) -> str:
    told = (
        ("may be unknown", fact.optional),
        ("moves", fact.name in MOVED_BY_THE_MEETING),
        ("process", fact.name in PROCESS),
        ("by the day", fact.name in BY_THE_DAY),
    )
    return ", ".join(word for word, so in told if so)


def _facts() -> Iterator[str]:
    for family in FAMILIES:
        yield f"\n### {family}\n\n{WHAT[family][0].upper()}{WHAT[family][1:]}.\n\n"
        yield _row("fact", "what it is", "value", "usual", "") + _row(*["---"] * 5)
        for fact in FACTS:
            if fact.family == family:
                yield _row(f"`{fact.name}`", fact.meaning, _kind(fact), _usual(fact), _remarks(fact))


def _rule_keys() -> Iterator[str]:
    """The keys of all kinds of rule in one table, with the sections that have each."""
    has = {section: {field.alias or name for name, field in keys.model_fields.items()} for section, keys in RULES.items()}
    for key in sorted(set().union(*has.values()), key=list(RULE_KEYS).index):
        sections = [section for section in RULES if key in has[section]]
        yield _row(f"`{key}`", RULE_KEYS[key], "all" if len(sections) == len(RULES) else ", ".join(sections))


def _keys() -> Iterator[str]:
    yield "\n## Keys\n"
    for title, keys, meanings in KEYS:
        yield f"\n### {title}\n\n" + _row("key", "what it says") + _row("---", "---")
        for name, field in keys.model_fields.items():
            key = field.alias or name
            yield _row(f"`{key}`", meanings[key])
        if title == "derive, each":
            yield f"\n### {', '.join(RULES)}, each\n\n" + _row("key", "what it says", "in") + _row("---", "---", "---")
            yield from _rule_keys()


def page() -> str:
    """The text of docs/facts.md. Raises KeyError or ValueError for a key of the shape that nothing is said of."""
    words = "".join(f"- **{title}:** {', '.join(f'`{word}`' for word in listed)}\n" for title, listed in WORDS)
    events = "".join(_row(f"`{event}`", meaning) for event, meaning in (*EVENTS.items(), PAPER_OF_A_BOOK))
    heading = f"\n## Events that a clock may name\n\n{RUN_BY}\n\n" + _row("event", "what happened") + _row("---", "---")
    return "".join((BEGINNING, *_facts(), *_keys(), heading, events, "\n## Words\n\n", words))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
