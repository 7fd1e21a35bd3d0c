"""Generated tariffs and admissions with unknown facts: what an admission weighs agrees with a plain reading of the language.

The engine and the second opinion are asked by way of `Evaluation`, which refuses where they differ; the third evaluator walks the
trees. Run it as a script for a long run.
"""

from __future__ import annotations

import argparse
import random
import sys
from typing import Final

from rules.book import Count, Points, Rule, Rulebook, Span
from rules.evaluate import Evaluation
from rules.facts import FACTS, Facts
from tests.benchmarks.fuzz_rules import AUTHORITY, DAYS, Maker, a_row, kleene

ADMISSION: Final = tuple(fact for fact in FACTS if fact.family == "admission")


def book(chance: random.Random, lines: int) -> Rulebook:
    """A tariff that takes the largest line, or adds all, and counts with a `where`, over every fact of an admission."""
    maker = Maker(chance, ADMISSION)
    tariff = tuple(
        Rule(id=f"line{n}", kind="tariff", condition=maker.small(), amount=amount, authority=AUTHORITY, book="made up", line=1)
        for n, amount in enumerate(chance.choices(range(10), k=chance.randint(1, lines)))
    )
    counts = tuple(
        Count(id=f"count{n}", of=("placements",), where=maker.small(), over=Span("for_ever"), book="made up", line=1) for n in range(2)
    )
    points: Points = "added" if chance.random() < 0.5 else "largest"
    return Rulebook(
        name="made up", title="", edition=DAYS[0], layers=(), authority=AUTHORITY, points=points, tariff=tariff, counts=counts,
        facts={fact.name: fact for fact in ADMISSION},
    )  # fmt: skip


def expected(rulebook: Rulebook, facts: Facts) -> tuple[int, list[str], set[str], set[str]]:
    """The points, the lines that fit, the counts that take it in, and whatever cannot tell."""
    said = {line.id: kleene(line.condition, facts) for line in rulebook.tariff}
    taken = {count.id: kleene(count.where, facts) for count in rulebook.counts if count.where is not None}
    points = 0
    for line in rulebook.tariff:
        if said[line.id]:
            points = points + line.amount if rulebook.points == "added" else max(points, line.amount)
    unsure = {name for name, told in {**said, **taken}.items() if told is None}
    return points, [name for name, told in said.items() if told], {name for name, told in taken.items() if told}, unsure


def compare(seed: int, admissions: int, *, rows: int = 60) -> tuple[int, list[str]]:
    """Compares at least so many admissions; how many they were, and a line for each difference."""
    chance = random.Random(seed)
    compared = 0
    differences: list[str] = []
    while compared < admissions:
        rulebook = book(chance, 12)
        evaluation = Evaluation(rulebook)
        for n in range(rows):
            row = a_row(chance, ADMISSION, (0.0, 0.2, 0.9)[n % 3])
            reading = evaluation.admission(row)
            told = (reading.points, list(reading.lines), set(reading.counted), {finding.rule for finding in reading.cannot_tell})
            compared += 1
            if told != expected(rulebook, row):
                differences.append(f"{told}, wanted {expected(rulebook, row)}, of {row}")
    return compared, differences


def main(n: int = 100_000, seed: int = 1) -> int:
    """Prints what was compared and what differed; 1 if anything did."""
    compared, differences = compare(seed, n)
    print(f"{compared} admissions compared, {len(differences)} differences")
    for line in differences[:20]:
        print(f"  {line}")
    return 1 if differences else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-n", type=int, default=100_000, help="how many admissions")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    sys.exit(main(given.n, given.seed))
