"""The closed list of facts that a rule may name: type, unit, bounds, meaning, usual value, and whether it may be unknown.

It holds no values and reads nothing; `panel/facts/candidates.py` works the values out. A book's own counts become facts of
the families `school`, `year` and `panel`, added by `count_facts`. Protected characteristics are not facts: sex enters
only as which single-sex schools may be considered, inside `candidate.admits`; religion only as the family's own rank.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Value = int | bool | str | dt.date
"""What a fact may be. Amounts are whole: pence, metres, minutes, pupils, school days, per mille, points."""

Facts = Mapping[str, Value]
"""A flat row of facts. A fact that is unknown is absent; nothing is ever None."""

Type = Literal["number", "yes/no", "word", "date"]
FAMILIES: Final = ("referral", "school", "year", "candidate", "panel", "admission")
EXACT: Final = 2**53  # the largest whole number that the engine compares exactly

KINDS: Final = ("managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access")
SETTINGS: Final = ("mainstream", "inclusion_centre", "pru", "special")
KEPT_APART: Final = ("complaint", "police", "safeguarding", "none")
SINGLE_SEX: Final = ("girls", "boys", "none")
SUITED_TO: Final = "referral.suited_to"
"""The fact that names one kind of setting; with `_KIND` after it the fact whether that kind is among those that will do."""
YEAR_GROUPS: Final = range(7, 12)
"""Of a panel whose book does not say otherwise under `year_groups`."""
ANY_YEAR_GROUP: Final = range(12)
"""Reception, which is 0, to year 11: what a book may say, and what its rules may read as soon as one of its layers says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact that a rule may name.

    `words` closes a word's vocabulary (empty: any word); `low` and `high` bound a number (inclusive); `usual` is what
    an example has where it says nothing; `optional` facts may be unknown and can then be tested with `is known`.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    low: int = 0
    high: int = EXACT
    words: tuple[str, ...] = ()
    usual: Value = False
    optional: bool = False

    def __hash__(self) -> int:
        return hash(self.name)  # two facts of one name are rarely compared: only the categories of two layers have it

    @property
    def family(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]


def _flag(name: str, meaning: str, *, optional: bool = False, usual: bool = False) -> Fact:
    return Fact(name=name, type="yes/no", meaning=meaning, optional=optional, usual=usual)


def _number(name: str, unit: str, high: int, meaning: str, *, usual: int = 0, low: int = 0, optional: bool = False) -> Fact:
    return Fact(name=name, type="number", unit=unit, low=low, high=high, meaning=meaning, usual=usual, optional=optional)


def _word(name: str, words: tuple[str, ...], meaning: str, *, usual: str, optional: bool = False) -> Fact:
    return Fact(name=name, type="word", words=words, meaning=meaning, usual=usual, optional=optional)


def _date(name: str, meaning: str, *, optional: bool = False) -> Fact:
    return Fact(name=name, type="date", unit="date", meaning=meaning, usual=dt.date(2026, 10, 1), optional=optional)


