"""A rulebook as a head reads it: a page of tables, one for each question that somebody at the table asks.

It decides nothing and prints nothing; the same page becomes a table on a terminal, Markdown or JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.aims import said_aim
from rules.book import Authority, Limit, Rule, Rulebook, Setting
from rules.counts_in_words import said_count
from rules.differences import plain
from rules.facts import YEAR_GROUPS
from rules.phases import said_years
from rules.phrases import (
    KIND_WORDS,
    listed,
    said,
    said_flow,
    said_fund,
    said_leavers,
    said_levy,
    said_pence,
    said_school_fact,
    said_setting,
    said_times,
    said_value,
    scope_of,
    when_of,
    with_values,
)
from rules.proving import said_proof


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading; `note` says what follows from them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A rulebook in words. Tables without rows are left out."""

    title: str
    lead: tuple[str, ...]
    tables: tuple[Table, ...]


def page_of(rulebook: Rulebook) -> Page:
    """The whole rulebook, with the layers below it."""
    return Page(rulebook.title, tuple(_lead(rulebook)), tuple(table for table in _tables(rulebook) if table.rows))


def asks_of(rulebook: Rulebook) -> dict[str, dict[str, str]]:
    """What a book asks of schools and of pupils under names of its own, in its words."""
    facts = {name: said_school_fact(fact) for name, fact in rulebook.school_facts.items()}
    return {"school_facts": facts, "offers": dict(rulebook.offers)}


def said_asks(rulebook: Rulebook) -> Iterable[str]:
    """The same as sentences; none where it asks nothing."""
    titles = {"school_facts": "It asks of every school", "offers": "It asks what schools offer and pupils need"}
    for key, words in asks_of(rulebook).items():
        if words:
            yield f"{titles[key]}: {'; '.join(f'{name} = {what}' for name, what in words.items())}."


def said_first(rulebook: Rulebook) -> Iterable[str]:
    """What whoever checks a book is told before its parts: by what a placement is proved, and what it asks."""
    return (*filter(None, [said_proof(rulebook)]), *said_asks(rulebook))


def source_of(authority: Authority) -> str:
    """Where a rule comes from."""
    return f"{authority.instrument}, {authority.paragraph}" if authority.paragraph else authority.instrument


def _lead(rulebook: Rulebook) -> Iterable[str]:
    own, *below = rulebook.layers
    yield f"{own.name}, in force from {own.edition}. Source: {source_of(rulebook.authority)}."
    if below:
        yield f"It stands on {listed(f'{layer.name} from {layer.edition}' for layer in below)}."
    if rulebook.year_groups != YEAR_GROUPS:
        lowest, highest = rulebook.year_groups[0], rulebook.year_groups[-1]
        yield f"For pupils in year groups {lowest} to {highest}{'; 0 is Reception' if lowest == 0 else ''}."
    if proved := said_proof(rulebook):
        yield proved
    if not rulebook.objectives:
        yield "It has no objectives: it is a layer that other books extend."


def _tables(rulebook: Rulebook) -> Iterable[Table]:
    book = rulebook
    yield Table("What holds a case", ("rule", "the panel cannot decide yet"), _said(book, book.holds))
    yield _bars(book)
    yield _room(book)
    yield _order(book)
    yield _costs(book)
    yield Table("Notices", ("rule", "the panel is told"), _said(book, book.notices))
    yield Table(
        "What is aimed for, in order",
        ("", "objective", "aim"),
        tuple((str(n), objective.name.replace("_", " "), said_aim(objective)) for n, objective in enumerate(book.objectives, start=1)),
        "A later aim never outweighs an earlier one.",
    )
    yield Table("Counts", ("count", "what it counts"), tuple((count.id, said_count(count)) for count in book.counts))
    yield Table(
        "Points",
        ("line", "points", "of an admission"),
        tuple((line.id, said_value(line.amount), when_of(line)) for line in book.tariff),
        "An admission has the points of all lines that fit it, added."
        if book.points == "added"
        else "An admission has the points of the largest line that fits it.",
    )
    yield Table(
        "Names for parts of rules",
        ("name", "is"),
        tuple((one.fact.name, with_values(" ".join(one.text.split()), book.settings)) for one in book.derived),
    )
    yield _settings(book)
    yield from _words_of_its_own(book)
    yield _categories(book)
    yield Table("Who is told of a meeting, and who is there", ("", ""), _meeting(book), WHAT_STANDS)
    yield _lifecycle(book)
    yield _clocks(book)
    yield _money(book)
    yield _sources(book)


