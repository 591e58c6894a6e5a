"""The verdict of an arena: curves, paired tests, gains over the manual arm, label cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ringroad.domain.artifact import Artifact
from ringroad.metrics.label_cost import cost_at_equal, share_to_reach
from ringroad.metrics.paired import area, mean_interval, ratio_of_gains, sign_flip
from ringroad.pipelines.arena.config import MANUAL, RANDOM
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

CONFIDENCE = 0.95
MEASURES = ("mean", "rare")
Row = dict[str, Any]


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
            **{key: told[key] for key in ("mean", "rare", "slices", "units", "frames")},
            "boxes": spent["boxes"],
            "labelled": len(spent["frames"]),
        }
        for (arm, seed, number), told, spent in zip(
            keys,
            (bench.read_json(part) for part in figures),
            (bench.read_json(part) for part in labelled),
            strict=True,
        )
    ]
    turns = [row for row in rows if row["round"] >= 0]
    whole = sorted((row for row in rows if row["round"] < 0), key=lambda row: int(row["seed"]))
    arms = list(dict.fromkeys(str(row["arm"]) for row in turns))
    return bench.write_json(
        "arena-stage",
        {
            "name": name,
            "synthetic": synthetic,
            "rare": rare,
            "reach": reach,
            "unit": unit,
            "test": {
                "units": _mean(rows, "units"),
                "frames": _mean(rows, "frames"),
            },
            "seeds": sorted({int(row["seed"]) for row in turns}),
            "arms": {arm: _verdict(turns, whole, arm, reach) for arm in arms},
            "whole": {
                "boxes": _mean(whole, "boxes"),
                "labelled": _mean(whole, "labelled"),
                **{
                    measure: mean_interval(_values(whole, measure), confidence=CONFIDENCE)
                    for measure in MEASURES
                },
                "slices": _slices(whole),
            },
            "turns": [_without(row, ("slices",)) for row in rows],
        },
    )


def _verdict(turns: list[Row], whole: list[Row], arm: str, reach: float) -> dict[str, Any]:
    mine = [row for row in turns if row["arm"] == arm]
    last = max(int(row["round"]) for row in mine)
    ends = [row for row in mine if row["round"] == last]
    return {
        "boxes": _mean(ends, "boxes"),
        "labelled": _mean(ends, "labelled"),
        "slices": _slices(ends),
        **{measure: _measured(turns, whole, arm, measure, reach) for measure in MEASURES},
    }


def _measured(
    turns: list[Row], whole: list[Row], arm: str, measure: str, reach: float
) -> dict[str, Any]:
    """One arm by one measure: its curve, what it costs, and against the two that always run."""
    costs, values = _curve(turns, arm, measure)
    whole_costs, whole_values = _values(whole, "boxes"), _values(whole, measure)
    told: dict[str, Any] = {
        "boxes": [float(v) for v in costs.mean(axis=0)],
        "curve": [mean_interval(column, confidence=CONFIDENCE) for column in values.T],
        "area": mean_interval(
            np.array([area(c, v) for c, v in zip(costs, values, strict=True)]),
            confidence=CONFIDENCE,
        ),
        "gain": mean_interval(values[:, -1] - values[:, 0], confidence=CONFIDENCE),
        "share_to_reach": share_to_reach(
            costs, values, whole_costs, whole_values, reach=reach, confidence=CONFIDENCE
        ),
    }
    for other in (RANDOM, MANUAL):
        if other != arm:
            told[f"against_{other}"] = _against(turns, arm, other, measure)
    return told


def _against(turns: list[Row], arm: str, other: str, measure: str) -> dict[str, Any]:
    """Last round, paired by seed; and what either has to spend to be where the other ends."""
    (costs, ours), (their_costs, theirs) = (_curve(turns, n, measure) for n in (arm, other))
    gain, baseline = ours[:, -1] - ours[:, 0], theirs[:, -1] - theirs[:, 0]
    apart = ours[:, -1] - theirs[:, -1]
    return {
        "difference": mean_interval(apart, confidence=CONFIDENCE),
        "p": sign_flip(apart),
        "ratio_of_gains": ratio_of_gains(gain, baseline, confidence=CONFIDENCE),
        "boxes_of_other": cost_at_equal(their_costs, theirs, ours, confidence=CONFIDENCE),
        "boxes_of_ours": cost_at_equal(costs, ours, theirs, confidence=CONFIDENCE),
        "spent": float(costs[:, -1].mean()),
        "spent_by_other": float(their_costs[:, -1].mean()),
    }


def _curve(turns: list[Row], arm: str, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """(seeds, rounds) boxes spent and values."""
    mine = sorted(
        (row for row in turns if row["arm"] == arm), key=lambda row: (row["seed"], row["round"])
    )
    seeds = len({row["seed"] for row in mine})
    costs = np.array([row["boxes"] for row in mine], np.float64).reshape(seeds, -1)
    return costs, _values(mine, measure).reshape(seeds, -1)


def _slices(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """AP50 by condition and category, over the seeds whose test holds such boxes."""
    found: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        for condition, categories in row["slices"].items():
            for category, value in categories.items():
                found.setdefault(condition, {}).setdefault(category, []).append(value)
    return {
        condition: {
            category: mean_interval(np.array(values), confidence=CONFIDENCE)
            for category, values in sorted(categories.items())
        }
        for condition, categories in sorted(found.items())
    }


def _values(rows: list[Row], key: str) -> np.ndarray:
    """What was not evaluated counts as nothing found: the test holds it for all arms or none."""
    return np.array([0.0 if row[key] is None else float(row[key]) for row in rows])


def _mean(rows: list[Row], key: str) -> float:
    return float(_values(rows, key).mean())


def _without(row: Row, keys: Sequence[str]) -> Row:
    return {key: value for key, value in row.items() if key not in keys}
