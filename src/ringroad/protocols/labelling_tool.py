"""A labelling tool elsewhere that tasks are sent to and answers come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

Pictures = Callable[[Sequence[str]], Iterator[tuple[str, bytes]]]
"""Frame ids -> suffix and bytes of the picture of each, in their order."""


class LabellingTool(Protocol):
    """One server. Used by one thread.

    How a project and a task are told is the tool's own; `label.formats.tool_form` makes and reads
    them. Errors: `InputError` where the server cannot be reached or refuses, with what to do.
    Nothing is sent twice by itself: who is not sure whether a push arrived asks which frames are
    there. Nothing is fetched from anywhere but the server's own address.
    """

    def project(self, title: str, interface: Any) -> int:
        """The project of that title; made with that interface where there is none.

        Raises InputError where there is none and `interface` is empty.
        """
        ...

    def frames(self, project: int) -> set[str]:
        """Ids of the frames that the project has whole tasks for."""
        ...

    def push(self, project: int, tasks: Sequence[dict[str, Any]], pictures: Pictures) -> int:
        """Add tasks; a tool that keeps pictures itself gets those of its frames. How many."""
        ...

    def changed(self, project: int, *, since: str) -> Iterator[dict[str, Any]]:
        """Tasks with their answers that changed after a time, each with it as `updated_at`."""
        ...
