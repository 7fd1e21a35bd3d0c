"""What somebody must do about a fact that nobody has recorded: the file and the column that say it, or the command.

It knows names of facts and of columns, and reads no record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from rules.facts import PAPER, SUITED_TO

CORRECT: Final = "What a referral should say is added to it with `pastoral correct REFERRAL --set COLUMN=VALUE --reason TEXT`"

_SCHOOLS: Final = "a file of schools (`pastoral load schools`), column"
_PLACES: Final = "a file of places (`pastoral load places`), column"
_JOURNEYS: Final = "a file of journeys (`pastoral load journeys`), column"
_REFERRALS: Final = "the referral's column"
_ADMISSIONS: Final = "a file of admissions (`pastoral load admissions`), column"
_ELSEWHERE: Final = ", where the panel places the pupil; elsewhere by a file of admissions or of history, same column"
_SINCE: Final = ", and the same column of the referral, admission or history of each pupil who came or left since"

SOURCES: Final[dict[str, str]] = {
    "school.roll": f"{_SCHOOLS} NumberOfPupils",
    "school.places": f"{_SCHOOLS} Places",
    "school.occupied": f"{_SCHOOLS} occupied",
    "school.agreed_number": f"{_SCHOOLS} agreed_number",
    "school.share_weight": f"{_SCHOOLS} share_weight",
    "school.rota_place": f"{_SCHOOLS} rota_place",
    "school.selective": f"{_SCHOOLS} AdmissionsPolicy (name)",
    "school.special_measures": f"{_SCHOOLS} OfstedSpecialMeasures (name)",
    "school.federation": f"{_SCHOOLS} Federation",
    "school.ofsted": f"{_SCHOOLS} Ofsted",
    "school.years_open": f"{_SCHOOLS} OpenDate",
    "school.head_in_first_term": f"{_SCHOOLS} head_in_first_term",
    "year.pan": f"{_PLACES} pan",
    "year.on_roll": f"{_PLACES} on_roll",
    "year.looked_after": f"{_PLACES} looked_after{_SINCE}",
    "year.ehcp": f"{_PLACES} ehcp{_SINCE}",
    "candidate.kept_apart_pupil_here": "where that other pupil is now, "
    "as a placement, an admission (`pastoral load admissions`) or a referral's home_school",
    "candidate.same_federation": f"{_SCHOOLS} Federation, of both schools",
    "candidate.in_area_of_home": f"{_REFERRALS} area, and {_SCHOOLS} Federation",
    "candidate.admits": f"{_SCHOOLS} StatutoryLowAge, StatutoryHighAge and Gender (name)",
    "candidate.offers_what_is_needed": f"{_REFERRALS} needs (none where nothing is), and {_SCHOOLS} offers",
    "candidate.rank": f"{_REFERRALS} preferences",
    "candidate.metres": f"{_JOURNEYS} metres",
    "candidate.minutes": f"{_JOURNEYS} minutes",
    "candidate.nearness": f"{_JOURNEYS} metres, to every setting that could receive the pupil",
    "candidate.catchment_nearness": f"{_JOURNEYS} metres, to every school that could receive the pupil and in whose catchment the "
    f"pupil lives; {_REFERRALS} catchment",
    "candidate.within_walking_distance": f"{_JOURNEYS} within_walking_distance, or metres that were measured",
    "candidate.transport_entitled": f"{_JOURNEYS} transport_entitled, or metres that were measured",
    "candidate.quoted_pence": f"{_JOURNEYS} pence_per_year",
    "panel.total_roll": f"{_SCHOOLS} NumberOfPupils, of every mainstream school",
    "panel.transport_budget_pence": "the budget of the academic year (`pastoral budget set`)",
    "admission.ehcp": f"{_REFERRALS} ehcp{_ELSEWHERE}",
    "admission.looked_after": f"{_REFERRALS} looked_after{_ELSEWHERE}",
    **{
        f"admission.{name}": f"{_REFERRALS} {name}{_ELSEWHERE}"
        for name in (
            *("behaviour_is_primary_need", "persistent_disruptive_behaviour", "attendance", "suspended_days"),
            "from_alternative_provision",
        )
    },
    "admission.days_out_of_education": f"{_REFERRALS} out_of_education_since, where the panel places the pupil; elsewhere by a file of "
    "admissions or of history, column days_out_of_education",
    "admission.for_good": "the kind of placement, or a file of history (`pastoral load history`), column outcome",
    "admission.over_number": f"{_ADMISSIONS} over_number",
    SUITED_TO: f"{_REFERRALS} suited_to where it names one kind; where any of several will do, "
    f"the rulebook asks by {SUITED_TO}_mainstream and the like",
    "referral.points_given": f"{_REFERRALS} points",
    "referral.points": "what the lines of the tariff ask of the case",
    "referral.waiting": "a file of terms (`pastoral load terms`) that covers the days up to the meeting",
    "referral.days_since_excluded": "a file of exclusions (`pastoral load exclusions`)",
    "referral.days_since_last_placement": "an earlier placement, in the ledger or in a file of history (`pastoral load history`)",
    "referral.days_since_broke_down": "an earlier placement that broke down or ended in a return (`pastoral break-down`, "
    "`pastoral end --as return`), or a file of history, columns outcome and ended_on",
    "referral.vacancies_in_year": f"{_PLACES} pan and on_roll, of that year group at every mainstream school that could receive the pupil",
    "referral.metres_to_vacancy": f"{_JOURNEYS} metres, to every mainstream school with a vacancy that could receive the pupil; "
    "where there is no vacancy it stays unknown",
    "referral.metres_to_home_school": f"{_JOURNEYS} metres, to the home school",
    "candidate.days_since_attended": f"{_REFERRALS} attended, as URN:DATE with the last day there",
    "referral.days_since_parent_agreed": "the parent's signature (`pastoral agree REFERRAL --by parent --on DATE`)",
    "referral.days_since_pupil_agreed": "the pupil's agreement (`pastoral agree REFERRAL --by pupil --on DATE`)",
    "referral.nth_of_home_school": f"{_REFERRALS} home_school",
    "referral.has_home_school": f"{_REFERRALS} home_school, `none` where there is none",
    "referral.days_since_conversation": f"{_REFERRALS} conversation_on",
    "referral.days_out_of_education": f"{_REFERRALS} out_of_education_since",
    "referral.home_school_closing": f"{_SCHOOLS} EstablishmentStatus (name), of the home school",
}
"""Every fact that may be unknown, but those that a referral's column of the same name says."""


