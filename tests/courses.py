"""A small invented panel for stories of what becomes of a decision: three schools, one pupil at a time, and no choice to speak of.

The book stands on the statutory layer and asks the pupil too. Ash is every pupil's home school unless a story says otherwise;
Beech is preferred before Cob where both are open.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

from panel.facts.rolls import occupied, on_roll
from panel.record.ledger import Ledger
from panel.state.fold import fold
from panel.state.records import State
from panel.steps.office import Office
from tests.running import Panel, Said, url

ASH, BEECH, COB, UNIT = "200001", "200002", "200003", "200009"

BOOK: Final = """\
rulebook: weir
edition: {from: 2026-09-01}
title: Weir partnership
authority: {instrument: Weir agreement (invented)}
extends: england
counts:
  load: {of: [placements, outside_admissions], over: academic_year}
  after_exclusion: {of: [placements, outside_admissions], where: admission.after_exclusion, over: academic_year}
bars:
  - id: broke-down-here
    when: candidate.broke_down_here
    say: A placement of this pupil at {school.name} broke down.
    examples:
      - {name: it did, given: {candidate.broke_down_here: true}, expect: fires}
      - {name: it did not, given: {candidate.broke_down_here: false}, expect: silent}
notices:
  - id: second-time
    when: referral.earlier_placement_broke_down
    say: An earlier placement of this pupil broke down.
    examples:
      - {name: one did, given: {referral.earlier_placement_broke_down: true}, expect: fires}
      - {name: none did, given: {referral.earlier_placement_broke_down: false}, expect: silent}
  - id: not-to-be-shared
    when: not referral.sharing_agreed
    say: The parent has not agreed that the schools are told of the case.
    examples:
      - {name: not agreed, given: {referral.sharing_agreed: false}, expect: fires}
      - {name: agreed, given: {referral.sharing_agreed: true}, expect: silent}
objectives: [place, {preference: {unranked: 4}}, lottery]
lifecycle:
  managed_move: {agreed_by: [parent, pupil, receiving_admission_authority]}
  off_site_direction: {reviews: [3 weeks, 6 weeks]}
"""
SCHOOLS: Final = f"""\
URN,EstablishmentName,PhaseOfEducation (name),Setting,NumberOfPupils,Places,occupied
{ASH},Ash School,Secondary,mainstream,900,,
{BEECH},Beech School,Secondary,mainstream,900,,
{COB},Cob School,Secondary,mainstream,900,,
{UNIT},Weir Unit,,pru,,8,2
"""
PLACES: Final = "urn,year_group,pan,on_roll,as_at\n" + "".join(
    f"{urn},{year},180,170,2026-09-15\n" for urn in (ASH, BEECH, COB) for year in (9, 10)
)
TERMS: Final = "from,to\n2026-09-02,2026-10-23\n2026-11-02,2026-12-18\n2027-01-04,2027-03-25\n2027-04-12,2027-07-21\n"


def weir(folder: Path, *, book: str = BOOK, terms: bool = True) -> Panel:
    """The panel, founded and loaded, with no case before it."""
    panel = Panel(folder / "weir.db")
    panel("init", "--rulebook", str(panel.file("weir.yaml", book)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "places", str(panel.file("places.csv", PLACES)))
    if terms:
        panel("load", "terms", str(panel.file("terms.csv", TERMS)))
    return panel


def refer(panel: Panel, name: str = "R1", pupil: str = "P1", kind: str = "managed_move", *more: str, home: str = ASH) -> None:
    """Put a pupil of year 9 to the panel, on 1 October 2026, with the agreements that a managed move needs."""
    given = ["--pupil", pupil, "--kind", kind, "--year-group", "9", "--made-on", "2026-10-01", "--home-school", home, "--ehcp", "no"]
    given += ["--looked-after", "no", "--preferences", f"{BEECH};{COB}", "--interventions-evidenced", "yes"]
    given += ["--parent-agrees-on", "2026-09-30", "--home-school-agrees-on", "2026-09-30"] if kind == "managed_move" else []
    panel("refer", name, *given, *more)


def meet(panel: Panel, day: str, *confirmed: str) -> Any:
    """A meeting from its opening to its close, in which those named are confirmed; what was proposed to it."""
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    proposed = panel.json("allocate")
    if confirmed:
        panel("decide", *confirmed, "--confirm")
    panel("meeting", "close")
    return proposed


def placed(proposed: Any) -> dict[str, str]:
    """Referral -> the school that was proposed."""
    return {row["referral"]: row["school"] for row in proposed["placements"]}


def loads(panel: Panel, *options: str, count: str = "load") -> dict[str, int]:
    """Schools that have taken anybody, and how many."""
    schools = panel.json("position", *options)["schools"]
    return {row["school"]: row["counts"][count] for row in schools if row["counts"][count]}


def flat(said: Said) -> str:
    """An answer on one line, however wide the page."""
    return " ".join(said.out.split())


def rolls(panel: Panel, as_of: str, year_group: int = 9) -> dict[str, int]:
    """Year 9 of Ash and Beech at the end of a day; 170 each were counted."""
    day = dt.date.fromisoformat(as_of)
    state = _state(panel, day)
    return {urn: on_roll(state, urn, year_group, day) or 0 for urn in (ASH, BEECH)}


def taken_at_the_unit(panel: Panel, as_of: str) -> int:
    """Places of the Weir Unit that are taken at the end of a day; 2 were counted."""
    return occupied(_state(panel, dt.date.fromisoformat(as_of)), UNIT) or 0


def _state(panel: Panel, day: dt.date) -> State:
    with Office(Ledger.open(url(panel.ledger)), actor="test") as office:
        return fold(office.record, as_of=day)


def clean(panel: Panel) -> None:
    """The record verifies, and every decision comes out again."""
    assert panel.json("audit", "verify")["ok"] is True
    replayed = panel.json("audit", "replay")
    assert replayed["divergences"] == [], replayed


def agreed(panel: Panel, name: str = "R1", school: str = BEECH, on: str = "2026-10-28") -> None:
    """Everybody whom the book asks agrees on a day."""
    for who in (school, "parent", "pupil"):
        panel("accept", name, "--by", who, "--on", on)
