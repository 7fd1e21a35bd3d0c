"""State + referral + setting -> the flat facts of that pair, and of the panel, as they stand on the meeting's day.

What is unknown is absent: nothing is guessed. It evaluates no rule and places nobody. The facts of a meeting are worked
out once, when it opens, and frozen; `MeetingFacts` turns into plain data and back without loss.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from panel import events as ev
from panel.errors import LedgerError
from panel.facts.already import Already, already_there, from_data, transport_spent
from panel.facts.apart import among as others_among
from panel.facts.apart import frozen_others, kept_apart, placed_together
from panel.facts.averages import average, with_even
from panel.facts.counts import Counts
from panel.facts.earlier import alone
from panel.facts.pairs import pair_facts
from panel.facts.part_year import PartYear, part_year
from panel.facts.referral_facts import nth_of_home_school, referral_facts
from panel.facts.rolls import on_roll, on_roll_who
from panel.facts.school_facts import school_facts
from panel.facts.turns import last_turns
from panel.facts.vacancies import vacancies
from panel.state.records import State
from panel.state.schooldays import academic_year
from rules.book import Objective, Rulebook
from rules.facts import Value

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """Everything that the rules may read in one meeting.

    `years` by (urn, year group); `candidates` by referral, then urn; `turns` the day of each setting's last turn, by which turns (`Turns`);
    `pans` the sum of the PANs of each setting whose year groups are all known; `pupils` referral -> pupil; `apart` referral ->
    the others of this agenda whose pupils are to be kept apart from this one, where a limit of the book speaks of them; `together`
    those whose pupils are to be placed together with this one, where an objective of the book does; `part_year` what is said of
    settings that are members for a part of the academic year, where there are any; `already` the cases whose pupils are at a school already
    that they are to stay at; `meaning` that of the rules (`SEMANTICS`).
    """

    on: dt.date
    panel: Row
    schools: Mapping[str, Row]
    years: Mapping[tuple[str, int], Row]
    referrals: Mapping[str, Row]
    candidates: Mapping[str, Mapping[str, Row]]
    pupils: Mapping[str, str]
    turns: Mapping[str, Mapping[str, dt.date]]
    pans: Mapping[str, int]
    apart: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    already: Mapping[str, Already] = field(default_factory=dict)
    part_year: PartYear | None = None
    meaning: int = ev.SEMANTICS

    @property
    def year_groups(self) -> tuple[int, ...]:
        """The year groups of the agenda, or those that were asked for."""
        return tuple(sorted({year for _, year in self.years} | {whole(row, "referral.year_group") for row in self.referrals.values()}))

    def setting_row(self, urn: str, year_group: int | None) -> Row:
        """The facts of one setting, or of one year group of it, that are the same for every pupil."""
        year = {} if year_group is None else self.years.get((urn, year_group), {})
        return {**self.panel, **self.schools[urn], **year}

    def mainstream(self) -> tuple[str, ...]:
        """The settings that quotas and shares count, by URN."""
        return tuple(sorted(urn for urn, school in self.schools.items() if school["school.setting"] == "mainstream"))

    def parts(self, objective: Objective) -> tuple[int | None, ...]:
        """What a quota or a share counts at a setting: the whole of it (None), or each year group of the agenda."""
        return self.year_groups if objective.part == "year_group" else (None,)

    def taken(self, objective: Objective, urn: str, year_group: int | None) -> int | None:
        """What a quota or a share starts from at a setting or a year group of it; None is unknown."""
        row = self.schools[urn] if year_group is None else self.years.get((urn, year_group), {})
        number = row.get(objective.counted)
        return number if isinstance(number, int) else None

    def referral_row(self, referral: str) -> Row:
        """The facts that a hold may read."""
        return {**self.panel, **self.referrals[referral]}

    def pair_row(self, referral: str, urn: str) -> Row:
        """The facts of one pair."""
        facts = self.referrals[referral]
        year = self.years.get((urn, whole(facts, "referral.year_group")), {})
        return {**self.panel, **facts, **self.schools[urn], **year, **self.candidates[referral][urn]}

    def measured(self, objective: Objective, urn: str, year_group: int | None = None) -> int | None:
        """What the loads of a share are compared by: `share`, times the days of membership where somebody is there for part of a year."""
        share = self.share(urn, objective.per, year_group)
        return share if share is None or self.part_year is None else self.part_year.share(share, urn, objective.count)

    def share(self, urn: str, per: str, year_group: int | None = None) -> int | None:
        """What a load is measured by: the roll, the PAN, the agreed weight, or 1 for all; None outside the share or unknown.

        Of a setting the PAN is the sum of its year groups'; of a year group roll and PAN are its own, and the weight is the school's.
        """
        school = self.schools[urn]
        if school["school.setting"] != "mainstream":
            return None
        if per == "equal":
            return 1
        if per == "weight":
            share = school.get("school.share_weight")
        elif year_group is not None:
            share = self.years.get((urn, year_group), {}).get("year.on_roll" if per == "roll" else "year.pan")
        else:
            share = school.get("school.roll") if per == "roll" else self.pans.get(urn)
        return share if isinstance(share, int) and share >= 1 else None

    def only(self, names: frozenset[str]) -> MeetingFacts:
        """The same meeting with these facts and no others."""

        def kept(row: Row) -> Row:
            return {name: value for name, value in row.items() if name in names}

        return replace(
            self,
            panel=kept(self.panel),
            schools={urn: kept(row) for urn, row in self.schools.items()},
            years={key: kept(row) for key, row in self.years.items()},
            referrals={name: kept(row) for name, row in self.referrals.items()},
            candidates={name: {urn: kept(row) for urn, row in rows.items()} for name, rows in self.candidates.items()},
        )

    def cases(self) -> dict[str, dict[str, Any]]:
        """What is frozen of each child's case, by pupil reference."""
        return {
            self.pupils[referral]: {
                "referral": referral,
                "facts": _plain(facts),
                "candidates": {urn: _plain(row) for urn, row in self.candidates[referral].items()},
                **({"apart": list(self.apart[referral])} if referral in self.apart else {}),
                **({"together": list(self.together[referral])} if referral in self.together else {}),
                **({"already": self.already[referral].as_data()} if referral in self.already else {}),
            }
            for referral, facts in self.referrals.items()
        }

    def shared(self) -> dict[str, Any]:
        """What is frozen about schools and the panel."""
        years: dict[str, dict[str, Any]] = {}
        for (urn, year_group), row in sorted(self.years.items()):
            years.setdefault(urn, {})[str(year_group)] = _plain(row)
        return {
            "panel": _plain(self.panel),
            "schools": {urn: _plain(row) for urn, row in self.schools.items()},
            "years": years,
            "turns": {whose: {urn: day.isoformat() for urn, day in turns.items()} for whose, turns in self.turns.items()},
            "pans": dict(self.pans),
            **({"part_year": self.part_year.as_data()} if self.part_year else {}),
        }

    @classmethod
    def frozen(cls, opened: ev.MeetingOpened, rulebook: Rulebook) -> MeetingFacts:
        """The facts as an opening froze them. A child whose case is no longer held is absent.

        Raises `LedgerError` where they were frozen under a meaning that this program does not know: nothing is guessed.
        """
        if unknown := ev.unknown_meaning(opened.semantics):
            raise LedgerError(
                f"Meeting {opened.meeting} of {opened.on} was opened under meaning {opened.semantics} of the rules; {unknown}."
            )
        shared = opened.shared or {}
        dates = frozenset(name for name, fact in rulebook.facts.items() if fact.type == "date")
        cases = {content["referral"]: (pupil, content) for pupil, content in opened.cases.items()}
        return cls(
            on=opened.on,
            panel=_typed(shared["panel"], dates),
            schools={urn: _typed(row, dates) for urn, row in shared["schools"].items()},
            years={(urn, int(year)): _typed(row, dates) for urn, rows in shared["years"].items() for year, row in rows.items()},
            referrals={referral: _typed(content["facts"], dates) for referral, (_, content) in sorted(cases.items())},
            candidates={
                referral: {urn: _typed(row, dates) for urn, row in content["candidates"].items()}
                for referral, (_, content) in cases.items()
            },
            pupils={referral: pupil for referral, (pupil, _) in cases.items()},
            turns={whose: {urn: dt.date.fromisoformat(day) for urn, day in turns.items()} for whose, turns in shared["turns"].items()},
            pans=shared["pans"],
            part_year=PartYear.from_data(shared.get("part_year")),
            apart=frozen_others(cases, "apart"),
            together=frozen_others(cases, "together"),
            already=from_data(cases),
            meaning=opened.semantics,
        )


