"""Who is placed first where places are too few, and whose case is taken first: by a fact of the case that the book names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.certificate_checker import verify
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, Panel
from tests.stories.test_first_come_and_nearest import AIMS, IN_ORDER

ONE_EACH: Final = """\
limits:
  - id: one-each
    per: school
    room: 1 - school.load
    say: "{school.name} takes one pupil a year."
    examples:
      - {name: none yet, given: {school.load: 0}, expect: 1}
      - {name: one, given: {school.load: 1}, expect: 0}
"""
DERIVED: Final = """\
derive:
  - {id: exam-year, fact: referral.exam_year, is: referral.year_group == 11}
  - {id: long-out, fact: referral.long_out, is: referral.days_out_of_education >= 30}
  - {id: out, fact: referral.out_of_school, is: referral.days_out_of_education is known}
"""
HEADER: Final = (
    "referral,pupil,kind,year_group,home_school,made_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on,"
    "out_of_education_since\n"
)


def referral(name: str, year: int, made: str, out_since: str) -> str:
    return f"{name},P{name},managed_move,{year},{DELL},{made},{HOME},no,2026-09-01,2026-09-01,{out_since}\n"


FOUR: Final = HEADER + "".join(
    (
        referral("K1", 9, "2026-09-02", "2026-10-20"),
        referral("K2", 9, "2026-09-09", "2026-07-24"),
        referral("K3", 10, "2026-09-16", "2026-09-22"),
        referral("K4", 11, "2026-10-21", "2026-10-13"),
    )
)
"""By the meeting on 22 October they have waited longest to shortest in this order; they are 2, 90, 30 and 9 days out of education."""


def short_of(*aims: str) -> str:
    """Three schools that take one pupil each, for four pupils of the fourth school; then by these aims."""
    said = "".join(f"  - {aim}\n" for aim in aims)
    return (
        BOOK.replace("limits:\n", ONE_EACH).replace("  - share: {load: load, per: roll}\n", said).replace("holds:\n", f"{DERIVED}holds:\n")
    )


def opened(folder: Path, book: str, referrals: str = FOUR) -> Panel:
    panel = Panel(folder / "first.db")
    panel("init", "--rulebook", str(panel.file("first.yaml", book)))
    for name, text in {**FILES, "referrals.csv": referrals}.items():
        if name.endswith(".csv"):
            panel("load", name.removesuffix(".csv"), str(panel.file(name, text)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


def names(rows: Any) -> list[str]:
    return [row["referral"] for row in rows]


@pytest.mark.parametrize(
    ("aims", "left_out"),
    [
        (("waiting",), "K4"),
        (("place: {of: referral.exam_year}", "waiting"), "K3"),
        (("waiting: {by: referral.days_out_of_education}",), "K1"),
        (("waiting: {by: referral.days_since_made}",), "K4"),
        (("place: {of: referral.long_out}", "place: {of: referral.exam_year}"), "K1"),
        (("place: {of: referral.exam_year}", "place: {of: referral.long_out}"), "K1"),
        (("case_by_case: {by: [place], first: referral.days_out_of_education}",), "K1"),
        (("case_by_case: {by: [place], first: referral.year_group}", "waiting"), "K2"),
        (("case_by_case: {by: [place]}",), "K4"),
    ],
)
def test_one_of_four_stays_without_a_place_and_the_book_says_who(aims: tuple[str, ...], left_out: str, tmp_path: Path) -> None:
    """Two years 9 are level by `first: referral.year_group`: of these K2 has waited less."""
    panel = opened(tmp_path, short_of(*aims))
    data = panel.json("allocate")
    assert names(data["unplaced"]) == [left_out]
    assert panel.json("audit", "replay")["ok"]
    assert verify(panel.json("audit", "certificate", str(panel.column("seq", "placements proposed")))).unique


def test_why_somebody_else_did_not_have_the_place(tmp_path: Path) -> None:
    """K1 is 2 days out of education; in K1's place K4, who is 9 days out, would be left out: 7 days more."""
    panel = opened(tmp_path, short_of("waiting: {by: referral.days_out_of_education}"))
    said = " ".join(panel("allocate").out.split())
    assert "waiting: referral.days_out_of_education of those left out 2" in said
    data = panel.json("allocate", "--again")
    assert data["objectives"][1] == {"name": "waiting", "of": "everybody", "by": "referral.days_out_of_education", "value": 2}
    told = " ".join(panel("explain", "K1", "--why-not", ASHDOWN).out.split())
    assert "worse for waiting: referral.days_out_of_education of those left out; nothing before that would be better." in told
    assert "worse by 28 days" in told or "worse by 7 days" in told or "worse by 88 days" in told
    assert "school days" not in told


