"""`pastoral load WHAT FILE`: files into the ledger, every bad row named at once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from panel.commands.frame import Desk, command, several, talk

KINDS: Final = ("schools", "places", "journeys", "terms", "referrals", "exclusions", "admissions", "history", "identities")


@command(example="pastoral load schools schools.csv\npastoral load referrals october.csv --check")
@click.argument("what", metavar="WHAT", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only check the file; record nothing.")
def load(desk: Desk, what: str, file: Path, check: bool) -> None:
    """Load a CSV or XLSX file. A file with any bad row is refused whole, with every bad row named.

    WHAT is schools, places, journeys, terms, referrals, exclusions, admissions or history.
    """
    from panel.steps import casebook

    with desk.open() as office:
        loaded = casebook.load(office, what, file, check=check)
    done = "would be recorded (nothing was: --check)" if check else "recorded"
    data = {"what": what, "file": file.name, "rows": loaded.rows, "recorded": loaded.entries, "check": check, "notes": list(loaded.notes)}
    if not desk.json:
        for note in loaded.notes:
            talk(f"  {note}")
    desk.answer(data, f"{file.name}: {several(loaded.rows, 'row')} read; {several(len(loaded.events), 'entry', 'entries')} {done}.")
