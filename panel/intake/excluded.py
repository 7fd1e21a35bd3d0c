"""Whether a row of a file says that a school permanently excluded the pupil, and that it does not say so and otherwise at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from panel.intake.cells import YES_OR_NO
from panel.intake.pages import Line
from rules.phrases import listed

TOLD: Final[Mapping[str, str]] = {"kind": "kind is permanent_exclusion", "excluded_by": "excluded_by names a school"}


def excluded(line: Line, says: Mapping[str, bool]) -> bool:
    """What `permanently_excluded` comes to: where it is blank, yes if one of the other columns `says` so; no is then refused."""
    why = [column for column, yes in says.items() if yes]
    said = line.may("permanently_excluded", YES_OR_NO)
    if said is False and why:
        line.refuse(
            "permanently_excluded", found=f"no, while {listed([TOLD[column] for column in why])}", wanted="yes, or nothing: then it is yes",
            advice=f"If the pupil was not permanently excluded, or the exclusion no longer stands, correct {listed(why)} instead.",
        )  # fmt: skip
    return bool(why) if said is None else said
