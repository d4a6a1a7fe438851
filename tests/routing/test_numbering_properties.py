"""Reading is total, the integer and the text reader agree, and both agree with the reference over strings."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from smsc.reasons import REASONS
from smsc.routing.numbering import NumberPlan, load_plan
from tests.conftest import examples
from tests.routing import reference

PLAN = load_plan()

tons = st.integers(0, 8)
npis = st.sampled_from([0, 1, 1, 1, 2, 9])
digits = st.text("0123456789", min_size=1, max_size=20)
heads = st.sampled_from(["", "", "47", "0047", "+47", "00", "+", "4758", "58", "116", "01", "0", "46"])
bounds = st.sampled_from([bound for row in reference.ROWS for bound in (row.first, row.last)])
near_bounds = st.builds(
    lambda bound, step: f"{max(int(bound) + step, 0):0{len(bound)}}", bounds, st.integers(-2, 2)
)
numbers = st.one_of(
    st.builds(str.__add__, heads, digits),
    st.builds(str.__add__, heads, near_bounds),
    st.builds(lambda head, tail: head + " " + tail, heads, digits),
)


def name_of(plan: NumberPlan, answer: int) -> tuple[str, str]:
    if answer < 0:
        return "", REASONS[-answer].name
    return str(answer >> 8)[2:], plan.rows[answer & 255].type


@given(numbers, tons, npis)
@settings(max_examples=examples(500))
@example("000", 0, 1)
@example("0" * 18, 1, 1)
@example("9" * 18, 1, 1)
def test_reads_as_the_reference_over_strings(text: str, ton: int, npi: int) -> None:
    assert name_of(PLAN, PLAN.read_text(ton, npi, text)) == reference.read(ton, npi, text)


@given(st.text(max_size=30), st.integers(-1, 300), st.integers(-1, 300))
@example("\0", 0, 1)
@example("²", 0, 1)
@example("1\u00a02\u20093", 0, 1)
def test_reading_any_text_is_total_and_agrees_with_the_reference(text: str, ton: int, npi: int) -> None:
    assert name_of(PLAN, PLAN.read_text(ton, npi, text)) == reference.read(ton, npi, text)


@given(
    st.integers(-5, 300),
    st.integers(-5, 300),
    st.integers(-(2**62), 2**62),
    st.integers(-5, 300),
)
@example(0, 1, 10**18 - 1, 18)
@example(0, 1, 10**18, 18)
@example(0, 1, 10**18, 19)
@example(1, 1, 0, 18)
@example(0, 1, 0, 1)
def test_reading_any_integers_is_total(ton: int, npi: int, value: int, length: int) -> None:
    answer = PLAN.read(ton, npi, value, length)
    if answer > 0:
        assert 0 <= answer & 255 < len(PLAN.rows)
        assert PLAN.row_of_key(answer >> 8) == answer & 255
    else:
        assert 0 < -answer < len(REASONS)


@given(st.text("0123456789", min_size=1, max_size=18), tons, npis)
def test_integers_and_text_read_alike(text: str, ton: int, npi: int) -> None:
    assert PLAN.read(ton, npi, int(text), len(text)) == PLAN.read_text(ton, npi, text)


@given(st.one_of(numbers, st.text(max_size=20)), tons, npis)
@example("1412", 0, 1)
@example("²", 0, 1)
def test_explaining_is_total_and_agrees_with_reading(text: str, ton: int, npi: int) -> None:
    answer = PLAN.read_text(ton, npi, text)
    told = PLAN.explain(text, ton, npi)
    assert told.key == (answer >> 8 if answer > 0 else 0)
    if answer < 0:
        assert told.reason == REASONS[-answer].name
        assert not told.can_receive_sms
    else:
        row = PLAN.rows[answer & 255]
        assert told.type == row.type
        assert told.can_receive_sms is row.can_receive
        assert told.reason == (REASONS[row.reason].name if row.reason else None)
    assert told.steps
    for english, bokmaal in told.steps:
        assert english.endswith(".")
        assert bokmaal.endswith(".")


@given(st.integers(0, 10**12), st.integers(1, 12))
@example(4720000000, 12)
def test_a_number_reads_the_same_in_all_its_forms(value: int, length: int) -> None:
    national = f"{value % 10**length:0{length}}"
    plain = PLAN.read_text(2, 1, national)
    if plain < 0 or PLAN.rows[plain & 255].overlay or national.startswith("00"):
        return
    for form, ton in (
        (f"+47{national}", 0),
        (f"0047{national}", 0),
        (f"47{national}", 1),
        (f"+47 {national}", 2),
    ):
        assert PLAN.read_text(ton, 1, form) == plain
