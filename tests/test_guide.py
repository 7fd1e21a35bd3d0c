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
MORE = guide.MORE.read_text(encoding="utf-8")
BOOK = guide.whole(PAGE)
RESTS = {"statutory", "categories", "lifecycle", "year_groups", "proof", "school_facts", "offers", "phases", "points"}
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
    assert [key for key in RESTS if not re.search(rf"`{key}\b", PAGE + MORE)] == []


@pytest.mark.parametrize(("page", "of"), [(PAGE, ""), (MORE, BOOK)], ids=["guide", "more"])
def test_the_commands_answer_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, of: str) -> None:
    monkeypatch.chdir(tmp_path)

    def run(book: str, command: str) -> str:
        Path(guide.BOOK).write_text(book, encoding="utf-8")
        name, *words = command.split()
        assert name == "pastoral"
        said = pastoral(*words)
        return said.out + said.err

    now = guide.filled(page, run, of)
    assert guide.blocks(now, "console") == guide.blocks(page, "console"), "run `make docs`"
    assert now == page


@pytest.mark.parametrize("page", [PAGE, MORE], ids=["guide", "more"])
def test_each_change_is_followed_by_what_is_said_of_it(page: str) -> None:
    kinds = [block["kind"] for block in guide.BLOCK.finditer(page)]
    changes = [place for place, kind in enumerate(kinds) if kind == "diff"]
    assert len(changes) >= 12
    assert {kinds[place + 1] for place in changes} == {"console"}


def test_no_sentence_of_a_protocol_is_a_mistake() -> None:
    """What protocols say is sound as it stands there; the guide's last part shows mistakes."""
    assert "cannot be used as a rulebook" not in MORE


def test_every_part_of_what_protocols_say_is_in_its_list() -> None:
    listed = re.findall(r"^- \[(.+?)\]\(#", MORE, re.MULTILINE)
    assert listed == re.findall(r"^### (.+)$", MORE, re.MULTILINE)


def test_a_mistake_is_made_in_one_place_only() -> None:
    assert guide.changed("a: 1\nb: 2\n", "-b: 2\n+b: 3\n") == "a: 1\nb: 3\n"
    with pytest.raises(ValueError, match="found 2 places"):
        guide.changed("a: 1\na: 1\n", "-a: 1\n+a: 2\n")
    with pytest.raises(ValueError, match="found 0 places"):
        guide.changed("a: 1\n", "-a: 2\n+a: 3\n")


def test_every_objective_is_explained() -> None:
    assert [name for name in get_args(ObjectiveName) if f"`{name}`" not in PAGE + MORE] == []


def test_the_reference_of_facts_and_keys_is_current() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run `make docs`"


def test_every_link_of_the_guide_and_the_reference_leads_somewhere() -> None:
    for page in (guide.PAGE, guide.MORE, reference.PAGE):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name} points at {target}"
