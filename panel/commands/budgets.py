"""`pastoral budget`: what the authority means to spend, and what a partnership has to share."""

from __future__ import annotations

import click

from panel.commands.frame import Desk, command, group


@group()
def budget() -> None:
    """What the authority means to spend on transport, and what the partnership has to share.

    \b
    Example:
      pastoral budget set --year 2026 --pence 12000000
    """


@command(budget, name="set", example="pastoral budget set --year 2026 --pence 12000000")
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="The calendar year in which the academic year begins.")
@click.option("--pence", type=click.IntRange(0, 10**12), required=True, help="Pence for the whole academic year.")
def set_(desk: Desk, year: int, pence: int) -> None:
    """Record the transport budget of an academic year."""
    from panel.answering.why import pounds
    from panel.steps import casebook

    with desk.open() as office:
        casebook.set_budget(office, academic_year=year, pence=pence)
    desk.answer({"academic_year": year, "transport_pence": pence}, f"Transport budget of {year}-{(year + 1) % 100:02d}: {pounds(pence)}.")


@command(budget, name="fund", example="pastoral budget fund --year 2026 --pence 18000000")
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="The calendar year in which the financial year begins.")
@click.option("--pence", type=click.IntRange(0, 10**12), required=True, help="Pence for the whole financial year.")
def fund(desk: Desk, year: int, pence: int) -> None:
    """Record what the partnership has to share among its schools in a financial year."""
    from panel.answering.why import pounds
    from panel.steps import casebook

    with desk.open() as office:
        casebook.set_fund(office, financial_year=year, pence=pence)
    desk.answer({"financial_year": year, "pence": pence}, f"The partnership's fund of the financial year {year}: {pounds(pence)}.")
