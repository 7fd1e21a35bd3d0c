"""An export is enough for somebody outside: checked from docs/ledger-format.md alone, and nothing sealed is in it unless it was asked for.

`Outsider` is written from that page ('An export') with Python's standard library, and shares nothing with the program; the
form of canonical JSON and the SHA-256 are those that tests/test_ledger_format.py wrote from it.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import sqlite3
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from panel.copies.export import open_counts
from panel.record.ledger import Ledger
from panel.state.records import State
from panel.steps.office import Office
from rules.book import Rulebook
from rules.rulebook import Shelf
from tests.attacks.forgery import shire11
from tests.certificate_checker import verify as certificate_holds
from tests.running import ASHDOWN, BIRCH, CEDAR, SECRETS, Panel, harbour, put
from tests.test_ledger_format import ZEROS, is_canonical_object, sha, write

CASES: Final = "cases/"
MOMENT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


@dataclass(frozen=True)
class Outsider:
    """The files of an export, in the hands of somebody who has nothing else."""

    files: dict[str, bytes]

    @classmethod
    def of(cls, raw: bytes) -> Outsider:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            assert archive.testzip() is None
            assert [one.filename for one in archive.infolist()] == sorted(archive.namelist())
            assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            return cls({name: archive.read(name) for name in archive.namelist()})

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[name].decode().splitlines()]

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files[f"tables/{name}.csv"].decode())))

    def wrong(self) -> list[str]:
        """What the page says is to be checked, by its steps; S for the sums, R for the rulebooks."""
        found = self._sums() + self._entries() + self._rulebooks()
        return found + (self._cases() if f"{CASES}cases.jsonl" in self.files else [])

    def _sums(self) -> list[str]:
        said = {line[66:]: line[:64] for line in self.files["SHA256SUMS"].decode().splitlines()}
        there = {name: sha(raw) for name, raw in self.files.items() if name != "SHA256SUMS"}
        return sorted(f"S: {name}" for name in said.keys() | there.keys() if said.get(name) != there.get(name))

    def _entries(self) -> list[str]:
        wrong, last, moment = [], ZEROS, ""
        for n, row in enumerate(self.lines("entries.jsonl"), start=1):
            body, previous, digest = row.pop("body"), row["previous"], row.pop("digest")
            good = is_canonical_object(body) and re.fullmatch(MOMENT, row["recorded_at"]) and row["recorded_at"] >= moment
            header = write({**row, "body": sha(body.encode())}).encode()
            steps = {"1": row["seq"] == n, "2": good, "3": previous == last, "4": digest == sha(b"pastoral/entry/1\n", header)}
            wrong += [f"{step}: {n}" for step, right in steps.items() if not right]
            last, moment = digest, row["recorded_at"]
        return wrong

    def _rulebooks(self) -> list[str]:
        adopted = [json.loads(row["body"]) for row in self.lines("entries.jsonl") if row["kind"] == "rulebook adopted"]
        texts = {name: raw for name, raw in self.files.items() if name.startswith("rulebooks/")}
        digests = {sha(b"pastoral/rulebook/1\n", raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")) for raw in texts.values()}
        return [] if digests == {body["digest"] for body in adopted} and len(texts) == len(adopted) else ["R"]

    def _cases(self) -> list[str]:
        committed = {
            (row["seq"], one["subject"], one["class"]): one["commitment"]
            for row in self.lines("entries.jsonl")
            for one in json.loads(row["body"]).get("seals", [])
        }
        wrong = []
        for part in self.lines(f"{CASES}cases.jsonl"):
            key = (part["seq"], part["subject"], part["class"])
            seal = sha(b"pastoral/seal/1\n", bytes.fromhex(part["salt"]), part["content"].encode())
            if committed.pop(key, None) != seal or not is_canonical_object(part["content"]):
                wrong.append(f"5: {part['seq']}")
        return wrong + [f"6: {seq}" for seq, _, kind in committed if kind == "case"]


def exported(panel: Panel, name: str, *words: str) -> Outsider:
    file = panel.folder / name
    panel("audit", "export", "-o", str(file), *words)
    return Outsider.of(file.read_bytes())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """The Shire11 story to its end, and one child's identity."""
    panel = Panel(tmp_path_factory.mktemp("export") / "shire11.db")
    put(shire11(), panel.ledger)
    who = "pupil,upn,family_name,given_names,born_on\nP08,Z999999999999,Quillfeather,Ottoline,2013-02-29\n".replace("02-29", "02-27")
    panel("load", "identities", str(panel.file("identities.csv", who)))
    return panel


@pytest.fixture(scope="module")
def open_export(story: Panel) -> Outsider:
    return exported(story, "open.zip")


@pytest.fixture(scope="module")
def whole_export(story: Panel) -> Outsider:
    return exported(story, "whole.zip", "--with-cases")


