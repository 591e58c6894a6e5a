"""A prefix of a bucket as a folder of empty files, for whoever tells layouts by names.

Names and sizes are those of the objects. Tables that some layouts look into (JSON, YAML) hold what
they hold there, as long as there are few and they are small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ringroad.protocols.objects import ObjectEntry, Objects

LOOKED_INTO = {".json", ".yaml"}
MOST_TABLES = 64
"""A folder with more of them holds one per frame, and nobody looks into those for a layout."""
MOST_BYTES = 64 << 20
MOST_OBJECTS = 200_000


def write_shadow(objects: Objects, entries: Mapping[str, ObjectEntry], folder: Path) -> None:
    """Make the folder. `entries` holds each object by its key below the prefix.

    Raises:
        InputError: as `Objects`.
    """
    tables = Counter(
        PurePosixPath(key).parent for key in entries if PurePosixPath(key).suffix in LOOKED_INTO
    )
    for key, entry in entries.items():
        place = PurePosixPath(key)
        if place.is_absolute() or ".." in place.parts:
            continue
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        few = place.suffix in LOOKED_INTO and tables[place.parent] <= MOST_TABLES
        if few and entry.size_bytes <= MOST_BYTES:
            path.write_bytes(objects.read_range(entry.url, 0, entry.size_bytes))
        else:
            with path.open("wb") as file:
                file.truncate(entry.size_bytes)
