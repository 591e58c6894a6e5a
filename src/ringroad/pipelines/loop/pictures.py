"""The pictures of the loop's report: what came in, what was chosen, what decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import Box
from ringroad.domain.artifact import Artifact
from ringroad.media import arrow
from ringroad.media.pictures.proxies import gather, pixels_of
from ringroad.pipelines.datasets.split_truth import CONDITIONS
from ringroad.pipelines.evaluate.validate import gate_of
from ringroad.pipelines.loop.loop import LoopResult, Trained
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace
from ringroad.report.page import Picture
from ringroad.report.pictures import Mark, frame_picture, mosaic

SHOWN_SCORE = 0.3
DECIDING = 2
"""Frames that are shown, each before and after."""


def first_frames(workspace: Workspace, seen: Sequence[Seen]) -> Picture:
    """One frame of up to twelve recordings, evenly over all of them."""
    chosen = [seen[at] for at in np.linspace(0, len(seen) - 1, min(12, len(seen))).astype(int)]
    tables = [_table(workspace, item.proxies) for item in chosen]
    frames = [pixels_of(table)[len(table) // 2] for table in tables]
    return mosaic(
        frames,
        titles=[item.taken.recording.source_key for item in chosen],
        alt=f"One frame of each of {len(frames)} recordings.",
        caption="",
        columns=4,
    )


def overview(workspace: Workspace, result: LoopResult) -> tuple[Picture, ...]:
    """Two frames of each condition, as they were decoded."""
    roles = _table(workspace, result.roles)
    frames: list[str] = []
    titles: list[str] = []
    for condition in CONDITIONS:
        of = roles.filter(pc.equal(roles.column("condition"), condition))
        ids = of.column("frame_id").to_pylist()
        for at in (len(ids) // 4, 3 * len(ids) // 4) if ids else ():
            frames.append(ids[at])
            titles.append(condition)
    if not frames:
        return ()
    pixels, _ = _gather(workspace, result, frames)
    picture = mosaic(
        list(pixels),
        titles=titles,
        alt=f"Frames of the conditions {', '.join(sorted(set(titles)))}.",
        caption="Frames at the size the network sees.",
        columns=2,
        width=900,
    )
    return (picture,)


def chosen_frames(workspace: Workspace, result: LoopResult) -> tuple[Picture, ...]:
    """The first frames that each arm chose."""
    pictures = []
    seed = result.champions[0].seed
    for arm in result.arms:
        frames = workspace.json(arm.labels.labelling)["frames"][:4]
        if arm.trained.seed == seed and frames:
            pixels, _ = _gather(workspace, result, frames)
            pictures.append(
                mosaic(
                    list(pixels),
                    titles=[""] * len(frames),
                    alt=f"The first frames chosen by {arm.arm}.",
                    caption=f"{arm.arm}: the first of its frames.",
                    columns=4,
                )
            )
    return tuple(pictures)


def deciding_frames(workspace: Workspace, result: LoopResult) -> tuple[Picture, ...]:
    """The frames that decided the first gate, before mining and after."""
    gate = result.champions[0].judged.gate
    if gate is None:
        return ()
    frames = [str(frame) for frame in gate_of(workspace, gate).frames[:DECIDING]]
    if not frames:
        return ()
    pixels, sizes = _gather(workspace, result, frames)
    truth = pa.concat_tables([_table(workspace, part) for part in result.truth])
    pictures = []
    for place, frame in enumerate(frames):
        scale = pixels.shape[2] / float(sizes[place, 0])
        there = _marks(_of(truth, frame), scale, scored=False)
        for name, trained in (
            ("first network", result.champions[0]),
            (f"after {result.candidate.arm}", result.candidate.trained),
        ):
            found = _marks(_of(_predictions(workspace, trained), frame), scale, scored=True)
            pictures.append(
                frame_picture(
                    np.ascontiguousarray(pixels[place]),
                    truths=there,
                    detections=found,
                    alt=f"{frame}: {len(there)} boxes are there, {len(found)} were found.",
                    caption=f"{name}: {frame}",
                )
            )
    return tuple(pictures)


def _marks(rows: pa.Table, scale: float, *, scored: bool) -> list[Mark]:
    marks = []
    for row in rows.to_pylist():
        if not row["category"] or (scored and row["score"] < SHOWN_SCORE):
            continue
        text = f"{row['category']} {row['score']:.2f}" if scored else ""
        box = Box(x=row["x"] * scale, y=row["y"] * scale, w=row["w"] * scale, h=row["h"] * scale)
        marks.append(Mark(box=box, text=text))
    return marks


def _predictions(workspace: Workspace, trained: Trained) -> pa.Table:
    return pa.concat_tables([_table(workspace, item.predictions) for item in trained.predicted])


def _of(rows: pa.Table, frame: str) -> pa.Table:
    return rows.filter(pc.equal(rows.column("frame_id"), frame))


def _gather(
    workspace: Workspace, result: LoopResult, frames: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    wanted = {frame.rsplit("/", 2)[0] for frame in frames}
    tables = [
        _table(workspace, item.proxies)
        for item in result.seen
        if str(item.taken.recording.id) in wanted
    ]
    return gather(tables, frames)


def _table(workspace: Workspace, artifact: Artifact) -> pa.Table:
    return arrow.from_bytes(workspace.blobs.get(artifact.digest))
