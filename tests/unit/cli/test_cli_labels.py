"""A whole labelling session at the terminal: order, take, draw in a file, submit, review."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from ringroad.cli.label.labels import COMMANDS, labels
from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

URBAN = """
name = "urban"

[[categories]]
name = "car"
attributes = { occluded = ["no", "yes"] }

[[categories]]
name = "van"
"""
FRAMES = [f"vehicle/a/camera/{number:06d}" for number in range(3)]
CAR = {"category": "car", "box": [10, 10, 40, 30], "attributes": {"occluded": "no"}}


@dataclass(frozen=True)
class Terminal:
    folder: Path

    def run(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(
            ringroad,
            ["labels", *arguments, "--workspace", str(self.folder / "w"), "--workers", "1"],
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    def ask(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        told = json.loads(self.run(*arguments, "--json", status=status))
        assert isinstance(told, dict)
        return told

    def take(self, who: str, *options: str) -> Path:
        path = self.folder / f"{who}.json"
        assert self.ask("take", "--by", who, "--out", str(path), *options)["task"]
        return path

    def draw(self, path: Path, *marks: dict) -> Path:
        turn = json.loads(path.read_text())
        path.write_text(json.dumps(turn | {"annotations": list(marks)}))
        return path


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "a").mkdir()
    for number in range(3):
        pixels = np.full((64, 96, 3), 40 * number, np.uint8)
        (folder / "a" / f"{number}.jpg").write_bytes(encode_jpeg(pixels))
    (folder / "urban.toml").write_text(URBAN)
    (folder / "urban.md").write_text("Draw boxes tight.\n")
    plain = ["--workspace", str(folder / "w"), "--workers", "1"]
    for command in (
        ["ingest", str(folder / "a"), "--vehicle", "vehicle", *plain],
        ["selections", "add", "some", *FRAMES, *plain],
    ):
        result = CliRunner().invoke(ringroad, command)
        assert result.exit_code == 0, result.output
    return Terminal(folder)


def test_every_command_of_the_table_can_be_imported():
    group = click.Context(labels)
    for name in COMMANDS:
        command = labels.get_command(group, name)
        assert isinstance(command, click.Command)
        assert command.name == name
    assert labels.get_command(group, "none") is None
    shown = CliRunner().invoke(ringroad, ["labels", "--help"]).output
    assert all(name in shown for name in COMMANDS)


def test_a_session(terminal: Terminal):
    folder = terminal.folder
    made = terminal.ask(
        "guideline", "create", str(folder / "urban.toml"), "--text", str(folder / "urban.md")
    )
    assert "Draw boxes tight." in terminal.run("guideline", "show", "urban")
    assert made["version"][:12] in terminal.run("guideline", "list")
    order = ("order", "first", "--on", "some", "--guideline", "urban", "--looks", "2")
    placed = terminal.ask(*order, "--lot-size", "3", "--aql", "0", "--ltpd", "0.5", "--by", "lea")
    assert (placed["frames"], placed["tasks"]) == (3, 6)
    assert "0 of 3 frames settled" in terminal.run("orders")
    assert "6 open to draw" in terminal.run("tasks")

    path = terminal.take("ann", "--picture", str(folder / "frame.jpg"))
    with Image.open(folder / "frame.jpg") as picture:
        assert picture.size == (96, 64)
    turn = json.loads(path.read_text())
    assert (turn["frame"], turn["annotations"], turn["kind"]) == (FRAMES[0], [], "draw")
    assert turn["guideline"]["text"] == "Draw boxes tight.\n"
    assert "yours until" in terminal.run("beat", str(path))
    terminal.draw(path, CAR | {"category": "vam"})
    assert "do you mean van?" in terminal.run("submit", str(path), status=1)
    terminal.draw(path, CAR)
    done = terminal.ask("submit", str(path))
    assert (done["marks"], done["next"], done["again"]) == (1, "waiting", False)
    assert "here already" in terminal.run("submit", str(path))
    terminal.draw(path, CAR, CAR | {"box": [60, 10, 20, 20]})
    assert "it is done by ann" in terminal.run("submit", str(path), status=6)

    terminal.run("submit", str(terminal.draw(terminal.take("ben"), CAR)))
    assert "revision 1" in terminal.run("revisions", FRAMES[0])
    one = terminal.ask("revisions", FRAMES[0], "--show", "1")
    assert one["annotations"][0]["attributes"] == {"occluded": "no"}
    assert one["author"] == "consensus"

    skipped = terminal.take("ann")
    assert "for others" in terminal.run("skip", str(skipped), "--reason", "too dark")
    task = terminal.ask("tasks", "--state", "open", "--order", "first")["tasks"][-1]["id"]
    assert terminal.ask("assign", task, "--to", "cyd", "--by", "lea")["assigned"] == "cyd"
    assert terminal.ask("prioritise", task, "2")["priority"] == 2.0
    for who in ("cyd", "ben", "cyd", "ann", "ben"):
        taken = terminal.ask("take", "--by", who, "--kind", "draw", "--out", str(folder / "t.json"))
        if taken["task"] is not None:
            terminal.run("submit", str(terminal.draw(folder / "t.json", CAR)))
    assert terminal.ask("progress", "first")["settled"] == 3
    assert "inspecting" in terminal.run("lots", "first")

    path = terminal.take("rob", "--kind", "review")
    assert "sent back" in terminal.run("review", str(path), "--reject", "--comment", "too wide")
    path = terminal.take("rob", "--kind", "review")
    assert "accepted" in terminal.run("review", str(path), "--accept")
    assert terminal.ask("lots", "first")["lots"][0]["round"] == 1
    rework = terminal.ask("tasks", "--kind", "rework")["tasks"]
    assert len(rework) == 3
    assert "too wide" in {item["note"] for item in rework}

    assert "gold, says lea" in terminal.run("gold", "promote", FRAMES[0], "--by", "lea")
    assert FRAMES[0] in terminal.run("gold", "list")
    terminal.run("gold", "withdraw", FRAMES[0], "--by", "lea")
    assert terminal.run("gold", "list") == "no gold answers\n"
    costs = terminal.ask("cost", "first", "--per-hour", "20")["annotators"]
    assert {item["annotator"] for item in costs} == {"ann", "ben", "cyd", "rob"}
    assert all(item["cost"] >= 0 for item in costs)
    log = terminal.ask("log", "--order", "first", "--limit", "500")["log"]
    assert {"ordered", "opened", "taken", "answered", "skipped", "assigned", "rejected"} <= {
        line["event"] for line in log
    }
    back = terminal.ask("revert", FRAMES[0], "--to", "1", "--by", "lea")
    assert back["number"] == 2
    refused = terminal.run(
        "revert", FRAMES[0], "--to", "1", "--by", "x", "--revision", "1", status=6
    )
    assert "revision 2 (lea)" in refused


def test_a_guideline_changes_with_a_preview(terminal: Terminal, tmp_path: Path):
    (tmp_path / "new.toml").write_text(URBAN.replace('"car"', '"vehicle"'))
    change = ("guideline", "change", "urban", str(tmp_path / "new.toml"), "--map", "car=vehicle")
    seen = terminal.ask(*change, "--dry-run")
    assert not seen["applied"]
    assert seen["categories"][0]["becomes"] == "vehicle"
    assert seen["frames"] == seen["categories"][0]["frames"] == 3
    assert "car -> vehicle" in terminal.run(*change, "--by", "lea", "--yes")
    assert len(terminal.ask("guideline", "history", "urban")["versions"]) == 2
    one = terminal.ask("revisions", FRAMES[1], "--show", "2")
    assert [item["category"] for item in one["annotations"]] == ["vehicle"]


def test_an_order_is_told_before_it_is_placed(terminal: Terminal):
    known = len(terminal.ask("orders")["orders"])
    told = terminal.ask("order", "third", "--on", "some", "--looks", "2", "--dry-run",
                        "--per-hour", "36")  # fmt: skip
    assert told["tasks"] == 2 * told["frames"] > 0
    assert told["cost"] == pytest.approx(36 * told["hours"])
    assert "nothing was placed" in terminal.run("order", "third", "--on", "some", "--dry-run")
    assert len(terminal.ask("orders")["orders"]) == known


def test_prelabels_that_the_guideline_refuses_are_told(terminal: Terminal, tmp_path: Path):
    (tmp_path / "few.toml").write_text('name = "few"\n[[categories]]\nname = "car"\n')
    terminal.run("guideline", "create", str(tmp_path / "few.toml"))
    document = {
        "images": [{"id": 0, "file_name": "a/0.jpg"}],
        "annotations": [
            {"id": n, "image_id": 0, "category_id": n % 2, "bbox": [n, 2, 10, 10]} for n in range(3)
        ],
        "categories": [{"id": 0, "name": "light"}, {"id": 1, "name": "car"}],
    }
    (tmp_path / "c.json").write_text(json.dumps(document))
    batch = terminal.ask("import", str(tmp_path / "c.json"), "--author", "net")["annotations"]
    order = ("order", "few", "--on", "some", "--guideline", "few", "--prelabels", batch)
    assert terminal.ask(*order, "--dry-run")["left_out"] == {"light": 2}
    assert "2 pre-labels left out that the guideline refuses: 2 light" in terminal.run(*order)
    assert terminal.ask(*order)["left_out"] == {"light": 2}
    work = terminal.take("liv", "--order", "few")
    assert [mark["category"] for mark in json.loads(work.read_text())["annotations"]] == ["car"]
    terminal.run("submit", str(work))
    later = ("order", "net", "--on", "some", "--guideline", "few", "--model", "m:champion")
    assert "once the network has run" in terminal.run(*later, "--dry-run")


def test_files_that_are_not_there_are_told_with_what_to_do(terminal: Terminal):
    assert "check the path" in terminal.run("import", "nofile.json", status=1)
    assert "check the path" in terminal.run("submit", "nofile.json", status=1)


def test_keys_of_an_annotation_are_told_where_one_is_unknown(terminal: Terminal, tmp_path: Path):
    mark = CAR | {"attribute": {}}
    work = {"task": "a", "token": 1, "by": "x", "frame": "f", "annotations": [mark]}
    (tmp_path / "odd.json").write_text(json.dumps(work))
    shown = " ".join(terminal.run("submit", str(tmp_path / "odd.json"), status=1).split())
    assert "unknown key 'attribute'; do you mean attributes?" in shown
    assert "takes category, box, points, parts, attributes, key, light_state, mask" in shown


def test_orders_are_paused_and_closed(terminal: Terminal):
    terminal.run("order", "second", "--on", "some")
    terminal.run("pause", "second")
    assert terminal.ask("take", "--by", "zoe", "--order", "second") == {"task": None}
    terminal.run("resume", "second")
    task = terminal.ask("take", "--by", "zoe", "--order", "second")["task"]
    assert terminal.ask("cancel", task, "--reason", "no")["state"] == "cancelled"
    terminal.run("close", "second")
    assert "closed" in terminal.run("orders")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "labels take --by NAME --out FILE"),
        ("[]", "no task, token"),
        ('{"task": "a", "token": "1", "by": "x", "frame": "f"}', "no task, token"),
        ('{"task": "a", "token": 1, "by": "x", "frame": "f", "annotations": [3]}', "is an object"),
        (
            '{"task": "a", "token": 1, "by": "x", "frame": "f", "annotations": [{"box": [1]}]}',
            "4|x, y, w, h",
        ),
    ],
)
def test_a_file_that_is_no_task_is_one_clear_error(
    terminal: Terminal, tmp_path: Path, text: str, message: str
):
    (tmp_path / "odd.json").write_text(text)
    shown = terminal.run("submit", str(tmp_path / "odd.json"), status=1)
    assert any(part in shown for part in message.split("|"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("order", "x", "--on", "some", "--looks", "2", "--policy", "adaptive"),
        ("order", "x", "--on", "some", "--assign"),
        ("order", "x", "--on", "some", "--option", "looks"),
        ("order", "x", "--on", "some", "--option", "cards=3"),
        ("order", "x", "--on", "some", "--lot-size", "5", "--aql", "0.2"),
        ("order", "x", "--on", "none"),
        ("guideline", "change", "urban", "none.toml"),
        ("progress", "none"),
        ("assign", "none"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_asked_is_told(terminal: Terminal, arguments: tuple[str, ...]):
    terminal.run(*arguments, status=2)
