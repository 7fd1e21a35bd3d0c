"""Every open field of every kind of entry, each judged by a person: a reference, a day, a school, an outcome, a count or money.

Whoever adds a field to an event adds it here, and says by that: it may stand in the chain for ever, readable by everybody who has
the file, also after an erasure. Words about a child, what a child is or has, where it lives and who it is are sealed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from panel import events as ev
from tests.running import harbour

A_STEP: Final = "on pupil referral"
OPEN: Final[dict[str, str]] = {
    "panel founded": "name rulebook",
    "rulebook adopted": "name edition digest text",
    "school recorded": (
        "urn name setting phase intake low_age high_age opened_on closes_on closing closed roll places occupied special_measures ofsted "
        "federation head_in_first_term selective easting northing agreed_number share_weight rota_place occupied_anew facts offers"
    ),
    "places recorded": "urn as_at years",
    "term recorded": "first last closed",
    "budget set": "academic_year transport_pence",
    "fund set": "financial_year pence",
    "exemption voted": "urn meeting year_group of first last votes",
    "outside admission": "on pupil school year_group permanently_excluded points over_number",
    "placement before the ledger": "on pupil school referral_kind home_school permanently_excluded year_group outcome ended_on",
    "permanent exclusion": "on pupil school year_group",
    "referral made": (
        "pupil referral referral_kind permanently_excluded year_group home_school no_home_school excluded_by made_on accepted_on follows "
        "later_year_groups"
    ),
    "referral withdrawn": A_STEP,
    "agreement signed": "on referral by",
    "agreement withdrawn": "on referral by school",
    "paper recorded": A_STEP,
    "journeys recorded": "pupil",
    "identity recorded": "pupil",
    "meeting opened": "on meeting chair chair_of agenda agenda_digest rulebook edition rulebook_digest semantics",
    "meeting invited": "on meeting schools told_on",
    "meeting attended": "on meeting schools others",
    "interest declared": "on meeting pupil school referral",
    "meeting drawn": "on meeting words seed",
    "placements proposed": "on meeting seed rulebook_digest semantics placements unplaced held fixed objectives leaves unique",
    "decision taken": "on meeting pupil referral outcome school starts proposal transport_pence over_number keeps_place voted votes",
    "meeting closed": "on meeting",
    "receiving school agreed": "on referral pupil school",
    "receiving school refused": "on pupil referral school",
    "family agreed": f"{A_STEP} by school",
    "family refused": f"{A_STEP} by school",
    "partner agreed": f"{A_STEP} by school",
    "partner refused": f"{A_STEP} by school",
    "information-sharing agreed": f"{A_STEP} by",
    "information-sharing withdrawn": f"{A_STEP} by",
    "family told": A_STEP,
    "governing board directed": f"{A_STEP} school",
    "governing board declined": f"{A_STEP} school",
    "notice given": A_STEP,
    "education started": A_STEP,
    "placement started": f"{A_STEP} school until register_code",
    "placement reviewed": A_STEP,
    "placement extended": f"{A_STEP} until",
    "placement made permanent": A_STEP,
    "placement ended": f"{A_STEP} end",
    "placement broken down": f"{A_STEP} returned",
    "permanent exclusion reversed": "on pupil school excluded_on how",
    "direction step": f"{A_STEP} school step",
    "transport claimed": f"{A_STEP} pence first last",
    "school merged": "on urn merged",
    "school closed": "on urn",
    "school renamed": "on urn name",
    "school converted": "on urn before",
    "school joined": "on urn",
    "school left": "on urn",
    "correction": "on corrects pupil body",
    "person erased": "pupil parts",
}
"""Kind -> its open fields. The `body` of a correction is the open part of the entry that it corrects, and no more."""

OF_NO_CHILD: Final = {"exemption voted", "person erased"}
"""Kinds whose one sealed part is about the panel: words on a school, and what stays of somebody for the counts' sake."""


@pytest.mark.parametrize("event", ev.EVENTS, ids=lambda event: event.kind)
def test_an_event_has_no_open_field_that_nobody_judged(event: type[ev.Event]) -> None:
    assert set(event.model_fields) - event.sealed_fields == set(OPEN[event.kind].split())


def test_no_kind_is_left_out() -> None:
    assert [event.kind for event in ev.EVENTS] == list(OPEN)


@pytest.mark.parametrize(
    "event", [event for event in ev.EVENTS if {"case", "identity"} & set(event.model_fields)], ids=lambda one: one.kind
)
def test_what_is_sealed_of_one_child_is_sealed_under_that_child(event: type[ev.Event]) -> None:
    """Or an erasure would leave it: it takes what is about the pupil."""
    said = event.model_construct(None, **({"pupil": "P1"} if "pupil" in event.model_fields else {}))
    assert said.subject == ("panel" if event.kind in OF_NO_CHILD else "P1")


def test_what_a_placing_is_worth_is_sealed(tmp_path: Path) -> None:
    """Of a meeting with one pupil the sum of journeys is that pupil's own. Records made before this have it in the open, and replay."""
    panel = harbour(tmp_path, "closed")
    body = json.loads(panel.column("body", "placements proposed"))
    assert "objectives" not in body
    assert panel.json("audit", "certificate", _proposal(panel.bodies()))["objectives"]


def _proposal(bodies: str) -> str:
    return next(line.split()[0] for line in bodies.splitlines() if " placements proposed " in line)
