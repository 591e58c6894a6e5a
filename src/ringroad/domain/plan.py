"""What a plan is bound to: the manifest that is read before an engine sees one byte of it."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import ArtifactId, Digest

FP32 = "fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One input or output of a network; text stands for a free dimension."""

    name: str
    shape: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityLimits:
    """How far the outputs of a plan may stand from those of the network it was made from."""

    cosine: float = 0.9999
    """At least."""
    relative: float = 1e-3
    """At most: largest difference over largest absolute value of the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanManifest:
    """A plan's identity and what it needs. Holds nothing measured: that stands in rows beside it.

    Two builds of one network on one class of machine have equal manifests.
    """

    plan: Digest
    onnx: Digest
    """Of the network as it was handed in."""
    model: ArtifactId
    runtime: str
    runtime_version: str
    platform: str
    batch: int
    precision: str
    """What the engine executes, which may differ from what was asked for."""
    threads: int
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parity: ParityLimits
