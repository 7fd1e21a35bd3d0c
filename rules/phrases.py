"""Facts, comparisons, scopes and sentences of a rulebook in words.

It evaluates nothing and knows no page: what a table or a file makes of these words is for `reader.py` and the commands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, assert_never

from rules.accounts import Fund, Money, Share
from rules.attributes import Clause, Comparison, Linear, Same, needs
from rules.audience import Audience
from rules.book import Clock, Flow, Limit, Rule, Setting
from rules.facts import AS_AN_ADMISSION, BY_NAME, NEVER_WEIGHED, Fact, Value
from rules.finding import RuleKind
from rules.measure import Part
from rules.terms import Divided, Known, Minus, Plus, Read, Sum, Times, Whole

KIND_WORDS: Final[Mapping[str, str]] = {
    "managed_move": "managed moves",
    "off_site_direction": "off-site direction",
    "permanent_exclusion": "permanent exclusions",
    "reintegration": "reintegration",
    "fair_access": "fair access",
}
SETTING_WORDS: Final[Mapping[str, str]] = {
    "mainstream": "mainstream schools",
    "inclusion_centre": "inclusion centres",
    "pru": "pupil referral units",
    "special": "special schools",
}
EFFECT: Final[Mapping[RuleKind, str]] = {
    "hold": "why the panel cannot decide a referral yet",
    "bar": "why a school may not receive a pupil",
    "charge": "what a placement there costs the authority",
    "transfer": "what follows a pupil; usually from the school that sent to the school that receives",
    "tier": "where this school stands in the order of approach",
    "notice": "what the panel is told",
    "tariff": "how many points an admission weighs",
    "limit": "how many more pupils a setting, or a year group of it, may take",
    "clock": "how soon one thing must follow another",
}
UNTOLD: Final[Mapping[RuleKind, str]] = {
    "hold": "the referral is held, and the missing fact is named",
    "bar": "the referral is held and the missing fact is named, unless something else closes this school anyway",
    "limit": "the referral is held and the missing fact is named, unless something else closes this school anyway",
    "charge": "the cost is unknown; where transport is an objective this school is not proposed",
    "transfer": "nothing is transferred, and the missing fact is named",
    "tier": "the order of approach is unknown there, unless a lower tier fires; where tier is an objective this school is not proposed",
    "notice": "nothing: the panel is not told",
    "clock": "whether it runs is unknown, and the missing fact is named",
    "tariff": "the admission cannot be weighed: no meeting opens until it is recorded, or the line says what an unknown means",
}
"""What follows where a rule of the kind cannot tell."""


PARTIES: Final[Mapping[str, str]] = {
    "sending_school": "the school that sent",
    "receiving_school": "the school that receives",
    "authority": "the authority",
    "fund": "the fund",
}


BY_WHAT_HAPPENED: Final = "goes by what happened: admission.after_exclusion, admission.attendance, admission.suspended_days and the like."
WEIGHED: Final = f"What a pupil weighs {BY_WHAT_HAPPENED}"
PAID: Final = f"What follows a pupil {BY_WHAT_HAPPENED}"
NOT_WEIGHED: Final = f"It decides process only: use it in a hold or a notice, or in the `where` of a count. {WEIGHED}"


def in_the_record(kind: str, name: str) -> str:
    """How a tariff, a transfer or a count reads what a rule named as a fact of the referral; empty where it is none that they read."""
    if kind not in {"tariff", "transfer", "count"}:
        return ""
    there = AS_AN_ADMISSION.get(name, "")
    if name == "referral.category" or (kind != "count" and there in NEVER_WEIGHED):
        return f"{PAID if kind == 'transfer' else WEIGHED} "
    return f"Write {there}. " if there in BY_NAME else ""


def said_share(share: Share) -> str:
    """By what a fund, or a part of it, is shared."""
    need = f"by need, which is the count {share.count}"
    return {"equally": "equally", "roll": "by roll", "weight": "by the weight that the schools agreed", "need": need}[share.by]


def said_fund(fund: Fund) -> str:
    """How a fund is shared, and who may draw on it."""
    how = said_share(fund.shares[0])
    if len(fund.shares) > 1:
        how = f"in {fund.parts} parts, {listed([f'{one.part} {said_share(one)}' for one in fund.shares])}"
    if fund.took_part is None:
        return f"shared {how}, by all mainstream schools"
    part = f"{fund.took_part}" if isinstance(fund.took_part, int) else f"{fund.took_part.replace('_', ' ')} of the"
    return f"shared {how}, by the mainstream schools that came to {part} meetings of the year"


def said_pence(rule: Rule) -> str:
    """The pence of a charge or a transfer: an amount, or what the journey costs."""
    return "what the journey costs" if rule.flow.travel else said_value(rule.amount)


def said_flow(flow: Flow) -> str:
    """Who pays whom, whether once, and how long the placement must stand; nothing where all of that is as usual."""
    usual = Flow()
    said = (
        f"from {PARTIES[flow.from_]} to {PARTIES[flow.to]}" if (flow.from_, flow.to) != (usual.from_, usual.to) else "",
        "once" if flow.once else "",
        BEGINS[flow.begins],
        f"if {_STANDS[flow.begins].format(after=flow.after)}" if flow.after else "",
        "as the decision recorded what the journey costs" if flow.travel else "",
    )
    return ", ".join(part for part in said if part)


BEGINS: Final[Mapping[str, str]] = {
    "first_day": "",
    "permanent": "from the day on which the placement is permanent",
    "exclusion": "from the day of the exclusion, placed or not",
}
_STANDS: Final[Mapping[str, str]] = {
    "first_day": "the placement stands {after} after its first day",
    "permanent": "it stands {after} after that",
    "exclusion": "the exclusion stands {after} after that",
}


def said_levy(money: Money) -> str:
    """What a school pays for its permanent exclusions of a year, and to whom."""
    *first, rest = (f"{pence:,}" for pence in money.levy)
    each = (
        f"{', '.join(first)} for the first {len(first)}, then {rest}" if len(first) > 1 else f"{first[0]}, then {rest}" if first else rest
    )
    return f"{each} pence to {PARTIES[money.levy_to]}"


def said_leavers(money: Money) -> str:
    """Until when a pupil of the last year group is paid for; nothing where the book does not say."""
    return "" if money.leavers is None else f"until the end of {money.leave_in.title()} for a pupil in year {money.leavers}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def said_value(value: Value) -> str:
    """A value as a rulebook writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,}" if type(value) is int else str(value)


