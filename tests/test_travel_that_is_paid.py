"""A transfer of what the journey costs: the pence of the decision, for the time of the placement, and unknown where nobody said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from panel.costs.payments import AUTHORITY, UNPRICED
from panel.state.records import State
from rules.errors import RulebookError
from rules.rulebook import check_text
from tests.running import ASHDOWN, BIRCH, BOOK, FILES, MEETS, Panel, pastoral
from tests.test_money import state
from tests.test_payments import HEAD, accounted, line, totals

TO_AUTHORITY = "to: authority, "


def costing(pence: int | None) -> State:
    """The pupil of `state`, decided on 1 October 2026, whose decision recorded that the journey costs so much a year."""
    shown = state()
    held = shown.referrals["R1"]
    assert held.decision is not None
    decision = held.decision.model_copy(update={"transport_pence": pence})
    return replace(shown, referrals={"R1": replace(held, decision=decision)})


@pytest.mark.parametrize(
    ("pence", "more", "expected"),
    [
        (65_000, TO_AUTHORITY, {"100001": -32_411, AUTHORITY: 32_411}),  # 65,000 x 182/365 = 32,410.96
        (65_000, TO_AUTHORITY + "once: true, ", {"100001": -65_000, AUTHORITY: 65_000}),
        (65_000, "", {"100001": -32_411, "100002": 32_411}),
        (0, TO_AUTHORITY, {}),  # who walks costs nothing
    ],
)
def test_the_school_that_sent_pays_the_journey(pence: int, more: str, expected: Mapping[str, int]) -> None:
    shown = accounted(costing(pence), line("travel", "transport", more))  # type: ignore[arg-type]
    assert totals(shown) == expected
    assert shown.untold == ()


def test_a_journey_of_which_nobody_said_the_cost_cannot_be_told() -> None:
    shown = accounted(costing(None), line("travel", "transport", TO_AUTHORITY) + line("it", 365_000))  # type: ignore[arg-type]
    assert totals(shown) == {"100001": -182_000, "100002": 182_000}  # what is known is paid
    assert [(one.lines, one.missing, one.pence) for one in shown.untold] == [(("travel",), (UNPRICED,), 0)]


def test_a_line_that_is_silent_asks_for_no_cost() -> None:
    silent = line("travel", "transport", TO_AUTHORITY).replace("admission.after_exclusion", "admission.ehcp is known and admission.ehcp", 1)  # type: ignore[arg-type]
    assert accounted(costing(None), silent.replace("{admission.after_exclusion: ", "{admission.ehcp: ")).untold == ()


def test_two_lines_that_fire_pay_the_journey_once() -> None:
    both = line("travel", "transport", TO_AUTHORITY) + line("again", "transport", TO_AUTHORITY)  # type: ignore[arg-type]
    assert totals(accounted(costing(65_000), both)) == {"100001": -32_411, AUTHORITY: 32_411}


def test_from_the_exclusion_on_there_is_no_journey() -> None:
    with pytest.raises(RulebookError, match="found pence: transport from the exclusion on; wanted begins: first_day or permanent"):
        check_text(HEAD + "transfers:\n" + line("travel", "transport", TO_AUTHORITY + "begins: exclusion, "), "x.yaml")  # type: ignore[arg-type]


EXAMPLES = (
    "[{name: a, given: {admission.kind: managed_move}, expect: fires}, {name: b, given: {admission.kind: fair_access}, expect: silent}]"
)
PAYS = f"""\
transfers:
  - {{id: travel, pence: transport, from: sending_school, to: authority, when: 'admission.kind == "managed_move"', examples: {EXAMPLES}}}
objectives:
"""
QUOTED = f"pupil,urn,metres,pence_per_year,method\nP1,{ASHDOWN},3000,73000,measured\n"


def test_from_the_decision_to_the_statement(tmp_path: Path) -> None:
    """R1 goes to Ashdown, 730.00 a year, from 22 October to 31 March: 161 of 365 days, 322.00. Of R2 to Cedar nobody said the cost."""
    panel = Panel(tmp_path / "travel.db")
    panel("init", "--rulebook", str(panel.file("travel.yaml", BOOK.replace("objectives:\n", PAYS))))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(panel.file(f"{what}.csv", FILES[f"{what}.csv"])))
    panel("load", "journeys", str(panel.file("journeys.csv", QUOTED)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "R2", "--confirm")
    told = panel.json("statement")
    birch = next(one for one in told["statements"] if one["school"] == BIRCH)
    assert (birch["total_pence"], [one["pence_a_year"] for one in birch["paid"]]) == (-32_200, [73_000])
    assert [(one["referral"], one["missing"]) for one in told["cannot_tell"]] == [("R2", ["what the journey costs"])]
    page = " ".join(panel("statement").out.split())
    assert "R1 to the authority (travel) 2026-10-22 planned 161/365 730.00 -322.00" in page.replace("£", "")
    assert "R2: cannot be told; not recorded: what the journey costs." in page


def test_what_the_book_says_of_it(tmp_path: Path) -> None:
    path = tmp_path / "travel.yaml"
    path.write_text(BOOK.replace("objectives:\n", PAYS), encoding="utf-8")
    shown = " ".join(pastoral("rules", "show", str(path)).out.split())
    assert "what the journey costs" in shown
    explained = " ".join(pastoral("rules", "explain", "travel", "--book", str(path)).out.split())
    assert "from the school that sent to the authority, as the decision recorded what the journey costs" in explained
    assert "Pence a year" not in explained
    wrong = path.with_name("wrong.yaml")
    wrong.write_text(BOOK.replace("objectives:\n", PAYS.replace("pence: transport", "pence: travel")), encoding="utf-8")
    assert (
        "found 'travel'; wanted a whole number, settings.NAME, or transport: what the journey costs"
        in pastoral("rules", "check", str(wrong)).err
    )
