"""A selection: an ordered list of frames, and how it came about. It carries no name."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import ArtifactId, FrameId


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Frames in order of preference, each once.

    Names such as `night-crossings` are aliases that point at a selection; equal content is
    one artifact whatever it is called.
    """

    frames: tuple[FrameId, ...]
    query: str = ""
    """The expression that found them; empty where they were picked by hand."""
    parents: tuple[ArtifactId, ...] = ()
    """Artifacts it was made from: batches of frames, or other selections."""
    reason: str = ""
    versions: tuple[tuple[str, int], ...] = ()
    """What a search saw: tables, and the position of the last batch of each that was searched."""

    def __post_init__(self) -> None:
        """A frame stands once."""
        if len(set(self.frames)) != len(self.frames):
            raise ValueError("a selection holds each frame once")
