"""A decision in plain words: why this school, why not that one, and what stands in the way.

Everything said here is worked out again from the frozen facts; no sentence is stored. It weighs nothing itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from panel.answering.aims import aim_of, in_short
from panel.answering.beside import placed_together, room_gone, started, turns_of, with_points, without_room
from panel.answering.why import Change, Reason, WhyNot, Worse, by_how_much, choice, first_case, nearest, plain, pounds
from panel.deciding.casework import Casework, Doubt, Evaluate, Hearing, has_left, left
from panel.deciding.decision import Decision, of_the_book
from panel.facts.candidates import MeetingFacts
from panel.facts.referral_facts import suited
from panel.placing.packed_rivals import PackedRivals
from panel.placing.problem import InTurn, Quota, Share
from panel.placing.proof import Packing
from panel.placing.rivals import OPEN, Rival, Rivals
from rules.audience import EVERYBODY
from rules.book import Limit, Rule, Rulebook
from rules.facts import PAPER, Facts
from rules.facts import Value as Fact
from rules.finding import Finding
from rules.measure import reads
from rules.phrases import listed, when_of
from rules.reach import reached, terms_of

Standing = Literal["barred", "no room", "chosen", "held", "decided", "tie", "open"]
NEAREST: Final = 5
SPOKEN: Final = ("hold", "bar", "limit", "notice")
KEPT_APART: Final = "A pupil from whom this one is to be kept apart goes there."
TIE: Final = "tie"
NAMED: Final = re.compile(r"\{([a-z0-9_.]+)\}")
"""A fact, a setting or the room in a rule's sentence."""
OF_PANEL: Final = frozenset({"panel"})

MEASURED: Final[Mapping[str, str]] = {"roll": "on roll", "pan": "of PAN", "weight": "of agreed weight", "equal": ""}


