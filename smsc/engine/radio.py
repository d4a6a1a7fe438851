"""What is looked at again when the radio changes: of one handset, or everywhere."""

from __future__ import annotations

from collections.abc import Callable

from smsc.engine.mo.uplink import Uplink
from smsc.engine.mt.alerts import Alerts
from smsc.engine.mt.latency import Latency
from smsc.engine.mt.pending_flag import PendingFlags
from smsc.world.world import World


class RadioChanges:
    """Each is told after it has been made."""

    def __init__(
        self,
        world: World,
        latency: Latency,
        alerts: Alerts,
        pending_flags: PendingFlags,
        uplink: Uplink,
        renew_time: Callable[[], None],
    ) -> None:
        self.world = world
        self.latency = latency
        self.alerts = alerts
        self.delivery = alerts.delivery
        self.queues = alerts.queues
        self.pending_flags = pending_flags
        self.uplink = uplink
        self.renew_time = renew_time

    def changed(self, key: int, event: str) -> None:
        """Something about a handset's radio changed: look at its queue and its outbox again."""
        self.renew_time()
        self.alerts.contact(key, event)
        self.pending_flags.look(key)
        self.uplink.radio_changed(key)

    def changed_everywhere(self, event: str) -> None:
        """A zone, a cell or an outage changed: ask again for everybody who waits for radio."""
        self.renew_time()
        self.delivery.pace(self.latency.is_felt(self.world.coverage.zones.values()))
        self.alerts.contact_area(event)
        self.queues.rounds.begin(self.pending_flags.looks(), self.queues.now)
        self.uplink.outboxes.look_at_all(self.queues.now)
