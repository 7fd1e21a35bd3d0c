"""The documentation says what is so: the reference is the commands' own help, and the README's commands run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from cli import pastoral
from docs.reference import PAGE, page

CHECKOUT = Path(__file__).resolve().parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    """The fenced blocks without a language, in order."""
    return re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_reference_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/cli.md is behind the commands; run `make docs`"


def test_the_quick_start_is_the_two_commands() -> None:
    assert blocks(README)[0] == "make demo\nmake test\n"


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (CHECKOUT / "fixtures" / "shire11").glob("*.csv"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PASTORAL_LEDGER", raising=False)
    lines = [line for block in blocks(README)[1:] for line in block.splitlines()]
    assert len(lines) > 10
    for line in lines:
        name, *words = shlex.split(line)
        assert name == "pastoral"
        code = pastoral.main(args=words, prog_name="pastoral", standalone_mode=False)
        assert code in (None, 0), f"{line}: {capsys.readouterr()}"
    told = capsys.readouterr().out
    assert "Why not Brackwater Academy (900002)? Barred." in told
    assert "each came out the same, to the byte" in told


def test_every_page_of_the_readme_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (CHECKOUT / target).is_file(), f"README.md points at {target}, which is not there"


def test_the_formulas_of_how_it_decides_are_those_of_the_code() -> None:
    from hashlib import sha256

    from panel.deciding.chance import bits, seed

    drawn = seed("ab" * 32, ["heron", "maple"])
    assert drawn == sha256(b"pastoral/seed/1\n" + b"ab" * 32 + b'\n["heron","maple"]').hexdigest()
    first = sha256(f"pastoral/lottery/1\n{drawn}\nP01\n900001".encode()).digest()
    assert bits(drawn, "P01", "900001") == int.from_bytes(first[:4], "big") >> 2
    assert bits(drawn, "P01") == int.from_bytes(sha256(f"pastoral/lottery/1\n{drawn}\nP01".encode()).digest()[:4], "big") >> 2


def test_every_column_that_is_read_is_described() -> None:
    """docs/files.md names each column that a loader takes."""
    from panel.commands.cases import COLUMNS
    from panel.intake import admissions, exclusions, history, identities, journeys, places, referrals, schools, terms

    text = (CHECKOUT / "docs" / "files.md").read_text(encoding="utf-8").casefold()
    modules = (admissions, exclusions, history, journeys, places, referrals, schools, terms)
    columns = {column for module in modules for column in (*module.NEEDS, *getattr(module, "TAKES", ()))}
    columns |= {*COLUMNS, *identities.CELLS}
    assert len(columns) > 60
    assert sorted(column for column in columns if column not in text) == []
