"""`ringroad status`: what a workspace holds."""

from __future__ import annotations

from collections import Counter

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened


@command()
def status(door: Door) -> None:
    """Count recordings, artifacts by kind, names, and rows not indexed yet."""
    with opened(door) as workspace:
        catalog = workspace.catalog
        names = dict(catalog.names())
        kinds = Counter(item.kind for item in catalog.artifacts())
        behind = {table: len(catalog.unindexed(table)) for table in catalog.batch_tables()}
        value = {
            "workspace": str(workspace.folder),
            "recordings": len(catalog.recordings()),
            "refused": len(catalog.refusals()),
            "artifacts": dict(kinds),
            "aliases": names,
            "batches_not_indexed": behind,
        }
    lines = [
        f"workspace   {value['workspace']}",
        f"recordings  {value['recordings']}, refused {value['refused']}",
        *(f"{kind:11} {count}" for kind, count in sorted(kinds.items())),
        *(f"{name} -> {target}" for name, target in sorted(names.items())),
        *(f"{table}: {count} batches not indexed yet" for table, count in behind.items() if count),
    ]
    door.give(value, "\n".join(lines))
