"""The command `pastoral`: a thin group that loads a command only when it is called.

It decides nothing and opens no ledger; each command lives in panel/commands/.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from typing import Final

import click

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("demo:demo", "The Shire11 story, from founding to audit, on a fresh ledger."),
    "init": ("founding:init", "Found a panel's ledger."),
    "load": ("loading:load", "Load schools, places, journeys, terms, referrals and history from files."),
    "refer": ("cases:refer", "Put one referral to the panel by hand."),
    "agree": ("cases:agree", "Record that the parent, the pupil or the home school agrees to look for a move."),
    "paper": ("cases:paper", "Record that a paper of a case is with the panel."),
    "withdraw": ("cases:withdraw", "Take a referral back."),
    "correct": ("correcting:correct", "Say what an entry should have said; what was believed stays in the record."),
    "exempt": ("cases:exempt", "Record a vote that exempts a school, or one year group of it."),
    "school": ("schools:school", "Schools merge, close, take another name or number, join and leave."),
    "budget": ("budgets:budget", "What the authority means to spend on transport."),
    "transport": ("transport:transport", "What travel costs the authority, and what was claimed."),
    "statement": ("statements:statement", "What each school pays, receives and draws in a financial year."),
    "meeting": ("meetings:meeting", "Open, invite, attend, draw, close and show a meeting."),
    "allocate": ("allocation:allocate", "Propose placements for the open meeting, with proof."),
    "decide": ("deciding:decide", "Record the panel's word on referrals, by name."),
    "accept": ("deciding:accept", "Somebody who must agree to a decision agrees: school, parent or pupil."),
    "refuse": ("deciding:refuse", "Somebody who must agree to a decision does not."),
    "tell": ("courses:tell", "The family was told what was decided, and why."),
    "board": ("courses:board", "What the home school's governing board decides on the panel's advice."),
    "notice": ("courses:notice", "The parents were told in writing of an off-site direction."),
    "start": ("courses:start", "The first day at the receiving school."),
    "review": ("courses:review", "A review of a trial, or of what is temporary."),
    "extend": ("courses:extend", "What is temporary lasts longer."),
    "permanent": ("courses:permanent", "A trial ended well: the pupil stays."),
    "end": ("courses:end", "A placement ends."),
    "break-down": ("courses:break_down", "A placement broke down: the case comes back."),
    "education": ("courses:education", "Full-time education began again."),
    "exclusion": ("exclusions:exclusion", "A permanent exclusion by hand, and one that no longer stands."),
    "case": ("courses:case", "One case from its beginning, and what may come next."),
    "explain": ("explaining:explain", "Why this school, and why not that one."),
    "whatif": ("asking:whatif", "What would be otherwise if ...? Another answer beside the one that stands."),
    "direct": ("directing:direct", "Record a step towards directing a school that does not admit a pupil."),
    "directions": ("directing:directions", "Which schools did not agree to admit, which were directed, and what came of it."),
    "due": ("due:due", "Clocks: what is late, what comes next, for whom."),
    "position": ("positions:position", "The living record: each school's load, share, quota and turn."),
    "report": ("reports:report", "The target for permanent exclusions, and the annual report."),
    "rules": ("rulebooks:rules", "List, show, check, test and adopt rulebooks."),
    "audit": ("audits:audit", "Verify the record, replay its decisions, sign checkpoints and receipts."),
    "person": ("persons:person", "All that is held about one child, and its erasure."),
    "keys": ("keys:keys", "Keys that sign checkpoints, and those that open what is sealed."),
}
"""Name -> (module:command in panel/commands, the line that `pastoral --help` shows). Here, so that help imports nothing."""


class Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        import importlib

        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"panel.commands.{module}"), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"There is no command '{args[0]}'.{f' Did you mean {close[0]}?' if close else ' See pastoral --help.'}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pastoral")
def pastoral() -> None:
    """Find, explain and record a place for each pupil who must change school.

    \b
    Example:
      pastoral demo
    """


def _mend_the_output() -> None:
    """Show what the terminal's encoding lacks as question marks, and let a closed output take nothing: neither stops a command."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as the process
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _live_for_a_second() -> None:
    """Leave out what only a long life repays: each of these would take a tenth of a command's time."""
    # Looking for cycles among the thousands of objects that a command imports, while it runs and once more when it ends.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    # A thread for every processor, which numpy starts for products of floats; here there are none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run the command. A failure ends in one plain sentence and the exit code of its kind; a traceback only with --debug."""
    _live_for_a_second()
    arguments = sys.argv[1:]
    _mend_the_output()
    try:
        code = pastoral(args=arguments, prog_name="pastoral", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - whatever happened, a user gets a sentence
        from panel.commands.frame import failure

        sys.exit(failure(error, arguments))
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
