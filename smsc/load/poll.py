"""Waits for sockets: epoll where there is one, poll elsewhere; finer than the millisecond both count in."""

import select

READABLE, WRITABLE = 1, 4  # POLLIN and POLLOUT, the same for both


class Poller:
    """Which of many sockets are ready. Level-triggered."""

    def __init__(self) -> None:
        self._epoll = select.epoll() if hasattr(select, "epoll") else None
        self._poll = self._epoll or select.poll()
        self.register = self._poll.register
        self.modify = self._poll.modify
        self.unregister = self._poll.unregister

    def wait(self, seconds: float) -> list[tuple[int, int]]:
        """(file descriptor, events) of those that are ready, after at most `seconds`."""
        if self._epoll is None:
            return self._poll.poll(seconds * 1000)
        if 0 < seconds < 0.001:
            if not select.select([self._epoll.fileno()], [], [], seconds)[0]:
                return []
            seconds = 0
        return self._epoll.poll(seconds)

    def close(self) -> None:
        if self._epoll is not None:
            self._epoll.close()
