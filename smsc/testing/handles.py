"""A handset and an ESME as a test holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from smsc.subscriber_fields import BARRED_BITS, SIM_NAMES
from smsc.testing.contract import Running
from smsc.testing.messages import MessageHandle
from smsc.testing.parties import Network, Party

__tracebackhide__ = True

_PAGE = 1000


class HandsetHandle(Party):
    """One handset of the simulated world."""

    def __init__(self, smsc: Network, msisdn: str) -> None:
        super().__init__(smsc, msisdn)
        self.msisdn = msisdn

    def _patch(self, **changes: Any) -> HandsetHandle:
        self._smsc.control("patch_subscriber", self.msisdn, changes)
        return self

    def _sent_parts(self) -> Iterator[MessageHandle]:
        return listed(self._smsc, self.msisdn, None, None)

    def _received_parts(self) -> Iterator[MessageHandle]:
        return listed(self._smsc, None, self.msisdn, "delivered")

    @property
    def state(self) -> dict[str, Any]:
        """What the API tells of the subscriber."""
        found: dict[str, Any] = self._smsc.control("subscriber", self.msisdn)
        return found

    def listen(self, password: str = "1234") -> HandsetHandle:
        """Bind as the handset and answer all it gets: without a bind nobody is reachable.

        Not needed where the test's own client binds for this number, or for a range with this number in it.
        """
        return super().listen(password)

    def enter(self, zone: str) -> HandsetHandle:
        """Move into a zone."""
        before = self.state["zone"]
        if before != zone:
            self._smsc.left[self.msisdn] = before
        return self._patch(zone=zone)

    def leave(self) -> HandsetHandle:
        """Go back to the zone it was in before ``enter``; without one, to where coverage is good."""
        return self._patch(zone=self._smsc.left.pop(self.msisdn, None))

    def move_to(self, lat: float, lon: float) -> HandsetHandle:
        """Stand at a position of the map."""
        return self._patch(position={"lat": lat, "lon": lon})

    def follow(self, track: list[dict[str, Any]], *, inside: str = "outdoor") -> HandsetHandle:
        """Follow waypoints ``{"after": "20m", "lat": .., "lon": ..}`` (or ``at`` with a moment)."""
        return self._patch(track=track, inside=inside)

    def power_off(self) -> HandsetHandle:
        """Switch the handset off."""
        return self._patch(powered=False)

    def power_on(self) -> HandsetHandle:
        """Switch the handset on."""
        return self._patch(powered=True)

    def flight_mode(self, on: bool = True) -> HandsetHandle:
        """Put the handset into flight mode, or end that: the SIM is there, the radio is off."""
        return self._patch(flight_mode=on)

    def fill_memory(self) -> HandsetHandle:
        """Let the handset have no room for another message."""
        return self._patch(memory_full=True)

    def free_memory(self) -> HandsetHandle:
        """Make room again."""
        return self._patch(memory_full=False)

    def remove_sim(self) -> HandsetHandle:
        """Take the SIM out: the number is unknown to the network from now on."""
        self._smsc.control("delete_subscriber", self.msisdn)
        return self

    def set_sim(self, state: str) -> HandsetHandle:
        """``active``, ``suspended``, ``blocked``, ``expired`` or ``inactive``."""
        return self._patch(sim=_one_of(state, SIM_NAMES, "state of a SIM"))

    def bar(self, *services: str) -> HandsetHandle:
        """Bar ``mo_sms``, ``content``, or with no argument nothing."""
        return self._patch(barred=[_one_of(name, BARRED_BITS, "service") for name in services])


class EsmeHandle(Party):
    """One ESME of the simulated world: your gateway, a provider, an emergency centre."""

    def __init__(self, smsc: Network, system_id: str) -> None:
        """ValueError when no ESME has this system_id."""
        super().__init__(smsc, system_id)
        accounts = smsc.server.engine.world.accounts
        found = accounts.by_system_id(system_id)
        if found is None:
            known = ", ".join(account.system_id for account in accounts)
            raise ValueError(f"{system_id!r} is no ESME; there are {known}; add yours: esmes=[{{...}}]")
        self.system_id = system_id
        self._index = found.index
        self._account = found

    def listen(self, password: str | None = None) -> EsmeHandle:
        """Bind as the ESME and answer all it gets; its configured password unless another is given."""
        return super().listen(self._account.password if password is None else password)

    def _sent_parts(self) -> Iterator[MessageHandle]:
        return (message for message in self._all(None) if self._record(message).account == self._index)

    def _received_parts(self) -> Iterator[MessageHandle]:
        for message in self._all("delivered"):
            record = self._record(message)
            if record.recipient == -self._index or self._account.speaks_for(record.recipient):
                yield message

    def _all(self, state: str | None) -> Iterator[MessageHandle]:
        return listed(self._smsc, None, None, state)

    def _record(self, message: MessageHandle) -> Any:
        return self._smsc.server.engine.message_index.find(int(message.id))


def listed(
    smsc: Running, source: str | None, destination: str | None, state: str | None
) -> Iterator[MessageHandle]:
    """The messages that match, oldest first, page by page."""
    after: str | None = None
    while rows := smsc.control("page", source, destination, state, _PAGE, after):
        yield from map(MessageHandle, rows)
        after = rows[-1]["id"]


def _one_of(name: str, names: Iterable[str], what: str) -> str:
    if name not in names:
        raise ValueError(f"{name!r} is no {what}; expected one of {', '.join(names)}")
    return name
