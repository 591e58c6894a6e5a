"""The funnel of a workspace as a picture of its own: PNG or SVG, for slides and mails."""

from __future__ import annotations

import io
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from ringroad.domain.errors import UsageError

FORMATS = ("png", "svg")
BAR, BEHIND, INK, MUTED = "#0072B2", "#DCE6EC", "#1A1A1A", "#6B6B6B"
DPI = 160


def funnel_picture(stages: Sequence[tuple[str, int, int]], *, format: str) -> bytes:
    """One centred bar per stage, as wide as its share of the first; equal stages, equal bytes.

    Args:
        stages: name, number of frames, bytes.
        format: one of `FORMATS`.

    Raises:
        UsageError: another format.
    """
    if format not in FORMATS:
        raise UsageError(
            f"no picture can be written as {format!r}",
            remedy=f"name the file .{' or .'.join(FORMATS)}",
        )
    first = max((count for _, count, _ in stages[:1]), default=0) or 1
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "ringroad", "font.size": 10})
        canvas = Figure(figsize=(7.0, 0.6 + 0.62 * len(stages)), layout="constrained")
        axes = canvas.add_subplot()
        for row, (name, count, size) in enumerate(stages):
            share = count / first
            axes.barh(row, 1.0, 0.72, left=-0.5, color=BEHIND)
            axes.barh(row, share, 0.72, left=-share / 2, color=BAR)
            axes.text(-0.53, row, name, ha="right", va="center", color=INK)
            axes.text(0.53, row, f"{count:,} frames", ha="left", va="center", color=INK)
            told = f"{_size(size)}, {share:.1%}"
            axes.text(0.88, row, told, ha="left", va="center", color=MUTED)
        axes.set_xlim(-0.75, 1.25)
        axes.set_ylim(len(stages) - 0.5, -0.5)
        axes.axis("off")
        out = io.BytesIO()
        clean = {"Software": None} if format == "png" else {"Date": None, "Creator": None}
        canvas.savefig(out, format=format, dpi=DPI, metadata=clean)
    return out.getvalue()


def _size(size_bytes: int) -> str:
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.3g} {unit}"
    return f"{size_bytes / 1e3:.3g} kB"
