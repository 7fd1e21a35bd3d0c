"""A school whose position is recorded anew: what was estimated to the old one is estimated again, what was measured is named.

An estimate follows from two points, so that it follows again; a measured way is somebody's word, and stays until it is
measured anew. It goes through the pupils who wait, and records nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from panel import events as ev
from panel.facts.journeys import estimate
from panel.state.records import State


def estimated_anew(state: State, schools: Iterable[ev.SchoolRecorded]) -> tuple[tuple[ev.JourneysRecorded, ...], tuple[str, ...]]:
    """The journeys that change with the schools as they are to be recorded, and a line for each school that changed its place."""
    moved = {one.urn: one for one in schools if _changed(state, one)}
    waiting = {held.made.pupil: held for held in state.referrals.values() if held.status == "waiting"}
    made: list[ev.JourneysRecorded] = []
    for pupil, held in sorted(waiting.items()):
        ways = state.journeys.get(pupil, {})
        home = held.case.easting, held.case.northing
        anew = [way for urn, school in moved.items() if urn in ways and ways[urn].estimate and (way := estimate(home, school))]
        rows = tuple(ways[way.urn].model_copy(update={"metres": way.metres}) for way in anew if way.metres != ways[way.urn].metres)
        if rows:
            made.append(ev.JourneysRecorded(pupil=pupil, case=ev.JourneyRows(journeys=rows)))
    return tuple(made), tuple(_told(state, moved, waiting, made))


def _changed(state: State, school: ev.SchoolRecorded) -> bool:
    before = state.schools.get(school.urn)
    return before is not None and (before.easting, before.northing) != (school.easting, school.northing)


def _told(
    state: State, moved: Mapping[str, ev.SchoolRecorded], waiting: Iterable[str], made: Iterable[ev.JourneysRecorded]
) -> Iterator[str]:
    pupils = [state.journeys.get(pupil, {}) for pupil in waiting]
    done = [row.urn for one in made if one.case for row in one.case.journeys]
    for urn, school in moved.items():
        ways = [its[urn] for its in pupils if urn in its]
        measured = sum(not way.estimate and way.metres is not None for way in ways)
        estimates = sum(way.estimate for way in ways)
        if school.easting is None or school.northing is None:
            said = [f"estimated and left as they are, for nobody says where it lies now: {estimates}"] if estimates else []
        else:
            said = [f"estimated anew: {done.count(urn)} of {estimates}"] if estimates else []
        said += [f"measured and left as they are: {measured} (`pastoral transport measure --again`, or load journeys)"] if measured else []
        if said:
            yield f"{urn} {school.name} lies elsewhere; ways of pupils who wait, {'; '.join(said)}"
