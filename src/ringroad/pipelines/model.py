"""A model version as pipelines hand it on. Needs no torch: whoever runs networks trains none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ringroad.domain.artifact import Artifact

ONNX = "application/onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model version as weights and as a network that any engine runs."""

    name: str
    """Stands in predictions: the start of the digest of what runs."""
    network: Artifact
    """ONNX."""
    predictor: str
    """The plug-in that reads its answers."""
    config: dict[str, Any]
    """Of the reference network; empty for networks from elsewhere."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the predictor."""
    weights: Artifact | None = None
    curve: Artifact | None = None

    @property
    def identity(self) -> Artifact:
        """What names this model version: its weights, or the network where there are none."""
        return self.weights or self.network
