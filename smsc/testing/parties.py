"""What handsets and ESMEs have in common in a test: a bind of their own, and what they sent and got."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, Self

from smsc.testing.clock import ClockHandle, milliseconds
from smsc.testing.contract import Running
from smsc.testing.messages import STATES, MessageHandle, whole_messages

__tracebackhide__ = True

_PATIENCE = 2.0  # real seconds in which what a client has just sent must have arrived


class Network(Running, Protocol):
    """What a party needs of the server."""

    @property
    def clock(self) -> ClockHandle:
        """The SMSC clock."""

    @property
    def left(self) -> dict[str, str | None]:
        """The zone that each handset was in before it entered another."""

    def message(self, message_id: str | int) -> MessageHandle:
        """A message with its timeline."""

    def listen(self, system_id: str, password: str) -> None:
        """Bind as a receiver and answer all that comes; once is enough."""

    def hang_up(self, system_id: str) -> None:
        """End what ``listen`` began."""

    def refusals(self) -> list[str]:
        """What was refused lately and why."""

    def await_message(
        self, look: Callable[[], MessageHandle | None], timeout: float, wanted: str
    ) -> MessageHandle:
        """What ``look`` finds, asked again whenever something happens; TimeoutError tells what there is."""


class Party:
    """A handset or an ESME."""

    def __init__(self, smsc: Network, system_id: str) -> None:
        self._smsc = smsc
        self._system_id = system_id

    def _sent_parts(self) -> Iterable[MessageHandle]:
        """Each message that it has sent, oldest first, the parts of long ones one by one."""
        raise NotImplementedError

    def _received_parts(self) -> Iterable[MessageHandle]:
        """Each message that was delivered to it, likewise."""
        raise NotImplementedError

    def listen(self, password: str) -> Self:
        """Bind and answer all it gets."""
        self._smsc.listen(self._system_id, password)
        return self

    def hang_up(self) -> Self:
        """End what ``listen`` began."""
        self._smsc.hang_up(self._system_id)
        return self

    def sent(self) -> list[MessageHandle]:
        """What it has sent, oldest first; a long message is one."""
        return list(self._whole(self._sent_parts()))

    def received(self) -> list[MessageHandle]:
        """What was delivered to it, oldest first; a long message is one, when all its parts are there."""
        return list(self._whole(self._received_parts()))

    def _whole(self, parts: Iterable[MessageHandle]) -> Iterator[MessageHandle]:
        return whole_messages(parts, self._smsc.message)

    def expect_message(self, text: str | None = None, *, timeout: float = 5.0) -> MessageHandle:
        """A message is delivered to it within so many real seconds; of a long one all parts.

        TimeoutError tells what there is instead."""

        def delivered() -> MessageHandle | None:
            found = self._whole(self._received_parts())
            return next((message for message in found if text is None or message.text == text), None)

        wanted = f"{self._system_id} has received no message" + (f" with text={text!r}" if text else "")
        return self._smsc.await_message(delivered, timeout, wanted)

    def expect_receipt(self, stat: str, *, within: str | float = 0) -> MessageHandle:
        """Its latest message ends as ``stat`` (``"DELIVRD"``, ``"EXPIRED"``, ...) within that time.

        Moves a manual clock from one due moment to the next, no further than needed. AssertionError tells the
        timeline.
        """
        if stat not in STATES:
            raise ValueError(f"{stat!r} is no state of a receipt; expected one of {', '.join(STATES)}")
        latest = self._latest()
        manual = self._smsc.clock.is_manual
        deadline = self._smsc.clock.milliseconds + milliseconds(within)
        if manual and not latest.is_final:
            self._smsc.clock.advance(0)  # what is on its way arrives
            latest = self._smsc.message(latest.id)
        while not latest.is_final:
            now, due = self._smsc.clock.milliseconds, self._smsc.clock.next_due
            if now >= deadline:
                break
            if not manual:
                time.sleep(0.01)
            else:
                self._smsc.clock.advance_to(deadline if due is None else min(max(due, now), deadline))
            latest = self._smsc.message(latest.id)
        if latest.state == STATES[stat]:
            return latest
        raise AssertionError(f"expected {stat}, but the message is {latest.state}\n{latest.story()}")

    def _latest(self) -> MessageHandle:
        """What it sent last; a client that does not wait for its answer gets a moment."""

        def last() -> MessageHandle | None:
            parts = list(self._sent_parts())
            return parts[-1] if parts else None

        try:
            return self._smsc.await_message(last, _PATIENCE, "")
        except TimeoutError:
            told = [f"{self._system_id} has sent nothing that was accepted", *self._smsc.refusals()]
            raise AssertionError("\n".join(told)) from None
