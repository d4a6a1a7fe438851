"""A draw is a hash: the same for the same arguments, in both builds, in any order."""

from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.draw import draw, draw_normal, scramble

NUMBERS = st.integers(-(2**63), 2**63 - 1)


def test_draws_are_the_same_in_every_build_and_version() -> None:
    assert scramble(0, 0, 0, 0) == 0x2130748AAAC80268
    assert scramble(-1, -(2**63), 2**63 - 1, 5) == 0x4C14A32F8B1C32E8
    assert draw(1, 2, 3, 4).hex() == "0x1.9b6192ae5e600p-3"
    assert draw_normal(1, 2, 3, 4).hex() == "-0x1.2f3a4fe781c1bp-1"


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_draw_lies_in_the_half_open_unit_interval(
    seed: int, purpose: int, subject: int, count: int
) -> None:
    assert 0.0 <= draw(seed, purpose, subject, count) < 1.0


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_every_argument_matters(seed: int, purpose: int, subject: int, count: int) -> None:
    number = scramble(seed, purpose, subject, count)
    for changed in ((seed ^ 1, purpose, subject, count), (seed, purpose ^ 1, subject, count)):
        assert scramble(*changed) != number
    for changed in ((seed, purpose, subject ^ 1, count), (seed, purpose, subject, count ^ 1)):
        assert scramble(*changed) != number


def test_draws_are_spread_evenly() -> None:
    counts = [0] * 10
    for number in range(10_000):
        counts[int(draw(7, 1, number, 0) * 10)] += 1
    assert all(850 < count < 1150 for count in counts)


def test_normal_draws_have_mean_0_and_deviation_1() -> None:
    numbers = [draw_normal(7, 1, number, 0) for number in range(10_000)]
    mean = sum(numbers) / len(numbers)
    deviation = (sum((number - mean) ** 2 for number in numbers) / len(numbers)) ** 0.5
    assert abs(mean) < 0.04
    assert abs(deviation - 1.0) < 0.03
