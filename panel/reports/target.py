"""Permanent exclusions against the target and against last year, and early signs: referrals by school and term.

It counts what stands: an exclusion that was rescinded, quashed or ended in reinstatement is not among them. It tracks a target; it
bars nobody from excluding, and nothing reads it that decides. Floats are right here: nothing is decided by them.

    rate per 100      100 k / r,  k exclusions of a school with r on roll, so far in the year
    rate per 1,000    1000 p / r,  p pupils of the school who were referred in a term, each once, not after an exclusion
    interval          of the k or p that chance could have made of the same school (comparing.rare), as the same rate
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from panel.reports import comparing
from panel.state.fold import fold
from panel.state.records import Recorded, Referral, Span, State
from panel.state.reversals import of_none_recorded
from panel.state.schooldays import academic_year
from panel.state.succession import days_within

WITH_A_ROLL: Final = "all with a roll"
"""All schools together, where some have none: what happened there is not in that line, and it does not say that it was nothing."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many on roll; `on_roll` None is unknown or nobody, and there is no rate then."""

    count: int
    on_roll: int | None

    def per(self, many: int) -> tuple[float, float, float] | None:
        """The rate for so many pupils, and the ends of its 95% interval."""
        if not self.on_roll:
            return None
        low, high = comparing.rare(self.count)
        return tuple(many * number / self.on_roll for number in (self.count, low, high))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the year, or the whole of it; both days included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Line:
    """One school, or all of them together: exclusions so far, by the same day last year and in the whole of it; None is not recorded.
    `terms` are the pupils referred in each term of the year, `referred` those of the whole year so far, each once."""

    urn: str
    name: str
    excluded: Rate
    by_last: int | None
    last_year: int | None
    terms: tuple[Rate, ...]
    referred: Rate


@dataclass(frozen=True, slots=True)
class Tracked:
    """The year up to a day. `target` is None where the rulebook sets none; `panel` is all the schools with a known roll together.
    `untold` says what the figures leave out."""

    year: int
    as_of: dt.date
    target: int | None
    excluded: int
    by_last: int | None
    last_year: int | None
    spans: tuple[Term, ...]
    by_term: bool
    schools: tuple[Line, ...]
    panel: Line
    untold: tuple[str, ...]


def tracked(record: Sequence[Recorded], as_of: dt.date, target: int | None) -> Tracked:
    """What the record shows of the academic year of a day, up to that day."""
    state, year = fold(record, as_of=as_of), academic_year(as_of)
    spans, by_term = _spans(state, year, as_of)
    early = [referral for referral in state.referrals.values() if _early(referral, year, as_of)]
    # One that was reversed since is none of the counts, but it was loaded: of its year there is something to say.
    ever = (*state.exclusions, *(one.exclusion for one in state.reversals))
    earlier = any(academic_year(one.on) < year for one in ever)
    urns = _urns(state, year, as_of, early)
    schools = tuple(_line(state, urn, year, as_of, spans, early, earlier=earlier) for urn in urns)
    excluded = [one for one in state.exclusions if academic_year(one.on) == year and one.on <= as_of]
    before = [one for one in state.exclusions if academic_year(one.on) == year - 1]
    return Tracked(
        year=year,
        as_of=as_of,
        target=target,
        excluded=len(excluded),
        by_last=sum(one.on <= year_before(as_of) for one in before) if earlier else None,
        last_year=len(before) if earlier else None,
        spans=spans,
        by_term=by_term,
        schools=schools,
        panel=_together(schools),
        untold=tuple(_untold(state, year, as_of, schools, earlier=earlier)),
    )


