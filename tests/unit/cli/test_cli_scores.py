"""Evaluation, gates and resimulation by command line, on a tiny trained network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from stage_shop import BOX, Shop


def perfect(images: list[dict[str, Any]], key: str, scale: float = 1.0) -> list[dict[str, Any]]:
    box = [side * scale for side in BOX]
    return [
        {"image_id": image[key], "category_id": 1, "bbox": box, "score": 0.9} for image in images
    ]


def ap50(told: dict[str, Any]) -> float:
    (found,) = (
        row["value"]
        for row in told["rows"]
        if (row["metric"], row["category"], row["slice"]) == ("AP50", "car", "all")
    )
    return found


def test_predictions_from_elsewhere_by_frame_id(shop: Shop, tmp_path: Path):
    shop.run("labels", "export", "tiny", str(tmp_path / "images.json"))
    images = json.loads((tmp_path / "images.json").read_text())["images"]
    path = tmp_path / "perfect.json"
    path.write_text(json.dumps(perfect(images, "frame_id")))
    assert ap50(shop.ask("evaluate", "--predictions", str(path), "--truth", "tiny")) == 1.0
    path.write_text(json.dumps([]))
    assert ap50(shop.ask("evaluate", "--predictions", str(path), "--truth", "tiny")) == 0.0


def test_predictions_from_elsewhere_on_exported_pictures(shop: Shop, tmp_path: Path):
    """Ids and sizes are those of the folder: half the recorded width, other ids."""
    folder = tmp_path / "folder"
    shop.run("datasets", "export", "tiny", str(folder), "--width", "64", "--height", "48")
    listing = folder / "annotations" / "test.json"
    images = json.loads(listing.read_text())["images"]
    assert {(row["width"], row["height"]) for row in images} == {(64, 48)}
    assert all((folder / "images" / row["file_name"]).is_file() for row in images)
    path = tmp_path / "perfect.json"
    path.write_text(json.dumps(perfect(images, "id", scale=0.5)))
    told = shop.ask(
        "evaluate", "--predictions", str(path), "--images", str(listing), "--truth", "tiny"
    )
    assert ap50(told) == 1.0


def test_rows_of_a_results_file_that_belong_to_no_frame_are_told(shop: Shop, tmp_path: Path):
    path = tmp_path / "lost.json"
    path.write_text(json.dumps(perfect([{"frame_id": "car/lost/camera/000000"}], "frame_id")))
    told = shop.ask("evaluate", "--predictions", str(path), "--truth", "tiny", status=5)
    assert [row["code"] for row in told["problems"]] == ["unknown-image"]


def test_a_network_scores_alike_directly_and_through_its_file(shop: Shop, tmp_path: Path):
    out = tmp_path / "predictions.json"
    seen = shop.ask("predict", "--model", "tiny:candidate", "--on", "all", "--out", str(out))
    assert seen["frames"] == 18
    assert seen["boxes"]["car"] >= 18  # it did learn something: nothing would equal nothing
    assert len(json.loads(out.read_text())) == sum(seen["boxes"].values())
    direct = shop.ask("evaluate", "--model", "tiny:candidate", "--truth", "tiny")
    through = shop.ask("evaluate", "--predictions", str(out), "--truth", "tiny")
    assert direct["rows"] == through["rows"]
    assert ap50(direct) > 0.5


def test_what_nobody_annotated_is_not_evaluated(shop: Shop):
    arguments = ("evaluate", "--model", "tiny:candidate", "--truth", "tiny")
    text = shop.run(*arguments, "--categories", "sign", "--slice", "all")
    assert "not evaluated" in text
    shop.run(*arguments, "--slice", "nigth", status=2)


def write_gate(path: Path, minimum: float) -> str:
    path.write_text(
        f'name = "g"\nmetric = "AP50"\ncategory = "car"\nslice = "all"\nminimum = {minimum}\n'
    )
    return str(path)


def test_few_units_decide_nothing(shop: Shop, tmp_path: Path):
    rule = write_gate(tmp_path / "gate.toml", 0.5)
    told = shop.ask("gate", "check", rule, "--model", "tiny:candidate", "--truth", "tiny", status=4)
    assert told["verdict"] == "INCONCLUSIVE"


@pytest.mark.parametrize(("good", "status"), [(True, 0), (False, 3)])
def test_a_gate_says_pass_or_fail_by_its_exit_code(
    shop: Shop, tmp_path: Path, good: bool, status: int
):
    create = ("datasets", "create", "blocks", "--from", "all", "--unit", "block")
    shop.run(*create, "--block", "1", "--gap", "0", "--test-fraction", "0.5")
    shop.run("labels", "export", "blocks", str(tmp_path / "images.json"))
    images = json.loads((tmp_path / "images.json").read_text())["images"]
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps(perfect(images, "frame_id", scale=1.0 if good else 0.2)))
    rule = write_gate(tmp_path / "gate.toml", 0.5)
    scored = shop.ask("evaluate", "--predictions", str(path), "--truth", "blocks")
    told = shop.ask("gate", "check", rule, "--kpis", scored["kpis"], status=status)
    assert told["kpi"]["units"] == 9
    assert bool(told["frames"]) != good


def test_a_gate_with_an_unknown_key_is_refused(shop: Shop, tmp_path: Path):
    rule = write_gate(tmp_path / "gate.toml", 0.5)
    Path(rule).write_text(Path(rule).read_text() + "minimun = 0.9\n")
    shop.run("gate", "check", rule, "--model", "tiny:candidate", "--truth", "tiny", status=2)


def test_resimulation_of_a_network_beside_itself_finds_nothing(shop: Shop):
    told = shop.ask("resimulate", "--candidate", "tiny:candidate", "--champion", "tiny:candidate")
    whole = next(row for row in told["summary"] if row["condition"] == "all")
    assert (whole["frames"], whole["disagreeing"]) == (18, 0)
    assert whole["champion_boxes"] == whole["candidate_boxes"] >= 18
