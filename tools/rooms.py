"""Branch coverage of each room of the product, and which of them must not fall.

    python tools/rooms.py coverage.json

Reads what `coverage json` wrote. A room is a package of smsc/ with all its folders (of the engine: each of
its packages), or a module that lies in smsc/ itself.
Fails when a room has fewer branches covered than its floor: raise a floor when a room has risen above it
for good, and lower none without saying why.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePath

#: Room -> percent of branches that the pure tests take at least. What is not listed is shown only. They are
#: the figures of `make coverage` less half a point or more, for hypothesis draws other examples each time.
#: The rest of the journal is taken by tests over TCP and of whole processes, which are not measured.
FLOORS: dict[str, float] = {
    "coverage": 91,
    "delivery": 93,
    "engine/journal": 84,
    "nodes": 55,  # of what is drawn each time, 60 to 68 are taken
    "protocol": 95.5,
    "routing": 92.5,
    "services": 97,
    "store": 95.5,
}

#: Packages of which each folder is a room of its own.
DIVIDED = ("engine", "store")


@dataclass
class Room:
    lines: int = 0
    covered_lines: int = 0
    branches: int = 0
    covered_branches: int = 0

    @property
    def of_lines(self) -> float:
        return _percent(self.covered_lines, self.lines)

    @property
    def of_branches(self) -> float:
        return _percent(self.covered_branches, self.branches)


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def rooms(report: Path) -> dict[str, Room]:
    """The rooms of a `coverage json` report, by name."""
    found: dict[str, Room] = defaultdict(Room)
    for name, file in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        parts = PurePath(name).parts
        inside = parts[len(parts) - 1 - parts[::-1].index("smsc") + 1 :]
        depth = 2 if inside[0] in DIVIDED else 1
        room = found["/".join(inside[:-1][:depth]) or inside[0]]
        told = file["summary"]
        room.lines += told["num_statements"]
        room.covered_lines += told["covered_lines"]
        room.branches += told["num_branches"]
        room.covered_branches += told["covered_branches"]
    return dict(found)


def main() -> int:
    found = rooms(Path(sys.argv[1]))
    too_low = []
    print(f"{'room':<18}{'lines':>8}{'covered':>9}{'branches':>10}{'covered':>9}{'floor':>8}")
    for name, room in sorted(found.items()):
        floor = FLOORS.get(name)
        print(
            f"{name:<18}{room.lines:>8}{room.of_lines:>8.1f}%{room.branches:>10}{room.of_branches:>8.1f}%"
            f"{'' if floor is None else f'{floor:.0f}%':>8}"
        )
        if floor is not None and room.of_branches < floor:
            too_low.append(
                f"{name} has {room.of_branches:.1f} % of its branches covered, less than {floor} %"
            )
    too_low += [f"{name} has a floor and is not there" for name in FLOORS if name not in found]
    print("\n".join(too_low), end="\n" if too_low else "")
    return 1 if too_low else 0


if __name__ == "__main__":
    sys.exit(main())