_REFERRAL: Final = (
    _word("referral.kind", KINDS, "how the pupil comes to the panel", usual="managed_move"),
    _flag("referral.permanently_excluded", "what happened: a school permanently excluded the pupil, whatever the kind"),
    _word("referral.category", (), "the fair access category, by its letter in the rulebook; for scope, holds and notices only", usual="none", optional=True),
    _word(SUITED_TO, SETTINGS, "the kind of setting that the pupil is to go to; unknown where any of several will do: ask for each by the next four", usual="mainstream", optional=True),
    *(
        _flag(f"{SUITED_TO}_{kind}", f"{kind} is the kind of setting that the pupil is to go to, or one of several of which any will do", usual=kind == "mainstream")
        for kind in SETTINGS
    ),
    _number("referral.year_group", "year group", YEAR_GROUPS[-1], "year group on the meeting's day: one more from each 1 September since the referral was made, at most the highest of the book", usual=9, low=YEAR_GROUPS[0]),
    _flag("referral.past_highest_year", "by its age the pupil would by now be beyond the highest year group of the book; such a case is held, whatever the book says"),
    _date("referral.made_on", "the day the referral was made"),
    _date("referral.accepted_on", "the day it was agreed that the pupil will be considered under the protocol", optional=True),
    _flag("referral.parent_agrees", "the parent has signed agreement to look for a move, and has not withdrawn it", usual=True),
    _flag("referral.home_school_agrees", "the home school has signed agreement to look for a move, and has not withdrawn it; no where there is no home school", usual=True),
    _flag("referral.pupil_agrees", "the pupil has agreed to look for a move, and has not taken that back", usual=True),
    _flag("referral.sharing_agreed", "the parent has agreed that the schools of the panel are told of the case, and has not taken that back", usual=True),
    _flag("referral.has_home_school", "the pupil comes from a school of this panel; unknown where only the school that excluded is named", optional=True, usual=True),
    _flag("referral.ehcp", "an education, health and care plan is in force", optional=True),
    _flag("referral.looked_after", "looked after by a local authority", optional=True),
    _flag("referral.previously_looked_after", "looked after before, and no longer", optional=True),
    _flag("referral.persistent_disruptive_behaviour", "the record shows persistent disruptive behaviour", optional=True),
    _flag("referral.behaviour_is_primary_need", "behaviour is the pupil's main need", optional=True),
    _number("referral.attendance", "per mille", 1000, "sessions attended of those possible, this academic year", usual=900, optional=True),
    _number("referral.suspended_days", "days", 200, "whole school days of suspension, this academic year", optional=True),
    _flag("referral.from_alternative_provision", "comes from a pupil referral unit or other alternative provision", optional=True),
    _number(
        "referral.points_given", "points", 1000, "the points that the panel gave the case by a form of its own, in place of those of the tariff",
        usual=3, optional=True,
    ),
    _number(
        "referral.points", "points", 1000,
        "what the tariff gives to a placement of this pupil, by what the referral says; unknown where a line of the tariff cannot tell",
        usual=1, optional=True,
    ),
    _flag("referral.meets_selection", "has reached the standard by which a selective school admits", optional=True),
    _flag("referral.on_a_roll", "on the roll of a school now", optional=True, usual=True),
    _flag("referral.in_area", "lives in the authority's area", optional=True, usual=True),
    _word("referral.area", (), "the federation or area where the pupil lives, in the words of school.federation", usual="none", optional=True),
    _flag("referral.suitable_offer_refused", "the family has refused a suitable offer in this case", optional=True),
    _number("referral.excluded_times", "permanent exclusions", 20, "permanent exclusions of this pupil in the record"),
    _flag("referral.earlier_placement_broke_down", "a placement of this pupil in the record broke down or ended in a return"),
    _number(
        "referral.earlier_managed_moves", "placements", 100,
        "earlier placements of this pupil by a managed move, in the ledger and in history, however they ended; not those that came to nothing",
    ),
    _number(
        "referral.vacancies_in_year", "pupils", 100_000,
        "vacancies in the pupil's year group as the meeting opens, PAN less roll where that is above 0, over the mainstream schools that "
        "could receive this pupil, a selective one unless meets_selection is no; unknown where a PAN or roll of one of them is",
        usual=20, optional=True,
    ),
    _number(
        "referral.metres_to_vacancy", "metres", 1_000_000,
        "from home to the nearest school that has one of those vacancies; unknown where none has, where vacancies_in_year is, or where the "
        "way to one that has is", usual=3000, optional=True,
    ),
    _number("referral.metres_to_home_school", "metres", 1_000_000, "from home to the home school, as the journey is recorded", usual=3000, optional=True),
    _number(
        "referral.waiting", "school days", 2000, "school days after accepted_on, else made_on, up to and including the meeting's day",
        usual=5, optional=True,
    ),
    _number("referral.days_since_excluded", "days", 10_000, "calendar days from the pupil's latest recorded permanent exclusion to the meeting", usual=20, optional=True),
    _number(
        "referral.days_since_last_placement", "days", 10_000,
        "calendar days from the first day of the pupil's latest earlier placement by the panel to the meeting; unknown where there is none",
        usual=200, optional=True,
    ),
    _number(
        "referral.days_since_broke_down", "days", 10_000,
        "calendar days from the latest break-down or return of an earlier placement to the meeting; unknown where there is none, or no day of it",
        usual=20, optional=True,
    ),
    _number("referral.days_since_parent_agreed", "days", 10_000, "calendar days from the parent's signature to the meeting", usual=10, optional=True),
    _number("referral.days_since_pupil_agreed", "days", 10_000, "calendar days from the day the pupil agreed to the meeting", usual=10, optional=True),
    _number("referral.days_since_conversation", "days", 10_000, "calendar days from the conversation with the parents to the meeting", usual=10, optional=True),
    _number("referral.days_since_made", "days", 10_000, "calendar days from the day the referral was made to the meeting", usual=20),
    _number("referral.days_out_of_education", "days", 10_000, "calendar days from the day since which the pupil is in no education to the meeting", usual=10, optional=True),
    _number("referral.deferred_times", "times", 1000, "times that the panel has put this case off"),
    _number("referral.schools_that_did_not_agree", "schools", 100, "receiving schools that did not agree to a decision in this case"),
    _number(
        "referral.nth_of_home_school", "pupils", 1000,
        "which of the home school's cases on the meeting's agenda this is, by the day accepted, else made; unknown where no home school is named",
        usual=1, low=1, optional=True,
    ),
    _flag("referral.home_school_closing", "the home school is to close", optional=True),
    _flag("referral.interventions_evidenced", "the home school has shown evidence of what it tried first", optional=True, usual=True),
    _flag("referral.caseworker_consents", "a caseworker has agreed, where one is assigned", optional=True, usual=True),
)  # fmt: skip

