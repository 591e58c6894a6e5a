"""CVAT's API without a server: what a task holds, what comes back of a job, what is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from format_marks import BOXES, CATEGORIES, FRAMES, HEIGHT, WIDTH, outgoing, pictures, table

from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.cvat.api import CVAT_API
from ringroad.label.formats.cvat.write_api import labels_of, tasks_of
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Given
from ringroad.label.formats.pictures import Pictures
from ringroad.label.formats.reading import ReadTable, read_table
from ringroad.label.formats.returning.rejoin import rejoin
from ringroad.label.formats.tool_form import Sending
from ringroad.label.interpolate import filled
from ringroad.label.rows import Mark, rows


def tasks(annotations: pa.Table, shown: pa.Table | None = None) -> list[dict[str, Any]]:
    out = outgoing(CVAT_API, annotations, shown)
    return [task for part in out.parts() for task in tasks_of(part, Sending())]


def job(task: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A task as the server's job of it comes back: with numbers of its own."""
    number = iter(range(1, 1000))
    shapes = [{**shape, "id": next(number)} for shape in task["shapes"]]
    tracks = [{**track, "id": next(number)} for track in task["tracks"]]
    frames = [
        {"name": f"{frame.replace('/', '+')}.jpg", "number": at, "width": WIDTH, "height": HEIGHT}
        for at, frame in enumerate(task["frames"])
    ]
    return {"cvat_job": 1, "frames": frames, "shapes": shapes, "tracks": tracks, **more}


def read(jobs: list[Any], folder: Path, shown: pa.Table | None = None) -> ReadTable:
    (folder / "jobs.json").write_text(json.dumps(jobs))
    known = Pictures(shown if shown is not None else pictures())
    files = LabelFiles.of(folder / "jobs.json")
    return read_table(CVAT_API, files, known, Given(categories={}, author="cvat"))


def test_every_shape_comes_back_as_it_was(tmp_path: Path) -> None:
    before = table()
    (task,) = tasks(before)
    came = read([job(task)], tmp_path)
    assert came.problems == ()
    found = rejoin(came.rows, before, CVAT_API.holds)
    assert found.changed == ()
    assert found.kept == 1  # the cuboid in metres, which could not go
    losses = {loss.what for loss in outgoing(CVAT_API, before).losses(CVAT_API.title)}
    assert losses == {"shape cuboid", "space", "parts", "author", "source"}


def test_a_task_holds_frames_of_one_channel_in_order() -> None:
    frames = [f"v/r/{channel}/{n:06d}" for channel in ("front", "rear") for n in range(150, 420, 1)]
    made = tasks(rows({frame: [BOXES[1]] for frame in frames[:1]}, author="a", source="human"),
                 pictures(frames))  # fmt: skip
    assert [(task["name"], len(task["frames"])) for task in made] == [
        ("v/r/front 150-349", 200), ("v/r/front 350-419", 70),
        ("v/r/rear 150-349", 200), ("v/r/rear 350-419", 70),
    ]  # fmt: skip
    assert made[0]["shapes"][0]["label"] == "light"


def a_track(*shown: int, keys: tuple[int, ...], **more: Any) -> dict[str, list[Mark]]:
    """A car that grows, on some of eight frames."""
    drawn = {
        frame_at(n): Mark(
            category="car", x=4.0 * n, y=2, w=10 + n, h=9, track="7", id=f"t-{n}", **more
        )
        for n in keys
    }
    line = filled(drawn, [frame_at(n) for n in range(8)], range(8))
    found: dict[str, list[Mark]] = {frame_at(n): [] for n in range(8)}
    for n in shown:
        found[frame_at(n)] = [replace(line[frame_at(n)], id=f"t-{n}")]
    return found


def frame_at(n: int) -> str:
    return f"v/r/front/{n:06d}"


EIGHT = pictures([frame_at(n) for n in range(8)])


def test_a_track_is_its_key_frames_and_its_end(tmp_path: Path) -> None:
    before = rows(a_track(1, 2, 3, 4, 5, keys=(1, 3, 5)), author="ann", source="human")
    (task,) = tasks(before, EIGHT)
    (track,) = task["tracks"]
    assert [(s["frame"], s["outside"]) for s in track["shapes"]] == [
        (1, False), (3, False), (5, False), (6, True),
    ]  # fmt: skip
    assert track["attributes"] == {"track_id": "7"}
    came = read([job(task)], tmp_path, EIGHT)
    assert rejoin(came.rows, before, CVAT_API.holds).changed == ()


def test_what_is_off_the_line_between_key_frames_travels_too(tmp_path: Path) -> None:
    marks = a_track(1, 2, 3, 4, 5, keys=(1, 5))
    marks[frame_at(3)] = [replace(marks[frame_at(3)][0], y=9.0)]  # as a tracker saw it
    before = rows(marks, author="ann", source="human")
    (task,) = tasks(before, EIGHT)
    (track,) = task["tracks"]
    assert [s["frame"] for s in track["shapes"] if not s["outside"]] == [1, 2, 3, 4, 5]
    off = track["shapes"][2]
    assert off["attributes"]["interpolated"] == "12.000 9.000 13.000 9.000"
    came = read([job(task)], tmp_path, EIGHT)
    assert rejoin(came.rows, before, CVAT_API.holds).changed == ()
    track["shapes"][2] = {**off, "points": [14.0, 9, 27, 18]}  # somebody moves it: it is drawn now
    again = rejoin(read([job(task)], tmp_path, EIGHT).rows, before, CVAT_API.holds)
    assert again.changed == (frame_at(3),)
    keys = {row["frame_id"]: row["key"] for row in again.rows.to_pylist() if row["category"]}
    assert keys[frame_at(3)] is True


