"""A full disk, a file or a folder that nobody may write: exit 4, one sentence, nothing recorded, and the ledger still verifies."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.running import CHECKOUT, Panel, Said, harbour, pastoral, url

STEPS: Final = (
    ("proposed", ("meeting", "close")),
    ("proposed", ("decide", "R1", "R2", "R6", "--confirm")),
    ("drawn", ("allocate",)),
    ("loaded", ("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")),
)
PR_CAPBSET_DROP: Final = 24
MAY_WRITE_ANYTHING: Final = (1, 2)
"""Linux's numbers of what lets its superuser pass over a file's permissions."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and permissions are set in Linux's own way")


def mortal() -> None:
    """In a process about to start: permissions hold for it, also where it belongs to the superuser."""
    if os.geteuid() == 0:
        for number in MAY_WRITE_ANYTHING:
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, number, 0, 0, 0)


def limited(size: int) -> Callable[[], None]:
    """In a process about to start: no file may grow beyond so many bytes."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def under(before: Callable[[], None], *words: str, ledger: Path) -> Said:
    """Run the command in a process of its own, prepared by `before`."""
    environment = {"PATH": os.environ["PATH"], "PASTORAL_LEDGER": url(ledger), "PASTORAL_ACTOR": "clerk", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "cli.py"), *words],
        env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, preexec_fn=before,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def failed(said: Said, *wanted: str) -> None:
    """It failed with exit 4 and one sentence, which says that nothing was recorded."""
    assert (said.code, said.out) == (4, ""), said
    (line,) = said.err.splitlines()
    for words in ("nothing was recorded", *wanted):
        assert words in line


def untouched(panel: Panel, before: bytes) -> None:
    """Not a byte of it changed, nothing lies beside it, and it verifies."""
    assert panel.ledger.read_bytes() == before
    assert not panel.ledger.with_name(f"{panel.ledger.name}-journal").exists()
    assert panel.json("audit", "verify")["ok"]


@linux
@pytest.mark.parametrize(("stage", "words"), STEPS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else value)
def test_no_step_is_half_recorded_where_the_file_may_not_grow(tmp_path: Path, stage: str, words: tuple[str, ...]) -> None:
    panel = harbour(tmp_path, stage)
    before = panel.ledger.read_bytes()
    with closing(sqlite3.connect(panel.ledger)) as connection:  # every page is full, so that each step needs a new one
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    assert free == 0
    said = under(limited(1024), *words, ledger=panel.ledger)
    failed(said, "the disk")
    untouched(panel, before)
    panel(*words)


@linux
@pytest.mark.parametrize("more", [0, 2048])
def test_no_proposal_is_half_recorded_where_only_some_of_it_fits(tmp_path: Path, more: int) -> None:
    panel = harbour(tmp_path, "drawn")
    before = panel.ledger.read_bytes()
    failed(under(limited(len(before) + more), "allocate", ledger=panel.ledger), "the disk")
    untouched(panel, before)


@linux
def test_no_panel_is_half_founded_where_the_file_may_not_grow(tmp_path: Path) -> None:
    ledger = tmp_path / "new.db"
    failed(under(limited(8192), "init", "--rulebook", "shire11", ledger=ledger), "the disk")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of its own; the test is skipped where none may be made."""
    disk = folder / "disk"
    disk.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no disk may be made here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], capture_output=True, check=True)


def fill(disk: Path) -> None:
    """Until there is no more room."""
    with (disk / "filling").open("wb", buffering=0) as filling:
        try:
            while filling.write(b"x" * 4096):
                pass
        except OSError:
            return


@linux
@pytest.mark.parametrize(("stage", "words"), STEPS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else value)
def test_a_full_disk(tmp_path: Path, stage: str, words: tuple[str, ...]) -> None:
    with small_disk(tmp_path, 600) as disk:
        panel = harbour(disk, stage)
        before = panel.ledger.read_bytes()
        fill(disk)
        failed(panel(*words, code=4), "the disk is full", "Make room, then repeat")
        untouched(panel, before)
        said = panel(*words, "--json", code=4)
        assert said.json["error"]["kind"] == "ledger"
        (disk / "filling").unlink()
        panel(*words)
        assert panel.json("audit", "verify")["ok"]


@linux
def test_a_disk_that_is_full_before_a_panel_is_founded(tmp_path: Path) -> None:
    with small_disk(tmp_path, 16) as disk:
        failed(pastoral("init", "--rulebook", "shire11", ledger=disk / "new.db"), "the disk is full")
        assert list(disk.iterdir()) == []


@linux
@pytest.mark.parametrize(("stage", "words"), STEPS[::2], ids=lambda value: " ".join(value) if isinstance(value, tuple) else value)
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_nobody_may_write(tmp_path: Path, what: str, stage: str, words: tuple[str, ...]) -> None:
    panel = harbour(tmp_path, stage)
    before = panel.ledger.read_bytes()
    closed = panel.ledger if what == "file" else tmp_path
    closed.chmod(0o400 if what == "file" else 0o500)
    try:
        failed(under(mortal, *words, ledger=panel.ledger), "cannot be written")
        read = under(mortal, "audit", "verify", "--json", ledger=panel.ledger)
        assert (read.code, read.json["ok"]) == (0, True), "who may read it may audit it"
    finally:
        closed.chmod(0o700)
    untouched(panel, before)


@linux
def test_a_folder_in_which_nothing_may_be_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        said = under(mortal, "init", "--rulebook", "shire11", ledger=tmp_path / "new.db")
    finally:
        tmp_path.chmod(0o700)
    assert (said.code, said.out, len(said.err.splitlines())) == (4, "", 1)
    assert "cannot be made: Permission denied" in said.err


@linux
def test_a_step_cut_short_on_a_disk_that_is_read_only_since(tmp_path: Path) -> None:
    """A journal was left: without writing nobody can tell what the record is, so nothing of it is read."""
    panel = harbour(tmp_path, "proposed")
    cut_short(panel.ledger)
    tmp_path.chmod(0o500)
    panel.ledger.chmod(0o400)
    try:
        said = under(mortal, "audit", "verify", ledger=panel.ledger)
    finally:
        tmp_path.chmod(0o700)
        panel.ledger.chmod(0o600)
    assert (said.code, said.out, len(said.err.splitlines())) == (4, "", 1), said
    assert "cannot be written" in said.err
    assert panel.json("audit", "verify")["ok"]


def cut_short(ledger: Path) -> None:
    """A process dies in the middle of a step that has reached the file."""
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1')\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute('CREATE TABLE big (x)')\n"
        "c.executemany('INSERT INTO big VALUES (?)', [('x' * 3000,)] * 200)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(ledger)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert ledger.with_name(f"{ledger.name}-journal").exists()