_SCHOOL: Final = (
    _word("school.name", (), "the setting's name", usual="Example School"),
    _word("school.setting", SETTINGS, "what kind of setting it is", usual="mainstream"),
    _number("school.roll", "pupils", 10_000, "pupils on roll, all years", usual=1000, optional=True),
    _number("school.places", "pupils", 10_000, "places of a setting without year groups", usual=8, optional=True),
    _number("school.occupied", "pupils", 10_000, "places taken in a setting without year groups", usual=0, optional=True),
    _number("school.agreed_number", "pupils", 10_000, "the number that the schools agreed for it, in whatever the rule that reads it counts", usual=3, optional=True),
    _number("school.rota_place", "place", 10_000, "where it stands on the list that the schools agreed for their turns, 1 first", usual=1, low=1, optional=True),
    _number("school.share_weight", "parts", 10_000, "the weight that the schools agreed for its share, whatever it was made from", usual=8, optional=True),
    _flag("school.special_measures", "in special measures", optional=True),
    _flag("school.selective", "admits by ability, as a grammar school does", optional=True),
    _flag("school.closing", "open, but proposed to close, or with a closing date"),
    _word("school.federation", (), "the federation or area that it belongs to", usual="none", optional=True),
    _word("school.ofsted", (), "its latest Ofsted grade, in the register's words", usual="Good", optional=True),
    _number("school.years_open", "years", 2000, "whole academic years since the one in which it opened", usual=20, optional=True),
    _flag("school.opened_this_year", "opened in the academic year of the meeting"),
    _flag("school.head_in_first_term", "the head is in the first term of the post", optional=True),
    _number("school.refusals", "decisions", 1000, "decisions of the academic year of the meeting to which this school did not agree"),
    _number(
        "school.meetings_missed", "meetings", 100,
        "meetings of the academic year, before this one and with a record of who came, at which it was a member and was not there",
    ),
    _number("school.permanent_exclusions", "pupils", 10_000, "pupils this school permanently excluded in the academic year of the meeting, up to its day"),
)  # fmt: skip

_YEAR: Final = (
    _number("year.pan", "pupils", 2000, "published admission number of the year group", usual=180, optional=True),
    _number("year.on_roll", "pupils", 2000, "pupils on roll in the year group", usual=170, optional=True),
    _number("year.looked_after", "pupils", 2000, "looked-after children in the year group", optional=True),
    _number("year.ehcp", "pupils", 2000, "pupils with an EHCP in the year group", optional=True),
)

