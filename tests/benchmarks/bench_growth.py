"""How the evaluation grows: with the rows, to 100,000 candidates, and with the rules, to 300.

Prints processor seconds and the exponent of growth (1 is linear): the slope of a straight line through the logarithms, by
least squares. Rules and rows are those of bench_rules.py.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from rules.evaluate import Evaluation
from tests.benchmarks.bench_rules import book, rows


def seconds(rules: int, candidates: int) -> float:
    """Processor seconds to put so many rows to so many rules, both evaluations and all checks included; the best of two runs."""
    evaluation, facts = Evaluation(book(rules)), rows(0.03)
    taken = []
    for _ in range(2):
        start = time.process_time()
        for n in range(candidates):
            evaluation.pair(facts[n % len(facts)]).fires("bar")
        taken.append(time.process_time() - start)
    return min(taken)


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The slope of log(time) against log(size)."""
    x, y = [math.log(size) for size in sizes], [math.log(taken) for taken in times]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum((a - middle_x) ** 2 for a in x)


def main() -> None:
    """Measure and print."""
    candidates = (1_000, 10_000, 100_000)
    by_rows = [seconds(30, n) for n in candidates]
    print("30 rules:", ", ".join(f"{n:,} rows {taken:.2f} s" for n, taken in zip(candidates, by_rows, strict=True)))
    print(f"exponent with the rows: {exponent(candidates, by_rows):.2f}")
    rules = (20, 60, 100, 200, 300)
    by_rules = [seconds(n, 3_000) for n in rules]
    print("3,000 rows:", ", ".join(f"{n} rules {taken:.2f} s" for n, taken in zip(rules, by_rules, strict=True)))
    print(f"exponent with the rules: {exponent(rules, by_rules):.2f}")


if __name__ == "__main__":
    main()
