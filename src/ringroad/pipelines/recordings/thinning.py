"""What recordings could do without: judged, previewed in bytes, hours and money, and marked.

Nothing is deleted here: that belongs to the store's retention rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import RecordingId
from ringroad.domain.time import to_seconds
from ringroad.ingest.volume import volume_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.happening import Known, Limits, StoragePrice, events_of, known_of
from ringroad.pipelines.recordings.happening_steps import decide_thinning, judge_usefulness
from ringroad.pipelines.workspace import Workspace
from ringroad.store.layout import CHUNKS

KEEP_SCORE = 0.5
ALIAS = "thinning:decided"
TERABYTE = 10**12
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One stretch that is worth less than the score that is kept."""

    recording: RecordingId
    start_ns: int
    end_ns: int
    score: float
    reason: str
    size_bytes: int
    """Of its frames and sweeps; the file around them stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinning:
    """What would go, and out of how much."""

    keep_score: float
    price: StoragePrice
    going: tuple[Going, ...]
    size_bytes: int
    """Frames and sweeps of all recordings that were judged."""
    seconds: float
    in_place: tuple[RecordingId, ...]
    """Their bytes are the user's own: they are previewed, and never marked."""
    unseen: tuple[RecordingId, ...]
    """Judged by signals alone, for no frame of them was decoded yet."""

    @property
    def going_bytes(self) -> int:
        """How many bytes would go."""
        return sum(item.size_bytes for item in self.going)

    @property
    def going_s(self) -> float:
        """How much time would go."""
        return to_seconds(sum(item.end_ns - item.start_ns for item in self.going))

    @property
    def saved(self) -> float:
        """What keeping those bytes would cost, in the price's currency."""
        return self.going_bytes / TERABYTE * self.price.cost_per_tb_month * self.price.months


def judge(
    workspace: Workspace, taken: Sequence[Taken], *, limits: Limits
) -> list[tuple[Taken, Known, Artifact]]:
    """Each recording, what is known of it, and rows of `schemas.USEFULNESS`; nothing is decoded."""
    known = [known_of(workspace, item) for item in taken]
    events = events_of(workspace, taken, limits=limits.events)
    judged = workspace.runner.map(
        judge_usefulness,
        [
            {
                "recording": item.recording.id,
                "span_ns": [
                    item.recording.start_ns,
                    item.recording.start_ns + item.recording.duration_ns,
                ],
                "frames": item.frames,
                "signals": item.signals,
                "events": happened,
                "limits": asdict(limits.usefulness),
                **{
                    role: part
                    for role in ("proxies", "scores", "checks")
                    if (part := getattr(more, role)) is not None
                },
            }
            for item, more, happened in zip(taken, known, events, strict=True)
        ],
    )
    return list(zip(taken, known, judged, strict=True))


def thin(
    workspace: Workspace, taken: Sequence[Taken], *, keep_score: float, limits: Limits
) -> Thinning:
    """What would go if stretches below a score went. Changes nothing."""
    going: list[Going] = []
    size, seconds = 0, 0.0
    in_place, unseen = list[RecordingId](), list[RecordingId]()
    for item, known, judged in judge(workspace, taken, limits=limits):
        sweeps = [known.sweeps] if known.sweeps is not None else []
        volume = volume_of([table_of(workspace, part) for part in (item.frames, *sweeps)])
        size += volume.size_bytes
        seconds += to_seconds(item.recording.duration_ns)
        in_place += [] if is_copied(workspace, item) else [item.recording.id]
        unseen += [item.recording.id] if item.frames_count and known.proxies is None else []
        going += [
            Going(
                recording=item.recording.id,
                start_ns=row["start_ns"],
                end_ns=row["end_ns"],
                score=row["score"],
                reason=row["reason"],
                size_bytes=volume.within(row["start_ns"], row["end_ns"]),
            )
            for row in table_of(workspace, judged).to_pylist()
            if row["score"] < keep_score
        ]
    return Thinning(
        keep_score=keep_score,
        price=limits.storage,
        going=tuple(going),
        size_bytes=size,
        seconds=seconds,
        in_place=tuple(in_place),
        unseen=tuple(unseen),
    )


def mark(workspace: Workspace, thinning: Thinning) -> tuple[Artifact, tuple[Going, ...]]:
    """Write down what may go of copied recordings, under `ALIAS`. No byte is deleted."""
    kept_out = set(thinning.in_place)
    marked = tuple(item for item in thinning.going if item.recording not in kept_out)
    made = workspace.runner.run(
        decide_thinning,
        going=[asdict(item) for item in marked],
        keep_score=thinning.keep_score,
    )
    workspace.point(ALIAS, made, reason=f"score below {thinning.keep_score:g}")
    return made, marked


def is_copied(workspace: Workspace, taken: Taken) -> bool:
    """Whether the workspace guards the bytes, or they are the user's own files."""
    place = workspace.catalog.location(taken.source.digest)
    return place is None or place.uri.startswith(f"{CHUNKS}:")
