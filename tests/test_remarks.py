"""What `rules check` remarks on: a sound book that may not mean what it says."""

from __future__ import annotations

import pytest

from rules.errors import RulebookError
from rules.facts import BY_NAME
from rules.grammar import parse_condition
from rules.guards import unguarded
from rules.remarks import remarks_of
from rules.rulebook import Shelf, check_text, shipped, shipped_text
from tests.running import pastoral

HEAD = "rulebook: x\nedition: {from: 2026-09-01}\ntitle: t\nauthority: {instrument: i}\n"
PLACE = "objectives: [place]\n"
EXCLUDED = "[{name: a, given: {referral.permanently_excluded: true}, expect: fires}, "
EXCLUDED += "{name: b, given: {referral.permanently_excluded: false}, expect: silent}]"


def remarks(text: str) -> dict[str, str]:
    book = HEAD + text
    return {about: said for about, _, said in remarks_of(check_text(book, "x.yaml"), [book])}


def tier(when: str) -> str:
    wish = f"  - {{id: wish, tier: 1, when: {when}, examples: [{{name: first, given: {{candidate.rank: 1}}, expect: fires}}, "
    wish += "{name: last, given: {candidate.rank: 9}, expect: silent}]}\n"
    return f"tiers:\n{wish}  - {{id: rest, tier: 2, when: true}}\nobjectives: [place, tier]\n"


def charge(when: str, fires: str, silent: str) -> str:
    shown = f"{{name: a, given: {{{fires}}}, expect: fires}}, {{name: b, given: {{{silent}}}, expect: silent}}"
    return f"charges: [{{id: bus, pence: 100, when: {when}, examples: [{shown}]}}]\nobjectives: [place, transport]\n"


@pytest.mark.parametrize(
    "when", ["candidate.rank is known and candidate.rank <= 3", "not (candidate.rank is unknown or candidate.rank > 3)"]
)
def test_a_tier_that_says_what_an_unknown_means_has_no_remark(when: str) -> None:
    assert remarks(tier(when)) == {}


def test_a_tier_that_closes_a_school_for_want_of_a_rank_is_told() -> None:
    said = remarks(tier("candidate.rank <= 3"))
    assert list(said) == ["tier wish"]
    assert said["tier wish"].startswith("candidate.rank may be unknown; where it is, the school is closed to the pupil.")
    assert "`candidate.rank is known and ...`" in said["tier wish"]


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("candidate.rank <= 3", ["candidate.rank"]),
        ("candidate.rank is known and candidate.rank <= 3", []),
        ("candidate.rank is unknown or candidate.rank <= 3", []),
        ("candidate.rank is known or candidate.rank <= 3", ["candidate.rank"]),  # known is no guard of an `or`: unknown, it cannot tell
        ("candidate.rank is unknown and candidate.rank <= 3", ["candidate.rank"]),
        ("candidate.rank is known and (candidate.metres < 9 or candidate.rank <= 3)", ["candidate.metres"]),
        ("school.closing", []),
    ],
)
def test_which_unknown_facts_leave_a_condition_open(when: str, names: list[str]) -> None:
    assert [fact.name for fact in unguarded(parse_condition(when, BY_NAME, {}), {})] == names


def test_a_charge_by_what_is_often_unknown_is_told_and_one_by_the_distance_is_not() -> None:
    said = remarks(charge("candidate.transport_entitled", "candidate.transport_entitled: true", "candidate.transport_entitled: false"))
    assert "and no cost is quoted, the school is closed to the pupil" in said["charge bus"]
    assert remarks(charge("candidate.metres > 9", "candidate.metres: 10", "candidate.metres: 9")) == {}


def test_waiting_of_some_puts_nobody_first() -> None:
    said = remarks("objectives: [place, {waiting: {of: permanently_excluded}}]\n")
    assert "`place: {of: permanently_excluded}`" in said["objective waiting of permanently_excluded"]
    kinds = remarks("objectives: [place, {waiting: {of: [fair_access, permanent_exclusion]}}]\n")
    assert "`place: {of: [fair_access, permanent_exclusion]}`" in kinds["objective waiting of fair_access, permanent_exclusion"]