def whole(row: Mapping[str, Value], name: str) -> int:
    """A fact that is a whole number and is always known."""
    value = row[name]
    if not isinstance(value, int):
        raise TypeError(f"{name}: found {value!r}; wanted a whole number")
    return value


def _plain(row: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}


def _typed(row: Mapping[str, Any], dates: Container[str]) -> Row:
    return {name: dt.date.fromisoformat(value) if name in dates else value for name, value in row.items()}


def _in(family: str, facts: Mapping[str, Value | None]) -> Row:
    return {f"{family}.{name}": value for name, value in facts.items() if value is not None}


def receiving(state: State, on: dt.date) -> dict[str, ev.SchoolRecorded]:
    """The settings that can receive on the day: open, and members of the panel, by URN."""
    return {
        urn: school
        for urn, school in state.schools.items()
        if not school.closed and (school.closes_on is None or school.closes_on > on) and state.is_member(urn, on)
    }


def meeting_facts(
    state: State,
    agenda: tuple[str, ...],
    rulebook: Rulebook,
    counts: Counts,
    on: dt.date,
    also: Iterable[int] = (),
    meaning: int = ev.SEMANTICS,
    among: Sequence[str] = (),
) -> MeetingFacts:
    """All facts of a meeting on the day `on`, for the referrals of its agenda and every setting that can receive.

    Year groups are those of the agenda, and those in `also`; `meaning` is the number under which the meeting was opened.
    `among` is the whole agenda, where only some of it is asked about.
    """
    schools = receiving(state, on)
    referrals = _referrals(state, agenda, rulebook, counts, on, among or agenda)
    year_groups = sorted({*also, *(whole(row, "referral.year_group") for row in referrals.values())})
    apart = kept_apart(state)
    pupils = {referral: state.referrals[referral].made.pupil for referral in agenda}
    own = alone(state, pupils.values())
    here = any(limit.per == "kept_apart_pupils" for limit in rulebook.limits)
    asked = any(one.name == "together" for one in rulebook.objectives)
    years = {
        (urn, year): row
        for urn in schools
        for year in year_groups
        if (row := _year_facts(state, rulebook, counts, urn, year, on)) is not None
    }
    rows = school_facts(state, rulebook, counts, schools, on)
    part = part_year(state, rulebook, schools, on)
    rows, years = with_even(rulebook, counts, schools, rows, years, part)
    for name, row in referrals.items():
        row.update(_in("referral", vacancies(state, state.referrals[name], schools, years, whole(row, "referral.year_group"))))
    return MeetingFacts(
        on=on,
        panel=_panel_facts(state, rulebook, counts, schools, on),
        schools=rows,
        years=years,
        referrals=referrals,
        candidates={
            referral: pair_facts(state, own[pupils[referral]], state.referrals[referral], rulebook, schools, apart, on, meaning)
            for referral in agenda
        },
        pupils=pupils,
        turns=last_turns(state, rulebook, on, year_groups, agenda),
        pans=_pans(state, schools, rulebook.year_groups),
        part_year=part,
        apart=others_among(apart, pupils) if here else {},
        together=others_among(placed_together(state, agenda), pupils) if asked else {},
        already=already_there(state, agenda, counts),
        meaning=meaning,
    )


