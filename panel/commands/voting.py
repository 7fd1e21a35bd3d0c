"""How the schools voted, as options that several commands have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from panel import events as ev

OPTIONS: Final = (
    click.option("--for", "for_", metavar="URN", multiple=True, help="A school that voted for it; once for each."),
    click.option("--against", metavar="URN", multiple=True, help="A school that voted against it."),
    click.option("--abstained", metavar="URN", multiple=True, help="A school that was there and voted neither for nor against it."),
    click.option(
        "--votes", metavar="FOR-AGAINST[-ABSTAINED]", default=None, help="How many voted so, where nobody says which: 5-2 or 5-2-1."
    ),
    click.option("--casting-vote", type=click.Choice(["for", "against"]), default=None, help="The chair's, where votes are equal."),
)


def voted_on(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command with these options; its function gets them as one thing said, `how`."""

    @functools.wraps(function)
    def run(
        *words: Any,
        for_: tuple[str, ...],
        against: tuple[str, ...],
        abstained: tuple[str, ...],
        votes: str | None,
        casting_vote: Any,
        **given: Any,
    ) -> Any:
        from panel.steps.ballots import Said

        schools: dict[ev.Vote, tuple[str, ...]] = {"for": for_, "against": against, "abstained": abstained}
        how = Said(schools, votes, given.pop("voted", ()), casting_vote)
        return function(*words, how=how, **given)

    for option in reversed(OPTIONS):
        run = option(run)
    return run


def in_numbers(votes: ev.Votes | None) -> str:
    """`; 3 for, 2 against, 1 abstained`; nothing where nobody wrote it down."""
    if votes is None:
        return ""
    casting = f", the casting vote {votes.casting}" if votes.casting else ""
    return f"; {votes.told}{casting}"