def test_waiting_of_some_after_those_who_come_first_is_meant() -> None:
    assert remarks("objectives: [place, {place: {of: permanently_excluded}}, {waiting: {of: permanently_excluded}}, waiting]\n") == {}
    assert remarks("objectives: [place, waiting, {waiting: {of: permanently_excluded}}]\n") == {}


def clocks(*rest: str, until: str = "placement.reviewed") -> str:
    rows = (f"  - {{id: c{n}, from: placement.started, until: {until}, {one}}}\n" for n, one in enumerate(rest))
    return f"{PLACE}clocks:\n{''.join(rows)}"


def test_two_clocks_to_one_review_are_told() -> None:
    said = remarks(clocks(*(f"within: {many} weeks, applies_to: [off_site_direction]" for many in (6, 12))))
    assert list(said) == ["clock c1"]
    assert "from placement.started until placement.reviewed as c0 does: the first placement.reviewed meets both" in said["clock c1"]
    assert "`reviews: [6 weeks, 12 weeks]`" in said["clock c1"]


def test_a_shorter_clock_beside_one_of_the_book_below_is_told_by_which_name_it_would_be_that() -> None:
    clock = "clocks: [{{id: soon, from: referral.accepted, until: decision.taken, within: {}, applies_to: [fair_access]}}]\n"
    book = HEAD + "extends: england\n" + PLACE
    texts = [book + clock.format(within) for within in ("15 school days", "30 school days")]
    shelf = Shelf.of((text, f"{name}.yaml") for name in shipped() for text in shipped_text(name))
    told = ({about: said for about, _, said in remarks_of(check_text(text, "x.yaml", shelf), [text])} for text in texts)
    shorter, longer = (said["clock soon"] for said in told)
    assert shorter.endswith("name it place-allocated: a clock of england may be named again with a shorter time")
    assert "may be named again" not in longer


@pytest.mark.parametrize(
    "rest",
    [
        ("within: 6 weeks, applies_to: [managed_move]", "within: 12 weeks, applies_to: [reintegration]"),  # of other pupils
        ("within: 6 weeks", "not_before: 2 weeks"),  # one is how soon, the other how late
        (
            "within: 6 weeks",
            f"within: 4 weeks, when: referral.permanently_excluded, examples: {EXCLUDED}",
        ),  # stricter for some
    ],
)
def test_two_clocks_that_ask_for_two_things_are_not(rest: tuple[str, str]) -> None:
    assert remarks(clocks(*rest, until="placement.broke_down")) == {}


def test_a_rule_without_a_sentence_is_told() -> None:
    hold = (
        "holds: [{id: out, when: not referral.pupil_agrees, SAYexamples: [{name: a, given: {referral.pupil_agrees: false}, expect: fires},"
    )
    hold += f" {{name: b, given: {{referral.pupil_agrees: true}}, expect: silent}}]}}]\n{PLACE}"
    assert remarks(hold.replace("SAY", "")) == {"hold out": "it has no `say`: who asks why is told its condition instead of a sentence"}
    assert remarks(hold.replace("SAY", "say: Not agreed., ")) == {}


def test_what_a_term_is_is_told_with_a_count_over_one() -> None:
    share = "counts: {lately: {of: placements, over: SPAN}}\nobjectives: [place, {share: {load: lately, per: equal}}]\n"
    said = remarks(share.replace("SPAN", "term"))
    assert said["count lately"].startswith("a term is one row of the file of terms: half a term where the file has halves")
    assert remarks(share.replace("SPAN", "academic_year")) == {}


def test_a_count_that_only_the_fund_goes_by_is_used() -> None:
    count = "counts: {need: {of: placements, over: academic_year}}\n"
    assert list(remarks(count + PLACE)) == ["count need"]
    assert remarks(f"{count}money: {{fund: {{shared: need, count: need}}}}\n{PLACE}") == {}


@pytest.mark.parametrize("name", shipped())
def test_the_books_that_ship_need_no_remark(name: str) -> None:
    assert pastoral("rules", "check", name, "--json").json["remarks"] == []


def limit(count: str, keys: str, room: str) -> str:
    shown = "[{name: a, given: {year.excluded: 0}, expect: 2}, {name: b, given: {year.excluded: 200}, expect: -8}]"
    counts = f"counts: {{excluded: {{of: placements, {count}, over: academic_year, per: year_group}}}}\n"
    return f"{HEAD}{PLACE}{counts}limits: [{{id: few, per: year_group, {keys}room: {room}, examples: {shown}}}]\n"


