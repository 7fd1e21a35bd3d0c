"""The referrals file, and a referral made by hand -> referrals and the agreements signed for them.

A yes/no that is blank is unknown, a list that is blank is empty, an agreement without a day is not agreed. Whether a
referral may be decided is for the rulebook, not for this module. Coordinates and postcodes are never quoted in a fault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, get_args

from panel.events import AgreementSigned, Kind, ReferralCase, ReferralMade, SettingKind, SharingAgreed, Signatory
from panel.intake.cells import (
    DAY,
    REFERENCE,
    YES_OR_NO,
    Apart,
    Attended,
    Cell,
    References,
    Several,
    Text,
    Urn,
    UrnOrNone,
    Whole,
    Words,
    one_of,
)
from panel.intake.excluded import excluded
from panel.intake.known import Known
from panel.intake.others import refuse_contradictions
from panel.intake.pages import Line, Page, named
from panel.intake.tables import Table
from rules.facts import SINGLE_SEX

NEEDS: Final = ("referral", "pupil", "kind", "year_group", "made_on")

# These say of the case what the record says of it, in a yes/no or a number.
PLAIN: Final[Mapping[str, Cell[Any]]] = {
    "single_sex_schools": one_of(SINGLE_SEX),
    "ehcp": YES_OR_NO,
    "looked_after": YES_OR_NO,
    "previously_looked_after": YES_OR_NO,
    "persistent_disruptive_behaviour": YES_OR_NO,
    "behaviour_is_primary_need": YES_OR_NO,
    "interventions_evidenced": YES_OR_NO,
    "caseworker_consents": YES_OR_NO,
    "low_income": YES_OR_NO,
    "cannot_walk": YES_OR_NO,
    "attendance": Whole.of_fact("referral.attendance", "Attendance is per mille: 93.5% is 935."),
    "suspended_days": Whole.of_fact("referral.suspended_days", "School days of suspension are whole: add up the halves, and round down."),
    "from_alternative_provision": YES_OR_NO,
    "meets_selection": YES_OR_NO,
    "points": Whole.of_fact("referral.points_given"),
    "on_a_roll": YES_OR_NO,
    "in_area": YES_OR_NO,
    "suitable_offer_refused": YES_OR_NO,
    "excluded_times": Whole.of_fact("referral.excluded_times"),
    "earlier_placement_broke_down": YES_OR_NO,
    "conversation_on": DAY,
    "out_of_education_since": DAY,
}
AGREEMENTS: Final[tuple[tuple[str, Signatory], ...]] = (
    ("parent_agrees_on", "parent"),
    ("home_school_agrees_on", "home_school"),
    ("pupil_agrees_on", "pupil"),
)
SHARING: Final = "sharing_agreed_on"
"""The day on which the parent agreed that the schools of the panel are told of the case."""
FROM_A_SCHOOL: Final = ("managed_move", "off_site_direction")
"""The kinds of referral that a home school makes or agrees to."""
TAKES: Final = (
    *("permanently_excluded", "category", "suited_to", "home_school", "excluded_by", "accepted_on"),
    *("easting", "northing", "postcode", "preferences", "kept_apart", "siblings_at", "catchment", "attended", "not_with", "together_with"),
    *("papers", "area", "needs"),
    *PLAIN,
    *(column for column, _ in AGREEMENTS),
    SHARING,
)

PUPILS: Final = References()
KIND: Final = one_of(get_args(Kind))
SUITED_TO: Final = Words(get_args(SettingKind), least=1)
YEAR_GROUP: Final = Whole.of_fact(
    "referral.year_group", "This panel places pupils of compulsory secondary age; a sixth-form case is not a referral."
)


def read(table: Table, known: Known) -> tuple[ReferralMade | AgreementSigned | SharingAgreed, ...]:
    """The referrals sorted by reference, each followed by its agreements. Raises `IntakeError` with every fault."""
    page = Page(table, needs=NEEDS, takes=TAKES)
    made: list[ReferralMade] = []
    signed: list[AgreementSigned | SharingAgreed] = []
    school = known.urn()
    category: Cell[str] = Text(40) if known.categories is None else one_of(known.categories)
    year_group = known.year_group(YEAR_GROUP)
    sound: list[tuple[Line, ReferralMade]] = []
    for line in page.lines():
        referral = _referral(line, school, category, year_group, known)
        sound += [(line, referral)] if line.clean else []
        _new(page, line, referral, known)
        made.append(referral)
        agreed = [(by, line.may(column, DAY)) for column, by in AGREEMENTS]
        signed.extend(AgreementSigned(referral=referral.referral, by=by, on=on) for by, on in agreed if on is not None)
        if (shared := line.may(SHARING, DAY)) is not None:
            signed.append(SharingAgreed(referral=referral.referral, pupil=referral.pupil, by="parent", on=shared))
    refuse_contradictions(sound, known)
    events: list[ReferralMade | AgreementSigned | SharingAgreed] = [*made, *signed]
    return page.finish(events, _place)


def _place(event: ReferralMade | AgreementSigned | SharingAgreed) -> tuple[str, str, str]:
    """Where an event stands among those of a file."""
    if isinstance(event, ReferralMade):
        return event.referral, "", ""
    return event.referral, "agreed" if isinstance(event, AgreementSigned) else "shared", event.by


def _referral(line: Line, school: Urn, category: Cell[str], year_group: Whole, known: Known) -> ReferralMade:
    """The open part of one row, and its case."""
    kind = line.must("kind", KIND)
    home_school, excluded_by = line.may("home_school", UrnOrNone(school)), line.may("excluded_by", school)
    was_excluded = excluded(line, {"kind": kind == "permanent_exclusion", "excluded_by": excluded_by is not None})
    _comes_from(line, kind, home_school, excluded_by)
    return ReferralMade(
        referral=line.must("referral", REFERENCE),
        pupil=line.must("pupil", REFERENCE),
        referral_kind=kind,
        permanently_excluded=was_excluded,
        year_group=line.must("year_group", year_group),
        home_school=home_school or None,
        no_home_school=True if home_school == "" else None,
        excluded_by=excluded_by,
        made_on=line.must("made_on", DAY),
        accepted_on=line.may("accepted_on", DAY),
        case=_case(line, school, category, known),
    )


def _comes_from(line: Line, kind: Kind, home_school: str | None, excluded_by: str | None) -> None:
    """Refuse a row that does not say where the pupil comes from, and a home school's doing where there is none ("")."""
    if not line.clean:
        return
    if home_school is None and excluded_by is None:
        line.refuse(
            "home_school", found="nothing, nor in excluded_by", wanted="a URN in at least one of the two, or none as home_school",
            advice="Write none for a child who comes from no school of this panel: new to the country or the area, never on a roll, "
            "or educated at home.",
        )  # fmt: skip
    elif home_school == "" and kind in FROM_A_SCHOOL:
        line.refuse(
            "kind", found=f"'{kind}', while home_school is none", wanted="permanent_exclusion, reintegration or fair_access",
            advice="A managed move and an off-site direction lead away from a home school. If the child is on a school's roll, name it.",
        )  # fmt: skip
    elif home_school == "" and line.may("home_school_agrees_on", DAY) is not None:
        line.refuse("home_school_agrees_on", found="a day, while home_school is none", wanted="nothing: there is no home school to agree")


