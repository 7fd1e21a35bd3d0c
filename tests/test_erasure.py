"""What is erased is gone, said, and nothing else: parts, proofs, what stays, and what a chain without them must show."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import LedgerError
from panel.order.entries import missteps
from panel.record.chain import Draft, Part
from panel.record.ledger import Ledger
from panel.state.erasure import kept, restored, taken
from panel.state.fold import fold
from panel.state.records import Recorded
from panel.steps.office import Office
from rules.edition import digest_of
from tests.postgresql_server import Server
from tests.running import BOOK, harbour, url
from tests.test_ledger import FOUNDED, NOON, salts

FIRST, SECOND = ("P1", "case"), ("P2", "identity")
NAMED: Final = Part("P2", "identity", {"name": "Wren"})
SHARED: Final = Draft("noted", {}, (Part("P1", "case", {"why": "smoke"}), NAMED, Part("panel", "case", {})))


def erasure(*parts: tuple[int, str, str]) -> Draft:
    listed = [{"seq": seq, "subject": subject, "sealed": kind} for seq, subject, kind in parts]
    return Draft("person erased", {"pupil": "P1", "parts": listed, "version": 1})


def found(address: str = "sqlite://") -> Ledger:
    return Ledger.found(address, [FOUNDED, SHARED], actor="clerk", now=NOON, salts=salts())


def erase(ledger: Ledger, *parts: tuple[int, str, str], say: tuple[tuple[int, str, str], ...] | None = None) -> None:
    ledger.erase(parts, [erasure(*(parts if say is None else say))], actor="clerk", now=NOON, salts=salts())


def flaws(ledger: Ledger) -> list[tuple[int, str]]:
    return [(flaw.seq, flaw.kind) for flaw in ledger.flaws()]


# --- the chain ---


def test_what_an_erasure_names_is_missed_by_nobody() -> None:
    with found() as ledger:
        erase(ledger, (2, *FIRST))
        assert flaws(ledger) == []
        assert ledger.erased() == {(2, *FIRST): 3}
        assert [(row.subject, row.kind) for row in ledger.sealed()] == [SECOND, ("panel", "case")]
        with ledger.copy_to("sqlite://") as copied:
            assert copied.entries() == ledger.entries()


@pytest.mark.parametrize(
    ("gone", "said", "wrong"),
    [
        (((2, *FIRST),), (), [(2, "sealed part missing")]),
        (((2, *FIRST), (2, *SECOND)), ((2, *FIRST),), [(2, "sealed part missing")]),
        ((), ((2, *FIRST),), [(2, "erased part still held")]),
        (((2, *FIRST),), ((2, *FIRST), (2, "P9", "case")), [(3, "erasure does not match")]),
        (((2, *FIRST),), ((2, *FIRST), (9, *FIRST)), []),  # a later entry's: it says nothing of what was
    ],
)
def test_an_erasure_and_what_is_gone_must_be_the_same(
    gone: tuple[tuple[int, str, str], ...], said: tuple[tuple[int, str, str], ...], wrong: list[tuple[int, str]]
) -> None:
    with found() as ledger:
        erase(ledger, *gone, say=said)
        assert flaws(ledger) == wrong


def test_an_erasure_excuses_nothing_that_was_written_after_it() -> None:
    with found() as ledger:
        erase(ledger, say=((4, *FIRST),))
        ledger.append([Draft("noted", {}, (Part("P1", "case", {}),))], actor="clerk", now=NOON, salts=salts())
        erase(ledger, (4, *FIRST), say=())
        assert flaws(ledger) == [(4, "sealed part missing")]


@pytest.mark.parametrize("body", [{}, {"parts": "P1"}, {"parts": [{"seq": 2}]}, {"parts": [[2, "P1", "case"]]}, {"parts": {"a": 1}}])
def test_an_erasure_that_cannot_be_read_excuses_nothing(body: dict[str, Any]) -> None:
    with found() as ledger:
        ledger.erase([(2, *FIRST)], [Draft("person erased", body)], actor="clerk", now=NOON, salts=salts())
        assert flaws(ledger) == [(2, "sealed part missing")]


def test_an_erasure_that_fails_takes_nothing() -> None:
    with found() as ledger:
        before = ledger.entries(), ledger.sealed()
        with pytest.raises(LedgerError, match="somebody else wrote meanwhile"):
            ledger.erase([(2, *FIRST)], [erasure((2, *FIRST))], actor="clerk", now=NOON, salts=salts(), expected_head="0" * 64)
        with pytest.raises(Exception, match="wanted"):
            ledger.erase([(2, *FIRST)], [Draft("noted", {"x": 0.5})], actor="clerk", now=NOON, salts=salts())
        assert (ledger.entries(), ledger.sealed()) == before


# --- the file ---

LONG: Final = "the child of the lighthouse " * 400


def pieces(box: bytes) -> list[bytes]:
    """Some of a box, from all over it: a page of the file may break it anywhere."""
    return [box[at : at + 20] for at in range(0, len(box) - 20, 300)]


def around(path: Path) -> bytes:
    """Everything in the ledger's file and beside it."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.iterdir()) if one.name.startswith(path.name))


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_nothing_of_it_is_left_in_the_file_or_beside_it(tmp_path: Path, mode: str) -> None:
    """Parts on pages of their own; also where somebody made the file keep a write-ahead log."""
    path = tmp_path / "panel.db"
    parts = [Draft("noted", {}, (Part(f"P{n}", "case", {"why": f"{n} {LONG}"}),)) for n in range(20)]
    found(url(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
    with Ledger.open(url(path)) as ledger:
        ledger.append(parts, actor="clerk", now=NOON, salts=salts())
        size = len(around(path))
        assert size > 20 * len(LONG)
        assert b"lighthouse" not in around(path)  # encrypted, long before it is erased
        with closing(sqlite3.connect(path)) as connection:
            boxes = [box for (box,) in connection.execute("SELECT box FROM sealed WHERE seq > 2")]
            # Of P1 another part is held, so that key stays.
            own = "SELECT box FROM wrapped WHERE class = 'case' AND subject NOT IN ('P1', 'panel')"
            boxes += [box for (box,) in connection.execute(own)]
        assert len(boxes) == 20 + 19
        assert all(pieces(box)[0] in around(path) for box in boxes)
        erase(ledger, *((seq + 3, f"P{seq}", "case") for seq in range(20)))
        ledger.sweep()
        assert flaws(ledger) == []
        left = around(path)
        assert not any(piece in left for box in boxes for piece in pieces(box))
        assert len(left) < size / 2
        assert "Wren" in "".join(row.content for row in ledger.sealed())


def test_a_sweep_clears_what_another_program_deleted_carelessly(tmp_path: Path) -> None:
    path = tmp_path / "panel.db"
    with found(url(path)) as ledger:
        ledger.append([Draft("noted", {}, (Part("P3", "case", {"why": LONG}),))], actor="clerk", now=NOON, salts=salts())
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA secure_delete = OFF")
            ((box,),) = connection.execute("SELECT box FROM sealed WHERE subject = 'P3'").fetchall()
            connection.execute("DELETE FROM sealed WHERE subject = 'P3'")
        assert any(piece in around(path) for piece in pieces(box))
        ledger.sweep()
        assert not any(piece in around(path) for piece in pieces(box))


def test_a_reader_in_the_way_is_said_and_the_next_sweep_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "panel.db"
    with found(url(path)) as ledger:
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("BEGIN").connection.execute("SELECT * FROM entry").fetchone()
            with pytest.raises(LedgerError):
                Ledger.open(url(path), patience=0.05).sweep()
        assert ledger.sweep() == ""


@pytest.mark.usefixtures("in_a_folder")
def test_on_postgresql_only_an_eraser_erases(postgresql: Server) -> None:
    name = postgresql.new()
    found(postgresql.address(name)).close()
    with Ledger.open(postgresql.address(name, postgresql.role("fay", f"{name}_writer"))) as ledger:
        with pytest.raises(LedgerError, match="permission denied for table sealed"):
            erase(ledger, (2, *FIRST))
        assert ledger.head().seq == 2
    with Ledger.open(postgresql.address(name, postgresql.role("gil", f"{name}_eraser"))) as ledger:
        erase(ledger, (2, *FIRST))
        assert flaws(ledger) == []
        assert len(ledger.sealed()) == 2
        assert "VACUUM FULL pastoral.sealed" in ledger.sweep()


# --- what is taken, and what stays ---


def test_the_parts_of_one_pupil_and_the_proofs_that_weighed_the_case(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    with Office(Ledger.open(url(panel.ledger)), actor="auditor") as office:
        held = [(row.seq, row.subject, row.kind) for row in office.ledger.sealed()]
        seqs = {item.event.kind: item.seq for item in office.record}
        own = {key for key in held if key[1] == "P1"}
        proof = (seqs["placements proposed"], "panel", "case")
        assert set(taken(office.record, held, "P1")) == own | {proof}
        assert (seqs["meeting opened"], "panel", "case") in held
        assert taken(office.record, held, "nobody") == ()


DAY: Final = dt.date(2026, 10, 22)
COUNT: Final = "  load: {of: [placements, outside_admissions], over: academic_year}"


def told(book: str, *, ehcp_counted: bool = False, decided: bool = True) -> tuple[Recorded, ...]:
    """A pupil with everything that may be counted, to be kept apart from P2, and an admission outside the panel."""
    weighed: dict[str, Any] = {"attendance": 843, "suspended_days": 15, "out_of_education_since": dt.date(2026, 10, 1)}
    case = ev.ReferralCase(ehcp=True, looked_after=False, postcode="ZZ9 9ZZ", not_with=("P2",), preferences=("100001",), **weighed)
    year = ev.YearPlaces(year_group=9, pan=180, ehcp=4 if ehcp_counted else None)
    made = ev.ReferralMade(
        referral="R1", pupil="P1", referral_kind="fair_access", year_group=9, made_on=DAY, home_school="100002", case=case
    )
    opened = ev.MeetingOpened(
        meeting=1, on=DAY, chair="c", agenda=("R1",), agenda_digest="", rulebook="harbour", edition=DAY, rulebook_digest=""
    )
    outcome: ev.Outcome = "confirmed" if decided else "declined"
    taken_ = ev.DecisionTaken(
        meeting=1, on=DAY, referral="R1", pupil="P1", outcome=outcome, school="100001" if decided else None, starts=DAY if decided else None
    )
    outside = ev.AdmittedOutside(
        pupil="P1", school="100001", on=DAY, year_group=9, case=ev.AdmissionCase(behaviour_is_primary_need=True, why="a long story")
    )
    events: list[ev.Event] = [
        ev.PanelFounded(name="H", rulebook="harbour"),
        ev.RulebookAdopted(name="harbour", edition=dt.date(2026, 9, 1), digest=digest_of(book), text=book),
        ev.PlacesRecorded(urn="100001", as_at=DAY, years=(year,)),
        *(made, opened, taken_, ev.MeetingClosed(meeting=1, on=DAY), outside),
    ]
    return tuple(Recorded(seq, NOON, event) for seq, event in enumerate(events, start=1))


PARTS: Final = ((4, "P1", "case"), (8, "P1", "case"))
ALONE: Final = {"4": ev.Kept(not_with=("P2",))}


def counting(where: str) -> str:
    return BOOK.replace(COUNT, f"{COUNT[:-1]}, where: {where}}}")


def bringing(where: str) -> str:
    """The book with a count of the referrals that schools made."""
    return BOOK.replace(COUNT, f"{COUNT}\n  brought: {{of: own_referrals, over: academic_year, where: {where}}}")


def weighing(what: str) -> str:
    """The book with a tariff that goes by something of an admission."""
    fact, sign, number = f"admission.{what}".split()
    fires, silent = (int(number) - 1, number) if sign == "<" else (int(number) + 1, number)
    given = (f"{{name: a, given: {{{fact}: {fires}}}, expect: fires}}", f"{{name: b, given: {{{fact}: {silent}}}, expect: silent}}")
    line = f"  - {{id: t, points: 2, when: {fact} is known and {fact} {sign} {number}, examples: [{', '.join(given)}]}}\n"
    return BOOK.replace("counts:\n", f"points: added\ntariff:\n{line}counts:\n")


@pytest.mark.parametrize(
    ("record", "stays"),
    [
        (told(BOOK), ALONE),
        (told(BOOK, ehcp_counted=True), {"4": ev.Kept(ehcp=True, not_with=("P2",))}),
        (told(counting("admission.ehcp is known and admission.ehcp")), {"4": ev.Kept(ehcp=True, not_with=("P2",))}),
        (told(counting("admission.looked_after is known and admission.looked_after"), decided=False), ALONE),
        (
            told(counting("admission.behaviour_is_primary_need is known and admission.behaviour_is_primary_need")),
            {**ALONE, "8": ev.Kept(behaviour_is_primary_need=True)},
        ),
        (told(weighing("attendance < 850")), {"4": ev.Kept(attendance=843, not_with=("P2",))}),
        (
            told(weighing("days_out_of_education > 20")),
            {"4": ev.Kept(out_of_education_since=dt.date(2026, 10, 1), not_with=("P2",))},
        ),
        (told(weighing("attendance < 850"), decided=False), ALONE),
        (told(bringing("admission.suspended_days >= 5"), decided=False), {"4": ev.Kept(suspended_days=15, not_with=("P2",))}),
        (told(bringing("admission.suspended_days >= 5")), {"4": ev.Kept(suspended_days=15, not_with=("P2",))}),
        (told(bringing("admission.year_group == 9"), decided=False), ALONE),
        (
            told(bringing("admission.days_out_of_education > 10"), decided=False),
            {"4": ev.Kept(out_of_education_since=dt.date(2026, 10, 1), not_with=("P2",))},
        ),
    ],
)
def test_what_stays_is_what_a_count_or_another_child_needs(record: tuple[Recorded, ...], stays: dict[str, ev.Kept]) -> None:
    assert kept(record, "P1", PARTS) == stays


def without(record: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """The record as it is read once the cases are gone and the erasure stands in it."""
    gone = [item.event.model_copy(update={"case": None}) if item.seq in (4, 8) else item.event for item in record]
    parts = tuple(ev.ErasedPart.model_validate({"seq": seq, "subject": who, "sealed": kind}) for seq, who, kind in PARTS)
    erased = ev.PersonErased(pupil="P1", parts=parts, case=ev.ErasureCase(reason="old", kept=kept(record, "P1", PARTS)))
    return restored(tuple(Recorded(seq, NOON, event) for seq, event in enumerate([*gone, erased], start=1)))


def test_admissions_are_afterwards_what_the_counts_read_of_them() -> None:
    record = told(counting("admission.ehcp is known and admission.ehcp"))
    before, after = fold(record), fold(without(record))
    assert [(one.school, one.ehcp, one.by_panel) for one in after.admissions] == [("100001", None, False), ("100001", True, True)]
    assert [one.ehcp for one in before.admissions] == [one.ehcp for one in after.admissions]
    held = after.referrals["R1"]
    assert (held.status, held.erased_by, held.case.not_with, held.case.postcode, held.case.preferences) == ("decided", 9, ("P2",), None, ())


def test_an_erased_pupil_weighs_what_it_weighed() -> None:
    for what, name, worth in (("attendance < 850", "attendance", 843), ("days_out_of_education > 20", "days_out_of_education", 21)):
        (_, placed) = fold(without(told(weighing(what)))).admissions
        assert {name: getattr(placed, name) for name in ("attendance", "days_out_of_education", "suspended_days")} == {
            "attendance": None, "days_out_of_education": None, "suspended_days": None, name: worth,
        }  # fmt: skip


def test_an_erased_case_never_waits_again() -> None:
    refused = Recorded(10, NOON, ev.SchoolRefused(referral="R1", pupil="P1", school="100001", on=DAY))
    after = fold((*without(told(BOOK)), refused))
    assert after.referrals["R1"].status == "erased"
    assert [one.by_panel for one in after.admissions] == [False]


OWN: Final = ev.ErasedPart(seq=4, subject="P1", sealed="case")
PROOFS_ONLY: Final = "what is about P1, and proofs of meetings on that case"
ERASED: Final = ev.PersonErased(pupil="P1", parts=(OWN,), case=ev.ErasureCase(reason="old"))


@pytest.mark.parametrize(
    ("upto", "wrong"),
    [(4, "nobody whose case is open: R1 is waiting"), (6, "nobody whose case is open: R1 is on an open agenda"), (7, None)],
)
def test_an_open_case_that_was_erased_is_a_misstep(upto: int, wrong: str | None) -> None:
    record = (*told(BOOK)[:upto], Recorded(upto + 1, NOON, ERASED))
    assert [one.wanted for one in missteps(record) if one.seq == upto + 1] == ([wrong] if wrong else [])


@pytest.mark.parametrize(
    ("told_of_it", "wrong"),
    [
        ({"parts": ()}, ["at least one that is about P1"]),
        ({"parts": (OWN.model_copy(update={"subject": "panel", "seq": 7}),)}, [PROOFS_ONLY, "at least one that is about P1"]),
        ({"case": None}, ["the reason"]),
        ({"case": ev.ErasureCase(reason=" ")}, ["the reason"]),
    ],
)
def test_an_erasure_takes_something_and_says_why(told_of_it: dict[str, object], wrong: list[str]) -> None:
    record = (*told(BOOK)[:7], Recorded(8, NOON, ERASED.model_copy(update=told_of_it)))
    assert [one.wanted for one in missteps(record) if one.seq == 8] == wrong
