"""The command as its users meet it: run in this process or as one of its own, on a small invented panel.

The panel is called Harbour: three schools and one that is to close, six referrals for a meeting on 22 October 2026, and a
rulebook short enough to follow by hand. What it proposes does not depend on the draw:

    R1 (year 9, from Birch)    Ashdown 1/1000 on roll; at Cedar it would be its second pupil of 800
    R2 (year 9, from Ashdown)  Cedar 1/800; at Birch, where R6 must go, it would be the second of 500
    R3                         held: nobody has said whether there is a plan
    R4                         held: the parent has not signed
    R5 (year 11, from Birch)   unplaced: year 11 is full at Ashdown and Cedar
    R6 (year 8, from Ashdown)  Birch, the only school open: kept apart from Cedar
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

import cli
from panel.record.ledger import Ledger
from panel.record.seals import Boxed

CHECKOUT: Final = Path(__file__).resolve().parent.parent

ASHDOWN, BIRCH, CEDAR, DELL = "100001", "100002", "100003", "100004"
MEETS: Final = "2026-10-22"

BOOK: Final = """\
rulebook: harbour
edition: {from: 2026-09-01}
title: Harbour panel
authority: {instrument: What the four schools agreed}
settings:
  furthest: {value: 20000, unit: metres, say: how far a pupil may be sent}
counts:
  load: {of: [placements, outside_admissions], over: academic_year}
limits:
  - id: year-group-full
    per: year_group
    room: year.pan - year.on_roll
    say: "{school.name} may take {room} more in year {referral.year_group}."
    examples:
      - {name: one place, given: {year.pan: 180, year.on_roll: 179}, expect: 1}
      - {name: full, given: {year.pan: 180, year.on_roll: 180}, expect: 0}
holds:
  - id: both-agree
    applies_to: [managed_move]
    when: not (referral.parent_agrees and referral.home_school_agrees)
    say: The family and the home school must both agree.
    examples:
      - {name: both agree, given: {referral.parent_agrees: true, referral.home_school_agrees: true}, expect: silent}
      - {name: the parent does not, given: {referral.parent_agrees: false}, expect: fires}
      - {name: the school does not, given: {referral.home_school_agrees: false}, expect: fires}
  - id: plan
    when: referral.ehcp
    say: A plan has a law of its own.
    examples:
      - {name: a plan, given: {referral.ehcp: true}, expect: fires}
      - {name: no plan, given: {referral.ehcp: false}, expect: silent}
bars:
  - id: kept-apart
    waivable: false
    when: candidate.kept_apart != "none"
    say: "Pupil and {school.name} must be kept apart."
    examples:
      - {name: a police matter, given: {candidate.kept_apart: police}, expect: fires}
      - {name: nothing, given: {candidate.kept_apart: none}, expect: silent}
  - id: home-school
    waivable: false
    when: candidate.is_home_school
    say: "{school.name} is the home school."
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
  - id: closing
    when: school.closing
    say: "{school.name} is to close."
    examples:
      - {name: it is, given: {school.closing: true}, expect: fires}
      - {name: it stays, given: {school.closing: false}, expect: silent}
  - id: exempt
    when: candidate.exempt
    say: "The panel has voted that {school.name} takes nobody for now."
    examples:
      - {name: the panel voted so, given: {candidate.exempt: true}, expect: fires}
      - {name: no vote, given: {candidate.exempt: false}, expect: silent}
  - id: too-far
    when: candidate.metres > settings.furthest
    say: "{school.name} is {candidate.metres} metres away."
    examples:
      - {name: far, given: {candidate.metres: 20001}, expect: fires}
      - {name: near enough, given: {candidate.metres: 20000}, expect: silent}
objectives:
  - place
  - share: {load: load, per: roll}
  - preference: {unranked: 4}
  - journey
  - ticket
  - lottery
