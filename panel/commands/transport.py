"""`pastoral transport`: what travel costs the authority, who is entitled to it, what was claimed; and measuring by a routing server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Day, Desk, command, group

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.costs.transport import TravelYear, Trip
    from panel.facts.entitlement import Entitlement


@group()
def transport() -> None:
    """What travel costs the authority, through an academic year.

    \b
    Example:
      pastoral transport show --year 2026
    """


@command(transport, name="show", example="pastoral transport show --year 2026 --as-of 2027-01-31")
@click.option("--year", type=click.IntRange(1990, 2200), default=None, help="The calendar year in which the academic year begins.")
@click.option("--as-of", type=Day(), default=None, help="The day; by default that of the latest meeting, else today.")
def show(desk: Desk, year: int | None, as_of: dt.date | None) -> None:
    """Commitment against budget, each placement beside the cheapest lawful alternative, and what was claimed."""
    from panel.state.schooldays import academic_year
    from panel.steps.travel import year_of_travel

    with desk.open() as office:
        day = as_of or office.today()
        seen = year_of_travel(office, academic_year(day) if year is None else year, day)
        names = {urn: school.name for urn, school in office.state.schools.items()}
    desk.answer(_data(seen, day), *_lines(seen, day, names))


@command(transport, name="claim", example="pastoral transport claim R-001 --pence 21600 \\\n    --from 2026-11-02 --until 2026-12-18")
@click.argument("referral")
@click.option("--pence", type=click.IntRange(1, 10**9), required=True, help="What is claimed for these days.")
@click.option("--from", "first", type=Day(), required=True, help="The first day that it is for.")
@click.option("--until", "last", type=Day(), required=True, help="The last day that it is for.")
@click.option("--on", "on", type=Day(), default=None, help="The day on which it was claimed; by default the last day that it is for.")
def claim(desk: Desk, referral: str, pence: int, first: dt.date, last: dt.date, on: dt.date | None) -> None:
    """Record a claim for one placement's travel, for days that nobody claimed before."""
    from panel.answering.why import pounds
    from panel.steps import travel

    with desk.open() as office:
        made = travel.claim(office, referral=referral, pence=pence, first=first, last=last, on=on)
    data = {"referral": referral, "pence": pence, "from": first.isoformat(), "until": last.isoformat(), "on": made.on.isoformat()}
    desk.answer(data, f"{referral}: {pounds(pence)} claimed for {first} to {last}.")


@command(
    transport,
    name="measure",
    example="pastoral transport measure --server http://127.0.0.1:5000\n"
    "pastoral transport measure R-014 --server https://routes.example.org --again",
)
@click.argument("referrals", nargs=-1)
@click.option("--server", metavar="URL", required=True, help="A routing server of your own that speaks OSRM's HTTP API.")
@click.option("--profile", default="foot", metavar="NAME", show_default=True, help="What the server calls going on foot.")
@click.option("--again", is_flag=True, help="Also where somebody has measured already.")
@click.option("--plain-http", "plain", is_flag=True, help="Allow http:// to another machine: whoever listens sees where a child lives.")
def measure(desk: Desk, referrals: tuple[str, ...], server: str, profile: str, again: bool, plain: bool) -> None:
    """Measure ways on foot for waiting pupils, or those named. The server learns where they live, and nothing else of them."""
    from panel.costs.routing import Server
    from panel.steps import travel

    with desk.open() as office:
        told = travel.measure(office, Server.at(server, profile, plain=plain), referrals=referrals, again=again)
        names = {urn: school.name for urn, school in office.state.schools.items()}
        open_meeting = office.state.open_meeting
    data = [{"referral": one.referral, "measured": one.ways, "not_measured": dict(one.without)} for one in told]
    lines = [f"{one.referral}: {one.ways} ways measured." + "".join(_not_measured(one.without, names)) for one in told]
    late = "An open meeting goes by what it froze: this counts from the next opening." if open_meeting and told else ""
    desk.answer({"referrals": data}, *(lines or ["Every way is measured already."]), *([late] if late else []))


