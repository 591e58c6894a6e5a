"""`ringroad run`: the whole loop on your own recordings."""

from __future__ import annotations

from pathlib import Path

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.loop.telling import tell, tell_prelabelled
from ringroad.cli.opening import opened
from ringroad.domain.errors import UsageError
from ringroad.pipelines.loop.loop import run_loop
from ringroad.pipelines.loop.prelabel import run_prelabel
from ringroad.pipelines.loop.prelabel_page import prelabel_page
from ringroad.pipelines.loop.report import loop_page
from ringroad.pipelines.loop_config import STAGES, read_loop


@command()
@click.argument("loop", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--from", "start", type=click.Choice(STAGES), default=STAGES[0],
    help="Take the stages before as they are; an error where one of them would have to run.",
)  # fmt: skip
@click.option("--until", type=click.Choice(STAGES), default=STAGES[-1], help="Stop after a stage.")
@click.option("--why", is_flag=True, help="Say for every step why it ran.")
@click.option("--dry-run", is_flag=True, help="Check the file and what it names; run nothing.")
def run(door: Door, loop: Path, start: str, until: str, why: bool, dry_run: bool) -> None:
    """Go around the loop that LOOP describes, a TOML file; see examples/.

    Steps whose inputs, code and parameters did not change are not run again, so that the same
    command resumes after any interruption.
    """
    config = read_loop(loop)
    if STAGES.index(start) > STAGES.index(until):
        raise UsageError(f"{start} comes after {until}", remedy=f"stages: {', '.join(STAGES)}")
    if dry_run:
        stages = ", ".join(STAGES[STAGES.index(start) : STAGES.index(until) + 1])
        door.give({"loop": config.name, "stages": stages}, f"{config.name}: would run {stages}")
        return
    with opened(door, why=why, create=True) as workspace:
        if config.train is None and (start, until) != (STAGES[0], STAGES[-1]):
            raise UsageError("a loop without [train] has no stages to choose from")
        if config.train is None:
            found = run_prelabel(workspace, config, folder=loop.parent)
            tell_prelabelled(door, workspace, prelabel_page(workspace, found), found)
            return
        result = run_loop(workspace, config, folder=loop.parent, begin=start, until=until)
        if result is not None:
            tell(door, workspace, loop_page(workspace, result), result)
