"""What all commands share: their common options, how an answer is printed, and how a failure is told.

Data goes to stdout, talk to stderr. It knows no rule and no record.
"""

from __future__ import annotations

import datetime as dt
import errno
import functools
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict

import click

from panel.quoting import Place, of_usage
from rules.errors import Fault, PanelError, RulebookError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from panel.record.keyring import Keys
    from panel.record.ledger import Ledger
    from panel.steps.office import Office

DEFAULT_LEDGER: Final = "sqlite:///pastoral.db"
WIDTH: Final = 80
NAME_WIDTH: Final = 40
GAP: Final = 2
"""Characters between two columns of a table."""
LONGEST_NAME: Final = 32
"""Characters that the first column of a table is not folded below."""
MOST_LINES: Final = 20
LONGEST: Final = 70
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2200
"""The years that a panel can mean, as in its files."""


A_DAY: Final = Place(words=("today", "tomorrow", "yesterday"), days=True)
"""What is quoted of a text where a day was wanted."""


class Day(click.ParamType[dt.date]):
    """A date on the command line: YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
            try:
                day = dt.datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
            return self.fail(f"found {A_DAY.found(value)}; wanted a year from {FIRST_YEAR} to {LAST_YEAR}", param, ctx)
        return self.fail(f"found {A_DAY.found(value)}; wanted a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY", param, ctx)


class Moment(click.ParamType[str]):
    """A moment on the command line, as the ledger writes it. A date alone means its end; without a zone it is UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            if len(value) == len("2026-10-22"):
                value = f"{dt.date.fromisoformat(value)}T23:59:59.999999"
            when = dt.datetime.fromisoformat(value)
            return (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        except (ValueError, OverflowError):
            return self.fail(f"found '{value}'; wanted a moment as 2026-10-22T16:00:00Z, or a date as 2026-10-22", param, ctx)


class Fate(TypedDict, total=False):
    """The keyword arguments of an office that a story sets."""

    clock: Callable[[], str]
    salts: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Chance:
    """Where a story's clock and salts come from, so that a made-up panel's ledger is the same each time it is told."""

    clock: Callable[[], str]
    salts: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command is called with: which ledger, who writes, and whether the answer is JSON.

    `chance` is only there in a story; otherwise the clock is the machine's, and salts are random. `key_file` is where
    somebody said that the ledger's keys are.
    """

    url: str
    actor: str
    json: bool
    chance: Chance | None = None
    key_file: Path | None = None

    def open(self) -> Office:
        """The office over the ledger named."""
        from panel.steps.office import Office

        return Office(self.ledger(), actor=self.actor, **self.fate())

    def ledger(self, keys: Keys | None = None) -> Ledger:
        """The ledger named, with its keys. Those that somebody named must be there."""
        from panel.record.ledger import Ledger

        if self.key_file is not None and not self.key_file.is_file():
            raise click.UsageError(f"--keys: there is no file {self.key_file}; wanted this ledger's keys, or an auditor's bundle")
        return Ledger.open(self.url, keys=self.keys() if keys is None else keys)

    def keys(self) -> Keys:
        """Where the ledger's keys are: where somebody said, or else beside it."""
        from panel.record.keyfile import KeyFile
        from panel.record.stores import keys_beside

        return keys_beside(self.url, asked_for) if self.key_file is None else KeyFile(self.key_file, asked_for)

    def fate(self) -> Fate:
        """The clock and salts to hand to an office."""
        return Fate(clock=self.chance.clock, salts=self.chance.salts) if self.chance else Fate()

    def answer(self, data: Any, *lines: RenderableType) -> None:
        """Print the answer: JSON, or what a person reads."""
        if self.json:
            try:
                click.echo(as_json(data))
            except BrokenPipeError:
                hush()
            return
        out = console()
        for line in lines:
            out.print(line)


def as_json(data: Any) -> str:
    """JSON that the output can hold: an accent is escaped where its encoding has no accents."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return json.dumps(data, ensure_ascii=encoding.casefold() not in ("utf-8", "utf8"), indent=2)


def console() -> Console:
    """Standard output; 80 columns where it is not a terminal."""
    from rich.console import Console

    class Page(Console):
        def on_broken_pipe(self) -> None:
            hush()

    return Page(width=None if sys.stdout.isatty() else WIDTH, highlight=False, markup=False, emoji=False)


def hush() -> None:
    """The reader has gone: say nothing more, and end as the command would have ended."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as the process


def in_a_row(name: str, urn: str, width: int = NAME_WIDTH) -> str:
    """A school in a table of 80 columns: a long name is cut short, its URN never."""
    said = f"{name} ({urn})"
    return said if len(said) <= width else f"{name[: width - len(urn) - 6].rstrip()}... ({urn})"


def widths_of(columns: tuple[str, ...], rows: Sequence[Sequence[str]]) -> list[int]:
    """The letters of each column of a page: the widest give way first, and none is folded within a word while another can give way."""
    cells = [[column, *(row[place] for row in rows)] for place, column in enumerate(columns)]
    widths = [max(map(len, texts)) for texts in cells]
    words = [max((len(word) for text in texts for word in text.split()), default=0) for texts in cells]
    headings = [max(map(len, column.split()), default=0) for column in columns]
    words[0], headings[0] = min(widths[0], LONGEST_NAME), min(widths[0], LONGEST_NAME)
    for least in (words, headings, [1] * len(columns)):
        while sum(widths) > WIDTH - GAP * (len(columns) - 1) and (wide := [n for n in range(len(columns)) if widths[n] > least[n]]):
            widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def several(number: int, one: str, more: str = "") -> str:
    """`1 entry`, `2 entries`."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def few(lines: Sequence[str]) -> Iterator[str]:
    """As many lines as a person reads, and how many more there are."""
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"... and {len(lines) - MOST_LINES} more: --json lists them all."


def short(value: object) -> str:
    """A value on part of a line: of a long one its beginning."""
    said = str(value)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 3]}..."


def talk(sentence: str) -> None:
    """Say something that is not the answer."""
    click.echo(sentence, err=True)


KEYS_PASSPHRASE: Final = "PASTORAL_KEYS_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds


def asked_for(path: Path, *, new: bool = False) -> str:
    """The passphrase of a ledger's keys: from the environment, or else asked for at the terminal, a new one twice."""
    from panel.errors import Refused

    given = os.environ.get(KEYS_PASSPHRASE)
    if given is None:
        if not sys.stdin.isatty():
            raise Refused(f"{path} needs a passphrase, and there is no terminal to ask at: put it into {KEYS_PASSPHRASE}.")
        prompt = f"{'A new passphrase' if new else 'Passphrase'} for {path}"
        given = click.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True)
    if not given:
        raise Refused(f"{KEYS_PASSPHRASE}: found nothing; wanted a passphrase.")
    if any("\ud800" <= letter <= "\udfff" for letter in given):
        raise Refused(f"{KEYS_PASSPHRASE}: found bytes that are no text in this terminal's encoding; wanted text.")
    return str(given)


