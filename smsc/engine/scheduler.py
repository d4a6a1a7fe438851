"""What happens by itself, when it is due, and in that order.

Everything that waits for a moment of the SMSC clock is in one heap (``delivery/timers.py``). A recipient is
by far the most frequent waiter; of the others each kind has its row in ``handlers``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smsc.delivery.recipient import Recipient
from smsc.delivery.timers import Timers
from smsc.engine.mt.alerts import Alerts


class Scheduler:
    """What is due, and who does it."""

    __slots__ = ("alerts", "handlers", "timers")

    def __init__(self, timers: Timers, alerts: Alerts, handlers: dict[type, Callable[[Any], None]]) -> None:
        """``handlers``: for each kind of waiter but a recipient, what is done when one is due."""
        self.timers = timers
        self.alerts = alerts
        self.handlers = handlers

    def next_due(self) -> int:
        """The next moment at which something falls due, or FOREVER."""
        return self.timers.next_due()

    def step(self, now: int, most: int) -> int:
        """Do at most so many of the things that are due by now; returns how many were done.

        Who is due again at once has more to do than fits in one turn of the loop.
        """
        done = 0
        while done < most:
            waiter = self.timers.pop(now)
            if waiter is None:
                break
            done += 1
            if type(waiter) is Recipient:
                recipient = waiter
                self.alerts.fall_due(recipient)
                if recipient.armed <= now:
                    break
            else:
                self.handlers[type(waiter)](waiter)
                if waiter.armed <= now:
                    break
        return done
