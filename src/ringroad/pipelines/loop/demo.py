"""The demo: a synthetic fleet, day-heavy, through the whole loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringroad.pipelines.loop.loop import LoopResult, run_loop
from ringroad.pipelines.loop.pictures import first_frames
from ringroad.pipelines.loop_config import (
    GateSection,
    LoopConfig,
    MineConfig,
    RecordingsConfig,
    SplitConfig,
    TrainSection,
    TruthConfig,
)
from ringroad.pipelines.recordings.fleet import fleet, lay, simulate_fleet
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace

VEHICLE = "fleet"
FOLDER = "fleet"
CUT_SHARE = 0.7
"""The truncated recording ends here, in the middle of a chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConfig:
    """How large the demo is."""

    day: int = 26
    dusk: int = 4
    night: int = 16
    duration_s: float = 8.0
    rate_hz: float = 4.0
    loop: LoopConfig


def demo_config(*, seed: int, quick: bool) -> DemoConfig:
    """The demo's figures; `quick` shows every stage and proves nothing."""
    loop = LoopConfig(
        name="demo",
        seed=seed,
        synthetic=True,
        recordings=RecordingsConfig(paths=(FOLDER,), vehicle=VEHICLE),
        split=SplitConfig(test=0.45, start="condition = 'day'", start_units=3 if quick else 6),
        truth=TruthConfig(),
        train=TrainSection(
            epochs=4 if quick else 30, retrain_epochs=2 if quick else 24, seeds=(seed,)
        ),
        mine=MineConfig(
            arms=("k-center", "random", "rule"),
            budget_boxes=100 if quick else 600,
            frames=10 if quick else 80,
        ),
        gate=GateSection(slice="night", minimum=0.2),
    )
    if quick:
        return DemoConfig(day=5, dusk=2, night=3, duration_s=3.0, rate_hz=3.0, loop=loop)
    return DemoConfig(loop=loop)


def run_demo(workspace: Workspace, config: DemoConfig) -> LoopResult:
    """Drive the fleet, spoil two of its recordings as life does, and go around the loop."""
    folder = workspace.folder / FOLDER
    counts = {"day": config.day, "dusk": config.dusk, "night": config.night}
    specs = fleet(
        config.loop.seed, counts=counts, duration_s=config.duration_s, rate_hz=config.rate_hz
    )
    cut = specs[config.day - 1].name
    truth = simulate_fleet(workspace, specs, folder, cut={cut: CUT_SHARE})
    lay(folder / "card-error.mcap", bytes(range(256)) * 64)
    workspace.say(
        f"simulate   {len(specs)} synthetic recordings: "
        + ", ".join(f"{count} {condition}" for condition, count in counts.items())
    )
    result = run_loop(
        workspace,
        config.loop,
        folder=workspace.folder,
        truth=truth,
        shown=lambda seen: show(workspace, seen),
    )
    if result is None:
        raise AssertionError("the demo runs all stages")
    return result


def show(workspace: Workspace, seen: Sequence[Seen]) -> None:
    """Lay a first picture into the workspace: a frame of some recordings."""
    picture = first_frames(workspace, seen)
    path = workspace.folder / f"first-frames.{picture.media.rpartition('/')[2]}"
    path.write_bytes(picture.data)
    workspace.say(f"look       {path}")
