"""A school that excludes pays from that day on, more for its second exclusion than for its first; who leaves is paid for no longer."""

from __future__ import annotations

from pathlib import Path

from tests.courses import ASH, BEECH, BOOK, agreed, clean, flat, meet, refer, weir
from tests.running import Panel

MONEY = """\
transfers:
  - id: moves
    pence: 365000
    when: admission.kind == "managed_move"
    examples:
      - {name: a move, given: {admission.kind: managed_move}, expect: fires}
      - {name: another, given: {admission.kind: fair_access}, expect: silent}
  - id: deducted
    pence: 365000
    begins: exclusion
    to: authority
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not, given: {admission.after_exclusion: false}, expect: silent}
money: {levy: {pence: [0, 100000], to: authority}, leavers: {year_group: 11}}
"""


def excluded(panel: Panel, pupil: str, on: str, year: str = "9") -> None:
    panel("exclusion", "record", "--pupil", pupil, "--school", ASH, "--on", on, "--year-group", year)


def test_a_year_of_ash(tmp_path: Path) -> None:
    """1,000 pence a day. P8 was excluded on 2 November: 29 + 31 + 31 + 28 + 31 = 150 days to 31 March; P7 on 1 December, the second, which
    costs 1,000.00 more. P1 was at Beech from 2 November to 31 December, 29 + 31 = 60 days, and moved away."""
    panel = weir(tmp_path, book=BOOK + MONEY)
    panel("rules", "check", str(tmp_path / "weir.yaml"))
    excluded(panel, "P8", "2026-11-02")
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    agreed(panel)
    panel("start", "R1", "--on", "2026-11-02")
    panel("end", "R1", "--as", "left", "--on", "2026-12-31", "--reason", "moved away")
    told = panel.json("statement", "--year", "2026", "--as-of", "2027-03-01")
    totals = {one["school"]: one["total_pence"] for one in told["statements"]}
    assert totals[ASH] == -150_000 - 60_000
    assert totals[BEECH] == 60_000
    excluded(panel, "P7", "2026-12-01", "11")
    told = panel.json("statement", "--year", "2026", "--as-of", "2027-03-01")
    totals = {one["school"]: one["total_pence"] for one in told["statements"]}
    # from 1 December 31 + 31 + 28 + 31 = 121 days, and the levy for a second exclusion
    assert totals[ASH] == -150_000 - 60_000 - 121_000 - 100_000
    authority = next(one for one in told["others"] if one["party"] == "authority")
    assert authority["total_pence"] == 150_000 + 121_000 + 100_000
    assert [(one["number"], one["pence"]) for one in authority["collected"]] == [(1, 0), (2, 100_000)]
    page = flat(panel("statement", ASH, "--year", "2026", "--as-of", "2027-03-01"))
    assert "R1 to Beech School 2026-11-02 60/365" in page
    assert "R1: until 2026-12-31, the last day there." in page
    assert "P8, excluded to the authority" in page
    assert "2026-11-02 150/365" in page
    assert "levy for P7, number 2 of the year 2026-12-01 once -£1,000.00" in page
    panel(
        "exclusion",
        "reverse",
        *("--pupil", "P8", "--school", ASH, "--excluded-on", "2026-11-02"),
        *("--how", "quashed", "--on", "2027-01-10"),
        "--reason",
        "x",
    )
    told = panel.json("statement", ASH, "--year", "2026", "--as-of", "2027-03-01")
    assert told["statements"][0]["total_pence"] == -60_000 - 121_000, "what was the second is the first, and free"
    clean(panel)


def test_a_pupil_of_the_last_year(tmp_path: Path) -> None:
    """Excluded on 1 June 2027: 30 + 31 + 31 = 92 days to the end of August, and not 305 to the end of March; of 366 in that year,
    so that it is 92 x 365,000 / 366 = 91,748.6 pence."""
    panel = weir(tmp_path, book=BOOK + MONEY)
    excluded(panel, "P7", "2027-06-01", "11")
    told = panel.json("statement", ASH, "--year", "2027", "--as-of", "2027-12-01")["statements"][0]
    assert (told["paid"][0]["excluded"], told["paid"][0]["rest"], told["total_pence"]) == ("P7", 92, -91_749)
    assert told["paid"][0]["why"] == "until 2027-08-31, the end of the school year: the pupil is in year 11, the last"
