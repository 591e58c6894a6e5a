"""`ringroad models`: model versions, their aliases, in and out as standard files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import InvalidConfig, UsageError
from ringroad.domain.time import to_iso
from ringroad.pipelines.evaluate.registry import KINDS, SUFFIXES, import_model
from ringroad.pipelines.finding import executions_at, find_named
from ringroad.pipelines.train.named_models import model_of


@click.group()
def models() -> None:
    """Model versions and the names that point at them."""


@command(models, name="list")
def list_(door: Door) -> None:
    """Every model version, oldest first, with its names."""
    with opened(door) as workspace:
        names = workspace.catalog.names()
        exported = {
            at
            for made in workspace.catalog.executions("export_network", limit=10_000)
            for at in made.outputs.values()
        }
        found: list[dict[str, Any]] = [
            {"id": item.id, "kind": item.kind, "bytes": item.size_bytes,
             "names": sorted(name for name, at in names.items() if at == item.id)}
            for kind in KINDS for item in workspace.catalog.artifacts(kind)
            if item.id not in exported or item.id in names.values()
        ]  # fmt: skip
    lines = [
        f"{row['id'][:20]}  {row['bytes'] / 1e6:.2f} MB  {', '.join(row['names']) or '-'}"
        for row in found
    ]
    door.give({"models": found}, "\n".join(lines) or "no models; make one: ringroad train DATASET")


@command(models)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """One model version: how it is read, what it was trained on, who it was."""
    with opened(door) as workspace:
        model = model_of(workspace, name)
        identity = model.identity
        steps = ("train_network", "train_by_command", "import_network", "import_weights")
        made = [
            run
            for step in steps
            for run in executions_at(workspace, identity.id, step, direction="out")
        ]
        history = workspace.catalog.history(name)
        cards = [workspace.catalog.artifact(run.outputs["card"]) for run in made[:1]
                 if "card" in run.outputs]  # fmt: skip
        held = [workspace.json(card).get("file") for card in cards]
    value: dict[str, Any] = {
        "id": identity.id,
        "network": model.network.id,
        "bytes": identity.size_bytes,
        "predictor": model.predictor,
        "config": model.config,
        "made_by": [
            {"step": run.key.step, "seed": run.key.seed, "inputs": dict(run.inputs),
             "parameters": dict(run.key.parameters)}
            for run in made
        ],
        "file": next(iter(held), None),
        "history": [asdict(move) for move in history],
    }  # fmt: skip
    lines = [
        f"{identity.id}  {identity.size_bytes / 1e6:.2f} MB",
        f"  network     {model.network.id}",
        f"  predictor   {model.predictor}",
        *(f"  {key:11} {_short(part)}" for key, part in model.config.items()),
    ]
    for told in filter(None, held):
        for what in ("inputs", "outputs"):
            lines += [f"  {what[:-1]:11} {_tensor(row)}" for row in told.get(what, ())]
    for run in made[:1]:
        lines.append(f"  made by     {run.key.step}, seed {run.key.seed}")
        lines += [f"    from {role}: {at}" for role, at in run.inputs.items() if "[" not in role]
    lines += [f"  {to_iso(move.moved_ns)[:19]}  {move.artifact}  {move.reason}" for move in history]
    door.give(value, "\n".join(lines))


@command(models, name="import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="Alias to give it, such as detector:candidate.")
@click.option("--predictor", default="", help="Who reads an ONNX network's answers.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON configuration of a reference network, see `models show --json`.",
)
def import_(door: Door, file: Path, name: str, predictor: str, config: Path | None) -> None:
    """Take in a network: FILE.onnx with its predictor, or weights as FILE.safetensors."""
    with opened(door, create=True) as workspace:
        values = _config(config) if config else {}
        made = import_model(workspace, file, predictor=predictor, config=values)
        workspace.point(name, made, reason=f"imported {file.name}")
    door.give({"id": made.id, "name": name}, f"{name} -> {made.id}")


@command(models)
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(door: Door, name: str, file: Path) -> None:
    """Write a model version into FILE: .onnx the network, .safetensors its weights."""
    with opened(door) as workspace:
        model = model_of(workspace, name)
        chosen = {".onnx": model.network, ".safetensors": model.weights}.get(file.suffix)
        if chosen is None:
            kinds = " or ".join(SUFFIXES)
            raise UsageError(
                f"cannot be written as {file.suffix or 'a file without a suffix'}",
                subject=name,
                remedy=f"name a file that ends in {kinds}; weights only where we trained them",
            )
        data = workspace.blobs.get(chosen.digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    door.give(
        {"file": str(file), "bytes": len(data), "id": chosen.id, "config": model.config},
        f"{file}: {len(data) / 1e6:.2f} MB, {chosen.id}",
    )


@command(models)
@click.argument("name")
@click.argument("target")
@click.option("--reason", default="by hand", show_default=True, help="Kept in its history.")
def alias(door: Door, name: str, target: str, reason: str) -> None:
    """Point NAME at the model version TARGET, such as detector:champion."""
    with opened(door) as workspace:
        artifact = find_named(workspace, target, KINDS, prefix="")
        workspace.point(name, artifact, reason=reason)
    door.give({"name": name, "id": artifact.id}, f"{name} -> {artifact.id}")


def _config(path: Path) -> dict[str, Any]:
    """The configuration alone, or what `models show --json` says about it."""
    try:
        values = json.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidConfig(f"is not JSON: {error}", subject=str(path)) from error
    if not isinstance(values, dict):
        raise InvalidConfig("is no JSON object", subject=str(path))
    inner = values.get("config", values)
    return inner if isinstance(inner, dict) else values


def _tensor(row: dict[str, Any]) -> str:
    """`frames uint8[?, 192, 320, 3]`."""
    shape = "" if row["shape"] is None else f"[{', '.join(map(str, row['shape']))}]"
    return f"{row['name']} {row['type']}{shape}"


def _short(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
