"""Arrow schemas of the rows that stages exchange and tables index."""

from __future__ import annotations

import pyarrow as pa

FRAMES = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),  # presentation time, UTC
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("key", pa.bool_(), nullable=False),  # decodes by itself
        # How to read the frame: ranges of the source, see media/video and media/containers.
        pa.field("source", pa.string(), nullable=False),  # digest of the recording's bytes
        pa.field("encoding", pa.string(), nullable=False),  # h264, hevc, jpeg, png
        pa.field("offset", pa.int64(), nullable=False),  # of this frame's own bytes
        pa.field("length", pa.int64(), nullable=False),
        pa.field("xxh3", pa.uint64(), nullable=False),  # of those bytes
        pa.field("start_sequence", pa.int64(), nullable=False),  # decode from this frame on
        pa.field("position", pa.int64(), nullable=False),  # place in decode order
        pa.field("compression", pa.string(), nullable=False),  # of the chunk around it, or ""
        pa.field("chunk_offset", pa.int64(), nullable=False),  # -1 where bytes lie plain
        pa.field("chunk_length", pa.int64(), nullable=False),
        # What curation measured; null until the frame was decoded once.
        pa.field("brightness", pa.float32()),  # mean luma, 0 to 1
        pa.field("contrast", pa.float32()),  # standard deviation of luma, 0 to 1
        pa.field("sharpness", pa.float32()),  # log10 of the variance of the Laplacian
        pa.field("saturation", pa.float32()),  # mean of HSV saturation, 0 to 1
        pa.field("condition", pa.string()),  # day, dusk or night, by brightness and colour
        pa.field("speed_mps", pa.float32()),  # of the vehicle, nearest in time
    ]
)
"""One row per camera frame; key `frame_id`."""

SWEEPS = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("sensor", pa.string(), nullable=False),  # lidar or radar
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),
        pa.field("points", pa.int64(), nullable=False),  # -1 where only decoding would tell
        # How to read the sweep, as in FRAMES; see media/points/sweep.py for the encodings.
        pa.field("source", pa.string(), nullable=False),
        pa.field("encoding", pa.string(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("xxh3", pa.uint64(), nullable=False),
        pa.field("compression", pa.string(), nullable=False),
        pa.field("chunk_offset", pa.int64(), nullable=False),
        pa.field("chunk_length", pa.int64(), nullable=False),
    ]
)
"""One row per frame of a lidar or radar; key `frame_id`."""

