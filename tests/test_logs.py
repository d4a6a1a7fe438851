"""The log: no numbers unless asked for, and no line that a stranger could forge."""

import logging
import sys

import pytest

from smsc.logs import Formatter, set_up


def line(message: str, *arguments: object, show_numbers: bool = False) -> str:
    record = logging.LogRecord("smsc.server", logging.INFO, "x.py", 1, message, arguments, None)
    return Formatter(show_numbers=show_numbers).format(record).split(" INFO ", 1)[1]


@pytest.mark.parametrize(
    "number",
    ["4790000001", "+4790000001", "004790000001", "90000001", "47580000000001", "580000000001", "59000001"],
)
def test_a_number_is_masked_in_every_form(number: str) -> None:
    masked = "*" * (len(number) - 2) + number[-2:]
    assert line("bind of %s refused", number) == f"smsc.server: bind of {masked} refused"
    assert line("it is %s.", number) == f"smsc.server: it is {masked}."  # at the end of a sentence
    assert line("bind of %s refused", number, show_numbers=True).endswith(f"bind of {number} refused")


@pytest.mark.parametrize(
    "text", ["message 100000001", "127.0.0.1:49152", "took 0.47900000 s", "1767268800000", "port 2775"]
)
def test_what_is_no_number_stays(text: str) -> None:
    assert line(text) == f"smsc.server: {text}"


def test_a_stranger_forges_no_line() -> None:
    forged = line("system_id %s", "a\r\n2026-01-01 CRITICAL smsc: gone\x1b[2J")
    assert forged == "smsc.server: system_id a\\r\\n2026-01-01 CRITICAL smsc: gone\\x1b[2J"


@pytest.mark.parametrize("number", ["22334455", "+46701234567", "0046701234567", "4722334455", "22 33 44 55"])
@pytest.mark.parametrize("field", ["destination_addr", "source_addr"])
def test_what_was_given_as_an_address_is_masked_whatever_number_it_is(field: str, number: str) -> None:
    masked = "*" * (len(number) - 2) + number[-2:]
    told = line("refused: %s '%s', TON 0, NPI 1.", field, number)
    assert told == f"smsc.server: refused: {field} '{masked}', TON 0, NPI 1."
    assert number in line("%s '%s'", field, number, show_numbers=True)
    if " " not in number:
        assert line(f"{field[:-5]}=%s state=enroute", number).endswith(f"{field[:-5]}={masked} state=enroute")


def test_a_short_code_that_was_given_as_an_address_is_shown() -> None:
    assert line("destination_addr '116111', TON 1").endswith("'116111', TON 1")


def test_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError("no subscriber 4790000001")
    except ValueError:
        record = logging.LogRecord("smsc", logging.ERROR, "x.py", 1, "failed", (), sys.exc_info())
    text = Formatter(show_numbers=False).format(record)
    assert "Traceback" in text
    assert "4790000001" not in text


def test_the_level_is_that_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    root, own = logging.getLogger(), logging.getLogger("smsc")
    before = (root.handlers[:], root.level, own.level)
    try:
        set_up("info", show_numbers=False)
        logging.getLogger("smsc.test").info("heard")
        logging.getLogger("smsc.test").debug("not heard")
        logging.getLogger("elsewhere").info("not heard")
        logging.getLogger("elsewhere").warning("heard too")
    finally:
        root.handlers[:], root.level = before[0], before[1]
        own.setLevel(before[2])
    told = capsys.readouterr().err
    assert [entry.split(": ", 1)[1] for entry in told.splitlines()] == ["heard", "heard too"]
