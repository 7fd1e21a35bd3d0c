"""What is monitored must not decide: each pupil's monitored characteristics, changed, change no decision.

Both fixtures' first meetings are decided again and again, each time with one characteristic of one pupil another one, from
the record itself: the identity lies in the ledger, sealed, and nothing that decides may read it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from panel import events as ev
from panel.deciding.decision import proposal, redecide
from panel.deciding.opening import freeze
from panel.placing.placement import place
from panel.state.fold import fold
from panel.state.records import Recorded
from panel.steps import casebook, meeting
from panel.steps.office import Office, found
from panel.story import made_up_clock, made_up_salts

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FILES = ("schools", "places", "terms", "history", "exclusions", "admissions", "journeys")


BEFORE = ev.Identity(
    upn="A820000115001",
    family_name="Aldous",
    given_names="Wren",
    born_on=dt.date(2013, 4, 2),
    sex="F",
    ethnicity="WBRI",
    fsm=False,
    sen="N",
)
OTHERWISE: dict[str, object] = {
    "upn": "Z000000000001",
    "family_name": "Zeller",
    "given_names": "Arlo",
    "born_on": dt.date(2012, 9, 1),
    "sex": "M",
    "ethnicity": "BCRB",
    "fsm": True,
    "sen": "K",
    "address": "1 Made-up Lane",
}


def opened(book: str, folder: Path, referrals: str, on: dt.date) -> Office:
    """A fixture's first meeting, opened, with an identity recorded for every pupil before it."""
    clock, salts = made_up_clock(dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)), made_up_salts("fairness")
    office = found("sqlite://", name=None, book=book, actor="test", clock=clock, salts=salts)
    for what in FILES:
        if (folder / f"{what}.csv").exists():
            casebook.load(office, what, folder / f"{what}.csv")
    casebook.load(office, "referrals", folder / referrals)
    pupils = sorted({referral.made.pupil for referral in office.state.referrals.values()})
    office.write(*(ev.IdentityRecorded(pupil=pupil, identity=BEFORE) for pupil in pupils))
    meeting.open_meeting(office, on=on, chair="the chair")
    meeting.draw(office, words=["one", "two", "three"])
    return office


@pytest.mark.parametrize(
    ("book", "folder", "referrals", "on"),
    [
        ("shire11", "shire11", "referrals-1.csv", dt.date(2026, 9, 24)),
        ("bradford", "bradford28", "referrals-01.csv", dt.date(2026, 10, 1)),
    ],
)
def test_no_monitored_characteristic_decides(book: str, folder: str, referrals: str, on: dt.date) -> None:
    with opened(book, FIXTURES / folder, referrals, on) as office:
        held = meeting.the_open_meeting(office.state)
        rulebook = office.rulebook(on)
        evaluate = office.evaluation(rulebook)

        def decided(record: tuple[Recorded, ...]) -> tuple[ev.Event, ev.Event]:
            before = record[: held.opened_seq - 1]
            again = freeze(before, rulebook, evaluate, meeting=1, on=on, chair="the chair")
            settled = next(other for other in fold(record).meetings if other.number == 1)
            decision = redecide(record, replace(settled, opened=again), None, rulebook, evaluate=evaluate, place=place)
            return again, proposal(decision, again, rulebook)

        usual = decided(office.record)
        changed = 0
        for n, item in enumerate(office.record):
            if not isinstance(item.event, ev.IdentityRecorded):
                continue
            for name, value in OTHERWISE.items():
                identity = BEFORE.model_copy(update={name: value})
                other = replace(item, event=ev.IdentityRecorded(pupil=item.event.pupil, identity=identity))
                assert other != item
                changed += 1
                # Every ninth is decided whole; for all of them the facts, which are all that a decision reads, are compared.
                record = (*office.record[:n], other, *office.record[n + 1 :])
                if changed % 9 == 0:
                    assert decided(record) == usual
                else:
                    assert fold(record) == fold(office.record)
        assert changed >= 60
