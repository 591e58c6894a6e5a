"""`ringroad doctor`: check, sweep and rebuild a workspace."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import EXIT_FAILED, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.curate.frame_index import rebuild_index
from ringroad.store.doctor import sweep, verify
from ringroad.store.indexing import rebuild


@command()
@click.option("--rebuild", "again", is_flag=True, help="Make the tables again from their batches.")
@click.option("--sweep", "clean", is_flag=True, help="Remove leftovers that nothing refers to.")
@click.option(
    "--grace-s",
    type=click.IntRange(0),
    default=3600,
    show_default=True,
    help="Leave alone what is younger: a running step may still commit it.",
)
def doctor(door: Door, again: bool, clean: bool, grace_s: int) -> int:
    """Hash every blob again and look for all that the catalog refers to.

    Leftovers are what a crash leaves between writing bytes and committing them; no answer ever
    depends on them.
    """
    value: dict[str, Any] = {}
    lines = []
    with opened(door) as workspace:
        catalog, blobs, tables = workspace.catalog, workspace.blobs, workspace.tables
        if again:
            count = rebuild(catalog, blobs, tables)
            rows = rebuild_index(workspace)
            value |= {"rebuilt_batches": count, "indexed_frames": rows}
            lines.append(f"tables made again from {count} batches, search index of {rows} frames")
        if clean:
            now_ns = workspace.clock.now_ns()
            swept = sweep(blobs, catalog, now_ns=now_ns, grace_ns=grace_s * SECOND_NS)
            value["swept"] = asdict(swept)
            lines.append(
                f"swept {swept.leftovers} leftovers and {swept.blobs} blobs, "
                f"{(swept.leftover_bytes + swept.blob_bytes) / 1e6:.1f} MB; "
                f"{swept.young} too young to tell"
            )
        checked = verify(blobs, catalog)
        value["verified"] = asdict(checked)
    lines.append(
        f"{checked.blobs} blobs, {checked.blob_bytes / 1e6:.1f} MB, "
        f"{checked.sources} sources in place: "
        + (f"{len(checked.damage)} damaged" if checked.damage else "all whole")
    )
    lines += [f"  {item.subject}: {item.what} ({item.remedy})" for item in checked.damage]
    door.give(value, "\n".join(lines))
    return EXIT_FAILED if checked.damage else 0
