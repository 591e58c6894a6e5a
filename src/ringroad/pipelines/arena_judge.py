"""The verdict of an arena: curves, paired tests, gains over the manual arm, label cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ringroad.domain.artifact import Artifact
from ringroad.metrics.paired import (
    area,
    cost_to_reach,
    mean_interval,
    ratio_of_gains,
    sign_flip,
)
from ringroad.pipelines.arena_config import MANUAL, RANDOM
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

CONFIDENCE = 0.95
MEASURES = ("mean", "rare")
WHOLE = "all"


@step(uses=("numpy", "scipy"))
def judge_arena(
    bench: Bench,
    *,
    figures: Sequence[Artifact],
    labelled: Sequence[Artifact],
    keys: list[list[object]],
    rare: dict[str, str],
    reach: float,
    unit: str,
    name: str,
    synthetic: bool,
) -> Artifact:
    """Compare the arms. Intervals and tests are over seeds, each with a split of its own."""
    rows = [
        {
            "arm": str(arm),
            "seed": int(str(seed)),
            "round": int(str(number)),
            **{key: told[key] for key in ("mean", "rare", "slices", "labelled")},
            **{key: spent[key] for key in ("boxes", "chosen")},
        }
        for (arm, seed, number), told, spent in zip(
            keys,
            (bench.read_json(part) for part in figures),
            (bench.read_json(part) for part in labelled),
            strict=True,
        )
    ]
    turns = [row for row in rows if row["round"] >= 0]
    whole = [row for row in rows if row["round"] < 0]
    arms = list(dict.fromkeys(str(row["arm"]) for row in turns))
    verdict = {
        arm: {measure: _verdict(turns, whole, arm, measure, reach) for measure in MEASURES}
        for arm in arms
    }
    told = bench.read_json(figures[0])
    return bench.write_json(
        "arena",
        {
            "name": name,
            "synthetic": synthetic,
            "rare": rare,
            "reach": reach,
            "unit": unit,
            "test": {"units": told["units"], "frames": told["frames"]},
            "seeds": sorted({int(row["seed"]) for row in turns}),
            "arms": verdict,
            "turns": turns,
            "whole": whole,
        },
    )


def _verdict(
    turns: list[dict[str, Any]],
    whole: list[dict[str, Any]],
    arm: str,
    measure: str,
    reach: float,
) -> dict[str, Any]:
    costs, values = _curve(turns, arm, measure)
    pool = np.array([_value(row, measure) for row in whole])
    pool_cost = float(np.mean([row["boxes"] for row in whole]))
    target = reach * float(pool.mean())
    cost = cost_to_reach(costs.mean(axis=0), values.mean(axis=0), target)
    told: dict[str, Any] = {
        "boxes": [float(v) for v in costs.mean(axis=0)],
        "curve": [mean_interval(column, confidence=CONFIDENCE) for column in values.T],
        "area": mean_interval(
            np.array([area(c, v) for c, v in zip(costs, values, strict=True)]),
            confidence=CONFIDENCE,
        ),
        "pool": float(pool.mean()),
        "target": target,
        "cost_to_target": cost,
        "share_to_target": None if cost is None else cost / pool_cost,
    }
    for other in (RANDOM, MANUAL):
        if other != arm:
            told[f"against_{other}"] = _against(turns, arm, other, measure)
    return told


def _against(turns: list[dict[str, Any]], arm: str, other: str, measure: str) -> dict[str, Any]:
    """Last round, paired by seed."""
    ours, theirs = (_curve(turns, name, measure)[1] for name in (arm, other))
    gain, baseline = ours[:, -1] - ours[:, 0], theirs[:, -1] - theirs[:, 0]
    apart = ours[:, -1] - theirs[:, -1]
    return {
        "difference": mean_interval(apart, confidence=CONFIDENCE),
        "p": sign_flip(apart),
        "gain": mean_interval(gain, confidence=CONFIDENCE),
        "gain_of_other": mean_interval(baseline, confidence=CONFIDENCE),
        "ratio_of_gains": ratio_of_gains(gain, baseline, confidence=CONFIDENCE),
    }


def _curve(turns: list[dict[str, Any]], arm: str, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """(seeds, rounds) boxes spent and values."""
    mine = sorted(
        (row for row in turns if row["arm"] == arm), key=lambda row: (row["seed"], row["round"])
    )
    seeds = len({row["seed"] for row in mine})
    costs = np.array([row["boxes"] for row in mine], np.float64).reshape(seeds, -1)
    values = np.array([_value(row, measure) for row in mine]).reshape(seeds, -1)
    return costs, values


def _value(row: dict[str, Any], measure: str) -> float:
    """What was not evaluated counts as nothing found: the test holds it for all arms or none."""
    return 0.0 if row[measure] is None else float(row[measure])
