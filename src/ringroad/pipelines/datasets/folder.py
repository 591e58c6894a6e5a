"""A dataset version as a folder of COCO files and pictures, for trainers elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ringroad.datasets.export import export
from ringroad.datasets.reading import annotations_of, of_splits, rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import SPLITS, TEST
from ringroad.label.formats.coco.format import write_coco
from ringroad.media.pictures import proxies as pack
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.pictures import scaled
from ringroad.pipelines.recordings.taken import seen_of, taken_with
from ringroad.pipelines.workspace import Workspace


def export_version(
    workspace: Workspace,
    dataset: Artifact,
    folder: Path,
    *,
    size: tuple[int, int] | None,
    splits: Sequence[str] = SPLITS,
    why: str = "",
    who: str = "",
) -> tuple[Path, ...]:
    """Write a version as COCO files and JPEG pictures, at the size its frames are decoded at.

    With its test rows this is a look at them, by the user of this process where nobody else is
    named.

    Raises:
        InputError: there is no row of these splits, or the folder holds something else.
    """
    version = of_splits(rows_of(workspace.blobs, dataset), splits, subject=dataset.id)
    if TEST in splits:
        look(workspace, dataset, why=why or f"export {folder}", who=who)
    ids = version["frame_id"].to_pylist()
    width, height = size or (0, 0)
    seen = seen_of(workspace, taken_with(workspace, ids), width=width, height=height)
    packed = [table_of(workspace, item.proxies) for item in seen]
    pixels, sizes = pack.gather(packed, ids)
    place = {frame: row for row, frame in enumerate(ids)}
    height, width = pixels.shape[1:3]
    recorded = dict(zip(ids, sizes.tolist(), strict=True))
    shown = dict.fromkeys(ids, (width, height))
    boxes = annotations_of(partial(table_of, workspace), version, labels_of(workspace, version))
    return export(
        version,
        scaled(boxes, recorded, shown),
        folder,
        sizes=shown,
        picture=lambda frame: encode_jpeg(np.ascontiguousarray(pixels[place[frame]])),
        write_boxes=write_coco,
    )
