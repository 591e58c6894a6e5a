"""Loaders to compare with, each as a function that gives batches without end.

Every one gives shuffled uint8 batches of 32 frames with their boxes. What a peer needs is written
once, into a folder beside the frames. Peers are no dependencies: one that is not installed is told.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from loading_frames import SIZE, path_of
from PIL import Image

from ringroad.datasets.loader.augment import Augment
from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.pack import HALF, PackHeader, Records, open_pack
from ringroad.datasets.loader.shards import FolderShards
from ringroad.datasets.loader.write_pack import PackWriter, Stored
from ringroad.media.pictures.jpeg_into import decode_into, halved

BATCH = 32
SHAPE = (SIZE[1], SIZE[0], 3)
HALF_SHAPE = (SIZE[1] // 2, SIZE[0] // 2, 3)
PASS = 100_000
Batches = Iterator[Any]


class Files:
    """Frames as JPEG files, boxes in memory; what most people start with."""

    def __init__(self, folder: Path, decode: str) -> None:
        self.folder = folder
        self.decode = decode
        self.boxes = [
            np.array(rows, np.float32).reshape(-1, 5)
            for rows in json.loads((folder / "boxes.json").read_text())
        ]

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        if self.decode == "pil":
            with Image.open(path_of(self.folder, number)) as picture:
                return np.asarray(picture.convert("RGB")), self.boxes[number]
        data = path_of(self.folder, number).read_bytes()
        return simplejpeg.decode_jpeg(data), self.boxes[number]


class Draws:
    """A sampler of shuffled numbers, a long pass so that workers stay."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return PASS

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng(0)
        while True:
            yield from rng.permutation(self.count).tolist()


def collate(rows: list[tuple[np.ndarray, np.ndarray]]) -> Any:
    """Pictures into one tensor, boxes as they are."""
    import torch

    return torch.from_numpy(np.stack([row[0] for row in rows])), [row[1] for row in rows]


def torch_files(folder: Path, *, decode: str, workers: int) -> Batches:
    import torch

    torch.set_num_threads(1)
    data = Files(folder, decode)
    return iter(
        torch.utils.data.DataLoader(
            data,
            batch_size=BATCH,
            sampler=Draws(len(data)),
            num_workers=workers,
            collate_fn=collate,
            persistent_workers=workers > 0,
        )
    )


def build_wds(folder: Path, count: int) -> None:
    import webdataset

    boxes = json.loads((folder / "boxes.json").read_text())
    (folder / "wds").mkdir()
    with webdataset.ShardWriter(str(folder / "wds" / "s-%05d.tar"), maxcount=2000) as sink:
        for number in range(count):
            data = path_of(folder, number).read_bytes()
            sink.write({"__key__": f"{number:06d}", "jpg": data, "json": boxes[number]})


def _from_tar(sample: dict[str, bytes]) -> tuple[np.ndarray, np.ndarray]:
    boxes = np.array(json.loads(sample["json"]), np.float32).reshape(-1, 5)
    return simplejpeg.decode_jpeg(sample["jpg"]), boxes


def wds(folder: Path, *, workers: int) -> Batches:
    import webdataset

    shards = [str(path) for path in sorted((folder / "wds").glob("*.tar"))]
    data = webdataset.WebDataset(
        shards, shardshuffle=len(shards), resampled=True, nodesplitter=None
    )
    data = data.shuffle(200).map(_from_tar).batched(BATCH, collation_fn=collate)
    return iter(
        webdataset.WebLoader(
            data, batch_size=None, num_workers=workers, persistent_workers=workers > 0
        )
    )


def build_mds(folder: Path, count: int) -> None:
    from streaming import MDSWriter

    boxes = json.loads((folder / "boxes.json").read_text())
    with MDSWriter(out=str(folder / "mds"), columns={"jpg": "bytes", "boxes": "json"}) as sink:
        for number in range(count):
            sink.write({"jpg": path_of(folder, number).read_bytes(), "boxes": boxes[number]})


def mds(folder: Path, *, workers: int) -> Batches:
    import torch
    from streaming import StreamingDataset
    from streaming.base.util import clean_stale_shared_memory

    clean_stale_shared_memory()

    class Frames(StreamingDataset):
        def __getitem__(self, at: int) -> tuple[np.ndarray, np.ndarray]:
            sample = super().__getitem__(at)
            boxes = np.array(sample["boxes"], np.float32).reshape(-1, 5)
            return simplejpeg.decode_jpeg(sample["jpg"]), boxes

    data = Frames(local=str(folder / "mds"), shuffle=True, batch_size=BATCH)
    loader = torch.utils.data.DataLoader(
        data,
        batch_size=BATCH,
        num_workers=workers,
        collate_fn=collate,
        persistent_workers=workers > 0,
    )

    def batches() -> Batches:
        while True:
            yield from loader

    return batches()


