"""Attacks on a meeting's opening, draw and proposals by somebody who makes every digest and seal fit again.

`audit verify` sees nothing, `audit replay` does.
"""

from __future__ import annotations

from panel.deciding.chance import seed
from tests.attacks.attack import Forged, attack, of
from tests.attacks.forgery import Body, Copy, put_in, resealed, retold, taken_out
from tests.attacks.pieces import CLOSED, DECIDED, DRAWN, OPENED, PROPOSED, content, inside, pupils

# --- what a meeting froze ---


@attack("makes a way shorter among the facts that a meeting froze", "replay", of(OPENED))
def shorter(copy: Copy, seq: int) -> Forged:
    pupil = pupils(copy, seq)[0]
    where = ("candidates", "900001", "candidate.metres")
    return Forged(resealed(copy, seq, pupil, inside(*where, value=1)), seq, f"cases.{pupil}.candidates.900001.candidate.metres")


@attack("makes a school larger among the facts that a meeting froze", "replay", of(OPENED))
def larger(copy: Copy, seq: int) -> Forged:
    where = ("schools", "900001", "school.roll")
    return Forged(resealed(copy, seq, "panel", inside(*where, value=9999)), seq, "shared.schools.900001.school.roll")


@attack("takes a pupil off a frozen agenda", "replay", of(OPENED))
def off_the_agenda(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, agenda=copy.body(seq)["agenda"][1:]), seq, "agenda")


@attack("puts a pupil on a frozen agenda", "replay", of(OPENED))
def on_the_agenda(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, agenda=[*copy.body(seq)["agenda"], "R99"]), seq, "agenda")


@attack("changes the digest of a frozen agenda", "replay", of(OPENED))
def agenda_digest(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, agenda_digest="0" * 64), seq, "agenda_digest")


@attack("says that a meeting was decided by another reading of the rules", "replay", of(OPENED))
def semantics(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, semantics=99), seq, "semantics")


@attack("says that a proposal was made by another reading of the rules", "replay", of(PROPOSED))
def semantics_of_a_proposal(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, semantics=99), seq, "semantics")


@attack("names another edition of the rulebook in an opening", "replay", of(OPENED))
def edition(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, edition="2025-09-01"), seq, "edition")


@attack("dates a meeting otherwise", "replay", of(OPENED))
def another_day(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, on="2026-11-30"), seq, "")


@attack("moves a whole meeting, all its entries, to a day before its referrals were made", "replay", of(OPENED))
def whole_meeting_earlier(copy: Copy, seq: int) -> Forged:
    number = copy.body(seq)["meeting"]
    forged = copy
    for one in copy.of(OPENED, "meeting invited", "meeting attended", DRAWN, PROPOSED, DECIDED, CLOSED):
        if copy.body(one)["meeting"] == number:
            forged = retold(forged, one, on="2026-09-10")
    return Forged(forged, seq, "")


@attack("opens a second meeting while one is open", "replay", of(DRAWN))
def second_opening(copy: Copy, seq: int) -> Forged:
    opened = copy.before(seq, OPENED)
    return Forged(put_in(copy, seq + 1, opened, copy.parts(opened), meeting=copy.body(opened)["meeting"] + 1), seq + 1, "meeting")


@attack("opens the same meeting again, so that it can be drawn anew", "replay", of(DRAWN))
def opened_again(copy: Copy, seq: int) -> Forged:
    opened = copy.before(seq, OPENED)
    return Forged(put_in(copy, seq + 1, opened, copy.parts(opened)), seq + 1, "meeting")


@attack("opens a closed meeting again", "replay", of(CLOSED))
def reopened(copy: Copy, seq: int) -> Forged:
    opened = copy.before(seq, OPENED)
    return Forged(put_in(copy, seq + 1, opened, copy.parts(opened)), seq + 1, "meeting")


@attack("takes the closing of a meeting out, so that the next one opens within it", "replay", lambda copy: [*copy.of(OPENED)][1:])
def never_closed(copy: Copy, seq: int) -> Forged:
    return Forged(taken_out(copy, copy.before(seq, CLOSED)), seq - 1, "meeting")


@attack("takes the opening of a meeting out", "replay", of(OPENED))
def never_opened(copy: Copy, seq: int) -> Forged:
    number, after = copy.body(seq)["meeting"], copy.at(seq + 1).kind
    return Forged(taken_out(copy, seq), seq, f"Entry {seq} ({after}) speaks of meeting {number}, which no entry before it opened.")


@attack("closes a meeting twice", "replay", of(CLOSED))
def closed_twice(copy: Copy, seq: int) -> Forged:
    return Forged(put_in(copy, seq + 1, seq), seq + 1, "meeting")


# --- the draw ---


@attack("changes a word of the draw", "replay", of(DRAWN))
def word(copy: Copy, seq: int) -> Forged:
    first, *rest = copy.body(seq)["words"]
    return Forged(retold(copy, seq, words=[f"{first}s", *rest]), seq, "seed")


@attack("exchanges two words of the draw", "replay", of(DRAWN))
def order_of_words(copy: Copy, seq: int) -> Forged:
    one, two, *rest = copy.body(seq)["words"]
    return Forged(retold(copy, seq, words=[two, one, *rest]), seq, "seed")


