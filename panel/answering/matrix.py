"""Everybody and everywhere at once: the verdict on every pair of a decision, and the same as a page of letters or as rows of cells.

It weighs nothing: each verdict is the explainer's own, and a child is a reference, never a name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from panel.answering.aims import OBJECTIVES, in_short
from panel.answering.explain import Explainer
from panel.placing.rivals import OPEN
from panel.spreadsheets import text_cell

MatrixVerdict = Literal["chosen", "barred", "no room", "worse", "tie", "held", "decided", "unknown", "not worked out"]

LETTERS: Final[Mapping[str, str]] = {
    "chosen": "*",
    "tie": "=",
    "barred": ".",
    "no room": "o",
    "held": "h",
    "decided": "d",
    "not worked out": "-",
    "unknown": "?",
}
WORSE: Final[Mapping[str, str]] = {
    "place": "P",
    "waiting": "W",
    "together": "B",
    "quota": "Q",
    "share": "S",
    "tier": "T",
    "preference": "F",
    "journey": "J",
    "longest_ago": "L",
    "rota": "R",
    "transport": "M",
    "case_by_case": "C",
    "ticket": "D",
    "lottery": "D",
}
MEANINGS: Final[Mapping[str, str]] = {
    "chosen": "goes here",
    "tie": "as good: only the draw can settle it",
    "barred": "barred",
    "no room": "no room",
    "held": "held: cannot be decided yet",
    "decided": "the panel decided otherwise itself",
    "not worked out": "open; what would get worse was not worked out within the solver's limit",
    "unknown": "something that is not recorded would have to be known",
}
TOGETHER: Final = 5
"""Columns, and rows, that stand together before a gap, so that the eye keeps its place."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The verdict on one pair: for `worse` the first objective that gets worse, else the rules and unknown facts that stand in the way."""

    school: str
    verdict: MatrixVerdict
    objective: str = ""
    bars: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        return WORSE[self.objective] if self.verdict == "worse" else LETTERS[self.verdict]

    def __str__(self) -> str:
        closed = "; ".join((*self.bars, *(f"unknown: {fact}" for fact in self.unknown)))
        told = self.objective.replace("_", " ") if self.verdict == "worse" else closed
        return f"{self.verdict}: {told}" if told else self.verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One referral at every setting, in the order of the settings."""

    referral: str
    year_group: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All pairs of a meeting. `schools` URN -> name, by URN; rows by referral; `aims` objective -> what it is about."""

    schools: Mapping[str, str]
    rows: tuple[Row, ...]
    aims: Mapping[str, str] = field(default_factory=dict)


def matrix(explainer: Explainer) -> Matrix:
    """The verdict on every pair of the decision."""
    schools = {urn: str(school["school.name"]) for urn, school in sorted(explainer.decision.case.facts.schools.items())}
    hearings = sorted(explainer.decision.casework.hearings.items())
    aims = {name: in_short(name, explainer.rulebook) for name in OBJECTIVES}
    return Matrix(schools, tuple(Row(name, h.year_group, tuple(_cells(explainer, name, schools))) for name, h in hearings), aims)


def _cells(explainer: Explainer, referral: str, schools: Mapping[str, str]) -> Iterator[Cell]:
    hearing = explainer.hearing(referral)
    worse = explainer.first_worse(referral)
    for urn in schools:
        verdict = explainer.standing(referral, urn)
        if verdict == "open":
            yield _rival(explainer, referral, urn, worse)
        elif verdict == "barred" and not hearing.verdicts[urn].bars:
            yield Cell(urn, "unknown", bars=explainer.closed_by(referral, urn), unknown=hearing.verdicts[urn].unknown)
        elif verdict in ("chosen", "tie"):
            yield Cell(urn, verdict)
        else:
            yield Cell(urn, verdict, bars=explainer.closed_by(referral, urn), unknown=hearing.verdicts[urn].unknown)


def _rival(explainer: Explainer, referral: str, urn: str, worse: Mapping[str, str | None]) -> Cell:
    if urn not in worse:
        return Cell(urn, "no room", bars=explainer.given_away(referral, urn))
    objective = worse[urn]
    if objective == OPEN:
        return Cell(urn, OPEN)
    return Cell(urn, "worse", objective) if objective else Cell(urn, "tie")


# --- on paper ---


def on_a_page(found: Matrix, width: int) -> tuple[str, ...]:
    """Lines of at most `width` columns: a letter for each pair, in blocks of as many settings as fit; the key; the settings by number."""
    names = max((len(row.referral) for row in found.rows), default=0)
    label = max(names, len("referral")) + len(" year ")
    urns = list(found.schools)
    fit = max(TOGETHER, (width - label) * TOGETHER // (2 * TOGETHER + 1))
    lines: list[str] = []
    for first in range(0, len(urns), fit):
        lines += [*_block(found, first, min(first + fit, len(urns)), label), ""]
    return (*lines, *_key(found, width), "", *_legend(found, width))


def _block(found: Matrix, first: int, last: int, label: int) -> Iterator[str]:
    digits = len(str(len(found.schools)))
    numbers = [f"{n + 1:>{digits}}" for n in range(first, last)]
    for digit in range(digits):
        begins = f"{'referral':{label - 6}} year " if digit == digits - 1 else " " * label
        yield (begins + _spaced([number[digit] for number in numbers])).rstrip()
    for n, row in enumerate(found.rows):
        if n and n % TOGETHER == 0:
            yield ""
        yield f"{row.referral:{label - 6}} {row.year_group:>4} {_spaced([cell.letter for cell in row.cells[first:last]])}".rstrip()


def _spaced(letters: list[str]) -> str:
    """` a b c d e  f g`: a gap after every fifth."""
    groups = (letters[n : n + TOGETHER] for n in range(0, len(letters), TOGETHER))
    return "  ".join(" ".join(group) for group in groups)


def _key(found: Matrix, width: int) -> Iterator[str]:
    """What each letter on the page means; letters that are not there are left out."""
    seen = {(cell.letter, cell.verdict, cell.objective) for row in found.rows for cell in row.cells}
    verdicts = [verdict for verdict in LETTERS if any(v == verdict for _, v, _ in seen)]
    yield from (f"{LETTERS[verdict]} {MEANINGS[verdict]}" for verdict in verdicts)
    worse = [name for name in OBJECTIVES if any(objective == name for _, _, objective in seen)]
    if worse:
        yield "open, and the first thing that would get worse:"
        yield from (f"{WORSE[name]} {name.replace('_', ' ')}: {found.aims.get(name, OBJECTIVES[name])}"[:width] for name in worse)


def _legend(found: Matrix, width: int) -> Iterator[str]:
    """Each setting by its number, in two columns that are read downwards."""
    half = (width - 2) // 2
    told = [_short(f"{n:>2} {name}", f" ({urn})", half) for n, (urn, name) in enumerate(found.schools.items(), start=1)]
    rows = (len(told) + 1) // 2
    yield from (f"{told[n]:{half}}  {told[n + rows] if n + rows < len(told) else ''}".rstrip() for n in range(rows))


def _short(name: str, urn: str, width: int) -> str:
    return name + urn if len(name + urn) <= width else f"{name[: width - len(urn) - 3].rstrip()}...{urn}"


# --- as a file ---


def as_csv(found: Matrix) -> str:
    """A row for each referral, a column for each setting; every cell in words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["referral", "year_group", *(text_cell(f"{name} ({urn})") for urn, name in found.schools.items())])
    writer.writerows([text_cell(row.referral), row.year_group, *(text_cell(str(cell)) for cell in row.cells)] for row in found.rows)
    return out.getvalue()