def _not_measured(without: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    for urn, why in without.items():
        yield f" {names.get(urn, urn)}: {why}." if urn else f" {why[0].upper()}{why[1:]}."


# --- as data ---


def _data(seen: TravelYear, as_of: dt.date) -> dict[str, Any]:
    return {
        "academic_year": seen.academic_year,
        "as_of": as_of.isoformat(),
        **({"budget_pence": seen.budget} if seen.budget is not None else {}),
        "committed_pence_a_year": seen.committed,
        "falls_in_year_pence": seen.falls,
        "of_earlier_years_pence_a_year": seen.standing,
        "of_earlier_years_falls_in_year_pence": seen.standing_falls,
        "claimed_pence": seen.claimed,
        "beyond_cheapest_pence_a_year": seen.beyond,
        "months": [
            {
                "month": f"{one.first:%Y-%m}",
                "placements": one.placements,
                "committed_pence_a_year": one.committed,
                "so_far_pence_a_year": one.so_far,
            }
            for one in seen.months
        ],
        "placements": [_trip(one) for one in seen.trips],
        "cost_not_recorded": list(seen.untold),
        "claimed_for_others": [{"referral": name, "claimed_pence": pence} for name, pence in seen.other_claims],
        "of_earlier_years": [
            {
                "referral": one.referral,
                "school": one.school,
                "last": one.last.isoformat(),
                **({"pence_a_year": one.committed, "falls_in_year_pence": one.falls} if one.committed is not None else {}),
            }
            for one in seen.earlier
        ],
    }


def _trip(one: Trip) -> dict[str, Any]:
    told: dict[str, Any] = {
        "referral": one.referral,
        "school": one.school,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "planned": one.planned,
        "claimed_pence": one.claimed,
        "entitlement": _entitled(one.entitlement),
        "lawful": len(one.lawful),
        "lawful_cost_unknown": one.untold,
    }
    known = {"pence_a_year": one.committed, "falls_in_year_pence": one.falls, "beyond_pence_a_year": one.beyond}
    told |= {name: pence for name, pence in known.items() if pence is not None}
    if one.cheapest is not None:
        told["cheapest"] = {"school": one.cheapest[0], "pence_a_year": one.cheapest[1]}
    return told


def _entitled(one: Entitlement) -> dict[str, Any]:
    answer = {True: "yes", False: "no", None: "cannot tell"}[one.answer]
    return {"answer": answer, "by": list(one.by), "missing": list(one.missing), "nearer": list(one.nearer)}


# --- in words ---


def _lines(seen: TravelYear, as_of: dt.date, names: Mapping[str, str]) -> Iterator[RenderableType]:
    yield f"Transport {seen.academic_year}-{(seen.academic_year + 1) % 100:02d}, as of {as_of}."
    yield from _against_the_budget(seen)
    if seen.months:
        yield ""
        yield _months(seen)
    if seen.trips:
        yield ""
        yield _placements(seen, names)
        yield ""
        yield from (_why(one, names) for one in seen.trips)
        yield from _not_begun(seen, as_of)
    if seen.untold:
        yield ""
        yield f"What these cost is not recorded, so they are in no sum: {', '.join(seen.untold)}."
    yield from _of_other_years(seen)


def _not_begun(seen: TravelYear, as_of: dt.date) -> Iterator[str]:
    waiting = [one.referral for one in seen.trips if one.planned and one.first < as_of]
    if waiting:
        yield f"No first day is recorded of {', '.join(waiting)} (`pastoral start`): counted from the day that was planned, which is over."


def _of_other_years(seen: TravelYear) -> Iterator[str]:
    from panel.answering.why import pounds

    if seen.other_claims:
        yield ""
        said = ", ".join(f"{name} {pounds(pence)}" for name, pence in seen.other_claims)
        yield f"Claimed for placements that began in another year, or no longer stand: {said}. It is in the sum of what was claimed."
    if seen.earlier:
        yield ""
        said = ", ".join(f"{one.referral} {'?' if one.committed is None else pounds(one.committed)}" for one in seen.earlier)
        yield f"Begun in earlier years and going on, by the record (a year): {said}."


def _against_the_budget(seen: TravelYear) -> Iterator[str]:
    from panel.answering.why import pounds

    yield f"Committed: {pounds(seen.committed)} a year, of which {pounds(seen.falls)} falls in this year. Claimed: {pounds(seen.claimed)}."
    if seen.earlier:
        yield f"Of earlier years that go on: {pounds(seen.standing)} a year, of which {pounds(seen.standing_falls)} falls in this year."
    if seen.budget is None:
        yield "No budget is recorded (`pastoral budget set`)."
    else:
        rest = seen.budget - seen.committed - seen.standing
        yield f"Budget: {pounds(seen.budget)}; " + (f"{pounds(rest)} is left." if rest >= 0 else f"{pounds(-rest)} beyond it.")
        due = seen.budget - seen.falls - seen.standing_falls
        yield "By what falls in this year, " + (f"{pounds(due)} is left." if due >= 0 else f"{pounds(-due)} beyond it.")
    yield f"Beyond the cheapest lawful setting each: {_signed(seen.beyond)} a year."


def _signed(pence: int) -> str:
    from panel.answering.why import pounds

    return f"-{pounds(-pence)}" if pence < 0 else pounds(pence)


def _months(seen: TravelYear) -> RenderableType:
    from rich.table import Table

    from panel.answering.why import pounds

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("month")
    for column in ("placements", "committed a year", "so far"):
        table.add_column(column, justify="right")
    for one in seen.months:
        table.add_row(f"{one.first:%B %Y}", str(one.placements), pounds(one.committed), pounds(one.so_far))
    return table


def _placements(seen: TravelYear, names: Mapping[str, str]) -> RenderableType:
    from rich.table import Table

    from panel.answering.why import pounds

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("referral", no_wrap=True)
    table.add_column("school")
    for column in ("a year", "cheapest", "beyond", "claimed", "free"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in seen.trips:
        table.add_row(
            one.referral,
            names.get(one.school, one.school),
            "?" if one.committed is None else pounds(one.committed),
            "?" if one.cheapest is None else pounds(one.cheapest[1]),
            "?" if one.beyond is None else _signed(one.beyond),
            pounds(one.claimed) if one.claimed else "",
            {True: "yes", False: "no", None: "?"}[one.entitlement.answer],
        )
    return table


def _missing(facts: Iterable[str], names: Mapping[str, str]) -> str:
    """What is not recorded, the settings of one column together: `measured metres to Aldermere School, Larkmoor School`."""
    columns: dict[str, list[str]] = {}
    for fact in facts:
        column, _, urn = fact.partition(" to ")
        columns.setdefault("measured metres" if column == "metres" else column, []).extend([names.get(urn, urn)] if urn else [])
    return "; ".join(f"{column} to {', '.join(to)}" if to else column for column, to in columns.items())


def _why(one: Trip, names: Mapping[str, str]) -> str:
    """One sentence on who pays for the way, and one on what would have been cheaper."""
    entitled = one.entitlement
    match entitled.answer:
        case True:
            said = f"free travel by {', '.join(entitled.by)}"
        case False:
            said = "no entitlement by what is recorded"
            said += "; whether the panel's own placing entitles is for the authority to say" if entitled.nearer else ""
        case None:
            said = f"whether travel is free cannot be told; not recorded: {_missing(entitled.missing, names)}"
    nearer = ", ".join(names.get(urn, urn) for urn in entitled.nearer)
    known = f"; nearer, suitable and with a place: {nearer}" if nearer else ""
    cheaper = ""
    if one.cheapest is not None and one.beyond:
        cheaper = f"; cheapest: {names.get(one.cheapest[0], one.cheapest[0])}"
    if one.untold:
        cheaper += f"; of {len(one.lawful)} lawful settings the cost of {one.untold} is not recorded, so another may be cheaper"
    return f"{one.referral}: {said}{known}{cheaper}."
