"""The terms file: the first and last day of each term, or of each half of one -> terms with the bank holidays in them.

School days are counted elsewhere. Training days and other closures are not known here.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.events import TermRecorded
from panel.intake.cells import DAY
from panel.intake.known import Known
from panel.intake.pages import Line, Page
from panel.intake.tables import Table
from panel.state.schooldays import academic_year

NEEDS: Final = ("from", "to")


def read(table: Table, known: Known) -> tuple[TermRecorded, ...]:
    """The terms in order of time. Raises `IntakeError` with every fault: also where two terms share a day."""
    page = Page(table, needs=NEEDS, about_pupils=False)
    spans: list[tuple[dt.date, dt.date, str]] = [(term.first, term.last, "which is recorded already") for term in known.terms]
    events = []
    for line in page.lines():
        first, last = line.must("from", DAY), line.must("to", DAY)
        if not line.clean or not _in_one_year(line, first, last):
            continue
        for other_first, other_last, where in spans:
            if first <= other_last and other_first <= last:
                line.refuse(
                    "from", found=f"{first} to {last}, which shares days with {other_first} to {other_last}, {where}",
                    wanted="terms that share no day",
                )  # fmt: skip
                break
        spans.append((first, last, f"row {line.number}"))
        events.append(TermRecorded(first=first, last=last, closed=bank_holidays(first, last)))
    return page.finish(events, lambda term: (term.first,))


def _in_one_year(line: Line, first: dt.date, last: dt.date) -> bool:
    if last < first:
        line.refuse("to", found=str(last), wanted=f"a day on or after {first}", advice="Are from and to the wrong way round?")
    elif academic_year(first) != academic_year(last):
        line.refuse("to", found=str(last), wanted=f"a day by {academic_year(first) + 1}-08-31: a term lies in one academic year")
    return line.clean


def bank_holidays(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """The bank holidays of England from `first` to `last`, both included, that fall on a weekday."""
    import holidays  # here, because only this command needs it and it is slow to import

    england = holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, last.year + 1))
    return tuple(sorted(day for day in england if first <= day <= last and day.weekday() < 5))
