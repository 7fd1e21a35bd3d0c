"""The referrals file, and a referral made by hand -> referrals and the agreements signed for them.

A yes/no that is blank is unknown, a list that is blank is empty, an agreement without a day is not agreed. Whether a
referral may be decided is for the rulebook, not for this module. Coordinates and postcodes are never quoted in a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from panel.events import AgreementSigned, Kind, ReferralCase, ReferralMade, SettingKind, Signatory
from panel.intake.cells import DAY, REFERENCE, YES_OR_NO, Apart, Cell, References, Several, Text, Urn, Whole, one_of
from panel.intake.known import Known
from panel.intake.pages import Line, Page
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
    "interventions_evidenced": YES_OR_NO,
    "caseworker_consents": YES_OR_NO,
    "low_income": YES_OR_NO,
    "attendance": Whole.of_fact("referral.attendance", "Attendance is per mille: 93.5% is 935."),
    "on_a_roll": YES_OR_NO,
    "in_area": YES_OR_NO,
    "suitable_offer_refused": YES_OR_NO,
    "excluded_times": Whole.of_fact("referral.excluded_times"),
    "earlier_placement_broke_down": YES_OR_NO,
    "conversation_on": DAY,
    "out_of_education_since": DAY,
}
AGREEMENTS: Final[tuple[tuple[str, Signatory], ...]] = (("parent_agrees_on", "parent"), ("home_school_agrees_on", "home_school"))
TAKES: Final = (
    *("permanently_excluded", "category", "suited_to", "home_school", "excluded_by", "accepted_on"),
    *("easting", "northing", "postcode", "preferences", "kept_apart", "siblings_at", "catchment", "attended", "not_with"),
    *PLAIN,
    *(column for column, _ in AGREEMENTS),
)

PUPILS: Final = References()
KIND: Final = one_of(get_args(Kind))
SUITED_TO: Final = one_of(get_args(SettingKind))
YEAR_GROUP: Final = Whole.of_fact(
    "referral.year_group", "This panel places pupils of compulsory secondary age; a sixth-form case is not a referral."
)


def read(table: Table, known: Known) -> tuple[ReferralMade | AgreementSigned, ...]:
    """The referrals sorted by reference, each followed by its agreements. Raises `IntakeError` with every fault."""
    page = Page(table, needs=NEEDS, takes=TAKES)
    made: list[ReferralMade] = []
    signed: list[AgreementSigned] = []
    school = known.urn()
    category: Cell[str] = Text(40) if known.categories is None else one_of(known.categories)
    for line in page.lines():
        referral = _referral(line, school, category)
        _new(page, line, referral, known)
        made.append(referral)
        agreed = [(by, line.may(column, DAY)) for column, by in AGREEMENTS]
        signed.extend(AgreementSigned(referral=referral.referral, by=by, on=on) for by, on in agreed if on is not None)
    events: list[ReferralMade | AgreementSigned] = [*made, *signed]
    return page.finish(events, lambda event: (event.referral, *(("", "") if isinstance(event, ReferralMade) else ("agreed", event.by))))


def _referral(line: Line, school: Urn, category: Cell[str]) -> ReferralMade:
    """The open part of one row, and its case.

    A blank `permanently_excluded` is yes where the kind is a permanent exclusion or `excluded_by` names a school.
    """
    kind = line.must("kind", KIND)
    home_school, excluded_by = line.may("home_school", school), line.may("excluded_by", school)
    excluded = line.may("permanently_excluded", YES_OR_NO)
    if line.clean and home_school is None and excluded_by is None:
        line.refuse("home_school", found="nothing, nor in excluded_by", wanted="a URN in at least one of the two")
    return ReferralMade(
        referral=line.must("referral", REFERENCE),
        pupil=line.must("pupil", REFERENCE),
        referral_kind=kind,
        permanently_excluded=kind == "permanent_exclusion" or excluded_by is not None if excluded is None else excluded,
        year_group=line.must("year_group", YEAR_GROUP),
        home_school=home_school,
        excluded_by=excluded_by,
        made_on=line.must("made_on", DAY),
        accepted_on=line.may("accepted_on", DAY),
        case=_case(line, school, category),
    )


def _case(line: Line, school: Urn, category: Cell[str]) -> ReferralCase:
    east, north = line.home()
    return ReferralCase(
        category=line.may("category", category),
        suited_to=line.may("suited_to", SUITED_TO) or "mainstream",
        preferences=line.may("preferences", Several(school)) or (),
        kept_apart=line.may("kept_apart", Apart(school)) or {},
        siblings_at=line.may("siblings_at", Several(school)) or (),
        catchment=line.may("catchment", Several(school)) or (),
        attended=line.may("attended", Several(school)),
        not_with=line.may("not_with", PUPILS),
        easting=east,
        northing=north,
        postcode=line.may("postcode", Text(12), quote=False),
        **{column: line.may(column, cell) for column, cell in PLAIN.items()},
    )


def _new(page: Page, line: Line, made: ReferralMade, known: Known) -> None:
    """Refuse a reference that is taken, and a pupil whose case is before the panel already."""
    if not line.clean:
        return
    if made.case is not None and made.pupil in (made.case.not_with or ()):
        line.refuse("not_with", found=f"'{made.pupil}', the pupil's own reference", wanted="references of other pupils")
    if made.referral in known.referrals:
        line.refuse("referral", found=f"'{made.referral}', which is recorded already", wanted="a reference of its own for each referral")
    elif made.pupil in known.undecided:
        line.refuse(
            "pupil", found=f"'{made.pupil}', whose referral {known.undecided[made.pupil]} is not decided yet",
            wanted="one open referral for each pupil", advice="Withdraw or decide that one first.",
        )  # fmt: skip
    page.once(line, "referral", ("referral", made.referral), f"referral {made.referral}")
    page.once(line, "pupil", ("pupil", made.pupil), f"pupil {made.pupil}")
