"""Tasks to a labelling tool elsewhere, and its answers back as current annotations."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringroad.label.formats.label_studio import LABEL_STUDIO
from ringroad.label.formats.losses import Loss
from ringroad.label.formats.outgoing import Outgoing
from ringroad.label.formats.write_label_studio import labelling_config, task_of
from ringroad.pipelines.label_export import Leaving
from ringroad.pipelines.labelling import Imported, Wanted, bring_in
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.labelling_tool import LabellingTool

SINCE = "pulls.json"
"""In the workspace: up to when each project was pulled. A cursor, no truth: without it all tasks
are looked at again, and what did not change stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did."""

    project: int
    tasks: int
    there: int
    """Frames that had a task already, and were left alone."""
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull brought."""

    tasks: int
    imported: Imported | None
    """None where nothing changed."""


def push(
    workspace: Workspace, tool: LabellingTool, leaving: Leaving, title: str, *, pictures: str
) -> Pushed:
    """Send a task per frame, its annotations as predictions for people to correct.

    Args:
        workspace: hears how far it is.
        tool: the server.
        leaving: the frames and their annotations.
        title: of the project, which is made where there is none.
        pictures: what stands before a picture's name so that the tool finds it: the address of a
            server of files, or of the tool's own local storage.

    Raises:
        InputError: the server cannot be reached or refuses; what was sent is there.
    """
    out = Outgoing(
        leaving.pictures,
        leaving.rows,
        categories=leaving.categories,
        holds=LABEL_STUDIO.holds,
        order=LABEL_STUDIO.order,
    )
    project = tool.project(title, labelling_config(leaving.categories))
    there = tool.frames(project)
    sent = 0
    for part in out.parts(rows=2_000):
        tasks = [
            task_of({**picture, "url": f"{pictures}{picture['name']}"}, items, predicted=True)
            for _, picture, items in part.by_picture()
            if picture["frame_id"] not in there
        ]
        sent += tool.push(project, tasks) if tasks else 0
        workspace.progress("tasks sent", part.first_row + part.rows.num_rows, out.count)
    return Pushed(
        project=project,
        tasks=sent,
        there=len(there & set(leaving.pictures["frame_id"].to_pylist())),
        losses=out.losses(LABEL_STUDIO.title),
    )


def pull(
    workspace: Workspace,
    tool: LabellingTool,
    url: str,
    title: str,
    *,
    categories: Mapping[str, str],
    author: str,
    dry_run: bool = False,
) -> Pulled:
    """Bring answers that changed since the last pull, and make them current.

    Only tasks with an answer of a person count; predictions that nobody looked at do not come
    back.

    Raises:
        InputError: the server cannot be reached or refuses; nothing was imported.
        StaleRevision: the annotations of a frame moved meanwhile; pull again.
    """
    project = tool.project(title, "")
    name = f"{url}#{project}"
    known = _cursors(workspace)
    newest = known.get(name, "")
    with tempfile.TemporaryDirectory(prefix="ringroad-") as folder:
        path = Path(folder) / "pulled.json"
        count = 0
        with path.open("w") as sink:
            sink.write("[\n")
            for task in tool.changed(project, since=known.get(name, "")):
                newest = max(newest, str(task.get("updated_at", "")))
                if not task.get("annotations"):
                    continue
                sink.write(",\n" if count else "")
                json.dump({**task, "predictions": []}, sink)
                count += 1
                workspace.progress("tasks pulled", count, 0)
            sink.write("\n]\n")
        wanted = Wanted(
            format=LABEL_STUDIO.name, categories=categories, author=author, dry_run=dry_run
        )
        imported = bring_in(workspace, path, wanted) if count else None
    if not dry_run:
        known[name] = newest
        unfinished = workspace.folder / f".{SINCE}"
        unfinished.write_text(json.dumps(known, sort_keys=True))
        unfinished.replace(workspace.folder / SINCE)
    return Pulled(tasks=count, imported=imported)


def _cursors(workspace: Workspace) -> dict[str, str]:
    try:
        found = json.loads((workspace.folder / SINCE).read_text())
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
