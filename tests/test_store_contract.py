"""What a ledger promises, wherever it lies: in memory, in a file, in PostgreSQL. Each test runs on all of them that it can."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.canonical import NotCanonical
from panel.errors import LedgerBroken, LedgerConflict, LedgerError, Refused
from panel.record.chain import Draft, Part
from panel.record.ledger import Ledger
from panel.record.postgresql import PostgresqlStore
from tests.postgresql_server import ENGLISH_SINCE
from tests.test_ledger import FOUNDED, NOON, REFERRED, salts

pytestmark = pytest.mark.usefixtures("in_a_folder")

EVERYWHERE: Final = ("memory", "file", "postgresql")
SHARED: Final = ("file", "postgresql")
NOTED: Final = Draft("noted", {})


@dataclass(frozen=True, slots=True)
class Place:
    """A new address, and one more of the same kind to copy to."""

    kind: str
    url: str
    other: str

    def founded(self, *more: Draft) -> Ledger:
        return Ledger.found(self.url, [FOUNDED, *more], actor="clerk", now=NOON, salts=salts())


def a_place(kind: str, folder: Path, request: pytest.FixtureRequest) -> Place:
    if kind == "memory":
        return Place(kind, "sqlite://", "sqlite://")
    if kind == "file":
        return Place(kind, f"sqlite:///{folder / 'panel.db'}", f"sqlite:///{folder / 'other.db'}")
    server = request.getfixturevalue("postgresql")
    return Place(kind, *(server.address(server.emptied(name)) for name in ("one", "other")))


@pytest.fixture(params=EVERYWHERE)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return a_place(request.param, tmp_path, request)


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place that several may open."""
    return a_place(request.param, tmp_path, request)


def do(ledger: Ledger, statement: str) -> None:
    """A statement behind the ledger's back, over its own connection."""
    store: Any = ledger._store
    store.do(statement)


# --- what was written is read back ---


def test_what_was_written_is_read_back(place: Place) -> None:
    with place.founded() as ledger:
        written = ledger.append([REFERRED, NOTED], actor="chair", now="2026-11-11T09:00:00.000000Z", salts=salts())
        entries = ledger.entries()
        assert entries[1:] == written
        assert [(entry.seq, entry.actor, entry.kind) for entry in entries] == [
            (1, "clerk", "panel founded"),
            (2, "chair", "referral made"),
            (3, "chair", "noted"),
        ]
        assert entries[1].parts == {("P1", "case"): {"why": "moved"}, ("P1", "identity"): {"name": "A"}}
        assert ledger.entries(upto=2) == entries[:2]
        assert ledger.head().digest == entries[2].digest
        assert [row.salt for row in ledger.sealed()] == [bytes(31) + b"\x01", bytes(31) + b"\x02"]
        assert ledger.flaws() == ()


def test_a_ledger_is_opened_again(shared: Place) -> None:
    with shared.founded(REFERRED) as ledger:
        entries = ledger.entries()
    with Ledger.open(shared.url) as ledger:
        assert ledger.entries() == entries
        assert ledger.flaws() == ()


def test_sealed_parts_stand_in_the_order_of_code_points(place: Place) -> None:
    """English sorts a, B, é, Z; code points B, Z, a, é."""
    parts = tuple(Part(subject, "case", {}) for subject in ("é", "a", "Z", "B"))
    with place.founded(Draft("noted", {}, parts)) as ledger:
        if isinstance(ledger._store, PostgresqlStore) and ledger._store.version() >= ENGLISH_SINCE:
            assert ledger._store.read("SELECT 'a' < 'B'") == [(True,)], "this database sorts by code points anyhow"
        assert [row.subject for row in ledger.sealed()] == ["B", "Z", "a", "é"]


TEXTS: Final = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(["%s", "?", "%", "\\x00", "'", '"', "\x00", "$$", "🌱"])
BODIES: Final = st.dictionaries(st.sampled_from(["a", "b", "c"]), TEXTS | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans())
DRAFTS: Final = st.builds(
    lambda body, parts: Draft("noted", body, tuple(Part(subject, "case", content) for subject, content in parts.items())),
    BODIES,
    st.dictionaries(st.sampled_from(["P1", "p1", "Q", "é"]), BODIES, max_size=3),
)
STEPS: Final = st.lists(st.lists(DRAFTS, max_size=3), max_size=3)


