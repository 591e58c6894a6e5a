"""Tasks to CVAT and answers back, held by the models of CVAT's own SDK. No CVAT server is run.

The peer refuses what the SDK's models refuse and answers by them (`cvat_peer`); the SDK's own
client works with it, which is the first test.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from label_shop import PICTURES, Shop, rows

from ringroad.backends import cvat_upload
from ringroad.backends.cvat_http import UNFINISHED
from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ACCESS = "an-access-token"


@pytest.fixture
def server() -> Iterator[tuple[str, Any]]:
    if folder := os.environ.get("RINGROAD_CVAT_SDK", ""):
        sys.path.append(folder)
    pytest.importorskip(
        "cvat_sdk",
        reason="pip install --target FOLDER cvat-sdk==2.80.0, then RINGROAD_CVAT_SDK=FOLDER",
    )
    from cvat_peer import peer

    with peer() as (url, handler):
        yield url, handler
        assert handler.state.broken == []


@pytest.fixture
def to(server: tuple[str, Any], tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "token").write_text(f"{ACCESS}\n")
    return ("--project", "streets", "--tool", "cvat", "--token-file", str(tmp_path / "token"))


def state(server: tuple[str, Any]) -> Any:
    return server[1].state


def finish(server: tuple[str, Any]) -> None:
    """An annotator says that all jobs are done."""
    for number in state(server).jobs:
        state(server).jobs_partial_update(str(number), asked={}, body={"state": "completed"})


def drawn(server: tuple[str, Any]) -> Any:
    """The annotations of the only task."""
    (found,) = state(server).drawn.values()
    return found


def save(server: tuple[str, Any], job: int, value: Any) -> None:
    """As the page of CVAT saves: all of a job, and its time moves on."""
    state(server).jobs_update_annotations(str(job), asked={}, body=value)


def names(server: tuple[str, Any]) -> dict[str, int]:
    """Attribute -> its number, of the label car."""
    (car,) = [one for one in state(server).labels.values() if one["name"] == "car"]
    return {one["name"]: one["id"] for one in car["attributes"]}


def said(shape: Any, server: tuple[str, Any]) -> dict[str, str]:
    known = {number: name for name, number in names(server).items()}
    return {known[one["spec_id"]]: one["value"] for one in shape["attributes"]}


def test_the_sdk_of_cvat_works_with_the_peer(server: tuple[str, Any], tmp_path: Path) -> None:
    from cvat_sdk import make_client, models

    paths = []
    for name in ("b.jpg", "a.jpg"):
        (tmp_path / name).write_bytes(encode_jpeg(np.full((48, 64, 3), 90, np.uint8)))
        paths.append(tmp_path / name)
    state(server).page = 100
    with make_client(server[0], access_token=ACCESS) as client:
        client.config.status_check_period = 0
        label = models.PatchedLabelRequest(name="car", attributes=[])
        project = client.projects.create(models.ProjectWriteRequest(name="p", labels=[label]))
        task = client.tasks.create(models.TaskWriteRequest(name="t", project_id=project.id))
        task.upload_data(paths, params={"sorting_method": "predefined"})
        assert [frame.name for frame in task.get_meta().frames] == ["b.jpg", "a.jpg"]
        (car,) = state(server).labels
        shape = models.LabeledShapeRequest(
            type=models.ShapeType("rectangle"), frame=1, label_id=car, points=[1.0, 2, 3, 4]
        )
        task.set_annotations(models.LabeledDataRequest(shapes=[shape]))
        (came,) = task.get_annotations().shapes
        assert (came.frame, came.points) == (1, [1.0, 2.0, 3.0, 4.0])


def test_tasks_out_answers_in(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...], tmp_path: Path
) -> None:
    sent = shop.ask("labels", "push", "all", "--to", server[0], *to)
    assert (sent["tasks"], sent["there"]) == (PICTURES, 0)
    again = shop.ask("labels", "push", "all", "--to", server[0], *to)
    assert (again["tasks"], again["there"]) == (0, PICTURES)
    nothing = shop.ask("labels", "pull", "--from", server[0], *to)
    assert (nothing["tasks"], nothing["waiting"]) == (0, 1)  # nobody has finished the job

    (files,) = [some for some in state(server).files.values() if some]
    recorded = sorted(path.read_bytes() for path in (tmp_path / "pictures").iterdir())
    assert sorted(files.values()) == recorded  # byte for byte as recorded
    before = rows(shop, tmp_path)
    finish(server)  # somebody takes the pre-labels over as they are
    accepted = shop.ask("labels", "pull", "--from", server[0], *to)
    assert (accepted["tasks"], accepted["moved"], accepted["problems"]) == (1, 0, [])
    assert rows(shop, tmp_path) == before

    (job,) = state(server).jobs
    value = drawn(server)
    moved, gone, *rest = value["shapes"]
    names_of = [said(shape, server)["annotation_id"] for shape in (moved, gone)]
    moved["points"][0] += 5
    moved["points"][2] += 5
    copied = {key: item for key, item in rest[0].items() if key != "id"}
    copied["frame"] = PICTURES - 1  # propagated: with the attributes of what it was copied from
    save(server, job, {"shapes": [moved, *rest, copied]})
    dry = shop.ask("labels", "pull", "--from", server[0], *to, "--dry-run")
    assert (dry["moved"], rows(shop, tmp_path)) == (2, before)
    pulled = shop.ask("labels", "pull", "--from", server[0], *to)
    assert (pulled["tasks"], pulled["moved"], pulled["problems"]) == (1, 2, [])
    after = rows(shop, tmp_path)
    assert names_of[1] not in after
    assert after[names_of[0]][1][0] == pytest.approx(before[names_of[0]][1][0] + 5, abs=1e-4)
    assert len(after) == len(before)  # one gone, one propagated
    unchanged = set(before) - {*names_of}
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert shop.ask("labels", "pull", "--from", server[0], *to)["tasks"] == 0


def test_a_track_travels_as_key_frames(
    server: tuple[str, Any], to: tuple[str, ...], tmp_path: Path
) -> None:
    shop = tracked(tmp_path)
    shop.ask("labels", "push", "some", "--to", server[0], *to)
    (track,) = drawn(server)["tracks"]
    (job,) = state(server).jobs
    told = [(shape["frame"], shape["points"][0], shape["outside"]) for shape in track["shapes"]]
    assert told == [(0, 10.0, False), (4, 50.0, False), (5, 50.0, True)]
    finish(server)
    taken = shop.ask("labels", "pull", "--from", server[0], *to)
    assert taken["moved"] == 1  # the last frame alone: now somebody has looked at it

    key = {**track["shapes"][0], "frame": 2, "points": [40.0, 20, 70, 40]}  # a new key frame
    shapes = [track["shapes"][0], key, *track["shapes"][1:]]
    save(server, job, {"tracks": [{**track, "shapes": shapes}]})
    assert shop.ask("labels", "pull", "--from", server[0], *to)["moved"] == 3
    at = {row["frame_id"][-6:]: row for row in annotations(shop, tmp_path)}
    assert [round(at[f"{n:06d}"]["x"], 3) for n in range(5)] == [10, 25, 40, 45, 50]
    assert [at[f"{n:06d}"]["key"] for n in range(5)] == [True, False, True, False, True]
    assert {row["track_id"] for row in at.values()} == {"7"}
    assert at["000001"]["annotation_id"] == "t-1"  # in between too, they are who they were


def tracked(folder: Path) -> Shop:
    """Six frames, and a car on five of them that was drawn on the first and the last."""
    pictures = folder / "drive"
    pictures.mkdir()
    for number in range(6):
        pixels = np.full((80, 100, 3), 60 + number, np.uint8)
        (pictures / f"{number:03d}.jpg").write_bytes(encode_jpeg(pixels))
    shop = Shop(folder)
    shop.ask("ingest", str(pictures))
    shapes = "".join(
        f'<box frame="{n}" keyframe="{int(n in (0, 4))}" outside="{int(n == 5)}" '
        f'occluded="0" xtl="{10 + 10 * n}" ytl="20" xbr="{40 + 10 * n}" ybr="40">'
        f'<attribute name="annotation_id">t-{n}</attribute>'
        '<attribute name="track_id">7</attribute></box>'
        for n in range(6)
    )
    (folder / "tracks.xml").write_text(
        "<annotations><meta><task><mode>interpolation</mode></task></meta>"
        f'<track id="1" label="car">{shapes}</track></annotations>'
    )
    found = shop.ask("search", "width > 0", "--save", "some")["frames"]
    (frame,) = {row["frame_id"].rpartition("/")[0] for row in found}
    came = shop.ask("labels", "import", str(folder / "tracks.xml"), "--channel", frame)
    assert came["moved"] == 5
    return shop


def annotations(shop: Shop, folder: Path) -> list[Any]:
    """Current rows as they are."""
    shop.ask("labels", "export", "all", str(folder / "now"), "--format", "parquet")
    parts = sorted((folder / "now").rglob("*.parquet"))
    found = [row for path in parts for row in pq.read_table(path).to_pylist()]
    return [row for row in found if row.get("category")]


def test_an_interrupted_push_goes_on(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...], tmp_path: Path
) -> None:
    arguments = ["labels", "push", "all", "--to", server[0], *to, "--workspace",
                 str(shop.workspace)]  # fmt: skip
    for requests in range(3, 12, 2):
        state(server).fail_after = requests
        result = CliRunner().invoke(ringroad, arguments)
        assert result.exit_code == 1, result.output
        assert "status 503" in result.output
    state(server).fail_after = 10**9
    shop.ask("labels", "push", "all", "--to", server[0], *to)
    (task,) = state(server).tasks.values()
    assert not task["name"].endswith(UNFINISHED)
    (number,) = state(server).tasks
    assert len(state(server).frames[number]) == PICTURES
    assert len(state(server).drawn[number]["shapes"]) == 2 * (PICTURES - 1)


def test_a_large_picture_goes_piece_by_piece_to_this_server_alone(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cvat_upload, "AT_ONCE_BYTES", 100)
    monkeypatch.setattr(cvat_upload, "PIECE_BYTES", 300)
    server[1].location = "http://192.0.2.1:9"  # names another server: nobody asks it
    state(server).pieces_to_refuse = 2
    sent = shop.ask("labels", "push", "all", "--to", server[0], *to)
    assert sent["tasks"] == PICTURES
    assert len(state(server).uploads) == PICTURES


@pytest.mark.parametrize("token", [ACCESS, "ann:secret", "0123456789" * 4])
def test_three_ways_to_say_who_one_is(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...], token: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(token)
    assert shop.ask("labels", "push", "all", "--to", server[0], *to)["tasks"] == PICTURES


def test_a_wrong_token_says_what_to_do(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("wrong")
    result = CliRunner().invoke(
        ringroad, ["labels", "push", "all", "--to", server[0], *to, "--workspace",
                   str(shop.workspace)]
    )  # fmt: skip
    assert result.exit_code == 1
    assert "status 401" in result.output
    assert "--token-file" in result.output


def test_an_order_takes_its_guideline_along(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "urban.toml").write_text(
        'name = "urban"\n[[categories]]\nname = "car"\n[[categories]]\nname = "light"\n'
        'attributes = { light_state = ["red", "green"], note = [] }\n'
    )
    (tmp_path / "urban.md").write_text("Draw what you see.")
    text = ("--text", str(tmp_path / "urban.md"))
    shop.ask("labels", "guideline", "create", str(tmp_path / "urban.toml"), *text)
    shop.ask("search", "width > 0", "--save", "some")
    shop.ask("labels", "order", "streets", "--on", "some", "--guideline", "urban")
    shop.ask("labels", "push", "streets", "--to", server[0], *to)
    labels = {one["name"]: one["attributes"] for one in state(server).labels.values()}
    assert set(labels) == {"car", "light"}
    states = {one["name"]: (one["input_type"], one["values"]) for one in labels["light"]}
    assert states["light_state"] == ("select", ["-", "red", "green"])
    assert states["note"] == ("text", [""])
    (job,) = state(server).jobs
    light = next(n for n, one in state(server).labels.items() if one["name"] == "light")
    spec = next(one["id"] for one in labels["light"] if one["name"] == "light_state")
    box = {"type": "rectangle", "frame": 2, "label_id": light, "points": [1.0, 1, 9, 9]}
    red = {**box, "attributes": [{"spec_id": spec, "value": "red"}]}
    kept = drawn(server)["shapes"]
    save(server, job, {"shapes": [*kept, red, {**box, "points": [20.0, 1, 30, 9]}]})
    finish(server)
    assert shop.ask("labels", "pull", "--from", server[0], *to)["moved"] == 1
    lights = [row for row in annotations(shop, tmp_path) if row["category"] == "light"]
    assert sorted(row["light_state"] for row in lights) == ["red", "unknown"]
    assert {row["author"] for row in lights} == {"ann"}


def test_what_is_pulled_is_a_file_that_can_be_read(
    shop: Shop, server: tuple[str, Any], to: tuple[str, ...]
) -> None:
    """A job that makes no sense is a problem with its place, and the others go on."""
    shop.ask("labels", "push", "all", "--to", server[0], *to)
    path = shop.workspace.parent / "jobs.json"
    path.write_text(json.dumps([{"cvat_job": 1}, {"cvat_job": 2, "frames": [], "shapes": [],
                                                  "tracks": []}]))  # fmt: skip
    came = shop.ask("labels", "import", str(path), "--format", "cvat-api", status=5)
    assert [problem["code"] for problem in came["problems"]] == ["not-a-job"]
