"""The ledger on SQLite: nothing changed, nothing half-written, nothing lost between two writers."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.canonical import NotCanonical
from panel.errors import LedgerBroken, LedgerConflict, LedgerError, Refused
from panel.record.chain import ZEROS, Draft, Part
from panel.record.ledger import Ledger

NOON: Final = "2026-11-10T12:00:00.000000Z"
FOUNDED: Final = Draft("panel founded", {"name": "Shire11"})
REFERRED: Final = Draft(
    "referral made", {"referral": "R1", "year_group": 8}, (Part("P1", "case", {"why": "moved"}), Part("P1", "identity", {"name": "A"}))
)
GUARDS: Final = (
    "entry_is_never_changed",
    "entry_is_never_deleted",
    "entry_follows_the_last",
    "sealed_is_never_changed",
    "sealed_is_never_replaced",
    "wrapped_is_only_rewrapped",
    "wrapped_is_never_replaced",
    "wrapped_is_kept_while_needed",
)


def salts() -> Iterator[bytes]:
    return (n.to_bytes(32, "big") for n in count(1))


def address(path: Path) -> str:
    return f"sqlite:///{path}"


def founded(path: Path, *more: Draft) -> Path:
    with Ledger.found(address(path), [FOUNDED, *more], actor="clerk", now=NOON, salts=salts()):
        return path


def attack(path: Path, *statements: str) -> None:
    """What somebody with the file in their hands can do."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for guard in GUARDS:
            connection.execute(f"DROP TRIGGER IF EXISTS {guard}")
        for statement in statements:
            connection.execute(statement)


def flaws(path: Path) -> list[tuple[int, str]]:
    with Ledger.open(address(path)) as ledger:
        return [(flaw.seq, flaw.kind) for flaw in ledger.flaws()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return founded(tmp_path / "panel.db", REFERRED)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    with Ledger.found(address(tmp_path / "panel.db"), [FOUNDED], actor="clerk", now=NOON, salts=salts()) as ledger:
        written = ledger.append([REFERRED, Draft("noted", {})], actor="chair", now="2026-11-11T09:00:00.000000Z", salts=salts())
    with Ledger.open(address(tmp_path / "panel.db")) as ledger:
        entries = ledger.entries()
        assert entries[1:] == written
        assert [(entry.seq, entry.actor, entry.kind) for entry in entries] == [
            (1, "clerk", "panel founded"),
            (2, "chair", "referral made"),
            (3, "chair", "noted"),
        ]
        assert entries[1].parts == {("P1", "case"): {"why": "moved"}, ("P1", "identity"): {"name": "A"}}
        assert entries[1].open()["referral"] == "R1"
        assert ledger.entries(upto=2) == entries[:2]
        assert ledger.head().digest == entries[2].digest
        assert [row.salt[-1] for row in ledger.sealed()] == [1, 2]
        assert ledger.flaws() == ()


def test_in_memory_it_is_the_same() -> None:
    with Ledger.found("sqlite://", [FOUNDED], actor="clerk", now=NOON, salts=salts()) as ledger:
        ledger.append([REFERRED], actor="clerk", now=NOON, salts=salts())
        assert [entry.seq for entry in ledger.entries()] == [1, 2]
        assert ledger.flaws() == ()


def test_nothing_is_recorded_before_what_is_there(path: Path) -> None:
    with Ledger.open(address(path)) as ledger:
        (entry,) = ledger.append([Draft("noted", {})], actor="clerk", now="2020-01-01T00:00:00.000000Z", salts=salts())
        assert entry.recorded_at == NOON
        assert ledger.append([], actor="clerk", now=NOON, salts=salts()) == ()


def test_a_founded_ledger_is_for_its_owner_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- nothing is changed ---


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entry SET body = '{}' WHERE seq = 2", "an entry is never changed"),
        ("UPDATE OR REPLACE entry SET seq = 1 WHERE seq = 2", "an entry is never changed"),
        ("DELETE FROM entry WHERE seq = 2", "an entry is never deleted"),
        (
            "INSERT OR REPLACE INTO entry SELECT seq, recorded_at, 'x', kind, body, previous, digest FROM entry WHERE seq = 2",
            "follows the last",
        ),
        ("REPLACE INTO entry SELECT seq, recorded_at, 'x', kind, body, previous, digest FROM entry WHERE seq = 1", "follows the last"),
        ("INSERT INTO entry SELECT seq + 2, recorded_at, actor, kind, body, digest, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT 3, recorded_at, actor, kind, body, previous, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT 0, recorded_at, actor, kind, body, digest, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT NULL, recorded_at, actor, kind, body, previous, digest FROM entry WHERE seq = 2", "follows the last"),
        ("INSERT INTO entry SELECT 3, recorded_at, actor, kind, NULL, digest, digest FROM entry WHERE seq = 2", "NOT NULL"),
        (
            "INSERT INTO entry SELECT * FROM entry WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
            "follows the last",
        ),
        ("UPDATE sealed SET box = x'00'", "a sealed part is never changed"),
        ("INSERT OR REPLACE INTO sealed SELECT seq, subject, class, x'00' FROM sealed", "a sealed part is never replaced"),
        ("UPDATE wrapped SET box = x'00'", "a key is only ever wrapped anew, under the next generation"),
        ("UPDATE wrapped SET generation = 3", "a key is only ever wrapped anew, under the next generation"),
        ("UPDATE wrapped SET generation = 2, subject = 'P2' WHERE subject = 'P1'", "a key is only ever wrapped anew"),
        ("INSERT OR REPLACE INTO wrapped SELECT subject, class, 2, x'00' FROM wrapped", "a key is never replaced"),
        ("DELETE FROM wrapped WHERE subject = 'P1' AND class = 'case'", "a key is kept as long as anything is sealed under it"),
        ("DELETE FROM wrapped WHERE subject = 'panel'", "a key is kept as long as anything is sealed under it"),
    ],
)
def test_the_guards_refuse(path: Path, statement: str, said: str) -> None:
    before = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match=said):
        connection.execute(statement)
    assert path.read_bytes() == before


