"""Model files from outside, taken in: what they hold is first looked at inside the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ringroad.deploy.admit import admit_network
from ringroad.deploy.onnx_check import MAX_BYTES
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    InputError,
    IsolationError,
    RingroadError,
    StepFailed,
    UsageError,
)
from ringroad.domain.nearest import nearest
from ringroad.models.admit import admit_weights
from ringroad.models.checkpoint import MEDIA
from ringroad.models.config import read_config
from ringroad.models.safetensors_header import check_header
from ringroad.pipelines.evaluate.validate import PREDICTOR_ROOTS
from ringroad.pipelines.model import ONNX
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
    return network_from(bench, bench.read(network), predictor, config)


@step(uses=("safetensors", "torch"))
def import_weights(bench: Bench, *, weights: Artifact) -> dict[str, Artifact]:
    """Take in weights of the reference network that fit the configuration they carry."""
    told, data = bench.sandbox.call(admit_weights, bench.read(weights))
    check_header(data)  # by hand and here: who took over the worker may answer what it likes
    return {
        "model": bench.write("model", data, MEDIA),
        "card": bench.write_json("model-card", {"predictor": REFERENCE, "file": told}),
    }


def network_from(
    bench: Bench, data: bytes, predictor: str, config: dict[str, Any]
) -> dict[str, Artifact]:
    """Store a network that somebody else wrote, stripped, with how it is read.

    Raises:
        InputError: the file breaks a rule, see `admit_network`.
        IsolationError: it made the worker crash, hang or run out of memory.
    """
    told, plain = bench.sandbox.call(admit_network, bench.runtime, data, predictor, config)
    card = {"predictor": predictor, "config": config, "file": told}
    return {
        "onnx": bench.write("onnx", plain, ONNX),
        "card": bench.write_json("model-card", card),
    }


def import_model(
    workspace: Workspace,
    path: Path,
    *,
    predictor: str,
    config: Mapping[str, Any],
    option: str = "--predictor",
) -> Artifact:
    """Take in an ONNX file, or weights of the reference network.

    Args:
        workspace: where.
        path: the file.
        predictor: who reads an ONNX network's answers.
        config: of a reference network.
        option: where whoever asks says the predictor; empty where there is no place for it.

    Raises:
        InputError: there is no such file, it is damaged, its predictor does not read it, or it
            made the sandbox crash, hang or run out of memory. Nothing is registered then.
        UsageError: another kind of file, or an ONNX file without its predictor.
    """
    _require_usable(path, predictor, config, option)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"has {size / 1e6:.0f} MB, model files of up to {MAX_BYTES / 1e6:.0f} MB are taken in",
            subject=str(path),
            remedy="export the network without optimiser state and training graphs",
        )
    weights = path.suffix == ".safetensors"
    kind, media = ("weights-file", MEDIA) if weights else ("onnx-file", ONNX)
    file = Artifact(kind=kind, digest=workspace.blobs.put_file(path), size_bytes=size, media=media)
    try:
        if weights:
            return workspace.runner.run(import_weights, weights=file)["model"]
        return workspace.runner.run(
            import_network, network=file, predictor=predictor, config=dict(config)
        )["onnx"]
    except StepFailed as failed:
        raise _told_of(path, failed) from failed


def _require_usable(path: Path, predictor: str, config: Mapping[str, Any], option: str) -> None:
    """Raise InputError or UsageError for what needs no look into the file."""
    if not path.is_file():
        raise InputError(
            "no such file",
            subject=str(path),
            remedy="check the path; what is known by name: ringroad models list",
        )
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"a model file ends in {' or '.join(SUFFIXES)}",
            subject=str(path),
            remedy="export the network as ONNX; other formats are not opened",
        )
    if path.suffix == ".safetensors":
        return
    if predictor not in PREDICTORS.names():
        raise UsageError(
            f"no predictor is called {predictor!r}" if predictor else "who reads its answers?",
            subject=str(path),
            remedy=_say_predictor(predictor, option),
        )
    if predictor == REFERENCE and not config:
        raise UsageError(
            "a reference network needs its configuration",
            subject=str(path),
            remedy="import it with --config FILE.json, or as .safetensors",
        )
    if config:
        read_config(dict(config), subject="--config")


def _say_predictor(predictor: str, option: str) -> str:
    """The predictor that was meant, or where to say one and which there are."""
    known = PREDICTORS.names()
    close = nearest(predictor, known)
    if close and option:
        return f"did you mean {option} {close}?"
    listed = ", ".join(known)
    if option:
        return f"say {option} P, where P is one of {listed}"
    return (
        "ringroad models import FILE --name NAME --predictor P, then give that name; P is one of "
        + listed
    )


def _told_of(path: Path, failed: StepFailed) -> RingroadError:
    """The file's error in place of the step's; the step's own where the file is not to blame."""
    cause = failed.__cause__
    if isinstance(cause, IsolationError):
        return InputError(
            f"is not taken in: {cause.what} while it was looked at inside the sandbox",
            subject=str(path),
            remedy="the file is damaged, hostile, or too large for this machine; export it again",
        )
    if isinstance(cause, InputError):
        return InputError(cause.what, subject=str(path), remedy=cause.remedy)
    return failed
