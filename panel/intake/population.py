"""The population file: how many of the panel's pupils are in each group -> characteristic, group, pupils.

It is compared with and never recorded. Raises `IntakeError` with every fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from panel.intake.cells import Choice, Text, Whole
from panel.intake.pages import Page
from panel.intake.tables import Table, refused
from panel.reports.monitored import CHARACTERISTICS, UNKNOWN, as_group

NEEDS: Final = ("characteristic", "group", "pupils")
CHARACTERISTIC: Final = Choice({name: name for name in CHARACTERISTICS})
GROUP: Final = Text(100)
PUPILS: Final = Whole(1, 10_000_000, "Leave out a group that nobody is in.")
YES_NO: Final = ("fsm", "looked_after")


def read(table: Table) -> Mapping[str, Mapping[str, int]]:
    """Characteristic -> group -> pupils on roll of the panel's schools."""
    page = Page(table, needs=NEEDS, about_pupils=False)
    found: dict[str, dict[str, int]] = {}
    for line in page.lines():
        characteristic = line.must("characteristic", CHARACTERISTIC)
        group, pupils = as_group(line.must("group", GROUP)), line.must("pupils", PUPILS)
        if line.clean and group == UNKNOWN:
            line.refuse("group", found=f"'{UNKNOWN}'", wanted="a group of which it is known who is in it")
        if line.clean and characteristic in YES_NO and group not in ("yes", "no"):
            line.refuse("group", found=f"'{group}'", wanted="yes or no")
        page.once(line, "group", (characteristic, group), f"{characteristic} {group}")
        found.setdefault(characteristic, {})[group] = pupils
    if page.faults:
        raise refused(table.file, page.faults)
    return found