@pytest.mark.parametrize(
    ("keys", "room"),
    [
        ("of: permanently_excluded, ", "2 - year.excluded"),
        ("", "year.pan - year.on_roll - year.excluded"),  # everybody who comes is on the roll
        ("", "100 * (2 - year.excluded)"),  # closed to everybody by the excluded: meant
    ],
)
def test_a_limit_that_speaks_of_those_who_add_to_it_is_sound(keys: str, room: str) -> None:
    assert check_text(limit("where: admission.after_exclusion", keys, room), "x.yaml").name == "x"


def test_a_limit_for_excluded_pupils_whose_count_is_of_a_kind_leaves_some_out() -> None:
    with pytest.raises(RulebookError, match="counts nobody of fair_access after an exclusion, managed_move after an exclusion"):
        check_text(limit("where: 'admission.kind == \"permanent_exclusion\"'", "of: permanently_excluded, ", "2 - year.excluded"), "x.yaml")


def test_a_fact_that_the_panel_has_a_total_of_is_not_called_a_count() -> None:
    with pytest.raises(RulebookError) as caught:
        check_text(limit("where: admission.after_exclusion", "", "2 - year.roll"), "x.yaml")
    assert "found year.roll; wanted a fact or a setting." in str(caught.value)
    assert "counted per" not in str(caught.value)


FEDERATION = """\
bars:
  - id: federation
    {scope}when: {when}
    say: no
    examples:
      - {{name: another, given: {{candidate.same_federation: false}}, expect: fires}}
      - {{name: the same, given: {{candidate.same_federation: true}}, expect: silent}}
"""


@pytest.mark.parametrize(
    ("scope", "when", "told"),
    [
        ("", "not candidate.same_federation", True),
        ("", "not (candidate.same_federation or candidate.sibling_here)", True),
        ("", "not candidate.same_federation and not candidate.sibling_here", True),
        ("", "not (not candidate.same_federation) and candidate.rank == 9", False),
        ("applies_to: [managed_move]\n    ", "not candidate.same_federation", False),  # it always leads away from a home school
        ("applies_to: [managed_move, fair_access]\n    ", "not candidate.same_federation", True),
        ("unless: referral.has_home_school is known and not referral.has_home_school\n    ", "not candidate.same_federation", False),
    ],
)
def test_a_bar_that_wants_a_federation_says_that_a_child_of_no_school_has_none(scope: str, when: str, told: bool) -> None:
    said = remarks(FEDERATION.format(scope=scope, when=when) + PLACE)
    assert ("barred everywhere" in said.get("bar federation", "")) is told


def test_a_clock_that_waits_for_an_answer_though_the_pupil_has_started_is_told() -> None:
    clock = "clocks: [{{id: answer, from: decision.taken, until: {}, within: 5 school days}}]\n" + PLACE
    (said,) = remarks(clock.format("receiving_school.accepted")).values()
    assert said.endswith("Write `until: [receiving_school.accepted, placement.started]`")
    assert remarks(clock.format("[receiving_school.accepted, placement.started]")) == {}
    assert remarks(clock.format("family.told")) == {}


def counted(count: str, keys: str, room: str, per: str = "school") -> str:
    """A book with one limit of 2, and a count `taken` that its room reads."""
    shown = "[{name: a, given: {}, expect: 2}, {name: b, given: {school.taken: 200}, expect: -198}]"
    if room.startswith("100 * "):
        shown = "[{name: a, given: {}, expect: 200}, {name: b, given: {school.taken: 3}, expect: -100}]"
    if per == "year_group":
        shown = shown.replace("school.taken", "year.taken")
    counts = f"counts: {{taken: {{of: placements, {count}over: academic_year{', per: year_group' if per == 'year_group' else ''}}}}}\n"
    return f"{HEAD}{PLACE}{counts}limits: [{{id: few, per: {per}, at: [mainstream], {keys}room: {room}, examples: {shown}}}]\n"


