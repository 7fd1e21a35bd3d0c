"""`pastoral keys`: who signs, and who may read what is sealed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import KEYS_PASSPHRASE, Desk, asked_for, command, group

if TYPE_CHECKING:
    from panel.record.keys import Signer
    from panel.record.note import PublicKey

PASSPHRASE: Final = "PASTORAL_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@group()
def keys() -> None:
    """Keys that sign checkpoints, and those that open what is sealed.

    \b
    Example:
      pastoral keys new shire11/clerk -o clerk.key
      pastoral keys auditor -o auditor.keys
    """


@command(keys, example="pastoral keys new shire11/clerk -o clerk.key\npastoral keys new ashdown-school --passphrase")
@click.argument("name")
@click.option("--passphrase", "sealed", is_flag=True, help=f"Seal the key under a passphrase: asked for, or from {PASSPHRASE}.")
@click.option("-o", "--output", type=NEW_FILE, default=None, metavar="FILE", help="The private key's file; by default NAME.key.")
def new(desk: Desk, name: str, *, sealed: bool, output: Path | None) -> None:
    """Make a key that signs as NAME: a private file that only you may read, and beside it the public one for everybody.

    NAME says to everybody who signs, such as shire11/clerk: no spaces, no plus sign.
    """
    from panel.record.keys import make
    from panel.record.note import is_name

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
    """Show the public keys in files of either kind, to be compared with what their owners say of them.

    Of a file of a ledger's keys: of which ledger, which classes, which generation. The keys themselves are never shown.
    """
    from panel.record.keyfile import is_key_file
    from panel.record.keys import describe

    if any(is_key_file(path) for path in files):
        _show_ledger_keys(desk, files)
        return
    found = [(path, *describe(path)) for path in files]
    data = {"keys": [{"file": str(path), "kind": kind, **_told(public)} for path, public, kind in found]}
    if desk.json:
        desk.answer(data)
        return
    for path, public, kind in found:
        click.echo(f"{path} ({kind}): {public.name}, key ID {public.id.hex()}\n  {public}")


def _show_ledger_keys(desk: Desk, files: tuple[Path, ...]) -> None:
    """What files of ledgers' keys hold."""
    from panel.errors import Refused
    from panel.record.keyfile import KeyFile

    told = []
    for path in files:
        found = KeyFile(path, asked_for).read()
        if found is None:
            raise Refused(f"{path} is not there")
        classes = {kind: list(found.generations(kind)) for kind in found.classes}
        told.append({"file": str(path), "kind": "ledger keys", "ledger": found.ledger, "classes": classes})
    lines = [f"{one['file']} (ledger keys): {_classes(one['classes'])}\n  of the ledger {one['ledger']}" for one in told]
    desk.answer({"keys": told}, *lines)


def _classes(classes: Any) -> str:
    return ", ".join(f"{kind} (generation {', '.join(map(str, numbers))})" for kind, numbers in classes.items())


@command(keys, example="pastoral keys auditor -o auditor.keys")
@click.option("-o", "--output", type=NEW_FILE, required=True, metavar="BUNDLE", help="A new file that only you may read.")
@click.option("--passphrase", "sealed", is_flag=True, help=f"Seal the bundle under a passphrase: asked for, or from {KEYS_PASSPHRASE}.")
def auditor(desk: Desk, output: Path, *, sealed: bool) -> None:
    """Write the key of the cases alone, for an auditor: enough to verify and replay everything, not to see who a child is.

    It opens this ledger until `pastoral keys rotate`, and no other. Hand it over apart from any copy of the ledger.
    """
    from panel.errors import Refused
    from panel.record.keyfile import bundle
    from panel.record.keyring import CASE

    with desk.ledger() as ledger:
        if not ledger.encrypted():
            raise Refused("What is sealed in this ledger is not encrypted, so it has no keys: `pastoral audit copy` makes one that is.")
        ledger.must_open(CASE)
        found, generation = ledger.keys(), ledger.generation()
    assert found is not None  # noqa: S101 - the cases were opened with it
    bundle(output, found.only(kinds=(CASE,), generation=generation), asked_for(output, new=True) if sealed else None)
    desk.answer(
        {"written": str(output), "ledger": found.ledger, "classes": [CASE], "generation": generation, "passphrase": sealed},
        f"Written: {output}, the key of the cases (generation {generation}), bound to this ledger. Identities stay closed to it.",
        "With a copy of the ledger it shows every case that is or will be in it: `pastoral keys rotate` ends that.",
    )


@command(keys, example="pastoral keys rotate\npastoral keys rotate --passphrase")
@click.option("--passphrase", "sealed", is_flag=True, help=f"Seal the new keys under a passphrase: asked for, or from {KEYS_PASSPHRASE}.")
def rotate(desk: Desk, *, sealed: bool) -> int:
    """Change the ledger's keys: old key files and bundles open nothing in it from then on.

    Every pupil's key is wrapped anew in one step; nothing is recorded, for nothing that the chain says changes. Whoever copied both
    the ledger and a key before still has what they copied. Exit 1: changed, but the file could not be cleaned yet.
    """
    from panel.errors import LedgerError
    from panel.record.keyfile import KeyFile
    from panel.record.keyring import CLASSES

    kept = desk.keys()
    with desk.ledger(kept) as ledger:
        for kind in CLASSES:
            ledger.must_open(kind)
        if sealed and isinstance(kept, KeyFile):
            kept.seal_under(asked_for(kept.path, new=True))
        generation = ledger.rotate()
        try:
            left, unswept = ledger.sweep(), ""
        except LedgerError:
            left, unswept = "", "Somebody else is using the ledger, so its file could not be cleaned yet: give the same command once more."
    desk.answer(
        {"generation": generation, "keys": kept.where, "swept": not unswept, "left_to_do": unswept or left},
        f"Changed: the keys in {kept.where} are of generation {generation}, and open everything; those before open nothing here.",
        "Give the new file to everybody who works with this ledger, and make new bundles for auditors.",
        "It does not reach copies: whoever copied the ledger and its keys before has what was in it then.",
        *([unswept or left] if unswept or left else []),
    )
    return 1 if unswept else 0


def signer_of(path: Path | None) -> Signer | None:
    """Whoever signs with the key in the file; its passphrase is asked for where it has one."""
    if path is None:
        return None
    from panel.record.keys import load

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
