"""Networks that answer with one probability per value of a tag, run by any engine."""

from __future__ import annotations

import numpy as np

from ringroad.models.embedding import MEAN, SPREAD, Embedding
from ringroad.protocols.predictor import Detections


class Classes(Embedding):
    """A network with one picture in, 1 x 3 x 224 x 224 RGB from 0 to 1, one number per value out.

    Numbers that are no probabilities (below 0, or not adding up to 1) are taken as logits. The
    uncertainty is the entropy of the probabilities, in nats. There are no detections.
    """

    name = "classes"

    def _one(self, frame: np.ndarray) -> Detections:
        answer = self._answer(frame).astype(np.float64)
        if answer.min() < 0 or abs(answer.sum() - 1) > 1e-3:
            answer = np.exp(answer - answer.max())
        shares = answer / answer.sum()
        return Detections(
            boxes=np.empty((0, 4), np.float32),
            scores=np.empty(0, np.float32),
            categories=(),
            light_states=(),
            uncertainty=float(-(shares * np.log(np.maximum(shares, 1e-12))).sum()),
            embedding=shares.astype(np.float32),
        )


class ImageNetClasses(Classes):
    """The same for networks that expect pictures less ImageNet's mean, over its spread."""

    name = "classes-imagenet"
    mean = MEAN
    spread = SPREAD
