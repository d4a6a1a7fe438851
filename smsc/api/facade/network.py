"""What an engine may offer of cards, numbers and the map."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from smsc.api.facade.documents import Body, Document, Edges, Steps


@runtime_checkable
class SimCards(Protocol):
    """Offered by a control that swaps cards, changes numbers, and reads and writes lists."""

    def swap_sim(self, msisdn: str, body: Body) -> Document:
        """A new card for the number; 404, 422."""

    def report_lost(self, msisdn: str) -> Document:
        """Block the card; 404."""

    def change_number(self, msisdn: str, body: Body) -> Document:
        """Another number for the card; 404, 409, 422."""

    def add_twin(self, msisdn: str, body: Body) -> Document:
        """A second card for the subscription; 404, 422."""

    def operator(self, msisdn: str) -> Document:
        """Which operator serves the number now."""

    def subscribers_csv(self) -> Steps[str]:
        """All subscribers as CSV."""

    def import_subscribers(self, text: str) -> Steps[Document]:
        """Take a CSV of subscribers; it is in effect at the end. 422 and 503 change nothing."""

    def assignments_csv(self) -> str:
        """All assigned numbers as CSV."""

    def import_assignments(self, text: str, how: str) -> Document:
        """`add` a CSV of assigned numbers, or `replay` it as today's list; 422."""

    def ported_csv(self) -> str:
        """All ported numbers as CSV."""

    def import_ported(self, text: str) -> Document:
        """Take a CSV of ported numbers; 422."""


@runtime_checkable
class CoverageMap(Protocol):
    """Offered by a control that knows the map. What takes long comes in steps of a few milliseconds."""

    def coverage_outline(self) -> Document:
        """The land, the towns, the counties."""

    def is_charted(self) -> bool:
        """Whether the cells of the map are there."""

    def survey(self) -> Sequence[Any]:
        """The cells of the map; on any thread."""

    def chart(self, cells: Sequence[Any]) -> None:
        """Take in what `survey` gave."""

    def coverage_raster(self, box: Edges, columns: int, rows: int) -> Steps[Document]:
        """How strong the signal is, square by square."""

    def coverage_cells(self, box: Edges) -> Document:
        """The cells in a box."""

    def coverage_at(self, lat: float, lon: float, inside: str) -> Document:
        """The signal at a position, and why."""

    def coverage_phones(self, box: Edges) -> Steps[Document]:
        """The phones in a box."""


@runtime_checkable
class Holding(Protocol):
    """Offered by a server that can answer for a phone itself."""

    def holds(self, msisdn: str) -> bool:
        """Whether it does so for this number."""

    async def hold(self, msisdn: str) -> None:
        """Bind for the number; 409 when the bind is refused."""

    async def release(self, msisdn: str) -> None:
        """Unbind; nothing happens when it is not held."""
