"""The network of a problem, written from docs/certificate.md alone with the standard library, for tests/certificate_checker.py.

Nothing of the program is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


class Refused(Exception):
    """The certificate does not prove what it should."""


def inside(problem: Any, number: int) -> frozenset[str]:
    return frozenset(problem["groups"][number])


@dataclass(eq=False)
class Node:
    """A gate or a door of a setting. `after` is None where the sink comes next."""

    kinds: frozenset[int]
    room: int | None = None
    counts: dict[int, Any] = field(default_factory=dict)
    crossing: list[int] = field(default_factory=list)
    after: Node | None = None
    places: int = 0
    full: bool = False
    number: int = 0


@dataclass(frozen=True)
class Arc:
    """From a node to another; `option` is a setting or "" where a referral takes it."""

    tail: int
    head: int
    costs: tuple[int, ...]
    option: str = ""


@dataclass(frozen=True)
class Shared:
    places: int
    gates: list[Node]


@dataclass
class Network:
    """`out` has the arcs of each node; the sink, the last node, has none."""

    kind: dict[str, int]
    out: list[list[Arc]]
    shared: dict[tuple[str, str], Shared]
    stages: int


def kinds_of(problem: Any) -> dict[str, int]:
    tallies = [tally["of"] for objective in problem["objectives"] for tally in objective.get("tallies", ())]
    named = sorted({*tallies, *(room["of"] for room in problem["rooms"])})
    groups = {n: inside(problem, n) for n in named}
    for one in tallies:
        for other in tallies:
            if groups[one] & groups[other] not in (frozenset(), groups[one], groups[other]):
                raise Refused("tallies overlap without nesting")
    numbers: dict[tuple[bool, ...], int] = {}
    return {p: numbers.setdefault(tuple(p in groups[n] for n in named), len(numbers)) for p in problem["referrals"]}


def doors_of(problem: Any, s: str, coming: list[str], kind: Mapping[str, int]) -> tuple[list[Node], list[tuple[Any, frozenset[int]]]]:
    """The doors of a setting, numbered, and the rooms that cross with their kinds."""
    doors = {frozenset(kind[p] for p in coming): Node(frozenset(kind[p] for p in coming))}
    for i, objective in enumerate(problem["objectives"]):
        for tally in objective.get("tallies", ()):
            those = [p for p in coming if p in inside(problem, tally["of"])]
            no_matter = objective["kind"] == "quota" and tally["already"] + len(those) <= tally["against"]
            if tally["setting"] == s and those and not no_matter:
                kinds = frozenset(kind[p] for p in those)
                doors.setdefault(kinds, Node(kinds)).counts[i] = tally
    binding = []
    for room in problem["rooms"]:
        those = [p for p in coming if p in inside(problem, room["of"])]
        if room["setting"] == s and len(those) > max(0, room["places"]):
            binding.append((room, frozenset(kind[p] for p in those)))
    crossing = []
    for room, w in sorted(binding, key=lambda found: -len(found[1])):
        astride = any(d & w and not d <= w and not w <= d for d in doors)
        around = any(door.counts and d < w for d, door in doors.items()) and inside(problem, room["of"]) != set(problem["referrals"])
        if astride or around:
            crossing.append((room, w))
            continue
        door = doors.setdefault(w, Node(w))
        places = max(0, room["places"])
        door.room = places if door.room is None else min(door.room, places)
    numbered = sorted(doors.values(), key=lambda door: (len(door.kinds), max(door.kinds)))
    for door in numbered:
        door.after = min((d for d in numbered if d.kinds > door.kinds), key=lambda d: len(d.kinds), default=None)
    return numbered, crossing


def setting_of(problem: Any, s: str, kind: Mapping[str, int]) -> tuple[list[Node], dict[int, Node], dict[tuple[str, str], Shared]]:
    """The gates and doors of a setting in their order, where each kind enters, and the shared rooms."""
    coming = [p for p in problem["referrals"] if s in problem["eligible"][p]]
    if not coming:
        return [], {}, {}
    doors, crossing = doors_of(problem, s, coming, kind)
    enter: dict[int, Node] = {}
    gates: dict[tuple[int, tuple[int, ...]], Node] = {}
    for k in sorted({kind[p] for p in coming}):
        door = min((d for d in doors if k in d.kinds), key=lambda d: len(d.kinds))
        rooms = [n for n, (_, w) in enumerate(crossing) if k in w]
        enter[k] = door
        if rooms:
            enter[k] = gates.setdefault((doors.index(door), tuple(rooms)), Node(frozenset(), crossing=rooms, after=door))
            enter[k].kinds |= {k}
    nodes = [gate for _, gate in sorted(gates.items())] + doors
    for p in coming:
        enter[kind[p]].places += 1
    for node in nodes:
        most = [max(0, crossing[n][0]["places"]) for n in node.crossing] + ([] if node.room is None else [node.room])
        node.full = any(places < node.places for places in most)
        node.places = min([node.places, *most])
        if node.after:
            node.after.places += node.places
    shared = {}
    for n, (room, _) in enumerate(crossing):
        through = [node for node in nodes if n in node.crossing and node.places]
        if sum(gate.places for gate in through) > max(0, room["places"]):
            shared[s, room["name"]] = Shared(max(0, room["places"]), through)
    return nodes, enter, shared


def stages_of(i: int, objective: Any, doors: list[Node]) -> list[dict[tuple[Any, ...], int]]:
    """The stages of a quota, share or rota: costs of the places (door, k) where it counts."""
    counting = [door for door in doors if i in door.counts]

    def level(door: Node, load: int) -> Any:
        against = door.counts[i]["against"]
        return Fraction(load, against) if objective["kind"] == "share" else max(0, load - against)

    places = {(door, k): door.counts[i]["already"] + k for door in counting for k in range(door.places)}
    if objective.get("beyond") == "free":
        return [{(door, k): int(a >= door.counts[i]["against"]) for (door, k), a in places.items()}]
    if objective["kind"] == "rota":
        return [{(door, k): door.counts[i]["against"] + a * objective["turns"] for (door, k), a in places.items()}]
    steps = {(door, k): (level(door, a), level(door, a + 1)) for (door, k), a in places.items()}
    if any(bound_further_out(i, door) for door in counting):
        return spread(steps, len(counting))
    if objective["kind"] == "quota":
        return [{place: high for place, (_, high) in steps.items()}]
    order = sorted({(high, -low) for low, high in steps.values()})
    return [{place: order.index((high, -low)) + 1 for place, (low, high) in steps.items()}]


def bound_further_out(i: int, door: Node) -> bool:
    after = door.after
    while after:
        if after.full or any(j < i for j in after.counts):
            return True
        after = after.after
    return False


def spread(steps: Mapping[tuple[Node, int], tuple[Any, Any]], doors: int) -> list[dict[tuple[Any, ...], int]]:
    levels = sorted({level for step in steps.values() for level in step})[1:]
    b = doors.bit_length()
    d = max(1, 40 // b)
    parts = [levels[n : n + d] for n in range(0, len(levels), d)]
    stages = []
    for part in reversed(parts):
        weight = {level: 2 ** (b * n) for n, level in enumerate(part)}
        stages.append({place: weight.get(high, 0) - weight.get(low, 0) for place, (low, high) in steps.items()})
    return stages


def network_of(problem: Any) -> Network:
    kind = kinds_of(problem)
    nodes: list[Node] = []
    enter: dict[str, dict[int, Node]] = {}
    shared: dict[tuple[str, str], Shared] = {}
    for s in problem["settings"]:
        here, enter[s], contested = setting_of(problem, s, kind)
        nodes += here
        shared |= contested
    referrals = problem["referrals"]
    for number, node in enumerate(nodes, len(referrals)):
        node.number = number
    sink = len(referrals) + len(nodes)
    stages: list[dict[tuple[Any, ...], int]] = []
    for i, objective in enumerate(problem["objectives"]):
        if objective["kind"] in ("sum", "in turn"):
            for one in objective.get("sums", [objective]):
                costs = {(p, s): n for p, row in one["cost"].items() for s, n in row.items()}
                stages.append({**costs, **{(p, ""): n for p, n in one["unplaced"].items()}})
        else:
            stages += stages_of(i, objective, nodes)
    out: list[list[Arc]] = []
    for u, p in enumerate(referrals):
        heads = {} if p in problem["fixed"] else {"": sink}
        heads |= {s: enter[s][kind[p]].number for s in problem["eligible"][p]}
        out.append([Arc(u, head, tuple(stage.get((p, s), 0) for stage in stages), s) for s, head in heads.items()])
    for node in nodes:
        head = node.after.number if node.after else sink
        out.append([Arc(node.number, head, tuple(stage.get((node, k), 0) for stage in stages)) for k in range(node.places)])
    return Network(kind, [*out, []], shared, len(stages))
