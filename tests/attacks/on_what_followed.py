"""Attacks on what becomes of a decision, of schools and of money: entries of kinds that the story does not have, or has once.

Each is put behind everything else by somebody who makes every digest and seal fit, and who could not have recorded it with the
program: `audit verify` sees nothing, `audit replay` does. What people chose, and nothing contradicts, only a checkpoint shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from panel.canonical import canonical
from panel.record.chain import SEALS, Entry, Sealed
from tests.attacks.attack import Forged, attack
from tests.attacks.forgery import Body, Copy, chained
from tests.attacks.pieces import OPENED

LATER: Final = "2026-12-03"
MOVED: Final[Body] = {"referral": "R01", "pupil": "P01"}
"""A managed move that was confirmed for 900011, and to which nobody has answered yet."""
STARTED: Final[Body] = {"referral": "R08", "pupil": "P08"}
"""A managed move to 900008 that everybody agreed to, and that started on 3 November."""
DIRECTED: Final[Body] = {"referral": "R05", "pupil": "P05"}
"""A direction off site to 900021, on which the home school's board has not said a word."""
EXCLUDED: Final[Body] = {"referral": "R02", "pupil": "P02"}
"""An excluded pupil, confirmed for 900006."""
WITHDRAWN: Final[Body] = {"referral": "R09", "pupil": "P09"}
WAITING: Final[Body] = {"referral": "R31", "pupil": "P31"}
"""Was never on an agenda that decided it."""
SIGNED: Final = 163
"""An entry that can be corrected: the home school's agreement to R01."""


@dataclass(frozen=True, slots=True)
class Further:
    """An entry put behind the others: its kind, its open part, and what is sealed in it, about its pupil or somebody else."""

    kind: str
    body: Body
    sealed: Body = field(default_factory=dict)
    about: str = ""


def further(kind: str, /, *bodies: Body, sealed: Body | None = None, **fields: Any) -> Further:
    """An entry of a kind, on a day after all others unless it says another."""
    body: Body = {"version": 1, "on": LATER}
    for one in (*bodies, fields):
        body |= one
    return Further(kind, {key: value for key, value in body.items() if value is not None}, sealed or {})


WHY: Final[Body] = {"reason": "because"}


def behind(copy: Copy, *more: Further) -> Copy:
    """The rows with entries put behind them, everything chained anew."""
    entries, sealed = list(copy.entries), list(copy.sealed)
    for one in more:
        seq, body = len(entries) + 1, dict(one.body)
        if one.sealed:
            part = Sealed(seq, one.about or str(body.get("pupil", "panel")), "case", bytes(32), canonical(one.sealed).decode())
            body[SEALS] = [{"class": part.kind, "commitment": part.commitment(), "subject": part.subject}]
            sealed.append(part)
        entries.append(Entry(seq, entries[-1].recorded_at, "clerk", one.kind, canonical(body).decode(), "", ""))
    return chained(Copy(tuple(entries), tuple(sealed), copy.also, copy.kept))


def last(copy: Copy) -> Iterable[int]:
    return [len(copy.entries)]


def put_behind(name: str, what: str, *more: Further, by: Any = "replay", at: int = 0) -> None:
    """Put an attack on the list: the last of its entries is found, `at` so many before it, by what is wrong with it."""

    def do(copy: Copy, seq: int) -> Forged:
        return Forged(behind(copy, *more), seq + len(more) - at if by == "replay" else 0, what)

    do.__name__ = name.replace(" ", "_")
    attack(name, by, last)(do)


# --- after the decision ---

