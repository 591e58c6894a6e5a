"""The page of a recording's checks: findings on one time axis, and the evidence of each.

Which rows and pictures are the evidence of a check is chosen by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from ringroad.report.drawing import DASHES, FAIL, GRID, INK, MUTED, OPEN, SERIES, draw
from ringroad.report.page import Column, Fact, Figure, NextStep, Page, Picture, Section, Table
from ringroad.report.pictures import mosaic

SHADES = {"error": FAIL, "warning": OPEN, "info": SERIES[0]}
MARKS = {"error": "X", "warning": "D", "info": "o"}
MOST_POINTS = 1_500
FEW_POINTS = 80
MOST_TOLD = 40
"""Findings with a drawing of their own; all of them are in the table."""
Evidence = Figure | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finding in the words of its row; times in seconds since the recording began."""

    id: str
    check: str
    channel: str
    severity: str
    start_s: float
    end_s: float
    value: float
    limit: float
    unit: str
    message: str

    @property
    def where(self) -> str:
        """Check and channel."""
        return f"{self.check}, {self.channel}" if self.channel else self.check


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """One line of a drawing.

    Attributes:
        name: what it shows.
        seconds: (n,) float64 since the recording began, ascending.
        values: (n,) float64.
        joined: whether a line leads from each value to the next.
    """

    name: str
    seconds: np.ndarray
    values: np.ndarray
    joined: bool = True


def overview(findings: Sequence[Told], *, duration_s: float) -> Figure:
    """All findings on the recording's time axis, one row per check."""
    names = list(dict.fromkeys(item.check for item in findings))

    def paint(axes: Axes) -> None:
        for item in findings:
            row, shade = names.index(item.check), SHADES[item.severity]
            axes.barh(row, max(item.end_s - item.start_s, 0.0), left=item.start_s, height=0.5,
                      color=shade, alpha=0.35, lw=0)  # fmt: skip
            axes.plot(item.start_s, row, MARKS[item.severity], color=shade, markersize=6)
        for severity, mark in MARKS.items():
            if any(item.severity == severity for item in findings):
                axes.plot([], [], mark, color=SHADES[severity], label=severity)
        axes.set_yticks(range(len(names)), names, color=INK)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(-0.01 * duration_s, max(duration_s, 1e-3) * 1.01)
        axes.set_xlabel("seconds since the recording began")
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)

    told = "; ".join(f"{item.where} from {item.start_s:.2f} s" for item in findings[:MOST_TOLD])
    return Figure(
        svg=draw(paint, width=9.0, height=1.2 + 0.34 * len(names)),
        alt=f"Findings over {duration_s:.1f} s: {told}.",
        caption="Where in the recording each finding lies.",
        wide=True,
    )


def trace_figure(item: Told, traces: Sequence[Trace], *, unit: str) -> Figure:
    """Signals around a finding; its time range is shaded."""

    def paint(axes: Axes) -> None:
        axes.axvspan(item.start_s, item.end_s, color=SHADES[item.severity], alpha=0.15, lw=0)
        for number, trace in enumerate(traces[: len(SERIES)]):
            seconds, values = thinned(trace.seconds, trace.values)
            axes.plot(
                seconds,
                values,
                color=SERIES[number],
                linestyle=DASHES[number] if trace.joined else "",
                marker="." if len(seconds) < FEW_POINTS or not trace.joined else "",
                markersize=5,
                lw=1.2,
                label=trace.name,
            )
        axes.set_xlabel("seconds since the recording began")
        axes.set_ylabel(unit)
        axes.grid(axis="y", color=GRID)
        if traces:
            axes.legend(loc="best")
        else:
            axes.text(0.5, 0.5, "nothing was recorded", transform=axes.transAxes, color=MUTED)

    spans = "; ".join(
        f"{trace.name} between {trace.values.min():.4g} and {trace.values.max():.4g} {unit}"
        for trace in traces
        if len(trace.values)
    )
    alt = f"{item.message}. From {item.start_s:.2f} to {item.end_s:.2f} s; {spans}."
    return Figure(svg=draw(paint, width=5.6, height=2.6), alt=alt, caption=_caption(item))


