"""An ONNX network without anything that says where, when or by whom it was written.

Exporters leave stack traces and absolute paths in documentation strings, metadata and names;
with them, equal networks have unequal digests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import onnx
from google.protobuf.message import (  # type: ignore[import-untyped] # protobuf ships no types
    DecodeError,
)

from ringroad.domain.errors import InputError

_PATH = re.compile(
    r"\.py\b|[A-Za-z]:[\\/]"
    r"|/(home|root|tmp|usr|var|opt|mnt|srv|data|private|Users|workspace)/"
)


def strip(network: bytes) -> bytes:
    """Remove documentation, metadata, producer, training graphs and names that hold paths.

    Weights that are also listed as graph inputs, as old exporters write them, become
    constants: an engine cannot fold what a caller may override. Inputs and outputs keep their
    names. What the network computes does not change; stripping twice changes nothing more.

    Raises:
        InputError: not an ONNX file, or one whose weights lie in other files.
    """
    model = parse(network)
    for row in _rows(model):
        for field in ("doc_string", "metadata_props"):
            if field in row.DESCRIPTOR.fields_by_name:
                row.ClearField(field)
    for field in ("producer_name", "producer_version", "domain", "model_version", "training_info"):
        model.ClearField(field)
    _drop_weights_from_inputs(model.graph)
    _rename(model)
    plain: bytes = model.SerializeToString(deterministic=True)
    return plain


def parse(network: bytes) -> onnx.ModelProto:
    """Read one self-contained ONNX file. Raises InputError as `strip` does."""
    try:
        model = onnx.load_model_from_string(network)
    except DecodeError as error:
        raise InputError(
            "not an ONNX network", remedy="give the .onnx file itself, not a checkpoint"
        ) from error
    if not model.graph.node:
        raise InputError("an ONNX network without a single node", remedy="export it again")
    outside = [
        tensor.name or "a constant"
        for tensor in _tensors(model)
        if tensor.external_data or tensor.data_location == tensor.EXTERNAL
    ]
    if outside:
        raise InputError(
            f"weights lie in other files: {', '.join(map(repr, outside[:3]))}"
            + (" and so on" if outside[3:] else ""),
            remedy="save it as one file: onnx.save(onnx.load(path), out)",
        )
    return model


def _rows(model: onnx.ModelProto) -> Iterator[Any]:
    """Every message that can carry documentation or metadata."""
    yield model
    for function in model.functions:
        yield function
        yield from function.node
    for graph in _graphs(model.graph):
        yield graph
        yield from graph.node
        yield from graph.initializer
        yield from (*graph.input, *graph.output, *graph.value_info)
        yield from (attribute for node in graph.node for attribute in node.attribute)


def nodes_of(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    """Every node, those of branches, loop bodies and functions among them."""
    for graph in _graphs(model.graph):
        yield from graph.node
    for function in model.functions:
        yield from function.node
        for node in function.node:
            for graph in _inner(node):
                yield from (inner for child in _graphs(graph) for inner in child.node)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor that the file itself should hold, wherever the format allows one."""
    graphs = [model.graph, *(graph for node in nodes_of(model) for graph in _inner(node))]
    attributes = [attribute for node in nodes_of(model) for attribute in node.attribute]
    attributes += [item for function in model.functions for item in function.attribute_proto]
    yield from (tensor for graph in graphs for tensor in graph.initializer)
    yield from (tensor for item in attributes for tensor in (item.t, *item.tensors))
    sparse = [tensor for graph in graphs for tensor in graph.sparse_initializer]
    sparse += [each for item in attributes for each in (item.sparse_tensor, *item.sparse_tensors)]
    yield from (part for tensor in sparse for part in (tensor.values, tensor.indices))


def _inner(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """The graphs inside a node's attributes."""
    return [
        graph
        for attribute in node.attribute
        for graph in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else []))
    ]


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph and all graphs inside its nodes."""
    yield graph
    for node in graph.node:
        for child in _inner(node):
            yield from _graphs(child)


def _drop_weights_from_inputs(graph: onnx.GraphProto) -> None:
    weights = {tensor.name for tensor in graph.initializer}
    kept = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(kept)


def _rename(model: onnx.ModelProto) -> None:
    """Number the nodes and values whose names hold paths, and the graph's own name."""
    doors = {value.name for value in (*model.graph.input, *model.graph.output)}
    graphs = list(_graphs(model.graph))
    named = dict.fromkeys(name for graph in graphs for name in _made_in(graph))
    fresh = (f"value_{number}" for number in range(2 * len(named) + 1))
    free = (name for name in fresh if name not in named)
    to = {name: next(free) for name in named if _PATH.search(name) and name not in doors}
    for number, graph in enumerate(graphs):
        graph.name = f"graph_{number}" if number else "main"
        _apply(graph, lambda name: to.get(name, name))


def _made_in(graph: onnx.GraphProto) -> Iterable[str]:
    yield from (tensor.name for tensor in graph.initializer)
    yield from (name for node in graph.node for name in node.output if name)
    yield from (value.name for value in graph.input)


def _apply(graph: onnx.GraphProto, rename: Callable[[str], str]) -> None:
    for number, node in enumerate(graph.node):
        node.input[:] = [rename(name) for name in node.input]
        node.output[:] = [rename(name) for name in node.output]
        if _PATH.search(node.name):
            node.name = f"{node.op_type}_{number}"
    for row in (*graph.initializer, *graph.input, *graph.output, *graph.value_info):
        row.name = rename(row.name)
