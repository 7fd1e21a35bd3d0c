"""What stands in a book and does nothing, told by `rules check`; and like it what does something, of which nothing is told."""

from __future__ import annotations

import pytest

from tests.test_remarks import EXCLUDED, PLACE, charge, remarks, tier

FALLS = EXCLUDED.replace("referral.permanently_excluded", "admission.after_exclusion")
TARIFF = f"tariff: [{{id: excluded, points: 3, when: admission.after_exclusion, examples: {FALLS}}}]\n"
HOLD = "holds: [{id: h, say: h, when: %s, examples: " + EXCLUDED + "}]\n"
RANKED = "candidate.rank is known and candidate.rank <= 3"


def test_tiers_that_no_objective_goes_by() -> None:
    assert remarks(tier(RANKED)) == {}
    said = remarks(tier(RANKED).replace("[place, tier]", "[place]"))
    assert list(said) == ["tiers"]
    assert said["tiers"].startswith("no objective goes by them")
    assert remarks(tier(RANKED).replace("[place, tier]", "[place, {case_by_case: {by: [tier]}}]")) == {}


def test_an_objective_by_tiers_that_there_are_not_closes_every_school() -> None:
    assert "nobody can be placed" in remarks("objectives: [place, tier]\n")["objective tier"]
    assert "nobody can be placed" in remarks("objectives: [place, {case_by_case: {by: [tier]}}]\n")["objective tier"]


def test_a_tariff_by_which_nobody_is_weighed() -> None:
    assert list(remarks(TARIFF + PLACE)) == ["tariff"]
    count = "counts: {points: {of: placements, over: academic_year, weigh: points}}\n"
    assert "tariff" not in remarks(TARIFF + count + PLACE)
    weighs = "{name: a, given: {referral.points: 4}, expect: fires}, {name: b, given: {referral.points: 3}, expect: silent}"
    hold = f"holds: [{{id: h, say: h, when: referral.points > 3, examples: [{weighs}]}}]\n"
    assert "tariff" not in remarks(TARIFF + hold + PLACE)


def test_charges_that_decide_nothing_are_told_with_what_they_are_for() -> None:
    book = charge("candidate.metres > 9", "candidate.metres: 10", "candidate.metres: 9")
    assert remarks(book) == {}
    said = remarks(book.replace("[place, transport]", "[place]"))
    assert "`pastoral transport` adds it up, but it decides nothing" in said["charges"]
    spent = "{name: a, given: {panel.transport_spent_pence: 10}, expect: fires}, {name: b, given: {}, expect: silent}"
    notice = f"notices: [{{id: n, say: n, when: panel.transport_spent_pence > 9, examples: [{spent}]}}]\n"
    assert remarks(notice + book.replace("[place, transport]", "[place]")) == {}


DERIVE = "derive: [{id: x, fact: referral.x, is: referral.permanently_excluded}, {id: y, fact: referral.y, is: referral.x}]\n"


def test_what_is_worked_out_and_nothing_reads() -> None:
    """`y` reads `x`: where nothing reads `y` both are idle, where a rule does neither is."""
    assert list(remarks(DERIVE + PLACE)) == ["derive x", "derive y"]
    assert remarks(DERIVE + HOLD % "referral.y" + PLACE) == {}
    assert list(remarks(DERIVE + HOLD % "referral.x" + PLACE)) == ["derive y"]
    assert remarks(DERIVE + "objectives: [place, {place: {of: referral.y}}]\n") == {}


def objectives(*some: str) -> dict[str, str]:
    tiers = "tiers: [{id: all, tier: 1, when: true}]\n" if any("tier" in one for one in some) else ""
    return remarks(f"{tiers}objectives: [place, {', '.join(some)}]\n")


@pytest.mark.parametrize(
    ("some", "about"),
    [
        (("{case_by_case: {by: [tier, journey]}}", "journey", "tier"), ["objective journey", "objective tier"]),
        (("{case_by_case: {by: [preference], unranked: 4}}", "{preference: {unranked: 4}}"), ["objective preference"]),
        (
            ("{place: {of: permanently_excluded}}", "{place: {of: not_permanently_excluded}}"),
            ["objective place of not_permanently_excluded"],
        ),
    ],
)
def test_what_is_settled_already(some: tuple[str, ...], about: list[str]) -> None:
    assert list(objectives(*some)) == about


