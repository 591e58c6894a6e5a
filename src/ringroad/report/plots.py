"""Figures of the loop: what was learned, for what cost, and how sure one can be.

Every builder returns a `Figure` with its numbers told again in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from ringroad.domain.kpi import Kpi
from ringroad.report.drawing import DASHES, GRID, INK, MARKERS, MUTED, SERIES, SURFACE, draw
from ringroad.report.page import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Values of one arm with their intervals; `lows` and `highs` may be empty."""

    name: str
    xs: tuple[float, ...]
    values: tuple[float, ...]
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()


def learning_curve(arms: Sequence[Curve], *, x: str, y: str, caption: str) -> Figure:
    """KPI against label cost, one line per arm, intervals as bands and whiskers."""

    def paint(axes: Axes) -> None:
        for number, arm in enumerate(arms):
            look = _look(number)
            axes.plot(arm.xs, arm.values, markersize=5, label=arm.name, **look)
            if arm.lows:
                colour = look["color"]
                axes.fill_between(arm.xs, arm.lows, arm.highs, color=colour, alpha=0.13, lw=0)
                axes.vlines(arm.xs, arm.lows, arm.highs, color=colour, lw=1, alpha=0.55)
        _labels(axes, x, y)
        if arms:
            axes.legend(loc="lower right")
        axes.xaxis.set_major_formatter(FuncFormatter(_thousands))

    told = "; ".join(f"{arm.name} {_told(arm)}" for arm in arms)
    return Figure(svg=draw(paint), alt=f"{y} against {x}: {told}.", caption=caption)


def loss_curve(curves: Sequence[Curve], *, caption: str) -> Figure:
    """Loss against training step on a logarithmic scale."""

    def paint(axes: Axes) -> None:
        for number, curve in enumerate(curves):
            look = {**_look(number), "marker": ""}
            axes.plot(curve.xs, curve.values, label=curve.name, **look)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(_short))
        axes.yaxis.set_minor_locator(NullLocator())
        _labels(axes, "training step", "loss")
        axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
        if curves:
            axes.legend(loc="upper right")

    told = "; ".join(f"{c.name} from {c.values[0]:.3g} to {c.values[-1]:.3g}" for c in curves)
    return Figure(svg=draw(paint), alt=f"Loss by training step: {told}.", caption=caption)


def kpi_by_slice(
    before: Sequence[Kpi], after: Sequence[Kpi], *, names: tuple[str, str], caption: str
) -> Figure:
    """Two networks side by side on each slice, with intervals; slices in the order of `after`."""
    rows = [(_slice_name(kpi), kpi) for kpi in after]
    old = {_slice_name(kpi): kpi for kpi in before}
    metric = after[0].metric if after else "KPI"

    def paint(axes: Axes) -> None:
        for number, (label, kpi) in enumerate(rows):
            _interval(axes, number + 0.14, kpi, 1)
            if label in old:
                _interval(axes, number - 0.14, old[label], 0)
        axes.set_yticks(range(len(rows)), [label for label, _ in rows], color=INK)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.set_xlabel(metric)
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
        for number, name in enumerate(names):
            axes.plot([], [], label=name, **{**_look(number), "linestyle": ""})
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)

    told = "; ".join(f"{label} {_change(old.get(label), kpi)}" for label, kpi in rows)
    height = 1.1 + 0.5 * len(rows)
    alt = f"{metric} by slice, {names[0]} then {names[1]}: {told}."
    return Figure(svg=draw(paint, height=height), alt=alt, caption=caption)


def funnel(steps: Sequence[tuple[str, int]], *, unit: str, caption: str) -> Figure:
    """How much of the raw data each stage kept, widest first."""
    first = max((count for _, count in steps[:1]), default=0) or 1

    def paint(axes: Axes) -> None:
        for number, (_, count) in enumerate(steps):
            axes.barh(number, first, height=0.56, color=GRID, lw=0)
            axes.barh(number, count, height=0.56, color=SERIES[0], lw=0)
            axes.text(first * 1.22, number, f"{count:,}", va="center", ha="right", color=INK)
            share = _share(count / first)
            axes.text(first * 1.37, number, share, va="center", ha="right", color=MUTED)
        axes.set_yticks(range(len(steps)), [name for name, _ in steps], color=INK)
        axes.set_ylim(max(len(steps), 1) - 0.5, -0.5)
        axes.set_xlim(0, first * 1.38)
        axes.set_xticks([])
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)

    told = "; ".join(f"{name} {count:,} ({_share(count / first)})" for name, count in steps)
    svg = draw(paint, height=0.5 + 0.45 * len(steps))
    return Figure(svg=svg, alt=f"Number of {unit} by stage: {told}.", caption=caption)


