"""A matplotlib drawing as an SVG whose colours are the page's, in light and in dark.

Colours are drawn as stand-ins and replaced by CSS variables. Equal drawings are equal bytes:
ids come from a fixed salt, and neither a date nor the user's matplotlibrc gets in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

INK = "#010101"
MUTED = "#010102"
GRID = "#010103"
SURFACE = "#010104"
PASS = "#010105"  # noqa: S105 (a colour, no secret)
FAIL = "#010106"
OPEN = "#010107"
SERIES = ("#010110", "#010111", "#010112", "#010113", "#010114", "#010115")
"""Told apart by people with any colour vision (after Okabe and Ito), and by marker and dash."""
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (9, 3)), (0, (3, 1)))

_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    SURFACE: "surface",
    PASS: "pass",
    FAIL: "fail",
    OPEN: "open",
    **{stand_in: f"series-{number}" for number, stand_in in enumerate(SERIES)},
}
_STYLE: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.labelpad": 6,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "ringroad",
}
_HEAD = re.compile(r'^.*?<svg [^>]*?(viewBox="[^"]*")[^>]*>', re.DOTALL)


def draw(paint: Callable[[Axes], None], *, width: float = 5.6, height: float = 3.0) -> str:
    """Paint on fresh axes of that size in inches, and return one `<svg>` element."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        canvas = Canvas(figsize=(width, height), layout="constrained")
        paint(canvas.add_subplot())
        out = io.StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _themed(out.getvalue())


def _themed(svg: str) -> str:
    """Keep the drawing, drop the prologue and metadata, put variables for colours."""
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = _HEAD.sub(r'<svg class="plot" \1 aria-hidden="true">', svg, count=1)
    for stand_in, name in _VARIABLES.items():
        svg = svg.replace(stand_in, f"var(--{name})")
    return svg.strip()


def with_prefix(svg: str, prefix: str) -> str:
    """The same drawing with its ids made unique on a page."""
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    return re.sub(r"url\(#", f"url(#{prefix}-", svg)
