"""Writes MCAP files of ROS 2 messages, equal input to equal bytes; `media/containers` reads them.

Chunks stay uncompressed: pictures do not shrink, and a reader finds them without unpacking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from mcap.writer import CompressionType, Writer

from ringroad.media.export.ros2_types import DEFINITIONS

LIBRARY = "ringroad"
CHUNK_BYTES = 1 << 20


class McapFile:
    """An MCAP file being written. What is held in memory is one chunk, and an index of chunks.

    Args:
        sink: where the bytes go, from its beginning on.
        chunk_bytes: a chunk is closed when it is larger.
    """

    def __init__(self, sink: BinaryIO, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._writer = Writer(sink, chunk_size=chunk_bytes, compression=CompressionType.NONE)
        self._writer.start(profile="ros2", library=LIBRARY)
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        """Messages of each channel."""

    def channel(self, topic: str, kind: str, metadata: Mapping[str, str] | None = None) -> None:
        """Announce a channel; a type is written once."""
        if kind not in self._schemas:
            self._schemas[kind] = self._writer.register_schema(
                name=kind, encoding="ros2msg", data=DEFINITIONS[kind].encode()
            )
        self._channels[topic] = self._writer.register_channel(
            topic=topic,
            message_encoding="cdr",
            schema_id=self._schemas[kind],
            metadata=dict(metadata or {}),
        )
        self.counts[topic] = 0

    def message(self, topic: str, time_ns: int, body: bytes) -> None:
        """Add a message, published when it was logged."""
        self._writer.add_message(
            channel_id=self._channels[topic],
            log_time=time_ns,
            publish_time=time_ns,
            sequence=self.counts[topic],
            data=body,
        )
        self.counts[topic] += 1

    def metadata(self, name: str, values: Mapping[str, str]) -> None:
        """Add a record of texts that are about the file as a whole."""
        self._writer.add_metadata(name, dict(values))

    def finish(self) -> None:
        """Close the last chunk and write the index; the sink stays open."""
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap leaves it untyped