def _who() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a machine's user without a name: which of them depends on system and version
        return "unnamed"


def _writer(ctx: click.Context, param: click.Parameter, actor: str) -> str:  # noqa: ARG001 - click's signature
    if not actor or not actor.isprintable():
        raise click.BadParameter(f"found {actor!r}; wanted printable text that says who writes")
    return actor


def _must_be_text(given: dict[str, Any]) -> None:
    """Refuse words in another encoding than the terminal's: nothing that cannot be written down may be recorded."""
    for name, value in given.items():
        words = value if isinstance(value, tuple) else (value,)
        if any(isinstance(word, str) and any("\ud800" <= letter <= "\udfff" for letter in word) for word in words):
            raise click.UsageError(f"{name.replace('_', ' ')}: found bytes that are no text in this terminal's encoding; wanted text.")


def command(group: click.Group | None = None, *, example: str, name: str | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """A command with the options that all of them have. The function gets a `Desk` first."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @click.option(
            "--ledger",
            "url",
            envvar="PASTORAL_LEDGER",
            default=DEFAULT_LEDGER,
            metavar="URL",
            show_default=True,
            help="The panel's ledger.",
        )
        @click.option(
            "--keys",
            "key_file",
            envvar="PASTORAL_KEYS",
            type=click.Path(dir_okay=False, path_type=Path),
            default=None,
            metavar="FILE",
            help="The keys of what is sealed in it; by default beside the ledger.",
        )
        @click.option(
            "--actor",
            envvar="PASTORAL_ACTOR",
            default=_who,
            metavar="NAME",
            callback=_writer,
            help="Who writes; by default your user name.",
        )
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
        @click.option("--debug", is_flag=True, help="Show where in the program a failure arose.")
        @functools.wraps(function)
        def run(*, url: str, key_file: Path | None, actor: str, as_json: bool, debug: bool, **given: Any) -> Any:  # noqa: ARG001 - read by `failure`
            _must_be_text(given)
            return function(Desk(url, actor, as_json, click.get_current_context().find_object(Chance), key_file), **given)

        shown = "\n".join(f"  {line}" for line in example.splitlines())
        run.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\n\b\nExample:\n{shown}"
        made = click.command(name, context_settings={"help_option_names": ["-h", "--help"]})(run)
        if group is not None:
            group.add_command(made)
        return made

    return decorate


def book_named(given: str) -> str | Path:
    """A file that is there, or else the name of a book that ships. What looks like a file and is not there is a usage error."""
    path = Path(given)
    if path.is_file():
        _must_be_utf8(path)
        return path
    if path.suffix or len(path.parts) > 1:
        raise click.BadParameter(f"found '{given}', and there is no such file; wanted a YAML file, or the name of a book that ships")
    return given


def _must_be_utf8(path: Path) -> None:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = 1 + path.read_bytes()[: error.start].count(b"\n")
        fault = Fault(file=path.name, row=line, counted="line", found="bytes that are not UTF-8", wanted="YAML saved as UTF-8")
        raise RulebookError(f"{path.name} cannot be read as a rulebook", [fault]) from None
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be read: {error.strerror}") from None


def group(**settings: Any) -> Callable[[Callable[..., Any]], click.Group]:
    """A group of commands."""
    return click.group(context_settings={"help_option_names": ["-h", "--help"]}, **settings)


# --- failures ---


def failure(error: Exception, arguments: Sequence[str]) -> int:
    """Tell a failure in the way the caller asked for, and return the exit code."""
    if "--debug" in arguments:
        click.echo(_where(error), err=True, nl=False)
    if isinstance(error, click.ClickException):
        # click declares the message Final: only a clerk's words are taken out of it, before anybody sees it.
        vars(error)["message"] = of_usage(error.message, _commands(error))
    if isinstance(error, BrokenPipeError):
        hush()
        return 0
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        hush()
        click.echo("The answer cannot be written: there is no space left. What was recorded before it stays recorded.", err=True)
        return 4
    code, kind, message, faults = _told(error)
    if "--json" in arguments:
        click.echo(as_json({"error": {"kind": kind, "message": message, "problems": faults}}))
    elif isinstance(error, click.ClickException):
        error.show()
    else:
        click.echo(str(error) if isinstance(error, PanelError) else message, err=True)
    return code


def _commands(error: click.ClickException) -> tuple[str, ...]:
    """The commands among which somebody looked for another."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return tuple(ctx.command.list_commands(ctx)) if ctx is not None and isinstance(ctx.command, click.Group) else ()


def _where(error: BaseException) -> str:
    """Where in the program a failure arose, and what caused it; the words only of a failure that the program itself worded."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = "" if before is None else f"{_where(before)}\nThis led to another failure:\n\n"
    frames = "".join(traceback.format_tb(error.__traceback__))
    words = f": {error}" if isinstance(error, PanelError) else ""
    return f"{earlier}Traceback (most recent call last):\n{frames}{type(error).__module__}.{type(error).__qualname__}{words}\n"


def _told(error: Exception) -> tuple[int, str, str, list[dict[str, Any]]]:
    if isinstance(error, PanelError):
        return error.exit_code, error.kind, error.message, [_fault(fault) for fault in error.faults]
    if isinstance(error, click.ClickException):
        return error.exit_code, "usage", error.format_message(), []
    # The words of an unforeseen error could quote a record, so they are never shown: where it arose is, with --debug.
    return (
        4,
        "unforeseen",
        f"Something went wrong in the program itself ({type(error).__name__}). Run it again with --debug to see where.",
        [],
    )


def _fault(fault: Any) -> dict[str, Any]:
    told = {name: getattr(fault, name) for name in ("file", "row", "column", "found", "wanted")}
    return {**told, "advice": fault.advice} if fault.advice else told
