"""The reference network to ONNX: one file. Stripping is deploy's work."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from ringroad.models.network import Network
from ringroad.models.reference import INPUT, OUTPUTS

OPSET = 17


def to_onnx(network: Network) -> bytes:
    """Export with a free first dimension. Equal networks give equal bytes on one torch version."""
    network = network.eval()
    shape = (2, network.config.height, network.config.width, 3)
    frames = torch.zeros(shape, dtype=torch.uint8)
    with (
        TemporaryDirectory(prefix="ringroad-onnx-") as folder,
        warnings.catch_warnings(),
        torch.no_grad(),
    ):
        path = Path(folder) / "network.onnx"
        # The tracing exporter is kept on purpose: it needs no further package and its graphs
        # do not depend on where the source lies.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (frames,),
            str(path),
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "frames"} for name in (INPUT, *OUTPUTS)},
            opset_version=OPSET,
            dynamo=False,
        )
        return path.read_bytes()
