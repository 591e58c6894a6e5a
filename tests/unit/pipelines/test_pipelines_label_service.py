"""Looks and answers, one annotator's turn at a time: what counts, and what is refused."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from label_floor import BOX, URBAN, Floor, box, frame
from mcap.writer import CompressionType
from PIL import Image

from ringroad.domain.errors import (
    InvalidAnnotations,
    LeaseLost,
    UsageError,
)
from ringroad.domain.ids import FrameId
from ringroad.domain.order import LabelOrder
from ringroad.domain.task import DONE, DRAW, OPEN
from ringroad.domain.taxonomy import Category, Guideline, Taxonomy
from ringroad.domain.time import SECOND_NS
from ringroad.label.rows import Mark
from ringroad.pipelines.curate.curation import keep_selection
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.label import desk
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.guidelines import create_guideline
from ringroad.pipelines.label.orders import place_order
from ringroad.pipelines.label.revisions import edit, revision_marks, revisions
from ringroad.pipelines.label.sizes import frame_size
from ringroad.pipelines.label.turns import beat, skip, take
from ringroad.pipelines.recordings.collect import collect
from ringroad.testing.catalog_nouns import recording_of

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from foxglove import write_protobuf
from messages import START_NS, STEP_NS


def test_two_blind_looks_become_one_revision(floor: Floor):
    order = floor.order(frames=1)
    first = floor.answer("ann", box(10.0))
    assert (first.next, first.revision) == ("waiting", 0)
    assert revisions(floor.workspace, frame(0)) == []
    second = floor.answer("ben", box(12.0))
    assert (second.next, second.revision) == ("settled", 1)
    [made] = revisions(floor.workspace, frame(0))
    assert (made.author, made.source) == ("consensus", "consensus")
    assert made.guideline == floor.workspace.catalog.order(order).guideline
    assert made.made_ns == floor.clock.now_ns()
    [mark] = revision_marks(floor.workspace, frame(0))
    assert (mark.category, mark.x, mark.guideline) == ("car", 11.0, made.guideline)
    rows = floor.workspace.rows("annotations").to_pylist()
    assert [row["annotation_id"] for row in rows] == [mark.id]


def test_one_look_is_its_own_annotations(floor: Floor):
    floor.order(frames=1, looks=1)
    assert floor.answer("ann", box(), box(100.0, category="cyclist")).revision == 1
    [made] = revisions(floor.workspace, frame(0))
    assert (made.author, made.source, made.reason) == ("ann", "human", "order first: one look")


def test_a_frame_that_holds_nothing_is_an_answer(floor: Floor):
    floor.order(frames=1)
    floor.answer("ann")
    assert floor.answer("ben").next == "settled"
    assert revision_marks(floor.workspace, frame(0)) == []
    assert floor.workspace.rows("annotations")["category"].to_pylist() == [""]


def test_nobody_gets_both_looks_of_a_frame(floor: Floor):
    order = floor.order(frames=3)
    for _ in range(3):
        floor.answer("ann", BOX)
    assert take(floor.workspace, "ann") is None
    assert [task.barred for task in floor.tasks(state=OPEN)] == [("ann",)] * 3
    floor.answer("ben", BOX)
    by_frame = {task.frame: task.annotator for task in floor.tasks(state=DONE, order=order)}
    assert by_frame[frame(0)] == "ben"


def test_nobody_sees_another_look(floor: Floor):
    floor.order(frames=1)
    floor.answer("ann", BOX)
    turn = floor.take("ben")
    assert (turn.marks, turn.looks, turn.note, turn.kind) == ((), (), "", DRAW)
    assert turn.guideline == URBAN


def test_whoever_comes_late_holds_no_second_look(floor: Floor):
    """A lease that expired is good until somebody takes the task, but never for two looks."""
    floor.order(frames=1)
    late = floor.take("ann", lease_ns=SECOND_NS)
    floor.clock.advance(2 * SECOND_NS)
    task = floor.workspace.catalog.task(late.task)
    desk.prioritise(floor.workspace, task.id, -1.0)  # so that ann gets the other look next
    other = floor.take("ann", lease_ns=60 * SECOND_NS)
    assert other.task != late.task
    floor.answer("ann", BOX, turn=late)
    with pytest.raises(LeaseLost):
        submit(floor.workspace, other.task, other.token, by="ann", marks=[BOX])
    assert floor.workspace.catalog.task(other.task).holder == ""
    assert take(floor.workspace, "ann") is None


def test_the_same_answer_again_changes_nothing(floor: Floor):
    floor.order(frames=1)
    turn = floor.take("ann")
    done = floor.answer("ann", BOX, turn=turn)
    before = floor.workspace.catalog.label_log()
    again = submit(floor.workspace, turn.task, turn.token, by="ann", marks=[BOX])
    assert (again.again, again.answer) == (True, done.answer)
    assert floor.workspace.catalog.label_log() == before


def test_another_answer_under_the_same_token_is_refused(floor: Floor):
    floor.order(frames=1)
    turn = floor.take("ann")
    floor.answer("ann", BOX, turn=turn)
    for who in ("ann", "ben"):
        with pytest.raises(LeaseLost, match="it is done by ann"):
            submit(floor.workspace, turn.task, turn.token, by=who, marks=[box(90.0)])
    [done] = floor.tasks(state=DONE)
    assert done.marks == 1


def test_an_answer_under_a_lease_that_passed_on_is_refused(floor: Floor):
    floor.order(frames=1, looks=1)
    late = floor.take("ann", lease_ns=SECOND_NS)
    floor.clock.advance(SECOND_NS)
    now = floor.take("ben")
    with pytest.raises(LeaseLost, match="ben has it"):
        submit(floor.workspace, late.task, late.token, by="ann", marks=[BOX])
    with pytest.raises(LeaseLost):
        submit(floor.workspace, now.task, now.token, by="ann", marks=[BOX])
    with pytest.raises(LeaseLost):
        beat(floor.workspace, late.task, late.token)
    with pytest.raises(LeaseLost):
        skip(floor.workspace, late.task, late.token, by="ann", reason="late")
    assert floor.answer("ben", turn=now).revision == 1


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (box(category="cra"), "'cra' is no category.*do you mean car"),
        (box(shape="polygon", points=(0, 0, 1, 0, 1, 1)), "'polygon' is no shape of car.*box"),
        (box(attributes={"ocluded": "no"}), "'ocluded' is no attribute of car.*occluded"),
        (box(attributes={"occluded": "mostyl"}), "'mostyl' is no value.*do you mean mostly"),
        (box(w=0.0), "has no area"),
        (box(x=float("nan")), "not a number"),
    ],
    ids=["category", "shape", "attribute", "value", "area", "nan"],
)
def test_what_the_guideline_does_not_know_is_refused(floor: Floor, mark: Mark, message: str):
    floor.order(frames=1)
    turn = floor.take("ann")
    with pytest.raises(InvalidAnnotations, match=message):
        submit(floor.workspace, turn.task, turn.token, by="ann", marks=[mark])
    assert floor.tasks(state=DONE) == []
    assert floor.answer("ann", box(attributes={"plate": "anything"}), turn=turn).marks == 1


def test_what_lies_outside_the_frame_of_a_video_is_refused(floor: Floor):
    recording = replace(recording_of("r"), id="car/r")  # h264, 640 x 384 px
    cam = replace(recording.channels[0], name="cam")
    floor.workspace.catalog.adopt(replace(recording, channels=(cam,)))
    floor.order(frames=1, looks=1)
    turn = floor.take("ann")
    with pytest.raises(InvalidAnnotations, match="outside the frame of 640 x 384"):
        submit(floor.workspace, turn.task, turn.token, by="ann", marks=[box(640.0)])
    assert floor.answer("ann", box(630.0), turn=turn).marks == 1


POINT = {"x": 0.0, "y": 9.0, "w": 0.0, "h": 0.0}


def picture(width: int, height: int, kind: str = "jpeg") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (width, height), (90, 90, 90)).save(held, kind)
    return held.getvalue()


def write_folder(folder: Path) -> None:
    """Pictures of two sizes."""
    for number, size in enumerate([(64, 48), (128, 96)]):
        (folder / f"{number}.jpg").write_bytes(picture(*size))


def write_kitti(folder: Path) -> None:
    """A drive of KITTI raw with two pictures."""
    for place in ("velodyne_points/data", "image_02/data"):
        (folder / place).mkdir(parents=True)
    for number, size in enumerate([(64, 48), (128, 96)]):
        points = np.zeros((5, 4), "<f4").tobytes()
        (folder / f"velodyne_points/data/{number:010d}.bin").write_bytes(points)
        (folder / f"image_02/data/{number:010d}.png").write_bytes(picture(*size, "png"))


def write_mcap(folder: Path) -> None:
    """Two compressed pictures on a channel."""
    rows = (
        ("/cam", "CompressedImage", START_NS + number * STEP_NS,
         {"timestamp": START_NS + number * STEP_NS, "frame_id": "it", "data": picture(*size)})
        for number, size in enumerate([(64, 48), (128, 96)])
    )  # fmt: skip
    write_protobuf(folder / "a.mcap", rows, CompressionType.ZSTD)


@pytest.mark.parametrize("write", [write_folder, write_kitti, write_mcap])
def test_what_lies_outside_a_picture_is_refused(
    floor: Floor, tmp_path: Path, write: Callable[[Path], None]
):
    (tmp_path / "depot").mkdir()
    write(tmp_path / "depot")
    (taken,) = collect(floor.workspace, [tmp_path / "depot"], vehicle="car", copy=False).taken
    rows = table_of(floor.workspace, taken.frames).sort_by("sequence")
    frames = [FrameId(name) for name in rows["frame_id"].to_pylist()]
    assert [frame_size(floor.workspace, name) for name in frames] == [(64, 48), (128, 96)]
    for name, width in zip(frames, (64, 128), strict=True):
        with pytest.raises(InvalidAnnotations, match=f"outside the frame of {width} x"):
            edit(floor.workspace, {name: [box(float(width))]}, expected={name: 0}, author="ann")
        marks = [box(width - 1.0), Mark(category="car", shape="point", points=(0, 9), **POINT)]
        assert edit(floor.workspace, {name: marks}, expected={name: 0}, author="ann")
    assert frame_size(floor.workspace, FrameId(f"{frames[0][:-6]}000007")) is None


def test_an_answer_with_a_box_outside_its_picture_is_refused(floor: Floor, tmp_path: Path):
    folder = tmp_path / "r"
    folder.mkdir()
    write_folder(folder)
    collect(floor.workspace, [folder], vehicle="car", copy=False)
    chosen = floor.workspace.runner.run(
        keep_selection, frames=["car/r/camera/000000"], query="", parents=[], reason="", versions=[]
    )
    place_order(floor.workspace, LabelOrder(id="", name="one", selection=chosen.id))
    turn = floor.take("ann")
    with pytest.raises(InvalidAnnotations, match="outside the frame of 64 x 48"):
        submit(floor.workspace, turn.task, turn.token, by="ann", marks=[box(64.0)])
    assert floor.answer("ann", box(60.0), turn=turn).marks == 1


def test_nobody_without_a_name(floor: Floor):
    floor.order()
    for name in ("", " ", " ann"):
        with pytest.raises(UsageError, match="no name"):
            take(floor.workspace, name)


def test_annotations_name_the_guideline_they_were_made_under(floor: Floor):
    floor.order(frames=1, looks=1)
    floor.answer("ann", BOX)
    other = Guideline(name="other", text="", taxonomy=Taxonomy(categories=(Category(name="car"),)))
    create_guideline(floor.workspace, other)
    [mark] = revision_marks(floor.workspace, frame(0))
    assert mark.guideline == floor.workspace.catalog.orders()[0].guideline
