"""An auditor takes a proposal's certificate away, and checks it by a program of their own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from panel import events as ev
from panel.answering.certified import certified
from panel.record.ledger import Ledger
from panel.steps.office import Office
from tests.certificate_checker import verify
from tests.certificate_network import Refused
from tests.running import ASHDOWN, CEDAR, SECRETS, Panel, harbour, url


def proposal(panel: Panel) -> str:
    """The number of the proposal's entry, as text."""
    return panel.column("seq", "placements proposed")


def test_the_auditor_reads_what_was_proved(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    seq = proposal(panel)
    said = panel("audit", "certificate", seq)
    digest = panel.json("audit", "certificate", seq)["digest"]
    assert said.out == (
        f"Entry {seq}, proposed to meeting 1 of 2026-10-22: 3 of 4 pupils placed.\n"
        "Proved, without the solver: no better answer exists, and no other answer is as \ngood.\n"
        "Compared in this order: place, share, preference, journey, ticket, lottery.\n"
        "The proof has 1 leaf. Its digest:\n"
        f"  {digest}\n"
        "To check it by another program: -o FILE, and docs/certificate.md.\n"
    )
    assert said.err == ""


def test_the_certificate_says_what_the_proposal_said(tmp_path: Path) -> None:
    """Worked out by hand, as for `allocate`: R5 unplaced, shares 1/500, 1/800, 1/1000, metres 28,600."""
    panel = harbour(tmp_path, "drawn")
    proposed = panel.json("allocate")
    before = panel.entries()
    data = panel.json("audit", "certificate", str(proposed["entry"]))
    assert panel.entries() == before
    assert (data["format"], data["ok"], data["problems"]) == ("pastoral/certificate/1", True, [])
    assert (data["entry"], data["meeting"], data["date"]) == (proposed["entry"], 1, proposed["date"])
    for key in ("rulebook", "seed", "objectives", "certificate"):
        assert data[key] == proposed[key]
    assert data["digest"] == proposed["certificate"]["digest"]
    assert data["placement"] == {"R1": ASHDOWN, "R2": CEDAR, "R6": "100002"}
    assert (data["unplaced"], data["held"]) == (["R5"], ["R3", "R4"])
    values = {one["name"]: one["value"] for one in data["objectives"]}
    assert (values["place"], values["share"], values["journey"]) == (1, ["1/500", "1/800", "1/1000", "0/1"], 28600)
    problem = data["problem"]
    assert (problem["referrals"], problem["eligible"]["R5"]) == (["R1", "R2", "R5", "R6"], [])
    assert {room["places"] for room in problem["rooms"] if room["setting"] == ASHDOWN} == {0, 1, 5}
    assert set(data["facts"]["cases"]) == {"P1", "P2", "P3", "P4", "P5", "P6"}
    assert set(data["facts"]["shared"]["schools"]) == {"100001", "100002", "100003", "100004"}
    told = json.dumps(data)
    assert [secret for secret in SECRETS if secret in told] == ["safeguarding"]  # why R6 and Cedar are kept apart: a rule reads it


def test_the_file_is_enough_for_another_checker(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    seq, file = proposal(panel), tmp_path / "certificate.json"
    said = panel("audit", "certificate", seq, "-o", str(file)).out
    assert "".join(said.split()).endswith(f"Written:{file}.Ittellsofeachchild,byreference:keepitasyoukeeptheledger.")  # a long path wraps
    certificate = json.loads(file.read_text(encoding="utf-8"))
    assert verify(certificate).unique
    assert panel.json("audit", "certificate", seq) == certificate
    with pytest.raises(Refused, match="better"):
        verify({**certificate, "placement": {"R2": CEDAR, "R6": "100002"}})


def test_a_proposal_around_what_the_panel_decided(tmp_path: Path) -> None:
    """What was decided by then is fixed in the later proposal, and not in the one before."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--confirm")
    panel("decide", "R6", "--defer", "--reason", "the family wishes to visit first")
    later = panel.json("allocate", "--again")["entry"]
    first, second = (panel.json("audit", "certificate", str(seq)) for seq in (proposal(panel), later))
    assert (first["problem"]["fixed"], second["problem"]["fixed"]) == ({}, {"R1": ASHDOWN})
    assert (first["problem"]["referrals"], second["problem"]["referrals"]) == (["R1", "R2", "R5", "R6"], ["R1", "R2", "R5"])
    for certificate in (first, second):
        assert certificate["ok"] is True
        verify(certificate)


def test_an_entry_that_is_no_proposal(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "drawn")
    assert panel.refused("audit", "certificate", "3") == "Entry 3 is no proposal. There is none yet: see `pastoral allocate`.\n"
    seq = str(panel.json("allocate")["entry"])
    assert panel.refused("audit", "certificate", "999") == f"Entry 999 is no proposal. The proposals are: {seq}.\n"
    assert panel("audit", "certificate", "first", code=2).out == ""
    assert "cannot be written" in panel("audit", "certificate", seq, "-o", str(tmp_path / "no" / "file.json"), code=3).err


def test_a_placement_that_was_changed_is_not_proved(tmp_path: Path) -> None:
    """R1 to Cedar and R2 to Ashdown would be R1's first choice, and longer ways: the proof says no."""
    panel = harbour(tmp_path, "closed")
    seq = proposal(panel)
    changed = f'"R1":"{ASHDOWN}"', f'"R1":"{CEDAR}"'
    panel.alter("UPDATE entry SET body = replace(body, ?, ?) WHERE seq = ?", *changed, int(seq))
    said = panel("audit", "certificate", seq, code=1).out
    assert "WRONG: This placing is not lawful: 2 pupils of year 9 under year-group-full at \n100003, where there is room for 1.\n" in said
    assert "Proved" not in said
    assert said.endswith("This entry does not say what its proof and the record show. See also `pastoral \naudit replay`.\n")
    data = panel.json("audit", "certificate", seq, code=1)
    assert (data["ok"], data["certificate"], data["digest"]) == (False, None, None)
    with pytest.raises(Refused, match="lawful"):
        verify({**data, "certificate": {"unique": True, "leaves": 1}})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"unique":true', '"unique":false', "The entry says of unique: False; found True."),
        ('"leaves":1', '"leaves":2', "The entry says of leaves: 2; found 1."),
        ('"unplaced":["R5"]', '"unplaced":[]', "The entry says of unplaced: []; found ['R5']."),
    ],
)
def test_what_the_entry_says_of_its_answer_must_be_so(tmp_path: Path, old: str, new: str, told: str) -> None:
    panel = harbour(tmp_path, "closed")
    seq = proposal(panel)
    assert old in panel.column("body", "placements proposed")
    panel.alter("UPDATE entry SET body = replace(body, ?, ?) WHERE seq = ?", old, new, int(seq))
    data = panel.json("audit", "certificate", seq, code=1)
    (problem,) = data["problems"]
    assert problem.startswith(told)
    assert verify(data).unique  # the placement and its proof are as they were: only what was said of them is not


