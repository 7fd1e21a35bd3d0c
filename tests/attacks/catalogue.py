"""Every attack, and whether one of them shows as it must."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from panel.record.checkpoint import Checkpoint
from tests.attacks import on_a_meeting, on_the_chain, on_the_keys, on_the_record, on_the_word, on_what_followed, on_what_was_kept
from tests.attacks.attack import ATTACKS, Attack
from tests.attacks.forgery import NOTHING_FOUND, Copy, audited, checkpoint, departs, read, shire11, written
from tests.running import put

MODULES: Final = (on_the_chain, on_the_keys, on_a_meeting, on_the_word, on_the_record, on_what_followed, on_what_was_kept)
EVERY: Final[tuple[Attack, ...]] = tuple(ATTACKS)


@dataclass(frozen=True, slots=True)
class Bench:
    """The original ledger and its rows, the checkpoint that was kept of it, and the file in which copies are forged."""

    original: Path
    forged: Path
    copy: Copy
    kept: Checkpoint

    @classmethod
    def within(cls, folder: Path) -> Bench:
        """The Shire11 story's ledger in a folder of its own."""
        original = folder / "original.db"
        put(shire11(), original)
        copy = read(original)
        return cls(original, folder / "forged.db", copy, checkpoint(copy))

    def surprise(self, attack: Attack, seq: int) -> str:
        """What is otherwise than expected once somebody does so at an entry; nothing where all is as it must be."""
        made = attack.do(self.copy, seq)
        if made.copy == self.copy:
            return f"{attack.do.__name__} at entry {seq}: nothing was changed"
        path = written(made.copy, self.forged, self.original)
        found = audited(path)
        if attack.shown_by == "checkpoint":
            shown = departs(path, self.kept)
            wanted = not shown if made.what == "added" else made.what in shown.values() or (shown and not made.what)
            return "" if found == NOTHING_FOUND and wanted else f"{attack.do.__name__} at entry {seq}: {found}, {dict(shown)}"
        exact = found.what == made.what or (attack.shown_by == "replay" and found.what.startswith(made.what))
        if (found.by, found.seq) == (attack.shown_by, made.seq) and exact:
            return ""
        return f"{attack.do.__name__} at entry {seq}: wanted {attack.shown_by}, entry {made.seq}, {made.what}; found {found}"
