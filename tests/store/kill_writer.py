"""Run by test_kill: writes batches until it is killed, and says on stdout which ones were acknowledged."""

import sys
from pathlib import Path

from tests.store.keeper import MESSAGE, RECORD, batch_of, message, sqlite_keeper

ROWS = 60


def main(path: str) -> None:
    keeper = sqlite_keeper(Path(path)).open()
    first = keeper.store.reserve("message", 1_000_000)
    print(f"reserved {first}", flush=True)
    last = keeper.store.get(RECORD, "last")
    number = int(last[1]) if last else 0
    while True:
        number += 1
        batch = batch_of(message(number * ROWS + i, text=str(number)) for i in range(ROWS))
        if number > 1:
            for i in range(ROWS):
                key = (number - 1) * ROWS + i
                batch.put(MESSAGE, message(key, state=2, text=str(number - 1)))
        batch.put(RECORD, ("last", str(number)))
        keeper.start(batch, number)
        keeper.wait_for(1)
        ((done, error),) = keeper.answers
        keeper.answers.clear()
        assert error is None, error
        print(f"safe {done}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
