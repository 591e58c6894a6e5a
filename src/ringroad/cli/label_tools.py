"""`ringroad labels push` and `pull`: a labelling tool elsewhere, over its API."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.doors import EXIT_SOME_REFUSED, Door, command
from ringroad.cli.label_files import line, loss_lines, mapping_of
from ringroad.cli.opening import opened
from ringroad.pipelines import label_tools
from ringroad.pipelines.label_export import leaving_of
from ringroad.plugins import LABELLING_TOOLS
from ringroad.protocols.labelling_tool import LabellingTool

FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@command()
@click.argument("what")
@click.option("--to", "url", required=True, help="Address of the server: http://HOST:PORT.")
@click.option("--project", required=True, help="Its title; made where there is none.")
@click.option("--token-file", type=FILE, required=True, help="File that holds the token alone.")
@click.option("--pictures", default="", help="Stands before each picture's name, such as a URL.")
@click.option("--tool", default="label-studio", show_default=True)
def push(
    door: Door, what: str, url: str, project: str, token_file: Path, pictures: str, tool: str
) -> None:
    """Send frames of WHAT as tasks, with their annotations as pre-labels.

    WHAT is as in `labels export`. Frames that the project has already are left alone.
    """
    server = _tool(tool, url, token_file)
    with opened(door) as workspace:
        leaving = leaving_of(workspace, what)
        made = label_tools.push(workspace, server, leaving, project, pictures=pictures)
    lines = loss_lines(made.losses)
    lines.append(
        f"{made.tasks} tasks sent to project {made.project}; {made.there} were there already"
    )
    door.give(asdict(made), "\n".join(lines))


@command()
@click.option("--from", "--to", "url", required=True, help="Address of the server.")
@click.option("--project", required=True, help="Its title.")
@click.option("--token-file", type=FILE, required=True, help="File that holds the token alone.")
@click.option("--map", "mapping", multiple=True, help="THEIRS=OURS; other categories stay out.")
@click.option("--author", default="label-studio", show_default=True, help="Who drew them.")
@click.option("--dry-run", is_flag=True, help="Read and compare, make nothing current.")
@click.option("--tool", default="label-studio", show_default=True)
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
    server = _tool(tool, url, token_file)
    with opened(door) as workspace:
        found = label_tools.pull(
            workspace,
            server,
            url,
            project,
            categories=mapping_of(mapping),
            author=author,
            dry_run=dry_run,
        )
    if found.imported is None:
        door.give({"tasks": 0, "moved": 0, "problems": []}, "nothing changed since the last pull")
        return 0
    came = found.imported
    value = {
        "tasks": found.tasks,
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
    lines.append(f"{found.tasks} tasks pulled, {came.moved} frames {changed}")
    door.give(value, "\n".join(lines))
    return EXIT_SOME_REFUSED if came.problems else 0


def _tool(name: str, url: str, token_file: Path) -> LabellingTool:
    made: LabellingTool = LABELLING_TOOLS.load(name)(url, token_file.read_text().strip())
    return made
