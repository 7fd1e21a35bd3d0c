"""What a leaf of a proof leaves open: the flow of a placing, the arcs that every stage keeps, and the ties among them.

No solver and no search for anything better: whole numbers, one pass over the arcs per stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import not_

from panel.errors import CertificateRefused
from panel.network import Limits, Network, SharedRoom, build
from panel.problem import Problem
from panel.proof import Leaf, Proof

Residual = Mapping[int, Sequence[tuple[int, int]]]
"""Node -> (next node, arc) along which one more unit, or one unit less, can be sent."""


Contest = tuple[SharedRoom, tuple[int, ...]]
"""A room that doors share, and how many could come by each of them: more than the room."""


def flow(network: Network, placing: Mapping[str, str]) -> list[int]:
    """Units on every arc when the pupils go as placed, cheaper arcs first. Raises `CertificateRefused` where they do not fit."""
    x = [0] * len(network.head)
    inflow = [0] * len(network.names)
    first, option, head, capacity = network.first, network.option, network.head, network.capacity
    for u in range(network.pupils):
        try:
            j = option.index(placing.get(network.names[u], ""), first[u], first[u + 1])
        except ValueError:
            raise CertificateRefused(f"{network.names[u]} cannot go to {placing.get(network.names[u], 'nowhere')}: no such pair.") from None
        x[j] = 1
        inflow[head[j]] += 1
    for u in range(network.pupils, network.sink):
        units = inflow[u]
        if not units:
            continue
        for j in range(first[u], first[u + 1]):
            x[j] = min(units, capacity[j])
            units -= x[j]
            if not units:
                break
        if units:
            raise CertificateRefused(f"{network.names[u]} has no place for {units} of the {inflow[u]} who are sent there.")
        inflow[head[first[u]]] += inflow[u]
    return x


def kept(network: Network, x: Sequence[int], prices: Sequence[Sequence[int]]) -> list[int]:
    """The arcs that every stage keeps: those a placing just as good may use more, or less.

    With `rc = cost + price[tail] - price[head]`, a stage closes the arcs with rc > 0, which must be empty, and fills those
    with rc < 0, which must be full. Raises `CertificateRefused` where they are not: x is then not the best at that stage.
    """
    live: list[int] = list(range(len(x)))
    tail, head = list(network.tail), list(network.head)
    for stage, (cost, price) in enumerate(zip(network.columns, prices, strict=True)):
        reduced = [cost[j] for j in live] if len(live) < len(cost) else list(cost)
        if any(price):
            reduced = [c + price[u] - price[v] for c, u, v in zip(reduced, tail, head, strict=True)]
        if not any(reduced):
            continue
        for j, rc in compress(zip(live, reduced, strict=True), reduced):
            if x[j] != (0 if rc > 0 else network.capacity[j]):
                raise CertificateRefused(
                    f"The prices of stage {stage + 1} ({network.counted[stage]}) do not prove the placing the best: "
                    f"from {network.names[network.tail[j]]} to {network.names[network.head[j]]} go {x[j]}, "
                    f"wanted {0 if rc > 0 else network.capacity[j]}."
                )
        still = list(map(not_, reduced))
        live, tail, head = (list(compress(numbers, still)) for numbers in (live, tail, head))
    return live


def residual(network: Network, x: Sequence[int], arcs: Iterable[int]) -> Residual:
    onward: dict[int, list[tuple[int, int]]] = {}
    tail, head, capacity = network.tail, network.head, network.capacity
    for j in arcs:
        if x[j] < capacity[j]:
            onward.setdefault(tail[j], []).append((head[j], j))
        if x[j]:
            onward.setdefault(head[j], []).append((tail[j], j))
    return onward


def ties(network: Network, x: Sequence[int], onward: Residual) -> list[int]:
    """The pair arcs nobody uses that lie on a cycle of kept arcs: each leads to another placing, as good at every stage."""
    pairs = network.pair_arcs
    unused = [j for edges in onward.values() for _, j in edges if j < pairs and not x[j]]
    if not unused:
        return []
    component = _components(onward)
    return sorted(j for j in unused if component[network.tail[j]] == component.get(network.head[j]))


def detour(network: Network, onward: Residual, arc: int) -> dict[str, str]:
    """Who goes where instead, along a shortest cycle through the pair arc: referral -> URN, "" for unplaced."""
    start, goal = network.head[arc], network.tail[arc]
    came: dict[int, tuple[int, int]] = {start: (start, arc)}
    queue = deque([start])
    while goal not in came:
        u = queue.popleft()
        for v, j in onward.get(u, ()):
            if v not in came:
                came[v] = u, j
                queue.append(v)
    moves = {network.names[goal]: network.option[arc]}
    v = came[goal][0]
    while v != start:
        u, j = came[v]
        if j < network.pair_arcs and network.tail[j] == u:
            moves[network.names[u]] = network.option[j]
        v = u
    return moves


def leaf_networks(network: Network, problem: Problem, proof: Proof) -> Iterator[tuple[Leaf, Network]]:
    """Every leaf of a proof with its network: the problem's own, within the limits of the branches above the leaf.

    Raises `CertificateRefused` at a branch that misses a way out.
    """
    return _below(network, problem, proof, {})


def _below(network: Network, problem: Problem, proof: Proof, limits: Limits) -> Iterator[tuple[Leaf, Network]]:
    if isinstance(proof, Leaf):
        yield proof, network if not limits else build(problem, limits)
        return
    where = f"year {proof.year_group} at {proof.setting}"
    seats = next((seats for seats in network.shared if (seats.setting, seats.year_group) == (proof.setting, proof.year_group)), None)
    if seats is None:
        raise CertificateRefused(f"The proof branches on {where}, whose room no two doors share.")
    least = fixed_behind(problem, network.kind, seats)
    for door, at_most, _ in proof.ways:
        if not 0 <= door < len(least) or at_most < 0:
            raise CertificateRefused(f"The proof limits door {door} of {where} to {at_most}; it has {len(least)} doors.")
        least[door] = max(least[door], at_most + 1)
    if sum(least) <= seats.room:
        raise CertificateRefused(f"The proof does not cover every way to keep {where} within its room for {seats.room}.")
    for door, at_most, below in proof.ways:
        yield from _below(network, problem, below, narrowed(limits, (proof.setting, proof.year_group, door), at_most))


def narrowed(limits: Limits, door: tuple[str, int, int], at_most: int) -> Limits:
    """The limits with one more: at most so many through this door of this year group."""
    return {**limits, door: min(at_most, limits.get(door, at_most))}


def fixed_behind(problem: Problem, kind: Sequence[int], seats: SharedRoom) -> list[int]:
    """How many pupils are fixed there, by door."""
    there = [kind[u] for u, p in enumerate(problem.referrals) if problem.fixed.get(p) == seats.setting]
    return [sum(mask >> k & 1 for k in there) for mask in seats.doors]


def contested(network: Network, x: Sequence[int], loose: Iterable[int] = ()) -> Contest | None:
    """The first room that the flow x overfills, or could if the loose pair arcs were used too, and how many could come by each door."""
    if not network.shared:
        return None
    coming: dict[tuple[str, int], set[int]] = {}
    for j in (*[j for j in range(network.pair_arcs) if x[j]], *loose):
        u = network.tail[j]
        coming.setdefault((network.option[j], network.year[u]), set()).add(u)
    for seats in network.shared:
        here = coming.get((seats.setting, seats.year_group), ())
        if len(here) > seats.room:
            at_doors = [sum(mask >> network.kind[u] & 1 for u in here) for mask in seats.doors]
            most = tuple(map(min, at_doors, seats.at_most))
            if sum(most) > seats.room:
                return seats, most
    return None


def loose_ends(network: Network, placing: dict[str, str], x: Sequence[int], arcs: Iterable[int]) -> tuple[set[str], Contest | None]:
    """Whom another placing, as good at every stage, sends elsewhere; and where ties could overfill shared room, if they can.

    Where they can, only those are named for whom one cycle was found that overfills nothing.
    """
    onward = residual(network, x, arcs)
    loose = ties(network, x, onward)
    contest = contested(network, x, loose)
    if contest is None:
        return {network.names[network.tail[j]] for j in loose}, None
    movers: set[str] = set()
    for j in loose:
        moves = detour(network, onward, j)
        if contested(network, flow(network, placing | moves)) is None:
            movers |= moves.keys()
    return movers, contest


def _components(onward: Residual) -> dict[int, int]:
    """Node -> its strong component, by a walk in finishing order and a second walk against the edges."""
    done: set[int] = set()
    finished: list[int] = []
    against: dict[int, list[int]] = {}
    for start in onward:
        stack = [] if start in done else [(start, iter(onward[start]))]
        done.add(start)
        while stack:
            u, edges = stack[-1]
            for v, _ in edges:
                against.setdefault(v, []).append(u)
                if v not in done:
                    done.add(v)
                    stack.append((v, iter(onward.get(v, ()))))
                    break
            else:
                finished.append(u)
                stack.pop()
    component: dict[int, int] = {}
    for root in reversed(finished):
        if root in component:
            continue
        component[root] = root
        queue = [root]
        while queue:
            for u in against.get(queue.pop(), ()):
                if u not in component:
                    component[u] = root
                    queue.append(u)
    return component
