"""Writes docs/comparison.md: two hundred invented years of what panels do today, and of this program. `make comparison`.

    python -m tests.benchmarks.comparison

It decides nothing; figures are exact until they are printed. A column in which this program is worse needs a reason here,
or nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Final

from rules.book import Rulebook
from tests.benchmarks.policies import POLICIES
from tests.benchmarks.years import MEASURES, MEETINGS, PROGRAM, SCHOOLS, SEED, Figures, Outcome, book, figures, lived, outcome, year

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "comparison.md"
MANY: Final = 200
FEW: Final = 2
"""The years that the page tells one by one, so that a test can live through them again."""

RIVALS: Final = tuple(name for name in POLICIES if name != PROGRAM)
FORWARD: Final = ("share", "preference", "transport")
"""The objectives that are tried before the quota, one at a time."""

DIGITS: Final = dict(zip(MEASURES, (2, 2, 2, 2, 2, 3, 3, 0, 1, 2), strict=True))

AHEAD: Final = (
    "A meeting is settled by whom it has before it, without knowing who comes next: a seat that is best used today may be the one "
    "that somebody misses later."
)
LOADS: Final = (
    "The book levels the excluded pupils (its quota) before it evens out the load of all; the spreadsheet looks at the load alone, "
    "and leaves more schools over quota. With `share` before `quota` it is better by this too."
)
WISHES: Final = (
    "In these years families name schools near them, so that the nearest is often one that they named. The book asks what the family "
    "wants only after quota, load and the order of approach. With `preference` before `quota` it is better by this too."
)
WAYS: Final = (
    "The nearest school has the shorter journeys because it looks at nothing else. The book evens out quota and load first, and sends "
    "pupils past a near school that has taken many. With `transport` before `quota` it is better by this too."
)
REASONS: Final[Mapping[str, str]] = dict(zip(MEASURES, (AHEAD,) * 3 + (LOADS,) * 3 + (WISHES,) + (WAYS,) * 2 + (AHEAD,), strict=True))
"""Measure -> why this program may be worse by it."""

BEGINNING: Final = f"""# Against what panels do today

Written by `make comparison`, which takes a minute or two; a test lives through the first {FEW} years again. Seed {SEED};
{MANY} invented years, each of {SCHOOLS} schools, {len(MEETINGS)} meetings and about a hundred pupils. The same seed gives the same
page on any machine.

Four ways to settle a meeting, all lawful: nobody goes where a bar closes the way or where there is no room. The
first three take the pupils who have waited longest first, and do not come back to them.

| | how |
|---|---|
| strict rota | one by one: the school nearest the head of the line that may take the pupil does so, and goes to the end of the line |
| spreadsheet | one by one: the school whose load over roll would be the lowest with this pupil |
| nearest school | one by one: the nearest school |
| this program | the whole meeting at once, by the objectives of the `shire11` book in their order, proved |

The panel is invented (`tests/benchmarks/years.py` says how), the quota, charges and greatest distance are those of the `shire11`
book. Three year groups in four begin the year full. Families name up to three of the six schools nearest to them. Every policy
meets the same pupils, and lives with its own past: loads, quotas, room, whose turn it is and who still waits carry over.
"""

PRICE: Final = """What it is worse in is the price of the order that the book says. With one objective moved right before the quota it is
better by that one, and worse by others:
"""

ENDING: Final = """## What this does not show

No real panel, no heads who argue, no decision against a proposal. The rivals are at their best here: bars and room are checked
for them, nobody is forgotten, and the spreadsheet is never out of date. Room was made scarce enough to matter. What a family,
a school or a journey is worth to a panel is for its rulebook to say; another order of objectives gives another page.
"""


# --- tables ---


def said(measure: str, number: Fraction | float) -> str:
    return f"{float(number):,.{DIGITS[measure]}f}"


def finely(measure: str, number: Fraction | float) -> str:
    """A difference, with one digit more than the figures have, but for pence."""
    return f"{float(number):,.{DIGITS[measure] + (DIGITS[measure] > 0)}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def means(years: Sequence[Mapping[str, Figures]], columns: Sequence[str]) -> str:
    """The mean of a year, by measure and column."""
    return table(
        ("less is better", *columns), ((m, *(said(m, mean(each[name][m] for each in years)) for name in columns)) for m in MEASURES)
    )


def wins(outcomes: Sequence[Outcome]) -> str:
    """In how many years this program was better, alike and worse."""

    def counted(measure: str, rival: str) -> str:
        ours = [(o.figures[PROGRAM][measure], o.figures[rival][measure]) for o in outcomes]
        return f"{sum(a < b for a, b in ours)} / {sum(a == b for a, b in ours)} / {sum(a > b for a, b in ours)}"

    return table(("better / alike / worse than", *RIVALS), ((m, *(counted(m, rival) for rival in RIVALS)) for m in MEASURES))


def first_worse(outcomes: Sequence[Outcome], rules: Rulebook) -> str:
    """From the same states, the first objective by which each rival is worse."""
    names = (*(objective.name for objective in rules.objectives), "nothing")
    totals = {rival: sum((o.differs[rival] for o in outcomes), Counter[str]()) for rival in RIVALS}
    return table(("worse first by", *names), ((rival, *(f"{totals[rival][name]:,}" for name in names)) for rival in RIVALS))


def one_by_one(outcomes: Sequence[Outcome]) -> str:
    """The first years by themselves."""
    return "\n".join(f"Year {o.number}:\n\n{means([o.figures], tuple(POLICIES))}" for o in outcomes[:FEW])


# --- where it is worse ---


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much this program's mean lies above a rival's, and what 1.96 standard errors of the mean difference are."""

    measure: str
    rival: str
    above: Fraction
    give: float

    @property
    def certain(self) -> bool:
        return abs(self.above) > self.give


