"""The proof of a placement as plain data: a tree whose leaves hold a placing and the node prices of every stage.

Nothing here judges a proof; `panel/placing/certificate.py` does. A tree may be deep, so nothing here goes down it by calling itself,
but for reading and writing those that are nested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from panel.errors import CertificateRefused

MOST_NESTED: Final = 20
"""With more branches than this one below the other a proof is written as a list: canonical JSON nests no deeper."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One flow, best among those within the limits of the branches above it. `prices[stage][node]`; `placing` sorted by referral."""

    placing: tuple[tuple[str, str], ...]
    prices: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """Every lawful placing sends at most so many pupils through one of the gates that share a room of a setting.

    `ways` holds, for a gate (numbered within the setting), how many at most, and what is proved then.
    """

    setting: str
    room: str
    ways: tuple[tuple[int, int, Proof], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a packing: at most `most` of what the step counts, given all steps before it.

    The step of a sum counts the sum, that of a free quota the total excess. A levelled objective has several: each counts
    the tallies that are at `level` (a ratio load/share in lowest terms, or an excess) or above. `proved` says whether the
    solver proved that no less is possible, within its limit.
    """

    objective: str
    level: str
    most: int
    proved: bool


@dataclass(frozen=True, slots=True)
class Packing:
    """What a solver says of a placing that no flow can level; no certificate, and checked by another solver that solves again.

    `only` says whether it proved that no other placing is as good; `others` are those that it found.
    """

    placing: tuple[tuple[str, str], ...]
    levels: tuple[Level, ...]
    only: bool
    others: tuple[tuple[tuple[str, str], ...], ...] = ()

    @property
    def tied(self) -> tuple[str, ...]:
        """Whom a placing that is as good sends elsewhere, or leaves out."""
        here = set(self.placing)
        return tuple(sorted({p for other in self.others for p, _ in here.symmetric_difference(other)}))


Proof = Leaf | Branch | Packing


def leaves(proof: Proof) -> int:
    """How many leaves the tree has."""
    return sum(not isinstance(one, Branch) for one, _ in _walk(proof))


def _walk(proof: Proof) -> Iterator[tuple[Proof, int]]:
    """The tree from the top down, way by way, each part with how many branches lie above it."""
    waiting = [(proof, 0)]
    while waiting:
        one, depth = waiting.pop()
        yield one, depth
        if isinstance(one, Branch):
            waiting += [(below, depth + 1) for _, _, below in reversed(one.ways)]


def as_data(proof: Proof) -> dict[str, object]:
    """The proof as maps, lists, text and whole numbers, ready for canonical JSON."""
    return {"nodes": _listed(proof)} if max(depth for _, depth in _walk(proof)) > MOST_NESTED else _nested(proof)


def _listed(proof: Proof) -> list[dict[str, Any]]:
    """The parts of the tree one after the other; a way says by its place in the list what is proved then."""
    nodes: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    for number, (one, _) in enumerate(_walk(proof)):
        if number:
            above.pop()["node"] = number
        if isinstance(one, Branch):
            ways: list[dict[str, Any]] = [{"gate": gate, "at_most": at_most} for gate, at_most, _ in one.ways]
            nodes.append({"setting": one.setting, "room": one.room, "ways": ways})
            above += reversed(ways)
        else:
            nodes.append(_nested(one))
    return nodes


def _nested(proof: Proof) -> dict[str, object]:
    match proof:
        case Leaf(placing=placing, prices=prices):
            return {"placing": [list(pair) for pair in placing], "prices": [list(row) for row in prices]}
        case Packing(placing=placing, levels=levels, only=only, others=others):
            steps = [{"objective": step.objective, "level": step.level, "most": step.most, "proved": step.proved} for step in levels]
            found = [[list(pair) for pair in other] for other in others]
            return {"placing": [list(pair) for pair in placing], "levels": steps, "only": only, "others": found}
        case Branch(setting=setting, room=room, ways=ways):
            shown = [{"gate": gate, "at_most": at_most, "proof": _nested(below)} for gate, at_most, below in ways]
            return {"setting": setting, "room": room, "ways": shown}


def from_data(data: object) -> Proof:
    """The proof that `as_data` made the data from. Raises `CertificateRefused` if the data has another shape."""
    match data:
        case {"nodes": list(nodes), **rest} if not rest:
            return _from_list(nodes)
    return _from_nested(data)


def _from_nested(data: object) -> Proof:
    match data:
        case {"placing": list(placing), "prices": list(prices), **rest} if not rest:
            return Leaf(tuple(_pair(pair) for pair in placing), tuple(_row(row) for row in prices))
        case {"placing": list(placing), "levels": list(levels), "only": bool(only), "others": list(others), **rest} if not rest:
            found = tuple([_placing(other) for other in others])
            return Packing(_placing(placing), tuple(_level(step) for step in levels), only, found)
        case {"setting": str(setting), "room": str(room), "ways": list(ways), **rest} if not rest:
            return Branch(setting, room, tuple(_way(way) for way in ways))
    wanted = "a leaf (placing, prices), a branch (setting, room, ways), a list (nodes) or a packing (placing, levels, only, others)"
    raise _misshapen(wanted, data)


def _from_list(nodes: list[object]) -> Proof:
    """From the last to the first, so that what a branch names is there already. Each is named once, so no tree is larger than its list."""
    made: dict[int, Proof] = {}
    for number, node in reversed(tuple(enumerate(nodes))):
        match node:
            case {"placing": _, "prices": _}:
                made[number] = _from_nested(node)
            case {"setting": str(setting), "room": str(room), "ways": list(ways), **rest} if not rest:
                made[number] = Branch(setting, room, tuple([_listed_way(way, made) for way in ways]))
            case _:
                raise _misshapen("a list of leaves (placing, prices) and branches (setting, room, ways)", node)
    if made.keys() != {0}:
        raise _misshapen("a list in which one way, of a node before it, names each node but the first", sorted(made))
    return made[0]


def _listed_way(data: object, made: dict[int, Proof]) -> tuple[int, int, Proof]:
    match data:
        case {"gate": gate, "at_most": at_most, "node": node, **rest} if not rest and type(gate) is type(at_most) is type(node) is int:
            if node in made:
                return gate, at_most, made.pop(node)
    raise _misshapen("a way out (gate, at_most, and node: the number of a later node that no other way names)", data)


def _way(data: object) -> tuple[int, int, Proof]:
    match data:
        case {"gate": int(gate), "at_most": int(at_most), "proof": below, **rest} if not rest and type(gate) is type(at_most) is int:
            return gate, at_most, _from_nested(below)
    raise _misshapen("a way out (gate, at_most, proof)", data)


def _level(data: object) -> Level:
    match data:
        case {"objective": str(objective), "level": str(level), "most": int(most), "proved": bool(proved), **rest} if not rest:
            return Level(objective, level, most, proved)
    raise _misshapen("a step (objective, level, most, proved)", data)


def _placing(data: object) -> tuple[tuple[str, str], ...]:
    if isinstance(data, list):
        return tuple([_pair(pair) for pair in data])
    raise _misshapen("a list of pairs of referral and URN", data)


def _pair(data: object) -> tuple[str, str]:
    match data:
        case [str(referral), str(setting)]:
            return referral, setting
    raise _misshapen("a pair of referral and URN", data)


def _row(data: object) -> tuple[int, ...]:
    if isinstance(data, list) and all(type(price) is int for price in data):
        return tuple(data)
    raise _misshapen("a list of whole prices", data)


def _misshapen(wanted: str, found: object) -> CertificateRefused:
    return CertificateRefused(f"The proof cannot be read: wanted {wanted}, found {str(found)[:60]}.")