def said_setting(setting: Setting) -> str:
    """A setting's value with its unit."""
    return f"{said_value(setting.value)} {setting.unit}".rstrip()


def said_school_fact(fact: Fact) -> str:
    """What a book asks of every school, and how it is answered."""
    return f"{fact.meaning} ({f'0 to {fact.high:,} {fact.unit}'.rstrip() if fact.type == 'number' else 'yes/no'})"


def said_condition(comparison: Comparison) -> str:
    """One comparison of a clause, as the rulebook could write it."""
    match comparison.attribute:
        case Known(fact=fact):
            return f"{fact.name} is {'known' if _holds(comparison) else 'unknown'}"
        case Same(left=left, right=right):
            return f"{left.name} {'==' if _holds(comparison) else '!='} {right.name}"
        case Fact(type="yes/no") as fact:
            return fact.name if _holds(comparison) else f"not {fact.name}"
        case Fact(type="date") as fact:
            return f"{fact.name} {comparison.op} {dt.date.fromordinal(int(comparison.constant))}"
        case Fact(type="word") as fact:
            return f'{fact.name} {comparison.op} "{comparison.constant}"'
        case Fact() as fact:
            return f"{fact.name} {comparison.op} {comparison.constant}"
        case Linear(parts=parts):
            return _compared(parts, comparison.op, int(comparison.constant))
        case _:
            assert_never(comparison.attribute)


def _holds(comparison: Comparison) -> bool:
    return (comparison.op == "==") == comparison.constant


def _compared(parts: Sequence[tuple[Part, int]], op: str, constant: int) -> str:
    """`a < b + 3` of a - b < 3: what is taken off stands on the other side."""
    plus, minus = [one for one in parts if one[1] > 0], [(part, -times) for part, times in parts if times < 0]
    if not plus or not minus:
        return f"{_linear(parts)} {op} {constant}"
    more = f" {'+' if constant > 0 else '-'} {abs(constant)}" if constant else ""
    return f"{_linear(plus)} {op} {_linear(minus)}{more}"


def _linear(parts: Sequence[tuple[Part, int]]) -> str:
    said = ""
    for part, coefficient in sorted(parts, key=lambda item: item[1] < 0):
        sign = ("-" if coefficient < 0 else "") if not said else (" - " if coefficient < 0 else " + ")
        said += sign + ("" if abs(coefficient) == 1 else f"{abs(coefficient)} * ") + said_sum(part)
    return said


def said_sum(sum_: Sum) -> str:
    """A sum, with brackets only inside products and quotients."""
    match sum_:
        case Whole(value=value, setting=setting):
            return f"settings.{setting}" if setting else str(value)
        case Read(fact=fact):
            return fact.name
        case Plus(left=left, right=right):
            return f"({said_sum(left)} + {said_sum(right)})"
        case Minus(left=left, right=right):
            return f"({said_sum(left)} - {said_sum(right)})"
        case Times(left=left, right=right):
            return f"{said_sum(left)} * {said_sum(right)}"
        case Divided(left=left, by=by):
            return f"{said_sum(left)} // {by}"
        case _:
            assert_never(sum_)


