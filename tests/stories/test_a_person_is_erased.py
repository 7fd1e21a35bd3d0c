"""A family asks what is held about their child; years later it is erased: gone from the file, and everybody else's record as it was."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from panel import events as ev
from panel.answering.replay import Replayer
from panel.placing.placement import place
from panel.record.chain import Sealed
from panel.record.ledger import Ledger
from panel.state.records import Recorded
from panel.steps.office import Office
from tests.postgresql_server import Server
from tests.running import ASHDOWN, BOOK, CEDAR, MEETS, Panel, harbour, keys_of, pastoral, put, taken, url

IDENTITY: Final = ("Z999000111222", "Tallowfield", "Merrion", "2013-02-03", "03/02/2013", "Quince", "Gondwanan")
IDENTITIES: Final = """\
pupil,upn,family_name,given_names,born_on,sex,ethnicity,address
P1,Z999000111222,Tallowfield,Merrion Ada,03/02/2013,female,Gondwanan,17 Quince Walk
P2,Z888000111222,Brackenridge,Odo,2013-05-06,male,Laurasian,4 Elm Yard
"""
WORDS: Final = ("quarrel with a cousin", "lodges with an aunt", "QX1 1QX", "611111", "433333")
"""Of P1's case: two reasons of the panel, and the home."""

SENT: Final = "  load: {of: [placements, outside_admissions], over: academic_year, where: admission.ehcp is known and not admission.ehcp}"
LATER: Final = "2026-11-19"
MORE: Final = """\
referral,pupil,kind,year_group,home_school,made_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on
R7,P7,managed_move,10,100002,2026-11-02,622000,400000,no,2026-11-01,2026-11-01
"""
WHY: Final = "kept as long as the policy says"


