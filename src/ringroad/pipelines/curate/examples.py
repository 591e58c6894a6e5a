"""Embeds an example that is no whole frame of the index: a part of a frame, or a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from ringroad.curate.embed import NAME as LAYOUT
from ringroad.curate.embed import embed
from ringroad.curate.language.tree import Like
from ringroad.domain.errors import InputError, UsageError
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.media.frames import read_frames
from ringroad.media.pictures.images import decode_image, resize
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.see import DEFAULT_WIDTH
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import PREDICTORS

MOST_BYTES = 64 << 20
EMBEDDER = "embedder"
"""Prefix of aliases: the model version whose embeddings a space holds."""


def embedded_example(workspace: Workspace, like: Like, space: str, *, known: bool) -> np.ndarray:
    """(d,) float32 of a frame's part, or of a picture in a file or its part.

    Raises:
        UsageError: the crop lies outside, or nothing here embeds pictures for this space.
        InputError: the file holds no picture.
    """
    pixels = _frame(workspace, like.example) if known else _file(workspace, Path(like.example))
    part = _cropped(pixels, like)
    return _embedded(part) if space == LAYOUT else _by_network(workspace, space, part)


def _embedded(pixels: np.ndarray) -> np.ndarray:
    """As frames are when they are described: at the width of proxies."""
    height, width = pixels.shape[:2]
    size = (DEFAULT_WIDTH, max(8, round(DEFAULT_WIDTH * height / width)))
    found: np.ndarray = embed(resize(pixels, size)[None])[0]
    return found


def _cropped(pixels: np.ndarray, like: Like) -> np.ndarray:
    if not like.crop:
        return pixels
    height, width = pixels.shape[:2]
    x, y, across, down = like.crop
    if x + across > width or y + down > height:
        raise UsageError(
            f"the crop reaches to {x + across}, {y + down}; the picture is {width} x {height}",
            subject=like.example,
            remedy="give x, y, width and height in pixels of the frame as recorded",
        )
    return np.asarray(pixels[y : y + down, x : x + across])


def _frame(workspace: Workspace, frame: str) -> np.ndarray:
    """(h, w, 3) uint8 as recorded."""
    recording, _, _ = frame_parts(FrameId(frame))
    index = table_of(workspace, taken_of(workspace, workspace.catalog.recording(recording)).frames)
    row = index.filter(pc.equal(index["frame_id"], frame))
    size = (row["width"][0].as_py(), row["height"][0].as_py())
    found = read_frames(workspace.sources, workspace.sandbox, index, [frame], size=size)
    return np.asarray(found[0])


def _file(workspace: Workspace, path: Path) -> np.ndarray:
    if path.stat().st_size > MOST_BYTES:
        raise InputError(
            "is too large for a picture", subject=str(path), remedy="name a JPEG or PNG file"
        )
    found: np.ndarray = workspace.sandbox.call(decode_image, path.read_bytes())
    return found


def _by_network(workspace: Workspace, space: str, pixels: np.ndarray) -> np.ndarray:
    """(d,) float32 of one (h, w, 3) uint8 picture, by the model version of a space.

    Raises:
        UsageError: nobody said which one that is.
    """
    name = f"{EMBEDDER}:{space}"
    if workspace.catalog.resolve(name) is None:
        raise UsageError(
            f"nothing here embeds pictures for {space!r}", remedy="see ringroad embed --help"
        )
    told = workspace.json(workspace.find(name))
    network = workspace.catalog.artifact(told["network"])
    session = workspace.runtime.load(workspace.blobs.get(network.digest), threads=1, optimise=True)
    reader = PREDICTORS.load(told["predictor"])(session)
    (found,) = reader.predict(pixels[None])
    vector: np.ndarray = found.embedding
    return vector