def rows(panel: Panel, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(panel.ledger)) as connection:
        return connection.execute(query).fetchall()


# --- an outsider checks it ---


def test_an_outsider_finds_nothing_wrong(open_export: Outsider, whole_export: Outsider, story: Panel) -> None:
    assert open_export.wrong() == whole_export.wrong() == []
    columns = ("seq", "recorded_at", "actor", "kind", "body", "previous", "digest")
    assert [tuple(row[name] for name in columns) for row in open_export.lines("entries.jsonl")] == rows(story, "SELECT * FROM entry")
    with Ledger.open(f"sqlite:///{story.ledger}") as ledger:
        sealed = [(row.seq, row.subject, row.kind, row.salt.hex(), row.content) for row in ledger.sealed() if row.kind == "case"]
    told = whole_export.lines(f"{CASES}cases.jsonl")
    assert [(one["seq"], one["subject"], one["class"], one["salt"], one["content"]) for one in told] == sealed


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("entries.jsonl", b"M. Okafor", b"M. Okafer", ["S: entries.jsonl", "4: 191"]),
        ("rulebooks/shire11-2026-09-01.yaml", b"settings", b"Settings", ["S: rulebooks/shire11-2026-09-01.yaml", "R"]),
        (f"{CASES}cases.jsonl", b"safeguarding", b"safeguardinG", [f"S: {CASES}cases.jsonl", "5: 166"]),
        ("tables/decisions.csv", b"R01", b"R99", ["S: tables/decisions.csv"]),
    ],
)
def test_an_outsider_finds_what_was_changed(whole_export: Outsider, file: str, old: bytes, new: bytes, wrong: list[str]) -> None:
    assert old in whole_export.files[file]
    forged = Outsider({**whole_export.files, file: whole_export.files[file].replace(old, new, 1)})
    assert forged.wrong() == wrong


def test_a_proof_taken_from_it_holds(whole_export: Outsider) -> None:
    certificates = [json.loads(raw) for name, raw in whole_export.files.items() if name.startswith(f"{CASES}certificates/")]
    assert [one["meeting"] for one in certificates] == [1, 2, 2, 3]
    for one in certificates:
        certificate_holds(one)


def test_everything_can_be_decided_again_from_it(whole_export: Outsider, tmp_path: Path) -> None:
    auditor = Panel(tmp_path / "ledger.db")
    auditor.ledger.write_bytes(whole_export.files[f"{CASES}ledger.db"])
    replayed = auditor.json("audit", "replay")
    assert (replayed["ok"], replayed["decisions"], replayed["divergences"]) == (True, 4, [])
    problems = auditor.json("audit", "verify", code=1)["problems"]
    assert [problem["kind"] for problem in problems] == ["sealed part missing"]  # the identity, which is never handed out


# --- what is in it ---


def leaves(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(leaves, value.values()))
    if isinstance(value, list):
        return set().union(*map(leaves, value))
    return set() if isinstance(value, bool) else {str(value)}


def test_nothing_sealed_is_in_it(story: Panel, open_export: Outsider) -> None:
    """Every word and every long number that is sealed in the story, unless an open entry says it too."""
    with Ledger.open(f"sqlite:///{story.ledger}") as ledger:
        sealed = ledger.sealed()
    words = set().union(*(leaves(json.loads(row.content)) for row in sealed)) | {row.salt.hex() for row in sealed}
    said_openly = story.bodies() + "lottery"
    secret = {word for word in words if len(word) > 3 and word not in said_openly}
    reasons = {"the family visits the school next week", "two teachers of the year are away", "Quillfeather", "Ottoline", "Z999999999999"}
    assert reasons <= secret
    assert len(secret) > 300
    everything = b"\n".join(open_export.files.values()).decode("utf-8", "replace")
    assert {word for word in secret if re.search(rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])", everything)} == set()
    assert not [name for name in open_export.files if name.startswith(CASES)]
    assert b"CREATE TABLE sealed" not in open_export.files["open.db"]


def test_identities_are_in_no_export(whole_export: Outsider) -> None:
    everything = b"\n".join(whole_export.files.values())
    for word in (b"Quillfeather", b"Ottoline", b"Z999999999999", b"2013-02-27"):
        assert word not in everything
    assert b"the family visits the school next week" in everything  # or the line above would prove nothing


def test_two_exports_of_one_record_are_the_same(story: Panel, tmp_path: Path) -> None:
    copy = Panel(tmp_path / "copy.db")
    with Ledger.open(f"sqlite:///{story.ledger}") as ledger:
        ledger.copy_to(f"sqlite:///{copy.ledger}").close()
    for words in ((), ("--with-cases",)):
        files = [tmp_path / f"{n}{len(words)}.zip" for n in range(2)]
        for panel, file in zip((story, copy), files, strict=True):
            panel("audit", "export", "-o", str(file), *words)
        assert files[0].read_bytes() == files[1].read_bytes()
        assert files[0].stat().st_mode & 0o777 == (0o600 if words else 0o644)


