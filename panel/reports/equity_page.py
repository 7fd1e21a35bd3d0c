"""The report on a year as it is read: JSON, CSV, and the sentence for each difference that is more than chance.

It computes nothing; a hidden count stays hidden here, and a group that neither is shown nor stands in a population is not named.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from panel.reports.comparing import JUDGED_AT
from panel.reports.equity import OF_NO_SCHOOL, Line, Report, Table, Test
from panel.reports.monitored import CHARACTERISTICS, UNKNOWN
from panel.reports.suppression import MARK
from panel.spreadsheets import text_cell

HEADER: Final = (
    "academic_year", "table", "row", "name", "weight", "count", "expected", "ratio", "ratio_low", "ratio_high",
    "funnel_95_low", "funnel_95_high", "funnel_998_low", "funnel_998_high", "funnel", "waiting_days", "beyond_chance",
)  # fmt: skip
UNNAMED: Final = "a group that is not named"


def named(table: Table, line: Line) -> str:
    """What a row is called."""
    told = line.cell.count or line.cell.weight or line.cell.label in (UNKNOWN, "yes", "no")
    return line.cell.label if table.part != "group" or told else UNNAMED


def in_words(year: int) -> str:
    """`2026-27`."""
    return f"{year}-{(year + 1) % 100:02d}"


def as_data(panel: str, report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    """`audit equity --json`."""
    return {
        "panel": panel,
        "academic_year": report.year,
        "from": dt.date(report.year, 9, 1).isoformat(),
        "until": dt.date(report.year + 1, 8, 31).isoformat(),
        "pupils": report.pupils,
        "excluded": report.excluded,
        "tables": [
            {
                "table": table.name,
                "total": table.shown.total,
                "hidden": table.shown.hidden,
                "rows": [_row(table, line, names) for line in table.lines],
            }
            for table in report.tables
        ],
        "overrides": [{"by": band.part, "of": band.label, **band.counts} for band in report.bands],
        "judged": {"questions": len(report.tests), "at": JUDGED_AT, "by": "Holm"},
        "found": [
            {"what": test.part, "of": test.of or None, "who": test.label, "side": test.side, "say": sentence(report, test, names)}
            for test in report.found
        ],
        "untold": list(report.untold),
    }


def _row(table: Table, line: Line, names: Mapping[str, str]) -> dict[str, Any]:
    out = line.out
    low, high = line.interval or (None, None)
    label = named(table, line)
    return {
        "row": label,
        "name": names.get(label),
        "weight": line.cell.weight,
        "count": line.cell.count,
        "expected": _number(line.expected),
        "ratio": _number(line.ratio),
        "interval": None if low is None else [_number(low), _number(high)],
        "funnel_95": list(line.limits[0]) if line.limits else None,
        "funnel_998": list(line.limits[1]) if line.limits else None,
        "funnel": out.zone if out else None,
        "chance": _number(out.chance, 6) if out else None,
        "waiting_days": line.days,
        "beyond_chance": line.found,
    }


def _number(value: float | None, places: int = 4) -> float | None:
    """Rounded, so that every machine writes the same; what has no bound is None."""
    return round(value, places) if value is not None and isfinite(value) else None


def as_csv(report: Report, names: Mapping[str, str]) -> str:
    """The tables as rows, LF line ends; a hidden count is marked, everything else of its row is blank."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for table in report.tables:
        for line in table.lines:
            row = _row(table, line, names)
            low, high = row["interval"] or (None, None)
            limits = (*(row["funnel_95"] or (None, None)), *(row["funnel_998"] or (None, None)))
            count = MARK if row["count"] is None else row["count"]
            figures = (row["weight"], count, row["expected"], row["ratio"], low, high, *limits)
            ends = (row["funnel"], row["waiting_days"], "yes" if row["beyond_chance"] else "")
            writer.writerow((in_words(report.year), table.name, text_cell(row["row"]), text_cell(row["name"] or ""), *figures, *ends))
    return out.getvalue()


def interval(line: Line) -> str:
    """`0.42 to 1.97`; without an upper end where there is none."""
    if line.interval is None:
        return ""
    low, high = line.interval
    return f"{low:.2f} to {high:.2f}" if isfinite(high) else f"over {low:.2f}"


def sentence(report: Report, test: Test, names: Mapping[str, str]) -> str:
    """What was found, in words."""
    more = test.side == "more"
    who = f"{names[test.label]} ({test.label})" if test.label in names else test.label
    whose = f"pupils of {test.of.replace('_', ' ')} '{test.label}'" if test.of in CHARACTERISTICS else who
    match test.part:
        case "receiving" | "sending" | "excluding":
            done = {"receiving": "received", "sending": "sent", "excluding": "permanently excluded"}[test.part]
            return f"{who} {done} {'more' if more else 'fewer'} pupils than its share: {_figures(report, test)}."
        case "group":
            return f"{whose.capitalize()} were referred {'more' if more else 'less'} often than everybody else: {_figures(report, test)}."
        case "waiting":
            return f"{whose.capitalize()} waited {'longer' if more else 'shorter'} than the others."
        case "overrides":
            return f"Under {who} the panel decided otherwise than proposed more often than under others."
        case "direction":
            there, away = ("to", "away from") if more else ("away from", "to")
            return f"Overrides sent pupils {there} {who} more often than {away} it."
        case "draw":
            pupils = f"pupils sent by {who}" if test.of == "sending" else whose
            asked = test.of == "receiving"
            said = f"{'asked' if asked else 'favoured'} {who if asked else pupils} {'more' if more else 'less'} than chance does"
            return f"The draw {said}: look at how the words were given."


def _figures(report: Report, test: Test) -> str:
    lines = (
        line
        for table in report.tables
        if table.part == test.part and (table.part != "group" or table.name == test.of)
        for line in table.lines
        if line.cell.label == test.label
    )
    line = next(lines)
    return f"{line.cell.count} where {line.expected:.1f} would be expected, {line.ratio:.2f} times (95% interval {interval(line)})"


def rows_of_schools(table: Table) -> list[Line]:
    """The rows in the order of URNs; what is no school at the end, and only where there is somebody."""
    schools = [line for line in table.lines if line.cell.label not in OF_NO_SCHOOL]
    rest = [line for line in table.lines if line.cell.label in OF_NO_SCHOOL and line.cell.count != 0]
    return [*sorted(schools, key=lambda line: line.cell.label), *rest]
