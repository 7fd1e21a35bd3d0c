"""Whose placements an objective or a limit counts, and how that is written. It looks at no book and no pupil."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

EXCLUDED: Final[Mapping[bool | None, str]] = {None: "", True: "permanently_excluded", False: "not_permanently_excluded"}


@dataclass(frozen=True, slots=True)
class Audience:
    """Some kinds, the permanently excluded (`excluded` is True) or all others (False); everybody where `of:` is absent.

    Where it names kinds and one of these two, whoever is any of them; with `both`, only who is of these kinds and one of the two.
    With a `fact` of the case, only those of whom it is so, which no kind tells.
    """

    kinds: frozenset[str] | None = None
    excluded: bool | None = None
    both: bool = False
    fact: str = ""

    def has(self, kind: str, excluded: bool) -> bool:
        """Whether a pupil who comes by this kind is one of them, as far as that tells it."""
        if self.excluded is None:
            return self.kinds is None or kind in self.kinds
        among = kind in (self.kinds or ())
        return (excluded is self.excluded and among) if self.both else (excluded is self.excluded or among)

    def __str__(self) -> str:
        if self.fact:
            return self.fact
        kinds, which = sorted(self.kinds or ()), EXCLUDED[self.excluded]
        if self.both:
            return f"{' or '.join(kinds)}{',' if len(kinds) > 1 else ''} and {which}"
        return ", ".join((*kinds, *([which] if which else []))) or "everybody"

    @property
    def as_written(self) -> str:
        """What follows `of:` in a book."""
        if self.both:
            return f"{{kinds: [{', '.join(sorted(self.kinds or ()))}], permanently_excluded: {str(self.excluded is True).lower()}}}"
        return f"[{self}]" if self.kinds is not None else str(self)


BY_EXCLUSION: Final[Mapping[str, bool]] = {"permanently_excluded": True, "not_permanently_excluded": False}


def whoever_is(words: Collection[str]) -> Audience:
    """Whoever is any of these: kinds, and at most one of the two that go by an exclusion."""
    kinds = frozenset(words).difference(BY_EXCLUSION)
    return Audience(kinds=kinds or None, excluded=next((BY_EXCLUSION[word] for word in words if word in BY_EXCLUSION), None))


EVERYBODY: Final = Audience()
"""Where `of` is left out."""
