"""Ranges of recordings by digest, wherever their bytes lie; `identify.py` finds the digests."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import xxhash

from ringroad.domain.errors import DigestMismatch, SourceChanged, SourceMissing, UsageError
from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.objects import Objects
from ringroad.store.layout import FilePart, Layout, ObjectPart, Part, layout_of
from ringroad.store.open_files import OpenFiles

LAYOUTS = 256
"""How many sources are remembered; the layout of a folder of 500 images takes about 100 kB."""


class PlacedSources:
    """Reads sources in place, in buckets too, from chunks, or from a blob of their own.

    A file in place must have the size and time it was ingested with, at each read. Safe to call
    from threads; pickles where `blobs` and `locate` do, and opens its files anew on the other
    side. `locate` is asked once per source, and again when a read finds the bytes gone.
    """

    def __init__(
        self,
        blobs: Blobs,
        locate: Callable[[Digest], Location | None],
        *,
        open_files: int = 32,
        objects: Objects | None = None,
    ) -> None:
        self.blobs = blobs
        self.locate = locate
        self.objects = objects
        self._files = OpenFiles(open_files)
        self._layouts: OrderedDict[Digest, Layout] = OrderedDict()
        self._lock = Lock()

    def read_range(
        self, source: Digest, offset: int, length: int, *, xxh3: int | None = None
    ) -> bytes:
        """Return exactly `length` bytes, checked against a 64-bit XXH3 where one is given."""
        if offset < 0 or length < 0:
            raise UsageError(f"no range starts at {offset} and is {length} long", subject=source)
        try:
            data = self._read(self._layout(source), offset, length)
        except (SourceMissing, SourceChanged):
            with self._lock:
                known = self._layouts.pop(source, None)
            if known is None or self._layout(source) == known:
                raise
            data = self._read(self._layout(source), offset, length)
        if xxh3 is not None and xxhash.xxh3_64_intdigest(data) != xxh3:
            raise DigestMismatch(
                f"bytes {offset} to {offset + length} are not those that were indexed",
                subject=source,
                remedy="restore the source from a copy, or ingest it again as it is now",
            )
        return data

    def location(self, source: Digest) -> Location | None:
        """Where the bytes lie outside the blobs; None where they do not."""
        return self.locate(source)

    def close(self) -> None:
        """Close the files that are kept open; they open again when they are read."""
        self._files.close()

    def __reduce__(self) -> tuple[Callable[..., PlacedSources], tuple[object, ...]]:
        return _again, (self.blobs, self.locate, self._files.limit, self.objects)

    def _layout(self, source: Digest) -> Layout:
        with self._lock:
            if source in self._layouts:
                self._layouts.move_to_end(source)
                return self._layouts[source]
        layout = layout_of(self.blobs, source, self.locate(source))
        with self._lock:
            self._layouts[source] = layout
            if len(self._layouts) > LAYOUTS:
                self._layouts.popitem(last=False)
        return layout

    def _read(self, layout: Layout, offset: int, length: int) -> bytes:
        if offset + length > layout.size_bytes:
            raise DigestMismatch(
                f"holds {layout.size_bytes} bytes, asked were {offset} to {offset + length}",
                subject=layout.source,
                remedy="the index does not belong to this source; ingest it again",
            )
        pieces, place = [], bisect_right(layout.starts, offset) - 1
        while length:
            part = layout.parts[place]
            skip = offset - layout.starts[place]
            take = min(length, part.length - skip)
            if take:
                pieces.append(self._read_part(part, skip, take))
            place, offset, length = place + 1, offset + take, length - take
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read_part(self, part: Part, offset: int, length: int) -> bytes:
        if isinstance(part, ObjectPart):
            if self.objects is None:
                raise SourceMissing(
                    "lies in a bucket, and nothing here reads buckets", subject=part.url
                )
            return self.objects.read_range(part.url, offset, length)
        if not isinstance(part, FilePart):
            return self.blobs.read_range(part.digest, offset, length)
        data = self._files.read(part.path, part.check(), offset, length)
        if len(data) != length:
            raise part.changed("it was cut short while it was read")
        return data


def _again(
    blobs: Blobs,
    locate: Callable[[Digest], Location | None],
    open_files: int,
    objects: Objects | None,
) -> PlacedSources:
    return PlacedSources(blobs, locate, open_files=open_files, objects=objects)
