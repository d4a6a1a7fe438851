"""Clients of several nodes, and what they know: acknowledged, delivered, receipts; each binds elsewhere when
its node does not answer.

A message has a number, and each pair of sender and recipient belongs to one client, so what was acknowledged
of a pair has one order: that in which its numbers were given.
"""

from __future__ import annotations

import contextlib
import select
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from smsc.protocol.constants import DELIVER_SM, RESPONSE
from smsc.protocol.pdu.codec import decode_pdu
from smsc.protocol.text import receipt_text
from tests.peer import Peer
from tests.reliability.traffic import FIRST, Ledger, Traffic
from tests.waiting import PATIENCE, Quiet, lasting

Address: TypeAlias = tuple[str, int]
_MC_RECEIPT = 0x04
_LOOK = 0.02  # seconds for which one look waits
_AHEAD = 5  # windows that may be acknowledged and wait to be delivered
_BIND = 2.0  # seconds for a node to answer a bind


class Accounts(Ledger):
    """The ledger of all clients together."""

    def __init__(self, pairs: int = 20) -> None:
        super().__init__(2 * pairs)
        self.pairs = pairs
        self.firsts: dict[int, list[int]] = {}  # by pair, in the order of their first delivery
        self.number_of: dict[bytes, int] = {}  # by message id
        self.receipts: Counter[bytes] = Counter()
        self.unknown: set[int] = set()  # submitted, and their node did not say what became of them
        self.ahead: Counter[int] = Counter()  # by pair: how many were acknowledged and are not delivered yet

    def pair(self, number: int) -> int:
        return number % self.pairs

    def deliver(self, number: int) -> None:
        if number not in self.delivered:
            self.firsts.setdefault(self.pair(number), []).append(number)
            self.ahead[self.pair(number)] -= 1
        self.delivered[number] += 1

    def out_of_order(self) -> list[tuple[int, int]]:
        """Acknowledged messages of one pair of which the later one came first."""
        found = []
        for numbers in self.firsts.values():
            kept = [number for number in numbers if number in self.acknowledged]
            found += [(a, b) for a, b in pairwise(kept) if a > b]
        return found

    def without_receipt(self) -> set[int]:
        """Acknowledged, and nobody heard what became of them."""
        return {number for ident, number in self.number_of.items() if ident not in self.receipts}

    def is_whole(self) -> bool:
        """Whether all that was acknowledged has come, and its receipts."""
        return not self.lost() and not self.without_receipt()


class Line(Traffic):
    """One bind of a client."""

    ledger: Accounts

    def __init__(self, client: Client, peer: Peer) -> None:
        super().__init__(peer, client.accounts, client.window, registered=1)
        self.client = client
        self.heard = Quiet(client.patience)

    def next_submit(self) -> bytes:
        accounts, number = self.ledger, self.client.next_number()
        accounts.submitted += 1
        self.sequence += 1
        self.pending[self.sequence] = number
        text = b"n%d" % number
        pair = accounts.pair(number)
        source, destination = b"%d" % (FIRST + 2 * pair), b"%d" % (FIRST + 2 * pair + 1)
        body = b"\0\1\1%s\0\1\1%s\0\0\0\0\0\0\1\0\0\0%c%s" % (source, destination, len(text), text)
        return struct.pack(">IIII", 16 + len(body), 4, 0, self.sequence) + body

    def take(self, frame: bytes, command: int, status: int, sequence: int) -> bytes:
        self.heard.broken()
        accounts = self.ledger
        if command == DELIVER_SM:
            fields = decode_pdu(frame).fields
            if fields["esm_class"] & 0x3C == _MC_RECEIPT:
                receipt = receipt_text.parse(fields["short_message"].decode("ascii", "replace"))
                assert receipt is not None
                accounts.receipts[receipt.id.encode()] += 1
            else:
                accounts.deliver(int(fields["short_message"][1:]))
            return struct.pack(">IIII", 17, RESPONSE | DELIVER_SM, 0, sequence) + b"\0"
        if command == RESPONSE | 4:
            number = self.pending[sequence]
            if status == 0:
                accounts.number_of[frame[16:-1]] = number
                accounts.ahead[accounts.pair(number)] += 1
        return super().take(frame, command, status, sequence)

    def fill(self) -> None:
        """As much as the window takes, unless too much is acknowledged that nobody has got yet."""
        if self.client.is_ahead():
            return
        room = self.window - len(self.pending)
        if not self.pending:
            self.heard.broken()
        if room > 0 and len(self.out) < 1 << 16:
            self.out += b"".join(self.next_submit() for _ in range(room))

    def write(self) -> None:
        try:
            self.out = self.out[self.peer.sock.send(self.out) :]
        except BlockingIOError:
            pass
        except OSError:
            self.alive = False

    def is_given_up(self) -> bool:
        """Whether its node is gone, or owes an answer and says nothing."""
        return not self.alive or (bool(self.pending) and self.heard.is_over())


