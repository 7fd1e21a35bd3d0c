"""`pastoral audit copy`: the same record in another place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.commands.frame import Desk, command

if TYPE_CHECKING:
    from panel.record.keyring import Keys


@command(example="pastoral audit copy sqlite:///copy.db\npastoral audit copy postgresql+psycopg://founder@db/shire")
@click.argument("to", metavar="URL")
@click.option(
    "--keys-to",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Where the keys of the copy go; by default beside it, for PostgreSQL into the current folder.",
)
def copy(desk: Desk, to: str, keys_to: Path | None) -> None:
    """Copy the record, verified, into a new ledger at URL: a file or a PostgreSQL database.

    Every entry, digest, salt and sealed part is the same to the byte, so that checkpoints and receipts hold for both. The
    old ledger stays as it is. Write to one of the two from then on: what goes into the other is no part of the record.
    What is encrypted stays under the same keys, which are put beside the copy, under the same passphrase if they have one; what is
    not yet is encrypted under new ones.
    """
    from panel.record.addresses import shown
    from panel.record.keyfile import KeyFile
    from panel.record.stores import keys_beside

    keys, own = KeyFile(keys_to) if keys_to else keys_beside(to), desk.keys()
    with desk.ledger(own) as ledger:
        was = ledger.encrypted()
        if was and isinstance(keys, KeyFile) and isinstance(own, KeyFile):
            keys.seal_as(own)
        with ledger.copy_to(to, keys=keys) as copied:
            head, sealed = copied.head(), len(copied.held())
    desk.answer(
        {"ledger": shown(desk.url), "copy": shown(to), "entries": head.seq, "sealed": sealed, "head": head.digest},
        f"Copied: {head.seq} entries and {sealed} sealed parts, from {shown(desk.url)} to {shown(to)}",
        f"Head: {head.digest}",
        *_of_keys(keys, was=was),
        "From now on write to one of the two only; --ledger or PASTORAL_LEDGER says which.",
    )


def _of_keys(keys: Keys, *, was: bool) -> Iterator[str]:
    """Where the keys of the copy are, in a sentence."""
    found = keys.read()
    if found is None:
        yield "The keys of what is sealed were not here, so they were not copied: the copy is under the same ones."
    elif was:
        yield f"Its keys are those of the old ledger ({' and '.join(found.classes)}), in {keys.where}."
    else:
        yield f"What is sealed was not encrypted, and now is: its keys are in {keys.where}. Keep a copy of that apart from the ledger."
