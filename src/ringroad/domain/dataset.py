"""The header of a dataset version: what its rows claim. The rows are `schemas.MANIFEST`."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import ArtifactId, FrameId

BOXES = "boxes"
LIGHT_STATE = "light_state"
ATTRIBUTES = "attributes"
POLYGONS = "polygons"
MASKS = "masks"
POLYLINES = "polylines"
CUBOIDS = "cuboids"
TRACKS = "tracks"
TASKS = (BOXES, LIGHT_STATE, ATTRIBUTES, POLYGONS, MASKS, POLYLINES, CUBOIDS, TRACKS)
"""What can be annotated; losses and metrics mask the rest."""

TRAIN = "train"
VAL = "val"
TEST = "test"
SPLITS = (TRAIN, VAL, TEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetHeader:
    """What was annotated, where the frames come from, and what one unit is."""

    name: str
    categories: tuple[str, ...]
    """Every category that the annotators looked for; others are unknown, not absent."""
    tasks: tuple[str, ...] = (BOXES,)
    unit: str = "recording"
    """What splits and resampling keep whole, in words: `block of 20 frames, 5 dropped between`."""
    parents: tuple[ArtifactId, ...] = ()
    query: str = ""
    synthetic: bool = False
    """Whether any frame comes from the simulator."""
    locked: bool = False
    """Whether the test rows stay as they are until somebody unlocks them."""

    def __post_init__(self) -> None:
        """A version says what was annotated."""
        if not self.categories:
            raise ValueError("a dataset version names the categories that were annotated")
        if unknown := sorted(set(self.tasks) - set(TASKS)):
            raise ValueError(f"unknown tasks {unknown}; known: {', '.join(TASKS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """One frame as a picture file beside exported annotations."""

    frame: FrameId
    name: str
    """Path below the folder of the annotations file, with forward slashes."""
    width: int
    height: int
