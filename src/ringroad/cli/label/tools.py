"""`ringroad labels push` and `pull`: a labelling tool elsewhere, over its API."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.doors import EXIT_SOME_REFUSED, Door, command
from ringroad.cli.label.files import line, loss_lines, mapping_of
from ringroad.cli.opening import opened
from ringroad.label.formats.tool_form import tool_form
from ringroad.pipelines.label import tools as label_tools
from ringroad.pipelines.label.sending import going_of
from ringroad.plugins import LABELLING_TOOLS
from ringroad.protocols.labelling_tool import LabellingTool

FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
HOLDS = "File that holds the token alone; for CVAT also USER:PASSWORD."
TOOL = "label-studio or cvat."


@command()
@click.argument("what")
@click.option("--to", "url", required=True, help="Address of the server: http://HOST:PORT.")
@click.option("--project", required=True, help="Its title; made where there is none.")
@click.option("--token-file", type=FILE, required=True, help=HOLDS)
@click.option("--pictures", default="", help="Label Studio: stands before each picture's name.")
@click.option("--tool", default="label-studio", show_default=True, help=TOOL)
def push(
    door: Door, what: str, url: str, project: str, token_file: Path, pictures: str, tool: str
) -> None:
    """Send frames of WHAT as tasks, with their annotations as pre-labels.

    WHAT is a labelling order, or as in `labels export`. Frames that the project has already are
    left alone: begun again after an interruption, it goes on.
    """
    server, form = _tool(tool, url, token_file), tool_form(tool)
    with opened(door) as workspace:
        going = going_of(workspace, what)
        made = label_tools.push(workspace, server, form, going, project, pictures=pictures)
    lines = loss_lines(made.losses)
    lines.append(
        f"{made.tasks} frames sent to project {made.project}; {made.there} were there already"
    )
    door.give(asdict(made), "\n".join(lines))


@command()
@click.option("--from", "--to", "url", required=True, help="Address of the server.")
@click.option("--project", required=True, help="Its title.")
@click.option("--token-file", type=FILE, required=True, help=HOLDS)
@click.option("--map", "mapping", multiple=True, help="THEIRS=OURS; other categories stay out.")
@click.option("--author", default="", help="Who drew what names no author.  [default: the tool]")
@click.option("--dry-run", is_flag=True, help="Read and compare, make nothing current.")
@click.option("--tool", default="label-studio", show_default=True, help=TOOL)
def pull(
    door: Door,
    url: str,
    project: str,
    token_file: Path,
    mapping: tuple[str, ...],
    author: str,
    tool: str,
    *,
    dry_run: bool,
) -> int:
    """Bring what people answered since the last pull, and make it current."""
    server, form = _tool(tool, url, token_file), tool_form(tool)
    with opened(door) as workspace:
        found = label_tools.pull(
            workspace,
            server,
            form,
            url,
            project,
            categories=mapping_of(mapping),
            author=author or tool,
            dry_run=dry_run,
        )
    waiting = f"; {found.waiting} wait: {form.waits_for}" if found.waiting else ""
    if found.imported is None:
        value = {"tasks": 0, "waiting": found.waiting, "moved": 0, "problems": []}
        door.give(value, f"nothing was answered since the last pull{waiting}")
        return 0
    came = found.imported
    value = {
        "tasks": found.tasks,
        "waiting": found.waiting,
        "annotations": came.batch.id,
        "frames": came.frames,
        "boxes": came.boxes,
        "moved": came.moved,
        "dry_run": dry_run,
        "problems": [asdict(item) for item in came.problems],
        "losses": [asdict(item) for item in came.losses],
    }
    lines = [line(item) for item in came.problems] + loss_lines(came.losses)
    changed = "would change" if dry_run else "changed"
    lines.append(f"{found.tasks} tasks pulled, {came.moved} frames {changed}{waiting}")
    door.give(value, "\n".join(lines))
    return EXIT_SOME_REFUSED if came.problems else 0


def _tool(name: str, url: str, token_file: Path) -> LabellingTool:
    made: LabellingTool = LABELLING_TOOLS.load(name)(url, token_file.read_text().strip())
    return made