class Talk:
    """A panel whose every answer and refusal is remembered."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.said: list[str] = []

    def __call__(self, *words: str, code: int = 0) -> str:
        said = pastoral(*words, ledger=self.panel.ledger)
        assert said.code == code, said
        self.said += [said.out, said.err]
        return said.out + said.err

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code))


def told(folder: Path) -> Talk:
    """Two meetings: P1 is put off by the first and placed otherwise than proposed by an extra one; P7 comes to the last."""
    panel = harbour(folder, "loaded")
    for path in (panel.ledger, keys_of(panel.ledger), folder / "harbour.yaml"):
        path.unlink()
    book = panel.file("harbour.yaml", BOOK.replace("  load: {of: [placements, outside_admissions], over: academic_year}", SENT))
    talk = Talk(panel)
    referrals = (
        (folder / "referrals.csv")
        .read_text()
        .replace(
            "R1,P1,managed_move,9,100002,2026-10-01,622000,400000,ZZ9 9ZZ", "R1,P1,managed_move,9,100002,2026-10-01,611111,433333,QX1 1QX"
        )
    )
    assert WORDS[2] in referrals
    panel.file("referrals.csv", referrals)
    talk("init", "--rulebook", str(book))
    for what in ("schools", "places", "terms", "referrals"):
        talk("load", what, str(folder / f"{what}.csv"))
    talk("load", "identities", str(panel.file("identities.csv", IDENTITIES)))
    bad = panel.file("bad.csv", IDENTITIES.replace("03/02/2013", "03/02/13").replace("P2", "P1"))
    talk("load", "identities", str(bad), code=3)
    for day in (MEETS, "2026-10-23"):
        talk("meeting", "open", "--date", day, "--chair", "Okafor")
        talk("meeting", "draw", "--words", "heron")
        talk("allocate")
        if day == MEETS:
            talk("decide", "R1", "--defer", "--reason", f"It {WORDS[1]}.")
            talk("decide", "R2", "R6", "--confirm")
        else:
            talk("decide", "R1", "--school", CEDAR if "R1" not in told_at(talk, CEDAR) else ASHDOWN, "--reason", f"A {WORDS[0]}.")
        talk("meeting", "close")
    talk("load", "referrals", str(panel.file("more.csv", MORE)))
    talk("meeting", "open", "--date", LATER, "--chair", "Okafor")
    talk("meeting", "draw", "--words", "lapwing")
    talk("allocate")
    talk("decide", "R7", "--confirm")
    talk("meeting", "close")
    return talk


def exported(panel: Panel, *options: str) -> bytes:
    """Every byte of an export, unpacked."""
    path = panel.folder / f"export{len(options)}.zip"
    panel("audit", "export", "-o", str(path), *options)
    with zipfile.ZipFile(path) as packed:
        whole = b"".join(packed.read(name) for name in packed.namelist())
    path.unlink()
    return whole


def sealed(panel: Panel) -> tuple[Sealed, ...]:
    with Ledger.open(url(panel.ledger)) as ledger:
        return ledger.sealed()


def told_at(talk: Talk, school: str) -> tuple[str, ...]:
    """The referrals whose newest proposal is a school."""
    newest = [item.event for item in recorded(talk.panel) if isinstance(item.event, ev.PlacementsProposed)][-1]
    return tuple(name for name, urn in newest.placements.items() if urn == school)


def recorded(panel: Panel) -> tuple[Recorded, ...]:
    with Office(Ledger.open(url(panel.ledger)), actor="auditor") as office:
        return office.record


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return told(tmp_path_factory.mktemp("told"))


@pytest.fixture
def talk(before: Talk, tmp_path: Path) -> Talk:
    return Talk(Panel(put(taken(before.panel.ledger), tmp_path / "harbour.db")))


@pytest.fixture
def erased(talk: Talk) -> Talk:
    talk("person", "erase", "R1", "--reason", WHY, "--yes")
    return talk


# --- before ---


def test_no_answer_refusal_or_chained_byte_tells_who_or_why(before: Talk) -> None:
    asked = Talk(before.panel)
    for words in (("position",), ("audit", "verify"), ("audit", "replay"), ("explain", "--matrix"), ("explain", "R2"), ("explain", "R7")):
        asked(*words)
        asked.json(*words)
    everything = "".join((*before.said, *asked.said, before.panel.bodies(), exported(before.panel).decode(errors="replace")))
    assert "R1" in everything
    for secret in (*IDENTITY, *WORDS):
        assert secret not in everything, secret
    with_cases = exported(before.panel, "--with-cases").decode(errors="replace")
    assert WORDS[0] in with_cases
    assert not any(secret in with_cases for secret in IDENTITY)
    raw = before.panel.ledger.read_bytes()
    for secret in (*(one for one in IDENTITY if "/" not in one), *WORDS):
        assert secret.encode() not in raw, secret  # encrypted, long before anything is erased
    plain = "".join(row.content for row in sealed(before.panel))
    for secret in (*(one for one in IDENTITY if "/" not in one), *WORDS):
        assert secret in plain, secret  # or what is looked for would prove nothing


def test_everything_about_one_child_is_shown_and_nothing_of_another(talk: Talk) -> None:
    data, page = talk.json("person", "show", "P1"), talk("person", "show", "R1")
    assert (data["pupil"], data["referrals"], data["erased_by"]) == ("P1", ["R1"], [])
    whole = json.dumps(data)
    for secret in ("Z999000111222", "Tallowfield", "Merrion", "2013-02-03", "Quince", *WORDS):
        assert secret in whole, secret
        assert secret in page, secret
    for other in ("R2", "R3", "R4", "R5", "R6", "R7", "P2", "P6", "P7", "Brackenridge"):
        assert f'"{other}"' not in whole
        assert other not in page
    with Ledger.open(url(talk.panel.ledger)) as ledger:
        own = {(row.seq, row.kind) for row in ledger.sealed() if row.subject == "P1"}
    assert {(entry["seq"], kind) for entry in data["entries"] for kind in entry["sealed"]} == own
    kinds = [entry["kind"] for entry in data["entries"]]
    assert [kinds.count(kind) for kind in ("referral made", "identity recorded", "meeting opened", "decision taken")] == [1, 1, 2, 2]


def test_a_name_nobody_has_is_refused_with_the_nearest(talk: Talk) -> None:
    assert talk("person", "show", "P11", code=3) == "There is no pupil 'P11', and no referral of that name. Nearest: P1.\n"
    assert talk.json("person", "erase", "R77", "--reason", WHY, code=3)["error"]["kind"] == "refused"


# --- what is refused ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("P1", "--reason", WHY), "It cannot be undone. Nothing was erased; to erase them: --yes."),
        (("P1", "--reason", " ", "--yes"), "--reason: found nothing"),
        (("P1", "--reason", "merrion has left", "--yes"), "--reason: it repeats the pupil's given names, which is to go."),
        (("P1", "--reason", "born 03/02/2013", "--yes"), "--reason: it repeats the pupil's born on, which is to go."),
        (("P1", "--reason", "moved from QX1 1QX", "--yes"), "--reason: it repeats the pupil's postcode, which is to go."),
        (("P4", "--reason", WHY, "--yes"), "R4 is still waiting to be decided. Withdraw it with `pastoral withdraw`"),
    ],
)
def test_what_cannot_be_erased_says_what_to_do(talk: Talk, words: tuple[str, ...], said: str) -> None:
    before = talk.panel.ledger.read_bytes()
    assert said in talk("person", "erase", *words, code=3)
    assert talk.panel.ledger.read_bytes() == before
    assert "Merrion" not in "".join(talk.said)


def test_a_case_on_an_open_agenda_is_not_erased(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    wanted = "R1 is on the agenda of meeting 1 of 2026-10-22, which is open"
    assert wanted in panel.refused("person", "erase", "P1", "--reason", WHY, "--yes")
    panel("decide", "R1", "--confirm")
    assert wanted in panel.refused("person", "erase", "P1", "--reason", WHY, "--yes")
    panel("meeting", "close")
    panel("person", "erase", "P1", "--reason", WHY, "--yes")


# --- after ---


def test_nothing_of_the_child_is_left_in_any_byte_or_answer(erased: Talk) -> None:
    path = erased.panel.ledger
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, f"{path.name}.keys"]
    assert "P1" not in {row.subject for row in sealed(erased.panel)}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM wrapped WHERE subject = 'P1'").fetchone() == (0,)
        assert connection.execute("SELECT COUNT(*) FROM wrapped WHERE subject = 'P2'").fetchone() != (0,)
    for words in (("person", "show", "P1"), ("explain", "R1"), ("explain", "R2"), ("audit", "verify"), ("audit", "replay"), ("position",)):
        erased(*words)
        erased.json(*words)
    left = path.read_bytes() + "".join(erased.said).encode() + exported(erased.panel) + exported(erased.panel, "--with-cases")
    for secret in (*IDENTITY, *WORDS):
        assert secret.encode() not in left, secret
    assert "Brackenridge" in "".join(row.content for row in sealed(erased.panel))


def test_the_record_is_whole_and_every_count_stands(before: Talk, erased: Talk) -> None:
    verified = erased.json("audit", "verify")
    assert verified["ok"] is True
    assert verified["problems"] == []
    assert verified["erased"] == len(recorded(erased.panel)[-1].event.model_dump()["parts"])
    for day in (MEETS, "2026-10-23", LATER):
        assert erased.json("position", "--as-of", day) == before.json("position", "--as-of", day)
    loads = {school["school"]: school["load"] for school in erased.json("position")["schools"]}
    assert sum(loads.values()) == 4  # R1, R2, R6 and R7, each of them without a plan


def test_a_replay_says_what_it_cannot_do_and_does_the_rest(erased: Talk) -> None:
    found = erased.json("audit", "replay")
    assert (found["ok"], found["decisions"], found["divergences"]) == (True, 1, [])
    by = len(recorded(erased.panel))
    assert {(one["why"], tuple(one["referrals"]), tuple(one["erased_by"])) for one in found["erased"]} == {
        ("erased, cannot be replayed", ("R1",), (by,))
    }
    whats = [one["what"] for one in found["erased"]]
    assert [whats.count(what) for what in ("facts", "placement", "seat")] == [2, 2, 3]


def test_a_seat_that_the_erased_child_took_is_not_counted_as_free(tmp_path: Path) -> None:
    """R10 comes to Ashdown over number, because R1 took the last place there: a replay without R1 must not call that wrong."""
    panel = harbour(tmp_path, "loaded")
    made = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-10-01", "--home-school", "100002", "--ehcp", "no")
    agreed = ("--parent-agrees-on", "2026-09-30", "--home-school-agrees-on", "2026-09-30", "--easting", "622000", "--northing", "400000")
    panel("refer", "R10", "--pupil", "P10", *made, *agreed)
    for step in (f"meeting open --date {MEETS} --chair Okafor", "meeting draw --words heron", "allocate"):
        panel(*step.split())
    over = ("--school", ASHDOWN, "--reason", "the panel knows why")
    panel("decide", "R1", *(("--confirm",) if panel.json("explain", "R1")["proposed"] == ASHDOWN else over))
    panel("allocate", "--again")
    panel("decide", "R10", *over)
    panel("meeting", "close")
    assert [item.event.over_number for item in recorded(panel) if isinstance(item.event, ev.DecisionTaken)] == [0, 1]
    assert panel.json("audit", "replay")["ok"] is True
    panel("person", "erase", "P1", "--reason", WHY, "--yes")
    assert panel.json("audit", "replay")["divergences"] == []


def of_another(item: Recorded) -> Recorded:
    """Another child's finding, changed: R2 is barred where it was not."""
    proposed = item.event
    assert isinstance(proposed, ev.PlacementsProposed)
    case = {**proposed.cases["P2"], "schools": {**proposed.cases["P2"]["schools"], CEDAR: {"bars": ["too-far"]}}}
    return replace(item, event=proposed.model_copy(update={"cases": {**proposed.cases, "P2": case}}))


