"""Money: who pays whom, the financial year, by what its rest is counted, and how a partnership's fund is filled and shared.

It adds nothing up: what follows a pupil and what each school draws is the panel's to work out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal

from rules.book import Count, Flow, Fund, Money
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.lifecycle import SHARES, Numbers
from rules.shape import FundShape, LevyShape, RuleShape, TransferShape
from rules.yaml_text import Path

MOST_MEETINGS: Final = 366
MOST_PENCE: Final = 10**9

Part = int | Literal["half", "two_thirds", "all"] | None


def money_of(stack: Sequence[Edition], counts: Iterable[Count], numbers: Numbers, faults: list[Fault]) -> Money:
    """What the highest layer that speaks of money says; without one the year begins in April, its rest is counted in days, no fund."""
    for edition in reversed(stack):
        if (shape := edition.shape.money) is not None:
            fund = _fund(edition, shape.fund, {count.id for count in counts}, numbers, faults) if shape.fund else None
            levy = _levy(edition, shape.levy, numbers) if shape.levy else ()
            told = Money(shape.year, shape.counted, fund, levy, shape.levy.to if shape.levy else "fund")
            return replace(told, leavers=shape.leavers.year_group, leave_in=shape.leavers.until) if shape.leavers else told
    return Money()


def _levy(edition: Edition, shape: LevyShape, numbers: Numbers) -> tuple[int, ...]:
    """Pence for the first exclusion of a year, the second and so on."""
    path: Path = ("money", "levy", "pence") if ("money", "levy", "pence") in edition.document.lines else ("money", "levy")
    several = len(shape.pence) > 1
    asked = (numbers.whole(edition, (*path, n) if several else path, pence, 0, MOST_PENCE) for n, pence in enumerate(shape.pence))
    return tuple(pence or 0 for pence in asked)


def flow_of(edition: Edition, path: Path, shape: RuleShape, numbers: Numbers, faults: list[Fault]) -> Flow:
    """Who pays whom by a line, and for how long the placement must stand. Of any other rule that it is as usual."""
    if not isinstance(shape, TransferShape):
        return Flow()
    if shape.from_ == shape.to:
        advice = "Leave out `from` and `to` where the school that sent pays the school that receives."
        faults.append(edition.fault((*path, "to"), found=f"from and to {shape.to}", wanted="two that are not the same", advice=advice))
    after = numbers.length(edition, (*path, "after"), shape.after) if shape.after else None
    if after is not None and after.unit == "school days":
        advice = "Money does not wait for the terms of a year that nobody has loaded."
        faults.append(edition.fault((*path, "after"), found=str(after), wanted="weeks or calendar days", advice=advice))
    if shape.begins == "exclusion" and (shape.from_ != "sending_school" or shape.to not in ("authority", "fund")):
        advice = "It is asked of the school that excluded, whether the pupil is placed or not, so that no school is there to receive it."
        found, wanted = f"from {shape.from_} to {shape.to}, from the exclusion on", "from: sending_school, to: authority or fund"
        faults.append(edition.fault((*path, "begins"), found=found, wanted=wanted, advice=advice))
    return Flow(shape.from_, shape.to, shape.once, after, shape.begins)


def _fund(edition: Edition, shape: FundShape, counts: set[str], numbers: Numbers, faults: list[Fault]) -> Fund | None:
    """The fund; None where it cannot be shared as it is written."""
    path: Path = ("money", "fund")
    if (shape.shared == "need") != (shape.count is not None):
        found = "shared: need, and no count" if shape.shared == "need" else f"a count, and shared: {shape.shared}"
        wanted = "`count` where, and only where, it is shared by need"
        faults.append(edition.fault(path, found=found, wanted=wanted, advice="Need is measured by a count of the book."))
        return None
    if shape.count is not None and shape.count not in counts:
        faults.append(edition.fault((*path, "count"), found=shape.count, wanted="a count of the book", advice=nearest(shape.count, counts)))
        return None
    part: Part = None
    if shape.took_part in SHARES:
        part = shape.took_part  # type: ignore[assignment]  # one of the three words
    elif shape.took_part is not None:
        part = numbers.whole(edition, (*path, "took_part"), shape.took_part, 1, MOST_MEETINGS)
    return Fund(shape.shared, shape.count or "", part)
