"""What a school offers and a pupil needs: from both files to the answer; and that no rule about a school is told what is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from rules.errors import RulebookError
from rules.rulebook import check_text
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, REFERRALS, SCHOOLS, Panel
from tests.stories.test_what_a_book_asks_of_schools import answered, opened, told

OFFERS: Final = "offers:\n  eal: a programme for pupils new to English\n  signing: lessons with an interpreter\n"
BAR: Final = """\
  - id: lacks-what-is-needed
    at: [mainstream]
    when: not candidate.offers_what_is_needed
    say: "{school.name} does not offer what this pupil needs."
    examples:
      - {name: it does not, given: {candidate.offers_what_is_needed: false}, expect: fires}
      - {name: it does, given: {candidate.offers_what_is_needed: true}, expect: silent}
"""
NEEDING: Final = BOOK.replace("counts:\n", f"{OFFERS}counts:\n", 1).replace("objectives:\n", f"{BAR}objectives:\n", 1)
HEAD, *ROWS = SCHOOLS.splitlines()
NOBODY: Final = ("none",) * 6


def schools(*offers: str) -> str:
    """The schools file with what each offers, in the order Ashdown, Birch, Cedar, Dell."""
    return "\n".join((f"{HEAD},offers", *(f"{row},{cell}" for row, cell in zip(ROWS, offers, strict=True)), ""))


def referrals(*needs: str) -> str:
    """The referrals file with what each pupil needs, R1 to R6."""
    head, *rows = REFERRALS.splitlines()
    return "\n".join((f"{head},needs", *(f"{row},{cell}" for row, cell in zip(rows, needs, strict=True)), ""))


def founded(folder: Path, offers: tuple[str, ...], needs: tuple[str, ...] = NOBODY, book: str = NEEDING) -> Panel:
    folder.mkdir(exist_ok=True)
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book)))
    files = {"schools": schools(*offers), "places": FILES["places.csv"], "terms": FILES["terms.csv"], "referrals": referrals(*needs)}
    for what, text in files.items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


# --- where a pupil goes by it ---


def test_who_needs_something_goes_where_it_is_offered(tmp_path: Path) -> None:
    """R1 needs an interpreter, whom only Cedar has; so R2 goes to Birch beside R6, for Cedar's year 9 has one place."""
    panel = founded(tmp_path, ("eal", "eal", "eal;signing", "none"), ("signing", *NOBODY[1:]))
    panel("correct", "R1", "--set", "in_area=yes", "--reason", "the form says so")  # and says nothing of the need
    assert "offer" not in opened(panel)
    assert answered(panel) == {"R1": CEDAR, "R2": BIRCH, "R6": BIRCH}
    said = told(panel("explain", "R1", "--why-not", ASHDOWN).out)
    assert "Ashdown School does not offer what this pupil needs." in said
    assert "signing" not in said
    panel("decide", "R1", "R2", "R6", "--confirm")
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_who_needs_two_things_goes_where_both_are(tmp_path: Path) -> None:
    panel = founded(tmp_path, ("signing", "eal", "signing;eal", "none"), ("eal; signing", *NOBODY[1:]))
    opened(panel)
    assert answered(panel)["R1"] == CEDAR


def test_who_needs_nothing_goes_anywhere_whatever_schools_have_said(tmp_path: Path) -> None:
    panel = founded(tmp_path, ("", "", "none", ""))
    opened(panel)
    assert answered(panel) == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}


def test_an_order_of_approach_goes_by_it(tmp_path: Path) -> None:
    """As a tier it closes nothing: R6 needs what nobody offers, and goes to Birch, the only school that is open to it."""
    tiers = """\
tiers:
  - id: offers-it
    tier: 1
    when: candidate.offers_what_is_needed
    examples:
      - {name: no, given: {candidate.offers_what_is_needed: false}, expect: silent}
      - {name: so, given: {}, expect: fires}
  - {id: anywhere, tier: 2, when: true}
"""
    book = BOOK.replace("counts:\n", f"{OFFERS}counts:\n", 1).replace("objectives:\n", f"{tiers}objectives:\n", 1)
    book = book.replace("  - share:", "  - tier\n  - share:")
    panel = founded(tmp_path, ("none", "none", "eal", "none"), ("eal", "none", "none", "none", "none", "signing"), book)
    opened(panel)
    assert answered(panel) == {"R1": CEDAR, "R2": BIRCH, "R6": BIRCH}


# --- what nobody has said ---


def test_a_need_that_nobody_can_answer_holds_the_case(tmp_path: Path) -> None:
    """Of Cedar nobody has said what it offers, and of R2 nobody what it needs: both are held, and it is told by which columns."""
    panel = founded(tmp_path, ("none", "eal", "", "none"), ("eal", "", *NOBODY[2:]))
    said = opened(panel)
    either = "a programme for pupils new to English or lessons with an interpreter"
    assert f"Nobody has said of Cedar High School (100003) whether there is {either}" in said
    assert "Load the schools again with a column offers" in said
    for name in ("R1", "R2"):
        assert f"{name} is held: lacks-what-is-needed cannot tell without candidate.offers_what_is_needed" in said
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    out = told(panel("explain", "R2").out)
    assert (
        "told by the referral's column needs (none where nothing is), and a file of schools (`pastoral load schools`), column offers" in out
    )


