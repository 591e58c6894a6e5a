"""The user's own trainer as a step: a dataset folder in, an ONNX network out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ringroad.datasets.export import export
from ringroad.datasets.reading import annotations_of, rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TEST
from ringroad.domain.errors import InputError
from ringroad.label.formats.coco.format import write_coco
from ringroad.media.pictures import proxies as pack
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.evaluate.registry import network_from
from ringroad.pipelines.evaluate.validate import PREDICTOR_ROOTS
from ringroad.pipelines.pictures import scaled
from ringroad.train.command import arguments_of, run_command
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("numpy", "onnx", "onnxruntime", "pyarrow", "simplejpeg"), also=PREDICTOR_ROOTS)
def train_by_command(
    bench: Bench,
    *,
    dataset: Artifact,
    labels: Sequence[Artifact],
    proxies: Sequence[Artifact],
    command: str,
    files: dict[str, str],
    predictor: str,
    config: dict[str, Any],
) -> dict[str, Artifact]:
    """Export the rows that are not tested on, run the user's trainer, take in what it wrote."""
    del files  # in the key alone: an edited script is another trainer
    version = rows_of(bench.blobs, dataset)
    version = version.filter(pc.not_equal(version.column("split"), TEST))
    ids = version.column("frame_id").to_pylist()
    pixels, sizes = pack.gather((bench.read_table(part) for part in proxies), ids)
    place = {frame: row for row, frame in enumerate(ids)}
    height, width = pixels.shape[1:3]
    recorded = dict(zip(ids, sizes.tolist(), strict=True))
    shown = dict.fromkeys(ids, (width, height))
    folder, path = bench.scratch / "dataset", bench.scratch / "model.onnx"
    export(
        version,
        scaled(annotations_of(bench.read_table, version, labels), recorded, shown),
        folder,
        sizes=shown,
        picture=lambda frame: encode_jpeg(np.ascontiguousarray(pixels[place[frame]])),
        write_boxes=write_coco,
    )
    values = {"dataset": str(folder), "model": str(path), "seed": str(bench.seed)}
    run_command(arguments_of(command, values), tracker=bench.tracker)
    if not path.is_file():
        raise InputError(
            "ended well but wrote no model",
            subject=command,
            remedy="write an ONNX file to the path that {model} stands for",
        )
    return network_from(bench, path.read_bytes(), predictor, config)