"""

SCHOOLS: Final = f"""\
URN,EstablishmentName,EstablishmentStatus (name),StatutoryLowAge,StatutoryHighAge,NumberOfPupils,Easting,Northing
{ASHDOWN},Ashdown School,Open,11,18,1000,620000,400000
{BIRCH},Birch Academy,Open,11,18,500,626000,400000
{CEDAR},Cedar High School,Open,11,16,800,630000,400000
{DELL},Dell School,"Open, but proposed to close",11,16,300,623000,400000
"""

ROOM: Final = {
    ASHDOWN: {8: 5, 9: 1, 10: 5, 11: 0},
    BIRCH: {8: 5, 9: 5, 10: 5, 11: 5},
    CEDAR: {8: 5, 9: 1, 10: 5, 11: 0},
    DELL: {8: 5, 9: 5, 10: 5, 11: 0},
}

TERMS: Final = "from,to\n2026-09-02,2026-10-23\n2026-11-02,2026-12-18\n2027-01-04,2027-03-25\n2027-04-12,2027-07-21\n"

HOME: Final = "622000,400000"
SECRETS: Final = ("ZZ9 9ZZ", "safeguarding", "622000")
"""What the referrals say that nobody may read in an open part of the ledger."""

REFERRALS: Final = f"""\
referral,pupil,kind,year_group,home_school,made_on,easting,northing,postcode,preferences,kept_apart,ehcp,parent_agrees_on,home_school_agrees_on
R1,P1,managed_move,9,{BIRCH},2026-10-01,{HOME},ZZ9 9ZZ,{CEDAR},,no,2026-09-30,2026-09-30
R2,P2,managed_move,9,{ASHDOWN},2026-10-01,{HOME},ZZ9 9ZZ,,,no,2026-09-30,2026-09-30
R3,P3,managed_move,9,{CEDAR},2026-10-01,{HOME},,,,,2026-09-30,2026-09-30
R4,P4,managed_move,9,{CEDAR},2026-10-01,{HOME},,,,no,,2026-09-30
R5,P5,managed_move,11,{BIRCH},2026-10-01,{HOME},,,,no,2026-09-30,2026-09-30
R6,P6,managed_move,8,{ASHDOWN},2026-10-01,{HOME},,,{CEDAR}:safeguarding,no,2026-09-30,2026-09-30
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind: its exit code, its answer and its talk."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer of a command that was asked for JSON."""
        return json.loads(self.out)


def pastoral(*words: str, ledger: Path | None = None, env: Mapping[str, str] | None = None) -> Said:
    """Run the command in this process, through its own `main`: quick, and failures are told as a user sees them."""
    out, err = io.StringIO(), io.StringIO()
    arguments = mock.patch.object(sys, "argv", ["pastoral", *words])
    surroundings = mock.patch.dict(os.environ, _environment(ledger, env), clear=True)
    with surroundings, arguments, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _ending() as ending:
        cli.main()
    return Said(ending.code, out.getvalue(), err.getvalue())


@dataclass(slots=True)
class _Ending:
    code: int = 0


@contextlib.contextmanager
def _ending() -> Iterator[_Ending]:
    ending = _Ending()
    try:
        yield ending
    except SystemExit as exit_:
        ending.code = exit_.code if isinstance(exit_.code, int) else 1


