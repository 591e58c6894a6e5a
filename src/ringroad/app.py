"""Settings to backends to a workspace: the only file that chooses a backend, by name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ringroad import plugins
from ringroad.domain.errors import WorkspaceError
from ringroad.pipelines.workspace import NEAR, Workspace
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Catalog
from ringroad.protocols.clock import Clock
from ringroad.protocols.executor import Executor
from ringroad.protocols.index import FrameIndex
from ringroad.protocols.objects import Objects
from ringroad.protocols.runtime import Runtime
from ringroad.protocols.sandbox import Sandbox
from ringroad.protocols.tables import Tables
from ringroad.protocols.tracker import Tracker
from ringroad.store.sources import PlacedSources
from ringroad.workflow.bench import Kit
from ringroad.workflow.owner import this_process
from ringroad.workflow.runner import Runner, StepEvent

FORMAT = 1
MARKER = "ringroad.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a workspace is opened."""

    folder: Path
    workers: int = 1
    sandbox_memory_bytes: int = 3 << 30
    sandbox_timeout_s: float = 120.0
    catalog: str = "sqlite"
    blobs: str = "file"
    tables: str = "lance"
    index: str = "local"
    runtime: str = "onnxruntime"
    objects: str = "obstore"


def create_workspace(folder: Path) -> bool:
    """Make an empty workspace; False where there is one already.

    Raises:
        WorkspaceError: the folder holds something else, or cannot be written.
    """
    marker = folder / MARKER
    if marker.exists():
        _check(folder)
        return False
    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(
            "the folder is not empty and no workspace",
            subject=str(folder),
            remedy="name another with --workspace",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{MARKER}.{os.getpid()}"
        temporary.write_text(json.dumps({"format": FORMAT}) + "\n")
        temporary.rename(marker)
    except OSError as error:
        raise WorkspaceError(f"cannot be written: {error.strerror}", subject=str(folder)) from error
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The backends of one workspace, before they are joined: faults can be put around them."""

    blobs: Blobs
    catalog: Catalog
    tables: Tables
    index: FrameIndex
    clock: Clock
    runtime: Runtime
    sandbox: Sandbox
    executor: Executor
    objects: Objects


def open_workspace(
    settings: Settings,
    *,
    tracker: Tracker,
    listener: Callable[[StepEvent], None],
    say: Callable[[str], None],
    create: bool = True,
) -> Workspace:
    """Open a workspace, and make it first where `create` allows.

    Raises:
        WorkspaceError: there is none, or one of a newer format.
    """
    if create:
        create_workspace(settings.folder)
    parts = open_parts(settings)
    return join(settings.folder, parts, tracker=tracker, listener=listener, say=say)


def open_parts(settings: Settings) -> Parts:
    """Open the backends that the settings name. Raises WorkspaceError as `open_workspace`."""
    folder = settings.folder
    _check(folder)
    many = settings.workers > 1
    executor = plugins.EXECUTORS.load("spawn" if many else "inline")
    return Parts(
        blobs=plugins.BLOBS.load(settings.blobs)(folder / "blobs"),
        catalog=plugins.CATALOGS.load(settings.catalog)(folder / "catalog.sqlite"),
        tables=plugins.TABLES.load(settings.tables)(folder / "tables"),
        index=plugins.INDEXES.load(settings.index)(folder / "index"),
        clock=plugins.CLOCKS.load("system")(),
        runtime=plugins.RUNTIMES.load(settings.runtime)(),
        sandbox=plugins.SANDBOXES.load("spawn")(
            memory_bytes=settings.sandbox_memory_bytes, timeout_s=settings.sandbox_timeout_s
        ),
        executor=executor(settings.workers) if many else executor(),
        objects=plugins.OBJECTS.load(settings.objects)(),
    )


def join(
    folder: Path,
    parts: Parts,
    *,
    tracker: Tracker,
    listener: Callable[[StepEvent], None],
    say: Callable[[str], None],
) -> Workspace:
    """One workspace out of its parts."""
    sources = PlacedSources(parts.blobs, parts.catalog.location, objects=parts.objects)
    kit = Kit(
        blobs=parts.blobs,
        sources=sources,
        sandbox=parts.sandbox,
        clock=parts.clock,
        runtime=parts.runtime,
        attempts=folder / "attempts",
        near=folder / NEAR,
    )
    runner = Runner(
        parts.catalog,
        kit,
        parts.executor,
        owner=this_process(),
        tracker=tracker,
        listener=listener,
    )

    def close() -> None:
        parts.executor.close()
        parts.sandbox.close()
        parts.catalog.close()

    return Workspace(
        folder=folder,
        catalog=parts.catalog,
        blobs=parts.blobs,
        tables=parts.tables,
        index=parts.index,
        sources=sources,
        objects=parts.objects,
        sandbox=parts.sandbox,
        runtime=parts.runtime,
        clock=parts.clock,
        runner=runner,
        say=say,
        progress=tracker.progress,
        close=close,
    )


def _check(folder: Path) -> None:
    marker = folder / MARKER
    if not marker.exists():
        raise WorkspaceError(
            "no workspace here", subject=str(folder), remedy="ringroad init --workspace DIR"
        )
    found = json.loads(marker.read_text()).get("format")
    if found != FORMAT:
        raise WorkspaceError(
            f"workspace format {found}, this version reads {FORMAT}",
            subject=str(folder),
            remedy="open it with the version that wrote it, or a newer one",
        )