def latency_histogram(
    samples_ms: np.ndarray, *, quantiles: Mapping[str, float], caption: str
) -> Figure:
    """How long single runs took, with quantiles (name -> ms) marked; the last bin is open."""
    samples = np.asarray(samples_ms, np.float64)
    end = max([*quantiles.values(), float(np.quantile(samples, 0.99))], default=1.0) * 1.08
    edges = np.linspace(samples.min() * 0.98, end, 41)

    def paint(axes: Axes) -> None:
        counts, _ = np.histogram(np.minimum(samples, edges[-1]), edges)
        widths = np.diff(edges)
        axes.bar(edges[:-1], counts, widths * 0.86, align="edge", color=SERIES[0], lw=0)
        axes.set_ylim(0, counts.max() * 1.3)
        for number, (name, value) in enumerate(quantiles.items()):
            axes.axvline(value, color=SERIES[1], lw=1.4, ls=DASHES[number % len(DASHES)])
            right = value <= edges.mean()
            axes.annotate(
                f"{name} {value:.2f} ms",
                (value, 0.98 - 0.09 * number),
                xycoords=axes.get_xaxis_transform(),
                xytext=(5 if right else -5, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="top",
                color=INK,
            )
        _labels(axes, "milliseconds per run", "runs")

    told = ", ".join(f"{name} {value:.3g} ms" for name, value in quantiles.items())
    alt = f"Histogram of {len(samples):,} runs: {told}, longest {samples.max():.3g} ms."
    return Figure(svg=draw(paint), alt=alt, caption=caption)


def composition(
    counts: Mapping[str, Mapping[str, int]], *, unit: str, splits: Sequence[str], caption: str
) -> Figure:
    """Stacked bars: one per condition, one part per split. `counts[condition][split]`."""

    def paint(axes: Axes) -> None:
        widest = max((sum(parts.values()) for parts in counts.values()), default=0) or 1
        for row, parts in enumerate(counts.values()):
            left = 0
            for number, split in enumerate(splits):
                value = parts.get(split, 0)
                axes.barh(row, value, 0.6, left=left, color=SERIES[number], ec=SURFACE, lw=1.2)
                if value > widest * 0.06:
                    axes.text(
                        left + value / 2, row, f"{value:,}", ha="center", va="center", color=SURFACE
                    )
                left += value
            axes.text(left + widest * 0.015, row, f"{left:,}", va="center", color=MUTED)
        axes.set_yticks(range(len(counts)), list(counts), color=INK)
        axes.set_ylim(max(len(counts), 1) - 0.5, -0.5)
        axes.set_xlim(0, widest * 1.12)
        axes.set_xticks([])
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        for number, split in enumerate(splits):
            axes.bar(0, 0, color=SERIES[number], label=split)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(splits))

    told = "; ".join(
        f"{condition}: " + ", ".join(f"{parts.get(split, 0):,} {split}" for split in splits)
        for condition, parts in counts.items()
    )
    svg = draw(paint, height=0.9 + 0.5 * len(counts))
    return Figure(svg=svg, alt=f"Number of {unit} by condition and split. {told}.", caption=caption)


def _look(number: int) -> dict[str, Any]:
    number %= len(SERIES)
    return {"color": SERIES[number], "marker": MARKERS[number], "linestyle": DASHES[number]}


def _labels(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    if axes.get_yscale() == "linear":
        axes.yaxis.set_major_locator(MaxNLocator(5))


def _interval(axes: Axes, y: float, kpi: Kpi, number: int) -> None:
    """A value with its interval, or words where it was not evaluated."""
    if kpi.value is None:
        axes.text(0.01, y, "not evaluated", va="center", color=MUTED, fontsize=8)
        return
    look = _look(number)
    if kpi.low is not None and kpi.high is not None:
        axes.hlines(y, kpi.low, kpi.high, color=look["color"], lw=2.2, alpha=0.5)
    axes.plot([kpi.value], [y], markersize=7, **{**look, "linestyle": ""})


def _slice_name(kpi: Kpi) -> str:
    return kpi.slice if kpi.category == "all" else f"{kpi.category}, {kpi.slice}"


def _change(old: Kpi | None, new: Kpi) -> str:
    return f"{_value(old)} to {_value(new)}" if old is not None else _value(new)


def _value(kpi: Kpi) -> str:
    if kpi.value is None:
        return "not evaluated"
    if kpi.low is None or kpi.high is None:
        return f"{kpi.value:.2f}"
    return f"{kpi.value:.2f} [{kpi.low:.2f}, {kpi.high:.2f}]"


def _told(arm: Curve) -> str:
    return ", ".join(f"{v:.3g} at {x:,.0f}" for x, v in zip(arm.xs, arm.values, strict=True))


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _thousands(value: float, _place: int) -> str:
    return f"{value:,.0f}"


def _short(value: float, _place: int) -> str:
    return f"{value:g}"
