"""Reads one SQLite file of a ROS 2 bag; `layout_rosbag2.py` reads the folder of a whole bag."""

from __future__ import annotations

from dataclasses import replace

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.read_mcap import read_indexed
from ringroad.media.containers.bag2_index import index_bag2, unclosed
from ringroad.media.sqlite.pages import MAGIC
from ringroad.protocols.reader import Reading, ReadRequest

SUFFIX = ".db3"
PACKED = (f"{SUFFIX}.zstd", f"{SUFFIX}.zst")
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
TABLES = (b"messages", b"topics")
UNPACK = "unpack it first, with: zstd -d --rm"


class Rosbag2Reader:
    """One file is one recording."""

    name = "rosbag2"
    suffixes = (SUFFIX,)
    verified = "bags of the rosbags library; its pages against SQLite itself"

    def recognises(self, head: bytes, name: str) -> bool:
        """By the magic bytes and its name or tables; by name alone where it is packed."""
        if name.lower().endswith(PACKED):
            return True
        named = name.lower().endswith(SUFFIX) or all(table in head for table in TABLES)
        return head.startswith(MAGIC) and named

    def read(self, request: ReadRequest) -> Reading:
        """Index one file; messages whose pages are damaged are left out and told.

        Raises:
            UnreadableSource: nothing in it can be used.
        """
        with request.path.open("rb") as file:
            packed = file.read(len(ZSTD_MAGIC)) == ZSTD_MAGIC
        if packed:
            raise UnreadableSource(
                "is packed as a whole", subject=str(request.path), remedy=f"{UNPACK} FILE"
            )
        reading = read_indexed(request, index_bag2(request.path), container=self.name)
        doubt = unclosed(request.path)
        return replace(reading, notes=(*reading.notes, doubt)) if doubt else reading
