"""The text of a condition or a sum -> a typed tree, or every slip in it with its column.

It evaluates nothing and knows no rulebook: the facts and settings that a text may name are handed in. What it lets
through is typed: words are only equal or not, dates meet dates, units meet their own, and no sum can pass 2**53.

    condition  := comparisons of operands, joined by and, or, not; a yes/no fact by itself; true; false
    comparison := a == b | != | < | <= | > | >= (chained as in Python) | a in [..] | a not in [..] | fact is known | fact is unknown
    operand    := fact | settings.NAME | whole number | "word" | date | sums of numbers with + - * and // by a constant

A setting may be handed in as its value, or as a record with `value` and `unit`; only the record brings a unit to check.
"""

from __future__ import annotations

import ast
import datetime as dt
import difflib
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, TypeVar

from rules.clauses import clause_count, verdict_of
from rules.facts import EXACT, Fact, Value
from rules.kinds import Date, Met, Number, Refusal, Typed, Word, YesNo, a_fact, a_value, compared, fact_of, listed, worked
from rules.measure import bounds, may_be_unknown, reads
from rules.terms import All, Always, Any, Condition, Day, Known, Not, Sum, Text, Whole
from rules.wording import DEEPEST, SIGNS, SPLIT, Misread, Slip, prepare

__all__ = [
    "Misread",
    "Slip",
    "bounds",
    "clause_count",
    "may_be_unknown",
    "parse_condition",
    "parse_either",
    "parse_sum",
    "reads",
    "verdict_of",
]


class Named(Protocol):
    """A setting as the rulebook keeps it."""

    @property
    def value(self) -> Value: ...

    @property
    def unit(self) -> str: ...


Settings = Mapping[str, Value] | Mapping[str, Named] | Mapping[str, Value | Named]

Node = TypeVar("Node")
Told = TypeVar("Told")


def parse_condition(text: str, facts: Mapping[str, Fact], settings: Settings) -> Condition:
    """The condition that a text says. Raises `Misread` with all its slips."""
    typed = _parse(text, facts, settings, "a condition")
    if isinstance(typed, YesNo):
        return typed.term
    raise Misread((Slip(1, f"{typed.noun} by itself", "a condition", COMPARE),))


def parse_sum(text: str, facts: Mapping[str, Fact], settings: Settings) -> Sum:
    """The whole number that a text says. Raises `Misread` with all its slips."""
    typed = _parse(text, facts, settings, "a whole number")
    if isinstance(typed, Number):
        return typed.term
    raise Misread((Slip(1, typed.noun, "a whole number", "Add, take away or multiply number facts."),))


def parse_either(text: str, facts: Mapping[str, Fact], settings: Settings) -> Condition | Sum:
    """The condition or the whole number that a text says. Raises `Misread` with all its slips."""
    typed = _parse(text, facts, settings, "a condition or a whole number")
    if isinstance(typed, YesNo | Number):
        return typed.term
    raise Misread((Slip(1, f"{typed.noun} by itself", "a condition or a whole number", COMPARE),))


def _parse(text: str, facts: Mapping[str, Fact], settings: Settings, wanted: str) -> Typed:
    wording = prepare(text)
    start = len(wording.text) - len(wording.text.lstrip())
    try:
        tree = ast.parse(wording.text.strip(), mode="eval").body
    except SyntaxError as slip:
        column = start + _characters(wording.text[start:], (slip.offset or 1) - 1) + 1
        raise Misread((_broken(wording.text, column, wanted, str(slip.msg)),)) from None
    except (ValueError, MemoryError, RecursionError):
        raise Misread((Slip(1, "text that cannot be read", wanted, SPLIT),)) from None
    if _depth(tree) > DEEPEST:
        raise Misread((Slip(1, f"more than {DEEPEST} things one inside another", wanted, SPLIT),))
    return _Reader(wording.text, start, facts, settings, wording.days).read(tree)


def _broken(text: str, column: int, wanted: str, why: str) -> Slip:
    last = re.search(r"(\b(?:and|or|not|in|is)|[-+*/<>=]|==)\s*$", text)
    if last is not None:
        return Slip(last.start() + 1, f"nothing after {last.group().strip()}", wanted)
    found = re.split(r"[\s()]", text[column - 1 : column + 39].strip())[0]
    if keyword.iskeyword(found) and found not in ("and", "or", "not", "in", "is"):
        return Slip(column, found, wanted, f"{found} cannot be a name here; give the setting another.")
    if text.count("(") != text.count(")") or text.count("[") != text.count("]"):
        return Slip(
            column,
            f"{text.count('(') + text.count('[')} opening and {text.count(')') + text.count(']')} closing brackets",
            "as many of each",
        )
    if "unterminated string" in why:
        return Slip(column, "an opening quote", "a closing one too")
    advice = "Two conditions need `and` or `or` between them; something may be missing here."
    return Slip(column, repr(found) if found else "the end of the text", wanted, advice)


