"""How many rows a second the rules take: both evaluations and the checks of every value, beside zen-engine on the same rules.

The same 840 pairs (30 referrals x 28 schools) and the same rules, written as a protocol writes them. zen-engine gets each
rule as one expression, in the faster of its two forms: a decision table that collects what matches (one rule a row), and
an expression node (one yes/no a rule); its decision is created once, its rows are prepared beforehand as it likes them,
and its answers are checked once against ours. Ours starts from the flat row of facts as the panel makes it and includes
the checks of names, types and bounds, the scopes, and asking each reading which bars fire. Medians of alternating runs.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from rules.book import Authority, Rule, Rulebook
from rules.evaluate import KIND, Evaluation
from rules.facts import BY_NAME, FACTS, KINDS, Fact, Value
from rules.grammar import parse_condition, reads

PAIRS: Final = 840
RUNS: Final = 7
PROTOCOL: Final = (
    "candidate.excluded_from",
    'candidate.kept_apart in ["complaint", "police", "safeguarding"] or school.closing',
    "candidate.metres > {12000 + 100 * n} and not candidate.sibling_here",
    "candidate.minutes > {60 + n} or candidate.nearness > {20 + n}",
    "year.on_roll - year.pan > {5 + n} and candidate.rank > 1",
    'referral.kind == "fair_access" and referral.year_group == 11 and referral.attendance < {300 + n}',
    "school.special_measures and referral.persistent_disruptive_behaviour and candidate.metres > {100 * n}",
    "candidate.nearness > {4 + n} and not candidate.within_walking_distance and not (candidate.rank <= 3)",
    "candidate.is_home_school or candidate.broke_down_here and referral.excluded_times > {n}",
    "school.permanent_exclusions > {4 + n} and referral.permanently_excluded and school.head_in_first_term",
    'referral.suited_to != school.setting and not (referral.kind in ["reintegration", "off_site_direction"])',
    "referral.waiting > {20 + n} and candidate.catchment_nearness == 0 and candidate.metres > {8000 + n}",
)
SOMETIMES: Final[Mapping[str, float]] = {"candidate.within_walking_distance": 0.6, "referral.permanently_excluded": 0.3}


def text(n: int) -> str:
    """The n-th rule of a protocol, no two alike."""
    form = PROTOCOL[n % len(PROTOCOL)]
    while "{" in form:
        head, _, rest = form.partition("{")
        number, _, tail = rest.partition("}")
        base, _, step = number.replace("100 * n", str(100 * n)).partition(" + ")
        form = f"{head}{sum(n if part == 'n' else int(part) for part in (base, step) if part)}{tail}"
    return form


def book(rules: int) -> Rulebook:
    """Bars like a protocol's, every fourth for some kinds of referral only."""
    authority = Authority("Partnership agreement")
    bars = tuple(
        Rule(
            id=f"bar{n}", kind="bar", condition=parse_condition(text(n), BY_NAME, {}), authority=authority, book="made up", line=n,
            applies_to=frozenset(KINDS[:3]) if n % 4 == 3 else None,
        )
        for n in range(rules)
    )  # fmt: skip
    return Rulebook(name="made up", title="", edition=dt.date(2026, 9, 1), layers=(), authority=authority, bars=bars, facts=BY_NAME)


def rows(unknown: float) -> list[dict[str, Value]]:
    """840 pairs; of the facts that may be unknown, this share is."""
    chance = random.Random(1)
    facts = [fact for fact in FACTS if fact.family != "admission"]
    return [{fact.name: value(chance, fact) for fact in facts if not (fact.optional and chance.random() < unknown)} for _ in range(PAIRS)]


