"""The nodes that share the store: which there are, and how much each runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from smsc.control.base import ControlBase


class NodeControl(ControlBase):
    """What can be asked about nodes."""

    def nodes(self) -> list[dict[str, Any]]:
        """All nodes that have ever been, by name; none where a server has its store to itself."""
        nodes = self.engine.nodes
        if nodes is None:
            return []
        slots, own = Counter(nodes.own.slots), Counter(nodes.own.owners.values())
        binds = Counter(nodes.elsewhere.nodes())
        binds[nodes.me] = sum(bind.receiving for bind in self.engine.bindings)
        alive = set(nodes.alive())
        owner = {life.name: life.owner for life in nodes.lives}
        return [
            {
                "name": name,
                "this": name == nodes.me,
                "alive": name in alive,
                "process": owner.get(name),
                "slots": slots[name],
                "recipients": own[name],
                "binds": binds[name],
                "waiting": self.engine.queues.queued if name == nodes.me else None,
            }
            for name in sorted({*owner, *alive})
        ]
