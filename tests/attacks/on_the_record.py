"""Attacks on what meetings decide from by somebody who makes every digest and seal fit again.

`audit verify` sees nothing, `audit replay` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rules.edition import digest_of
from tests.attacks.attack import Forged, attack, of
from tests.attacks.forgery import Body, Copy, chained, put_in, resealed, retold, taken_out
from tests.attacks.pieces import CLOSED, COUNTED, DRAWN, OPENED, content, decisions, elsewhere, inside, pupils

# --- between the meetings ---


@attack("lets another school answer than the receiving one", "replay", of("receiving school agreed", "receiving school refused"))
def answered_by_another(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, school=elsewhere(copy.body(seq)["school"])), seq, "school")


@attack("lets a school agree twice", "replay", of("receiving school agreed"))
def agreed_twice(copy: Copy, seq: int) -> Forged:
    return Forged(put_in(copy, seq + 1, seq), seq + 1, "school")


@attack("takes a school's refusal out, so that the case never came back", "replay", of("receiving school refused"))
def never_refused(copy: Copy, seq: int) -> Forged:
    return Forged(taken_out(copy, seq), copy.next(seq, OPENED) - 1, "")


@attack("refers a pupil again under the same name, so that the decision is forgotten", "replay", of("referral made"))
def referred_again(copy: Copy, seq: int) -> Forged:
    end = len(copy.entries) + 1
    return Forged(put_in(copy, end, seq, copy.parts(seq)), end, "referral")


@attack("withdraws a pupil who was decided", "replay", of("referral withdrawn"))
def withdrawn_late(copy: Copy, seq: int) -> Forged:
    end = len(copy.entries) + 1
    return Forged(put_in(copy, end, seq, referral="R01", pupil="P01"), end, "referral")


def signed_late(copy: Copy) -> Iterable[int]:
    """The signature of R08's parent, without which it was held."""
    return [n for n in copy.of("agreement signed") if copy.body(n)["referral"] == "R08" and copy.body(n)["by"] == "parent"]


@attack("takes a parent's signature out", "replay", signed_late)
def unsigned(copy: Copy, seq: int) -> Forged:
    return Forged(taken_out(copy, seq), copy.next(seq, OPENED) - 1, "cases.P08")


def confirmed_moves(copy: Copy) -> Iterable[int]:
    """The confirmations of managed moves, for which both must agree."""
    moves = {copy.body(n)["referral"] for n in copy.of("referral made") if copy.body(n)["referral_kind"] == "managed_move"}
    return [seq for seq in decisions("confirmed")(copy) if copy.body(seq)["referral"] in moves]


@attack("takes an agreement back between a meeting's opening and its decisions", "replay", confirmed_moves)
def agreement_withdrawn(copy: Copy, seq: int) -> Forged:
    name = copy.body(seq)["referral"]
    signed = next(n for n in copy.of("agreement signed") if copy.body(n)["referral"] == name)
    at = copy.before(seq, DRAWN)
    told = put_in(copy, at, signed)
    entry = replace(told.at(at), kind="agreement withdrawn")
    forged = chained(replace(told, entries=(*told.entries[: at - 1], entry, *told.entries[at:])))
    return Forged(forged, seq + 1, "outcome")


@attack("refers a pupil with other wishes", "replay", of("referral made"))
def other_wishes(copy: Copy, seq: int) -> Forged:
    pupil = copy.body(seq)["pupil"]
    wishes = list(reversed(content(copy, seq, pupil).get("preferences", []))) or ["900001"]
    wishes = wishes if len(wishes) > 1 else [elsewhere(wishes[0])]
    return Forged(resealed(copy, seq, pupil, inside("preferences", value=wishes)), copy.next(seq, OPENED), f"cases.{pupil}.")


@attack("no longer keeps a pupil apart from a school", "replay", of("referral made"))
def together(copy: Copy, seq: int) -> Forged:
    pupil = copy.body(seq)["pupil"]
    apart = content(copy, seq, pupil).get("kept_apart") or {}
    told: Body = {} if apart else {"900006": "police"}
    return Forged(resealed(copy, seq, pupil, inside("kept_apart", value=told)), copy.next(seq, OPENED), f"cases.{pupil}.")


@attack("changes the year group of a referral", "replay", of("referral made"))
def year_group(copy: Copy, seq: int) -> Forged:
    told = 7 if copy.body(seq)["year_group"] != 7 else 8
    return Forged(retold(copy, seq, year_group=told), copy.next(seq, OPENED), "")


