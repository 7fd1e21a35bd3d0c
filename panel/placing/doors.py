"""The doors of each setting: whom its rooms and tallies tell apart, nested, so that a flow can count them.

A kind is all pupils whom the same rooms and tallies speak of. A door is a set of kinds at one setting; doors nest, and the
setting itself is the outermost. Tallies must nest. A room for everybody, or one within the doors that are counted, is the
capacity of a door. One that crosses a door is no flow: its pupils come by several gates, each keeps within the room,
together they could overfill it. So is, to spare columns, one around a door that is counted: what binds further out than
that must be spelled out level by level (see `panel/placing/marginals.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from panel.errors import PlacementError
from panel.placing.problem import Problem, Room, Tally, tallies_of

Counting = tuple[int, Tally]
"""An objective, by its place in the problem, and one of its tallies."""


@dataclass(eq=False, slots=True)
class Door:
    """One node of a setting: who enters (a bit for each kind), how many at most, which tallies count them.

    `full` says that it lets in fewer than come to it; `outer` is None where the sink comes next.
    """

    setting: str
    name: str
    kinds: int
    places: int = 0
    outer: Door | None = None
    counts: list[Counting] = field(default_factory=list)
    full: bool = False
    node: int = 0


@dataclass(frozen=True, slots=True)
class Contested:
    """A room whose pupils come by several gates and could overfill it together: each keeps within it, together is no flow."""

    room: Room
    kinds: int
    gates: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kind of each pupil, and a bit for each kind inside every set of pupils that a room or a tally speaks of."""

    of: tuple[int, ...]
    inside: Mapping[frozenset[str], int]
    everybody: int


def kinds_of(problem: Problem) -> Kinds:
    """Raises `PlacementError` where two tallied sets of pupils overlap without nesting."""
    tallied = {tally.of: o.name for o in problem.objectives for tally in tallies_of(o)}
    sets = list({**tallied, **dict.fromkeys(room.of for room in problem.rooms)})
    spoken = dict.fromkeys(problem.referrals, 0)
    for n, of in enumerate(sets):
        for p in of:
            if p in spoken:
                spoken[p] |= 1 << n
    number: dict[int, int] = {}
    kinds = tuple([number.setdefault(traits, len(number)) for traits in spoken.values()])
    inside = {of: sum([1 << k for traits, k in number.items() if traits >> n & 1]) for n, of in enumerate(sets)}
    known = [(inside[of], name) for of, name in tallied.items()]
    for n, (mask, name) in enumerate(known):
        for other, other_name in known[:n]:
            if not _nest(mask, other):
                raise PlacementError(
                    f"The objectives '{other_name}' and '{name}' count pupils who overlap without one kind containing the other. "
                    "Such numbers cannot be levelled together with a proof; let one count all that the other counts, or nobody it counts."
                )
    return Kinds(kinds, inside, (1 << len(number)) - 1)


def _nest(one: int, other: int) -> bool:
    return one & other in (0, one, other)


def doors_of(
    s: str, coming: Mapping[int, int], kinds: Kinds, tallies: Iterable[Counting], rooms: Iterable[Room]
) -> tuple[list[Door], dict[int, Door], list[Contested]]:
    """The doors of one setting, inner before outer; where each kind enters; the rooms that gates share.

    `coming` is how many may go there of each kind, known by its bit; `tallies` those that can matter here.
    """
    everybody = sum(coming)
    rings = {everybody: Door(s, s, everybody)}
    for i, tally in tallies:
        within = kinds.inside[tally.of] & everybody
        if within not in rings:
            rings[within] = Door(s, f"{s} {tally.part or 'counted by'} {i + 1}", within)
        rings[within].counts.append((i, tally))
    caps, crossing = _rooms(s, coming, kinds, rooms, rings)
    nested = sorted(rings.values(), key=_by_kinds) if len(rings) > 1 else list(rings.values())
    for n, ring in enumerate(nested, 1):
        for wider in nested[n:]:
            if wider.kinds & ring.kinds:
                ring.outer = wider
                break
    gates, enter = _gates(s, coming, nested, crossing)
    _fill(coming, enter, gates, nested, caps)
    if not crossing:
        return nested, enter, []
    shared = [Contested(room, within, tuple([gate for gate in gates if gate.kinds & within])) for within, room in crossing]
    return [*gates, *nested], enter, [one for one in shared if sum([gate.places for gate in one.gates]) > max(0, one.room.places)]


