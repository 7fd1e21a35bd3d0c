"""`pastoral explain`: why this school, and why not that one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import WIDTH, Day, Desk, command, in_a_row, several

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.answering.explain import Explainer
    from panel.answering.why import Reason, WhyNot
    from panel.meetings.sitting import Judged

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
    from panel.answering import flagged, inquiry

    with desk.open() as office:
        found = inquiry.inquire(office, referral, urn)
        flags = flagged.flags_of(office, referral)
        names = {urn: school.name for urn, school in office.state.schools.items()}
    data = found.as_data() | ({"corrected_since": [flag.as_data() for flag in flags]} if flags else {})
    first, *rest = ["", ""] if desk.json else _told(found)
    desk.answer(data, first, *(line for flag in flags for line in flagged.told(flag, names)), *rest)


def _everywhere(desk: Desk, on: dt.date | None, output: Path | None) -> None:
    from panel.answering import asking
    from panel.answering.matrix import as_csv, on_a_page

    with desk.open() as office:
        found = asking.everywhere(office, on)
        data = found.as_data(office.state.name)
    opened = found.meeting.opened
    by = "a rehearsal" if found.entry is None else f"entry {found.entry}"
    if found.entry is not None and found.since:
        by += ", before the panel's decisions since" if found.meeting.closed else " and what the panel has decided since"
    lines = [f"Every pupil at every school, meeting {opened.meeting} of {opened.on}, by {by}.", ""]
    if output is not None:
        from panel.files import put_new

        # With a mark that lets a spreadsheet show its accents right; it tells of each child, by reference.
        put_new(output, as_csv(found.matrix).encode("utf-8-sig"), mode=0o600)
        data["written"] = str(output)
        lines = [f"Written: {output}, {several(len(found.matrix.rows), 'referral')} at {several(len(found.matrix.schools), 'school')}."]
    else:
        lines += on_a_page(found.matrix, WIDTH)
        left = [f"{name} (a tie: only the draw can settle it)" if name in found.tied else name for name in data["unplaced"]]
        for what, names in (("Left unplaced", left), ("Decided otherwise by the panel since", data["decided_otherwise"])):
            lines += ["", f"{what}: {', '.join(names)}"] if names else []
    desk.answer(data, *lines)


def _told(found: Any) -> list[RenderableType]:
    from panel.facts.remedies import remedies, to_bring

    explainer: Explainer | None = found.explainer
    lines: list[RenderableType] = [f"{found.referral}: {found.sentence}"]
    if found.standing is not None and found.standing.verdict in ("does not stand", "cannot tell"):
        lines.append(f"  This decision {_verdict(found.standing)}.")
    if explainer is None:
        lines.extend([f"  The panel's reason: {found.panel_reason}"] if found.panel_reason else [])
        lines.extend([*(["  What the rules said when it was proposed:"] if found.found else []), *(f"    {line}" for line in found.found)])
        return lines
    names = {urn: str(school["school.name"]) for urn, school in explainer.decision.case.facts.schools.items()}
    elsewhere = (found.decided and found.decided != found.proposed) or found.moved or found.status in ("withdrawn", "deferred", "declined")
    if found.proposed and elsewhere and found.because:
        lines.append(f"  {names[found.proposed]} was proposed for these reasons:")
        lines.extend(f"    {line}" for line in found.because)
    else:
        lines.extend(f"  {line}" for line in found.because)
    lines.extend([f"  {found.weight}"] if found.weight is not None else [])
    lines.extend(f"  {_said(reason)}" for reason in found.reasons if reason.kind != "tier")
    lines.extend(_at_the_school(found, names))
    if found.panel_reason:
        lines.append(f"  The panel's reason: {found.panel_reason}")
    lines.extend(f"  As things stand now it is held by {hold}." for hold in found.held_since)
    lines.extend(_moved(found, names))
    if found.answer is not None:
        lines.extend(_basis(found))
        lines.extend(_why_not(found.answer, names, found))
    elif found.status == "held":
        lacking = [fact for doubt in explainer.hearing(found.referral).doubts for fact in doubt.missing]
        bring = to_bring(found.referral, explainer.without_papers(found.referral))
        lines.extend(f"  {line}" for line in (*bring, *remedies(lacking, explainer.asked)))
    elif found.table and found.status != "held":
        lines.extend(_relaxed(found, names))
        lines.extend(_units(found))
        if found.status == "unplaced":
            lacking = [fact for answer in found.table if not answer.bars for fact in answer.unknown]
            lines.extend(f"  {line}" for line in remedies(lacking, explainer.asked))
        if {answer.verdict for answer in found.table} <= {"decided", "chosen"}:
            return [*lines, "The panel has decided this pupil itself: that is the answer for every setting."]
        lines.extend(_basis(found))
        lines.append("Every setting (to be told more: --why-not URN):")
        lines.append(_all_settings(found.table, names))
    return lines


def _verdict(judged: Judged) -> str:
    from panel.meetings.minutes import verdict

    said = verdict(judged)
    return said if judged.verdict == "does not stand" else f"may stand or not: {said.partition(': ')[2]}"


def _at_the_school(found: Any, names: dict[str, str]) -> list[str]:
    """What the rules say of the school that the pupil goes to, and what of it the panel waived."""
    told = [reason for reason in found.there if reason.kind != "tier"]
    waived = [rule for rule in found.waived if rule not in {reason.rule for reason in told}]
    if not (told or waived):
        return []
    lines = [f"  At {names[found.decided or found.proposed]}:"]
    lines.extend(f"    {_said(reason)}{' Waived by the panel.' if reason.rule in found.waived else ''}" for reason in told)
    return [*lines, *(f"    {rule}: waived by the panel, as its last place had been given." for rule in waived)]


def _moved(found: Any, names: dict[str, str]) -> list[str]:
    """That what was proposed is not the answer any more, since the panel decided others."""
    if not found.moved:
        return []
    where = f"this pupil would go to {names[found.stands]} ({found.stands})" if found.stands else "there would be no place for this pupil"
    return [f"  As things stand now, with what the panel has decided since, {where}.", "  To propose again: pastoral allocate --again"]


def _basis(found: Any) -> list[str]:
    """By what the verdicts are, where the panel has decided otherwise than was proposed."""
    if not found.basis.since:
        return []
    if found.basis.entry is not None:
        return [f"By the proposal at entry {found.basis.entry}, before the panel's decisions since:"]
    return ["With what the panel has decided since the proposal:"]


def _relaxed(found: Any, names: dict[str, str]) -> list[str]:
    """The fewest things that would give an unplaced pupil a place."""
    from panel.answering.relaxation import in_words

    told = found.relaxations
    if told is None:
        if found.status == "deferred" and found.proposed is None:
            return ["  What would have been enough for a place is told once the meeting has closed."] if found.left_out is None else []
        return []
    where = found.left_out
    begin = []
    if where.closed:
        begin = [f"By the proposal at entry {where.proposals[-1][0]} to meeting {where.number} of {where.on}, which left this pupil out:"]
    stopped = "" if told.whole else " The search stopped early: there may be others."
    if not told.found:
        what = "No bar waived, vote lifted or place more"
        nor = f"nor {told.most} of these together, would give this pupil a place and leave everybody else theirs.{stopped}"
        return [*begin, f"  {what}, {nor}"]
    proved = "and proved" if all(one.decision.certificate.optimal for one in told.found) else "but not all of it is proved"
    lines = [*begin, f"Enough for a place, the others keeping theirs; found by placing everybody again, {proved}.{stopped}"]
    for one, shown_by in tuple(zip(told.found, found.commands, strict=True))[:MOST_SHOWN]:
        moves = "; ".join(f"{name} moves from {names[old]} to {names[new]}" for name, old, new in one.moves)
        worse = ", ".join(name.replace("_", " ") for name in one.worse if name not in ("ticket", "lottery")) or "nothing"
        lines.append(f"  {in_words(one.things, names)}:")
        if one.first:
            lines.append(f"    by the rulebook the place would go to {', '.join(one.first)} first; if the panel gives it to this pupil,")
            lines.extend(f"    and the place at {names[urn]} to {name}, who would lose their own," for name, urn in one.kept)
        lines.append(f"    then {found.referral} goes to {names[one.school]}; {moves or 'nobody else moves'}; worse for {worse}.")
        lines.append(f"    To see it whole: {shown_by}")
    left = len(told.found) - MOST_SHOWN
    return [*lines, *([f"  {several(left, 'other way')} with as few things, less good for the meeting: see --json"] if left > 0 else [])]


def _units(found: Any) -> list[str]:
    """What to do for a pupil who may go to no mainstream school, where there is somewhere else."""
    if not found.units:
        return []
    lines = ["  No mainstream school may take this pupil. Open to one who is to go there, from the next opening of a meeting:"]
    for unit in found.units:
        lines.append(f"  {in_a_row(unit.name, unit.urn)}, {unit.kind}:")
        lines.append(f"    {unit.command(found.referral)}")
    return lines


def _said(reason: Reason) -> str:
    return f"{reason.rule}: {reason.say}" if reason.say else f"{reason.kind} {reason.rule}"


def _why_not(answer: WhyNot, names: dict[str, str], found: Any) -> list[RenderableType]:
    from panel.answering.explain import said

    lines: list[RenderableType] = [f"Why not {names[answer.school]} ({answer.school})? {answer.verdict.capitalize()}."]
    if answer.verdict == "decided" and found.decided:
        lines.append(f"  The panel sent {found.referral} to {names[found.decided]} ({found.decided}) by its own word.")
    waived = found.waived if answer.school == found.decided else ()
    lines.extend(
        f"  {_said(reason)}{' Waived by the panel.' if reason.rule in waived else ''}" for reason in answer.reasons if reason.kind != "tier"
    )
    lines.extend(f"  unknown: {said((fact,), found.explainer.rulebook)}" for fact in answer.unknown)
    lines.extend(f"  {line}" for line in in_full(answer, names))
    return lines


def in_full(answer: WhyNot, names: dict[str, str]) -> list[str]:
    """What would get worse first, where, and who would have to move."""
    if answer.verdict == "tie":
        return ["It would be just as good: only the draw can settle it."]
    if answer.verdict == "not worked out":
        return ["What would get worse was not worked out within the solver's limit."]
    if answer.worse is None:
        return []
    name = answer.worse.objective
    if name in ("ticket", "lottery"):
        lines = [f"Nothing in the rulebook's order tells these answers apart but {answer.worse.aim}: {answer.worse.in_words()}."]
        return [*lines, *(f"  {referral} would move to {names[urn] if urn else 'no place'}" for referral, urn in answer.moves)]
    lines = [f"It would be worse for {name.replace('_', ' ')}: {answer.worse.aim}; nothing before that would be better."]
    lines.extend(
        f"  {names[change.school]}{f', {change.part}' if change.part else ''}: {change.in_words()}" for change in answer.worse.schools
    )
    if not any(change.share for change in answer.worse.schools):
        lines.append(f"  {answer.worse.in_words()}")
    lines.extend(f"  {referral} would move to {names[urn] if urn else 'no place'}" for referral, urn in answer.moves)
    return lines


def _all_settings(answers: tuple[WhyNot, ...], names: dict[str, str]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("school", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("by")
    for answer in answers:
        closed = ", ".join((*answer.bars, *(f"unknown: {fact}" for fact in answer.unknown)))
        by = closed if answer.worse is None else answer.worse.objective.replace("_", " ")
        table.add_row(in_a_row(names[answer.school], answer.school), answer.verdict, by)
    return table
