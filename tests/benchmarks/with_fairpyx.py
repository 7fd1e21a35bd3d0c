"""One sum of values maximised by fairpyx, in the environment that it has for itself: `make performance` makes that.

Reads a meeting as JSON from the standard input: `values` (pupil -> setting -> value; below 0: barred), `places` (setting ->
how many), `times` and `limit` (seconds of processor time for one). Writes seconds of one run, bytes of memory at the peak
beyond what the meeting itself takes, and the placing. Nothing of the program is used here, and nothing of it is installed.
"""

from __future__ import annotations

import json
import resource
import sys
from time import process_time
from typing import Any

from fairpyx import Instance, divide
from fairpyx.algorithms.utilitarian_matching import utilitarian_matching


def placed(values: dict[str, dict[str, int]], places: dict[str, int]) -> dict[str, str]:
    """Pupil -> setting: as many as possible, and of all such placings one whose values come to most."""
    bundles: dict[str, list[str]] = divide(
        utilitarian_matching, instance=Instance(valuations=values, agent_capacities=dict.fromkeys(values, 1), item_capacities=places)
    )
    return {pupil: bundle[0] for pupil, bundle in bundles.items() if bundle}


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    placed({"P1": {"S1": 2, "S2": 1}, "P2": {"S1": 3, "S2": 1}}, {"S1": 1, "S2": 1})
    before, start = peak(), process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(start) + 1 + given["limit"] * given["times"], resource.RLIM_INFINITY))
    for _ in range(given["times"]):
        placing = placed(given["values"], given["places"])
    taken = process_time() - start
    print(json.dumps({"seconds": taken / given["times"], "memory": peak() - before, "placing": placing}))


if __name__ == "__main__":
    main()
