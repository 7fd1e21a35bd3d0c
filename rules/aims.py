"""What an objective aims for, in words. It evaluates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.book import ON_ROLL, Objective
from rules.phrases import said_audience
from rules.terms import Sum, Whole

AIMS: Final[Mapping[str, str]] = {
    "place": "as few pupils as possible stay without a place",
    "waiting": "those who have waited longest are not the ones left out",
    "together": "pupils who are to be placed together, as brothers and sisters are, are at one school",
    "tier": "schools come in the order of approach",
    "journey": "journeys are short",
    "longest_ago": "the school whose last turn was longest ago comes first",
    "rota": "schools take turns, first the one whose last turn was longest ago; none has a second in a meeting before all have had one",
    "transport": "the cost of transport to the authority is low",
    "ticket": "chance decides whose wish comes first",
    "lottery": "chance decides what is left",
}


def _said_quota(objective: Objective) -> str:
    who = "no year group of a mainstream school" if objective.part == "year_group" else "no mainstream school"
    limit = _said_sum(objective.limit, objective.limit_text)
    if objective.count == ON_ROLL:
        counted, free = f"has more than {limit} pupils on roll", "; beyond that, as few pupils as possible"
    else:
        counted, free = f"goes above {limit} by the count {objective.count}", "; beyond that it makes no difference"
    return f"{who} {counted}{'; beyond that, as evenly as can be' if objective.beyond == 'level' else free}"


def _said_sum(level: Sum, text: str) -> str:
    return str(level.value) if isinstance(level, Whole) else " ".join(text.split())


def _said_share(objective: Objective) -> str:
    year = objective.part == "year_group"
    whole = {"roll": "its roll", "pan": "its admission numbers", "weight": "the weight agreed for it", "equal": "equal parts"}
    measure = "its admission number" if year and objective.per == "pan" else whole[objective.per]
    count = "the roll" if objective.count == ON_ROLL else f"the count {objective.count}"
    whose = "each year group of each mainstream school" if year else "each mainstream school"
    if objective.starts:
        start = _said_sum(objective.start, objective.start_text)
        return f"{start} and {count} together, of {whose}, are in proportion to {measure}, the heaviest first"
    if year:
        return f"{count} of {whose} is in proportion to {measure}, the heaviest first"
    return f"each mainstream school's count {objective.count} is in proportion to {measure}, the heaviest first"


OF_A_CASE: Final[Mapping[str, str]] = {
    "place": "that it has a place",
    "tier": "the order of approach",
    "preference": "what the family asked for, where a school that it did not name counts as number {unranked}",
    "journey": "the length of the journey",
    "longest_ago": "whose last turn was longest ago",
    "transport": "the cost of transport to the authority",
}


def _said_case_by_case(objective: Objective) -> str:
    asked = ", then by ".join(OF_A_CASE[one].format(unranked=objective.unranked) for one in objective.by)
    days = "by the day on which each was accepted, else made"
    order = f"the largest {objective.first} first" if objective.first else days
    return f"case by case, {order}: the first has its best by {asked}, before the next is looked at"


def _said_turns(objective: Objective) -> str:
    """What a rota says of its turns beyond that; nothing where it says no more."""
    own = "; each year group has a list of its own" if objective.part == "year_group" else ""
    listed = f"; those whose claims are equal by {_said_sum(objective.listed, objective.listed_text)}, the smallest first"
    fates = (("that broke down", objective.broken_down), ("that the pupil left", objective.left))
    dropped = (f"; a placement {what}{f' within {fate.within}' if fate.within else ''} was no turn" for what, fate in fates if fate.drop)
    return f"{own}{listed if objective.has_a_list else ''}{''.join(dropped)}"


def said_aim(objective: Objective) -> str:
    """What an objective aims for, as one sentence without a full stop."""
    whose = said_audience(objective.of)
    match objective.name:
        case "quota":
            text = _said_quota(objective)
        case "share":
            text = _said_share(objective)
        case "preference":
            text = f"families get what they asked for; a school that they did not name counts as number {objective.unranked}"
        case "waiting" if objective.days:
            text = f"those with most {objective.days} are not the ones left out"
        case "case_by_case":
            text = _said_case_by_case(objective)
        case "rota" | "longest_ago":
            text = AIMS[objective.name] + _said_turns(objective)
        case _:
            text = AIMS[objective.name]
    return f"{text} (only {whose})" if whose else text
