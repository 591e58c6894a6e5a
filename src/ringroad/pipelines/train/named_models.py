"""A model version by what a person calls it: an alias, an id, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.pipelines.evaluate.registry import KINDS, REFERENCE, SUFFIXES, import_model
from ringroad.pipelines.finding import executions_at, find_named
from ringroad.pipelines.model import Model
from ringroad.pipelines.train.learn import export_network
from ringroad.pipelines.workspace import Workspace


def model_of(
    workspace: Workspace,
    name: str,
    *,
    predictor: str | None = None,
    option: str = "--predictor",
    threshold: float | None = None,
) -> Model:
    """What runs under a name: an alias, an id, or an ONNX file with the predictor that reads it.

    Args:
        workspace: where.
        name: what it is called.
        predictor: who reads a file's answers; None where whoever asks has no place to say it.
        option: that place.
        threshold: of scores; the predictor's own without.

    Raises:
        UnknownName: no model version is called so.
        InputError: there is no such file, or a network of which nobody said how it is read.
    """
    options = {} if threshold is None else {"threshold": threshold}
    alias = workspace.catalog.resolve(name) is not None
    if _is_path(name, alias=alias):
        artifact = import_model(
            workspace,
            Path(name),
            predictor=predictor or "",
            config={},
            option="" if predictor is None else option,
        )
        return _model(workspace, artifact, Path(name).stem, options)
    artifact = find_named(workspace, name, KINDS, prefix="")
    return _model(workspace, artifact, name.partition(":")[0] if alias else "model", options)


def _is_path(name: str, *, alias: bool) -> bool:
    """Whether a file is meant, be it there or not."""
    path = Path(name)
    if path.suffix in SUFFIXES and path.is_file():
        return True
    return not alias and (path.suffix in SUFFIXES or "/" in name)


def card_of(workspace: Workspace, network: Artifact) -> dict[str, Any]:
    """How a network is read: `predictor` and `config`. Raises InputError where nobody said."""
    for made in executions_at(workspace, network.id, "export_network", direction="out"):
        config = workspace.json(workspace.catalog.artifact(made.outputs["config"]))
        return {"predictor": REFERENCE, "config": config}
    for name in ("train_by_command", "import_network"):
        for made in executions_at(workspace, network.id, name, direction="out"):
            card: dict[str, Any] = workspace.json(workspace.catalog.artifact(made.outputs["card"]))
            return card
    raise InputError(
        "nobody said how its answers are read",
        subject=network.id,
        remedy="import it: ringroad models import FILE.onnx --name N --predictor P",
    )


def _model(workspace: Workspace, artifact: Artifact, stem: str, options: dict[str, Any]) -> Model:
    name = f"{stem}-{artifact.digest[:12]}"
    if artifact.kind == "onnx":
        card = card_of(workspace, artifact)
        return Model(
            name=name,
            network=artifact,
            predictor=card["predictor"],
            config=card["config"],
            options=options,
        )
    exported = workspace.runner.run(export_network, model=artifact)
    return Model(
        name=name,
        network=exported["onnx"],
        predictor=REFERENCE,
        config=workspace.json(exported["config"]),
        options=options,
        weights=artifact,
    )
