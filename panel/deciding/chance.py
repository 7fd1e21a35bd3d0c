"""The public draw: a seed that nobody could choose alone, and the bits that settle ties.

    seed         = H("pastoral/seed/1\\n" + agenda digest + "\\n" + canonical JSON of the words)
    bits(p)      = the first 30 bits of H("pastoral/lottery/1\\n" + seed + "\\n" + p)
    bits(p, s)   = the first 30 bits of H("pastoral/lottery/1\\n" + seed + "\\n" + p + "\\n" + s);   H = SHA-256

p is the pupil reference, s the URN. It draws nothing by itself and knows no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel.canonical import canonical, digest

BITS: Final = 30


def seed(agenda_digest: str, words: Sequence[str]) -> str:
    """The seed of one meeting, as 64 lower-case hex digits. Order and repetition of the words count."""
    return digest("pastoral/seed/1", agenda_digest, "\n", canonical(list(words)))


def bits(drawn: str, pupil: str, urn: str | None = None) -> int:
    """A pupil's own bits, or those of a pupil and a setting: 0 to 2**30 - 1; the lower goes first."""
    told = digest("pastoral/lottery/1", drawn, "\n", pupil) if urn is None else digest("pastoral/lottery/1", drawn, "\n", pupil, "\n", urn)
    return int(told[:8], 16) >> (32 - BITS)
