"""Fixtures of the scenarios: clients over TCP that are gone when the test is."""

from tests.scenarios.binding import bind, kari, ola

__all__ = ["bind", "kari", "ola"]