def differences(outcomes: Sequence[Outcome]) -> list[Difference]:
    found = []
    for measure in MEASURES:
        for rival in RIVALS:
            apart = [o.figures[PROGRAM][measure] - o.figures[rival][measure] for o in outcomes]
            found.append(Difference(measure, rival, mean(apart), 1.96 * stdev([float(number) for number in apart]) / sqrt(len(apart))))
    return found


def worse(found: Sequence[Difference]) -> str:
    """By what this program's mean is worse than a rival's, one line for each reason."""
    by_reason: dict[str, list[str]] = {}
    for d in found:
        if d.above > 0:
            chance = "" if d.certain else " (may be chance)"
            sentence = f"{d.measure}, than the {d.rival} by {finely(d.measure, d.above)} ± {finely(d.measure, d.give)}{chance}"
            by_reason.setdefault(REASONS[d.measure], []).append(sentence)
    return "".join(f"- **{'; '.join(sentences)}.** {reason}\n" for reason, sentences in by_reason.items()) or "- Nowhere in these years.\n"


def unsure(found: Sequence[Difference]) -> str:
    """The advantages that are too small to be told from chance."""
    close = [f"{d.measure} (than {d.rival})" for d in found if d.above <= 0 and not d.certain]
    return f"Too close to call, better or alike though the mean is: {'; '.join(close) or 'none'}.\n"


# --- the same program, other objectives ---


def forward(rules: Rulebook, name: str) -> Rulebook:
    """The same objectives with one of them right before the quota."""
    moved = next(objective for objective in rules.objectives if objective.name == name)
    rest = [objective for objective in rules.objectives if objective is not moved]
    n = next(n for n, objective in enumerate(rest) if objective.name == "quota")
    return replace(rules, objectives=(*rest[:n], moved, *rest[n:]))


def reordered(numbers: Iterable[int], rules: Rulebook) -> list[dict[str, Figures]]:
    """Each year as this program comes through it with another order of objectives."""
    orders = {f"{name} before quota": forward(rules, name) for name in FORWARD}
    return [
        {order: figures(this, lived(this, POLICIES[PROGRAM], other)[0], rules) for order, other in orders.items()}
        for this in map(year, numbers)
    ]


def with_the_book(outcomes: Sequence[Outcome], others: Sequence[Mapping[str, Figures]]) -> str:
    """The means of this program by the book's order, and by the other orders."""
    years = [{"as in the book": o.figures[PROGRAM], **other} for o, other in zip(outcomes, others, strict=True)]
    return means(years, tuple(years[0]))


# --- the page ---


def page(outcomes: Sequence[Outcome], others: Sequence[Mapping[str, Figures]], rules: Rulebook) -> str:
    found = differences(outcomes)
    meetings = f"{len(outcomes) * len(MEETINGS):,}"
    equal = (
        f"In each of the {meetings} meetings that this program met, every rival was given the same pupils, loads and room. None was ever "
        "better on the first objective that differs: that is what the proof says, and what `tests/test_policies.py` tries on small "
        "meetings by brute force. By which objective each was worse first, in how many meetings:\n"
    )
    parts = (
        BEGINNING,
        f"## {len(outcomes)} years, on average\n",
        means([o.figures for o in outcomes], tuple(POLICIES)),
        "Those placed differ: a policy that leaves more pupils out pays for fewer journeys.\n",
        f"## In how many of the {len(outcomes)} years\n",
        "This program better / alike / worse:\n",
        wins(outcomes),
        "## Where this program is worse, and why\n",
        "The difference of the means ± 1.96 standard errors, year against year:\n",
        worse(found),
        unsure(found),
        "## From the same state, meeting by meeting\n",
        equal,
        first_worse(outcomes, rules),
        "A meeting that is settled best does not make the best year: the tables above are of whole years.\n",
        "## The same program, another order\n",
        PRICE,
        with_the_book(outcomes, others),
        ENDING,
        f"## The first {FEW} years by themselves\n",
        one_by_one(outcomes),
    )
    return "\n".join(parts)


def main() -> None:
    rules = book()
    numbers = range(1, MANY + 1)
    outcomes = [outcome(number, rules) for number in numbers]
    PAGE.write_text(page(outcomes, reordered(numbers, rules), rules), encoding="utf-8")


if __name__ == "__main__":
    main()
