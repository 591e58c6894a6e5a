"""One page with everything a page can hold, from seeded, plausible values."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.domain.annotation import Box
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.kpi import Gate, GateResult, Kpi, Verdict
from ringroad.report.gates import gate_card, kpi_table
from ringroad.report.page import Column, Fact, NextStep, Page, Ref, Section, Table
from ringroad.report.pictures import Mark, frame_picture, mosaic
from ringroad.report.plots import (
    Curve,
    composition,
    funnel,
    kpi_by_slice,
    latency_histogram,
    learning_curve,
    loss_curve,
)


def ref(kind: str, digit: str, label: str = "") -> Ref:
    return Ref(artifact=ArtifactId(f"{kind}:{digit * 64}"), label=label)


def kpi(
    slice: str, value: float | None, half: float = 0.05, category: str = "all", units: int = 12
) -> Kpi:
    return Kpi(
        metric="AP50",
        category=category,
        slice=slice,
        value=value,
        low=None if value is None else value - half,
        high=None if value is None else value + half,
        confidence=0.95,
        units=units,
        unit="recording",
        truths=1840,
        frames=412,
    )


def result(verdict: Verdict, figure: Kpi, reason: str, more: int | None = None) -> GateResult:
    gate = Gate(name="night", metric="AP50", category="all", slice="night", minimum=0.45)
    frames = (FrameId("van/run-3/front/000017"),)
    return GateResult(
        gate=gate, verdict=verdict, kpi=figure, reason=reason, more_units=more, frames=frames
    )


def road(seed: int, light: float) -> np.ndarray:
    """A crude street in perspective: sky, road, lane marks, two cars."""
    rng = np.random.Generator(np.random.PCG64(seed))
    y, x = np.mgrid[0:192, 0:320].astype(np.float64)
    sky = np.stack([130 + y / 3, 170 + y / 4, 215 - y / 8], axis=2)
    depth = np.clip((y - 90) / 102, 0, 1)
    tarmac = np.full((192, 320, 3), 92.0) + 25 * depth[..., None]
    image = np.where((y >= 90)[..., None], tarmac, sky)
    verge = (y >= 90) & (np.abs(x - 160) > 30 + 190 * depth)
    image[verge] = (96, 128, 84)
    mark = (y >= 92) & (np.abs(x - 160) < 1 + 4 * depth) & ((1 / (depth + 0.08)) % 2 < 1)
    image[mark] = 235
    for left, top, w, h, colour in (
        (96, 96, 44, 30, (170, 40, 40)),
        (190, 92, 26, 18, (40, 70, 140)),
    ):
        image[top : top + h, left : left + w] = colour
        image[top + 3 : top + h // 2, left + 4 : left + w - 4] = 60
        image[top + h - 5 : top + h, left + 4 : left + w - 4] = 30
    noisy = image * light + rng.normal(0, 5, image.shape)
    pixels: np.ndarray = np.clip(noisy, 0, 255).astype(np.uint8)
    return pixels


@pytest.fixture(scope="session")
def page() -> Page:
    rng = np.random.Generator(np.random.PCG64(5))
    boxes = (0.0, 400.0, 800.0, 1200.0)
    arms = [
        Curve(
            name=name,
            xs=boxes,
            values=values,
            lows=tuple(v - 0.035 for v in values),
            highs=tuple(v + 0.035 for v in values),
        )
        for name, values in {
            "entropy and k-center": (0.31, 0.43, 0.51, 0.555),
            "rule: night first": (0.31, 0.41, 0.47, 0.50),
            "random": (0.31, 0.35, 0.39, 0.415),
        }.items()
    ]
    steps = np.arange(0, 1501, 25)
    losses = [
        Curve(
            name=name,
            xs=tuple(steps.tolist()),
            values=tuple((a * np.exp(-steps / 420) + b + rng.normal(0, 0.008, 61)).tolist()),
        )
        for name, a, b in (("training", 2.6, 0.21), ("validation", 2.5, 0.34))
    ]
    before = [kpi("day", 0.71, 0.03), kpi("dusk", 0.58, 0.06), kpi("night", 0.31, 0.07)]
    after = [kpi("day", 0.72, 0.03), kpi("dusk", 0.63, 0.05), kpi("night", 0.555, 0.06)]
    before.append(kpi("night", None, category="cyclist"))
    after.append(kpi("night", 0.41, 0.15, category="cyclist"))
    runs = rng.gamma(9, 0.28, 2000) + 4
    quantiles = {"p50": float(np.median(runs)), "p99": float(np.quantile(runs, 0.99))}
    truths = [
        Mark(box=Box(x=96, y=96, w=44, h=30), text="car"),
        Mark(box=Box(x=190, y=92, w=26, h=18), text="car"),
    ]
    seen = [
        Mark(box=Box(x=94, y=95, w=48, h=32), text="car 0.91"),
        Mark(box=Box(x=20, y=60, w=14, h=40), text="pedestrian 0.38"),
    ]
    champion, candidate = ref("model", "1", "First network"), ref("model", "2", "After mining")
    kpis = ref("kpis", "3", "KPIs of both networks on the test split")
    return Page(
        title="The night gate opens after one turn of the loop",
        synthetic=True,
        summary="Eleven recordings came in; one was cut short and one could not be read. A first "
        "network, trained on what the fleet saw most, failed at night. Mining chose 1,200 boxes "
        "to label, and the network trained on them passes.\n\nThe same number of boxes chosen at "
        "random would not have been enough: `AP50` at night stays below the minimum of 0.45.",
        facts=(
            Fact(value="0.31 → 0.56", label="AP50 at night", note="95 % intervals ±0.07 and ±0.06"),
            Fact(value="1,200", label="boxes labelled twice", note="out of 21,480 in the raw data"),
            Fact(value="10 of 11", label="recordings ingested", note="one salvaged, one refused"),
            Fact(value="6.3 ms", label="p50 of the plan", note="one thread, linux-x86_64-avx2"),
        ),
        sections=(
            Section(
                title="The gate",
                text="The rule was frozen before the test split was looked at. A verdict is the "
                "place of the whole interval, not of the dot.",
                gates=(
                    gate_card(
                        result(
                            Verdict.FAIL,
                            kpi("night", 0.31, 0.07),
                            "The whole interval lies below the minimum.",
                        ),
                        subject="First network",
                        lineage=(champion, kpis),
                    ),
                    gate_card(
                        result(
                            Verdict.PASS,
                            kpi("night", 0.555, 0.06),
                            "The whole interval lies above the minimum.",
                        ),
                        subject="After mining",
                        lineage=(candidate, kpis),
                    ),
                    gate_card(
                        result(
                            Verdict.INCONCLUSIVE,
                            kpi("night", 0.47, 0.09, units=4),
                            "The interval holds the minimum, and four recordings are too few.",
                            6,
                        ),
                        subject="Random arm",
                        lineage=(ref("model", "4", "Random arm"),),
                    ),
                ),
            ),
            Section(
                title="What was chosen",
                text="Three arms spent the same number of boxes. Bands are 95 % intervals from "
                "resampling 12 recordings.",
                figures=(
                    learning_curve(
                        arms,
                        x="boxes labelled",
                        y="AP50 at night",
                        caption="KPI against label cost. Every arm starts from the same network.",
                    ),
                    funnel(
                        [("raw", 21480), ("kept", 6120), ("labelled", 420), ("used", 398)],
                        unit="frames",
                        caption="From what the vehicles saw to what the network learned from.",
                    ),
                ),
                lineage=(ref("selection", "5", "Frames chosen by mining"),),
            ),
            Section(
                title="Before and after",
                text="Test split, never mined and never trained on.",
                figures=(
                    kpi_by_slice(
                        before,
                        after,
                        names=("first network", "after mining"),
                        caption="Lines are 95 % intervals over 12 recordings.",
                    ),
                    loss_curve(losses, caption="Loss while the second network was trained."),
                    composition(
                        {
                            "day": {"train": 812, "val": 140, "test": 260},
                            "dusk": {"train": 131, "val": 30, "test": 62},
                            "night": {"train": 96, "val": 22, "test": 90},
                        },
                        unit="frames",
                        splits=("train", "val", "test"),
                        caption="Dataset version 2. Splits keep recordings whole.",
                    ),
                    latency_histogram(
                        runs,
                        quantiles=quantiles,
                        caption="The plan on this machine, one thread, 2,000 runs.",
                    ),
                ),
                tables=(
                    kpi_table((*before, *after), caption="All KPIs, with what they rest on"),
                    Table(
                        caption="Networks and their plans",
                        columns=(
                            Column(name="network"),
                            Column(name="verdict"),
                            Column(name="plan"),
                            Column(name="size", unit="kB", digits=1),
                            Column(name="p50", unit="ms", digits=2),
                            Column(name="p99.9", unit="ms", digits=2),
                        ),
                        rows=(
                            ("first", Verdict.FAIL, ref("plan", "6"), 1034.2, 6.31, None),
                            ("after mining", Verdict.PASS, ref("plan", "7"), 1034.2, 6.29, 11.4),
                        ),
                    ),
                ),
                lineage=(kpis, ref("dataset", "8", "Dataset version 2")),
            ),
            Section(
                title="Frames that decided",
                pictures=(
                    frame_picture(
                        road(1, 0.42),
                        truths=truths,
                        detections=seen,
                        alt="A street at night with two cars; one was found, one was missed.",
                        caption="van/run-3/front/000017: one car found, one missed, one invented.",
                    ),
                    frame_picture(
                        road(2, 1.0),
                        truths=truths,
                        detections=seen[:1],
                        alt="A street by day with two cars; the nearer one was found.",
                        caption="van/run-1/front/000204: the further car was missed.",
                    ),
                    mosaic(
                        [road(i, light) for i, light in enumerate((1, 0.9, 0.6, 0.5, 0.4, 0.35))],
                        titles=["day", "day", "dusk", "dusk", "night", "night"],
                        columns=3,
                        alt="Six streets, from day to night.",
                        caption="The six frames with the highest disagreement.",
                    ),
                ),
            ),
        ),
        next_steps=(
            NextStep(command="ringroad open", why="Read this page again."),
            NextStep(
                command="ringroad lineage kpis:333333333333",
                why="Walk from the KPI to the recordings, labels, code and seed.",
            ),
            NextStep(command="ringroad run LOOP.toml", why="Run the same loop on your recordings."),
        ),
    )
