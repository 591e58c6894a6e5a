"""`ringroad tags`: weather, road and captions of frames, by hand, tagger, network or plug-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.curate.tagging import BY_BLOCK
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.curate.search_sources import DEFAULT_SPACE
from ringroad.pipelines.curate.tag_rows import HAND
from ringroad.pipelines.failures import told_plainly
from ringroad.pipelines.mine.tagging import (
    LEAST,
    Tagged,
    fit_to,
    import_tags,
    run_network,
    run_tagger,
    say,
    sources_of,
)
from ringroad.pipelines.train.named_models import model_of

ON = "A recording, a selection, or all."


@click.group()
def tags() -> None:
    """Weather, road and other tags of frames, and captions."""


@command(tags, name="set")
@click.argument("tag")
@click.option("--on", required=True, help=ON)
@click.option("--by", "source", default=HAND, show_default=True, help="Who says so.")
def set_(door: Door, tag: str, on: str, source: str) -> None:
    """Say of frames what they show: TAG is `weather=rain`, `road=urban`, `caption=wet leaves`.

    Any other kind, such as `surface=gravel`, is found by its words: `text('gravel')`.
    """
    kind, equals, value = tag.partition("=")
    if not equals:
        raise click.UsageError("say kind=value, such as weather=rain")
    with opened(door) as workspace, told_plainly():
        told = say(workspace, scope_of(workspace, on), kind, value, source=source)
    _give(door, told)


@command(tags, name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", "source", default=HAND, show_default=True, help="Who says so.")
def import_(door: Door, file: Path, source: str) -> None:
    """Take in tags and captions from FILE: .csv, .parquet, .feather or .arrow.

    A column frame_id or recording_id, and one for each kind: weather, road, caption ...
    """
    with opened(door) as workspace, told_plainly():
        told = import_tags(workspace, file, source=source)
    _give(door, told)


@command(tags)
@click.argument("name")
@click.option("--kind", required=True, help="What it shall tell, such as weather.")
@click.option("--from", "source", default=HAND, show_default=True, help="Whose tags it learns.")
@click.option("--in", "space", default=DEFAULT_SPACE, show_default=True, help="Embeddings.")
def fit(door: Door, name: str, kind: str, source: str, space: str) -> None:
    """Fit the small tagger NAME to tags of a hand: one linear layer over embeddings.

    It tells on what it was fitted, and how it did on recordings it was not fitted on. It knows
    the values it was shown and no others, and says nothing of frames unlike all of those.
    """
    with opened(door) as workspace, told_plainly():
        made = fit_to(workspace, name, kind=kind, source=source, space=space)
        told = workspace.json(made)
    judged = told["judged"]
    values = told["values"]
    lines = [f"tagger:{name} tells {kind} over {space}: {', '.join(values)} ({made.id})"]
    lines += [
        f"  {value:12} fitted on {judged['frames'][value]:,} frames of "
        f"{judged['recordings'][value]} recordings; recall {_share(judged['recall'][value])}"
        for value in values
    ]
    lines.append(
        f"  mean recall {_share(judged['balanced'])} where each {judged['unit']} was left out in "
        f"turn; guessing has {1 / len(values):.0%}"
    )
    if judged["unit"] == BY_BLOCK:
        lines.append(
            "  a value stands in one recording alone: nothing says how it does on other drives"
        )
    lines.append(f"let it speak: ringroad tags run {name}")
    value = {key: told[key] for key in ("kind", "space", "values", "judged")}
    door.give({"id": made.id, "name": name, **value}, "\n".join(lines))


@command(tags)
@click.argument("name")
@click.option("--on", default="all", show_default=True, help=ON)
@click.option("--model", default="", help="A network of classes: alias, id or ONNX file.")
@click.option("--predictor", default="classes", show_default=True, help="Who reads the file.")
@click.option("--kind", default="", help="What the network tells, such as weather.")
@click.option("--values", default="", help="Its values in its order, with commas between.")
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    default=LEAST,
    show_default=True,
    help="Less sure, it says nothing.",
)
def run(
    door: Door,
    name: str,
    on: str,
    model: str,
    predictor: str,
    kind: str,
    values: str,
    least: float,
) -> None:
    """Let a tagger speak of frames: one that was fitted, an installed one, or a --model.

    A network of classes takes one picture of 224 x 224 pixels, RGB from 0 to 1, and answers with
    a number per value; --predictor classes-imagenet for those that expect ImageNet's mean and
    spread. What a hand said of a frame stands before it.
    """
    with opened(door) as workspace, told_plainly():
        scope = scope_of(workspace, on)
        if model:
            told = run_network(
                workspace,
                scope.taken,
                model_of(workspace, model, predictor=predictor),
                source=name,
                kind=kind,
                values=[value.strip() for value in values.split(",") if value.strip()],
                least=least,
            )
        else:
            told = run_tagger(workspace, scope, name, least=least)
    _give(door, told)


@command(tags, name="list")
def list_(door: Door) -> None:
    """Who says what of how many frames."""
    with opened(door) as workspace, told_plainly():
        found = sources_of(workspace)
    lines = [
        f"{row['source']}  {kind}: {_values(values)}{'  by ' + row['by'] if row['by'] else ''}"
        for row in found
        for kind, values in row["kinds"].items()
    ]
    door.give(found, "\n".join(lines) or "no tags; say some: ringroad tags set weather=rain --on S")


def _give(door: Door, told: Tagged) -> None:
    lines = [f"{told.source}  {kind}: {_values(values)}" for kind, values in told.frames.items()]
    said = sum(sum(values.values()) for values in told.frames.values())
    silent = told.looked - said if len(told.frames) == 1 else 0
    unsure = f"; it says nothing of {silent:,} that it is not sure of" if silent > 0 else ""
    lines.append(f"{told.looked:,} frames were looked at{unsure}")
    value: dict[str, Any] = asdict(told)
    door.give(value, "\n".join(lines))


def _values(values: Mapping[str, int]) -> str:
    return ", ".join(
        f"{value or 'texts'} on {count:,} frames" for value, count in sorted(values.items())
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0%}"