def value(chance: random.Random, fact: Fact) -> Value:
    """A value as it is usually found: most flags are no, most numbers near the usual."""
    match fact.type:
        case "yes/no":
            return chance.random() < SOMETIMES.get(fact.name, 0.05)
        case "word":
            return chance.choice((fact.usual, fact.usual, *fact.words))
        case "date":
            return dt.date(2026, 9, 1) + dt.timedelta(days=chance.randrange(100))
        case "number":
            assert isinstance(fact.usual, int)
            return max(fact.low, min(fact.high, chance.randint(fact.usual // 2, 2 * fact.usual + 10)))


def zen_text(n: int) -> str:
    """The same rule in zen-engine's expression language, with its scope."""
    said = text(n).replace(".", "_")
    return f'({said}) and referral_kind in ["managed_move", "off_site_direction", "permanent_exclusion"]' if n % 4 == 3 else said


def zen_decision(rules: int, *, table: bool) -> Any:
    """The rules as one zen-engine decision."""
    import zen

    if table:
        kind, content = "decisionTableNode", {
            "hitPolicy": "collect",
            "inputs": [{"id": "when", "name": "when", "field": ""}],
            "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
            "rules": [{"_id": f"r{n}", "when": zen_text(n), "rule": f'"bar{n}"'} for n in range(rules)],
        }  # fmt: skip
    else:
        kind, content = "expressionNode", {"expressions": [{"id": f"e{n}", "key": f"bar{n}", "value": zen_text(n)} for n in range(rules)]}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "rules", "type": kind, "name": "rules", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    return zen.ZenEngine().create_decision(json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}))


def zen_rows(plain: Sequence[Mapping[str, Value]]) -> list[dict[str, object]]:
    """The rows as zen-engine takes them."""
    return [{name.replace(".", "_"): str(told) if isinstance(told, dt.date) else told for name, told in row.items()} for row in plain]


def zen_fired(answer: Any, *, table: bool) -> set[str]:
    """The rules that fired."""
    result = answer["result"]
    return {row["rule"] for row in result} if table else {rule for rule, fired in result.items() if fired is True}


def zen_answers(decision: Any, asked: Sequence[Mapping[str, object]]) -> list[Any]:
    """zen-engine's answers, one row at a time."""
    return [decision.evaluate(row) for row in asked]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(rules: int) -> None:
    """Prints one line: rows a second, and the ratio."""
    rulebook = book(rules)
    evaluation = Evaluation(rulebook)
    known, partly = rows(0.0), rows(0.03)
    read = {fact.name for bar in rulebook.bars for fact in (*reads(bar.condition), KIND)}
    asked = zen_rows([{name: told for name, told in row.items() if name in read} for row in known])
    forms = {"table": zen_decision(rules, table=True), "expressions": zen_decision(rules, table=False)}
    for form, decision in forms.items():
        for row, zen_row in zip(known, asked, strict=True):
            fired = {finding.rule for finding in evaluation.pair(row).fires("bar")}
            if fired != zen_fired(decision.evaluate(zen_row), table=form == "table"):
                raise SystemExit(f"zen-engine's {form} and ours differ on {row}")
    works: dict[str, Callable[[], object]] = {
        "ours": lambda: [reading.fires("bar") for reading in evaluation.pairs(known)],
        "ours, 3% unknown": lambda: [reading.fires("bar") for reading in evaluation.pairs(partly)],
        **{form: partial(zen_answers, decision, asked) for form, decision in forms.items()},
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(RUNS):
        for name, work in works.items():
            times[name].append(seconds(work))
    rate = {name: PAIRS / statistics.median(found) for name, found in times.items()}
    best = max(rate[form] for form in forms)
    said = "  ".join(f"{name} {per_second:,.0f}" for name, per_second in rate.items())
    print(f"{rules:>4} rules, rows a second: {said}; ours / zen-engine's faster form = {rate['ours'] / best:.2f}")


def main(sizes: Sequence[int] = (20, 100, 300)) -> int:
    """Measures each size; 0."""
    for rules in sizes:
        measure(rules)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[20, 100, 300])
    sys.exit(main(parser.parse_args().sizes))
