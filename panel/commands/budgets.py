"""`pastoral budget`: what the authority means to spend."""

from __future__ import annotations

import click

from panel.commands.frame import Desk, command, group


@group()
def budget() -> None:
    """What the authority means to spend on transport.

    \b
    Example:
      pastoral budget set --year 2026 --pence 12000000
    """


@command(budget, name="set", example="pastoral budget set --year 2026 --pence 12000000")
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="The calendar year in which the academic year begins.")
@click.option("--pence", type=click.IntRange(0, 10**12), required=True, help="Pence for the whole academic year.")
def set_(desk: Desk, year: int, pence: int) -> None:
    """Record the transport budget of an academic year."""
    from panel import casebook
    from panel.why import pounds

    with desk.open() as office:
        casebook.set_budget(office, academic_year=year, pence=pence)
    desk.answer({"academic_year": year, "transport_pence": pence}, f"Transport budget of {year}-{(year + 1) % 100:02d}: {pounds(pence)}.")
