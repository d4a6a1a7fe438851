"""The map over the API: land, signal in squares, cells, phones."""

from collections.abc import Iterator

import httpx
import pytest

from smsc.control.coverage import CoverageControl
from smsc.testing.server import SmscHandle, start_smsc

NORWAY = {"south": 57, "west": 3, "north": 72, "east": 32}
OSLO = {"south": 59.8, "west": 10.6, "north": 60.0, "east": 10.9}
SEA = {"south": 66, "west": 3, "north": 66.5, "east": 4}


@pytest.fixture(scope="module")
def smsc() -> Iterator[SmscHandle]:
    with start_smsc() as handle:
        yield handle


def ask(smsc: SmscHandle, path: str, **query: object) -> dict[str, object]:
    answer = httpx.get(f"{smsc.url}/api/v1/coverage/{path}", params=query, timeout=30)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_outline_holds_oslo_and_names_its_towns(smsc: SmscHandle) -> None:
    told = ask(smsc, "outline")
    assert "Lillehammer" in {town["name"] for town in told["towns"]}  # type: ignore[attr-defined]
    assert all(len(point) == 2 for ring in told["land"] for point in ring)  # type: ignore[attr-defined]


def test_a_city_has_signal_in_every_square_and_the_open_sea_in_none(smsc: SmscHandle) -> None:
    city = ask(smsc, "raster", columns=8, rows=6, **OSLO)
    sea = ask(smsc, "raster", columns=8, rows=6, **SEA)
    assert len(str(city["squares"])) == len(str(sea["squares"])) == 48
    assert set(str(city["squares"])) <= set("123")
    assert set(str(sea["squares"])) == {"0"}


def test_a_raster_comes_in_steps_that_hold_nobody_up(smsc: SmscHandle) -> None:
    """Each step looks at a bounded number of squares, whatever was asked for."""
    ask(smsc, "cells", **OSLO)  # the map is made
    steps = list(CoverageControl.coverage_raster(smsc.server.control, (57, 3, 72, 32), 64, 64))
    assert len(steps) > 100


def test_cells_are_bounded_and_counted(smsc: SmscHandle) -> None:
    told = ask(smsc, "cells", **NORWAY)
    assert len(told["cells"]) == 400  # type: ignore[arg-type]
    assert told["count"] > 3000  # type: ignore[operator]
    assert told["tunnels"]


def test_a_phone_in_the_tunnel_is_on_the_map_with_what_waits_for_it(smsc: SmscHandle) -> None:
    smsc.send("4790000001", "4799000020", "Er du framme?")
    told = ask(smsc, "phones", **NORWAY)
    (phone,) = [phone for phone in told["phones"] if phone["msisdn"] == "4799000020"]  # type: ignore[attr-defined]
    assert (phone["zone"], phone["coverage"], phone["waiting"]) == ("laerdal-tunnel", "none", 1)
    assert {"zone": "oslo", "count": 100000}.items() <= told["ranges"][1].items()  # type: ignore[index]
    assert ask(smsc, "phones", **SEA)["phones"] == []


def test_the_signal_at_a_place_says_why(smsc: SmscHandle) -> None:
    assert ask(smsc, "at", lat=59.91, lon=10.75)["zone"] == "oslo"
    assert "because" in ask(smsc, "at", lat=61.1, lon=10.45, inside="car")


@pytest.mark.parametrize(
    "wrong", [{"columns": 65, "rows": 1}, {"columns": 0, "rows": 1}, {"columns": 1, "rows": 1, "north": 91}]
)
def test_a_box_out_of_bounds_is_refused(smsc: SmscHandle, wrong: dict[str, object]) -> None:
    query = {**OSLO, **wrong}
    answer = httpx.get(f"{smsc.url}/api/v1/coverage/raster", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 422