def year_before(day: dt.date) -> dt.date:
    """The same day a year before; of 29 February the 28th."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def _spans(state: State, year: int, as_of: dt.date) -> tuple[tuple[Term, ...], bool]:
    """The terms of the year that have begun, or the whole year where none is loaded."""
    terms = sorted({(term.first, term.last) for term in state.terms if academic_year(term.first) == year})
    if not terms:
        return (Term(dt.date(year, 9, 1), dt.date(year + 1, 8, 31)),), False
    return tuple(Term(first, last) for n, (first, last) in enumerate(terms) if n == 0 or first <= as_of), True


def _early(referral: Referral, year: int, as_of: dt.date) -> bool:
    """A referral of the year that did not follow a permanent exclusion: what might yet become one."""
    made = referral.made
    after = made.permanently_excluded or made.referral_kind == "permanent_exclusion"
    return not after and academic_year(made.made_on) == year and made.made_on <= as_of


def _urns(state: State, year: int, as_of: dt.date, early: Sequence[Referral]) -> tuple[str, ...]:
    """The mainstream schools that took part in the year, and whatever else excluded or referred somebody."""
    took_part = {urn for urn in state.schools if days_within(state.members.get(urn, (Span(),)), dt.date(year, 9, 1), as_of)}
    open_now = {urn for urn, school in state.schools.items() if school.setting == "mainstream" and not school.closed}
    excluding = {one.school for one in state.exclusions if academic_year(one.on) in (year, year - 1)}
    sending = {referral.made.home_school for referral in early if referral.made.home_school}
    return tuple(sorted((open_now & took_part - state.successors.keys()) | excluding | sending))


def _line(state: State, urn: str, year: int, as_of: dt.date, spans: Sequence[Term], early: Sequence[Referral], *, earlier: bool) -> Line:
    school = state.schools.get(urn)
    roll = school.roll if school else None
    days = [one.on for one in state.exclusions if one.school == urn and one.on <= as_of]
    before = [day for day in days if academic_year(day) == year - 1]
    here = [referral for referral in early if referral.made.home_school == urn]
    terms: list[set[str]] = [set() for _ in spans]
    for referral in here:
        terms[_term_of(spans, referral.made.made_on)].add(referral.made.pupil)
    return Line(
        urn=urn,
        name=school.name if school else "",
        excluded=Rate(sum(academic_year(day) == year for day in days), roll),
        by_last=sum(day <= year_before(as_of) for day in before) if earlier else None,
        last_year=len(before) if earlier else None,
        terms=tuple(Rate(len(pupils), roll) for pupils in terms),
        referred=Rate(len({referral.made.pupil for referral in here}), roll),
    )


def _term_of(spans: Sequence[Term], day: dt.date) -> int:
    """The term that a day is in, or else the one before it; before the first term it is the first."""
    return max((n for n, span in enumerate(spans) if span.first <= day), default=0)


def _together(schools: Sequence[Line]) -> Line:
    """All schools whose roll is known as one: of the others no rate can be told."""
    known = [line for line in schools if line.excluded.on_roll]
    roll = sum(line.excluded.on_roll or 0 for line in known)

    def sum_of(rates: Iterator[Rate]) -> Rate:
        return Rate(sum(rate.count for rate in rates), roll or None)

    lasts = [line.by_last for line in known if line.by_last is not None]
    years = [line.last_year for line in known if line.last_year is not None]
    return Line(
        urn="",
        name="all together" if len(known) == len(schools) else WITH_A_ROLL,
        excluded=sum_of(line.excluded for line in known),
        by_last=sum(lasts) if lasts else None,
        last_year=sum(years) if years else None,
        terms=tuple(sum_of(line.terms[n] for line in known) for n in range(len(known[0].terms) if known else 0)),
        referred=sum_of(line.referred for line in known),
    )


def _untold(state: State, year: int, as_of: dt.date, schools: Sequence[Line], *, earlier: bool) -> Iterator[str]:
    if not earlier:
        yield "No permanent exclusion of an earlier year is recorded. If there were any: pastoral load exclusions FILE."
    if missing := [line.urn for line in schools if not line.excluded.on_roll]:
        yield f"The record has no roll for {', '.join(missing)}: no rate is told of them, and they are not among '{WITH_A_ROLL}'."
    made = [held.made for held in of_none_recorded(state) if held.made.made_on <= as_of]
    lacking = [one.referral for one in made if academic_year(one.made_on) == year]
    if lacking:
        yield f"Referred after a permanent exclusion that no entry records, and so not counted: {', '.join(sorted(lacking))}."
    homeless = sum(not referral.made.home_school for referral in state.referrals.values() if _early(referral, year, as_of))
    if homeless:
        yield f"Referrals from no school, counted to none: {homeless}."
