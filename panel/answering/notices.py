"""What the rulebook tells a panel, where it meets it: of a case as the meeting opens, of a school with the proposal, each once.

    of_cases     the notices that need only the case and the panel to be asked, for every case of the agenda
    of_schools   those that read and say nothing but of a school, and of the panel besides, of every mainstream school and of those
                 proposed; and those that read or say more than that, of each pupil at the school proposed

Those of the panel as a whole are `explain.of_the_panel`. A notice changes nothing, and none of this is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from panel.answering.explain import OF_PANEL, rendered, told_of
from panel.deciding.casework import Casework
from panel.facts.candidates import MeetingFacts
from rules.book import Rule, Rulebook
from rules.facts import Facts
from rules.phrases import listed, when_of


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice in words, and whom it is about: cases, a school (its URN), or one case at a school."""

    rule: str
    say: str
    referrals: tuple[str, ...] = ()
    school: str | None = None

    def as_data(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {"rule": self.rule, "say": self.say, "referrals": list(self.referrals), "school": self.school}

    def in_words(self, names: Mapping[str, str]) -> str:
        """`R1, R5: ...`, or `Ashdown School (100001): ...`, or both; `names` URN -> name."""
        whom = listed(self.referrals) if self.referrals else ""
        where = f"{names[self.school]} ({self.school})" if self.school else ""
        return f"{' at '.join(part for part in (whom, where) if part)}: {self.say}"


def of_cases(casework: Casework, facts: MeetingFacts, rulebook: Rulebook) -> tuple[Notice, ...]:
    """In the order of the agenda; cases of which the same is said stand together."""
    rules = {rule.id: rule for rule in rulebook.notices if told_of(rule) != OF_PANEL}
    whose: dict[tuple[str, str], list[str]] = {}
    for name, hearing in casework.hearings.items():
        row = facts.referral_row(name)
        for rule in hearing.notices:
            if rule in rules:
                whose.setdefault((rule, _said(rules[rule], row, rulebook)), []).append(name)
    return tuple(Notice(rule, say, tuple(names)) for (rule, say), names in whose.items())


def of_schools(casework: Casework, facts: MeetingFacts, rulebook: Rulebook, placing: Mapping[str, str]) -> tuple[Notice, ...]:
    """Those of a school alone by URN, then those of the pupils who are placed, by referral; `placing` referral -> URN."""
    rules = {rule.id: rule for rule in rulebook.notices}
    of_school = {name for name, rule in rules.items() if _of_school(rule)}
    told = {urn for urn, school in facts.schools.items() if school["school.setting"] == "mainstream" or urn in placing.values()}
    alone = {
        (urn, rule): Notice(rule, _said(rules[rule], facts.pair_row(name, urn), rulebook), school=urn)
        for name, hearing in casework.hearings.items()
        for urn, verdict in hearing.verdicts.items()
        for rule in verdict.notices
        if rule in of_school and urn in told
    }
    order = {rule: place for place, rule in enumerate(rules)}
    first = (alone[key] for key in sorted(alone, key=lambda key: (key[0], order[key[1]])))
    return (*first, *_of_pairs(casework, facts, rulebook, placing, of_school))


def _of_pairs(
    casework: Casework, facts: MeetingFacts, rulebook: Rulebook, placing: Mapping[str, str], of_school: set[str]
) -> Iterator[Notice]:
    rules = {rule.id: rule for rule in rulebook.notices}
    for name, urn in sorted(placing.items()):
        for rule in casework.hearings[name].verdicts[urn].notices:
            if rule not in of_school:
                yield Notice(rule, _said(rules[rule], facts.pair_row(name, urn), rulebook), (name,), urn)


def _of_school(notice: Rule) -> bool:
    """Whether a notice tells something of the school, and nothing of a case."""
    of = told_of(notice)
    return "school" in of and of <= {"school", "panel"}


def _said(rule: Rule, row: Facts, rulebook: Rulebook) -> str:
    return rendered(rule.say, row, rulebook) or f"{rule.id}: {when_of(rule)}."
