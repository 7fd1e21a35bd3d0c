"""What every release recorded is still whole, and still comes out the same. fixtures/golden/README.md says what to do if not."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from fixtures.golden.make import FOLDER, make
from panel.answering.mistaken import _facts, _rows
from panel.deciding import opening
from panel.deciding.opening import frozen_names
from panel.facts.candidates import MeetingFacts
from panel.record.checkpoint import departures
from panel.record.checkpoint import read as read_checkpoint
from panel.record.ledger import Ledger
from panel.state.corrections import stacks
from panel.state.fold import fold
from panel.steps.office import Office
from rules.book import Rulebook
from tests.attacks.forgery import read, shire11
from tests.running import Panel, keys_of, pastoral, put, taken, url

LEDGERS = sorted(FOLDER.glob("*.db"))

MEANING = """
{ledger}, recorded by an earlier version of this program, no longer replays as it was recorded:
{divergences}

Either the change that did this is a mistake: mend it. Or the meaning of the rules changes: then take the next SEMANTICS number
(panel/events/event.py), keep the old code for the old number, and leave this ledger as it is. Never make the ledger anew to
silence this: somebody's own ledger would stop replaying in the same way. See fixtures/golden/README.md.
"""


def opened(ledger: Path, folder: Path) -> Panel:
    """A copy to work on: nothing may be written beside a golden ledger."""
    if keys_of(ledger).exists():
        return Panel(put(taken(ledger), folder / ledger.name))
    return Panel(Path(shutil.copy(ledger, folder)))


def the_same_still(panel: Panel) -> None:
    """Fails with what to do where a replay finds a difference."""
    replayed: dict[str, Any] = pastoral("audit", "replay", "--json", ledger=panel.ledger).json
    assert replayed["decisions"] > 0
    told = "\n".join(f"  {one}" for one in replayed["divergences"][:10])
    assert replayed["ok"], MEANING.format(ledger=panel.ledger.name, divergences=told)


def test_this_release_has_one() -> None:
    assert FOLDER / f"shire11-{version('pastoral')}.db" in LEDGERS, "python -m fixtures.golden.make"


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.stem)
def test_it_is_the_one_that_was_recorded(ledger: Path, tmp_path: Path) -> None:
    panel = opened(ledger, tmp_path)
    assert panel.json("audit", "verify")["ok"] is True
    kept, _ = read_checkpoint(ledger.with_suffix(".checkpoint").read_bytes())
    with Ledger.open(f"sqlite:///{panel.ledger}") as whole:
        entries = whole.chain()
        assert whole.encrypted() == (not ledger.name.startswith("plain"))
    assert departures(kept, entries) == ()
    assert kept.size == len(entries)


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.stem)
def test_it_comes_out_the_same(ledger: Path, tmp_path: Path) -> None:
    the_same_still(opened(ledger, tmp_path))


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.stem)
def test_looking_back_reads_a_meeting_under_its_own_meaning(ledger: Path, tmp_path: Path) -> None:
    """What a meeting would have frozen on the facts as they were then is what it froze; its own book would answer nothing otherwise."""
    panel = opened(ledger, tmp_path)
    with Office(Ledger.open(url(panel.ledger)), actor="auditor") as office:
        for held in fold(office.record).meetings:
            before = office.record[: held.opened_seq - 1]
            book = office.book_then(fold(before), held.opened)
            froze = MeetingFacts.frozen(held.opened, book)
            assert froze.meaning == held.opened.semantics == 1
            assert _rows(_facts(before, stacks(before), held, book, office.evaluation(book))) == _rows(froze)
    back = pastoral("rules", "diff", book.name, book.name, "--json", "--ledger", url(panel.ledger)).json["decisions"]
    assert back["answers"] > 0
    assert (back["otherwise"], back["untold"]) == ([], [])


def test_a_changed_meaning_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An opening that freezes one fact more than it did: the kind of change that nobody notices."""
    panel = opened(LEDGERS[0], tmp_path)

    def one_more(rulebook: Rulebook) -> frozenset[str]:
        return frozen_names(rulebook) | {"school.federation", "referral.deferrals", "school.head_in_first_term", "referral.made_on"}

    monkeypatch.setattr(opening, "frozen_names", one_more)
    with pytest.raises(AssertionError, match="take the next SEMANTICS number"):
        the_same_still(panel)


def test_none_is_made_anew(tmp_path: Path) -> None:
    """And two that are made at once, in two processes, say the same to the byte, though under other keys."""
    made = make(tmp_path, "9.9.9")
    assert made.name == "shire11-9.9.9.db"
    (tmp_path / "other").mkdir()
    assert read(made) == read(put(shire11(), tmp_path / "other" / "shire11.db"))
    assert keys_of(made).read_bytes() != shire11()[1]
    with pytest.raises(FileExistsError, match="never made anew"):
        make(tmp_path, "9.9.9")
