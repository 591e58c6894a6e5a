"""The arena: strategies against each other at equal label cost, seed by seed and round by round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.time import from_seconds
from ringroad.models.backbone import SIDE
from ringroad.models.config import NetworkConfig
from ringroad.pipelines.arena_config import MANUAL, ArenaConfig
from ringroad.pipelines.arena_features import feature_recording, fit_axes
from ringroad.pipelines.arena_judge import judge_arena
from ringroad.pipelines.arena_steps import choose_round, learn_round, start_labels, whole_pool
from ringroad.pipelines.choose import give_roles
from ringroad.pipelines.loop import take_recordings
from ringroad.pipelines.see import Seen, see
from ringroad.pipelines.truth import import_truth
from ringroad.pipelines.workspace import Workspace

KIND = "arena"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What all arms stand on: features, truth and roles."""

    config: ArenaConfig
    seen: tuple[Seen, ...]
    features: tuple[Artifact, ...]
    frames: tuple[Artifact, ...]
    truth: tuple[Artifact, ...]
    roles: Mapping[int, Artifact]
    """Seed -> who is tested on, who is labelled from the start, who is in the pool."""
    network: NetworkConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One arm at one seed after one round."""

    arm: str
    seed: int
    round: int
    labelled: Artifact
    learnt: dict[str, Artifact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """All turns, what the whole pool gives, and the verdict."""

    grounds: Grounds
    turns: tuple[Turn, ...]
    whole: tuple[Turn, ...]
    result: Artifact


def run_arena(workspace: Workspace, config: ArenaConfig, *, folder: Path) -> Contest:
    """Run what is not cached, and judge. An interrupted arena goes on where it was.

    Raises:
        InputError: recordings, truth or the backbone cannot be read, or no unit is rare.
    """
    grounds = _grounds(workspace, config, folder)
    arms, seeds = config.contest.arms, config.contest.seeds
    starts = workspace.runner.map(
        start_labels,
        [
            {
                "roles": grounds.roles[seed],
                "truth": list(grounds.truth),
                "boxes": config.contest.start_boxes,
                "seed": seed,
            }
            for seed in seeds
        ],
    )
    first = _learn(
        workspace, grounds, [("", seed, 0, at) for seed, at in zip(seeds, starts, strict=True)]
    )
    turns = [
        Turn(arm=arm, seed=turn.seed, round=0, labelled=turn.labelled, learnt=turn.learnt)
        for arm in arms
        for turn in first
    ]
    last = turns
    for number in range(1, config.contest.rounds + 1):
        last = _round(workspace, grounds, last, number)
        turns += last
        _tell(workspace, number, last)
    every = [
        workspace.runner.run(whole_pool, roles=grounds.roles[seed], truth=list(grounds.truth))
        for seed in seeds
    ]
    asked = [("all", seed, -1, at) for seed, at in zip(seeds, every, strict=True)]
    whole = _learn(workspace, grounds, asked, scored=False)
    result = workspace.runner.run(
        judge_arena,
        figures=[turn.learnt["figures"] for turn in (*turns, *whole)],
        labelled=[turn.labelled for turn in (*turns, *whole)],
        keys=[[turn.arm, turn.seed, turn.round] for turn in (*turns, *whole)],
        rare=asdict(config.rare),
        reach=config.contest.reach,
        unit=config.split.unit_text,
        name=config.name,
        synthetic=config.synthetic,
    )
    workspace.point(f"{KIND}:{config.name}", result, reason="arena")
    return Contest(grounds=grounds, turns=tuple(turns), whole=tuple(whole), result=result)


def _grounds(workspace: Workspace, config: ArenaConfig, folder: Path) -> Grounds:
    collected = take_recordings(workspace, config.recordings, folder, synthetic=config.synthetic)
    seen = see(workspace, collected.taken, width=SIDE, height=SIDE, every=config.recordings.every)
    truth = import_truth(workspace, config.truth, seen, folder)
    split = config.split
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
        for seed in config.contest.seeds
    }
    features, frames = _features(workspace, config, seen, folder)
    categories = tuple(config.truth.annotated)
    if config.rare.category not in categories:
        raise InputError(
            f"{config.rare.category!r} is none of the annotated categories",
            subject=config.name,
            remedy=f"rare.category is one of {', '.join(categories)}",
        )
    return Grounds(
        config=config,
        seen=seen,
        features=features,
        frames=frames,
        truth=truth,
        roles=roles,
        network=NetworkConfig(width=SIDE, height=SIDE, stride=8, categories=categories),
    )


def _features(
    workspace: Workspace, config: ArenaConfig, seen: Sequence[Seen], folder: Path
) -> tuple[tuple[Artifact, ...], tuple[Artifact, ...]]:
    """Features of all frames, computed once."""
    path = folder / config.backbone.network
    if not path.is_file():
        raise InputError(
            "no such network", subject=str(path), remedy="name an ONNX file in backbone.network"
        )
    digest = workspace.blobs.put_file(path)
    network = Artifact(
        kind="onnx", digest=digest, size_bytes=path.stat().st_size, media="application/onnx"
    )
    tensors = list(config.backbone.tensors)
    axes = workspace.runner.run(
        fit_axes,
        network=network,
        proxies=[item.proxies for item in seen],
        tensors=tensors,
        channels=config.backbone.channels,
        frames=config.backbone.fit_frames,
    )
    made = workspace.runner.map(
        feature_recording,
        [
            {"network": network, "axes": axes, "proxies": item.proxies, "tensors": tensors}
            for item in seen
        ],
    )
    workspace.say(f"features   of {len(seen)} recordings, by {path.name}")
    return tuple(item["features"] for item in made), tuple(item["frames"] for item in made)


def _round(workspace: Workspace, grounds: Grounds, last: Sequence[Turn], number: int) -> list[Turn]:
    """Each arm chooses by what it learnt, then learns again."""
    contest = grounds.config.contest
    options: dict[str, Any] = {"min_gap_ns": from_seconds(contest.min_gap_s)}
    chosen = workspace.runner.map(
        choose_round,
        [
            {
                "candidates": turn.learnt["candidates"],
                "labelled": turn.labelled,
                "truth": list(grounds.truth),
                "strategy": turn.arm,
                "budget": contest.budget_boxes,
                "options": options
                | ({"condition": grounds.config.rare.condition} if turn.arm == MANUAL else {}),
                "seed": 1000 * number + turn.seed,
            }
            for turn in last
        ],
    )
    asked = [
        (turn.arm, turn.seed, number, labelled) for turn, labelled in zip(last, chosen, strict=True)
    ]
    return _learn(workspace, grounds, asked)


def _learn(
    workspace: Workspace,
    grounds: Grounds,
    asked: Sequence[tuple[str, int, int, Artifact]],
    *,
    scored: bool = True,
) -> list[Turn]:
    """A head for each; those that are labelled alike at one seed are learnt once."""
    config = grounds.config
    made = workspace.runner.map(
        learn_round,
        [
            {
                "features": list(grounds.features),
                "frames": list(grounds.frames),
                "described": [item.frames for item in grounds.seen],
                "truth": list(grounds.truth),
                "roles": grounds.roles[seed],
                "labelled": labelled,
                "network": grounds.network.to_json(),
                "head": asdict(config.head),
                "rare": asdict(config.rare),
                "scored": scored,
                "seed": seed,
            }
            for _, seed, _, labelled in asked
        ],
    )
    return [
        Turn(arm=arm, seed=seed, round=number, labelled=labelled, learnt=learnt)
        for (arm, seed, number, labelled), learnt in zip(asked, made, strict=True)
    ]


def _tell(workspace: Workspace, number: int, turns: Sequence[Turn]) -> None:
    """One line a round."""
    means: dict[str, list[float]] = {}
    for turn in turns:
        means.setdefault(turn.arm, []).append(workspace.json(turn.learnt["figures"])["mean"])
    best = sorted(means, key=lambda arm: -sum(means[arm]) / len(means[arm]))
    told = ", ".join(f"{arm} {sum(means[arm]) / len(means[arm]):.3f}" for arm in best[:4])
    workspace.say(f"round {number}    mean AP50: {told} ...")