def test_or_ignore_changes_nothing_either(path: Path) -> None:
    with Ledger.open(address(path)) as ledger:
        before = ledger.entries()
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(
            "INSERT OR IGNORE INTO entry SELECT seq, recorded_at, 'x', kind, body, previous, digest FROM entry WHERE seq = 2"
        )
    with Ledger.open(address(path)) as ledger:
        assert ledger.entries() == before


def test_a_sealed_part_may_be_deleted_and_the_chain_still_holds(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM sealed WHERE subject = 'P1' AND class = 'identity'")
    with Ledger.open(address(path)) as ledger:
        assert ledger.entries()[1].parts == {("P1", "case"): {"why": "moved"}}
    assert flaws(path) == [(2, "sealed part missing"), (0, "key without a sealed part")]


def test_the_database_itself_guards_the_first_entry(tmp_path: Path) -> None:
    founded(tmp_path / "panel.db")
    with closing(sqlite3.connect(tmp_path / "panel.db")) as connection:
        (previous,) = connection.execute("SELECT previous FROM entry").fetchone()
    assert previous == ZEROS


# --- what was changed all the same is found ---


@pytest.mark.parametrize("column", ["recorded_at", "actor", "kind", "body", "previous", "digest"])
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_byte_of_any_column_changed_is_found_and_located(tmp_path: Path, column: str, data: st.DataObject) -> None:
    for name in ("panel.db", "panel.db.keys"):
        (tmp_path / name).unlink(missing_ok=True)
    path = founded(tmp_path / "panel.db", REFERRED, Draft("noted", {"referral": "R1"}))
    seq = data.draw(st.integers(1, 3))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER entry_is_never_changed")
        (text,) = connection.execute(f"SELECT CAST({column} AS BLOB) FROM entry WHERE seq = ?", (seq,)).fetchone()
        raw = bytearray(text)
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        connection.execute(f"UPDATE entry SET {column} = CAST(? AS TEXT) WHERE seq = ?", (bytes(raw), seq))
    assert flaws(path) == [(seq, "changed")]


def test_any_byte_of_the_file_where_an_entry_lies_is_found(path: Path) -> None:
    whole = path.read_bytes()
    with Ledger.open(address(path)) as ledger:
        body = ledger.entries()[1].body.encode()
    start = whole.index(body)
    assert whole.count(body) == 1
    for offset in range(start, start + len(body), 7):
        for flip in (1, 0x80):
            path.write_bytes(whole[:offset] + bytes([whole[offset] ^ flip]) + whole[offset + 1 :])
            assert flaws(path) == [(2, "changed")]


LONE_KEY: Final = (0, "key without a sealed part")


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE entry SET body = CAST(body AS BLOB) WHERE seq = 2", [(2, "changed")]),
        ("UPDATE entry SET recorded_at = x'ff' WHERE seq = 1", [(1, "changed")]),
        ("DELETE FROM entry WHERE seq = 1", [(1, "missing")]),
        ("UPDATE sealed SET box = zeroblob(length(box)) WHERE class = 'case'", [(2, "seal does not match")]),
        ("UPDATE sealed SET box = substr(box, 2) WHERE class = 'case'", [(2, "seal does not match")]),
        ("UPDATE sealed SET box = CAST(x'ff' AS TEXT) WHERE class = 'case'", [(2, "seal does not match")]),
        ("UPDATE sealed SET box = 12 WHERE class = 'identity'", [(2, "seal does not match")]),
        ("UPDATE sealed SET box = x'' WHERE class = 'identity'", [(2, "seal does not match")]),
        ("UPDATE sealed SET box = (SELECT box FROM sealed WHERE class = 'case') WHERE class = 'identity'", [(2, "seal does not match")]),
        ("DELETE FROM sealed WHERE class = 'case'", [(2, "sealed part missing"), LONE_KEY]),
        ("INSERT INTO sealed VALUES (1, 'P1', 'case', zeroblob(50))", [(1, "sealed part without an entry")]),
        ("UPDATE wrapped SET box = zeroblob(60) WHERE subject = 'P1' AND class = 'case'", [(2, "key does not open")]),
        ("UPDATE wrapped SET box = 'text' WHERE subject = 'P1' AND class = 'case'", [(2, "key does not open")]),
        ("UPDATE wrapped SET generation = 7 WHERE subject = 'P1' AND class = 'case'", [(2, "key does not open")]),
        ("UPDATE wrapped SET subject = 'P2' WHERE subject = 'P1' AND class = 'case'", [(2, "key missing"), LONE_KEY]),
        ("DELETE FROM wrapped WHERE subject = 'P1' AND class = 'case'", [(2, "key missing")]),
        ("DELETE FROM wrapped WHERE subject = 'panel' AND class = 'case'", [(1, "key missing")]),
        ("UPDATE wrapped SET box = zeroblob(60) WHERE subject = 'panel' AND class = 'case'", [(1, "key does not open")]),
        ("INSERT INTO wrapped VALUES ('P9', 'case', 1, zeroblob(60))", [LONE_KEY]),
        ("UPDATE wrapped SET box = zeroblob(60)", [(1, "another ledger's keys")]),
    ],
)
def test_other_tampering_is_found(path: Path, statement: str, found: list[tuple[int, str]]) -> None:
    attack(path, statement)
    assert flaws(path) == found


