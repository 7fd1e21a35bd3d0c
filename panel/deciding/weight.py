"""What a pupil on the agenda weighs, and by which lines of the tariff; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panel.deciding.casework import Hearing
from rules.book import Rulebook
from rules.reach import weighs_points


@dataclass(frozen=True, slots=True)
class Weight:
    """The points of a placement as far as it is known beforehand; `lines` are those of the tariff that fit, with the points of each.

    `added`: of all of them together; else of the largest. `given`: by the panel, with the referral, whatever the tariff says.
    """

    points: int
    lines: Mapping[str, int]
    added: bool
    given: bool = False

    def __str__(self) -> str:
        said = ", ".join(f"{line} {points}" for line, points in self.lines.items())
        how = ""
        if len(self.lines) > 1:
            how = ", added" if self.added else ", of which the largest counts"
        why = "given with the referral, in place of the tariff's" if self.given else f"{said or 'no line of the tariff fits'}{how}"
        return f"Weighs {self.points} {'point' if self.points == 1 else 'points'}: {why}."

    def as_data(self) -> dict[str, Any]:
        return {"points": self.points, "lines": dict(self.lines), "added": self.added, **({"given": True} if self.given else {})}


def weight_of(hearing: Hearing, rulebook: Rulebook) -> Weight | None:
    """None where nothing in the book weighs points, or a line of its tariff cannot tell."""
    amounts = {line.id: line.amount for line in rulebook.tariff}
    if not weighs_points(rulebook) or not amounts or hearing.untold:
        return None
    return Weight(hearing.points, {line: amounts[line] for line in hearing.lines}, rulebook.points == "added", hearing.given)