def _referrals(
    state: State, agenda: Sequence[str], rulebook: Rulebook, counts: Counts, on: dt.date, among: Sequence[str]
) -> dict[str, Row]:
    """The facts of each case, and which of its home school's on the whole agenda it is."""
    nth = nth_of_home_school(state, among)
    rows = {name: referral_facts(state, state.referrals[name], rulebook, counts, on) for name in agenda}
    return {name: {**row, **_in("referral", {"nth_of_home_school": nth.get(name)})} for name, row in rows.items()}


def _year_facts(state: State, rulebook: Rulebook, counts: Counts, urn: str, year_group: int, on: dt.date) -> Row | None:
    year = state.years.get((urn, year_group))
    facts: dict[str, Value | None] = {
        count.id: counts.of(count.id, urn, year_group) for count in rulebook.counts if count.per == "year_group"
    }
    if year is not None:
        facts.update(pan=year.pan, on_roll=on_roll(state, urn, year_group, on))
        facts.update({name: on_roll_who(state, urn, year_group, name, on) for name in ("looked_after", "ehcp")})
    return _in("year", facts) or None


def _panel_facts(state: State, rulebook: Rulebook, counts: Counts, schools: Mapping[str, ev.SchoolRecorded], on: dt.date) -> Row:
    this_year = academic_year(on)
    mainstream = [school for school in schools.values() if school.setting == "mainstream"]
    rolls = [school.roll for school in mainstream]
    target = rulebook.settings.get("target_permanent_exclusions")
    facts: dict[str, Value | None] = {
        "meets_on": on,
        "month": on.month,
        "academic_year": this_year,
        "total_roll": None if None in rolls else sum(roll for roll in rolls if roll is not None),
        "transport_spent_pence": transport_spent(state, this_year),
        "transport_budget_pence": state.budgets.get(this_year),
        "permanent_exclusions": sum(academic_year(e.on) == this_year and e.on <= on for e in state.exclusions),
        "target_permanent_exclusions": target.value if target else 0,
    }
    for count in rulebook.counts:
        taken = [counts.of(count.id, school.urn) for school in mainstream]
        facts[f"lowest_{count.id}"] = min(taken, default=0)
        facts[f"highest_{count.id}"] = max(taken, default=0)
        facts[f"total_{count.id}"] = sum(taken)
        facts[f"average_{count.id}"] = average(taken)
    return _in("panel", facts)


def _pans(state: State, schools: Mapping[str, ev.SchoolRecorded], year_groups: range) -> dict[str, int]:
    known: dict[str, list[int | None]] = {}
    for (urn, year_group), year in sorted(state.years.items()):
        if year_group in year_groups:
            known.setdefault(urn, []).append(year.pan)
    return {urn: sum(pan for pan in pans if pan is not None) for urn, pans in known.items() if urn in schools and None not in pans}
