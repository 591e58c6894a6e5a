"""Labels, dataset versions and selections by command line; how every stage says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from stage_shop import BOX, HEIGHT, WIDTH, Shop, coco, picture_names

from ringroad.cli.main import COMMANDS, ringroad


def test_every_command_of_the_table_can_be_imported():
    group = click.Context(ringroad)
    for name in COMMANDS:
        assert isinstance(ringroad.get_command(group, name), click.Command), name


def test_importing_labels_again_changes_nothing(shop: Shop):
    again = shop.ask("labels", "import", str(shop.coco))
    assert (again["frames"], again["boxes"], again["moved"]) == (18, 18, 0)


def test_import_at_a_wrong_revision_is_a_conflict(shop: Shop, tmp_path: Path):
    other = tmp_path / "other.json"
    document = coco(["a/000.jpg"])
    document["annotations"][0]["bbox"][0] += 1
    other.write_text(json.dumps(document))
    shop.run("labels", "import", str(other), "--author", "late", "--revision", "0", status=6)
    moved = shop.ask("labels", "import", str(other), "--author", "late", "--revision", "1")
    assert moved["moved"] == 1


def test_rows_that_cannot_be_used_are_told_and_the_rest_goes_on(shop: Shop, tmp_path: Path):
    document = coco(["a/000.jpg", "a/001.jpg", "nowhere.jpg"])
    document["annotations"][1]["bbox"] = [0, 0, -1, 4]
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document))
    text = shop.run("labels", "import", str(path), "--author", "bad", status=5)
    assert "annotations[1], id 1" in text
    assert "draw it again or remove it" in text
    assert "nowhere.jpg" in text
    assert "1 annotations on 1 frames" in text


def test_a_base_name_that_two_recordings_share_is_refused_not_guessed(shop: Shop, tmp_path: Path):
    path = tmp_path / "short.json"
    path.write_text(json.dumps(coco(["000.jpg"])))
    told = shop.ask("labels", "import", str(path), "--author", "short", status=5)
    assert told["frames"] == 0
    assert told["problems"][0]["code"] == "unknown-file"


def test_boxes_drawn_on_larger_pictures_come_back_at_the_recorded_size(shop: Shop, tmp_path: Path):
    path = tmp_path / "large.json"
    path.write_text(json.dumps(coco(picture_names(), scale=2.0)))
    shop.run("labels", "import", str(path), "--author", "large")
    shop.run("datasets", "create", "large", "--from", "all")
    shop.run("labels", "export", "large", str(tmp_path / "out.json"))
    out = json.loads((tmp_path / "out.json").read_text())
    assert [row["bbox"] for row in out["annotations"]] == [BOX] * 18
    assert {(row["width"], row["height"]) for row in out["images"]} == {(WIDTH, HEIGHT)}


def test_exported_labels_can_be_imported(shop: Shop, tmp_path: Path):
    shop.run("labels", "export", "tiny", str(tmp_path / "out.json"))
    out = json.loads((tmp_path / "out.json").read_text())
    assert {row["file_name"] for row in out["images"]} == set(picture_names())
    told = shop.ask("labels", "import", str(tmp_path / "out.json"), "--author", "back")
    assert (told["frames"], told["problems"]) == (18, [])


def test_versions_are_listed_shown_and_compared(shop: Shop):
    shop.run("datasets", "create", "half", "--from", "vehicle/a", "--test-fraction", "0")
    shown = shop.ask("datasets", "show", "half")
    assert {split: sum(parts.values()) for split, parts in shown["splits"].items()} == {"train": 6}
    assert len(shop.ask("datasets", "list")["datasets"]) == 2
    assert shop.ask("predict", "--model", "tiny:candidate", "--on", "half")["frames"] == 6
    assert len(shop.ask("datasets", "diff", "tiny", "half")["removed"]) == 12
    assert "no difference" in shop.run("datasets", "diff", "tiny", "tiny")
    shop.run("evaluate", "--model", "tiny:candidate", "--truth", "half", status=1)


@pytest.mark.parametrize("seed", ["0", "1", "2", "3"])
def test_the_test_share_is_drawn_among_labelled_blocks(shop: Shop, tmp_path: Path, seed: str):
    path = tmp_path / "few.json"
    path.write_text(json.dumps(coco(["a/000.jpg", "a/004.jpg"])))
    batch = shop.ask("labels", "import", str(path), "--author", "few")["annotations"]
    create = ("datasets", "create", "few", "--from", "all", "--labels", batch, "--seed", seed)
    made = shop.ask(*create, "--unit", "block", "--block", "2", "--gap", "0")
    assert {name: sum(parts.values()) for name, parts in made["splits"].items()} == {
        "train": 1,
        "test": 1,
    }
    assert (made["unlabelled"], made["dropped"]) == (16, 0)
    images = tmp_path / "images.json"
    shop.run("labels", "export", "few", str(images))
    frames = {row["frame_id"] for row in json.loads(images.read_text())["images"]}
    assert frames == {"vehicle/a/camera/000000", "vehicle/a/camera/000004"}


@pytest.fixture
def asked(shop: Shop) -> Callable[..., dict[str, Any]]:
    return shop.ask


@pytest.mark.parametrize(
    "arguments",
    [
        ("datasets", "list"),
        ("labels", "tasks"),
        ("models", "list"),
        ("plans", "list"),
        ("open", "dataset:tiny"),
    ],
)
def test_json_is_one_object(asked: Callable[..., dict[str, Any]], arguments: tuple[str, ...]):
    assert asked(*arguments)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("open",), 1),
        (("datasets", "show", "nothing"), 2),
        (("train", "nothing"), 2),
        (("predict", "--model", "nothing"), 2),
        (("predict", "--model", "tiny:candidate", "--on", "nothing"), 2),
        (("evaluate", "--truth", "tiny"), 2),
        (("plans", "verify", "nothing"), 2),
        (("train", "tiny", "--command", "x {nope} {model}"), 2),
        (("train", "tiny", "--command", "x {dataset}"), 2),
    ],
)
def test_what_cannot_be_understood_ends_with_its_code(
    shop: Shop, arguments: tuple[str, ...], status: int
):
    shop.run(*arguments, status=status)


@pytest.mark.parametrize(
    "command",
    [
        ("datasets", "create", "x", "--from"),
        ("mine", "--model", "tiny:candidate", "--budget", "4", "--save", "x", "--from"),
        ("predict", "--model", "tiny:candidate", "--on"),
        ("resimulate", "--candidate", "tiny:candidate", "--champion", "tiny:candidate", "--on"),
        ("plans", "build", "tiny:candidate", "--on"),
    ],
    ids=" ".join,
)
def test_an_empty_selection_is_one_clear_error(shop: Shop, command: tuple[str, ...]):
    shop.run("search", "condition = 'nowhere'", "--save", "none")
    before = [shop.ask(what, "list") for what in ("datasets", "selections", "plans")]
    text = shop.run(*command, "none", status=1)
    assert text.startswith("error: none: holds no frame")
    assert "what to do: keep what a search finds" in text
    assert [shop.ask(what, "list") for what in ("datasets", "selections", "plans")] == before


@pytest.mark.parametrize("command", [("datasets", "export")], ids=" ".join)
def test_a_selection_is_no_dataset_version(shop: Shop, tmp_path: Path, command: tuple[str, ...]):
    shop.run("search", "condition = 'nowhere'", "--save", "none")
    out = tmp_path / "out"
    text = shop.run(*command, "selection:none", str(out), status=2)
    assert "is of kind 'selection', wanted is dataset" in text
    assert not out.exists()


def test_a_selection_leaves_with_its_current_annotations(shop: Shop, tmp_path: Path):
    shop.run("search", "condition = 'nowhere'", "--save", "empty")
    out = tmp_path / "out.json"
    assert "holds no frame" in shop.run("labels", "export", "empty", str(out), status=1)
    shop.run("search", "sequence < 2", "--save", "first")
    seen = shop.ask("labels", "export", "first", str(out), "--dry-run")
    assert (seen["annotations"], seen["pictures"], out.exists()) == (6, 6, False)
    made = shop.ask("labels", "export", "first", str(out))
    assert (made["annotations"], made["losses"]) == (6, seen["losses"])
    assert len(json.loads(out.read_text())["annotations"]) == 6


def test_a_workspace_without_recordings_says_so(tmp_path: Path):
    shop = Shop(tmp_path / "workspace", tmp_path / "truth.json")
    shop.coco.write_text(json.dumps(coco([])))
    shop.run("init")
    assert "there are no recordings yet" in shop.run(
        "datasets", "create", "x", "--from", "all", status=1
    )
    text = shop.run("labels", "import", str(shop.coco), status=1)
    assert "no recordings that it could belong to" in text
    assert "ringroad ingest PATH" in text
