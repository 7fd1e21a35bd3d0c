"""`pastoral rules`: list, show, explain, check, test, diff, record, schema, adopt."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import DEFAULT_LEDGER, WIDTH, Day, Desk, as_json, book_named, command, group, several, widths_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel import events as ev
    from panel.answering.hindsight import Hindsight
    from rules.book import Limit, Rule, Rulebook
    from rules.coverage import Coverage
    from rules.reader import Page


@group()
def rules() -> None:
    """List, show, explain, check, test, compare and adopt rulebooks.

    A book is named by the name of one that ships, by a file, or by either with a day: shire11@2026-09-01. Where --ledger is
    given, what that ledger has adopted comes first. A file may extend a book that lies in its own folder.

    \b
    Example:
      pastoral rules test shire11
    """


@command(rules, name="list", example="pastoral rules list")
def list_(desk: Desk) -> None:
    """The books that ship, with all their editions."""
    from rules.rulebook import Shelf, shipped, shipped_text

    editions = [edition for name in shipped() for edition in Shelf.of((text, name) for text in shipped_text(name)).editions]
    data = [
        {
            "name": e.name,
            "edition": e.edition.isoformat(),
            "until": e.until.isoformat() if e.until else None,
            "title": e.title,
            "extends": e.extends,
            "digest": e.digest,
        }
        for e in editions
    ]
    rows = [(edition.name, str(edition.edition), edition.extends or "", edition.title) for edition in editions]
    desk.answer({"rulebooks": data}, *([] if desk.json else [_table(("name", "from", "extends", "title"), rows)]))


# --- reading one book ---


@command(rules, example="pastoral rules show shire11\npastoral rules show our-protocol.yaml --format markdown")
@click.argument("book", metavar="NAME_OR_FILE")
@click.option(
    "--format", "form", type=click.Choice(["table", "markdown"]), default="table", show_default=True, help="For a terminal or a file."
)
def show(desk: Desk, book: str, form: str) -> None:
    """A whole book in words, with the layers below it: what holds, what bars, what is aimed for."""
    from rules.reader import markdown, page_of

    rulebook = named(book, _held(desk))
    page = page_of(rulebook)
    if form == "markdown" and not desk.json:
        click.echo(markdown(page), nl=False)
        return
    desk.answer(_data(rulebook, page), *([] if desk.json else _shown(page)))


@command(rules, example="pastoral rules explain too-far --book shire11")
@click.argument("rule")
@click.option(
    "--book",
    metavar="NAME_OR_FILE",
    default=None,
    help="The book that has the rule; by default the one in force in the ledger, if there is one.",
)
def explain(desk: Desk, rule: str, book: str | None) -> None:
    """One rule in words: what it reads, when it fires, what it leaves open, where it comes from. Or a count."""
    from rules.explaining import as_data, explanation, lines_of, of_count

    rulebook = named(book, _held(desk)) if book else _in_force(desk, rule)
    if counted := of_count(rulebook, rule):
        lines, data = counted
        desk.answer(data, *lines)
        return
    told = explanation(rulebook, rule)
    desk.answer(as_data(told), *lines_of(told))


@command(rules, example="pastoral rules record our-protocol.yaml -o record.md")
@click.argument("book", metavar="NAME_OR_FILE")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True, help="For people, or for programs."
)
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write it to a new file."
)
def record(desk: Desk, book: str, form: str, output: Path | None) -> None:
    """A record by the Algorithmic Transparency Recording Standard; what a person must still fill in is marked."""
    from panel.reports.transparency import as_data, as_markdown, record_of, to_fill_in

    rulebook = named(book, _held(desk))
    made = record_of(rulebook)
    as_text = as_json(as_data(made, rulebook)) + "\n" if form == "json" or desk.json else as_markdown(made, rulebook)
    _put(desk, as_text, output, f"{several(len(to_fill_in(made)), 'field')} to be filled in by a person.")


@command(rules, example="pastoral rules schema -o rulebook.schema.json")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write it to a file.")
def schema(desk: Desk, output: Path | None) -> None:
    """A JSON Schema of a rulebook's YAML, by which editors complete and check it."""
    from rules.schema import schema as made

    _put(desk, as_json(made()) + "\n", output, "Put `# yaml-language-server: $schema=FILE` at the top of a rulebook.")


