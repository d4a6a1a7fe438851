"""A disk that fails on command, under SQLite: full, broken, slow, or without power. For tests only.

The files are real files. Of each one this keeps beside it what would survive a loss of power: its content at
the last sync, and every change since, of which a real disk may have written any part.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512

Change = tuple[int, bytes | None]
Fault = Callable[[], BaseException]

_numbers = itertools.count()


def full() -> BaseException:
    return apsw.FullError("the test's disk is full")


def broken() -> BaseException:
    return apsw.IOError("the test's disk is broken")


class FileOnDisk:
    """`synced` is surely on the disk. Until the first sync its name is not: `before` may turn up again."""

    def __init__(self, synced: bytes | None, before: bytes | None = None) -> None:
        self.synced = None if synced is None else bytearray(synced)
        self.before = before
        self.changes: list[Change] = []

    def sync(self) -> None:
        self.synced = apply(self.synced or bytearray(), self.changes)
        self.changes = []

    def deleted(self) -> "FileOnDisk":
        """The name is gone, but not surely."""
        return FileOnDisk(None, self.before if self.synced is None else bytes(self.synced))

    def after_power_loss(self, chance: random.Random | None) -> bytes | None:
        """Nothing since the last sync when `chance` is None; else any part of it, torn between sectors."""
        if self.synced is None and (chance is None or chance.random() < 0.5):
            return self.before
        if chance is None:
            return None if self.synced is None else bytes(self.synced)
        survived = [piece for change in self.changes for piece in torn(change, chance)]
        return bytes(apply(bytearray(self.synced or b""), survived))


def apply(content: bytearray, changes: list[Change]) -> bytearray:
    """Carry out writes (offset, data) and truncations (size, None)."""
    for offset, data in changes:
        if data is None:
            del content[offset:]
        else:
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(data)] = data
    return content


def torn(change: Change, chance: random.Random) -> Iterator[Change]:
    """The sectors of one change that reach the disk."""
    offset, data = change
    share = chance.choice((0.0, 0.5, 1.0))
    if data is None:
        if chance.random() < share:
            yield change
        return
    start = 0
    while start < len(data):
        end = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        if chance.random() < share:
            yield offset + start, data[start:end]
        start = end


class Disk:
    """Registers itself as a file layer of SQLite under `name`, and is told here what is to go wrong.

    `writes`, truncations among them, and `syncs` count what was asked since `arm`, failures too,
    and `strikes` the failures. `lies` makes a sync do nothing, as
    some drives do. A cleared `gate` stalls every sync until it is set again.
    """

    def __init__(self) -> None:
        self.name = f"faulty{next(_numbers)}"
        self.files: dict[str, FileOnDisk] = {}
        self.powered = True
        self.lies = False
        self.gate = threading.Event()
        self.gate.set()
        self.arm()
        self._layer = _Layer(self)

    def arm(
        self, fault: Fault = broken, *, write: int | None = None, sync: int | None = None, once: bool = False
    ) -> None:
        """Fail from the given write or sync on (from 0), or only that `once`. With no place: work again."""
        self.fault, self.once = fault, once
        self.fail_write, self.fail_sync = write, sync
        self.writes = self.syncs = self.strikes = 0
        self.power_lasts: int | None = None

    def lose_power_after(self, operations: int) -> None:
        """The given number of writes and syncs still work, then nothing does."""
        self.arm()
        self.power_lasts = operations

    def restore_power(self, chance: random.Random | None = None) -> None:
        """Put into the real files what survived, as a machine finds them when it starts again."""
        for path, file in self.files.items():
            Path(f"{path}-shm").unlink(missing_ok=True)
            content = file.after_power_loss(chance)
            if content is None:
                Path(path).unlink(missing_ok=True)
            else:
                Path(path).write_bytes(content)
        self.files.clear()
        self.powered = True
        self.arm()

    def file(self, path: str) -> FileOnDisk:
        file = self.files.get(path)
        if file is None:
            # What was there before this disk watched is taken as safe.
            real = Path(path)
            file = self.files[path] = FileOnDisk(real.read_bytes() if real.exists() else None)
        return file

    def delete(self, path: str) -> None:
        self.check_power()
        self.files[path] = self.file(path).deleted()

    def before_write(self) -> None:
        self._drain()
        self.writes += 1
        self._strike(self.writes - 1, self.fail_write)

    def before_sync(self) -> None:
        self.gate.wait()
        self._drain()
        self.syncs += 1
        self._strike(self.syncs - 1, self.fail_sync)

    def check_power(self) -> None:
        if not self.powered:
            raise apsw.IOError("the test's machine has no power")

    def _drain(self) -> None:
        if self.power_lasts is not None and self.writes + self.syncs >= self.power_lasts:
            self.powered = False
        self.check_power()

    def _strike(self, number: int, limit: int | None) -> None:
        if limit is not None and (number == limit if self.once else number >= limit):
            self.strikes += 1
            raise self.fault()


class _Layer(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__(disk.name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        self.disk.check_power()
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return _File(self.disk, self.disk.file(path), name, flags)

    def xDelete(self, path: str, sync_directory: bool) -> None:
        self.disk.delete(path)
        super().xDelete(path, sync_directory)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, file: FileOnDisk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        self.file = file
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.before_write()
        self.file.changes.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self.disk.before_write()
        self.file.changes.append((size, None))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        """Syncs only the copy: the real files need to survive the test, not the machine."""
        self.disk.before_sync()
        if not self.disk.lies:
            self.file.sync()
