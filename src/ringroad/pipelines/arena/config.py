"""What an ARENA.toml may say. Frozen before anything is looked at; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ringroad.domain.config import build, parse_toml, read_text
from ringroad.mine.options import read_options
from ringroad.pipelines.loop_config import RecordingsConfig, SplitConfig, TruthConfig, expand
from ringroad.pipelines.mine.features import BackboneConfig
from ringroad.plugins import STRATEGIES
from ringroad.train.dense import HeadConfig

RANDOM, MANUAL = "random", "rule"
"""The arms that are always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RareConfig:
    """The slice that the manual arm, and the gain over it, are about."""

    category: str
    condition: str = "night"
    """`all`: the slice is the category alone, and so is the manual arm's rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantConfig:
    """A strategy with options of its own, under a name of its own."""

    strategy: str
    options: Mapping[str, object] = field(default_factory=dict)
    """As `ringroad mine` takes them: `column`, `weights`, `pool_factor` ..."""

    def __post_init__(self) -> None:
        """Check the strategy and its options before anything runs."""
        if self.strategy not in STRATEGIES.names():
            raise ValueError(f"no strategy is called {self.strategy!r}: {_known()}")
        read_options(self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """A synthetic fleet to compete on: its truth comes from the side channel."""

    day: int = 0
    dusk: int = 0
    night: int = 0
    duration_s: float = 4.0
    rate_hz: float = 4.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if min(self.day, self.dusk, self.night) < 0 or self.day + self.dusk + self.night < 1:
            raise ValueError("day, dusk and night are numbers of recordings, not all 0")
        if self.duration_s <= 0 or self.rate_hz <= 0:
            raise ValueError("duration_s and rate_hz are above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestConfig:
    """Who competes, how often, for how much."""

    strategies: tuple[str, ...] = ()
    variants: Mapping[str, VariantConfig] = field(default_factory=dict)
    """Further arms by name."""
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
            raise ValueError(f"no strategy is called {unknown[0]!r}: {_known()}")
        twice = sorted(set(self.variants) & set(STRATEGIES.names()))
        if twice:
            raise ValueError(f"the variant {twice[0]!r} has the name of a strategy")

    @property
    def arms(self) -> tuple[str, ...]:
        """All of them, random and manual first."""
        return tuple(dict.fromkeys((RANDOM, MANUAL, *self.strategies, *self.variants)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FullConfig:
    """The second stage: the reference network trained whole, for three arms.

    They are the best arm of the first stage, `random` and the manual one, at seeds that the first
    stage did not see: the best arm was picked there, and would flatter itself.
    """

    seeds: tuple[int, ...] = (100, 101, 102)
    by: str = "mean"
    """What the best arm is best at: `mean` AP50 over categories, or AP50 of the `rare` slice."""
    width: int = 240
    height: int = 176
    channels: int = 8
    stride: int = 4
    first_steps: int = 800
    """From nothing, on the labels of the start; every arm goes on from there ..."""
    steps: int = 400
    """... for so many more, the same for every set of labels: more are not more training."""
    batch: int = 8
    learning_rate: float = 3e-3

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.by not in {"mean", "rare"}:
            raise ValueError(f'by is "mean" or "rare", not {self.by!r}')
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise ValueError("name seeds, each once")
        if min(self.first_steps, self.steps) < 1:
            raise ValueError("first_steps and steps are 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaConfig:
    """One arena."""

    name: str
    seed: int = 0
    """Of the splits: each seed of the contest draws its own, at this plus itself."""
    synthetic: bool = False
    recordings: RecordingsConfig | None = None
    fleet: FleetConfig | None = None
    """In place of recordings."""
    split: SplitConfig = field(default_factory=SplitConfig)
    truth: TruthConfig
    backbone: BackboneConfig
    rare: RareConfig
    contest: ContestConfig
    head: HeadConfig = field(default_factory=HeadConfig)
    full: FullConfig | None = None

    def __post_init__(self) -> None:
        """Check what hangs together."""
        if (self.recordings is None) == (self.fleet is None):
            raise ValueError("name [recordings], or a synthetic [fleet], one of the two")
        if self.fleet is not None and not self.synthetic:
            raise ValueError("what comes of a [fleet] is synthetic: say synthetic = true")
        if self.rare.category not in self.truth.annotated:
            known = ", ".join(self.truth.annotated)
            raise ValueError(
                f"rare.category {self.rare.category!r} is none of truth.annotated: {known}"
            )
        if self.full is not None and set(self.full.seeds) & set(self.contest.seeds):
            raise ValueError("full.seeds are none of contest.seeds: the best arm is picked there")


def _known() -> str:
    return ", ".join(STRATEGIES.names())


def read_arena(path: Path) -> ArenaConfig:
    """Read an ARENA.toml.

    Raises:
        InvalidConfig: the file is missing, is not TOML, or breaks a rule; names the place.
    """
    remedy = "name an ARENA.toml"
    text = expand(read_text(path, remedy=remedy), path)
    values = parse_toml(text, subject=str(path), remedy=remedy)
    return build(ArenaConfig, values, subject=str(path))
