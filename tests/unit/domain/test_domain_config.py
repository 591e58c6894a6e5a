"""Parsed TOML to frozen dataclasses: every rule broken is named with its place."""

import pytest

from ringroad.domain.errors import InvalidConfig
from ringroad.pipelines.loop_config import read_loop

GOOD = """
name = "mine"
[recordings]
paths = ["clips"]
rate_hz = 5
[predict]
predictor = "nanodet"
network = "nanodet.onnx"
"""


def load(tmp_path, text):
    path = tmp_path / "LOOP.toml"
    path.write_text(text)
    return read_loop(path)


def test_good_file_fills_defaults_and_widens_integers(tmp_path):
    loop = load(tmp_path, GOOD)
    assert loop.recordings.mode == "in-place"
    assert loop.recordings.rate_hz == 5.0
    assert isinstance(loop.recordings.rate_hz, float)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "\n[gate]\nminimun = 0.3", "gate.*unknown key 'minimun'.*known keys:.*minimum"),
        (GOOD.replace('["clips"]', "[]"), r"\[recordings\].*paths names no file"),
        (GOOD.replace('"mine"', "3"), "name: expected str, found int 3"),
        (GOOD.replace("rate_hz = 5", 'rate_hz = "5"'), "recordings.rate_hz: expected float"),
        (GOOD.replace("rate_hz = 5", "every = true"), "recordings.every: expected int"),
        (GOOD.replace('name = "mine"', ""), "key 'name' is missing"),
        (GOOD.partition("[predict]")[0], r"name \[train\] with \[truth\]"),
        (GOOD.replace("clips", "${NO_SUCH_VARIABLE}"), "NO_SUCH_VARIABLE.*not set"),
        ("name = ", "is not TOML"),
    ],
)
def test_broken_rule_is_named(tmp_path, text, says):
    with pytest.raises(InvalidConfig, match=says) as caught:
        load(tmp_path, text)
    assert str(tmp_path / "LOOP.toml") in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidConfig, match="cannot be read"):
        read_loop(tmp_path / "none.toml")
