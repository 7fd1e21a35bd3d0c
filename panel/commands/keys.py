"""`pastoral keys`: who signs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from panel.commands.frame import Desk, command, group

if TYPE_CHECKING:
    from panel.keys import Signer
    from panel.note import PublicKey

PASSPHRASE: Final = "PASTORAL_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@group()
def keys() -> None:
    """Make and show the keys that sign checkpoints.

    \b
    Example:
      pastoral keys new shire11/clerk -o clerk.key
    """


@command(keys, example="pastoral keys new shire11/clerk -o clerk.key\npastoral keys new ashdown-school --passphrase")
@click.argument("name")
@click.option("--passphrase", "sealed", is_flag=True, help=f"Seal the key under a passphrase: asked for, or from {PASSPHRASE}.")
@click.option("-o", "--output", type=NEW_FILE, default=None, metavar="FILE", help="The private key's file; by default NAME.key.")
def new(desk: Desk, name: str, *, sealed: bool, output: Path | None) -> None:
    """Make a key that signs as NAME: a private file that only you may read, and beside it the public one for everybody.

    NAME says to everybody who signs, such as shire11/clerk: no spaces, no plus sign.
    """
    from panel.keys import make
    from panel.note import is_name

    if not is_name(name):
        raise click.BadParameter(f"found {name!r}; wanted printable characters without spaces or plus signs, such as shire11/clerk")
    path = output or Path(f"{name.replace('/', '-')}.key")
    public, beside = make(path, name, _new_passphrase() if sealed else None)
    data = {**_told(public), "private_file": str(path), "public_file": str(beside), "passphrase": sealed}
    care = "It is sealed under the passphrase." if sealed else "It has no passphrase: whoever can read it can sign."
    desk.answer(
        data,
        f"Made: a key that signs as {name}, key ID {public.id.hex()}.",
        f"  private: {path}. Keep it to yourself, and a copy in a safe place. {care}",
        f"  public:  {beside}. Give it to everybody who is to check what you sign.",
    )


@command(keys, example="pastoral keys show clerk.pub\npastoral keys show clerk.pub ashdown-school.pub")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
def show(desk: Desk, files: tuple[Path, ...]) -> None:
    """Show the public keys in files of either kind, to be compared with what their owners say of them."""
    from panel.keys import describe

    found = [(path, *describe(path)) for path in files]
    data = {"keys": [{"file": str(path), "kind": kind, **_told(public)} for path, public, kind in found]}
    if desk.json:
        desk.answer(data)
        return
    for path, public, kind in found:
        click.echo(f"{path} ({kind}): {public.name}, key ID {public.id.hex()}\n  {public}")


def signer_of(path: Path | None) -> Signer | None:
    """Whoever signs with the key in the file; its passphrase is asked for where it has one."""
    if path is None:
        return None
    from panel.keys import load

    return load(path, lambda: _passphrase(f"Passphrase of {path}"))


def _passphrase(prompt: str, *, twice: bool = False) -> str:
    from panel.errors import Refused

    given = os.environ.get(PASSPHRASE)
    if given is None:
        if not sys.stdin.isatty():
            raise Refused(f"This key needs a passphrase, and there is no terminal to ask at: put it into {PASSPHRASE}.")
        given = click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    if not given:
        raise Refused(f"{PASSPHRASE}: found nothing; wanted a passphrase.")
    return str(given)


def _new_passphrase() -> str:
    return _passphrase("A new passphrase", twice=True)


def _told(public: PublicKey) -> dict[str, str]:
    return {"name": public.name, "key_id": public.id.hex(), "public": str(public)}