def _case(line: Line, school: Urn, category: Cell[str], known: Known) -> ReferralCase:
    east, north = line.home()
    attended = _attended(line, school)
    return ReferralCase(
        category=line.may("category", category),
        suited_to=_suited_to(line),
        preferences=line.may("preferences", Several(school)) or (),
        kept_apart=line.may("kept_apart", Apart(school)) or {},
        siblings_at=line.may("siblings_at", Several(school)) or (),
        catchment=line.may("catchment", Several(school)) or (),
        attended=None if attended is None else tuple(attended),
        attended_until={urn: day for urn, day in (attended or {}).items() if day is not None} or None,
        not_with=line.may("not_with", PUPILS),
        together_with=line.may("together_with", PUPILS),
        papers=line.may("papers", known.paper(), quote=False),
        needs=known.each_offer(line.may("needs", known.offer(), quote=False)),
        area=line.may("area", Text(80), quote=False),
        easting=east,
        northing=north,
        postcode=line.may("postcode", Text(12), quote=False),
        **{column: line.may(column, cell) for column, cell in PLAIN.items()},
    )


def _attended(line: Line, school: Urn) -> Mapping[str, dt.date | None] | None:
    """The schools that the pupil was at, and the last day there where it is said: none after the referral was made."""
    attended, made_on = line.may("attended", Attended(school)), line.may("made_on", DAY)
    late = max((day for day in (attended or {}).values() if day is not None), default=None)
    if late is not None and made_on is not None and late > made_on:
        advice = "A day here is the last one at a school that the pupil has left. Where the pupil still is, write the URN alone."
        line.refuse("attended", found=f"{late}", wanted=f"{made_on}, the day of the referral, or earlier", advice=advice)
    return attended


def _suited_to(line: Line) -> SettingKind | tuple[SettingKind, ...]:
    """One kind of setting, or several of which any will do; a mainstream school where nothing is said."""
    said = line.may("suited_to", SUITED_TO) or ("mainstream",)
    kinds = tuple(kind for kind in get_args(SettingKind) if kind in said)
    return kinds if len(kinds) > 1 else kinds[0]


def _new(page: Page, line: Line, made: ReferralMade, known: Known) -> None:
    """Refuse a reference that is taken, and a pupil who has an open case already."""
    if not line.clean:
        return
    if made.referral in known.referrals:
        line.refuse("referral", found=f"'{made.referral}', which is recorded already", wanted="a reference of its own for each referral")
    elif (other := known.open_cases.get(made.pupil)) is not None:
        found = f"'{made.pupil}', whose referral {other.referral} {other.stands}"
        line.refuse("pupil", found=found, wanted="one open case for each pupil", advice=other.advice)
    page.once(line, "referral", ("referral", made.referral), named("referral", made.referral))
    page.once(line, "pupil", ("pupil", made.pupil), named("pupil", made.pupil))
