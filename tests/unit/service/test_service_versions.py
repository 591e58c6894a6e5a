"""Dataset versions over HTTP: names, merges with conflicts, locks, exports that can be fetched."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringroad.pipelines.finding import LABEL_KINDS, table_of
from ringroad.service import files
from service_kit import API, Served, copied, serve


@pytest.fixture(scope="module")
def forked(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dataset with two branches that disagree on frames; tests leave `demo` as it is."""
    folder = tmp_path_factory.mktemp("forked") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        assert served.ask("POST", "/datasets/demo:branch", json={"name": "ours"}).status_code == 201
        served.ask("POST", "/datasets/demo:branch", json={"name": "theirs"})
        remove(served, "theirs", trained(served)[:2])
        remove(served, "ours", trained(served)[2:3])
        yield served


def trained(served: Served) -> list[str]:
    rows = served.get("/datasets/demo/rows", limit=1000)["items"]
    return [row["frame_id"] for row in rows if row["split"] == "train"]


def etag_of(served: Served, name: str) -> str:
    return str(served.ask("GET", f"/datasets/{name}").headers["etag"])


def remove(served: Served, name: str, frames: list[str]) -> None:
    body = {"remove": frames, "reason": "blurred"}
    assert served.done(served.ask("POST", f"/datasets/{name}", json=body))["state"] == "done"


def branch(served: Served, name: str, at: str = "demo") -> str:
    """A dataset of its own for a test; the version it begins at."""
    made = served.ask("POST", f"/datasets/{at}:branch", json={"name": name})
    assert made.status_code == 201, made.text
    return str(made.json()["dataset"])


def test_a_branch_begins_where_it_was_seen(forked: Served):
    at = branch(forked, "side")
    assert forked.get("/datasets/side")["dataset"]["id"] == at
    taken = forked.ask("POST", "/datasets/theirs:branch", json={"name": "side"})
    assert (taken.status_code, taken.json()["code"]) == (400, "usage")
    late = forked.ask(
        "POST", "/datasets/theirs:branch", json={"name": "late"}, headers={"if-match": f'"{at}"'}
    )
    assert (late.status_code, late.json()["code"]) == (412, "version-moved")


def test_a_tag_stays_and_its_moves_are_told(forked: Served):
    at = branch(forked, "tagged")
    assert forked.ask("POST", "/datasets/tagged:tag", json={"tag": "v1"}).status_code == 201
    remove(forked, "tagged", trained(forked)[:1])
    held = forked.ask("POST", "/datasets/tagged:tag", json={"tag": "v1"})
    assert held.status_code == 400
    told = forked.get("/datasets/tagged/names")
    assert told["names"]["tagged@v1"] == at != told["names"]["tagged"]
    forked.ask("POST", "/datasets/tagged:tag", json={"tag": "v1", "move": True, "reason": "again"})
    told = forked.get("/datasets/tagged/names")
    assert told["names"]["tagged@v1"] == told["names"]["tagged"]
    moves = [move for move in told["moves"] if move["name"] == "dataset:tagged@v1"]
    assert [move["artifact"] for move in moves] == [at, told["names"]["tagged"]]
    assert moves[-1]["reason"] == "again"


def test_a_merge_is_seen_before_it_is_written(forked: Served):
    told = forked.get("/datasets/ours/merge", other="theirs")
    assert (told["removed"], told["put"], told["conflicts"]) == (2, 0, 0)
    assert told["base"] == [forked.get("/datasets/demo")["dataset"]["id"]]
    assert not told["forward"]
    assert not told["already"]
    forward = forked.get("/datasets/demo/merge", other="theirs")
    assert forward["forward"]


