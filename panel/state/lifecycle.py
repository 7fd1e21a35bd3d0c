"""What may come next in a case once it is decided, and why not the rest: by the lifecycle of the edition of that decision.

A case goes on under the edition that decided it, whatever is in force since. Everything here is told by the record and that
edition alone, so that a step is refused before it is written for the same reason as a replay would name. It reads no entry
and writes nothing; where the book says nothing of a kind, the kind's own meaning holds:

    managed move           a permanent place, at once or after the trial that an old local book describes
    off-site direction     temporary, and both schools have the pupil on roll
    all others             an admission: once started, nothing follows but a break-down, or that the pupil leaves
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from panel.state.records import Referral
from panel.state.schooldays import Terms
from rules.book import Length, Rulebook
from rules.lengths import length_in
from rules.lifecycle import MEANT

Placement = Literal["permanent", "temporary", "admission"]
Phase = Literal["undecided", "to start", "trial", "temporary", "settled", "over"]

ENDS: Final = ("return", "extend", "managed_move")
"""How what is temporary ends where the book does not say."""
RECEIVING: Final = ("receiving_school", "receiving_admission_authority")
FOLLOWED_BY: Final[Mapping[str, Literal["managed_move", "reintegration"]]] = {"managed_move": "managed_move", "admission": "reintegration"}
"""An end that is decided by itself -> the kind of referral that it opens."""


@dataclass(frozen=True, slots=True)
class Extension:
    """How much longer a trial, or what is temporary, may be made: by at most so much each time, so many times."""

    by: Length
    times: int = 1


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as old local books have it: at its end it becomes permanent or ends in a return, if nobody says otherwise."""

    lasts: Length
    at_end: str
    ends_as: tuple[str, ...]
    extension: Extension | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What the lifecycle of one edition says of one kind of referral."""

    kind: str
    book: str
    edition: dt.date
    placement: Placement
    agreed_by: tuple[str, ...] = ()
    decided_by: str | None = None
    register_code: str | None = None
    notice: Length | None = None
    reviews: tuple[Length, ...] = ()
    trial: Trial | None = None
    ends_as: tuple[str, ...] = ()
    lasts: Length | None = None  # of what is temporary, at the longest
    extension: Extension | None = None  # of what is temporary; without it an extension keeps to `lasts`, if that is said

    @property
    def longest(self) -> Length | None:
        """How long a trial, or what is temporary, may be planned to last; None where nothing says."""
        return self.trial.lasts if self.trial else self.lasts

    @property
    def more(self) -> Extension | None:
        """How much longer it may be made than that."""
        return self.trial.extension if self.trial else self.extension

    @property
    def ends(self) -> tuple[str, ...]:
        """The ends that a trial or what is temporary may have."""
        if self.trial is None:
            return self.ends_as
        return (*self.trial.ends_as, *(("extend",) if self.trial.extension or "extend" in self.ends_as else ()))

    @property
    def named(self) -> str:
        return f"{self.book} of {self.edition}"


def course_of(rulebook: Rulebook, kind: str) -> Course:
    """What a rulebook's lifecycle says of a kind."""
    said = cast("Mapping[str, Any]", rulebook.lifecycle.get(kind, {}))
    trial = said.get("trial")
    placement = said.get("placement", MEANT.get(kind, "admission"))
    return Course(
        kind=kind,
        book=rulebook.name,
        edition=rulebook.edition,
        placement=placement,
        agreed_by=tuple(said.get("agreed_by", ())),
        decided_by=said.get("decided_by"),
        register_code=said.get("register"),
        notice=length_in(said["notice"]) if "notice" in said else None,
        reviews=tuple(map(length_in, said.get("reviews", ()))),
        trial=_trial(trial) if isinstance(trial, Mapping) else None,
        ends_as=tuple(said.get("ends_as", ENDS if placement == "temporary" else ())),
        lasts=length_in(said["lasts"]) if "lasts" in said else None,
        extension=_extension(said),
    )