def build_lance(folder: Path, count: int) -> None:
    import lance
    import pyarrow as pa

    boxes = json.loads((folder / "boxes.json").read_text())
    schema = pa.schema([("jpg", pa.binary()), ("boxes", pa.list_(pa.float32()))])

    def rows() -> Iterator[pa.RecordBatch]:
        for at in range(0, count, 500):
            some = range(at, min(at + 500, count))
            jpg = [path_of(folder, number).read_bytes() for number in some]
            flat = [np.ravel(boxes[number]).tolist() for number in some]
            yield pa.record_batch([pa.array(jpg, pa.binary()), pa.array(flat)], schema=schema)

    lance.write_dataset(rows(), str(folder / "lance"), schema=schema)


def lance_take(folder: Path, *, threads: int) -> Batches:
    """Batched takes on threads, decoded into fresh batches: plain Lance at its best."""
    import lance

    data = lance.dataset(str(folder / "lance"))
    return _pooled(functools.partial(_taken, data), data.count_rows(), threads)


def _taken(data: Any, numbers: list[int]) -> Any:
    table = data.take(numbers, columns=["jpg", "boxes"])
    out = np.empty((len(numbers), *SHAPE), np.uint8)
    for at, value in enumerate(table["jpg"]):
        record = np.frombuffer(value.as_buffer(), np.uint8)
        simplejpeg.decode_jpeg(record, buffer=out[at])
    return out, [np.array(row.as_py(), np.float32).reshape(-1, 5) for row in table["boxes"]]


def _pooled(
    make: Callable[[list[int]], Any], count: int, threads: int, ahead: int = 2
) -> Iterator[Any]:
    draws = iter(Draws(count))
    with ThreadPoolExecutor(threads) as pool:

        def submit() -> Any:
            return pool.submit(make, [next(draws) for _ in range(BATCH)])

        waiting = [submit() for _ in range(threads + ahead)]
        while True:
            done = waiting.pop(0).result()
            waiting.append(submit())
            yield done


def _packed(folder: Path) -> Callable[[int], tuple[memoryview, np.ndarray]]:
    """Reads one record of our pack: what SPDL and grain are given to work with."""
    pack = open_pack(folder / "pack")
    shards = FolderShards(pack)
    full: Records = pack.full

    def read(row: int) -> tuple[memoryview, np.ndarray]:
        data = memoryview(bytearray(int(full.length[row])))
        shards.read_into(int(full.shard[row]), int(full.offset[row]), data)
        return data, pack.boxes.of(row)

    return read


def spdl(folder: Path, *, threads: int) -> Batches:
    """SPDL's pipeline of threads over our pack, decoding into batches by simplejpeg."""
    from spdl.pipeline import PipelineBuilder

    read = _packed(folder)
    draws = iter(Draws(len(open_pack(folder / "pack"))))

    def numbers() -> Iterator[list[int]]:
        while True:
            yield [next(draws) for _ in range(BATCH)]

    def batch(rows: list[int]) -> Any:
        out = np.empty((len(rows), *SHAPE), np.uint8)
        boxes = []
        for at, row in enumerate(rows):
            data, found = read(row)
            simplejpeg.decode_jpeg(data, buffer=out[at])
            boxes.append(found)
        return out, boxes

    pipeline = (
        PipelineBuilder()
        .add_source(numbers())
        .pipe(batch, concurrency=threads)
        .add_sink(2)
        .build(num_threads=threads)
    )

    def batches() -> Batches:
        with pipeline.auto_stop():
            yield from pipeline

    return batches()


def grain(folder: Path, *, threads: int) -> Batches:
    """Grain's threads over our pack, frames decoded by simplejpeg and stacked by it."""
    import grain.python as grain_api

    read = _packed(folder)
    draws = np.random.default_rng(0).permutation(len(open_pack(folder / "pack")))

    def frame(at: int) -> np.ndarray:
        data, _ = read(int(draws[at % len(draws)]))
        found: np.ndarray = simplejpeg.decode_jpeg(data)
        return found

    data = grain_api.MapDataset.range(len(draws)).repeat(20).map(frame)
    options = grain_api.ReadOptions(num_threads=threads, prefetch_buffer_size=2 * BATCH)
    return iter(data.to_iter_dataset(options).batch(BATCH))


