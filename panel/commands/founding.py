"""`pastoral init`: found a panel's ledger."""

from __future__ import annotations

import click

from panel.commands.frame import Desk, book_named, command


@command(
    example='pastoral init --rulebook shire11 --name "Shire11 pastoral panel"\n'
    "pastoral init --rulebook shire11 --ledger postgresql://founder@db/shire"
)
@click.option("--rulebook", required=True, metavar="NAME_OR_FILE", help="A book that ships (pastoral rules list), or a YAML file.")
@click.option("--name", default=None, metavar="PANEL", help="The panel's name; by default the book's title.")
def init(desk: Desk, rulebook: str, name: str | None) -> None:
    """Found a panel's ledger, with the rulebook it decides by written into it.

    It is a new SQLite file, or for several clerks a PostgreSQL database (docs/postgresql.md).
    """
    from panel.addresses import shown
    from panel.office import found

    with found(desk.url, name=name, book=book_named(rulebook), actor=desk.actor, **desk.fate()) as office:
        head, state = office.ledger.head(), office.state
    books = [{"name": adopted.name, "edition": adopted.edition.isoformat(), "digest": adopted.digest} for adopted in state.editions]
    desk.answer(
        {"panel": state.name, "ledger": shown(desk.url), "rulebooks": books, "entries": head.seq, "head": head.digest},
        f"Founded: {state.name}, in {shown(desk.url)}",
        *(f"  rulebook {adopted.name}, in force from {adopted.edition} ({adopted.digest[:12]})" for adopted in state.editions),
        "Next: pastoral load schools FILE",
    )
