"""What a leaf of a proof leaves open: the flow of a placing, the arcs that every stage keeps, and the ties among them.

No solver and no search for anything better: whole numbers, one pass over the arcs per stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from panel.errors import CertificateRefused
from panel.placing.marginals import Integers
from panel.placing.network import Limits, Network, SharedRoom
from panel.placing.problem import Problem
from panel.placing.proof import Branch, Leaf, Proof

Residual = Mapping[int, Sequence[tuple[int, int]]]
"""Node -> (next node, arc) along which one more unit, or one unit less, can be sent."""

MOST_PRICE: Final = 2**60
"""Beyond this, sums with two prices could leave 64 bits. True prices are far below."""

FEW_STEPS: Final = 32
"""Up to so many are looked at one by one."""

Contest = tuple[SharedRoom, tuple[int, ...]]
"""A room that gates share, and how many could come by each of them: more than its places."""


def flow(network: Network, placing: Mapping[str, str]) -> Integers:
    """Units on every arc when the pupils go as placed, cheaper arcs first. Raises `CertificateRefused` where they do not fit."""
    first, option, names = network.first, network.option, network.names
    used: list[int] = []
    for u in range(network.pupils):
        try:
            used.append(option.index(placing.get(names[u], ""), first[u], first[u + 1]))
        except ValueError:
            raise CertificateRefused(f"{names[u]} cannot go to {placing.get(names[u], 'nowhere')}: no such pair.") from None
    inflow = np.bincount(network.head[used], minlength=len(names)).tolist()
    begin = network.pair_arcs
    head, capacity = network.head[begin:].tolist(), network.capacity[begin:].tolist()
    for u in range(network.pupils, network.sink):
        units = inflow[u]
        if not units:
            continue
        for j in range(first[u], first[u + 1]):
            sent = min(units, capacity[j - begin])
            used += [j] * sent
            units -= sent
            if not units:
                break
        if units:
            raise CertificateRefused(f"{names[u]} has no place for {units} of the {inflow[u]} who are sent there.")
        inflow[head[first[u] - begin]] += inflow[u]
    return np.bincount(np.array(used, dtype=np.int64), minlength=len(network.head))


def kept(network: Network, x: Integers, prices: Sequence[Sequence[int]]) -> Integers:
    """The arcs that every stage keeps: those a placing just as good may use more, or less.

    With `rc = cost + price[tail] - price[head]`, a stage closes the arcs with rc > 0, which must be empty, and fills those
    with rc < 0, which must be full; later stages no longer ask about them. Raises `CertificateRefused` where they are
    not: x is then not the best at that stage.
    """
    reduced = reduced_costs(network, prices)
    settled = reduced != 0
    stage = settled.argmax(axis=0) if len(reduced) else np.zeros(len(x), dtype=np.int64)
    first = reduced[stage, np.arange(len(x))] if len(reduced) else np.zeros(len(x), dtype=np.int64)
    wanted = np.where(first < 0, network.capacity, np.where(first > 0, 0, x))
    wrong = np.flatnonzero(x != wanted)
    if len(wrong):
        j = int(min(wrong, key=lambda j: (stage[j], j)))
        raise CertificateRefused(
            f"The prices of stage {stage[j] + 1} ({network.counted[stage[j]]}) do not prove the placing the best: "
            f"from {network.names[network.tail[j]]} to {network.names[network.head[j]]} go {x[j]}, wanted {wanted[j]}."
        )
    return np.flatnonzero(first == 0)


def reduced_costs(network: Network, prices: Sequence[Sequence[int]]) -> Integers:
    """What each arc costs at each stage, beside the prices of its ends. Raises `CertificateRefused` for prices that no cost explains."""
    try:
        price = np.array(prices, dtype=np.int64).reshape(len(network.columns), len(network.names))
    except OverflowError:
        raise CertificateRefused("A leaf of the proof has prices of more than 64 bits.") from None
    if price.size and max(int(price.max()), -int(price.min())) > MOST_PRICE:
        raise CertificateRefused(f"A leaf of the proof has prices beyond {MOST_PRICE}.")
    return network.columns + price.take(network.tail, axis=1) - price.take(network.head, axis=1)


def residual(network: Network, x: Integers, arcs: Integers) -> Residual:
    onward: dict[int, list[tuple[int, int]]] = {}
    listed = (numbers[arcs].tolist() for numbers in (network.tail, network.head, x, network.capacity))
    for j, u, v, used, capacity in zip(arcs.tolist(), *listed, strict=True):
        if used < capacity:
            onward.setdefault(u, []).append((v, j))
        if used:
            onward.setdefault(v, []).append((u, j))
    return onward


def ties(network: Network, x: Integers, arcs: Integers) -> list[int]:
    """The pair arcs nobody uses that lie on a cycle of kept arcs: each leads to another placing, as good at every stage."""
    units = x[arcs]
    used, spare = arcs[np.flatnonzero(units)], arcs[np.flatnonzero(units < network.capacity[arcs])]
    used_from, spare_from, spare_to = network.tail[used], network.tail[spare], network.head[spare]
    here, there = np.concatenate((network.head[used], spare_from)), np.concatenate((used_from, spare_to))
    one = _turning(network, used_from, spare_from, spare_to)
    if one is not None:
        here, there = one[here], one[there]
    here, there, arc = _circling(network, here, there, np.concatenate((used, spare)))
    onward: dict[int, list[tuple[int, int]]] = {}
    edges = _peeled(list(zip(here.tolist(), there.tolist(), arc.tolist(), strict=True)))
    for u, v, j in edges:
        onward.setdefault(u, []).append((v, j))
    component = _components(onward)
    return sorted(j for u, v, j in edges if j < network.pair_arcs and not x[j] and component[u] == component.get(v))


def _circling(network: Network, here: Integers, there: Integers, arc: Integers) -> tuple[Integers, Integers, Integers]:
    """The steps without those that end where they begin or that, as nothing leads to them or on from them, lie on no cycle.

    Where few are left, some of these may stay.
    """
    inside = np.flatnonzero(here != there)
    while True:
        here, there, arc = here[inside], there[inside], arc[inside]
        entered, left = np.zeros((2, len(network.names)), dtype=np.bool_)
        entered[there] = left[here] = True
        inside = np.flatnonzero(entered[here] & left[there])
        if len(inside) == len(arc) or len(arc) <= FEW_STEPS:
            return here, there, arc


def _peeled(steps: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The same, one by one, until all that are left begin where another ends and end where another begins."""
    while True:
        begins, ends = {u for u, _, _ in steps}, {v for _, v, _ in steps}
        inside = [step for step in steps if step[0] in ends and step[1] in begins]
        if len(inside) == len(steps):
            return steps
        steps = inside


