"""Figures of an arena: learning curves with bands, where every arm ends, and what each chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from PIL import Image, ImageDraw

from ringroad.report.drawing import DASHES, GRID, INK, MARKERS, MUTED, SERIES, draw
from ringroad.report.page import Figure, Picture
from ringroad.report.pictures import DETECTION, TRUTH, mosaic

MOST_CURVES, BANDS = len(SERIES), 3
COLUMNS, WIDTH = 4, 1200
_EDGE = (16, 18, 22)
_SIDE = 290
"""Pixels of a picture's width before the mosaic sets it."""


def curves(
    arms: Mapping[str, Any], shown: Sequence[str], *, measure: str, y: str, caption: str
) -> Figure:
    """AP against boxes: at most `MOST_CURVES` arms, the first `BANDS` with their intervals."""
    shown = shown[:MOST_CURVES]

    def paint(axes: Axes) -> None:
        for number, arm in enumerate(shown):
            told = arms[arm][measure]
            points = told["curve"]
            colour = SERIES[number]
            axes.plot(
                told["boxes"],
                [point["value"] for point in points],
                color=colour,
                marker=MARKERS[number],
                linestyle=DASHES[number],
                markersize=5,
                lw=1.9 if number < BANDS else 1.1,
                label=arm,
            )
            if number < BANDS and all(point["low"] is not None for point in points):
                lows = [max(0.0, point["low"]) for point in points]
                highs = [point["high"] for point in points]
                axes.fill_between(told["boxes"], lows, highs, color=colour, alpha=0.13, lw=0)
        axes.set_xlabel("boxes labelled")
        axes.set_ylabel(y)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color=GRID)
        axes.spines["left"].set_visible(False)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)

    told = "; ".join(f"{arm} {_points(arms[arm][measure])}" for arm in shown)
    return Figure(
        svg=draw(paint, height=3.6), alt=f"{y} against boxes labelled: {told}.", caption=caption
    )


def ends(
    rows: Sequence[tuple[str, Mapping[str, Any]]], *, x: str, whole: float, caption: str
) -> Figure:
    """Where each arm ends, best first, with its interval; the whole pool as a line."""
    rows = sorted(rows, key=lambda row: (-row[1]["value"], row[0]))

    def paint(axes: Axes) -> None:
        axes.axvline(whole, color=MUTED, lw=1.2, ls=(0, (5, 2)))
        axes.annotate("all labels", (whole, 1.0), xycoords=axes.get_xaxis_transform(),
                      xytext=(4, 4), textcoords="offset points", color=MUTED)  # fmt: skip
        for place, (name, told) in enumerate(rows):
            colour = SERIES[1] if name in {"random", "rule"} else SERIES[0]
            if told["low"] is not None:
                axes.hlines(place, max(0.0, told["low"]), told["high"], color=colour, lw=2.4,
                            alpha=0.5)  # fmt: skip
            axes.plot([told["value"]], [place], "s" if colour == SERIES[1] else "o", color=colour,
                      markersize=6)  # fmt: skip
        axes.set_yticks(range(len(rows)), [name for name, _ in rows], color=INK)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel(x)
        axes.grid(axis="x", color=GRID)
        axes.spines["left"].set_visible(False)

    told = "; ".join(f"{name} {part['value']:.3f}" for name, part in rows)
    alt = f"{x} at the end, best first: {told}; all labels {whole:.3f}."
    return Figure(svg=draw(paint, height=0.9 + 0.3 * len(rows)), alt=alt, caption=caption)


def strip(
    frames: Sequence[np.ndarray],
    boxes: Sequence[Sequence[tuple[bool, float, float, float, float]]],
    *,
    titles: Sequence[str],
    alt: str,
    caption: str,
) -> Picture:
    """The frames an arm chose, in its order, with what is truly there.

    Args:
        frames: (h, w, 3) uint8 each.
        boxes: of each frame, as shares of its width and height, top-left x, y, w, h; first whether
            it is of the rare category.
        titles: of each frame.
        alt: the strip in words.
        caption: stands under it.
    """
    drawn = [_marked(frame, marks) for frame, marks in zip(frames, boxes, strict=True)]
    return mosaic(drawn, titles=titles, alt=alt, caption=caption, columns=COLUMNS, width=WIDTH)


def _points(told: Mapping[str, Any]) -> str:
    pairs = zip(told["boxes"], told["curve"], strict=True)
    return ", ".join(f"{point['value']:.3f} at {boxes:,.0f}" for boxes, point in pairs)


def _marked(
    frame: np.ndarray, marks: Sequence[tuple[bool, float, float, float, float]]
) -> np.ndarray:
    """A frame at the size it is shown in, with its boxes: the rare category orange, others blue."""
    size = (_SIDE, max(1, round(_SIDE * frame.shape[0] / frame.shape[1])))
    canvas = Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(canvas)
    for rare, x, y, w, h in sorted(marks):
        corners = (x * size[0], y * size[1], (x + w) * size[0], (y + h) * size[1])
        pen.rectangle(corners, outline=_EDGE, width=4)
        pen.rectangle(corners, outline=DETECTION if rare else TRUTH, width=2)
    return np.asarray(canvas)
