"""Attacks on the panel's decisions by somebody who makes every digest and seal fit again.

`audit verify` sees nothing, `audit replay` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from panel.record.chain import SEALS
from tests.attacks.attack import Forged, attack, of
from tests.attacks.forgery import Copy, put_in, resealed, retold, taken_out, unsealed
from tests.attacks.pieces import CLOSED, DECIDED, DRAWN, EARLIER, OPENED, decisions, elsewhere

# --- the panel's word ---


@attack("confirms another school than was proposed", "replay", decisions("confirmed"))
def confirmed_elsewhere(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, school=elsewhere(copy.body(seq)["school"])), seq, "school")


def seen_later(copy: Copy) -> Iterable[int]:
    """The confirmations that a later meeting counts: the receiving school did not refuse."""
    refused = {copy.body(n)["referral"] for n in copy.of("receiving school refused")}
    seen = [seq for seq in decisions("confirmed")(copy) if seq < max(copy.of(OPENED))]
    return [seq for seq in seen if copy.body(seq)["referral"] not in refused]


@attack("lets a placement start in another academic year, where it counts for nobody", "replay", seen_later)
def another_year(copy: Copy, seq: int) -> Forged:
    """Who is in year 11 has left by then: that shows at the decision itself, all else at the next meeting."""
    told = retold(copy, seq, starts="2027-09-06")
    made = next(n for n in copy.of("referral made") if copy.body(n)["referral"] == copy.body(seq)["referral"])
    if copy.body(made)["year_group"] == 11:
        return Forged(told, seq, "starts")
    return Forged(told, copy.next(seq, OPENED), "")


@attack("confirms by another entry than the newest proposal", "replay", decisions("confirmed"))
def by_another_entry(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, proposal=copy.body(seq)["proposal"] - 1), seq, "proposal")


@attack("says of an override that it looked at another proposal, or at none", "replay", decisions("overridden", "deferred"))
def blindly(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, proposal=None), seq, "proposal")


@attack("changes what a placement costs the authority", "replay", decisions("confirmed", "overridden"))
def pence(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, transport_pence=1), seq, "transport_pence")


@attack("changes by how many a placement goes over the number", "replay", decisions("confirmed", "overridden"))
def over(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, over_number=7), seq, "over_number")


@attack("gives a decision to another pupil", "replay", of(DECIDED))
def of_another(copy: Copy, seq: int) -> Forged:
    subject = copy.body(seq)["pupil"]
    if SEALS not in copy.body(seq):
        return Forged(retold(copy, seq, pupil="P99"), seq, "pupil")
    moved = [{**one, "subject": "P99"} for one in copy.body(seq)[SEALS]]
    sealed = tuple(replace(row, subject="P99") if row.seq == seq and row.subject == subject else row for row in copy.sealed)
    return Forged(retold(replace(copy, sealed=sealed), seq, pupil="P99", seals=moved), seq, "pupil")


@attack("dates a decision back to before its meeting", "replay", of(DECIDED))
def earlier(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, on=EARLIER), seq, "on")


@attack("dates a draw or a closing back to before its meeting", "replay", of(DRAWN, CLOSED))
def earlier_step(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, on=EARLIER), seq, "on")


@attack("takes the school out of a confirmation", "replay", decisions("confirmed", "overridden"))
def nowhere(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, school=None), seq, f"Entry {seq} (decision taken) places")


@attack("takes a placement out of a meeting, and puts it off instead", "replay", decisions("confirmed"))
def put_off(copy: Copy, seq: int) -> Forged:
    told = retold(copy, seq, outcome="deferred", school=None, starts=None, transport_pence=None, over_number=None)
    return Forged(told, seq, "case")


@attack("decides a pupil twice", "replay", decisions("confirmed"))
def decided_twice(copy: Copy, seq: int) -> Forged:
    return Forged(put_in(copy, seq + 1, seq), seq + 1, "outcome")


@attack("confirms a pupil after the meeting was closed, in place of the entry that did so in time", "replay", of(CLOSED))
def too_late(copy: Copy, seq: int) -> Forged:
    last = max(n for n in decisions("confirmed")(copy) if n < seq)
    moved = put_in(copy, seq + 1, last)
    return Forged(taken_out(moved, last), seq, "meeting")


@attack("adds a decision at the very end, with a chain in order, and no key", "replay", decisions("confirmed"))
def at_the_end(copy: Copy, seq: int) -> Forged:
    end = len(copy.entries) + 1
    return Forged(put_in(copy, end, seq), end, "meeting")


@attack("decides a referral that is on no agenda", "replay", of(OPENED))
def off_agenda(copy: Copy, seq: int) -> Forged:
    decision = copy.next(seq, DECIDED)
    return Forged(retold(copy, decision, referral="R31"), decision, "")


@attack("makes a confirmation an override of the same school", "replay", decisions("confirmed"))
def overridden_alike(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, outcome="overridden"), seq, "")


@attack("sends a pupil to the school that the pupil was excluded from", "replay", decisions("overridden"))
def back_again(copy: Copy, seq: int) -> Forged:
    referral = next(n for n in copy.of("referral made") if copy.body(n)["referral"] == copy.body(seq)["referral"])
    told = retold(copy, seq, school=copy.body(referral)["home_school"])
    return Forged(told, seq, "")


@attack("takes the reason of an override or a deferral away, with its seal", "replay", decisions("overridden", "deferred"))
def without_reason(copy: Copy, seq: int) -> Forged:
    return Forged(unsealed(copy, seq), seq, "case")


@attack("says that an override set a rule aside", "replay", decisions("overridden"))
def waived(copy: Copy, seq: int) -> Forged:
    pupil = copy.body(seq)["pupil"]
    return Forged(resealed(copy, seq, pupil, lambda case: {**case, "waived": ["kept-apart"]}), seq, "case.waived")
