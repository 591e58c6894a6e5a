"""The annotations of one frame at one point of its history. Revisions are added, never changed."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import ArtifactId, FrameId


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Which annotations a frame had from some time on, and who said so.

    Number n follows n - 1, or is refused. The annotations are the rows of that frame in `batch`.
    """

    frame: FrameId
    number: int
    """1 is the first."""
    batch: ArtifactId
    author: str = ""
    source: str = ""
    """One of `annotation.SOURCES`; empty where nobody said."""
    guideline: str = ""
    """Version of the guideline it was made under."""
    reason: str = ""
    task: str = ""
    """The labelling task that it answers, where it answers one."""
    made_ns: int = 0
    """A time beside the batch, never part of its bytes. 0 is filled in when it is committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldAnswer:
    """Annotations that a person declared right. The newest for a frame counts."""

    frame: FrameId
    batch: ArtifactId | None
    """None where it was withdrawn."""
    guideline: str
    by: str
    """A person: programs promote nothing."""
    reason: str = ""
    made_ns: int = 0

    def __post_init__(self) -> None:
        """Somebody stands behind it."""
        if not self.by:
            raise ValueError("a gold answer names the person who promotes it")
