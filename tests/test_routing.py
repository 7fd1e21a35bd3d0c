"""Ways on foot by a routing server: answers that OSRM 26.10 gave for an invented road, told again by a server in this process.

The road runs east to west at northing 400000 from easting 619000 to 631000, with a point every 500 metres; OSRM finds
1998.4, 4001.3, 8002.3 and 1000.4 metres along it from a home at 622000 to the four schools. A second road is an island.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from panel.costs.routing import RoutingError, Server, Walk, walks
from panel.errors import Refused
from panel.record.ledger import Ledger
from panel.steps.office import Office
from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, FILES, HOME, Panel
from tests.running import url as url_of

RECORDED: Final = json.loads((Path(__file__).parent / "routing" / "osrm-foot.json").read_text(encoding="utf-8"))
HOME_AT: Final = (622000, 400000)
SCHOOLS: Final = {ASHDOWN: (620000, 400000), BIRCH: (626000, 400000), CEDAR: (630000, 400000), DELL: (623000, 400000)}


def _rough(path: str) -> tuple[str, ...]:
    """A question with its positions to some ten metres: the same whichever release of the projection was asked."""
    head, _, rest = path.partition("foot/")
    places, _, query = rest.partition("?")
    return (head, *(f"{float(part):.4f}" for place in places.split(";") for part in place.split(",")), query)


ANSWERS: Final[Mapping[tuple[str, ...], tuple[int, Any]]] = {_rough(one["path"]): (one["status"], one["body"]) for one in RECORDED}


@contextmanager
def serving(answers: Mapping[tuple[str, ...], tuple[int, Any]] = ANSWERS, always: bytes | None = None) -> Iterator[tuple[str, list[str]]]:
    """A server that knows the recorded answers, its address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answers.get(_rough(self.path), (400, {"code": "InvalidQuery", "message": self.path}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(always if always is not None else json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class has it so
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_metres_and_minutes() -> None:
    """1438.8 seconds are 23.98 minutes: 24. 2880.8 are 48.01: 49."""
    with serving() as (url, asked):
        found = walks(Server.at(url, "foot"), HOME_AT, SCHOOLS)
    assert found == {ASHDOWN: Walk(1998, 24), BIRCH: Walk(4001, 49), CEDAR: Walk(8002, 97), DELL: Walk(1000, 13)}
    assert len(asked) == 1


def test_a_point_that_the_server_moved_far_is_not_measured() -> None:
    """The server answers with metres all the same: it has moved the school to where its road ends."""
    far = {"900001": (634000, 404000), "900002": (640200, 410000)}
    with serving() as (url, _):
        found = walks(Server.at(url, "foot"), HOME_AT, far)
        beside = walks(Server.at(url, "foot"), (622000, 401000), SCHOOLS)
    assert found == {"900001": "it lies far from any way on the map", "900002": "no way leads there"}
    assert set(beside.values()) == {"the home lies far from any way on the map"}


def test_the_steps_to_the_way_are_counted() -> None:
    """1000.4 along the way, 150.05 from the home to it and 49.05 from it to the school: 1199.5, halves up."""
    table = {
        "code": "Ok",
        "distances": [[1000.4]],
        "durations": [[600]],
        "sources": [{"distance": 150.05}],
        "destinations": [{"distance": 49.05}],
    }
    with serving(always=json.dumps(table).encode()) as (url, _):
        assert walks(Server.at(url, "foot"), HOME_AT, {DELL: SCHOOLS[DELL]}) == {DELL: Walk(1200, 10)}


@pytest.mark.parametrize(
    "answer",
    [
        b"not json",
        b"[]",
        b'{"code": "Ok"}',
        b'{"code": "Ok", "distances": [[1, 2]], "durations": [[1, 2]], "sources": [{"distance": 0}], "destinations": [{"distance": 0}]}',
        b'{"code": "Ok", "distances": [["x"]], "durations": [[1]], "sources": [{"distance": 0}], "destinations": [{"distance": 0}]}',
        b'{"code": "NoTable"}',
    ],
)
def test_another_answer_is_refused_and_no_home_is_told(answer: bytes) -> None:
    with serving(always=answer) as (url, _), pytest.raises(RoutingError) as caught:
        walks(Server.at(url, "foot"), HOME_AT, {DELL: SCHOOLS[DELL]})
    assert "nothing was recorded" in str(caught.value)
    assert "53.4" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_many_settings_are_asked_about_in_parts() -> None:
    many = {f"{n:06}": SCHOOLS[DELL] for n in range(120)}
    with serving() as (url, asked), pytest.raises(RoutingError):
        walks(Server.at(url, "foot"), HOME_AT, many)
    assert asked[0].partition("?")[0].count(";") == 50


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(Refused) as refused:
        Server.at("https://clerk:heron@routes.example", "foot")
    assert "heron" not in str(refused.value)


def test_a_way_that_is_shorter_than_the_straight_line_is_not_measured() -> None:
    """4,000 metres apart and 3,909 along the way: a server with another map, or one that takes north for east."""
    row = {"code": "Ok", "sources": [{"distance": 0}], "destinations": [{"distance": 0}], "durations": [[60]]}
    for metres, way in ((3909, "the server's way there is shorter than the straight line"), (3910, Walk(3910, 1))):
        with serving(always=json.dumps({**row, "distances": [[metres]]}).encode()) as (url, _):
            assert walks(Server.at(url, "foot"), HOME_AT, {BIRCH: SCHOOLS[BIRCH]}) == {BIRCH: way}


@pytest.mark.parametrize("metres", ["-1", '"12"', "true", "1e12", "NaN"])
def test_a_distance_that_is_none_is_refused(metres: str) -> None:
    answer = '{"code": "Ok", "sources": [{"distance": 0}], "destinations": [{"distance": 0}], "durations": [[60]], "distances": [[%s]]}'
    with serving(always=(answer % metres).encode()) as (url, _), pytest.raises(RoutingError, match="another form"):
        walks(Server.at(url, "foot"), HOME_AT, {BIRCH: SCHOOLS[BIRCH]})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("routes.example", "wanted an address"),
        ("ftp://routes.example", "wanted an address"),
        ("http://routes.example", "another machine"),
        ("https://routes.example/?q=1", "wanted an address"),
        ("http://[::1", "wanted an address"),
        ("http://127.0.0.1:99999", "wanted an address"),
        ("http://127.0.0.1:5000/\nx", "wanted an address"),
        ("http://routes.example\\@127.0.0.1:80", "a name or a password"),
        ("http://routes.example\\:80", "wanted an address"),
    ],
)
def test_addresses_that_are_refused(url: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        Server.at(url, "foot")
    assert Server.at("http://routes.example/osrm/", "foot", plain=True).url == "http://routes.example/osrm"


# --- the command ---


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    panel = Panel(tmp_path / "measured.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", FILES["harbour.yaml"])))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(panel.file(f"{what}.csv", FILES[f"{what}.csv"])))
    return panel


