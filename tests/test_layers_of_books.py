"""Editions that follow one another, layers that change below a book, and every lock tried from each side."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import pytest

from panel.adoption import adoptions, recorded, rulebook_of
from panel.errors import Refused
from rules.book import Rulebook
from rules.errors import RulebookError
from rules.rulebook import Edition, Shelf, check, check_above, check_text, read_edition
from rules.terms import Whole

HEAD = """\
rulebook: {name}
edition: {{from: {days}}}
title: {name}
authority: {{instrument: Agreement}}
"""
LATER = dt.date(2027, 3, 1)


def book(body: str = "", *, name: str = "local", days: str = "2026-09-01", objectives: str = "objectives: [place]") -> str:
    return HEAD.format(name=name, days=days) + textwrap.dedent(body) + objectives + "\n"


def law(body: str = "", *, days: str = "2026-01-01") -> str:
    return book("statutory: true\n" + textwrap.dedent(body), name="law", days=days, objectives="")


def shelf_of(*texts: str) -> Shelf:
    return Shelf.of((text, f"file {number}") for number, text in enumerate(texts, start=1))


def refused(text: str, *below: str) -> str:
    with pytest.raises(RulebookError) as caught:
        check_text(text, "local.yaml", shelf_of(*below))
    return str(caught.value)


# editions follow one another


def test_two_editions_on_one_shelf_each_on_its_days() -> None:
    shelf = shelf_of(book("settings: {x: 1}\n"), book("settings: {x: 2}\n", days="2027-03-01"))
    assert shelf.in_force("local", dt.date(2027, 2, 28)).settings["x"].value == 1
    assert shelf.in_force("local", LATER).settings["x"].value == 2
    assert [str(edition.edition) for edition in shelf.line("local")] == ["2026-09-01", "2027-03-01"]


def test_an_edition_may_end_of_itself() -> None:
    shelf = shelf_of(book(days="2026-09-01, until: 2027-02-28"))
    assert shelf.in_force("local", dt.date(2027, 2, 28)).name == "local"
    with pytest.raises(RulebookError, match="no edition of local is in force on 2027-03-01; the last ended on 2027-02-28"):
        shelf.in_force("local", LATER)


def test_an_edition_that_ends_the_day_before_the_next_is_neither_gap_nor_overlap() -> None:
    shelf = shelf_of(book(days="2026-09-01, until: 2027-02-28"), book("settings: {x: 2}\n", days="2027-03-01"))
    assert "x" in shelf.in_force("local", LATER).settings


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (
            "2027-03-01",
            "found until 2027-03-01, while the next edition (file 2) begins on 2027-03-01; wanted until 2027-02-28, or no `until`.",
        ),
        ("2027-02-27", "From 2027-02-28 to 2027-02-28 no edition of local would be in force."),
        ("2026-12-31", "From 2027-01-01 to 2027-02-28 no edition of local would be in force."),
    ],
)
def test_overlaps_and_gaps_are_refused_with_their_dates(until: str, words: str) -> None:
    with pytest.raises(RulebookError) as caught:
        shelf_of(book(days=f"2026-09-01, until: {until}"), book(days="2027-03-01"))
    assert "the editions of local do not follow one another\n  file 1 line 2, edition, until: " in str(caught.value)
    assert words in str(caught.value)


def test_two_editions_of_one_day_are_refused() -> None:
    with pytest.raises(RulebookError, match="file 2 line 2, edition: found 2026-09-01, the day of file 1; wanted another day"):
        shelf_of(book(), book("settings: {x: 1}\n"))


def test_the_last_day_of_the_calendar_is_an_end_like_any_other() -> None:
    shelf = shelf_of(book(days="2026-09-01, until: 9999-12-31"))
    assert shelf.turns(shelf.editions[0]) == ()
    assert check(shelf.editions[0], shelf).name == "local"


# the layer below changes


def test_a_local_edition_spans_a_change_of_the_law_and_both_are_composed() -> None:
    days = "settings:\n  days: {value: %d, unit: school days, say: how long}\n"
    shelf = shelf_of(law(days % 20), law(days % 15, days="2027-03-01"), book("extends: law\n"))
    local = shelf.line("local")[0]
    assert shelf.turns(local) == (LATER,)
    assert check(local, shelf).settings["days"].value == 20
    assert [shelf.in_force("local", day).settings["days"].value for day in (dt.date(2027, 2, 28), LATER)] == [20, 15]


def test_what_the_second_law_forbids_is_refused_with_the_day_and_the_way_out() -> None:
    trial = "lifecycle: {managed_move: {trial: {weeks: 12, at_end: permanent, ends_as: [permanent, return]}}}\n"
    laws = (
        law("lifecycle: {managed_move: {placement: permanent}}\n"),
        law("lifecycle: {managed_move: {trial: never}}\n", days="2027-03-01"),
    )
    assert refused(book("extends: law\n" + trial), *laws) == (
        "local.yaml cannot be used from 2027-03-01 on, when a book below it changes. "
        "One that ends before that day says so: `edition: {from: 2026-09-01, until: 2027-02-28}`\n"
        "  local.yaml line 6, lifecycle, managed_move, trial: found less than the book below asks; wanted trial: never. "
        "A local book may be stricter than the book below it, never looser."
    )
    ended = check_text(book("extends: law\n" + trial, days="2026-09-01, until: 2027-02-28"), "local.yaml", shelf_of(*laws))
    assert ended.lifecycle["managed_move"]["trial"]["weeks"] == 12  # type: ignore[index]


def test_a_name_that_the_second_law_takes_is_told_with_its_day() -> None:
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    message = refused(book("extends: law\n" + notice), law(), law(notice, days="2027-03-01"))
    assert "local.yaml cannot be used from 2027-03-01 on" in message
    assert "local.yaml line 7, notices exams: found the id exams a second time" in message


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("2026-03-01", "No edition of law is in force on 2025-09-01; the first begins on 2026-03-01"),
        ("2025-01-01, until: 2027-02-28", "No edition of law is in force on 2027-03-01; the last ended on 2027-02-28"),
    ],
)
def test_a_gap_below_is_refused_with_its_dates(days: str, words: str) -> None:
    assert words in refused(book("extends: law\n", days="2025-09-01"), law(days=days))


def test_a_second_edition_of_the_line_ends_what_the_first_must_answer_for() -> None:
    """The law changes after the first local edition has ended, so the first need not fit it."""
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    later = book("extends: law\n", days="2027-01-01")
    shelf = shelf_of(law(), law(notice, days="2027-03-01"), later)
    assert check_text(book("extends: law\n" + notice), "local.yaml", shelf).name == "local"


def test_a_new_law_is_checked_with_the_books_that_stand_on_it() -> None:
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    new = read_edition(law(notice, days="2027-03-01"), "new law")
    middle = book("extends: law\n", name="area")
    shelf = shelf_of(law(), middle, book("extends: area\n" + notice)).with_edition(new)
    with pytest.raises(RulebookError, match="cannot be used from 2027-03-01 on"):
        check_above(new, shelf)
    check_above(new, shelf_of(law(), middle, book("extends: area\n")).with_edition(new))


def test_adopting_a_law_that_breaks_the_panels_book_is_refused(tmp_path: Path) -> None:
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    held = [recorded(edition) for edition in shelf_of(law(), book("extends: law\n" + notice)).editions]
    new = tmp_path / "law-2027.yaml"
    new.write_text(law(notice, days="2027-03-01"), encoding="utf-8")
    with pytest.raises(RulebookError, match="cannot be used from 2027-03-01 on"):
        adoptions(new, held)
    new.write_text(law(days="2027-03-01"), encoding="utf-8")
    (adopted,) = adoptions(new, held)
    assert (adopted.name, adopted.edition) == ("law", LATER)


def test_the_second_edition_of_a_panels_book_is_adopted_beside_the_first(tmp_path: Path) -> None:
    held = [recorded(edition) for edition in shelf_of(book()).editions]
    new = tmp_path / "local-2027.yaml"
    new.write_text(book("settings: {x: 2}\n", days="2027-03-01"), encoding="utf-8")
    (adopted,) = adoptions(new, held)
    assert str(adopted.edition) == "2027-03-01"
    with pytest.raises(Refused, match="adopted already, word for word"):
        adoptions(new, [*held, recorded(adopted)])
    new.write_text(book("settings: {x: 3}\n"), encoding="utf-8")
    with pytest.raises(RulebookError, match="the editions of local do not follow one another"):
        adoptions(new, held)


def test_a_book_is_named_by_line_and_day() -> None:
    held = [recorded(edition) for edition in shelf_of(book("settings: {x: 1}\n"), book("settings: {x: 2}\n", days="2027-03-01")).editions]
    assert rulebook_of("local", adopted=held).settings["x"].value == 2
    assert rulebook_of("local", dt.date(2027, 2, 28), held).settings["x"].value == 1
    assert rulebook_of("england", dt.date(2025, 9, 1)).edition == dt.date(2021, 9, 1)
    with pytest.raises(RulebookError, match="no edition of england is in force on 1999-01-01; the first begins on 2021-09-01"):
        rulebook_of("england", dt.date(1999, 1, 1))


# locks: what stands below, tried from each side

EXAMPLES = (
    "examples: [{name: far, given: {candidate.metres: 9001}, expect: fires}, {name: near, given: {candidate.metres: 9}, expect: silent}]"
)
BELOW = book(
    f"""
    extends: law
    settings:
      free: {{value: 9000, unit: metres, choice: true, at_least: 5000, say: s}}
      fixed: {{value: 3, unit: pupils, say: s}}
      quota: {{value: 2, unit: pupils, choice: true, at_least: 1, at_most: 3, say: s}}
    counts:
      load: {{of: placements, over: academic_year}}
    derive:
      - {{id: far, fact: candidate.far, is: candidate.metres > settings.free}}
    bars:
      - {{id: too-far, waivable: false, when: candidate.far, {EXAMPLES}}}
    meeting: {{quorum: 6, invite: all, absent: bound, notice: 5 school days}}
    clocks:
      - {{id: soon, from: decision.taken, until: placement.started, within: 5 school days}}
    """,
    name="area",
    objectives="objectives: [place, {quota: {count: load, limit: settings.quota}}, {share: {load: load}}, tier, journey]",
)
LAW = law(
    """
    lifecycle:
      managed_move: {placement: permanent, agreed_by: [parent, receiving_school], trial: never}
      off_site_direction:
        {placement: temporary, notice: 2 school days, reviews: [6 weeks], ends_as: [return, extend], decided_by: governors, register: D}
      fair_access: {placement: admission}
    clocks:
      - {id: allocated, from: referral.accepted, until: decision.taken, within: 20 school days, applies_to: [fair_access]}
    """
)


def local(body: str, objectives: str = "") -> str:
    return book(f"extends: area\n{textwrap.dedent(body)}", objectives=objectives)


ALWAYS = "when: true, at: pru, examples: [{name: x, expect: fires}]"
HELD = "when: referral.ehcp, examples: [{name: x, given: {referral.ehcp: true}, expect: fires}, {name: y, expect: silent}]"
ROOM = "per: school, room: school.places, examples: [{name: x, expect: 8}, {name: y, given: {school.places: 0}, expect: 0}]"
TRIAL = "{weeks: 4, at_end: permanent, ends_as: [permanent, return]}"


def soon(within: str, *, start: str = "decision.taken", kinds: str = "") -> str:
    whose = f", applies_to: [{kinds}]" if kinds else ""
    return f"clocks: [{{id: soon, from: {start}, until: placement.started, within: {within}{whose}}}]"


def allocated(within: str, kinds: str) -> str:
    return f"clocks: [{{id: allocated, from: referral.accepted, until: decision.taken, within: {within}, applies_to: [{kinds}]}}]"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        # a name from below, by the same kind of thing or by another
        (f"bars: [{{id: too-far, {ALWAYS}}}]", "found the id too-far a second time"),
        (f"notices: [{{id: too-far, {ALWAYS}}}]", "found the id too-far a second time"),
        (f"holds: [{{id: too-far, {HELD}}}]", "found the id too-far a second time"),
        (f"limits: [{{id: too-far, {ROOM}}}]", "found the id too-far a second time"),
        ("tariff: [{id: too-far, points: 1, when: true, examples: [{name: x, expect: fires}]}]", "found the id too-far a second time"),
        ("counts: {far: {of: placements, over: term}}", "found the id far a second time"),
        ("counts: {load: {of: outside_admissions, over: term}}", "found the id load a second time"),
        ("derive: [{id: far, fact: candidate.close, is: candidate.metres < 5}]", "found the id far a second time"),
        # a derived fact's name, under another id
        ("derive: [{id: further, fact: candidate.far, is: candidate.metres > 99000}]", "found candidate.far, which exists already"),
        ("derive: [{id: loaded, fact: school.load, is: school.roll}]", "found school.load, which exists already"),
        ("derive: [{id: named, fact: panel.lowest_load, is: panel.total_roll}]", "found panel.lowest_load, which exists already"),
        # settings
        ("settings: {fixed: 4}", "area does not leave `fixed` to a local book"),
        ("settings: {fixed: {value: 4, choice: true}}", "area does not leave `fixed` to a local book"),
        ("settings: {free: 4999}", "found 4999; wanted at least 5000"),
        ("settings: {free: {value: 4999, at_least: 1}}", "found 4999; wanted at least 5000"),
        ("settings: {quota: 4}", "found 4; wanted at least 1 and at most 3"),
        ("settings: {free: true}", "found true; wanted a whole number, as in area"),
        ("settings: {free: {value: 6, unit: km}}", "found the unit km; wanted metres"),
        # a looser lifecycle
        (f"lifecycle: {{managed_move: {{trial: {TRIAL}}}}}", "wanted trial: never"),
        ("lifecycle: {managed_move: {ends_as: [permanent, return]}}", "A move that can be taken back is a trial by another name"),
        ("lifecycle: {managed_move: {ends_as: [extend]}}", "A move that can be taken back is a trial by another name"),
        ("lifecycle: {managed_move: {placement: temporary}}", "wanted permanent"),
        ("lifecycle: {managed_move: {agreed_by: [parent, home_school]}}", "wanted also the agreement of receiving_school"),
        (f"lifecycle: {{fair_access: {{trial: {TRIAL}}}}}", "found a trial where the placement is admission"),
        (f"lifecycle: {{off_site_direction: {{trial: {TRIAL}}}}}", "found a trial where the placement is temporary"),
        ("lifecycle: {off_site_direction: {notice: 1 school day}}", "wanted at least 2 school days"),
        ("lifecycle: {off_site_direction: {notice: 4 calendar days}}", "wanted at least 2 school days"),
        ("lifecycle: {off_site_direction: {reviews: [7 weeks]}}", "wanted reviews no later than after 6 weeks"),
        ("lifecycle: {off_site_direction: {ends_as: [return, managed_move]}}", "so not managed_move"),
        ("lifecycle: {off_site_direction: {decided_by: the head}}", "wanted governors"),
        ("lifecycle: {off_site_direction: {register: B}}", "wanted D"),
        # looser clocks
        (soon("6 school days"), "within 5 school days or sooner"),
        (soon("1 week"), "within 5 school days or sooner"),
        (soon("1 school day", start="meeting.closed"), "from decision.taken until placement.started"),
        (soon("5 school days", kinds="fair_access"), "every kind that it applies to below"),
        (allocated("9 school days", "managed_move"), "every kind that it applies to below"),
        # a looser meeting
        ("meeting: {quorum: 5}", "meeting, quorum: found less than the book below asks; wanted 6 or more"),
        ("meeting: {quorum: half}", "wanted 6; a number of schools and a part of them cannot be compared"),
        ("meeting: {invite: some}", "wanted invite: all"),
        ("meeting: {absent: free}", "wanted absent: bound"),
        ("meeting: {notice: 4 school days}", "wanted at least 5 school days"),
        # the law by the back door
        ("statutory: true", "found a statutory book that extends area"),
    ],
)  # fmt: skip
def test_no_way_round_what_stands_below(body: str, words: str) -> None:
    message = refused(local(body), LAW, BELOW)
    assert words in message
    assert message.count("\n") == 1, message


QUOTA = "{quota: {count: load, limit: settings.quota}}"
SHARE = "{share: {load: load}}"
KEPT = f"place, {QUOTA}, {SHARE}, tier, journey"


@pytest.mark.parametrize(
    ("objectives", "words"),
    [
        (f"place, {QUOTA}, {SHARE}, tier", "objectives without journey of everybody as in area"),
        (f"place, {SHARE}, {QUOTA}, tier, journey", "objectives without share"),
        (f"place, {QUOTA}, {SHARE}, journey, tier", "objectives without journey"),
        (KEPT.replace("settings.quota", "3"), "objectives without quota"),
        (KEPT.replace("settings.quota", "settings.quota, beyond: free"), "objectives without quota"),
        (KEPT.replace("load: load}}", "load: load, per: equal}}"), "objectives without share"),
        (KEPT.replace("tier", "{tier: {of: fair_access}}"), "objectives without tier"),
        ("journey, place", "objectives without quota"),
    ],
)
def test_no_objective_below_is_left_out_or_moved(objectives: str, words: str) -> None:
    assert words in refused(local("", f"objectives: [{objectives}]"), LAW, BELOW)


@pytest.mark.parametrize(
    ("body", "objectives"),
    [
        ("", ""),
        ("", f"objectives: [{KEPT}]"),
        ("", f"objectives: [{KEPT.replace('tier', 'waiting, tier')}, lottery]"),
        ("settings: {quota: 3, free: {value: 5000}}", ""),
        ("settings: {mine: 4}", ""),
        ("lifecycle: {managed_move: {agreed_by: [parent, receiving_school, local_authority], ends_as: [permanent]}}", ""),
        (soon("4 school days"), ""),
        ("meeting: {quorum: 7, notice: 6 school days}", ""),
    ],
)
def test_what_is_only_added_or_stricter_is_let_through(body: str, objectives: str) -> None:
    made = check_text(local(body, objectives), "local.yaml", shelf_of(LAW, BELOW))
    assert [layer.name for layer in made.layers] == ["local", "area", "law"]


def composed(body: str) -> Rulebook:
    return check_text(local(body), "local.yaml", shelf_of(LAW, BELOW))


def test_what_a_book_does_not_say_of_a_meeting_stays_as_below() -> None:
    assert composed("meeting: {quorum: 7}").meeting == {"quorum": 7, "invite": "all", "absent": "bound", "notice": "5 school days"}
    assert composed("").meeting["quorum"] == 6


def test_a_chosen_quota_reaches_the_objective_below() -> None:
    assert [objective.limit for objective in composed("settings: {quota: 3}").objectives if objective.name == "quota"] == [Whole(3)]


def test_the_lengths_of_a_trial_below_are_kept_to() -> None:
    area = book("lifecycle: {managed_move: {trial: {weeks: 8, at_end: return, ends_as: [permanent, return]}}}\n", name="area")
    for trial, words in (
        ("{weeks: 9, at_end: return, ends_as: [permanent, return]}", "wanted at most 8 weeks, at_end: return, and no other end than"),
        ("{weeks: 8, at_end: permanent, ends_as: [permanent, return]}", "at_end: return"),
        ("{weeks: 6, at_end: return, ends_as: [return]}", ""),
        ("never", ""),
    ):
        text = book(f"extends: area\nlifecycle: {{managed_move: {{trial: {trial}}}}}\n", objectives="")
        if words:
            assert words in refused(text, area)
        else:
            assert check_text(text, "x", shelf_of(area)).name == "local"


# thirty mistakes

THIRTY = """\
rulebook: Hill Top
edition: {from: 1 September 2026}
titel: Hilltop
title: Hilltop
authority: {instrument: Agreement, paragraf: "4"}
extends: engand
settings:
  furthest: {value: 9000, choise: true}
