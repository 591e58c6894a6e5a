"""A vehicle's recording as an MCAP file in memory; `media/export` writes the file itself."""

from __future__ import annotations

import io

from ringroad.media.export import ros2_write as ros2_write
from ringroad.media.export.mcap_write import McapFile

CHUNK_BYTES = 128 << 10
"""Small ones, so that short recordings have several."""


class RecordingFile:
    """An MCAP file being written."""

    def __init__(self) -> None:
        self._sink = io.BytesIO()
        self._file = McapFile(self._sink, chunk_bytes=CHUNK_BYTES)

    def channel(self, topic: str, kind: str) -> None:
        """Announce a channel."""
        self._file.channel(topic, kind)

    def message(self, topic: str, time_ns: int, body: bytes) -> None:
        """Add a message."""
        self._file.message(topic, time_ns, body)

    def finish(self) -> bytes:
        """The whole file."""
        self._file.finish()
        return self._sink.getvalue()


def image_message(time_ns: int, jpeg: bytes) -> bytes:
    """`sensor_msgs/msg/CompressedImage` of the front camera."""
    return ros2_write.image_message(time_ns, "camera_front", "jpeg", jpeg)
