"""Several processes write at once: no fork, no gap, nothing lost. `make writers` does it with 8,000 steps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.benchmarks.writers import amiss, run

pytestmark = pytest.mark.usefixtures("in_a_folder")


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_several_writers_lose_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if kind == "file":
        url = f"sqlite:///{tmp_path / 'panel.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        url = server.address(server.new())
    outcome = run(url, writers=4, steps=25)
    assert outcome.amiss == ()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM entry WHERE seq = 5", "wanted 1 to 9 without a gap"),
        ("DELETE FROM entry WHERE seq >= 8", "its steps are not all there"),
        ("DELETE FROM sealed WHERE seq = 5", "3 sealed parts; wanted 4"),
        ("UPDATE entry SET previous = (SELECT previous FROM entry WHERE seq = 4) WHERE seq = 5", "two entries follow the same one"),
        ("UPDATE entry SET actor = 'writer 9' WHERE seq = 5", "a step of one writer stands within another's"),
    ],
)
def test_what_is_amiss_is_seen(statement: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "panel.db"
    assert run(f"sqlite:///{path}", writers=2, steps=2).amiss == ()
    with closing(sqlite3.connect(path)) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    found = list(amiss(f"sqlite:///{path}", 2, 2))
    assert any(said in line for line in found), found
