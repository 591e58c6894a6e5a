"""A workspace with labelled pictures, for tests that send them to a labelling tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

BOXES = [[10.5, 20.25, 30, 40], [50, 12, 20.5, 9]]
PICTURES = 3


class Shop:
    """A workspace, asked through the command line."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"

    def ask(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """What a command prints as JSON; its exit code has to be `status`."""
        result = CliRunner().invoke(
            ringroad, [*arguments, "--json", "--workspace", str(self.workspace), "--workers", "1"]
        )
        assert result.exit_code == status, result.output
        told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        return told


def opened_shop(tmp_path: Path) -> Shop:
    """A workspace with three pictures, two of them with two boxes each."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(PICTURES):
        pixels = np.full((80, 100, 3), 60 + number, np.uint8)
        (folder / f"{number:03d}.jpg").write_bytes(encode_jpeg(pixels))
    document = {
        "images": [{"id": n, "file_name": f"{n:03d}.jpg"} for n in range(PICTURES)],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "lane"}],
        "annotations": [
            {"id": 10 * n + k, "image_id": n, "category_id": 1, "bbox": box}
            for n in range(PICTURES - 1)
            for k, box in enumerate(BOXES)
        ],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(document))
    made = Shop(tmp_path)
    made.ask("ingest", str(folder))
    assert made.ask("labels", "import", str(tmp_path / "boxes.json"))["moved"] == PICTURES
    return made


def rows(shop: Shop, tmp_path: Path) -> dict[str, tuple[str, list[float]]]:
    """Current annotations by id: category and box."""
    target = tmp_path / "now.json"
    shop.ask("labels", "export", "all", str(target))
    document = json.loads(target.read_text())
    names = {item["id"]: item["name"] for item in document["categories"]}
    return {
        item["attributes"]["annotation_id"]: (names[item["category_id"]], item["bbox"])
        for item in document["annotations"]
    }