_CANDIDATE: Final = (
    _flag("candidate.is_home_school", "this is the pupil's home school"),
    _flag("candidate.excluded_from", "this school permanently excluded the pupil, now or before"),
    _flag("candidate.attended_before", "the pupil was on its roll before, by the referral or by the record; yes also where the pupil is by an off-site direction"),
    _number(
        "candidate.days_since_attended", "days", 10_000,
        "calendar days from the pupil's last day there to the meeting, by the referral or by the record; 0 where the record has the pupil there "
        "now, also by an off-site direction; unknown where no day is known",
        usual=400, optional=True,
    ),
    _flag("candidate.already_here", "the placement that this referral takes up is at this school: a direction that is to become a move; no after a break-down"),
    _flag("candidate.did_not_agree", "this school was decided for in this case, and did not agree to take the pupil"),
    _flag("candidate.family_did_not_agree", "this school was decided for in this case, and the family did not agree to it"),
    _word("candidate.kept_apart", KEPT_APART, "why pupil and school must be kept apart; none where they need not be", usual="none"),
    _flag(
        "candidate.kept_apart_pupil_here",
        "a pupil from whom this one is to be kept apart is at this school as the meeting opens; unknown where the record does not say where that pupil is",
        optional=True,
    ),
    _flag("candidate.same_federation", "in the same federation or area as the home school, or as the school that excluded; no where there is neither", optional=True),
    _flag("candidate.in_area_of_home", "in the federation or area where the pupil lives", optional=True),
    _flag("candidate.exempt", "the panel voted to exempt this school, or this year group of it, on the meeting's day"),
    _flag("candidate.admits", "the setting takes pupils of this age, and is of a kind that the pupil is suited to; a single-sex school only if the referral says it may be considered", optional=True, usual=True),
    _flag("candidate.offers_what_is_needed", "the school offers all that the pupil needs of what the book names under `offers`", optional=True, usual=True),
    _flag("candidate.sibling_here", "a brother or sister is on roll here"),
    _flag("candidate.broke_down_here", "a placement of this pupil here broke down or ended in a return"),
    _number("candidate.rank", "rank", 50, "the family's rank of this school; unknown where it ranked none or not this one", usual=1, low=1, optional=True),
    _number("candidate.metres", "metres", 1_000_000, "from home to school, by the shortest walking route, else as the journey's method says", usual=3000, optional=True),
    _number("candidate.minutes", "minutes", 1000, "from door to door", usual=25, optional=True),
    _number("candidate.nearness", "rank", 10_000, "1 for the nearest setting that could receive this pupil, 2 for the next; equal distances share a number; unknown of those that could not", usual=1, low=1, optional=True),
    _number("candidate.catchment_nearness", "rank", 10_000, "1 for the nearest school in whose catchment the pupil lives of those that could receive this pupil, 2 for the next; 0 where the pupil lives outside its catchment", usual=0, optional=True),
    _flag("candidate.within_walking_distance", "within the statutory walking distance", optional=True, usual=True),
    _flag("candidate.transport_entitled", "free travel would be due", optional=True),
    _number("candidate.quoted_pence", "pence a year", 10_000_000, "a quoted cost of the journey to the authority", usual=0, optional=True),
)  # fmt: skip

_PANEL: Final = (
    _date("panel.meets_on", "the meeting's day"),
    _number("panel.month", "month", 12, "the month of the meeting, 1 to 12", usual=10, low=1),
    _number("panel.academic_year", "year", 2200, "the calendar year in which the academic year of the meeting began", usual=2026, low=1990),
    _number("panel.total_roll", "pupils", 10_000_000, "pupils on roll in all mainstream schools; unknown if one roll is", usual=10_000, optional=True),
    _number("panel.transport_spent_pence", "pence", 10**12, "yearly transport cost of this academic year's placements by the panel"),
    _number("panel.transport_budget_pence", "pence", 10**12, "transport budget of the academic year", optional=True, usual=10**8),
    _number("panel.permanent_exclusions", "pupils", 100_000, "permanent exclusions by all schools in the academic year, up to the meeting's day"),
    _number("panel.target_permanent_exclusions", "pupils", 100_000, "the target of the academic year; 0 unless the book sets it"),
)  # fmt: skip

