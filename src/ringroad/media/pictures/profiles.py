"""Forms in which a camera's frames are kept besides the one they were recorded in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ringroad.domain.errors import UnknownName, UsageError

AS_RECORDED = "as-recorded"
TRAINING = "training"
PREVIEW = "preview"
LEAST_WIDTH, MOST_WIDTH = 16, 8192
LONGEST_GOP = 10
"""Of the training profile: a frame costs no more than so many to decode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How frames are stored anew: H.264 without reordered frames, or JPEG where no encoder is."""

    name: str
    width: int
    """In pixels; height follows from the frames' shape, and both become even. Frames that are
    smaller stay as they are."""
    gop: int
    """Every so many frames decode by themselves."""
    every: int
    """Each n-th frame is kept, from the first one on."""
    quality: int
    """Constant rate factor of H.264: 0 is without loss, 51 the worst."""
    jpeg_quality: int
    """Where frames are stored as JPEG."""

    def __post_init__(self) -> None:
        """Raises UsageError where no encoder could follow it."""
        if not LEAST_WIDTH <= self.width <= MOST_WIDTH:
            raise UsageError(
                f"a width of {self.width} pixels",
                subject=self.name,
                remedy=f"from {LEAST_WIDTH} to {MOST_WIDTH}",
            )
        if self.gop < 1 or self.every < 1 or not 0 <= self.quality <= 51:
            raise UsageError(f"no encoder follows {self}", subject=self.name)
        if self.name == TRAINING and self.gop > LONGEST_GOP:
            raise UsageError(f"a group of {self.gop} frames", remedy=f"at most {LONGEST_GOP}")

    def size_of(self, recorded: tuple[int, int]) -> tuple[int, int]:
        """Width and height of frames, even and never larger than recorded."""
        width, height = recorded
        wanted = min(self.width, width)
        down = height * wanted / width
        return max(2, wanted - wanted % 2), max(2, 2 * round(down / 2))


PROFILES: Mapping[str, Profile] = {
    TRAINING: Profile(name=TRAINING, width=640, gop=10, every=1, quality=20, jpeg_quality=92),
    PREVIEW: Profile(name=PREVIEW, width=320, gop=30, every=2, quality=32, jpeg_quality=60),
}
"""Besides `as-recorded`, which keeps what there is."""


def profile_of(name: str, *, width: int = 0) -> Profile | None:
    """A profile by name, None for `as-recorded`; at another width where one is given.

    Raises:
        UnknownName: nothing is called so.
        UsageError: no frame can be so wide, or a width for frames that stay as they are.
    """
    if name == AS_RECORDED:
        if width:
            raise UsageError(
                "frames as they were recorded have their own width",
                remedy=f"add --profile {TRAINING}, or leave --width out",
            )
        return None
    if name not in PROFILES:
        known = ", ".join((AS_RECORDED, *PROFILES))
        raise UnknownName("no profile is called so", subject=name, remedy=f"known: {known}")
    found = PROFILES[name]
    return replace(found, width=width) if width else found
