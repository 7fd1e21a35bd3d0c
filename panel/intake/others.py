"""What a referral says of other pupils: from whom it is to be kept apart, with whom it is to be placed.

Whoever says it, it goes for both, so two referrals can contradict each other. No pupil of whom nothing is recorded is refused:
a reference may come before the referral.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from panel.events import ReferralCase, ReferralMade
from panel.intake.known import Known, Naming
from panel.intake.pages import Line
from panel.quoting import references


def refuse_contradictions(rows: Sequence[tuple[Line, ReferralMade]], known: Known) -> None:
    """Refuse rows that name the pupil itself or a referral for its pupil, or two to be both apart and together, whoever says either."""
    own = {made.referral for _, made in rows}
    slips = (own | known.referrals) - known.pupils - {made.pupil for _, made in rows}
    said = [*map(_naming, [made for _, made in rows]), *(one for one in known.naming if one.referral not in own)]
    apart, together = (frozenset(_pairs(said, which)) for which in ("not_with", "together_with"))
    for line, made in rows:
        case = made.case or ReferralCase()
        for column, others, against, why in (
            ("not_with", case.not_with or (), together, "with whom this one is to be placed (together_with)"),
            ("together_with", case.together_with or (), apart, "from whom this one is to be kept apart (not_with)"),
        ):
            for other in others:
                found = references().found(other)
                if other == made.pupil:
                    line.refuse(column, found=f"{found}, the pupil's own reference", wanted="references of other pupils")
                elif other in slips:
                    said_of = f"{found}, a referral's reference and no pupil's"
                    advice = "What that referral's own column pupil says goes here."
                    line.refuse(column, found=said_of, wanted="references of pupils", advice=advice)
                elif frozenset({made.pupil, other}) in against and (column == "together_with" or other not in (case.together_with or ())):
                    advice = "Whichever referral says it, it goes for both: take one of the two out, where it stands."
                    line.refuse(column, found=f"{found}, {why}", wanted="a pupil of whom no referral says the other", advice=advice)


def _naming(made: ReferralMade) -> Naming:
    case = made.case or ReferralCase()
    return Naming(made.referral, made.pupil, case.not_with or (), case.together_with or ())


def _pairs(said: Iterable[Naming], which: str) -> Iterator[frozenset[str]]:
    return (frozenset({one.pupil, other}) for one in said for other in getattr(one, which))
