"""A school says no to an excluded pupil. From its refusal to the pupil's first day there, by way of a direction.

The clocks of the direction are those of docs/clocks.md, with the figures that are found in local texts. Announced on Tuesday
29 September 2026: seven calendar days are Tuesday 6 October, fifteen Wednesday 14 October.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.running import CHECKOUT, Panel
from tests.stories.test_what_is_due import SCHOOLS, TERMS, due, meet, refer

HEAD = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay agreement (invented)}
extends: england
objectives: [place, lottery]
"""
BRIDGE, CASTLE = "900002", "900003"
UNDER_WAY = "a direction is under way since 2026-09-29: announced on 2026-09-29, answered on 2026-10-05"
WORDS = ("the year group has places", "no room for more", "names no reason that counts")


def from_the_guide() -> str:
    """The clocks that docs/clocks.md offers."""
    (block,) = re.findall(r"```yaml\n(.*?)```", (CHECKOUT / "docs" / "clocks.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    return str(block)


def quay(folder: Path, clocks: str) -> Panel:
    panel = Panel(folder / "quay.db")
    panel("init", "--rulebook", str(panel.file("quay.yaml", HEAD + clocks)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "terms", str(panel.file("terms.csv", TERMS)))
    return panel


def decided(folder: Path, kind: str = "fair_access", *, clocks: str | None = None) -> Panel:
    """R1 is decided for Bridge on 24 September, to start on the 28th."""
    panel = quay(folder, from_the_guide() if clocks is None else clocks)
    agreed = ("--parent-agrees-on", "2026-09-10", "--home-school-agrees-on", "2026-09-10")
    refer(panel, "R1", kind, "2026-09-10", "--interventions-evidenced", "yes", *agreed)
    meet(panel, "2026-09-24", "R1", "--school", BRIDGE, "--reason", "the nearest", "--starts", "2026-09-28")
    return panel


def direct(panel: Panel, step: str, on: str, reason: str = "", *, school: str = BRIDGE) -> str:
    words = ("--reason", reason) if reason else ()
    return panel("direct", "R1", "--school", school, "--step", step, "--on", on, *words).out


def not_directed(panel: Panel, step: str, on: str, reason: str = "for a reason", *, school: str = BRIDGE) -> str:
    return panel.refused("direct", "R1", "--school", school, "--step", step, "--on", on, *(("--reason", reason) if reason else ()))


def test_a_direction_is_due_to_be_looked_at_where_the_book_has_no_clocks_for_it(tmp_path: Path) -> None:
    panel = decided(tmp_path, clocks="")
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "says it is full", "--on", "2026-09-28")
    direct(panel, "announced", "2026-09-29", WORDS[0])
    direct(panel, "answered", "2026-10-05", WORDS[1])
    seen = panel.json("due", "--as-of", "2026-10-15")
    assert (seen["late"], seen["next"], [one["say"] for one in seen["look_at"]]) == ([], [], [UNDER_WAY])
    assert f"R1, {BRIDGE}: {UNDER_WAY}." in " ".join(panel("due", "--as-of", "2026-10-15").out.split())
    direct(panel, "dropped", "2026-10-16", "another school agreed")
    assert panel.json("due", "--as-of", "2026-10-16")["look_at"] == []


def test_what_a_direction_may_not_begin_with(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "says it is full", "--on", "2026-09-28")
    assert not_directed(panel, "directed", "2026-09-29") == (
        "--step directed: nothing was announced to 900002 yet; a direction begins with `announced`: "
        "the authority tells the school that it means to direct it.\n"
    )
    assert not_directed(panel, "announced", "2026-09-29", school=CASTLE) == (
        "900003 was not asked to admit R1: a direction is announced to a school that was decided and has not admitted, or that did "
        "not agree. It could be announced to 900002.\n"
    )
    assert not_directed(panel, "announced", "2026-09-29", "") == (
        "--reason: found nothing; wanted why, in words: the authority tells the school that it means to direct it. It is sealed, and "
        "goes with the record.\n"
    )

    assert not_directed(panel, "announced", "2026-09-23") == (
        "--on: found 2026-09-23; wanted 2026-09-24 or later, the day on which the panel first decided R1 for a school.\n"
    )


def test_from_a_refusal_to_the_first_day(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "says it is full", "--on", "2026-09-28")
    said = direct(panel, "announced", "2026-09-29", WORDS[0])
    assert said == "R1, Bridge Academy (900002): the authority tells the school that it means to \ndirect it, 2026-09-29.\n"
    assert due(panel, "2026-09-30")["next"] == [("R1", "answer", "2026-10-06", 6), ("R1", "direct", "2026-10-14", 14)]
    assert due(panel, "2026-10-07")["late"] == [("R1", "answer", "2026-10-06", 1)]
    assert not_directed(panel, "announced", "2026-10-05") == (
        "--step announced: the last step was announced, 900002, on 2026-09-29; what may come next: answered, referred, directed, "
        "admitted, dropped.\n"
    )
    assert not_directed(panel, "answered", "2026-09-28") == (
        "--on: found 2026-09-28; wanted 2026-09-29 or later, the day of the step before (announced).\n"
    )
    direct(panel, "answered", "2026-10-05", WORDS[1])
    assert panel.json("due", "--as-of", "2026-10-15")["look_at"] == [
        {"what": "direction", "referral": "R1", "school": BRIDGE, "say": UNDER_WAY}
    ]
    (late,) = panel.json("due", "--as-of", "2026-10-16")["late"]
    assert (late["clock"], late["school"], late["due"], late["late"], late["unit"]) == ("direct", BRIDGE, "2026-10-14", 2, "calendar days")
    assert late["to_do"] == "direct the school, or drop it: pastoral direct R1 --school URN --step directed --on DATE --reason TEXT"
    direct(panel, "directed", "2026-10-16", WORDS[2])
    # Five school days from Friday 16 October: 19 to 23 October.
    assert due(panel, "2026-10-16") == {"late": [], "next": [("R1", "admit", "2026-10-23", 5)]}

    assert direct(panel, "admitted", "2026-10-20").endswith("R1 still waits: decide it for 900002 at the next meeting, or withdraw it.\n")
    (told,) = panel.json("due", "--as-of", "2026-10-21")["look_at"]
    assert told["say"] == "admitted on 2026-10-20 after a direction, and the case still waits: decide it for this school, or withdraw it"
    assert not_directed(panel, "dropped", "2026-10-21") == (
        "--step dropped: the last step was admitted, 900002, on 2026-10-20. That direction is done, and nothing follows it.\n"
    )
    meet(panel, "2026-10-22", "R1", "--school", BRIDGE, "--reason", "admitted by direction", "--starts", "2026-11-02")
    panel("start", "R1", "--on", "2026-11-02")
    after = panel.json("due", "--as-of", "2026-11-03")
    assert (after["late"], after["next"], after["look_at"]) == ([], [], [])

    told_of_it_all(panel)


def told_of_it_all(panel: Panel) -> None:
    """What is said of a direction that is done, and what is never said of it."""
    assert panel("directions").out == (
        "Bridge Academy (900002)\n"
        "  did not agree to R1 on 2026-09-28\n"
        "  R1: announced 2026-09-29; answered 2026-10-05; directed 2026-10-16; admitted \n"
        "2026-10-20\n"
    )
    (school,) = panel.json("directions", "--as-of", "2026-10-16")["schools"]
    assert (school["admitted"], school["directions"][0]["stands"]) == (0, "open")
    assert panel.json("directions")["schools"][0]["admitted"] == 1
    # What anybody said of it is sealed, and a replay finds nothing that could not have been recorded.
    assert not [words for words in WORDS if words in panel.bodies()]
    assert panel.json("audit", "verify")["ok"] is True
    assert panel.json("audit", "replay")["divergences"] == []


def test_a_school_that_was_decided_and_never_answers(tmp_path: Path) -> None:
    """The decision stands: once the school gives way, only the first day is left to record."""
    panel = decided(tmp_path)
    direct(panel, "announced", "2026-10-12", WORDS[0])
    said = direct(panel, "admitted", "2026-10-14")
    assert said == (
        "R1, Bridge Academy (900002): the school admits the pupil, 2026-10-14.\nNext, when the pupil starts: pastoral start R1 --on DATE\n"
    )
    panel("start", "R1", "--on", "2026-10-15")
    assert not_directed(panel, "announced", "2026-10-16") == (
        "--step announced: the last step was admitted, 900002, on 2026-10-14. That direction is done, and nothing follows it.\n"
    )


def test_a_pupil_who_started_is_nobodys_to_direct(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    panel("start", "R1", "--on", "2026-09-28")
    assert not_directed(panel, "announced", "2026-09-29") == "R1 started at 900002 on 2026-09-28: there is nothing to direct.\n"


def test_a_pupil_who_started_elsewhere_is_not_to_be_admitted_by_the_school_that_refused(tmp_path: Path) -> None:
    """Announced to Bridge, which refuses; the panel finds Castle. The direction can be dropped, and goes no further."""
    panel = decided(tmp_path)
    direct(panel, "announced", "2026-09-29", WORDS[0])
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "full", "--on", "2026-09-30")
    meet(panel, "2026-10-08", "R1", "--school", CASTLE, "--reason", "the next", "--starts", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-12")
    said = "R1 started at 900003 on 2026-10-12: 900002 is not to admit this pupil. What is open is dropped.\n"
    assert not_directed(panel, "directed", "2026-10-13") == said
    direct(panel, "dropped", "2026-10-13", "another school was found")
    assert not_directed(panel, "announced", "2026-10-14") == said


def test_given_up_for_one_school_and_begun_for_another(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    direct(panel, "announced", "2026-09-29", WORDS[0])
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "full", "--on", "2026-09-30")
    meet(panel, "2026-10-08", "R1", "--school", CASTLE, "--reason", "the next")
    assert not_directed(panel, "announced", "2026-10-09", school=CASTLE) == (
        "--step announced for 900003: the last step was announced, 900002, on 2026-09-29. One school is directed at a time; next for "
        "900002: answered, referred, directed, admitted, dropped.\n"
    )
    direct(panel, "dropped", "2026-10-09", "another school was found")
    direct(panel, "announced", "2026-10-09", WORDS[0], school=CASTLE)
    assert due(panel, "2026-10-10")["next"] == [("R1", "answer", "2026-10-16", 6), ("R1", "direct", "2026-10-24", 14)]
    assert "R1, direct: 2026-10-24 is a Saturday; it is not moved.\n" in panel("due", "--as-of", "2026-10-10").out
    panel("start", "R1", "--on", "2026-10-12")
    # With the pupil's first day there is nothing left to answer, though nobody recorded that the school admits.
    assert due(panel, "2026-10-30") == {"late": [], "next": []}
    assert panel.json("audit", "replay")["divergences"] == []


def test_the_clock_of_a_direction_names_the_school_that_is_directed(tmp_path: Path) -> None:
    """Two schools refused; the first is directed, though the second refused last."""
    panel = decided(tmp_path)
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "full", "--on", "2026-09-28")
    meet(panel, "2026-10-01", "R1", "--school", CASTLE, "--reason", "the next")
    panel("refuse", "R1", "--by", CASTLE, "--reason", "full too", "--on", "2026-10-02")
    direct(panel, "announced", "2026-10-05", WORDS[0])
    assert [one["school"] for one in panel.json("due", "--as-of", "2026-10-06")["next"]] == [BRIDGE, BRIDGE]
    assert [(one["school"], len(one["refusals"])) for one in panel.json("directions")["schools"]] == [(BRIDGE, 1), (CASTLE, 1)]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("managed_move", "R1 is a managed move: it needs the agreement of the school, and nobody is bound to it."),
        ("off_site_direction", "R1 is an off-site direction: the pupil stays on the roll of the home school, so no school is directed"),
    ],
)
def test_nobody_is_bound_to_a_managed_move(tmp_path: Path, kind: str, why: str) -> None:
    assert not_directed(decided(tmp_path, kind), "announced", "2026-09-29").startswith(why)


