"""Where two histories met: ancestors over parents. Knows ids alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ringroad.domain.ids import ArtifactId

Parents = Callable[[ArtifactId], Sequence[ArtifactId]]


def ancestors(starts: Iterable[ArtifactId], parents: Parents) -> set[ArtifactId]:
    """All versions that some descend from, with themselves. A circle is walked once."""
    found: set[ArtifactId] = set()
    open_ = list(starts)
    while open_:
        at = open_.pop()
        if at not in found:
            found.add(at)
            open_.extend(parents(at))
    return found


def meeting_points(
    ours: Iterable[ArtifactId], theirs: Iterable[ArtifactId], parents: Parents
) -> tuple[ArtifactId, ...]:
    """Common ancestors that no other common ancestor descends from, by id.

    None where the histories never met, several where they crossed.
    """
    common = ancestors(ours, parents) & ancestors(theirs, parents)
    behind = {before for at in common for before in parents(at)}
    return tuple(sorted(common - behind))
