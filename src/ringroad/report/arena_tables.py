"""Tables of an arena's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ringroad.report.page import Cell, Column, Table

Told = Mapping[str, Any]


def interval(told: Told) -> str:
    """A value with its interval in words."""
    if told["value"] is None:
        return "not evaluated"
    value = _three(told["value"])
    if told["low"] is None:
        return value
    return f"{value} ({_three(told['low'])} to {_three(told['high'])})"


def percent(value: float | None) -> str:
    """A share, or words where it lies beyond what was spent."""
    return "not reached" if value is None else f"{value:.0%}"


def share_of(told: Told) -> str:
    """A share of labels with its interval; an end of it may lie beyond what was spent."""
    if told["value"] is None:
        return "not reached"
    low, high = ("beyond" if told[end] is None else f"{told[end]:.0%}" for end in ("low", "high"))
    return f"{told['value']:.0%} ({low} to {high})"


def ratio(told: Told, *, why: bool = True) -> str:
    """A ratio of gains with Fieller's interval, or that there is none, and why."""
    if told["value"] is None:
        return str(told["why"]) if why else "not defined"
    return f"{told['value']:.1f} ({told['low']:.1f} to {told['high']:.1f})"


def arms_table(told: Told, order: Sequence[str], measure: str) -> Table:
    """What each arm spent, and where it got."""
    rows: list[tuple[Cell, ...]] = []
    for arm in order:
        part = told["arms"][arm]
        mine = part[measure]
        rows.append(
            (
                arm,
                part["boxes"],
                part["labelled"],
                interval(mine["curve"][-1]),
                interval(mine["gain"]),
                share_of(mine["share_to_reach"]),
            )
        )
    return Table(
        caption="Each arm after the last round, best curve first; the share of all labels at which "
        f"{told['reach']:.0%} of their AP50 was reached.",
        columns=(
            Column(name="arm"),
            Column(name="boxes", digits=0),
            Column(name="frames", digits=0),
            Column(name="AP50"),
            Column(name="gain over the start"),
            Column(name=f"of all labels, to {told['reach']:.0%}"),
        ),
        rows=tuple(rows),
    )


def against_table(told: Told, order: Sequence[str], measure: str) -> Table:
    """Paired differences to random and to the manual arm, and the ratio of gains."""
    rows: list[tuple[Cell, ...]] = []
    for arm in order:
        mine = told["arms"][arm][measure]
        cells: list[Cell] = [arm]
        for other in ("random", "rule"):
            found = mine.get(f"against_{other}")
            cells += [interval(found["difference"]), found["p"]] if found else ["", ""]
        found = mine.get("against_rule")
        cells.append(ratio(found["ratio_of_gains"], why=False) if found else "")
        rows.append(tuple(cells))
    what = "mean AP50" if measure == "mean" else "AP50 of the rare slice"
    return Table(
        caption=f"Differences of {what} after the last round, paired by seed.",
        columns=(
            Column(name="arm"),
            Column(name="less random"),
            Column(name="p", digits=3),
            Column(name="less rule"),
            Column(name="p ", digits=3),
            Column(name="gain / manual gain"),
        ),
        rows=tuple(rows),
    )


def equal_table(told: Told, order: Sequence[str]) -> Table:
    """Label cost at equal mean AP50."""
    rows: list[tuple[Cell, ...]] = []
    for arm in order:
        mine = told["arms"][arm]["mean"]
        cells: list[Cell] = [arm, mine["boxes"][-1]]
        for other in ("random", "rule"):
            found = mine.get(f"against_{other}")
            cells += (
                [_cost(found["boxes_of_other"]), _cost(found["boxes_of_ours"])]
                if found
                else ["", ""]
            )
        rows.append(tuple(cells))
    return Table(
        caption="Boxes, mean over seeds with its interval.",
        columns=(
            Column(name="arm"),
            Column(name="spent", digits=0),
            Column(name="random needs for that AP"),
            Column(name="needs for random's AP"),
            Column(name="rule needs for that AP"),
            Column(name="needs for rule's AP"),
        ),
        rows=tuple(rows),
    )


def slice_tables(told: Told, order: Sequence[str]) -> tuple[Table, ...]:
    """One table per condition: arms by categories."""
    whole = told["whole"]["slices"]
    tables = []
    for condition, known in whole.items():
        names = list(known)
        rows = [
            (arm, *(_short(told["arms"][arm]["slices"].get(condition, {}).get(n)) for n in names))
            for arm in order
        ]
        rows.append(("all labels", *(_short(known[name]) for name in names)))
        where = "All conditions." if condition == "all" else f"Condition {condition}."
        tables.append(
            Table(
                caption=where,
                columns=(Column(name="arm"), *(Column(name=name) for name in names)),
                rows=tuple(rows),
            )
        )
    return tuple(tables)


def whole_table(full: Told, order: Sequence[str], measure: str) -> Table:
    """The second stage: labels of the start, of the last round, the gain."""
    rows: list[tuple[Cell, ...]] = []
    for arm in order:
        mine = full["arms"][arm][measure]
        ends = (mine["curve"][0], mine["curve"][-1], mine["gain"])
        rows.append((arm, full["arms"][arm]["boxes"], *(interval(part) for part in ends)))
    what = "mean AP50" if measure == "mean" else "AP50 of the rare slice"
    return Table(
        caption=f"Whole networks, {what}.",
        columns=(
            Column(name="arm"),
            Column(name="boxes", digits=0),
            Column(name="labels of the start"),
            Column(name="of the last round"),
            Column(name="gain"),
        ),
        rows=tuple(rows),
    )


def _three(value: float) -> str:
    """Three digits; nothing is no less than nothing."""
    return f"{round(value, 3) + 0.0:.3f}"


def _cost(found: Told) -> str | None:
    if found["value"] is None:
        low = found["low"]
        return None if low is None else f"more (from {low:,.0f})"
    high = "more" if found["high"] is None else f"{found['high']:,.0f}"
    low = "" if found["low"] is None else f"{found['low']:,.0f} to "
    return f"{found['value']:,.0f} ({low}{high})"


def _short(told: Told | None) -> str:
    if told is None:
        return "not evaluated"
    if told["low"] is None:
        return f"{told['value']:.3f}"
    return f"{told['value']:.3f} \N{PLUS-MINUS SIGN} {(told['high'] - told['low']) / 2:.3f}"