def another_seed(item: Recorded) -> Recorded:
    return replace(item, event=item.event.model_copy(update={"seed": "0" * 64}))


@pytest.mark.parametrize(("tamper", "what"), [(of_another, "cases.P2.schools.100003"), (another_seed, "seed")])
def test_what_is_left_of_a_meeting_is_still_compared(erased: Talk, tamper: Any, what: str) -> None:
    with Office(Ledger.open(url(erased.panel.ledger)), actor="auditor") as office:
        record = office.record
        at = next(n for n, item in enumerate(record) if isinstance(item.event, ev.PlacementsProposed))
        changed = (*record[:at], tamper(record[at]), *record[at + 1 :])
        found = Replayer(changed, office.book_then, office.evaluation, place).replay()
    assert {(one.seq, one.what[: len(what)]) for one in found.divergences} == {(at + 1, what)}


def test_a_part_that_is_gone_and_of_which_nothing_is_said_is_a_divergence_and_a_flaw(talk: Talk) -> None:
    talk.panel.alter("DELETE FROM sealed WHERE subject = 'P1'")
    assert talk.json("audit", "verify", code=1)["problems"][0]["kind"] == "sealed part missing"
    found = talk.json("audit", "replay", code=1)
    assert found["divergences"] != []
    assert "erased" not in found


