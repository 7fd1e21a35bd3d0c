"""Two clerks, one ledger: whoever comes second is told, and nothing is lost or half recorded."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from panel.errors import LedgerConflict
from panel.events import MeetingClosed
from panel.record.ledger import Ledger
from panel.steps.office import Office
from tests.running import CHECKOUT, harbour, spawned, url


def test_a_ledger_that_somebody_is_writing_to(tmp_path: Path) -> None:
    """The clerk waits a few seconds, then hears that the ledger is locked; who only reads is not held up."""
    panel = harbour(tmp_path, "opened")
    before = panel.entries()
    with contextlib.closing(sqlite3.connect(panel.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert spawned("position", ledger=panel.ledger).code == 0
        said = spawned("meeting", "draw", "--words", "heron", ledger=panel.ledger)
        other.execute("ROLLBACK")
    assert said.code == 4
    assert said.out == ""
    assert said.err == f"{panel.ledger} is locked: somebody else is writing to it; nothing was recorded, try again\n"
    assert panel.entries() == before
    panel("meeting", "draw", "--words", "heron")


def test_two_draws_at_one_moment(tmp_path: Path) -> None:
    """However they fall, one draw is recorded and the other clerk is told why not."""
    panel = harbour(tmp_path, "opened")
    environment = {**os.environ, "PASTORAL_LEDGER": url(panel.ledger), "PASTORAL_ACTOR": "clerk"}
    clerks = [
        subprocess.Popen(
            [sys.executable, str(CHECKOUT / "cli.py"), "meeting", "draw", "--words", word],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )
        for word in ("heron", "maple")
    ]  # fmt: skip
    said = [(*clerk.communicate(timeout=60), clerk.returncode) for clerk in clerks]
    codes = sorted(code for _, _, code in said)
    assert codes in ([0, 3], [0, 4]), said
    assert all("drawn already" in err or "somebody else wrote meanwhile" in err for _, err, code in said if code)
    assert panel.bodies().count(" meeting drawn ") == 1
    assert panel.json("audit", "verify")["ok"] is True


def test_what_was_read_before_somebody_wrote_is_not_written_on(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    with Office(Ledger.open(url(panel.ledger)), actor="the other clerk") as office:
        meeting = office.state.meetings[-1]
        panel("meeting", "draw", "--words", "heron")
        before = panel.entries()
        with pytest.raises(LedgerConflict, match="somebody else wrote meanwhile, up to entry"):
            office.write(MeetingClosed(meeting=meeting.number, on=meeting.on))
    assert panel.entries() == before
