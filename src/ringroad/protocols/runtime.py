"""An engine that executes a plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class Session(Protocol):
    """One loaded network. One thread at a time."""

    inputs: Mapping[str, tuple[int | str, ...]]
    """Name -> shape; text stands for a free dimension."""
    outputs: tuple[str, ...]

    def run(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Execute once."""
        ...


class Runtime(Protocol):
    """Builds plans and loads them. The caller has checked digest and platform before `load`.

    Errors: `InputError` for a network that the engine cannot take.
    """

    name: str
    version: str

    def platform(self) -> str:
        """The class of machine a plan is bound to: `linux-x86_64-avx2` ..."""
        ...

    def build(self, onnx: bytes, *, threads: int) -> bytes:
        """Optimise a network for this platform; equal input gives equal bytes."""
        ...

    def load(self, plan: bytes | Path, *, threads: int, optimise: bool = False) -> Session:
        """Open a plan, or with `optimise` a plain ONNX network."""
        ...
