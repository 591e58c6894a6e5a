"""Takes recordings in as they arrive in a folder: the ingest station of a depot.

Any number of watchers, in any processes, may share an inbox and a workspace: a source is claimed
by one of them before it is hashed, and read under the lease of its step. A file counts as arrived
once its size and time have stood still for a while.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ringroad.domain.errors import SourceMissing
from ringroad.domain.ids import ExecutionId, digest_of
from ringroad.domain.time import SECOND_NS, from_seconds
from ringroad.ingest.discover import FileState, SourceFile, discover, state_of
from ringroad.ingest.discover_objects import is_url
from ringroad.pipelines.recordings.collect import Collected, Intake, remember, take_in
from ringroad.pipelines.workspace import Workspace
from ringroad.store.layout import FILE, OBJECT, uri_of
from ringroad.workflow.holding import Holding
from ringroad.workflow.owner import this_process

CLAIM_NS = 60 * SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How an inbox is watched."""

    every_s: float = 5.0
    """Between two looks."""
    settle_s: float = 10.0
    """A file must have stood still for so long."""
    idle_s: float = 0.0
    """Stop when nothing has come or was awaited for so long; 0 watches for ever."""


@dataclass(slots=True, kw_only=True)
class _Inbox:
    """What one watcher remembers from look to look."""

    recognised: dict[FileState, str] = field(default_factory=dict)
    since_ns: dict[FileState, int] = field(default_factory=dict)
    done: set[tuple[FileState, ...]] = field(default_factory=set)


def watch(
    workspace: Workspace,
    paths: Sequence[Path | str],
    intake: Intake,
    *,
    how: Watch,
    group: str = "",
) -> Iterator[Collected]:
    """Yield what each look took in, where it took in, knew or refused anything.

    Raises:
        SourceMissing: one of the paths is not there.
        StorageFull: as `collect`.
    """
    for path in paths:
        if not is_url(str(path)) and not Path(path).exists():
            raise SourceMissing(
                "there is nothing to watch", subject=str(path), remedy="make the folder first"
            )
    inbox = _Inbox()
    claims = Holding(workspace.catalog, workspace.clock, owner=this_process(), ttl_ns=CLAIM_NS)
    quiet_since_ns = workspace.clock.now_ns()
    while True:
        found = discover(paths, group=group, objects=workspace.objects, remembered=inbox.recognised)
        now_ns = workspace.clock.now_ns()
        awaited = False
        for source in found.sources:
            states = _states(source)
            if not states or states in inbox.done:
                continue
            awaited = True
            if not _settled(inbox, states, now_ns, how) or not claims.take(_claim(states)):
                continue
            try:
                if not _known(workspace, source, states):
                    yield take_in(workspace, [source], intake)
                inbox.done.add(states)
            finally:
                claims.give_back(_claim(states))
        refused = tuple(
            item for item in found.refused if _told_first(inbox, Path(item.uri), now_ns, how)
        )
        if refused:
            remember(workspace, refused)
            yield Collected(taken=(), refused=refused)
        if awaited or refused:
            quiet_since_ns = workspace.clock.now_ns()
        elif how.idle_s and workspace.clock.now_ns() - quiet_since_ns >= from_seconds(how.idle_s):
            return
        workspace.clock.sleep_ns(from_seconds(how.every_s))


def _states(source: SourceFile) -> tuple[FileState, ...]:
    """The states of a source's files; empty where one of them has just gone."""
    if source.entries:
        return tuple((item.url, item.size_bytes, item.modified_ns) for item in source.entries)
    files = [source.path / name for name in source.files] or [source.path]
    try:
        return tuple(state_of(path) for path in files)
    except OSError:
        return ()


def _settled(inbox: _Inbox, states: tuple[FileState, ...], now_ns: int, how: Watch) -> bool:
    """Whether nothing about the files has changed for a while, by our own clock or by theirs."""
    settle_ns = from_seconds(how.settle_s)
    settled = True
    for state in states:
        seen_ns = inbox.since_ns.setdefault(state, now_ns)
        settled &= now_ns - min(seen_ns, state[2]) >= settle_ns
    if settled:
        for state in states:
            inbox.since_ns.pop(state, None)
    return settled


def _claim(states: tuple[FileState, ...]) -> ExecutionId:
    return ExecutionId(f"intake:{digest_of(repr(states).encode())}")


def _known(workspace: Workspace, source: SourceFile, states: tuple[FileState, ...]) -> bool:
    """Whether somebody has taken this very file in: then it need not even be hashed."""
    if source.files:
        return False
    at = f"{OBJECT}:{source.name}" if source.entries else uri_of(FILE, source.path)
    place = workspace.catalog.location_at(at)
    same = place is not None and (place.size_bytes, place.modified_ns) == states[0][1:]
    return same and place is not None and bool(workspace.catalog.recordings_of(place.digest))


def _told_first(inbox: _Inbox, path: Path, now_ns: int, how: Watch) -> bool:
    """Whether a file that no reader takes has arrived whole, and was not told of before.

    Folders are not told of: an inbox may be empty.
    """
    try:
        states = (state_of(path),)
    except OSError:  # it has gone, or lies in a bucket
        states = ((str(path), 0, 0),)
    if path.is_dir() or states in inbox.done or not _settled(inbox, states, now_ns, how):
        return False
    inbox.done.add(states)
    return True