class Client:
    """A farm's bind, at home on one node, that goes on at another when that one is gone."""

    def __init__(self, accounts: Accounts, home: int, of: int, window: int, patience: float) -> None:
        self.accounts = accounts
        self.home = home
        self.at = home  # the node that it is bound to
        self.of = of
        self.pairs = accounts.pairs // of
        self.window = window
        self.patience = patience  # seconds without a word after which it takes its node for dead
        self.numbers = 0
        self.line: Line | None = None

    def next_number(self) -> int:
        """Its pairs are those whose number leaves ``home`` when divided by the number of clients."""
        self.numbers += 1
        return self.number(self.numbers - 1)

    def is_ahead(self) -> bool:
        """Whether what it has submitted waits to be delivered."""
        ahead = self.accounts.ahead
        return sum(ahead[pair * self.of + self.home] for pair in range(self.pairs)) > _AHEAD * self.window

    def number(self, count: int) -> int:
        """Of its message that comes after so many."""
        turn, pair = divmod(count, self.pairs)
        return turn * self.accounts.pairs + pair * self.of + self.home

    def bind(self, addresses: Sequence[Address | None]) -> None:
        """At home, or else at the next node that lets it in."""
        for step in range(len(addresses)):
            place = (self.home + step) % len(addresses)
            address = addresses[place]
            if address is not None and self._bound(address):
                self.at = place
                return

    def _bound(self, address: Address) -> bool:
        try:
            peer = Peer(*address, timeout=_BIND)
            if peer.bind("farm", "farm", timeout=_BIND) == 0:
                self.line = Line(self, peer)
                return True
            peer.close()
        except OSError:
            pass
        return False

    def leave(self) -> None:
        """Nobody knows what becomes of what was not answered."""
        if self.line is not None:
            self.accounts.unknown.update(self.line.pending.values())
            with contextlib.suppress(OSError):
                self.line.peer.close()
            self.line = None


class Clients:
    """All of them, served by one loop."""

    def __init__(
        self,
        addresses: Callable[[], Sequence[Address | None]],
        count: int,
        *,
        window: int = 20,
        pairs: int = 24,
        patience: float = 3.0,
    ) -> None:
        """``addresses`` are those of the nodes, None of one that is away."""
        self.addresses = addresses
        self.accounts = Accounts(pairs - pairs % count)
        self.clients = [Client(self.accounts, home, count, window, patience) for home in range(count)]

    def run(self, seconds: float, *, submit: bool = True, until: Callable[[], object] | None = None) -> bool:
        """Go on for so long, or until that holds; whether it does."""
        for _ in lasting(seconds):
            if until is not None and until():
                return True
            self._turn(submit)
        return until is not None and bool(until())

    def _turn(self, submit: bool) -> None:
        for client in self.clients:
            if client.line is not None and client.line.is_given_up():
                client.leave()
            if client.line is None:
                client.bind(self.addresses())
            if client.line is not None and submit:
                client.line.fill()
        lines = [client.line for client in self.clients if client.line is not None]
        by_socket = {line.peer.sock: line for line in lines}
        eager = [line.peer.sock for line in lines if line.out]
        readable, writable, _ = select.select(list(by_socket), eager, [], _LOOK)
        for sock in writable:
            by_socket[sock].write()
        for sock in readable:
            line = by_socket[sock]
            line.out += line.read()

    def served(self) -> None:
        """Submit until of every pair something is delivered that was submitted from now on."""
        accounts = self.accounts
        from_now_on = {
            accounts.pair(number): number
            for client in self.clients
            for number in map(client.number, range(client.numbers, client.numbers + client.pairs))
        }

        def all_are() -> bool:
            firsts = accounts.firsts
            return all(pair in firsts and firsts[pair][-1] >= number for pair, number in from_now_on.items())

        assert self.run(PATIENCE, until=all_are), f"not served: {self.state()}"

    def drain(self) -> None:
        """Submit nothing until all that was acknowledged has come, and all the receipts."""
        quiet = Quiet(1.0)

        def is_done() -> bool:
            if any(client.line is None or client.line.pending for client in self.clients):
                quiet.broken()
            return self.accounts.is_whole() and quiet.is_over()

        assert self.run(PATIENCE, submit=False, until=is_done), self.state()

    def settle(self) -> None:
        """Submit nothing until nothing is owed an answer."""
        self.run(
            PATIENCE, submit=False, until=lambda: not any(c.line and c.line.pending for c in self.clients)
        )

    def hang_up(self) -> None:
        for client in self.clients:
            client.leave()

    def state(self) -> str:
        """For whoever has to find out what is wrong."""
        accounts = self.accounts
        at = [(client.at if client.line is not None else None) for client in self.clients]
        return (
            f"{len(accounts.acknowledged)} acknowledged, {len(accounts.lost())} lost "
            f"{sorted(accounts.lost())[:5]}, {len(accounts.without_receipt())} without a receipt, "
            f"{accounts.duplicates()} twice, {len(accounts.out_of_order())} out of order, "
            f"refused {dict(accounts.refused)}, {len(accounts.unknown)} unknown, bound at {at}"
        )
