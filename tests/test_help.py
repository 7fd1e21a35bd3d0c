"""Help of every command: an example, the common options, 80 columns."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from cli import COMMANDS
from cli import pastoral as root
from tests.running import CHECKOUT, pastoral

# --- help ---


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    def below(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from below((*path, name), inner)

    yield from below((), root)


EVERY = dict(every_command())
LEAVES = {path: command for path, command in EVERY.items() if not isinstance(command, click.Group)}
PATHS = [pytest.param(path, id=" ".join(path) or "pastoral") for path in EVERY]


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    said = pastoral(*path, "-h")
    assert (said.code, said.err) == (0, "")
    assert said.out == pastoral(*path, "--help").out
    assert "Example:\n" in said.out
    assert f"    {' '.join(('pastoral', *path))} " in said.out.replace("\n", " \n")
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize("path", [pytest.param(path, id=" ".join(path)) for path in LEAVES])
def test_every_example_names_options_that_there_are(path: tuple[str, ...]) -> None:
    command = LEAVES[path]
    options = {name for parameter in command.params for name in parameter.opts}
    example = (command.help or "").partition("Example:\n")[2].replace("\\\n", " ")
    lines = [shlex.split(line) for line in example.splitlines() if line.strip()]
    assert lines
    for line in lines:
        assert line[: 1 + len(path)] == ["pastoral", *path]
        assert {word for word in line if word.startswith("--")} <= options


def test_every_command_takes_the_common_options() -> None:
    for path, command in LEAVES.items():
        options = {name for parameter in command.params for name in parameter.opts}
        assert options >= ({"--debug"} if path == ("demo",) else {"--ledger", "--keys", "--json", "--actor", "--debug"}), path


def test_help_lists_every_command_and_imports_none() -> None:
    said = pastoral("--help").out
    assert all(f"\n  {name} " in said for name in COMMANDS)
    code = (
        "import sys, cli; sys.argv = ['pastoral', '--help']\ntry: cli.main()\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not {"panel.commands", "pydantic", "sqlalchemy", "rich", "ortools"} & set(done.stderr.split())
