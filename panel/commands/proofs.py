"""What is proved of an answer, and what is not, as a chair reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from panel.placing.certificate import Certificate
from panel.placing.recheck import Rechecked

BECAUSE: Final[Mapping[str, str]] = {
    "points": "pupils count points",
    "crossing": "counts cross",
    "together": "pupils are to be placed together",
}
"""Why there is no certificate."""


def in_words(proved: Certificate | Rechecked, digest: str) -> Iterator[str]:
    """One line where there is a certificate; where there can be none, what each of two solvers found, and why."""
    if isinstance(proved, Certificate):
        yield f"Proved: no better answer exists, and {as_good(proved)}. Proof {digest[:16]}, {proved.leaves} part(s)."
        return
    if proved.optimal:
        yield f"No better answer exists, and {as_good(proved)}: so one solver proved, in {proved.steps} steps."
    else:
        yield f"NOT ALL PROVED: {proved.proved} of {proved.steps} steps are, within the solver's limit. A better answer may exist."
    yield f"Another solver looked for a better one: {proved.rechecked} of {proved.steps} steps settled, nothing found."
    why = " and ".join(BECAUSE[reason] for reason in proved.because)
    yield f"As {why}, there is no certificate; `pastoral audit replay` solves it again. Record {digest[:16]}."


def as_good(proved: Certificate | Rechecked) -> str:
    """Whether another answer is as good."""
    if proved.tied:
        return f"equally good answers exist for {', '.join(proved.tied)}"
    return "no other answer is as good" if proved.unique else "whether another is as good is open"