def test_the_book_in_words(tmp_path: Path) -> None:
    book = short_of("place: {of: referral.exam_year}", "waiting: {by: referral.days_since_made}")
    panel = Panel(tmp_path / "first.db")
    file = str(panel.file("first.yaml", book))
    page = " ".join(panel("rules", "show", file).out.split())
    assert "as few pupils as possible stay without a place (only pupils with referral.exam_year)" in page
    assert "those with most referral.days_since_made are not the ones left out" in page
    other = panel.file("other.yaml", book.replace("by: referral.days_since_made", "by: referral.days_out_of_education"))
    changed = panel("rules", "diff", file, str(other)).out
    assert "was those with most referral.days_since_made are not the ones left out; is those with most" in " ".join(changed.split())
    checked = " ".join(panel("rules", "check", file).out.split())
    assert "objective place: referral.exam_year, referral.year_group (by way of referral.exam_year)" in checked
    data = panel.json("rules", "show", file)["objectives"]
    assert data[1:3] == [
        {"name": "place", "of": "referral.exam_year"},
        {"name": "waiting", "of": "everybody", "by": "referral.days_since_made"},
    ]


UNTOLD: Final = FOUR.replace("2026-10-20", "")
"""Of K1 nobody has said since when."""


@pytest.mark.parametrize(
    ("aim", "rule"),
    [
        ("place: {of: referral.long_out}", "place"),
        ("waiting: {by: referral.days_out_of_education}", "waiting"),
        ("case_by_case: {by: [tier], first: referral.days_out_of_education}", "case_by_case"),
        ("case_by_case: {by: [tier], of: referral.out_of_school, first: referral.days_out_of_education}", ""),
        ("waiting: {of: referral.out_of_school, by: referral.days_out_of_education}", ""),
    ],
)
def test_what_nobody_has_said_holds_the_case_and_is_named(aim: str, rule: str, tmp_path: Path) -> None:
    """Unless the objective does not speak of such a pupil."""
    tiers = "tiers:\n  - {id: anywhere, tier: 1, when: true}\nobjectives:\n"
    panel = opened(tmp_path, short_of(aim).replace("objectives:\n", tiers), UNTOLD)
    data = panel.json("allocate")
    missing = [{"rule": rule, "missing": ["referral.days_out_of_education"]}]
    assert data["held"] == ([{"referral": "K1", "holds": [], "cannot_tell": missing}] if rule else [])
    if rule:
        told = " ".join(panel("explain", "K1").out.split())
        assert f"{rule}: cannot tell without" in told
        assert "referral.days_out_of_education is told by the referral's column out_of_education_since." in told
        panel("correct", "K1", "--set", "out_of_education_since=2026-10-20", "--reason", "told by the family")
        panel("meeting", "close")
        panel("meeting", "open", "--date", "2026-11-19", "--chair", "Okafor")
        assert panel.json("allocate", "--dry-run")["held"] == []


TWO: Final = (
    "referral,pupil,kind,year_group,home_school,made_on,accepted_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on,"
    "out_of_education_since\n"
    f"K1,P1,managed_move,9,{DELL},2026-09-01,2026-09-02,620000,400000,no,2026-09-01,2026-09-01,2026-10-12\n"
    f"K2,P2,managed_move,9,{DELL},2026-09-01,2026-09-23,622000,400000,no,2026-09-01,2026-09-01,2026-09-12\n"
)