# --- checking ---


@command(rules, example="pastoral rules check our-protocol.yaml")
@click.argument("book", metavar="NAME_OR_FILE")
def check(desk: Desk, book: str) -> None:
    """Check a book whole: every problem at once, each with its line; and say which facts each part of it reaches."""
    from panel.state.adoption import texts_of
    from rules.reach import reach_of
    from rules.reader import asks_of, said_first
    from rules.remarks import remarks_of

    adopted = _held(desk)
    rulebook = named(book, adopted)
    remarks = remarks_of(rulebook, texts_of(_line_or_file(book, adopted)[0], adopted))
    kinds = ("holds", "bars", "limits", "charges", "tiers", "notices", "clocks", "counts", "derived")
    told = {kind: len(getattr(rulebook, kind)) for kind in kinds}
    said = ", ".join(f"{number} {kind.removesuffix('s') if number == 1 else kind}" for kind, number in told.items() if number)
    reach = reach_of(rulebook)
    data = {"ok": True, "name": rulebook.name, "edition": rulebook.edition.isoformat(), "digest": rulebook.digest, "rules": told}
    data["reaches"] = [
        {
            "id": one.id,
            "kind": one.kind,
            "book": one.book,
            "facts": [{"fact": name, "by_way_of": list(by)} for name, by in one.facts.items()],
        }
        for one in reach
    ]
    data |= {"proof": rulebook.proof, "asks": asks_of(rulebook)}
    data["remarks"] = [{"about": what, "line": line, "remark": remark} for what, line, remark in remarks]
    if desk.json:
        desk.answer(data)
        return
    lines = [f"{rulebook.name}, edition of {rulebook.edition}: sound. {said}."]
    lines += said_first(rulebook)
    lines += [f"Remark: {what}{f', line {line}' if line else ''}: {remark}." for what, line, remark in remarks]
    lines.append("What each part of it reaches:")
    for one in reach:
        facts = (f"{name} (by way of {', '.join(by)})" if by else name for name, by in one.facts.items())
        lines.append(f"  {one.kind} {one.id}: {', '.join(facts) or 'no fact'}")
    for line in lines:  # without the tables' library: a check is run again and again while a book is written
        click.echo(textwrap.fill(line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False))


@command(rules, example="pastoral rules test shire11\npastoral rules test our-protocol.yaml --coverage")
@click.argument("book", metavar="NAME_OR_FILE")
@click.option("--coverage", "strict", is_flag=True, help="End with exit code 1 also where the examples leave something unshown.")
def test(desk: Desk, book: str, *, strict: bool) -> int:
    """Run every example of a book, and of the layers below it, through both evaluations; say what no example shows."""
    from rules.coverage import coverage
    from rules.examples import run_examples

    rulebook = named(book, _held(desk))
    results = run_examples(rulebook)
    wrong = [result for result in results if not result.ok]
    shown = coverage(rulebook, results)
    data = {
        "ok": not wrong,
        "examples": len(results),
        "failures": [{"rule": r.rule, "example": r.example, "expected": str(r.expected), "got": str(r.got)} for r in wrong],
        "coverage": _covered(shown),
    }
    lines = [f"{r.rule}, '{r.example}': expected {r.expected}, got {r.got}{r.advice}" for r in wrong]
    fired = f"{shown.clauses_shown} of {several(shown.clauses, 'clause')}"
    decided = f"{shown.conditions_shown} of {several(shown.conditions, 'condition')}"
    said = f"{several(len(results), 'example')}, {len(wrong)} wrong. They fire {fired}, and show {decided} as the only reason for silence."
    desk.answer(data, *lines, *map(str, shown.gaps), said)
    return 1 if wrong or (strict and not shown.complete) else 0


