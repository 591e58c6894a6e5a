"""The arena: strategies against each other at equal label cost, seed by seed and round by round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.time import from_seconds
from ringroad.mine.asking import asked
from ringroad.mine.strategies import ANY
from ringroad.pipelines.arena.config import MANUAL, RANDOM, ArenaConfig
from ringroad.pipelines.arena.full import second_stage
from ringroad.pipelines.arena.grounds import Grounds, grounds_of
from ringroad.pipelines.arena.judge import judge_arena
from ringroad.pipelines.arena.learn import learn_round, measure_round
from ringroad.pipelines.arena.show import note_choices
from ringroad.pipelines.arena.steps import choose_round, start_labels, whole_pool
from ringroad.pipelines.arena.verdict import join_stages
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import STRATEGIES

KIND = "arena"
WHOLE, START = -1, 0
"""Rounds that are none: all labels there are, and those of the start."""


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
    grounds = grounds_of(workspace, config, folder)
    contest = config.contest
    turns = compete(workspace, grounds, contest.arms, contest.seeds)
    whole = _learn(workspace, grounds, _whole(workspace, grounds, contest.seeds))
    first = workspace.runner.run(
        judge_arena,
        figures=[turn.learnt["figures"] for turn in (*turns, *whole)],
        labelled=[turn.labelled for turn in (*turns, *whole)],
        keys=[[turn.arm, turn.seed, turn.round] for turn in (*turns, *whole)],
        rare=asdict(config.rare),
        reach=contest.reach,
        unit=config.split.unit_text,
        name=config.name,
        synthetic=config.synthetic,
    )
    choices = note_choices(
        workspace,
        grounds,
        {t.arm: t.labelled for t in turns if (t.seed, t.round) == (contest.seeds[0], 1)},
    )
    full = _full(workspace, grounds, first)
    result = workspace.runner.run(
        join_stages,
        first=first,
        choices=choices,
        full=full,
        arms={arm: list(_way(config, arm)) for arm in contest.arms},
    )
    workspace.point(f"{KIND}:{config.name}", result, reason="arena")
    return Contest(grounds=grounds, turns=tuple(turns), whole=tuple(whole), result=result)


def compete(
    workspace: Workspace, grounds: Grounds, arms: Sequence[str], seeds: Sequence[int]
) -> list[Turn]:
    """All rounds of some arms at some seeds, the start as round 0."""
    contest = grounds.config.contest
    starts = workspace.runner.map(
        start_labels,
        [
            {
                "roles": grounds.roles[seed],
                "truth": list(grounds.truth),
                "boxes": contest.start_boxes,
                "seed": seed,
            }
            for seed in seeds
        ],
    )
    asked_for = [("", seed, START, at) for seed, at in zip(seeds, starts, strict=True)]
    last = [
        Turn(arm=arm, seed=turn.seed, round=START, labelled=turn.labelled, learnt=turn.learnt)
        for turn in _learn(workspace, grounds, asked_for)
        for arm in arms
    ]
    turns = last
    for number in range(1, contest.rounds + 1):
        last = _round(workspace, grounds, last, number)
        turns = [*turns, *last]
        _tell(workspace, number, last)
    return turns


def _full(workspace: Workspace, grounds: Grounds, first: Artifact) -> Artifact | None:
    """The second stage, where it is asked for: labels of its seeds, then whole networks."""
    config = grounds.config
    if config.full is None:
        return None
    verdict = workspace.json(first)["arms"]
    rivals = [arm for arm in config.contest.arms if arm not in {RANDOM, MANUAL}]
    measure = config.full.by
    best = max(rivals or [RANDOM], key=lambda arm: (_area(verdict, arm, measure), arm))
    workspace.say(f"stage two  best of the first by {measure}: {best}")
    seeds = config.full.seeds
    arms = tuple(dict.fromkeys((best, RANDOM, MANUAL)))
    turns = compete(workspace, grounds, arms, seeds)
    kept = [turn for turn in turns if turn.round in {START, config.contest.rounds}]
    labelled = [(turn.arm, turn.seed, turn.round, turn.labelled) for turn in kept]
    return second_stage(
        workspace, grounds, [*labelled, *_whole(workspace, grounds, seeds)], best=best
    )


def _area(verdict: Mapping[str, Any], arm: str, measure: str) -> float:
    return float(verdict[arm][measure]["area"]["value"])


def _whole(
    workspace: Workspace, grounds: Grounds, seeds: Sequence[int]
) -> list[tuple[str, int, int, Artifact]]:
    """Every label there is outside of the test, seed by seed."""
    asked_for = [{"roles": grounds.roles[seed], "truth": list(grounds.truth)} for seed in seeds]
    made = workspace.runner.map(whole_pool, asked_for)
    return [("all", seed, WHOLE, at) for seed, at in zip(seeds, made, strict=True)]


def _way(config: ArenaConfig, arm: str) -> tuple[str, dict[str, object]]:
    """The strategy of an arm, and its options."""
    variant = config.contest.variants.get(arm)
    strategy = variant.strategy if variant else arm
    options: dict[str, object] = {"min_gap_ns": from_seconds(config.contest.min_gap_s)}
    if strategy == MANUAL:
        options["condition"] = config.rare.condition or ANY
    return strategy, options | dict(variant.options if variant else {})


def _round(workspace: Workspace, grounds: Grounds, last: Sequence[Turn], number: int) -> list[Turn]:
    """Each arm has measured what it asks for, chooses by it, then learns again."""
    ways = {turn.arm: _way(grounds.config, turn.arm) for turn in last}
    measured = workspace.runner.map(
        measure_round,
        [
            _ground_arguments(grounds, turn.seed)
            | {
                "labelled": turn.labelled,
                "learnt": turn.learnt["head"],
                "columns": list(asked(STRATEGIES.load(ways[turn.arm][0]), ways[turn.arm][1])),
            }
            for turn in last
        ],
    )
    chosen = workspace.runner.map(
        choose_round,
        [
            {
                "candidates": candidates,
                "labelled": turn.labelled,
                "truth": list(grounds.truth),
                "strategy": ways[turn.arm][0],
                "budget": grounds.config.contest.budget_boxes,
                "options": ways[turn.arm][1],
                "seed": 1000 * number + turn.seed,
            }
            for turn, candidates in zip(last, measured, strict=True)
        ],
    )
    asked_for = [
        (turn.arm, turn.seed, number, labelled) for turn, labelled in zip(last, chosen, strict=True)
    ]
    return _learn(workspace, grounds, asked_for)


def _learn(
    workspace: Workspace, grounds: Grounds, asked_for: Sequence[tuple[str, int, int, Artifact]]
) -> list[Turn]:
    """A head for each; those that are labelled alike at one seed are learnt once."""
    made = workspace.runner.map(
        learn_round,
        [
            _ground_arguments(grounds, seed) | {"labelled": labelled}
            for _, seed, _, labelled in asked_for
        ],
    )
    return [
        Turn(arm=arm, seed=seed, round=number, labelled=labelled, learnt=learnt)
        for (arm, seed, number, labelled), learnt in zip(asked_for, made, strict=True)
    ]


def _ground_arguments(grounds: Grounds, seed: int) -> dict[str, Any]:
    """What learning and measuring both stand on."""
    return {
        "features": list(grounds.features),
        "frames": list(grounds.frames),
        "described": [item.frames for item in grounds.seen],
        "truth": list(grounds.truth),
        "roles": grounds.roles[seed],
        "network": grounds.network.to_json(),
        "head": asdict(grounds.config.head),
        "rare": asdict(grounds.config.rare),
        "seed": seed,
    }


def _tell(workspace: Workspace, number: int, turns: Sequence[Turn]) -> None:
    """One line a round."""
    means: dict[str, list[float]] = {}
    for turn in turns:
        means.setdefault(turn.arm, []).append(workspace.json(turn.learnt["figures"])["mean"])
    best = sorted(means, key=lambda arm: -sum(means[arm]) / len(means[arm]))
    told = ", ".join(f"{arm} {sum(means[arm]) / len(means[arm]):.3f}" for arm in best[:4])
    workspace.say(f"round {number}    mean AP50: {told} ...")
