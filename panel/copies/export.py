"""An outsider's copy of a record: one ZIP with the entries as they are chained, what they show as tables, and how to check it.

Children's cases are in it only if they are asked for, and then in files of their own; identities never. The same record
gives the same bytes: the files are sorted, stored as they are, and all dated 1 January 1980.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panel import events as ev
from panel.answering.certified import certified
from panel.canonical import canonical
from panel.copies.browsing import browsable
from panel.deciding.position import Standing, position
from panel.errors import LedgerBroken, Refused
from panel.record import sqlite
from panel.record.chain import Entry, Sealed
from panel.record.keyring import CASE
from panel.record.ledger import ROW, WRITE
from panel.record.seals import Plain
from panel.steps.office import Office
from rules.book import Rulebook
from rules.errors import PanelError
from rules.reach import reached

OPEN_FACTS: Final = frozenset(
    f"admission.{name}" for name in ("by_panel", "kind", "after_exclusion", "year_group", "over_number")
)  # fmt: skip
"""What a count may read of an admission so that its numbers tell nothing of a sealed part."""

DATE: Final = (1980, 1, 1, 0, 0, 0)
PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Export:
    """The files by name, and what a reader must be told: which could not be made, and why."""

    files: Mapping[str, bytes]
    notes: tuple[str, ...]
    entries: int
    head: str
    cases: int

    def zipped(self) -> bytes:
        """All of it as one ZIP; the same files give the same bytes on every machine."""
        paper = io.BytesIO()
        with zipfile.ZipFile(paper, "w", zipfile.ZIP_STORED) as archive:
            for name, raw in sorted(self.files.items()):
                one = zipfile.ZipInfo(name, DATE)
                one.create_system, one.external_attr = 3, (0o600 if self.cases else 0o644) << 16
                archive.writestr(one, raw)
        return paper.getvalue()


def export(office: Office, *, handed: Mapping[str, str], with_cases: bool) -> Export:
    """Everything that an outsider needs. `handed`: checkpoints and public keys to put beside it, file name -> text.

    Without the key of the cases what is open is exported all the same. Raises `LedgerBroken` where anything in the record is
    not as it was written.
    """
    flaws = office.ledger.flaws()
    if flaws:
        raise LedgerBroken(f"this record is not as it was written (entry {flaws[0].seq}: {flaws[0].kind}); it was not exported")
    blind = CASE in office.ledger.withheld()
    if blind and with_cases:
        office.ledger.must_open(CASE)
    office = office.blind() if blind else office
    last = office.record[-1].seq  # what somebody else writes meanwhile is not in it
    entries = office.ledger.chain()[:last]
    making = _Making(office, with_cases=with_cases, blind=blind)
    files = {"entries.jsonl": _lines(map(_entry, entries)), **_rulebooks(office)}
    files |= {name: text.encode() for name, text in handed.items()}
    open_copy, tables = browsable(entries, making.positions, making.counts)
    files["open.db"] = open_copy
    files |= {f"tables/{name.replace(' ', '-')}.csv": table for name, table in tables.items()}
    cases = tuple(part for part in office.ledger.sealed() if part.kind == "case" and part.seq <= last) if with_cases else ()
    if with_cases:
        files |= {"cases/cases.jsonl": _lines(map(_case, cases)), "cases/ledger.db": _ledger(entries, cases), **making.certificates()}
    head = entries[-1].digest
    files["README.txt"] = _readme(office.state.name, len(entries), head, making.notes, sorted(files), with_cases=with_cases).encode()
    files["SHA256SUMS"] = "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(files.items())).encode()
    return Export(files, tuple(making.notes), len(entries), head, len(cases))


# --- as it is chained ---


def _lines(rows: Iterator[dict[str, Any]]) -> bytes:
    return b"".join(canonical(row) + b"\n" for row in rows)


def _entry(entry: Entry) -> dict[str, Any]:
    names = ("seq", "recorded_at", "actor", "kind", "body", "previous", "digest")
    return dict(zip(names, ROW(entry), strict=True))


def _case(part: Sealed) -> dict[str, Any]:
    return {"seq": part.seq, "subject": part.subject, "class": part.kind, "salt": part.salt.hex(), "content": part.content}


def _ledger(entries: Sequence[Entry], cases: Sequence[Sealed]) -> bytes:
    """A ledger of these entries and cases, as the bytes of its file: of the first format, so that it needs no key."""
    with sqlite.founding("sqlite://", sqlite.PATIENCE, sqlite.PLAIN) as store:
        store.write(WRITE, map(ROW, entries))
        Plain(store).keep(cases)
    try:
        return store.as_bytes()
    finally:
        store.close()


def _rulebooks(office: Office) -> dict[str, bytes]:
    """Every edition's text by its line and day; one that was adopted twice, or has no plain name, by its entry too."""
    texts: dict[str, bytes] = {}
    for item in office.record:
        if isinstance(item.event, ev.RulebookAdopted):
            name = f"{item.event.name}-{item.event.edition}" if PLAIN_NAME.fullmatch(item.event.name) else f"entry-{item.seq}"
            path = f"rulebooks/{name}.yaml"
            texts[path if path not in texts else f"rulebooks/{name}-entry-{item.seq}.yaml"] = item.event.text.encode()
    return texts


# --- what the record shows ---


def open_counts(rulebook: Rulebook) -> frozenset[str]:
    """The counts of a book that read only what is open of an admission, so that nobody's case can be told from them."""
    tariff = [name for rule in rulebook.tariff for name in reached(rulebook, rule.condition)]

    def is_open(names: Sequence[str]) -> bool:
        return all(name in OPEN_FACTS or name.startswith("settings.") for name in names)

    return frozenset(
        count.id
        for count in rulebook.counts
        if (count.where is None or is_open(list(reached(rulebook, count.where)))) and (count.weigh == "heads" or is_open(tariff))
    )


