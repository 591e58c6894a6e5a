"""Every stage by itself: in with the user's files, out with standard ones, on a tiny recording."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from ringroad.cli.main import COMMANDS, ringroad
from ringroad.media.images import encode_jpeg

RECORDINGS = ("a", "b", "c")
FRAMES = 6
WIDTH, HEIGHT = 128, 96
BOX = [32.0, 24.0, 48.0, 32.0]
SHAPE = ("--width", "64", "--height", "48", "--channels", "8")
EFFORT = ("--epochs", "60", "--batch", "2", "--learning-rate", "0.01")


@dataclass(frozen=True)
class Shop:
    """A workspace with labels, a dataset version and a trained network."""

    workspace: Path
    coco: Path

    def run(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(
            ringroad, [*arguments, "--workspace", str(self.workspace), "--workers", "1"]
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    def ask(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        told = json.loads(self.run(*arguments, "--json", status=status))
        assert isinstance(told, dict)
        return told


def coco(names: list[str], *, scale: float = 1.0) -> dict[str, Any]:
    """One car per picture; the boxes as drawn on pictures of another size."""
    size = {"width": int(WIDTH * scale), "height": int(HEIGHT * scale)}
    return {
        "images": [{"id": n, "file_name": name, **size} for n, name in enumerate(names)],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [side * scale for side in BOX]}
            for n in range(len(names))
        ],
        "categories": [{"id": 1, "name": "car"}],
    }


def picture_names() -> list[str]:
    return [f"{name}/{number:03d}.jpg" for name in RECORDINGS for number in range(FRAMES)]


def write_pictures(folder: Path) -> None:
    x, y, w, h = (int(side) for side in BOX)
    for seed, name in enumerate(picture_names()):
        rng = np.random.Generator(np.random.PCG64(seed))
        pixels = rng.integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
        pixels[y : y + h, x : x + w] = (230, 40, 40)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_jpeg(pixels))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    root = tmp_path_factory.mktemp("shop")
    write_pictures(root / "pictures")
    (root / "truth.json").write_text(json.dumps(coco(picture_names())))
    shop = Shop(root / "workspace", root / "truth.json")
    shop.run("ingest", str(root / "pictures"), "--describe", "1")
    shop.run("labels", "import", str(shop.coco))
    shop.run("datasets", "create", "tiny", "--from", "all", "--test-fraction", "0.34")
    shop.run("train", "tiny", *SHAPE, *EFFORT)
    return shop


@pytest.fixture
def shop(prepared: Shop, tmp_path: Path) -> Shop:
    """A copy, so that no test sees what another did."""
    shutil.copytree(prepared.workspace, tmp_path / "workspace")
    return Shop(tmp_path / "workspace", prepared.coco)


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
    assert "1 boxes on 1 frames" in text


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


def test_a_model_leaves_and_comes_back_as_the_same(shop: Shop, tmp_path: Path):
    shown = shop.ask("models", "show", "tiny:candidate")
    onnx, weights = tmp_path / "net.onnx", tmp_path / "net.safetensors"
    shop.run("models", "export", "tiny:candidate", str(onnx))
    shop.run("models", "export", "tiny:candidate", str(weights))
    card = tmp_path / "card.json"
    card.write_text(json.dumps(shown))
    back = ("models", "import", str(onnx), "--name", "back:onnx", "--predictor", "reference")
    shop.run(*back, status=2)
    assert shop.ask(*back, "--config", str(card))["id"] == shown["network"]
    told = shop.ask("models", "import", str(weights), "--name", "back:weights")
    assert told["id"] == shown["id"]
    shop.run("models", "alias", "back:champion", "back:onnx")
    names = {name for row in shop.ask("models", "list")["models"] for name in row["names"]}
    assert {"tiny:candidate", "back:onnx", "back:weights", "back:champion"} <= names


def test_what_is_no_model_is_refused(shop: Shop, tmp_path: Path):
    path = tmp_path / "net.onnx"
    path.write_bytes(b"no network")
    shop.run("models", "import", str(path), "--name", "n", "--predictor", "nanodet", status=1)
    shop.run("models", "import", str(path), "--name", "n", "--predictor", "nope", status=2)
    shop.run("models", "alias", "n", "dataset:tiny", status=2)


def test_mining_keeps_to_budget_and_away_from_labelled_frames(shop: Shop):
    mine = ("mine", "--model", "tiny:candidate", "--budget", "4", "--unit", "frames")
    shop.run(*mine, "--save", "none", status=1)  # all of them have annotations
    fresh = shop.workspace.parent / "more"
    for number in range(8):
        path = fresh / "d" / f"{number:03d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = np.full((HEIGHT, WIDTH, 3), 20 * number, np.uint8)
        path.write_bytes(encode_jpeg(shade))
    shop.run("ingest", str(fresh))
    told = shop.ask(*mine, "--strategy", "random", "--save", "next")
    assert (told["frames"], told["pool"], told["labelled"]) == (4, 8, 18)
    chosen = shop.ask("selections", "show", "next")["frames"]
    assert all(frame.startswith("vehicle/d/") for frame in chosen)
    within = shop.ask(*mine, "--from", "next", "--strategy", "entropy", "--save", "again")
    assert within["pool"] == 4


def test_resimulation_of_a_network_beside_itself_finds_nothing(shop: Shop):
    told = shop.ask("resimulate", "--candidate", "tiny:candidate", "--champion", "tiny:candidate")
    whole = next(row for row in told["summary"] if row["condition"] == "all")
    assert (whole["frames"], whole["disagreeing"]) == (18, 0)
    assert whole["champion_boxes"] == whole["candidate_boxes"] >= 18


def test_a_plan_is_built_timed_and_refused_with_one_flipped_bit(shop: Shop, tmp_path: Path):
    built = shop.ask("plans", "build", "tiny:candidate")
    assert shop.ask("plans", "verify", built["plan"])["verified"]
    assert len(shop.ask("plans", "list")["plans"]) == 1
    timed = shop.ask("plans", "bench", built["plan"], "--runs", "5")
    assert all(row["value"] > 0 and row["unit"] == "ms" for row in timed["latency"])
    kept = shop.ask("plans", "show", built["plan"])["measured"]
    assert kept[-len(timed["latency"]) :] == timed["latency"]
    assert kept[-1]["detail"]["at"].endswith("Z")
    assert "p50" in shop.run("plans", "show", built["plan"])
    path = tmp_path / "net.plan"
    shop.run("plans", "export", built["plan"], str(path))
    shop.run("plans", "verify", str(path))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    text = shop.run("plans", "verify", str(path), status=1)
    assert "damaged or exchanged" in text
    assert f"ringroad plans build {built['manifest']['model']}" in text


def test_a_plan_from_outside_is_looked_at_in_the_sandbox(shop: Shop, tmp_path: Path):
    built = shop.ask("plans", "build", "tiny:candidate")
    path, beside = tmp_path / "net.plan", tmp_path / "net.plan.json"
    shop.run("plans", "export", built["plan"], str(path))
    model = onnx.load_from_string(path.read_bytes())
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="/etc/passwd")
    path.write_bytes(model.SerializeToString())
    manifest = json.loads(beside.read_text())
    manifest["plan"] = hashlib.sha256(path.read_bytes()).hexdigest()
    beside.write_text(json.dumps(manifest))
    for command in (("plans", "verify"), ("plans", "bench")):
        assert "weights lie in other files" in shop.run(*command, str(path), status=1)


def test_a_plan_damaged_within_the_workspace_is_refused_too(shop: Shop):
    built = shop.ask("plans", "build", "tiny:candidate")
    path = Path(shop.ask("open", built["plan"])["path"])
    data = bytearray(path.read_bytes())
    data[-1] ^= 0x80
    path.chmod(0o644)
    path.write_bytes(data)
    assert "damaged or exchanged" in shop.run("plans", "verify", built["plan"], status=1)


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


def test_training_again_gives_the_same_model(shop: Shop):
    shown = shop.ask("models", "show", "tiny:candidate")
    again = shop.ask("train", "tiny", *SHAPE, *EFFORT, "--name", "other")
    assert again["model"] == shown["id"]
    assert again["frames"] == 12
    assert len(again["curve"]) == 60
    assert again["curve"][-1]["loss"] < again["curve"][0]["loss"]


def test_training_refuses_what_would_silently_go_wrong(shop: Shop, tmp_path: Path):
    path = tmp_path / "other.json"
    path.write_text(json.dumps(coco(["a/000.jpg"])))
    other = shop.ask("labels", "import", str(path), "--author", "o")["annotations"]
    assert "not among the labels" in shop.run("train", "tiny", "--labels", other, status=1)
    arguments = ("train", "tiny", "--start-from", "tiny:candidate")
    text = shop.run(*arguments, "--width", "64", "--height", "48", "--channels", "4", status=1)
    assert "differs in channels" in text


def trainer(path: Path, body: str) -> str:
    head = "import shutil, sys\nfrom pathlib import Path\ndata = Path(sys.argv[1])\n"
    path.write_text(head + body)
    return f"{sys.executable} {path} {{dataset}} {{model}}"


def test_the_users_own_trainer_sees_no_test_row(shop: Shop, tmp_path: Path):
    net = tmp_path / "net.onnx"
    shop.run("models", "export", "tiny:candidate", str(net))
    body = (
        "assert sorted(p.name for p in (data / 'annotations').iterdir()) == ['train.json']\n"
        "assert len(list((data / 'images' / 'train').iterdir())) == 12\n"
        f"shutil.copy({str(net)!r}, sys.argv[2])\n"
    )
    command = trainer(tmp_path / "mine.py", body)
    made = shop.ask("train", "tiny", *SHAPE, "--command", command, "--name", "mine")
    assert made["model"] == shop.ask("models", "show", "tiny:candidate")["network"]
    direct = shop.ask("evaluate", "--model", "tiny:candidate", "--truth", "tiny")
    assert shop.ask("evaluate", "--model", "mine:candidate", "--truth", "tiny") == direct


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('no luck')\nsys.exit(3)\n", ("status 3", "no luck")),
        ("", ("wrote no model",)),
    ],
)
def test_a_trainer_that_fails_says_how(
    shop: Shop, tmp_path: Path, body: str, said: tuple[str, ...]
):
    command = trainer(tmp_path / "bad.py", body)
    text = shop.run("train", "tiny", "--command", command, "--name", "bad", status=1)
    assert all(part in text for part in said)


def test_a_trainer_that_was_edited_is_run_again(shop: Shop, tmp_path: Path):
    net = tmp_path / "net.onnx"
    shop.run("models", "export", "tiny:candidate", str(net))
    script = tmp_path / "mine.py"
    command = trainer(script, f"shutil.copy({str(net)!r}, sys.argv[2])\n")
    shop.run("train", "tiny", *SHAPE, "--command", command)
    trainer(script, "sys.exit(9)\n")
    assert "status 9" in shop.run("train", "tiny", *SHAPE, "--command", command, status=1)


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


def test_training_goes_on_only_from_weights(shop: Shop, tmp_path: Path):
    """A network that came in as ONNX has none; nothing is trained then."""
    net, card = tmp_path / "net.onnx", tmp_path / "card.json"
    shop.run("models", "export", "tiny:candidate", str(net))
    card.write_text(json.dumps(shop.ask("models", "show", "tiny:candidate")))
    back = ("models", "import", str(net), "--name", "back:onnx", "--predictor", "reference")
    shop.run(*back, "--config", str(card))
    before = shop.ask("models", "list")
    text = shop.run("train", "tiny", *SHAPE, *EFFORT, "--start-from", "back:onnx", status=1)
    assert text.startswith("error: back-")
    assert "is a network without weights to train" in text
    assert "what to do: start from a model version of ours" in text
    assert shop.ask("models", "list") == before