@pytest.mark.parametrize("kind", SHARED)
@given(steps=STEPS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_steps_are_the_same_record_everywhere(
    kind: str, steps: list[list[Draft]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """To the byte: numbers, moments, digests, salts, sealed parts, and their order."""
    if kind == "file":
        for name in ("panel.db", "panel.db.keys"):
            (tmp_path / name).unlink(missing_ok=True)
        url = f"sqlite:///{tmp_path / 'panel.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        url = server.address(server.emptied("one"))
    with in_steps("sqlite://", steps) as plain, in_steps(url, steps) as other:
        assert other.entries() == plain.entries()
        assert other.sealed() == plain.sealed()
        assert other.flaws() == plain.flaws() == ()


def in_steps(url: str, steps: list[list[Draft]]) -> Ledger:
    ledger = Ledger.found(url, [FOUNDED], actor="clerk", now=NOON, salts=salts())
    for step in steps:
        ledger.append(step, actor="clerk", now=NOON, salts=salts())
    return ledger


# --- nothing is changed ---


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entry SET body = '{}' WHERE seq = 2", "an entry is never changed|permission denied"),
        ("DELETE FROM entry WHERE seq = 2", "an entry is never deleted|permission denied"),
        ("INSERT INTO entry SELECT seq + 2, recorded_at, actor, kind, body, digest, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT 3, recorded_at, actor, kind, body, previous, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT 2, recorded_at, actor, kind, body, digest, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT 0, recorded_at, actor, kind, body, digest, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT NULL, recorded_at, actor, kind, body, digest, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT * FROM entry WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET actor = 'x'", "follows|permission denied"),
        ("INSERT INTO entry SELECT * FROM entry WHERE seq = 1 ON CONFLICT DO NOTHING", "follows the last"),
        ("UPDATE sealed SET box = ''", "a sealed part is never changed|permission denied"),
        ("UPDATE wrapped SET box = ''", "a key is only ever wrapped anew|permission denied"),
        ("INSERT INTO wrapped SELECT * FROM wrapped", "never replaced|duplicate key"),
        ("DELETE FROM wrapped WHERE subject = 'P1'", "a key is kept as long|permission denied"),
        ("INSERT INTO sealed SELECT * FROM sealed", "never replaced|duplicate key"),
    ],
)
def test_the_guards_refuse(place: Place, statement: str, said: str) -> None:
    with place.founded(REFERRED) as ledger:
        before = ledger.entries(), ledger.sealed()
        with pytest.raises(LedgerError, match=said) as refused:
            do(ledger, statement)
        assert "\n" not in refused.value.message
        assert (ledger.entries(), ledger.sealed()) == before


def test_the_guards_see_the_rows_of_their_own_statement(place: Place) -> None:
    """Two rows in one INSERT: the second must name the first, not the entry before both."""
    with place.founded() as ledger:
        rows = "(2, 'x', 'x', 'x', '{{}}', '{}', 'y'), (3, 'x', 'x', 'x', '{{}}', '{}', 'z')"
        with pytest.raises(LedgerError, match="follows the last"):
            do(ledger, f"INSERT INTO entry VALUES {rows.format(ledger.head().digest, ledger.head().digest)}")
        assert ledger.head().seq == 1
        do(ledger, f"INSERT INTO entry VALUES {rows.format(ledger.head().digest, 'y')}")
        assert ledger.head().seq == 3


# --- a step is whole ---


@pytest.mark.parametrize(
    "drafts",
    [[Draft("noted", {"x": 0.5})], [NOTED, Draft("noted", {"x": None})], [REFERRED, Draft("noted", {}, (Part("P1", "case", {"x": 0.5}),))]],
)
def test_a_step_that_fails_leaves_nothing(place: Place, drafts: list[Draft]) -> None:
    with place.founded(REFERRED) as ledger:
        before = ledger.entries(), ledger.sealed()
        with pytest.raises(NotCanonical):
            ledger.append(drafts, actor="clerk", now=NOON, salts=salts())
        assert (ledger.entries(), ledger.sealed()) == before
        # The connection is as good as before.
        assert ledger.append([NOTED], actor="clerk", now=NOON, salts=salts())[0].seq == 3
        assert ledger.flaws() == ()


def test_a_step_whose_sealed_part_the_database_refuses_leaves_nothing(place: Place) -> None:
    with place.founded(REFERRED) as ledger:
        store = ledger._store

        def step() -> None:
            with store.writing():
                store.write("INSERT INTO entry VALUES (3, ?, ?, ?, ?, ?, ?)", [(NOON, "x", "noted", "{}", ledger.head().digest, "x")])
                store.write("INSERT INTO sealed VALUES (2, ?, ?, ?)", [("P1", "case", bytes(60))])

        with pytest.raises(LedgerError, match=r"never replaced|duplicate key"):
            step()
        assert ledger.head().seq == 2


def test_founding_that_fails_leaves_nothing_in_the_way(place: Place) -> None:
    with pytest.raises(NotCanonical):
        place.founded(Draft("noted", {"x": 0.5}))
    if place.kind != "memory":
        with pytest.raises(LedgerError, match="there is no ledger"):
            Ledger.open(place.url)
    with place.founded() as ledger:
        assert ledger.flaws() == ()


def test_founding_where_a_ledger_is_already_is_refused(shared: Place) -> None:
    with shared.founded() as ledger:
        with pytest.raises(Refused, match="already there"):
            shared.founded()
        assert ledger.head().seq == 1


def test_a_closed_ledger_may_be_closed_again(place: Place) -> None:
    ledger = place.founded()
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError):
        ledger.head()


