"""Moved to `tests.esme`."""

from tests.esme import (
    INTERMEDIATE,
    RECEIPT,
    Answer,
    BindRefused,
    Delivered,
    Esme,
    answer_of,
    unanswered,
)

__all__ = [
    "INTERMEDIATE",
    "RECEIPT",
    "Answer",
    "BindRefused",
    "Delivered",
    "Esme",
    "answer_of",
    "unanswered",
]