CHECKS = pa.schema(
    [
        pa.field("check_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),  # "" where it is about all of them
        pa.field("check", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),  # info, warning, error
        pa.field("start_ns", pa.int64(), nullable=False),
        pa.field("end_ns", pa.int64(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("limit", pa.float64(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
    ]
)
"""One row per finding of a recording check; key `check_id`."""

EVENTS = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),  # hard-brake, stop, turn-left ...
        pa.field("start_ns", pa.int64(), nullable=False),
        pa.field("end_ns", pa.int64(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),  # strongest value in it
        pa.field("unit", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
    ]
)
"""One row per thing that happened in a recording; key `event_id`."""

USEFULNESS = pa.schema(
    [
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("start_ns", pa.int64(), nullable=False),
        pa.field("end_ns", pa.int64(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),  # 0 nothing, 1 all
        pa.field("reason", pa.string(), nullable=False),  # "" where nothing is wrong
    ]
)
"""One row per stretch of a recording, which they cover: how much it is worth keeping."""

ANNOTATIONS = pa.schema(
    [
        pa.field("annotation_id", pa.string(), nullable=False),
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("x", pa.float32(), nullable=False),
        pa.field("y", pa.float32(), nullable=False),
        pa.field("w", pa.float32(), nullable=False),
        pa.field("h", pa.float32(), nullable=False),
        pa.field("light_state", pa.string(), nullable=False),
        pa.field("author", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        # The fields of `domain.annotation.Annotation`, where the box does not say it all.
        pa.field("shape", pa.string(), nullable=False),
        pa.field("points", pa.list_(pa.float64()), nullable=False),
        pa.field("parts", pa.list_(pa.int32()), nullable=False),
        pa.field("mask", pa.string(), nullable=False),
        pa.field("space", pa.string(), nullable=False),
        pa.field("attributes", pa.string(), nullable=False),  # canonical JSON object, "" for none
        pa.field("track_id", pa.string(), nullable=False),
        pa.field("key", pa.bool_(), nullable=False),
        pa.field("guideline", pa.string(), nullable=False),
    ]
)
"""One row per annotation; key `annotation_id`. The box bounds the shape, in pixels as recorded.

A frame that was looked at and holds nothing has one row of category "" and zero size. Batches of
earlier versions lack the last columns: `annotation_rows.full` adds them.
"""

PREDICTIONS = pa.schema(
    [
        pa.field("prediction_id", pa.string(), nullable=False),
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
        pa.field("x", pa.float32(), nullable=False),
        pa.field("y", pa.float32(), nullable=False),
        pa.field("w", pa.float32(), nullable=False),
        pa.field("h", pa.float32(), nullable=False),
        pa.field("light_state", pa.string(), nullable=False),
    ]
)
"""One row per detection, in pixels of the frame as recorded; key `prediction_id`."""

SCORES = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("uncertainty", pa.float32(), nullable=False),  # nats, see Detections
        pa.field("boxes", pa.int32(), nullable=False),  # detections over the working threshold
        pa.field("vector", pa.list_(pa.float32()), nullable=False),  # network embedding
    ]
)
"""One row per frame that a network looked at: what mining selects by; key `frame_id`."""

MANIFEST = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),  # what splits and resampling keep whole
        pa.field("split", pa.string(), nullable=False),  # train, val, test
        pa.field("condition", pa.string(), nullable=False),
        pa.field("annotations", pa.string(), nullable=False),  # digest of the annotations batch
        pa.field("weight", pa.float32(), nullable=False),
    ]
)
"""One row per frame of a dataset version, by frame id. Its header stands in schema metadata."""

NAME = pa.dictionary(pa.int32(), pa.string())
"""Text that repeats from row to row, kept once."""

SIGNALS = pa.schema(
    [
        pa.field("recording_id", NAME, nullable=False),
        pa.field("channel", NAME, nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),
        pa.field("name", NAME, nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("unit", NAME, nullable=False),
    ]
)
"""The low-rate lane: one row per value of CAN, GNSS, IMU and other signals."""


TRACKS = pa.schema(
    [
        pa.field("recording_id", NAME, nullable=False),
        pa.field("track_id", NAME, nullable=False),
        pa.field("category", NAME, nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),
        # Metres in the vehicle's coordinate system at that time: x ahead, y to the left, from the
        # middle of the rear axle to the middle of the thing.
        pa.field("x_m", pa.float32(), nullable=False),
        pa.field("y_m", pa.float32(), nullable=False),
        # Velocity over ground, along the same axes; NaN where nobody measured it.
        pa.field("vx_mps", pa.float32(), nullable=False),
        pa.field("vy_mps", pa.float32(), nullable=False),
        pa.field("heading_rad", pa.float32(), nullable=False),  # 0 as the vehicle, left positive
        pa.field("length_m", pa.float32(), nullable=False),
        pa.field("width_m", pa.float32(), nullable=False),
        pa.field("visible", pa.float32(), nullable=False),  # share of it that is seen, 0 to 1
    ]
)
"""One row per track and time; by recording, track and time."""

EGO = pa.schema(
    [
        pa.field("recording_id", NAME, nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),
        # NaN where no signal tells.
        pa.field("speed_mps", pa.float32(), nullable=False),
        pa.field("accel_mps2", pa.float32(), nullable=False),  # along the road, braking negative
        pa.field("yaw_rate_rps", pa.float32(), nullable=False),  # left positive
        pa.field("latitude", pa.float64(), nullable=False),  # WGS 84, degrees
        pa.field("longitude", pa.float64(), nullable=False),
    ]
)
"""State of the vehicle at a steady rate; by recording and time."""

INTERVALS = pa.schema(
    [
        pa.field("interval_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("atom", pa.string(), nullable=False),  # see curate/scenario
        pa.field("track_id", pa.string(), nullable=False),  # "" where it is about the vehicle
        pa.field("start_ns", pa.int64(), nullable=False),
        pa.field("end_ns", pa.int64(), nullable=False),  # the last moment at which it held
        pa.field("value", pa.float32(), nullable=False),  # the strongest in it, in the atom's unit
    ]
)
"""One row per stretch of time in which an atom held; key `interval_id`."""

TAGS = pa.schema(
    [
        pa.field("tag_id", pa.string(), nullable=False),  # source, kind and frame
        pa.field("of", pa.string(), nullable=False),  # source and recording: one scope
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),  # who says so: a hand or a tagger
        pa.field("kind", pa.string(), nullable=False),  # weather, road, caption ...
        pa.field("value", pa.string(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),  # how sure, 0 to 1; 1 by hand
    ]
)
"""One row per thing that somebody says of a frame; key `tag_id`."""

INDEX = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", NAME, nullable=False),
        pa.field("vehicle", NAME, nullable=False),
        pa.field("channel", NAME, nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        # Of the picture; null until it was decoded.
        pa.field("brightness", pa.float32()),
        pa.field("contrast", pa.float32()),
        pa.field("sharpness", pa.float32()),
        pa.field("saturation", pa.float32()),
        pa.field("condition", NAME),
        # Of the vehicle; null where no signal tells.
        pa.field("speed_mps", pa.float32()),
        pa.field("accel_mps2", pa.float32()),
        pa.field("yaw_rate_rps", pa.float32()),
        # Of the place and the hour; null without GNSS.
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("cell", pa.uint64()),  # H3, resolution 10: about 130 m across
        pa.field("sun_deg", pa.float32()),  # elevation of the sun above the horizon
        pa.field("hour", pa.float32()),  # local solar time, 0 to 24
        # Tags; null where nothing tells.
        pa.field("weather", NAME),
        pa.field("road", NAME),
        pa.field("quality", NAME),  # worst finding at that time: ok, info, warning, error
        pa.field("words", NAME),  # tags, events and captions: what `text` looks into
    ]
)
"""One row per camera frame, as searches see it; key `frame_id`."""


def embeddings(size: int) -> pa.Schema:
    """One row per frame and embedder: `frame_id`, `vector` of `size` float32."""
    return pa.schema(
        [
            pa.field("frame_id", pa.string(), nullable=False),
            pa.field("vector", pa.list_(pa.float32(), size), nullable=False),
        ]
    )


TABLE_KEYS = {
    "frames": "frame_id",
    "sweeps": "frame_id",
    "checks": "check_id",
    "events": "event_id",
    "index": "frame_id",
    "intervals": "interval_id",
    "tags": "tag_id",
    "annotations": "annotation_id",
    "predictions": "prediction_id",
    "embeddings": "frame_id",
}
"""Key column of each indexed table; `embeddings.NAME` follows `embeddings`."""


TABLE_SCOPES = {
    "annotations": "frame_id",
    "checks": "recording_id",
    "events": "recording_id",
    "intervals": "recording_id",
    "tags": "of",
}
"""Tables in which a batch says all there is of a scope: its rows end all earlier ones there."""
ABOUT = b"about"
"""Schema metadata of a batch: JSON list of the scopes it speaks of, with rows in it or without."""


def key_of(table: str) -> str:
    """The key column of a table, `embeddings.shufflenet` among them."""
    return TABLE_KEYS[table.partition(".")[0]]
