"""One frame as a picture, at the size it was recorded at: what an annotator looks at."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.media.frames import read_frames
from ringroad.media.images import encode_jpeg
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.taken import taken_with
from ringroad.pipelines.workspace import Workspace

QUALITY = 92


def picture_of(workspace: Workspace, frame: FrameId) -> bytes:
    """A frame as JPEG. Raises UnknownName where no camera has it; otherwise as `Sources`."""
    (taken,) = taken_with(workspace, [frame])
    rows = table_of(workspace, taken.frames)
    mine = rows.filter(pc.equal(rows["channel"], frame_parts(frame)[1]))
    row = mine.filter(pc.equal(mine["frame_id"], frame))
    if not row.num_rows:
        raise UnknownName(
            "is no frame of a camera", subject=frame, remedy="see what there is: ringroad search"
        )
    size = (row["width"][0].as_py(), row["height"][0].as_py())
    pixels = read_frames(workspace.sources, workspace.sandbox, mine, [frame], size=size)
    return encode_jpeg(np.ascontiguousarray(pixels[0]), quality=QUALITY)