def _words_of_its_own(book: Rulebook) -> Iterable[Table]:
    """Papers, phases, facts about schools and what they offer: what the book names that no list of the program has."""
    yield Table("Papers", ("paper", "what it is"), tuple(book.papers.items()), "A rule asks for one as `referral.paper_NAME`.")
    yield Table(
        "Phases",
        ("phase", "year groups"),
        tuple((name, said_years(years)) for name, years in book.phases.items()),
        "`school.on_roll_NAME` and `school.pan_NAME` add them up, of those that the school has.",
    )
    yield Table(
        "What the book asks of every school",
        ("column", "what it is"),
        tuple((name, said_school_fact(fact)) for name, fact in book.school_facts.items()),
        "A column of that name in the schools file says it. A rule asks for it as `school.NAME`.",
    )
    yield Table(
        "What schools offer and pupils need",
        ("word", "what it is"),
        tuple(book.offers.items()),
        "Schools say what they offer in the column `offers`, a referral what the pupil needs in the column `needs`.",
    )


def _room(book: Rulebook) -> Table:
    return Table(
        "Room",
        ("rule", "how many more", "what is said", "waivable"),
        tuple(
            (limit.id, with_values(when_of(limit), book.settings), _only(limit, said(limit, book.settings)), _yes(limit.waivable))
            for limit in book.limits
        ),
        "Shared by all who are placed in one meeting; where several limits speak, the smallest room holds.",
    )


def _order(book: Rulebook) -> Table:
    tiers = sorted(book.tiers, key=lambda tier: tier.amount)
    return Table(
        "Order of approach",
        ("tier", "rule", "schools"),
        tuple((str(tier.amount), tier.id, _only(tier, with_values(when_of(tier), book.settings))) for tier in tiers),
        "A school belongs to the lowest tier that fits it.",
    )


def _costs(book: Rulebook) -> Table:
    rows = ((charge.id, said_value(charge.amount), _only(charge, with_values(when_of(charge), book.settings))) for charge in book.charges)
    note = "Charges add up; a quoted cost of the journey takes their place."
    return Table("Cost to the authority", ("rule", "pence a year", "when"), tuple(rows), note)


def _said(book: Rulebook, rules: Iterable[Rule]) -> tuple[tuple[str, ...], ...]:
    return tuple((rule.id, _only(rule, _with_its_condition(rule, book))) for rule in rules)


def _with_its_condition(rule: Rule, book: Rulebook) -> str:
    """What a rule says and when; a rule that says nothing is only its condition."""
    when, told = with_values(when_of(rule), book.settings), said(rule, book.settings)
    return f"{told} {'Always' if when == 'always' else f'When {when}'}." if told else when


def _only(rule: Rule | Limit, text: str) -> str:
    """The text, and for whom it is where it is not for everybody."""
    scope = scope_of(rule)
    return " ".join(part for part in (text, f"Only {scope}." if scope else "") if part)


def _bars(book: Rulebook) -> Table:
    rows = tuple((*row, _yes(bar.waivable)) for row, bar in zip(_said(book, book.bars), book.bars, strict=True))
    note = "Where one of these fires the pupil is not proposed there. The panel may override those that are waivable, with a reason."
    return Table("What bars a school", ("rule", "this school may not receive the pupil", "waivable"), rows, note)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _settings(book: Rulebook) -> Table:
    own = book.layers[0].name

    def what(setting: Setting) -> str:
        said = [setting.say, "Choice." if setting.choice else "", f"From {setting.book}." if setting.book != own else ""]
        return " ".join(part for part in said if part)

    rows = tuple((setting.id, said_setting(setting), what(setting)) for setting in book.settings.values())
    return Table("Settings", ("setting", "value", "what it is"), rows, "A book above may change those marked choice.")