FOR_GOOD: Final = "admission.for_good"
"""Whether a placement is permanent by now: it changes with time, so that only the `where` of a count may read it."""

_ADMISSION: Final = (
    _flag("admission.by_panel", "the panel decided it", usual=True),
    _word("admission.kind", (*KINDS, "outside"), "the referral's kind; outside where the panel did not decide it", usual="managed_move"),
    _flag("admission.after_exclusion", "the pupil had been permanently excluded"),
    _number("admission.year_group", "year group", YEAR_GROUPS[-1], "year group at admission", usual=9, low=YEAR_GROUPS[0]),
    _flag("admission.ehcp", "the pupil had an education, health and care plan", optional=True),
    _flag("admission.looked_after", "the pupil was looked after", optional=True),
    _flag("admission.behaviour_is_primary_need", "behaviour was the pupil's main need", optional=True),
    _flag("admission.persistent_disruptive_behaviour", "the record showed persistent disruptive behaviour", optional=True),
    _number("admission.attendance", "per mille", 1000, "sessions attended of those possible, in the academic year up to then", usual=900, optional=True),
    _number("admission.suspended_days", "days", 200, "whole school days of suspension, in the academic year up to then", optional=True),
    _flag("admission.from_alternative_provision", "the pupil came from a pupil referral unit or other alternative provision", optional=True),
    _number("admission.days_out_of_education", "days", 10_000, "calendar days in no education, up to the meeting that decided, else up to the admission", optional=True),
    _flag(FOR_GOOD, "the placement is permanent: no trial of it is running, and it is not for a time; of a pupil whom the meeting places, by the lifecycle of its kind; only the `where` of a count may read it", optional=True, usual=True),
    _number("admission.over_number", "pupils", 2000, "pupils above PAN in the year group after this admission", optional=True),
)  # fmt: skip

POINTS_GIVEN: Final = "admission.points"
"""What an admission has of points that somebody gave it: it weighs that, whatever the tariff says. No rule can name it."""

AS_AN_ADMISSION: Final[Mapping[str, str]] = {
    "referral.kind": "admission.kind",
    "referral.points_given": POINTS_GIVEN,
    "referral.permanently_excluded": "admission.after_exclusion",
    **{
        f"referral.{name}": f"admission.{name}"
        for name in (
            *("year_group", "ehcp", "looked_after", "behaviour_is_primary_need", "persistent_disruptive_behaviour"),
            *("attendance", "suspended_days", "from_alternative_provision", "days_out_of_education"),
        )
    },
}
"""What a referral says -> the fact as which its placement has it in the record."""

AS_A_REFERRAL: Final[Mapping[str, str]] = {to: name for name, to in AS_AN_ADMISSION.items()}
"""The same, the other way round."""

POINTS: Final = "referral.points"
"""What a pupil of the agenda weighs: by way of it a rule reaches all that the tariff asks."""

FACTS: Final[tuple[Fact, ...]] = (*_REFERRAL, *_SCHOOL, *_YEAR, *_CANDIDATE, *_PANEL, *_ADMISSION)
BY_NAME: Final[Mapping[str, Fact]] = {fact.name: fact for fact in FACTS}

# What placing a pupil moves. A bar that reads one of these could be true of each of two pupils alone and false of both
# together, so such a rule must be one of the limits.
MOVED_BY_THE_MEETING: Final = frozenset(
    {"school.occupied", "school.roll", "year.on_roll", "year.looked_after", "year.ehcp", "panel.transport_spent_pence", "panel.total_roll"}
)

# These decide process (scope, holds, notices), never which school, and never a weight.
PROCESS_ONLY: Final = frozenset(
    {
        *("referral.category", "referral.ehcp", "referral.looked_after", "referral.previously_looked_after"),
        "referral.behaviour_is_primary_need",
    }
)

NEVER_WEIGHED: Final = frozenset({"admission.ehcp", "admission.looked_after"})
"""These may only be asked by the `where` of a count."""

OF_THE_SENDER: Final = "referral.home_school_"
"""What the facts begin with that are a count of the book at the school that sends the pupil."""

