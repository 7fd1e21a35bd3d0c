"""Nothing that is recorded of a decision escapes the replay: every value of it is changed in turn, chained anew, and named.

The panel is Harbour, small enough that each change is replayed by itself. A value that nobody could work out again, because
a person chose it, stands in `CHOSEN`; a new field of an entry is compared, or somebody must write it down there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from panel import events as ev
from panel.answering.replay import Divergence, Replayer
from panel.errors import LedgerBroken
from panel.placing.placement import place
from panel.record.ledger import Ledger
from panel.steps.office import Office
from panel.story import made_up_salts
from rules.book import Rulebook
from rules.errors import PanelError
from rules.evaluate import Evaluation
from rules.finding import OUTCOMES
from rules.oracle import Oracle
from tests.running import CEDAR, Panel, harbour

CHOSEN: Final = {
    (ev.MeetingOpened, "chair"): "a name",
    (ev.DecisionTaken, "starts"): "the day that the panel agreed on",
}
"""What a person decided, and no rule: it is in the record because they said so."""

DECIDED: Final = (ev.MeetingOpened, ev.MeetingDrawn, ev.PlacementsProposed, ev.DecisionTaken)
Path_ = tuple[str | int, ...]


@cache
def recorded() -> tuple[ev.Event, ...]:
    """Harbour's first meeting: R1, R2 and R6 placed and confirmed, R5 unplaced, R3 and R4 held."""
    with tempfile.TemporaryDirectory() as folder:
        panel = harbour(Path(folder), "closed")
        with Office(Ledger.open(f"sqlite:///{panel.ledger}"), actor="auditor") as office:
            return tuple(item.event for item in office.record)


EVALUATIONS: Final[dict[str, Evaluation]] = {}


def evaluation(rulebook: Rulebook) -> Evaluation:
    if rulebook.digest not in EVALUATIONS:
        EVALUATIONS[rulebook.digest] = Evaluation(rulebook)
    return EVALUATIONS[rulebook.digest]


def divergences(events: Sequence[ev.Event]) -> tuple[Divergence, ...]:
    """What a replay says of a ledger of these events, whose chain and seals are in order."""
    drafts = [event.draft() for event in events]
    ledger = Ledger.found("sqlite://", drafts, actor="clerk", now="2026-09-01T00:00:00.000000Z", salts=made_up_salts("other"))
    with Office(ledger, actor="auditor") as office:
        assert ledger.flaws() == ()
        return Replayer(office.record, office.book_then, evaluation, place).replay().divergences


# --- every value ---


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The way to every value within, and to every empty list or object."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inner or not value:
        yield path
        return
    for key, one in inner:
        yield from leaves(one, (*path, key))


def alike(path: Path_) -> tuple[str, ...]:
    """The way without what names one child, school or place in a list: one of each sort is enough."""
    return tuple("*" if isinstance(key, int) or re.fullmatch(r"[PR]?\d+", key) else key for key in path)