@attack("chooses the seed", "replay", of(DRAWN))
def chosen_seed(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, seed="0" * 64), seq, "seed")


@attack("draws other words, with the seed that follows from them", "replay", of(DRAWN))
def another_draw(copy: Copy, seq: int) -> Forged:
    words = ["loaded", "dice"]
    drawn = seed(copy.body(copy.before(seq, OPENED))["agenda_digest"], words)
    return Forged(retold(copy, seq, words=words, seed=drawn), copy.next(seq, PROPOSED), "")


@attack("draws a second time", "replay", of(DRAWN))
def second_draw(copy: Copy, seq: int) -> Forged:
    words = ["loaded", "dice"]
    drawn = seed(copy.body(copy.before(seq, OPENED))["agenda_digest"], words)
    return Forged(put_in(copy, seq + 1, seq, words=words, seed=drawn), seq + 1, "words")


@attack("takes the draw out", "replay", of(DRAWN))
def no_draw(copy: Copy, seq: int) -> Forged:
    return Forged(taken_out(copy, seq), seq, "seed")


@attack("draws in a meeting that was closed", "replay", of(CLOSED))
def drawn_too_late(copy: Copy, seq: int) -> Forged:
    return Forged(put_in(copy, seq + 1, copy.before(seq, DRAWN)), seq + 1, "")


# --- the proposal ---


@attack("exchanges the placements of two pupils", "replay", of(PROPOSED))
def exchanged(copy: Copy, seq: int) -> Forged:
    placements = dict(copy.body(seq)["placements"])
    first = min(placements)
    second = min(name for name in placements if placements[name] != placements[first])
    placements |= {first: placements[second], second: placements[first]}
    return Forged(retold(copy, seq, placements=placements), seq, f"placements.{first}")


@attack("leaves a placed pupil without a place", "replay", of(PROPOSED))
def left_out(copy: Copy, seq: int) -> Forged:
    placements = dict(copy.body(seq)["placements"])
    last = max(placements)
    del placements[last]
    return Forged(retold(copy, seq, placements=placements, unplaced=[*copy.body(seq)["unplaced"], last]), seq, f"placements.{last}")


@attack("improves what a proposal says that it is worth", "replay", of(PROPOSED))
def worth(copy: Copy, seq: int) -> Forged:
    def better(shared: Body) -> Body:
        first, *rest = shared["objectives"]
        return {**shared, "objectives": [{**first, "value": first["value"] + 1}, *rest]}

    return Forged(resealed(copy, seq, "panel", better), seq, "shared.objectives[0].value")


@attack("says of a proposal that no other is as good", "replay", of(PROPOSED))
def unique(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, unique=not copy.body(seq)["unique"]), seq, "unique")


@attack("changes the seed that a proposal names", "replay", of(PROPOSED))
def seed_of_a_proposal(copy: Copy, seq: int) -> Forged:
    return Forged(retold(copy, seq, seed="0" * 64), seq, "seed")


@attack("says of a pupil that the panel had settled the case before", "replay", of(PROPOSED))
def fixed(copy: Copy, seq: int) -> Forged:
    name, urn = min(copy.body(seq)["placements"].items())
    free = next(one for one in (name, *copy.body(seq)["placements"]) if one not in copy.body(seq)["fixed"])
    return Forged(retold(copy, seq, fixed={**copy.body(seq)["fixed"], free: urn}), seq, f"fixed.{free}")


@attack("hides what the rules said of a pupil at a school", "replay", of(PROPOSED))
def finding(copy: Copy, seq: int) -> Forged:
    pupil, urn = next(
        (pupil, urn)
        for pupil in pupils(copy, seq)
        for urn, verdict in sorted(content(copy, seq, pupil)["schools"].items())
        if "bars" in verdict
    )
    return Forged(resealed(copy, seq, pupil, inside("schools", urn, "bars", value=None)), seq, f"cases.{pupil}.schools.{urn}.bars")


@attack("changes the proof that nothing better was there", "replay", of(PROPOSED))
def proof(copy: Copy, seq: int) -> Forged:
    before = content(copy, seq, "panel")["proof"]["placing"]
    return Forged(resealed(copy, seq, "panel", inside("proof", "placing", value=before[1:])), seq, "shared.proof.placing")


@attack("takes the proof away", "replay", of(PROPOSED))
def no_proof(copy: Copy, seq: int) -> Forged:
    return Forged(resealed(copy, seq, "panel", inside("proof", value="none")), seq, "shared.proof")


@attack("takes a proposal out", "replay", of(PROPOSED))
def no_proposal(copy: Copy, seq: int) -> Forged:
    return Forged(taken_out(copy, seq), copy.next(seq, DECIDED) - 1, "")


@attack("proposes in a meeting that was closed", "replay", of(CLOSED))
def proposed_too_late(copy: Copy, seq: int) -> Forged:
    like = copy.before(seq, PROPOSED)
    return Forged(put_in(copy, seq + 1, like, copy.parts(like)), seq + 1, "")
