"""`pastoral audit certificate`: one proposal's proof, checked again and handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.commands.frame import Desk, command, several

if TYPE_CHECKING:
    from panel.answering.certified import Certified


@command(example="pastoral audit certificate 67\npastoral audit certificate 67 -o certificate.json")
@click.argument("seq", metavar="SEQ", type=click.IntRange(min=1))
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write it to a file, as JSON."
)
def certificate(desk: Desk, seq: int, output: Path | None) -> int:
    """Check the proof of the proposal at entry SEQ, and hand out all that somebody else's checker needs.

    With --json or -o: facts, problem, placement, proof and values, as docs/certificate.md says. That tells of each child,
    by reference, as much as the sealed cases do: keep it as you keep the ledger.
    """
    from panel.answering.certified import certified

    with desk.open() as office:
        found = certified(office.record, seq, office.book_then, office.evaluation)
    data = found.as_data()
    written = ["To check it by another program: -o FILE, and docs/certificate.md."] if found.ok else []
    if output is not None:
        from panel.files import put_new

        put_new(output, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode(), mode=0o600)
        data["written"] = str(output)
        written = [f"Written: {output}. It tells of each child, by reference: keep it as you keep the ledger."]
    desk.answer(data, *([] if desk.json else [*_proved(found), *written]))
    return 0 if found.ok else 1


def _proved(found: Certified) -> Iterator[str]:
    """What the proof of a proposal shows, as an auditor reads it."""
    placed, names = len(found.proposed.placements), [objective.name.replace("_", " ") for objective in found.problem.objectives]
    yield (
        f"Entry {found.seq}, proposed to meeting {found.opened.meeting} of {found.opened.on}: "
        f"{placed} of {several(len(found.problem.referrals), 'pupil')} placed."
    )
    proved = found.certificate
    if proved is not None:
        good = f"equally good answers exist for {', '.join(proved.tied)}" if proved.tied else "no other answer is as good"
        yield f"Proved, without the solver: no better answer exists, and {good}."
        yield f"Compared in this order: {', '.join(names)}."
        yield f"The proof has {several(proved.leaves, 'leaf', 'leaves')}. Its digest:"
        yield f"  {found.digest}"
    yield from (f"WRONG: {problem}" for problem in found.problems)
    if not found.ok:
        yield "This entry does not say what its proof and the record show. See also `pastoral audit replay`."
