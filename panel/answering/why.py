"""What is answered to why and why not: the pieces, and how they are said. It places nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from panel.deciding.decision import in_lowest_terms
from panel.placing.objectives import Value
from panel.placing.problem import InTurn
from rules.facts import Value as Fact
from rules.phrases import listed

When = Literal["earlier", "the same day", "later", "before", "level", "after", ""]
WhyNotVerdict = Literal["barred", "no room", "worse", "chosen", "held", "decided", "tie", "not worked out"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's finding, and what the rulebook says when it fires."""

    rule: str
    kind: str
    outcome: str
    say: str
    facts: tuple[tuple[str, Fact], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What an objective counts at one school, or at that part of it (`year 9`), before and after; ratios in lowest terms.

    `share` is what loads are measured by, and `of` says what that is: on roll, of PAN, of agreed weight, or nothing where
    all are equal.
    Where a school is a member for a part of the year, `share` is times its days, and `member_days` are these and the year's.
    `start` is what of both numbers a share starts from, where the book says so.
    `limit` is what a quota holds the number against; `turn` the number of a school's turn in a rota, in a round of so many `turns`.
    """

    school: str
    before: int | str
    after: int | str
    share: int | None = None
    of: str = ""
    part: str = ""
    limit: int | None = None
    turn: int | None = None
    turns: int | None = None
    member_days: tuple[int, int] | None = None
    start: int | None = None

    def in_words(self) -> str:
        """`2 -> 3 for 1213 on roll (2.47 per 1,000)`, or `2 -> 3, limit 2`, or `0 -> 1 in this meeting, turn 4 of 11`."""
        if self.turn is not None:
            return f"{self.before} -> {self.after} in this meeting, turn {self.turn} of {self.turns}"
        days, of = self.member_days or (1, 1)
        part = f", {days} of {of} days" if days < of else ""
        part += "" if self.start is None else f", starting from {self.start}"
        if self.share is None or not self.of:
            limit = "" if self.limit is None else f", limit {self.limit}"
            then, now = (Fraction(number) * (days if self.share else 1) for number in (self.before, self.after))
            return f"{then} -> {now}{limit}{part}"
        then, now = Fraction(self.before) * self.share, Fraction(self.after) * self.share
        hundredths = (now * 100_000 * of / self.share + Fraction(1, 2)).__floor__()
        return f"{then} -> {now} for {self.share // days} {self.of}{part} ({hundredths // 100}.{hundredths % 100:02d} per 1,000)"


@dataclass(frozen=True, slots=True)
class Case:
    """Whose case gets worse first, where cases are taken one after the other: by which measure, and all of that day.

    `when` says how that day, or where they go by no day, that place in the order, stands to the case that is asked about; nothing
    where that case is not among those taken in turn.
    """

    measure: str
    referrals: tuple[str, ...]
    when: When

    def in_words(self) -> str:
        """` for R3, whose case is earlier`"""
        told = SAID.get(self.when, "")
        return f"{OF.get(self.measure, '')} for {listed(self.referrals)}{told}"


SAID: Final = {
    "earlier": ", whose case is earlier",
    "later": ", whose case is later",
    "before": ", whose case comes before",
    "after": ", whose case comes after",
}
OF: Final = {
    "place": " without a place",
    "tier": " in the order of approach",
    "preference": " in what the family asked for",
    "longest_ago": " in the turns",
}


@dataclass(frozen=True, slots=True)
class Worse:
    """The first objective that would get worse, by how much (None: not asked), where, and whose case, where that is asked; `aim` says
    what it is about, `of` whom it counts, where not everybody, `unit` by which days `waiting` weighs.
    """

    objective: str
    by: int | str | None
    schools: tuple[Change, ...]
    case: Case | None = None
    aim: str = ""
    unit: str = "school days"
    of: str = ""

    def in_words(self) -> str:
        """`worse by £4,200.00 a year`; of the draw no number, for it says nothing to a reader."""
        if self.case is not None:
            return f"{Worse(self.case.measure, self.by, ()).in_words()}{self.case.in_words()}"
        match self.objective, self.by:
            case (("ticket" | "lottery"), _):
                return "the draw decides between them"
            case "transport", int(pence):
                return f"worse by {pounds(pence)} a year"
            case "journey", int(metres):
                return f"worse by {metres} metres"
            case "rota", int(turns):
                return f"later by {turns} turn{'' if turns == 1 else 's'}, all together"
            case "together", int(pairs):
                return f"{pairs} more pair{'' if pairs == 1 else 's'} parted who are to be together"
            case "waiting", int(days):
                return f"worse by {days} {self.unit}"
            case _:
                return f"worse by {self.by}"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a referral does not go to a school. `moves` are the other referrals that would move, with where to (None: unplaced).

    `bars` are rules, `unknown` the facts for want of which the school cannot be considered: with no bar, that is all that bars it.
    """

    school: str
    verdict: WhyNotVerdict
    bars: tuple[str, ...] = ()
    worse: Worse | None = None
    reasons: tuple[Reason, ...] = ()
    moves: tuple[tuple[str, str | None], ...] = ()
    unknown: tuple[str, ...] = ()


def plain(value: int | Fraction) -> int | str:
    """A number, or a ratio in lowest terms."""
    return value if isinstance(value, int) else in_lowest_terms(value)


def first_case(objective: InTurn | None, before: Value, after: Value, referral: str, *, by_day: bool = True) -> Case | None:
    """Whose case is the first that two values of an objective differ in; None where it does not go case by case."""
    if objective is None or not isinstance(before, tuple) or not isinstance(after, tuple):
        return None
    k = next(k for k, (then, now) in enumerate(zip(before, after, strict=True)) if then != now)
    one, own = objective.sums[k], [n for n, each in enumerate(objective.sums) if referral in each.of]
    order: tuple[When, When, When] = ("earlier", "the same day", "later") if by_day else ("before", "level", "after")
    when = order[0] if own and k < own[0] else order[1] if k in own else order[2]
    return Case(one.name, tuple(sorted(one.of)), when if own else "")


def by_how_much(before: Value, after: Value) -> int | str:
    """How much worse: whole numbers subtracted; for lists the first place at which they differ."""
    if isinstance(before, int) and isinstance(after, int):
        return after - before
    if isinstance(before, tuple) and isinstance(after, tuple):
        pairs: Iterable[tuple[int | Fraction, int | Fraction]] = zip(before, after, strict=True)
        return next((plain(now - then) for then, now in pairs if now != then), 0)
    raise AssertionError("an objective's value keeps its shape")


def pounds(pence: int) -> str:
    """Pence as pounds: 420000 -> £4,200.00."""
    return f"£{pence // 100:,}.{pence % 100:02d}"


def nearest(rank: Fact | None, meaning: int) -> str:
    """`, the 2nd nearest that could receive this pupil`, as a meeting under that meaning ranked; nothing where no rule goes by it."""
    if not isinstance(rank, int):
        return ""
    among = "of all settings of a kind that suits this pupil" if meaning == 1 else "that could receive this pupil"
    return f", the {'' if rank == 1 else f'{ordinal(rank)} '}nearest {among}"


def ordinal(number: int) -> str:
    """1 -> 1st, 12 -> 12th, 22 -> 22nd."""
    teen = number // 10 % 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def in_a_line(told: Iterable[str]) -> str:
    """Reasons one after the other: a sentence ends with its full stop, what has none with a semicolon."""
    *before, last = told
    return " ".join((*(one if one.endswith((".", "!", "?")) else f"{one};" for one in before), last))


def choice(rank: int) -> str:
    """Which of the family's choices a school is, as a sentence."""
    told = {1: "first", 2: "second", 3: "third"}.get(rank) or ordinal(rank)
    return f"The family's {told} choice."
