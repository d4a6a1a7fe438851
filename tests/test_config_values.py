"""What values of the configuration are read as: durations, moments, numbers; and where a key stands."""

import contextlib
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.config import (
    load_settings,
    milliseconds,
    parse_duration,
)
from smsc.config.base import handset_key, number_key
from smsc.config.durations import parse_schedule
from smsc.config.locate import find_line

pytestmark = pytest.mark.usefixtures("no_variables")

HOUR = 3_600_000


def write(folder: Path, text: str) -> Path:
    path = folder / "smsc.toml"
    path.write_text(text, encoding="utf-8")
    return path


# --- Durations ---


@pytest.mark.parametrize(
    ("given", "ms"),
    [
        ("72h", 72 * HOUR),
        ("30s", 30_000),
        ("2 min", 120_000),
        ("1h 30min", 90 * 60_000),
        ("1h30min", 90 * 60_000),
        ("1.5h", 90 * 60_000),
        ("500ms", 500),
        ("7d", 7 * 24 * HOUR),
        ("2 weeks", 14 * 24 * HOUR),
        ("0.1s", 100),
        ("5", 5000),
        (5, 5000),
        (0.25, 250),
        ("0s", 0),
    ],
)
def test_a_duration_is_read(given: object, ms: int) -> None:
    assert parse_duration(given) == ms


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "h",
        "1x",
        "1h 30",
        "-1s",
        "1e3s",
        "1,5h",
        "∞",
        "٣s",
        True,
        None,
        [],
        -1,
        math.nan,
        math.inf,
        -math.inf,
        1e308,
        -1e308,
        10**400,
        "999999w",
        pytest.param("9" * 1_000_001 + "s", id="a million digits"),
        pytest.param("0." + "0" * 1_000_001 + "s", id="a million places"),
    ],
)
def test_a_text_that_is_no_duration_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(given)


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_an_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0


def test_a_schedule_repeats_what_is_marked() -> None:
    assert parse_schedule(["30s", "1h x 3", "6h"]) == (30_000, HOUR, HOUR, HOUR, 6 * HOUR)


@pytest.mark.parametrize("given", [[], "1h", ["0s"], ["1h x 1001"], ["x 3"], [None]])
def test_a_schedule_that_makes_no_sense_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"duration|waits"):
        parse_schedule(given)


def test_a_timer_can_be_off(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[limits]\nenquire_link = "off"\nbind_timeout = "1500ms"'))
    assert (settings.limits.enquire_link, settings.limits.bind_timeout) == (math.inf, 1.5)


def test_the_first_value_of_the_clock_is_a_moment(tmp_path: Path) -> None:
    for text in ("2026-01-01T13:00:00+01:00", '"2026-01-01T12:00:00Z"', "2026-01-01T12:00:00"):
        start = load_settings(write(tmp_path, f"[clock]\nstart = {text}")).clock.start
        assert start is not None
        assert milliseconds(start) == 1_767_268_800_000


# --- Numbers ---


@pytest.mark.parametrize(
    "given", ["90000001", "+4790000001", "004790000001", "4790000001", "900 00 001", 4790000001]
)
def test_a_handset_is_read_in_every_form(given: object) -> None:
    assert handset_key(given) == 4790000001


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("02000", 4702000),
        ("+4702000", 4702000),
        ("2097", 472097),
        ("116111", 47116111),
        ("59000001", 4759000001),
        ("580000000001", 47580000000001),
        ("47580000000001", 47580000000001),
        ("47123456", 4747123456),
        ("4747123456", 4747123456),
    ],
)
def test_a_number_is_read_as_the_plan_reads_it(given: str, key: int) -> None:
    assert number_key(given) == key


@pytest.mark.parametrize(
    "given", ["", "+46701234567", "abc", "12", True, None, "٣٣٣", "4722222222", "1" * 13]
)
def test_what_is_no_handset_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="Norwegian"):
        handset_key(given)


# --- Lines ---

TEXT = """a = "x"
# comment = 1

[b] # why
c = { d = 1 }

[[list]]
x = 1
[[list]]
x = 2
[list.sub]
y = 1
[[list.subs]]
z = 1
[[list.subs]]
z = 2

[long]
texts = [
  "other = 3",
]
after = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 1),
        (("b", "c"), 5),
        (("b", "c", "d"), 5),
        (("b", "missing"), 4),
        (("list", 0, "x"), 8),
        (("list", 1, "x"), 10),
        (("list", 1, "sub", "y"), 12),
        (("list", 1, "subs", 1, "z"), 16),
        (("long", "texts", 0), 19),
        (("long", "after"), 22),
        (("long", "other"), 18),
        (("nowhere",), None),
    ],
)
def test_the_line_of_a_key_is_found(path: tuple[str | int, ...], line: int | None) -> None:
    assert find_line(TEXT, path) == line