@pytest.mark.parametrize(
    "some",
    [
        ("journey", "{case_by_case: {by: [tier, journey]}}", "tier")[:2],  # what all together come to, then case after case
        ("{case_by_case: {by: [preference], unranked: 4}}", "{preference: {unranked: 5}}"),
        ("waiting", "{waiting: {of: permanently_excluded}}"),  # of those who have waited as long the excluded first
        ("{place: {of: permanently_excluded}}", "{place: {of: [fair_access]}}"),
    ],
)
def test_what_may_still_decide(some: tuple[str, ...]) -> None:
    assert objectives(*some) == {}


STARTED = "from: placement.started, until: placement.reviewed, "
REVIEWED = (
    "no review follows a placement by managed_move, permanent_exclusion and reintegration, so that it is never met: what is "
    "permanent has one only where the book asks for it: under `lifecycle`, in its place, `managed_move: {reviews: [6 weeks]}`. "
    "Or say for whom it is: `applies_to: [off_site_direction, fair_access]`"
)


def clock(keys: str, lifecycle: str = "") -> dict[str, str]:
    return remarks(f"clocks: [{{id: c, within: 6 weeks, {keys}}}]\n{lifecycle}{PLACE}")


@pytest.mark.parametrize(
    ("keys", "lifecycle", "told"),
    [
        (
            "from: decision.taken, until: placement.reviewed, applies_to: [fair_access]",
            "",
            "no review follows a placement by fair_access, so",
        ),
        ("from: decision.taken, until: placement.extended, applies_to: [fair_access]", "", "no placement by fair_access is made longer"),
        (
            "from: placement.started, until: [placement.extended, placement.made_permanent], applies_to: [managed_move, fair_access]",
            "",
            "no placement by managed_move and fair_access is made longer, so that it is never met",
        ),
        ("from: placement.extended, until: placement.ended, applies_to: [fair_access]", "", "so that it never runs"),
        ("from: decision.taken, until: notice.given, applies_to: [managed_move]", "", "no notice is given of a placement by managed_move"),
        ("from: decision.taken, until: board.directed", "", "no governing board decides a placement by"),
        (
            "from: placement.started, until: placement.reviewed",
            "lifecycle: {fair_access: {reviews: [6 weeks]}}\n",
            REVIEWED,
        ),
        (
            STARTED + 'when: referral.kind != "managed_move", examples: [{name: f, given: {referral.kind: fair_access}, expect: fires}, '
            "{name: m, given: {referral.kind: managed_move}, expect: silent}]",
            "lifecycle: {permanent_exclusion: {reviews: [6 weeks]}, reintegration: {reviews: [6 weeks]}}\n",
            "no review follows a placement by fair_access, so",
        ),
    ],
)
def test_a_clock_for_what_never_comes(keys: str, lifecycle: str, told: str) -> None:
    assert told in clock(keys, lifecycle)["clock c"]


@pytest.mark.parametrize(
    ("keys", "lifecycle"),
    [
        ("from: notice.given, until: placement.extended", ""),  # of what comes to neither nothing is late
        (
            STARTED + 'when: referral.kind == "off_site_direction", examples: '
            "[{name: o, given: {referral.kind: off_site_direction}, expect: fires}, {name: m, given: {}, expect: silent}]",
            "",
        ),
        ("from: placement.started, until: [placement.extended, placement.ended], applies_to: [fair_access]", ""),
        ("from: decision.taken, until: placement.extended, applies_to: [off_site_direction]", ""),
        (
            "from: decision.taken, until: placement.reviewed, applies_to: [fair_access]",
            "lifecycle: {fair_access: {reviews: [6 weeks]}}\n",
        ),
        (
            "from: decision.taken, until: board.directed, applies_to: [off_site_direction]",
            "lifecycle: {off_site_direction: {decided_by: governing_board}}\n",
        ),
    ],
)
def test_a_clock_for_what_may_come(keys: str, lifecycle: str) -> None:
    assert clock(keys, lifecycle) == {}