def test_nobody_directs_for_a_case_that_is_over(tmp_path: Path) -> None:
    panel = quay(tmp_path, from_the_guide())
    refer(panel, "R1", "fair_access", "2026-09-10")
    assert not_directed(panel, "announced", "2026-09-29").endswith("R1 was decided for no school yet.\n")
    panel("withdraw", "R1", "--on", "2026-09-29", "--reason", "moved away")
    assert not_directed(panel, "announced", "2026-09-30") == "R1 is withdrawn: there is no pupil whom 900002 is to admit.\n"


@pytest.mark.parametrize("over", ["declined", "withdrawn"])
def test_a_direction_whose_case_is_over_is_dropped_and_nothing_else(tmp_path: Path, over: str) -> None:
    """Announced to Bridge, which refuses; then the panel declines the case, or it is withdrawn."""
    panel = decided(tmp_path)
    direct(panel, "announced", "2026-09-29", WORDS[0])
    panel("refuse", "R1", "--by", BRIDGE, "--reason", "full", "--on", "2026-09-30")
    if over == "declined":
        meet(panel, "2026-10-08", "R1", "--decline", "--reason", "moved away")
    else:
        panel("withdraw", "R1", "--on", "2026-10-08", "--reason", "moved away")
    assert f"the case is {over}: drop it (--step dropped)" in " ".join(panel("due", "--as-of", "2026-10-09").out.split())
    assert not_directed(panel, "directed", "2026-10-09") == (
        f"R1 is {over}: there is no pupil whom 900002 is to admit. What is open is dropped: `--step dropped`.\n"
    )
    direct(panel, "dropped", "2026-10-09", "the family moved away")
    assert "direction" not in panel("due", "--as-of", "2026-10-12").out
    assert panel.json("directions")["schools"][0]["directions"][0]["stands"] == "dropped"
    assert not_directed(panel, "announced", "2026-10-12") == f"R1 is {over}: there is no pupil whom 900002 is to admit.\n"
    assert panel.json("audit", "verify")["ok"] is True
