"""What all arms of an arena stand on: recordings, features, truth, and a role for every unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.models.backbone import SIDE
from ringroad.models.config import NetworkConfig
from ringroad.pipelines.arena.config import ArenaConfig, FleetConfig
from ringroad.pipelines.loop.loop import take_recordings
from ringroad.pipelines.loop.truth import import_truth
from ringroad.pipelines.loop_config import RecordingsConfig
from ringroad.pipelines.mine.choose import give_roles
from ringroad.pipelines.mine.features import features_of
from ringroad.pipelines.recordings.fleet import fleet, simulate_fleet
from ringroad.pipelines.recordings.see import Seen, see
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Features, truth and roles."""

    config: ArenaConfig
    seen: tuple[Seen, ...]
    features: tuple[Artifact, ...]
    frames: tuple[Artifact, ...]
    truth: tuple[Artifact, ...]
    roles: Mapping[int, Artifact]
    """Seed -> who is tested on, who is labelled from the start, who is in the pool."""
    network: NetworkConfig


@step(uses=("pyarrow",))
def narrow_truth(bench: Bench, *, truth: Artifact, categories: list[str]) -> Artifact:
    """Truth without things of other categories; their frames were looked at all the same."""
    rows = bench.read_table(truth)
    known = pc.is_in(rows["category"], value_set=pa.array(categories, pa.string()))
    names = pc.if_else(known, rows["category"], "").cast(rows.schema.field("category").type)
    place = rows.schema.get_field_index("category")
    return bench.write_table("truth", rows.set_column(place, rows.schema.field(place), names))


def grounds_of(workspace: Workspace, config: ArenaConfig, folder: Path) -> Grounds:
    """Read, decode, describe; features once for all; a split for each seed.

    Raises:
        InputError: recordings, truth or the backbone cannot be read.
    """
    seen, truth = _recorded(workspace, config, folder)
    split = config.split
    seeds = (*config.contest.seeds, *(config.full.seeds if config.full else ()))
    roles = {
        seed: workspace.runner.run(
            give_roles,
            seed=config.seed + seed,
            frames=[item.frames for item in seen],
            unit=split.unit,
            block=split.block,
            gap=split.gap,
            test=split.test,
            start=split.start,
            start_units=split.start_units,
        )
        for seed in seeds
    }
    features, frames = _features(workspace, config, seen, folder)
    return Grounds(
        config=config,
        seen=seen,
        features=features,
        frames=frames,
        truth=truth,
        roles=roles,
        network=NetworkConfig(
            width=SIDE, height=SIDE, stride=8, categories=tuple(config.truth.annotated)
        ),
    )


def _recorded(
    workspace: Workspace, config: ArenaConfig, folder: Path
) -> tuple[tuple[Seen, ...], tuple[Artifact, ...]]:
    """Decoded recordings and their truth: from files, or from a synthetic fleet."""
    if config.fleet is not None:
        return _fleet(workspace, config, config.fleet)
    recordings = config.recordings
    if recordings is None:
        raise InputError("names no recordings", subject=config.name, remedy="see [recordings]")
    seen = _seen(workspace, recordings, folder, synthetic=config.synthetic)
    return seen, import_truth(workspace, config.truth, seen, folder)


def _fleet(
    workspace: Workspace, config: ArenaConfig, section: FleetConfig
) -> tuple[tuple[Seen, ...], tuple[Artifact, ...]]:
    counts = {"day": section.day, "dusk": section.dusk, "night": section.night}
    specs = fleet(
        config.seed, counts=counts, duration_s=section.duration_s, rate_hz=section.rate_hz
    )
    folder = workspace.folder / f"fleet-{config.name}"
    truth = simulate_fleet(workspace, specs, folder)
    told = ", ".join(f"{count} {condition}" for condition, count in counts.items() if count)
    workspace.say(f"simulate   {len(specs)} synthetic recordings: {told}")
    recordings = RecordingsConfig(paths=(folder.name,), vehicle=specs[0].vehicle)
    seen = _seen(workspace, recordings, workspace.folder, synthetic=True)
    of_seen = [truth[item.taken.recording.id] for item in seen]
    wanted = list(config.truth.annotated)
    made = workspace.runner.map(
        narrow_truth, [{"truth": part, "categories": wanted} for part in of_seen]
    )
    return seen, tuple(made)


def _seen(
    workspace: Workspace, recordings: RecordingsConfig, folder: Path, *, synthetic: bool
) -> tuple[Seen, ...]:
    collected = take_recordings(workspace, recordings, folder, synthetic=synthetic)
    return see(workspace, collected.taken, width=SIDE, height=SIDE, every=recordings.every)


def _features(
    workspace: Workspace, config: ArenaConfig, seen: Sequence[Seen], folder: Path
) -> tuple[tuple[Artifact, ...], tuple[Artifact, ...]]:
    """Features of all frames, computed once."""
    path = folder / config.backbone.network
    made = features_of(workspace, seen, config.backbone, path)
    workspace.say(f"features   of {len(seen)} recordings, by {path.name}")
    return tuple(item["features"] for item in made), tuple(item["frames"] for item in made)