@pytest.mark.parametrize(
    ("count", "keys", "room", "per"),
    [
        ("where: admission.year_group >= 10, ", "year_groups: {lowest: 10, highest: 11}, ", "2 - school.taken", "school"),
        ("where: 11 > admission.year_group, ", "year_groups: {lowest: 7, highest: 10}, ", "2 - school.taken", "school"),
        ("where: 'admission.year_group in [10, 11]', ", "year_groups: {lowest: 10, highest: 11}, ", "2 - school.taken", "school"),
        ("", "year_groups: {lowest: 10, highest: 11}, ", "2 - year.taken", "year_group"),  # a year group's own count is of nobody else
        ("where: admission.attendance < 500, ", "", "100 * (2 - school.taken)", "school"),  # closed to everybody as the meeting opens
        ("", "of: permanently_excluded, ", "100 * (2 - school.taken)", "school"),
        ("where: 'admission.kind == \"managed_move\"', ", "of: [managed_move], ", "2 - school.taken", "school"),
    ],
)
def test_a_limit_and_a_count_of_the_same_pupils_are_sound(count: str, keys: str, room: str, per: str) -> None:
    shown = "" if not keys else ", {name: c, given: {referral.year_group: 9}, expect: out of scope}"
    if keys.startswith("year_groups: {lowest: 7"):
        shown = shown.replace("9", "11")
    if keys.startswith("of: permanently"):
        shown = shown.replace("referral.year_group: 9", "referral.permanently_excluded: false")
    if keys.startswith("of: [managed"):
        shown = shown.replace("referral.year_group: 9", "referral.kind: fair_access")
    text = counted(count, keys, room, per).replace("}]}]", f"}}{shown}]}}]")
    assert check_text(text, "x.yaml").name == "x"


@pytest.mark.parametrize(
    ("count", "keys", "told"),
    [
        ("where: admission.year_group >= 10, ", "", "counts nobody of year groups 7, 8, 9"),
        (
            "where: admission.year_group >= 10, ",
            "year_groups: {lowest: 11, highest: 11}, ",
            "year group 11, while taken also counts year group 10;",
        ),
        ("where: admission.year_group >= 10 or admission.looked_after, ", "", "counts only some of them"),
        ("where: admission.after_exclusion, ", "of: [permanent_exclusion], ", "also counts fair_access after an exclusion"),
        (
            "where: 'admission.kind != \"fair_access\"', ",
            "of: [managed_move], ",
            "also counts off_site_direction, permanent_exclusion, rein",
        ),
    ],
)
def test_a_limit_and_a_count_of_different_pupils_are_refused(count: str, keys: str, told: str) -> None:
    with pytest.raises(RulebookError) as caught:
        check_text(counted(count, keys, "2 - school.taken"), "x.yaml")
    assert told in str(caught.value)


def test_two_counts_that_together_are_of_everybody_are_sound() -> None:
    text = counted("where: admission.after_exclusion, ", "", "2 - school.taken - school.others")
    others = "others: {of: placements, where: not admission.after_exclusion, over: academic_year}"
    assert check_text(text.replace("counts: {", f"counts: {{{others}, "), "x.yaml").name == "x"
    netted = counted("", "of: permanently_excluded, ", "2 - school.taken + school.others").replace("counts: {", f"counts: {{{others}, ")
    scope = "}, {name: c, given: {referral.permanently_excluded: false}, expect: out of scope}]}]"
    assert check_text(netted.replace("}]}]", scope), "x.yaml").name == "x"  # of all that are taken off, the others are given back
    given_back = counted("", "", "2 - school.taken + school.others").replace("counts: {", f"counts: {{{others}, ")
    with pytest.raises(RulebookError, match="counts only some of them"):
        check_text(given_back.replace("not admission.after_exclusion", "admission.looked_after"), "x.yaml")


def test_a_quota_of_fewer_than_its_count_is_refused_and_one_of_more_is_not() -> None:
    quota = (
        "objectives: [place, {{quota: {{count: seniors, limit: 2{}}}}}]\ncounts: {{seniors: {{of: placements, where: {}, over: term}}}}\n"
    )
    assert check_text(HEAD + quota.format("", "admission.year_group >= 10"), "x.yaml").name == "x"
    with pytest.raises(RulebookError, match="seniors also counts managed_move, off_site_direction, permanent_exclusion, reintegration"):
        check_text(HEAD + quota.format(", of: [fair_access]", "admission.year_group >= 10"), "x.yaml")
    both = 'admission.year_group >= 10 and admission.kind == "fair_access"'
    assert check_text(HEAD + quota.format(", of: [fair_access]", f"'{both}'"), "x.yaml").name == "x"


