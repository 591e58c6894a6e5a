"""The card of one gate: its verdict, and where the interval lies beside the minimum."""

from __future__ import annotations

from matplotlib.axes import Axes

from ringroad.domain.kpi import GateResult, Kpi, Verdict
from ringroad.report.drawing import FAIL, GRID, INK, MUTED, OPEN, PASS, draw
from ringroad.report.page import Column, Figure, GateCard, Ref, Table

_COLOURS = {Verdict.PASS: PASS, Verdict.FAIL: FAIL, Verdict.INCONCLUSIVE: OPEN}


def gate_card(result: GateResult, *, subject: str, lineage: tuple[Ref, ...] = ()) -> GateCard:
    """Draw a gate's result on an axis from 0 to 1."""
    gate, kpi = result.gate, result.kpi

    def paint(axes: Axes) -> None:
        axes.hlines(0, 0, 1, color=GRID, lw=5, capstyle="round")
        colour = _COLOURS[result.verdict]
        if kpi.low is not None and kpi.high is not None:
            axes.hlines(0, kpi.low, kpi.high, color=colour, lw=5, alpha=0.45, capstyle="round")
        if kpi.value is not None:
            axes.plot([kpi.value], [0], "o", color=colour, markersize=9)
        axes.vlines(gate.minimum, -0.75, 0.75, color=INK, lw=1.6)
        axes.text(gate.minimum, 0.95, f"minimum {gate.minimum:g}", ha="center", color=INK)
        for end in (0, 1):
            axes.text(end, -0.75, f"{end}", ha="center", va="top", color=MUTED, fontsize=8)
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-1.5, 1.7)
        axes.set_axis_off()

    alt = f"{result.verdict}: {describe(kpi)}; the minimum is {gate.minimum:g}."
    figure = Figure(svg=draw(paint, width=3.5, height=0.85), alt=alt, caption="")
    return GateCard(result=result, subject=subject, figure=figure, lineage=lineage)


def describe(kpi: Kpi) -> str:
    """A KPI in one line: value, interval, confidence and what was resampled."""
    name = f"{kpi.metric}, {kpi.category}, {kpi.slice}"
    if kpi.value is None:
        return f"{name}: not evaluated"
    if kpi.low is None or kpi.high is None:
        return f"{name}: {kpi.value:.3f}, no interval, {many(kpi.units, kpi.unit)}"
    return (
        f"{name}: {kpi.value:.3f} [{kpi.low:.3f}, {kpi.high:.3f}] "
        f"at {kpi.confidence:.0%} over {many(kpi.units, kpi.unit)}"
    )


def many(count: int, unit: str) -> str:
    """`3 recordings`, `1 block of 20 frames`, `12 blocks of 20 frames`."""
    head, _, rest = unit.partition(" ")
    plural = head if count == 1 else f"{head}s"
    return f"{count:,} {plural} {rest}".rstrip()


def kpi_table(kpis: tuple[Kpi, ...], *, caption: str) -> Table:
    """KPIs as rows; what was not evaluated says so."""
    return Table(
        caption=caption,
        columns=(
            Column(name="metric"),
            Column(name="category"),
            Column(name="slice"),
            Column(name="value"),
            Column(name="low"),
            Column(name="high"),
            Column(name="resampled"),
            Column(name="truths", unit="boxes"),
            Column(name="frames"),
        ),
        rows=tuple(
            (
                kpi.metric,
                kpi.category,
                kpi.slice,
                "not evaluated" if kpi.value is None else kpi.value,
                kpi.low,
                kpi.high,
                many(kpi.units, kpi.unit),
                kpi.truths,
                kpi.frames,
            )
            for kpi in kpis
        ),
    )