def spawned(*words: str, ledger: Path | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Said:
    """Run the command as a process of its own: what a shell would see."""
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "cli.py"), *words],
        env=_environment(ledger, env), cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def _environment(ledger: Path | None, env: Mapping[str, str] | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASTORAL_", "FORCE_COLOR", "NO_COLOR", "COLUMNS"))}
    own = {"PASTORAL_ACTOR": "clerk", "PYTHONUTF8": "1", **(env or {})}
    return kept | own | ({"PASTORAL_LEDGER": url(ledger)} if ledger else {})


def url(ledger: Path) -> str:
    """A ledger's address."""
    return f"sqlite:///{ledger}"


@dataclass(frozen=True, slots=True)
class Panel:
    """A ledger in a folder of its own, and the command on it."""

    ledger: Path

    @property
    def folder(self) -> Path:
        return self.ledger.parent

    def file(self, name: str, text: str) -> Path:
        """A file beside the ledger."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, *words: str, code: int = 0) -> Said:
        """Run a command that must end in `code`, and never in a traceback."""
        said = pastoral(*words, ledger=self.ledger)
        assert said.code == code, said
        assert "Traceback" not in said.out + said.err
        return said

    def json(self, *words: str, code: int = 0) -> Any:
        """The JSON that a command answers, and nothing else on stdout."""
        return self(*words, "--json", code=code).json

    def refused(self, *words: str) -> str:
        """What a command says that must be refused with exit code 3: nothing on stdout, and nothing recorded."""
        before = self.entries()
        said = self(*words, code=3)
        assert said.out == ""
        assert self.entries() == before
        return said.err

    def remove(self) -> None:
        """The ledger and its keys, to be founded anew."""
        self.ledger.unlink()
        keys_of(self.ledger).unlink()

    def entries(self) -> int:
        """How many entries the ledger has."""
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM entry").fetchone()[0])

    def column(self, name: str, kind: str) -> str:
        """One column of the first entry of a kind."""
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            row = connection.execute(f"SELECT {name} FROM entry WHERE kind = ? ORDER BY seq", (kind,)).fetchone()
        return str(row[0])

    def bodies(self) -> str:
        """Every open part of the ledger: what anybody who holds the file without the sealed table may read."""
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            return "\n".join(" ".join(map(str, row)) for row in connection.execute("SELECT * FROM entry ORDER BY seq"))

    def alter(self, statement: str, *values: object) -> None:
        """Change the file behind the program's back: the guards are taken off first, as a forger would."""
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection, connection:
            triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
            for trigger in triggers:
                connection.execute(f"DROP TRIGGER {trigger}")
            connection.execute(statement, values)

    def reseal(self, seq: int, subject: str, old: str, new: str) -> None:
        """Change what is sealed, as a forger would who has the keys too; the seal then no longer matches."""
        self.alter("SELECT 1")
        with Ledger.open(url(self.ledger)) as ledger:
            vault, (row,) = ledger._vault, [row for row in ledger.sealed() if (row.seq, row.subject) == (seq, subject)]
            assert isinstance(vault, Boxed)
            assert old in row.content
            told = replace(row, content=row.content.replace(old, new))
            box = vault._boxed(told, vault._lock_for(row.subject, row.kind), vault._ours().ledger)
        self.alter("UPDATE sealed SET box = ? WHERE seq = ? AND subject = ?", box, seq, subject)


def places() -> str:
    """The places file: PAN 180, and as many on roll as leave the room named above."""
    rows = [f"{urn},{year},180,{180 - room},2026-09-15" for urn, years in ROOM.items() for year, room in years.items()]
    return "\n".join(("urn,year_group,pan,on_roll,as_at", *rows, ""))


FILES: Final = {
    "harbour.yaml": BOOK,
    "schools.csv": SCHOOLS,
    "places.csv": places(),
    "terms.csv": TERMS,
    "referrals.csv": REFERRALS,
}
STEPS: Final = {
    "loaded": ("init --rulebook harbour.yaml", *(f"load {what} {what}.csv" for what in ("schools", "places", "terms", "referrals"))),
    "opened": (f"meeting open --date {MEETS} --chair Okafor",),
    "drawn": ("meeting draw --words heron",),
    "proposed": ("allocate",),
    "closed": ("decide R1 R2 R6 --confirm", "meeting close"),
}


def keys_of(ledger: Path) -> Path:
    """Where the keys of a ledger are."""
    return ledger.with_name(f"{ledger.name}.keys")


def put(kept: tuple[bytes, bytes], ledger: Path) -> Path:
    """A ledger and its keys, which nobody else may read."""
    ledger.write_bytes(kept[0])
    keys_of(ledger).touch(0o600)
    keys_of(ledger).write_bytes(kept[1])
    return ledger


def taken(ledger: Path) -> tuple[bytes, bytes]:
    """The bytes of a ledger and of its keys."""
    return ledger.read_bytes(), keys_of(ledger).read_bytes()


@functools.cache
def _prepared(stage: str) -> tuple[bytes, bytes]:
    """The bytes of a ledger at a stage and of its keys, made once in a run of the tests by the commands themselves."""
    stages = tuple(STEPS)
    with tempfile.TemporaryDirectory() as folder:
        panel = Panel(Path(folder) / "harbour.db")
        if stage != stages[0]:
            put(_prepared(stages[stages.index(stage) - 1]), panel.ledger)
        for name, text in FILES.items():
            panel.file(name, text)
        for step in STEPS[stage]:
            panel(*(str(panel.folder / word) if word in FILES else word for word in step.split()))
        return taken(panel.ledger)


def harbour(folder: Path, stage: str) -> Panel:
    """The panel of Harbour in `folder`, with its files, at one of the stages: loaded, opened, drawn, proposed, closed."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Panel(put(_prepared(stage), folder / "harbour.db"))