put_behind("lets a placement start to which nobody has agreed", "step", further("placement started", MOVED, school="900011"))
put_behind("lets a placement start twice", "step", further("placement started", STARTED, school="900008"))
put_behind("lets a family agree to another school than was decided", "step", further("family agreed", MOVED, by="parent", school="900002"))
put_behind("lets somebody else's pupil agree", "pupil", further("family agreed", MOVED, pupil="P02", by="parent", school="900011"))
put_behind("lets a family refuse what has started", "step", further("family refused", STARTED, by="parent", school="900008", sealed=WHY))
put_behind("lets the home school agree to what has started", "step", further("partner agreed", STARTED, by="home_school", school="900008"))
put_behind(
    "lets the authority refuse where nobody asks it",
    "step",
    further("partner refused", MOVED, by="local_authority", school="900011", sealed=WHY),
)
put_behind("lets the authority agree where nobody asks it", "step", further("partner agreed", MOVED, by="local_authority", school="900011"))
put_behind(
    "lets a school agree before anything was decided", "on", further("receiving school agreed", EXCLUDED, school="900006", on="2026-09-23")
)
put_behind(
    "lets a school refuse before anything was decided",
    "on",
    further("receiving school refused", EXCLUDED, school="900006", on="2026-09-23", sealed=WHY),
)
put_behind("forges a governing board's decision on a managed move", "step", further("governing board directed", MOVED, school="900011"))
put_behind("forges a governing board's decision for another school", "step", further("governing board directed", DIRECTED, school="900022"))
put_behind(
    "lets a governing board decline what is none of its own",
    "step",
    further("governing board declined", MOVED, school="900011", sealed=WHY),
)
put_behind("gives notice of a direction that no board has decided", "step", further("notice given", DIRECTED))
put_behind("reviews a placement that has not started", "step", further("placement reviewed", DIRECTED, sealed=WHY))
put_behind("extends a placement that is permanent", "step", further("placement extended", STARTED, until="2027-03-25", sealed=WHY))
put_behind("makes a placement permanent that has not started", "step", further("placement made permanent", DIRECTED))
put_behind("ends a placement that has not started", "step", further("placement ended", DIRECTED, end="return", sealed=WHY))
put_behind("breaks a placement down that has not started", "step", further("placement broken down", MOVED, returned=False, sealed=WHY))
put_behind(
    "sends a pupil back to the home school who was moved for good",
    "step",
    further("placement broken down", STARTED, returned=True, sealed=WHY),
)
put_behind(
    "refers a pupil on from a placement that goes on",
    "follows",
    further(
        "referral made", pupil="P08", referral="R08-2", referral_kind="fair_access", year_group=9, made_on=LATER, follows="R08", on=None,
        permanently_excluded=False, sealed={"suited_to": "mainstream"},
    ),
)  # fmt: skip
put_behind(
    "takes an agreement back after the pupil has started, and the placement with it",
    "step",
    further("agreement withdrawn", referral="R08", by="parent", school="900008"),
)
put_behind("takes an agreement to share back that nobody gave", "by", further("information-sharing withdrawn", MOVED, by="parent"))
put_behind("agrees to share information twice", "by", *(further("information-sharing agreed", MOVED, by="parent"),) * 2)
put_behind(
    "records of another pupil that information is shared", "pupil", further("information-sharing agreed", MOVED, pupil="P02", by="parent")
)
put_behind("tells a family of a decision before it", "on", further("family told", MOVED, on="2026-09-23"))
put_behind("lets education start of a case that was withdrawn", "referral", further("education started", WITHDRAWN))
put_behind("lets education start before the referral", "on", further("education started", STARTED, on="2020-01-01"))
put_behind("lets education start before the exclusion that it follows", "on", further("education started", EXCLUDED, on="2020-01-01"))
put_behind(
    "reverses an exclusion that nobody recorded",
    "excluded_on",
    further("permanent exclusion reversed", pupil="P02", school="900001", excluded_on="2020-01-01", how="quashed", sealed=WHY),
)
EXPELLED: Final[Body] = {"pupil": "P22", "school": "900008", "on": "2026-11-11"}
put_behind("counts an exclusion twice", "pupil", further("permanent exclusion", EXPELLED, year_group=10))
put_behind(
    "brings a paper of a case that was withdrawn", "referral", further("paper recorded", WITHDRAWN, sealed={"here": True, "paper": "x"})
)

put_behind(
    "refers a pupil a second time whose case is waiting",
    "pupil",
    further(
        "referral made", pupil="P31", referral="R31-2", referral_kind="fair_access", year_group=9, made_on=LATER, on=None,
        permanently_excluded=False, sealed={"suited_to": "mainstream"},
    ),
)  # fmt: skip

# --- directions ---

put_behind("directs a school that was not told", "step", further("direction step", EXCLUDED, school="900006", step="directed", sealed=WHY))
put_behind(
    "directs a school to a managed move", "referral", further("direction step", MOVED, school="900011", step="announced", sealed=WHY)
)
put_behind(
    "tells a school of a direction that has nothing to do with the case",
    "school",
    further("direction step", EXCLUDED, school="900001", step="announced", sealed=WHY),
)
put_behind(
    "lets a school admit twice",
    "step",
    further("direction step", EXCLUDED, school="900006", step="announced", sealed=WHY),
    *(further("direction step", EXCLUDED, school="900006", step="admitted"),) * 2,
)

