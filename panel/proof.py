"""The proof of a placement as plain data: a tree whose leaves hold a placing and the node prices of every stage.

Nothing here judges a proof; `panel/certificate.py` does.
"""

from __future__ import annotations

from dataclasses import dataclass

from panel.errors import CertificateRefused


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
    """What a solver says of a placing that weighs points; no certificate, and checked by another solver that solves again.

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
    return sum(leaves(below) for _, _, below in proof.ways) if isinstance(proof, Branch) else 1


def as_data(proof: Proof) -> dict[str, object]:
    """The proof as maps, lists, text and whole numbers, ready for canonical JSON."""
    match proof:
        case Leaf(placing=placing, prices=prices):
            return {"placing": [list(pair) for pair in placing], "prices": [list(row) for row in prices]}
        case Packing(placing=placing, levels=levels, only=only, others=others):
            steps = [{"objective": step.objective, "level": step.level, "most": step.most, "proved": step.proved} for step in levels]
            found = [[list(pair) for pair in other] for other in others]
            return {"placing": [list(pair) for pair in placing], "levels": steps, "only": only, "others": found}
        case Branch(setting=setting, room=room, ways=ways):
            shown = [{"gate": gate, "at_most": at_most, "proof": as_data(below)} for gate, at_most, below in ways]
            return {"setting": setting, "room": room, "ways": shown}


def from_data(data: object) -> Proof:
    """The proof that `as_data` made the data from. Raises `CertificateRefused` if the data has another shape."""
    match data:
        case {"placing": list(placing), "prices": list(prices), **rest} if not rest:
            return Leaf(tuple(_pair(pair) for pair in placing), tuple(_row(row) for row in prices))
        case {"placing": list(placing), "levels": list(levels), "only": bool(only), "others": list(others), **rest} if not rest:
            found = tuple([_placing(other) for other in others])
            return Packing(_placing(placing), tuple(_level(step) for step in levels), only, found)
        case {"setting": str(setting), "room": str(room), "ways": list(ways), **rest} if not rest:
            return Branch(setting, room, tuple(_way(way) for way in ways))
    raise _misshapen("a leaf (placing, prices), a branch (setting, room, ways) or a packing (placing, levels, only, others)", data)


def _way(data: object) -> tuple[int, int, Proof]:
    match data:
        case {"gate": int(gate), "at_most": int(at_most), "proof": below, **rest} if not rest and type(gate) is type(at_most) is int:
            return gate, at_most, from_data(below)
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
