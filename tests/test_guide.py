"""The guide for officers: its snippets are one sound rulebook, its commands answer what it says, and the reference is current."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from docs import facts as reference
from docs import guide
from rules.coverage import coverage
from rules.examples import run_examples
from rules.forms import ObjectiveName
from rules.rulebook import Shelf, check_text, shipped, shipped_text
from rules.shape import BookShape
from tests.running import pastoral

PAGE = guide.PAGE.read_text(encoding="utf-8")
RESTS = {"statutory", "categories", "lifecycle", "year_groups", "proof", "points"}
"""Keys of a book that a partnership's own protocol can do without; the guide speaks of them."""


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf.of((text, f"{name}.yaml") for name in shipped() for text in shipped_text(name))


def test_the_snippets_make_one_sound_rulebook(shelf: Shelf) -> None:
    book = check_text(guide.whole(PAGE), guide.BOOK, shelf)
    results = run_examples(book)
    assert [result for result in results if not result.ok] == []
    assert [str(gap) for gap in coverage(book, results).gaps] == []


def test_the_snippets_use_every_key_of_a_book() -> None:
    book = guide.whole(PAGE)
    keys = {field.alias or name for name, field in BookShape.model_fields.items()}
    assert {key for key in keys if not re.search(rf"^{key}:", book, re.MULTILINE)} == RESTS
    assert [key for key in RESTS if not re.search(rf"`{key}\b", PAGE)] == []


def test_the_commands_answer_what_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def run(book: str, command: str) -> str:
        Path(guide.BOOK).write_text(book, encoding="utf-8")
        name, *words = command.split()
        assert name == "pastoral"
        said = pastoral(*words)
        return said.out + said.err

    now = guide.filled(PAGE, run)
    assert guide.blocks(now, "console") == guide.blocks(PAGE, "console"), "run `make docs`"
    assert now == PAGE


def test_each_mistake_is_followed_by_what_is_said_of_it() -> None:
    kinds = [block["kind"] for block in guide.BLOCK.finditer(PAGE)]
    mistakes = [place for place, kind in enumerate(kinds) if kind == "diff"]
    assert len(mistakes) >= 12
    assert {kinds[place + 1] for place in mistakes} == {"console"}


def test_a_mistake_is_made_in_one_place_only() -> None:
    assert guide.changed("a: 1\nb: 2\n", "-b: 2\n+b: 3\n") == "a: 1\nb: 3\n"
    with pytest.raises(ValueError, match="found 2 places"):
        guide.changed("a: 1\na: 1\n", "-a: 1\n+a: 2\n")
    with pytest.raises(ValueError, match="found 0 places"):
        guide.changed("a: 1\n", "-a: 2\n+a: 3\n")


def test_every_objective_is_explained() -> None:
    assert [name for name in get_args(ObjectiveName) if f"`{name}`" not in PAGE] == []


def test_the_reference_of_facts_and_keys_is_current() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run `make docs`"


def test_every_link_of_the_guide_and_the_reference_leads_somewhere() -> None:
    for page in (guide.PAGE, reference.PAGE):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name} points at {target}"
