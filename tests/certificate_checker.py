"""A second checker of certificates, written from docs/certificate.md alone with the standard library.

Nothing of the program is used, and nothing here is quick or clever: it goes through the page, heading by heading.
Run it on a file: `python -m tests.certificate_checker certificate.json`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from tests.certificate_network import Arc, Network, Refused, inside, network_of

MOST_PRICE: Final = 2**60
Placing = Mapping[str, str]
Limits = Mapping[int, int]


@dataclass(frozen=True)
class Found:
    """What was proved."""

    unique: bool
    leaves: int
    tied: list[str]
    objectives: list[Any]


# --- lawful, and worth ---


def lawful(problem: Any, placing: Placing) -> bool:
    if not all(p in problem["eligible"] and s in problem["eligible"][p] for p, s in placing.items()):
        return False
    if not all(placing.get(p) == s for p, s in problem["fixed"].items()):
        return False
    return all(
        sum(placing.get(p) == room["setting"] for p in inside(problem, room["of"])) <= max(0, room["places"]) for room in problem["rooms"]
    )


def worth(problem: Any, placing: Placing) -> list[Any]:
    """Comparable with `<`."""
    return [_worth(problem, objective, placing) for objective in problem["objectives"]]


def _worth(problem: Any, objective: Any, placing: Placing) -> Any:
    if objective["kind"] == "sum":
        return sum(objective["cost"][p][placing[p]] if p in placing else n for p, n in objective["unplaced"].items())
    if objective["kind"] == "in turn":
        return [_worth(problem, {**one, "kind": "sum"}, placing) for one in objective["sums"]]
    if objective["kind"] == "rota":
        came = [(tally, sum(placing.get(p) == tally["setting"] for p in inside(problem, tally["of"]))) for tally in objective["tallies"]]
        return sum(tally["against"] + (tally["already"] + k) * objective["turns"] for tally, n in came for k in range(n))
    found = []
    for tally in objective["tallies"]:
        count = tally["already"] + sum(placing.get(p) == tally["setting"] for p in inside(problem, tally["of"]))
        found.append(Fraction(count, tally["against"]) if objective["kind"] == "share" else max(0, count - tally["against"]))
    if objective.get("beyond") == "free":
        return sum(found)
    return sorted(found, reverse=True)


def as_said(problem: Any, placing: Placing) -> list[Any]:
    """The values in the form of `objectives`."""
    said: list[Any] = []
    for objective in problem["objectives"]:
        value = _worth(problem, {**objective, "beyond": "level"}, placing)
        if objective["kind"] == "quota":
            value = {"excess": sum(value), "by_school": value}
        elif objective["kind"] == "share":
            value = [f"{ratio.numerator}/{ratio.denominator}" for ratio in value]
        said.append(value)
    return said


# --- the proof ---


def whole(value: Any) -> int:
    if type(value) is not int:
        raise Refused("not a whole number")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("not text")
    return value


def listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Refused("not a list")
    return value


def keyed(value: Any, *keys: str) -> list[Any]:
    if not isinstance(value, dict) or set(value) != set(keys):
        raise Refused(f"not exactly {keys}")
    return [value[key] for key in keys]


def spelled_out(proof: Any) -> Any:
    """A list of nodes as the tree that it is; any other proof as it is."""
    if not isinstance(proof, dict) or "nodes" not in proof:
        return proof
    (nodes,) = keyed(proof, "nodes")
    there: dict[int, Any] = {}
    for number, node in reversed(list(enumerate(listed(nodes)))):
        there[number] = node
        if isinstance(node, dict) and "ways" in node:
            s, name, ways = keyed(node, "setting", "room", "ways")
            named = [keyed(way, "gate", "at_most", "node") for way in listed(ways)]
            del there[number]
            if any(whole(below) not in there for _, _, below in named) or len({below for _, _, below in named}) < len(named):
                raise Refused("a way to no later node, or to one that another way names")
            inner = [{"gate": gate, "at_most": at_most, "proof": there.pop(below)} for gate, at_most, below in named]
            there[number] = {"setting": s, "room": name, "ways": inner}
    if set(there) != {0}:
        raise Refused("a node that no way names, or no node")
    return there[0]


def leaves_of(problem: Any, network: Network, proof: Any) -> Iterator[tuple[Any, Limits]]:
    """Every leaf with the places that its gates have left: node -> places."""
    waiting: list[tuple[Any, Limits]] = [(spelled_out(proof), {})]
    while waiting:
        one, limits = waiting.pop()
        if isinstance(one, dict) and "ways" in one:
            waiting += reversed(below(problem, network, one, limits))
        else:
            yield one, limits


def below(problem: Any, network: Network, branch: Any, limits: Limits) -> list[tuple[Any, Limits]]:
    """What is proved for each way of a branch, and within which limits."""
    s, name, ways = keyed(branch, "setting", "room", "ways")
    shared = network.shared.get((text(s), text(name)))
    if shared is None:
        raise Refused("a branch on a room that is not shared")
    there = [network.kind[p] for p, setting in problem["fixed"].items() if setting == s]
    least = [sum(k in gate.kinds for k in there) for gate in shared.gates]
    found: list[tuple[Any, Limits]] = []
    for way in listed(ways):
        gate, at_most, inner = keyed(way, "gate", "at_most", "proof")
        if not 0 <= whole(gate) < len(least) or whole(at_most) < 0:
            raise Refused("no such gate or limit")
        least[gate] = max(least[gate], at_most + 1)
        node = shared.gates[gate]
        found.append((inner, {**limits, node.number: min(at_most, limits.get(node.number, node.places))}))
    if sum(least) <= shared.places:
        raise Refused("the ways do not cover everything")
    return found


@dataclass(frozen=True)
class Leaf:
    """A leaf that holds: its placing, and the kept arcs, each with whether it is used, in order."""

    placing: dict[str, str]
    kept: list[tuple[Arc, bool]]


def leaf_of(problem: Any, network: Network, proof: Any, limits: Limits) -> Leaf:
    pairs, prices = keyed(proof, "placing", "prices")
    placing = placing_of(problem, pairs)
    if len(listed(prices)) != network.stages or any(len(listed(row)) != len(network.out) for row in prices):
        raise Refused("stages")
    if any(abs(whole(price)) > MOST_PRICE for row in prices for price in row):
        raise Refused("prices too large")
    kept = []
    for arc, used in flow(problem, network, placing, limits):
        reduced = [cost + row[arc.tail] - row[arc.head] for cost, row in zip(arc.costs, prices, strict=True)]
        decides = next((amount for amount in reduced if amount), 0)
        if (decides > 0 and used) or (decides < 0 and not used):
            raise Refused("the prices prove nothing")
        if decides == 0:
            kept.append((arc, used))
    return Leaf(placing, kept)


def placing_of(problem: Any, pairs: Any) -> dict[str, str]:
    if any(len(listed(pair)) != 2 for pair in listed(pairs)):
        raise Refused("not a pair")
    placing = {text(p): text(s) for p, s in pairs}
    if len(placing) != len(pairs) or not set(placing) <= set(problem["referrals"]) or "" in placing.values():
        raise Refused("places somebody twice, or nobody we know")
    return placing


def flow(problem: Any, network: Network, placing: Placing, limits: Limits) -> Iterator[tuple[Arc, bool]]:
    """Every arc, in order, and whether it is used."""
    arrive = [0] * len(network.out)
    for u, arcs in enumerate(network.out[:-1]):
        there = arcs[: limits.get(u, len(arcs))]
        if u < len(problem["referrals"]):
            option = placing.get(problem["referrals"][u], "")
            uses = [arc.option == option for arc in arcs]
            if not any(uses):
                raise Refused("no such pair")
        elif arrive[u] > len(there):
            raise Refused("no place")
        else:
            uses = [k < arrive[u] for k in range(len(there))]
        for arc, used in zip(there, uses, strict=True):
            arrive[arc.head] += used
            yield arc, used


# --- to check ---


def reach(start: int, edges: Mapping[int, list[tuple[int, Arc]]]) -> dict[int, tuple[int, Arc]]:
    """Every node that can be reached, breadth first, with the node and arc by which it was."""
    came: dict[int, tuple[int, Arc]] = {}
    queue = deque([start])
    while queue:
        u = queue.popleft()
        for v, arc in edges.get(u, ()):
            if v not in came and v != start:
                came[v] = u, arc
                queue.append(v)
    return came


def movers_of(problem: Any, leaf: Leaf) -> tuple[set[str], bool]:
    """Whom another placing, as good, sends elsewhere; and whether the leaf is open."""
    edges: dict[int, list[tuple[int, Arc]]] = {}
    for arc, used in leaf.kept:
        here, there = (arc.head, arc.tail) if used else (arc.tail, arc.head)
        edges.setdefault(here, []).append((there, arc))
    referrals = problem["referrals"]
    ways = [(arc, reach(arc.head, edges)) for arc, used in leaf.kept if arc.tail < len(referrals) and not used]
    loose = [(arc, came) for arc, came in ways if arc.tail in came]
    movers: set[str] = set()
    for arc, came in loose:
        moves = {referrals[arc.tail]: arc.option}
        v = arc.tail
        while v != arc.head:
            u, by = came[v]
            if u < len(referrals):
                moves[referrals[u]] = by.option
            v = u
        if lawful(problem, {p: s for p, s in {**leaf.placing, **moves}.items() if s}):
            movers |= set(moves)
    return movers, bool(loose) and not movers


def check(problem: Any, placement: Placing, proof: Any) -> Found:
    """Steps 1 to 5. Raises `Refused`."""
    if not lawful(problem, placement):
        raise Refused("not lawful")
    network, answer = network_of(problem), worth(problem, placement)
    movers: set[str] = set()
    count, is_open = 0, False
    for found, limits in leaves_of(problem, network, proof):
        count += 1
        leaf = leaf_of(problem, network, found, limits)
        value = worth(problem, leaf.placing)
        if value < answer:
            raise Refused("a leaf is better")
        if value > answer:
            continue
        if not lawful(problem, leaf.placing):
            is_open = True
            continue
        here, open_here = movers_of(problem, leaf)
        movers |= here | {p for p in problem["referrals"] if leaf.placing.get(p) != placement.get(p)}
        is_open = is_open or open_here
    if is_open and not movers:
        raise Refused("open whether another is as good")
    return Found(not movers, count, sorted(movers), as_said(problem, placement))


def digest(proof: Any) -> str:
    """The name of a proof."""
    written = json.dumps(proof, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"pastoral/certificate/1\n" + written.encode()).hexdigest()


def verify(certificate: Any) -> Found:
    """A whole file, also step 6. Raises `Refused`."""
    found = check(certificate["problem"], certificate["placement"], certificate["proof"])
    said = certificate["certificate"]
    if [one["value"] for one in certificate["objectives"]] != found.objectives:
        raise Refused("objectives")
    if (said["unique"], said["leaves"], said.get("tied", [])) != (found.unique, found.leaves, found.tied):
        raise Refused("unique, leaves or tied")
    if certificate["digest"] != digest(certificate["proof"]):
        raise Refused("digest")
    return found


if __name__ == "__main__":
    print(verify(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
