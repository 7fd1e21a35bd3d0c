"""What a leaf of a proof leaves open: the flow of a placing, the arcs that every stage keeps, and the ties among them.

No solver and no search for anything better: whole numbers, one pass over the arcs per stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from panel.errors import CertificateRefused
from panel.network import Network, SharedRoom
from panel.proof import Leaf, Proof

Residual = Mapping[int, Sequence[tuple[int, int]]]
"""Node -> (next node, arc) along which one more unit, or one unit less, can be sent."""


def flow(network: Network, placing: Mapping[str, str], capacity: Sequence[int]) -> list[int]:
    """Units on every arc when the pupils go as placed, cheaper arcs first. Raises `CertificateRefused` where they do not fit."""
    x = [0] * len(network.head)
    inflow = [0] * len(network.names)
    first, option, head = network.first, network.option, network.head
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
        if units:
            raise CertificateRefused(f"{network.names[u]} has no place for {units} of the {inflow[u]} who are sent there.")
        inflow[head[first[u]]] += inflow[u]
    return x


def kept(network: Network, x: Sequence[int], capacity: Sequence[int], prices: Sequence[Sequence[int]]) -> list[int]:
    """The arcs that every stage keeps: those a placing just as good may use more, or less.

    With `rc = cost + price[tail] - price[head]`, a stage closes the arcs with rc > 0, which must be empty, and fills those
    with rc < 0, which must be full. Raises `CertificateRefused` where they are not: x is then not the best at that stage.
    """
    tail, head = network.tail, network.head
    live: Iterable[int] = range(len(head))
    for stage, (cost, price) in enumerate(zip(network.columns, prices, strict=True)):
        keep = []
        for j in live:
            rc = cost[j] + price[tail[j]] - price[head[j]]
            if rc == 0:
                keep.append(j)
            elif x[j] != (0 if rc > 0 else capacity[j]):
                raise CertificateRefused(
                    f"The prices of stage {stage + 1} ({network.counted[stage]}) do not prove the placing the best: "
                    f"from {network.names[tail[j]]} to {network.names[head[j]]} go {x[j]}, wanted {0 if rc > 0 else capacity[j]}."
                )
        live = keep
    return list(live)


def residual(network: Network, x: Sequence[int], capacity: Sequence[int], arcs: Iterable[int]) -> Residual:
    onward: dict[int, list[tuple[int, int]]] = {}
    for j in arcs:
        if x[j] < capacity[j]:
            onward.setdefault(network.tail[j], []).append((network.head[j], j))
        if x[j]:
            onward.setdefault(network.head[j], []).append((network.tail[j], j))
    return onward


def ties(network: Network, x: Sequence[int], onward: Residual) -> list[int]:
    """The pair arcs nobody uses that lie on a cycle of kept arcs: each leads to another placing, as good at every stage."""
    unused = [j for edges in onward.values() for _, j in edges if j < network.pair_arcs and not x[j]]
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


def narrowed(capacity: tuple[int, ...], arc: int, at_most: int) -> tuple[int, ...]:
    """The capacities when at most so many go along the arc."""
    return (*capacity[:arc], min(at_most, capacity[arc]), *capacity[arc + 1 :])


def limits(network: Network, proof: Proof, capacity: tuple[int, ...] | None = None) -> Iterator[tuple[Leaf, tuple[int, ...]]]:
    """Every leaf of the tree with the capacities that the branches above it leave. Refuses a branch that misses a way out."""
    capacity = network.capacity if capacity is None else capacity
    if isinstance(proof, Leaf):
        yield proof, capacity
        return
    where = f"year {proof.year_group} at {proof.setting}"
    seats = next((seats for seats in network.shared if (seats.setting, seats.year_group) == (proof.setting, proof.year_group)), None)
    if seats is None:
        raise CertificateRefused(f"The proof branches on {where}, whose room no two doors share.")
    arcs, least = seats.arcs, list(seats.fixed)
    for door, at_most, _ in proof.ways:
        if not 0 <= door < len(arcs) or at_most < 0:
            raise CertificateRefused(f"The proof limits door {door} of {where} to {at_most}; wanted one of its {len(arcs)} doors, and a count.")
        least[door] = max(least[door], at_most + 1)
    if sum(least) <= seats.room:
        raise CertificateRefused(f"The proof does not cover every way to keep {where} within its room for {seats.room}.")
    for door, at_most, below in proof.ways:
        yield from limits(network, below, narrowed(capacity, arcs[door], at_most))


def contested(
    network: Network, x: Sequence[int], capacity: Sequence[int], loose: Iterable[int] = ()
) -> tuple[SharedRoom, tuple[int, ...]] | None:
    """The first room that the flow x overfills, or could if the loose pair arcs were used too, and how many could come by each door."""
    if not network.shared:
        return None
    coming: dict[int, set[int]] = {}
    for j in loose:
        coming.setdefault(network.head[j], set()).add(network.tail[j])
    for j in range(network.pair_arcs):
        if x[j]:
            coming.setdefault(network.head[j], set()).add(network.tail[j])
    for seats in network.shared:
        most = tuple(min(capacity[arc], len(coming.get(network.tail[arc], ()))) for arc in seats.arcs)
        if sum(most) > seats.room:
            return seats, most
    return None


def loose_ends(
    network: Network, placing: dict[str, str], x: Sequence[int], capacity: Sequence[int], arcs: Iterable[int]
) -> tuple[set[str], tuple[SharedRoom, tuple[int, ...]] | None]:
    """Whom another placing, as good at every stage, sends elsewhere; and where ties could overfill shared room, if they can.

    Where they can, only those are named for whom one cycle was found that overfills nothing.
    """
    onward = residual(network, x, capacity, arcs)
    loose = ties(network, x, onward)
    contest = contested(network, x, capacity, loose)
    if contest is None:
        return {network.names[network.tail[j]] for j in loose}, None
    movers: set[str] = set()
    for j in loose:
        moves = detour(network, onward, j)
        if contested(network, flow(network, placing | moves, capacity), capacity) is None:
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
