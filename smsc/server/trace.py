"""What goes over the connections, kept: all of it in a capture file, the last PDUs of a session in memory.

Off unless asked for; a connection then has a `Tracer`, otherwise it has None. A file belongs to its owner
alone, and holds no password unless that is asked for.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from collections import deque
from pathlib import Path
from typing import Any

from smsc import __version__
from smsc.protocol.pdu.masking import without_password
from smsc.protocol.pdu.splitting import Splitter
from smsc.server.pcapng import Conversation, preamble

KEPT_OCTETS = 262_144  # of one connection's last PDUs in memory, but for one that is longer by itself

log = logging.getLogger("smsc.server")


class Capture:
    """A pcapng file that grows to its limit and then stays as it is."""

    def __init__(self, path: Path, limit: int, passwords: bool = False) -> None:
        """Begin the file anew; OSError when it cannot be written, or is none of our own. `limit` in octets;
        `passwords` are left out unless asked for."""
        self.path = path
        self.left = limit
        self.passwords = passwords
        self.conversations = 0
        self.file: Any = os.fdopen(_opened(path), "wb")
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


def _opened(path: Path) -> int:
    """The descriptor of an empty file that only its owner may read. Whoever can write to the folder must not
    lead it elsewhere: no link is followed, and none leads to it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "a link, and the trace follows none: name a file", str(path)) from None
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise OSError(errno.EPERM, "no file of its own (a link or a device): name a new file", str(path))
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class Tracer:
    """What one connection says and hears."""

    def __init__(
        self, peer: tuple[str, int], local: tuple[str, int], capture: Capture | None, keep: int, max_pdu: int
    ) -> None:
        """`keep`: how many PDUs stay in memory; a part of each direction's stream may wait for its rest."""
        self.capture = capture
        self.pdus: deque[tuple[int, bool, bytes]] = deque(maxlen=keep)  # (microseconds, incoming, octets)
        self.octets = 0  # of them all
        self.splitters = (Splitter(max_pdu), Splitter(max_pdu))
        self.conversation: Conversation | None = None
        if capture is not None:
            self.conversation = capture.conversation(peer, local)
            capture.write(self.conversation.opened(_now()))

    def saw(self, incoming: bool, octets: bytes) -> None:
        """Octets have come in, or go out. A PDU is kept when it is whole, so that its password is found."""
        splitter = self.splitters[incoming]
        if splitter.lost:
            return  # the session ends with the first impossible length
        for frame in splitter.feed(octets):
            self._keep(incoming, frame)
            self._capture(incoming, frame)

    def _keep(self, incoming: bool, frame: bytes) -> None:
        """Remember a PDU, and let go of the oldest when they are too many or too much."""
        pdus = self.pdus
        if pdus.maxlen and len(pdus) == pdus.maxlen:
            self.octets -= len(pdus[0][2])
        pdus.append((_now(), incoming, frame))
        self.octets += len(frame) if pdus else 0
        while self.octets > KEPT_OCTETS and len(pdus) > 1:
            self.octets -= len(pdus.popleft()[2])

    def _capture(self, incoming: bool, frame: bytes) -> None:
        if self.capture is not None and self.conversation is not None:
            shown = frame if self.capture.passwords else without_password(frame)
            self.capture.write(self.conversation.data(incoming, shown, _now()))

    def closed(self) -> None:
        """The connection is gone; what came of a PDU is kept."""
        for incoming in (True, False):
            if rest := self.splitters[incoming].rest:
                self._capture(incoming, rest)
        if self.capture is not None and self.conversation is not None:
            self.capture.write(self.conversation.closed(_now()))


def _now() -> int:
    return time.time_ns() // 1000
