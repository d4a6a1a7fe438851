"""What goes over the connections, kept: all of it in a capture file, the last PDUs of a session in memory.

Off unless asked for; a connection then has a `Tracer`, otherwise it has None.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from pathlib import Path
from typing import Any

from smsc import __version__
from smsc.protocol.splitting import Splitter
from smsc.server.pcapng import Conversation, preamble

log = logging.getLogger("smsc.server")


class Capture:
    """A pcapng file that grows to its limit and then stays as it is."""

    def __init__(self, path: Path, limit: int) -> None:
        """Begin the file anew; OSError when it cannot be written. `limit` in octets."""
        self.path = path
        self.left = limit
        self.conversations = 0
        self.file: Any = path.open("wb")
        self.write(preamble(f"smsc {__version__}"))
        self.flush()

    def conversation(self, peer: tuple[str, int], local: tuple[str, int]) -> Conversation:
        """A new connection."""
        self.conversations += 1
        return Conversation(peer, local, self.conversations)

    def write(self, blocks: bytes) -> None:
        """Append whole blocks, or end the capture when they no longer fit or the disk fails."""
        if self.file is None:
            return
        if len(blocks) > self.left:
            log.warning("the trace has reached its limit: %s grows no further", self.path)
            self.close()
            return
        self.left -= len(blocks)
        try:
            self.file.write(blocks)
        except OSError as error:
            self._failed(error)

    def flush(self) -> None:
        """Let readers of the file see what was written so far."""
        if self.file is not None:
            try:
                self.file.flush()
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        log.error("the trace cannot be written and ends here: %s", error)
        file, self.file = self.file, None
        try:
            file.close()
        except OSError:
            return

    def close(self) -> None:
        """End the file."""
        if self.file is not None:
            self.flush()
        if self.file is not None:
            self.file.close()
            self.file = None


class Tracer:
    """What one connection says and hears."""

    def __init__(
        self, peer: tuple[str, int], local: tuple[str, int], capture: Capture | None, keep: int, max_pdu: int
    ) -> None:
        """`keep`: how many PDUs stay in memory; a part of each direction's stream may wait for its rest."""
        self.capture = capture
        self.pdus: deque[tuple[int, bool, bytes]] = deque(maxlen=keep)  # (microseconds, incoming, octets)
        self.splitters = (Splitter(max_pdu), Splitter(max_pdu))
        self.conversation: Conversation | None = None
        if capture is not None:
            self.conversation = capture.conversation(peer, local)
            capture.write(self.conversation.opened(_now()))

    def saw(self, incoming: bool, octets: bytes) -> None:
        """Octets have come in, or go out."""
        at = _now()
        if self.capture is not None and self.conversation is not None:
            self.capture.write(self.conversation.data(incoming, octets, at))
        for frame in self.splitters[incoming].feed(octets):
            self.pdus.append((at, incoming, frame))

    def closed(self) -> None:
        """The connection is gone."""
        if self.capture is not None and self.conversation is not None:
            self.capture.write(self.conversation.closed(_now()))


def _now() -> int:
    return time.time_ns() // 1000
