"""Ways on foot, measured by a routing server that speaks OSRM's HTTP API (its table service, version 1).

It sends a home's position to that server and nothing else of a pupil; nothing that it raises repeats a position or an
answer. A server moves every point to the nearest way on its map without a word, so a point that lies further from one than
200 metres is not measured, and the steps to the way are counted:

    metres  = along the way + from the home to it + from it to the setting, to the nearest metre, halves up
    minutes = along the way, rounded up
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from math import isqrt
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from panel.errors import Refused
from panel.facts.journeys import Point
from rules.errors import PanelError

GRID: Final = "EPSG:27700"
DEGREES: Final = "EPSG:4326"
FURTHEST_FROM_A_WAY: Final = 200
"""Metres between a point and the nearest way on the server's map, beyond which nothing is measured."""
FURTHEST: Final = 10**6
"""Metres and seconds beyond which an answer is none."""
AT_A_TIME: Final = 50
"""Settings in one question; a server of its own takes 100 points."""
PATIENCE: Final = 30.0
"""Seconds for one answer."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Unmeasured = Literal[
    "no way leads there",
    "it lies far from any way on the map",
    "the home lies far from any way on the map",
    "the server's way there is shorter than the straight line",
]
SHORTER: Final = "the server's way there is shorter than the straight line"


class RoutingError(PanelError):
    """The routing server did not answer, or not in a form that can be read."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Walk:
    """One way on foot: whole metres and whole minutes."""

    metres: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Server:
    """Where a routing server is, and what it calls its profile for going on foot."""

    url: str
    profile: str = "foot"

    @classmethod
    def at(cls, url: str, profile: str, *, plain: bool = False) -> Server:
        """Raises `Refused` for what is no address, and for plain HTTP to another machine unless that is allowed."""
        parts = _address(url)
        if not profile.isidentifier():
            raise Refused(f"--profile: found '{profile}'; wanted the server's name for going on foot, such as foot or walking.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not plain:
            raise Refused(f"--server: {parts.hostname} is another machine, and http:// would show where a child lives on the way there.")
        return cls(url.rstrip("/"), profile)


def _address(url: str) -> SplitResult:
    """The parts of an address. Two readers of one with a user, a backslash or a blank in it may take it for two machines."""
    wanted = "wanted an address such as https://routes.example or http://127.0.0.1:5000"
    if "@" in url:
        raise Refused(f"--server: found an address with a name or a password in it; {wanted}.")  # not repeated: a password may be in it
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable or "\\" in url or not url.isascii() or not url.isprintable() or " " in url:
        raise Refused(f"--server: found {url!r}; {wanted}.")
    return parts


def walks(server: Server, home: Point, settings: Mapping[str, Point]) -> dict[str, Walk | Unmeasured]:
    """URN -> the way on foot from a home, or why there is none. Points are on the National Grid. Raises `RoutingError`."""
    found: dict[str, Walk | Unmeasured] = {}
    urns = sorted(settings)
    for start in range(0, len(urns), AT_A_TIME):
        some = urns[start : start + AT_A_TIME]
        table = _ask(server, [home, *(settings[urn] for urn in some)])
        found.update(zip(some, _read(table, len(some)), strict=True))
    return {urn: SHORTER if isinstance(way, Walk) and _shorter(way, home, settings[urn]) else way for urn, way in found.items()}


def _shorter(way: Walk, home: Point, setting: Point) -> bool:
    """Whether a way is shorter than the straight line, by more than rounding and the grid come to: 1 in 100, and 50 metres."""
    straight = isqrt((home[0] - setting[0]) ** 2 + (home[1] - setting[1]) ** 2)
    return 100 * (way.metres + 50) < 99 * straight


def _ask(server: Server, points: Iterable[Point]) -> Mapping[str, Any]:
    """The server's table from the first point to all others."""
    urllib3 = _library("urllib3")
    places = ";".join(f"{east:.6f},{north:.6f}" for east, north in _degrees(points))
    others = ";".join(str(n) for n in range(1, places.count(";") + 1))
    path = f"{server.url}/table/v1/{server.profile}/{places}?sources=0&destinations={others}&annotations=distance,duration"
    try:
        answer = urllib3.request("GET", path, timeout=PATIENCE, retries=False)
        table = json.loads(answer.data, parse_float=Decimal, parse_int=Decimal)
    except (urllib3.exceptions.HTTPError, ValueError):
        # The cause is not told: it would repeat the question, and so a home.
        raise RoutingError(f"the routing server at {server.url} did not answer in a form that can be read; nothing was recorded") from None
    code = table.get("code") if isinstance(table, dict) else None
    if code != "Ok":
        said = f" ({code})" if isinstance(code, str) and code.isidentifier() else ""
        raise RoutingError(f"the routing server at {server.url} could not answer{said}, HTTP {answer.status}; nothing was recorded")
    return table  # type: ignore[no-any-return]  # a dictionary, as its code was read from it


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Refused("Measuring by a routing server needs two libraries more: install `pastoral[routing]`.") from None


def _degrees(points: Iterable[Point]) -> Iterator[tuple[float, float]]:
    """Longitude and latitude of points on the National Grid; floats that only the server sees."""
    transformer = _library("pyproj").Transformer.from_crs(GRID, DEGREES, always_xy=True)
    for easting, northing in points:
        east, north = transformer.transform(easting, northing)
        yield float(east), float(north)


def _read(table: Mapping[str, Any], many: int) -> tuple[Walk | Unmeasured, ...]:
    """The first row of a table: one answer for each setting that was asked about."""
    try:
        (home,) = (_number(one["distance"]) for one in table["sources"])
        (metres,), (seconds,) = table["distances"], table["durations"]
        rows = zip(metres, seconds, table["destinations"], range(many), strict=True)
        return tuple(_one(far, long, home, _number(end["distance"])) for far, long, end, _ in rows)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        raise RoutingError("the routing server answered in another form than OSRM's table; nothing was recorded") from None


def _number(told: Any) -> Decimal:
    """A number of the answer; anything else, one below nought, and one further than any school raises `ValueError`."""
    if not isinstance(told, Decimal) or not 0 <= told <= FURTHEST:
        raise ValueError
    return told


def _one(far: Any, long: Any, home: Decimal, beside: Decimal) -> Walk | Unmeasured:
    if home > FURTHEST_FROM_A_WAY:
        return "the home lies far from any way on the map"
    if beside > FURTHEST_FROM_A_WAY:
        return "it lies far from any way on the map"
    if far is None or long is None:
        return "no way leads there"
    metres = (_number(far) + home + beside).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Walk(int(metres), int((_number(long) / 60).quantize(Decimal(1), rounding=ROUND_CEILING)))
