"""What is known of frames, joined into rows of the index."""

from __future__ import annotations

import h3
import numpy as np
import pyarrow as pa

from ringroad.curate.index_rows import index_rows
from ringroad.media.schemas import CHECKS, EGO, EVENTS, FRAMES, INDEX

S = 10**9
RECORDING = "car/drive"


def frames(count: int = 4, *, condition: str | None = None) -> pa.Table:
    """A frame a second, of two cameras in turn; not decoded without a condition."""
    columns = []
    for field in FRAMES:
        if field.name == "frame_id":
            columns.append(pa.array([f"{RECORDING}/cam{n % 2}/{n:06d}" for n in range(count)]))
        elif field.name == "channel":
            columns.append(pa.array([f"cam{n % 2}" for n in range(count)]))
        elif field.name == "recording_id":
            columns.append(pa.array([RECORDING] * count))
        elif field.name == "time_ns":
            columns.append(pa.array([n * S for n in range(count)]))
        elif field.name == "condition":
            columns.append(pa.array([condition] * count, pa.string()))
        elif field.nullable:
            columns.append(pa.nulls(count, field.type))
        elif field.type == pa.string():
            columns.append(pa.array(["x"] * count))
        else:
            columns.append(pa.array([1] * count).cast(field.type))
    return pa.table(columns, schema=FRAMES)


def ego(times: list[float], **values: list[float]) -> pa.Table:
    """State of the vehicle at some seconds; NaN where nothing is given."""
    count = len(times)
    columns = {name: values.get(name, [np.nan] * count) for name in EGO.names}
    columns |= {"recording_id": [RECORDING] * count, "time_ns": [int(t * S) for t in times]}
    return pa.table(columns, schema=EGO)


def event(name: str, start_s: int, end_s: int) -> dict[str, object]:
    """A row of `schemas.EVENTS`."""
    return {
        "event_id": name, "recording_id": RECORDING, "event": name, "start_ns": start_s * S,
        "end_ns": end_s * S, "value": 1.0, "unit": "", "message": "",
    }  # fmt: skip


def finding(channel: str, severity: str, start_s: int, end_s: int) -> dict[str, object]:
    """A row of `schemas.CHECKS`."""
    return {
        "check_id": f"{channel}{severity}", "recording_id": RECORDING, "channel": channel,
        "check": "x", "severity": severity, "start_ns": start_s * S, "end_ns": end_s * S,
        "value": 1.0, "limit": 0.0, "unit": "", "message": "",
    }  # fmt: skip


def made(
    rows: pa.Table,
    *,
    state: pa.Table | None = None,
    events: list[dict[str, object]] | None = None,
    checks: list[dict[str, object]] | None = None,
    captions: dict[str, str] | None = None,
) -> dict[str, list[object]]:
    """Columns of the rows that come of it."""
    found = index_rows(
        rows,
        ego=EGO.empty_table() if state is None else state,
        events=pa.Table.from_pylist(events or [], schema=EVENTS),
        checks=pa.Table.from_pylist(checks or [], schema=CHECKS),
        captions=captions,
    )
    assert found.schema.equals(INDEX)
    columns: dict[str, list[object]] = found.to_pydict()
    return columns


def test_what_is_not_known_is_null() -> None:
    columns = made(frames())
    assert columns["vehicle"] == ["car"] * 4
    assert columns["quality"] == ["ok"] * 4
    assert columns["words"] == [""] * 4
    for name in ("speed_mps", "latitude", "cell", "sun_deg", "hour", "weather", "condition"):
        assert columns[name] == [None] * 4


def test_no_frames_make_no_rows() -> None:
    assert made(frames(0))["frame_id"] == []


def test_the_nearest_state_counts_within_a_second() -> None:
    columns = made(frames(), state=ego([0.1, 0.9, 1.2], speed_mps=[1.0, 2.0, 3.0]))
    assert columns["speed_mps"] == [1.0, 2.0, 3.0, None]
    assert made(frames(2), state=ego([0.4], speed_mps=[5.0]))["speed_mps"] == [5.0, 5.0]


def test_places_have_cells_and_a_sun() -> None:
    columns = made(frames(1), state=ego([0.0], latitude=[48.137], longitude=[11.575]))
    assert columns["cell"] == [h3.str_to_int(h3.latlng_to_cell(48.137, 11.575, 10))]
    (elevation,) = columns["sun_deg"]
    assert isinstance(elevation, float)
    assert -70 < elevation < -60  # 1970-01-01 00:00 UTC in Munich


def test_quality_is_the_worst_finding_at_that_time() -> None:
    checks = [
        finding("", "info", 0, 3),
        finding("cam1", "error", 0, 1),
        finding("cam0", "warning", 2, 2),
    ]
    assert made(frames(), checks=checks)["quality"] == ["info", "error", "warning", "info"]


def test_words_are_tags_events_and_captions() -> None:
    rows = frames(3, condition="night")
    columns = made(
        rows,
        events=[event("stop", 0, 1), event("stop", 1, 1), event("turn-left", 1, 2)],
        captions={f"{RECORDING}/cam0/000002": "wet roundabout"},
    )
    assert columns["words"] == [
        "night stop", "night stop turn-left", "night turn-left wet roundabout",
    ]  # fmt: skip