def _trial(said: Mapping[str, Any]) -> Trial:
    lasts = Length(said["weeks"], "weeks") if "weeks" in said else length_in(said["lasts"])
    return Trial(lasts, said["at_end"], tuple(said["ends_as"]), _extension(said))


def _extension(said: Mapping[str, Any]) -> Extension | None:
    more = said.get("extension")
    return Extension(length_in(more["by"]), more["times"]) if more else None


def keeps_place(course: Course) -> bool | None:
    """True where the place that the pupil came from is kept for now; else nothing."""
    return True if course.trial is not None or course.placement == "temporary" else None


# --- where a case is ---


def phase(held: Referral, course: Course) -> Phase:
    """Where a case is by its edition."""
    if held.status not in ("decided", "not taken up"):
        return "undecided"
    if held.ended is not None:
        return "over"
    if held.started is None:
        return "to start"
    if held.end == "permanent" or (course.trial is None and course.placement != "temporary"):
        return "settled"
    return "trial" if course.trial else "temporary"


def lacking(held: Referral, course: Course) -> tuple[str, ...]:
    """Who has still to agree to the school that was decided. A home school's agreement to look for a move stands for this one."""
    agreed = {*held.family, *held.partners, *(by for by in held.agreements if by == "home_school")}
    agreed |= {"home_school"} if held.made.no_home_school else set()
    agreed |= set(RECEIVING) if held.agreed_by_school else set()
    return tuple(who for who in course.agreed_by if who not in agreed)


def last_day(held: Referral) -> dt.date:
    """The day before which nothing more of a case can be: the latest of its decision and what followed it."""
    if held.decision is None:
        return held.made.made_on
    return max((held.decision.on, *(one.on for one in held.happened if one.seq > held.decision_seq and one.event in _IN_ORDER)))


_IN_ORDER: Final = frozenset(
    {
        *("family.agreed", "partner.agreed", "receiving_school.accepted", "board.directed", "notice.given", "placement.started"),
        *("placement.reviewed", "placement.extended", "placement.made_permanent", "placement.ended", "placement.broke_down"),
        "placement.not_taken_up",
    }
)


def trial_ends(course: Course, started: dt.date, terms: Terms) -> dt.date | None:
    """The last day of a trial that begins on a day, which is its first; None where the edition has no trial, or terms are missing."""
    return None if course.trial is None else after(course.trial.lasts, started - dt.timedelta(days=1), terms)


def at_the_longest(course: Course, started: dt.date, terms: Terms) -> dt.date | None:
    """The last day of what began on a day, before any extension; None where the edition says no length, or terms are missing."""
    return None if course.longest is None else after(course.longest, started - dt.timedelta(days=1), terms)


def extensions(held: Referral) -> int:
    """How often the placement of a case was made longer."""
    return sum(one.event == "placement.extended" and one.seq > held.decision_seq for one in held.happened)


# --- lengths of time ---


def kept(length: Length, given: dt.date, starts: dt.date, terms: Terms) -> bool | None:
    """Whether a length of time lies between two days: the nth day after the first is far enough. None: the terms do not reach."""
    if length.unit == "school days":
        days = terms.between(given, starts)
        return None if days is None else days >= length.many
    return (starts - given).days >= length.many * (7 if length.unit == "weeks" else 1)


def after(length: Length, day: dt.date, terms: Terms) -> dt.date | None:
    """The first day that lies a length of time after another; None where the terms that are loaded do not reach."""
    if length.unit != "school days":
        return day + dt.timedelta(days=length.many * (7 if length.unit == "weeks" else 1))
    for n in range(1, _LONGEST):
        met = kept(length, day, day + dt.timedelta(days=n), terms)
        if met is not False:
            return day + dt.timedelta(days=n) if met else None
    return None


_LONGEST: Final = 3000


