"""`pastoral audit copy`: the same record in another place."""

from __future__ import annotations

import click

from panel.commands.frame import Desk, command


@command(example="pastoral audit copy sqlite:///copy.db\npastoral audit copy postgresql+psycopg://founder@db/shire")
@click.argument("to", metavar="URL")
def copy(desk: Desk, to: str) -> None:
    """Copy the record, verified, into a new ledger at URL: a file or a PostgreSQL database.

    Every entry, digest, salt and sealed part is the same to the byte, so that checkpoints and receipts hold for both. The
    old ledger stays as it is. Write to one of the two from then on: what goes into the other is no part of the record.
    """
    from panel.addresses import shown
    from panel.ledger import Ledger

    with Ledger.open(desk.url) as ledger, ledger.copy_to(to) as copied:
        head, sealed = copied.head(), len(copied.sealed())
    desk.answer(
        {"ledger": shown(desk.url), "copy": shown(to), "entries": head.seq, "sealed": sealed, "head": head.digest},
        f"Copied: {head.seq} entries and {sealed} sealed parts, from {shown(desk.url)} to {shown(to)}",
        f"Head: {head.digest}",
        "From now on write to one of the two only; --ledger or PASTORAL_LEDGER says which.",
    )
