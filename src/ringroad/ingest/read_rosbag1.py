"""Reads bags of ROS 1: indexed like MCAP, and read by the same code."""

from __future__ import annotations

from ringroad.ingest.read_mcap import read_indexed
from ringroad.media.containers.bag_index import MAGIC, index_bag
from ringroad.protocols.reader import Reading, ReadRequest


class Rosbag1Reader:
    """One bag is one recording."""

    name = "rosbag1"
    suffixes = (".bag",)
    verified = "bags of the rosbags library, plain, lz4 and bz2"

    def recognises(self, head: bytes, name: str) -> bool:
        """By the magic line."""
        del name
        return head.startswith(MAGIC)

    def read(self, request: ReadRequest) -> Reading:
        """Index one bag; chunks that are damaged are left out and told.

        Raises:
            UnreadableSource: nothing in it can be used.
        """
        return read_indexed(request, index_bag(request.path), container=self.name)
