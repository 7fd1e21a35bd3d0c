"""`make tamper`: every attack at every entry, every field, bits all over the file; then docs/what-tampering-shows.md.

Ends in 1, and writes no page, where anything was not found as it must be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from tests.attacks.catalogue import EVERY, Bench
from tests.attacks.fields import ONLY_KEPT, changes
from tests.attacks.forgery import NOTHING_FOUND, audited, written
from tests.attacks.page import PAGE, page
from tests.attacks.raw import flipped

BITS: Final = 3000
SHARES: Final = 8
Numbers = dict[tuple[str, str], tuple[int, int]]


def attacks(share: int, shares: int) -> tuple[int, list[str]]:
    """One share of all attacks: how many, and what was otherwise than expected."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.within(Path(folder))
        tries = ((attack, seq) for attack in EVERY for seq in attack.sites(bench.copy))
        told = [bench.surprise(attack, seq) for attack, seq in islice(tries, share, None, shares)]
    return len(told), [surprise for surprise in told if surprise]


def fields(share: int, shares: int) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], list[str]]:
    """One share of all changes of a field: how many by kind and field, how many were found, and what was named too early."""
    tried: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    early: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.within(Path(folder))
        for change in islice(changes(bench.copy), share, None, shares):
            seen = audited(written(change.forge(), bench.forged, bench.original))
            tried[change.kind, change.field] += 1
            found[change.kind, change.field] += seen != NOTHING_FOUND
            if seen != NOTHING_FOUND and seen.seq < change.seq:
                early.append(f"{change.kind}, {change.field} at entry {change.seq}: {seen}")
    return tried, found, early


def bits() -> Counter[str]:
    """Bits spread evenly over the file, each in a byte of its own."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.within(Path(folder))
        size = bench.original.stat().st_size
        return flipped(bench.original, bench.forged, (size * number // BITS for number in range(BITS)))


def surprises(numbers: Numbers) -> Iterator[str]:
    """Fields that the replay found though none of that kind could be, or never though they were."""
    never = {key for key, (_, found) in numbers.items() if not found}
    yield from (f"{kind}, {field}: the replay no longer finds a change of it" for kind, field in sorted(never - ONLY_KEPT))
    yield from (f"{kind}, {field}: the replay now finds a change of it" for kind, field in sorted(ONLY_KEPT - never))


def main() -> int:
    """Everything, in as many processes as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1)
    jobs = parser.parse_args().jobs
    began = time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        of_bits = pool.submit(bits)
        of_fields = [pool.submit(fields, share, SHARES) for share in range(SHARES)]
        of_attacks = [pool.submit(attacks, share, SHARES) for share in range(SHARES)]
        turned = of_bits.result()
        shares = [one.result() for one in of_fields]
        done = [one.result() for one in of_attacks]
    tried = sum((one[0] for one in shares), Counter[tuple[str, str]]())
    found = sum((one[1] for one in shares), Counter[tuple[str, str]]())
    with tempfile.TemporaryDirectory() as folder:
        copy = Bench.within(Path(folder)).copy
    order = dict.fromkeys((change.kind, change.field) for change in changes(copy))
    numbers: Numbers = {key: (tried[key], found[key]) for key in order}
    wrong = [line for _, lines in done for line in lines] + [line for one in shares for line in one[2]] + [*surprises(numbers)]
    wrong += [f"{turned['unseen']} bits changed the record unseen"] if turned["unseen"] else []
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    sys.stdout.write(
        f"{len(EVERY)} attacks, {sum(number for number, _ in done)} times; {sum(tried.values())} fields; {sum(turned.values())} bits; "
        f"{len(wrong)} surprises; {time.monotonic() - began:.0f} s\n"
    )
    if not wrong:
        PAGE.write_text(page(copy, numbers, turned), encoding="utf-8")
    return 1 if wrong else 0