def test_an_explanation_and_a_certificate_say_that_it_was_erased(erased: Talk) -> None:
    by = len(recorded(erased.panel))
    mine = erased.json("explain", "R1")
    assert mine["erased"] == {"why": "erased, cannot be replayed", "erased_by": [by], "found": []}
    assert (mine["status"], mine["decided"]) == ("decided", erased.json("explain", "R1", "--why-not", ASHDOWN)["decided"])
    other = erased.json("explain", "R2")
    assert (other["decided"], other["erased"]["erased_by"]) == (CEDAR, [by])
    assert f"{CEDAR}: open" in other["erased"]["found"]
    assert "erased" not in erased.json("explain", "R7")
    proposals = [item.seq for item in recorded(erased.panel) if isinstance(item.event, ev.PlacementsProposed)]
    said = erased("audit", "certificate", str(proposals[0]), code=3)
    assert said == f"Erased, cannot be replayed: the case of R1, which meeting 1 of {MEETS} decided, was erased (entry {by}).\n"
    erased("audit", "certificate", str(proposals[2]))
    assert "Erased, cannot be replayed" in erased("explain", "--matrix", "--meeting", MEETS, code=3)


def test_a_receipt_is_still_given_without_the_reason(erased: Talk, tmp_path: Path) -> None:
    erased("keys", "new", "harbour/clerk", "-o", str(tmp_path / "clerk.key"))
    paper = tmp_path / "R1.receipt"
    told_ = erased.json("audit", "receipt", "R1", "--key", str(tmp_path / "clerk.key"), "-o", str(paper))
    assert (told_["sealed"], told_["erased_by"]) == (False, len(recorded(erased.panel)))
    found = erased.json("audit", "check-receipt", str(paper), "--key", str(tmp_path / "clerk.pub"))
    assert (found["ok"], found["outcome"], found["reason"]) == (True, "overridden", None)
    assert not any(secret in paper.read_text(encoding="utf-8") for secret in (*IDENTITY, *WORDS))


