"""Joins what is known of frames into the rows that searches see. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Mapping

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.sun import sun
from ringroad.domain.time import SECOND_NS
from ringroad.media.schemas import INDEX, NAME

CELL_RESOLUTION = 10
"""H3; cells of about 130 m from side to side."""
EGO_REACH_NS = SECOND_NS
"""A frame farther than this from any state of the vehicle has none."""
SEVERITIES = ("ok", "info", "warning", "error")
TAGS = ("weather", "road")

_OF_FRAMES = (
    "frame_id", "recording_id", "channel", "sequence", "time_ns", "width", "height",
    "brightness", "contrast", "sharpness", "saturation", "condition",
)  # fmt: skip
_OF_EGO = ("speed_mps", "accel_mps2", "yaw_rate_rps", "latitude", "longitude")


def index_rows(
    frames: pa.Table,
    *,
    ego: pa.Table,
    events: pa.Table,
    checks: pa.Table,
    tags: Mapping[str, Mapping[str, str]] | None = None,
    better: Mapping[str, Mapping[str, str]] | None = None,
    captions: Mapping[str, str] | None = None,
) -> pa.Table:
    """Rows of `schemas.INDEX` of the frames of one recording, in their order.

    Args:
        frames: rows of `schemas.FRAMES`; of one recording.
        ego: its rows of `schemas.EGO`, by time; none where no signal tells.
        events: its rows of `schemas.EVENTS`.
        checks: its rows of `schemas.CHECKS`; those that name a channel concern that one alone.
        tags: kind of tag -> frame id -> value, as signals tell it.
        better: the same of hands and taggers; it stands before `tags`.
        captions: frame id -> what a plug-in wrote of it.
    """
    count, ids = frames.num_rows, frames["frame_id"].to_pylist()
    time_ns = frames["time_ns"].to_numpy()
    columns: dict[str, object] = {name: frames[name] for name in _OF_FRAMES}
    columns["vehicle"] = [frame.partition("/")[0] for frame in ids]
    columns |= _ego(frames, ego, time_ns)
    columns |= _place(columns, time_ns)
    for kind in TAGS:
        known = {**(tags or {}).get(kind, {}), **(better or {}).get(kind, {})}
        columns[kind] = [known.get(frame) for frame in ids]
    columns["quality"] = _quality(frames, checks, time_ns)
    columns["words"] = _words(columns, events, captions or {}, ids, time_ns)
    return pa.table(
        [_cast(columns[field.name], field.type, count) for field in INDEX], schema=INDEX
    )


def _ego(frames: pa.Table, ego: pa.Table, time_ns: np.ndarray) -> dict[str, object]:
    """State of the vehicle nearest in time; without any, the speed that came with the frames."""
    if not ego.num_rows:
        nothing = dict.fromkeys(_OF_EGO, np.full(len(time_ns), np.nan))
        return nothing | {"speed_mps": frames["speed_mps"]}
    times = ego["time_ns"].to_numpy()
    after = np.clip(np.searchsorted(times, time_ns), 1, max(1, len(times) - 1))
    before = after - 1
    after = np.minimum(after, len(times) - 1)
    nearer = np.where(time_ns - times[before] <= times[after] - time_ns, before, after)
    far = np.abs(times[nearer] - time_ns) > EGO_REACH_NS
    found: dict[str, object] = {}
    for name in _OF_EGO:
        values = ego[name].to_numpy().astype(np.float64)[nearer]
        values[far] = np.nan
        found[name] = values
    return found


def _place(columns: Mapping[str, object], time_ns: np.ndarray) -> dict[str, object]:
    latitude = np.asarray(columns["latitude"], dtype=np.float64)
    longitude = np.asarray(columns["longitude"], dtype=np.float64)
    elevation, hour = sun(time_ns, latitude, longitude)
    cells = [
        None
        if np.isnan(north) or np.isnan(east)
        else h3.str_to_int(h3.latlng_to_cell(north, east, CELL_RESOLUTION))
        for north, east in zip(latitude.tolist(), longitude.tolist(), strict=True)
    ]
    return {"cell": cells, "sun_deg": elevation, "hour": hour}


def _quality(frames: pa.Table, checks: pa.Table, time_ns: np.ndarray) -> list[str]:
    """The worst finding at each frame's time, of its channel or of the whole recording."""
    worst = np.zeros(len(time_ns), dtype=np.int64)
    channels = np.asarray(frames["channel"].to_pylist(), dtype=object)
    for row in checks.select(["channel", "severity", "start_ns", "end_ns"]).to_pylist():
        mine = (time_ns >= row["start_ns"]) & (time_ns <= row["end_ns"])
        if row["channel"]:
            mine &= channels == row["channel"]
        worst[mine] = np.maximum(worst[mine], SEVERITIES.index(row["severity"]))
    return [SEVERITIES[at] for at in worst]


def _words(
    columns: Mapping[str, object],
    events: pa.Table,
    captions: Mapping[str, str],
    ids: list[str],
    time_ns: np.ndarray,
) -> list[str]:
    """Tags and events at each frame's time, then its caption; words apart by blanks."""
    words: list[list[str]] = [[] for _ in ids]
    for name in ("condition", *TAGS):
        values = columns[name]
        for own, value in zip(words, _texts(values), strict=True):
            if value:
                own.append(value)
    for row in events.select(["event", "start_ns", "end_ns"]).to_pylist():
        at = np.flatnonzero((time_ns >= row["start_ns"]) & (time_ns <= row["end_ns"]))
        for place in at:
            if row["event"] not in words[place]:
                words[place].append(row["event"])
    return [
        " ".join([*own, captions[frame]] if frame in captions else own)
        for own, frame in zip(words, ids, strict=True)
    ]


def _texts(values: object) -> list[str | None]:
    found: list[str | None] = (
        values.to_pylist() if isinstance(values, pa.Array | pa.ChunkedArray) else list(values)  # type: ignore[call-overload]  # a list of texts
    )
    return found


def _cast(values: object, kind: pa.DataType, count: int) -> pa.Array:
    """A column of the schema's type; NaN becomes null."""
    if isinstance(values, np.ndarray):
        whole = pa.array(values, mask=np.isnan(values), from_pandas=False)
    elif isinstance(values, pa.ChunkedArray):
        whole = values.combine_chunks()
    else:
        whole = pa.array(values)
    if pa.types.is_null(whole.type):
        return pa.nulls(count, kind)
    if kind == NAME:
        return (
            whole
            if pa.types.is_dictionary(whole.type)
            else pc.dictionary_encode(whole.cast(pa.string())).cast(NAME)
        )
    return whole.cast(kind)