def _by_kinds(door: Door) -> tuple[int, int]:
    return door.kinds.bit_count(), door.kinds


def _rooms(
    s: str, coming: Mapping[int, int], kinds: Kinds, rooms: Iterable[Room], rings: dict[int, Door]
) -> tuple[dict[int, int], list[tuple[int, Room]]]:
    """The rooms that can bind here: the places of those that are a door's, which `rings` has then, and those that gates share."""
    everybody, counted = next(iter(rings)), [ring for ring, door in rings.items() if door.counts]
    binding = []
    for room in rooms:
        within = kinds.inside[room.of] & everybody if room.places < len(room.of) else 0
        if within and max(0, room.places) < (coming.get(within) or sum([n for k, n in coming.items() if within & k])):
            binding.append((within, room))
    caps: dict[int, int] = {}
    crossing = []
    for within, room in sorted(binding, key=_by_reach) if len(binding) > 1 else binding:
        # One kind alone crosses no door, and is around none.
        if within not in coming and (_crosses(within, rings) or (_around(within, counted) and kinds.inside[room.of] != kinds.everybody)):
            crossing.append((within, room))
            continue
        if within not in rings:
            rings[within] = Door(s, f"{s} {room.name}", within)
        places = max(0, room.places)
        caps[within] = min(places, caps.get(within, places))
    return caps, crossing


def _by_reach(binding: tuple[int, Room]) -> int:
    return -binding[0].bit_count()


def _crosses(within: int, rings: Iterable[int]) -> bool:
    return any(within & ring not in (0, within, ring) for ring in rings)


def _around(within: int, counted: Iterable[int]) -> bool:
    return any(ring != within and not ring & ~within for ring in counted)


def _gates(s: str, coming: Mapping[int, int], nested: list[Door], crossing: list[tuple[int, Room]]) -> tuple[list[Door], dict[int, Door]]:
    """The gates of rooms that cross a door: one for the kinds that enter by the same door and that the same of those rooms speak of."""
    enter: dict[int, Door] = {}
    for k in coming:
        for door in nested:
            if door.kinds & k:
                enter[k] = door
                break
    if not crossing:
        return [], enter
    ways: dict[tuple[int, ...], list[int]] = {}
    for k, door in enter.items():
        spoken = [n for n, (within, _) in enumerate(crossing) if within & k]
        if spoken:
            ways.setdefault((nested.index(door), *spoken), []).append(k)
    gates: list[Door] = []
    for way in sorted(ways):
        number, *spoken = way
        into = nested[number]
        at_most = min([max(0, crossing[n][1].places) for n in spoken])
        name = f"{into.name} {crossing[spoken[0]][1].name}"
        gate = Door(s, name, sum(ways[way]), min(at_most, sum([coming[k] for k in ways[way]])), into)
        gates.append(gate)
        enter |= dict.fromkeys(ways[way], gate)
    return gates, enter


def _fill(coming: Mapping[int, int], enter: Mapping[int, Door], gates: list[Door], nested: list[Door], caps: Mapping[int, int]) -> None:
    """Let the places of inner doors add to those of outer ones, and bound those that are rooms."""
    behind = set(gates)
    for k, door in enter.items():
        if door not in behind:
            door.places += coming[k]
    for gate in gates:
        if gate.outer is not None:
            gate.outer.places += gate.places
    for ring in nested:
        if caps.get(ring.kinds, ring.places) < ring.places:
            ring.places, ring.full = caps[ring.kinds], True
        if ring.outer is not None:
            ring.outer.places += ring.places
