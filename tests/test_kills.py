"""Some of `make kills`: wherever the process of a story is killed, what is left opens, verifies and holds whole steps only."""

from __future__ import annotations

import sys

import pytest

from tests.running import CHECKOUT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it waits for a process in a way that only Linux has")


def test_twenty_kills_leave_whole_steps() -> None:
    """In a process of its own: it forks, which a process with threads may not."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.kills", "-n", "20"], cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 kills; ")
    assert done.stdout.endswith("every ledger verified and held whole steps only.\n")
