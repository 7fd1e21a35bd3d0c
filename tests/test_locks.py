"""Locks: what stands below, tried from each side."""

from __future__ import annotations

import datetime as dt
import textwrap

import pytest

from rules.book import Rulebook
from rules.errors import RulebookError
from rules.rulebook import Edition, check_text, read_edition
from rules.terms import Whole
from tests.test_layers_of_books import book, law, refused, shelf_of

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
    meeting:
      {{quorum: 6, invite: all, absent: bound, notice: 5 school days, others: [local_authority], votes: {{majority: simple, others: vote}}}}
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
        ("meeting: {votes: {majority: all}}", "wanted votes that ask as much as majority: simple, of: voting, casting_vote: none, others"),
        ("meeting: {votes: {majority: all, others: no_vote}}", "meeting, votes: found less than the book below asks"),
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
        ("meeting: {votes: {majority: two_thirds, others: vote}}", ""),
    ],
)
def test_what_is_only_added_or_stricter_is_let_through(body: str, objectives: str) -> None:
    made = check_text(local(body, objectives), "local.yaml", shelf_of(LAW, BELOW))
    assert [layer.name for layer in made.layers] == ["local", "area", "law"]


def composed(body: str) -> Rulebook:
    return check_text(local(body), "local.yaml", shelf_of(LAW, BELOW))


def test_what_a_book_does_not_say_of_a_meeting_stays_as_below() -> None:
    said = composed("meeting: {quorum: 7}").meeting
    assert {key: said[key] for key in ("quorum", "invite", "absent", "notice")} == {
        "quorum": 7, "invite": "all", "absent": "bound", "notice": "5 school days",
    }  # fmt: skip
    assert said["votes"] == {"majority": "simple", "of": "voting", "casting_vote": "none", "others": "vote"}
    assert composed("").meeting["quorum"] == 6


def test_a_chosen_quota_reaches_the_objective_below() -> None:
    assert [objective.limit for objective in composed("settings: {quota: 3}").objectives if objective.name == "quota"] == [Whole(3)]


def test_the_lengths_of_a_trial_below_are_kept_to() -> None:
    area = book("lifecycle: {managed_move: {trial: {weeks: 8, at_end: return, ends_as: [permanent, return]}}}\n", name="area")
    for trial, words in (
        ("{weeks: 9, at_end: return, ends_as: [permanent, return]}", "wanted at most 8 weeks, at_end: return, and no other end than"),
        ("{weeks: 8, at_end: permanent, ends_as: [permanent, return]}", "at_end: return"),
        ("{weeks: 6, at_end: return, ends_as: [return]}", ""),
        ("{lasts: 56 calendar days, at_end: return, ends_as: [return]}", ""),
        ("{lasts: 40 school days, at_end: return, ends_as: [return]}", "wanted at most 8 weeks"),  # a holiday may lie within
        ("{weeks: 6, extension: {by: 1 week}, at_end: return, ends_as: [return]}", "return, and no extension"),
        ("never", ""),
    ):
        text = book(f"extends: area\nlifecycle: {{managed_move: {{trial: {trial}}}}}\n", objectives="")
        if words:
            assert words in refused(text, area)
        else:
            assert check_text(text, "x", shelf_of(area)).name == "local"


def test_an_extension_below_is_kept_to() -> None:
    trial = "lifecycle: {{managed_move: {{trial: {{lasts: 40 school days, {}at_end: return, ends_as: [return]}}}}}}\n"
    area = book(trial.format("extension: {by: 20 school days, times: 2}, "), name="area")
    for more, allowed in (
        ("", True),
        ("extension: {by: 20 school days}, ", True),
        ("extension: {by: 20 calendar days, times: 2}, ", True),
        ("extension: {by: 21 school days}, ", False),
        ("extension: {by: 1 school day, times: 3}, ", False),
    ):
        text = book(f"extends: area\n{trial.format(more)}", objectives="")
        if allowed:
            assert check_text(text, "x", shelf_of(area)).name == "local"
        else:
            assert "extended at most 2 times by 20 school days" in refused(text, area)


def test_a_longest_time_below_is_kept_to() -> None:
    area = book("lifecycle: {off_site_direction: {lasts: 12 weeks}}\n", name="area")
    longer = book("lifecycle: {off_site_direction: {extension: {by: 6 weeks, times: 2}}}\n", name="area")
    for below, said, words in (
        (area, "lasts: 8 weeks", ""),
        (area, "lasts: 13 weeks", "wanted at most 12 weeks"),
        (area, "extension: {by: 1 week}", "wanted no extension: what is temporary lasts 12 weeks at the longest"),
        (longer, "extension: {by: 6 weeks}, lasts: 2 weeks", ""),
        (longer, "extension: {by: 7 weeks}", "wanted at most 2 times by 6 weeks"),
        (longer, "extension: {by: 6 weeks, times: 3}", "wanted at most 2 times by 6 weeks"),
    ):
        text = book(f"extends: area\nlifecycle: {{off_site_direction: {{{said}}}}}\n", objectives="")
        if words:
            assert words in refused(text, below)
        else:
            assert check_text(text, "x", shelf_of(below)).name == "local"


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
