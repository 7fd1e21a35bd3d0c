"""docs/what-tampering-shows.md: what `make tamper` tried, and what each attempt shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.attacks.attack import ShownBy
from tests.attacks.catalogue import EVERY
from tests.attacks.fields import MOST
from tests.attacks.forgery import Copy

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "what-tampering-shows.md"

Tried = Mapping[tuple[str, str], tuple[int, int]]
"""(kind of entry, field) -> how often it was changed, and how often the replay found that."""

OPENING: Final = """\
# What tampering shows

`make tamper` writes this page. It takes the ledger of the Shire11 story ({entries} entries, {parts} sealed parts), does to a copy
everything below, at every entry where it can be done, and looks at the copy as an auditor does: `pastoral audit verify`, and
where that is content `pastoral audit replay`. Each attempt must be found by the command named, at the first entry that is
wrong. `tests/test_tampering.py` tries some of it each time the tests run.

What is sealed lies in the file encrypted ([sealing.md](sealing.md)), and the auditor has the keys. Somebody who makes all seals fit
again has them too. Without any key `verify` finds all that it finds of entries and commitments, and every sealed part and every key
that is gone or too many; whether an encrypted part was changed it cannot tell, and says how many it could not open.

Who changes a byte and no more is found by `verify`. Who has this program too can make every digest and seal fit again; then
`verify` is content, and `replay` finds whatever no longer follows from the entries before it. What people chose (a reason in
words, a first day, who was in the chair) follows from nothing: of that only a checkpoint that somebody else kept shows that
it was changed. So give every school one when a meeting closes, and hold the record against it:
`pastoral audit verify --against FILE`.
"""
HEADS: Final[Mapping[ShownBy, str]] = {
    "verify": "## What `audit verify` finds\n\nSomebody ...",
    "replay": "## What `audit replay` finds\n\nAll digests and seals fit again. Somebody ...",
    "checkpoint": "## What only a head or checkpoint kept elsewhere shows\n\n"
    "All digests and seals fit again, and everything follows from what was recorded. Somebody ...",
}
FIELDS: Final = """\
## Field by field

Every field, open or sealed, changed to another value of its kind at up to {most} entries that have it, all digests and seals
made to fit. In the first column are fields whose change the replay found each time; in the second those whose change it found
where a meeting had read them (how often, of how many); those in the last it did not find, for no meeting of the story read them
there, or people chose them.
"""
BITS: Final = """\
## One bit of the file itself

{all} bits, spread evenly over the whole file, were turned one at a time. `audit verify` named an entry {found} times; the file
was refused as damaged or as no ledger (exit 4) {damaged} times; {nothing} times the bit lay where the record says nothing, and every
entry and sealed part read the same. The record was changed unseen {unseen} times.
"""
END: Final = """\
## What nothing shows

- A lie that was told when it was recorded. The record proves what was said and when it was last unchanged, not that it is so.
- What was added after the newest checkpoint that somebody else holds, if it could have been recorded honestly.
- Anything in other tables that somebody puts into the file: they are not part of the record, and nothing reads them.
"""


def page(copy: Copy, tried: Tried, flipped: Mapping[str, int]) -> str:
    """The whole page."""
    return "\n".join((attempts(copy), by_field(tried), bytes_changed(flipped), END))


def attempts(copy: Copy) -> str:
    """The part about the attacks: it follows from the list alone."""
    opening = OPENING.format(entries=len(copy.entries), parts=len(copy.sealed))
    tables = ["\n".join((head, "", "| | entries |", "|---|---|", *_rows(shown_by, copy), "")) for shown_by, head in HEADS.items()]
    return "\n".join((opening, *tables))


def _rows(shown_by: ShownBy, copy: Copy) -> list[str]:
    return [f"| {one.name} | {len([*one.sites(copy)])} |" for one in EVERY if one.shown_by == shown_by]


def by_field(tried: Tried) -> str:
    """The part about single fields."""
    kinds = list(dict.fromkeys(kind for kind, _ in tried))
    rows = [f"| {kind} | {' | '.join(_columns(kind, tried))} |" for kind in kinds]
    total, found = (sum(numbers[n] for numbers in tried.values()) for n in (0, 1))
    table = "\n".join(("| | always | where it was read | never |", "|---|---|---|---|", *rows, ""))
    return f"{FIELDS.format(most=MOST)}\n{table}\n{total} changes, of which the replay found {found}.\n"


def _columns(kind: str, tried: Tried) -> tuple[str, str, str]:
    own = {field: numbers for (of, field), numbers in tried.items() if of == kind}
    return (
        ", ".join(field for field, (times, found) in own.items() if found == times),
        ", ".join(f"{field} {found} of {times}" for field, (times, found) in own.items() if 0 < found < times),
        ", ".join(field for field, (_, found) in own.items() if not found),
    )


def bytes_changed(flipped: Mapping[str, int]) -> str:
    """The part about the file's own bytes."""
    return BITS.format(all=sum(flipped.values()), **flipped)