def test_a_changed_list_of_commitments_blames_the_entry_alone(path: Path) -> None:
    attack(path, """UPDATE entry SET body = replace(body, '"P1"', '"P2"') WHERE seq = 2""")
    assert flaws(path) == [(2, "changed")]


def test_a_broken_sealed_part_is_not_read_as_if_it_were_whole(path: Path) -> None:
    attack(path, "UPDATE sealed SET box = x'7b' WHERE class = 'case'")
    with Ledger.open(address(path)) as ledger, pytest.raises(LedgerBroken, match=r"sealed part of entry 2 about P1 \(case\)"):
        ledger.entries()


# --- a whole step or nothing ---


def test_a_step_that_fails_in_the_middle_leaves_nothing(path: Path) -> None:
    before = path.read_bytes()
    bad = [
        [Draft("noted", {}), Draft("noted", {"x": 0.5})],
        [REFERRED, Draft("noted", {}, (Part("P1", "case", {"x": None}),))],
    ]
    with Ledger.open(address(path)) as ledger:
        for drafts in bad:
            with pytest.raises(NotCanonical):
                ledger.append(drafts, actor="clerk", now=NOON, salts=salts())
        assert path.read_bytes() == before
        # The connection is as good as before.
        assert ledger.append([Draft("noted", {})], actor="clerk", now=NOON, salts=salts())[0].seq == 3


