"""A pupil for whom any of several kinds of setting will do: from the file to the facts, and what a rule may ask of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import pytest
from pydantic import ValidationError

from panel import events as ev
from panel.answering.explain import Explainer
from panel.deciding.opening import as_frozen
from panel.errors import PanelError
from panel.facts.candidates import MeetingFacts
from panel.facts.referral_facts import suited
from panel.facts.remedies import remedies
from panel.intake import referrals
from panel.intake.again import read_again
from panel.intake.known import Known
from rules.book import Rulebook
from rules.evaluate import Evaluation
from rules.facts import BY_NAME, SETTINGS, SUITED_TO
from rules.finding import Outcome
from rules.given import facts_of
from rules.remarks import remarks_of
from rules.rulebook import check_text
from tests.test_candidates import pair, referral, school
from tests.test_intake import load
from tests.test_whom_of_names import decided

HEAD: Final = "rulebook: x\nedition: {from: 2026-09-01}\ntitle: t\nauthority: {instrument: i}\n"
ROW: Final = "referral,pupil,kind,year_group,made_on,home_school,suited_to\nR1,P1,fair_access,9,2026-09-14,900001,"
EACH: Final = tuple(f"{SUITED_TO}_{kind}" for kind in SETTINGS)


def made(cell: str) -> ev.ReferralMade:
    (event,) = load("referrals", f"{ROW}{cell}\n")
    assert isinstance(event, ev.ReferralMade)
    return event


# --- files and corrections ---


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("", "mainstream"),
        ("pru", "pru"),
        ("mainstream;inclusion_centre", ("mainstream", "inclusion_centre")),
        ("PRU ; Inclusion centre;", ("inclusion_centre", "pru")),  # the order written means nothing
        ("special;pru;inclusion_centre;mainstream", SETTINGS),
    ],
)
def test_what_a_cell_says(cell: str, kinds: str | tuple[str, ...]) -> None:
    case = made(cell).case
    assert case is not None
    assert case.suited_to == kinds


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (";", "found ';'; wanted mainstream, inclusion_centre, pru or special; several are separated by ;"),
        ("pru;pru", "found 'pru;pru'; wanted each of them once"),
        ("mainstream;prue", "Did you mean pru?"),
        ("mainstream,pru", "wanted mainstream, inclusion_centre, pru or special; several are separated by ;"),
    ],
)
def test_a_cell_that_says_nothing_or_something_else_is_refused(cell: str, said: str) -> None:
    with pytest.raises(PanelError) as refusal:
        load("referrals", f'{ROW}"{cell}"\n')
    assert said in str(refusal.value)


def test_one_kind_is_recorded_as_it_ever_was_and_several_are_a_list() -> None:
    """What a part holds is hashed: a ledger of before must come out the same to the byte."""
    (one,), (several,) = (made(cell).draft().parts for cell in ("pru", "pru;mainstream"))
    assert one.content["suited_to"] == "pru"
    assert several.content["suited_to"] == ["mainstream", "pru"]
    assert ev.ReferralCase.model_validate(several.content) == made("mainstream;pru").case


@pytest.mark.parametrize("said", [[], ["pru"], ["pru", "mainstream"], ["pru", "pru"], ["pru", "prison"], "prison"])
def test_a_part_that_says_it_otherwise_is_not_read(said: Any) -> None:
    with pytest.raises(ValidationError):
        ev.ReferralCase.model_validate({"suited_to": said})


@pytest.mark.parametrize(
    ("before", "cells", "after"),
    [
        ("mainstream;pru", {"year_group": "10"}, ("mainstream", "pru")),  # what is not named stays as it was
        ("mainstream", {"suited_to": "mainstream;pru"}, ("mainstream", "pru")),
        ("mainstream;pru", {"suited_to": "pru"}, "pru"),
        ("mainstream;pru", {"suited_to": ""}, "mainstream"),
    ],
)
def test_a_correction_says_it_as_a_file_does(before: str, cells: dict[str, str], after: str | tuple[str, ...]) -> None:
    known = Known(schools={"900001": ev.SchoolRecorded(urn="900001", name="A")})
    read = read_again(made(before), cells, known)
    assert isinstance(read, ev.ReferralMade)
    assert read.case is not None
    assert read.case.suited_to == after
    assert "suited_to" in referrals.TAKES


# --- facts ---


def facts_of_pair(kinds: Any, setting: str = "pru") -> dict[str, Any]:
    return pair(school("1"), school("2", setting=setting), referral(case=ev.ReferralCase(suited_to=kinds)))


@pytest.mark.parametrize(
    ("kinds", "setting", "admits"),
    [
        (("mainstream", "pru"), "mainstream", True),
        (("mainstream", "pru"), "pru", True),
        (("mainstream", "pru"), "special", False),
        (("inclusion_centre", "pru"), "mainstream", False),
        ("pru", "pru", True),
        ("mainstream", "pru", False),
    ],
)
def test_a_setting_of_any_of_these_kinds_admits(kinds: Any, setting: str, admits: bool) -> None:
    assert facts_of_pair(kinds, setting)["candidate.admits"] is admits


def test_the_one_fact_names_one_kind_or_nothing_and_the_four_are_always_known() -> None:
    one, several = facts_of_pair("pru"), facts_of_pair(("mainstream", "pru"))
    assert (one[SUITED_TO], [one[name] for name in EACH]) == ("pru", [False, False, True, False])
    assert SUITED_TO not in several
    assert [several[name] for name in EACH] == [True, False, True, False]
    assert [sorted(suited(row)) for row in (one, several)] == [["pru"], ["mainstream", "pru"]]


def test_nearness_ranks_all_these_kinds_together() -> None:
    """By metres: 3 a unit at 100, 1 a school at 500, 4 a special school at 700 that will not do, 2 a school at 900, 5 a unit at 900."""
    ways = ev.JourneyRows(
        journeys=tuple(ev.Journey(urn=urn, metres=metres) for urn, metres in (("1", 500), ("2", 900), ("3", 100), ("4", 700), ("5", 900)))
    )
    settings = {"1": "mainstream", "2": "mainstream", "3": "pru", "4": "special", "5": "pru"}
    schools = [school(urn, setting=setting) for urn, setting in settings.items()]

    def ranks(kinds: Any) -> list[Any]:
        record = (*schools, referral(case=ev.ReferralCase(suited_to=kinds), home_school="4"), ev.JourneysRecorded(pupil="P", case=ways))
        return [pair(*record, urn=urn).get("candidate.nearness") for urn in settings]

    assert ranks(("mainstream", "pru")) == [2, 3, 1, None, 3]
    assert ranks("mainstream") == [1, 2, None, None, None]


def test_a_meeting_freezes_which_only_where_there_are_several() -> None:
    """A meeting of before froze the one fact and none of the four, and must again."""
    book = check_text(f"{HEAD}objectives: [place]", "x")
    facts = MeetingFacts(
        on=dt.date(2026, 10, 22), panel={}, schools={}, years={}, candidates={"A": {}, "B": {}}, pupils={}, turns={}, pans={},
        referrals={"A": {SUITED_TO: "pru", **dict.fromkeys(EACH, False)}, "B": {"referral.ehcp": False, **dict.fromkeys(EACH, True)}},
    )  # fmt: skip
    frozen = as_frozen(facts, book).referrals
    assert frozen["A"] == {SUITED_TO: "pru"}
    assert frozen["B"] == {"referral.ehcp": False, **dict.fromkeys(EACH, True)}
    alone = replace(facts, referrals={"A": facts.referrals["A"]}, candidates={"A": {}})
    assert as_frozen(alone, book).referrals == {"A": {SUITED_TO: "pru"}}


# --- what a rule asks ---


def hold(when: str, *examples: str) -> Rulebook:
    shown = "\n".join(f"      - {{{example}}}" for example in examples)
    return check_text(f"{HEAD}holds:\n  - id: unit\n    when: {when}\n    say: x\n    examples:\n{shown}\nobjectives: [place]\n", "x")


ONE: Final = hold(
    f'{SUITED_TO} == "pru"', f"name: a, given: {{{SUITED_TO}: pru}}, expect: fires", "name: b, expect: silent",
    f"name: c, given: {{{SUITED_TO}_pru: true}}, expect: cannot tell",
)  # fmt: skip
ASKED: Final = hold(
    f"{SUITED_TO}_pru", f"name: a, given: {{{SUITED_TO}: pru}}, expect: fires", "name: b, expect: silent",
    f"name: c, given: {{{SUITED_TO}_pru: true}}, expect: fires",
)  # fmt: skip


@pytest.mark.parametrize(
    ("book", "kinds", "outcome"),
    [
        (ONE, "pru", Outcome.FIRES),
        (ONE, "mainstream", Outcome.SILENT),
        (ONE, ("mainstream", "pru"), Outcome.CANNOT_TELL),
        (ONE, ("mainstream", "special"), Outcome.CANNOT_TELL),
        (ASKED, "pru", Outcome.FIRES),
        (ASKED, "mainstream", Outcome.SILENT),
        (ASKED, ("mainstream", "pru"), Outcome.FIRES),
        (ASKED, ("mainstream", "special"), Outcome.SILENT),
    ],
)
def test_by_the_one_fact_it_cannot_tell_of_several_and_by_the_four_it_can(book: Rulebook, kinds: Any, outcome: Outcome) -> None:
    row = {name: value for name, value in facts_of_pair(kinds).items() if name.startswith(("referral.", "panel."))}
    assert Evaluation(book).referral(row).outcome("unit") is outcome


def test_a_rule_that_reads_the_one_fact_has_a_remark_and_a_case_that_it_holds_a_way_on() -> None:
    said = {about: words for about, _, words in remarks_of(ONE, [""])}
    assert f"write `{SUITED_TO}_KIND`, as `{SUITED_TO}_pru`" in said["hold unit"]
    guarded = hold(
        f'{SUITED_TO} is known and {SUITED_TO} == "pru"', f"name: a, given: {{{SUITED_TO}: pru}}, expect: fires", "name: b, expect: silent"
    )
    assert [remarks_of(book, [""]) for book in (ASKED, guarded)] == [(), ()]
    told, correct, _ = remedies([SUITED_TO])
    assert told == (
        "referral.suited_to is told by the referral's column suited_to where it names one kind; where any of several will do, "
        "the rulebook asks by referral.suited_to_mainstream and the like."
    )
    assert "pastoral correct REFERRAL --set" in correct


@pytest.mark.parametrize(
    ("given", "one", "four"),
    [
        ("", "mainstream", "1000"),
        (f"{SUITED_TO}: pru", "pru", "0010"),
        (f"{SUITED_TO}_pru: true", None, "1010"),
        (f"{SUITED_TO}_pru: true, {SUITED_TO}_mainstream: false", "pru", "0010"),
        (f"{SUITED_TO}_special: true, {SUITED_TO}_mainstream: false, {SUITED_TO}_pru: true", None, "0011"),
    ],
)
def test_an_example_is_of_one_pupil(given: str, one: str | None, four: str) -> None:
    (rule,) = hold("referral.ehcp", f"name: a, given: {{referral.ehcp: true, {given}}}, expect: fires", "name: b, expect: silent").holds
    row = facts_of(rule.examples[0], rule, BY_NAME)
    assert (row.get(SUITED_TO), "".join(str(int(bool(row[name]))) for name in EACH)) == (one, four)


# --- why not ---


def test_the_nearest_that_are_told_are_of_all_these_kinds() -> None:
    """Nobody admits year 9 here: told are the unit and the two schools, by distance, and not the special school."""
    shown = "[{name: a, given: {candidate.admits: false}, expect: fires}, {name: b, given: {candidate.admits: true}, expect: silent}]"
    book = check_text(f"{HEAD}bars: [{{id: older, when: not candidate.admits, say: x, examples: {shown}}}]\nobjectives: [place]\n", "x")
    settings = {"900001": "mainstream", "900002": "mainstream", "900003": "pru", "900004": "special"}
    schools = [ev.SchoolRecorded(urn=urn, name=urn, setting=kind, low_age=4, high_age=11, roll=9) for urn, kind in settings.items()]  # type: ignore[arg-type]
    metres = zip(settings, (700, 300, 500, 100), strict=True)
    ways = ev.JourneyRows(journeys=tuple(ev.Journey(urn=urn, metres=far) for urn, far in metres))
    case = ev.ReferralCase(suited_to=("mainstream", "pru"))
    event = ev.ReferralMade(
        referral="R", pupil="P", referral_kind="fair_access", year_group=9, home_school="900009", made_on=dt.date(2026, 10, 1), case=case
    )
    decision = decided(book, *schools, event, ev.JourneysRecorded(pupil="P", case=ways))
    told = Explainer(decision, book, Evaluation(book)).nearest("R")
    assert [urn for urn, _ in told] == ["900002", "900003", "900001"]
