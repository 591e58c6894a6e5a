"""`ringroad lineage`: where something came from, and what it touched."""

from __future__ import annotations

import json

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.trace import trace
from ringroad.workflow.lineage import as_json, as_text


@command()
@click.argument("id")
@click.option("--up/--down", default=True, help="Towards what it was made from, or made into.")
def lineage(door: Door, id: str, up: bool) -> None:
    """Walk from ID: an artifact, a recording, an alias, or the start of a digest.

    Upwards it ends at recordings, labels, code and seeds; downwards at every plan and report that
    the thing touched.
    """
    with opened(door) as workspace:
        found = trace(workspace, id, up=up)
        if door.json:
            click.echo(json.dumps(as_json(found), sort_keys=True))
        else:
            click.echo(as_text(found))
