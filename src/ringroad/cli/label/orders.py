"""`ringroad labels order | orders | pause | resume | close`: what is to be labelled, and how."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import InvalidConfig
from ringroad.domain.order import ACTIVE, CLOSED, PAUSED, LotPlan
from ringroad.pipelines.curate.scope import named_selection
from ringroad.pipelines.label.orders import turn_order
from ringroad.pipelines.label.prelabels import prelabelled
from ringroad.pipelines.label.wanted import (
    OrderPreview,
    WantedOrder,
    place_wanted,
    preview_order,
)
from ringroad.pipelines.train.named_models import model_of

SHARE = click.FloatRange(0, 1)
_LATER = "\npre-labels that the guideline refuses are left out once the network has run"


@command()
@click.argument("name")
@click.option("--on", required=True, help="The selection to label, in its order.")
@click.option("--guideline", default="", help="Name or version; anything may be drawn without.")
@click.option(
    "--looks", type=click.IntRange(1), help="Blind looks per frame, for the fixed policy."
)
@click.option("--policy", default="fixed", show_default=True, help="See plugins list.")
@click.option("--option", "options", multiple=True, help="KEY=VALUE of the policy, in JSON.")
@click.option("--consensus", default="marks", show_default=True, help="See plugins list.")
@click.option("--model", default="", help="Pre-label with this model version.")
@click.option("--predictor", default="", help="Who reads an ONNX file that --model names.")
@click.option("--min-score", type=SHARE, default=0.3, show_default=True, help="Of pre-labels.")
@click.option("--prelabels", default="", help="A batch of annotations to begin with.")
@click.option(
    "--priority", default="", help="Artifact of scores by frame: SCORES or SCORES#COLUMN."
)
@click.option("--lot-size", type=click.IntRange(1), help="Frames that are accepted together.")
@click.option(
    "--aql", type=SHARE, default=0.01, show_default=True, help="Bad frames that may pass."
)
@click.option(
    "--ltpd", type=SHARE, default=0.1, show_default=True, help="Bad frames that must not."
)
@click.option("--review", "review_share", type=SHARE, default=0.0, help="Share that is reviewed.")
@click.option("--honeypots", "honeypot_share", type=SHARE, default=0.0, help="Share of tasks.")
@click.option("--annotator", "annotators", multiple=True, help="Who may take tasks; all without.")
@click.option("--reviewer", "reviewers", multiple=True, help="Who may review and adjudicate.")
@click.option("--assign", is_flag=True, help="Let annotators take turns, not whoever comes first.")
@click.option("--by", default="", help="Who orders it.")
@click.option("--reason", default="", help="Why.")
@click.option("--dry-run", is_flag=True, help="Tell what it opens and takes; place nothing.")
@click.option("--per-hour", type=float, help="What an hour costs, for --dry-run.")
def order(
    door: Door,
    name: str,
    on: str,
    guideline: str,
    looks: int | None,
    policy: str,
    options: tuple[str, ...],
    consensus: str,
    model: str,
    predictor: str,
    min_score: float,
    prelabels: str,
    priority: str,
    lot_size: int | None,
    aql: float,
    ltpd: float,
    review_share: float,
    honeypot_share: float,
    annotators: tuple[str, ...],
    reviewers: tuple[str, ...],
    assign: bool,
    by: str,
    reason: str,
    dry_run: bool,
    per_hour: float | None,
) -> None:
    """Place the labelling order NAME: open its tasks. Placing it again changes nothing."""
    if model and prelabels:
        raise click.UsageError("--model makes pre-labels, --prelabels names them: give one")
    if assign and not annotators:
        raise click.UsageError("--assign needs the annotators: --annotator NAME, for each")
    wanted = WantedOrder(
        name=name,
        selection=on,
        guideline=guideline,
        looks=policy,
        looks_options=_options(options, policy, looks),
        consensus=consensus,
        prelabels=prelabels,
        priority=priority,
        lots=_lots(lot_size, aql, ltpd),
        review_share=review_share,
        honeypot_share=honeypot_share,
        annotators=annotators,
        reviewers=reviewers,
        in_turns=assign,
        seed=door.seed,
        by=by,
        reason=reason,
    )
    with opened(door) as workspace:
        if dry_run:
            preview = preview_order(workspace, wanted, per_hour=per_hour)
            later = bool(model and guideline)
            told = _previewed(preview) + (_LATER if later else _told_left_out(preview.left_out))
            door.give(asdict(preview) | ({"left_out": None} if later else {}), told)
            return
        begin = None
        if model:
            network = model_of(workspace, model, predictor=predictor)
            selection = named_selection(workspace, on)
            pots = honeypot_share > 0
            begin = prelabelled(
                workspace, network, selection, min_score=min_score, honeypots=pots
            ).id
        placed = place_wanted(workspace, wanted, prelabels=begin)
    door.give(
        {
            **asdict(placed.order),
            "frames": placed.frames,
            "tasks": placed.tasks,
            "left_out": dict(placed.left_out),
        },
        f"order {name} ({placed.order.id[:12]}): {placed.frames} frames, "
        + (f"{placed.tasks} tasks opened" if placed.tasks else "placed before")
        + _told_left_out(placed.left_out),
    )


@command()
def orders(door: Door) -> None:
    """What was ordered, and how far it is."""
    with opened(door) as workspace:
        found = [
            (item, workspace.catalog.frame_count(item.id)) for item in workspace.catalog.orders()
        ]
    value = [
        {**asdict(item), "frames": count.frames, "settled": count.settled} for item, count in found
    ]
    lines = [
        f"{row['name']}  {row['state']}  {row['settled']} of {row['frames']} frames settled"
        for row in value
    ]
    door.give({"orders": value}, "\n".join(lines) or "nothing was ordered yet")


@command()
@click.argument("name")
@click.option("--by", default="", help="Who says so.")
def pause(door: Door, name: str, by: str) -> None:
    """Hand out no task of the order NAME for now; answers to those that are held still count."""
    _turn(door, name, PAUSED, by)


@command()
@click.argument("name")
@click.option("--by", default="", help="Who says so.")
def resume(door: Door, name: str, by: str) -> None:
    """Hand out tasks of the order NAME again."""
    _turn(door, name, ACTIVE, by)


@command()
@click.argument("name")
@click.option("--by", default="", help="Who says so.")
def close(door: Door, name: str, by: str) -> None:
    """Hand out no task of the order NAME any more; answers to those that are held still count."""
    _turn(door, name, CLOSED, by)


def _turn(door: Door, name: str, state: str, by: str) -> None:
    with opened(door) as workspace:
        found = turn_order(workspace, name, state, by=by)
    door.give({"name": found.name, "id": found.id, "state": state}, f"{found.name} is {state}")


def _previewed(found: OrderPreview) -> str:
    cost = "" if found.cost is None else f", {found.cost:.2f} in money"
    return (
        f"order {found.name}: {found.frames} frames, {found.tasks} tasks, "
        f"about {found.hours:.1f} h{cost} ({found.basis}); nothing was placed"
    )


def _told_left_out(refused: Mapping[str, int]) -> str:
    if not refused:
        return ""
    each = ", ".join(f"{count} {category}" for category, count in refused.items())
    return f"\n{sum(refused.values())} pre-labels left out that the guideline refuses: {each}"


def _lots(size: int | None, aql: float, ltpd: float) -> LotPlan | None:
    if size is None:
        return None
    try:
        return LotPlan(size=size, aql=aql, ltpd=ltpd)
    except ValueError as error:
        raise InvalidConfig(str(error), subject="--lot-size, --aql, --ltpd") from error


def _options(pairs: tuple[str, ...], policy: str, looks: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
        if not (key and equals):
            raise click.UsageError(f"--option {pair!r}: say KEY=VALUE")
    if looks is not None:
        if policy != "fixed":
            raise click.UsageError("--looks belongs to the fixed policy; see --option")
        found["looks"] = looks
    return found