def build_pack(folder: Path, count: int) -> None:
    boxes = json.loads((folder / "boxes.json").read_text())
    header = PackHeader(
        dataset="loading", name="loading", width=SIZE[0], height=SIZE[1], half=True,
        categories=tuple("abcde"),
    )  # fmt: skip
    with PackWriter(folder / "pack", header) as writer:
        for number in range(count):
            data = path_of(folder, number).read_bytes()
            half = simplejpeg.encode_jpeg(
                halved(simplejpeg.decode_jpeg(data)), quality=80, colorsubsampling="420"
            )
            rows = np.array(boxes[number], np.float32).reshape(-1, 5)
            marks = Marks(boxes=rows[:, :4], categories=rows[:, 4].astype(np.int32))
            writer.add(f"v/r/c/{number:06d}", Stored(data=data, half=half), marks)
        writer.finish()


def ringroad(folder: Path, *, threads: int, **config: Any) -> Batches:
    """Our loader; each batch is let go before the next one is asked for."""
    loader = Loader(
        open_pack(folder / "pack"), LoaderConfig(batch=BATCH, threads=threads, **config)
    )
    while True:
        yield from loader


def bare(
    folder: Path,
    *,
    threads: int,
    half: bool = False,
    reduced: bool = False,
    into_batch: bool = False,
) -> Batches:
    """The limit: threads that only decode, records in memory; gives nothing but counts.

    Each thread writes into one buffer, which stays in its cache, or into the frames of a batch.
    """
    pack = open_pack(folder / "pack")
    shards = FolderShards(pack)
    records = pack.half if half and pack.half is not None else pack.full
    rows = np.random.default_rng(0).permutation(len(pack))[:1280]
    data = []
    for row in rows.tolist():
        data.append(memoryview(bytearray(int(records.length[row]))))
        shards.read_into(int(records.shard[row]), int(records.offset[row]), data[-1])
    shape = HALF_SHAPE if half or reduced else SHAPE
    count = BATCH if into_batch else 1
    buffers = [np.zeros((count, *shape), np.uint8) for _ in range(threads)]

    def decode(thread: int) -> None:
        out = buffers[thread]
        for turn, at in enumerate(range(thread, len(data), threads)):
            decode_into(data[at], out[turn % count], reduced=reduced)

    while True:
        several = [threading.Thread(target=decode, args=(at,)) for at in range(threads)]
        for thread in several:
            thread.start()
        for thread in several:
            thread.join()
        yield len(data)


BUILD: dict[str, Callable[[Path, int], None]] = {
    "pack": build_pack, "wds": build_wds, "mds": build_mds, "lance": build_lance,
}  # fmt: skip

CASES: dict[str, tuple[str, Callable[..., Batches], dict[str, Any]]] = {
    "bare decode": ("pack", bare, {"threads": 2}),
    "bare decode into batches": ("pack", bare, {"threads": 2, "into_batch": True}),
    "ringroad": ("pack", ringroad, {"threads": 2}),
    "ringroad, 1 thread": ("pack", ringroad, {"threads": 1}),
    "ringroad, augmented": ("pack", ringroad, {"threads": 2, "augment": Augment()}),
    "bare decode, half": ("pack", bare, {"threads": 2, "half": True}),
    "bare decode, half by reduced decoding": ("pack", bare, {"threads": 2, "reduced": True}),
    "ringroad, half": ("pack", ringroad, {"threads": 2, "scale": HALF}),
    "DataLoader PIL, 0 workers": ("", torch_files, {"decode": "pil", "workers": 0}),
    "DataLoader PIL, 2 workers": ("", torch_files, {"decode": "pil", "workers": 2}),
    "DataLoader simplejpeg, 0 workers": ("", torch_files, {"decode": "sj", "workers": 0}),
    "DataLoader simplejpeg, 2 workers": ("", torch_files, {"decode": "sj", "workers": 2}),
    "WebDataset, 0 workers": ("wds", wds, {"workers": 0}),
    "WebDataset, 2 workers": ("wds", wds, {"workers": 2}),
    "MosaicML Streaming, 0 workers": ("mds", mds, {"workers": 0}),
    "MosaicML Streaming, 2 workers": ("mds", mds, {"workers": 2}),
    "Lance, 2 threads": ("lance", lance_take, {"threads": 2}),
    "SPDL over our pack, 2 threads": ("pack", spdl, {"threads": 2}),
    "grain over our pack, 2 threads": ("pack", grain, {"threads": 2}),
}
NEEDS = {
    torch_files: "torch", wds: "webdataset", mds: "streaming", lance_take: "lance",
    spdl: "spdl", grain: "grain",
}  # fmt: skip
