"""`pastoral audit`: for those who trust nobody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from panel.commands.certificates import certificate
from panel.commands.checkpoints import against as held_against
from panel.commands.checkpoints import checkpoint
from panel.commands.copying import copy
from panel.commands.equity import equity
from panel.commands.exporting import export
from panel.commands.frame import Desk, command, few, group, several
from panel.commands.keys import FILE
from panel.commands.receipts import check_receipt, receipt
from panel.commands.replaying import replay


@group()
def audit() -> None:
    """Verify the record, replay its decisions, sign checkpoints and receipts.

    \b
    Example:
      pastoral audit verify
    """


for one in (certificate, checkpoint, equity, receipt, check_receipt, copy, export, replay):
    audit.add_command(one)


KEEP: Final = "Keep this file as it is, record nothing more in it, and compare it with an earlier copy."


@command(audit, example="pastoral audit verify\npastoral audit verify --against oct.checkpoint --key clerk.pub")
@click.option("--against", type=FILE, multiple=True, metavar="CHECKPOINT", help="A checkpoint that you kept. Repeatable.")
@click.option("--key", "keys", type=FILE, multiple=True, metavar="PUBLIC", help="A public key that must have signed it. Repeatable.")
def verify(desk: Desk, against: tuple[Path, ...], keys: tuple[Path, ...]) -> int:
    """Walk the whole chain: every entry unchanged, in order and canonical, every seal matching.

    With --against also whether it still holds, unchanged, everything up to a checkpoint that was kept elsewhere.
    """
    from panel.answering import answers

    if keys and not against:
        raise click.UsageError("--key goes with --against: it says whose signature a checkpoint must have.")
    with desk.ledger() as ledger:
        flaws, head, erased = ledger.flaws(), ledger.head(), ledger.erased()
        foreign = any(flaw.kind == "another ledger's keys" for flaw in flaws)
        unopened = {} if foreign else {kind: len(parts) for kind, parts in ledger.withheld().items()}
        held = held_against(ledger, against, keys) if against else None
    told = tuple({"seq": flaw.seq, "kind": flaw.kind, "detail": flaw.detail} for flaw in flaws)
    lines = [*few([f"entry {flaw.seq}: {flaw.kind}: {flaw.detail}" for flaw in flaws])]
    matching = "every seal that could be opened matches" if unopened else "every seal matches"
    whole = f"{head.seq} entries; every one is unchanged since it was written, and {matching}."
    alone = "This shows that the record is consistent within itself; "
    alone += "only a head or checkpoint kept elsewhere shows one rewritten or cut off."
    problems = (*told, *(held.problems if held else ()))
    data = answers.verified(problems, head.seq, head.digest, len(erased), unopened)
    if held:
        data |= {"against": list(held.answers), "tree": held.tree}
        lines = [*lines, *held.bad, *held.good]
    if erased:
        by = ", ".join(str(seq) for seq in sorted(set(erased.values())))
        whole += f" {len(erased)} sealed part(s) were erased, as entry {by} says."
    closed = [_unopened(unopened)] if unopened else []
    good = (whole, *closed, f"Head: {head.digest}", *(held.good if held else (alone,)))
    changed = "This record is not as it was written." if flaws or (held and held.departed) else "In the record itself nothing is wrong."
    advice = [KEEP] if flaws else []
    bad = (*lines, *closed, f"{len(problems)} problem(s) found in {head.seq} entries. {changed}", *advice)
    desk.answer(data, *(bad if problems else good))
    return 1 if problems else 0


def _unopened(parts: Mapping[str, int]) -> str:
    told = " and ".join(f"{number} of class {kind}" for kind, number in parts.items())
    return f"Not opened, and so not compared: {several(sum(parts.values()), 'sealed part')} ({told}), under keys that are not here."