def test_measured_ways_are_recorded_in_one_step(panel: Panel) -> None:
    """Six pupils live in one place, four schools: R1 has a cost and a way of its own already, which stay."""
    panel("load", "journeys", str(panel.file("journeys.csv", f"pupil,urn,metres,pence_per_year,method\nP1,{CEDAR},7777,45000,by hand\n")))
    before = panel.entries()
    with serving() as (url, _):
        # R1 has been measured to Cedar by hand, and its question for the other three was not recorded: all of them again.
        said = panel("transport", "measure", "R2", "R1", "--server", url, "--again")
    assert said.out == "R2: 4 ways measured.\nR1: 4 ways measured.\n"
    assert panel.entries() == before + 2
    with Office(Ledger.open(url_of(panel.ledger)), actor="auditor") as office:
        way = office.state.journeys["P1"][CEDAR]
    assert (way.metres, way.minutes, way.method, way.pence_per_year) == (8002, 97, "walked: OSRM, foot", 45000)
    assert HOME.split(",")[0] not in panel.bodies()


def test_nothing_is_recorded_where_one_answer_fails(panel: Panel) -> None:
    before = panel.entries()
    said = panel("transport", "measure", "R1", "--server", "http://127.0.0.1:9", code=4)
    assert said.err.startswith("the routing server at http://127.0.0.1:9 did not answer") or "did not answer" in said.err
    assert "53." not in said.err
    assert panel.entries() == before


def test_a_home_that_is_not_recorded(panel: Panel) -> None:
    panel(
        *[
            "refer",
            "R9",
            "--pupil",
            "P9",
            "--kind",
            "managed_move",
            "--year-group",
            "9",
            "--made-on",
            "2026-10-01",
            "--home-school",
            "100002",
        ]
    )
    with serving() as (url, asked):
        said = panel("transport", "measure", "R9", "--server", url)
    assert said.out == "R9: 0 ways measured. Where the pupil lives is not recorded.\n"
    assert asked == []
