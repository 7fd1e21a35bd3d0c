"""Who may import whom: a module imports only from floors below its own, and a few libraries have one door each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

CHECKOUT: Final = Path(__file__).resolve().parent.parent

ROOMS: Final = (
    *("record", "events", "state", "facts", "placing", "deciding", "meetings", "order", "cases", "reports", "intake", "costs"),
    *("steps", "clocks", "answering", "copies", "commands"),
)
"""The folders of panel/, each standing only on those before it. What lies in none of them is for all."""

FLOORS: Final[dict[str, tuple[str, ...]]] = {
    # rules/ is a house of its own: it knows nothing of panel/, and panel/ may stand on any of it.
    "rules: ground": ("rules", "rules.errors"),
    "rules: facts": ("rules.facts", "rules.wording"),
    "rules: kinds of value": ("rules.forms", "rules.audience", "rules.accounts"),
    "rules: keys of money": ("rules.shape_of_money",),
    "rules: words": ("rules.terms", "rules.finding", "rules.rows", "rules.shape", "rules.yaml_text"),
    "rules: records": ("rules.book", "rules.edition", "rules.measure", "rules.lacking", "rules.oracle"),
    "rules: attributes": ("rules.attributes", "rules.beforehand", "rules.reading", "rules.turns"),
    "rules: parts": (
        "rules.layers",
        "rules.categories",
        "rules.kinds",
        "rules.given",
        "rules.both",
        "rules.reach",
        "rules.school_facts",
        "rules.offers",
        "rules.phases",
    ),
    "rules: lengths of time, and guards": ("rules.guards", "rules.lengths", "rules.rooms", "rules.sealed", "rules.whose"),
    "rules: lifecycles": ("rules.lifecycle",),
    "rules: whom a count takes in": ("rules.nesting",),
    "rules: what proves a placement, and what it weighs": ("rules.proving", "rules.points"),
    "rules: clauses": ("rules.clauses", "rules.encoding", "rules.table"),
    "rules: text and engine": ("rules.counting", "rules.grammar", "rules.engine", "rules.phrases"),
    "rules: counts in words": ("rules.counts_in_words",),
    "rules: evaluation": ("rules.aims", "rules.evaluate", "rules.checks", "rules.clocks", "rules.money", "rules.objectives"),
    "rules: compiling": ("rules.compile", "rules.examples", "rules.takers"),
    "rules: what is refused on adoption": ("rules.on_adoption", "rules.likely_slips", "rules.idle"),
    "rules: books": ("rules.rulebook", "rules.coverage", "rules.differences", "rules.remarks"),
    "rules: pages": ("rules.reader",),
    "rules: whole pages": ("rules.explaining", "rules.schema"),
    "panel: ground": (
        "panel",
        "panel.reports.comparing",
        "panel.errors",
        "panel.placing.problem",
        "panel.quoting",
        "panel.spreadsheets",
        "panel.record.store",
        "panel.reports.suppression",
        "panel.record.postgresql_schema",
    ),
    "panel: plain values": (
        "panel.canonical",
        "panel.files",
        "panel.record.note",
        "panel.placing.objectives",
        "panel.placing.problem_data",
        "panel.placing.proof",
        "panel.facts.remedies",
        "panel.record.boxes",
        "panel.reports.grids",
    ),
    "panel: doors": ("panel.placing.doors", "panel.placing.climb", "panel.placing.headroom"),
    "panel: marginal costs": ("panel.placing.marginals", "panel.placing.packing", "panel.placing.recheck"),
    "panel: chain, network": (
        "panel.record.chain",
        "panel.record.merkle",
        "panel.deciding.chance",
        "panel.placing.network",
        "panel.record.keyring",
    ),
    "panel: events": ("panel.events", "panel.record.flaws", "panel.placing.face", "panel.record.keyfile"),
    "panel: what is so": (
        "panel.state.records",
        "panel.facts.journeys",
        "panel.state.schooldays",
        "panel.state.adoption",
        "panel.record.checkpoint",
    ),
    "panel: schools and pupils that change": ("panel.state.succession", "panel.state.year_groups"),
    "panel: what happens to a referral": (
        "panel.state.fold_of_schools",
        "panel.state.corrections",
        "panel.order.claims",
        "panel.order.days_ahead",
        "panel.facts.taking_part",
        "panel.state.happenings",
        "panel.state.lifecycle",
        "panel.state.undone",
        "panel.state.open_cases",
        "panel.state.reversals",
    ),
    "panel: the fold": ("panel.state.fold",),
    "panel: what a correction may do": (
        "panel.order.schools",
        "panel.order.corrections",
        "panel.order.directions",
        "panel.order.erasures",
        "panel.order.meetings",
        "panel.order.courses",
        "panel.cases.coming_back",
        "panel.meetings.exemptions",
        "panel.meetings.votes",
        "panel.meetings.sitting",
    ),
    "panel: counts": (
        "panel.facts.of_schools",
        "panel.facts.beforehand",
        "panel.facts.part_year",
        "panel.facts.rolls",
        "panel.cases.directions",
        "panel.clocks.runs",
        "panel.facts.admits",
        "panel.facts.apart",
        "panel.copies.receipt",
        "panel.order.entries",
        "panel.state.erasure",
        "panel.reports.monitored",
        "panel.clocks.instead",
        "panel.costs.moved",
        "panel.meetings.standing",
        "panel.reports.target",
        "panel.cases.course_told",
        "panel.state.stays",
    ),
    "panel: who is where, who brought whom, and which schools are near": (
        "panel.facts.brought",
        "panel.facts.doubts",
        "panel.facts.earlier",
        "panel.facts.near",
        "panel.facts.phases",
        "panel.facts.present",
    ),
    "panel: what is counted": ("panel.facts.counts",),
    "panel: facts of a referral": (
        "panel.facts.already",
        "panel.facts.averages",
        "panel.facts.school_facts",
        "panel.facts.vacancies",
        "panel.reports.begun",
        "panel.reports.by_school",
        "panel.clocks.deadlines",
        "panel.facts.entitlement",
        "panel.reports.partitions",
        "panel.costs.payments",
        "panel.facts.referral_facts",
        "panel.facts.turns",
    ),
    "panel: what an exclusion costs": ("panel.costs.deductions",),
    "panel: facts of a pair": ("panel.facts.pairs",),
    "panel: facts": (
        "panel.facts.candidates",
        "panel.costs.money",
        "panel.clocks.reminders",
    ),
    "panel: levels": ("panel.deciding.levels", "panel.deciding.seated"),
    "panel: casework": (
        "panel.deciding.casework",
        "panel.clocks.due",
        "panel.deciding.unread",
        "panel.deciding.unsaid",
    ),
    "panel: weighing": (
        *(
            "panel.costs.transport",
            "panel.deciding.weighing",
            "panel.deciding.opening",
            "panel.deciding.word",
            "panel.clocks.calendars",
            "panel.deciding.units",
        ),
        "panel.deciding.weight",
    ),
    "panel: placement": ("panel.placing.placement", "panel.placing.certificate", "panel.deciding.ahead"),
    "panel: rivals": ("panel.placing.rivals",),
    "panel: rivals of packings": ("panel.placing.packed_rivals",),
    "panel: decision": ("panel.deciding.decision", "panel.deciding.position"),
    "panel: suppositions": ("panel.answering.hypothesis",),
    "panel: what is answered": ("panel.answering.aims", "panel.answering.why"),
    "panel: beside others": ("panel.answering.beside",),
    "panel: looking back": (
        "panel.answering.explain",
        "panel.answering.replay",
        "panel.answering.certified",
        "panel.answering.hindsight",
        "panel.reports.transparency",
        "panel.reports.equity",
    ),
    "panel: whole meetings": (
        "panel.reports.admitted",
        "panel.answering.mistaken",
        "panel.answering.matrix",
        "panel.answering.notices",
        "panel.answering.relaxation",
        "panel.answering.whatif",
    ),
    "panel: the annual report": ("panel.reports.annual",),
    "panel: storage": ("panel.record.seals", "panel.record.tables"),
    "panel: addresses": ("panel.record.addresses",),
    "panel: databases": ("panel.record.sqlite", "panel.record.postgresql"),
    "panel: which database": ("panel.record.stores",),
    "panel: in and out": ("panel.costs.routing", "panel.copies.browsing", "panel.record.ledger", "panel.intake", "panel.record.keys"),
    "panel: office": ("panel.steps.office",),
    "panel: before a meeting, and votes at it": ("panel.steps.agendas", "panel.steps.ballots"),
    "panel: meeting": (
        "panel.steps.changing",
        "panel.steps.meeting",
        "panel.copies.export",
        "panel.steps.casebook",
        "panel.steps.directing",
        "panel.steps.person",
        "panel.story",
    ),
    "panel: what becomes of a case": ("panel.steps.course", "panel.steps.excluding"),
    "panel: corrections": ("panel.steps.correcting",),
    "panel: who is at a meeting": ("panel.steps.attendance",),
    "panel: travel": ("panel.steps.travel",),
    "panel: answers": ("panel.answering.answers", "panel.answering.docket", "panel.reports.equity_page", "panel.meetings.minutes"),
    "panel: pages of reports": ("panel.reports.annual_page", "panel.reports.target_page"),
    "panel: inquiry": ("panel.answering.flagged", "panel.answering.inquiry", "panel.answering.asking"),
    "panel: commands": ("panel.commands",),
    "top": ("cli",),
}
"""From the ground up; no module imports another of its own floor. A package stands for every module in it, and those may
import each other. `fixtures` and tests stand beside the house and may import all of it."""

DOORS: Final[dict[str, tuple[str, ...]]] = {
    "cryptography": ("panel.record.note", "panel.record.keys", "panel.record.boxes"),
    "durable": (),
    "durable_rules_engine": ("rules.engine",),
    "icalendar": ("panel.clocks.calendars",),
    "ortools": ("panel.placing.packing", "panel.placing.placement"),
    "scipy": ("panel.reports.comparing", "panel.placing.headroom", "panel.placing.recheck"),
    "pyproj": ("panel.costs.routing",),
    "urllib3": ("panel.costs.routing",),
    "psycopg": ("panel.record.postgresql",),
    "sqlalchemy": ("panel.record.tables",),
    "sqlite3": ("panel.record.sqlite",),
    "sqlmodel": ("panel.record.tables",),
}
"""A library, and the only modules that may import it."""

NEVER: Final = (
    ("rules", "panel"),
    ("panel.placing.certificate", "panel.placing.placement"),
    ("panel.placing.certificate", "panel.placing.packing"),
    ("panel.placing.recheck", "panel.placing.packing"),
    ("panel.placing.recheck", "panel.placing.headroom"),
    ("rules.oracle", "rules.engine"),
    ("rules.oracle", "rules.clauses"),
)
"""(importer, imported) that no floor would forbid for ever: what checks must share nothing with what it checks."""

MOST_LINES: Final = 400


def name_of(path: Path) -> str:
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


HOUSE: Final = sorted((CHECKOUT / "cli.py", *(CHECKOUT / "rules").rglob("*.py"), *(CHECKOUT / "panel").rglob("*.py")))
WHOLE: Final = ("events", "intake", "commands")
"""Rooms that stand on one floor, whose modules may import each other."""
DOORPLATES: Final = {f"panel.{room}": CHECKOUT / "panel" / room / "__init__.py" for room in ROOMS if room not in WHOLE}
MODULES: Final = {name_of(path): path for path in HOUSE if path not in DOORPLATES.values()}
GROUND: Final = {module: n for n, modules in enumerate(FLOORS.values()) for module in modules}
FLOOR_NAMES: Final = tuple(FLOORS)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def floor_of(module: str) -> int | None:
    """The floor of the module or of the package that it is in; the two houses themselves hold no other module."""
    while module not in GROUND:
        module, dot, _ = module.rpartition(".")
        if not dot or module in {"rules", "panel"}:
            return None
    return GROUND[module]


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Each module that a file imports, wherever in it, with its line; `from package import module` is the module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for inner in (f"{node.module}.{alias.name}" for alias in node.names):
                yield (inner if inner in MODULES or inner in GROUND else node.module), node.lineno


def upward(module: str, path: Path) -> Iterator[str]:
    """One sentence for each import that goes up, sideways, through somebody else's door, or where it never may."""
    own = floor_of(module)
    for other, line in imported(path):
        where = f"{path.name}:{line}: {module} imports {other}"
        library = other.partition(".")[0]
        if module not in DOORS.get(library, (module,)):
            yield f"{where}; only {' and '.join(DOORS[library]) or 'nobody'} may"
        if any(within(module, importer) and within(other, barred) for importer, barred in NEVER):
            yield f"{where}, which it must never know"
        theirs = floor_of(other)
        if own is None or theirs is None or theirs < own:
            continue
        same_package = theirs == own and any(within(module, package) and within(other, package) for package in FLOORS[FLOOR_NAMES[own]])
        if not same_package:
            yield f"{where}: from '{FLOOR_NAMES[own]}' to '{FLOOR_NAMES[theirs]}', wanted a floor below"


