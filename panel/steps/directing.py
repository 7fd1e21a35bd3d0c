"""Recording the steps towards directing a school that does not admit a pupil.

One function, one step: it looks at what is recorded, refuses what cannot follow, and writes. Whether the authority may direct
is the law's and the authority's; the program knows only the order of the steps.
"""

from __future__ import annotations

import datetime as dt

from panel import events as ev
from panel.errors import Refused
from panel.order.directions import CLOSED, FOLLOWS, STEPS, UNBOUND, Step, next_steps, too_soon
from panel.state.records import Referral
from panel.steps.office import Office, in_words, referral_of, school_of


def direct(office: Office, *, referral: str, school: str, step: Step, on: dt.date, reason: str | None) -> ev.DirectionStep:
    """Record one step. Every one but `admitted` needs its reason, in words that are sealed."""
    made = referral_of(office.state, referral)
    school_of(office.state, school)
    held = office.state.referrals[referral]
    if made.referral_kind in UNBOUND:
        raise Refused(_unbound(referral, made.referral_kind))
    if step != "dropped" and (held.withdrawn or (held.decision is not None and held.decision.outcome == "declined")):
        raise Refused(f"{referral} is {held.status}: there is no pupil whom {school} is to admit.{_to_drop(held)}")
    if step not in (allowed := next_steps(held.directions, school)):
        raise Refused(_cannot_follow(held, school, step, allowed))
    if step != "dropped":
        _not_elsewhere(held, referral, school)
    if step == "announced":
        _not_admitting(held, referral, school)
        _not_before_the_panel(held, referral, on)
    if before := too_soon(held.directions, on):
        raise Refused(f"--on: found {on}; wanted {before} or later, the day of the step before ({held.directions[-1].step}).")
    if reason is None and step != "admitted":
        raise Refused(f"--reason: found nothing; wanted why, in words: {STEPS[step]}. It is sealed, and goes with the record.")
    words = None if reason is None else in_words(reason)
    event = ev.DirectionStep(referral=referral, pupil=made.pupil, school=school, step=step, on=on, case=words)
    office.write(event)
    return event


def _to_drop(held: Referral) -> str:
    """What to do about a direction that is open though its referral is over."""
    last = held.directions[-1] if held.directions else None
    open_still = last is not None and last.step not in CLOSED
    return " What is open is dropped: `--step dropped`." if open_still else ""


def _not_admitting(held: Referral, name: str, school: str) -> None:
    """Refuse where the school is not one that was to admit and does not."""
    decided = held.decision.school if held.decision is not None else None
    if decided == school and held.started is not None:
        raise Refused(f"{name} started at {school} on {held.started}: there is nothing to direct.")
    if school in (decided, *held.refusals):
        return
    others = sorted({*held.refusals, *([decided] if decided else [])})
    there = f" It could be announced to {' or '.join(others)}." if others else f" {name} was decided for no school yet."
    raise Refused(
        f"{school} was not asked to admit {name}: a direction is announced to a school that was decided and has not admitted, "
        f"or that did not agree.{there}"
    )


def _not_elsewhere(held: Referral, name: str, school: str) -> None:
    """Refuse where the pupil has a place at another school."""
    decided = held.decision.school if held.decision is not None else None
    if held.started is not None and decided != school:
        raise Refused(f"{name} started at {decided} on {held.started}: {school} is not to admit this pupil. What is open is dropped.")


def _not_before_the_panel(held: Referral, name: str, on: dt.date) -> None:
    """Refuse a day on which no school had been asked to admit yet."""
    asked = min((one.on for one in held.happened if one.event == "decision.taken"), default=on)
    if on < asked:
        raise Refused(f"--on: found {on}; wanted {asked} or later, the day on which the panel first decided {name} for a school.")


def _unbound(name: str, kind: str) -> str:
    if kind == "managed_move":
        return f"{name} is a managed move: it needs the agreement of the school, and nobody is bound to it. No school is directed to admit."
    return f"{name} is an off-site direction: the pupil stays on the roll of the home school, so no school is directed to admit."


def _cannot_follow(held: Referral, school: str, step: Step, allowed: tuple[Step, ...]) -> str:
    """What stands, and what may come next."""
    if not held.directions:
        return f"--step {step}: nothing was announced to {school} yet; a direction begins with `announced`: {STEPS['announced']}."
    last = held.directions[-1]
    where = f"the last step was {last.step}, {last.school}, on {last.on}"
    if allowed:
        return f"--step {step}: {where}; what may come next: {', '.join(allowed)}."
    if last.step == "admitted":
        return f"--step {step}: {where}. That direction is done, and nothing follows it."
    others = f"next for {last.school}: {', '.join(FOLLOWS[last.step])}"
    return f"--step {step} for {school}: {where}. One school is directed at a time; {others}."
