"""What the authority was asked to pay for a pupil's way to school."""

from __future__ import annotations

import datetime as dt

from panel.events.lifecycle import OfReferral


class TransportClaimed(OfReferral):
    """Somebody claims the cost of travel to the school of a decision, for days from the first to the last."""

    kind = "transport claimed"
    pence: int
    first: dt.date
    last: dt.date