def test_a_gap_and_a_track_that_goes_on_to_the_end(tmp_path: Path) -> None:
    before = rows(a_track(0, 1, 2, 6, 7, keys=(0, 7)), author="ann", source="human")
    (task,) = tasks(before, EIGHT)
    came = read([job(task)], tmp_path, EIGHT)
    assert rejoin(came.rows, before, CVAT_API.holds).changed == ()
    open_ended = job(task)
    open_ended["tracks"][0]["shapes"] = open_ended["tracks"][0]["shapes"][:1]
    held = read([open_ended], tmp_path, EIGHT).rows
    last = [row for row in held.to_pylist() if row["frame_id"] == frame_at(7)]
    assert [(row["x"], row["key"], row["track_id"]) for row in last] == [(0.0, False, "7")]


def test_a_copy_is_another_thing(tmp_path: Path) -> None:
    """CVAT copies attributes, our id among them; the one that was there first has it."""
    (task,) = tasks(table())
    said = job(task)
    first = next(s for s in said["shapes"] if s["attributes"]["annotation_id"] == "second")
    said["shapes"].append({**first, "frame": 3, "id": 999})
    came = read([said], tmp_path)
    assert came.problems == ()
    lights = [row for row in came.rows.to_pylist() if row["category"] == "light"]
    assert len({row["annotation_id"] for row in lights}) == len(lights)
    assert next(r for r in lights if r["annotation_id"] == "second")["frame_id"] == FRAMES[0]


def test_what_annotations_here_do_not_have_is_listed(tmp_path: Path) -> None:
    (task,) = tasks(table())
    ellipse = {"id": 50, "type": "ellipse", "frame": 0, "label": "car", "points": [1, 2, 3, 4]}
    several = {"id": 51, "type": "points", "frame": 0, "label": "car", "points": [1, 2, 3, 4]}
    said = job(task, tags=[0, 1], assignee="ben")
    said["shapes"] += [ellipse, several]
    came = read([said], tmp_path)
    assert {loss.what: loss.count for loss in came.losses} == {"tag": 2, "ellipse": 1}
    assert [problem.code for problem in came.problems] == ["several-points"]
    assert {row["author"] for row in came.rows.to_pylist() if row["category"]} == {"ben"}


@pytest.mark.parametrize(
    "said", [None, 7, {}, {"frames": 3}, {"frames": [], "shapes": [{}], "tracks": []},
             {"frames": [], "shapes": [], "tracks": [{"shapes": [None]}]}]
)  # fmt: skip
def test_nonsense_is_a_problem_with_its_place(said: Any, tmp_path: Path) -> None:
    (task,) = tasks(table())
    came = read([said, job(task)], tmp_path)
    assert [problem.code for problem in came.problems] == ["not-a-job"]
    assert came.taken == 9  # the other job is read


def test_labels_say_what_may_be_said() -> None:
    out = outgoing(CVAT_API, table())
    choices = {"light": {"light_state": ("red", "green")}, "car": {"note": ()}}
    labels = {one["name"]: one for one in labels_of(out, Sending(choices=choices))}
    assert list(labels) == list(CATEGORIES)
    light = {one["name"]: one for one in labels["light"]["attributes"]}
    assert light["light_state"]["values"] == ["-", "red", "green", "amber"]  # amber is there
    assert light["light_state"]["default_value"] == "-"
    car = {one["name"]: one["mutable"] for one in labels["car"]["attributes"]}
    assert car == {"track_id": False, "annotation_id": True, "colour": True, "guideline": True,
                   "interpolated": True, "note": True, "occluded": True}  # fmt: skip


def test_names_and_values_that_are_too_long() -> None:
    long = Mark(
        category="car", x=1, y=1, w=9, h=9, id="a", attributes={"n" * 65: "x", "v": "y" * 5000}
    )
    sending = Sending()
    out = outgoing(CVAT_API, rows({FRAMES[0]: [long]}, author="a", source="human"))
    (task,) = [task for part in out.parts() for task in tasks_of(part, sending)]
    assert task["shapes"][0]["attributes"] == {"annotation_id": "a"}
    assert [loss.what for loss in sending.losses.listed()] == [
        f"attribute {'n' * 64}",
        "attribute v",
    ]
    named = outgoing(CVAT_API, table(), categories=(*CATEGORIES, "c" * 65))
    with pytest.raises(InvalidAnnotations, match="at most 64"):
        labels_of(named, Sending())
    nothing = rows({FRAMES[0]: []}, author="a", source="human")
    with pytest.raises(InvalidAnnotations, match="no category"):
        labels_of(outgoing(CVAT_API, nothing, categories=()), Sending())