# --- several at once ---


def test_a_step_on_an_old_head_is_a_conflict_and_writes_nothing(shared: Place) -> None:
    with shared.founded() as mine, Ledger.open(shared.url) as theirs:
        head = mine.head()
        theirs.append([NOTED], actor="chair", now=NOON, salts=salts(), expected_head=head.digest)
        with pytest.raises(LedgerConflict, match="somebody else wrote meanwhile, up to entry 2; nothing was recorded"):
            mine.append([NOTED], actor="clerk", now=NOON, salts=salts(), expected_head=head.digest)
        assert mine.head().seq == 2
        mine.append([NOTED], actor="clerk", now=NOON, salts=salts(), expected_head=mine.head().digest)
        assert theirs.flaws() == ()


def test_a_step_holds_the_lock_from_before_it_reads_the_head(shared: Place) -> None:
    def meanwhile() -> Iterator[bytes]:
        # Salts are taken after the head was read and before anything is written.
        with Ledger.open(shared.url, patience=0.05) as other:
            assert other.head().seq == 1
            assert other.flaws() == ()
            with pytest.raises(LedgerError, match="is locked: somebody else is writing to it; nothing was recorded, try again"):
                other.append([NOTED], actor="chair", now=NOON, salts=salts())
        yield bytes(32)

    with shared.founded() as ledger:
        ledger.append([Draft("noted", {}, (Part("P1", "case", {}),))], actor="clerk", now=NOON, salts=meanwhile())
        assert ledger.head().seq == 2
        assert ledger.flaws() == ()


def test_what_is_read_is_of_one_moment(shared: Place) -> None:
    with shared.founded() as ledger, Ledger.open(shared.url, patience=0.05) as other, ledger._store.reading():
        before = ledger.head()
        if shared.kind == "file":  # SQLite's writers wait for its readers
            with pytest.raises(LedgerError, match="is locked"):
                other.append([NOTED], actor="chair", now=NOON, salts=salts())
        else:
            other.append([NOTED], actor="chair", now=NOON, salts=salts())
        assert ledger.head() == before


def _dies(url: str) -> None:
    def salt() -> Iterator[bytes]:
        yield bytes(32)
        os._exit(9)

    part = Part("P1", "case", {})
    with Ledger.open(url) as ledger:
        ledger.append([Draft("noted", {}, (part,)), Draft("noted", {}, (part,))], actor="clerk", now=NOON, salts=salt())


def test_a_writer_that_dies_in_a_step_leaves_neither_half_of_it_nor_the_lock(shared: Place) -> None:
    with shared.founded() as ledger:
        writer = multiprocessing.get_context("spawn").Process(target=_dies, args=(shared.url,))
        writer.start()
        writer.join(60)
        assert writer.exitcode == 9
        assert ledger.append([NOTED], actor="clerk", now=NOON, salts=salts())[0].seq == 2
        assert ledger.flaws() == ()


# --- from one place to another ---


@pytest.mark.parametrize("to", EVERYWHERE)
def test_a_copy_is_the_same_to_the_byte(place: Place, to: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    target = a_place(to, tmp_path, request).other
    with place.founded(REFERRED, Draft("noted", {"name": "%s ? \\ 🌱"})) as ledger:
        before = ledger.entries(), ledger.sealed()
        with ledger.copy_to(target) as copied:
            assert (copied.entries(), copied.sealed()) == before
            assert copied.flaws() == ()
            # Each goes on by itself.
            copied.append([NOTED], actor="chair", now=NOON, salts=salts())
        assert (ledger.entries(), ledger.sealed()) == before


def test_a_ledger_with_a_flaw_is_not_copied(shared: Place) -> None:
    with shared.founded(REFERRED) as ledger:
        do(ledger, "INSERT INTO sealed SELECT 1, 'P1', class, box FROM sealed WHERE class = 'case'")
        with pytest.raises(LedgerBroken, match=r"has 1 flaw\(s\), the first in entry 1: sealed part without an entry; it was not copied"):
            ledger.copy_to(shared.other)
    with pytest.raises(LedgerError, match="there is no ledger"):
        Ledger.open(shared.other)


def test_nothing_is_copied_over_another_ledger(shared: Place) -> None:
    with shared.founded(REFERRED) as ledger, Ledger.found(shared.other, [FOUNDED], actor="x", now=NOON, salts=salts()) as other:
        with pytest.raises(Refused, match="already there"):
            ledger.copy_to(shared.other)
        assert other.head().seq == 1
