"""A family takes home what was decided about their child, and can show years later that the panel's record held it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import ASHDOWN, CEDAR, Panel, harbour, pastoral

REASON = "the parent can only agree to Cedar"


def flat(text: str) -> str:
    return " ".join(text.split())


def at(panel: Panel, name: str) -> str:
    return str(panel.folder / name)


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """Harbour decides: R1 to Cedar against the proposal, R2 deferred, R6 as proposed; it closes with a checkpoint."""
    panel = harbour(tmp_path, "proposed")
    panel("keys", "new", "harbour/clerk", "-o", at(panel, "clerk.key"))
    panel("decide", "R1", "--school", CEDAR, "--reason", REASON)
    panel("decide", "R2", "--defer", "--reason", "wants to visit")
    panel("decide", "R6", "--confirm")
    panel("meeting", "close", "--key", at(panel, "clerk.key"), "-o", at(panel, "m1.checkpoint"))
    return panel


def given(panel: Panel, referral: str, *words: str) -> Path:
    """A receipt under the meeting's checkpoint."""
    path = panel.folder / f"{referral}.receipt"
    panel("audit", "receipt", referral, "--checkpoint", at(panel, "m1.checkpoint"), "-o", str(path), *words)
    return path


def test_what_a_receipt_says(panel: Panel) -> None:
    path = given(panel, "R1")
    assert path.stat().st_mode & 0o777 == 0o600
    panel.ledger.unlink()  # nobody needs it any more
    said = flat(pastoral("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub")).out)
    assert said.startswith("Proved: this decision stands in the panel's record, as entry ")
    assert f"R1, pupil P1: to school {CEDAR}, from 2026-10-22, as the panel chose" in said
    assert "at meeting 1 of 2026-10-22; written down by clerk, " in said
    assert f"the panel's reason: {REASON}" in said
    assert "Signed by harbour/clerk (key " in said


def test_the_same_in_json(panel: Panel) -> None:
    told = panel.json("audit", "check-receipt", str(given(panel, "R6")), "--key", at(panel, "clerk.pub"))
    assert (told["ok"], told["referral"], told["pupil"], told["outcome"], told["school"]) == (True, "R6", "P6", "confirmed", "100002")
    assert (told["reason"], told["waived"], told["problems"], told["not_checked"]) == (None, [], [], [])
    assert told["entries"] == panel.entries()
    assert [key["name"] for key in told["signed_by"]] == ["harbour/clerk"]


def test_a_receipt_under_a_checkpoint_of_now(panel: Panel) -> None:
    panel("withdraw", "R4", "--on", "2026-10-23", "--reason", "moved away")
    path = panel.folder / "R2.receipt"
    said = flat(panel("audit", "receipt", "R2", "--key", at(panel, "clerk.key"), "-o", str(path)).out)
    assert "It holds the panel's reason, word for word: read it before you hand it on." in said
    told = panel.json("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub"))
    assert (told["outcome"], told["school"], told["reason"], told["entries"]) == ("deferred", None, "wants to visit", panel.entries())


def test_a_receipt_that_was_changed(panel: Panel) -> None:
    path = given(panel, "R1")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'"school": "{CEDAR}"', f'"school": "{ASHDOWN}"'), encoding="utf-8")
    said = panel("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub"), code=1).out
    assert "proves nothing:" in flat(said)
    assert "of the record that the checkpoint commits to" in flat(said)
    told = panel.json("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub"), code=1)
    assert (told["ok"], len(told["problems"])) == (False, 1)
    path.write_text(text.replace('"seq"', '"sequence"'), encoding="utf-8")
    said = panel("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub"), code=3).err
    assert "is not a receipt in the exact form" in said
    assert "P1" not in said


def test_somebody_elses_key_proves_nothing(panel: Panel) -> None:
    path = given(panel, "R1")
    (panel.folder / "forged").mkdir()
    panel("keys", "new", "harbour/clerk", "-o", at(panel, "forged/clerk.key"))
    said = panel("audit", "check-receipt", str(path), "--key", at(panel, "forged/clerk.pub"), code=1).out
    assert "the checkpoint has no signature of harbour/clerk (key " in flat(said)


def test_no_other_child_is_in_it(panel: Panel) -> None:
    for own, others in (("1", "23456"), ("2", "13456"), ("6", "12345")):
        text = given(panel, f"R{own}").read_text(encoding="utf-8")
        assert f'"R{own}"' in text
        for other in others:
            for reference in (f"R{other}", f"P{other}"):
                assert f'"{reference}"' not in text
                assert f" {reference} " not in text
        for secret in ("ZZ9", "622000", "safeguarding", "preferences", "easting"):
            assert secret not in text


def test_the_latest_decision_or_that_of_a_meeting(panel: Panel) -> None:
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Penhale")
    panel("meeting", "draw", "--words", "maple")
    panel("decide", "R2", "--decline", "--reason", "settled at home")
    path = panel.folder / "R2.receipt"
    panel("audit", "receipt", "R2", "--key", at(panel, "clerk.key"), "-o", str(path))
    assert panel.json("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub"))["outcome"] == "declined"
    path.unlink()
    panel("audit", "receipt", "R2", "--meeting", "1", "--key", at(panel, "clerk.key"), "-o", str(path))
    assert panel.json("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub"))["outcome"] == "deferred"
    old = ("--checkpoint", at(panel, "m1.checkpoint"), "-o", at(panel, "x"))
    assert "wanted one made after the decision" in flat(panel.refused("audit", "receipt", "R2", *old))
    assert "found one of meeting 1, 2" in panel.refused("audit", "receipt", "R2", "--meeting", "3", *old)
    assert not (panel.folder / "x").exists()


def test_what_there_is_no_receipt_for(panel: Panel) -> None:
    new = ("--key", at(panel, "clerk.key"), "-o", at(panel, "x"))
    assert "R3 has not been decided yet" in panel.refused("audit", "receipt", "R3", *new)
    assert "There is no referral 'R77'" in panel.refused("audit", "receipt", "R77", *new)
    panel("audit", "checkpoint", "-o", at(panel, "unsigned"))
    assert "nobody has signed this checkpoint" in panel.refused(
        "audit", "receipt", "R1", "--checkpoint", at(panel, "unsigned"), "-o", at(panel, "x")
    )
    path = given(panel, "R1")
    assert "R1.receipt is there already" in panel.refused("audit", "receipt", "R1", "--key", at(panel, "clerk.key"), "-o", str(path))
    assert "Name --key" in panel("audit", "receipt", "R1", "-o", at(panel, "x"), code=2).err
    panel.alter("UPDATE entry SET actor = 'somebody' WHERE kind = 'decision taken'")
    assert "not as it was written" in panel("audit", "receipt", "R1", *new, code=4).err
    assert not (panel.folder / "x").exists()


def test_a_reason_that_was_erased_is_not_in_a_new_receipt(panel: Panel) -> None:
    panel.alter("DELETE FROM sealed WHERE subject = 'P1'")
    path = given(panel, "R1")
    said = flat(panel("audit", "check-receipt", str(path), "--key", at(panel, "clerk.pub")).out)
    assert "a reason was recorded under seal, and is not in this receipt" in said
    assert REASON not in path.read_text(encoding="utf-8")
