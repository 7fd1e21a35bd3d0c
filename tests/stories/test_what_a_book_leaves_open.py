"""What an officer's book leaves open is told where it is checked, where it is tested and where a case is held by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from rules import rulebook
from rules.errors import RulebookError
from rules.rulebook import Shelf, check, check_above, read_edition, shipped_text
from tests.running import BOOK, CEDAR, DELL, FILES, STEPS, Panel, pastoral

FORTNIGHT = "clocks:\n  - {id: fortnight, from: meeting.closed, until: meeting.opened, within: 2 weeks}\n"
TWO = """\
  - id: two
    per: school
    room: 2 - school.excluded
    examples:
      - {name: one, given: {school.excluded: 1}, expect: 1}
      - {name: two, given: {school.excluded: 2}, expect: 0}
holds:
"""
TWO_BOOK = BOOK.replace("holds:\n", TWO).replace(
    "counts:\n", "counts:\n  excluded: {of: placements, where: admission.after_exclusion, over: academic_year}\n"
)
SAID = "    say: The family and the home school must both agree.\n"


def loaded(folder: Path, book: str, *, terms: bool = True, places: str = FILES["places.csv"]) -> Panel:
    """Harbour with another book, its files loaded, or all but the terms."""
    panel = Panel(folder / "other.db")
    for name, text in (FILES | {"harbour.yaml": book, "places.csv": places}).items():
        panel.file(name, text)
    for step in STEPS["loaded"]:
        if not terms and "terms" in step:
            continue
        panel(*(str(panel.folder / word) if word in FILES else word for word in step.split()))
    return panel


@contextmanager
def as_it_was_before() -> Iterator[None]:
    """The program as it was when these books could still be adopted."""
    rulebook._sound.cache_clear()
    with mock.patch.object(rulebook, "ON_ADOPTION", ()):
        yield
    rulebook._sound.cache_clear()


SENIORS_BOOK = TWO_BOOK.replace("where: admission.after_exclusion", "where: admission.year_group >= 10")
OF_FEWER = "  - quota: {count: seniors, limit: 2, of: [fair_access]}\n"
OF_FEWER_BOOK = BOOK.replace("  - journey\n", OF_FEWER + "  - journey\n").replace(
    "counts:\n", "counts:\n  seniors: {of: placements, where: admission.year_group >= 10, over: academic_year}\n"
)
ABOVE_BOOK = BOOK.replace("  - journey\n", "  - quota: {count: above, limit: 1}\n  - journey\n").replace(
    "counts:\n", "counts:\n  above: {of: placements, where: admission.over_number is known and admission.over_number > 0, over: term}\n"
)


@pytest.mark.parametrize("text", [BOOK + FORTNIGHT, TWO_BOOK, SENIORS_BOOK, OF_FEWER_BOOK, ABOVE_BOOK])
def test_what_a_new_book_is_refused_for_does_not_stop_one_that_is_recorded(text: str, tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(text, encoding="utf-8")
    assert pastoral("rules", "check", str(path)).code == 3
    assert pastoral("init", "--rulebook", str(path), ledger=tmp_path / "new.db").code == 3
    panel = Panel(tmp_path / "old.db")
    with as_it_was_before():
        panel("init", "--rulebook", str(path))
    panel("load", "schools", str(panel.file("schools.csv", f"URN,EstablishmentName,PhaseOfEducation (name)\n{CEDAR},Cedar,Secondary\n")))
    panel("meeting", "open", "--date", "2026-10-01", "--chair", "Okafor")
    panel("due", "--as-of", "2026-11-20")
    panel.json("position")
    assert panel.json("audit", "verify")["ok"] is True
    new = panel.file("next.yaml", BOOK.replace("2026-09-01", "2027-09-01"))
    panel("rules", "adopt", str(new))


def test_nor_does_it_stop_a_new_edition_of_the_law_below_it() -> None:
    old = BOOK.replace("title:", "extends: england\ntitle:").replace("id: kept-apart", "id: apart") + FORTNIGHT
    shelf = Shelf.of([(old, "old.yaml"), *((text, "england") for text in shipped_text("england"))])
    with pytest.raises(RulebookError, match="events of one case"):
        check(shelf.line("harbour")[0], shelf)
    for edition in shelf.line("england"):
        check_above(edition, shelf)


def test_nor_does_it_stop_a_new_book_above_it() -> None:
    above = BOOK[: BOOK.index("settings:")].replace("rulebook: harbour", "rulebook: quay\nextends: harbour")
    shelf = Shelf.of([(BOOK + FORTNIGHT, "old.yaml")])
    assert check(read_edition(above + BOOK[BOOK.index("objectives:") :], "quay.yaml"), shelf).name == "quay"


NAMES = """\
derive:
  - {id: wide, fact: school.selective, is: not school.closing}
  - {id: mean, fact: panel.average_load, is: panel.total_load // 3 + 100}
notices:
  - id: busy
    when: panel.average_load >= 100
    say: "On average {panel.average_load}."
    examples:
      - {name: any, given: {panel.total_load: 3}, expect: fires}
      - {name: below, given: {panel.total_load: -3}, expect: silent}
bars:
  - id: chosen
    when: school.selective
    examples:
      - {name: it stays, given: {school.closing: false}, expect: fires}
      - {name: it is to close, given: {school.closing: true}, expect: silent}
"""
"""A book from before school.selective and panel.average_load were facts."""


def test_a_recorded_book_means_by_its_own_names_what_it_meant(tmp_path: Path) -> None:
    text = BOOK.replace("bars:\n", NAMES)
    path = tmp_path / "old.yaml"
    path.write_text(text, encoding="utf-8")
    told = pastoral("rules", "check", str(path))
    assert (told.code, told.err.count("which exists already")) == (3, 2)
    with as_it_was_before():
        panel = loaded(tmp_path, text)
    assert "On average 100." in panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor").out
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    assert "chosen" in panel("explain", "R1", "--why-not", CEDAR).out
    assert panel.json("audit", "replay")["ok"] is True
    new = panel.file("next.yaml", BOOK.replace("2026-09-01", "2027-09-01"))
    panel("rules", "adopt", str(new))


def test_no_new_book_counts_under_the_name_that_one_below_derives() -> None:
    below = BOOK.replace("  load: {of: [placements, outside_admissions], over: academic_year}\n", "  taken: {of: placements, over: term}\n")
    below = below.replace("share: {load: load,", "share: {load: taken,")
    below += "derive:\n  - {id: mean, fact: panel.average_load, is: panel.total_roll // 3}\n"
    above = BOOK[: BOOK.index("settings:")].replace("rulebook: harbour", "rulebook: quay\nextends: harbour")
    above += "counts:\n  load: {of: placements, over: academic_year}\n" + below[below.index("objectives:") : below.index("derive:")]
    with pytest.raises(RulebookError, match=r"found the name load; wanted a name of its own\. panel\.average_load is already a fact"):
        check(read_edition(above, "quay.yaml"), Shelf.of([(below, "old.yaml")]))


def test_a_limit_that_counts_some_may_say_so(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(TWO_BOOK.replace("    room: 2 -", "    of: permanently_excluded\n    room: 2 -"), encoding="utf-8")
    assert pastoral("rules", "check", str(path)).code == 0
    path.write_text(
        TWO_BOOK.replace("    room: 2 - school.excluded", "    room: 100 * (2 - school.excluded)").replace("expect: 1}", "expect: 100}")
    )
    assert pastoral("rules", "check", str(path)).code == 0  # meant: a school that has two takes nobody


def test_a_case_is_told_by_the_condition_of_what_has_no_sentence(tmp_path: Path) -> None:
    assert BOOK.count(SAID) == 1
    panel = loaded(tmp_path, BOOK.replace(SAID, ""))
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    out = " ".join(panel("allocate").out.split())
    condition = "not (referral.parent_agrees and referral.home_school_agrees)"
    assert f"Held: R4, by both-agree: the rulebook has no sentence for it; its condition is: {condition}." in out


def test_two_reasons_at_one_school_are_told_apart(tmp_path: Path) -> None:
    """R5 has no place: Dell is to close, by a bar without a sentence, and nobody has said the PAN of its year 11."""
    places = "\n".join(line for line in FILES["places.csv"].splitlines() if not line.startswith(f"{DELL},11,"))
    panel = loaded(tmp_path, BOOK.replace('    say: "{school.name} is to close."\n', ""), places=places)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    out = " ".join(panel("allocate").out.split())
    first = "the rulebook has no sentence for it; its condition is: school.closing."
    assert f"Dell School ({DELL}): {first} year-group-full cannot tell without year.pan (" in out


def test_a_wait_that_cannot_be_told_is_told_with_what_to_load(tmp_path: Path) -> None:
    panel = loaded(tmp_path, BOOK.replace("  - place\n", "  - place\n  - waiting\n"), terms=False)
    said = " ".join(panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor").err.split())
    assert "R1 is held: waiting cannot tell without referral.waiting" in said
    assert "referral.waiting is told by a file of terms (`pastoral load terms`)" in said


TERM = BOOK.replace("over: academic_year", "over: term")


def test_since_when_a_term_counts_is_told(tmp_path: Path) -> None:
    """The second row of terms begins on 2 November; 24 October lies between two rows."""
    panel = loaded(tmp_path, TERM)
    since = "load counts since 2026-11-02: a term is one row of the file of terms, here to 2026-12-18."
    assert since in " ".join(panel("position", "--as-of", "2026-11-20").out.split())
    nowhere = "load counts over a term, and 2026-10-24 lies in none that was loaded (`pastoral load terms`): it comes to 0."
    assert nowhere in " ".join(panel("position", "--as-of", "2026-10-24").out.split())
    assert "over a term" not in panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor").err


def test_a_meeting_in_the_holidays_says_that_a_term_counts_nobody(tmp_path: Path) -> None:
    panel = loaded(tmp_path, TERM)
    assert "2026-10-24 lies in none that was loaded" in panel("meeting", "open", "--date", "2026-10-24", "--chair", "Okafor").err


SCOPED = BOOK.replace(
    "  - id: plan\n", "  - id: some\n    applies_to: [fair_access]\n    when: referral.ehcp\n    examples: [EX]\n  - id: plan\n"
)
EXAMPLES = "{name: a, given: {referral.ehcp: true}, expect: fires}, {name: b, given: {referral.ehcp: false}, expect: silent}, "


def test_an_example_out_of_scope_must_say_of_what(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(SCOPED.replace("EX", EXAMPLES + "{name: c, given: {}, expect: out of scope}"))
    said = pastoral("rules", "test", str(path))
    assert said.code == 1
    assert "some, 'c': expected out of scope, got silent. What `given` leaves out is of the rule's scope: give a kind" in " ".join(
        said.out.split()
    )
    path.write_text(SCOPED.replace("EX", EXAMPLES + "{name: c, given: {referral.kind: managed_move}, expect: out of scope}"))
    assert pastoral("rules", "test", str(path)).code == 0


def test_the_chair_hears_whose_attendance_looks_like_per_cent(tmp_path: Path) -> None:
    panel = loaded(tmp_path, BOOK)
    head, first, *_ = FILES["referrals.csv"].splitlines()
    assert "attendance" not in head
    more = [f"{head},attendance", *(f"{line.replace('R1,P1', f'R{n},P{n}')},{n}" for n, line in ((93, first), (100, first), (101, first)))]
    panel("load", "referrals", str(panel.file("more.csv", "\n".join(more) + "\n")))
    said = " ".join(panel("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor").err.split())
    assert "Attendance of a tenth or less: R100, R93. It is per mille, so that 93 is 9.3 per cent" in said


def test_an_example_of_room_that_is_below_nought_is_told_how_it_is_written(tmp_path: Path) -> None:
    """Three of two: the room is -1, and 0 is not what comes out."""
    full = "examples: [{name: three, given: {school.load: 3}, expect: %s}, {name: one, given: {school.load: 1}, expect: 1}]"
    limit = "limits:\n  - {id: two, per: school, room: 2 - school.load, say: two, " + full + "}\n"
    book = f"rulebook: x\nedition: {{from: 2026-09-01}}\ntitle: t\nauthority: {{instrument: i}}\nobjectives: [place]\n{limit}"
    book += "counts: {load: {of: placements, over: term}}\n"
    path = tmp_path / "x.yaml"
    path.write_text(book % "0", encoding="utf-8")
    told = pastoral("rules", "test", str(path))
    said = " ".join((told.out + told.err).split())
    assert told.code != 0
    assert "An example gives the room as it is worked out; what is below 0 is none too: write `expect: -1`" in said
    path.write_text(book % "-1", encoding="utf-8")
    assert pastoral("rules", "test", str(path)).code == 0
