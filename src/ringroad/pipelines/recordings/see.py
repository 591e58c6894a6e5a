"""From a recording's index to what curation knows of its frames: proxies, features, embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.describe import describe
from ringroad.curate.embed import NAME as EMBEDDER
from ringroad.curate.embed import embed
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import StepFailed
from ringroad.domain.recording import Recording
from ringroad.media.frames import read_frames
from ringroad.media.pictures import proxies as pack
from ringroad.media.schemas import embeddings
from ringroad.pipelines.recordings.collect import Taken, refusal_of
from ringroad.pipelines.workspace import Workspace
from ringroad.store.layout import CHUNKS
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A recording whose kept frames were decoded and described."""

    taken: Taken
    proxies: Artifact
    frames: Artifact
    embeddings: Artifact


@step(uses=("av", "numpy", "pillow", "pyarrow", "rawpy", "simplejpeg"))
def decode_recording(
    bench: Bench, *, frames: Artifact, width: int, height: int, every: int
) -> Artifact:
    """Decode each n-th frame once, inside the sandbox, to the network's size."""
    whole = bench.read_table(frames)
    rows = whole.take(list(range(0, whole.num_rows, every)))
    wanted = rows.column("frame_id").to_pylist()
    pixels = read_frames(bench.sources, bench.sandbox, whole, wanted, size=(width, height))
    sizes = np.stack([rows.column("width").to_numpy(), rows.column("height").to_numpy()], axis=1)
    return bench.write_table("proxies", pack.to_table(wanted, pixels, sizes))


@step(uses=("numpy", "pyarrow"))
def describe_recording(
    bench: Bench, *, frames: Artifact, signals: Artifact, proxies: Artifact
) -> dict[str, Artifact]:
    """Measure every kept frame and embed it; both become rows that queries see."""
    packed = bench.read_table(proxies)
    kept = packed.column("frame_id")
    rows = bench.read_table(frames)
    rows = rows.filter(pc.is_in(rows.column("frame_id"), value_set=kept.combine_chunks()))
    pixels = pack.pixels_of(packed)
    described = describe(rows, pixels, bench.read_table(signals))
    vectors = embed(pixels)
    packed_vectors = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    table = pa.table([kept, packed_vectors], schema=embeddings(vectors.shape[1]))
    return {
        "frames": bench.write_table("frames", described, table_name="frames"),
        "embeddings": bench.write_table("embeddings", table, table_name=f"embeddings.{EMBEDDER}"),
    }


def see(
    workspace: Workspace,
    taken: Sequence[Taken],
    *,
    width: int = 0,
    height: int = 0,
    every: int = 1,
) -> tuple[Seen, ...]:
    """Decode and describe recordings, several at a time where the workspace has workers.

    Without a size, frames keep their shape at a width of `DEFAULT_WIDTH` pixels. A recording
    that does not decode is set aside and told, and the others go on.

    Raises:
        StepFailed: none of them decodes.
        StorageFull: the workspace took no more bytes.
    """
    sized, packed = _decoded(
        workspace,
        [item for item in taken if item.frames_count],
        width=width or DEFAULT_WIDTH,
        height=height,
        every=every,
    )
    described = workspace.runner.map(
        describe_recording,
        [
            {"frames": item.frames, "signals": item.signals, "proxies": proxies}
            for item, proxies in zip(sized, packed, strict=True)
        ],
    )
    return tuple(
        Seen(taken=item, proxies=proxies, frames=made["frames"], embeddings=made["embeddings"])
        for item, proxies, made in zip(sized, packed, described, strict=True)
    )


def _decoded(
    workspace: Workspace, taken: Sequence[Taken], *, width: int, height: int, every: int
) -> tuple[list[Taken], list[Artifact]]:
    """Those recordings that decode, and the proxies of each."""
    arguments = [
        {
            "frames": item.frames,
            "width": width,
            "height": height or _height(item.recording),
            "every": every,
        }
        for item in taken
    ]
    try:
        return list(taken), workspace.runner.map(decode_recording, arguments)
    except StepFailed:
        return _one_by_one(workspace, taken, arguments)


def _one_by_one(
    workspace: Workspace, taken: Sequence[Taken], arguments: Sequence[dict[str, Any]]
) -> tuple[list[Taken], list[Artifact]]:
    """What is decoded already is found again; those that fail once more are set aside."""
    kept, packed, failed = list[Taken](), list[Artifact](), list[StepFailed]()
    for item, given in zip(taken, arguments, strict=True):
        try:
            packed.append(workspace.runner.run(decode_recording, **given))
            kept.append(item)
        except StepFailed as error:
            refusal = refusal_of(_where(workspace, item), error)
            workspace.catalog.refuse(refusal)
            workspace.say(f"set aside  {refusal.uri}: {refusal.reason} ({refusal.remedy})")
            failed.append(error)
    if failed and not kept:
        raise failed[0]
    return kept, packed


def _where(workspace: Workspace, taken: Taken) -> str:
    """The uri of a recording that lies in place, else its id."""
    place = workspace.sources.location(taken.recording.source)
    if place is None or place.uri.startswith(f"{CHUNKS}:"):
        return taken.recording.id
    return place.uri


def _height(recording: Recording) -> int:
    camera = next(channel for channel in recording.channels if channel.width)
    return max(1, round(DEFAULT_WIDTH * camera.height / camera.width))


DEFAULT_WIDTH = 640
