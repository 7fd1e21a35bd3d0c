"""The transparency record of a book, and the schema by which editors check one."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from panel.reports.transparency import as_data, record_of, to_fill_in
from rules.errors import RulebookError
from rules.facts import FACTS
from rules.rulebook import check_text
from rules.schema import schema
from rules.yaml_text import Plain, read_yaml
from tests.running import CHECKOUT, pastoral
from tests.stories.test_brothers_and_sisters import TOGETHER
from tests.stories.test_no_more_points_than_agreed import MOST, POINTS
from tests.test_rules_pages import BOOK, SHELF, TEXT

LEVELLED = POINTS.replace(MOST, "").replace("  - place\n", "  - place\n  - share: {load: points}\n", 1)
"""The same points, levelled, and no limit in them."""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "hilltop.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


# the transparency record


def test_the_record_fills_in_what_it_knows_and_marks_the_rest() -> None:
    record = record_of(BOOK)
    assert [(section.tier, section.title) for section in record] == [
        (1, "Overview"),
        (2, "Owner and responsibility"),
        (2, "Description and rationale"),
        (2, "Deployment context and decision-making process"),
        (2, "Tool specification"),
        (2, "Data"),
        (2, "Risks, mitigations and impact assessments"),
    ]
    assert to_fill_in(record) == (
        "Website URL", "Contact email", "1.1 Organisation or department", "1.2 Team", "1.3 Senior responsible owner",
        "1.4 Third party involvement", "1.4.1 Third party", "1.4.2 Companies House number", "1.4.3 Third party role",
        "1.4.4 Procurement procedure type", "1.4.5 Third party data access terms", "2.4 Previous process", "2.5 Alternatives considered",
        "3.3 Frequency and scale of usage", "3.5 Required training", "3.6 Appeals and review", "4.1.2 Phase", "4.1.3 Maintenance",
        "4.2.5 Data access and storage", "4.2.6 Data sharing agreements", "5.1 Impact assessment", "5.2 Risks and mitigations",
    )  # fmt: skip
    assert all(field.text or field.ask for section in record for field in section.fields)


def test_the_record_speaks_of_this_book() -> None:
    texts = {field.name: field.text for section in record_of(BOOK) for field in section.fields}
    assert "(2) no mainstream school goes above 2 by the count taken" in texts["Detailed description"]
    said = "Rules and limits that the panel may override with a reason: full. Rules and limits that it may not: too-far."
    assert said in texts["Human decisions and review"]
    assert "a proof that no better one exists by the protocol's own aims" in texts["Benefit"]
    assert "accepted only when a separate checker has proved it best. Records" in texts["System architecture"]
    assert "of the pair of pupil and school: metres, quoted_pence, sibling_here" in texts["Operational data"]
    assert "referral.ehcp (decides how a case is handled, never which school)" in texts["Sensitive attributes"]
    assert "This one has 12 examples" in texts["Maintenance"]
    assert "looked_after" not in texts["Sensitive attributes"]


@pytest.mark.parametrize(
    ("book", "why"),
    [
        (TOGETHER, "together places pupils with one another"),
        (POINTS, "the limit most-points has room in points"),
        (LEVELLED, "share of points (of: everybody) counts points"),
    ],
)
def test_the_record_claims_no_proof_that_is_not_there(book: str, why: str) -> None:
    texts = {field.name: field.text for section in record_of(check_text(book, "harbour.yaml", SHELF)) for field in section.fields}
    assert "a proof that no better one exists" not in texts["Benefit"]
    assert "what one solver found and another checked, step by step, of whether a better one exists" in texts["Benefit"]
    system = texts["System architecture"]
    assert f"By this rulebook a placement is no flow ({why}): " in system
    assert "No separate checker proves it best" in system
    assert "Only in a meeting in which no pupil makes that difference does this hold instead: the placement is found" in system


def test_the_record_as_a_file_is_not_written_over(file: str, tmp_path: Path) -> None:
    target = tmp_path / "record.md"
    told = pastoral("rules", "record", file, "-o", str(target))
    assert told.code == 0
    assert " ".join(told.out.split()).endswith("22 fields to be filled in by a person.")
    text = target.read_text(encoding="utf-8")
    assert text.startswith("# Algorithmic transparency record: Hilltop partnership\n\n")
    assert text.count("**To be filled in:** ") == 22
    assert text == pastoral("rules", "record", file).out
    target.write_text("worked on", encoding="utf-8")
    again = pastoral("rules", "record", file, "-o", str(target))
    assert (again.code, target.read_text(encoding="utf-8")) == (3, "worked on")
    assert "is there already, and is not written over" in again.err


def test_the_record_as_data(file: str) -> None:
    data = json.loads(pastoral("rules", "record", file, "--format", "json").out)
    assert data == json.loads(json.dumps(as_data(record_of(BOOK), BOOK)))
    assert data == pastoral("rules", "record", file, "--json").json
    assert data["standard"] == "Algorithmic Transparency Recording Standard"
    contact = data["tier_1"]["Overview"][3]
    assert (contact["name"], contact["filled"], contact["text"]) == ("Contact email", False, "")
    assert contact["ask"] == "the address of the team that answers questions about the tool"


# the schema for editors


def as_json_value(value: Plain) -> Any:
    """What an editor sees: lists, and days as text."""
    if isinstance(value, dict):
        return {key: as_json_value(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [as_json_value(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date) else value


VALID = Draft202012Validator(schema())


def objections(text: str) -> list[str]:
    return [error.message for error in VALID.iter_errors(as_json_value(read_yaml(text, "x")[0].value))]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == schema()


@pytest.mark.parametrize("text", [TEXT, *(edition.text for edition in SHELF.editions)], ids=lambda text: text.partition("\n")[0][:30])
def test_books_that_are_sound_pass_the_schema(text: str) -> None:
    assert objections(text) == []


BY_THE_CASE = (
    ("place: {of: referral.on_a_roll}", "place: {of: [referral.on_a_roll]}"),
    ("tier: {of: {kinds: fair_access, permanently_excluded: true}}", "tier: {of: {kinds: fair_access}}"),
    ("waiting: {by: referral.days_since_made}", "waiting: {by: tier}"),
    ("case_by_case: {by: tier, first: referral.days_since_made}", "case_by_case: {by: referral.days_since_made}"),
)


@pytest.mark.parametrize(("said", "wrong"), BY_THE_CASE)
def test_whoever_comes_first_by_the_case_passes_the_schema(said: str, wrong: str) -> None:
    assert objections(TEXT.replace("  - transport\n", f"  - {said}\n", 1)) == []
    assert objections(TEXT.replace("  - transport\n", f"  - {wrong}\n", 1))


CASE_BY_CASE = ("{by: [tier, journey]}", "{by: [tier, preference], unranked: 4}", "{by: journey, of: [fair_access]}")


@pytest.mark.parametrize("said", CASE_BY_CASE)
def test_each_case_by_itself_passes_the_schema(said: str) -> None:
    assert objections(TEXT.replace("  - transport\n", f"  - case_by_case: {said}\n", 1)) == []
    assert objections(TEXT.replace("  - transport\n", "  - case_by_case: {unranked: 4}\n", 1))


@pytest.mark.parametrize("others", ["local_authority", "[local_authority, early_help]"])
def test_others_at_the_table_pass_the_schema(others: str) -> None:
    meeting = f"meeting: {{others: {others}}}\n"
    assert objections(TEXT + meeting) == []
    assert "local_authority" in str(check_text(TEXT + meeting, "x", SHELF).meeting["others"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title:", "titel:"),
        ("from: 2026-09-01", "form: 2026-09-01"),
        ("over: term", "over: 40 days"),
        ("over: term", "over: term, wiegh: heads"),
        ("of: placements,", "of: placement,"),
        ("per: year_group\n", "per: class\n"),
        ("    at: [mainstream]\n", "    at: [mainstraem]\n"),
        ("    at: [mainstream]\n", "    applies_to: [fair_access]\n"),
        ("    waivable: false\n", "    waivable: never\n"),
        ("    points: 3\n", "    points: three\n"),
        ("    points: 3\n", "    points: 3\n    in_force: {from: 2026-09-01}\n"),
        ("  - id: too-far\n", "  - id: Too Far\n"),
        ("fact: candidate.far,", "fact: pupil.far,"),
        ("candidate.metres: 9000}", "candidate.meters: 9000}"),
        ("candidate.metres: 9000}", "candidate.metres: far}"),
        ("{referral.ehcp: true}, expect: fires", "{referral.ehcp: true}, expect: fire"),
        ("  - transport\n", "  - transports\n"),
        ("  - transport\n", "  - quota\n"),
        ("limit: 2,", "limt: 2,"),
        ("count: taken, limit: 2,", "count: taken,"),
        ("  taken: {of", "  Taken: {of"),
        ("  furthest: {value: 9000,", "  Furthest: {value: 9000,"),
        ("  - tier\n", "  - tier: {unranked: 2}\n"),
        ("    when: candidate.far\n", ""),
    ],
)
def test_what_an_editor_can_see_is_underlined(old: str, new: str) -> None:
    assert TEXT.count(old) >= 1
    assert objections(TEXT.replace(old, new, 1))
    with pytest.raises(RulebookError):
        check_text(TEXT.replace(old, new, 1), "x")


def test_an_example_completes_every_fact() -> None:
    given = schema()["$defs"]["ExampleShape"]["properties"]["given"]["properties"]
    assert list(given) == [fact.name for fact in FACTS]
    assert given["candidate.metres"]["description"].endswith("(metres)")


def test_the_schema_as_a_file(tmp_path: Path) -> None:
    target = tmp_path / "rulebook.schema.json"
    told = pastoral("rules", "schema", "-o", str(target))
    assert told.code == 0
    assert json.loads(target.read_text(encoding="utf-8")) == schema()
    assert pastoral("rules", "schema").out == target.read_text(encoding="utf-8")
    assert pastoral("rules", "schema", "-o", str(tmp_path / "no" / "such" / "place.json")).code == 3
    assert pastoral("rules", "schema", "-o", str(target)).code == 3, "what is there is not written over"


def test_a_check_loads_no_ledger_no_solver_no_engine_and_no_tables(file: str) -> None:
    """A whole process, as it is run again and again while a book is written."""
    heavy = ("sqlmodel", "sqlalchemy", "ortools", "numpy", "durable_rules_engine", "rich", "orjson")
    program = f"import sys; sys.argv = ['pastoral', 'rules', 'check', {file!r}]; import cli\ntry: cli.main()\nexcept SystemExit: pass\n"
    told = subprocess.run(
        [sys.executable, "-c", f"{program}print([name for name in {heavy!r} if name in sys.modules])"],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1] == "[]"
    assert told.stdout.startswith("hilltop, edition of 2026-09-01: sound.")
