"""`pastoral demo`: the Shire11 story, told through the same commands that a panel uses."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shlex
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import click

from panel.commands.frame import Chance, talk


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="DIR", help="Leave the ledger and the files here."
)
@click.option("--debug", is_flag=True, help="Show where in the program a failure arose.")
def demo(keep: Path | None, debug: bool) -> int:  # noqa: ARG001 - read by `failure`
    """The Shire11 story, from founding to audit, on a fresh ledger. Schools and pupils are invented.

    \b
    Example:
      pastoral demo --keep shire11
    """
    from panel.story import made_up_clock, made_up_salts, read_story

    folder = _folder(keep)
    source = resources.files("fixtures") / "shire11"
    for file in source.iterdir():
        if file.name.endswith(".csv"):
            (folder / file.name).write_bytes(file.read_bytes())
    chance = Chance(made_up_clock(dt.datetime(2026, 9, 1, 9, 0, tzinfo=dt.UTC)), made_up_salts("shire11"))
    worst = 0
    with _in(folder):
        for step in read_story((source / "story.txt").read_text(encoding="utf-8")):
            if step.command:
                worst = max(worst, _run(step.command, chance))
            else:
                click.echo(step.told)
    talk(f"The ledger and the files it was loaded from are in {folder}: try pastoral position --ledger sqlite:///{folder}/shire11.db")
    return worst


def _run(words: tuple[str, ...], chance: Chance) -> int:
    """Run one command of the story as a user would, and show it."""
    pastoral = click.get_current_context().find_root().command
    click.echo(f"$ pastoral {' '.join(word if shlex.quote(word) == word else json.dumps(word) for word in words)}")
    code = pastoral.main(args=list(words), prog_name="pastoral", standalone_mode=False, obj=chance)
    click.echo()
    return code if isinstance(code, int) else 0


def _folder(keep: Path | None) -> Path:
    """A fresh folder. One that is kept must not hold a ledger already: nothing of somebody else's is written over."""
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="pastoral-demo-"))
    if (keep / "shire11.db").exists() or (keep / "shire11.db.keys").exists():
        raise click.UsageError(f"--keep: there is a ledger in {keep} already; name another folder, or remove it first.")
    keep.mkdir(parents=True, exist_ok=True)
    return keep.resolve()


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    """Work in the folder, with the ledger and the clerk of the story."""
    before, environment = Path.cwd(), dict(os.environ)
    os.environ.update(PASTORAL_LEDGER="sqlite:///shire11.db", PASTORAL_ACTOR="clerk")
    for own in ("PASTORAL_KEYS", "PASTORAL_KEYS_PASSPHRASE"):
        os.environ.pop(own, None)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)
