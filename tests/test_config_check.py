"""`config check` finds what `serve` would stumble over: it builds all that serve builds."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.config import EXAMPLE, ConfigError, Settings
from smsc.server.tls import tls_problems
from smsc.world.checks import load_checked
from smsc.world.spans import disjoint
from smsc.world.world import World

pytestmark = pytest.mark.usefixtures("no_variables")


def checked(path: Path | None = None) -> Settings:
    return load_checked(path, now=time.time_ns() // 1_000_000, check=tls_problems)


def problems(folder: Path, text: str) -> str:
    path = folder / "s.toml"
    path.write_text(f'extends = "demo"\n{text}', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        checked(path)
    return str(caught.value).replace(str(folder) + "/", "")


@pytest.mark.parametrize("year", [1971, 2026, 2030, 2100])
def test_the_example_can_be_built_at_any_time(year: int) -> None:
    World(checked(EXAMPLE), (year - 1970) * 31_556_952_000)


def test_the_demo_world_can_be_built() -> None:
    checked()


ESME = '[[esmes]]\nsystem_id = "a"\npassword = "a"\n'
WRONG = [
    (
        ESME + 'numbers = ["116111"]',
        "helplines[0].number: got '116111', expected a number that no other ESME owns; a",
    ),
    (
        ESME + 'numbers = ["2097"]',
        "codes[0].code: got '2097', expected a number that no other ESME owns; a has it",
    ),
    (
        ESME + 'numbers = ["59000001"]',
        "s.toml:5: esmes[0].numbers[0]: got 4759000001, expected a number that no",
    ),
    *(
        (
            ESME + f'numbers = ["{number}"]',
            f"s.toml:5: esmes[0].numbers[0]: got '{number}', expected a number that an",
        )
        for number in ("112", "110", "113", "59555112", "1412")
    ),
    (
        '[[codes]]\ncode = "1412"\naccount = "quiz"',
        "s.toml:3: codes[0].code: got '1412', expected a short code;",
    ),
    (
        '[[codes]]\ncode = "1510"\naccount = "quiz"',
        "s.toml:3: codes[0].code: got '1510', expected a short code;",
    ),
    (
        '[[codes]]\ncode = "1881"\naccount = "quiz"',
        "s.toml:3: codes[0].code: got '1881', expected a short code;",
    ),
    (
        '[[codes]]\ncode = "3000"\naccount = "quiz"\n[numbering]\nshort_codes_4 = [2000, 2999]',
        "s.toml:3: codes[0].code: got '3000', expected a code in 2000-2999 or 10000-99999",
    ),
    (
        '[[esmes]]\nsystem_id = "4790000001"\npassword = "a"',
        "s.toml:3: esmes[0].system_id: got '4790000001', expected a name that is no subscriber's number",
    ),
    (
        '[[outages]]\ncell = "nowhere"\ntimes = [{ from = 2026-01-01T00:00:00Z, duration = "1h" }]',
        "s.toml:3: outages[0].cell: got 'nowhere', expected a cell of the map",
    ),
    (
        '[[subscribers]]\nmsisdn = "48000001"\ntrack = [{ after = "0s", lat = 59.4, lon = 10.5 }, '
        "{ at = 2026-01-10T08:30:00Z, lat = 59.4, lon = 10.6 }]",
        "s.toml:4: subscribers[0].track: got '', expected waypoints that all have at, or all after",
    ),
    (
        '[[subscribers]]\nmsisdn = "48000001"\nevery = 60\ntrack = [{ after = 0, lat = 59, lon = 10 }, '
        '{ after = "1h", lat = 59.4, lon = 10.6 }]',
        " is wrong, expected more than the 3600 s of the track",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=[text.replace("\n", " ")[:60] for text, _ in WRONG])
def test_what_cannot_be_built_is_told_by_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(tmp_path, text)


@pytest.mark.parametrize(("text", "_"), WRONG, ids=[text.replace("\n", " ")[:60] for text, _ in WRONG])
@pytest.mark.parametrize("command", [["config", "check"], ["serve", "--config"]])
def test_check_and_serve_agree_and_never_trace_back(
    tmp_path: Path, text: str, _: str, command: list[str]
) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f'extends = "demo"\n{text}', encoding="utf-8")
    done = CliRunner().invoke(app, [*command, str(path)])
    assert done.exit_code == 2
    assert done.stderr.startswith("smsc: ")


def test_ranges_that_overlap_the_later_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        """
        extends = "demo"
        [[subscribers]]
        first = "4790000100"
        last = "4790000199"
        zone = "bergen"
        [[subscribers]]
        first = "4790099990"
        last = "4790100010"
        sim = "blocked"
        [[subscribers]]
        first = "4739999999"
        last = "4740010000"
        memory_full = true
        """,
        encoding="utf-8",
    )
    with pytest.raises(ConfigError):  # 39999999 is no handset
        checked(path)
    path.write_text(path.read_text().replace("4739999999", "4740000000"), encoding="utf-8")
    world = World(checked(path), 0)
    zones = {number: _subscriber(world, number).place.name for number in (4790000099, 4790000100, 4790000200)}
    assert zones == {4790000099: "oslo", 4790000100: "bergen", 4790000200: "oslo"}
    sims = {number: _subscriber(world, number).sim for number in (4790099989, 4790099990, 4790100010)}
    assert sims == {4790099989: 0, 4790099990: 3 - 1, 4790100010: 3 - 1}
    assert _subscriber(world, 4740000005).memory_full
    assert _subscriber(world, 4790000112).nod_sms


def _subscriber(world: World, number: int):  # type: ignore[no-untyped-def]
    found = world.registry.find(number)
    assert found is not None
    return found


# --- TLS ---


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "rubbish.pem"
    path.write_text("not a certificate")
    return path


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, pem: Path) -> None:
    told = problems(tmp_path, f'[smpp]\ntls_cert = "{pem}"\ntls_key = "{pem}"')
    assert told.startswith("s.toml:3: smpp.tls_cert: got 'rub")
    assert told.endswith(", expected a certificate as PEM")


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), max_size=12))
def test_of_ranges_that_overlap_the_later_one_counts(drawn: list[tuple[int, int]]) -> None:
    ranges = [(first, first + more) for first, more in drawn]
    expected = {number: i for i, (first, last) in enumerate(ranges) for number in range(first, last + 1)}
    spans = disjoint(ranges)
    found = [(number, span.of) for span in spans for number in range(span.first, span.last + 1)]
    assert found == sorted(expected.items())
