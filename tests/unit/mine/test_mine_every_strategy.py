"""What holds of every built-in strategy, and what each of them is for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.mine.candidates import MEASURED
from ringroad.mine.spread import facility_greedy, plus_plus, typicality
from ringroad.mine.thinning import Spacing
from ringroad.plugins import STRATEGIES

S = 10**9
OPTIONS: dict[str, dict[str, object]] = {"weighted": {"weights": {"night": 3.0, "day": 1.0}}}


def pool(count: int = 60, *, seed: int = 0, clusters: int = 6) -> pa.Table:
    """Candidates in clusters, with every score there is."""
    draw = np.random.Generator(np.random.PCG64(seed))
    centres = draw.standard_normal((clusters, 8))
    cluster = draw.integers(0, clusters, count)
    vectors = (centres[cluster] + 0.05 * draw.standard_normal((count, 8))).astype(np.float32)
    columns: dict[str, Any] = {
        "frame_id": [f"car/drive/front/{n:06d}" for n in range(count)],
        "recording_id": [f"car/{n % 3}" for n in range(count)],
        "time_ns": [n * S for n in range(count)],
        "condition": np.where(draw.random(count) < 0.3, "night", "day").tolist(),
        "brightness": draw.random(count),
        "boxes": draw.integers(0, 9, count),
        "pedestrians": draw.integers(0, 2, count),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 8),
        "cluster": cluster,
    }
    for name in ("uncertainty", *MEASURED):
        columns[name] = draw.random(count)
    return pa.table(columns)


def chosen(
    name: str, candidates: pa.Table, *, count: int = 12, seed: int = 1, **options: object
) -> list[int]:
    """What a strategy names."""
    labelled = np.zeros((1, 8), np.float32)
    given = OPTIONS.get(name, {}) | options
    found: list[int] = STRATEGIES.load(name)(
        candidates, labelled, count=count, seed=seed, options=given
    )
    return found


@pytest.mark.parametrize("name", sorted(STRATEGIES.entries))
class TestEvery:
    """Each strategy that is built in."""

    def test_names_each_at_most_once(self, name: str) -> None:
        for count in (0, 1, 12, 60, 500):
            found = chosen(name, pool(), count=count)
            assert len(found) <= count
            assert len(set(found)) == len(found)
            assert all(type(place) is int and 0 <= place < 60 for place in found)

    def test_equal_seeds_choose_alike(self, name: str) -> None:
        assert chosen(name, pool(), seed=5) == chosen(name, pool(), seed=5)

    def test_nothing_is_chosen_out_of_nothing(self, name: str) -> None:
        assert chosen(name, pool().slice(0, 0)) == []

    def test_neighbours_in_time_are_not_both_chosen(self, name: str) -> None:
        candidates = pool()
        times = candidates["time_ns"].to_numpy()
        recordings = candidates["recording_id"].to_pylist()
        found = chosen(name, candidates, min_gap_ns=7 * S)
        for place, one in enumerate(found):
            for other in found[:place]:
                apart = abs(int(times[one]) - int(times[other]))
                assert recordings[one] != recordings[other] or apart >= 7 * S

    def test_frames_without_a_score_come_last_or_not_at_all(self, name: str) -> None:
        candidates = pool()
        for score in ("uncertainty", *MEASURED):
            values = candidates[score].to_numpy().copy()
            values[:30] = np.nan
            place = candidates.schema.get_field_index(score)
            candidates = candidates.set_column(place, score, pa.array(values))
        found = chosen(name, candidates, count=60)
        assert len(set(found)) == len(found)

    def test_unknown_options_are_refused(self, name: str) -> None:
        with pytest.raises(InvalidConfig, match="colour"):
            chosen(name, pool(), colour="red")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("entropy", "uncertainty"), ("margin", "margin"), ("bald", "bald"),
        ("ensemble", "variation"), ("disagreement", "disagreement"), ("change", "change"),
    ],
)  # fmt: skip
def test_scores_rank(name: str, column: str) -> None:
    candidates = pool()
    values = candidates[column].to_numpy()
    assert chosen(name, candidates, count=9) == np.argsort(-values)[:9].tolist()
    with pytest.raises(InputError, match=r"docs/strategies\.md"):
        chosen(name, candidates.drop_columns([column]))


@pytest.mark.parametrize("name", ["k-center", "k-means", "facility-location", "badge"])
def test_every_cluster_has_one_of_the_choice(name: str) -> None:
    missed = []
    for seed in range(20):
        candidates = pool(seed=seed)
        places = chosen(name, candidates, count=12, seed=seed)
        clusters = candidates["cluster"].to_numpy()
        missed.append(len(set(clusters.tolist()) - set(clusters[places].tolist())))
    assert np.mean(missed) <= 0.2


def test_typical_frames_lie_in_the_dense_part() -> None:
    draw = np.random.Generator(np.random.PCG64(3))
    dense, loose = 0.01 * draw.standard_normal((50, 8)), draw.standard_normal((50, 8))
    points = np.concatenate([dense, loose]).astype(np.float32)
    ranks = typicality(points, neighbours=10)
    assert ranks[:50].min() > ranks[50:].max()
    assert typicality(points[:1], neighbours=10).tolist() == [0.0]


def test_the_balance_is_kept() -> None:
    candidates = pool(300)
    conditions = np.array(candidates["condition"].to_pylist())
    assert np.sum(conditions[chosen("balanced", candidates, count=20)] == "night") == 10
    weighted = conditions[chosen("weighted", candidates, count=20)]
    assert np.sum(weighted == "night") == 15
    with pytest.raises(InputError, match="weights"):
        chosen("weighted", candidates, weights=None)
    with pytest.raises(InvalidConfig, match="weights"):
        chosen("weighted", candidates, weights={"night": -1.0})


def test_cheap_doubts_come_before_dear_ones() -> None:
    candidates = pool()
    first = chosen("per-box", candidates, count=10)
    boxes, doubt = candidates["boxes"].to_numpy(), candidates["uncertainty"].to_numpy()
    ratio = doubt / np.maximum(1, boxes)
    assert first == np.argsort(-ratio)[:10].tolist()


def test_draws_do_not_depend_on_how_points_are_stored(tmp_path: object) -> None:
    draw = np.random.Generator(np.random.PCG64(9))
    points = draw.standard_normal((500, 16)).astype(np.float32)
    path = f"{tmp_path}/points.npy"
    np.save(path, points)
    mapped = np.load(path, mmap_mode="r")
    rows = pool(500)
    none = np.empty((0, 16), np.float32)
    for given in (points, mapped):
        spacing = [Spacing(rows, min_gap_ns=0) for _ in range(2)]
        first = plus_plus(given, none, count=40, seed=2, spacing=spacing[0])
        second = facility_greedy(given, none, count=20, seed=2, spacing=spacing[1], reference=100)
        if given is points:
            kept = (first, second)
    assert (first, second) == kept


def test_facility_location_stands_for_the_pool_better_than_chance() -> None:
    draw = np.random.Generator(np.random.PCG64(4))
    points = draw.standard_normal((400, 4)).astype(np.float32)
    none = np.empty((0, 4), np.float32)
    spacing = Spacing(pool(400), min_gap_ns=0)
    found = facility_greedy(points, none, count=15, seed=0, spacing=spacing, reference=400)
    drawn = [_left(points, draw.permutation(400)[:15]) for _ in range(20)]
    assert _left(points, np.array(found)) < 0.85 * np.mean(drawn)


def _left(points: np.ndarray, places: np.ndarray) -> float:
    apart = ((points[:, None] - points[places][None]) ** 2).sum(axis=2)
    return float(apart.min(axis=1).mean())


def test_the_rule_without_a_condition_goes_by_the_pre_label_alone() -> None:
    candidates = pool()
    rare = np.array(candidates["pedestrians"].to_pylist()) > 0
    found = chosen("rule", candidates, count=60, condition="all")
    assert len(found) == 60
    assert rare[found[: int(rare.sum())]].all()
    conditions = np.array(candidates["condition"].to_pylist())
    assert set(conditions[found[: int(rare.sum())]].tolist()) == {"day", "night"}
