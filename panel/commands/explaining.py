"""`pastoral explain`: why this school, and why not that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Desk, command, in_a_row

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.explain import Explainer, Reason, WhyNot


@command(example="pastoral explain R-007\npastoral explain R-007 --why-not 900004")
@click.argument("referral")
@click.option("--why-not", "urn", metavar="URN", default=None, help="Why the pupil does not go to this school.")
def explain(desk: Desk, referral: str, urn: str | None) -> None:
    """Explain a referral: where it goes and why, or what holds it; and why not to another school."""
    from panel import inquiry

    with desk.open() as office:
        found = inquiry.inquire(office, referral, urn)
    data = found.as_data()
    desk.answer(data, *([] if desk.json else _told(found)))


def _told(found: Any) -> list[RenderableType]:
    explainer: Explainer | None = found.explainer
    lines: list[RenderableType] = [f"{found.referral}: {found.sentence}"]
    if explainer is None:
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
        lines.append("Every setting (to be told more: --why-not URN):")
        lines.append(_all_settings(found.table, names))
    return lines


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
    if answer.worse is None:
        return []
    name = answer.worse.objective
    lines = [f"It would be worse for {name.replace('_', ' ')}: {OBJECTIVES[name]}; nothing before that would be better."]
    lines.extend(f"  {names[change.school]}: {change.in_words()}" for change in answer.worse.schools)
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
