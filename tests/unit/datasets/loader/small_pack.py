"""Packs of a few small frames, each of its own texture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import simplejpeg

from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.pack import H264, JPEG, Pack, PackHeader, open_pack
from ringroad.datasets.loader.write_pack import PackWriter, Stored
from ringroad.media.pictures.jpeg_into import halved
from ringroad.media.pictures.profiles import Profile
from ringroad.media.video.encode import X264, Encoder

WIDTH, HEIGHT = 48, 32
CATEGORIES = ("car", "lane")


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """(h, w, 3): a gradient and a patch whose colour and place tell the number."""
    rng = np.random.Generator(np.random.PCG64(number))
    y, x = np.mgrid[:height, :width]
    found = np.stack([x * 3, y * 5, (x + y + 7 * number) % 256], axis=2)
    found[4:12, 6:20] = rng.integers(0, 256, 3)
    return found.astype(np.uint8)


def marks(number: int) -> Marks:
    """`number` % 4 boxes, and a lane on every second frame."""
    count = number % 4
    boxes = np.array([[2 + k, 3 + k, 10 + number, 8] for k in range(count)], np.float32)
    lane = np.array([[0, HEIGHT], [WIDTH / 2, HEIGHT / 2], [WIDTH, number % 7]], np.float32)
    lines = [lane] if number % 2 else []
    return Marks(
        boxes=boxes.reshape(-1, 4),
        categories=np.zeros(count, np.int32),
        states=np.full(count, number % 3 - 1, np.int32),
        lines=lines,
        line_categories=[1] * len(lines),
    )


def frame_id(number: int) -> str:
    return f"car-1/drive/front/{number:06d}"


def jpeg(pixels: np.ndarray) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=92))


def write(folder: Path, count: int, *, half: bool = False, shard_bytes: int = 4_000) -> Pack:
    header = PackHeader(
        dataset="dataset:small", name="small", width=WIDTH, height=HEIGHT, encoding=JPEG,
        half=half, categories=CATEGORIES, light_states=("unknown", "red"),
    )  # fmt: skip
    with PackWriter(folder, header, shard_bytes=shard_bytes) as writer:
        for number in range(count):
            pixels = picture(number)
            stored = Stored(data=jpeg(pixels), half=jpeg(halved(pixels)) if half else b"")
            split = "test" if number % 5 == 4 else "train"
            writer.add(
                frame_id(number), stored, marks(number),
                split=split, unit=f"u{number // 5}", weight=1 + number / 8,
            )  # fmt: skip
        writer.finish()
    return open_pack(folder)


def write_video(folder: Path, count: int, *, gop: int = 4) -> Pack:
    header = PackHeader(
        dataset="dataset:video", name="video", width=WIDTH, height=HEIGHT, encoding=H264,
        categories=CATEGORIES,
    )  # fmt: skip
    profile = Profile(name="pack", width=WIDTH, gop=gop, every=1, quality=12, jpeg_quality=90)
    encoder = Encoder(X264, profile, (WIDTH, HEIGHT))
    packets = [packet for number in range(count) for packet in encoder.put(picture(number))]
    packets += encoder.finish()
    with PackWriter(folder, header, shard_bytes=2_000) as writer:
        start = 0
        for number, packet in enumerate(packets):
            start = number if packet.key else start
            stored = Stored(data=packet.data, start=number - start)
            writer.add(frame_id(number), stored, marks(number), split="train")
        writer.finish()
    return open_pack(folder)