def _categories(book: Rulebook) -> Table:
    """The last column only where some letter is not that of the book that the category comes from."""
    rows = tuple(
        (letter, category.say, "" if letter == category.letter else f"{category.letter} of {category.book}")
        for letter, category in book.categories.items()
    )
    if not any(stands for _, _, stands in rows):
        return Table("Categories", ("", "children"), tuple(row[:2] for row in rows))
    note = "Files and this book's rules have these letters. A rule of a book below is shown with the letters of its own book."
    return Table("Categories", ("", "children", "stands for"), rows, note)


WHAT_STANDS: Final = "It stops no meeting. `pastoral meeting show` says which decisions stand by it, and which do not."


def _meeting(book: Rulebook) -> tuple[tuple[str, ...], ...]:
    def words(key: str, value: object) -> str:
        if key == "quorum":
            return f"{str(value).replace('_', ' ')} of the schools" if isinstance(value, str) else f"{value} schools"
        return plain(value).replace("_", " ")

    return tuple((key.replace("_", " "), words(key, value)) for key, value in book.meeting.items())


def _lifecycle(book: Rulebook) -> Table:
    kinds = {kind: said for kind, said in book.lifecycle.items() if isinstance(said, Mapping)}
    rows = tuple(
        (KIND_WORDS.get(kind, kind), key.replace("_", " "), plain(value).replace("_", " "))
        for kind, said in kinds.items()
        for key, value in said.items()
        if key != "authority"
    )
    return Table("What becomes of a case", ("kind", "", ""), rows)


def _clocks(book: Rulebook) -> Table:
    rows = tuple((clock.id, clock.run, said_times(clock), _only(clock.rule, _whose(clock.rule, book))) for clock in book.clocks)
    return Table("Clocks", ("clock", "runs", "", "for"), rows)


def _whose(rule: Rule, book: Rulebook) -> str:
    """When a clock runs, and what it says."""
    when = with_values(when_of(rule), book.settings)
    return " ".join(part for part in ("" if when == "always" else f"When {when}.", said(rule, book.settings)) if part)


def _money(book: Rulebook) -> Table:
    rows = [(line.id, said_pence(line), _paid(line)) for line in book.transfers]
    if book.money.levy:
        rows.append(("the levy", f"{said_levy(book.money)}, once", "from a school that permanently excluded"))
    if book.money.leavers is not None:
        rows.append(("who leaves", "", f"transfers {said_leavers(book.money)}"))
    if book.money.fund is not None:
        rows.append(("the partnership's fund", "", said_fund(book.money.fund)))
    note = f"Transfers add up, for the rest of the financial year, which begins in {book.money.year.title()}; its rest is counted in "
    return Table("Money that follows the pupil", ("line", "pence a year", "when"), tuple(rows), f"{note}{book.money.counted}.")


def _paid(line: Rule) -> str:
    """When a line is paid, and what of it is not as usual."""
    how = said_flow(line.flow)
    return f"{when_of(line)}: {how}" if how else when_of(line)


def _sources(book: Rulebook) -> Table:
    rules: dict[str, list[str]] = {}
    money = (*book.charges, *book.transfers)
    spoken: tuple[Rule | Limit, ...] = (*book.holds, *book.bars, *book.limits, *book.tiers, *money, *book.tariff, *book.notices)
    for rule in spoken:
        rules.setdefault(source_of(rule.authority), []).append(rule.id)
    for clock in book.clocks:
        rules.setdefault(source_of(clock.rule.authority), []).append(clock.id)
    for kind, told in book.lifecycle.items():
        if isinstance(told, Mapping) and isinstance(told.get("authority"), Mapping):
            rules.setdefault(source_of(Authority(**told["authority"])), []).append(kind)
    return Table("Sources", ("source", "rules"), tuple((source, ", ".join(ids)) for source, ids in rules.items()))


def markdown(page: Page) -> str:
    """The page as Markdown, with one blank line between its parts."""
    parts = [f"# {page.title}", *page.lead]
    for table in page.tables:
        columns = [column or " " for column in table.columns]
        rows = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in (columns, ["---"] * len(columns), *table.rows)]
        parts += [f"## {table.title}", *([table.note] if table.note else []), "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
