"""YAML text -> plain values, with the line of every key and item. Strict: a rulebook must mean what it looks like.

It knows nothing of rules. Only plain `true` and `false`, whole numbers and YYYY-MM-DD dates are typed; `on`, `no`, `3.10`
and all that is quoted stay words. It reads the parser's events one by one, so that no depth of nesting exhausts the stack.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from rules.errors import Fault, RulebookError

Plain = Any
"""str, int, bool, date, tuple of these, or dict of these by word; recursive, which no annotation here gains from."""

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings, and places in lists counted from 0."""

LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml where it is built in, ten times quicker
DEEPEST: Final = 12
_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Document:
    """What one file says. `lines` counts from 1: of a key for what stands in a mapping, of the item in a list."""

    value: Mapping[str, Plain]
    lines: Mapping[Path, int]

    def without(self, path: Path) -> Document:
        """The same without the key or item at the path; later items of its list move up, with their lines."""
        last = path[-1]

        def moved(other: Path) -> Path:
            place = other[len(path) - 1] if len(other) >= len(path) and other[: len(path) - 1] == path[:-1] else None
            if isinstance(last, int) and isinstance(place, int) and place > last:
                return (*path[:-1], place - 1, *other[len(path) :])
            return other

        return Document(
            value=_without(self.value, path),
            lines={moved(other): line for other, line in self.lines.items() if other[: len(path)] != path},
        )

    def line(self, path: Path) -> int:
        """The line of the value at the path, or of the nearest thing around it that the file has."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def _without(value: Plain, path: Path) -> Plain:
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return (*value[:first], *((_without(value[first], rest),) if rest else ()), *value[first + 1 :])
    return {key: _without(kept, rest) if key == first else kept for key, kept in value.items() if rest or key != first}


def read_yaml(text: str, source: str) -> tuple[Document, tuple[Fault, ...]]:
    """The one mapping that the text holds, and what is wrong in it although its structure can be seen.

    Raises RulebookError where it cannot: at tabs, at the first syntax error, or where there is no mapping.
    """
    faults = list(_tabs(text, source))
    if faults:
        raise RulebookError(f"{source} is not YAML that can be read", faults)
    reader = _Reader(source)
    try:
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=LOADER):
            reader.take(event)
    except yaml.YAMLError as error:
        last = _syntax(error, text, source)
        before = [fault for fault in reader.faults if fault.row != last.row]
        raise RulebookError(f"{source} is not YAML that can be read", [*before, last]) from error
    if not isinstance(reader.root, dict):
        found = "nothing" if reader.root is None else "no mapping"
        reader.stop(reader.lines[()], found=found, wanted="`rulebook: NAME` and so on, one key a line")
    return Document(value=reader.root, lines=reader.lines), tuple(reader.faults)


def _tabs(text: str, source: str) -> Iterator[Fault]:
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            yield Fault(
                file=source, row=number, counted="line", found="a tab", wanted="spaces", advice="YAML is indented with spaces only."
            )


def _syntax(error: yaml.YAMLError, text: str, source: str) -> Fault:
    """A syntax error where the parser saw it, with the commonest cause."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that YAML does not allow
        where = getattr(error, "position", 0)
        row = text.count("\n", 0, where) + 1
        return Fault(file=source, row=row, counted="line", found="a character that YAML does not allow", wanted="printable text")
    problem = getattr(error, "problem", None) or "something that is not YAML"
    return Fault(
        file=source,
        row=mark.line + 1,
        counted="line",
        column=f"column {mark.column + 1}",
        found=f"YAML that breaks off: {problem}",
        advice="Check the indentation; put text that holds `: `, `#`, brackets or braces in double quotes, "
        "and a long condition on a line of its own.",
    )


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    path: Path
    into: dict[str, Plain] | list[Plain]
    key: str | None = None


@dataclass(slots=True)
class _Reader:
    """Takes the events in order and builds the value."""

    source: str
    root: Plain = None
    lines: dict[Path, int] = field(default_factory=lambda: {(): 1})
    faults: list[Fault] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _documents: int = 0

    def refuse(self, line: int, *, found: str, wanted: str, advice: str = "") -> None:
        self.faults.append(Fault(file=self.source, row=line, counted="line", found=found, wanted=wanted, advice=advice))

    def stop(self, line: int, *, found: str, wanted: str, advice: str = "") -> NoReturn:
        self.refuse(line, found=found, wanted=wanted, advice=advice)
        raise RulebookError(f"{self.source} is not YAML that can be read", self.faults)

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.NodeEvent):
            self._plainly(event, line)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            self._put("", line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            done = self._open.pop()
            value = tuple(done.into) if isinstance(done.into, list) else done.into
            self._settle(value)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self.stop(line, found="a second document after `---`", wanted="one rulebook in one file")

    def _plainly(self, event: yaml.NodeEvent, line: int) -> None:
        """Nothing that stands for something else."""
        if event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            advice = "Anchors and aliases are not read; quote a word that begins with & or *."
            self.refuse(line, found=f"the reference {sign}{event.anchor}", wanted="the text written out", advice=advice)
        elif (tag := getattr(event, "tag", None)) is not None:
            advice = "Tags are not read; quote a word that begins with !."
            self.refuse(line, found=f"the tag {tag}", wanted="the value alone", advice=advice)

    def _begin(self, into: dict[str, Plain] | list[Plain], line: int) -> None:
        path = self._place(line)
        if len(self._open) == DEEPEST:
            self.stop(line, found=f"more than {DEEPEST} levels", wanted="the levels of a rulebook")
        self._open.append(_Open(path, into))

    def _place(self, line: int) -> Path:
        """The path of the value that begins here; a mapping's key must have come before it."""
        if not self._open:
            self.lines[()] = line
            return ()
        inside = self._open[-1]
        if isinstance(inside.into, list):
            path = (*inside.path, len(inside.into))
            self.lines[path] = line
            return path
        if inside.key is None:  # brackets where a key should be
            advice = 'Put text with braces in double quotes, as in "{school.name} ...".'
            self.stop(line, found="brackets or braces as a key", wanted="a word", advice=advice)
        return (*inside.path, inside.key)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        inside = self._open[-1] if self._open else None
        if inside is None or isinstance(inside.into, list) or inside.key is not None:
            self._put(self._typed(event, line), line)
            return
        path = (*inside.path, event.value)
        if event.value in inside.into:
            self.refuse(line, found=f"the key `{event.value}` a second time", wanted=f"it once; it is also on line {self.lines[path]}")
        else:
            self.lines[path] = line
        inside.key = event.value

    def _put(self, value: Plain, line: int) -> None:
        self._place(line)
        self._settle(value)

    def _settle(self, value: Plain) -> None:
        if not self._open:
            self.root = value
            return
        inside = self._open[-1]
        if isinstance(inside.into, list):
            inside.into.append(value)
        elif inside.key is not None:
            inside.into[inside.key] = value
            inside.key = None

    def _typed(self, event: yaml.ScalarEvent, line: int) -> Plain:
        text: str = event.value
        if event.style:  # quoted or a block
            return text
        if not text:
            advice = 'Leave the key out, or write "" for an empty text. In braces, text that holds a comma stands in double quotes.'
            self.refuse(line, found="nothing after the colon or dash", wanted="a value", advice=advice)
        elif text in {"true", "false"}:
            return text == "true"
        elif _WHOLE.fullmatch(text):
            if len(text) <= 16:
                return int(text)
            self.refuse(line, found=text[:20], wanted="a whole number of at most 16 digits")
        elif _DATE.fullmatch(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                self.refuse(line, found=text, wanted="a day that exists, as YYYY-MM-DD")
        return text
