"""Every wrong value of a STUDY.toml is one error that names the file and the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringroad.domain.errors import InvalidConfig
from ringroad.tune.config import MOST_TRIALS, read_study
from ringroad.tune.settings import DEFAULTS, FIXED_ONLY, KINDS
from ringroad.tune.space import grid_size

HEAD = 'name = "a"\ndataset = "d"\n'
RATE = "[search.learning_rate]\nlow = 1e-4\nhigh = 1e-2\nlog = true\n"


def read(folder: Path, text: str):
    path = folder / "STUDY.toml"
    path.write_text(text)
    return read_study(path)


def test_all_that_may_be_said(tmp_path: Path):
    config = read(
        tmp_path,
        HEAD
        + 'seed = 7\ntrials = 3\nsampler = "grid"\nstartup = 2\nat_once = 4\n'
        + '[metric]\nmetric = "AP"\ncategory = "car"\nslice = "night"\ndirection = "minimise"\n'
        + "[train]\nepochs = 2\nthreads = 2\nheight = 96\nwidth = 160\n"
        + "[search.batch]\nlow = 4\nhigh = 12\nstep = 4\n"
        + "[search.weight_decay]\nlow = 0\nhigh = 1\nstep = 0.5\n"
        + '[search.norm]\nchoices = ["batch", "group"]\n',
    )
    assert grid_size(config.search, KINDS) == 3 * 3 * 2
    assert config.train.epochs == 2
    assert str(config.metric) == "AP of car on night"
    assert "trials" not in config.identity


def test_every_parameter_of_training_can_be_searched_or_says_why_not(tmp_path: Path):
    assert set(KINDS) == set(DEFAULTS) - FIXED_ONLY
    for name, kind in KINDS.items():
        value = DEFAULTS[name]
        told = f'"{value}"' if kind is str else value
        config = read(tmp_path, HEAD + f"[search.{name}]\nchoices = [{told}]\n")
        assert config.search[name].values(kind) == [value]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", "top level", "'search' is missing"),
        ("[search]\n", "top level", "nothing is searched"),
        ('name = "a"\n' + RATE, "top level", "'dataset' is missing"),
        ('name = "a b"\ndataset = "d"\n' + RATE, "top level", "name 'a b'"),
        ("seeds = 1\n" + RATE, "top level", "unknown key 'seeds'"),
        (f"trials = {MOST_TRIALS + 1}\n" + RATE, "top level", "trials is from 1"),
        ("trials = true\n" + RATE, "trials", "expected int"),
        ('sampler = "cma"\n' + RATE, "top level", "tpe, random, grid"),
        ('sampler = "grid"\n' + RATE, "[search.learning_rate]", "give choices, or low"),
        ('[metric]\nmetric = "mAP"\n' + RATE, "[metric]", "known: AP50, AP"),
        ('[metric]\ndirection = "up"\n' + RATE, "[metric]", "maximise or minimise"),
        ("[train]\nlearning_rate = 3\n[search.batch]\nchoices = [2]\n", "[train]", "0 and 1"),
        ("[train]\nchannel = 3\n" + RATE, "[train]", "unknown key 'channel'"),
        ("[train]\nchannels = 6\n" + RATE, "[train]", "multiple of 4"),
        ("[train]\nlearning_rate = 0.1\n" + RATE, "[search.learning_rate]", "at once"),
        ("[search.dropout]\nlow = 0\nhigh = 1\n", "[search.dropout]", "no parameter"),
        ("[search.threads]\nlow = 1\nhigh = 2\n", "[search.threads]", "no parameter"),
        ("[search.batch]\nlow = 8\nhigh = 4\n", "[search.batch]", "low 8 is above high 4"),
        ("[search.batch]\nlow = 1.5\nhigh = 4\n", "[search.batch]", "whole numbers"),
        ("[search.batch]\nlow = 1\n", "[search.batch]", "needs low and high"),
        ("[search.batch]\nlow = 1\nhigh = 2\nchoices = [1]\n", "[search.batch]", "one of the"),
        ("[search.batch]\nchoices = [1, 1]\n", "[search.batch]", "a choice twice"),
        ("[search.batch]\nchoices = [true]\n", "[search.batch]", "whole numbers"),
        ('[search.batch]\nchoices = ["8"]\n', "[search.batch]", "whole numbers"),
        ("[search.norm]\nlow = 1\nhigh = 2\n", "[search.norm]", "takes words"),
        ('[search.norm]\nchoices = ["layer"]\n', "[search.norm]", "batch, group, none"),
        ("[search.channels]\nlow = 4\nhigh = 9\n", "[search.channels]", "multiple of 4"),
        ("[search.stride]\nchoices = [4, 16]\n", "[search.stride]", "4 or 8, not 16"),
        ("[search.flip]\nlow = 0\nhigh = 1.5\n", "[search.flip]", "share from 0 to 1"),
        ("[search.zoom]\nlow = 0\nhigh = 1\nlog = true\n", "[search.zoom]", "above 0"),
        ("[search.zoom]\nlow = 0\nhigh = inf\n", "[search.zoom]", "no number"),
        ("[search.batch]\nlow = 1\nhigh = 9\nstep = 0\n", "[search.batch]", "step is above"),
        ("[search.batch]\nlow = 1\nhigh = 9\nstep = 1\nlog = true\n", "[search.batch]", "log"),
        ("[search.epochs]\nlow = 1\nhigh = 999999\n", "[search.epochs]", "at most 100000"),
        ("[train]\nheight = 96\n[search.width]\nchoices = [320]\n", "[search.width]", "fixed"),
        ("name = ", "", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, place: str, what: str):
    with pytest.raises(InvalidConfig) as told:
        read(tmp_path, text if text.startswith("name") else HEAD + text)
    assert told.value.subject == str(tmp_path / "STUDY.toml")
    assert told.value.place == place
    assert what in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(InvalidConfig, match="cannot be read"):
        read_study(tmp_path / "none.toml")
