"""Networks that answer with one embedding per frame, run by any engine."""

from __future__ import annotations

import numpy as np

from ringroad.domain.errors import InputError
from ringroad.models.resize import resize
from ringroad.protocols.predictor import Detections
from ringroad.protocols.runtime import Session

SIDE = 224
"""Pixels of the square that frames are squeezed to."""
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
SPREAD = np.array([0.229, 0.224, 0.225], np.float32)
"""Of ImageNet, red, green and blue: what most published image networks expect."""


class Embedding:
    """A network with one picture in, 1 x 3 x 224 x 224 RGB from 0 to 1, and one vector out.

    Vectors are brought to unit length, but for one of zeros. There are no detections.
    """

    name: str = "embedding"
    categories: tuple[str, ...] = ()
    mean: np.ndarray = np.zeros(3, np.float32)
    spread: np.ndarray = np.ones(3, np.float32)

    def __init__(self, session: Session) -> None:
        if len(session.inputs) != 1:
            raise InputError(
                f"takes {len(session.inputs)} inputs, not one picture",
                subject="network",
                remedy="name a network that embeds pictures",
            )
        self._session = session
        (self._input,) = session.inputs

    def predict(self, frames: np.ndarray) -> list[Detections]:
        """(n, height, width, 3) uint8 RGB in, n embeddings out, without boxes."""
        return [self._one(frame) for frame in frames]

    def _one(self, frame: np.ndarray) -> Detections:
        vector = self._answer(frame)
        length = np.float32(np.sqrt((vector * vector).sum()))
        return Detections(
            boxes=np.empty((0, 4), np.float32),
            scores=np.empty(0, np.float32),
            categories=(),
            light_states=(),
            uncertainty=float("nan"),
            embedding=vector / max(length, np.float32(1e-12)),
        )

    def _answer(self, frame: np.ndarray) -> np.ndarray:
        """(d,) float32 as the network gave it. Raises InputError where it holds no numbers."""
        pixels = (resize(frame, SIDE, SIDE) / np.float32(255) - self.mean) / self.spread
        feed = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32)
        answers = self._session.run({self._input: feed})
        vector = np.asarray(next(iter(answers.values())), np.float32).ravel()
        if not vector.size or not np.isfinite((vector * vector).sum()):
            raise InputError(
                "answers with no vector, or one that holds a value that is not a number",
                subject="network",
                remedy="name a network that embeds pictures",
            )
        return vector


class ImageNetEmbedding(Embedding):
    """The same for networks that expect pictures less ImageNet's mean, over its spread."""

    name = "embedding-imagenet"
    mean = MEAN
    spread = SPREAD