counts:
  load: {of: placement, over: term}
  taken: {of: placements, over: six weeks}
derive:
  - {id: far, fact: candidate.far, is: candidate.metres > settings.furthst}
  - {id: hard, fact: referral.hard, is: school.closing}
limits:
  - {id: full, per: class, room: year.pan}
  - {id: shut, per: school, room: 0 - school.places, examples: [{name: a, expect: 0}, {name: b, expect: 1}]}
holds:
  - id: wait
    when: school.closing
    examples: [{name: a, given: {school.closing: true}, expect: fires}, {name: b, expect: silence}]
bars:
  - {id: wait, when: candidate.excludd_from}
  - {id: distant, when: candidate.metres > 12.5}
  - {id: police, when: candidate.kept_apart == police}
  - {id: equal, when: candidate.rank = 1}
  - id: busy
    when: year.on_roll > 180
    say: "{school.nam} is full"
    examples: [{name: a, given: {year.on_roll: 181}, expect: fires}, {name: b, expect: silent}]
  - id: cared-for
    when: referral.looked_after
    examples: [{name: a, given: {referral.looked_after: true}, expect: fires}, {name: b, expect: silent}]
  - {id: never, when: candidate.rank > 99, examples: [{name: a, given: {candidate.rank: 9}, expect: fires}, {name: b, expect: silent}]}
