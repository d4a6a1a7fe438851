"""What goes to and fro between API and engine: documents, bodies, work in steps, refusals."""

from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

T = TypeVar("T")
#: work that others may interrupt at each ``yield``, and what it returns; what it may yield begins to wait for
#: something, and calls what it is given when the work can go on
Steps: TypeAlias = Generator[Callable[[Callable[[], None]], None] | None, None, T]
#: one thing as JSON
Document = dict[str, Any]
#: a validated request body
Body = Mapping[str, Any]
#: a part of the map: south, west, north, east in degrees
Edges = tuple[float, float, float, float]


@runtime_checkable
class Refusal(Protocol):
    """An exception that says why a call was refused: HTTP status, a short title, one sentence."""

    status: int
    title: str
    detail: str