# --- what may come next ---


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the command that records it, and why it may not come now; without a why it may."""

    name: str
    command: str
    why_not: str = ""


COMMANDS: Final[Mapping[str, str]] = {
    "agree": "pastoral accept {r} --by WHO",
    "refuse": "pastoral refuse {r} --by WHO --reason TEXT",
    "withdraw": "pastoral agree {r} --by WHO --withdrawn --on DATE",
    "board": "pastoral board {r} --on DATE",
    "notice": "pastoral notice {r} --on DATE",
    "start": "pastoral start {r} --on DATE",
    "review": "pastoral review {r} --on DATE",
    "extend": "pastoral extend {r} --on DATE --until DATE --reason TEXT",
    "permanent": "pastoral permanent {r} --on DATE",
    "return": "pastoral end {r} --as return --on DATE",
    "managed_move": "pastoral end {r} --as managed-move --on DATE",
    "admission": "pastoral end {r} --as admission --on DATE",
    "left": "pastoral end {r} --as left --on DATE",
    "not_taken_up": "pastoral end {r} --as not-taken-up --on DATE",
    "break-down": "pastoral break-down {r} --on DATE --reason TEXT",
}
"""Every step that a lifecycle allows or does not, and its command."""


def next_steps(held: Referral, course: Course) -> tuple[Step, ...]:
    """Every step: those that may come next, and of the others why not."""
    name = held.made.referral
    return tuple(
        Step(step, command.format(r=name), why_not(held, course, step) or (_nobody(held, course) if step == "refuse" else ""))
        for step, command in COMMANDS.items()
    )


def _nobody(held: Referral, course: Course) -> str:
    """That nobody is left who might not agree; nothing where somebody is."""
    others = any(who in BOUND for who in asked(course))
    return "the receiving school agreed already, and nobody else is asked" if held.agreed_by_school and not others else ""


def may_come(held: Referral, course: Course) -> str:
    """The steps that may come next, as a sentence."""
    steps = [step for step in next_steps(held, course) if not step.why_not]
    return f"What may come next: {'; '.join(f'`{step.command}`' for step in steps)}." if steps else "Nothing more may come."


def why_not(held: Referral, course: Course, step: str, who: str = "") -> str:
    """Why a step may not come now, by the edition of the decision; nothing where it may. `who` agrees or does not."""
    at = phase(held, course)
    if at == "undecided":
        return f"it is {held.status}; this follows a decision for a school"
    if at == "over":
        return f"its placement {how_it_ended(held)}"
    if step in BEFORE:
        return _before(held, course, step, who) if at == "to start" else f"it started on {held.started}, and this comes before the start"
    if at == "to start":
        return "it has not started"
    if step in ("break-down", "left") or (step == "review" and at == "settled" and course.reviews):
        return ""
    if at == "settled":
        lasting = "permanent" if held.end == "permanent" else _lasting(course)
        nothing = f"the placement is {lasting}: after its start nothing follows but a break-down, or that the pupil leaves"
        return f"{nothing}. {_no_reviews(course)}" if step == "review" else nothing
    if step == "review" or step in course.ends:
        return _extended(held, course) if step == "extend" else ""
    what = "a trial" if at == "trial" else "this placement"
    return f"by {course.named} {what} ends as {' or '.join(_word(end) for end in course.ends)}, not as {_word(step)}"


def _no_reviews(course: Course) -> str:
    """That the edition asks for no review of what lasts, and where it would say so."""
    asks = f"`lifecycle: {{{course.kind}: {{reviews: [6 weeks]}}}}`"
    return f"{course.named} has no `reviews` for {a_kind(course.kind)}: an edition that asks for one says {asks}"


def _extended(held: Referral, course: Course) -> str:
    """That a placement was made longer as often as its edition allows; nothing where it may be again."""
    more = course.more
    if more is None or extensions(held) < more.times:
        return ""
    often = "once" if more.times == 1 else f"{more.times} times"
    return f"by {course.named} {'a trial' if course.trial else 'this placement'} is extended {often} at most, and it was"


BEFORE: Final = ("agree", "refuse", "withdraw", "board", "notice", "start", "not_taken_up")
HOW_IT_ENDED: Final[Mapping[str, str]] = {
    "return": "ended on {on} with a return to the home school",
    "managed_move": "ended on {on}, to go on as a managed move",
    "admission": "ended on {on}, to go on as an admission",
    "left": "ended on {on}, as the pupil left",
    "not_taken_up": "was not taken up ({on})",
    "broken_down": "broke down on {on}",
}


def how_it_ended(held: Referral) -> str:
    """What became of a placement that is over, and when."""
    return of_no_home(HOW_IT_ENDED[held.end or "return"], held).format(on=held.ended)


def of_no_home(said: str, held: Referral) -> str:
    """What is said of a return, where the referral names no home school to which the pupil could go back."""
    if held.made.home_school is not None:
        return said
    return said.replace("a return to the home school", f"a return; {NO_HOME}").replace("back at the home school", NO_HOME)


NO_HOME: Final = "the referral names no home school"


def _lasting(course: Course) -> str:
    return "an admission" if course.placement == "admission" else course.placement


def _word(name: str) -> str:
    return {"return": "a return", "managed_move": "a managed move", "extend": "an extension", "admission": "an admission"}.get(name, name)


def _before(held: Referral, course: Course, step: str, who: str) -> str:
    """Why a step before the start may not come now."""
    kind, party = a_kind(course.kind), who.replace("_", " ")
    match step:
        case "agree" if not who and not lacking(held, course):
            return "nobody has still to agree"
        case "agree" if (agreed := {**held.partners, **held.family}.get(who)) is not None:
            return f"the {party} agreed on {agreed} already"
        case "agree" | "refuse" if who in BOUND and not may_answer(course, who):
            others = f"only of {in_words(asked(course))}" if asked(course) else "nor of anybody else"
            return f"{course.named} asks no agreement of the {party} for {kind}, {others if step == 'agree' else 'so the decision stands'}"
        case "withdraw" if course.kind != "managed_move":
            return f"only a managed move is stopped by an agreement that is taken back, and this is {kind}"
        case "start" if waiting := lacking(held, course):
            return f"{in_words(waiting)} {'have' if len(waiting) > 1 else 'has'} not agreed yet, and nothing starts before all have"
        case "board" | "notice" | "start":
            return _directed(held, course, step)
    return ""


BOUND: Final = ("parent", "pupil", "home_school", "local_authority")
"""Who has no say but where the edition gives it to them; a receiving school always answers."""


def _directed(held: Referral, course: Course, step: str) -> str:
    """Why a step towards what is temporary may not come now: whose decision it is, and the notice."""
    directed, kind = held.since("board.directed"), a_kind(course.kind)
    if step == "board" and course.decided_by is None:
        return f"{course.named} has nobody but the panel decide {kind}"
    if step == "board":
        return "" if directed is None else f"the {course.decided_by} decided it on {directed}"
    if step == "notice" and course.placement != "temporary":
        return f"{course.named} asks no notice for {kind}"
    if course.decided_by is not None and directed is None:
        return f"the {course.decided_by} has not decided it yet"
    if step == "start" and course.notice is not None and held.since("notice.given") is None:
        return f"no notice was given, and {course.named} asks for {course.notice}"
    return ""


def kind_in_words(kind: str) -> str:
    """`off-site direction`, `managed move`."""
    return "off-site direction" if kind == "off_site_direction" else kind.replace("_", " ")


def a_kind(kind: str) -> str:
    """`an off-site direction`, `a managed move`; fair access and reintegration are no single thing."""
    said = kind_in_words(kind)
    return said if kind in ("fair_access", "reintegration") else f"{'an' if kind.startswith('o') else 'a'} {said}"


def asked(course: Course) -> tuple[str, ...]:
    """Whom the edition asks for agreement. Nobody's child is bound to a managed move: its parent answers, whatever the book says."""
    return tuple(dict.fromkeys((*course.agreed_by, *(("parent",) if course.kind == "managed_move" else ()))))


def may_answer(course: Course, who: str) -> bool:
    """Whether somebody's yes or no to the decision is asked for."""
    return who in asked(course)


def in_words(parties: tuple[str, ...]) -> str:
    """`the parent and the receiving admission authority`."""
    told = [f"the {who.replace('_', ' ')}" for who in parties]
    return " and ".join(part for part in (", ".join(told[:-1]), told[-1]) if part)
