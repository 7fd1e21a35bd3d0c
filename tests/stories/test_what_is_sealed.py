"""A child's case is nobody's business but the panel's: what is sealed stands in no open part of the file and in no failure."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from panel.record.ledger import Ledger
from panel.steps import meeting
from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, HOME, SECRETS, Panel, harbour, url

REASONS = ("quarrel with a cousin", "mother in hospital", "no longer wanted", "a term of building work", "the governors object")


def told_whole(tmp_path: Path) -> Panel:
    """A meeting in which everything is said that must be sealed."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", REASONS[0])
    panel("decide", "R2", "--defer", "--reason", REASONS[1])
    panel("withdraw", "R4", "--on", "2026-10-22", "--reason", REASONS[2])
    panel("exempt", BIRCH, "--from", "2026-10-01", "--until", "2026-12-18", "--reason", REASONS[3])
    panel("refuse", "R1", "--by", CEDAR, "--reason", REASONS[4])
    panel("allocate", "--again")
    panel("meeting", "close")
    return panel


def test_the_open_parts_hold_nothing_of_it(tmp_path: Path) -> None:
    bodies = told_whole(tmp_path).bodies()
    assert '"referral":"R1"' in bodies
    for secret in (*SECRETS, *REASONS, HOME.split(",")[0], '"kept_apart"', '"preferences"', '"postcode"', '"easting":622000'):
        assert secret not in bodies, secret


def test_the_sealed_parts_hold_it(tmp_path: Path) -> None:
    """Or the test above would prove nothing."""
    with Ledger.open(url(told_whole(tmp_path).ledger)) as ledger:
        plain = "".join(row.content for row in ledger.sealed())
    for secret in (*SECRETS, *REASONS, "kept_apart"):
        assert secret in plain, secret


def test_no_word_of_it_stands_in_the_file_nor_in_that_of_its_keys(tmp_path: Path) -> None:
    """A live ledger, from which nobody erased anything."""
    panel = told_whole(tmp_path)
    data = b"".join(path.read_bytes() for path in panel.folder.iterdir() if path.name.startswith(panel.ledger.name))
    assert b'"referral":"R1"' in data
    for secret in (*SECRETS, *REASONS, '"kept_apart"', '"preferences"'):
        assert secret.encode() not in data, secret
    with Ledger.open(url(panel.ledger)) as ledger:
        rows = ledger.sealed()
    assert len(rows) > 20
    for row in rows:
        assert row.salt not in data  # or who has no key could try out what stands under the commitment
        assert row.salt.hex().encode() not in data


def test_no_nonce_serves_twice(tmp_path: Path) -> None:
    with closing(sqlite3.connect(told_whole(tmp_path).ledger)) as connection:
        boxes = [bytes(box) for table in ("sealed", "wrapped") for (box,) in connection.execute(f"SELECT box FROM {table}")]
    assert len(boxes) > 40
    assert len({box[:12] for box in boxes}) == len(boxes)


def test_refusals_name_the_rule_and_not_the_case(tmp_path: Path) -> None:
    panel = told_whole(tmp_path)
    said = "".join(
        panel.refused(*words)
        for words in (
            ("decide", "R6", "--school", CEDAR, "--reason", REASONS[0]),
            ("accept", "R1", "--by", CEDAR),
            ("withdraw", "R4", "--on", "2026-10-22", "--reason", REASONS[2]),
            (
                "refer",
                "R6",
                "--pupil",
                "P6",
                "--kind",
                "managed_move",
                "--year-group",
                "8",
                "--made-on",
                "2026-10-01",
                "--home-school",
                ASHDOWN,
            ),
        )
    )
    for secret in (*SECRETS, *REASONS):
        assert secret not in said, secret


def test_a_bad_home_is_not_quoted(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    bad = panel.file(
        "bad.csv",
        "referral,pupil,kind,year_group,home_school,made_on,easting,northing,postcode\n"
        f"R9,P9,managed_move,9,{DELL},2026-10-01,62200O,400000,ZZ9 9ZZ and the red door\n",
    )
    said = panel.refused("load", "referrals", str(bad))
    assert said == (
        "bad.csv: 2 problems in 1 row; nothing was recorded.\n"
        "  bad.csv row 2, easting: wanted a whole number, 0 to 700000. Write digits only, without separators, decimals or units.\n"
        "  bad.csv row 2, postcode: wanted text of at most 12 characters\n"
    )


def test_an_unforeseen_failure_quotes_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object, **named: object) -> None:
        raise RuntimeError("P1 lives at ZZ9 9ZZ")

    monkeypatch.setattr(meeting, "the_open_meeting", fails)
    panel = harbour(tmp_path, "proposed")
    said = panel("decide", "R1", "--confirm", code=4)
    assert (said.out, said.err) == (
        "",
        "Something went wrong in the program itself (RuntimeError). Run it again with --debug to see where.\n",
    )
    assert panel.json("decide", "R1", "--confirm", code=4)["error"]["kind"] == "unforeseen"
