"""A recording's page: one HTML file that loads nothing, complete without its bit of script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ringroad.report.recording_view import RecordingView, Trace
from ringroad.report.timeline import timeline

SCRIPT = """
const plot = document.querySelector(".timeline"), line = plot.querySelector(".cursor");
const now = document.getElementById("now"), told = plot.dataset;
plot.addEventListener("pointermove", (event) => {
  const box = plot.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width * plot.viewBox.baseVal.width;
  const seconds = (x - told.left) / told.axis * told.seconds;
  const inside = seconds >= 0 && seconds <= Number(told.seconds);
  line.setAttribute("visibility", inside ? "visible" : "hidden");
  now.hidden = !inside;
  if (!inside) return;
  line.setAttribute("x1", x); line.setAttribute("x2", x);
  const here = [...plot.querySelectorAll(".span")].filter(
    (span) => span.dataset.start <= seconds && seconds <= span.dataset.end);
  const names = here.map((span) => span.querySelector("title").textContent.split(",")[0]);
  now.textContent = seconds.toFixed(2) + " s" + (names.length ? ": " + names.join(", ") : "");
});
"""
TONES = (
    ("fail", "error"),
    ("open", "warning"),
    ("info", "note"),
    ("event", "event"),
    ("dull", "hardly useful"),
)
MOST_ROWS = 200
SIDE, EDGE = 400, 30
SEGMENTS = 400


def recording_page(view: RecordingView) -> bytes:
    """The page in UTF-8; equal views are equal bytes."""
    drawn, told = _map(view.trace) if view.trace is not None else (None, "")
    html = _template().render(
        view=view,
        timeline=timeline(view),
        map=drawn,
        map_told=told,
        tones=TONES,
        most=MOST_ROWS,
        script=Markup(SCRIPT),  # noqa: S704 (our own script)
        script_hash=b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
    )
    return html.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ringroad.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["base64"] = lambda data: b64encode(data).decode()
    return environment.get_template("recording.html")


def _map(trace: Trace) -> tuple[Markup, str]:
    """The way as an SVG with a scale bar, and what it shows in words."""
    east, north = trace.east_m, trace.north_m
    reach = max(float(np.ptp(east)), float(np.ptp(north)), 1.0)
    scale = (SIDE - 2 * EDGE) / reach
    xs = EDGE + (east - (east.min() + east.max() - reach) / 2) * scale
    ys = SIDE - EDGE - (north - (north.min() + north.max() - reach) / 2) * scale
    kept = np.unique(np.linspace(0, len(xs) - 1, min(len(xs), SEGMENTS)).astype(int))
    xs, ys, speed = xs[kept], ys[kept], trace.speed[kept]
    fastest = float(np.nanmax(speed)) if np.isfinite(speed).any() else 0.0
    parts = [
        Markup(
            '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="3" '
            'stroke-linecap="round"/>'
        ).format(
            f"{xs[at]:.1f}", f"{ys[at]:.1f}", f"{xs[at + 1]:.1f}", f"{ys[at + 1]:.1f}",
            _shade(float(speed[at]), fastest),
        )
        for at in range(len(xs) - 1)
    ]  # fmt: skip
    for at, name in ((0, "start"), (-1, "end")):
        parts.append(
            Markup(
                '<circle class="dot" cx="{x}" cy="{y}" r="5"/>'
                '<text x="{x}" y="{t}" text-anchor="middle">{n}</text>'
            ).format(x=f"{xs[at]:.1f}", y=f"{ys[at]:.1f}", t=f"{ys[at] - 9:.1f}", n=name)
        )
    bar = _round_below(reach / 3)
    parts.append(
        Markup(
            '<line class="rule" x1="{a}" x2="{b}" y1="{y}" y2="{y}" stroke-width="2"/>'
            '<text x="{a}" y="{z}">{n} m</text>'
        ).format(a=EDGE, b=f"{EDGE + bar * scale:.1f}", y=SIDE - 12, z=SIDE - 18, n=f"{bar:g}")
    )
    told = f"The way by {trace.origin}, {trace.upward} is up."
    if fastest > 0:
        told += f" Blue is slow, orange is fast: up to {fastest:.1f} m/s."
    svg = Markup(
        '<svg class="map" viewBox="0 0 {s} {s}" role="img" aria-label="{t}">{body}</svg>'
    ).format(s=SIDE, t=told, body=Markup("").join(parts))
    return svg, told


def _shade(speed: float, fastest: float) -> str:
    """From blue to orange; grey where the speed is not known."""
    if not np.isfinite(speed) or fastest <= 0:
        return "#8a949e"
    share = min(1.0, max(0.0, speed / fastest))
    slow, fast = np.array([0, 114, 178]), np.array([230, 130, 20])
    return "#{:02x}{:02x}{:02x}".format(*(slow + share * (fast - slow)).astype(int).tolist())


def _round_below(value: float) -> float:
    power = 10.0 ** np.floor(np.log10(max(value, 1e-3)))
    return float(max(power * factor for factor in (1, 2, 5) if power * factor <= max(value, power)))
