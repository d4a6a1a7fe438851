"""What is watched from outside: faults in force, health, counters, events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from smsc import reasons
from smsc.config.wire import Fault
from smsc.control.base import ControlBase, moment, read_row


class ObservationControl(ControlBase):
    """What tells how the server does."""

    def faults(self) -> dict[str, Any]:
        """The faults in force, and how often each has seen its PDUs and fired."""
        faults = self.engine.fault_rules
        return {
            "seed": faults.seed,
            "rules": [rule.fault.model_dump(exclude_unset=True) for rule in faults.rules],
            "seen": [rule.seen for rule in faults.rules],
            "fired": [rule.fired for rule in faults.rules],
        }

    def put_faults(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace all faults: `seed` (else the server's) and `rules` as [[faults]] of the configuration."""
        faults = [
            read_row(Fault, rule, "a fault", f"rules[{index}]") for index, rule in enumerate(body["rules"])
        ]
        seed = body.get("seed", self.world.seed)
        rules = self.engine.fault_rules
        before = rules.seed, rules.rules
        rules.replace(seed, faults)
        kept = [fault.model_dump(mode="json", exclude_unset=True) for fault in faults]
        self._keep("faults", {"seed": seed, "rules": kept}, lambda: rules.become(*before))
        return self.faults()

    def restore_faults(self, record: Mapping[str, Any] | None) -> None:
        """Put those in force that the API set in an earlier run."""
        if record is not None:
            self.engine.fault_rules.replace(record["seed"], map(Fault.model_validate, record["rules"]))

    def health(self) -> dict[str, Any]:
        """Whether the server can take messages, and why not."""
        why = []
        if self.engine.store_failing:
            why.append(f"the store fails: {self.engine.store_failing}")
        elif self.engine.store.away:
            why.append(f"the store is away: {self.engine.store.away}")
        submission, queues = self.engine.submission, self.engine.queues
        if queues.queued >= submission.queue_limit or queues.octets >= submission.octets_limit:
            why.append("the queue is full")
        return {"ready": not why, "reasons": why}

    def counters(self) -> dict[str, float]:
        """Everything that is counted, by its metric's name."""
        engine, queues, endings = self.engine, self.engine.queues, self.engine.endings
        told: dict[str, float] = {
            "sessions": len(engine.bindings.binds),
            "binds_total": engine.sessions.binds_total,
            "submits_total": engine.after_commit.submissions,
            "deliveries_total": endings.deliveries,
            "receipts_total": endings.receipts_made,
            "queue_messages": queues.queued,
            "queue_octets": queues.octets,
            "queue_recipients": len(queues.recipients),
            "held_messages": engine.outboxes.count(),
            "store_commits_total": engine.commits_total,
            "store_errors_total": engine.store_errors,
            "clock_seconds": engine.clock.now() / 1000,
        }
        for metric, counts in engine.refusals.counts.items():
            for code, count in counts.items():
                told[f'{metric}{{reason="{reasons.REASONS[code].name}"}}'] = count
        for code, count in enumerate(endings.failures):
            if count:
                told[f'attempts_failed_total{{reason="{reasons.REASONS[code].name}"}}'] = count
        return told

    def subscribe(self, callback: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Call back for every event until the returned function is called."""

        def told(event: dict[str, Any]) -> None:
            callback({**event, "at": moment(event["at"])})

        self.engine.watchers.add(told)

        def end() -> None:
            self.engine.watchers.remove(told)

        return end
