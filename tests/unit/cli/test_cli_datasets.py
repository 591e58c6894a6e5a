"""`ringroad datasets` from the terminal: versions, merges, locks, looks and cards."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from terminal import Terminal

from ringroad.media.pictures.images import encode_jpeg

DRIVES, FRAMES = ("a", "b", "c", "d"), 5
BOX = [32.0, 24.0, 48.0, 32.0]


@dataclass(frozen=True)
class Shop(Terminal):
    """A workspace with labels, and a dataset `tiny` of two drives with test rows."""


def coco(width: float = 48.0, drives: tuple[str, ...] = DRIVES) -> dict[str, Any]:
    names = [f"{drive}/{number:03d}.jpg" for drive in drives for number in range(FRAMES)]
    return {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(names)],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [32.0, 24.0, width, 32.0]}
            for n in range(len(names))
        ],
        "categories": [{"id": 1, "name": "car"}],
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    root = tmp_path_factory.mktemp("datasets")
    rng = np.random.Generator(np.random.PCG64(0))
    for drive in DRIVES:
        for number in range(FRAMES):
            path = root / "pictures" / drive / f"{number:03d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_jpeg(rng.integers(60, 120, (96, 128, 3), np.uint8)))
    (root / "truth.json").write_text(json.dumps(coco()))
    shop = Shop(root / "workspace")
    shop.run("ingest", str(root / "pictures"), "--describe", "1")
    shop.run("labels", "import", str(root / "truth.json"))
    shop.run("datasets", "create", "tiny", "--from", "vehicle/a", "--test-fraction", "0")
    shop.run("datasets", "append", "tiny", "--from", "vehicle/b", "--split", "test")
    return shop


@pytest.fixture
def shop(prepared: Shop, tmp_path: Path) -> Shop:
    """A copy, so that no test sees what another did."""
    shutil.copytree(prepared.workspace, tmp_path / "workspace")
    return Shop(tmp_path / "workspace")


def relabel(shop: Shop, tmp_path: Path, width: float, drives: tuple[str, ...] = DRIVES) -> None:
    path = tmp_path / f"labels-{width}.json"
    path.write_text(json.dumps(coco(width, drives)))
    shop.run("labels", "import", str(path))


def test_append_keeps_splits_and_says_what_was_left_out(shop: Shop) -> None:
    shown = shop.ask("datasets", "show", "tiny")
    assert {split: sum(parts.values()) for split, parts in shown["splits"].items()} == {
        "test": 5,
        "train": 5,
    }
    told = shop.ask("datasets", "append", "tiny", "--from", "all", "--dry-run")
    assert (told["put"], told["changed"], told["dry_run"]) == (10, False, True)
    told = shop.ask("datasets", "append", "tiny", "--from", "all")
    assert (told["put"], told["removed"], told["unlabelled"]) == (10, 0, 0)
    splits = shop.ask("datasets", "show", "tiny")["splits"]
    assert {split: sum(parts.values()) for split, parts in splits.items()} == {
        "test": 5,
        "train": 15,
    }
    assert "nothing changed" in shop.run("datasets", "append", "tiny", "--from", "all")


def test_frames_between_blocks_stay_out_when_they_are_appended(shop: Shop) -> None:
    blocks = ("--unit", "block", "--block", "2", "--gap", "1", "--test-fraction", "0.5")
    told = shop.ask("datasets", "create", "blocks", "--from", "vehicle/a", *blocks)
    assert told["dropped"] == 1
    told = shop.ask("datasets", "append", "blocks", "--from", "vehicle/c", "--split", "val")
    assert (told["put"], told["dropped"]) == (4, 1)
    splits = shop.ask("datasets", "show", "blocks")["splits"]
    assert {split: sum(parts.values()) for split, parts in splits.items()} == {
        "test": 2,
        "train": 2,
        "val": 4,
    }


def test_append_on_a_version_that_is_not_the_newest_is_a_conflict(shop: Shop) -> None:
    seen = shop.ask("datasets", "show", "tiny")["id"]
    won = shop.ask("datasets", "append", "tiny", "--from", "vehicle/c", "--parent", seen)["id"]
    told = shop.run("datasets", "append", "tiny", "--from", "vehicle/d", "--parent", seen, status=6)
    assert won in told
    assert shop.ask("datasets", "show", "tiny")["id"] == won


def test_a_name_is_given_once(shop: Shop) -> None:
    told = shop.run("datasets", "create", "tiny", "--from", "all", status=2)
    assert "is taken" in told
    assert "datasets append tiny" in told


def test_conflicts_are_shown_written_and_resolved(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shop.run("datasets", "branch", "tiny", "side")
    relabel(shop, tmp_path, 40.0)
    shop.run("datasets", "append", "tiny", "--from", "vehicle/a")
    relabel(shop, tmp_path, 30.0)
    shop.run("datasets", "append", "side", "--from", "vehicle/a")
    shop.run("datasets", "append", "side", "--from", "vehicle/c")
    before = shop.ask("datasets", "show", "tiny")["id"]
    shown = shop.run("datasets", "merge", "tiny", "side", status=6)
    assert "5 conflicts; nothing was merged" in shown
    assert "edit/edit" in shown
    assert "annotations:" in shown
    file = tmp_path / "tiny-conflicts.json"
    document = json.loads(file.read_text())
    assert len(document["rows"]) == 5
    told = shop.ask("datasets", "merge", "tiny", "side", "--dry-run", status=6)
    assert (told["error"], len(told["rows"])) == ("merge-conflict", 5)
    assert shop.ask("datasets", "show", "tiny")["id"] == before
    for number, row in enumerate(document["rows"]):
        row["take"] = "ours" if number < 2 else ""
    file.write_text(json.dumps(document))
    shown = shop.run("datasets", "merge", "tiny", "side", "--resolutions", str(file), status=6)
    assert "5 conflicts" in shown
    assert "is left alone" in shop.run("datasets", "merge", "tiny", "side", status=6)
    assert json.loads(file.read_text()) == document, "nobody's decisions are written over"
    dry = ("datasets", "merge", "tiny", "side", "--resolutions", str(file), "--theirs")
    assert shop.ask(*dry, "--dry-run")["put"] == 8
    merged = shop.ask(*dry)
    assert (merged["put"], merged["removed"], merged["conflicts"]) == (8, 0, 5)
    log = shop.ask("datasets", "log", "tiny")["versions"]
    assert (log[0]["what"], len(log[0]["parents"])) == ("merge", 2)
    assert "nothing changed" in shop.run("datasets", "merge", "tiny", "side")
    assert "moved on" in shop.run("datasets", "merge", "side", "tiny")


def test_history_tags_and_reverts(shop: Shop) -> None:
    shop.run("datasets", "tag", "tiny", "v1", "--reason", "first release")
    old = shop.ask("datasets", "show", "tiny")
    frames = shop.ask("search", "width > 0", "--limit", "40")["frames"]
    gone = next(row["frame_id"] for row in frames if row["frame_id"].startswith("vehicle/a"))
    told = shop.ask("datasets", "remove", "tiny", gone, "--reason", "a face")
    assert told["removed"] == 1
    none = shop.ask("datasets", "remove", "tiny", "--from", "vehicle/c", "--reason", "not there")
    assert not none["changed"], "what it does not hold is passed over"
    found = shop.ask("datasets", "diff", "tiny@v1", "tiny")
    assert (found["removed"], found["boxes"]["train"]["car"]) == (
        [gone],
        {"before": 1, "after": 0},
    )
    assert "1 frames removed" in shop.run("datasets", "diff", "tiny@v1", "tiny")
    would = shop.ask("datasets", "revert", "tiny", "tiny@v1", "--reason", "no face", "--dry-run")
    assert (would["put"], would["changed"]) == (1, False)
    shop.run("datasets", "revert", "tiny", "tiny@v1", "--reason", "no face")
    now = shop.ask("datasets", "show", "tiny")
    assert (now["content"], now["id"] == old["id"]) == (old["content"], False)
    text = shop.run("datasets", "log", "tiny", "--moves")
    for part in ("revert", "no face", "remove", "a face", "append", "create", "tiny@v1"):
        assert part in text
    assert shop.ask("datasets", "list")["datasets"][-1]["names"] == ["tiny"]


def test_locked_test_rows_and_looks(shop: Shop, tmp_path: Path) -> None:
    assert shop.ask("datasets", "looks", "tiny")["looks"] == []
    shop.run("datasets", "lock", "tiny", "--reason", "gate of spring")
    relabel(shop, tmp_path, 40.0)
    told = shop.run("datasets", "append", "tiny", "--from", "vehicle/b", status=1)
    assert "the test rows are locked; 5 of them would change" in told
    (tmp_path / "results.json").write_text("[]")
    results = ("--predictions", str(tmp_path / "results.json"), "--truth", "tiny")
    shop.run("evaluate", *results)
    kpis = shop.ask("evaluate", *results)["kpis"]
    rule = tmp_path / "GATE.toml"
    rule.write_text('name = "g"\nmetric = "AP50"\ncategory = "car"\nslice = "all"\nminimum = 0.5\n')
    shop.run("gate", "check", str(rule), "--kpis", kpis, status=4)
    shop.run("datasets", "export", "tiny", str(tmp_path / "folder"))
    shop.run("datasets", "append", "tiny", "--from", "vehicle/c")
    found = shop.ask("datasets", "looks", "tiny")
    assert found["locked"]
    whys = [look["why"].split()[0] for look in found["looks"]]
    assert whys == ["evaluate", "evaluate", "gate", "export"]
    assert {look["test"] for look in found["looks"]} == {found["test"]}
    assert all(look["who"] and look["at_ns"] and look["frames"] == 5 for look in found["looks"])
    shop.run("datasets", "unlock", "tiny", "--reason", "boxes were too wide")
    shop.run("datasets", "append", "tiny", "--from", "vehicle/b")
    text = shop.run("datasets", "looks", "tiny")
    assert "0 looks at them, 4 at those of earlier versions" in text
    assert "boxes were too wide" in shop.run("datasets", "log", "tiny")


def test_the_card_tells_what_is_in_it(shop: Shop, tmp_path: Path) -> None:
    page, text = tmp_path / "card.html", tmp_path / "card.md"
    licences = tmp_path / "licences.json"
    licences.write_text(json.dumps({"vehicle/a": "CC BY 4.0"}))
    shop.run("datasets", "card", "tiny", str(page), "--licences", str(licences))
    told = shop.ask("datasets", "card", "tiny", str(text))["card"]
    assert told["boxes"] == {"test": {"car": 5}, "train": {"car": 5}}
    assert told["origins"] == {"import": 10}
    assert [(line["licence"], line["recordings"]) for line in told["sources"]] == [("unknown", 2)]
    assert "CC BY 4.0" in page.read_text()
    words = text.read_text()
    for part in ("# Data card of tiny", "The licence of 10 frames is unknown", "| car | 5 | 5 |",
                 "1 units in test", "a unit is: recording"):  # fmt: skip
        assert part in words
    first = text.read_bytes()
    shop.run("datasets", "card", "tiny", str(text))
    assert text.read_bytes() == first
    shop.run("datasets", "card", "tiny", str(tmp_path / "card.pdf"), status=2)
    licences.write_text("[]")
    shop.run("datasets", "card", "tiny", str(page), "--licences", str(licences), status=1)
