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
from ringroad.pipelines.learn import ONNX
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