def _covered(shown: Coverage) -> dict[str, Any]:
    return {
        "complete": shown.complete,
        "clauses": shown.clauses,
        "clauses_shown": shown.clauses_shown,
        "conditions": shown.conditions,
        "conditions_shown": shown.conditions_shown,
        "missing": [
            {
                "rule": gap.rule,
                "kind": gap.kind,
                "book": gap.book,
                "line": gap.line,
                "clause": gap.clause,
                "condition": gap.condition or None,
            }
            for gap in shown.gaps
        ],
    }


# --- comparing and adopting ---


@command(
    rules,
    example="pastoral rules diff shire11 our-protocol.yaml\npastoral rules diff england@2025-09-01 england --ledger sqlite:///ours.db",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
def diff(desk: Desk, old: str, new: str) -> None:
    """How two books differ, in words. With --ledger also the past proposals that would have been others under NEW.

    OLD and NEW are names or files, or NAME@DATE for the edition of a line in force on that day. With --ledger the
    ledger's own editions come first.
    """
    from rules.differences import differences

    hindsight: Hindsight | None = None
    if click.get_current_context().get_parameter_source("url") is click.core.ParameterSource.COMMANDLINE:
        from panel.answering.hindsight import hindsight as looked_back
        from panel.placing.placement import place

        with desk.open() as office:
            adopted = office.state.editions
            before, after = named(old, adopted), named(new, adopted)
            hindsight = looked_back(office.record, after, office.evaluation, place)
    else:
        before, after = named(old), named(new)
    found = differences(before, after)
    data: dict[str, Any] = {
        "old": {"name": before.name, "edition": before.edition.isoformat(), "digest": before.digest},
        "new": {"name": after.name, "edition": after.edition.isoformat(), "digest": after.digest},
        "same": not found,
        "differences": [
            {"section": d.section, "id": d.id, "change": d.change, "key": d.key, "old": d.old, "new": d.new, "note": d.note} for d in found
        ],
    }
    lines = [str(one) for one in found] or ["They mean the same."]
    if hindsight is not None:
        data["decisions"] = _looked_back(hindsight)
        lines += ["", *_told(hindsight)]
    desk.answer(data, *lines)


def _looked_back(found: Hindsight) -> dict[str, Any]:
    return {
        "proposals": found.proposals,
        "answers": found.answers,
        "otherwise": [
            {
                "seq": one.seq,
                "meeting": one.meeting,
                "referral": one.referral,
                "recorded": one.recorded.as_data(),
                "under_new": one.under_new.as_data(),
            }
            for one in found.otherwise
        ],
        "untold": [{"meeting": one.meeting, "why": one.why} for one in found.untold],
    }


def _told(found: Hindsight) -> list[str]:
    lines = [
        f"meeting {one.meeting}, entry {one.seq}, {one.referral}: was {one.recorded}; under the new rules {one.under_new}"
        for one in found.otherwise
    ]
    lines += [f"meeting {one.meeting} cannot be decided again: {one.why}" for one in found.untold]
    changed = f"{len(found.otherwise)} of {several(found.answers, 'answer')} would be another"
    return [*lines, f"{several(found.proposals, 'recorded proposal')} decided again: {changed}."]


@command(rules, example="pastoral rules adopt our-protocol-2027.yaml")
@click.argument("book", metavar="NAME_OR_FILE")
def adopt(desk: Desk, book: str) -> None:
    """Write a new edition of the panel's line into the ledger, or of one it stands on. A meeting's day chooses the edition in force."""
    with desk.open() as office:
        adopted = office.adopt(book_named(book))
    data = [{"name": event.name, "edition": event.edition.isoformat(), "digest": event.digest} for event in adopted]
    desk.answer({"adopted": data}, *(f"Adopted: {event.name}, in force from {event.edition} ({event.digest[:12]})" for event in adopted))


# --- what they share ---


def named(given: str, adopted: tuple[ev.RulebookAdopted, ...] = ()) -> Rulebook:
    """The rulebook that a word on the command line names; `@` and a day after it choose the edition, or the layers, of that day."""
    from panel.state.adoption import rulebook_of

    return rulebook_of(*_line_or_file(given, adopted), adopted)


def _line_or_file(given: str, adopted: tuple[ev.RulebookAdopted, ...]) -> tuple[str | Path, dt.date | None]:
    """The line or the file, and the day after `@`, if there is one."""
    name, at, day = given.rpartition("@")
    on: dt.date | None = None
    if at and not Path(given).is_file():
        given, on = name, Day().convert(day, None, None)
    return (given if given in {edition.name for edition in adopted} else book_named(given)), on


def _held(desk: Desk) -> tuple[ev.RulebookAdopted, ...]:
    """The editions in the ledger that --ledger names; none where nobody named one."""
    if click.get_current_context().get_parameter_source("url") is not click.core.ParameterSource.COMMANDLINE:
        return ()
    with desk.open() as office:
        return office.blind().state.editions


def _in_force(desk: Desk, rule: str) -> Rulebook:
    """The ledger's book; where nobody named a ledger and there is none, a refusal that names the books that have the rule."""
    named = click.get_current_context().get_parameter_source("url") is not click.core.ParameterSource.DEFAULT
    if not named and not Path(DEFAULT_LEDGER.removeprefix("sqlite:///")).exists():
        raise click.UsageError(f"found no --book, and no ledger here that a book is in force in; wanted a book. {_having(rule)}")
    with desk.open() as office:
        return office.rulebook(office.today())


def _having(rule: str) -> str:
    """Which of the books that ship have a rule of that id, and how to name one."""
    from rules.explaining import rule_ids
    from rules.phrases import listed
    from rules.rulebook import shipped

    books = [name for name in shipped() if rule in rule_ids(named(name))]
    if not books:
        return f"No book that ships has a rule {rule}; name the file of yours: --book FILE."
    return f"{listed(books)} {'have' if len(books) > 1 else 'has'} a rule {rule}: pastoral rules explain {rule} --book {books[-1]}"


def _put(desk: Desk, text: str, output: Path | None, then: str) -> None:
    """Print a text, or write it to a new file: one that somebody may have worked on is not written over."""
    if output is None:
        click.echo(text, nl=False)
        return
    from panel.files import put_new

    put_new(output, text.encode())
    desk.answer({"written": str(output)}, f"Written: {output}. {then}")


def _data(rulebook: Rulebook, page: Page) -> dict[str, Any]:
    from rules.phrases import when_of

    book = rulebook
    listed: tuple[Rule | Limit, ...] = (*book.holds, *book.bars, *book.limits, *book.charges, *book.tiers, *book.notices, *book.tariff)
    return {
        "name": book.name,
        "edition": book.edition.isoformat(),
        "title": book.title,
        "digest": book.digest,
        "layers": [{"name": layer.name, "edition": layer.edition.isoformat(), "digest": layer.digest} for layer in book.layers],
        "settings": {name: str(setting.value) for name, setting in book.settings.items()},
        "rules": [
            {"id": rule.id, "kind": getattr(rule, "kind", "limit"), "book": rule.book, "when": when_of(rule), "say": rule.say}
            for rule in listed
        ],
        "counts": [count.id for count in book.counts],
        "objectives": [{"name": one.name, "of": str(one.of), **({"by": one.goes_by} if one.goes_by else {})} for one in book.objectives],
        "tables": [
            {"title": one.title, "note": one.note, "columns": list(one.columns), "rows": [list(row) for row in one.rows]}
            for one in page.tables
        ],
    }


def _shown(page: Page) -> list[RenderableType]:
    lines: list[RenderableType] = [page.title, *page.lead]
    for table in page.tables:
        lines += ["", table.title.upper(), _table(table.columns, table.rows), *([table.note] if table.note else [])]
    return lines


def _table(columns: tuple[str, ...], rows: Sequence[Sequence[str]]) -> RenderableType:
    from rich.table import Table

    made = Table(box=None, pad_edge=False, show_edge=False)
    for column, width in zip(columns, widths_of(columns, rows), strict=True):
        made.add_column(column, overflow="fold", width=width)
    for row in rows:
        made.add_row(*row)
    return made