HOLD = "holds: [{{id: cap, say: x, when: {}, "
HOLD += "examples: [{{name: a, given: {{{}}}, expect: fires}}, {{name: b, given: {{}}, expect: silent}}]}}]\n"


def test_a_hold_by_what_the_sender_took_is_told_that_it_stands_still() -> None:
    counts = f"counts: {{net: {{of: placements, over: academic_year, minus: [own_referrals_placed]}}}}\n{PLACE}"
    said = remarks(HOLD.format("referral.home_school_net <= -2", "referral.home_school_net: -2") + counts)
    assert "referral.home_school_net stays what it is as the meeting opens" in said["hold cap"]
    outside = counts.replace("of: placements", "of: outside_admissions").replace(", minus: [own_referrals_placed]", "")
    assert remarks(HOLD.format("referral.home_school_net >= 2", "referral.home_school_net: 2") + outside) == {}


@pytest.mark.parametrize(("when", "told"), [("< 85", "85 of it is 8.5 per cent. If 85 per cent is meant, write 850"), ("< 101", "")])
def test_attendance_beside_a_number_that_looks_like_per_cent_is_told(when: str, told: str) -> None:
    said = remarks(HOLD.format(f"referral.attendance {when}", "referral.attendance: 84") + PLACE)
    assert told in said.get("hold cap", "")
    assert bool(said) is bool(told)
    flipped = remarks(HOLD.format("not (85 <= referral.attendance)", "referral.attendance: 84") + PLACE)
    assert "85 of it" in flipped["hold cap"]


@pytest.mark.parametrize(
    ("kinds", "lifecycle", "told"),
    [
        ("[fair_access]", "", True),
        ("[fair_access, off_site_direction]", "", True),
        ("[off_site_direction]", "", False),
        ("[fair_access]", "lifecycle: {fair_access: {reviews: [6 weeks]}}\n", False),
        ("[reintegration]", "lifecycle: {reintegration: {placement: temporary}}\n", False),
    ],
)
def test_a_clock_until_a_review_that_never_comes_is_told(kinds: str, lifecycle: str, told: bool) -> None:
    said = remarks(clocks(f"within: 6 weeks, applies_to: {kinds}") + lifecycle)
    assert ("no review follows a placement by fair_access, so that it is never met" in said.get("clock c0", "")) is told
    assert bool(said) is told


def test_a_limit_by_year_group_says_that_some_settings_have_none() -> None:
    shown = "[{name: a, given: {year.pan: 2, year.on_roll: 1}, expect: 1}, {name: b, given: {year.pan: 2, year.on_roll: 2}, expect: 0}SOME]"
    text = f"limits: [{{id: full, per: year_group, KEYSroom: year.pan - year.on_roll, examples: {shown}}}]\n{PLACE}"
    assert "this limit is never asked there" in remarks(text.replace("KEYS", "").replace("SOME", ""))["limit full"]
    unit = ", {name: c, given: {school.setting: pru}, expect: out of scope}"
    assert remarks(text.replace("KEYS", "at: [mainstream], ").replace("SOME", unit)) == {}
    scope = ", {name: d, given: {referral.permanently_excluded: false}, expect: out of scope}"
    for_some = remarks(text.replace("KEYS", "at: [mainstream], of: permanently_excluded, ").replace("SOME", unit + scope))
    assert "others who are placed at the same meeting take none of its room" in for_some["limit full"]


SENT = "counts:\n  sent: {of: outside_admissions, where: admission.by_panel, over: term, plus: [own_referrals_placed]}\n"


@pytest.mark.parametrize(("when", "told"), [("{0} >= 5", True), ("{0} + referral.nth_of_home_school > 5", False)])
def test_a_cap_on_what_a_school_sends_is_told_how_to_hold_within_one_meeting(when: str, told: bool) -> None:
    name = "referral.home_school_sent"
    shown = f"[{{name: a, given: {{{name}: 5}}, expect: fires}}, {{name: b, given: {{{name}: 4}}, expect: silent}}]"
    said = remarks(f"{SENT}holds:\n  - {{id: enough, when: {when.format(name)}, say: s, examples: {shown}}}\n{PLACE}")
    assert (
        "`referral.home_school_sent + referral.nth_of_home_school > 5` holds within a meeting too" in said.get("hold enough", "")
    ) is told
