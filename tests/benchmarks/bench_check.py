"""How long `pastoral rules check` takes for a book of 100 rules, as a whole process, beside a Python that only loads pydantic.

The book extends `england`, so that all editions below it are read and each day on which one begins is composed. Medians
of alternating runs; what the machine does besides counts in both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
RUNS: Final = 9
RULES: Final = 100

HEAD: Final = """\
rulebook: hundred
edition: {from: 2026-09-01}
title: A hundred rules
authority: {instrument: Made up}
extends: england
settings:
  furthest: {value: 12000, unit: metres, choice: true, say: how far a pupil may be sent}
counts:
  load: {of: [placements, outside_admissions], over: academic_year}
derive:
  - {id: far, fact: candidate.far, is: candidate.metres > settings.furthest}
objectives: [place, {share: {load: load}}, journey]
bars:
"""


def rule(n: int) -> str:
    """One bar of two lines and an exception, with three examples."""
    return f"""\
  - id: bar-{n}
    applies_to: [managed_move, fair_access]
    when:
      - candidate.metres > {12_000 + n} and referral.year_group == 11
      - candidate.far and not candidate.within_walking_distance
    unless: candidate.sibling_here
    say: "{{school.name}} is {{candidate.metres}} metres away."
    examples:
      - {{name: far, given: {{candidate.metres: {12_001 + n}, referral.year_group: 11}}, expect: fires}}
      - {{name: near, given: {{candidate.metres: 11000}}, expect: silent}}
      - {{name: a sister, given: {{candidate.metres: 15000, referral.year_group: 11, candidate.sibling_here: true}}, expect: silent}}
"""


def taken(*words: str) -> float:
    """Milliseconds of one process."""
    # As an installed program runs: what Python compiled once is kept.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=CHECKOUT, env=kept, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "hundred.yaml"
        book.write_text(HEAD + "".join(map(rule, range(RULES))), encoding="utf-8")
        runs = [
            (taken("cli.py", "rules", "check", str(book)), taken("-c", "from click import command; from pydantic import BaseModel"))
            for _ in range(RUNS)
        ]
    check, plain = (median(column) for column in zip(*runs, strict=True))
    best = min(first for first, _ in runs)
    print(
        f"rules check of {RULES} rules, whole process: {check:.0f} ms (best {best:.0f}), {check / plain:.1f} times click and pydantic alone"
    )


if __name__ == "__main__":
    main()