def _turning(network: Network, used_from: Integers, spare_from: Integers, spare_to: Integers) -> Integers | None:
    """Each node's furthest door out that one more can go to and come back from: for cycles they are one node. None if all stand alone."""
    ends = np.zeros(len(network.names), dtype=np.bool_)
    ends[used_from] = True
    ends[: network.pupils] = False
    both = np.flatnonzero(ends[spare_from])
    if not len(both):
        return None
    further = np.arange(len(ends))
    further[spare_from[both]] = spare_to[both]
    while (onward := further[further]).tobytes() != further.tobytes():
        further = onward
    return further


def detour(network: Network, onward: Residual, arc: int) -> dict[str, str]:
    """Who goes where instead, along a shortest cycle through the pair arc: referral -> URN, "" for unplaced."""
    tail, head, _ = network.ways
    start, goal = head[arc], tail[arc]
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
        if j < network.pair_arcs and tail[j] == u:
            moves[network.names[u]] = network.option[j]
        v = u
    return moves


def leaf_networks(network: Network, problem: Problem, proof: Proof) -> Iterator[tuple[Leaf, Network]]:
    """Every leaf of a proof with its network: the problem's own, within the limits of the branches above the leaf.

    Raises `CertificateRefused` at a branch that misses a way out.
    """
    for leaf, limits in _leaves(network, problem, proof):
        yield leaf, network.within(limits)