@dataclass(slots=True)
class _Making:
    """The tables that need the rulebook: where each school stood on the day of each meeting."""

    office: Office
    with_cases: bool
    blind: bool
    positions: list[tuple[Any, ...]] = field(default_factory=list)
    counts: list[tuple[Any, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.blind:
            self.notes.append("Where the schools stood is left out: it is counted by sealed cases, and the key of the cases is not here.")
            return
        for meeting in self.office.state.meetings:
            try:
                self._position(meeting.number, meeting.opened)
            except PanelError as error:
                self.notes.append(f"Where the schools stood at meeting {meeting.number} could not be worked out: {error.message}")

    def _position(self, number: int, opened: ev.MeetingOpened) -> None:
        rulebook = self.office.rulebook(opened.on)
        where = position(self.office.record, rulebook, self.office.evaluation(rulebook), opened.on)
        named = frozenset(count.id for count in rulebook.counts)
        told = named if self.with_cases else open_counts(rulebook)
        if told < named:
            left_out = ", ".join(sorted(named - told))
            self.notes.append(f"Left out of the tables for meeting {number}, because they are counted by sealed cases: {left_out}.")
        share = next((one.count for one in rulebook.objectives if one.name == "share"), None)
        quota = next((one.count for one in rulebook.objectives if one.name == "quota"), None)
        for school in where.schools:
            begins = (number, opened.on.isoformat(), school.urn)
            self.positions.append((*begins, *_standing(school, load=share in told, quota=quota in told)))
            self.counts.extend((*begins, count, n) for count, n in sorted(school.counts.items()) if count in told)

    def certificates(self) -> dict[str, bytes]:
        """The certificate of every proposal that has one, as docs/certificate.md says."""
        made: dict[str, bytes] = {}
        for meeting in self.office.state.meetings:
            for seq, _ in meeting.proposals:
                try:
                    found = certified(self.office.record, seq, self.office.book_then, self.office.evaluation)
                except Refused as refused:
                    self.notes.append(f"The proposal of entry {seq} has no certificate here: {refused.message}")
                    continue
                raw = json.dumps(found.as_data(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
                made[f"cases/certificates/entry-{seq}.json"] = raw.encode()
        return made


def _standing(school: Standing, *, load: bool, quota: bool) -> tuple[Any, ...]:
    return (
        school.name,
        school.setting,
        school.roll,
        school.load if load else None,
        school.share,
        school.quota_left if quota else None,
        school.turn,
        school.permanent_exclusions,
    )


# --- what a reader is told ---

FILES: Final = (
    ("README.txt", "this page"),
    ("SHA256SUMS", "the SHA-256 of every other file: sha256sum -c SHA256SUMS"),
    ("entries.jsonl", "the record: every entry, exactly as it is chained, one in a line"),
    ("open.db", "the entries again, for Datasette or any SQLite browser, with views in plain words"),
    ("tables/", "each of those views as CSV: who-went-where, decisions, meetings, referrals, schools, ...; every entry is shown"),
    ("", "as it was written, and corrections.csv says which were corrected; positions and counts are as corrected"),
    ("rulebooks/", "the rules in force, each edition as it was adopted"),
    ("checkpoints/", "signed checkpoints that were given with it"),
    ("keys/", "public keys that were given with it"),
    ("cases/cases.jsonl", "SEALED: the children's cases, by reference, with the salts that prove them"),
    ("cases/ledger.db", "SEALED: a ledger of entries and cases, to be replayed"),
    ("cases/certificates/", "SEALED: the proof of each proposal"),
)

OPEN_ONLY: Final = """\
The children's cases are not in it. From what is here anybody can check that the record is whole and unchanged, that it
is the one that was signed, what was drawn and that the seed follows from the words, what was proposed and decided, and
by which rules. Working a proposal out again needs the cases: an auditor may be given an export with them.
"""
CASES_TOO: Final = """\
THE CHILDREN'S CASES ARE IN IT: health, safety, reasons, homes. Keep it as you keep the ledger, and hand on nothing under
cases/. Who the children are (names, dates of birth, UPNs) is not in it, unless somebody wrote it into a reason. With it
every decision can be worked out again:

    pastoral audit replay --ledger sqlite:///cases/ledger.db

`pastoral audit verify` of that file names as missing what was withheld: sealed parts of the class identity, or of persons
erased. cases/certificates/ can be checked without this program: docs/certificate.md.
"""


def _readme(panel: str, entries: int, head: str, notes: Sequence[str], names: Sequence[str], *, with_cases: bool) -> str:
    there = {"README.txt", "SHA256SUMS", *names}
    listed = [(name, what) for name, what in FILES if any(one.startswith(name) for one in there)]
    lines = (
        f"{panel}: an export of its record",
        "",
        f"{entries} entries. The digest of the last one, which names all of them:",
        f"    {head}",
        "",
        *(f"{name:22}{what}" for name, what in listed),
        "",
        (CASES_TOO if with_cases else OPEN_ONLY),
        "To check it without this program: docs/ledger-format.md of pastoral, 'An export'. Only a checkpoint that somebody else",
        "kept shows that a record was not cut off or written anew before it was exported.",
        "",
        "Pupils go by a reference. In a small panel a year group, a school and a month can be enough to know a child:",
        "who publishes any of this decides about that first.",
        *("", *notes) * bool(notes),
    )
    return "\n".join(lines) + "\n"
