"""Some of `make tamper`: each kind of attack at one entry, some fields, some bits; and the page that tells of all of them."""

from __future__ import annotations

import random
from typing import Final

import pytest

from tests.attacks.attack import Attack
from tests.attacks.catalogue import EVERY, Bench
from tests.attacks.fields import ONLY_KEPT, changes
from tests.attacks.forgery import NOTHING_FOUND, audited, departs, taken_out, written
from tests.attacks.page import PAGE, attempts
from tests.attacks.raw import flipped
from tests.running import pastoral

SEED: Final = 20260924


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench.within(tmp_path_factory.mktemp("attacks"))


def test_what_nobody_changed_shows_nothing(bench: Bench) -> None:
    """The counter-proof: it is the change that is found, not the copying."""
    path = written(bench.copy, bench.forged, bench.original)
    assert audited(path) == NOTHING_FOUND
    assert departs(path, bench.kept) == {}


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: str(attack.do.__name__))
def test_each_attack_is_found_where_it_was_made(bench: Bench, attack: Attack) -> None:
    sites = [*attack.sites(bench.copy)]
    assert sites
    seq = random.Random(f"{SEED} {attack.name}").choice(sites)
    assert bench.surprise(attack, seq) == ""


def test_fields_that_no_replay_reads_and_others(bench: Bench) -> None:
    every = [*changes(bench.copy)]
    for change in random.Random(SEED).sample(every, 12):
        found = audited(written(change.forge(), bench.forged, bench.original))
        assert found == NOTHING_FOUND or (found.seq >= change.seq and (change.kind, change.field) not in ONLY_KEPT), change


def test_no_bit_changes_the_record_unseen(bench: Bench) -> None:
    size = bench.original.stat().st_size
    offsets = [*range(0, 100, 3), *random.Random(SEED).sample(range(size), 150)]
    told = flipped(bench.original, bench.forged, offsets)
    assert told["unseen"] == 0
    assert told["found"] > 50
    assert told["damaged"] > 5


def test_the_page_tells_of_every_attack(bench: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.startswith(attempts(bench.copy)), "run `make tamper`: it writes this page"
    rows = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in page.splitlines()]
    never = {(row[0], field) for row in rows if len(row) == 4 for field in row[-1].split(", ")}
    assert never >= ONLY_KEPT


# --- as a clerk reads it ---


def told(bench: Bench, *words: str) -> tuple[int, str]:
    said = pastoral("audit", *words, ledger=bench.forged)
    assert said.err == ""
    return said.code, said.out


def test_a_clerk_is_told_what_is_wrong_and_what_to_do(bench: Bench) -> None:
    """One entry taken out and everything made to fit: what `verify` and `replay` say, in full lines of 80 columns."""
    drawn = next(bench.copy.of("meeting drawn"))
    written(taken_out(bench.copy, drawn), bench.forged, bench.original)
    assert told(bench, "verify")[0] == 0
    code, out = told(bench, "replay")
    assert code == 1
    assert f"entry {drawn}: seed: recorded" in out
    assert max(map(len, out.splitlines())) <= 80
    assert len(out.splitlines()) <= 60
