"""What many tests share: the folder of open data, and how hypothesis runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgresql_server

# Two cores shared with other work: how long one example takes says nothing about the code.
settings.register_profile("pastoral", deadline=None, print_blob=True)
settings.load_profile("pastoral")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def open_data() -> Path:
    """The folder of real open data; the test is skipped where it is absent, and fails there if it is required."""
    folder = Path(os.environ.get("PASTORAL_OPEN_DATA") or CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        said = f"no folder of open data at {folder}; PASTORAL_OPEN_DATA names another"
        if os.environ.get("PASTORAL_REQUIRE_OPEN_DATA") == "1":
            pytest.fail(said)
        pytest.skip(said)
    return folder


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that goes away: the keys of a ledger in PostgreSQL lie in the current one."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A PostgreSQL of the tests' own; they are skipped where there is none to start, and fail there if it is required."""
    if postgresql_server.programs() is None or postgresql_server.unprivileged() is None:
        said = "no initdb and pg_ctl here, or no user but root to run them as"
        if os.environ.get("PASTORAL_REQUIRE_POSTGRESQL") == "1":
            pytest.fail(said)
        pytest.skip(said)
    with postgresql_server.running() as server:
        yield server
