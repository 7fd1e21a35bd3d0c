"""What is known of the place that a kind of cell is: cell -> what of a text found in it may be quoted.

It reads no cell. A kind that it does not name may have nothing quoted but a small number.
"""

from __future__ import annotations

from typing import Any

from panel.events import PANEL
from panel.intake.cells import (
    WHY_APART,
    YES_NO,
    Apart,
    Attended,
    Cell,
    Choice,
    Day,
    Reference,
    References,
    Several,
    Urn,
    UrnOrNone,
    Whole,
    Words,
    WordsOrNone,
    YesNo,
)
from panel.quoting import FEW_DIGITS, Place


def place_of(cell: Cell[Any]) -> Place:
    """What may be quoted of a text that was found in a cell of this kind."""
    match cell:
        case Whole(high=high):
            return Place(digits=max(FEW_DIGITS, len(str(high))))
        case Day():
            return Place(days=True)
        case YesNo():
            return Place(words=tuple(YES_NO))
        case Choice(meanings=meanings):
            return Place(words=tuple(meanings))
        case Words(words=words):
            return Place(words=words)
        case WordsOrNone(each=each):
            return Place(words=(*each.words, "none"))
        case Reference() | References():
            return Place(words=(PANEL,), references=True)
        case _:
            return _of_schools(cell)


def _of_schools(cell: Cell[Any]) -> Place:
    match cell:
        case Urn() | Several() | Attended():
            return Place(urns=True)
        case UrnOrNone():
            return Place(words=("none", "nobody", "nowhere"), urns=True)
        case Apart():
            return Place(words=WHY_APART, urns=True)
        case _:
            return Place()
