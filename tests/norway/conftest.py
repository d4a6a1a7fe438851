"""Fixtures of the Norwegian scenarios: clients over TCP that are gone when the test is."""

from tests.scenarios.binding import bind

__all__ = ["bind"]