def picture_evidence(item: Told, pictures: Sequence[np.ndarray], titles: Sequence[str]) -> Picture:
    """The pictures of a finding side by side, (h, w, 3) uint8 each."""
    return mosaic(
        pictures,
        titles=titles,
        alt=f"{item.message}: {', '.join(titles)}.",
        caption=_caption(item),
        columns=min(3, len(pictures)),
        width=960,
    )


def checks_page(
    recording: str,
    findings: Sequence[Told],
    evidence: Mapping[str, Evidence],
    *,
    duration_s: float,
    synthetic: bool,
    checks: int,
) -> Page:
    """The whole page.

    Args:
        recording: its id.
        findings: most severe first.
        evidence: finding's id -> its drawing or picture.
        duration_s: of the recording.
        synthetic: whether it was rendered.
        checks: how many checks looked at it.
    """
    sections = [
        Section(
            title="All findings",
            figures=(overview(findings, duration_s=duration_s),) if findings else (),
            tables=(_table(findings),) if findings else (),
        )
    ]
    sections += [
        Section(
            title=severity.capitalize(),
            figures=tuple(one for one in shown if isinstance(one, Figure)),
            pictures=tuple(one for one in shown if isinstance(one, Picture)),
        )
        for severity in SHADES
        for shown in [_shown(findings, evidence, severity)]
        if shown
    ]
    return Page(
        title=f"Checks of {recording}",
        synthetic=synthetic,
        summary=_summary(findings, duration_s, checks),
        sections=tuple(sections),
        facts=tuple(
            Fact(value=str(sum(item.severity == severity for item in findings)), label=severity)
            for severity in SHADES
        ),
        next_steps=(
            NextStep(
                command=f"ringroad recordings checks {recording} --limits LIMITS.toml",
                why="Check again with limits of your own, in a section [checks].",
            ),
        ),
    )


def thinned(seconds: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most about `MOST_POINTS` points; of each stretch its lowest and its highest."""
    count = len(seconds)
    if count <= MOST_POINTS:
        return seconds, values
    edges = np.linspace(0, count, MOST_POINTS // 2 + 1).astype(int)
    kept = [
        start + at
        for start, stop in pairwise(edges.tolist())
        for at in sorted((int(np.argmin(values[start:stop])), int(np.argmax(values[start:stop]))))
    ]
    return seconds[kept], values[kept]


def _shown(
    findings: Sequence[Told], evidence: Mapping[str, Evidence], severity: str
) -> list[Evidence]:
    return [
        evidence[item.id] for item in findings if item.severity == severity and item.id in evidence
    ]


def _caption(item: Told) -> str:
    return f"{item.where}: {item.message}."


def _summary(findings: Sequence[Told], duration_s: float, checks: int) -> str:
    if not findings:
        return f"{checks} checks looked at {duration_s:.1f} s and found nothing."
    kinds = len({item.check for item in findings})
    return (
        f"{checks} checks looked at {duration_s:.1f} s; {kinds} of them found something, "
        f"at {len(findings)} places."
    )


def _table(findings: Sequence[Told]) -> Table:
    columns = (
        Column(name="severity"),
        Column(name="check"),
        Column(name="channel"),
        Column(name="from", unit="s", digits=2),
        Column(name="to", unit="s", digits=2),
        Column(name="what was found"),
        Column(name="value"),
        Column(name="limit"),
    )
    rows = tuple(
        (
            item.severity,
            item.check,
            item.channel or "all",
            item.start_s,
            item.end_s,
            item.message,
            f"{item.value:.4g} {item.unit}",
            f"{item.limit:.4g}",
        )
        for item in findings
    )
    return Table(caption="Every finding, most severe first.", columns=columns, rows=rows)
