"""Counts of requests and their time, as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

import resource
import sys
import threading
from collections.abc import Iterator, Mapping

from starlette.types import Scope

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Counters of one server. Safe to call from threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request under its operation; never under text that came with it."""
        route = scope.get("route")
        name = str(getattr(route, "name", "other") or "other")
        with self._turn:
            counted = (name, scope["method"] if route else "other", status)
            self._requests[counted] = self._requests.get(counted, 0) + 1
            buckets = self._buckets.setdefault(name, [0] * (len(BOUNDS_S) + 1))
            place = next((at for at, bound in enumerate(BOUNDS_S) if seconds <= bound), -1)
            buckets[place] += 1
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    def text(self, gauges: Mapping[str, tuple[str, Mapping[str, float]]]) -> str:
        """All of it; `gauges` by name: help, and value by labels as they are written."""
        with self._turn:
            lines = [*self._counted(), *self._timed()]
        for name, (says, values) in gauges.items():
            lines += [f"# HELP ringroad_{name} {says}", f"# TYPE ringroad_{name} gauge"]
            lines += [f"ringroad_{name}{labels} {value:g}" for labels, value in values.items()]
        return "\n".join(lines) + "\n"

    def _counted(self) -> Iterator[str]:
        yield "# HELP ringroad_requests_total Requests by operation, method and status."
        yield "# TYPE ringroad_requests_total counter"
        for (name, method, status), count in sorted(self._requests.items()):
            labels = f'operation="{name}",method="{method}",status="{status}"'
            yield f"ringroad_requests_total{{{labels}}} {count}"

    def _timed(self) -> Iterator[str]:
        yield "# HELP ringroad_request_seconds Time from the first byte to the last."
        yield "# TYPE ringroad_request_seconds histogram"
        for name, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, count in zip((*BOUNDS_S, "+Inf"), buckets, strict=True):
                total += count
                labels = f'operation="{name}",le="{bound}"'
                yield f"ringroad_request_seconds_bucket{{{labels}}} {total}"
            yield f'ringroad_request_seconds_sum{{operation="{name}"}} {self._seconds[name]:.6f}'
            yield f'ringroad_request_seconds_count{{operation="{name}"}} {total}'


def memory_bytes() -> int:
    """The most memory that this process ever held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