def test_the_open_copy_is_read_by_any_browser_and_is_no_ledger(open_export: Outsider, tmp_path: Path) -> None:
    (tmp_path / "open.db").write_bytes(open_export.files["open.db"])
    with contextlib.closing(sqlite3.connect(tmp_path / "open.db")) as connection:
        views = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        for name in views:
            told = connection.execute(f'SELECT * FROM "{name}"')
            header = [column for column, *_ in told.description]
            cells = [["" if cell is None else str(cell) for cell in row] for row in told]
            assert [header, *cells] == list(csv.reader(io.StringIO(open_export.files[f"tables/{name.replace(' ', '-')}.csv"].decode())))
        where = 'SELECT to_name, outcome, receiving_school FROM "who went where" WHERE referral = ?'
        assert connection.execute(where, ("R08",)).fetchall() == [("Hollinsedge School", "overridden", "agreed")]
    assert "is a SQLite file, but not a ledger" in Panel(tmp_path / "open.db")("audit", "verify", code=4).err


def test_the_tables_say_what_the_record_says(open_export: Outsider, story: Panel) -> None:
    """The program's own reading of the same entries is the judge of the views."""
    with Office(Ledger.open(f"sqlite:///{story.ledger}"), actor="auditor") as office:
        state: State = office.state
    assert {row["referral"]: row["status"] for row in open_export.table("referrals")} == {
        name: referral.status for name, referral in state.referrals.items()
    }
    assert {row["referral"]: (row["to_school"], row["starts"]) for row in open_export.table("who-went-where")} == {
        name: (str(held.decision.school), str(held.decision.starts))
        for name, held in state.referrals.items()
        if held.status == "decided" and held.decision
    }
    taken = [decision for held in state.meetings for decision in held.decisions.values()]
    assert [(row["referral"], row["outcome"], row["school"]) for row in open_export.table("decisions")] == [
        (decision.referral, decision.outcome, decision.school or "") for decision in taken
    ]
    assert [(row["meeting"], row["date"], row["words"].split()) for row in open_export.table("meetings")] == [
        (str(held.number), str(held.on), list(held.drawn.words) if held.drawn else []) for held in state.meetings
    ]
    assert {row["urn"]: (row["name"], row["roll"]) for row in open_export.table("schools")} == {
        urn: (school.name, "" if school.roll is None else str(school.roll)) for urn, school in state.schools.items()
    }


def test_what_changed_later_is_in_the_tables(tmp_path: Path) -> None:
    """A school recorded again, a case declined, one deferred and one that the receiving school refused, then placed elsewhere."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R6", "--decline", "--reason", "x")
    panel("decide", "R5", "--defer", "--reason", "x")
    panel("decide", "R1", "R2", "--confirm")
    panel("meeting", "close")
    panel("refuse", "R1", "--by", ASHDOWN, "--reason", "x")
    panel("refuse", "R2", "--by", CEDAR, "--reason", "x")
    schools = (tmp_path / "schools.csv").read_text(encoding="utf-8")
    panel("load", "schools", str(panel.file("again.csv", schools.replace("Ashdown School", "Ashdown Academy").replace(",1000,", ",1010,"))))
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "O")
    panel("decide", "R1", "--school", CEDAR, "--reason", "x")
    told = exported(panel, "a.zip")
    status = {"R1": "decided", "R2": "waiting", "R3": "waiting", "R4": "waiting", "R5": "waiting", "R6": "declined"}
    assert {row["referral"]: row["status"] for row in told.table("referrals")} == status
    assert [(row["referral"], row["to_name"], row["meeting"]) for row in told.table("who-went-where")] == [("R1", "Cedar High School", "2")]
    decisions = [(row["referral"], row["outcome"], row["proposed_school"]) for row in told.table("decisions")]
    assert decisions == [
        ("R6", "declined", BIRCH),
        ("R5", "deferred", ""),
        ("R1", "confirmed", ASHDOWN),
        ("R2", "confirmed", CEDAR),
        ("R1", "overridden", ""),
    ]
    assert [(row["referral"], row["answer"]) for row in told.table("answers-of-schools")] == [("R1", "refused"), ("R2", "refused")]
    assert [(row["name"], row["roll"]) for row in told.table("schools") if row["urn"] == ASHDOWN] == [("Ashdown Academy", "1010")]
    assert [row["on_the_agenda"] for row in told.table("meetings")] == ["6", "5"]


def test_where_the_schools_stood_is_what_position_says(open_export: Outsider, story: Panel) -> None:
    for day in ("2026-09-24", "2026-10-22", "2026-11-26"):
        standing = {one["school"]: one for one in story.json("position", "--as-of", day)["schools"]}
        told = [row for row in open_export.table("positions") if row["as_of"] == day]
        assert {row["school"] for row in told} == set(standing)
        for row in told:
            for name in ("roll", "load", "share", "quota_left", "turn", "permanent_exclusions"):
                wanted = standing[row["school"]][name]
                assert row[name] == ("" if wanted is None else str(wanted))
        counts = [row for row in open_export.table("counts") if row["as_of"] == day]
        assert counts
        for row in counts:
            assert int(row["number"]) == standing[row["school"]]["counts"][row["count"]]


# --- what a count could give away ---

LINE: Final = "rulebook: open\nedition: {from: 2026-09-01}\ntitle: T\nauthority: {instrument: I}\n"
COUNTS: Final = """\
counts:
  all: {of: [placements, outside_admissions], over: academic_year}
  excluded: {of: placements, where: admission.after_exclusion, over: academic_year}
  without_plan: {of: placements, where: not admission.ehcp, over: academic_year}