@attack("makes all of a pupil's ways shorter", "replay", of("journeys recorded"))
def shorter_ways(copy: Copy, seq: int) -> Forged:
    pupil = copy.body(seq)["pupil"]
    rows = [{**row, "metres": 1} for row in content(copy, seq, pupil)["journeys"]]
    opening = next(n for n in copy.of(OPENED) if pupil in pupils(copy, n) and n > seq)
    return Forged(resealed(copy, seq, pupil, inside("journeys", value=rows)), opening, f"cases.{pupil}.")


# --- the panel and its schools ---


@attack("changes the text of a rulebook", "replay", of("rulebook adopted"))
def rules(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, text=f"{copy.body(seq)['text']}# amended\n"), seq, "digest")


@attack("changes the text of the rulebook in force, and its digest with it", "replay", of("rulebook adopted"))
def rules_and_digest(copy: Copy, seq: int) -> Forged:
    text = f"{copy.body(seq)['text']}# amended\n"
    edition_in_force = copy.body(seq)["edition"] == "2026-09-01"
    told = retold(copy, seq, text=text, digest=digest_of(text) if edition_in_force else "0" * 64)
    return Forged(told, copy.next(seq, OPENED) if edition_in_force else seq, "")


@attack("decides by another line of rulebooks", "replay", of("panel founded"))
def another_line(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, rulebook="england"), copy.next(seq, OPENED), "")


@attack("founds the panel a second time, by another line of rulebooks", "replay", of(CLOSED))
def founded_again(copy: Copy, seq: int) -> Forged:
    return Forged(put_in(copy, seq + 1, 1), seq + 1, "kind")


@attack("takes a count's placement from before the ledger out", "replay", lambda copy: [max(copy.of("placement before the ledger"))])
def history(copy: Copy, seq: int) -> Forged:
    return Forged(taken_out(copy, seq), copy.next(seq, OPENED) - 1, "shared.")


def read_by(copy: Copy, day: str) -> int:
    """The opening of the first meeting on a day or after it; 0 if there is none."""
    return min((seq for seq in copy.of(OPENED) if copy.body(seq)["on"] >= day), default=0)


def since_counted(copy: Copy) -> Iterable[int]:
    """The permanent exclusions since the rolls were counted that a meeting saw."""
    days = ((seq, copy.body(seq)["on"]) for seq in copy.of("permanent exclusion"))
    return [seq for seq, day in days if day >= COUNTED and read_by(copy, day)]


@attack("changes the year group of a pupil who was excluded since the rolls were counted", "replay", since_counted)
def exclusion(copy: Copy, seq: int) -> Forged:
    told = 7 if copy.body(seq)["year_group"] != 7 else 8
    return Forged(retold(copy, seq, year_group=told), read_by(copy, copy.body(seq)["on"]), "shared.years.")


@attack("adds a pupil whom a school admitted outside the panel", "replay", of("outside admission"))
def admission(copy: Copy, seq: int) -> Forged:
    told = put_in(copy, seq + 1, seq, school="900001", on="2026-09-10", permanently_excluded=True)
    return Forged(told, copy.next(seq, OPENED) + 1, "shared.")


@attack("gives a school fewer places", "replay", of("places recorded"))
def places(copy: Copy, seq: int) -> Forged:
    years = [{**year, "pan": 1} if "pan" in year else year for year in copy.body(seq)["years"]]
    return Forged(retold(copy, seq, years=years), copy.next(seq, OPENED), "shared.")


@attack("makes a school larger", "replay", lambda copy: [n for n in copy.of("school recorded") if copy.body(n)["setting"] == "mainstream"])
def roll(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, roll=9999), copy.next(seq, OPENED), "shared.")


@attack("closes a school", "replay", of("school recorded"))
def closed_school(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, closed=True), copy.next(seq, OPENED), "")


@attack("moves the votes that exempt a school away from the meeting", "replay", of("exemption voted"))
def exemption(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, last="2026-11-25"), copy.next(seq, OPENED), "cases.")


@attack("gives the exemption to another school", "replay", of("exemption voted"))
def exemption_moved(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, urn="900004"), copy.next(seq, OPENED), "cases.")


@attack("ends an exemption before it begins", "replay", of("exemption voted"))
def exemption_backwards(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, last="2026-10-01"), seq, "last")


@attack("changes the transport budget", "replay", of("budget set"))
def budget(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, transport_pence=1), copy.next(seq, OPENED), "shared.panel.panel.transport_budget_pence")