def _characters(text: str, octets: int) -> int:
    return len(text.encode()[: max(octets, 0)].decode(errors="ignore")) if not text.isascii() else max(octets, 0)


def _depth(tree: ast.AST) -> int:
    depth, layer = 0, [tree]
    while layer:
        depth, layer = depth + 1, [child for node in layer for child in ast.iter_child_nodes(node)]
    return depth


COMPARE: Final = "Compare it with something: == != < <= > >=."
_SIGNS: Final[dict[type[ast.AST], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//",
}  # fmt: skip


class _Reader:
    """One walk over one text. Each method gives what a node says, or raises `Misread` with every slip below that node."""

    def __init__(self, text: str, start: int, facts: Mapping[str, Fact], settings: Settings, days: Mapping[str, dt.date]) -> None:
        self._text, self._start, self._facts, self._settings, self._days = text, start, facts, settings, days

    def read(self, node: ast.expr) -> Typed:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = _every(self._condition, values)
                return YesNo(All(parts) if isinstance(op, ast.And) else Any(parts))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return YesNo(Not(self._condition(operand)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._placed(node, worked("-", Number(Whole(0)), self.read(operand)))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                return self._placed(node, worked(_SIGNS[type(op)], *_every(self.read, (left, right))))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                links = _every(self._link, tuple(zip((left, *comparators), ops, comparators, strict=False)))
                return YesNo(links[0] if len(links) == 1 else All(links))
            case ast.Constant(kind=None) | ast.Name() | ast.Attribute():
                return self._word(node)
        raise self._foreign(node)

    def _word(self, node: ast.Constant | ast.Name | ast.Attribute) -> Typed:
        match node:
            case ast.Constant(value=str() as word):
                return Word(Text(word))
            case ast.Constant(value=int() as value) if abs(value) <= EXACT:
                return Number(Whole(value))
            case ast.Constant(value=int()):
                raise self._slip(node, self._written(node), f"at most {EXACT}", "Larger whole numbers are not compared exactly.")
            case ast.Constant():
                raise self._foreign(node)
            case ast.Name(id="true" | "false" as word):
                return YesNo(Always(word == "true"))
            case ast.Name(id=name) if name in self._days:
                return Date(Day(self._days[name]))
        return self._named(node)

    def _named(self, node: ast.Name | ast.Attribute) -> Typed:
        two = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        name = f"{node.value.id}.{node.attr}" if two else ast.unparse(node)  # type: ignore[union-attr]  # FAMILY.NAME, as nearly all are
        if name in self._facts:
            return a_fact(self._facts[name])
        family, _, setting = name.partition(".")
        if family == "settings" and setting in self._settings:
            held = self._settings[setting]
            return a_value(held, "", setting) if isinstance(held, int | str | dt.date) else a_value(held.value, held.unit, setting)
        if any(name in fact.words for fact in self._facts.values()):
            raise self._slip(node, name, "a fact or a setting", f'Words stand in quotes: "{name}".')
        known = (*self._facts, *(f"settings.{setting}" for setting in self._settings))
        raise self._slip(node, name, "a fact or a setting", _nearest(name, known))

    def _condition(self, node: ast.expr) -> Condition:
        typed = self.read(node)
        if isinstance(typed, YesNo):
            return typed.term
        raise self._slip(node, f"{typed.noun} by itself, {self._written(node)}", "a condition", COMPARE)

    def _link(self, link: tuple[ast.expr, ast.cmpop, ast.expr]) -> Condition:
        left, op, right = link
        if isinstance(op, ast.Is | ast.IsNot):
            return self._known(left, right, opposite=isinstance(op, ast.IsNot))
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.List) or not right.elts:
                raise self._slip(right, self._written(right), "a list in square brackets", 'Write: fact in ["one", "other"].')
            first, *values = _every(self.read, (left, *right.elts))
            among = self._placed(right, listed(first, tuple(values))).term
            return Not(among) if isinstance(op, ast.NotIn) else among
        first, second = _every(self.read, (left, right))
        return self._placed(right, compared(_SIGNS[type(op)], first, second)).term

    def _known(self, left: ast.expr, right: ast.expr, *, opposite: bool) -> Condition:
        if not (isinstance(right, ast.Name) and right.id in ("known", "unknown")):
            raise self._slip(right, f"is {self._written(right)}", "is known or is unknown", "Values are compared with ==.")
        fact = fact_of(self.read(left))
        if fact is None:
            raise self._slip(left, self._written(left), "a fact before `is known`", "Only one fact by itself is known or unknown.")
        if not fact.optional:
            raise self._slip(left, fact.name, "a fact that may be unknown", f"{fact.name} is always known; leave the test out.")
        return Known(fact) if (right.id == "known") != opposite else Not(Known(fact))

    def _placed(self, node: ast.expr, result: Met | Refusal) -> Met:
        if isinstance(result, tuple):
            found, wanted, advice = result
            raise self._slip(node, found or self._written(node), wanted, advice)
        return result

    def _slip(self, node: ast.expr, found: str, wanted: str, advice: str = "") -> Misread:
        line = self._text[self._start :]
        return Misread((Slip(self._start + _characters(line, node.col_offset) + 1, found, wanted, advice),))

    def _written(self, node: ast.expr) -> str:
        line = self._text[self._start :]
        written = line[_characters(line, node.col_offset) : _characters(line, node.end_col_offset or 0)]
        for name, day in self._days.items():
            written = written.replace(name, day.isoformat())
        return written if len(written) <= 40 else f"{written[:37]}..."

    def _foreign(self, node: ast.expr) -> Misread:
        wanted, advice = next((teaching for kinds, teaching in _FOREIGN if isinstance(node, kinds)), ("a condition", SIGNS))
        return self._slip(node, self._written(node), wanted, advice)


_FOREIGN: Final[tuple[tuple[tuple[type[ast.expr], ...], tuple[str, str]], ...]] = (
    ((ast.Call,), ("a condition", "There are no functions; a fact is named without brackets after it.")),
    ((ast.List, ast.Tuple, ast.Set, ast.Dict), ("a single value", "A list may stand only after `in`, in square brackets.")),
    ((ast.IfExp,), ("a condition", "Say it with and, or, not.")),
    ((ast.Subscript,), ("a fact", "Facts have no parts; name them with a dot: school.roll.")),
)


OTHER_PART: Final[Mapping[str, tuple[str, str, str]]] = {
    "year": ("school", "school", "write `per: year_group` in it, or"),
    "school": ("year", "year group", "leave out `per: year_group` in it, or write"),
}
"""By which family a count was asked for -> by which it is to be read, what it is counted by, and what to do."""


def _every(read: Callable[[Node], Told], nodes: Iterable[Node]) -> tuple[Told, ...]:
    """What each node says, or the slips of all of them together."""
    told: list[Told] = []
    slips: list[Slip] = []
    for node in nodes:
        try:
            told.append(read(node))
        except Misread as misread:
            slips.extend(misread.slips)
    if slips:
        raise Misread(tuple(slips))
    return tuple(told)


_PROTECTED: Final = "A protected characteristic of a child is no fact, so that no rule can go by it."
_SEX: Final = (
    f"{_PROTECTED} Which single-sex schools may be considered the referral says (single_sex_schools), and candidate.admits is no"
    " for the others."
)
_FAITH: Final = f"{_PROTECTED} Religion enters as the family's own rank of a school, candidate.rank, and no other way."
_POINTS: Final = (
    "What pupils weigh is said by the `tariff`: of one on the agenda it is referral.points; of those whom a school took it is a count of"
    " the setting, `weigh: points` under `counts`, then school.COUNT."
)
NO_FACT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sex", "gender", "girl", "boy"), _SEX),
    **dict.fromkeys(("religion", "faith"), _FAITH),
    **dict.fromkeys(("ethnicity", "ethnic_group", "race", "nationality", "disability", "disabled"), _PROTECTED),
    "points": _POINTS,
}
"""What is asked for and is no fact, by the last part of its name -> why, and what there is instead."""


def _nearest(name: str, known: tuple[str, ...]) -> str:
    if name == "admission.category":
        return (
            "The category of an admission is not a fact: it decides process only, so it stands in holds, notices and clocks. What a pupil"
            " weighs goes by what happened: admission.after_exclusion, admission.from_alternative_provision, admission.suspended_days."
        )
    family, _, last = name.partition(".")
    if f"panel.lowest_{last}" in known and family in OTHER_PART:  # a count of the book
        other, one, how = OTHER_PART[family]
        return f"{last} is counted per {one}: {how} {other}.{last} here."
    if (count := last.removeprefix("home_school_")) != last and f"year.{count}" in known and f"panel.lowest_{count}" in known:
        return f"{count} is counted per year group; of the school that sends, only counts per school can be asked."
    if last in NO_FACT:
        return NO_FACT[last]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not near:
        last = name.rpartition(".")[2]
        near = [full for full in known if full.rpartition(".")[2] == last][:1]
    if not near and "." not in name:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    families = ", ".join(dict.fromkeys(full.partition(".")[0] for full in known))
    return f"Did you mean {near[0]}?" if near else f'Facts are named FAMILY.NAME, of {families}; words stand in quotes: "police".'