def test_a_checkpoint_from_before_the_erasure_still_holds(talk: Talk, tmp_path: Path) -> None:
    kept = tmp_path / "before.checkpoint"
    talk("audit", "checkpoint", "-o", str(kept))
    talk("person", "erase", "P1", "--reason", WHY, "--yes")
    assert talk.json("audit", "verify", "--against", str(kept))["ok"] is True


def test_the_same_command_again_only_sweeps(erased: Talk) -> None:
    entries = erased.panel.entries()
    again = erased.json("person", "erase", "P1", "--reason", WHY, "--yes")
    assert (again["entry"], again["parts"], again["swept"], erased.panel.entries()) == (None, [], True, entries)


def test_the_school_may_still_refuse_and_the_case_comes_to_no_agenda(erased: Talk) -> None:
    school = erased.json("explain", "R1")["decided"]
    erased("refuse", "R1", "--by", school, "--reason", "the governors object")
    erased("meeting", "open", "--date", "2026-11-26", "--chair", "Okafor")
    opened = recorded(erased.panel)[-1].event
    assert isinstance(opened, ev.MeetingOpened)
    assert "R1" not in opened.agenda
    assert sum(school["load"] for school in erased.json("position")["schools"]) == 3
    assert erased.json("audit", "replay")["ok"] is True


def test_a_child_who_comes_again_is_a_new_case(erased: Talk) -> None:
    again = MORE.replace("R7,P7", "R8,P1").replace("2026-11-0", "2026-11-2")
    assert "whose referral R1 is decided for" in erased("load", "referrals", str(erased.panel.file("again.csv", again)), code=3)
    erased("start", "R1", "--on", "2026-11-02")
    erased("load", "referrals", str(erased.panel.file("again.csv", again)))
    assert erased.json("person", "show", "P1")["referrals"] == ["R1", "R8"]
    assert "R8 is still waiting" in erased("person", "erase", "P1", "--reason", WHY, "--yes", code=3)
    erased("withdraw", "R8", "--on", "2026-11-26", "--reason", "gone again")
    assert erased.json("person", "erase", "P1", "--reason", WHY, "--yes")["entry"] == erased.panel.entries()
    assert erased.json("audit", "verify")["ok"] is True


@pytest.mark.usefixtures("in_a_folder")
def test_on_postgresql_whoever_may_erase_does(postgresql: Server, talk: Talk) -> None:
    name = postgresql.new()
    talk("audit", "copy", postgresql.address(name))
    clerk, eraser = (
        postgresql.address(name, postgresql.role(who, f"{name}_{what}")) for who, what in (("hal", "writer"), ("ida", "eraser"))
    )
    words = ("person", "erase", "P1", "--reason", WHY, "--yes", "--json")
    refused = pastoral(*words, env={"PASTORAL_LEDGER": clerk})
    assert (refused.code, refused.json["error"]["kind"]) == (4, "ledger")
    assert "permission denied for table sealed" in refused.json["error"]["message"]
    done = pastoral(*words, env={"PASTORAL_LEDGER": eraser})
    assert (done.code, done.json["swept"]) == (0, True)
    assert "VACUUM FULL" in done.json["left_to_do"]
    for asked in (("audit", "verify"), ("audit", "replay")):
        assert pastoral(*asked, "--json", env={"PASTORAL_LEDGER": clerk}).json["ok"] is True
    shown = pastoral("person", "show", "P1", "--json", env={"PASTORAL_LEDGER": clerk}).out
    assert not any(secret in shown for secret in (*IDENTITY, *WORDS))


def test_somebody_in_the_way_is_told_and_the_same_command_again_cleans(talk: Talk) -> None:
    with contextlib.closing(sqlite3.connect(talk.panel.ledger)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
    with contextlib.closing(sqlite3.connect(talk.panel.ledger)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM entry").fetchone()
        said = talk("person", "erase", "P1", "--reason", WHY, "--yes", code=1)
        assert "could not be cleaned yet: give the same command once more." in " ".join(said.split())
    assert talk.json("person", "erase", "P1", "--reason", WHY, "--yes")["swept"] is True
    files = {path.name: path.read_bytes() for path in talk.panel.folder.iterdir()}
    assert set(files) == {"harbour.db", "harbour.db.keys"}
    assert not any(secret.encode() in b"".join(files.values()) for secret in (*IDENTITY, *WORDS))
