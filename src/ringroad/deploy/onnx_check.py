"""The rules that an ONNX network from outside has to keep, and what it holds in plain values.

Says nothing about how it is read (the predictor's work) or whether an engine takes it (admit.py).
"""

from __future__ import annotations

import math
from typing import Any

import onnx

from ringroad.deploy.onnx_strip import nodes_of, parse
from ringroad.domain.errors import InputError

MAX_BYTES = 256 << 20
"""Parsed, checked, written and opened it needs some eight times as much, within one worker."""
OPSETS = range(7, onnx.defs.onnx_opset_version() + 1)
"""Engines promise to run operator sets from 7 on."""
MAX_ELEMENTS = 1 << 28
"""Numbers of one input or output, free sides counted as 1; a 4k frame has 25 million."""
MAX_NAME = 200
STANDARD = {"", "ai.onnx"}
OUTSIDE = {"EPContext"}
"""Operators that take what they compute from another file."""


def check_network(network: bytes) -> dict[str, Any]:
    """Check one ONNX file by itself, without an engine.

    Returns:
        `inputs` and `outputs`: rows of name, type and shape, where text stands for a free side
        and an output of unknown shape has none; `nodes` and `parameters`: how many; `opsets`:
        version by domain; `bytes`.

    Raises:
        InputError: too large, not ONNX, weights in other files, an operator set out of range,
            misshapen inputs or outputs, or a graph that the format forbids.
    """
    if len(network) > MAX_BYTES:
        raise InputError(
            f"has {len(network)} bytes, networks of up to {MAX_BYTES} are taken in",
            remedy="export the network without anything but its inference graph",
        )
    model = parse(network)
    opsets = _opsets(model)
    _require_own(model)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise InputError(
            f"not a valid ONNX network: {_first_line(error)}",
            remedy="export it again; the exporter's own check says more",
        ) from error
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [_tensor(value, "input") for value in model.graph.input if value.name not in weights]
    outputs = [_tensor(value, "output") for value in model.graph.output]
    if not inputs or not outputs:
        raise InputError("has no input or no output", remedy="export it again")
    return {
        "inputs": inputs,
        "outputs": outputs,
        "nodes": sum(1 for _ in nodes_of(model)),
        "parameters": sum(math.prod(tensor.dims) for tensor in model.graph.initializer),
        "opsets": opsets,
        "bytes": len(network),
    }


def _opsets(model: onnx.ModelProto) -> dict[str, int]:
    """Version by domain; the standard one is in range."""
    found = {row.domain: row.version for row in model.opset_import}
    standard = next((found[name] for name in sorted(STANDARD & set(found))), None)
    if standard not in OPSETS:
        raise InputError(
            f"uses operator set {standard}, {OPSETS[0]} to {OPSETS[-1]} can be read",
            remedy="export it again with another opset_version; 17 suits every engine",
        )
    return found


def _require_own(model: onnx.ModelProto) -> None:
    """Refuse nodes that lead out of the file."""
    for node in nodes_of(model):
        if node.op_type in OUTSIDE and node.domain not in STANDARD:
            raise InputError(
                f"node {node.name[:MAX_NAME]!r} takes what it computes from another file",
                remedy="export the network itself, not a cache of one engine",
            )


def _tensor(value: onnx.ValueInfoProto, what: str) -> dict[str, Any]:
    """Name, type and shape of one input or output."""
    name, kind = value.name, value.type.tensor_type
    if not name.isprintable() or len(name) > MAX_NAME:
        raise _misshapen(what, name, "has a name that cannot be shown")
    if not value.type.HasField("tensor_type") or not kind.elem_type:
        raise _misshapen(what, name, "is no tensor")
    if what == "input" and not kind.HasField("shape"):
        raise _misshapen(what, name, "says nothing of its shape")
    sides = [side.dim_value if side.HasField("dim_value") else "?" for side in kind.shape.dim]
    fixed = [side for side in sides if isinstance(side, int)]
    if min(fixed, default=1) < 1 or math.prod(fixed) > MAX_ELEMENTS:
        raise _misshapen(what, name, f"is of shape {sides}")
    shape = sides if kind.HasField("shape") else None
    type_name = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
    return {"name": name, "type": type_name, "shape": shape}


def _misshapen(what: str, name: str, how: str) -> InputError:
    return InputError(
        f"{what} {name[:MAX_NAME]!r} {how}", remedy="export the network with plain tensors"
    )


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
