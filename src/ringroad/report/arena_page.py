"""The page of an arena: who learnt most for its labels, what was reached, what each arm chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ringroad.report.arena_plots import MOST_CURVES, curves, ends
from ringroad.report.arena_tables import (
    against_table,
    arms_table,
    equal_table,
    interval,
    percent,
    ratio,
    share_of,
    slice_tables,
    whole_table,
)
from ringroad.report.page import Fact, Figure, NextStep, Page, Picture, Ref, Section

ALWAYS = ("random", "rule")
GOAL_SHARE, GOAL_RATIO = 0.4, 3.0
Told = Mapping[str, Any]


def arena_page(
    told: Told, strips: Sequence[Picture], *, hours: float, ref: Ref, untold: Sequence[str] = ()
) -> Page:
    """The whole page.

    Args:
        told: the arena's artifact.
        strips: what each arm chose.
        hours: that its steps took.
        ref: where it stands in lineage.
        untold: what could not be shown, and why.
    """
    order = ranked(told["arms"], "mean")
    sections = [
        _mean(told, order),
        _rare(told, ranked(told["arms"], "rare")),
        _saved(told, order),
        _slices(told, order),
        *([_full(told["full"])] if told.get("full") else []),
        _chosen(told, strips, untold),
        Section(title="How to read it", text=_method(told)),
    ]
    return Page(
        title=f"Arena {told['name']}",
        synthetic=told["synthetic"],
        summary=_summary(told, order),
        sections=tuple(sections),
        facts=_facts(told, order, hours),
        next_steps=(
            NextStep(
                command=f"ringroad arena show {told['name']} --json",
                why="All figures of this page, round by round.",
            ),
        ),
        lineage=(ref,),
    )


def ranked(arms: Told, measure: str) -> list[str]:
    """Arms by the mean height of their curve, best first."""
    return sorted(arms, key=lambda arm: (-arms[arm][measure]["area"]["value"], arm))


def rare_name(told: Told) -> str:
    """The rare slice in words."""
    rare = told["rare"]
    where = "" if rare["condition"] == "all" else f", {rare['condition']}"
    return f"{rare['category']}{where}"


def _shown(order: Sequence[str]) -> list[str]:
    """The two arms that are always there, and the best of the others."""
    others = [arm for arm in order if arm not in ALWAYS]
    return [*others[:1], *(arm for arm in ALWAYS if arm in order), *others[1:]][:MOST_CURVES]


def _summary(told: Told, order: Sequence[str]) -> str:
    test = told["test"]
    return (
        f"{len(told['arms'])} arms, {len(told['seeds'])} seeds, equal label cost. Each seed draws "
        f"a split of its own and tests on about {test['frames']:.0f} frames in "
        f"{test['units']:.0f} units (unit: {told['unit']}). Best by mean AP50 over its curve: "
        f"`{order[0]}`."
    )


def _facts(told: Told, order: Sequence[str], hours: float) -> tuple[Fact, ...]:
    best = told["arms"][order[0]]["mean"]
    share = best["share_to_reach"]
    rivals = [arm for arm in ranked(told["arms"], "rare") if arm not in ALWAYS]
    facts = [
        Fact(
            value=percent(share["value"]),
            label=f"of all labels, to {told['reach']:.0%} of the AP50 of all ({order[0]})",
            note=f"goal: at most {GOAL_SHARE:.0%}; {share_of(share)}",
        )
    ]
    if rivals:
        found = told["arms"][rivals[0]]["rare"]["against_rule"]["ratio_of_gains"]
        facts.append(
            Fact(
                value="n/a" if found["value"] is None else f"{found['value']:.1f}",
                label=f"times the manual arm's gain on {rare_name(told)} ({rivals[0]})",
                note=f"goal: {GOAL_RATIO:.0f}; {ratio(found)}",
            )
        )
    facts.append(Fact(value=f"{hours:.2f} h", label="of steps, everything counted once"))
    return tuple(facts)


def _mean(told: Told, order: Sequence[str]) -> Section:
    whole = told["whole"]["mean"]
    figures: tuple[Figure, ...] = (
        curves(
            told["arms"],
            _shown(order),
            measure="mean",
            y="mean AP50",
            caption="Mean AP50 over categories against boxes. Bands: Student's interval over "
            "seeds, of the best arm, random and rule.",
        ),
        ends(
            [(arm, told["arms"][arm]["mean"]["curve"][-1]) for arm in order],
            x="mean AP50",
            whole=whole["value"],
            caption="After the last round, every arm.",
        ),
    )
    return Section(
        title="All categories",
        figures=figures,
        tables=(arms_table(told, order, "mean"), against_table(told, order, "mean")),
        text=f"With every label of the pool, {told['whole']['boxes']:,.0f} boxes, mean AP50 is "
        f"{interval(whole)}.",
    )


def _rare(told: Told, order: Sequence[str]) -> Section:
    whole = told["whole"]["rare"]
    return Section(
        title=f"The rare slice: {rare_name(told)}",
        text="The gain of an arm is what it adds over the labels that all arms start with. Its "
        "ratio to the manual arm's gain has Fieller's interval, and is not defined where the "
        f"manual gain may be zero. With every label AP50 is {interval(whole)} here.",
        figures=(
            curves(
                told["arms"],
                _shown(order),
                measure="rare",
                y=f"AP50 of {rare_name(told)}",
                caption="The rare slice against boxes; bands as above.",
            ),
            ends(
                [(arm, told["arms"][arm]["rare"]["curve"][-1]) for arm in order],
                x=f"AP50 of {rare_name(told)}",
                whole=whole["value"],
                caption="After the last round, every arm.",
            ),
        ),
        tables=(arms_table(told, order, "rare"), against_table(told, order, "rare")),
    )


def _saved(told: Told, order: Sequence[str]) -> Section:
    return Section(
        title="Labels at equal AP",
        text="What `random` and the manual `rule` have to spend until their mean AP50 is where an "
        "arm ends, and what the arm has to spend to be where they end. A dash stands for more than "
        "was spent.",
        tables=(equal_table(told, order),),
    )


def _slices(told: Told, order: Sequence[str]) -> Section:
    return Section(
        title="By slice",
        text="AP50 after the last round: mean over seeds, and half the width of its interval.",
        tables=slice_tables(told, order),
    )


def _full(full: Told) -> Section:
    order = ranked(full["arms"], "mean")
    name = full["name"].partition(": ")[2]
    whole = full["whole"]["mean"]
    return Section(
        title="Stage two: whole networks",
        text=f"The reference network trained whole: at each of {len(full['seeds'])} seeds that the "
        "first stage did not see once on the labels of the start, and from there on those of the "
        f"last round of the best arm of the first stage (`{name}`), of `random` and of the manual "
        "`rule`, and on all labels, for equally many steps. On all labels: "
        f"mean AP50 {interval(whole)}, rare slice {interval(full['whole']['rare'])}.",
        figures=(
            ends(
                [(arm, full["arms"][arm]["mean"]["curve"][-1]) for arm in order],
                x="mean AP50",
                whole=whole["value"],
                caption="Whole networks on the labels of the last round.",
            ),
            ends(
                [(arm, full["arms"][arm]["rare"]["curve"][-1]) for arm in order],
                x=f"AP50 of {rare_name(full)}",
                whole=full["whole"]["rare"]["value"],
                caption="The same on the rare slice.",
            ),
        ),
        tables=(
            whole_table(full, order, "mean"),
            whole_table(full, order, "rare"),
            against_table(full, order, "mean"),
            against_table(full, order, "rare"),
            *slice_tables(full, order),
        ),
    )


def _chosen(told: Told, strips: Sequence[Picture], untold: Sequence[str]) -> Section:
    text = (
        f"The first frames of the first round at seed {told['seeds'][0]}, in the order they were "
        f"chosen. What is truly there: {told['rare']['category']} orange, everything else blue; "
        "nobody saw these boxes before choosing."
    )
    return Section(
        title="What each arm chose", text="\n\n".join((text, *untold)), pictures=tuple(strips)
    )


def _method(told: Told) -> str:
    return (
        "All arms start with the same labels and may spend the same number of boxes a round; an "
        "empty frame costs one. The backbone is frozen and a small head is fitted afresh after "
        "each round. Intervals are Student's over seeds, at 95 %; tests are paired by seed and "
        f"exact (all sign flips), so that {len(told['seeds'])} seeds cannot get below "
        f"p = {2 / 2 ** len(told['seeds']):.4g}. Many arms are compared: one p below 0.05 among "
        "them is no discovery.\n\nCosts at equal AP are read off mean curves, in straight lines "
        "between rounds; their intervals draw seeds with replacement."
    )
