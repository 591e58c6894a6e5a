"""What happened in recordings, and what else is known of them. The steps stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build, read_toml
from ringroad.ingest.checks.limits import SECTION as CHECKS
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.usefulness import UsefulnessLimits
from ringroad.pipelines.finding import executions_at
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.happening_steps import find_events
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePrice:
    """What keeping bytes costs."""

    cost_per_tb_month: float = 23.0
    """List price of S3 Standard, us-east-1, first 50 TB: 0.023 USD a GB and month."""
    currency: str = "USD"
    months: float = 12.0
    """For how long the bytes would be kept."""

    def __post_init__(self) -> None:
        if not 0 <= self.cost_per_tb_month < float("inf"):
            raise ValueError(f"cost_per_tb_month is no price: {self.cost_per_tb_month!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A LIMITS.toml: sections `[events]`, `[usefulness]` and `[storage]`, all optional."""

    events: EventLimits = field(default_factory=EventLimits)
    usefulness: UsefulnessLimits = field(default_factory=UsefulnessLimits)
    storage: StoragePrice = field(default_factory=StoragePrice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was made of a recording besides its index; None where nobody made it yet."""

    sweeps: Artifact | None
    proxies: Artifact | None
    described: Artifact | None
    scores: Artifact | None
    checks: Artifact | None


def read_limits(path: Path | None) -> Limits:
    """Read a LIMITS.toml; the defaults where none is named. Raises InvalidConfig.

    Its section [checks] is read by `ingest.checks`.
    """
    if path is None:
        return Limits()
    given = read_toml(path, remedy="name a LIMITS.toml")
    given.pop(CHECKS, None)
    return build(Limits, given, subject=str(path))


def events_of(
    workspace: Workspace, taken: Sequence[Taken], *, limits: EventLimits | None = None
) -> list[Artifact]:
    """The events of each recording, rows of `schemas.EVENTS`; found now where need be."""
    found: list[Artifact] = workspace.runner.map(
        find_events,
        [
            {
                "signals": item.signals,
                "recording": item.recording.id,
                "limits": asdict(limits or EventLimits()),
            }
            for item in taken
        ],
    )
    for item, events in zip(taken, found, strict=True):
        workspace.hold("events", item.recording.id, events)
    return found


def known_of(workspace: Workspace, taken: Taken) -> Known:
    """What there is of a recording; nothing is decoded or computed. The newest counts."""
    index = taken.frames.id
    read = executions_at(workspace, index, "read_recording", direction="out")
    sweeps = read[0].outputs.get("sweeps") if read else None
    checked = executions_at(workspace, index, "check_recording", direction="in")
    checks = [
        at for item in checked for at in item.outputs.values() if at.partition(":")[0] == "checks"
    ]
    proxies, described, scores = None, None, None
    decodings = executions_at(workspace, index, "decode_recording", direction="in")
    for decoding in sorted(decodings, key=lambda item: int(str(item.key.parameters["every"]))):
        proxies = proxies or decoding.outputs["result"]
        for made in executions_at(
            workspace, decoding.outputs["result"], "describe_recording", direction="in"
        ):
            described = described or made.outputs["frames"]
        for made in executions_at(
            workspace, decoding.outputs["result"], "predict_recording", direction="in"
        ):
            scores = scores or made.outputs["scores"]
    found = (sweeps, proxies, described, scores, checks[0] if checks else None)
    artifacts = [None if at is None else workspace.catalog.artifact(at) for at in found]
    return Known(**dict(zip(Known.__slots__, artifacts, strict=True)))
