"""The keys of a rulebook that are about schools, about meetings, about what follows a decision, and about money: what each of them says.

`facts.py` puts them on the page with the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rules import shape, shape_of_money
from rules.forms import SchoolFactShape, Shape
from rules.lifecycle import A_YEAR, MOST_EXTENSIONS

LENGTH: Final = "`20 school days`, `15 calendar days`, `6 weeks`, or `settings.NAME school days` and the like"
AUTHORITY: Final = "`{instrument: ..., paragraph: ...}`: where it comes from; what the book has where it is left out"


def words(words: Sequence[str], link: str = "or") -> str:
    """`a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} {link} {quoted[-1]}"


OF_A_PANEL: Final[tuple[tuple[str, type[Shape], Mapping[str, str]], ...]] = (
    (
        "school_facts, each",
        SchoolFactShape,
        {
            "say": "**required.** What it is: about the school as a whole, never about a child of it",
            "unit": "pupils, per mille, ...: then it is a whole number, and must fit what it is compared with; `number` goes with any, as "
            "in `30 * school.classes`; without a unit it is yes or no",
            "at_most": "the largest number that the file may have; 10,000 where it is left out, 100 per cent, 1000 per mille",
        },
    ),
    (
        "money",
        shape_of_money.MoneyShape,
        {
            "year": "when the financial year begins: `april` (usual) or `september`",
            "counted": "its rest in `days` (usual), or in complete `weeks` of 52",
            "fund": "what the schools share",
            "levy": "pence that a school pays for each permanent exclusion of the year: a whole number, or settings.NAME; a list for the "
            "first, the second and so on; or `{pence: ..., to: ...}`",
            "leavers": "who leaves school within the year, so that what follows a pupil ends then",
        },
    ),
    (
        "money, levy",
        shape_of_money.LevyShape,
        {
            "pence": "one amount, or a list: for a school's first permanent exclusion of the financial year, its second and so on, the "
            "last for all that follow",
            "to": "`fund` (usual) or `authority`",
        },
    ),
    (
        "money, leavers",
        shape_of_money.LeaversShape,
        {
            "year_group": "the last one at school: a pupil in it, or above it, on the first day that is paid for",
            "until": "the end of the school year: that of `august` (usual) or of `july`",
        },
    ),
    (
        "money, fund",
        shape_of_money.FundShape,
        {
            "shared": "`equally`, by `roll`, by `weight` (school.share_weight, which the schools agreed), or by `need`; or in parts by "
            "several of them: a list",
            "count": "need: the count of the book that it goes by, where all is shared by need",
            "took_part": "a school came to at least `half`, `two_thirds` or `all` of the year's meetings, or to a number of them; "
            "all may draw where it is left out",
        },
    ),
    (
        "money, fund, shared, each",
        shape_of_money.ShareShape,
        {
            "by": "`equally`, `roll`, `weight` or `need`, each once, need once for each count",
            "part": "how many parts it is of all that the list has together: a whole number, or settings.NAME. Half and half is 1 and 1",
            "count": "need: the count of the book that it goes by",
        },
    ),
    (
        "meeting",
        shape.MeetingShape,
        {
            "quorum": "it stops no meeting, as nothing of this does; `meeting show` says what stands by it. "
            "Members that must be there: a whole number, settings.NAME, or of the members `half`, `two_thirds` or `all`",
            "invite": "`all` (usual): every member is to be told; `some`: the school whose pupil it is, and the one that is to receive",
            "absent": "`bound` (usual): who was told and stayed away is bound; `free`: a receiving school that was not there must accept",
            "notice": f"how long before the meeting: {LENGTH}, the day of telling not counted, the meeting's day counted",
            "members": "kinds of setting that are members of the panel; all but inclusion_centre where it is left out",
            "others": "who must be represented beside the schools, by names of your own such as `local_authority`; no person's name",
            "chair": "`any` (usual), or `rotates`: of the members there, the one that has had the chair longest ago, or never, has it",
            "own_referral": "`vote` (usual), or `no_vote`: the school whose pupil it is, or that excluded the pupil, does not vote on it",
            "interest": "`vote` (usual), or `no_vote`: a school that declared an interest in a case does not vote on it",
            "exemption": f"how long a vote of the panel may exempt a school at the longest, the first day counted: {LENGTH}; {A_YEAR}. "
            "`pastoral exempt` refuses a longer one; a new vote may follow it",
            "votes": "how many votes carry a decision; where it is left out nobody has to write down how the schools voted",
        },
    ),
    (
        "meeting, votes",
        shape.VotesShape,
        {
            "majority": "for the decision are `simple`: more than half; `two_thirds`: at least two thirds; `three_quarters`: at "
            "least three quarters; `all`: every one",
            "of": "`voting` (usual): of the votes for and against, so that whoever abstains counts for nothing; `present`: of the "
            "members that are there and may vote on it, so that whoever abstains is not for it",
            "casting_vote": "`none` (usual), or `chair`: where the votes for and against are equal, the chair has one more; only with "
            "majority: simple",
            "others": "`no_vote` (usual), or `vote`: those whom the book names beside the schools vote as well",
        },
    ),
    (
        "lifecycle, of each kind",
        shape.LifecycleShape,
        {
            "placement": "`permanent`, `temporary` or `admission`",
            "agreed_by": "parent, pupil, home_school, receiving_school, receiving_admission_authority, local_authority",
            "trial": "`never`, or `{lasts: 30 school days, at_end: permanent, ends_as: [permanent, return]}`: of a managed move only in a "
            "book of before 26 July 2026; of a reintegration with `placement: permanent`",
            "decided_by": "who decides",
            "register": "the attendance code",
            "notice": f"how long before it begins: {LENGTH}",
            "reviews": "a list of such lengths of time after it began",
            "lasts": f"of what is temporary, how long at the longest, the first day counted: {LENGTH}; {A_YEAR}",
            "extension": "of what is temporary, `{by: ..., times: ...}`: how much longer it may be made than that, and how often; without "
            "it as often as anybody likes, within `lasts`",
            "ends_as": "return, extend, managed_move, permanent, admission",
            "authority": AUTHORITY,
        },
    ),
    (
        "trial",
        shape.TrialShape,
        {
            "weeks": "1 to 52 weeks of the calendar, or settings.NAME; this or `lasts`",
            "lasts": f"how long, the first day counted: {LENGTH}; {A_YEAR}",
            "extension": "`{by: ..., times: ...}`: how much longer it may be made, and how often; never where it is left out",
            "at_end": "`permanent` or `return`, if nobody says otherwise",
            "ends_as": "the ends that it may have",
        },
    ),
    (
        "extension, of a trial or of what is temporary",
        shape.ExtensionShape,
        {
            "by": f"the most by which each time: {LENGTH}; {A_YEAR}",
            "times": f"how often, 1 to {MOST_EXTENSIONS}: once where it is left out",
        },
    ),
)