PAPER: Final = "referral.paper_"
"""What the facts of a book's papers begin with. A paper may tell what a child is, so these too decide process only."""

PAPER_EVENT: Final = "paper."
"""What the events of a clock begin with that are a paper of the book: it comes to the panel, with the referral or later."""

# These count up to the meeting, so they are others on each day that somebody asks.
BY_THE_DAY: Final = frozenset(
    {
        *("referral.waiting", "referral.deferred_times", "referral.nth_of_home_school"),
        *("referral.vacancies_in_year", "referral.metres_to_vacancy"),
        *("referral.days_since_made", "referral.days_since_excluded", "referral.days_since_conversation", "referral.days_out_of_education"),
        *("referral.days_since_last_placement", "referral.days_since_broke_down"),
        *("referral.days_since_parent_agreed", "referral.days_since_pupil_agreed"),
    }
)


def year_group_facts(year_groups: range) -> dict[str, Fact]:
    """The facts that are a year group, in a book that says which it is for: a case from an edition with others can still be read."""
    usual = next((year for year in (9, 3) if year in year_groups), year_groups[0])
    low, high = ANY_YEAR_GROUP[0], ANY_YEAR_GROUP[-1]
    return {fact.name: replace(fact, low=low, high=high, usual=usual) for fact in FACTS if fact.unit == "year group"}


def paper_facts(papers: Mapping[str, str]) -> dict[str, Fact]:
    """The facts that a book's papers add: id -> words becomes referral.paper_ID, whether the panel has that paper."""
    return {
        f"{PAPER}{paper}": _flag(f"{PAPER}{paper}", f"the panel has this paper: {words}", usual=True) for paper, words in papers.items()
    }


COUNT_BOUND: Final = 1_000_000
OVER_THE_PANEL: Final = ("lowest", "highest", "total", "average")
"""What a count comes to over the mainstream schools: panel.WHICH_ID."""


def even_by_roll(count: str) -> str:
    """What falls to one setting, or to one year group of it, were a count even by roll: the name after the family."""
    return f"even_{count}_by_roll"


def even_names_of(count: str) -> frozenset[str]:
    """The facts of a count that say what would be even: names that a book which is recorded may have for something of its own."""
    return frozenset({f"school.{even_by_roll(count)}", f"year.{even_by_roll(count)}", f"panel.average_{count}"})


def names_of(count: str) -> frozenset[str]:
    """Every fact by which a count could be read, per school or per year group."""
    parts = {f"{family}.{name}" for family in ("school", "year") for name in (count, even_by_roll(count))}
    return frozenset({*parts, f"{OF_THE_SENDER}{count}", *(f"panel.{which}_{count}" for which in OVER_THE_PANEL)})


def count_facts(counts: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    """The facts that a book's counts add: (count id, "school" or "year_group") -> school.ID or year.ID, and panel.lowest_ID and the like.

    Beside school.ID or year.ID what an even part of it is, by roll. A count per school is also asked of the school that sends the
    pupil: referral.home_school_ID.
    """
    made: list[Fact] = []
    for count, per in counts:
        family = "year" if per == "year_group" else "school"
        made.append(
            _number(f"{family}.{count}", "pupils", COUNT_BOUND, f"the book's count {count}", low=-COUNT_BOUND, optional=per == "year_group")
        )
        made.extend(
            _number(
                f"panel.{which}_{count}",
                "pupils",
                1000 * COUNT_BOUND,
                f"{which} of the book's count {count} over the panel",
                low=-1000 * COUNT_BOUND,
            )
            for which in OVER_THE_PANEL
        )
        even = f"what of the panel's total of the book's count {count} falls to it by roll, rounded down; only of mainstream schools"
        bound = 1000 * COUNT_BOUND
        made.append(_number(f"{family}.{even_by_roll(count)}", "pupils", bound, even, low=-bound, optional=True))
        if per == "school":
            meaning = f"the book's count {count} at the pupil's home school, when the meeting opens; unknown where no home school is named"
            made.append(_number(f"{OF_THE_SENDER}{count}", "pupils", COUNT_BOUND, meaning, low=-COUNT_BOUND, optional=True))
    return tuple(made)
