"""One recording as .rrd for the Rerun viewer; nothing else in the house knows its SDK.

The SDK is an extra and imported where a file is written. Its files hold numbers of its own making,
so that equal recordings do not give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import MissingExtra
from ringroad.media.export import parcel as nouns
from ringroad.media.export.mcap import about, frame_of
from ringroad.media.export.parcel import Encoded, Loss, Moment, Parcel, Part
from ringroad.media.points.sweep import Points

APPLICATION = "ringroad"
TIMELINE = "time"
ABOUT, LOSSES = "ringroad/recording", "ringroad/losses"
FLUSH = 4096
"""Numbers of one topic that are gathered before they are handed over."""


def check_rerun() -> None:
    """Raises MissingExtra where the SDK is not installed."""
    if find_spec("rerun") is None:
        raise MissingExtra(
            "files for the Rerun viewer need its SDK, which is not installed",
            remedy="pip install 'ringroad[rerun]', or --format mcap, which the viewer opens too",
        )


def write_rrd(
    path: Path, parcel: Parcel, moments: Iterator[Moment], losses: Callable[[], list[Loss]]
) -> dict[str, int]:
    """Write a whole file, and return how many moments each topic has; else as `write_mcap`."""
    import rerun

    file = _RerunFile(rerun, path, parcel)
    for moment in moments:
        file.put(moment)
    file.finish(losses())
    return file.counts


class _RerunFile:
    """An .rrd being written; numbers are gathered, all else is handed over at once."""

    def __init__(self, rerun: Any, path: Path, parcel: Parcel) -> None:
        self.rr = rerun
        self.parts = {part.topic: part for part in parcel.parts}
        self.counts = dict.fromkeys(self.parts, 0)
        self.declared = parcel.recording.clock == "declared"
        self.gathered: dict[str, list[tuple[int, tuple[float, ...]]]] = {}
        self.stream = rerun.RecordingStream(
            APPLICATION, recording_id=_id(parcel), send_properties=False
        )
        self.stream.save(path)
        self.stream.send_recording_name(parcel.recording.id)
        self.stream.send_recording_start_time_nanos(parcel.begin_ns)
        self.stream.set_log_time_enabled(False)
        self.stream.set_log_tick_enabled(False)
        self._text(ABOUT, about(parcel))
        self._stand(parcel)

    def put(self, moment: Moment) -> None:
        """Add one moment."""
        part = self.parts[moment.topic]
        self.counts[moment.topic] += 1
        body = moment.body
        if isinstance(body, tuple):
            gathered = self.gathered.setdefault(moment.topic, [])
            gathered.append((moment.time_ns, body))
            if len(gathered) >= FLUSH:
                self._flush(part)
            return
        self.stream.set_time(TIMELINE, **self._time(moment.time_ns))
        for value in self._cloud(body) if isinstance(body, Points) else self._frame(body):
            self.stream.log(moment.topic, value)

    def finish(self, losses: list[Loss]) -> None:
        """Hand over what is left, and close the file."""
        for topic in list(self.gathered):
            self._flush(self.parts[topic])
        self._text(LOSSES, [asdict(loss) for loss in losses])
        self.stream.flush()
        self.stream.disconnect()

    def _stand(self, parcel: Parcel) -> None:
        """What holds all the time: codecs, where sensors sit, their lenses, names of signals."""
        placed = {pose.channel for pose in parcel.calibrations if _is_placed(pose)}
        for pose in parcel.calibrations:
            if _is_placed(pose):
                self._always(f"tf/{frame_of(pose.channel)}", self._pose(pose))
        lenses = {pose.channel: pose for pose in parcel.calibrations if pose.intrinsics}
        for part in parcel.parts:
            if part.kind == nouns.VIDEO:
                self._always(part.topic, self.rr.VideoStream(codec=self._codec(part)))
            if part.kind == nouns.NUMBER:
                name = f"{part.name} [{part.unit}]" if part.unit else part.name
                self._always(part.topic, self.rr.SeriesLines(names=name))
            if part.channel in placed and part.kind in {nouns.PICTURE, nouns.VIDEO, nouns.CLOUD}:
                self._always(part.topic, self.rr.CoordinateFrame(frame_of(part.channel)))
            if part.channel in lenses and part.size[0]:
                self._always(part.topic, self._lens(part, lenses[part.channel]))

    def _always(self, entity: str, value: Any) -> None:
        self.stream.log(entity, value, static=True)

    def _text(self, entity: str, value: Any) -> None:
        text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
        self._always(entity, self.rr.TextDocument(text))

    def _codec(self, part: Part) -> Any:
        codecs = self.rr.VideoCodec
        return {"h264": codecs.H264, "hevc": codecs.H265}[part.codec]

    def _pose(self, pose: Calibration) -> Any:
        w, x, y, z = pose.rotation
        return self.rr.Transform3D(
            translation=pose.translation_m,
            quaternion=self.rr.Quaternion(xyzw=(x, y, z, w)),
            parent_frame=frame_of(pose.parent),
            child_frame=frame_of(pose.channel),
        )

    def _lens(self, part: Part, pose: Calibration) -> Any:
        fx, fy, cx, cy = pose.intrinsics
        return self.rr.Pinhole(
            focal_length=(fx, fy), principal_point=(cx, cy), resolution=part.size
        )

    def _frame(self, body: Encoded) -> list[Any]:
        if body.encoding in {"h264", "hevc"}:
            return [self.rr.VideoStream.from_fields(sample=body.data)]
        return [self.rr.EncodedImage(contents=body.data, media_type=f"image/{body.encoding}")]

    def _cloud(self, body: Points) -> list[Any]:
        rest = {
            name: np.ascontiguousarray(body.values[:, place])
            for place, name in enumerate(body.columns)
            if name not in "xyz"
        }
        points = [self.rr.Points3D(body.xyz)]
        return [*points, self.rr.AnyValues(**rest)] if rest else points

    def _time(self, time_ns: int) -> dict[str, Any]:
        if self.declared:
            return {"duration": np.timedelta64(time_ns, "ns")}
        return {"timestamp": np.datetime64(time_ns, "ns")}

    def _times(self, times: np.ndarray) -> Any:
        if self.declared:
            return self.rr.TimeColumn(TIMELINE, duration=times.astype("timedelta64[ns]"))
        return self.rr.TimeColumn(TIMELINE, timestamp=times.astype("datetime64[ns]"))

    def _flush(self, part: Part) -> None:
        gathered = self.gathered.pop(part.topic)
        times = self._times(np.array([time_ns for time_ns, _ in gathered], np.int64))
        values = np.array([body for _, body in gathered], np.float64)
        for entity, columns in self._columns(part, values):
            self.stream.send_columns(entity, indexes=[times], columns=columns)

    def _columns(self, part: Part, values: np.ndarray) -> Iterator[tuple[str, Any]]:
        scalars = self.rr.Scalars.columns
        if part.kind == nouns.NUMBER:
            yield part.topic, scalars(scalars=values[:, 0])
        elif part.kind == nouns.IMU:
            threes = [3] * len(values)
            for name, axes in (("angular_velocity", 0), ("linear_acceleration", 3)):
                three = values[:, axes : axes + 3].ravel()
                yield f"{part.topic}/{name}", scalars(scalars=three).partition(threes)
        else:
            yield part.topic, self.rr.GeoPoints.columns(positions=values[:, :2])
            yield f"{part.topic}/altitude", scalars(scalars=values[:, 2])
            yield f"{part.topic}/status", scalars(scalars=values[:, 3])


def _is_placed(pose: Calibration) -> bool:
    return bool(pose.translation_m and pose.rotation)


def _id(parcel: Parcel) -> str:
    """Which the viewer knows the recording by: segments of one stand beside one another."""
    return f"{parcel.recording.id}@{parcel.begin_ns}"
