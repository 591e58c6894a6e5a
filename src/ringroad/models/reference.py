"""The reference network behind the predictor protocol, run by any engine. Needs no torch."""

from __future__ import annotations

import numpy as np

from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig
from ringroad.models.decode import decode
from ringroad.protocols.predictor import Detections
from ringroad.protocols.runtime import Session

INPUT = "frames"
OUTPUTS = ("heat", "sides", "state", "embedding")
FRAMES_AT_ONCE = 8


class Reference:
    """The reference network on frames at its own size.

    Boxes come in pixels of the frames handed in; whoever made those frames smaller scales the
    boxes back.
    """

    name = "reference"

    def __init__(self, session: Session, config: NetworkConfig, *, threshold: float = 0.05) -> None:
        missing = [name for name in OUTPUTS if name not in session.outputs]
        if INPUT not in session.inputs or missing:
            raise InputError(
                f"has outputs {', '.join(session.outputs)}, not {', '.join(OUTPUTS)}",
                subject="network",
                remedy="name the predictor that belongs to it: ringroad plugins list",
            )
        self.session = session
        self.config = config
        self.threshold = threshold
        self.categories = config.categories

    def predict(self, frames: np.ndarray) -> list[Detections]:
        """(n, height, width, 3) uint8 RGB at the network's size in, n detections out."""
        config = self.config
        if frames.shape[1:] != (config.height, config.width, 3) or frames.dtype != np.uint8:
            raise InputError(
                f"frames are {frames.dtype}{list(frames.shape[1:])}, the network takes "
                f"uint8[{config.height}, {config.width}, 3]",
                remedy="decode the recordings to the network's size",
            )
        found: list[Detections] = []
        batch = self._batch()
        for start in range(0, len(frames), batch):
            part = np.ascontiguousarray(frames[start : start + batch])
            answers = self.session.run({INPUT: part})
            found += [
                decode(
                    config,
                    *(answers[name][place] for name in OUTPUTS),
                    scale=(1.0, 1.0),
                    threshold=self.threshold,
                )
                for place in range(len(part))
            ]
        return found

    def _batch(self) -> int:
        """How many frames the network takes at once."""
        first = self.session.inputs[INPUT][0]
        return first if isinstance(first, int) else FRAMES_AT_ONCE
