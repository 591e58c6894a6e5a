"""`ringroad demo`: the whole loop on synthetic recordings, then where to look."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.loop.telling import tell
from ringroad.cli.opening import opened
from ringroad.pipelines.loop.demo import demo_config, run_demo
from ringroad.pipelines.loop.report import loop_page


@command()
@click.option("--quick", is_flag=True, help="Show every stage in a minute; proves nothing.")
@click.option("--why", is_flag=True, help="Say for every step why it ran.")
def demo(door: Door, quick: bool, why: bool) -> None:
    """The whole loop on a synthetic fleet.

    A first network is trained on daylight and judged at night; mining chooses what to label next,
    against a random and a rule arm at equal cost; the network is trained again, judged again,
    made into a plan, and re-simulated. Killed anywhere and started again, it goes on.
    """
    with opened(door, why=why, create=True) as workspace:
        result = run_demo(workspace, demo_config(seed=door.seed, quick=quick))
        tell(door, workspace, loop_page(workspace, result), result)
