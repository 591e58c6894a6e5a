"""Features of every frame, out of a network whose weights stay as they are; computed once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.media.pictures import proxies as pack
from ringroad.models.backbone import FASTESTDET, features, with_outputs
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

NPY = "application/x-npy"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneConfig:
    """The network whose features are taken; its weights stay as they are."""

    network: str
    """An ONNX file; `${NAME}` stands for the environment."""
    tensors: tuple[str, ...] = FASTESTDET
    channels: int = 64
    """Of what is kept: the main axes of the pool's features."""
    fit_frames: int = 80
    """How many frames tell these axes."""


@step(uses=("numpy", "onnx", "onnxruntime", "pyarrow"))
def fit_axes(
    bench: Bench,
    *,
    network: Artifact,
    proxies: Sequence[Artifact],
    tensors: list[str],
    channels: int,
    frames: int,
) -> Artifact:
    """The main axes of the features of some frames, evenly taken: (channels, all channels)."""
    session = bench.runtime.load(with_outputs(bench.read(network), tensors), threads=1)
    pixels = [pack.pixels_of(bench.read_table(part)) for part in proxies]
    total = sum(len(part) for part in pixels)
    every = max(1, total // frames)
    shown = [part[at] for part in pixels for at in range(0, len(part), every)]
    cells = [features(session, frame, tensors) for frame in shown]
    flat = np.concatenate([part.reshape(len(part), -1).T for part in cells]).astype(np.float64)
    middle, spread = flat.mean(axis=0), flat.std(axis=0) + 1e-6
    scaled = (flat - middle) / spread
    values, axes = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    order = np.argsort(-values)[:channels]
    turn = (axes[:, order] / np.sqrt(values[order] + 1e-6)).T
    turn *= np.sign(turn[np.arange(len(turn)), np.abs(turn).argmax(axis=1)])[:, None]
    shift = -(turn / spread) @ middle
    whole = np.concatenate([turn / spread, shift[:, None]], axis=1).astype(np.float32)
    return bench.write("axes", _npy(whole), NPY)


@step(uses=("numpy", "onnx", "onnxruntime", "pyarrow"))
def feature_recording(
    bench: Bench, *, network: Artifact, axes: Artifact, proxies: Artifact, tensors: list[str]
) -> dict[str, Artifact]:
    """Features of one recording's frames, and an embedding of each: its mean and its largest."""
    session = bench.runtime.load(with_outputs(bench.read(network), tensors), threads=1)
    turn = _array(bench.read(axes))
    packed = bench.read_table(proxies)
    kept = []
    for frame in pack.pixels_of(packed):
        cells = features(session, frame, tensors)
        turned = np.tensordot(turn[:, :-1], cells, axes=1) + turn[:, -1][:, None, None]
        kept.append(np.moveaxis(turned, 0, -1).astype(np.float16))
    whole = np.stack(kept)
    flat = whole.reshape(len(whole), -1, whole.shape[-1]).astype(np.float32)
    vectors = np.concatenate([flat.mean(axis=1), flat.max(axis=1) / 4], axis=1)
    table = pa.table(
        {
            "frame_id": packed["frame_id"],
            "width": packed["width"],
            "height": packed["height"],
            "vector": pa.FixedSizeListArray.from_arrays(
                pa.array(vectors.ravel()), vectors.shape[1]
            ),
        }
    )
    return {
        "features": bench.write("features", _npy(whole), NPY),
        "frames": bench.write_table("feature-frames", table),
    }


def features_of(
    workspace: Workspace, seen: Sequence[Seen], config: BackboneConfig, path: Path
) -> list[dict[str, Artifact]]:
    """`feature_recording` of recordings, along axes that are fitted to all of them.

    Args:
        workspace: where.
        seen: recordings decoded at `backbone.SIDE`.
        config: what is taken of the network.
        path: the network, an ONNX file.

    Raises:
        InputError: there is no such file, or it has no such tensor.
    """
    if not path.is_file():
        raise InputError("no such network", subject=str(path), remedy="name an ONNX file")
    digest = workspace.blobs.put_file(path)
    size = path.stat().st_size
    network = Artifact(kind="onnx", digest=digest, size_bytes=size, media="application/onnx")
    tensors = list(config.tensors)
    axes = workspace.runner.run(
        fit_axes,
        network=network,
        proxies=[item.proxies for item in seen],
        tensors=tensors,
        channels=config.channels,
        frames=config.fit_frames,
    )
    return workspace.runner.map(
        feature_recording,
        [
            {"network": network, "axes": axes, "proxies": item.proxies, "tensors": tensors}
            for item in seen
        ],
    )


def load_features(bench: Bench, artifact: Artifact) -> np.ndarray:
    """(n, rows, columns, channels) float16, mapped where the store has a file."""
    path = bench.path(artifact)
    if path is not None:
        found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        return found
    return _array(bench.read(artifact))


def _npy(values: np.ndarray) -> bytes:
    sink = io.BytesIO()
    np.lib.format.write_array(sink, values, allow_pickle=False)
    return sink.getvalue()


def _array(data: bytes) -> np.ndarray:
    found: np.ndarray = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return found
