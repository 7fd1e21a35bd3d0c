"""`pastoral explain`: why this school, and why not that one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import WIDTH, Day, Desk, command, in_a_row, several

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.explain import Explainer, Reason, WhyNot

MOST_SHOWN: Final = 4


@command(
    example="pastoral explain R-007\n"
    "pastoral explain R-007 --why-not 900004\n"
    "pastoral explain --matrix\n"
    "pastoral explain --matrix -o matrix.csv"
)
@click.argument("referral", required=False)
@click.option("--why-not", "urn", metavar="URN", default=None, help="Why the pupil does not go to this school.")
@click.option("--matrix", is_flag=True, help="Every pupil at every school, a letter each.")
@click.option("--meeting", "on", type=Day(), default=None, metavar="DATE", help="With --matrix: a past meeting; by default the latest.")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), default=None, help="With --matrix: write it as CSV."
)
def explain(desk: Desk, referral: str | None, urn: str | None, *, matrix: bool, on: dt.date | None, output: Path | None) -> None:
    """Explain a referral: where it goes and why, or what holds it; why not to another school; what would place it."""
    if matrix == (referral is not None) or (matrix and urn):
        raise click.UsageError("Name one referral, or say --matrix for all of them.")
    if not matrix and (on or output):
        raise click.UsageError("--meeting and --output go with --matrix.")
    if referral is None:
        _everywhere(desk, on, output)
        return
    from panel import inquiry

    with desk.open() as office:
        found = inquiry.inquire(office, referral, urn)
    data = found.as_data()
    desk.answer(data, *([] if desk.json else _told(found)))


def _everywhere(desk: Desk, on: dt.date | None, output: Path | None) -> None:
    from panel import asking
    from panel.matrix import as_csv, on_a_page

    with desk.open() as office:
        found = asking.everywhere(office, on)
        data = found.as_data(office.state.name)
    opened = found.meeting.opened
    by = "a rehearsal" if found.entry is None else f"entry {found.entry}"
    lines = [f"Every pupil at every school, meeting {opened.meeting} of {opened.on}, by {by}.", ""]
    if output is not None:
        from panel.files import put_new

        # With a mark that lets a spreadsheet show its accents right; it tells of each child, by reference.
        put_new(output, as_csv(found.matrix).encode("utf-8-sig"), mode=0o600)
        data["written"] = str(output)
        lines = [f"Written: {output}, {several(len(found.matrix.rows), 'referral')} at {several(len(found.matrix.schools), 'school')}."]
    else:
        lines += on_a_page(found.matrix, WIDTH)
        for what, names in (("Left unplaced", data["unplaced"]), ("Decided otherwise by the panel since", data["decided_otherwise"])):
            lines += ["", f"{what}: {', '.join(names)}"] if names else []
    desk.answer(data, *lines)


def _told(found: Any) -> list[RenderableType]:
    explainer: Explainer | None = found.explainer
    lines: list[RenderableType] = [f"{found.referral}: {found.sentence}"]
    if explainer is None:
        lines.extend([f"  The panel's reason: {found.panel_reason}"] if found.panel_reason else [])
        lines.extend([*(["  What the rules said when it was proposed:"] if found.found else []), *(f"    {line}" for line in found.found)])
        return lines
    names = {urn: str(school["school.name"]) for urn, school in explainer.decision.case.facts.schools.items()}
    if found.decided and found.proposed and found.decided != found.proposed and found.because:
        lines.append(f"  {names[found.proposed]} was proposed for these reasons:")
        lines.extend(f"    {line}" for line in found.because)
    else:
        lines.extend(f"  {line}" for line in found.because)
    lines.extend(f"  {_said(reason)}" for reason in found.reasons if reason.kind != "tier")
    if found.panel_reason:
        lines.append(f"  The panel's reason: {found.panel_reason}")
    lines.extend(f"  As things stand now it is held by {hold}." for hold in found.held_since)
    if found.answer is not None:
        lines.extend(_why_not(found.answer, names))
    elif found.status == "held" and explainer.hearing(found.referral).doubts:
        lines.append("  What is missing cannot be added to a referral: withdraw it, and refer it again with the answer.")
    elif found.table and found.status != "held":
        lines.extend(_relaxed(found, names))
        lines.append("Every setting (to be told more: --why-not URN):")
        lines.append(_all_settings(found.table, names))
    return lines


def _relaxed(found: Any, names: dict[str, str]) -> list[str]:
    """The fewest things that would give an unplaced pupil a place."""
    from panel.relaxation import in_words

    told = found.relaxations
    if told is None:
        return []
    stopped = "" if told.whole else " The search stopped early: there may be others."
    if not told.found:
        what = "No bar waived, vote lifted or place more"
        return [f"  {what}, nor {told.most} of these together, would give this pupil a place and leave everybody else theirs.{stopped}"]
    proved = "and proved" if all(one.decision.certificate.optimal for one in told.found) else "but not all of it is proved"
    lines = [f"Enough for a place, the others keeping theirs; found by placing everybody again, {proved}.{stopped}"]
    for one, shown_by in tuple(zip(told.found, found.commands, strict=True))[:MOST_SHOWN]:
        moves = "; ".join(f"{name} moves from {names[old]} to {names[new] if new else 'no place'}" for name, old, new in one.moves)
        worse = ", ".join(name.replace("_", " ") for name in one.worse if name not in ("ticket", "lottery")) or "nothing"
        lines.append(f"  {in_words(one.things, names)}:")
        if one.first:
            lines.append(f"    by the rulebook the place would go to {', '.join(one.first)} first; if the panel gives it to this pupil,")
        lines.append(f"    then {found.referral} goes to {names[one.school]}; {moves or 'nobody else moves'}; worse for {worse}.")
        lines.append(f"    To see it whole: {shown_by}")
    left = len(told.found) - MOST_SHOWN
    return [*lines, *([f"  {several(left, 'other way')} with as few things, less good for the meeting: see --json"] if left > 0 else [])]


def _said(reason: Reason) -> str:
    return f"{reason.rule}: {reason.say}" if reason.say else f"{reason.kind} {reason.rule}"


def _why_not(answer: WhyNot, names: dict[str, str]) -> list[RenderableType]:
    lines: list[RenderableType] = [f"Why not {names[answer.school]} ({answer.school})? {answer.verdict.capitalize()}."]
    lines.extend(f"  {_said(reason)}" for reason in answer.reasons if reason.kind != "tier")
    lines.extend(f"  {bar}" for bar in answer.bars if bar.startswith(("unknown", "taken")))
    lines.extend(f"  {line}" for line in in_full(answer, names))
    return lines


def in_full(answer: WhyNot, names: dict[str, str]) -> list[str]:
    """What would get worse first, where, and who would have to move."""
    from panel.explain import OBJECTIVES

    if answer.verdict == "tie":
        return ["It would be just as good: only the draw can settle it."]
    if answer.verdict == "not worked out":
        return ["What would get worse was not worked out within the solver's limit, as pupils count points."]
    if answer.worse is None:
        return []
    name = answer.worse.objective
    lines = [f"It would be worse for {name.replace('_', ' ')}: {OBJECTIVES[name]}; nothing before that would be better."]
    lines.extend(
        f"  {names[change.school]}{f', {change.part}' if change.part else ''}: {change.in_words()}" for change in answer.worse.schools
    )
    if not any(change.share for change in answer.worse.schools):
        lines.append(f"  worse by {answer.worse.by}")
    lines.extend(f"  {referral} would move to {names[urn] if urn else 'no place'}" for referral, urn in answer.moves)
    return lines


def _all_settings(answers: tuple[WhyNot, ...], names: dict[str, str]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("school", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("by")
    for answer in answers:
        by = ", ".join(answer.bars) if answer.worse is None else answer.worse.objective.replace("_", " ")
        table.add_row(in_a_row(names[answer.school], answer.school), answer.verdict, by)
    return table