# --- meetings ---

put_behind(
    "declares an interest when no meeting is open",
    "referral",
    further("interest declared", MOVED, meeting=3, on="2026-11-26", school="900001", sealed=WHY),
)

# --- money ---

put_behind(
    "claims travel for a placement that was not decided", "claim", further("transport claimed", WAITING, pence=1, first=LATER, last=LATER)
)
put_behind(
    "claims travel for a referral that nobody made",
    "referral",
    further("transport claimed", pupil="P99", referral="R99", pence=1, first=LATER, last=LATER),
)
put_behind("claims less than nothing", "pence", further("transport claimed", STARTED, pence=-1, first=LATER, last=LATER))
put_behind(
    "claims travel for days before the first one at the school",
    "claim",
    further("transport claimed", STARTED, pence=1, first="2026-11-02", last=LATER),
)
put_behind(
    "claims the same days twice", "claim", *(further("transport claimed", STARTED, pence=1, first="2026-11-03", last="2026-12-01"),) * 2
)

put_behind("sets a fund of less than nothing", "pence", further("fund set", financial_year=2026, pence=-1, on=None))
put_behind("sets a budget of less than nothing", "pence", further("budget set", academic_year=2026, transport_pence=-1, on=None))

# --- schools ---

NOWHERE: Final = "900099"
AT: Final[Body] = {"pupil": "P99", "school": NOWHERE, "year_group": 9}
put_behind("counts a pupil at a school that nobody recorded", "school", further("outside admission", AT))
put_behind(
    "counts an earlier placement at a school that nobody recorded",
    "school",
    further("placement before the ledger", AT, referral_kind="managed_move"),
)
put_behind("counts an exclusion by a school that nobody recorded", "school", further("permanent exclusion", AT))
put_behind("counts places at a school that nobody recorded", "urn", further("places recorded", urn=NOWHERE, as_at=LATER, years=[], on=None))
put_behind(
    "exempts a school that nobody recorded",
    "urn",
    further("exemption voted", urn=NOWHERE, first=LATER, last=LATER, on=None, sealed=WHY),
)
put_behind(
    "measures the way to a school that nobody recorded",
    "urn",
    further("journeys recorded", pupil="P31", on=None, sealed={"journeys": [{"urn": NOWHERE, "metres": 1}]}),
)
put_behind("merges a school with itself", "merged", further("school merged", urn="900002", merged=["900002"]))
put_behind("merges a school that nobody recorded", "urn", further("school merged", urn="900002", merged=["900002", "900099"]))
put_behind("closes a school twice", "urn", *(further("school closed", urn="900009"),) * 2)
put_behind(
    "renames a school that is closed", "urn", further("school closed", urn="900009"), further("school renamed", urn="900009", name="N")
)
put_behind("lets a school go on as itself", "urn", further("school converted", urn="900003", before="900003"))
put_behind("lets a school go on as another that has pupils", "urn", further("school converted", urn="900002", before="900003"))
put_behind("merges schools into another that has pupils", "urn", further("school merged", urn="900002", merged=["900003", "900004"]))
put_behind("lets a school join that was a member all the time", "urn", further("school joined", urn="900001"))
put_behind("lets a school join twice", "urn", further("school left", urn="900009"), *(further("school joined", urn="900009"),) * 2)
put_behind("lets a school leave twice", "urn", *(further("school left", urn="900009"),) * 2)
put_behind(
    "dates a change of a school back behind its last one",
    "on",
    further("school left", urn="900009"),
    further("school joined", urn="900009", on="2026-12-01"),
)

# --- corrections ---


def correction(n: int, body: Body | None, pupil: str | None = "P01", sealed: Body | None = WHY) -> Further:
    return further("correction", corrects=n, pupil=pupil, body=body, sealed=sealed)