def _leaves(network: Network, problem: Problem, proof: Proof) -> Iterator[tuple[Leaf, Limits]]:
    waiting: list[tuple[Proof, Limits]] = [(proof, {})]
    while waiting:
        one, limits = waiting.pop()
        if isinstance(one, Leaf):
            yield one, limits
        elif isinstance(one, Branch):
            waiting += reversed([*_below(network, problem, one, limits)])
        else:
            raise CertificateRefused("A packing is no proof by flows.")


def _below(network: Network, problem: Problem, proof: Branch, limits: Limits) -> Iterator[tuple[Proof, Limits]]:
    where = f"the room for {proof.room} at {proof.setting}"
    seats = next((seats for seats in network.shared if (seats.setting, seats.name) == (proof.setting, proof.room)), None)
    if seats is None:
        raise CertificateRefused(f"The proof branches on {where}, which no two gates share.")
    least = fixed_behind(problem, network.kind, seats)
    for gate, at_most, _ in proof.ways:
        if not 0 <= gate < len(least) or at_most < 0:
            raise CertificateRefused(f"The proof limits gate {gate} of {where} to {at_most}; it has {len(least)} gates.")
        least[gate] = max(least[gate], at_most + 1)
    if sum(least) <= seats.places:
        raise CertificateRefused(f"The proof does not cover every way to keep {where} within {seats.places}.")
    for gate, at_most, below in proof.ways:
        yield below, narrowed(network, limits, seats.arcs[gate], at_most)


def narrowed(network: Network, limits: Limits, arc: int, at_most: int) -> Limits:
    """The limits with one more, unless the arc has less room already."""
    return {**limits, arc: min(at_most, limits.get(arc, int(network.capacity[arc])))}


def fixed_behind(problem: Problem, kind: Sequence[int], seats: SharedRoom) -> list[int]:
    """How many pupils are fixed there, by gate."""
    there = [kind[u] for u, p in enumerate(problem.referrals) if problem.fixed.get(p) == seats.setting]
    return [sum(mask >> k & 1 for k in there) for mask in seats.inside]


def contested(network: Network, x: Integers, loose: Iterable[int] = ()) -> Contest | None:
    """The first room that the flow x overfills, or could if the loose pair arcs were used too, and how many could come by each gate."""
    if not network.shared:
        return None
    coming: dict[str, set[int]] = {}
    tail, _, capacity = network.ways
    for j in (*np.flatnonzero(x[: network.pair_arcs]).tolist(), *loose):
        coming.setdefault(network.option[j], set()).add(tail[j])
    for seats in network.shared:
        here = coming.get(seats.setting, ())
        if len(here) <= seats.places:
            continue
        kinds = [network.kind[u] for u in here]
        at_gates = [sum([mask >> k & 1 for k in kinds]) for mask in seats.inside]
        most = tuple([min(n, capacity[arc]) for n, arc in zip(at_gates, seats.arcs, strict=True)])
        if sum(most) > seats.places:
            return seats, most
    return None


def loose_ends(network: Network, placing: dict[str, str], x: Integers, arcs: Integers) -> tuple[set[str], Contest | None]:
    """Whom another placing, as good at every stage, sends elsewhere; and where ties could overfill shared room, if they can.

    Where they can, only those are named for whom one cycle was found that overfills nothing.
    """
    loose = ties(network, x, arcs)
    contest = contested(network, x, loose)
    if contest is None:
        return {network.names[u] for u in network.tail[loose].tolist()}, None
    onward, movers = residual(network, x, arcs), set[str]()
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
