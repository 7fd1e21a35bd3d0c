"""What there is to do about a clock where the step that it waits for may not come now, and which ends a placement may have.

So that nobody is told to take a step that is then refused. It knows no day, and no words of a clock that may simply be met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from panel.state.lifecycle import COMMANDS, RECEIVING, Course, lacking, phase, why_not
from panel.state.records import Referral

STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "family.agreed": ("agree", "parent"),
    "partner.agreed": ("agree", ""),
    "receiving_school.accepted": ("agree", "receiving_school"),
    "board.directed": ("board", ""),
    "notice.given": ("notice", ""),
    "placement.started": ("start", ""),
    "placement.reviewed": ("review", ""),
    "placement.extended": ("extend", ""),
    "placement.made_permanent": ("permanent", ""),
    "placement.broke_down": ("break-down", ""),
    "placement.not_taken_up": ("not_taken_up", ""),
}
"""An event that a clock waits for -> the step that records it, and who takes it where that matters."""
ENDING_STEPS: Final = ("permanent", "return", "managed_move", "admission", "extend")
DECIDE: Final = "decide it at a meeting first: pastoral decide {r} --confirm"


def instead(held: Referral, course: Course, until: Sequence[str]) -> str:
    """What to do, with `{r}` for the referral; nothing where the step that is waited for may be taken.

    Of several events that end a clock the first is the one that people are told of.
    """
    if until[0] == "placement.ended":
        return _ends(held, course)
    step, who = STEPS.get(until[0], ("", ""))
    why = why_not(held, course, step, who) if step else ""
    if not why:
        return ""
    if held.status == "waiting":
        return DECIDE
    return ", and ".join(_before(held, course, step)) or f"nothing: {why}"


def _ends(held: Referral, course: Course) -> str:
    """How a placement that lasts may end."""
    if phase(held, course) not in ("trial", "temporary"):
        return ""
    return f"say how it ends: {', or '.join(COMMANDS[step] for step in ENDING_STEPS if not why_not(held, course, step))}"


def _before(held: Referral, course: Course, step: str) -> Iterator[str]:
    """The commands of what must come before a step that follows later: every agreement that is lacking, else the step that is next."""
    if step not in ("start", "notice", "review", "extend", "permanent") or phase(held, course) != "to start":
        return
    if waiting := lacking(held, course):
        yield from (f"first pastoral accept {{r}} --by {who} --on DATE" for who in _named(waiting))
        return
    now = [name for name in ("start", "notice", "board") if name != step and not why_not(held, course, name)]
    yield from (f"first {COMMANDS[name]}" for name in now[:1])


def _named(waiting: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys("receiving-admission-authority" if who in RECEIVING else who.replace("_", "-") for who in waiting))
