"""What a LOOP.toml may say. Frozen, checked at the door, unknown keys are errors."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ringroad.domain.annotation import CATEGORIES
from ringroad.domain.config import build, parse_toml, read_text
from ringroad.domain.errors import InvalidConfig

STAGES = ("ingest", "describe", "label", "train", "mine", "ship")
"""Where `ringroad run --until` may stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsConfig:
    """Which recordings go in, and how."""

    paths: tuple[str, ...]
    """Files and folders, relative to the LOOP.toml; `${NAME}` stands for the environment."""
    vehicle: str = "vehicle"
    mode: str = "in-place"
    group: str = ""
    """Images: a regular expression with one group, the recording's name."""
    rate_hz: float = 0.0
    """Files without a clock: frames per second."""
    every: int = 1
    """Keep each n-th frame."""

    def __post_init__(self) -> None:
        """Check the choices."""
        if not self.paths:
            raise ValueError("paths names no file or folder")
        if self.mode not in {"in-place", "copy"}:
            raise ValueError(f'mode is "in-place" or "copy", not {self.mode!r}')
        if self.every < 1:
            raise ValueError("every is 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthConfig:
    """What the simulated annotators and the scoring look at."""

    coco: str = ""
    """A COCO file of boxes; its file names are those of the images."""
    categories: Mapping[str, str] = field(default_factory=dict)
    """COCO category -> ours; others are left out."""
    minimum_area: float = 0.0
    """Boxes below so many square pixels are left out."""
    annotated: tuple[str, ...] = CATEGORIES


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitConfig:
    """Who is tested on, who is labelled from the start; the rest is the pool."""

    unit: str = "recording"
    block: int = 20
    """Frames in a block, where the unit is a block."""
    gap: int = 5
    """Frames dropped between blocks."""
    test: float = 0.35
    """Share of the units of each condition that are kept for the test."""
    start: str = "condition = 'day'"
    """Units with such frames are labelled from the start ..."""
    start_units: int = 8
    """... so many of them."""

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.unit not in {"recording", "block"}:
            raise ValueError(f'unit is "recording" or "block", not {self.unit!r}')
        if not 0 < self.test < 1:
            raise ValueError("test is a share between 0 and 1")

    @property
    def unit_text(self) -> str:
        """The unit as it stands beside every interval."""
        if self.unit == "recording":
            return "recording"
        return f"block of {self.block} frames, {self.gap} dropped between"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelConfig:
    """Simulated annotators: what they get wrong, as shares of the boxes."""

    miss: float = 0.03
    spurious: float = 0.01
    jitter: float = 0.03
    """Standard deviation of an edge, as a share of the box's side."""
    wrong_category: float = 0.01
    wrong_state: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSection:
    """How the network is trained; see models and train for the meaning of each."""

    width: int = 320
    height: int = 192
    epochs: int = 20
    retrain_epochs: int = 12
    batch: int = 8
    learning_rate: float = 3e-3
    channels: int = 16
    stride: int = 8
    threads: int = 1
    """Of one training run; runs go side by side where there are workers."""
    seeds: tuple[int, ...] = (0,)
    command: str = ""
    """The user's own trainer: `python my.py --data {dataset} --out {model}`, writing ONNX."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MineConfig:
    """Which arms compete for the labels, and what they may cost."""

    arms: tuple[str, ...] = ("entropy-k-center", "random", "rule")
    budget_boxes: int = 300
    """What each arm may spend; all arms spend the same, up to one frame's boxes."""
    frames: int = 60
    """About how many frames that buys; rankings name twice as many."""
    min_gap_s: float = 0.0
    """Frames of one recording that are closer are not both chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSection:
    """The rule, frozen before the test set is looked at."""

    metric: str = "AP50"
    category: str = "all"
    slice: str = "night"
    minimum: float = 0.4
    confidence: float = 0.95
    categories: tuple[str, ...] = ("car", "pedestrian")
    """The categories that `all` means here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictConfig:
    """Off-the-shelf networks instead of training: ONNX files and the plug-ins that read them."""

    predictor: str
    network: str
    against: str = ""
    """A second predictor, to re-simulate against."""
    against_network: str = ""
    budget_frames: int = 40
    score: float = 0.35
    against_score: float = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopConfig:
    """One loop. Sections that are absent leave their stages out."""

    name: str
    seed: int = 0
    synthetic: bool = False
    recordings: RecordingsConfig
    split: SplitConfig = field(default_factory=SplitConfig)
    truth: TruthConfig | None = None
    labels: LabelConfig = field(default_factory=LabelConfig)
    train: TrainSection | None = None
    mine: MineConfig = field(default_factory=MineConfig)
    gate: GateSection | None = None
    predict: PredictConfig | None = None

    def __post_init__(self) -> None:
        """Check what hangs together."""
        if self.train is not None and self.truth is None:
            raise ValueError("[train] needs [truth]: there is nobody else to label frames here")
        if self.train is None and self.predict is None:
            raise ValueError("name [train] with [truth], or [predict] with a network")


def read_loop(path: Path) -> LoopConfig:
    """Read a LOOP.toml.

    Raises:
        InvalidConfig: the file is missing, is not TOML, or breaks a rule; names the place.
    """
    remedy = "name a LOOP.toml"
    text = expand(read_text(path, remedy=remedy), path)
    values = parse_toml(text, subject=str(path), remedy=remedy)
    return build(LoopConfig, values, subject=str(path))


def expand(text: str, path: Path) -> str:
    """Put environment values in place of `${NAME}`."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in os.environ:
            raise InvalidConfig(
                f"uses ${{{name}}}, which is not set",
                subject=str(path),
                remedy=f"export {name}=...",
            )
        return os.environ[name].replace("\\", "\\\\").replace('"', '\\"')

    return re.sub(r"\$\{([A-Z_][A-Z0-9_]*)\}", value, text)