class Explainer:
    """One decision and its rulebook, ready to be asked about any pair."""

    def __init__(self, decision: Decision, rulebook: Rulebook, evaluate: Evaluate) -> None:
        self.decision = decision
        self.rulebook = rulebook
        self._evaluate = evaluate
        self._rules: dict[str, Rule | Limit] = {rule.id: rule for rule in _all_rules(rulebook)}
        self._made: Rivals | PackedRivals | None = None
        self._others: dict[str, dict[str, int]] = {}

    @property
    def _rivals(self) -> Rivals | PackedRivals:
        if self._made is None:
            problem, placement = self.decision.problem, self.decision.placement
            packed = placement.proof
            self._made = PackedRivals(problem, placement, packed) if isinstance(packed, Packing) else Rivals(problem, placement)
        return self._made

    @property
    def asked(self) -> frozenset[str]:
        """The facts that the rulebook itself asks of every school."""
        return frozenset(fact.name for fact in self.rulebook.school_facts.values())

    def hearing(self, referral: str) -> Hearing:
        return self.decision.casework.hearings[referral]

    def of_referral(self, referral: str) -> tuple[Reason, ...]:
        """The holds that fire or cannot tell, bars and limits that hold it for want of a fact, and its notices."""
        hearing, row = self.hearing(referral), self.decision.case.facts.referral_row(referral)
        reading = self._evaluate.referral(row)
        # A notice about the panel as a whole is said once, when the meeting opens.
        notices = [finding for finding in reading.fires("notice") if told_of(self._rules[finding.rule]) != OF_PANEL]
        findings = (*reading.fires("hold"), *reading.cannot_tell("hold"), *notices)
        told = {finding.rule for finding in findings}
        lacking = tuple(self._lacking(doubt) for doubt in hearing.doubts if doubt.rule not in told)
        past = (Reason(hold, "hold", "fires", f"The pupil {has_left(row)}") for hold in left(row))
        return (*past, *(self._reason(finding, row) for finding in findings), *lacking)

    def without_papers(self, referral: str) -> tuple[str, ...]:
        """The papers, as facts, that the panel does not have and a hold asks for that fires."""
        row, holds = self.decision.case.facts.referrals[referral], self.hearing(referral).holds
        asked = (name for hold in self.rulebook.holds if hold.id in holds for name in reached(self.rulebook, hold.condition))
        return tuple(name for name in dict.fromkeys(asked) if name.startswith(PAPER) and row.get(name) is False)

    def of_pair(self, referral: str, urn: str) -> tuple[Reason, ...]:
        """What the rules say of a pair: bars and limits that fire or cannot tell, the tier, charges and notices."""
        row = self.decision.case.facts.pair_row(referral, urn)
        reading = self._evaluate.pair(row)
        found: list[Finding] = []
        hearing = self.hearing(referral)
        points, tier = hearing.points, hearing.verdicts[urn].tier
        closing = [one for one in without_room(reading, self.rulebook, points) if hearing.here != urn or one.rule not in hearing.seated]
        found.extend((*reading.fires("bar"), *reading.cannot_tell("bar"), *closing, *reading.cannot_tell("limit")))
        found.extend(finding for finding in reading.fires("tier") if self._amount(finding.rule) == tier)
        found.extend((*reading.fires("charge"), *reading.fires("notice")))
        told = ((self._rules[one.rule], reading.room.get(one.rule), one) for one in found)
        return tuple(with_points(self._reason(one, row, room), rule, room, points) for rule, room, one in told)

    def because(self, referral: str) -> tuple[str, ...]:
        """Why a placed referral goes where it goes, in a few lines."""
        urn = self.decision.placing[referral]
        verdict = self.hearing(referral).verdicts[urn]
        if referral in self.decision.case.fixed:
            return ("The panel decided so at this meeting.",)
        lines = [choice(verdict.rank)] if verdict.rank else []
        tier = next((rule for rule in self.rulebook.tiers if rule.amount == verdict.tier), None)
        if tier is not None and len(self.rulebook.tiers) > 1:
            lines.append(f"Order of approach {tier.amount}, {tier.id.replace('-', ' ')}.")
        if verdict.metres is not None:
            near = self.decision.case.facts.candidates[referral][urn].get("candidate.nearness")
            lines.append(f"{kilometres(verdict.metres)} from home{nearest(near, self.decision.case.facts.meaning)}.")
        return (*lines, *placed_together(self.decision, referral), self._competition(referral))

    def _competition(self, referral: str) -> str:
        worse = self.others_worse(referral)
        if not worse:
            return "The only setting open to this pupil."
        words = {TIE: "equally good", OPEN: OPEN}
        told = "; ".join(f"{number} {words.get(name) or f'worse for {in_short(name, self.rulebook)}'}" for name, number in worse.items())
        return f"Of {sum(worse.values())} other open setting{'s' if sum(worse.values()) > 1 else ''}: {told}."

    def others_worse(self, referral: str) -> dict[str, int]:
        """How many other open settings are worse, by the first objective that gets worse, in the book's order; then `tie`, and `OPEN`."""
        if referral not in self._others:
            count = Counter(name or TIE for name in self.first_worse(referral).values())
            order = dict.fromkeys((*(objective.name for objective in self.decision.problem.objectives), TIE, OPEN))
            self._others[referral] = {name: count[name] for name in order if count[name]}
        return self._others[referral]

    def tied(self, referral: str) -> bool:
        """Whether before the draw another answer is as good, in which this pupil goes elsewhere."""
        return self.decision.case.seed is None and referral in self.decision.certificate.tied

    def closed_by(self, referral: str, urn: str) -> tuple[str, ...]:
        """The bars and limits that close a pair, or cannot tell."""
        verdict = self.hearing(referral).verdicts[urn]
        return (*verdict.bars, *verdict.full, *(doubt.rule for doubt in verdict.doubts))

    def standing(self, referral: str, urn: str) -> Standing:
        """What can be said of a pair without asking what would get worse; `open` where that is to be asked."""
        hearing, case = self.hearing(referral), self.decision.case
        verdict = hearing.verdicts[urn]
        if self.decision.placing.get(referral) == urn:
            # Before the draw nothing has chosen between settings that are equally good.
            return "tie" if self.tied(referral) else "chosen"
        if referral in case.fixed or referral in case.absent:
            return "decided"
        if hearing.held:
            return "held"
        if verdict.bars or ((verdict.unknown or verdict.doubts) and not verdict.full):
            return "barred"
        return "no room" if verdict.full else "open"

    def first_worse(self, referral: str) -> Mapping[str, str | None]:
        """Setting -> the first objective that gets worse there, None if none does, `OPEN` if a solver did not settle it.

        For each open setting but the one the pupil goes to.
        """
        return self._rivals.first_worse(referral) if referral in self.decision.problem.referrals else {}

    def given_away(self, referral: str, urn: str) -> tuple[str, ...]:
        """The limits whose last seats at a setting the panel has given to pupils it decided itself."""
        return self.decision.casework.without_seat(referral, urn, self.decision.case.fixed)

    def why_not(self, referral: str, urn: str) -> WhyNot:
        """Why the referral does not go to the setting: barred, no room, held, chosen, or what would get worse."""
        standing = self.standing(referral, urn)
        if standing in ("chosen", "tie"):
            return WhyNot(urn, standing, reasons=self.of_pair(referral, urn))
        reasons = tuple(reason for reason in self.of_pair(referral, urn) if reason.kind in ("bar", "limit"))
        if standing != "open":
            unknown = self.hearing(referral).verdicts[urn].unknown
            return WhyNot(urn, standing, self.closed_by(referral, urn), reasons=reasons, unknown=unknown)
        rival = self._rivals.rival(referral, urn)
        if rival.open:
            return WhyNot(urn, OPEN, reasons=reasons)
        moves = tuple((move.referral, move.after) for move in rival.moves)
        if not rival.possible:
            return WhyNot(urn, "no room", self.given_away(referral, urn), reasons=reasons)
        return WhyNot(urn, "worse" if rival.objective else "tie", worse=self._worse(rival), reasons=reasons, moves=moves)

    def at_a_glance(self, referral: str, urn: str) -> WhyNot:
        """The same for one of many settings; where solvers settled it without who moves, and by how much it gets worse."""
        if self.standing(referral, urn) != "open" or isinstance(self._rivals, Rivals):
            return self.why_not(referral, urn)
        worse = self.first_worse(referral)
        if urn not in worse:
            return WhyNot(urn, "no room", self.given_away(referral, urn))
        match worse[urn]:
            case None:
                return WhyNot(urn, "tie")
            case str(name) if name == OPEN:
                return WhyNot(urn, OPEN)
            case str(name):
                return WhyNot(urn, "worse", worse=Worse(name, None, (), aim=in_short(name, self.rulebook)))

    def _worse(self, rival: Rival) -> Worse | None:
        if rival.objective is None or rival.before is None or rival.after is None:
            return None
        by, loads = by_how_much(rival.before, rival.after), [load for load in rival.loads if load.at == rival.at]
        those = self.decision.problem.objectives[rival.at : rival.at + 1]
        shares = {(tally.setting, tally.part): tally.against for o in those if isinstance(o, Share) for tally in o.tallies}
        limits = {(tally.setting, tally.part): tally.against for o in those if isinstance(o, Quota) for tally in o.tallies}
        turns = turns_of(those)
        per = next((o.per for o in self.rulebook.objectives if o.name == "share"), "roll")
        changes = tuple(
            Change(
                load.setting,
                plain(load.before),
                plain(load.after),
                shares.get(at),
                MEASURED[per],
                load.part,
                limits.get(at),
                turn=turns.get(at, (None, None))[0],
                turns=turns.get(at, (None, None))[1],
                member_days=self._member_days(rival.objective, load.setting),
                start=started(self.decision, self.rulebook, rival.objective, load),
            )
            for load in loads
            for at in [(load.setting, load.part)]
        )
        changes = changes or tuple(Change(urn, before, after) for urn, before, after in rival.pupils)
        told = of_the_book(self.decision.problem, self.rulebook)[rival.at]
        in_turn = next((o for o in those if isinstance(o, InTurn)), None)
        whose = first_case(in_turn, rival.before, rival.after, rival.referral, by_day=not told.goes_by)
        unit = "days" if told.goes_by else "school days"
        return Worse(rival.objective, by, changes, whose, aim_of(told), unit, "" if told.of == EVERYBODY else str(told.of))

    def _member_days(self, objective: str, urn: str) -> tuple[int, int] | None:
        """The days by which the share of a school was multiplied, where any school's was, and those of the year."""
        part = self.decision.case.facts.part_year
        count = next((o.count for o in self.rulebook.objectives if o.name == objective == "share"), "")
        return (part.days.get(urn, part.of), part.of) if part and count in part.counts else None

    def nearest(self, referral: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """For an unplaced or held pupil: the nearest settings that suit, and all that stands in the way at each."""
        facts, verdicts = self.decision.case.facts, self.hearing(referral).verdicts
        kinds = suited(facts.referrals[referral])
        near = [urn for urn in verdicts if facts.schools[urn]["school.setting"] in kinds]
        near.sort(key=lambda urn: ((metres := verdicts[urn].metres) is None, metres or 0, urn))
        return tuple((urn, verdicts[urn].obstacles) for urn in near[:NEAREST])

    def in_the_way(self, referral: str, urn: str) -> tuple[str, ...]:
        """What stands in the way of a pair, in words; that its seat went to others, where nothing bars it."""
        reasons = (reason for reason in self.of_pair(referral, urn) if reason.kind in ("bar", "limit"))
        said = tuple(f"{reason.rule} {reason.say}" if reason.missing else reason.say or reason.rule for reason in reasons)
        unknown = tuple(f"unknown: {fact}" for fact in self.hearing(referral).verdicts[urn].unknown)
        return (*said, *unknown) or self._kept_apart(referral, urn) or (self._passed_by(referral, urn),)

    def in_short(self, referral: str, urn: str) -> str:
        """The same by the rules' names: `closing, year-group-full`."""
        obstacles = self.hearing(referral).verdicts[urn].obstacles
        apart = () if obstacles else tuple(limit.id for limit in self._apart_there(referral, urn))
        return ", ".join((*obstacles, *apart)) or self._passed_by(referral, urn).rstrip(".").lower()

    def _passed_by(self, referral: str, urn: str) -> str:
        """Why a pupil is left out of a setting that no rule closes: its room is gone, or it would be worse for the meeting."""
        if self.tied(referral) and self.first_worse(referral).get(urn, OPEN) is None:
            return "Before the draw it would be just as good."
        if gone := room_gone(self.decision, referral, urn):
            return gone
        worse = self.first_worse(referral).get(urn, OPEN)
        return f"It would be worse for {in_short(worse, self.rulebook)}." if worse and worse != OPEN else "It is open, and was not chosen."

    def _kept_apart(self, referral: str, urn: str) -> tuple[str, ...]:
        """That a pupil from whom this one is to be kept apart goes there; who it is stays unsaid, for families read it too."""
        row = self.decision.case.facts.pair_row(referral, urn)
        return tuple(rendered(limit.say, row, self.rulebook, room=0) or KEPT_APART for limit in self._apart_there(referral, urn))

    def _apart_there(self, referral: str, urn: str) -> tuple[Limit, ...]:
        full = self.decision.casework.without_seat(referral, urn, self.decision.placing)
        return tuple(limit for limit in self.rulebook.limits if limit.id in full and limit.per == "kept_apart_pupils")

    def _reason(self, finding: Finding, row: Facts, room: int | None = None) -> Reason:
        rule = self._rules[finding.rule]
        told = rendered(rule.say, row, self.rulebook, room)
        if finding.missing:
            told = f"cannot tell without {said(finding.missing, self.rulebook)}."
        elif finding.kind == "charge" and not told:
            told = f"{pounds(self._amount(finding.rule))} a year to the authority."
        elif finding.kind in SPOKEN and not told:
            told = f"the rulebook has no sentence for it; its {'room' if isinstance(rule, Limit) else 'condition'} is: {when_of(rule)}."
        return Reason(finding.rule, finding.kind, str(finding.outcome), told, finding.facts, finding.missing)

    def _lacking(self, doubt: Doubt) -> Reason:
        rule = self._rules.get(doubt.rule)
        kind = "limit" if isinstance(rule, Limit) else rule.kind if rule else "objective"
        return Reason(doubt.rule, kind, "cannot tell", f"cannot tell without {said(doubt.missing, self.rulebook)}.", (), doubt.missing)

    def _amount(self, rule: str) -> int:
        found = self._rules[rule]
        return found.amount if isinstance(found, Rule) else 0


def unknowns(casework: Casework, rulebook: Rulebook, facts: MeetingFacts) -> tuple[str, ...]:
    """What the rules would need to know and the record does not say: one line for each datum, with whom it closes or holds.

    Of a school that a bar closes to a pupil anyway, nothing is told that is about the two.
    """
    closed: dict[str, set[str]] = {}
    years: dict[tuple[str, str], set[int]] = {}
    whose: dict[str, set[str]] = {}
    held: list[str] = []
    for referral, hearing in casework.hearings.items():
        past = left(facts.referrals[referral])
        held.extend(f"{referral} {has_left(facts.referrals[referral])}" for _ in past)
        held.extend(f"{referral} is held by {hold}." for hold in hearing.holds if hold not in past)
        held.extend(f"{referral} is held: {doubt.rule} cannot tell without {said(doubt.missing, rulebook)}." for doubt in hearing.doubts)
        for urn, verdict in hearing.verdicts.items():
            for fact in [one for one in verdict.unknown if not (verdict.bars and one.startswith("candidate."))]:
                closed.setdefault(fact, set()).add(urn)
                years.setdefault((fact, urn), set()).add(hearing.year_group)
                whose.setdefault(fact, set()).add(referral)
    lines = []
    for fact, urns in sorted(closed.items()):
        meaning = rulebook.facts[fact].meaning if fact in rulebook.facts else "no tier of the rulebook fires"
        if fact.startswith(("school.", "year.")):
            in_years = {urn: f" in {_years(years[fact, urn])}" if fact.startswith("year.") else "" for urn in urns}
            named = ", ".join(f"{facts.schools[urn]['school.name']} ({urn}){in_years[urn]}" for urn in sorted(urns))
            lines.append(f"{fact} ({meaning}) is unknown at {len(urns)}, which cannot be considered: {named}.")
        else:
            whom = ", ".join(sorted(whose[fact]))
            lines.append(f"{fact} ({meaning}) is unknown between {whom} and {len(urns)} settings, which cannot be considered.")
    return (*lines, *held)


def _years(years: Iterable[int]) -> str:
    """`year 9`, or `years 9 and 11`."""
    named = [str(year) for year in sorted(years)]
    return f"year{'s' if len(named) > 1 else ''} {listed(named)}"


def said(missing: Iterable[str], rulebook: Rulebook) -> str:
    """Facts that nobody recorded, each with its meaning."""
    return ", ".join(f"{name} ({rulebook.facts[name].meaning})" if name in rulebook.facts else name for name in missing)


def of_the_panel(evaluate: Evaluate, rulebook: Rulebook, facts: MeetingFacts) -> tuple[str, ...]:
    """The notices that speak of the panel as a whole, in words."""
    rules = {rule.id: rule for rule in rulebook.notices}
    for referral in facts.referrals:
        reading = evaluate.referral(facts.referral_row(referral))
        told = (rules[finding.rule] for finding in reading.fires("notice"))
        return tuple(rendered(rule.say, reading.facts, rulebook) for rule in told if told_of(rule) == OF_PANEL)
    return ()


def told_of(rule: Rule | Limit) -> frozenset[str]:
    """The families of all that a rule reads and all that its sentence says: whom it tells something of."""
    read = (fact.family for term in terms_of(rule) for fact in reads(term))
    said = (name.partition(".")[0] for name in NAMED.findall(rule.say))
    return frozenset({*read, *said} - {"settings", "room"})


def _all_rules(rulebook: Rulebook) -> Iterable[Rule | Limit]:
    return (*rulebook.holds, *rulebook.bars, *rulebook.limits, *rulebook.charges, *rulebook.tiers, *rulebook.notices)


def rendered(say: str, row: Facts, rulebook: Rulebook, room: int | None = None) -> str:
    """A rule's sentence with its facts and settings put in; what is unknown is said to be unknown."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "room":
            return "unknown" if room is None else str(max(0, room))
        if name.startswith("settings."):
            setting = rulebook.settings.get(name.removeprefix("settings."))
            return "unknown" if setting is None else in_words(setting.value)
        return in_words(row[name]) if name in row else "unknown"

    return NAMED.sub(value, say)


def in_words(value: Fact) -> str:
    """A fact as a person says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def kilometres(metres: int) -> str:
    """Metres as kilometres with one decimal place, halves up, in whole numbers: 4650 -> 4.7 km."""
    tenths = (metres + 50) // 100
    return f"{tenths // 10}.{tenths % 10} km"
