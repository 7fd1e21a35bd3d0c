"""Text in a file that a spreadsheet opens: it stays text, and is never worked out as a formula.

It writes no file. A number is handed over as a number; a name, a reference or a sentence as text.
"""

from __future__ import annotations

from typing import Final

BEGIN_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, also in its full-width form, or cuts off before it looks."""
CUT_OFF: Final = " \u00a0\ufeff"


def text_cell(text: str) -> str:
    """The text for a cell of a CSV file: with an apostrophe before it where it would begin a formula, else as it is."""
    return f"'{text}" if text.lstrip(CUT_OFF).startswith(BEGIN_A_FORMULA) else text
