"""`pastoral allocate`: propose placements for the open meeting's agenda."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Desk, command, in_a_row

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.answering.explain import Explainer
    from panel.answering.notices import Notice
    from panel.placing.problem import Problem
    from panel.steps.meeting import Proposed


@command(example="pastoral allocate --dry-run\npastoral allocate\npastoral allocate --again")
@click.option("--dry-run", is_flag=True, help="Record nothing; before the draw ties are shown as ties.")
@click.option("--again", is_flag=True, help="Propose around what the panel has decided since the last proposal.")
@click.option("--strict", is_flag=True, help="Exit 1 if somebody is left unplaced.")
def allocate(desk: Desk, dry_run: bool, again: bool, strict: bool) -> int:
    """Propose placements for the open meeting, certified best before they are recorded."""
    from panel.answering import answers, notices
    from panel.answering.explain import Explainer
    from panel.steps import meeting

    with desk.open() as office:
        proposed = meeting.rehearse(office) if dry_run else meeting.allocate(office, again=again)
        explainer = Explainer(proposed.decision, proposed.rulebook, office.evaluation(proposed.rulebook))
        data = answers.allocation(office.state.name, proposed, explainer)
        decision = proposed.decision
        told_of = notices.of_schools(decision.casework, decision.case.facts, proposed.rulebook, decision.placing)
        data["notices"] = [notice.as_data() for notice in told_of]
        lines = [] if desk.json else told(data, proposed, explainer, told_of)
    desk.answer(data, *lines)
    return 1 if strict and proposed.decision.unplaced else 0


def told(data: dict[str, Any], proposed: Proposed, explainer: Explainer, notices: Sequence[Notice]) -> list[RenderableType]:
    """The proposal as a chair reads it."""
    from panel.commands.proofs import in_words

    decision, opened = proposed.decision, proposed.meeting.opened
    names = {urn: str(school["school.name"]) for urn, school in decision.case.facts.schools.items()}
    what = "rehearsal, nothing recorded" if proposed.entry is None else f"proposal, entry {proposed.entry}"
    lines: list[RenderableType] = [f"Meeting {opened.meeting} of {opened.on}: {what}."]
    if data["placements"]:
        lines.append(_placements(data, names, explainer))
    for left in data["unplaced"]:
        tie = " (a tie: only the draw can settle it)" if left.get("tie") else ""
        if not left["nearest"]:
            lines.append(f"Left unplaced: {left['referral']}{tie}. {_nowhere(left['referral'], explainer)}")
            continue
        lines.append(f"Left unplaced: {left['referral']}{tie}. Nearest, and what stands in the way:")
        lines.extend(_near(near["school"], left["referral"], names, explainer) for near in left["nearest"])
    for held in data["held"]:
        lines.extend(_held(held, explainer))
    lines.extend(f"Notice: {notice.in_words(names)}" for notice in notices)
    if not decision.problem.referrals:
        return [*lines, "Nobody can be placed: the agenda is empty, or all of it is held or settled."]
    lines.append(_worth(data, decision.problem))
    lines.extend(in_words(decision.certificate, data["certificate"]["digest"]))
    if data["moved"]:
        lines.append(f"Moved since the last proposal: {', '.join(data['moved'])}")
    if proposed.entry is not None:
        lines.append("Nothing has effect until the panel decides: pastoral decide REFERRAL ... --confirm")
    elif decision.case.seed is None:
        lines.append("Not drawn yet: ties are shown as ties. Next: pastoral meeting draw --words ...")
    return lines


def _near(urn: str, referral: str, names: dict[str, str], explainer: Explainer) -> str:
    from panel.answering.why import in_a_line

    return f"  {names[urn]} ({urn}): {in_a_line(explainer.in_the_way(referral, urn))}"


def _nowhere(referral: str, explainer: Explainer) -> str:
    """That there is no setting of a kind that suits the pupil, and what to do."""
    from panel.facts.referral_facts import suited

    kinds = " or ".join(kind.replace("_", " ") for kind in sorted(suited(explainer.decision.case.facts.referrals[referral])))
    return (
        f"No setting was open that suits this pupil, by its suited_to: {kinds}. Load one with `pastoral load schools`, or say otherwise "
        f"with `pastoral correct {referral} --set suited_to=KIND --reason TEXT`; it counts from the next opening of a meeting."
    )


def _placements(data: dict[str, Any], names: dict[str, str], explainer: Explainer) -> RenderableType:
    from rich.table import Table

    from panel.answering.explain import kilometres

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("referral", overflow="fold")
    table.add_column("goes to", no_wrap=True)
    table.add_column("choice", justify="right", no_wrap=True)
    table.add_column("km", justify="right", no_wrap=True)
    table.add_column("others are worse for")
    for row in data["placements"]:
        km = "" if row["metres"] is None else kilometres(row["metres"]).removesuffix(" km")
        table.add_row(
            row["referral"], in_a_row(names[row["school"]], row["school"]), str(row["rank"] or "-"), km, _worse(row["referral"], explainer)
        )
    return table


def _worse(referral: str, explainer: Explainer) -> str:
    if referral in explainer.decision.case.fixed:
        return "decided by the panel"
    worse = explainer.others_worse(referral)
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in worse.items()) or "no other is open"


def _held(held: dict[str, Any], explainer: Explainer) -> list[str]:
    lines = []
    for reason in explainer.of_referral(held["referral"]):
        if reason.kind == "notice":
            continue
        lines.append(f"Held: {held['referral']}, by {reason.rule}: {reason.say}")
    return lines


def _worth(data: dict[str, Any], problem: Problem) -> RenderableType:
    from rich.table import Table

    from panel.answering.aims import said, whom
    from panel.placing.problem import in_points

    values = [_short(objective["value"]) for objective in data["objectives"]]
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("made as small as possible, in this order")
    # Words give way before a number does: a number that is cut would be read as another one.
    table.add_column("", justify="right", min_width=max((len(word) for value in values for word in value.split()), default=0))
    for objective, counted, value in zip(data["objectives"], problem.objectives, values, strict=True):
        if objective["name"] in ("ticket", "lottery"):
            continue  # the draw's numbers say nothing to a reader; --json has them
        words = said(objective["name"], objective.get("by", ""))
        words = words.replace("pupils", "points") if in_points(counted) else words
        table.add_row(f"{objective['name'].replace('_', ' ')}: {words}{whom(objective['of'])}", value)
    return table


def _short(value: Any) -> str:
    if isinstance(value, dict):
        beyond = [str(excess) for excess in value["by_school"] if excess]
        return f"{value['excess']}" + (f" (by school: {', '.join(beyond)})" if beyond else "")
    if isinstance(value, list):
        return ", ".join(map(str, value[:3])) + (", ..." if len(value) > 3 else "")
    return str(value)
