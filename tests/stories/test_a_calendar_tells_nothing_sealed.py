"""A calendar is shared: of a clock that runs only for some children it tells nothing by which anybody would know which children.

Every clock of the book below is of 60 school days, so that their days tell nothing either.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import icalendar
import pytest

from panel import events as ev
from panel.facts.counts import Counts
from panel.facts.referral_facts import referral_facts
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.facts import BY_NAME, Value
from rules.rulebook import check_text
from rules.sealed import OPEN
from tests.running import Panel

BOOK: Final = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay protocol (invented)}
papers: {abuse: a report on abuse}
offers: {signing: lessons in sign language}
counts:
  sent: {of: own_referrals_placed, over: academic_year}
  sent_young: {of: own_referrals_placed, over: academic_year, where: admission.looked_after}
derive:
  - {id: fragile, fact: referral.fragile, is: referral.looked_after or referral.attendance < 500}
  - {id: senior, fact: referral.senior, is: referral.year_group > 9}
tariff:
  - id: low
    points: 1
    when: admission.attendance < 500
    examples: [{name: c, given: {admission.attendance: 499}, expect: fires}, {name: n, given: {admission.attendance: 500}, expect: silent}]
clocks:
  - {id: CLOCK, from: FROM, until: UNTIL, within: 60 school daysWHEN}
objectives: [place, lottery]
"""
SCHOOLS: Final = "URN,EstablishmentName,PhaseOfEducation (name)\n900001,Abbey School,Secondary\n900002,Bridge Academy,Secondary\n"
REFERRALS: Final = """\
referral,pupil,kind,year_group,made_on,home_school,ehcp,looked_after,attendance,category,papers,needs,out_of_education_since,conversation_on
R1,P1,fair_access,10,2026-09-07,900001,yes,yes,300‰,b,abuse,signing,2026-09-07,2026-09-07
"""
SEALED: Final = {"secret-clock": "R1: a clock on what is sealed (Abbey School)", "open-clock": "R1: open clock (Abbey School)"}


def summary(folder: Path, id_: str, from_: str, until: str, when: str) -> tuple[str, str, str]:
    """The event of one clock in the calendar of a panel that has no other: what it says, what stands behind it, and all of the file."""
    examples = f", when: '{when}', examples: EXAMPLES" if when else ""
    book = BOOK.replace("CLOCK", id_).replace("FROM", from_).replace("UNTIL", until).replace("WHEN", examples)
    panel = Panel(folder / "quay.db")
    given = EXAMPLES.get(when, ("", ""))
    book = book.replace(
        "EXAMPLES", f"[{{name: a, given: {{{given[0]}}}, expect: fires}}, {{name: b, given: {{{given[1]}}}, expect: silent}}]"
    )
    panel("init", "--rulebook", str(panel.file("quay.yaml", book)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "terms", str(panel.file("terms.csv", "from,to\n2026-09-02,2026-12-18\n")))
    panel("load", "referrals", str(panel.file("referrals.csv", REFERRALS.replace("300‰", "30"))))
    file = folder / "due.ics"
    panel("due", "--as-of", "2026-09-08", "--within", "200", "--ics", str(file))
    raw = file.read_bytes()
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert f"{event.decoded('dtstart')}" == "2026-11-30"  # fifty-nine school days after Monday the 7th are Friday the 27th
    return str(event["summary"]), str(event["description"]), raw.replace(b"\r\n ", b"").decode()


EXAMPLES: Final = {
    'referral.category in ["b"]': ("referral.category: b", "referral.category: f"),
    "referral.looked_after": ("referral.looked_after: true", "referral.looked_after: false"),
    "referral.needs_signing": ("referral.needs_signing: true", "referral.needs_signing: false"),
    "referral.paper_abuse": ("referral.paper_abuse: true", "referral.paper_abuse: false"),
    "referral.attendance < 500": ("referral.attendance: 499", "referral.attendance: 500"),
    "referral.fragile": ("referral.looked_after: true", "referral.looked_after: false, referral.attendance: 900"),
    "referral.points > 0": ("referral.points: 1", "referral.points: 0"),
    "referral.home_school_sent_young == 0": ("referral.home_school_sent_young: 0", "referral.home_school_sent_young: 1"),
    "referral.home_school_sent == 0": ("referral.home_school_sent: 0", "referral.home_school_sent: 1"),
    "referral.senior": ("referral.year_group: 10", "referral.year_group: 9"),
    "not referral.parent_agrees": ("referral.parent_agrees: false", "referral.parent_agrees: true"),
}
MADE: Final = ("referral.made", "decision.taken")


@pytest.mark.parametrize(
    ("id_", "from_", "until", "when"),
    [
        *(("secret-clock", *MADE, when) for when in list(EXAMPLES)[:8]),
        ("secret-clock", "education.stopped", "education.started", ""),
        ("secret-clock", "[conversation.held, notice.given]", "decision.taken", ""),
        *(("open-clock", *MADE, when) for when in ["", *list(EXAMPLES)[8:]]),
    ],
)
def test_what_a_calendar_tells_of_a_clock(tmp_path: Path, id_: str, from_: str, until: str, when: str) -> None:
    said, behind, raw = summary(tmp_path, id_, from_, until, when)
    assert said == SEALED[id_]
    if id_ == "secret-clock":
        assert behind == "Which one, and what there is to do, says pastoral due."
        assert "secret" not in raw
    else:
        assert behind.startswith("from referral.made until decision.taken, within 60 school days")


DAY: Final = dt.date(2026, 9, 7)
YES: Final = (
    *("ehcp", "looked_after", "previously_looked_after", "persistent_disruptive_behaviour", "behaviour_is_primary_need", "low_income"),
    *("interventions_evidenced", "caseworker_consents", "on_a_roll", "in_area", "from_alternative_provision", "meets_selection"),
    *("suitable_offer_refused", "earlier_placement_broke_down"),
)
MUCH: Final = ev.ReferralCase.model_validate(
    {
        **dict.fromkeys(YES, True),
        **dict.fromkeys(("conversation_on", "out_of_education_since"), DAY),
        **dict.fromkeys(("attendance", "suspended_days", "excluded_times", "points"), 3),
        "category": "b",
        "area": "north",
        "suited_to": "pru",
        "papers": ("abuse",),
        "needs": {"signing": True},
    }
)


def facts(case: ev.ReferralCase | None) -> dict[str, Value]:
    """The facts of a referral of the day, with this sealed of it."""
    made = ev.ReferralMade(
        referral="R1", pupil="P1", referral_kind="fair_access", year_group=9, home_school="900001", made_on=DAY, accepted_on=DAY, case=case
    )
    terms = ev.TermRecorded(first=dt.date(2026, 9, 2), last=dt.date(2026, 12, 18))
    state = fold([Recorded(n, "2026-09-08T12:00:00.000000Z", event) for n, event in enumerate((terms, made), start=1)])
    plain = BOOK[: BOOK.index("counts:")] + "objectives: [place, lottery]\n"
    return referral_facts(state, state.referrals["R1"], check_text(plain, "plain"), Counts({}, {}), dt.date(2026, 10, 5))


def test_what_is_open_of_a_case_does_not_follow_from_what_is_sealed() -> None:
    """The same referral with nothing sealed of it and with much: no fact that a calendar may tell is another."""
    without, much = facts(None), facts(MUCH)
    differ = {name for name in {*without, *much} if without.get(name) != much.get(name)}
    assert {"referral.ehcp", "referral.days_since_conversation", "referral.paper_abuse", "referral.needs_signing"} <= differ
    assert not differ & OPEN
    assert not OPEN - BY_NAME.keys()
