"""Invented academic years, fair and unfair, to see whether the report on equity tells them apart. Seeded: the same each time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from panel.reports.monitored import Pupil, School, Year

ROLLS: Final = (1213, 1039, 881, 1140, 705, 734, 994, 592, 376, 981, 567, 1500)
SCHOOLS: Final = {str(900_001 + n): School(f"School {n + 1}", roll, roll) for n, roll in enumerate(ROLLS)}
POPULATION: Final[Mapping[str, Mapping[str, int]]] = {
    "sex": {"f": 5100, "m": 4900},
    "ethnicity": {"a": 6000, "b": 2000, "c": 900, "d": 600, "e": 300, "f": 200},
    "fsm": {"yes": 2500, "no": 7500},
    "sen": {"none": 8000, "support": 1500, "plan": 500},
    "looked_after": {"yes": 100, "no": 9900},
}
CHAIRS: Final = ("Okafor", "Penhale", "Achterberg")


def fair_year(
    seed: str,
    *,
    cases: int = 150,
    excluded: int = 60,
    times: Mapping[tuple[str, str], float] | None = None,
    population: Mapping[str, Mapping[str, int]] = POPULATION,
) -> Year:
    """A year in which nothing depends on anything. `times`: (characteristic, group) -> how often it is referred beside the others."""
    rng = random.Random(seed)
    urns = list(SCHOOLS)
    weights = [SCHOOLS[urn].roll or 0 for urn in urns]

    def groups() -> dict[str, str]:
        drawn = {}
        for name, there in population.items():
            odds = [pupils * (times or {}).get((name, group), 1.0) for group, pupils in there.items()]
            drawn[name] = rng.choices(list(there), odds)[0]
        return drawn

    def pupil() -> Pupil:
        lots = tuple(rng.random() for _ in range(rng.choice((1, 1, 1, 2))))
        pairs = {urn: tuple(rng.random() for _ in lots) for urn in urns}
        sent = rng.choices(urns, weights)[0]
        waited = rng.choice((7, 9, 12, 14, 20, 21, 35, 42))
        if rng.random() < 0.07:
            return Pupil(sent, rng.random() < 0.4, groups(), waited=waited, lots=lots, pair_lots=pairs)
        overridden = rng.random() < 0.15
        to, proposed = rng.choices(urns, weights)[0], rng.choices(urns, weights)[0]
        return Pupil(
            sent, rng.random() < 0.4, groups(), to, rng.choice(CHAIRS), overridden, proposed if overridden else "", waited, lots, pairs
        )

    return Year(2026, SCHOOLS, tuple(pupil() for _ in range(cases)), tuple(rng.choices(urns, weights, k=excluded)))
