"""`pastoral audit`: for those who trust nobody."""

from __future__ import annotations

import click

from panel.commands.frame import Desk, command, group


@group()
def audit() -> None:
    """Verify the record and replay its decisions.

    \b
    Example:
      pastoral audit verify
    """


@command(audit, example="pastoral audit verify")
def verify(desk: Desk) -> int:
    """Walk the whole chain: every entry unchanged, in order and canonical, every seal matching."""
    from panel import answers
    from panel.ledger import Ledger

    with Ledger.open(desk.url) as ledger:
        flaws, head = ledger.flaws(), ledger.head()
    told = tuple({"seq": flaw.seq, "kind": flaw.kind, "detail": flaw.detail} for flaw in flaws)
    lines = [f"entry {flaw.seq}: {flaw.kind}: {flaw.detail}" for flaw in flaws]
    good = (
        f"{head.seq} entries; every one is unchanged since it was written, and every seal matches.",
        f"Head: {head.digest}",
        "This shows that the record is consistent within itself; only a head or checkpoint kept elsewhere shows one rewritten or cut off.",
    )
    bad = (*lines, f"{len(flaws)} problem(s) found in {head.seq} entries. This record is not as it was written.")
    desk.answer(answers.verified(told, head.seq, head.digest), *(bad if flaws else good))
    return 1 if flaws else 0


@command(audit, example="pastoral audit replay\npastoral audit replay --meeting 2")
@click.option("--meeting", type=click.IntRange(min=1), default=None, help="Only the meeting of this number.")
def replay(desk: Desk, meeting: int | None) -> int:
    """Decide every proposal again from the record, and compare facts, findings, placement, proof and draw."""
    from panel import answers
    from panel.placement import place
    from panel.replay import Replayer

    with desk.open() as office:
        found = Replayer(office.record, office.book_then, office.evaluation, place).replay(meeting)
    if found.ok:
        lines = [f"{found.decisions} proposal(s) replayed; each came out the same, to the byte."]
    else:
        lines = [f"entry {d.seq}: {d.what}: recorded {d.recorded}; replayed {d.replayed}" for d in found.divergences]
        lines.append(f"{len(found.divergences)} divergence(s) in {found.decisions} proposal(s).")
    desk.answer(answers.replayed(found), *lines)
    return 0 if found.ok else 1
