"""Who may import whom: a module imports only from floors below its own, and a few libraries have one door each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

CHECKOUT: Final = Path(__file__).resolve().parent.parent

FLOORS: Final[dict[str, tuple[str, ...]]] = {
    # rules/ is a house of its own: it knows nothing of panel/, and panel/ may stand on any of it.
    "rules: ground": ("rules", "rules.errors"),
    "rules: facts": ("rules.facts", "rules.wording"),
    "rules: kinds of value": ("rules.forms",),
    "rules: words": ("rules.terms", "rules.finding", "rules.rows", "rules.shape", "rules.yaml_text"),
    "rules: records": ("rules.book", "rules.edition", "rules.measure", "rules.lacking", "rules.oracle"),
    "rules: attributes": ("rules.attributes", "rules.reading"),
    "rules: parts": ("rules.layers", "rules.nesting", "rules.categories", "rules.kinds", "rules.given", "rules.both", "rules.reach"),
    "rules: lengths of time": ("rules.lengths", "rules.rooms"),
    "rules: what proves a placement, and what it weighs": ("rules.proving", "rules.points"),
    "rules: clauses": ("rules.lifecycle", "rules.clauses", "rules.encoding", "rules.table"),
    "rules: text and engine": ("rules.grammar", "rules.engine", "rules.phrases"),
    "rules: evaluation": ("rules.evaluate", "rules.checks", "rules.clocks", "rules.money", "rules.objectives"),
    "rules: compiling": ("rules.compile", "rules.examples", "rules.on_adoption"),
    "rules: books": ("rules.rulebook", "rules.coverage", "rules.differences", "rules.remarks"),
    "rules: pages": ("rules.reader",),
    "rules: whole pages": ("rules.explaining", "rules.schema"),
    "panel: ground": (
        "panel",
        "panel.comparing",
        "panel.errors",
        "panel.problem",
        "panel.quoting",
        "panel.spreadsheets",
        "panel.store",
        "panel.suppression",
        "panel.postgresql_schema",
    ),
    "panel: plain values": (
        "panel.canonical",
        "panel.files",
        "panel.note",
        "panel.objectives",
        "panel.problem_data",
        "panel.proof",
        "panel.remedies",
        "panel.boxes",
        "panel.grids",
    ),
    "panel: doors": ("panel.doors", "panel.climb", "panel.headroom"),
    "panel: marginal costs": ("panel.marginals", "panel.packing", "panel.recheck"),
    "panel: chain, network": ("panel.chain", "panel.merkle", "panel.chance", "panel.network", "panel.keyring"),
    "panel: events": ("panel.events", "panel.flaws", "panel.face", "panel.keyfile"),
    "panel: what is so": ("panel.state", "panel.journeys", "panel.schooldays", "panel.adoption", "panel.checkpoint"),
    "panel: schools and pupils that change": ("panel.succession", "panel.year_groups"),
    "panel: what happens to a referral": (
        "panel.fold_of_schools",
        "panel.corrections",
        "panel.claims",
        "panel.days_ahead",
        "panel.happenings",
        "panel.lifecycle",
        "panel.reversals",
    ),
    "panel: the fold": ("panel.fold",),
    "panel: what a correction may do": (
        "panel.order_of_schools",
        "panel.order_of_corrections",
        "panel.order_of_directions",
        "panel.order_of_erasures",
        "panel.order_of_meetings",
        "panel.order_of_courses",
        "panel.coming_back",
        "panel.votes",
        "panel.sitting",
    ),
    "panel: counts": (
        "panel.part_year",
        "panel.counts",
        "panel.directions",
        "panel.runs",
        "panel.admits",
        "panel.apart",
        "panel.receipt",
        "panel.order",
        "panel.erasure",
        "panel.monitored",
        "panel.instead",
        "panel.moved",
        "panel.standing",
        "panel.target",
        "panel.course_told",
        "panel.stays",
    ),
    "panel: facts of a referral": (
        "panel.averages",
        "panel.begun",
        "panel.by_school",
        "panel.clocks",
        "panel.entitlement",
        "panel.near",
        "panel.partitions",
        "panel.payments",
        "panel.referral_facts",
    ),
    "panel: what an exclusion costs": ("panel.deductions",),
    "panel: facts": (
        "panel.candidates",
        "panel.money",
        "panel.reminders",
    ),
    "panel: casework": (
        "panel.casework",
        "panel.due",
        "panel.unread",
        "panel.unsaid",
    ),
    "panel: weighing": (
        *("panel.transport", "panel.weighing", "panel.opening", "panel.word", "panel.calendars", "panel.units"),
        "panel.weight",
    ),
    "panel: placement": ("panel.placement", "panel.certificate", "panel.ahead"),
    "panel: rivals": ("panel.rivals",),
    "panel: rivals of packings": ("panel.packed_rivals",),
    "panel: decision": ("panel.decision", "panel.position"),
    "panel: suppositions": ("panel.hypothesis",),
    "panel: what is answered": ("panel.why",),
    "panel: beside others": ("panel.beside",),
    "panel: looking back": ("panel.explain", "panel.replay", "panel.certified", "panel.hindsight", "panel.transparency", "panel.equity"),
    "panel: whole meetings": ("panel.admitted", "panel.mistaken", "panel.matrix", "panel.relaxation", "panel.whatif"),
    "panel: the annual report": ("panel.annual",),
    "panel: storage": ("panel.seals", "panel.tables"),
    "panel: addresses": ("panel.addresses",),
    "panel: databases": ("panel.sqlite", "panel.postgresql"),
    "panel: which database": ("panel.stores",),
    "panel: in and out": ("panel.routing", "panel.browsing", "panel.ledger", "panel.intake", "panel.keys"),
    "panel: office": ("panel.office",),
    "panel: votes at a meeting": ("panel.ballots",),
    "panel: meeting": (
        "panel.changing",
        "panel.meeting",
        "panel.export",
        "panel.casebook",
        "panel.directing",
        "panel.person",
        "panel.story",
        "panel.report",
    ),
    "panel: what becomes of a case": ("panel.course", "panel.excluding"),
    "panel: corrections": ("panel.correcting",),
    "panel: who is at a meeting": ("panel.attendance",),
    "panel: travel": ("panel.travel",),
    "panel: answers": ("panel.answers", "panel.docket", "panel.equity_page", "panel.minutes"),
    "panel: pages of reports": ("panel.annual_page", "panel.target_page"),
    "panel: inquiry": ("panel.flagged", "panel.inquiry", "panel.asking"),
    "panel: commands": ("panel.commands",),
    "top": ("cli",),
}
"""From the ground up; no module imports another of its own floor. A package stands for every module in it, and those may
import each other. `fixtures` and tests stand beside the house and may import all of it."""

DOORS: Final[dict[str, tuple[str, ...]]] = {
    "cryptography": ("panel.note", "panel.keys", "panel.boxes"),
    "durable": (),
    "durable_rules_engine": ("rules.engine",),
    "icalendar": ("panel.calendars",),
    "ortools": ("panel.packing", "panel.placement"),
    "scipy": ("panel.comparing", "panel.headroom", "panel.recheck"),
    "pyproj": ("panel.routing",),
    "urllib3": ("panel.routing",),
    "psycopg": ("panel.postgresql",),
    "sqlalchemy": ("panel.tables",),
    "sqlite3": ("panel.sqlite",),
    "sqlmodel": ("panel.tables",),
}
"""A library, and the only modules that may import it."""

NEVER: Final = (
    ("rules", "panel"),
    ("panel.certificate", "panel.placement"),
    ("panel.certificate", "panel.packing"),
    ("panel.recheck", "panel.packing"),
    ("panel.recheck", "panel.headroom"),
    ("rules.oracle", "rules.engine"),
    ("rules.oracle", "rules.clauses"),
)
"""(importer, imported) that no floor would forbid for ever: what checks must share nothing with what it checks."""

MOST_LINES: Final = 400


def name_of(path: Path) -> str:
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES: Final = {
    name_of(path): path for path in sorted((CHECKOUT / "cli.py", *(CHECKOUT / "rules").rglob("*.py"), *(CHECKOUT / "panel").rglob("*.py")))
}
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
        ("rules.facts", "import panel.state", "must never know"),
        ("rules.oracle", "from rules import engine", "must never know"),
        ("panel.canonical", "def late():\n    from panel.ledger import Ledger", "wanted a floor below"),
        ("panel.chain", "import sqlmodel.sql", "only panel.tables may"),
        ("panel.certificate", "from panel.placement import place", "must never know"),
        ("panel.state", "from ortools.graph import x", "only panel.packing and panel.placement may"),
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
    path.write_text("import json\nfrom rules.evaluate import evaluate\nfrom panel.seals import Sealed\n", encoding="utf-8")
    assert list(upward("panel.ledger", path)) == []