def test_the_case_with_the_larger_number_is_taken_first(tmp_path: Path) -> None:
    """Ashdown has one place in year 9 and is nearest to both. K1 was accepted first, K2 is longer out of education: 40 days and 10."""
    by_days = IN_ORDER.replace("by: [tier, journey]", "by: [tier, journey], first: referral.days_out_of_education")
    assert AIMS not in by_days
    (tmp_path / "other").mkdir()
    first_come = opened(tmp_path / "other", IN_ORDER, TWO).json("allocate")["placements"]
    assert {one["referral"]: one["school"] for one in first_come} == {"K1": ASHDOWN, "K2": BIRCH}
    panel = opened(tmp_path, by_days, TWO)
    placed = panel.json("allocate")["placements"]
    assert {one["referral"]: one["school"] for one in placed} == {"K2": ASHDOWN, "K1": BIRCH}
    said = " ".join(panel("explain", "K1", "--why-not", ASHDOWN).out.split())
    assert "worse for case by case: the cases in their order, the largest referral.days_out_of_education first; nothing before" in said
    assert "worse by 1 in the order of approach for K2, whose case comes before K2 would move to Birch Academy" in said
    key = " ".join(panel("explain", "--matrix").out.split())
    assert "C case by case: the cases in their order, the largest referral.days_out" in key
    (worth,) = [one for one in panel.json("whatif", "--force", f"K1={ASHDOWN}")["objectives"] if one["name"] == "case_by_case"]
    assert (worth["before"], worth["after"], worth["change"]) == ([1, 2600, 2, 7800], [2, 5200, 1, 0], "worse")
    panel("decide", "K1", "K2", "--confirm")
    assert panel.json("audit", "replay")["ok"]


TARIFF: Final = """\
tariff:
  - id: long-out
    points: 3
    when: admission.days_out_of_education >= 30
    examples:
      - {name: long, given: {admission.days_out_of_education: 30}, expect: fires}
      - {name: not long, given: {admission.days_out_of_education: 29}, expect: silent}
  - {id: anybody, points: 1, when: true, examples: [{name: everybody, given: {}, expect: fires}]}
derive:
  - {id: heavy, fact: referral.heavy, is: referral.points >= 3}
counts:
"""


@pytest.mark.parametrize("aim", ["case_by_case: {by: [tier, journey], first: referral.points}", "tier: {of: referral.heavy}"])
def test_the_case_with_the_most_points_is_taken_first(aim: str, tmp_path: Path) -> None:
    """K2, forty days out of education, has three points and K1 one; of whom the tariff cannot tell, the case is held."""
    book = IN_ORDER.replace("case_by_case: {by: [tier, journey]}", aim).replace("counts:\n", TARIFF, 1)
    panel = opened(tmp_path, book, TWO)
    placed = {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}
    assert (placed["K2"], sorted(placed)) == (ASHDOWN, ["K1", "K2"])
    (tmp_path / "untold").mkdir()
    held = opened(tmp_path / "untold", book, TWO.replace("2026-10-12", "")).json("allocate")["held"]
    missing = ["referral.days_out_of_education"]
    assert held == [{"referral": "K1", "holds": [], "cannot_tell": [{"rule": aim.partition(":")[0], "missing": missing}]}]


NARROW: Final = """\
  fa:
    of: placements
    where: admission.kind == "fair_access" and not admission.after_exclusion
    over: academic_year
limits:
"""
OTHERS: Final = "{kinds: [fair_access], permanently_excluded: false}"
HISTORY: Final = f"""\
pupil,school,on,kind,permanently_excluded,year_group,outcome
A1,{ASHDOWN},2026-09-10,fair_access,no,10,
B1,{BIRCH},2026-09-10,fair_access,yes,10,
C1,{CEDAR},2026-09-17,fair_access,yes,10,
"""


