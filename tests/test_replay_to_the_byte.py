"""The same bytes again: in this process, in another one, and from shuffled files."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from panel import events as ev
from panel.answering.replay import Replay, Replayer
from panel.placing.placement import place
from panel.record.chain import SEALS
from panel.record.ledger import Ledger
from panel.steps.office import Office
from tests.test_replay import CHECKOUT, SHIRE, Story, recorded_in, replayed, told


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return recorded_in(tmp_path_factory.mktemp("replay"))


# --- the same bytes ---


def test_every_proposal_is_replayed_and_none_differs(story: Story) -> None:
    with Office(Ledger.open(story.url), actor="auditor") as office:
        assert replayed(office) == Replay(decisions=3, divergences=())


def test_one_meeting_alone_can_be_replayed(story: Story) -> None:
    with Office(Ledger.open(story.url), actor="auditor") as office:
        assert [Replayer(office.record, office.book_then, office.evaluation, place).replay(number).decisions for number in (1, 2, 3)] == [
            2,
            1,
            0,
        ]


AGAIN: Final = """
import sys
from dataclasses import replace
from panel import events as ev
from panel.canonical import canonical
from panel.record.chain import seal
from panel.deciding.decision import proposal, redecide
from panel.record.ledger import Ledger
from panel.steps.office import Office
from panel.deciding.opening import freeze
from panel.placing.placement import place

office = Office(Ledger.open(sys.argv[1]), actor="auditor")
salts = {(row.seq, row.subject, row.kind): row.salt for row in office.ledger.sealed()}
own = {entry.seq: entry.open()[ev.SALT] for entry in office.ledger.entries()}
for held in office.state.meetings:
    rulebook = office.rulebook(held.on)
    evaluate = office.evaluation(rulebook)
    opened = freeze(office.record[: held.opened_seq - 1], rulebook, evaluate, meeting=held.number, on=held.on, chair=held.opened.chair)
    made = [(held.opened_seq, opened)]
    for seq, _ in held.proposals:
        decision = redecide(office.record, replace(held, opened=opened), seq, rulebook, evaluate=evaluate, place=place)
        made.append((seq, proposal(decision, opened, rulebook)))
    for seq, event in made:
        draft = event.draft()
        parts = sorted(draft.parts, key=lambda part: (part.subject, part.kind))
        seals = [{"class": p.kind, "commitment": seal(p.content, salts[seq, p.subject, p.kind]), "subject": p.subject} for p in parts]
        print(seq, canonical({**draft.body, "seals": seals, ev.SALT: own[seq]}).decode())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_another_process_with_another_hash_seed_writes_the_same_bodies_and_seals(story: Story, hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, story.url], env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    with Ledger.open(story.url) as ledger:
        recorded = [f"{e.seq} {e.body}" for e in ledger.entries() if e.kind in (ev.MeetingOpened.kind, ev.PlacementsProposed.kind)]
    assert len(recorded) == 5
    assert all(f'"{SEALS}":[{{' in line for line in recorded)
    assert done.stdout.splitlines() == recorded


def shuffled(source: Path, folder: Path, rng: random.Random) -> Path:
    """Every CSV file of a folder, its rows in another order."""
    for path in source.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        rng.shuffle(rows)
        (folder / path.name).write_text("".join([header, *rows]), encoding="utf-8", newline="")
    return folder


@pytest.mark.parametrize("number", range(3))
def test_the_order_of_rows_never_reaches_a_digest(story: Story, tmp_path: Path, number: int) -> None:
    folder = shuffled(SHIRE, tmp_path, random.Random(number))
    assert (folder / "schools.csv").read_bytes() != (SHIRE / "schools.csv").read_bytes()
    with told("sqlite://", folder) as office, Ledger.open(story.url) as ledger:
        mine, theirs = office.ledger.entries(), ledger.entries()
        assert [entry.digest for entry in mine] == [entry.digest for entry in theirs]
        assert office.ledger.head() == ledger.head()
