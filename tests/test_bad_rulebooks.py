"""Every mistake that an officer makes in a rulebook is answered with its line and with words that teach."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from rules.errors import RulebookError
from rules.rulebook import Shelf, check_text, shipped, shipped_text

BAD: Final = sorted((Path(__file__).parent / "rulebooks" / "bad").glob("*.yaml"))
EXPECTED: Final = re.compile(r"# expect: line (\d+): (.*)")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf.of((text, f"{name}.yaml") for name in shipped() for text in shipped_text(name))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_is_named_with_its_line(path: Path, shelf: Shelf) -> None:
    text = path.read_text(encoding="utf-8")
    expected = EXPECTED.findall(text)
    assert expected, "a file of this folder says what the message must contain"
    with pytest.raises(RulebookError) as caught:
        check_text(text, path.name, shelf)
    said = str(caught.value).splitlines()[1:]
    for line, words in expected:
        assert any(one.startswith(f"  {path.name} line {line}") and words in one for one in said), "\n".join(said)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_one_mistake_is_one_line(path: Path, shelf: Shelf) -> None:
    text = path.read_text(encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        check_text(text, path.name, shelf)
    assert len(caught.value.faults) == len(EXPECTED.findall(text)), str(caught.value)
