"""What stands in a sound book though it looks like what a new book is refused for, each beside a bad one in rulebooks/bad."""

from __future__ import annotations

import pytest

from rules.rulebook import Shelf, check_text
from tests.test_remarks import HEAD, PLACE

YES = "[{name: a, given: {%s}, expect: fires}, {name: b, given: {%s}, expect: silent}]"


def transfer(keys: str, yes: str, no: str, more: str = "") -> str:
    return f"{HEAD}{PLACE}{more}transfers: [{{id: t, pence: 100, {keys}, examples: {YES % (yes, no)}}}]\n"


@pytest.mark.parametrize(
    ("keys", "yes", "no", "more"),
    [
        ('begins: permanent, when: admission.kind != "managed_move"', "admission.kind: fair_access", "", ""),
        ('begins: permanent, when: admission.kind == "managed_move"', "", "admission.kind: fair_access", ""),
        (
            'begins: permanent, when: admission.kind == "managed_move"',
            "",
            "admission.kind: fair_access",
            "lifecycle: {managed_move: {trial: {weeks: 6, at_end: return, ends_as: [permanent, return]}}}\n",
        ),
        ('when: admission.kind == "off_site_direction"', "admission.kind: off_site_direction", "", ""),
        ('when: admission.kind != "outside"', "", "admission.kind: outside", ""),
        ("when: admission.by_panel", "", "admission.by_panel: false", ""),
        ("begins: exclusion, to: authority, when: not admission.by_panel", "admission.by_panel: false", "", ""),
        ("begins: exclusion, to: authority, when: admission.year_group == 11", "admission.year_group: 11", "", ""),
    ],
)
def test_a_line_that_is_paid_for_some(keys: str, yes: str, no: str, more: str) -> None:
    old = HEAD.replace("from: 2026-09-01", "from: 2021-09-01")
    check_text(transfer(keys, yes, no, more).replace(HEAD, old), "x.yaml", Shelf.of(()))


@pytest.mark.parametrize(
    ("where", "of"),
    [
        ("admission.by_panel or admission.over_number > 0", ""),
        ('admission.over_number > 0 and admission.kind == "outside" or admission.kind == "fair_access"', ", of: [fair_access]"),
    ],
)
def test_a_count_that_asks_what_is_not_known_beforehand_of_nobody_whom_the_panel_places(where: str, of: str) -> None:
    counts = f"counts: {{c: {{of: placements, over: term, where: '{where}'}}}}\n"
    check_text(f"{HEAD}{counts}objectives: [place, {{quota: {{count: c, limit: 1{of}}}}}]\n", "x.yaml", Shelf.of(()))


def test_a_count_of_those_above_number_may_be_shown_and_may_close_a_school_as_the_meeting_opens() -> None:
    """It speaks of earlier meetings alone, and so does the limit: the room is 100 while nobody came above, and then none."""
    counts = "counts: {c: {of: placements, over: term, where: admission.over_number is known and admission.over_number > 0}}\n"
    examples = "[{name: a, given: {school.c: 0}, expect: 100}, {name: b, given: {school.c: 1}, expect: 0}]"
    limit = f'limits: [{{id: l, per: school, room: 100 * (1 - school.c), say: "{{room}}", examples: {examples}}}]\n'
    check_text(HEAD + counts + limit + PLACE, "x.yaml", Shelf.of(()))


@pytest.mark.parametrize("start", ["2 * school.sent", "3 - 5 * school.sent", "0 - school.even_c_by_roll"])
def test_a_share_may_start_from_so_many_points_for_each_of_a_count(start: str) -> None:
    counts = "counts: {c: {of: placements, over: term}, sent: {of: own_referrals_placed, over: term}}\n"
    check_text(f"{HEAD}{counts}objectives: [place, {{share: {{load: c, per: roll, start: {start}}}}}]\n", "x.yaml", Shelf.of(()))