def test_a_proof_that_was_changed(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    seq = proposal(panel)
    panel.reseal(int(seq), "panel", '"prices":[[0,', '"prices":[[7,')
    (problem,) = panel.json("audit", "certificate", seq, code=1)["problems"]
    assert problem.startswith("The prices of stage 1 (place) do not prove the placing the best: from R1 to ")


def test_a_case_that_is_no_longer_held(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    panel.alter("DELETE FROM sealed WHERE subject = 'P1'")
    said = panel.refused("audit", "certificate", proposal(panel))
    assert said == "A case of meeting 1 of 2026-10-22 is no longer held, so there is nothing to check its proof against.\n"


def test_what_the_sealed_part_says_that_it_is_worth_must_be_so(tmp_path: Path) -> None:
    """28,600 metres of journeys in all; the entry says 28,500."""
    panel = harbour(tmp_path, "closed")
    seq = int(proposal(panel))
    with Office(Ledger.open(url(panel.ledger)), actor="auditor") as office:
        item = office.record[seq - 1]
        assert isinstance(item.event, ev.PlacementsProposed)
        assert item.event.shared is not None
        values = [{**one, "value": 28500} if one["value"] == 28600 else one for one in item.event.values]
        assert values != list(item.event.values)
        told = replace(item, event=item.event.model_copy(update={"shared": {**item.event.shared, "objectives": values}}))
        record = (*office.record[: seq - 1], told, *office.record[seq:])
        found = certified(record, seq, office.book_then, office.evaluation)
    (problem,) = found.problems
    assert problem.startswith("The entry says of objectives:")
