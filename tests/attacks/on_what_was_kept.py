"""Attacks that leave a record at peace with itself: only a head or checkpoint kept elsewhere shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tests.attacks.attack import Forged, attack, but_the_last, every, of
from tests.attacks.forgery import Copy, chained, put, put_in, resealed, retold
from tests.attacks.pieces import COUNTED, decisions

NOTHING = ""


@attack("cuts the record off after an entry, or puts an older file back", "checkpoint", but_the_last)
def cut_off(copy: Copy, seq: int) -> Forged:
    kept = replace(copy, entries=copy.entries[:seq], sealed=tuple(row for row in copy.sealed if row.seq <= seq))
    return Forged(kept, seq + 1, "cut off")


@attack("says that somebody else recorded an entry, and makes every digest fit", "checkpoint", every)
def actor(copy: Copy, seq: int) -> Forged:
    return Forged(chained(put(copy, seq, actor="somebody")), seq, NOTHING)


def ends_of_steps(copy: Copy) -> Iterable[int]:
    """The last entry of each step but the last step."""
    return [n for n in but_the_last(copy) if copy.at(n).recorded_at != copy.at(n + 1).recorded_at]


@attack("gives an entry the moment of the one after it, and makes every digest fit", "checkpoint", ends_of_steps)
def later(copy: Copy, seq: int) -> Forged:
    return Forged(chained(put(copy, seq, recorded_at=copy.at(seq + 1).recorded_at)), seq, NOTHING)


@attack("moves every entry a year back", "checkpoint", lambda _: [1])
def a_year(copy: Copy, seq: int) -> Forged:
    entries = tuple(replace(entry, recorded_at=f"2025{entry.recorded_at[4:]}") for entry in copy.entries)
    return Forged(chained(replace(copy, entries=entries)), seq, NOTHING)


@attack("goes on with a copy and leaves the other: a fork", "checkpoint", but_the_last)
def fork(copy: Copy, seq: int) -> Forged:
    rest = tuple(replace(entry, actor="somebody") for entry in copy.entries[seq:])
    return Forged(chained(replace(copy, entries=(*copy.entries[:seq], *rest))), seq + 1, NOTHING)


@attack("names the panel otherwise", "checkpoint", of("panel founded"))
def name(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, name="Another panel"), seq, NOTHING)


@attack("names another chair", "checkpoint", of("meeting opened"))
def chair(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, chair="Somebody"), seq, NOTHING)


@attack("says that fewer schools were invited or came", "checkpoint", of("meeting invited", "meeting attended"))
def absent(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, schools=copy.body(seq)["schools"][1:]), seq, NOTHING)


@attack("changes the words of the panel's reason, its seal, and every digest", "checkpoint", decisions("overridden", "deferred"))
def reason(copy: Copy, seq: int) -> Forged:
    pupil = copy.body(seq)["pupil"]
    return Forged(resealed(copy, seq, pupil, lambda case: {**case, "reason": "because"}), seq, NOTHING)


@attack("changes the words of another reason", "checkpoint", of("receiving school refused", "exemption voted", "referral withdrawn"))
def other_reason(copy: Copy, seq: int) -> Forged:
    (row,) = copy.parts(seq)
    return Forged(resealed(copy, seq, row.subject, lambda case: {**case, "reason": "because"}), seq, NOTHING)


@attack("dates a vote back, within what no meeting saw", "checkpoint", of("exemption voted"))
def vote(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, first="2026-10-25"), seq, NOTHING)


def not_seen_later(copy: Copy) -> Iterable[int]:
    """The confirmations of the last meeting."""
    return [seq for seq in decisions("confirmed")(copy) if seq > max(copy.of("meeting opened"))]


@attack("lets a placement start a week later, when no meeting has counted it yet", "checkpoint", not_seen_later)
def starts(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, starts="2026-12-08"), seq, NOTHING)


@attack("lets a school agree to a placement that was not yet answered", "checkpoint", of("receiving school agreed"))
def agreed(copy: Copy, seq: int) -> Forged:
    end = len(copy.entries) + 1
    return Forged(put_in(copy, end, seq, referral="R01", pupil="P01", school="900011", on="2026-11-26"), 0, "added")


@attack("records one thing more at the end, of which nothing was known when the checkpoint was made", "checkpoint", of("budget set"))
def more(copy: Copy, seq: int) -> Forged:
    return Forged(put_in(copy, len(copy.entries) + 1, seq, transport_pence=1), 0, "added")


def before_the_count(copy: Copy) -> Iterable[int]:
    """The permanent exclusions before the rolls were counted: a meeting reads how many, not of which year group."""
    return [seq for seq in copy.of("permanent exclusion") if copy.body(seq)["on"] < COUNTED]


@attack("changes the year group of a pupil who was excluded before the rolls were counted", "checkpoint", before_the_count)
def exclusion(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, year_group=12), seq, NOTHING)
