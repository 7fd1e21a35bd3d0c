"""`pastoral rules`: list, show, check, test, adopt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Desk, book_named, command, group

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rules.book import Limit, Rule, Rulebook


@group()
def rules() -> None:
    """List, show, check, test and adopt rulebooks.

    \b
    Example:
      pastoral rules test shire11
    """


@command(rules, name="list", example="pastoral rules list")
def list_(desk: Desk) -> None:
    """The books that ship."""
    from rules.rulebook import Shelf, shipped, shipped_text

    editions = [edition for name in shipped() for edition in Shelf.of((text, name) for text in shipped_text(name)).editions]
    data = [
        {"name": e.name, "edition": e.edition.isoformat(), "title": e.title, "extends": e.extends, "digest": e.digest} for e in editions
    ]
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in ("name", "from", "extends", "title"):
        table.add_column(column, overflow="fold")
    for edition in editions:
        table.add_row(edition.name, str(edition.edition), edition.extends or "", edition.title)
    desk.answer({"rulebooks": data}, table)


@command(rules, example="pastoral rules show shire11\npastoral rules show our-protocol.yaml")
@click.argument("book", metavar="NAME_OR_FILE")
def show(desk: Desk, book: str) -> None:
    """Every rule of a book in words, with the layers below it."""
    rulebook = _whole(book)
    desk.answer(_data(rulebook), *([] if desk.json else _shown(rulebook)))


@command(rules, example="pastoral rules check our-protocol.yaml")
@click.argument("book", metavar="NAME_OR_FILE")
def check(desk: Desk, book: str) -> None:
    """Check a book whole: every problem at once, each with its line."""
    rulebook = _whole(book)
    told = {kind: len(getattr(rulebook, kind)) for kind in ("holds", "bars", "limits", "charges", "tiers", "notices", "counts", "derived")}
    said = ", ".join(f"{number} {kind}" for kind, number in told.items() if number)
    data = {"ok": True, "name": rulebook.name, "edition": rulebook.edition.isoformat(), "digest": rulebook.digest, "rules": told}
    desk.answer(data, f"{rulebook.name}, edition of {rulebook.edition}: sound. {said}.")


@command(rules, example="pastoral rules test shire11")
@click.argument("book", metavar="NAME_OR_FILE")
def test(desk: Desk, book: str) -> int:
    """Run every example of a book, and of the layers below it, through both evaluations."""
    from rules.examples import run_examples

    results = run_examples(_whole(book))
    wrong = [result for result in results if not result.ok]
    data = {
        "ok": not wrong,
        "examples": len(results),
        "failures": [{"rule": r.rule, "example": r.example, "expected": str(r.expected), "got": str(r.got)} for r in wrong],
    }
    lines = [f"{r.rule}, '{r.example}': expected {r.expected}, got {r.got}" for r in wrong]
    desk.answer(data, *lines, f"{len(results)} examples, {len(wrong)} wrong.")
    return 1 if wrong else 0


@command(rules, example="pastoral rules adopt our-protocol-2027.yaml")
@click.argument("book", metavar="NAME_OR_FILE")
def adopt(desk: Desk, book: str) -> None:
    """Write a new edition into the ledger. A meeting's day chooses the edition in force."""
    with desk.open() as office:
        adopted = office.adopt(book_named(book))
    data = [{"name": event.name, "edition": event.edition.isoformat(), "digest": event.digest} for event in adopted]
    desk.answer({"adopted": data}, *(f"Adopted: {event.name}, in force from {event.edition} ({event.digest[:12]})" for event in adopted))


def _whole(book: str) -> Rulebook:
    from panel.adoption import adoptions
    from rules.rulebook import Shelf

    editions = adoptions(book_named(book))
    return Shelf(editions).in_force(editions[-1].name, editions[-1].edition)


def _data(rulebook: Rulebook) -> dict[str, Any]:
    listed: tuple[Rule | Limit, ...] = (
        *rulebook.holds,
        *rulebook.bars,
        *rulebook.limits,
        *rulebook.charges,
        *rulebook.tiers,
        *rulebook.notices,
        *rulebook.tariff,
    )
    return {
        "name": rulebook.name,
        "edition": rulebook.edition.isoformat(),
        "title": rulebook.title,
        "digest": rulebook.digest,
        "layers": [{"name": layer.name, "edition": layer.edition.isoformat(), "digest": layer.digest} for layer in rulebook.layers],
        "settings": {name: str(setting.value) for name, setting in rulebook.settings.items()},
        "rules": [{"id": rule.id, "kind": _kind(rule), "book": rule.book, "when": _when(rule), "say": rule.say} for rule in listed],
        "counts": [count.id for count in rulebook.counts],
        "objectives": [{"name": objective.name, "of": str(objective.of)} for objective in rulebook.objectives],
    }


def _kind(rule: Rule | Limit) -> str:
    return getattr(rule, "kind", "limit")


def _when(rule: Rule | Limit) -> str:
    if hasattr(rule, "room_text"):
        return f"room: {rule.room_text}"
    when = " or ".join(rule.when_text)
    return f"{when}, unless {' or '.join(rule.unless_text)}" if rule.unless_text else when


def _shown(rulebook: Rulebook) -> list[RenderableType]:
    from rich.table import Table

    data = _data(rulebook)
    layers = "; ".join(f"{layer['name']} from {layer['edition']}" for layer in data["layers"])
    lines: list[RenderableType] = [rulebook.title, f"Layers: {layers}", ""]
    if rulebook.settings:
        settings = Table(box=None, pad_edge=False, show_edge=False)
        for column in ("setting", "value", "what it is"):
            settings.add_column(column, overflow="fold")
        for setting in rulebook.settings.values():
            settings.add_row(setting.id, f"{setting.value} {setting.unit}".strip(), setting.say + (" (a choice)" if setting.choice else ""))
        lines.extend([settings, ""])
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in ("kind", "rule", "when", "what it says"):
        table.add_column(column, overflow="fold")
    for rule in data["rules"]:
        table.add_row(rule["kind"], f"{rule['id']} ({rule['book']})", rule["when"], rule["say"])
    objectives = " > ".join(o["name"] + (f" ({o['of']})" if o["of"] != "everybody" else "") for o in data["objectives"])
    return [*lines, table, "", f"Objectives, in order: {objectives or 'none: this book is a layer'}"]
