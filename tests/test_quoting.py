"""What a failure may quote: only what can tell nothing of a person."""

from __future__ import annotations

import pytest

from panel.intake.cells import REFERENCE, YES_OR_NO, Apart, Day, References, Several, Text, Urn, Whole, one_of
from panel.intake.places_of_cells import place_of
from panel.quoting import Place, of_usage, references

KINDS = one_of(("managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access"))
LETTERS = one_of(("a", "b", "l"))
ABOUT_A_CHILD = (
    "Wren Hollis", "Wren", "Alice", "Jo", "HOLLIS, Wren", "wren.hollis@home.test", "X lives at 4 Elm Row with an aunt", "4 Elm Row",
    "ZZ9 9ZZ", "ZZ99ZZ", "A123456789012", "07700 900123", "01632 960001", "14 March 2012", "managed move Wren", "yes, Wren", "no Jo",
    "R1 Wren", "Wren-1", "100001 Wren", "Ålesund", "९ ९", "Wren\u200b", "900001:Wren", "none: Wren Hollis", "Max", "May",
    "Down", "Noel", "R1 07700 900123", "\U0001f426\U0001f426",
)  # fmt: skip
CELLS = (
    Whole(7, 11),
    Whole(0, 1000),
    Day(),
    YES_OR_NO,
    KINDS,
    LETTERS,
    REFERENCE,
    References(),
    Urn(),
    Several(Urn()),
    Apart(Urn()),
    Text(12),
)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: type(cell).__name__)
@pytest.mark.parametrize("text", ABOUT_A_CHILD)
def test_nothing_about_a_child_is_quoted_whatever_the_column(cell: object, text: str) -> None:
    place = place_of(cell)  # type: ignore[arg-type]
    assert place.found(text) == f"text of {len(text)} characters, which is not quoted"
    assert place.named(text) == ""


@pytest.mark.parametrize(
    "text", ["14/03/2012", "2012-03-14", "2012-03-14 00:00:00", "14.3.12", "40982", "622000", "1 622000 411000", "14032012"]
)
@pytest.mark.parametrize("cell", [Whole(7, 11), YES_OR_NO, KINDS, REFERENCE, Text(12)], ids=lambda cell: type(cell).__name__)
def test_days_of_birth_and_homes_are_not_quoted_where_no_day_stands(cell: object, text: str) -> None:
    """40982 is how a workbook counts 14 March 2012; six digits alone look like a reference's number."""
    if cell is REFERENCE and text in ("40982", "622000"):
        return
    assert "not quoted" in place_of(cell).found(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Whole(7, 11), "12"), (Whole(7, 11), "2026"), (Whole(7, 11), "-1"), (Whole(0, 1000), "93.5%"), (Whole(0, 10_000), "1,205"),
        (Whole(0, 10_000_000), "12345.67"), (Whole(7, 11), "?"), (Whole(7, 11), "unknown"),
        (YES_OR_NO, "maybe"), (YES_OR_NO, "N/A"), (YES_OR_NO, "2"), (YES_OR_NO, "ture"),
        (KINDS, "managed-move"), (KINDS, "Managed moves"), (KINDS, "managedmove"), (KINDS, "mangaed_move"), (KINDS, "fair acess"),
        (KINDS, "permanent exclusions"), (LETTERS, "z"),
        (Day(), "31/02/2026"), (Day(), "1/9/26"), (Day(), "22.10.2026"), (Day(), "9999-12-31"),
        (Urn(), "90001"), (Urn(), "900012"), (Several(Urn()), "900001;900001"), (Several(Urn()), "900001,900002"),
        (Apart(Urn()), "900001:safegarding"), (Apart(Urn()), "900001:police;900001"),
        (REFERENCE, "panel"), (REFERENCE, "=R1"), (References(), "P1;P1"), (References(), "P-031"),
    ],
)  # fmt: skip
def test_what_helps_and_tells_nothing_is_quoted(cell: object, text: str) -> None:
    assert place_of(cell).found(text) == f"'{text}'"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["R1", "X9", "R-031", "MM/2026/14", "8a", "case-13", "007"])
def test_what_looks_like_a_reference_or_like_those_of_the_record_is_quoted(name: str) -> None:
    assert references(("case-12", "R2")).named(name) == f" '{name}'"


@pytest.mark.parametrize("name", ["Wren", "Wren Hollis", "case-Wren", "Wren-12", "14/03/2012", "A123456789012", "ZZ99ZZ", "pupil-13"])
def test_any_other_reference_is_not(name: str) -> None:
    assert references(("case-12", "R2")).named(name) == ""


def test_a_long_quotation_is_cut_short() -> None:
    assert Place(urns=True).found(";".join(["900001"] * 9)) == "'900001;900001;900001;900001;900001;90000...'"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Got unexpected extra argument (Wren)", "Got unexpected extra argument (text of 4 characters, which is not quoted)"),
        ("Got unexpected extra arguments (an aunt)", "Got unexpected extra arguments (text of 7 characters, which is not quoted)"),
        ("Got unexpected extra argument (R2)", None),
        ("'Wren' is not one of 'parent', 'pupil'.", "text of 4 characters, which is not quoted is not one of 'parent', 'pupil'."),
        ("\"O'Dea\" is not one of 'parent', 'pupil'.", "text of 5 characters, which is not quoted is not one of 'parent', 'pupil'."),
        ("'parnet' is not one of 'parent', 'pupil'.", None),
        ("'Wren' is not a valid integer range.", "text of 4 characters, which is not quoted is not a valid integer range."),
        ("'9.5' is not a valid integer range.", None),
        ("No such command 'Wren'.", "No such command text of 4 characters, which is not quoted."),
        ("No such command 'opne'.", None),
        ("Missing option '--kind'.", None),
    ],
)
def test_the_command_line_does_not_repeat_it_either(message: str, said: str | None) -> None:
    assert of_usage(message, ("open", "close", "show")) == (said or message)
