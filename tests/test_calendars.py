"""The calendar: read back with the library, folded within characters, escaped, and the same for the same record."""

from __future__ import annotations

import datetime as dt

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from panel.clocks.calendars import Deadline, calendar, uid

MOMENT = "2026-11-20T09:30:15.123456Z"
PRINTED = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=120)


def deadline(say: str = "R1: on roll", more: str = "a; b, c", *, key: tuple[str, ...] = ("R1", "clock", "on-roll")) -> Deadline:
    return Deadline(key, dt.date(2026, 12, 31), say, more)


def test_one_event_to_the_byte() -> None:
    name = uid("digest", ("R1", "clock", "on-roll"))
    assert calendar("Quay; panel", "digest", MOMENT, [deadline(more="a; b, c\nd \\ e")]).decode() == "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//pastoral//due//EN",
            r"X-WR-CALNAME:Quay\; panel: due",
            "BEGIN:VEVENT",
            "SUMMARY:R1: on roll",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270101",
            "DTSTAMP:20261120T093015Z",
            f"UID:{name}",
            r"DESCRIPTION:a\; b\, c\nd \\ e",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


@given(PRINTED, PRINTED)
def test_what_is_read_back_is_what_was_said(say: str, more: str) -> None:
    raw = calendar("Quay", "digest", MOMENT, [deadline(say, more)])
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    raw.decode("utf-8")
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert (str(event["summary"]), str(event["description"])) == (say, more)
    assert event.decoded("dtstart") == dt.date(2026, 12, 31)


def test_a_name_is_of_one_clock_of_one_ledger_whatever_its_day() -> None:
    first = uid("digest", ("R1", "clock", "on-roll"))
    assert first == uid("digest", ("R1", "clock", "on-roll"))
    assert len({first, uid("another", ("R1", "clock", "on-roll")), uid("digest", ("R2", "clock", "on-roll"))}) == 3
    assert first.endswith("@pastoral")


def test_an_empty_calendar_is_one() -> None:
    assert icalendar.Calendar.from_ical(calendar("Quay", "digest", MOMENT, [])).walk("VEVENT") == []
