"""Tasks to a labelling tool elsewhere, and its answers back as current annotations."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from ringroad.domain.errors import UsageError
from ringroad.label.formats.losses import Loss
from ringroad.label.formats.outgoing.outgoing import Outgoing
from ringroad.label.formats.tool_form import Sending, ToolForm
from ringroad.pipelines.label.export import Leaving
from ringroad.pipelines.label.labelling import Imported, Wanted, bring_in
from ringroad.pipelines.label.pictures import files_of
from ringroad.pipelines.label.sending import Going
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.labelling_tool import LabellingTool

PART_ROWS = 2_000
"""Annotations that are on their way at a time."""
SINCE = "pulls.json"
"""In the workspace: up to when each project was pulled. A cursor, no truth: without it all tasks
are looked at again, and what did not change stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did."""

    project: int
    tasks: int
    """Frames that were sent."""
    there: int
    """Frames that the project had already, and that were left alone."""
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull brought."""

    tasks: int
    waiting: int
    """That changed too, and that nobody has answered yet."""
    imported: Imported | None
    """None where nothing changed."""


def push(
    workspace: Workspace,
    tool: LabellingTool,
    form: ToolForm,
    going: Going,
    title: str,
    *,
    pictures: str = "",
) -> Pushed:
    """Send frames as tasks, their annotations as pre-labels for people to correct.

    Args:
        workspace: hears how far it is.
        tool: the server.
        form: how it tells tasks.
        going: the frames, their annotations, and what may be said of them.
        title: of the project, which is made where there is none.
        pictures: what stands before a picture's name so that the tool finds it, where tasks name
            pictures: the address of a server of files, or of the tool's own local storage.

    Raises:
        InputError: the server cannot be reached or refuses; what was sent is there.
        UsageError: the tool keeps pictures itself, and `pictures` says where they lie.
    """
    if form.uploads and pictures:
        raise UsageError(
            "pictures are sent along to this tool", remedy="leave --pictures out", place=pictures
        )
    sending = Sending(choices=going.choices, pictures=pictures)
    whole = _outgoing(going.leaving, form)
    project = tool.project(title, form.interface(whole, sending))
    there = tool.frames(project)
    frames = going.leaving.pictures["frame_id"].to_pylist()
    missing = pa.array([frame not in there for frame in frames], pa.bool_())
    out = _outgoing(replace(going.leaving, pictures=going.leaving.pictures.filter(missing)), form)
    sent = 0
    for part in out.parts(rows=PART_ROWS):
        tasks = list(form.tasks(part, sending))
        sent += tool.push(project, tasks, lambda wanted: files_of(workspace, wanted))
        workspace.progress("frames sent", sent, out.pictures.num_rows)
    return Pushed(
        project=project,
        tasks=sent,
        there=len(there & {*frames}),
        losses=(*out.losses(form.format.title), *sending.losses.listed()),
    )


def _outgoing(leaving: Leaving, form: ToolForm) -> Outgoing:
    return Outgoing(
        leaving.pictures,
        leaving.rows,
        categories=leaving.categories,
        holds=form.format.holds,
        order=form.format.order,
    )


def pull(
    workspace: Workspace,
    tool: LabellingTool,
    form: ToolForm,
    url: str,
    title: str,
    *,
    categories: Mapping[str, str],
    author: str,
    dry_run: bool = False,
) -> Pulled:
    """Bring answers that changed since the last pull, and make them current.

    Only what a person has answered counts; pre-labels that nobody looked at do not come back.

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
        count = waiting = 0
        with path.open("w") as sink:
            sink.write("[\n")
            for task in tool.changed(project, since=known.get(name, "")):
                newest = max(newest, str(task.get("updated_at", "")))
                answer = form.answer(task)
                if answer is None:
                    waiting += 1
                    continue
                sink.write(",\n" if count else "")
                json.dump(answer, sink)
                count += 1
                workspace.progress("tasks pulled", count, 0)
            sink.write("\n]\n")
        wanted = Wanted(
            format=form.format.name, categories=categories, author=author, dry_run=dry_run
        )
        imported = bring_in(workspace, path, wanted) if count else None
    if not dry_run:
        known[name] = newest
        unfinished = workspace.folder / f".{SINCE}"
        unfinished.write_text(json.dumps(known, sort_keys=True))
        unfinished.replace(workspace.folder / SINCE)
    return Pulled(tasks=count, waiting=waiting, imported=imported)


def _cursors(workspace: Workspace) -> dict[str, str]:
    try:
        found = json.loads((workspace.folder / SINCE).read_text())
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