MADE: Final = 162
"""The entry that made R01."""
REFERRED: Final[Body] = {
    "version": 1,
    "referral": "R01",
    "pupil": "P01",
    "referral_kind": "managed_move",
    "year_group": 9,
    "made_on": "2026-09-10",
}
AGREED: Final[Body] = {"version": 1, "on": "2026-09-10", "referral": "R01", "by": "home_school"}
put_behind("corrects a decision", "corrects", correction(196, {"version": 1}))
put_behind("corrects an entry that is not there", "corrects", correction(9999, AGREED))
put_behind("corrects without a reason", "case", correction(SIGNED, AGREED, sealed=None))
put_behind("corrects an entry as if it were another pupil's", "pupil", correction(SIGNED, AGREED, pupil="P02"))
put_behind("gives an entry to another referral by a correction", "body.referral", correction(SIGNED, {**AGREED, "referral": "R02"}))
put_behind("takes a school out of the record by a correction", "body", correction(17, None, pupil=None))
put_behind("takes a referral out of the record that was decided", "body", correction(MADE, None))
put_behind("gives a referral that was decided another name", "body.referral", correction(MADE, {**REFERRED, "referral": "R99"}))
put_behind("makes a decision impossible by a correction", "corrects", correction(252, None, pupil="P08"))
put_behind(
    "takes a correction back that another one followed",
    "corrects",
    correction(SIGNED, AGREED),
    correction(SIGNED, {**AGREED, "on": "2026-09-09"}),
    correction(306, None),
)

# --- erasures ---


def gone(copy: Copy, seq: int, subject: str) -> Copy:
    """The rows without one sealed part."""
    return replace(copy, sealed=tuple(row for row in copy.sealed if (row.seq, row.subject) != (seq, subject)))


def opened(copy: Copy) -> Iterable[int]:
    return copy.of(OPENED)


def erasure(pupil: str, *parts: tuple[int, str], kept: Body | None = None) -> Further:
    listed = [{"seq": seq, "subject": subject, "sealed": "case"} for seq, subject in parts]
    told = Further("person erased", {"version": 1, "pupil": pupil, "parts": listed})
    return replace(told, sealed={**WHY, "kept": kept or {}}, about="panel")


@attack("erases what a meeting knew of its schools under the name of a pupil", "replay", opened)
def schools_erased(copy: Copy, seq: int) -> Forged:
    return Forged(behind(gone(copy, seq, "panel"), erasure("P09", (seq, "panel"))), seq, "shared")


@attack("erases all of another child under the name of a pupil, so that nobody misses it", "replay", last)
def another_erased(copy: Copy, seq: int) -> Forged:
    told, parts = copy, [(row.seq, row.subject) for row in copy.sealed if row.subject == "P31"]
    for part in parts:
        told = gone(told, *part)
    return Forged(behind(told, erasure("P09", *parts)), seq + 1, "parts")


@attack("says by an erasure what another case should count", "replay", last)
def kept_of_another(copy: Copy, seq: int) -> Forged:
    return Forged(behind(copy, erasure("P09", kept={"165": {"ehcp": True}})), seq + 1, "case.kept")


@attack("says of a pupil who was not erased that this was done", "replay", last)
def nothing_erased(copy: Copy, seq: int) -> Forged:
    return Forged(behind(copy, erasure("P09")), seq + 1, "parts")


@attack("erases a pupil and says no reason", "replay", last)
def erased_without_a_reason(copy: Copy, seq: int) -> Forged:
    told, parts = copy, [(row.seq, row.subject) for row in copy.sealed if row.subject == "P09"]
    for part in parts:
        told = gone(told, *part)
    return Forged(behind(told, replace(erasure("P09", *parts), sealed={})), seq + 1, "case")


# --- what only a checkpoint shows ---

put_behind("sets a fund that nobody voted", "added", further("fund set", financial_year=2026, pence=1, on=None), by="checkpoint")
put_behind("lets a school agree to close that did not", "added", further("school closed", urn="900009"), by="checkpoint")
put_behind(
    "corrects, with some reason, what nothing else rests on",
    "added",
    correction(253, {"version": 1, "on": "2026-10-27", "by": "parent", "pupil": "P08", "referral": "R08", "school": "900008"}, pupil="P08"),
    by="checkpoint",
)
put_behind(
    "claims travel that nobody claimed", "added", further("transport claimed", STARTED, pence=1, first=LATER, last=LATER), by="checkpoint"
)
put_behind("lets a family agree that did not", "added", further("family agreed", MOVED, by="parent", school="900011"), by="checkpoint")
