"""`pastoral init`: found a panel's ledger."""

from __future__ import annotations

import click

from panel.commands.frame import KEYS_PASSPHRASE, Desk, asked_for, book_named, command, talk


@command(
    example='pastoral init --rulebook shire11 --name "Shire11 pastoral panel"\n'
    "pastoral init --rulebook shire11 --ledger postgresql://founder@db/shire"
)
@click.option("--rulebook", required=True, metavar="NAME_OR_FILE", help="A book that ships (pastoral rules list), or a YAML file.")
@click.option("--name", default=None, metavar="PANEL", help="The panel's name; by default the book's title.")
@click.option("--passphrase", "sealed", is_flag=True, help=f"Seal its keys under a passphrase: asked for, or from {KEYS_PASSPHRASE}.")
def init(desk: Desk, rulebook: str, name: str | None, *, sealed: bool) -> None:
    """Found a panel's ledger, with the rulebook it decides by written into it.

    It is a new SQLite file, or for several clerks a PostgreSQL database (docs/postgresql.md). What is sealed in it is encrypted
    (docs/sealing.md): --keys says where the keys go, else they go beside it.
    """
    from panel.record.addresses import shown
    from panel.record.keyfile import KeyFile
    from panel.steps.office import found

    book, keys = book_named(rulebook), desk.keys()
    if sealed and isinstance(keys, KeyFile):
        keys.seal_under(asked_for(keys.path, new=True))
    with found(desk.url, name=name, book=book, actor=desk.actor, keys=keys, **desk.fate()) as office:
        head, state = office.ledger.head(), office.state
    if isinstance(keys, KeyFile):
        said = "They are sealed under the passphrase" if sealed else "Whoever can read that file can read the cases"
        talk(f"The keys of what is sealed are in {keys.where}. {said}: keep it apart from the ledger, and a copy in a safe place.")
    books = [{"name": adopted.name, "edition": adopted.edition.isoformat(), "digest": adopted.digest} for adopted in state.editions]
    desk.answer(
        {"panel": state.name, "ledger": shown(desk.url), "keys": keys.where, "rulebooks": books, "entries": head.seq, "head": head.digest},
        f"Founded: {state.name}, in {shown(desk.url)}",
        *(f"  rulebook {adopted.name}, in force from {adopted.edition} ({adopted.digest[:12]})" for adopted in state.editions),
        "Next: pastoral load schools FILE",
    )
