"""A record of a rulebook and this program by the Algorithmic Transparency Recording Standard: its two tiers, field by field.

What follows from the rulebook and the program is filled in. What only the people who use it can know is left open and
marked, each with what is asked for: nothing is guessed. It reads no ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from rules.aims import said_aim
from rules.book import Limit, Rule, Rulebook
from rules.counts_in_words import said_count
from rules.facts import KINDS, PROCESS_ONLY
from rules.offers import OFFERED, need_facts
from rules.phrases import KIND_WORDS, listed
from rules.proving import no_certificate
from rules.reach import reach_of
from rules.reader import said_asks, source_of

OPEN: Final = "To be filled in"

SENSITIVE: Final = {
    **dict.fromkeys(sorted(PROCESS_ONLY), "decides how a case is handled, never which school"),
    "admission.ehcp": "may decide whether an admission is counted, never what it weighs",
    "admission.looked_after": "may decide whether an admission is counted, never what it weighs",
    "year.ehcp": "a number for a year group, not about one child",
    OFFERED: "whether the school offers what the pupil needs; what that is, no rule about a school is told",
    "year.looked_after": "a number for a year group, not about one child",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what is known of it, and what a person must still fill in, if anything."""

    number: str
    name: str
    text: str = ""
    ask: str = ""

    @property
    def filled(self) -> bool:
        return not self.ask


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one heading of a tier."""

    tier: int
    title: str
    fields: tuple[Field, ...]


def record_of(rulebook: Rulebook) -> tuple[Section, ...]:
    """The whole record, both tiers."""
    parts: tuple[tuple[int, str, Callable[[Rulebook], Iterable[Field]]], ...] = (
        (1, "Overview", _overview),
        (2, "Owner and responsibility", _owner),
        (2, "Description and rationale", _rationale),
        (2, "Deployment context and decision-making process", _process),
        (2, "Tool specification", _tool),
        (2, "Data", _data),
        (2, "Risks, mitigations and impact assessments", _risks),
    )
    return tuple(Section(tier, title, tuple(fields(rulebook))) for tier, title, fields in parts)


def to_fill_in(record: Iterable[Section]) -> tuple[str, ...]:
    """The fields that a person must still fill in, in order."""
    return tuple(f"{field.number} {field.name}".strip() for section in record for field in section.fields if not field.filled)


def _overview(book: Rulebook) -> Iterable[Field]:
    yield Field("", "Name", f"pastoral, with the rulebook of {book.title}")
    yield Field(
        "",
        "Description",
        "A panel of schools uses this tool to find a place for each pupil who must change school. It applies the panel's written "
        f"protocol ({source_of(book.authority)}) to the facts recorded of each case, and proposes the best placement by the aims that the "
        "protocol lists, in their order. The panel decides: a proposal has no effect until the panel confirms it, pupil by pupil.",
    )
    yield Field("", "Website URL", ask="the page on which families can read about the panel and this record")
    yield Field("", "Contact email", ask="the address of the team that answers questions about the tool")


def _owner(_book: Rulebook) -> Iterable[Field]:
    yield Field("1.1", "Organisation or department", ask="the full name of the body that is responsible for using the tool")
    yield Field("1.2", "Team", ask="the team within it")
    yield Field("1.3", "Senior responsible owner", ask="the role, not the name, of the person who answers for it")
    yield Field(
        "1.4", "Third party involvement", ask="yes or no: whether a supplier installs, runs or maintains it; and if so the next five"
    )
    yield Field("1.4.1", "Third party", ask="the supplier's name, or none")
    yield Field("1.4.2", "Companies House number", ask="the supplier's number, or none")
    yield Field("1.4.3", "Third party role", ask="what the supplier does, or none")
    yield Field("1.4.4", "Procurement procedure type", ask="how the supplier was chosen, or none")
    yield Field("1.4.5", "Third party data access terms", ask="what data the supplier can reach and on what terms, or none")


def _rationale(book: Rulebook) -> Iterable[Field]:
    layers = listed(f"{layer.name} in force from {layer.edition} (SHA-256 {layer.digest})" for layer in book.layers)
    rules = (
        f"{len(book.holds)} rules say when a case cannot be decided yet, {len(book.bars)} which school may not receive a pupil, "
        f"{len(book.limits)} how much room there is, {len(book.tiers)} in which order schools are approached, {len(book.charges)} what a "
        f"journey costs, and {len(book.notices)} what the panel must be told."
    )
    if book.tariff:
        how = "the points of all that fit are added" if book.points == "added" else "the largest that fits counts"
        rules += f" {len(book.tariff)} lines say what a placement weighs: {how}."
    aims = "; ".join(f"({n}) {said_aim(objective)}" for n, objective in enumerate(book.objectives, start=1))
    yield Field(
        "2.1", "Detailed description", f"Its rules are dated text that people can read: {layers}. {rules} The aims, in order: {aims}."
    )
    kinds = [KIND_WORDS[kind] for kind in KINDS if kind in book.lifecycle] or list(KIND_WORDS.values())
    yield Field(
        "2.2",
        "Scope",
        f"It proposes a school for pupils who come to the panel as {listed(kinds)}. It does not decide, does not exclude anybody, "
        "does not assess children, and learns nothing from past cases.",
    )
    yield Field(
        "2.3",
        "Benefit",
        "The same facts and the same rules give the same proposal, whoever asks. Every proposal comes with its reasons, with why "
        f"not another school, and with {_proved(book)} by the protocol's own aims. A later change to the record shows.",
    )
    yield Field("2.4", "Previous process", ask="how the panel worked before: who decided on what papers, and how it was recorded")
    yield Field("2.5", "Alternatives considered", ask="what else was looked at, including doing without a tool")


def _proved(book: Rulebook) -> str:
    """What a proposal comes with: a proof, or what solvers say."""
    if not no_certificate(book):
        return "a proof that no better one exists"
    return "what one solver found and another checked, step by step, of whether a better one exists, and what neither could settle,"


def _found(book: Rulebook) -> str:
    """How a placement is found, and what makes it be accepted."""
    flows = (
        "The placement is found as a chain of minimum-cost flows in whole numbers, one for each aim, and accepted only when a separate "
        "checker has proved it best."
    )
    why = no_certificate(book)
    if not why:
        return flows
    return (
        f"By this rulebook a placement is no flow ({'; '.join(why)}): small steps make it good, and a solver (CP-SAT) settles one aim "
        "after the other, within a limit on its work; another solver (HiGHS) is asked of every step whether anything better is possible, "
        "and if so nothing is recorded. No separate checker proves it best; what was not settled within the limit is recorded and told. "
        f"Only in a meeting in which no pupil makes that difference does this hold instead: {flows[0].lower()}{flows[1:]}"
    )


def _process(book: Rulebook) -> Iterable[Field]:
    closing: tuple[Rule | Limit, ...] = (*book.bars, *book.limits)
    waivable = [one.id for one in closing if one.waivable]
    fixed = [one.id for one in closing if not one.waivable]
    yield Field(
        "3.1",
        "Process integration",
        "Referrals, schools and places are recorded. When a meeting opens, its agenda, the facts and the edition of the rulebook are "
        "frozen. Representatives draw lots in public to settle ties. The tool proposes; the panel confirms, decides otherwise with a "
        "reason, or defers.",
    )
    yield Field(
        "3.2",
        "Provided information",
        "For each pupil: the proposed school and the reasons; each school that was barred and by which rule; what would get worse if the "
        "pupil went elsewhere; and for a case that is held, the rule that holds it or the fact that is missing.",
    )
    yield Field("3.3", "Frequency and scale of usage", ask="how many meetings and cases a year, and from how many schools")
    said = f"Rules and limits that the panel may override with a reason: {listed(waivable)}. " if waivable else ""
    said += f"Rules and limits that it may not: {listed(fixed)}. " if fixed else ""
    yield Field(
        "3.4",
        "Human decisions and review",
        f"Every placement is a decision of the panel, taken pupil by pupil and recorded. {said}"
        "Any decision can be replayed from the record later by somebody who was not there.",
    )
    yield Field("3.5", "Required training", ask="what chairs, clerks and representatives learn before they use it")
    yield Field("3.6", "Appeals and review", ask="how a family or a school asks for a decision to be looked at again, and who does so")


def _tool(book: Rulebook) -> Iterable[Field]:
    yield Field(
        "4.1.1",
        "System architecture",
        "A program run by the panel itself, with a ledger in one database. Each rule is evaluated twice, in two ways that share little; "
        f"where they differ nothing is recorded. {_found(book)} Records are chained by digests, so that a change shows.",
    )
    yield Field("4.1.2", "Phase", ask="idea, design, development, beta or pilot, production, or retired")
    yield Field(
        "4.1.3",
        "Maintenance",
        f"Rules change only by a new dated edition, which is checked whole before it is adopted. This one has "
        f"{sum(len(rule.examples) for rule in _spoken(book)) + sum(len(limit.examples) for limit in book.limits)} examples, run by "
        "`pastoral rules test`.",
        ask="who reviews the rulebook, and how often",
    )
    yield Field(
        "4.1.4",
        "Models",
        "None. The rules are written by people; there is no statistical model, no machine learning and no score of a child.",
    )


def _data(book: Rulebook) -> Iterable[Field]:
    reached = {fact for item in reach_of(book) for fact in item.facts}
    families = {
        "referral": "the referral",
        "school": "the schools",
        "year": "their year groups",
        "candidate": "the pair of pupil and school",
    }
    families |= {"panel": "the panel's record", "admission": "past admissions"}
    derived = {one.fact.name for one in book.derived}
    named = [
        f"{words}: {', '.join(sorted(name.partition('.')[2] for name in reached - derived if name.startswith(f'{family}.')))}"
        for family, words in families.items()
        if any(name.startswith(f"{family}.") for name in reached - derived)
    ]
    yield Field("4.2.1", "Development data", "None: nothing was trained.")
    apart = " And which pupils are to be kept apart from each other." if any(one.per == "kept_apart_pupils" for one in book.limits) else ""
    together = any(one.name == "together" for one in book.objectives)
    apart += " And which pupils are to be placed together." if together else ""
    asked = "".join(f" {sentence}" for sentence in said_asks(book))
    yield Field("4.2.2", "Operational data", f"The facts that this rulebook reaches. Of {'; of '.join(named)}.{apart}{asked}")
    needs = dict.fromkeys(need_facts(book.offers), "decides how a case is handled, never which school")
    sensitive = [f"{name} ({how})" for name, how in {**SENSITIVE, **needs}.items() if name in reached]
    yield Field(
        "4.2.3",
        "Sensitive attributes",
        "Protected characteristics are not facts that a rule can read; sex enters only as which single-sex schools may be considered, "
        "religion only as the family's own order of wishes."
        + (f" Reached by this rulebook: {'; '.join(sensitive)}." if sensitive else " This rulebook reaches no other sensitive fact."),
    )
    counts = "; ".join(f"{count.id}: {said_count(count)}" for count in book.counts) or "none"
    yield Field(
        "4.2.4",
        "Data processing methods",
        "Facts are worked out once, when a meeting opens. What is not known is never guessed: a rule that needs it cannot tell. "
        f"Counts of the record: {counts}.",
    )
    yield Field(
        "4.2.5",
        "Data access and storage",
        "What belongs to a child's case is kept in sealed parts, apart from the chained record, which holds only a commitment to them.",
        ask="where the database is, who can open it, and how long the sealed parts are kept",
    )
    yield Field("4.2.6", "Data sharing agreements", ask="the agreements under which schools and the authority share this data")


RISKS: Final = (
    ("A rule is wrong, or not what was agreed", "rules are readable text with a source and examples, checked before use, and dated"),
    ("The panel follows the proposal without thinking", "each pupil is confirmed by name; reasons and the alternatives are shown"),
    ("A fact is missing or wrong", "a missing fact holds the case and is named; a correction is recorded beside what was there"),
    ("Some groups fare worse", "protected characteristics cannot be read by a rule; whether outcomes differ must still be monitored"),
    ("One school is asked too often", "counts of who took whom are part of the record and can be an aim of the protocol"),
    (
        "The record is changed afterwards",
        "entries are chained; verification finds one that was changed, and a head kept elsewhere shows a record rewritten or cut off",
    ),
    ("Somebody steers a draw", "ties are settled by words that all representatives give after the facts are frozen"),
)


def _risks(_book: Rulebook) -> Iterable[Field]:
    yield Field(
        "5.1",
        "Impact assessment",
        ask="the data protection impact assessment and the equality impact assessment: title, date, summary and where they can be read",
    )
    yield Field(
        "5.2",
        "Risks and mitigations",
        " ".join(f"{risk}: {answer}." for risk, answer in RISKS),
        ask="the risks of your own setting, and what is done about them",
    )


def _spoken(book: Rulebook) -> tuple[Rule, ...]:
    return (*book.tariff, *book.holds, *book.bars, *book.charges, *book.tiers, *book.notices)


def as_markdown(record: Iterable[Section], rulebook: Rulebook) -> str:
    """The record as Markdown; what a person must fill in is marked."""
    record = tuple(record)
    own = rulebook.layers[0]
    left = to_fill_in(record)
    origin = f"Written from the rulebook {own.name} of {own.edition} (SHA-256 {own.digest})."
    marked = f"{len(left)} fields are left to a person; each is marked **{OPEN}**. Nothing here has been published."
    parts = [
        f"# Algorithmic transparency record: {rulebook.title}",
        f"By the two tiers of the Algorithmic Transparency Recording Standard. {origin} {marked}",
    ]
    tier = 0
    for section in record:
        if section.tier != tier:
            tier = section.tier
            parts.append(f"## Tier {tier}")
        parts.append(f"### {section.title}")
        for field in section.fields:
            texts = [field.text, f"**{OPEN}:** {field.ask}." if field.ask else ""]
            parts += [f"**{f'{field.number} {field.name}'.strip()}**", *filter(None, texts)]
    return "\n\n".join(parts) + "\n"


def as_data(record: Iterable[Section], rulebook: Rulebook) -> dict[str, Any]:
    """The record as plain data: `tier_1` and `tier_2` by section, and the names of what is to be filled in."""
    record = tuple(record)
    tiers: dict[str, dict[str, list[dict[str, Any]]]] = {"tier_1": {}, "tier_2": {}}
    for section in record:
        tiers[f"tier_{section.tier}"][section.title] = [
            {"number": field.number, "name": field.name, "filled": field.filled, "text": field.text, "ask": field.ask}
            for field in section.fields
        ]
    return {
        "standard": "Algorithmic Transparency Recording Standard",
        "rulebook": {"name": rulebook.name, "edition": rulebook.edition.isoformat(), "digest": rulebook.digest},
        **tiers,
        "to_fill_in": list(to_fill_in(record)),
    }
