"""The program proposes, the panel decides: overrides with a reason, what may not be waived, and a seat that is given away."""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, STEPS, Panel, harbour


def test_an_override_takes_a_reason_and_says_which_bars_it_waived(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel("decide", "R1", "--school", DELL, "--reason", "for one term").out == (
        "R1: overridden, Dell School (100004), from 2026-10-22; waived: closing\n"
    )
    (decision,) = panel.json("decide", "R5", "--school", DELL, "--reason", "a brother is there")["decisions"]
    said = {key: decision[key] for key in ("referral", "outcome", "school", "starts", "proposal", "waived")}
    assert said == {
        "referral": "R5",
        "outcome": "overridden",
        "school": DELL,
        "starts": "2026-10-22",
        "proposal": int(panel.column("seq", "placements proposed")),
        "waived": ["closing", "year-group-full"],
    }


def test_a_bar_that_may_not_be_waived_stands(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel.refused("decide", "R6", "--school", CEDAR, "--reason", "they have made it up") == (
        "R6 cannot go to 100003: kept-apart may not be waived. See `pastoral explain R6 --why-not 100003`.\n"
    )


def test_a_reason_must_have_words_and_the_proposed_school_needs_none(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel.refused("decide", "R1", "--school", CEDAR, "--reason", "  ") == (
        "--reason: found nothing; wanted the reason in words. It is sealed, and goes with the record.\n"
    )
    assert panel.refused("decide", "R1", "--school", ASHDOWN, "--reason", "as proposed") == (
        "100001 is what was proposed for R1. Take it with `pastoral decide R1 --confirm`.\n"
    )


def test_nobody_overrides_a_case_that_is_held(tmp_path: Path) -> None:
    """R4's parent has not signed; of R3 nobody has said whether there is a plan. Neither can be decided yet."""
    panel = harbour(tmp_path, "proposed")
    for name, hold in (("R3", "plan"), ("R4", "both-agree")):
        assert panel.refused("decide", name, "--school", ASHDOWN, "--reason", "there is room") == (
            f"{name} is held by {hold}: the panel cannot decide it as things stand. See `pastoral explain {name}`.\n"
        )
        assert panel.refused("decide", name, "--confirm") == (
            f"{name} was held in the proposal, so there is nothing to confirm. Defer it, or see `pastoral explain {name}`.\n"
        )


def test_what_was_left_unplaced_cannot_be_confirmed(tmp_path: Path) -> None:
    assert harbour(tmp_path, "proposed").refused("decide", "R5", "--confirm") == (
        "R5 was left unplaced in the proposal, so there is nothing to confirm. Name a school with a reason, defer it, or decline it.\n"
    )


def test_a_seat_given_away_is_proposed_again(tmp_path: Path) -> None:
    """R1 takes Cedar's only seat in year 9, which was proposed for R2."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    assert panel.refused("decide", "R6", "R2", "--confirm") == (
        "R2: the seat proposed at 100003 was given away at this meeting since (year-group-full). "
        "Propose again with `pastoral allocate --again`. "
        "Nothing was recorded, nor for R6: name again those that can be confirmed.\n"
    )
    assert panel.refused("allocate") == (
        f"Entry {panel.column('seq', 'placements proposed')} holds a proposal for meeting 1 already. "
        "To propose around what was decided since: --again.\n"
    )
    again = panel.json("allocate", "--again")
    assert {row["referral"]: row["school"] for row in again["placements"]} == {"R1": CEDAR, "R2": BIRCH, "R6": BIRCH}
    assert again["moved"] == ["R2"]
    assert panel("decide", "R6", "R2", "--confirm").out.count("confirmed, Birch Academy") == 2


def test_a_second_override_into_the_same_seat_waives_the_limit(tmp_path: Path) -> None:
    """Cedar has one seat in year 9. The first takes it; the second is over number, and the record says so."""
    panel = harbour(tmp_path, "drawn")
    (first,) = panel.json("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")["decisions"]
    (second,) = panel.json("decide", "R2", "--school", CEDAR, "--reason", "a sister is there")["decisions"]
    assert "waived" not in first or first["waived"] == []
    assert second["waived"] == ["year-group-full"]
    again = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in again["placements"]} == {"R1": CEDAR, "R2": CEDAR, "R6": BIRCH}
    assert panel.json("audit", "replay")["ok"] is True


def test_a_limit_that_may_not_be_waived_keeps_its_last_seat(tmp_path: Path) -> None:
    strict = BOOK.replace("    per: year_group\n", "    per: year_group\n    waivable: false\n")
    assert strict != BOOK
    panel = founded(tmp_path, strict)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    assert panel.refused("decide", "R2", "--school", CEDAR, "--reason", "a sister is there") == (
        "R2 cannot go to 100003: year-group-full may not be waived. See `pastoral explain R2 --why-not 100003`.\n"
    )


def test_all_that_are_named_are_confirmed_or_none(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel.refused("decide", "R1", "R2", "R5", "--confirm")
    panel.refused("decide", "R1", "R99", "--confirm")
    assert panel.json("explain", "R1")["status"] == "proposed"


def test_nothing_is_decided_twice(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--confirm")
    said = "R1 was decided at this meeting already: confirmed for 100001. Nothing is decided twice.\n"
    assert panel.refused("decide", "R1", "--confirm") == said
    assert panel.refused("decide", "R1", "--school", CEDAR, "--reason", "on second thoughts") == said
    assert panel.refused("decide", "R1", "--defer", "--reason", "on second thoughts") == said
    panel("decide", "R2", "--decline", "--reason", "moved away")
    assert panel.refused("decide", "R2", "--confirm") == "R2 was decided at this meeting already: declined. Nothing is decided twice.\n"
    panel("meeting", "close")
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    assert panel.refused("decide", "R1", "--decline", "--reason", "x") == "R1 is decided; only a waiting referral can be decided.\n"


def test_strict_says_with_its_exit_code_that_somebody_is_left(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "drawn")
    assert panel("allocate", "--strict", "--dry-run", code=1).out == panel("allocate", "--dry-run").out
    panel("allocate", "--strict", code=1)
    panel("decide", "R5", "--school", DELL, "--reason", "for one term")
    panel("allocate", "--again", "--strict")


def founded(folder: Path, book: str) -> Panel:
    """The panel of Harbour with a rulebook of its own."""
    panel = Panel(folder / "other.db")
    for name, text in {**FILES, "harbour.yaml": book}.items():
        panel.file(name, text)
    for step in STEPS["loaded"]:
        panel(*(str(folder / word) if word in FILES else word for word in step.split()))
    return panel
