"""How a book counts money: the financial year, what is paid for an exclusion, and how a fund is shared. It adds nothing up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

SharedBy = Literal["equally", "roll", "weight", "need"]
"""By what a fund, or a part of it, is shared."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a fund, of so many as all its shares have together: equally, by roll, by the weight that the schools agreed, or by need,
    which is a `count` of the book."""

    by: SharedBy
    part: int = 1
    count: str = ""


@dataclass(frozen=True, slots=True)
class Fund:
    """How a partnership's fund is shared among the mainstream schools: by one measure, or in parts by several.

    `took_part`: the least part of a financial year's meetings that a school attended to draw on it; None where all may.
    """

    shares: tuple[Share, ...]
    took_part: int | Literal["half", "two_thirds", "all"] | None = None

    @property
    def parts(self) -> int:
        """How many parts the whole fund has."""
        return sum(share.part for share in self.shares)


@dataclass(frozen=True, slots=True)
class Money:
    """The financial year, which begins on 1 April or 1 September; by what its rest is counted; the fund, if there is one.

    `levy` is pence that a school pays to the fund or the authority for its first permanent exclusion of the year that stands, its second
    and so on, the last for all that follow. Pupils of the year group `leavers` leave at the end of `leave_in`.
    """

    year: Literal["april", "september"] = "april"
    counted: Literal["days", "weeks"] = "days"
    fund: Fund | None = None
    levy: tuple[int, ...] = ()
    levy_to: Literal["fund", "authority"] = "fund"
    leavers: int | None = None
    leave_in: Literal["july", "august"] = "august"


AS_USUAL: Final = Money()
"""Of a book that says nothing of money."""