def test_the_excluded_go_by_turns_and_the_other_fair_access_children_by_shares(tmp_path: Path) -> None:
    """By shares K1 and K3 go to Ashdown, which has one of a thousand, and to Cedar: 2/1000 and 1/800 and 0 at Birch, less than with
    Birch in the place of Ashdown: 1/500, 1/800 and 1/1000. K1 chose Cedar. K2 was excluded: Ashdown never had such a pupil.
    """
    aims = f"  - rota: {{of: permanently_excluded}}\n  - share: {{load: fa, of: {OTHERS}}}\n"
    book = BOOK.replace("limits:\n", NARROW, 1).replace("  - share: {load: load, per: roll}\n", aims)
    row = f"fair_access,{{}},10,{DELL},2026-10-01,{HOME},{{}},no\n"
    header = "referral,pupil,kind,permanently_excluded,year_group,home_school,made_on,easting,northing,preferences,ehcp\n"
    made = (("K1", "no", CEDAR), ("K2", "yes", CEDAR), ("K3", "no", ""))
    panel = Panel(tmp_path / "narrow.db")
    panel("init", "--rulebook", str(panel.file("narrow.yaml", book)))
    referrals = header + "".join(f"{name},P{name},{row.format(excluded, choice)}" for name, excluded, choice in made)
    for name, text in {**FILES, "history.csv": HISTORY, "referrals.csv": referrals}.items():
        if name.endswith(".csv"):
            panel("load", name.removesuffix(".csv"), str(panel.file(name, text)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert {one["referral"]: one["school"] for one in data["placements"]} == {"K1": CEDAR, "K2": ASHDOWN, "K3": ASHDOWN}
    assert data["objectives"][2] == {
        "name": "share", "of": "fair_access and not_permanently_excluded", "value": ["1/500", "1/800", "0/1", "0/1"],
    }  # fmt: skip
    assert "share: the most loaded schools for their size (fair" in panel("allocate", "--again").out
    assert {one["of"] for school in panel.json("position")["schools"] for one in school["shares"]} == {data["objectives"][2]["of"]}
    assert panel.json("audit", "replay")["ok"]


EXAMS: Final = HEADER + "".join(
    referral(name, year, "2026-09-02", since)
    for name, year, since in (("K1", 10, "2026-10-20"), ("K2", 10, "2026-10-10"), ("K3", 10, "2026-10-12"), ("K4", 9, "2026-10-13"))
)
"""Three of year 10, 2, 12 and 10 days out of education by the meeting, and one of year 9; three schools take one pupil each."""


@pytest.mark.parametrize(
    ("aim", "worse", "about"),
    [
        ("place: {of: referral.exam_year}", ("place", "referral.exam_year", 1), "pupils left without a place (referral.exam_year)"),
        ("place: {of: [managed_move]}", None, ""),
        (
            "waiting: {of: referral.exam_year, by: referral.days_out_of_education}",
            ("waiting", "referral.exam_year", 2),
            "referral.days_out_of_education of those left out (referral.exam_year)",
        ),
        ("case_by_case: {of: referral.exam_year, by: [place]}", ("case_by_case", "referral.exam_year", 1), "(referral.exam_year)"),
    ],
)
def test_why_not_says_whose_it_would_be_worse_for(aim: str, worse: tuple[str, str, int] | None, about: str, tmp_path: Path) -> None:
    """One of four stays out whatever is done: only of those of whom it is so one more. K1, two days out, is the least to leave out."""
    panel = opened(tmp_path, short_of(aim).replace("year_group == 11", "year_group == 10"), EXAMS)
    if worse is None:
        told = panel.json("explain", "K4", "--why-not", ASHDOWN)["why_not"]
        assert "of" not in told.get("first_worse", {})
        return
    told = panel.json("explain", "K4", "--why-not", ASHDOWN)["why_not"]["first_worse"]
    assert (told["objective"], told["of"], told["by"]) == worse
    page = panel("explain", "K4", "--why-not", ASHDOWN).out
    assert f"{about}; nothing before that would be better." in " ".join(page.split())
