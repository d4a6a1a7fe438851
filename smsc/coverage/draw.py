"""Seeded draws: a random number is a hash of what it is for, so it never depends on who asked first.

Both builds give the same numbers bit for bit: integers modulo 2**64, and one exact conversion to float.
"""

from math import cos, log, pi, sqrt

_MASK = 0xFFFFFFFFFFFFFFFF
_STEP = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB
#: flips the seed, so that the two uniform numbers behind a normal one are independent
_OTHER = 0x3C6EF372FE94F82B


def scramble(seed: int, purpose: int, subject: int, count: int) -> int:
    """Return 64 well mixed bits of four 64-bit integers (splitmix64's finaliser after each of them).

    Each argument lies in -2**63 .. 2**63-1; a negative one counts as its two's complement.
    """
    mixed = seed & _MASK
    mixed = (mixed + _STEP) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _MIX_1) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _MIX_2) & _MASK
    mixed = mixed ^ (mixed >> 31)
    mixed = (mixed + (purpose & _MASK) + _STEP) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _MIX_1) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _MIX_2) & _MASK
    mixed = mixed ^ (mixed >> 31)
    mixed = (mixed + (subject & _MASK) + _STEP) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _MIX_1) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _MIX_2) & _MASK
    mixed = mixed ^ (mixed >> 31)
    mixed = (mixed + (count & _MASK) + _STEP) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _MIX_1) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _MIX_2) & _MASK
    return mixed ^ (mixed >> 31)


def draw(seed: int, purpose: int, subject: int, count: int) -> float:
    """Return a uniform number in [0, 1) with 53 random bits, always the same for the same arguments.

    `purpose` tells what the draw is for, `subject` whom it concerns, `count` which of several it is.
    """
    return (scramble(seed, purpose, subject, count) >> 11) * 1.1102230246251565e-16  # 2**-53


def draw_normal(seed: int, purpose: int, subject: int, count: int) -> float:
    """Return a standard normal number (Box-Muller), e.g. for a log-normal time: median * exp(sigma * n)."""
    first = draw(seed, purpose, subject, count)
    second = draw(seed ^ _OTHER, purpose, subject, count)
    return sqrt(-2.0 * log(1.0 - first)) * cos(2.0 * pi * second)
