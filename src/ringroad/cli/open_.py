"""`ringroad open`: where the report, or the bytes of an artifact, lie."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import InputError
from ringroad.pipelines.trace import find
from ringroad.store.layout import path_of

REPORT = "report.html"


@command(name="open")
@click.argument("id", default="")
def open_(door: Door, id: str) -> None:
    """Print the path of the report; or of ID: an artifact, an alias, a recording."""
    with opened(door) as workspace:
        if not id:
            path = workspace.folder / REPORT
            if not path.is_file():
                raise InputError(
                    "no report was written here yet",
                    subject=str(path),
                    remedy="go around the loop: ringroad demo, or ringroad run LOOP.toml",
                )
            door.give({"path": str(path.resolve())}, str(path.resolve()))
            return
        artifact = find(workspace, id)
        held = workspace.blobs.path(artifact.digest)
        place = workspace.catalog.location(artifact.digest)
    if place is not None and place.uri.partition(":")[0] in {"file", "folder"}:
        held = path_of(place.uri)
    if held is None:
        raise InputError(
            "its bytes are in no single file",
            subject=artifact.id,
            remedy="it was copied in chunks: ringroad lineage ID says where from",
        )
    door.give({"id": artifact.id, "path": str(held), "media": artifact.media}, str(held))
