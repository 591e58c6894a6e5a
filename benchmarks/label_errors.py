"""Finding errors that were put into real labels: ours against other orders, see label_quality.py.

Peers are in the same run: random order, the networks' own doubt, and cleanlab where it is
installed. Networks: NanoDet as published, and a head fitted out of sample to the wrong labels; the
judges of boxes are fitted to them too, on NanoDet's features.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path

import numpy as np
from label_figures import interval, told
from label_networks import (
    Features,
    cells_of,
    features_of,
    out_of_sample,
    pooled,
    published,
    reduced,
)
from label_truths import CATEGORIES, Truth, camvid, kitti

from ringroad.domain.ids import FrameId
from ringroad.label.errors import Labelled, Suspect, rank_errors
from ringroad.label.matching import iou
from ringroad.label.observed import Predicted
from ringroad.label.rows import Mark
from ringroad.pipelines.label.judging import Cells, with_judges

FOUND, REVIEWED, INJECTED = 0.90, 0.20, 0.10
KINDS = ("overlooked", "spurious", "category", "location")
OURS = "both networks and judges"
Marks = Mapping[FrameId, Sequence[Mark]]


@dataclass(frozen=True, kw_only=True)
class Injected:
    """One error, and where it is."""

    kind: str
    frame: FrameId
    where: Mark


def inject(truth: Truth, seed: int) -> tuple[dict[FrameId, list[Mark]], list[Injected]]:
    """Put errors into a tenth of all annotations, the four kinds in turn.

    Drawn otherwise than `label.planted` draws: places of invented ones over the whole width,
    any category; boxes off by normal errors of all edges to an overlap of 0.3 to 0.6.
    """
    rng = np.random.default_rng(seed)
    labels = {frame: list(marks) for frame, marks in truth.marks.items()}
    places = [(frame, at) for frame, marks in truth.marks.items() for at in range(len(marks))]
    chosen = rng.permutation(len(places))[: round(INJECTED * len(places))]
    made: list[Injected] = []
    gone: list[tuple[FrameId, int]] = []
    for turn, place in enumerate(chosen.tolist()):
        frame, at = places[place]
        mark, kind, name = truth.marks[frame][at], KINDS[turn % 4], f"injected-{place}"
        if kind == "overlooked":
            gone.append((frame, at))
            made.append(Injected(kind=kind, frame=frame, where=mark))
            continue
        if kind == "spurious":
            frame, wrong = _invented(truth, mark, rng)
            labels[frame].append(replace(wrong, id=name))
            made.append(Injected(kind=kind, frame=frame, where=labels[frame][-1]))
            continue
        if kind == "category":
            other = str(rng.choice([name for name in CATEGORIES if name != mark.category]))
            wrong = replace(mark, category=other)
        else:
            wrong = _off(truth, mark, rng)
        labels[frame][at] = replace(wrong, id=name)
        made.append(Injected(kind=kind, frame=frame, where=labels[frame][at]))
    for frame, at in sorted(gone, key=lambda place: -place[1]):
        labels[frame].pop(at)
    return labels, made


def _invented(truth: Truth, mark: Mark, rng: np.random.Generator) -> tuple[FrameId, Mark]:
    frames = list(truth.marks)
    while True:
        frame = frames[int(rng.integers(len(frames)))]
        x = float(rng.uniform(0, max(1.0, truth.size[0] - mark.w)))
        made = replace(mark, x=x, category=str(rng.choice(CATEGORIES)))
        if all(iou(made, other) < 0.2 for other in truth.marks[frame]):
            return frame, made


def _off(truth: Truth, mark: Mark, rng: np.random.Generator) -> Mark:
    for _ in range(500):
        dx, dy, dw, dh = rng.normal(0, 0.28, 4)
        made = replace(mark, x=mark.x + dx * mark.w, y=mark.y + dy * mark.h,
                       w=mark.w * float(np.exp(dw)), h=mark.h * float(np.exp(dh)))  # fmt: skip
        inside = made.x >= 0 and made.y >= 0 and made.x + made.w <= truth.size[0]
        if inside and made.y + made.h <= truth.size[1] and 0.3 <= iou(made, mark) <= 0.6:
            return made
    return replace(mark, w=mark.w * 0.5)


def errors(data: Path, seeds: range, ends: float) -> int:
    """Print which share of injected errors lies in the first fifth; 0 where the goal holds."""
    best = 0.0
    for truth in (kitti(data), camvid(data)):
        begun = time.perf_counter()
        maps = features_of(truth, data)
        scene = _Scene(
            truth, published(truth, data), maps, cells_of(truth, reduced(maps.maps), maps)
        )
        print(
            f"{truth.name}: features and NanoDet in {time.perf_counter() - begun:.0f} s", flush=True
        )
        shares: dict[str, list[dict[str, float]]] = {}
        for seed in seeds:
            if time.monotonic() > ends and shares:
                print(f"  {truth.name}: seed {seed} NOT RUN, for the time is over")
                continue
            for name, found in _found(scene, seed).items():
                shares.setdefault(name, []).append(found)
        best = max(best, _told_shares(truth, shares))
    print(f"goal {FOUND:.0%}: {'met' if best >= FOUND else 'MISSED'}")
    return 0 if best >= FOUND else 1


@dataclass(frozen=True, eq=False)
class _Scene:
    """What is the same for all seeds."""

    truth: Truth
    outside: Mapping[FrameId, Sequence[Predicted]]
    maps: Features
    cells: Mapping[FrameId, Cells]


def _found(scene: _Scene, seed: int) -> dict[str, dict[str, float]]:
    """Way of ranking -> shares found, for errors of one seed."""
    labels, made = inject(scene.truth, seed)
    count = sum(map(len, labels.values()))
    inside = out_of_sample(scene.truth, scene.maps, labels, seed=seed)
    both = pooled(scene.outside, inside)
    plain = _labelled(scene.truth, labels, both)
    ways: dict[str, Callable[[], list[Suspect]]] = {
        "NanoDet": lambda: rank_errors(_labelled(scene.truth, labels, scene.outside), seed=seed),
        "both networks": lambda: rank_errors(plain, seed=seed),
        OURS: lambda: rank_errors(with_judges(scene.cells, plain, seed=seed), seed=seed),
        **peers(scene.truth, labels, both, seed),
    }
    found = {}
    for name, rank in ways.items():
        begun, spent = time.perf_counter(), time.process_time()
        found[name] = shares_found(rank(), made, count)
        print(
            f"  {scene.truth.name} {seed} {name}: {found[name]['all']:.3f} in "
            f"{time.perf_counter() - begun:.0f} s, {time.process_time() - spent:.0f} s of CPU",
            flush=True,
        )
    return found


def _told_shares(truth: Truth, shares: Mapping[str, Sequence[Mapping[str, float]]]) -> float:
    """Print the table of one truth; the mean of ours."""
    runs = len(shares[OURS])
    print(
        f"{truth.name}: {round(INJECTED * truth.things)} injected, found in the first "
        f"{REVIEWED:.0%} of {truth.things}; seeds 0 to {runs - 1}, 95 % intervals over them"
    )
    for name, rows in shares.items():
        each = ", ".join(f"{kind} {np.mean([row[kind] for row in rows]):.2f}" for kind in KINDS)
        whole = interval(np.array([row["all"] for row in rows]))
        gain = interval(
            np.array([a["all"] - b["all"] for a, b in zip(shares[OURS], rows, strict=True)])
        )
        print(f"  {name:28} {told(whole, 1, 100)} % ({each}); ours more by {told(gain, 1, 100)}")
    return float(np.mean([row["all"] for row in shares[OURS]]))


def _labelled(
    truth: Truth, labels: Marks, network: Mapping[FrameId, Sequence[Predicted]]
) -> Labelled:
    return Labelled(
        marks=labels,
        predictions={f: [p for p in seen if p.score >= 0.1] for f, seen in network.items()},
        sizes=dict.fromkeys(truth.marks, truth.size),
        categories=CATEGORIES,
    )


def shares_found(
    ranked: Sequence[Suspect], made: Sequence[Injected], annotations: int
) -> dict[str, float]:
    """Share of injected errors, by kind, among the first fifth as many as there are annotations."""
    reviewed: dict[FrameId, list[Suspect]] = {}
    for item in ranked[: round(REVIEWED * annotations)]:
        reviewed.setdefault(item.frame, []).append(item)
    found: Counter[str] = Counter()
    for error in made:
        for item in reviewed.get(error.frame, ()):
            same = item.where.id == error.where.id and error.where.id
            missing = error.kind == item.kind == "overlooked"
            if same or (missing and iou(item.where, error.where) >= 0.4):
                found[error.kind] += 1
                break
    counts = Counter(error.kind for error in made)
    by_kind = {kind: found[kind] / max(1, counts[kind]) for kind in KINDS}
    return {"all": sum(found.values()) / len(made), **by_kind}


def peers(
    truth: Truth, labels: Marks, network: Mapping[FrameId, Sequence[Predicted]], seed: int
) -> dict[str, Callable[[], list[Suspect]]]:
    """Other orders of the same items."""
    items = [
        Suspect(frame=frame, kind="", chance=0.0, where=mark, reason="")
        for frame, marks in labels.items()
        for mark in marks
    ]
    order = np.random.default_rng(seed).permutation(len(items))
    found: dict[str, Callable[[], list[Suspect]]] = {
        "random order": lambda: [items[at] for at in order.tolist()],
        "the networks' own doubt": lambda: _by_doubt(labels, network),
    }
    if find_spec("cleanlab") is not None:
        found["cleanlab"] = lambda: _cleanlab(truth, labels, network)
    return found


def _by_doubt(labels: Marks, network: Mapping[FrameId, Sequence[Predicted]]) -> list[Suspect]:
    """The usual list: annotations by the score of what matches, detections by their own."""
    found = []
    for frame, marks in labels.items():
        seen = network.get(frame, ())
        for mark in marks:
            same = [p.score * iou(p.mark, mark) for p in seen if p.mark.category == mark.category]
            doubt = 1.0 - max(same, default=0.0)
            found.append(Suspect(frame=frame, kind="", chance=doubt, where=mark, reason=""))
        found += [
            Suspect(frame=frame, kind="overlooked", chance=p.score, where=p.mark, reason="")
            for p in seen
            if all(iou(p.mark, mark) < 0.5 for mark in marks)
        ]
    return sorted(found, key=lambda item: -item.chance)


def _cleanlab(
    truth: Truth, labels: Marks, network: Mapping[FrameId, Sequence[Predicted]]
) -> list[Suspect]:
    """Its lists of overlooked, badly located and swapped boxes, taken in turn.

    Its thresholds, 0.95 and 0.5, are made for networks that are surer of themselves than these:
    at its defaults it found no overlooked thing and less than chance. They are lowered here.
    """
    from cleanlab.object_detection import rank

    frames = list(truth.marks)
    given = [
        {
            "bboxes": np.array([_corners(m) for m in labels[f]]).reshape(-1, 4),
            "labels": np.array([CATEGORIES.index(m.category) for m in labels[f]], int),
        }
        for f in frames
    ]
    seen = []
    for frame in frames:
        parts = []
        for category in CATEGORIES:
            rows = [(*_corners(p.mark), p.score)
                    for p in network.get(frame, ()) if p.mark.category == category]  # fmt: skip
            parts.append(np.array(rows, float).reshape(-1, 5))
        seen.append(np.array([*parts, None], dtype=object)[:-1])
    located = rank.compute_badloc_box_scores(
        labels=given, predictions=seen, low_probability_threshold=0.1
    )
    swapped = rank.compute_swap_box_scores(
        labels=given, predictions=seen, high_probability_threshold=0.3
    )
    missing = rank.compute_overlooked_box_scores(
        labels=given, predictions=seen, high_probability_threshold=0.3
    )
    lists: list[list[Suspect]] = [[], [], []]
    for at, frame in enumerate(frames):
        for place, mark in enumerate(labels[frame]):
            for kind, scores in enumerate((located, swapped)):
                doubt = 1.0 - float(np.nan_to_num(scores[at][place], nan=1.0))
                lists[kind].append(
                    Suspect(frame=frame, kind="", chance=doubt, where=mark, reason="")
                )
        boxes = [p for c in CATEGORIES for p in network.get(frame, ()) if p.mark.category == c]
        for item, score in zip(boxes, np.asarray(missing[at], float), strict=True):
            if not np.isnan(score):
                lists[2].append(Suspect(frame=frame, kind="overlooked", chance=1.0 - float(score),
                                        where=item.mark, reason=""))  # fmt: skip
    ordered = [sorted(part, key=lambda item: -item.chance) for part in lists]
    return [item for turn in zip_longest(*ordered) for item in turn if item is not None]


def _corners(mark: Mark) -> tuple[float, float, float, float]:
    return mark.x, mark.y, mark.x + mark.w, mark.y + mark.h
