"""Features out of the middle of a published network, whose weights stay as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx

from ringroad.domain.errors import InputError
from ringroad.models.resize import resize
from ringroad.protocols.runtime import Session

SIDE = 352
"""FastestDet's frames, see `models.fastestdet`."""
FASTESTDET = ("input.136", "input.376", "input.504")
"""Its ShuffleNetV2's last maps at strides 8, 16 and 32: 48, 96 and 192 channels."""


def with_outputs(network: bytes, tensors: Sequence[str]) -> bytes:
    """An ONNX network that answers with tensors from its middle.

    Raises:
        InputError: it is no ONNX network, or has no such tensor.
    """
    try:
        model = onnx.load_from_string(network)
    except Exception as error:  # protobuf raises classes of its own
        raise InputError("is no ONNX network", remedy="name an .onnx file") from error
    made = {name for node in model.graph.node for name in node.output}
    missing = [name for name in tensors if name not in made]
    if missing:
        raise InputError(
            f"has no tensor {missing[0]!r}",
            remedy="see its tensors with any viewer of ONNX; the defaults are FastestDet's",
        )
    del model.graph.output[:]
    for name in tensors:
        model.graph.output.append(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        )
    data: bytes = model.SerializeToString()
    return data


def features(session: Session, frame: np.ndarray, tensors: Sequence[str]) -> np.ndarray:
    """(h, w, 3) uint8 RGB -> (channels, rows, columns) float32 on the grid of the first tensor.

    Coarser maps are repeated cell by cell.
    """
    feed = resize(frame, SIDE, SIDE)[..., ::-1].transpose(2, 0, 1)[None] / np.float32(255)
    (name,) = session.inputs
    answers = session.run({name: np.ascontiguousarray(feed, dtype=np.float32)})
    maps = [answers[tensor][0] for tensor in tensors]
    rows = maps[0].shape[1]
    whole = [
        part.repeat(rows // part.shape[1], 1).repeat(rows // part.shape[1], 2) for part in maps
    ]
    return np.concatenate(whole).astype(np.float32)
