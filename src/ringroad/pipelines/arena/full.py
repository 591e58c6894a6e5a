"""The arena's second stage: the reference network trained whole on what three arms labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.deploy.onnx_strip import strip
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.media.pictures import proxies as pack
from ringroad.models.checkpoint import MEDIA, from_bytes
from ringroad.models.config import NetworkConfig, read_config
from ringroad.models.export import to_onnx
from ringroad.models.reference import Reference
from ringroad.pipelines.arena.config import FullConfig
from ringroad.pipelines.arena.frames import TEST, judged
from ringroad.pipelines.arena.grounds import Grounds
from ringroad.pipelines.arena.judge import judge_arena
from ringroad.pipelines.arena.learn import detection_rows
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.recordings.see import decode_recording
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.predictor import Detections
from ringroad.train.data import training_data
from ringroad.train.fit import TrainConfig, fit
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

ONNX = "application/onnx"
_FRAMES_AT_ONCE = 32


@step(uses=("numpy", "pyarrow", "safetensors", "torch"), retries=1)
def train_full(
    bench: Bench,
    *,
    proxies: Sequence[Artifact],
    truth: Sequence[Artifact],
    labelled: Artifact,
    network: dict[str, Any],
    steps: int,
    batch: int,
    learning_rate: float,
    start_from: Artifact | None = None,
) -> dict[str, Artifact]:
    """Fit the reference network for about a number of steps, whatever the number of labels."""
    config = read_config(network)
    ids = sorted(bench.read_json(labelled)["frames"])
    if not ids:
        raise InputError("no frame is labelled", remedy="raise contest.start_boxes")
    frames, sizes = pack.gather((bench.read_table(part) for part in proxies), ids)
    data = training_data(
        config,
        frames,
        sizes,
        ids,
        all_rows(bench, truth),
        annotated=config.categories,
        states_annotated=False,
        weights=np.ones(len(ids)),
    )
    epochs = max(1, round(steps * batch / (batch * -(-len(ids) // batch))))
    result = fit(
        config,
        TrainConfig(epochs=epochs, batch=batch, learning_rate=learning_rate),
        data,
        seed=bench.seed,
        tracker=bench.tracker,
        start_from=bench.read(start_from) if start_from is not None else None,
        checkpoint=bench.resume,
    )
    return {
        "model": bench.write("model", result.model, MEDIA),
        "curve": bench.write_json("curve", list(result.curve)),
    }


@step(uses=("numpy", "onnx", "onnxruntime", "pyarrow", "safetensors", "torch"))
def judge_full(
    bench: Bench,
    *,
    model: Artifact,
    proxies: Sequence[Artifact],
    truth: Sequence[Artifact],
    roles: Artifact,
    network: dict[str, Any],
    rare: dict[str, str],
) -> Artifact:
    """Judge a trained network on the units of the test, as heads are."""
    config = read_config(network)
    onnx = strip(to_onnx(from_bytes(bench.read(model))))
    reader = Reference(bench.runtime.load(onnx, threads=1, optimise=True), config)
    known = bench.read_table(roles)
    tested = known.filter(pc.equal(known["role"], TEST))
    ids = tested["frame_id"].to_pylist()
    frames, sizes = pack.gather((bench.read_table(part) for part in proxies), ids)
    found: list[Detections] = []
    for start in range(0, len(ids), _FRAMES_AT_ONCE):
        found += reader.predict(frames[start : start + _FRAMES_AT_ONCE])
    rows = _at_full_size(detection_rows(ids, found), ids, sizes, config)
    figures = judged(tested, all_rows(bench, truth), rows, config.categories, rare)
    return bench.write_json("arena-figures", figures)


def _at_full_size(
    rows: pa.Table, ids: Sequence[str], sizes: np.ndarray, config: NetworkConfig
) -> pa.Table:
    """Boxes in pixels of the frames as recorded."""
    place = {frame: at for at, frame in enumerate(ids)}
    owner = np.array([place[frame] for frame in rows["frame_id"].to_pylist()], np.int64)
    scale = sizes / np.array([config.width, config.height])
    for name, axis in (("x", 0), ("y", 1), ("w", 0), ("h", 1)):
        values = rows[name].to_numpy() * scale[owner, axis]
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, name, pa.array(values, pa.float32()))
    return rows


def second_stage(
    workspace: Workspace,
    grounds: Grounds,
    labelled: Sequence[tuple[str, int, int, Artifact]],
    *,
    best: str,
) -> Artifact:
    """Train and test a network for each set of labels, and judge the arms as the first stage does.

    At each seed all arms and the whole pool go on from one network, that of the start's labels.

    Args:
        workspace: where everything is kept.
        grounds: of the arena.
        labelled: arm, seed, round and labels; round -1 is the whole pool.
        best: the arm that was picked in the first stage.
    """
    config, section = grounds.config, grounds.config.full
    if section is None:
        raise InputError("asks for no second stage", subject=config.name, remedy="see [full]")
    network = NetworkConfig(
        width=section.width,
        height=section.height,
        channels=section.channels,
        stride=section.stride,
        categories=tuple(config.truth.annotated),
    ).to_json()
    proxies = _proxies(workspace, grounds)
    shared = {"proxies": proxies, "truth": list(grounds.truth), "network": network}
    trained = _trained(workspace, section, shared, labelled)
    workspace.say(f"stage two  {len(trained)} networks trained")
    figures = workspace.runner.map(
        judge_full,
        [
            shared
            | {
                "model": made["model"],
                "roles": grounds.roles[seed],
                "rare": asdict(config.rare),
            }
            for (_, seed, _, _), made in zip(labelled, trained, strict=True)
        ],
    )
    return workspace.runner.run(
        judge_arena,
        figures=figures,
        labelled=[labels for *_, labels in labelled],
        keys=[[arm, seed, number] for arm, seed, number, _ in labelled],
        rare=asdict(config.rare),
        reach=config.contest.reach,
        unit=config.split.unit_text,
        name=f"{config.name}, stage two: {best}",
        synthetic=config.synthetic,
    )


def _trained(
    workspace: Workspace,
    section: FullConfig,
    shared: Mapping[str, Any],
    labelled: Sequence[tuple[str, int, int, Artifact]],
) -> list[dict[str, Artifact]]:
    """A network for each set of labels: that of the start from nothing, the others from it."""

    def lessons(
        wanted: Sequence[tuple[str, int, int, Artifact]], steps: int, start: Mapping[int, Artifact]
    ) -> list[dict[str, Any]]:
        return [
            {
                **shared,
                "labelled": labels,
                "steps": steps,
                "batch": section.batch,
                "learning_rate": section.learning_rate,
                "start_from": start.get(seed),
                "seed": seed,
            }
            for _, seed, _, labels in wanted
        ]

    firsts = [item for item in labelled if item[2] == 0]
    made = workspace.runner.map(train_full, lessons(firsts, section.first_steps, {}))
    start = {item[1]: one["model"] for item, one in zip(firsts, made, strict=True)}
    others = [item for item in labelled if item[2] != 0]
    more = iter(workspace.runner.map(train_full, lessons(others, section.steps, start)))
    begun = iter(made)
    return [next(begun) if item[2] == 0 else next(more) for item in labelled]


def _proxies(workspace: Workspace, grounds: Grounds) -> list[Artifact]:
    """Frames at the size of the whole network."""
    section, recordings = grounds.config.full, grounds.config.recordings
    every = recordings.every if recordings is not None else 1
    if section is None:
        return []
    return workspace.runner.map(
        decode_recording,
        [
            {
                "frames": item.taken.frames,
                "width": section.width,
                "height": section.height,
                "every": every,
            }
            for item in grounds.seen
        ],
    )
