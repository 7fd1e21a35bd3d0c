"""What a file says in columns that nothing reads: told in one line, so that nobody believes that it was heard.

A register of schools has many columns that are nobody's business here, so of that file nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from panel.intake import admissions, exclusions, history, identities, journeys, places, referrals, terms
from panel.intake.tables import Table
from panel.quoting import shortened

READ: Final[Mapping[str, tuple[str, ...]]] = {
    "places": (*places.NEEDS, *places.TAKES),
    "journeys": (*journeys.NEEDS, *journeys.TAKES),
    "terms": terms.NEEDS,
    "referrals": (*referrals.NEEDS, *referrals.TAKES),
    "exclusions": exclusions.NEEDS,
    "admissions": (*admissions.NEEDS, *admissions.TAKES),
    "history": (*history.NEEDS, *history.TAKES),
    "identities": (*identities.NEEDS, *identities.CELLS),
}
"""The columns that are read of each file."""


def passed_over(what: str, table: Table) -> str:
    """The columns of a table that has been read in which something stands that nobody reads, in one line; nothing where there is none."""
    read = READ.get(what, table.header)
    filled = (n for n, column in enumerate(table.header) if column not in read and any(row.cells[n] for row in table.rows))
    names = [f"'{shortened(table.header[n])}'" if table.header[n] else "one without a name" for n in filled]
    if not names:
        return ""
    several = len(names) > 1
    return f"Nothing reads the column{'s' if several else ''} {', '.join(names)} of a file of {what}: what stands there was passed over."
