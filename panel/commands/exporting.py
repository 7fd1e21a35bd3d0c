"""`pastoral audit export`: a copy of the record for somebody outside."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.commands.checkpoints import kept_in
from panel.commands.frame import Desk, command, several
from panel.commands.keys import FILE, NEW_FILE

if TYPE_CHECKING:
    from panel.record.chain import Entry
    from panel.record.note import PublicKey


@command(
    example="pastoral audit export -o a.zip --checkpoint oct.checkpoint --key clerk.pub\n"
    "pastoral audit export -o for-the-auditor.zip --with-cases"
)
@click.option("-o", "--output", type=NEW_FILE, required=True, metavar="FILE.zip", help="Where to write it: a new file.")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="A checkpoint of this record to put beside it. Repeatable.",
)
@click.option("--key", "keys", type=FILE, multiple=True, metavar="PUBLIC", help="A public key to put beside it. Repeatable.")
@click.option("--with-cases", is_flag=True, help="The children's sealed cases too, for an auditor who may read them. Never who they are.")
def export(desk: Desk, output: Path, checkpoints: tuple[Path, ...], keys: tuple[Path, ...], *, with_cases: bool) -> None:
    """Write the record as one ZIP from which an outsider can check it.

    It holds the entries, the rulebooks, tables, and a page that says how. Without --with-cases nothing sealed is in it.
    Two exports of one record are the same to the byte.
    """
    from panel.copies.export import export as made
    from panel.files import put_new
    from panel.record.keys import read_key

    trusted = {path: read_key(path) for path in keys}
    with desk.open() as office:
        handed = _handed(office.ledger.chain(), checkpoints, trusted)
        found = made(office, handed=handed, with_cases=with_cases)
    put_new(output, found.zipped(), mode=0o600 if with_cases else 0o644)
    files = [{"name": name, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()} for name, raw in sorted(found.files.items())]
    cases = f"with {several(found.cases, 'sealed case')}" if with_cases else "nothing sealed in it"
    desk.answer(
        {
            "written": str(output),
            "entries": found.entries,
            "head": found.head,
            "cases": found.cases,
            "notes": list(found.notes),
            "files": files,
        },
        f"Written: {output}: {several(found.entries, 'entry', 'entries')} in {several(len(files), 'file')}, {cases}.",
        f"Head: {found.head}",
        *found.notes,
        *(["It tells of each child, by reference, all that the panel knew: keep it as you keep the ledger."] if with_cases else []),
    )


def _handed(entries: tuple[Entry, ...], checkpoints: tuple[Path, ...], keys: dict[Path, PublicKey]) -> dict[str, str]:
    """Checkpoints and keys by their names in the ZIP. Raises `Refused` for one that does not belong to this record."""
    from panel.errors import Refused
    from panel.record.checkpoint import departures
    from panel.record.note import signers

    handed: dict[str, str] = {}
    for path in checkpoints:
        kept, note = kept_in(path)
        for departure in departures(kept, entries):
            raise Refused(f"{path} is no checkpoint of this record as it stands: {departure.kind}: {departure.detail}")
        for key in signers(note, tuple(keys.values())).wrong:
            raise Refused(f"{path}: the signature of {key.name} (key {key.id.hex()}) is not over this checkpoint")
        _put(handed, f"checkpoints/{path.name}", str(note))
    for path, key in keys.items():
        _put(handed, f"keys/{path.name}", f"{key}\n")
    return handed


def _put(handed: dict[str, str], name: str, text: str) -> None:
    from panel.errors import Refused

    if name in handed:
        raise Refused(f"{name}: found two files of that name; wanted one, or another name for the second")
    handed[name] = text
