"""The keys of `money`: the financial year, the fund, the levy, who leaves. It only says what may be written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from rules.accounts import SharedBy
from rules.forms import Amount, Amounts, FactId, Quorum, Shape, YearGroup


class ShareShape(Shape):
    """A part of a fund, and by what it is shared. Alone it is the whole, and needs no part."""

    by: SharedBy
    part: Amount | None = None
    count: FactId | None = None


def _shares(value: object) -> object:
    """`shared: roll` is short for `shared: [{by: roll}]`."""
    return ({"by": value},) if isinstance(value, str) else value


class FundShape(Shape):
    """How a partnership's fund is shared, and who may draw on it. `count` stands here where all of it is shared by one measure."""

    shared: Annotated[tuple[ShareShape, ...], BeforeValidator(_shares)]
    count: FactId | None = None
    took_part: Quorum | None = None


class LevyShape(Shape):
    """What a school pays for its first permanent exclusion of a year, its second and so on; the last for all that follow."""

    pence: Amounts
    to: Literal["fund", "authority"] = "fund"


def _levy(value: object) -> object:
    """`levy: 250000` and `levy: [0, 250000]` are short for `levy: {pence: ...}`."""
    return value if isinstance(value, (dict, LevyShape)) else {"pence": value}


class LeaversShape(Shape):
    """The last year group at school, and the end of the school year in which its pupils leave."""

    year_group: YearGroup
    until: Literal["july", "august"] = "august"


class MoneyShape(Shape):
    """The financial year, the fund, what is paid for a permanent exclusion, and who leaves within the year."""

    year: Literal["april", "september"] = "april"
    counted: Literal["days", "weeks"] = "days"
    fund: FundShape | None = None
    levy: Annotated[LevyShape, BeforeValidator(_levy)] | None = None
    leavers: LeaversShape | None = None