def test_an_answer_to_an_earlier_question_is_none_to_a_new_one(tmp_path: Path) -> None:
    """An edition of October names a third thing. No school was asked for it, nor any family: nobody guesses that it is not there."""
    panel = founded(tmp_path, ("eal", "eal", "eal", "eal"), ("eal", *NOBODY[1:]))
    later = NEEDING.replace("edition: {from: 2026-09-01}", "edition: {from: 2026-10-01}").replace(
        "counts:\n", "  lift: a lift\ncounts:\n", 1
    )
    panel("rules", "adopt", str(panel.file("later.yaml", later)))
    panel("correct", "R1", "--set", "year_group=10", "--reason", "the form says so", "--on", "2026-10-05")
    said = opened(panel)
    assert "R1 is held: lacks-what-is-needed cannot tell" in said  # the correction of another column said nothing of the lift
    panel("meeting", "close")
    panel("load", "schools", str(panel.file("again.csv", schools("eal;lift", "eal;lift", "eal;lift", "eal;lift"))))
    panel("correct", "R1", "--set", "needs=eal;lift", "--reason", "it uses a wheelchair")
    said = told(panel("meeting", "open", "--date", "2026-10-23", "--chair", "Okafor").err)
    assert "lacks-what-is-needed" not in said


def test_what_a_book_does_not_go_by_is_told(tmp_path: Path) -> None:
    panel = founded(tmp_path, ("none",) * 4, ("eal", *NOBODY[1:]), BOOK.replace("counts:\n", f"{OFFERS}counts:\n", 1))
    said = opened(panel)
    assert (
        "R1: the case says what the pupil needs of a school (needs), and nothing in 'harbour' reads candidate.offers_what_is_needed" in said
    )
    remarks = panel.json("rules", "check", str(tmp_path / "book.yaml"))["remarks"]
    assert "offer eal" in {one["about"] for one in remarks}


# --- what is sealed, refused and corrected ---


def test_what_a_pupil_needs_is_sealed_and_never_quoted(tmp_path: Path) -> None:
    panel = founded(tmp_path, ("eal",) * 4, ("signing", *NOBODY[1:]))
    assert '"offers":{"eal":true,"signing":false}' in panel.bodies()
    assert '"needs"' not in panel.bodies()
    bad = referrals("interpreter", *NOBODY[1:]).replace("R", "S").replace(",P", ",Q")
    said = panel.refused("load", "referrals", str(panel.file("bad.csv", bad)))
    assert "row 2, needs: wanted none, eal or signing; several are separated by ;" in said
    assert "interpreter" not in said
    slip = panel.file("slip.csv", schools("eal", "sining", "none", "none"))
    assert "row 3, offers: found 'sining'" in panel.refused("load", "schools", str(slip))


def test_what_was_said_is_corrected_and_loaded_again(tmp_path: Path) -> None:
    panel = founded(tmp_path, ("eal", "none", "", "none"))
    said = told(panel("load", "schools", str(panel.file("again.csv", schools("none", "none", "signing", "none")))).err)
    assert "100001 Ashdown School: offers eal -> none" in said
    assert "100003 Cedar High School: offers unknown -> signing" in said
    panel("correct", "R1", "--set", "needs=signing", "--reason", "the family said so")
    opened(panel)
    assert answered(panel)["R1"] == CEDAR


def test_a_book_that_names_nothing_takes_no_word(tmp_path: Path) -> None:
    panel = founded(tmp_path, ("",) * 4, ("",) * 6, BOOK)
    assert '"offers"' not in panel.bodies()
    said = panel.refused("correct", "R1", "--set", "needs=eal", "--reason", "x")
    assert "wanted nothing. The rulebook harbour says nothing under `offers`." in said


# --- who may read it ---


def rule(section: str, condition: str, given: str) -> str:
    other = given.replace("true", "false")
    return (
        f"{section}:\n  - id: told\n    when: {condition}\n    say: So it is.\n    examples:\n"
        f"      - {{name: so, given: {{{given}}}, expect: fires}}\n      - {{name: not so, given: {{{other}}}, expect: silent}}\n"
    )


BARE: Final = "rulebook: quay\nedition: {from: 2026-09-01}\ntitle: Quay\nauthority: {instrument: Quay}\nobjectives: [place, lottery]\n"


@pytest.mark.parametrize("section", ["holds", "notices"])
def test_a_hold_and_a_notice_may_read_a_need(section: str) -> None:
    assert check_text(f"{BARE}{OFFERS}{rule(section, 'referral.needs_signing', 'referral.needs_signing: true')}", "quay.yaml")


@pytest.mark.parametrize("section", ["bars", "bars by way of derive"])
def test_no_bar_reads_a_need(section: str) -> None:
    derive = "derive:\n  - {id: signs, fact: candidate.signs, is: referral.needs_signing}\n" if "derive" in section else ""
    fact = "candidate.signs" if derive else "referral.needs_signing"
    with pytest.raises(RulebookError) as caught:
        check_text(f"{BARE}{OFFERS}{derive}{rule('bars', fact, 'referral.needs_signing: true')}", "quay.yaml")
    assert "wanted no such fact in a bar. It decides process only" in str(caught.value)


def test_nobody_comes_first_for_a_need() -> None:
    with pytest.raises(RulebookError) as caught:
        check_text(BARE.replace("[place,", "[place, {place: {of: referral.needs_signing}},") + OFFERS, "quay.yaml")
    assert "wanted no such fact in an objective. It decides process only" in str(caught.value)


def test_an_auditor_sees_the_words(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "panel.db")
    book = str(panel.file("book.yaml", NEEDING))
    words = "eal = a programme for pupils new to English; signing = lessons with an interpreter"
    assert f"It asks what schools offer and pupils need: {words}." in told(panel("rules", "check", book).out)
    assert f"It asks what schools offer and pupils need: {words}." in told(panel("rules", "record", book).out)
    assert panel.json("rules", "check", book)["asks"]["offers"]["signing"] == "lessons with an interpreter"
    assert "signing lessons with an interpreter" in told(panel("rules", "show", book).out)
