"""A trial that lasts so many school days, may be made longer once, and what is told where the terms do not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, BOOK, UNIT, clean, flat, meet, refer, rolls, weir
from tests.running import Panel, pastoral

TRIAL = (
    "  reintegration: {placement: permanent, agreed_by: [receiving_admission_authority], reviews: [20 school days],\n"
    "    trial: {lasts: 30 school days, extension: {by: 15 school days}, at_end: return, ends_as: [permanent, return]}}\n"
)


def panel_of(folder: Path, *, book: str = BOOK + TRIAL, terms: bool = True) -> Panel:
    """R1 was decided for Beech on 8 October 2026, from the unit, and Beech has agreed."""
    panel = weir(folder, book=book, terms=terms)
    refer(panel, "R1", "P1", "reintegration", home=UNIT)
    meet(panel, "2026-10-08", "R1")
    return panel


def test_thirty_school_days_and_fifteen_more(tmp_path: Path) -> None:
    """From Monday 2 November six weeks of school end on Friday 11 December; then 14 to 18 December, 4 to 8 and 11 to 15 January."""
    panel = panel_of(tmp_path)
    assert panel("accept", "R1", "--by", "receiving-admission-authority", "--on", "2026-10-20").out == "R1: 200002 agrees.\n"
    assert panel.refused("accept", "R1", "--by", "receiving-school", "--on", "2026-10-20") == "200002 agreed to R1 already.\n"
    assert panel.refused("start", "R1", "--on", "2026-11-02", "--until", "2026-12-12").startswith(
        "R1: --until: found 2026-12-12; wanted 2026-12-11 at the latest, the last of 30 school days."
    )
    assert panel("start", "R1", "--on", "2026-11-02").out == "R1: first day at Beech School (200002), 2026-11-02, until 2026-12-11.\n"
    (review, end) = panel.json("due", "--as-of", "2026-11-20")["next"]
    assert (review["clock"], review["due"]) == ("review-1", "2026-11-30"), "the 20th school day after the first"
    assert (end["clock"], end["due"]) == ("planned-end", "2026-12-11")
    assert end["to_do"] == (
        "say how it ends: pastoral permanent R1 --on DATE, or pastoral end R1 --as return --on DATE, or "
        "pastoral extend R1 --on DATE --until DATE --reason TEXT"
    )
    longer = ("extend", "R1", "--on", "2026-12-10", "--reason", "x", "--until")
    assert panel.refused(*longer, "2027-01-16").startswith(
        "R1: --until: found 2027-01-16; wanted 2027-01-15 at the latest, 15 school days after 2026-12-11, the last day so far."
    )
    panel(*longer, "2027-01-15")
    assert panel.refused("extend", "R1", "--on", "2027-01-14", "--reason", "x", "--until", "2027-01-20").startswith(
        "R1: by weir of 2026-09-01 a trial is extended once at most, and it was."
    )
    (end,) = (one for one in panel.json("due", "--as-of", "2027-01-14")["next"] if one["clock"] == "planned-end")
    assert "extend" not in end["to_do"]
    panel("permanent", "R1", "--on", "2027-01-15")
    clean(panel)


def test_a_child_of_no_home_school_is_sent_back_to_none(tmp_path: Path) -> None:
    panel = weir(tmp_path, book=BOOK + TRIAL)
    words = (
        "--kind",
        "reintegration",
        "--year-group",
        "9",
        "--made-on",
        "2026-10-01",
        "--excluded-by",
        ASH,
        "--ehcp",
        "no",
        "--looked-after",
        "no",
    )
    panel("refer", "R1", "--pupil", "P1", *words)
    meet(panel, "2026-10-08", "R1")
    panel("accept", "R1", "--by", "receiving-school", "--on", "2026-10-09")
    panel("start", "R1", "--on", "2026-10-12")
    said = panel("end", "R1", "--as", "return", "--on", "2026-11-12")
    assert flat(said).startswith("R1: ended with a return; the referral names no home school, 2026-11-12.")
    assert "home school" not in flat(panel("case", "R1")).replace("names no home school", "")


def test_without_terms_the_last_day_is_asked_for(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, terms=False)
    panel("accept", "R1", "--by", BEECH, "--on", "2026-10-20")
    assert panel.refused("start", "R1", "--on", "2026-11-02").startswith(
        "R1: --until: found nothing; wanted the last of 30 school days from 2026-11-02, which cannot be told: "
        "load the terms (`pastoral load terms`), or say the day."
    )
    said = panel("start", "R1", "--on", "2026-11-02", "--until", "2026-12-31")
    assert flat(said).endswith("Whether 2026-12-31 is within 30 school days from 2026-11-02 cannot be told: load the terms.")
    said = panel("extend", "R1", "--on", "2026-12-10", "--until", "2027-02-01", "--reason", "x")
    assert flat(said).endswith("Whether that is 15 school days at most cannot be told: load the terms.")
    clean(panel)


def test_who_leaves_after_a_trial_that_became_permanent(tmp_path: Path) -> None:
    """170 pupils of year 9 were counted at Beech: with this one 171 from the first day, and 170 again once the pupil has left."""
    panel = panel_of(tmp_path)
    panel("accept", "R1", "--by", BEECH, "--on", "2026-10-20")
    panel("start", "R1", "--on", "2026-11-02")
    panel("permanent", "R1", "--on", "2026-12-11")
    assert panel("end", "R1", "--as", "left", "--on", "2027-02-01").out == "R1: ended, as the pupil left, 2027-02-01.\n"
    assert [rolls(panel, day)[BEECH] for day in ("2027-01-31", "2027-02-01")] == [171, 170]
    assert panel.json("case", "R1")["standing"] == "the placement at Beech School (200002) ended on 2027-02-01, as the pupil left"
    assert panel.refused("break-down", "R1", "--on", "2027-02-02", "--reason", "x").startswith("R1: its placement ended on 2027-02-01")
    clean(panel)


def test_a_place_that_was_given_up_is_not_given_up_again(tmp_path: Path) -> None:
    """Ash kept the place until the trial was permanent on 11 December, and was counted without the pupil on 10 January. That the pupil
    left Beech in February takes nobody from Ash: it has its 170 still."""
    panel = weir(tmp_path, book=BOOK + TRIAL)
    refer(panel, "R1", "P1", "reintegration")
    meet(panel, "2026-10-08", "R1")
    panel("accept", "R1", "--by", BEECH, "--on", "2026-10-20")
    panel("start", "R1", "--on", "2026-11-02")
    assert rolls(panel, "2026-12-10")[ASH] == 170
    panel("permanent", "R1", "--on", "2026-12-11")
    assert rolls(panel, "2026-12-11")[ASH] == 169
    counted = f"urn,year_group,pan,on_roll,as_at\n{ASH},9,180,170,2027-01-10\n"
    panel("load", "places", str(panel.file("counted.csv", counted)))
    panel("end", "R1", "--as", "left", "--on", "2027-02-01")
    assert rolls(panel, "2027-02-02")[ASH] == 170
    clean(panel)


WRONG = (
    ("lasts: 6 school weeks", "found '6 school weeks'; wanted a length of time", "6 weeks of school are `30 school days`"),
    ("lasts: 6 days", "found '6 days'; wanted a length of time", "Say which days: `6 school days` or `6 calendar days`."),
    ("lasts: 201 school days", "found 201 school days; wanted at most 200 school days", ""),
    ("lasts: 6 weeks, weeks: 6", "found weeks and lasts; wanted `weeks: 12`, or `lasts: 30 school days`", ""),
    ("extension: {by: 6 weeks}", "found a trial of no length", ""),
    ("weeks: 6, extension: {by: 6 weeks, times: 0}", "found 0; wanted a whole number, 1 to 10", ""),
)


@pytest.mark.parametrize("kind", ["reintegration", "managed_move"])
def test_a_trial_does_not_end_as_an_extension(kind: str, tmp_path: Path) -> None:
    """One mistake, told once, with what works; and no word of the law, for nothing here is against it."""
    path = tmp_path / "book.yaml"
    trial = f"  {kind}: {{placement: permanent, trial: {{weeks: 6, at_end: return, ends_as: [permanent, return, extend]}}}}\n"
    path.write_text(BOOK[: BOOK.index("lifecycle:")].replace("extends: england\n", "") + "lifecycle:\n" + trial, encoding="utf-8")
    told = [line for line in pastoral("rules", "check", str(path)).err.splitlines() if "trial" in line]
    assert len(told) == 1
    assert told[0].endswith(
        f"lifecycle, {kind}, trial, ends_as 3: found 'extend'; wanted permanent or return. How often a trial may be made longer is said"
        " beside `ends_as`: `extension: {by: 6 weeks, times: 1}`."
    )


@pytest.mark.parametrize(("length", "words", "advice"), WRONG)
def test_a_wrong_length_teaches(length: str, words: str, advice: str, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK + TRIAL.replace("lasts: 30 school days, extension: {by: 15 school days}", length), encoding="utf-8")
    said = pastoral("rules", "check", str(path))
    assert said.code == 3
    assert words in said.err
    assert advice in said.err


@pytest.mark.parametrize(
    ("reviews", "lasts", "remarked"),
    [
        ("30 school days", "30 school days", False),
        ("31 school days", "30 school days", True),
        ("7 weeks", "weeks", False),
        ("46 school days", "30 school days, extension: {by: 15 school days}", True),
        ("45 school days", "30 school days, extension: {by: 15 school days}", False),
    ],
)
def test_a_review_after_the_end_of_the_trial_is_remarked_on(reviews: str, lasts: str, *, remarked: bool, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    trial = TRIAL.replace("20 school days", reviews)
    length = "weeks: 7" if lasts == "weeks" else f"lasts: {lasts}"
    path.write_text(BOOK + trial.replace("lasts: 30 school days, extension: {by: 15 school days}", length), encoding="utf-8")
    said = pastoral("rules", "check", str(path))
    assert said.code == 0
    assert ("lies after the end of the trial" in " ".join(said.out.split())) is remarked


def test_a_book_is_not_remarked_on_for_what_the_one_below_says(tmp_path: Path) -> None:
    late = BOOK + TRIAL.replace("20 school days", "31 school days").replace(", extension: {by: 15 school days}", "")
    below = tmp_path / "book.yaml"
    below.write_text(late, encoding="utf-8")
    assert "lies after the end of the trial" in " ".join(pastoral("rules", "check", str(below)).out.split())
    panel = Panel(tmp_path / "panel.db")
    panel("init", "--rulebook", str(below))
    name = BOOK.partition("\n")[0].removeprefix("rulebook: ")
    head = f"rulebook: quay\nextends: {name}\nedition: {{from: 2026-09-01}}\ntitle: Quay\nauthority: {{instrument: Quay}}\n"
    objectives = BOOK[BOOK.index("objectives:") :]
    local = panel.file("local.yaml", head + objectives[: objectives.index("lifecycle:")])
    said = panel("rules", "check", str(local))
    assert "lies after the end of the trial" not in " ".join(said.out.split())
