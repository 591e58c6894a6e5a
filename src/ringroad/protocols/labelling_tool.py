"""A labelling tool elsewhere that tasks are sent to and answers come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class LabellingTool(Protocol):
    """One server. Used by one thread.

    Errors: `InputError` where it cannot be reached or refuses, with what to do. Nothing is sent
    twice by itself: who is not sure whether a push arrived asks which frames are there.
    """

    def project(self, title: str, interface: str) -> int:
        """The project of that title; made with that interface where there is none.

        Raises InputError where there is none and `interface` is empty.
        """
        ...

    def frames(self, project: int) -> set[str]:
        """Ids of the frames that the project has tasks for."""
        ...

    def push(self, project: int, tasks: Sequence[dict[str, Any]]) -> int:
        """Add tasks. Returns how many."""
        ...

    def changed(self, project: int, *, since: str) -> Iterator[dict[str, Any]]:
        """Tasks with all their answers that changed after a time as the server writes it."""
        ...