def otherwise(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return ["R1"]
    if isinstance(value, dict):
        return {"R1": CEDAR}
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "2026-10-21" if value != "2026-10-21" else "2026-10-20"
    return CEDAR if re.fullmatch(r"\d{6}", value) and value != CEDAR else f"{value[:-1]}{'0' if value[-1] != '0' else '1'}"


def changed(value: Any, path: Path_) -> Any:
    if not path:
        return otherwise(value)
    head, *rest = path
    inner = changed(value[head], tuple(rest))
    return {**value, head: inner} if isinstance(value, dict) else [*value[:head], inner, *value[int(head) + 1 :]]


@dataclass(frozen=True)
class Change:
    """One value to change: in which entry, and the way to it."""

    seq: int
    path: Path_

    def __str__(self) -> str:
        return f"{recorded()[self.seq - 1].kind}: {'.'.join(alike(self.path))}"


def changes() -> list[Change]:
    """One value of every sort, in the first entry of each kind that a decision is made of."""
    found: dict[tuple[str, ...], Change] = {}
    for kind in DECIDED:
        seq = next(n for n, event in enumerate(recorded(), start=1) if isinstance(event, kind))
        for path in leaves(recorded()[seq - 1].model_dump(mode="json", exclude_none=True)):
            if (kind, path[0]) not in CHOSEN:
                found.setdefault((kind.kind, *alike(path)), Change(seq, path))
    return list(found.values())


@pytest.mark.parametrize("change", changes(), ids=str)
def test_every_recorded_value_is_compared(change: Change) -> None:
    events = list(recorded())
    event = events[change.seq - 1]
    told = event.model_dump(mode="json", exclude_none=True)
    again = changed(told, change.path)
    assert again != told
    try:
        events[change.seq - 1] = type(event).model_validate(again)
        found = divergences(events)
    except (LedgerBroken, ValueError):
        return  # it is no longer an entry that this program could have written, and is refused as a whole
    named = [one for one in found if one.seq == change.seq]
    assert named, f"entry {change.seq}: {change} was changed, and the replay says nothing of that entry, only {found}"
    assert all(one.recorded != one.replayed for one in named)


def test_all_sorts_of_findings_are_among_them() -> None:
    """Facts, findings, placement, values, proof and draw: or the test above would prove less than it says."""
    sorts = {str(change) for change in changes()}
    for wanted in (
        "meeting opened: cases.*.candidates.*.candidate.metres",
        "meeting opened: cases.*.facts.referral.ehcp",
        "meeting opened: shared.schools.*.school.load",
        "meeting opened: shared.years.*.*.year.pan",
        "meeting opened: agenda_digest",
        "meeting opened: rulebook_digest",
        "meeting drawn: words.*",
        "meeting drawn: seed",
        "placements proposed: cases.*.schools.*.bars.*",
        "placements proposed: cases.*.holds.*",
        "placements proposed: cases.*.cannot_tell.*.missing.*",
        "placements proposed: placements.*",
        "placements proposed: unplaced.*",
        "placements proposed: held.*",
        "placements proposed: shared.objectives.*.value",
        "placements proposed: shared.proof.price",
        "placements proposed: semantics",
        "placements proposed: unique",
        "decision taken: school",
        "decision taken: transport_pence",
    ):
        assert any(sort.startswith(wanted) for sort in sorts), (wanted, sorted(sorts))


# --- where nothing can be compared ---


def at(kind: type[ev.Event]) -> int:
    return next(n for n, event in enumerate(recorded(), start=1) if isinstance(event, kind))


@pytest.fixture
def newer(tmp_path: Path) -> Panel:
    """Harbour, whose meeting was opened by a later version of this program."""
    panel = harbour(tmp_path, "proposed")
    panel.alter("UPDATE entry SET body = replace(body, '\"semantics\":2', '\"semantics\":9') WHERE kind = 'meeting opened'")
    return panel


def test_a_meaning_that_is_not_known_cannot_be_replayed(newer: Panel) -> None:
    seq = int(newer.column("seq", "meeting opened"))
    (divergence,) = newer.json("audit", "replay", code=1)["divergences"]
    known = "this program knows 1 and 2. Use the version that recorded it, or a newer one"
    assert divergence == {"seq": seq, "what": "semantics", "recorded": 9, "replayed": f"cannot be replayed: {known}"}


@pytest.mark.parametrize(
    "words", [("explain", "R1"), ("whatif", "--without", CEDAR), ("allocate", "--again"), ("decide", "R1", "--confirm")], ids=" ".join
)
def test_and_nothing_else_is_made_of_it(newer: Panel, words: tuple[str, ...]) -> None:
    before = newer.entries()
    said = newer(*words, code=4)
    assert said.err == (
        "Meeting 1 of 2026-10-22 was opened under meaning 9 of the rules; this program knows 1 and 2. "
        "Use the version that recorded it, or a newer one.\n"
    )
    assert (said.out, newer.entries()) == ("", before)


def test_nor_is_its_proof_handed_out(newer: Panel) -> None:
    said = newer.refused("audit", "certificate", newer.column("seq", "placements proposed"))
    assert " ".join(said.split()) == (
        "Meeting 1 of 2026-10-22 was opened under meaning 9 of the rules; this program knows 1 and 2. "
        "Use the version that recorded it, or a newer one."
    )


class Contrary(Oracle):
    """A second opinion that calls everything else than the first where anything fires."""

    def verdicts(self, row: Any) -> bytes:
        return bytes((code + 1) % len(OUTCOMES) for code in super().verdicts(row))


def test_two_evaluations_that_differ_are_said_to() -> None:
    """Both engines take part in a replay: neither alone is believed."""
    events = recorded()
    drafts = [event.draft() for event in events]
    ledger = Ledger.found("sqlite://", drafts, actor="clerk", now="2026-09-01T00:00:00.000000Z", salts=made_up_salts("other"))
    with Office(ledger, actor="auditor") as office:
        doubting = Replayer(office.record, office.book_then, lambda book: Evaluation(book, oracle=Contrary), place)
        found = doubting.replay().divergences
    assert [(one.seq, one.what) for one in found] == [(at(ev.MeetingOpened), "cannot be replayed")]
    assert "The two evaluations of the rules differ" in found[0].replayed


def test_a_placement_that_nobody_can_prove_is_said_to_be_none() -> None:
    def refuses(problem: object) -> Any:
        raise PanelError("no proof")

    drafts = [event.draft() for event in recorded()]
    ledger = Ledger.found("sqlite://", drafts, actor="clerk", now="2026-09-01T00:00:00.000000Z", salts=made_up_salts("other"))
    with Office(ledger, actor="auditor") as office:
        found = Replayer(office.record, office.book_then, evaluation, refuses).replay().divergences
    assert ("cannot be replayed", "no proof") in [(one.what, one.replayed) for one in found]
