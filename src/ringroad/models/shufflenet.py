"""ShuffleNetV2 x0.5 as an embedder: a frame to 288 numbers, for likeness only, no detections.

Weights: FastestDet's backbone (BSD-3), last two stages pooled and joined. Frames are squeezed
to 224 x 224 RGB, divided by 255.
"""

from __future__ import annotations

import numpy as np

from ringroad.models.resize import resize
from ringroad.protocols.runtime import Session

SIDE = 224
SIZE = 288


class ShuffleNet:
    """Embeds frames through a loaded session. Deterministic. One thread at a time."""

    name: str = "shufflenet"
    size = SIZE

    def __init__(self, session: Session) -> None:
        self._session = session
        (self._input,) = session.inputs

    def embed(self, frames: np.ndarray) -> np.ndarray:
        """(n, height, width, 3) uint8 RGB in, (n, 288) float32 of unit length out."""
        vectors = np.empty((len(frames), SIZE), np.float32)
        for index, frame in enumerate(frames):
            feed = resize(frame, SIDE, SIDE).transpose(2, 0, 1)[None] / np.float32(255)
            (vector,) = self._session.run({self._input: np.ascontiguousarray(feed)}).values()
            vectors[index] = vector[0]
        return vectors
