"""What an ARENA.toml may say. Frozen before anything is looked at; unknown keys are errors."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from ringroad.domain.config import build
from ringroad.domain.errors import InvalidConfig
from ringroad.models.backbone import FASTESTDET
from ringroad.pipelines.loop_config import RecordingsConfig, SplitConfig, TruthConfig, expand
from ringroad.plugins import STRATEGIES
from ringroad.train.dense import HeadConfig

RANDOM, MANUAL = "random", "rule"
"""The arms that are always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneConfig:
    """The network whose features are taken; its weights stay as they are."""

    network: str
    """An ONNX file; `${NAME}` stands for the environment."""
    tensors: tuple[str, ...] = FASTESTDET
    channels: int = 64
    """Of what is kept: the main axes of the pool's features."""
    fit_frames: int = 80
    """How many frames tell these axes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RareConfig:
    """The slice that the manual arm, and the gain over it, are about."""

    category: str
    condition: str = "night"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestConfig:
    """Who competes, how often, for how much."""

    strategies: tuple[str, ...]
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    rounds: int = 4
    budget_boxes: int = 100
    """What each arm may spend in a round."""
    start_boxes: int = 100
    """Labels that every arm starts with, drawn from the units of the start by the seed."""
    min_gap_s: float = 0.0
    reach: float = 0.95
    """Share of the AP of the whole pool, to which label cost is told."""

    def __post_init__(self) -> None:
        """The two arms that are always there are named by nobody."""
        if min(self.rounds, self.budget_boxes, self.start_boxes) < 1:
            raise ValueError("rounds, budget_boxes and start_boxes are 1 or more")
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise ValueError("name seeds, each once")
        unknown = sorted(set(self.strategies) - set(STRATEGIES.names()))
        if unknown:
            raise ValueError(
                f"no strategy is called {unknown[0]!r}: {', '.join(STRATEGIES.names())}"
            )

    @property
    def arms(self) -> tuple[str, ...]:
        """All of them, random and manual first."""
        return tuple(dict.fromkeys((RANDOM, MANUAL, *self.strategies)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaConfig:
    """One arena."""

    name: str
    seed: int = 0
    """Of the splits: each seed of the contest draws its own, at this plus itself."""
    synthetic: bool = False
    recordings: RecordingsConfig
    split: SplitConfig = field(default_factory=SplitConfig)
    truth: TruthConfig
    backbone: BackboneConfig
    rare: RareConfig
    contest: ContestConfig
    head: HeadConfig = field(default_factory=HeadConfig)


def read_arena(path: Path) -> ArenaConfig:
    """Read an ARENA.toml.

    Raises:
        InvalidConfig: the file is missing, is not TOML, or breaks a rule; names the place.
    """
    try:
        text = path.read_text()
    except OSError as error:
        raise InvalidConfig(
            f"cannot be read: {error.strerror}", subject=str(path), remedy="name an ARENA.toml"
        ) from error
    try:
        values = tomllib.loads(expand(text, path))
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfig(f"is not TOML: {error}", subject=str(path)) from error
    return build(ArenaConfig, values, subject=str(path))
