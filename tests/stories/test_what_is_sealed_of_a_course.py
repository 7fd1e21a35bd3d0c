"""Every step of a case that takes words is sealed, and an erasure takes them all: after a break-down, a correction, a reversal too."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from panel import events as ev
from panel.record.ledger import Ledger
from tests.courses import ASH, BEECH, BOOK, COB, UNIT, meet, refer, weir
from tests.running import Panel, pastoral, put, taken, url

IDENTITIES: Final = """\
pupil,upn,family_name,given_names,born_on,address
P1,Z999000111222,Tallowfield,Merrion Ada,2013-02-03,17 Quince Walk
P2,Z888000111222,Brackenridge,Odo,2013-05-06,4 Elm Yard
"""
WHO: Final = ("Z999000111222", "Tallowfield", "Merrion", "2013-02-03", "Quince")
WITH_PAPERS: Final = (
    BOOK
    + "  fair_access: {agreed_by: [parent, receiving_admission_authority]}\npapers:\n  risk_note: what could go wrong\n  letter: a letter\n"
)
CASE: Final = ("QX1 1QX", "611111", "433333", "611112", f'"{UNIT}":"safeguarding"')
NAMES: Final = (
    "interest declined school parent given review extended broke withdrawn reversed announced answered dropped corrected signature "
    "journey board ended"
)
WORDS: Final = tuple(f"zq{name} of the lighthouse" for name in NAMES.split())
SAID: Final = dict(zip((word.split()[0][2:] for word in WORDS), WORDS, strict=True))
WHY: Final = "kept as long as the policy says"


def holds(whole: str | bytes, secret: str) -> bool:
    """Whether something tells a secret; digits within a digest tell nothing."""
    text = whole if isinstance(whole, str) else whole.decode("utf-8", "replace")
    return re.search(rf"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])", text) is not None


def why(name: str) -> tuple[str, str]:
    return "--reason", SAID[name]


def course(folder: Path) -> tuple[Panel, list[str]]:
    """All that can be said of P1 in words, in four cases one after another; and every answer."""
    panel, said = weir(folder, book=WITH_PAPERS), list[str]()

    def tell(*words: str) -> None:
        done = panel(*words)
        said.extend((done.out, done.err))

    panel("load", "identities", str(panel.file("identities.csv", IDENTITIES)))
    panel("exclusion", "record", "--pupil", "P1", "--school", ASH, "--on", "2026-09-28", "--year-group", "9")
    refer(panel, "R1", "P1", "fair_access", "--postcode", CASE[0], "--easting", CASE[1], "--northing", CASE[2], "--kept-apart",
          f"{UNIT}:safeguarding")  # fmt: skip
    refer(panel, "R2", "P2", "fair_access")
    tell("paper", "R1", "risk_note", "--on", "2026-10-02")
    tell("agree", "R1", "--by", "parent", "--sharing", "--on", "2026-10-02")
    ways = f"pupil,urn,metres,method\nP1,{BEECH},654321,walked\n"
    tell("load", "journeys", str(panel.file("journeys.csv", ways)))
    # Refused by the school, then by the family; then directed, and decided again.
    for day, by in (("2026-10-08", COB), ("2026-10-15", "parent")):
        panel("meeting", "open", "--date", day, "--chair", "Okafor")
        panel("meeting", "draw", "--words", "heron")
        tell("allocate")
        if by == COB:
            tell("meeting", "interest", ASH, "R1", *why("interest"))
            tell("decide", "R2", "--decline", *why("declined"))
            tell("decide", "R1", "--school", COB, *why("given"))
        else:
            tell("decide", "R1", "--confirm")
        tell("meeting", "close")
        tell("refuse", "R1", "--by", by, "--on", day, *why("school" if by == COB else "parent"))
    for step, on in (("announced", "2026-10-16"), ("answered", "2026-10-19"), ("dropped", "2026-10-20")):
        tell("direct", "R1", "--school", COB, "--step", step, "--on", on, *why(step))
    meet(panel, "2026-10-22", "R1")
    for who in ("parent", BEECH):
        tell("accept", "R1", "--by", who, "--on", "2026-10-23")
    tell("tell", "R1", "--on", "2026-10-24")
    tell("correct", "R1", "--set", f"easting={CASE[3]}", *why("corrected"))
    number = next(n for n, kind in enumerate(kinds(panel), start=1) if kind == "information-sharing agreed")
    tell("correct", "--entry", str(number), "--set", "on=2026-10-03", *why("signature"))
    number = next(n for n, kind in enumerate(kinds(panel), start=1) if kind == "journeys recorded")
    tell("correct", "--entry", str(number), "--set", "metres=654322", "--set", f"urn={BEECH}", *why("journey"))
    tell("start", "R1", "--on", "2026-11-02")
    tell("transport", "claim", "R1", "--pence", "21600", "--from", "2026-11-02", "--until", "2026-11-20")
    tell("break-down", "R1", "--on", "2027-01-20", "--kind", "off_site_direction", *why("broke"))
    as_a_direction(panel, tell)
    return panel, said


def as_a_direction(panel: Panel, tell: Callable[..., None]) -> None:
    """The case comes back as a direction off site: the board first says no."""
    for day in ("2027-01-21", "2027-02-04"):
        meet(panel, day, "R1-2")
        if day == "2027-01-21":
            tell("board", "R1-2", "--on", "2027-01-22", "--against", *why("board"))
    tell("board", "R1-2", "--on", "2027-02-05")
    tell("notice", "R1-2", "--on", "2027-02-05")
    tell("start", "R1-2", "--on", "2027-02-22", "--until", "2027-03-19")
    tell("review", "R1-2", "--on", "2027-03-10", "--said", SAID["review"])
    tell("extend", "R1-2", "--on", "2027-03-12", "--until", "2027-03-25", *why("extended"))
    tell("end", "R1-2", "--as", "managed-move", "--on", "2027-03-24", *why("ended"))
    tell("withdraw", "R1-3", "--on", "2027-03-25", *why("withdrawn"))
    of = ("--pupil", "P1", "--school", ASH, "--excluded-on", "2026-09-28")
    tell("exclusion", "reverse", *of, "--how", "quashed", "--on", "2027-04-20", *why("reversed"))


def kinds(panel: Panel) -> list[str]:
    with Ledger.open(url(panel.ledger)) as ledger:
        return [entry.kind for entry in ledger.chain()]


def answers(panel: Panel) -> str:
    """What every command says that reads a case, as a page and as data."""
    asked = (
        "case R1", "case R1-2", "explain R1", "explain R1-2", "explain --matrix", "position", "due", "due --strict", "directions",
        "report annual", "report target", "transport show", "meeting show", "audit verify", "audit replay", "audit equity",
    )  # fmt: skip
    said = []
    for words in asked:
        for more in ((), ("--json",)):
            done = pastoral(*words.split(), *more, ledger=panel.ledger)
            assert done.code in (0, 1, 3), (words, done)
            said += [done.out, done.err]
    return "".join(said)


def exported(panel: Panel, *options: str) -> bytes:
    path = panel.folder / "export.zip"
    panel("audit", "export", "-o", str(path), *options)
    with zipfile.ZipFile(path) as packed:
        whole = b"".join(packed.read(name) for name in packed.namelist())
    path.unlink()
    return whole


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Panel, list[str]]:
    return course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def erased(told: tuple[Panel, list[str]], tmp_path: Path) -> Panel:
    panel = Panel(put(taken(told[0].ledger), tmp_path / "weir.db"))
    panel("person", "erase", "P1", "--reason", WHY, "--yes")
    return panel


def test_no_word_of_it_is_open(told: tuple[Panel, list[str]]) -> None:
    panel, said = told
    with Ledger.open(url(panel.ledger)) as ledger:
        plain = "".join(row.content for row in ledger.sealed())
        sealed = {row.seq: row.subject for row in ledger.sealed() if any(word in row.content for word in WORDS)}
    for secret in (*WHO, *CASE, *WORDS, "654321", "654322", "risk_note"):
        assert holds(plain, secret), secret  # or what is looked for would prove nothing
    assert set(sealed.values()) == {"P1", "P2"}
    raw = panel.ledger.read_bytes() + exported(panel)
    everything = "".join((*said, panel.bodies()))
    for secret in (*WHO, *CASE, *WORDS, "654321", "654322"):
        assert not holds(everything, secret), secret
        assert not holds(raw, secret), secret
    assert "risk_note" not in panel.bodies().replace(json.dumps(WITH_PAPERS)[1:-1], "")
    assert b'"risk_note"' not in exported(panel)
    shown = answers(panel)
    for secret in (*WHO, CASE[0]):
        assert secret not in shown, secret


def test_an_erasure_takes_every_word_of_it(erased: Panel) -> None:
    with Ledger.open(url(erased.ledger)) as ledger:
        left = ledger.sealed()
    assert "P1" not in {row.subject for row in left}
    plain = "".join(row.content for row in left)
    words = tuple(word for word in WORDS if word != SAID["declined"])
    own = (*WHO, *CASE, *words, "654321", "654322", "risk_note")
    for secret in own:
        assert not holds(plain, secret), secret
    assert SAID["declined"] in plain  # P2's
    shown = answers(erased)
    raw = erased.ledger.read_bytes() + exported(erased) + exported(erased, "--with-cases")
    for secret in own[:-1]:
        assert not holds(shown, secret), secret
        assert not holds(raw, secret), secret
    assert erased.json("audit", "verify")["problems"] == []
    assert erased.json("audit", "replay")["divergences"] == []


def test_every_kind_that_seals_anything_of_one_child_was_said(told: tuple[Panel, list[str]]) -> None:
    """What this story leaves out is said in others."""
    said = set(kinds(told[0]))
    sealing = {event.kind for event in ev.EVENTS if {"case", "identity"} & set(event.model_fields)}
    elsewhere = {"outside admission", "placement before the ledger", "partner refused", "exemption voted", "person erased"}
    assert sealing - said == elsewhere