def room_of(module: str) -> int | None:
    """The place of a module's room among all of them; none of what lies in no room."""
    house, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    return ROOMS.index(room) if house == "panel" and room in ROOMS else None


def test_a_room_stands_only_on_those_before_it() -> None:
    wrong = {
        f"{path.relative_to(CHECKOUT)}:{line} imports {other}"
        for module, path in MODULES.items()
        if (own := room_of(module)) is not None
        for other, line in imported(path)
        if (theirs := room_of(other)) is not None and theirs > own
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_every_folder_of_the_panel_is_a_room() -> None:
    assert sorted(ROOMS) == sorted(path.parent.name for path in (CHECKOUT / "panel").glob("*/__init__.py"))


@pytest.mark.parametrize("room", DOORPLATES)
def test_a_room_has_no_more_than_its_name_on_the_door(room: str) -> None:
    body = ast.parse(DOORPLATES[room].read_text(encoding="utf-8")).body
    assert [type(node) for node in body] == [ast.Expr], f"{room}/__init__.py does more than say what the room is for"


def test_every_module_has_a_floor() -> None:
    strangers = [module for module in MODULES if floor_of(module) is None]
    assert not strangers, f"{', '.join(strangers)}: on no floor yet. Add it to FLOORS in {Path(__file__).name}, deliberately."


def test_no_module_stands_on_two_floors() -> None:
    everyone = [module for modules in FLOORS.values() for module in modules]
    assert len(everyone) == len(set(everyone))


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    found = sorted(set(upward(module, MODULES[module])))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_long(module: str) -> None:
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{module} has {lines} lines; split it by what it is for (at most {MOST_LINES})"


@pytest.mark.parametrize(
    ("module", "text", "wanted"),
    [
        ("rules.facts", "import panel.state.records", "must never know"),
        ("rules.oracle", "from rules import engine", "must never know"),
        ("panel.canonical", "def late():\n    from panel.record.ledger import Ledger", "wanted a floor below"),
        ("panel.record.chain", "import sqlmodel.sql", "only panel.record.tables may"),
        ("panel.placing.certificate", "from panel.placing.placement import place", "must never know"),
        ("panel.state.records", "from ortools.graph import x", "only panel.placing.packing and panel.placing.placement may"),
        ("rules.engine", "import durable.lang", "only nobody may"),
    ],
)
def test_a_wrong_import_is_named(module: str, text: str, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(text, encoding="utf-8")
    found = list(upward(module, path))
    assert any(wanted in sentence for sentence in found), found


def test_what_goes_down_is_let_through(tmp_path: Path) -> None:
    path = tmp_path / "right.py"
    path.write_text("import json\nfrom rules.evaluate import evaluate\nfrom panel.record.seals import Sealed\n", encoding="utf-8")
    assert list(upward("panel.record.ledger", path)) == []
