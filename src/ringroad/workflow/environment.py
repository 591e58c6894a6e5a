"""The class of machine a step ran on: equal digests are promised within one class only."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
CLASSES = (("avx512f", "avx512"), ("avx2", "avx2"), ("avx", "avx"))
"""Flag of the CPU -> class, the strongest first: numeric libraries choose their kernels by it."""


def environment_of(*, threads: int | None = None) -> dict[str, str]:
    """The environment part of a key; `threads` only where the step says that it matters."""
    found = {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": f"{platform.system().lower()}-{platform.machine()}",
        "cpu": cpu_class(),
    }
    return found if threads is None else {**found, "threads": str(threads)}


@cache
def cpu_class(cpuinfo: Path = CPUINFO) -> str:
    """`avx512`, `avx2`, `avx`, `neon` or `plain`."""
    if platform.machine().lower() in {"aarch64", "arm64"}:
        return "neon"
    try:
        text = cpuinfo.read_text()
    except OSError:  # macOS on Intel: every such machine that runs our Pythons has AVX2
        return "avx2" if sys.platform == "darwin" else "plain"
    flags = next((line.split() for line in text.splitlines() if line.startswith("flags")), [])
    return next((name for flag, name in CLASSES if flag in flags), "plain")
