"""The page of a loop without training: what one network is unsure of, or where two disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ringroad.curate import selection as selections
from ringroad.domain.annotation import Box
from ringroad.domain.artifact import Artifact
from ringroad.media import arrow
from ringroad.media.pictures.proxies import gather
from ringroad.pipelines.evaluate.validate import Predicted
from ringroad.pipelines.loop.prelabel import Prelabelled, boxes_by_category
from ringroad.pipelines.workspace import Workspace
from ringroad.report.page import Column, Fact, NextStep, Page, Picture, Ref, Section, Table
from ringroad.report.pictures import Mark, frame_picture

SHOWN = 6


def prelabel_page(workspace: Workspace, result: Prelabelled) -> Page:
    """The page, with what to type next."""
    first, second = _names(result)
    compared = result.disagreements is not None
    unsure = f"frames {first} is least sure of"
    refs = [Ref(artifact=result.selection.id, label=unsure)]
    facts = [Fact(value=f"{result.frames:,}", label="frames decoded")]
    steps = [NextStep(command=f"ringroad selections show {result.config.name}-uncertain",
                      why=f"The {unsure}.")]  # fmt: skip
    if result.disagreements is not None:
        refs.append(Ref(artifact=result.disagreements.id, label="frames the two disagree on"))
        facts.append(Fact(value=f"{result.disagreeing:,}", label="frames with disagreements"))
        steps.insert(0, NextStep(command="ringroad selections show disagreements",
                                 why="The frames to label first."))  # fmt: skip
    return Page(
        title=(
            f"{result.frames} frames, {result.disagreeing} on which two networks disagree"
            if compared
            else f"{result.frames} frames, pre-labelled by {first}"
        ),
        synthetic=False,
        summary=_summary(result),
        facts=tuple(facts),
        sections=(
            Section(title="What came in", tables=(_recordings(result), _boxes(workspace, result))),
            Section(
                title="Where they disagree most" if compared else "Where it is least sure",
                pictures=_pictures(workspace, result, (first, second)),
                lineage=tuple(refs),
            ),
        ),
        next_steps=tuple(steps),
        lineage=tuple(refs),
    )


def _names(result: Prelabelled) -> tuple[str, str]:
    section = result.config.predict
    return (section.predictor, section.against) if section else ("", "")


def _summary(result: Prelabelled) -> str:
    first, second = _names(result)
    read = f"{len(result.collected.taken)} recordings were read where they lie. "
    if not second:
        return (
            f"{read}{first} pre-labelled every frame. Nobody labelled anything: this says where a "
            "network is unsure, not where it is wrong. `against` in [predict] names a second one "
            "to compare with."
        )
    return (
        f"{read}{first} pre-labelled every frame; {second} was run over the same frames. Nobody "
        "labelled anything: this says where networks differ, not which of them is right."
    )


def _boxes(workspace: Workspace, result: Prelabelled) -> Table:
    counts = [boxes_by_category(workspace, part) for part in (result.first, result.second) if part]
    categories = sorted({name for count in counts for name in count})
    return Table(
        caption="Boxes by category",
        columns=(Column(name="network"), *(Column(name=name) for name in categories)),
        rows=tuple(
            (name, *(count[category] for category in categories))
            for name, count in zip(_names(result), counts, strict=False)
        ),
    )


def _recordings(result: Prelabelled) -> Table:
    return Table(
        caption="Recordings, in place",
        columns=(Column(name="recording"), Column(name="container"), Column(name="frames"),
                 Column(name="seconds", digits=2)),
        rows=tuple(
            (str(item.recording.id), item.recording.channels[0].encoding, item.frames_count,
             item.recording.duration_ns / 1e9)
            for item in result.collected.taken
        ),
    )  # fmt: skip


def _pictures(
    workspace: Workspace, result: Prelabelled, names: tuple[str, str]
) -> tuple[Picture, ...]:
    chosen: Artifact = result.disagreements or result.selection
    frames = selections.from_bytes(workspace.blobs.get(chosen.digest)).frames[:SHOWN]
    if not frames:
        return ()
    tables = [arrow.from_bytes(workspace.blobs.get(item.proxies.digest)) for item in result.seen]
    pixels, sizes = gather(tables, list(frames))
    pictures = []
    for place, frame in enumerate(frames):
        scale = pixels.shape[2] / float(sizes[place, 0])
        marks = [_marks(workspace, part, frame, scale) for part in (result.first, result.second)]
        told = [f"{len(part)} boxes by {name}" for part, name in zip(marks, names, strict=True)
                if name]  # fmt: skip
        pictures.append(
            frame_picture(
                np.ascontiguousarray(pixels[place]),
                truths=marks[0],
                detections=marks[1],
                alt=f"{frame}: {', '.join(told)}.",
                caption=frame,
                names=names,
            )
        )
    return tuple(pictures)


def _marks(
    workspace: Workspace, predicted: Sequence[Predicted], frame: str, scale: float
) -> list[Mark]:
    marks = []
    for part in predicted:
        for row in arrow.from_bytes(workspace.blobs.get(part.predictions.digest)).to_pylist():
            if row["frame_id"] == frame:
                x, y, w, h = (row[name] * scale for name in "xywh")
                marks.append(Mark(box=Box(x=x, y=y, w=w, h=h), text=row["category"]))
    return marks
