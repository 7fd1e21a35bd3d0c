"""The referrals that a school made, counted: how many there are, and the number of each case among those of its school.

made     by the school that excluded the pupil, else by the home school; a case that nobody sends is nobody's
when     the day on which the referral was made; withdrawn ones are left out, and those by which a placement goes on as another
number   1 for the first of a school in the order of the record; 0 of a case that the count does not take in
"""

from __future__ import annotations

from panel.state.fold import TOLD
from panel.state.records import Admission, Referral, State
from panel.state.stays import is_here_already, sent_by
from panel.state.year_groups import year_group_on
from rules.book import Count

OWN = "own_referrals"


def is_of_referrals(count: Count) -> bool:
    """Whether a count is of the referrals that a school made, and so of no admission."""
    return OWN in count.of


def made_by_schools(state: State) -> tuple[tuple[Referral, Admission], ...]:
    """Every referral that a school made and nobody withdrew, in the order of the record, with what a count may ask of it."""
    own = (held for held in state.referrals.values() if held.status != "withdrawn" and is_here_already(state, held) is None)
    made = ((held, sent_by(held)) for held in own)
    sent = [(held, school) for held, school in made if school is not None]
    return tuple((held, _as_counted(held, school)) for held, school in sorted(sent, key=lambda one: one[0].happened[0].seq))


def _as_counted(held: Referral, school: str) -> Admission:
    """A referral as a count reads it: what was so on the day on which it was made."""
    made, since = held.made, held.case.out_of_education_since
    return Admission(
        pupil=made.pupil,
        referral=made.referral,
        school=school,
        on=made.made_on,
        year_group=year_group_on(made, made.made_on),
        by_panel=True,
        kind=made.referral_kind,
        permanently_excluded=made.permanently_excluded,
        **{name: getattr(held.case, name) for name in TOLD},
        days_out_of_education=None if since is None or since > made.made_on else (made.made_on - since).days,
    )