EVEN: Final = ("school.even_", "year.even_")
"""What falls to a school by its roll begins with these."""


PHASES: Final = ("school.on_roll_", "school.pan_")
"""What the year groups of a phase come to at a school begins with these."""


def source_of(fact: str, asked: Collection[str] = ()) -> str:
    """Where the fact is told: a file and its column, or a command. `asked` are the facts that the book itself asks of every school."""
    family, _, name = fact.partition(".")
    if fact in asked:
        return f"{_SCHOOLS} {name}"
    if fact in SOURCES:
        return SOURCES[fact]
    if fact.startswith(PHASES):
        return f"{_PLACES} {'pan' if name.startswith('pan_') else 'on_roll'}, of every year group of the phase that the school has"
    if fact.startswith("referral.needs_"):
        return f"{_REFERRALS} needs, none where nothing is"
    if fact.startswith(EVEN) and fact.endswith("_by_roll"):
        return SOURCES["panel.total_roll"] if family == "school" else f"{_PLACES} on_roll, of that year group at every mainstream school"
    return f"{_REFERRALS} {name}" if family == "referral" and not name.startswith("home_school_") else ""


def to_bring(referral: str, facts: Iterable[str]) -> tuple[str, ...]:
    """One line for each paper that a case is held for; `facts` are those that say that it is not there."""
    told = "is told by `pastoral paper {} {} --on DATE` once the panel has it, and counts from the next opening of a meeting."
    return tuple(f"{fact} {told.format(referral, fact.removeprefix(PAPER))}" for fact in facts)


def remedies(missing: Iterable[str], asked: Collection[str] = ()) -> tuple[str, ...]:
    """One line for each fact that is missing, and what follows from all of them; nothing where none has a source."""
    told = {fact: source_of(fact, asked) for fact in dict.fromkeys(missing)}
    lines = [f"{fact} is told by {source}." for fact, source in told.items() if source]
    if any(_REFERRALS in source for source in told.values()):
        lines.append(f"{CORRECT}.")
    if any(told.values()):
        lines.append("What is recorded now counts from the next opening of a meeting: an open one goes by what it froze.")
    return tuple(lines)
