"""The panel and its rules, its schools, their places, the terms, and the votes that exempt a school."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from panel.events.event import Event, Reason, Record, SettingKind, Votes


class PanelFounded(Event):
    """A panel's ledger begins. `rulebook` is the line of editions that it decides by."""

    kind = "panel founded"
    name: str
    rulebook: str


class RulebookAdopted(Event):
    """An edition, with its full text. In force from its own date, whenever it was adopted."""

    kind = "rulebook adopted"
    name: str
    edition: dt.date
    digest: str
    text: str


class SaidOfSchool(Record):
    """What somebody said of a school that a book asks for by a name of its own: yes or no, or a whole number in a unit."""

    value: bool | int
    unit: str | None = None


class SchoolRecorded(Event):
    """One receiving setting as the register shows it. Distances in metres on the National Grid; blank means unknown.

    `intake` is mixed, girls or boys. `roll` counts pupils, all years; `places` and `occupied` are for settings without
    year groups, `occupied_anew` true where the taken ones were counted again and came to the figure that was recorded before;
    `agreed_number`, `rota_place` and `share_weight` are what the schools agreed for it; `facts` what the panel's
    books ask of schools under names of their own, as they asked for it when the file was read, `offers` whether
    it offers each of what they then named. `closing` is "open, but proposed to
    close" or a closing date.
    """

    kind = "school recorded"
    urn: str
    name: str
    setting: SettingKind = "mainstream"
    phase: str | None = None
    intake: Literal["mixed", "girls", "boys"] | None = None
    low_age: int | None = None
    high_age: int | None = None
    opened_on: dt.date | None = None
    closes_on: dt.date | None = None
    closing: bool = False
    closed: bool = False
    roll: int | None = None
    places: int | None = None
    occupied: int | None = None
    agreed_number: int | None = None
    share_weight: int | None = None
    rota_place: int | None = None
    special_measures: bool | None = None
    ofsted: str | None = None
    federation: str | None = None
    head_in_first_term: bool | None = None
    selective: bool | None = None
    easting: int | None = None
    northing: int | None = None
    occupied_anew: bool | None = None
    facts: Mapping[str, SaidOfSchool] | None = None
    offers: Mapping[str, bool] | None = None

    @property
    def day(self) -> dt.date | None:
        return self.opened_on


class YearPlaces(Record):
    """One year group of a setting, counted on one day."""

    year_group: int
    pan: int | None = None
    on_roll: int | None = None
    looked_after: int | None = None
    ehcp: int | None = None


class PlacesRecorded(Event):
    """PAN and roll per year group as they stood on `as_at`."""

    kind = "places recorded"
    urn: str
    as_at: dt.date
    years: tuple[YearPlaces, ...]

    @property
    def day(self) -> dt.date | None:
        return self.as_at


class TermRecorded(Event):
    """A term, both days included, and the days within it on which schools are closed (bank holidays, as known when loaded)."""

    kind = "term recorded"
    first: dt.date
    last: dt.date
    closed: tuple[dt.date, ...] = ()


class BudgetSet(Event):
    """What the authority means to spend on transport in an academic year, named by the calendar year in which it begins."""

    kind = "budget set"
    academic_year: int
    transport_pence: int


class FundSet(Event):
    """What a partnership has to share among its schools in a financial year, named by the calendar year in which it begins."""

    kind = "fund set"
    financial_year: int
    pence: int


class ExemptionVoted(Event):
    """The panel exempts a school, or one year group of it, from a day to a day, both included. The reason is sealed.

    `of` names whom it need not take, by kinds and an exclusion as a rulebook's `of` does; nobody at all where there is none.
    `meeting` is the number of the meeting that voted so and `votes` how, where somebody wrote that down.
    """

    kind = "exemption voted"
    urn: str
    year_group: int | None = None
    of: tuple[str, ...] | None = None
    first: dt.date
    last: dt.date
    meeting: int | None = None
    votes: Votes | None = None
    case: Reason | None = None

    @property
    def day(self) -> dt.date | None:
        return self.first
