"""`pastoral person`: all that is held about one child, and its erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from panel.commands.frame import Desk, command, group, several


@group()
def person() -> None:
    """Show all that is held about one child; erase what is sealed of it.

    \b
    Example:
      pastoral person show P-031
    """


@command(person, example="pastoral person show P-031\npastoral person show R-031 --json")
@click.argument("pupil")
def show(desk: Desk, pupil: str) -> None:
    """Show everything the ledger holds about one child, open and sealed, and about no other: for a request to see it.

    PUPIL is the pupil's reference, or that of a referral. Words that people wrote stand as they are: read them before you
    hand this on, for they may speak of somebody else.
    """
    from panel.steps import person as persons

    with desk.open() as office:
        found = persons.show(office, pupil)
    told = [line for entry in found.entries for line in _entry(entry)]
    apart = [f"{several(found.others_apart, 'other case')} in the record: to be kept apart from this pupil. Whose is not said here."]
    together = [f"{several(found.others_together, 'other case')} in the record: to be placed with this pupil. Whose is not said here."]
    desk.answer(
        found.as_data(),
        f"Pupil {found.pupil}: {several(len(found.entries), 'entry', 'entries')}; referrals: {', '.join(found.referrals) or 'none'}.",
        *([f"What was sealed was erased, as entry {', '.join(map(str, found.erased_by))} says."] if found.erased_by else []),
        *told,
        *(apart if found.others_apart else []),
        *(together if found.others_together else []),
    )


@command(person, example='pastoral person erase P-031 --reason "six years, as our policy says" --yes')
@click.argument("pupil")
@click.option("--reason", required=True, metavar="TEXT", help="Why; sealed, and kept: it must not say who the child is.")
@click.option("--yes", "sure", is_flag=True, help="Do it. Without this nothing is erased, and you are told what would be.")
def erase(desk: Desk, pupil: str, *, reason: str, sure: bool) -> int:
    """Erase all that is sealed of one child, and record that it was; counts and positions stay as they are.

    PUPIL is the pupil's reference, or that of a referral. What a meeting decided about the child can then not be replayed.
    Copies and backups are yours to erase: docs/erasure.md. Exit 1: erased, but the file could not be cleaned yet.
    """
    from panel.steps import person as persons

    with desk.open() as office:
        done = persons.erase(office, pupil, reason=reason, sure=sure)
    desk.answer(done.as_data(), *_done(done))
    return 1 if done.unswept else 0


def _done(done: Any) -> Iterator[str]:
    if done.entry is None:
        yield f"Nothing sealed was left of {done.pupil}."
    else:
        yield f"Erased: {several(len(done.parts), 'sealed part')}, recorded as entry {done.entry}. Pupil: {done.pupil}."
    if done.kept:
        yield f"Of {several(done.kept, 'entry', 'entries')} what counts or others' safety need stays under seal: docs/erasure.md."
    yield done.unswept or done.left or "Nothing of it is left in the ledger's file."
    yield "Backups, copies, exports and the files you loaded from are yours to erase."


def _entry(entry: Any) -> Iterator[str]:
    yield f"entry {entry.seq}, {entry.recorded_at[:10]}: {entry.kind}"
    yield from (f"  {line}" for line in _lines(entry.open))
    for name, content in entry.sealed.items():
        yield f"  sealed ({name}):"
        yield from (f"    {line}" for line in _lines(content))
    yield from (f"  sealed ({name}): erased" for name in entry.erased)
    yield from (f"  sealed ({name}): under a key that is not here" for name in entry.withheld)


def _lines(content: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """`field: value` for every value, however deep; a value that is nothing but a list in one line."""
    for key, value in content.items():
        name = f"{before}{key.replace('_', ' ')}"
        if isinstance(value, dict):
            yield from _lines(value, f"{name}, ")
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, start=1):
                yield from _lines(one if isinstance(one, dict) else {"": one}, f"{name} {number}, ")
        else:
            yield f"{name}: {_said(value)}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
