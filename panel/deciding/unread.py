"""What was recorded in the belief that it has an effect, while no rule of the book goes by it: said when a meeting opens.

    exempt          a vote by which a school, or a year group of it, is to stand aside
    kept_apart      a pupil and a school that are to be kept apart
    needs           what a pupil needs of a school; or a word for it that this edition of the book does not have
    agreed_number   what the schools agreed each would take
    share_weight    what the schools agreed each would be measured by
    rota_place      where the schools agreed each would stand on the list for their turns
    points          what the panel gave a case by a form of its own
    area            where a child lives; or a word for it that no school of the panel has

What is only kept on record is not among them. It closes nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from panel.facts.candidates import MeetingFacts
from panel.state.records import State
from rules.book import Rulebook
from rules.offers import OFFERED
from rules.reach import divided_by_points, facts_named, reach_of, weighs_points

AGREED: Final = {
    "agreed_number": "a quota or a limit",
    "share_weight": "a share `per: weight`",
    "rota_place": "a rota with `list: school.rota_place`",
}
"""What schools agree -> what goes by it."""
CLOSES: Final = frozenset({"bar", "limit", "hold"})


def unread(state: State, rulebook: Rulebook, facts: MeetingFacts) -> tuple[str, ...]:
    """One line for each, in the order of the first docstring; nothing where every one has a rule that goes by it."""
    return (
        *_votes(state, rulebook, facts),
        *_kept_apart(state, rulebook, facts),
        *_needs(state, rulebook, facts),
        *_agreed(state, rulebook, facts),
        *_points(state, rulebook, facts),
        *_areas(state, rulebook, facts),
    )


def exempts_nothing(rulebook: Rulebook) -> str:
    """That a vote to exempt a school has no effect under the book; nothing where it has one."""
    if _closes(rulebook, "candidate.exempt"):
        return ""
    return (
        f"No bar, limit or hold of '{rulebook.name}' reads candidate.exempt, so the vote keeps nobody from going there. "
        "Adopt an edition with a bar `when: candidate.exempt`."
    )


def _closes(rulebook: Rulebook, fact: str) -> bool:
    return any(one.kind in CLOSES and fact in one.facts for one in reach_of(rulebook))


def _votes(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    there = [vote for vote in state.exemptions if vote.urn in facts.schools and vote.first <= facts.on <= vote.last]
    if there and (said := exempts_nothing(rulebook)):
        yield f"Exempt by vote: {', '.join(sorted({vote.urn for vote in there}))}. {said}"


def _kept_apart(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    named = [name for name in facts.referrals if state.referrals[name].case.kept_apart]
    if named and not _closes(rulebook, "candidate.kept_apart"):
        yield (
            f"{', '.join(named)}: to be kept apart from a school (kept_apart), and no bar, limit or hold of '{rulebook.name}' reads "
            "candidate.kept_apart, so nothing keeps them from it. Adopt an edition with a bar, or see to it at the meeting."
        )


def _needs(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    needed = {name: {word for word, so in (state.referrals[name].case.needs or {}).items() if so} for name in facts.referrals}
    named = [name for name, words in needed.items() if words]
    strange = [name for name, words in needed.items() if words - set(rulebook.offers)]
    if named and OFFERED not in facts_named(rulebook):
        yield (
            f"{', '.join(named)}: the case says what the pupil needs of a school (needs), and nothing in '{rulebook.name}' reads "
            f"{OFFERED}, so it may be sent where that is not there. Adopt an edition with a bar or a tier, or see to it at the meeting."
        )
    elif strange:
        yield (
            f"{', '.join(strange)}: the case says that the pupil needs something that '{rulebook.name}' of {rulebook.edition} does not "
            "name under `offers`, so no rule goes by that. See to it at the meeting."
        )


def _agreed(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    read = facts_named(rulebook)
    for column, rule in AGREED.items():
        if f"school.{column}" not in read and any(getattr(state.schools[urn], column) is not None for urn in facts.schools):
            yield f"Schools have a number in {column}, and nothing in '{rulebook.name}' goes by it: that needs {rule}."


def _points(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    given = {name: points for name in facts.referrals if (points := state.referrals[name].case.points) is not None}
    if given and not weighs_points(rulebook) and "referral.points_given" not in facts_named(rulebook):
        yield f"{', '.join(given)}: the case has points (points), and nothing in '{rulebook.name}' weighs them: that needs `weigh: points`."
    heavy = [name for name, points in given.items() if points > rulebook.heaviest]
    if heavy and (limits := divided_by_points(rulebook)):
        yield (
            f"{', '.join(heavy)}: the case has more points (points) than any line of the tariff, {rulebook.heaviest}, by which limit "
            f"{', '.join(limits)} divides what is left: a school may come to more than the limit means. See to it at the meeting."
        )


def _areas(state: State, rulebook: Rulebook, facts: MeetingFacts) -> Iterator[str]:
    lives = {name: area for name in facts.referrals if (area := state.referrals[name].case.area) is not None}
    if lives and not facts_named(rulebook) & {"referral.area", "candidate.in_area_of_home"}:
        yield f"{', '.join(lives)}: the case says where the child lives (area), and no rule of '{rulebook.name}' goes by it."
        return
    have = {state.schools[urn].federation for urn in facts.schools}
    for name, area in lives.items():
        if area not in have:
            known = ", ".join(sorted(filter(None, have))) or "none is recorded"
            yield (
                f"{name}: the area of the case is no school's Federation ({known}), so no school is in it. "
                f"`pastoral correct {name} --set area=AREA --reason TEXT` puts it right."
            )
