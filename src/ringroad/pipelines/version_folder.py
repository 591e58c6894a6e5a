"""A dataset version as a folder of COCO files and pictures, for trainers elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.export import export
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.label.write_coco import write_coco
from ringroad.media import proxies as pack
from ringroad.media.annotation_rows import joined
from ringroad.media.images import encode_jpeg
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.looks import look
from ringroad.pipelines.pictures import scaled
from ringroad.pipelines.taken import seen_of, taken_with
from ringroad.pipelines.workspace import Workspace


def export_version(
    workspace: Workspace,
    dataset: Artifact,
    folder: Path,
    *,
    size: tuple[int, int] | None,
    who: str = "",
) -> tuple[Path, ...]:
    """Write a version as COCO files and JPEG pictures, at the size its frames are decoded at.

    This is a look at its test rows, by the user of this process where nobody else is named.
    """
    look(workspace, dataset, why=f"export {folder}", who=who)
    version = rows_of(workspace.blobs, dataset)
    ids = version["frame_id"].to_pylist()
    width, height = size or (0, 0)
    seen = seen_of(workspace, taken_with(workspace, ids), width=width, height=height)
    packed = [table_of(workspace, item.proxies) for item in seen]
    pixels, sizes = pack.gather(packed, ids)
    place = {frame: row for row, frame in enumerate(ids)}
    height, width = pixels.shape[1:3]
    recorded = dict(zip(ids, sizes.tolist(), strict=True))
    shown = dict.fromkeys(ids, (width, height))
    boxes = _annotations(workspace, version)
    return export(
        version,
        scaled(boxes, recorded, shown),
        folder,
        sizes=shown,
        picture=lambda frame: encode_jpeg(np.ascontiguousarray(pixels[place[frame]])),
        write_boxes=write_coco,
    )


def _annotations(workspace: Workspace, version: pa.Table) -> pa.Table:
    """The annotation rows that a version's frames refer to."""
    parts = []
    for batch in labels_of(workspace, version):
        mine = version.filter(pc.equal(version["annotations"], batch.digest))
        rows = table_of(workspace, batch)
        wanted = mine["frame_id"].combine_chunks()
        parts.append(rows.filter(pc.is_in(rows["frame_id"], value_set=wanted)))
    return joined(parts).combine_chunks()
