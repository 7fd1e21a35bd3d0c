"""`pastoral audit replay`: every proposal decided again from the record, by one process or several."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Day, Desk, command, few, short

if TYPE_CHECKING:
    from panel.answering.replay import Divergence, Each, Replay, Replayer
    from panel.record.chain import Entry
    from panel.record.keyring import ClassKeys, Keys
    from panel.steps.office import Office


class NumberOrDay(click.ParamType[int | dt.date]):
    """A meeting on the command line: its number, or its day."""

    name = "meeting"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | dt.date:
        if isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdigit() and int(value)):
            return int(value)
        return Day().convert(value, param, ctx)


@command(
    example="pastoral audit replay\n"
    "pastoral audit replay --meeting 2026-10-22\n"
    "pastoral audit replay --as-of 2026-12-31 --jobs 4"
)  # fmt: skip
@click.option("--meeting", type=NumberOrDay(), default=None, metavar="N|DATE", help="Only the meeting of this number, or of this day.")
@click.option("--as-of", type=Day(), default=None, help="Only what was so by the end of this day: the meetings up to it.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many processes, for a long record; the answer is the same.",
)
def replay(desk: Desk, meeting: int | dt.date | None, as_of: dt.date | None, jobs: int) -> int:
    """Decide every proposal again from the record, and compare facts, findings, placement, proof and draw.

    Each difference is told with its entry, what was recorded and what the replay found; also where a meeting cannot be
    replayed, because it was decided under a meaning of the rules that this program does not know, or a case was erased.
    """
    if meeting is not None and as_of is not None:
        raise click.UsageError("Say --meeting or --as-of, not both.")
    from panel.answering import answers, flagged

    with desk.open() as office:
        office.state  # noqa: B018 - what contradicts itself is said before anything is replayed
        chosen = _chosen(office, meeting)
        entries = office.ledger.entries()
        replayer = _replayer(office, entries)
        here = office.ledger.keys()
        each = _shared_out(desk.url, here, entries[-1], jobs) if jobs > 1 else _one_by_one(replayer)
        found = replayer.replay(**chosen, as_of=as_of, each=each)
        mistakes = [one for one in flagged.flagged(office, as_of=as_of) if not chosen or meeting in (one.meeting.number, one.meeting.on)]
        names = {urn: school.name for urn, school in office.state.schools.items()}
    notes = [f"{flagged.one_line(one, names)} It stands, as it was made." for one in mistakes]
    desk.answer(answers.replayed(found) | answers.corrected_since(mistakes), *_told(found), *notes)
    return 0 if found.ok else 1


def _told(found: Replay) -> Iterator[str]:
    for one in found.erased:
        whose = f"the case of {', '.join(one.referrals)} (entry {', '.join(map(str, one.erased_by))})"
        yield f"entry {one.seq}: {one.what}: erased, cannot be replayed: {whose}"
    if not found.ok:
        told = [f"entry {d.seq}: {d.what}: recorded {short(d.recorded)}; replayed {short(d.replayed)}" for d in found.divergences]
        yield from few(told)
        yield f"Entry {found.divergences[0].seq} is the first that does not follow from those before it."
        yield f"{len(found.divergences)} divergence(s) in {found.decisions} proposal(s)."
    elif found.decisions:
        yield f"{found.decisions} proposal(s) replayed; each came out the same, to the byte."
    else:
        yield "No proposal was replayed: there was none that could be."


def _chosen(office: Office, meeting: int | dt.date | None) -> dict[str, Any]:
    """The meeting that was asked for. Raises `Refused`, naming those there are, where there is none: nought is no answer."""
    from panel.errors import Refused

    held = office.state.meetings
    if meeting is None or any(meeting in (one.number, one.on) for one in held):
        return {} if meeting is None else {"meeting" if isinstance(meeting, int) else "on": meeting}
    there = ", ".join(f"{one.number} of {one.on}" for one in held)
    asked = f"number {meeting}" if isinstance(meeting, int) else f"of {meeting}"
    raise Refused(f"--meeting: there is no meeting {asked}. The record has {f'these: {there}' if held else 'none yet'}.")


def _replayer(office: Office, entries: tuple[Entry, ...]) -> Replayer:
    from panel.answering.replay import Replayer
    from panel.placing.placement import place
    from panel.steps.office import read_entries

    return Replayer(read_entries(entries), office.book_then, office.evaluation, place)


def _one_by_one(replayer: Replayer) -> Each | None:
    """With a bar to watch, where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def each(numbers: Sequence[int]) -> Iterator[tuple[Divergence, ...]]:
        with click.progressbar(numbers, label="meetings", file=sys.stderr) as bar:
            yield from map(replayer.sitting, bar)

    return each


# --- several processes ---


def _shared_out(url: str, here: ClassKeys | None, last: Entry, jobs: int) -> Each:
    """The meetings dealt out to processes, which each read the record up to the same entry, with the keys that are here."""
    from panel.record.keyring import InMemory

    keys = InMemory(here)

    def each(numbers: Sequence[int]) -> Iterable[tuple[Divergence, ...]]:
        hands = [numbers[first::jobs] for first in range(min(jobs, len(numbers)))]
        with ProcessPoolExecutor(max(1, len(hands)), mp_context=multiprocessing.get_context("spawn")) as processes:
            dealt = [processes.submit(sittings, url, keys, last.seq, last.digest, hand) for hand in hands]
            found = {number: one for hand, done in zip(hands, dealt, strict=True) for number, one in zip(hand, done.result(), strict=True)}
        return [found[number] for number in numbers]

    return each


def sittings(url: str, keys: Keys, seq: int, head: str, numbers: Sequence[int]) -> list[tuple[Divergence, ...]]:
    """What differs in some meetings of the ledger at `url` up to entry `seq`, whose digest is `head`: the work of one process."""
    from panel.errors import LedgerConflict
    from panel.record.ledger import Ledger
    from panel.steps.office import Office

    with Office(Ledger.open(url, keys=keys), actor="auditor") as office:
        entries = office.ledger.entries(seq)
        if not entries or entries[-1].digest != head:
            raise LedgerConflict("the record is no longer what it was when the replay began; begin again")
        replayer = _replayer(office, entries)
        return [replayer.sitting(number) for number in numbers]