def test_a_merge_with_a_conflict_is_decided_frame_by_frame(forked: Served):
    """One labelled a frame anew, the other took it out: neither wins without a decision."""
    frame = conflict(forked, "left", "right")
    told = forked.get("/datasets/left/merge", other="right")
    assert told["conflicts"] == 1
    row = told["rows"][0]
    assert (row["frame"], row["kind"]) == (frame, "edit/removal")
    assert row["theirs"] is None
    etag = etag_of(forked, "left")
    open_ = forked.ask("POST", "/datasets/left:merge", json={"other": "right"})
    assert forked.done(open_)["problem"]["code"] == "merge-conflict"
    wrong = {"other": "right", "rows": {"no/such/1": "ours"}}
    assert forked.done(forked.ask("POST", "/datasets/left:merge", json=wrong))["state"] == "failed"
    body = {"other": "right", "rows": {frame: "ours"}}
    done = forked.done(
        forked.ask("POST", "/datasets/left:merge", json=body, headers={"if-match": etag})
    )
    assert done["state"] == "done", done
    assert done["result"]["conflicts"] == 1
    log = forked.get("/datasets/left/log")["versions"]
    assert len(log[0]["parents"]) == 2
    assert frame in {row["frame_id"] for row in rows_of(forked, "left")}
    late = forked.ask("POST", "/datasets/left:merge", json=body, headers={"if-match": etag})
    assert (late.status_code, late.json()["place"]) == (412, log[0]["id"])


def conflict(served: Served, ours: str, theirs: str) -> str:
    """Ours gives a frame other annotations, theirs takes it out."""
    branch(served, ours)
    branch(served, theirs)
    frame = trained(served)[0]
    name = f"one-{ours}"
    served.ask("POST", f"/selections/{name}", json={"frames": [frame]})
    body = {"selection": name, "labels": [_other_batch(served, frame)]}
    done = served.done(served.ask("POST", f"/datasets/{ours}", json=body))
    assert done["state"] == "done", done
    assert done["result"]["put"] == 1
    remove(served, theirs, [frame])
    return frame


def _other_batch(served: Served, frame: str) -> str:
    """A batch that holds the frame, and is not the one that its version refers to."""
    workspace = served.service.workspace
    row = next(row for row in rows_of(served, "demo") if row["frame_id"] == frame)
    for kind in LABEL_KINDS:
        for item in workspace.catalog.artifacts(kind):
            if item.digest != row["annotations"] and frame in set(
                table_of(workspace, item)["frame_id"].to_pylist()
            ):
                return str(item.id)
    raise AssertionError("no other batch holds the frame")


def rows_of(served: Served, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = served.get(f"/datasets/{name}/rows", limit=1000)["items"]
    return items


def test_a_revert_brings_rows_back(forked: Served):
    at = branch(forked, "back")
    remove(forked, "back", trained(forked)[:3])
    body = {"version": at, "reason": "they were fine"}
    done = forked.done(forked.ask("POST", "/datasets/back:revert", json=body))
    assert done["state"] == "done"
    told = forked.get("/datasets/back")["dataset"]
    assert told["content"] == forked.get(f"/datasets/{at}")["dataset"]["content"]
    assert [item["what"] for item in forked.get("/datasets/back/log")["versions"][:2]] == [
        "revert", "remove",
    ]  # fmt: skip


def test_locked_test_rows_stay_until_an_approver_unlocks(forked: Served):
    branch(forked, "locked")
    engineer = forked.token("engineer")
    made = forked.ask(
        "POST", "/datasets/locked:lock", json={"reason": "gate"}, token=engineer,
        headers={"if-match": etag_of(forked, "locked")},
    )  # fmt: skip
    assert made.status_code == 200
    assert made.json()["changed"]
    assert forked.get("/datasets/locked/looks")["locked"]
    tests = [row["frame_id"] for row in rows_of(forked, "locked") if row["split"] == "test"]
    done = forked.done(forked.ask("POST", "/datasets/locked", json={"remove": tests[:1]}))
    assert done["problem"]["code"] == "split-locked"
    body = {"reason": "wrong frame"}
    refused = forked.ask("POST", "/datasets/locked:unlock", json=body, token=engineer)
    assert refused.status_code == 403
    allowed = forked.ask(
        "POST", "/datasets/locked:unlock", json=body, token=forked.token("approver")
    )
    assert allowed.json()["changed"]


def test_a_version_is_exported_fetched_and_its_losses_told(forked: Served):
    foreseen = forked.get("/datasets/demo/losses", format="yolo")
    assert {item["what"] for item in foreseen["losses"]} >= {"light_state"}
    before = len(forked.get("/datasets/demo/looks")["looks"])
    answer = forked.ask("POST", "/datasets/demo:export", json={"format": "yolo"})
    done = forked.done(answer)
    assert done["state"] == "done", done
    assert done["result"]["losses"] == foreseen["losses"]
    held = forked.client.get(f"{API}/operations/{done['id']}/file")
    assert (held.status_code, held.headers["content-type"]) == (200, "application/zip")
    assert 'filename="dataset-' in held.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(held.content)) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("labels/losses.json")) == foreseen["losses"]
        texts = [name for name in archive.namelist() if name.endswith(".txt")]
    assert len(texts) >= foreseen["pictures"]
    looks = forked.get("/datasets/demo/looks")["looks"]
    assert len(looks) == before + 1
    assert (looks[-1]["who"], looks[-1]["why"]) == (done["who"], "labels export")


