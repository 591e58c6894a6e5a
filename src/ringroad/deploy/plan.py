"""From a network to a plan with its manifest, and back to a session, checked before it is opened.

No engine notices a flipped bit: one in an exponent turned outputs of 0.3 into 5e34 without an
error. So the digest in the manifest is the only guard, and it is compared first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import onnx

from ringroad.deploy.onnx_strip import parse, strip
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import InputError, PlanRefused
from ringroad.domain.ids import ArtifactId, Digest, digest_of
from ringroad.domain.plan import FP32, ParityLimits, PlanManifest, Tensor
from ringroad.protocols.runtime import Runtime, Session

_REBUILD = "build it here: ringroad plans build {model}"


def build_plan(
    runtime: Runtime,
    network: bytes,
    *,
    model: ArtifactId,
    batch: int = 1,
    threads: int = 1,
    parity: ParityLimits | None = None,
) -> tuple[bytes, PlanManifest]:
    """Optimise an fp32 ONNX network for this platform, and prove that the result opens.

    Args:
        runtime: the engine.
        network: one ONNX file; stripped first, so that it need not be stripped already.
        model: the model version it was exported from.
        batch: frames per run; the network must have that size or a free first dimension.
        threads: of one session; part of the plan because latency is judged with it.
        parity: limits that the outputs are held to, see `deploy.parity`.

    Raises:
        InputError: the engine does not take the network, it is not fp32, or not of that batch.
    """
    plain = strip(network)
    _require_fp32(plain)
    plan = runtime.build(plain, threads=threads)
    session = runtime.load(plan, threads=threads)
    _require_batch(session, batch)
    manifest = PlanManifest(
        plan=digest_of(plan),
        onnx=digest_of(network),
        model=model,
        runtime=runtime.name,
        runtime_version=runtime.version,
        platform=runtime.platform(),
        batch=batch,
        precision=FP32,
        threads=threads,
        inputs=tuple(Tensor(name=name, shape=shape) for name, shape in session.inputs.items()),
        outputs=tuple(Tensor(name=name) for name in session.outputs),
        parity=parity or ParityLimits(),
    )
    return plan, manifest


def open_plan(runtime: Runtime, plan: bytes, manifest: PlanManifest) -> Session:
    """Load a plan whose bytes, platform and engine are those of its manifest.

    Raises:
        PlanRefused: one of them differs; the engine has not seen the bytes.
    """
    check_plan(runtime, plan, manifest)
    return runtime.load(plan, threads=manifest.threads)


def check_plan(runtime: Runtime, plan: bytes, manifest: PlanManifest) -> None:
    """Raises PlanRefused where bytes, platform or engine are not those of the manifest."""
    found = digest_of(plan)
    if found != manifest.plan:
        raise PlanRefused(
            f"its bytes hash to {found[:12]}, the manifest says {manifest.plan[:12]}: "
            "damaged or exchanged",
            subject=f"plan {manifest.plan[:12]}",
            remedy="fetch it again, or " + _REBUILD.format(model=manifest.model),
        )
    here = {
        "platform": (manifest.platform, runtime.platform()),
        "runtime": (manifest.runtime, runtime.name),
        "runtime version": (manifest.runtime_version, runtime.version),
    }
    for what, (built, present) in here.items():
        if built != present:
            raise PlanRefused(
                f"built for {what} {built}, this is {present}",
                subject=f"plan {manifest.plan[:12]}",
                remedy=_REBUILD.format(model=manifest.model),
            )


def manifest_bytes(manifest: PlanManifest) -> bytes:
    """The manifest as canonical JSON."""
    return canonical_json(manifest)


def read_manifest(data: bytes) -> PlanManifest:
    """Read what `manifest_bytes` wrote.

    Raises:
        PlanRefused: not JSON, a field is missing, unknown, or of another type.
    """
    try:
        fields = json.loads(data)
        return PlanManifest(
            plan=Digest(_text(fields.pop("plan"))),
            onnx=Digest(_text(fields.pop("onnx"))),
            model=ArtifactId(_text(fields.pop("model"))),
            batch=int(fields.pop("batch")),
            threads=int(fields.pop("threads")),
            inputs=_tensors(fields.pop("inputs")),
            outputs=_tensors(fields.pop("outputs")),
            parity=ParityLimits(**{k: float(v) for k, v in fields.pop("parity").items()}),
            **{name: _text(value) for name, value in fields.items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PlanRefused(
            f"its manifest cannot be read: {type(error).__name__}: {error}",
            remedy="build the plan again: ringroad plans build MODEL",
        ) from error


def _tensors(rows: list[Mapping[str, Any]]) -> tuple[Tensor, ...]:
    return tuple(Tensor(name=_text(row["name"]), shape=tuple(row["shape"])) for row in rows)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r}")
    return value


def _require_fp32(network: bytes) -> None:
    """Refuse what the engine would execute in another precision than the manifest says."""
    other = (onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16, onnx.TensorProto.DOUBLE)
    for tensor in parse(network).graph.initializer:
        if tensor.data_type in other:
            kind = onnx.TensorProto.DataType.Name(tensor.data_type)
            raise InputError(
                f"weight {tensor.name!r} is {kind}, plans are fp32",
                remedy="export the network in float32",
            )


def _require_batch(session: Session, batch: int) -> None:
    for name, shape in session.inputs.items():
        if shape and isinstance(shape[0], int) and shape[0] != batch:
            raise InputError(
                f"input {name!r} takes {shape[0]} frames at a time, not {batch}",
                remedy=f"build with batch {shape[0]}, or export with a free first dimension",
            )
