"""By what a book's placements are proved: by a certificate, or where its counts do not allow one, by solvers.

It proves nothing, and looks at no meeting. A flow has a certificate only where no quota, share or limit counts points, no two
pupils are to be placed together, and of any two sets of pupils that are counted one holds the other, or they are apart (`nesting.py`).

    certificate   what a book says that says nothing: two that cross are refused
    solvers       `proof: solvers`: two may cross; refused where nothing needs it, for then more can be proved than it says
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from rules.book import ON_ROLL, Limit, Objective, Proof, Rulebook
from rules.edition import Edition
from rules.errors import Fault
from rules.layers import Stack
from rules.nesting import crossing
from rules.yaml_text import Path

Made = Sequence[tuple[Objective, Edition, Path]]
"""The objectives that hold, each with the book that says it and where."""

PAGE: Final = "docs/what-protocols-say.md"


def proof_of(stack: Stack, made: Made, rulebook: Rulebook, lost: Collection[str], faults: list[Fault]) -> Proof:
    """What the layers say, from the lowest up; what of it is wrong, and which objectives cross where none may, are added to the faults."""
    proof: Proof = "certificate"
    home: Edition | None = None
    for edition in stack:
        said = edition.shape.proof
        if said is None:
            continue
        if problem := _misplaced(edition, home, proof):
            faults.append(problem)
        else:
            proof, home = said, edition
    pairs = crossings([objective for objective, _, _ in made], rulebook, lost)
    if proof == "certificate" and "proof." not in lost:
        faults.extend(crossed(made, crossings([objective for objective, _, _ in made], rulebook, lost, by_anything=False)))
    if home is not None and not lost:
        told = [why for objective, _, _ in made if (why := no_flow(objective, rulebook))] + [*map(_in_points, limits_in_points(rulebook))]
        if proof == "solvers" and not pairs and not told:
            faults.append(_needless(home))
        if proof == "certificate" and told:
            faults.append(_weighed(home, told[0]))
    return proof


def crossings(
    objectives: Sequence[Objective], rulebook: Rulebook, lost: Collection[str] = (), *, by_anything: bool = True
) -> tuple[tuple[int, int], ...]:
    """The pairs of objectives, by their places, that count pupils who overlap without nesting; not `by_anything`: see `crossing`."""
    known = {ON_ROLL, *(count.id for count in rulebook.counts if f"school.{count.id}" not in lost)}
    counting = {n: one for n, one in enumerate(objectives) if one.count in known or one.name == "rota"}
    year_group = rulebook.facts["referral.year_group"]
    years = range(year_group.low, year_group.high + 1)
    return crossing(counting, rulebook.counts, rulebook.lifecycle, years, by_anything=by_anything)


def counts_points(objective: Objective, rulebook: Rulebook) -> bool:
    """Whether a quota or share counts what pupils weigh."""
    return any(count.id == objective.count and count.weigh == "points" for count in rulebook.counts)


def no_flow(objective: Objective, rulebook: Rulebook) -> str:
    """Why an objective by itself has no certificate, in words; nothing where it has one."""
    if counts_points(objective, rulebook):
        return f"{in_words(objective)} counts points"
    return "together places pupils with one another" if objective.name == "together" else ""


def limits_in_points(rulebook: Rulebook) -> tuple[Limit, ...]:
    """The limits whose room is in points."""
    return tuple(limit for limit in rulebook.limits if limit.weigh == "points")


def _in_points(limit: Limit) -> str:
    return f"the limit {limit.id} has room in points"


def in_words(objective: Objective) -> str:
    """A quota, share or rota by what it counts: `quota of on_roll in each year group (of: everybody)`."""
    part = " in each year group" if objective.part == "year_group" else ""
    return f"{objective.name}{f' of {objective.count}' if objective.count else ''}{part} (of: {objective.of})"


def no_certificate(rulebook: Rulebook) -> tuple[str, ...]:
    """Why a placement under the book may have no certificate, in words; nothing where every one has."""
    told = _crossed(rulebook) + [why for one in rulebook.objectives if (why := no_flow(one, rulebook))]
    return (*told, *map(_in_points, limits_in_points(rulebook)))


def _crossed(rulebook: Rulebook) -> list[str]:
    pairs = crossings(rulebook.objectives, rulebook) if rulebook.proof == "solvers" else ()
    return [f"{in_words(rulebook.objectives[second])} crosses {in_words(rulebook.objectives[first])}" for first, second in pairs]


def said_proof(rulebook: Rulebook) -> str:
    """That, and why, placements under the book are proved by solvers, as one sentence; nothing where they have a certificate."""
    told = no_certificate(rulebook)
    if not told:
        return ""
    said = " (`proof: solvers`)" if rulebook.proof == "solvers" else ""
    return (
        f"Placements are proved by two solvers, not by a certificate{said}: {'; '.join(told)}. "
        "A meeting in which nobody makes the difference has a certificate all the same."
    )


def _misplaced(edition: Edition, home: Edition | None, proof: Proof) -> Fault | None:
    """A layer of law has no objectives to be proved; what a book below promises, one above keeps."""
    if edition.shape.statutory:
        advice = "How a placement is proved is for the book that has the objectives."
        return edition.fault(("proof",), found="proof", wanted="none in a statutory book", advice=advice)
    if home is not None and proof == "certificate" and edition.shape.proof == "solvers":
        return edition.fault(
            ("proof",),
            found="proof: solvers",
            wanted=f"proof: certificate, as in {home.name}",
            advice="A book above may promise more than one below, never less.",
        )
    return None


def _needless(home: Edition) -> Fault:
    return home.fault(
        ("proof",),
        found="proof: solvers, while no two counts of the objectives cross, and nothing counts points or places pupils together",
        wanted="no `proof`",
        advice="Every placement under this book has a certificate, which is more than solvers can say. Leave the key out.",
    )


def _weighed(home: Edition, why: str) -> Fault:
    return home.fault(
        ("proof",),
        found=f"proof: certificate, while {why}",
        wanted="proof: solvers, or no `proof`, or a book without that",
        advice="What weighs points, or places pupils together, is packing: it is settled by solvers, and there is no certificate.",
    )


def crossed(made: Made, pairs: Sequence[tuple[int, int]]) -> Iterator[Fault]:
    """Two numbers of pupils who overlap while neither holds the other cannot both be levelled by a flow."""
    way_on = f" To have both all the same say `proof: solvers` at the top of the book: slower, and without a certificate ({PAGE})."
    for first, second in pairs:
        one, (other, edition, path) = made[first][0], made[second]
        advice = "Such numbers cannot be levelled together with a certificate."
        if ON_ROLL in (one.count, other.count):
            advice += (
                " To fill vacancies first write a tier instead, `at: [mainstream]`, `when: year.on_roll < year.pan`:"
                " it goes by the rolls as they stood when the meeting opened."
            )
        elif one.part != other.part:
            advice += " Count both per school or both per year group, or let the count per school take in everybody whom the other counts."
        yield edition.fault(
            path,
            found=f"{in_words(other)}, which crosses {in_words(one)}",
            wanted="counts of pupils who nest: apart from each other, or one inside the other",
            advice=advice + way_on,
        )
