"""What a careful client remembers: which batches were acknowledged, to compare with what the store holds."""

from smsc.store import Batch, Row
from tests.store.keeper import MESSAGE, RECORD, Keeper, message

#: A batch of this many changes is several pages, so that it can be torn.
ROWS = 40
LIVES = 6


class Ledger:
    """Writes numbered batches as a server does: each adds messages, finishes those of the batch before, and
    forgets older ones.
    """

    def __init__(self) -> None:
        self.number = 0
        self.safe: dict[int, Row] = {}
        #: What the store may hold instead, by a batch that was refused or never answered.
        self.doubtful: list[dict[int, Row]] = []
        self.acknowledged = 0

    def write(self, keeper: Keeper) -> BaseException | None:
        """Write one batch and note how it was answered."""
        self.number += 1
        batch, then = self._change(self.number)
        error = keeper.commit(batch)
        if error is None:
            self.safe, self.doubtful = then, []
            self.acknowledged += 1
        else:
            self.doubtful.append(then)
        return error

    def check(self, keeper: Keeper) -> None:
        """What was acknowledged is there; of what was refused, all of one batch or nothing."""
        held = {row[0]: row for row in keeper.store.select(MESSAGE)}
        if held != self.safe:
            assert held in self.doubtful, self._difference(held)
            self.safe = held
        self.doubtful = []

    def check_exactly(self, keeper: Keeper) -> None:
        """While the process lives, a refused batch leaves nothing at all."""
        held = {row[0]: row for row in keeper.store.select(MESSAGE)}
        assert held == self.safe, self._difference(held)

    def _change(self, number: int) -> tuple[Batch, dict[int, Row]]:
        batch, then = Batch(), dict(self.safe)
        for key in range(number * ROWS, number * ROWS + ROWS):
            then[key] = message(key, recipient=key * 7919 % 1000, text=f"melding {key}")
            batch.put(MESSAGE, then[key])
        for key in sorted(self.safe)[-ROWS:]:
            then[key] = message(key, recipient=key * 7919 % 1000, state=2, text=f"levert {key}")
            batch.put(MESSAGE, then[key])
        for key in sorted(self.safe)[: -LIVES * ROWS]:
            del then[key]
            batch.delete(MESSAGE, key)
        batch.put(RECORD, ("batch", str(number)))
        return batch, then

    def _difference(self, held: dict[int, Row]) -> str:
        lost = sorted(self.safe.keys() - held.keys())
        return f"after {self.acknowledged} acknowledged batches: {len(lost)} rows lost, {lost[:5]} first"
