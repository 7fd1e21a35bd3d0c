"""`pastoral audit checkpoint`, and holding a record against checkpoints that were kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import Desk, command, several
from panel.commands.keys import FILE, NEW_FILE, signer_of

if TYPE_CHECKING:
    from panel.record.chain import Entry
    from panel.record.checkpoint import Checkpoint, Compared
    from panel.record.keys import Signer
    from panel.record.ledger import Ledger
    from panel.record.note import Note, PublicKey


SIGNATURES: Final = ("signature does not match", "not signed")
"""The kinds of problem that are one of the checkpoint, not of the record."""


@command(
    example="pastoral audit checkpoint --key clerk.key -o oct.checkpoint\n"
    "pastoral audit checkpoint --key ashdown-school.key -o oct.checkpoint"
)
@click.option(
    "--key", type=FILE, default=None, metavar="FILE", help="The private key to sign with; without it the checkpoint has no signature."
)
@click.option(
    "-o",
    "--output",
    type=NEW_FILE,
    default=None,
    metavar="FILE",
    help="Where to write it; by default to stdout.",
)
def checkpoint(desk: Desk, key: Path | None, output: Path | None) -> None:
    """Commit to everything recorded so far in a few lines, to be signed and given to every school.

    With -o and a checkpoint of this record that is there already, --key puts one more signature under that.
    """
    from panel.record.checkpoint import parse

    signer = signer_of(key)
    with desk.ledger() as ledger:
        entries = ledger.chain()
    adding = output is not None and output.exists()
    if output is not None and adding:
        note = _one_more(output, entries, signer)
    else:
        note = made(entries, signer)
        with paper(output) as write:
            write(str(note))
    size = parse(note.text).size
    later = len(entries) - size
    done = [f"{'One more signature under a' if adding else 'A'} checkpoint of {several(size, 'entry', 'entries')}. {_signed_by(note)}."]
    done += [f"The record has {several(later, 'entry', 'entries')} more since."] if later else []
    show(desk, {"entries": size, "checkpoint": str(note), "written": str(output) if output else None}, note, output, *done)


def made(entries: Sequence[Entry], signer: Signer | None) -> Note:
    """The checkpoint of a sound record, signed if somebody signs."""
    from panel.record.checkpoint import commit, sound
    from panel.record.note import Note

    sound(entries)
    note = Note(str(commit(entries)))
    return signer.sign(note) if signer else note


@contextmanager
def paper(output: Path | None) -> Iterator[Callable[[str], None]]:
    """Where a text goes that may be wanted in a new file; without one, nowhere."""
    from panel.files import new_file

    if output is None:
        yield lambda _: None
        return
    with new_file(output) as write:
        yield write


def show(desk: Desk, data: dict[str, Any], note: Note, output: Path | None, *lines: str) -> None:
    """Answer with a checkpoint: what is said of it to stderr where it goes to stdout itself, byte for byte."""
    if desk.json or output is not None:
        desk.answer(
            data, *lines, *([f"Written: {output}. Give it to every school; keep one where nobody can change it."] if output else [])
        )
        return
    for line in lines:
        click.echo(line, err=True)
    put(note)


def put(note: Note) -> None:
    """A checkpoint on stdout as the bytes that it is, whatever encoding the terminal has."""
    out = getattr(sys.stdout, "buffer", None)
    if out is None:
        click.echo(str(note), nl=False)
        return
    sys.stdout.flush()
    out.write(str(note).encode())
    out.flush()


def _one_more(output: Path, entries: Sequence[Entry], signer: Signer | None) -> Note:
    """One more signature under a checkpoint that is there already, of this same record."""
    from panel.errors import Refused
    from panel.files import write_over
    from panel.record.checkpoint import departures, sound

    if signer is None:
        raise Refused(f"{output} is there already. Name a new file, or a --key to put one more signature under what is there.")
    sound(entries)
    kept, note = kept_in(output)
    if found := departures(kept, entries):
        raise Refused(f"{output} is not signed: it is no checkpoint of this record as it stands. {found[0].kind}: {found[0].detail}")
    if any(line.by(signer.public) for line in note.signatures):
        raise Refused(f"{output} is signed by {signer.public.name} already. For a checkpoint of now, name a new file.")
    note = signer.sign(note)
    write_over(output, str(note))
    return note


def kept_in(path: Path) -> tuple[Checkpoint, Note]:
    """The checkpoint in a file, and its signatures. Raises `Refused`, which names the file."""
    from panel.errors import Refused
    from panel.files import read_bytes
    from panel.record.checkpoint import read

    try:
        return read(read_bytes(path))
    except Refused as error:
        raise Refused(f"{path}: {error.message}") from None


def _signed_by(note: Note) -> str:
    names = ", ".join(line.name for line in note.signatures)
    return f"Signed by {names}" if names else "Nobody has signed it, so it shows no more than the place where you keep it"


# --- against a checkpoint ---


@dataclass(frozen=True, slots=True)
class Against:
    """A record held against checkpoints: the answers as JSON, the problems as those of `audit verify`, and what a person reads."""

    answers: tuple[dict[str, Any], ...] = ()
    tree: dict[str, Any] | None = None
    problems: tuple[dict[str, Any], ...] = ()
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()

    @property
    def departed(self) -> bool:
        """Whether the record is another than a checkpoint commits to; not so where only a signature is wrong."""
        return any(problem["kind"] not in SIGNATURES for problem in self.problems)


def against(ledger: Ledger, files: Sequence[Path], keys: Sequence[Path]) -> Against:
    """Hold the record against every checkpoint in the files; each of the keys must have signed each of them."""
    from panel.record.checkpoint import compare, leaves
    from panel.record.keys import read_key
    from panel.record.merkle import root

    trusted = [read_key(key) for key in keys]
    kept = sorted(((*kept_in(path), path) for path in files), key=lambda one: one[0].size)
    entries = ledger.chain()
    found = compare(entries, [(checkpoint, note) for checkpoint, note, _ in kept], trusted)
    told = [(str(path), one) for (_, _, path), one in zip(kept, found, strict=True)]
    problems = [(path, problem) for path, one in told for problem in _problems(one)]
    return Against(
        answers=tuple(_answer(path, one, entries) for path, one in told),
        tree={"entries": len(entries), "root": root(leaves(entries)).hex()},
        problems=tuple({"file": path, **problem} for path, problem in problems),
        good=tuple(line for path, one in told if one.ok for line in _good(path, one, len(entries))),
        bad=tuple(f"{path}: {problem['kind']}: {problem['detail']}" for path, problem in problems),
    )


def _problems(one: Compared) -> Iterator[dict[str, Any]]:
    size = one.checkpoint.size
    for departure in one.departures:
        yield {"seq": departure.seq, "kind": departure.kind, "detail": departure.detail}
    for key in one.signers.wrong:
        detail = f"the signature of {key.name} (key {key.id.hex()}) is not over this checkpoint"
        yield {"seq": size, "kind": SIGNATURES[0], "detail": detail}
    for key in one.signers.absent:
        yield {"seq": size, "kind": SIGNATURES[1], "detail": f"the checkpoint has no signature of {key.name} (key {key.id.hex()})"}


def _answer(path: str, one: Compared, entries: Sequence[Entry]) -> dict[str, Any]:
    from panel.record.checkpoint import consistency

    return {
        "file": path,
        "ok": one.ok,
        "entries": one.checkpoint.size,
        "root": one.checkpoint.root.hex(),
        "last_entry": one.checkpoint.last,
        "signed_by": [signer(key) for key in one.signers.signed],
        "not_checked": unchecked(one.signers.unknown),
        "consistency": [] if one.departures else [part.hex() for part in consistency(one.checkpoint, entries)],
    }


def _good(path: str, one: Compared, entries: int) -> Iterator[str]:
    size, later = one.checkpoint.size, entries - one.checkpoint.size
    since = f"{several(later, 'entry was', 'entries were')} added since" if later else "nothing was added since"
    yield f"{path}: the first {several(size, 'entry is', 'entries are')} exactly those of this checkpoint; {since}."
    if one.signers.signed:
        yield f"  signed by {', '.join(f'{key.name} (key {key.id.hex()})' for key in one.signers.signed)}"
    if names := unchecked(one.signers.unknown):
        yield f"  not checked: the signature of {', '.join(names)}; name the public key with --key"
    if not one.signers.signed:
        yield "  so this shows as much as the place where you kept the checkpoint"


def signer(key: PublicKey) -> dict[str, str]:
    """A key that signed, as JSON."""
    return {"name": key.name, "key_id": key.id.hex()}


def unchecked(lines: Iterable[Any]) -> list[str]:
    """The names in signature lines by keys that nobody named; what a line says of itself proves nothing."""
    return [line.name for line in lines]
