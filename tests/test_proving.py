"""By what a book says its placements are proved: nothing is refused that it allows, and it may not say less than is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.differences import differences
from rules.errors import RulebookError
from rules.proving import crossings, said_proof
from rules.reader import page_of
from rules.rulebook import check, read_edition
from tests.running import pastoral
from tests.test_record_and_schema import LEVELLED
from tests.test_rulebook import DAY, book, read, refused, shelf_of

COUNTS = """
counts:
  excluded: {of: placements, where: admission.after_exclusion, over: academic_year}
  load: {of: placements, over: academic_year}
"""
EXCLUDED = "quota: {count: excluded, limit: 2, of: permanently_excluded}"
ON_ROLL = "quota: {count: on_roll, limit: year.pan, beyond: free}"
SHARE = "share: {load: load}"


def aims(*objectives: str) -> str:
    return "objectives:\n" + "\n".join(f"  - {one}" for one in ("place", *objectives)) + "\n"


def text(*objectives: str, proof: str = "", name: str = "hilltop", below: str = "") -> str:
    said = (f"proof: {proof}\n" if proof else "") + (f"extends: {below}\n" if below else "")
    return book(f"{said}{'' if below else COUNTS}", name=name, objectives=aims(*objectives) if objectives else "")


CROSSING = text(EXCLUDED, ON_ROLL, proof="solvers")


def test_counts_may_cross_where_the_book_says_that_solvers_prove_it() -> None:
    made = check(read_edition(CROSSING, "hilltop.yaml"))
    assert made.proof == "solvers"
    assert crossings(made.objectives, made) == ((1, 2),)
    assert [objective.name for objective in made.objectives] == ["place", "quota", "quota", "lottery"]


def test_a_book_that_says_nothing_has_certificates() -> None:
    assert read(objectives="objectives: [place, tier]", body="tiers: [{id: any, tier: 1, when: true}]\n").proof == "certificate"
    assert "which crosses quota of excluded" in refused(text(EXCLUDED, ON_ROLL))
    assert "which crosses quota of excluded" in refused(text(EXCLUDED, ON_ROLL, proof="certificate"))


def test_the_refusal_names_the_key() -> None:
    said = refused(text(EXCLUDED, ON_ROLL))
    assert "To have both all the same say `proof: solvers` at the top of the book: slower, and without a certificate" in said


def test_a_head_reads_what_is_proved_and_why() -> None:
    made = check(read_edition(CROSSING, "hilltop.yaml"))
    assert said_proof(made) == (
        "Placements are proved by two solvers, not by a certificate (`proof: solvers`): quota of on_roll in each year group "
        "(of: everybody) crosses quota of excluded (of: permanently_excluded). "
        "A meeting in which nobody makes the difference has a certificate all the same."
    )
    assert said_proof(made) in page_of(made).lead
    assert said_proof(read()) == ""


def test_a_share_of_points_is_told_where_the_book_says_nothing_of_its_proof(tmp_path: Path) -> None:
    path = tmp_path / "harbour.yaml"
    path.write_text(LEVELLED, encoding="utf-8")
    said = " ".join(pastoral("rules", "check", str(path)).out.split())
    assert "Placements are proved by two solvers, not by a certificate: share of points (of: everybody) counts points." in said
    assert "share of points (of: everybody) counts points" in " ".join(pastoral("rules", "show", str(path)).out.split())


def test_points_may_say_so_too() -> None:
    """What weighs points has no certificate whatever the book says; it may say so, and may not say otherwise."""
    tariff = "tariff: [{id: anybody, points: 2, when: true, examples: [{name: all, expect: fires}]}]\n"
    counts = "counts: {weight: {of: placements, over: term, weigh: points}}\n"
    made = read(f"proof: solvers\n{tariff}{counts}", objectives=aims("share: {load: weight}"))
    assert "share of weight (of: everybody) counts points" in said_proof(made)
    assert read(f"{tariff}{counts}", objectives=aims("share: {load: weight}")).proof == "certificate", "the record's old books stand"


def test_what_a_book_below_promises_one_above_keeps() -> None:
    below = text(EXCLUDED, SHARE, proof="certificate", name="county")
    above = text(EXCLUDED, ON_ROLL, SHARE, proof="solvers", below="county")
    said = refused(above, shelf_of(below))
    assert "found proof: solvers; wanted proof: certificate, as in county" in said
    assert "crosses" in said


def test_a_book_above_may_allow_what_the_one_below_leaves_open_and_inherits_what_it_allows() -> None:
    open_ = text(EXCLUDED, SHARE, name="county")
    made = shelf_of(open_, text(EXCLUDED, ON_ROLL, SHARE, proof="solvers", below="county")).in_force("hilltop", DAY)
    assert made.proof == "solvers"
    allowed = text(EXCLUDED, ON_ROLL, proof="solvers", name="county")
    assert shelf_of(allowed, text(below="county")).in_force("hilltop", DAY).proof == "solvers"
    with pytest.raises(RulebookError, match="which crosses quota of excluded"):
        shelf_of(allowed, text(proof="certificate", below="county")).in_force("hilltop", DAY)


def test_two_editions_differ_in_it() -> None:
    old, new = check(read_edition(text(EXCLUDED), "old.yaml")), check(read_edition(CROSSING, "new.yaml"))
    found = [(one.key, one.old, one.new) for one in differences(old, new) if one.section == "book" and one.key == "proved by"]
    assert found == [("proved by", "certificate", "solvers")]