def test_a_step_that_the_database_refuses_after_its_entries_leaves_nothing(path: Path) -> None:
    attack(path, "CREATE TRIGGER full BEFORE INSERT ON sealed BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
    with Ledger.open(address(path)) as ledger:
        with pytest.raises(LedgerError, match="SQLite says 'the disk is full'; nothing was recorded"):
            ledger.append([Draft("noted", {}), REFERRED], actor="clerk", now=NOON, salts=salts())
        assert ledger.head().seq == 2


def test_founding_that_fails_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "panel.db"
    with pytest.raises(NotCanonical):
        Ledger.found(address(path), [FOUNDED, Draft("noted", {"x": 0.5})], actor="clerk", now=NOON, salts=salts())
    assert list(tmp_path.iterdir()) == []
    founded(path)
    assert flaws(path) == []


def test_founding_where_something_is_already_is_refused_and_leaves_it(path: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    before = path.read_bytes()
    for name in ("panel.db", "notes.txt"):
        with pytest.raises(Refused, match=f"{name} is already there"):
            founded(tmp_path / name)
    assert (path.read_bytes(), (tmp_path / "notes.txt").read_text()) == (before, "mine")


def test_founding_in_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"nowhere/panel\.db cannot be made: No such file or directory"):
        founded(tmp_path / "nowhere" / "panel.db")


# --- several at once ---


def test_a_step_on_an_old_head_is_a_conflict_and_writes_nothing(path: Path) -> None:
    with Ledger.open(address(path)) as mine, Ledger.open(address(path)) as theirs:
        head = mine.head()
        theirs.append([Draft("noted", {})], actor="chair", now=NOON, salts=salts(), expected_head=head.digest)
        with pytest.raises(LedgerConflict, match="somebody else wrote meanwhile, up to entry 3; nothing was recorded"):
            mine.append([Draft("noted", {})], actor="clerk", now=NOON, salts=salts(), expected_head=head.digest)
        assert mine.head().seq == 3
        mine.append([Draft("noted", {})], actor="clerk", now=NOON, salts=salts(), expected_head=mine.head().digest)
    assert flaws(path) == []


def test_a_step_holds_the_write_lock_from_before_it_reads_the_head(path: Path) -> None:
    def meanwhile() -> Iterator[bytes]:
        # Salts are taken after the head was read and before anything is written.
        other = sqlite3.connect(path, timeout=0.05, isolation_level=None)
        with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        yield bytes(32)

    with Ledger.open(address(path)) as ledger:
        ledger.append([Draft("noted", {}, (Part("P1", "case", {}),))], actor="clerk", now=NOON, salts=meanwhile())
    assert flaws(path) == []


def _write_many(path: str, actor: str, steps: int) -> None:
    with Ledger.open(address(Path(path)), patience=60) as ledger:
        for n in range(steps):
            part = Part(f"{actor}{n}", "case", {"n": n})
            ledger.append([Draft("noted", {"n": n}), Draft("noted", {"n": n}, (part,))], actor=actor, now=NOON, salts=salts())


def test_two_processes_writing_at_once_lose_nothing(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(str(path), actor, 40)) for actor in ("clerk", "chair")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    with Ledger.open(address(path)) as ledger:
        entries = ledger.entries()
        assert ledger.flaws() == ()
    for actor in ("clerk", "chair"):
        assert [entry.open()["n"] for entry in entries[2:] if entry.actor == actor] == [n for n in range(40) for _ in range(2)]
    # Each step stands together.
    assert all(first.actor == second.actor for first, second in zip(entries[2::2], entries[3::2], strict=True))


def test_a_locked_ledger_says_so(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match="is locked: somebody else is writing"):
            Ledger.open(address(path), patience=0.05)
        other.execute("ROLLBACK")
        other.execute("BEGIN IMMEDIATE")
        with Ledger.open(address(path), patience=0.05) as ledger:
            assert len(ledger.entries()) == 2
            with pytest.raises(LedgerError, match="is locked"):
                ledger.append([Draft("noted", {})], actor="clerk", now=NOON, salts=salts())
