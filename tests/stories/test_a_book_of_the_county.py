"""Two partnerships share a book of their county: each local file stands on it, and a panel goes on by its own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import Panel, pastoral

COUNTY = """\
rulebook: county
edition: {from: 2026-09-01}
title: County agreement
authority: {instrument: County agreement (invented)}
extends: england
counts:
  taken: {of: placements, over: academic_year}
objectives: [place, lottery]
"""
LOCAL = """\
rulebook: quay
edition: {from: %s}
title: Quay partnership
authority: {instrument: Quay agreement (invented)}
extends: county
objectives: [place, {share: {load: taken, per: equal}}, lottery]
"""
ALONE = LOCAL.replace("county", "england").replace("{share: {load: taken, per: equal}}, ", "")


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    panel = Panel(tmp_path / "quay.db")
    panel.file("county.yaml", COUNTY)
    panel.file("quay.yaml", LOCAL % "2026-09-01")
    return panel


def test_the_book_below_lies_beside_the_file(panel: Panel) -> None:
    own = str(panel.folder / "quay.yaml")
    for command in ("check", "test", "show", "record"):
        assert pastoral("rules", command, own).code == 0
    assert "It stands on county from 2026-09-01" in pastoral("rules", "show", own).out
    founded = panel.json("init", "--rulebook", own)
    assert [(one["name"], one["edition"]) for one in founded["rulebooks"]] == [
        ("england", "2021-09-01"),
        ("england", "2026-07-26"),
        ("county", "2026-09-01"),
        ("quay", "2026-09-01"),
    ]


def test_the_ledger_holds_what_the_folder_no_longer_has(panel: Panel) -> None:
    own = str(panel.folder / "quay.yaml")
    panel("init", "--rulebook", own)
    (panel.folder / "county.yaml").unlink()
    told = pastoral("rules", "check", own)
    assert told.code == 3
    assert (
        "A book of your own is found in the same folder, in a .yaml file with `rulebook: county`, or in the ledger of --ledger." in told.err
    )
    for command in ("check", "test", "show"):
        assert pastoral("rules", command, own, "--ledger", f"sqlite:///{panel.ledger}").code == 0
    panel.file("next.yaml", LOCAL % "2027-09-01")
    adopted = panel.json("rules", "adopt", str(panel.folder / "next.yaml"))["adopted"]
    assert [(one["name"], one["edition"]) for one in adopted] == [("quay", "2027-09-01")]


def test_a_panel_that_stood_alone_stands_on_the_county_in_its_next_edition(panel: Panel) -> None:
    """From 1 September 2027 the meetings of quay are by quay on county; before, by quay alone. A book of another line is refused."""
    panel("init", "--rulebook", str(panel.file("alone.yaml", ALONE % "2026-09-01")))
    before = panel.entries()
    other = panel.file("pier.yaml", (LOCAL % "2027-09-01").replace("rulebook: quay", "rulebook: pier"))
    assert panel.refused("rules", "adopt", str(other)) == (
        "This panel decides by the line 'quay', as it was founded and what it stands on (england); 'pier' is another line, and no meeting"
        " would open under it. Nothing was adopted. Write it as the next edition of 'quay': `rulebook: quay`, with a day of its own in"
        " `edition`. Such an edition may stand on another book with `extends`, which is then adopted with it.\n"
    )
    assert "'county' is another line" in panel.refused("rules", "adopt", str(panel.folder / "county.yaml"))
    assert panel.entries() == before
    (panel.folder / "quay.yaml").unlink()
    adopted = panel.json("rules", "adopt", str(panel.file("next.yaml", LOCAL % "2027-09-01")))["adopted"]
    assert [(one["name"], one["edition"]) for one in adopted] == [("county", "2026-09-01"), ("quay", "2027-09-01")]
    for on, below in (("2027-07-01", "england"), ("2027-09-10", "county")):
        layers = panel.json("rules", "show", f"quay@{on}", "--ledger", f"sqlite:///{panel.ledger}")["layers"]
        assert [layer["name"] for layer in layers][:2] == ["quay", below]
    later = panel.file("county-2027.yaml", COUNTY.replace("2026-09-01", "2027-10-01"))
    assert [one["name"] for one in panel.json("rules", "adopt", str(later))["adopted"]] == ["county"]


def test_what_lies_beside_is_checked_with_the_file(panel: Panel) -> None:
    own = str(panel.folder / "quay.yaml")
    panel.file("county.yaml", COUNTY.replace("placements", "placings"))
    assert "county.yaml line 7" in pastoral("rules", "check", own).err
    panel.file("county.yaml", COUNTY)
    panel.file("county-again.yml", COUNTY)  # the same text twice is one edition
    assert pastoral("rules", "check", own).code == 0
    panel.file("county-other.yaml", COUNTY.replace("County agreement\n", "Another agreement\n"))
    told = pastoral("rules", "check", own)
    assert told.code == 3
    assert "Two editions of one line cannot begin on the same day." in told.err
    (panel.folder / "county-other.yaml").write_bytes(COUNTY.replace("County", "Côté").encode("latin-1"))
    told = pastoral("rules", "check", own)
    assert told.code == 3
    assert told.err.startswith("county-other.yaml, the book county that is extended, is not UTF-8 text")
    (panel.folder / "county-other.yaml").unlink()
    panel.file("county.yaml", COUNTY.replace("extends: england", "extends: quay"))
    (panel.folder / "county-again.yml").unlink()
    assert "a cycle: quay extends county extends quay" in pastoral("rules", "check", own).err
