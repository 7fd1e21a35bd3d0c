"""Whatever steps a clerk takes, in whatever order they may come: a replay finds each of them right, and says so of no other."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from tests.courses import BEECH, BOOK, clean, meet, refer, weir
from tests.running import Panel

SELDOM = ("managed_move", "return", "break-down", "refuse", "withdraw", "left", "not_taken_up")
"""Steps after which there is nothing more; the others are taken ten times as often."""


def take(panel: Panel, name: str, step: str, on: str, until: str, rng: random.Random) -> None:
    """One step that may come next; of who agrees or does not, somebody whom the case still waits for."""
    case = panel.json("case", name)
    to_agree = [who for who in case["still_to_agree"] if who != "receiving_admission_authority"]
    who = rng.choice(to_agree) if to_agree else case["school"]
    said = ("--on", on, "--reason", "x")
    commands = {
        "agree": ("accept", name, "--by", who, "--on", on),
        "refuse": ("refuse", name, "--by", "parent" if case["kind"] == "managed_move" else case["school"], *said),
        "withdraw": ("agree", name, "--by", rng.choice(("parent", "home-school")), "--withdrawn", "--on", on),
        "start": ("start", name, "--on", on, *(("--until", until) if case["kind"] == "off_site_direction" else ())),
        "extend": ("extend", name, "--until", until, *said),
        "return": ("end", name, "--as", "return", "--on", on),
        "managed_move": ("end", name, "--as", "managed-move", "--on", on),
        "left": ("end", name, "--as", "left", "--on", on),
        "not_taken_up": ("end", name, "--as", "not-taken-up", "--on", on),
        "break-down": ("break-down", name, *said),
    }
    panel(*commands.get(step, (step, name, "--on", on)))


@pytest.mark.parametrize("seed", range(10))
def test_every_course_replays(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    panel = weir(tmp_path, book=BOOK)
    refer(panel, "R1", "P1", rng.choice(("managed_move", "off_site_direction", "off_site_direction", "fair_access")))
    meet(panel, "2026-10-08", "R1")
    name, day, taken = "R1", dt.date(2026, 10, 30), []
    for _ in range(9):
        may = [step["step"] for step in panel.json("case", name)["may_come"]]
        if not may:
            break
        (step,) = rng.choices(may, [1 if one in SELDOM else 10 for one in may])
        day += dt.timedelta(days=5)
        take(panel, name, step, day.isoformat(), (day + dt.timedelta(days=40)).isoformat(), rng)
        taken.append(step)
    assert taken
    assert panel.json("case", name)["history"][-1]["entry"] == panel.entries()
    clean(panel)
    assert BEECH in panel("position").out
