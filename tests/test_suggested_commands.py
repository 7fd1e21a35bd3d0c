"""Every command that `case` and `due` suggest of a placement is one that is then taken, wherever a case is."""

from __future__ import annotations

import datetime as dt
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.courses import BOOK, UNIT, meet, refer, weir
from tests.running import Panel

TRIAL = (
    "  reintegration: {placement: permanent, agreed_by: [parent, receiving_admission_authority], reviews: [3 weeks],\n"
    "    trial: {weeks: 6, extension: {by: 6 weeks}, at_end: return, ends_as: [permanent, return]}}\n"
)
CLOCKS = """\
clocks:
  - {id: begins, from: decision.taken, until: placement.started, within: 2 weeks}
  - {id: family, from: decision.taken, until: family.agreed, within: 1 week}
  - {id: longer, from: placement.started, until: placement.extended, within: 5 weeks}
  - {id: stays, from: placement.started, until: placement.made_permanent, within: 8 weeks}
  - {id: looked-at, from: decision.taken, until: placement.reviewed, within: 8 weeks}
"""
KINDS = ("managed_move", "off_site_direction", "reintegration", "fair_access")
BY_SCHOOL = ("off_site_direction", "fair_access")
BEGIN = dt.date(2026, 10, 12)


def suggested(panel: Panel, name: str, on: dt.date) -> Iterator[str]:
    """Every command with what `case` and `due` say of a case, each with its own step."""
    yield from (step["command"] for step in panel.json("case", name)["may_come"])
    told = panel.json("due", "--as-of", f"{on}", "--within", "300")
    for one in (*told["late"], *told["next"]):
        assert "{r}" not in one["to_do"]
        yield from re.findall(r"pastoral [^;,]*?(?=, or |, and |$)", one["to_do"])


def filled(command: str, case: dict[str, Any], on: dt.date) -> list[str]:
    """A command with its gaps filled in: somebody who has still to agree, a day, words."""
    waiting = [who.replace("_", "-") for who in case["still_to_agree"]]
    who = waiting[0] if " accept " in command and waiting else case["school"] if case["kind"] in BY_SCHOOL else "parent"
    gaps = {"WHO": who, "TEXT": "x", "--until DATE": f"--until {on + dt.timedelta(days=50)}", "DATE": f"{on}"}
    for gap, value in gaps.items():
        command = command.replace(gap, value)
    words = command.split()[1:]
    return [*words, "--until", f"{on + dt.timedelta(days=40)}"] if words[0] == "start" and case["kind"] == "off_site_direction" else words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_suggested_is_taken(tmp_path: Path, kind: str, seed: int) -> None:
    rng = random.Random(f"{kind}{seed}")
    here = tmp_path / "0"
    here.mkdir()
    panel = weir(here, book=BOOK + TRIAL + CLOCKS)
    refer(panel, "R1", "P1", kind, **({"home": UNIT} if kind == "reintegration" else {}))
    meet(panel, "2026-10-08", "R1")
    tried = set[str]()
    for n in range(1, 8):
        on = BEGIN + dt.timedelta(weeks=2 * n)
        case = panel.json("case", "R1")
        commands = [" ".join(filled(command, case, on)) for command in dict.fromkeys(suggested(panel, "R1", on))]
        if not commands:
            break
        taken = [_tried(panel, tmp_path / f"{n}-{m}", command) for m, command in enumerate(commands)]
        tried.update(command.split()[0] for command in commands)
        goes_on = [one for one, command in zip(taken, commands, strict=True) if command.split()[0] not in ("refuse", "agree", "withdraw")]
        lasting = [one for one in goes_on if one.json("case", "R1")["may_come"]]
        if not lasting:
            break
        panel = rng.choice(lasting)
    assert {"start", "accept"} & tried


def _tried(panel: Panel, folder: Path, command: str) -> Panel:
    """A copy of the panel in which the command was taken."""
    shutil.copytree(panel.ledger.parent, folder)
    there = Panel(folder / panel.ledger.name)
    there(*command.split())
    return there
