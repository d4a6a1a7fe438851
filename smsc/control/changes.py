"""What calls have changed and the store has yet to take: put back, the latest first, when it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from smsc.engine.journal.commit import Commit, Group
from smsc.engine.journal.records import KEY_VALUES

Back: TypeAlias = Callable[[], None]
"""Makes it as if one change had not been made. Later changes of its group have been put back before."""


class Changes:
    """The changes of each group that is undecided: of the open one, and of the one on its way to the store.

    Whoever asked for a change waits for the same group and hears of its failure after this has, so that
    what is refused has not happened by then.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._groups: list[tuple[Group, list[Back]]] = []

    def put(self, key: str, text: str, back: Back) -> None:
        """A row of a change that has been made, and how to put that back."""
        self._commit.ask(KEY_VALUES, key, (key, text))
        self.made(back)

    def made(self, back: Back) -> None:
        """A change has been made whose rows, if it has any, are in the open group."""
        group = self._commit.group
        if not self._groups or self._groups[-1][0] is not group:
            self._groups.append((group, []))
            self._commit.when_committed(self._decided)
        self._groups[-1][1].append(back)

    def are_under_way(self) -> bool:
        """Whether the store is writing some: what is changed now would be built on what may be put back."""
        return any(group is not self._commit.group for group, _ in self._groups)

    def _decided(self, error: BaseException | None) -> None:
        _, backs = self._groups.pop(0)
        if error is not None:
            for back in reversed(backs):
                back()


def ask_to_drop(commit: Commit, key: str) -> None:
    """Delete a row, also one that the open group was to bring, for somebody who is refused when it fails."""
    group = commit.group
    group.asked = [one for one in group.asked if one[0] is not KEY_VALUES or one[1] != key]
    commit.ask(KEY_VALUES, key, None)
