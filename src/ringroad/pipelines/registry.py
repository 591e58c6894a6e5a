"""Model versions by name: an alias, an id, a file; imported, exported, pointed at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ringroad.deploy.onnx_strip import strip
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UsageError
from ringroad.models.checkpoint import MEDIA, from_bytes
from ringroad.models.config import read_config
from ringroad.pipelines.finding import executions_at, find_named
from ringroad.pipelines.learn import ONNX, Model, export_network
from ringroad.pipelines.validate import PREDICTOR_ROOTS
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import PREDICTORS
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

KINDS = ("model", "onnx")
SUFFIXES = (".onnx", ".safetensors")
REFERENCE = "reference"


@step(uses=("onnx", "onnxruntime"), also=PREDICTOR_ROOTS)
def import_network(
    bench: Bench, *, network: Artifact, predictor: str, config: dict[str, Any]
) -> dict[str, Artifact]:
    """Take in a network that its predictor can read, with what the predictor has to know."""
    data = strip(bench.read(network))
    options = {"config": read_config(config)} if config else {}
    PREDICTORS.load(predictor)(bench.runtime.load(data, threads=bench.threads), **options)
    return {
        "onnx": bench.write("onnx", data, ONNX),
        "card": bench.write_json("model-card", {"predictor": predictor, "config": config}),
    }


@step(uses=("safetensors", "torch"))
def import_weights(bench: Bench, *, weights: Artifact) -> Artifact:
    """Take in weights of the reference network that fit the configuration they carry."""
    data = bench.read(weights)
    from_bytes(data)
    return bench.write("model", data, MEDIA)


def model_of(
    workspace: Workspace,
    name: str,
    *,
    predictor: str = "",
    threshold: float | None = None,
) -> Model:
    """What runs under a name: an alias, an id, or an ONNX file with the predictor that reads it.

    Raises:
        UnknownName: no model version is called so.
        InputError: a network of which nobody said how it is read.
    """
    options = {} if threshold is None else {"threshold": threshold}
    if Path(name).suffix in SUFFIXES and Path(name).is_file():
        artifact = import_model(workspace, Path(name), predictor=predictor, config={})
        return _model(workspace, artifact, Path(name).stem, options)
    artifact = find_named(workspace, name, KINDS, prefix="")
    alias = workspace.catalog.resolve(name) is not None
    return _model(workspace, artifact, name.partition(":")[0] if alias else "model", options)


def import_model(
    workspace: Workspace, path: Path, *, predictor: str, config: Mapping[str, Any]
) -> Artifact:
    """Take in an ONNX file, or weights of the reference network.

    Raises:
        InputError: there is no such file.
        UsageError: another kind of file, or an ONNX file without its predictor.
        StepFailed: the file is damaged, or the predictor does not read it.
    """
    if not path.is_file():
        raise InputError("no such file", subject=str(path), remedy="name an ONNX file")
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"a model file ends in {' or '.join(SUFFIXES)}",
            subject=str(path),
            remedy="export the network as ONNX; other formats are not opened",
        )
    known = ", ".join(PREDICTORS.names())
    if path.suffix == ".onnx" and predictor not in PREDICTORS.names():
        raise UsageError(
            f"no predictor is called {predictor!r}" if predictor else "who reads its answers?",
            subject=str(path),
            remedy=f"name one with --predictor: {known}",
        )
    if path.suffix == ".onnx" and predictor == REFERENCE and not config:
        raise UsageError(
            "a reference network needs its configuration",
            subject=str(path),
            remedy="import it with --config FILE.json, or as .safetensors",
        )
    size = path.stat().st_size
    digest = workspace.blobs.put_file(path)
    if path.suffix == ".safetensors":
        file = Artifact(kind="weights-file", digest=digest, size_bytes=size, media=MEDIA)
        return workspace.runner.run(import_weights, weights=file)
    file = Artifact(kind="onnx-file", digest=digest, size_bytes=size, media=ONNX)
    return workspace.runner.run(
        import_network, network=file, predictor=predictor, config=dict(config)
    )["onnx"]


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