def test_a_folder_for_trainers_has_pictures(forked: Served):
    body = {"format": "folder", "width": 64, "height": 38}
    done = forked.done(forked.ask("POST", "/datasets/demo:export", json=body))
    assert done["state"] == "done", done
    held = forked.client.get(f"{API}/operations/{done['id']}/file")
    with zipfile.ZipFile(io.BytesIO(held.content)) as archive:
        names = archive.namelist()
    pictures = [name for name in names if name.endswith(".jpg")]
    assert len(pictures) == done["result"]["pictures"] == len(rows_of(forked, "demo"))
    assert {"dataset.json", "losses.json", "annotations/train.json"} <= set(names)


def test_what_is_no_export_has_no_file(forked: Served):
    at = forked.get("/operations")["items"][-1]["id"]
    answer = forked.ask("GET", f"/operations/{at}/file")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-made-yet")
    only_read = forked.ask("POST", "/datasets/demo:export", json={"format": "radiate"})
    assert only_read.status_code == 422
    unknown = forked.ask("POST", "/datasets/demo:export", json={"format": "vhs"})
    assert unknown.status_code == 404
    names = [item["name"] for item in forked.get("/label-formats")["formats"]]
    assert names[0] == "folder"
    assert "radiate" not in names
    assert {"coco", "parquet", "webdataset"} <= set(names)


def test_old_archives_are_swept(tmp_path: Path):
    for operation in ("old", "new"):
        desk = files.desk_of(tmp_path, operation)
        (desk / "a.json").write_text("{}")
        files.pack(desk, files.place_of(tmp_path, operation))
    files.desk_of(tmp_path, "killed")
    made_s = files.place_of(tmp_path, "old").stat().st_mtime
    files.sweep(tmp_path, now_s=made_s + 1)
    assert sorted(path.name for path in (tmp_path / files.PLACE).iterdir()) == [
        "new.zip", "old.zip",
    ]  # fmt: skip
    files.sweep(tmp_path, now_s=made_s + files.KEEP_S + 60)
    assert list((tmp_path / files.PLACE).iterdir()) == []


def test_a_card_is_a_page_and_markdown(forked: Served):
    told = forked.get("/datasets/demo/card")["card"]
    assert told["boxes"]["train"]["car"] > 0
    assert told["sources"][0]["licence"] == "unknown"
    page = forked.client.get(f"{API}/datasets/demo/card", params={"form": "html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    text = forked.client.get(f"{API}/datasets/demo/card", params={"form": "markdown"}).text
    assert text.startswith("# Data card of demo")


def test_marks_are_those_of_the_version(forked: Served):
    """The frame that ours labelled anew has other annotations than the version before."""
    frame = conflict(forked, "mine", "other")
    old, new = (
        forked.get(f"/datasets/{name}/marks", frame=frame)["frames"][0] for name in ("demo", "mine")
    )
    assert (old["width"], old["height"]) == (new["width"], new["height"]) != (0, 0)
    assert old["row"]["annotations"] != new["row"]["annotations"]
    assert {mark["frame_id"] for mark in old["marks"]} == {frame}
    gone = forked.get("/datasets/other/marks", frame=frame)["frames"][0]
    assert gone["marks"] is None
    assert gone["row"] is None
    diff = forked.get("/datasets/demo/diff", to="mine")
    assert diff["reannotated"] == [frame]
