"""Writes docs/cli.md from the commands' own help, so that nothing is typed twice: `make docs`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

PAGE = Path(__file__).with_name("cli.md")

BEGINNING = """# The command

Written by `make docs` from the commands' own help; a test checks that it is up to date.

Data goes to stdout, talk to stderr. With `--json` the answer is JSON, and so is an error:
`{"error": {"kind", "message", "problems": [{"file", "row", "column", "found", "wanted"}]}}`, on stdout, with the same exit code.

| exit code | means |
|---|---|
| 0 | done, and clean |
| 1 | done, and the answer is adverse: tampering, a divergence, a failing example, somebody unplaced with `--strict` |
| 2 | usage: an unknown option, a file that is not there |
| 3 | what was asked or given was refused; nothing was recorded |
| 4 | the program or the ledger failed; nothing was recorded |

Completion: `eval "$(_PASTORAL_COMPLETE=bash_source pastoral)"` (or `zsh_source`, `fish_source`).
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Every command with its help, depth first."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from commands(
                    inner, click.Context(inner, parent=context, info_name=name, terminal_width=88, **inner.context_settings)
                )


def page() -> str:
    """The text of docs/cli.md."""
    from cli import pastoral

    os.environ.pop("PASTORAL_LEDGER", None)
    root = click.Context(pastoral, info_name="pastoral", terminal_width=88, **pastoral.context_settings)
    parts = [BEGINNING]
    for path, help_text in commands(pastoral, root):
        parts.append(f"## {path}\n\n```text\n{help_text.rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
