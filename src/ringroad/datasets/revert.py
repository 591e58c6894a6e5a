"""An earlier version again, as a new one that shares its layers: nothing of it is written anew."""

from __future__ import annotations

from dataclasses import replace

from ringroad.datasets.changes import changes
from ringroad.datasets.locks import check_lock
from ringroad.datasets.manifest import Version
from ringroad.datasets.stack import Stack
from ringroad.domain.ids import ArtifactId


def reverted(
    current: Version,
    earlier: Version,
    rows: Stack,
    earlier_rows: Stack,
    *,
    parent: ArtifactId,
    reason: str,
) -> Version:
    """The rows and claims of an earlier version, on top of the current one.

    Name and lock stay those of the current version: a revert unlocks nothing.

    Raises:
        SplitLocked: test rows would change, and they are locked.
    """
    if current.header.locked:
        check_lock(changes(rows, earlier_rows), name=current.header.name)
    header = replace(
        earlier.header,
        name=current.header.name,
        locked=current.header.locked,
        parents=(parent,),
        query=reason,
    )
    return replace(earlier, header=header)
