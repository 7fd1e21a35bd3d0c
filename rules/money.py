"""Money: who pays whom, the financial year, by what its rest is counted, and how a partnership's fund is filled and shared.

It adds nothing up: what follows a pupil and what each school draws is the panel's to work out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal

from rules.accounts import Fund, Money, Share
from rules.book import Count, Flow
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.forms import TRAVEL
from rules.lifecycle import SHARES, Numbers
from rules.shape import RuleShape, TransferShape
from rules.shape_of_money import FundShape, LevyShape, ShareShape
from rules.yaml_text import Path

MOST_MEETINGS: Final = 366
MOST_PENCE: Final = 10**9
MOST_PARTS: Final = 10_000

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
    travel = shape.pence == TRAVEL
    if travel and shape.begins == "exclusion":
        advice = "From the exclusion on there is no placement yet, and no journey: write `begins: first_day`, or leave it out."
        found = f"pence: {TRAVEL} from the exclusion on"
        faults.append(edition.fault((*path, "begins"), found=found, wanted="begins: first_day or permanent", advice=advice))
    return Flow(shape.from_, shape.to, shape.once, after, shape.begins, travel)


def _fund(edition: Edition, shape: FundShape, counts: set[str], numbers: Numbers, faults: list[Fault]) -> Fund | None:
    """The fund; None where it cannot be shared as it is written."""
    path: Path = ("money", "fund")
    shares: tuple[Share, ...] = ()
    if "money.fund" in edition.lost:
        return None
    if len(shape.shared) == 1 and shape.shared[0].part is None and shape.shared[0].count is None:
        (only,) = shape.shared
        whole = _share(edition, path, ShareShape(by=only.by, part=1, count=shape.count), counts, numbers, faults)
        shares = () if whole is None else (whole,)
    else:
        shares = _shares(edition, path, shape, counts, numbers, faults)
    if not shares:
        return None
    part: Part = None
    if shape.took_part in SHARES:
        part = shape.took_part  # type: ignore[assignment]  # one of the three words
    elif shape.took_part is not None:
        part = numbers.whole(edition, (*path, "took_part"), shape.took_part, 1, MOST_MEETINGS)
    return Fund(shares, part)


def _shares(edition: Edition, path: Path, shape: FundShape, counts: set[str], numbers: Numbers, faults: list[Fault]) -> tuple[Share, ...]:
    """The parts of a fund that is shared by several measures; none where one of them cannot be read."""
    where: Path = (*path, "shared")
    if len(shape.shared) < 2:
        found = f"{len(shape.shared) or 'no'} part of a fund"
        faults.append(edition.fault(where, found=found, wanted="two parts or more", advice="By one measure it is `shared: roll`."))
        return ()
    if shape.count is not None:
        found, wanted = "a count of a fund that is shared in parts", "`count` with the part that is shared by need"
        faults.append(edition.fault((*path, "count"), found=found, wanted=wanted, advice="`{by: need, count: load, part: 40}`"))
        return ()
    made = [_share(edition, (*where, n), one, counts, numbers, faults) for n, one in enumerate(shape.shared)]
    shares = tuple(one for one in made if one is not None)
    if len(shares) < len(made):
        return ()
    for n, one in enumerate(shares):
        if (one.by, one.count) in [(other.by, other.count) for other in shares[:n]]:
            found = f"a second part by {one.count or one.by}"
            faults.append(edition.fault((*where, n), found=found, wanted="one part for each measure", advice="Add the two parts up."))
            return ()
    return shares


def _share(edition: Edition, path: Path, shape: ShareShape, counts: set[str], numbers: Numbers, faults: list[Fault]) -> Share | None:
    """One part of a fund, or all of it; None where it cannot be shared as it is written."""
    if (shape.by == "need") != (shape.count is not None):
        found = "shared: need, and no count" if shape.by == "need" else f"a count, and shared: {shape.by}"
        wanted = "`count` where, and only where, it is shared by need"
        faults.append(edition.fault(path, found=found, wanted=wanted, advice="Need is measured by a count of the book."))
        return None
    if shape.count is not None and shape.count not in counts:
        faults.append(edition.fault((*path, "count"), found=shape.count, wanted="a count of the book", advice=nearest(shape.count, counts)))
        return None
    if shape.part is None:
        wanted = "`part: ...`, a whole number"
        faults.append(edition.fault(path, found=f"no part for {shape.by}", wanted=wanted, advice="Half and half is `part: 1` for each."))
        return None
    part = numbers.whole(edition, (*path, "part") if "part" in shape.model_fields_set else path, shape.part, 1, MOST_PARTS)
    return None if part is None else Share(shape.by, part, shape.count or "")