charges:
  - {id: bus, pence: -5, when: true, examples: [{name: a, expect: fires}]}
  - {id: taxi, pence: settings.fare, when: true, examples: [{name: a, expect: fires}]}
notices:
  - {id: unsaid, when: school.closing}
  - {id: backwards, in_force: {from: 2027-01-01, until: 2026-01-01}, when: true, examples: [{name: a, expect: fires}]}
objectives:
  - share: {load: load}
  - place
  - tier: {unranked: 3}
clocks:
  - {id: soon, from: decision.made, until: placement.started, within: 5 school days}
"""


def test_thirty_mistakes_in_one_file_are_thirty_lines_in_one_message() -> None:
    with pytest.raises(RulebookError) as caught:
        check_text(THIRTY, "hilltop.yaml", shelf_of(law()))
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 + 30, str(caught.value)
    assert len(caught.value.faults) == len({(fault.row, fault.column, fault.found) for fault in caught.value.faults})
    assert all(fault.file == "hilltop.yaml" and fault.row and (fault.found or fault.wanted) for fault in caught.value.faults)
    assert [fault.row for fault in caught.value.faults] == sorted(fault.row or 0 for fault in caught.value.faults)


def test_an_edition_knows_its_last_day() -> None:
    edition: Edition = read_edition(book(days="2026-09-01, until: 2027-02-28"), "x")
    assert (edition.edition, edition.until) == (dt.date(2026, 9, 1), dt.date(2027, 2, 28))
