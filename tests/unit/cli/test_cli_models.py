"""Models, plans, training and mining by command line, on a tiny trained network."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from stage_shop import EFFORT, HEIGHT, SHAPE, WIDTH, Shop, coco

from ringroad.media.pictures.images import encode_jpeg


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


def test_names_that_are_mistyped_are_told_with_what_was_meant(shop: Shop, tmp_path: Path):
    on = ("--on", "vehicle/a")
    assert "did you mean tiny:candidate?" in shop.run("models", "show", "tiny:candidat", status=2)
    assert "did you mean tiny:candidate?" in shop.run("models", "show", "candidate", status=2)
    assert "did you mean dataset:tiny?" in shop.run("datasets", "show", "tinny", status=2)
    assert "ringroad models list" in shop.run("models", "show", "qqqqqqqq", status=2)
    for path in ("net.onnx", "out/net", str(tmp_path / "net.safetensors")):
        told = shop.run("predict", "--model", path, *on, "--predictor", "nanodet", status=1)
        assert "no such file" in told


def test_a_predictor_that_is_misspelt_or_missing_is_told_by_its_option(shop: Shop, tmp_path: Path):
    path = tmp_path / "net.onnx"
    path.write_bytes(b"no network")
    predict = ("predict", "--model", str(path), "--on", "vehicle/a")
    told = shop.run(*predict, "--predictor", "nanodett", status=2)
    assert "did you mean --predictor nanodet?" in told
    assert "say --predictor P, where P is one of" in shop.run(*predict, status=2)
    bare = shop.run("plans", "build", str(path), status=2)
    assert "models import FILE --name NAME --predictor P" in " ".join(bare.split())


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
