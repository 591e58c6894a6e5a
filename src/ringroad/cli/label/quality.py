"""`ringroad labels agreement | qa | errors | rehearse`: how far labels can be trusted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import EXIT_SOME_REFUSED, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import UsageError
from ringroad.label.agreement_figures import AgreementFigures, agreement_figures
from ringroad.label.errors import Suspect
from ringroad.metrics.intervals import Interval
from ringroad.pipelines.label.judging import judges_of
from ringroad.pipelines.label.qa import qa_view
from ringroad.pipelines.label.quality import (
    FIGURES,
    Doubted,
    Rehearsed,
    answers_of,
    doubts,
    read_rehearsal,
    rehearsals,
)
from ringroad.pipelines.train.named_models import model_of
from ringroad.report.label_qa import QaView, qa_page
from ringroad.report.render import render


@command()
@click.argument("names", nargs=-1)
def agreement(door: Door, names: tuple[str, ...]) -> None:
    """How well blind answers agree: of orders, labellings or batches, or of all so far.

    Intervals are of 95 %, by resampling whole units; the unit is printed.
    """
    with opened(door) as workspace:
        found = agreement_figures(answers_of(workspace, names), seed=door.seed)
    door.give({"agreement": asdict(found)}, _agreed(found))


@command()
@click.argument("names", nargs=-1)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page with figures, and pictures of the worst disagreements.",
)
@click.option("--pictures", type=click.IntRange(0, 60), default=8, show_default=True)
def qa(door: Door, names: tuple[str, ...], html: Path | None, pictures: int) -> None:
    """How good each annotator is, and what they do not see alike.

    Of orders, labellings or batches, or of all so far. Annotators are held against each other,
    and against answers that people promoted to gold.
    """
    with opened(door) as workspace:
        shown = pictures if html is not None else 0
        view = qa_view(workspace, names, pictures=shown, seed=door.seed)
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_bytes(render(qa_page(view)))
    value = {
        "frames": view.frames,
        "unit": view.unit,
        "units": view.units,
        "agreement": [asdict(bar) for bar in view.agreement],
        "annotators": [asdict(person) for person in view.people],
        "disagreements": dict(view.kinds),
        "html": str(html) if html is not None else None,
    }
    door.give(value, "\n".join([*_people(view), *([f"written to {html}"] if html else [])]))


@command()
@click.argument("what", default="all")
@click.option("--model", default="", help="Alias, id, or an ONNX file with --predictor.")
@click.option("--predictor", default="", help="Who reads an ONNX file: ringroad plugins list.")
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.05, show_default=True,
              help="Least score of a box; low ones are evidence too.")  # fmt: skip
@click.option(
    "--predictions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="COCO results of any network in its place; WHAT is then a dataset version.",
)
@click.option(
    "--images",
    type=click.Path(dir_okay=False, path_type=Path),
    help="COCO file that says which image and category each id means.",
)
@click.option(
    "--backbone",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An ONNX network such as FastestDet: its features teach judges of boxes. Slower, better.",
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the whole list, one JSON object a line.",
)
def errors(
    door: Door,
    what: str,
    model: str,
    predictor: str,
    threshold: float,
    predictions: Path | None,
    images: Path | None,
    backbone: Path | None,
    limit: int,
    out: Path | None,
) -> int:
    """Likely errors in the labels of WHAT, worst first: one list of all kinds, with reasons.

    WHAT is a dataset version, a selection, a batch, a recording, or all. The network should not
    have been trained on these labels: it would agree with their errors. Without any network only
    tracks are looked through: flicker, jumps, changes of size and state.
    """
    if model and predictions is not None:
        raise click.UsageError("name one of --model and --predictions")
    if backbone is not None and not model and predictions is None:
        raise UsageError(
            "judges of boxes are heard along with a network",
            subject="--backbone",
            remedy="name --model or --predictions too",
        )
    with opened(door) as workspace:
        chosen = (
            model_of(workspace, model, predictor=predictor, threshold=threshold) if model else None
        )
        found = doubts(
            workspace,
            what,
            model=chosen,
            predictions=predictions,
            images=images,
            judges=judges_of(workspace, what, backbone, seed=door.seed) if backbone else None,
            seed=door.seed,
        )
    rows = [_suspect(item, place) for place, item in enumerate(found.suspects, start=1)]
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))
    value = {
        "annotations": found.annotations,
        "frames": found.frames,
        "network": found.network,
        "suspects": rows[:limit],
        "count": len(rows),
        "problems": [asdict(item) for item in found.problems],
        "out": str(out) if out is not None else None,
    }
    door.give(value, "\n".join(_doubted(found, rows[:limit], out)))
    return EXIT_SOME_REFUSED if found.problems else 0


@command()
@click.argument("what", default="all")
@click.option(
    "--plan",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Annotators, policies and seeds: REHEARSAL.toml.",
)
@click.option("--model", default="", help="A network that policies with `network` may use.")
@click.option("--predictor", default="", help="Who reads an ONNX file: ringroad plugins list.")
def rehearse(door: Door, what: str, plan: Path, model: str, predictor: str) -> None:
    """Play a labelling campaign with simulated annotators, policies side by side.

    The labels of WHAT stand in for the truth: a dataset version, a batch, a recording, or all.
    Intervals are of 95 % over seeds. Simulated annotators err on their own; real ones overlook
    the same things, so that real consensus gains less.
    """
    read = read_rehearsal(plan)
    with opened(door) as workspace:
        chosen = model_of(workspace, model, predictor=predictor) if model else None
        made, frames, things = rehearsals(workspace, what, read, model=chosen, seed=door.seed)
    value = {
        "frames": frames,
        "things": things,
        "seeds": read.seeds,
        "policies": [asdict(item) for item in made],
    }
    lines = [f"{things} things on {frames} frames, {read.seeds} seeds; errors per thing there is"]
    door.give(value, "\n".join([*lines, *_rehearsed(made)]))


def _agreed(found: AgreementFigures) -> str:
    lines = [
        (
            f"{found.frames} frames, {found.annotators} annotators; intervals over "
            f"{found.units} units, a unit is: {found.unit}"
        )
    ]
    lines += [
        f"{item.name:18} {_value(item.interval.value)}  {_span(item.interval):16}  "
        f"{item.counted:6} {item.what}"
        for item in found.figures
    ]
    return "\n".join(lines)


def _people(view: QaView) -> list[str]:
    lines = [f"{'annotator':16} looks  seen   interval          right  invented  IoU    gold"]
    for person in view.people:
        notes = [*(["little known"] if person.few else []), *(["drifts"] if person.drifts else [])]
        gold = _value(person.gold.value) if person.gold is not None else "-"
        seen = Interval(value=person.seen.value, low=person.seen.low, high=person.seen.high)
        lines.append(
            f"{person.name:16} {person.looks:5}  {_value(person.seen.value)}  {_span(seen):16}  "
            f"{_value(person.right.value)}  {person.invented_per_look:8.3f}  "
            f"{_value(person.mean_iou)}  {gold}  {', '.join(notes)}".rstrip()
        )
    told = ", ".join(f"{count} of {kind}" for kind, count in view.kinds) or "none"
    return [*lines, f"disagreements on {view.frames} frames: {told}"]


def _suspect(item: Suspect, place: int) -> dict[str, Any]:
    return {
        "rank": place,
        "frame": item.frame,
        "kind": item.kind,
        "chance": round(item.chance, 6),
        "annotation": item.where.id,
        "category": item.where.category,
        "box": [round(item.where.x, 2), round(item.where.y, 2), round(item.where.w, 2),
                round(item.where.h, 2)],
        "instead": item.instead,
        "reason": item.reason,
    }  # fmt: skip


def _doubted(found: Doubted, rows: Sequence[Mapping[str, Any]], out: Path | None) -> list[str]:
    counts = Counter(item.kind for item in found.suspects if item.chance >= 0.5)
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "none"
    lines = [f"set aside {item.place}: {item.what}" for item in found.problems[:20]]
    lines.append(
        f"{found.annotations} annotations on {found.frames} frames; more likely wrong than not: "
        f"{told}"
    )
    lines += [
        f"{row['rank']:4} {row['chance']:.2f} {row['kind']:10} {row['frame']}  "
        f"{row['category']}: {row['reason']}"
        for row in rows
    ]
    if out is not None:
        lines.append(f"all {len(found.suspects)} written to {out}")
    return lines


def _rehearsed(made: Sequence[Rehearsed]) -> list[str]:
    heads = {"iou": "IoU", "labels": "labels/thing"}
    lines = ["policy              " + "  ".join(f"{heads.get(n, n):>20}" for n in FIGURES)]
    lines += [
        f"{item.name:20}" + "  ".join(f"{_spread(item.figures[name]):>20}" for name in FIGURES)
        for item in made
    ]
    return lines


def _spread(figure: Mapping[str, float | int | None]) -> str:
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None:
        return "-"
    digits = 1 if value >= 100 else 2 if value >= 10 else 3
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} +- {(high - low) / 2:.{digits}f}"


def _value(value: float | None) -> str:
    return "    -" if value is None else f"{value:5.3f}"


def _span(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return "no interval"
    return f"{interval.low:.3f} to {interval.high:.3f}"