def said_clause(clause: Clause) -> str:
    """A clause, without saying of what it compares that it must be known."""
    compared = {fact for comparison in clause if not isinstance(comparison.attribute, Known) for fact in needs(comparison.attribute)}
    kept = [c for c in clause if not (isinstance(c.attribute, Known) and _holds(c) and c.attribute.fact in compared)]
    return " and ".join(sorted(map(said_condition, kept))) or "always"


def when_of(rule: Rule | Limit) -> str:
    """When a rule fires, or the room of a limit and where it is, in the words of its book."""
    if isinstance(rule, Rule):
        return condition_of(rule)
    if rule.per == "kept_apart_pupils":
        return f"{rule.room_text} of any two pupils who are to be kept apart"
    return ", ".join(part for part in (rule.room_text, "in points" if rule.weigh == "points" else "", where_of(rule)) if part)


def where_of(limit: Limit) -> str:
    """At which schools a limit is, as `when school.selective`; nothing where at all of them."""
    told = condition_of(limit)
    return f"when {told}" if limit.when_text else told


def condition_of(rule: Rule | Limit) -> str:
    """`when` and `unless` of a rule or a limit, in the words of its book; nothing where a limit has neither."""
    when, unless = _lines(rule.when_text), _lines(rule.unless_text)
    return ", ".join(part for part in ("always" if when == "true" else when, f"unless {unless}" if unless else "") if part)


def _lines(lines: tuple[str, ...]) -> str:
    return " or ".join(" ".join(line.split()) for line in lines)


def with_values(text: str, settings: Mapping[str, Setting]) -> str:
    """A condition or a sum with the value of each setting after its name: `candidate.minutes > settings.longest (75 minutes)`."""

    def named(found: re.Match[str]) -> str:
        setting = settings.get(found[1])
        return f"{found[0]} ({said_setting(setting)})" if setting else found[0]

    return re.sub(r"\bsettings\.([a-z][a-z0-9_]*)", named, text)


def effect_of(rule: Rule | Limit) -> str:
    """What the rule settles."""
    if isinstance(rule, Rule):
        return EFFECT[rule.kind]
    if rule.per == "kept_apart_pupils":
        return "that two pupils who are to be kept apart do not both go there"
    return EFFECT["limit"] if rule.weigh == "heads" else "how many more points of pupils a setting, or a year group of it, may take"


def _years(years: range) -> str:
    return f"year {years[0]}" if len(years) == 1 else f"years {years[0]} to {years[-1]}"


def scope_of(rule: Rule | Limit) -> str:
    """Which referrals, settings and days a rule is for, as `for managed moves, at mainstream schools`; nothing where for all of them."""
    parts = []
    whose = said_audience(rule.of if isinstance(rule, Limit) else Audience(kinds=rule.applies_to))
    if whose:
        parts.append(f"for {whose}")
    if isinstance(rule, Limit) and rule.years is not None:
        parts.append(f"in {_years(rule.years)}")
    if isinstance(rule, Limit) and rule.per == "year_group" and rule.at is None:
        parts.append("at settings that have year groups: mainstream schools, and others of which a PAN is recorded")
    if rule.at is not None:
        parts.append(f"at {listed(word for kind, word in SETTING_WORDS.items() if kind in rule.at)}")
    first, last = rule.in_force or (None, None)
    if first or last:
        parts.append(" ".join(part for part in (f"from {first}" if first else "", f"until {last}" if last else "") if part))
    return ", ".join(parts)


def said(rule: Rule | Limit, settings: Mapping[str, Setting]) -> str:
    """What a rule tells people, with its settings filled in and its facts named: `The school is [metres] metres away.`"""

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("settings."):
            setting = settings.get(name.removeprefix("settings."))
            return said_value(setting.value) if setting else found[0]
        if name == "school.name":
            return "The school" if found.start() == 0 else "the school"
        return f"[{name.rpartition('.')[2].replace('_', ' ')}]"

    return re.sub(r"\{([^{}]*)\}", filled, rule.say)


def said_times(clock: Clock) -> str:
    """How soon at the latest and at the earliest, as `within 20 school days`."""
    times = (("not before", clock.not_before), ("within", clock.within))
    return ", ".join(f"{word} {length}" for word, length in times if length is not None)


def said_audience(audience: Audience) -> str:
    """Whose placements an objective counts; nothing where everybody's."""
    kinds = [word for kind, word in KIND_WORDS.items() if kind in (audience.kinds or ())]
    if audience.fact:
        return f"pupils with {audience.fact}"
    if audience.both:
        come = f"who come by {listed(kinds, 'or')}"
        return f"permanently excluded pupils {come}" if audience.excluded else f"pupils {come} and were not permanently excluded"
    which = {None: "", True: "permanently excluded pupils", False: "pupils who were not permanently excluded"}[audience.excluded]
    return ", and also ".join(part for part in (listed(kinds) if kinds else "", which) if part)
