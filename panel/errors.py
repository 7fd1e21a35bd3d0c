"""Failures of the panel's own work, each with the exit code it ends in."""

from __future__ import annotations

from rules.errors import Fault, PanelError

__all__ = [
    "CertificateRefused",
    "Fault",
    "IntakeError",
    "LedgerBroken",
    "LedgerConflict",
    "LedgerError",
    "PanelError",
    "PlacementError",
    "Refused",
]


class Refused(PanelError):
    """What was asked is not possible as things stand (decided twice, a closed meeting, an unknown URN). Nothing was recorded."""

    exit_code = 3
    kind = "refused"


class IntakeError(Refused):
    """An input file with bad rows. `faults` names every one of them; nothing was recorded."""

    kind = "intake"


class PlacementError(PanelError):
    """No placement could be found or proved. Nothing was recorded."""

    kind = "placement"


class CertificateRefused(PlacementError):
    """A placement whose proof does not hold."""

    kind = "certificate"


class LedgerError(PanelError):
    """The ledger cannot be read or written: missing, locked, newer than this program, or not a ledger."""

    kind = "ledger"


class LedgerBroken(LedgerError):
    """The ledger opens, but what it holds contradicts itself."""


class LedgerConflict(LedgerError):
    """Somebody else wrote first; nothing of this step was recorded."""
