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
    """Every lawful placing sends at most so many pupils through one of these doors of a year group whose room they share.

    `ways` holds, for a door (counted from 0 among those that share the room), how many at most, and what is proved then.
    """

    setting: str
    year_group: int
    ways: tuple[tuple[int, int, Proof], ...]


Proof = Leaf | Branch


def leaves(proof: Proof) -> int:
    """How many leaves the tree has."""
    return 1 if isinstance(proof, Leaf) else sum(leaves(below) for _, _, below in proof.ways)


def as_data(proof: Proof) -> dict[str, object]:
    """The proof as maps, lists, text and whole numbers, ready for canonical JSON."""
    match proof:
        case Leaf(placing=placing, prices=prices):
            return {"placing": [list(pair) for pair in placing], "prices": [list(row) for row in prices]}
        case Branch(setting=setting, year_group=year_group, ways=ways):
            shown = [{"door": door, "at_most": at_most, "proof": as_data(below)} for door, at_most, below in ways]
            return {"setting": setting, "year_group": year_group, "ways": shown}


def from_data(data: object) -> Proof:
    """The proof that `as_data` made the data from. Raises `CertificateRefused` if the data has another shape."""
    match data:
        case {"placing": list(placing), "prices": list(prices), **rest} if not rest:
            return Leaf(tuple(_pair(pair) for pair in placing), tuple(_row(row) for row in prices))
        case {"setting": str(setting), "year_group": int(year_group), "ways": list(ways), **rest} if not rest:
            return Branch(setting, year_group, tuple(_way(way) for way in ways))
    raise _misshapen("a leaf (placing, prices) or a branch (setting, year_group, ways)", data)


def _way(data: object) -> tuple[int, int, Proof]:
    match data:
        case {"door": int(door), "at_most": int(at_most), "proof": below, **rest} if not rest:
            return door, at_most, from_data(below)
    raise _misshapen("a way out (door, at_most, proof)", data)


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
