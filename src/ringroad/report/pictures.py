"""Frames with boxes drawn on them, and mosaics of frames, as JPEG for a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ringroad.domain.annotation import Box
from ringroad.report.page import Picture

QUALITY = 86
TRUTH = (86, 180, 233)  # sky blue and orange: told apart by people with any colour vision
DETECTION = (240, 145, 30)
_DARK = (16, 18, 22)
_LIGHT = (236, 238, 240)
_STRIP = 24  # pixels of the legend under a frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A box in pixels of its frame, and what stands at its corner: `car 0.87`, or nothing."""

    box: Box
    text: str = ""


def frame_picture(
    frame: np.ndarray,
    *,
    truths: Sequence[Mark],
    detections: Sequence[Mark],
    alt: str,
    caption: str,
    names: tuple[str, str] = ("truth", "detected"),
    width: int = 640,
    wide: bool = False,
) -> Picture:
    """Truth in dashed blue and detections in solid orange, with a legend strip below.

    Args:
        frame: (h, w, 3) uint8 RGB.
        truths: what is there, or the first of two networks.
        detections: what was found, or the second.
        alt: the picture in words.
        caption: stands under it.
        names: words of the legend; an empty one is left out.
        width: of the picture in pixels; a frame is never made larger than twice its size.
        wide: whether it takes a whole row of the page.
    """
    scale = min(width / frame.shape[1], 2.0)
    size = max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
    canvas = Image.new("RGB", (size[0], size[1] + _STRIP), _DARK)
    canvas.paste(Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS))
    pen = ImageDraw.Draw(canvas)
    for marks, colour, dashed in ((truths, TRUTH, True), (detections, DETECTION, False)):
        for mark in marks:
            _box(pen, mark, scale, colour, size, dashed=dashed)
    pen.rectangle((0, size[1], *canvas.size), fill=_DARK)
    _legend(pen, size[1], [(names[0], len(truths)), (names[1], len(detections))])
    return _encoded(canvas, alt=alt, caption=caption, wide=wide)


def mosaic(
    frames: Sequence[np.ndarray],
    *,
    titles: Sequence[str],
    alt: str,
    caption: str,
    columns: int = 4,
    width: int = 1200,
) -> Picture:
    """Frames side by side at equal size, each with a title; the aspect is the first frame's."""
    gap = 6
    tile = (width - gap * (columns - 1)) // columns
    height = round(tile * frames[0].shape[0] / frames[0].shape[1])
    rows = -(-len(frames) // columns)
    canvas = Image.new("RGB", (width, rows * height + (rows - 1) * gap), _DARK)
    pen = ImageDraw.Draw(canvas)
    for number, (frame, title) in enumerate(zip(frames, titles, strict=True)):
        row, column = divmod(number, columns)
        place = column * (tile + gap), row * (height + gap)
        shown = Image.fromarray(frame).resize((tile, height), Image.Resampling.LANCZOS)
        canvas.paste(shown, place)
        if title:
            _chip(pen, title, place[0], place[1] + height - 18, _LIGHT, _DARK, 12)
    return _encoded(canvas, alt=alt, caption=caption, wide=True)


def _box(
    pen: ImageDraw.ImageDraw,
    mark: Mark,
    scale: float,
    colour: tuple[int, int, int],
    size: tuple[int, int],
    *,
    dashed: bool,
) -> None:
    box = mark.box
    left, top = box.x * scale, box.y * scale
    right, bottom = left + box.w * scale, top + box.h * scale
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        pen.line((*start, *end), fill=_DARK, width=4)
        for piece in _dashes(start, end) if dashed else [(*start, *end)]:
            pen.line(piece, fill=colour, width=2)
    if mark.text:
        above = top - 16 if not dashed else bottom + 2
        _chip(pen, mark.text, left, min(max(above, 0), size[1] - 16), _DARK, colour, 11)


def _dashes(
    start: tuple[float, float], end: tuple[float, float], *, length: float = 6.0
) -> list[tuple[float, float, float, float]]:
    """Every other piece of a line, the first and the last among them."""
    a, b = np.array(start), np.array(end)
    count = max(1, round(float(np.linalg.norm(b - a)) / length)) | 1
    points = a + (b - a) * np.linspace(0, 1, count + 1)[:, None]
    return [(*points[i].tolist(), *points[i + 1].tolist()) for i in range(0, count, 2)]


def _legend(pen: ImageDraw.ImageDraw, top: int, entries: list[tuple[str, int]]) -> None:
    left = 10.0
    for (name, count), colour, dashed in zip(
        entries, (TRUTH, DETECTION), (True, False), strict=True
    ):
        if not name:
            continue
        middle = top + _STRIP / 2
        ends = (left, middle), (left + 30, middle)
        for piece in _dashes(*ends) if dashed else [(*ends[0], *ends[1])]:
            pen.line(piece, fill=colour, width=3)
        text = f"{name} ({count})"
        pen.text((left + 38, middle), text, fill=_LIGHT, font=_font(12), anchor="lm")
        left += 38 + pen.textlength(text, font=_font(12)) + 28


def _chip(
    pen: ImageDraw.ImageDraw,
    text: str,
    left: float,
    top: float,
    ink: tuple[int, int, int],
    ground: tuple[int, int, int],
    size: int,
) -> None:
    """Words on a small plate."""
    length = pen.textlength(text, font=_font(size))
    left = min(left, max(0.0, pen.im.size[0] - length - 8)) if pen.im is not None else left
    pen.rectangle((left, top, left + length + 7, top + size + 4), fill=ground)
    pen.text((left + 4, top + (size + 4) / 2), text, fill=ink, font=_font(size), anchor="lm")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along."""
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", size)


def _encoded(canvas: Image.Image, *, alt: str, caption: str, wide: bool) -> Picture:
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return Picture(
        data=out.getvalue(),
        media="image/jpeg",
        width=canvas.width,
        height=canvas.height,
        alt=alt,
        caption=caption,
        wide=wide,
    )