objectives: [place]
"""


def book(text: str) -> Rulebook:
    shelf = Shelf.of([(text, "open.yaml")])
    return shelf.in_force("open", shelf.editions[0].edition)


def test_a_count_that_reads_a_sealed_fact_is_not_told() -> None:
    """Whether A01 has a plan could be told from a count of those without one, beside the open list of who came."""
    assert open_counts(book(LINE + COUNTS)) == {"all", "excluded"}


def test_a_school_without_the_share_that_cases_make(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    text = (
        (tmp_path / "harbour.yaml")
        .read_text(encoding="utf-8")
        .replace("over: academic_year}", "over: academic_year, where: not admission.ehcp}")
    )
    panel.remove()
    panel("init", "--rulebook", str(panel.file("harbour.yaml", text)))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(tmp_path / f"{what}.csv"))
    for words in (("meeting", "open", "--date", "2026-10-22", "--chair", "O"), ("meeting", "draw", "--words", "x"), ("allocate",)):
        panel(*words)
    panel("decide", "R1", "--confirm")
    closed, whole = exported(panel, "a.zip"), exported(panel, "b.zip", "--with-cases")
    assert {row["load"] for row in closed.table("positions")} == {""}
    assert [row["load"] for row in whole.table("positions")] == ["1", "0", "0", "0"]
    assert (closed.table("counts"), len(whole.table("counts"))) == ([], 4)
    assert "because they are counted by sealed cases: load." in closed.files["README.txt"].decode()
    for secret in SECRETS:
        assert secret.encode() not in b"".join(closed.files.values())


# --- what is handed over with it, and what is refused ---


def test_checkpoints_and_keys_go_with_it(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    key, kept = tmp_path / "clerk.key", tmp_path / "oct.checkpoint"
    panel("keys", "new", "harbour/clerk", "-o", str(key))
    panel("audit", "checkpoint", "--key", str(key), "-o", str(kept))
    public = tmp_path / "clerk.pub"
    outsider = exported(panel, "with.zip", "--checkpoint", str(kept), "--key", str(public))
    assert outsider.files["checkpoints/oct.checkpoint"] == kept.read_bytes()
    assert outsider.files["keys/clerk.pub"] == public.read_bytes()
    assert outsider.wrong() == []
    assert "private" in panel.refused("audit", "export", "-o", str(tmp_path / "no.zip"), "--key", str(key))
    other = harbour(tmp_path_of(tmp_path, "other"), "drawn")
    said = other.refused("audit", "export", "-o", str(tmp_path / "no.zip"), "--checkpoint", str(kept))
    assert "is no checkpoint of this record as it stands: " in said
    assert not (tmp_path / "no.zip").exists()


def tmp_path_of(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def test_nothing_is_written_over_and_a_changed_record_is_not_exported(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    told = panel.json("audit", "export", "-o", str(tmp_path / "a.zip"))
    assert (told["entries"], told["cases"], told["notes"]) == (panel.entries(), 0, [])
    assert told["head"] == panel.json("audit", "verify")["head"]
    assert "is there already" in panel.refused("audit", "export", "-o", str(tmp_path / "a.zip"))
    panel.alter("UPDATE entry SET actor = 'somebody' WHERE seq = 20")
    said = panel("audit", "export", "-o", str(tmp_path / "b.zip"), code=4)
    assert said.err == "this record is not as it was written (entry 20: changed); it was not exported\n"
    assert not (tmp_path / "b.zip").exists()


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "=HYPERLINK(1)")
    assert [row["chair"] for row in exported(panel, "a.zip").table("meetings")] == ["'=HYPERLINK(1)"]
