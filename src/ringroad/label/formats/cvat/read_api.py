"""Reads jobs as CVAT's API tells them: shapes, and tracks of key frames that are filled here.

`backends.cvat_http` puts names in place of the server's numbers and writes a list of jobs; nothing
of a server is trusted for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ringroad.domain.annotation import MODEL, POINT, POLYGON, POLYLINE
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.formats.carried import ID, TRACK, take_back
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.cvat.shapes import (
    GROUP,
    OCCLUDED,
    Z_ORDER,
    be_box,
    be_line,
    be_mask,
    take_flags,
)
from ringroad.label.formats.cvat.write_api import INTERPOLATED, UNSAID, is_moved
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.intake.track_fill import filled_between, held
from ringroad.label.formats.pictures import UNKNOWN

JOB = "cvat_job"
LINES = {"polygon": POLYGON, "polyline": POLYLINE, "points": POINT}
_AUTO = "auto"


def read_cvat_api(files: LabelFiles, intake: Intake) -> None:
    """Each frame of a job was looked at. Raises InvalidAnnotations."""
    for name in files.of_kind(".json"):
        with files.open(name) as file:
            stream = JsonStream(file, subject=files.subject(name))
            read_jobs(stream.items(), intake)
            stream.end()


def read_jobs(jobs: Iterable[Any], intake: Intake) -> None:
    """Jobs with frames, shapes and tracks."""
    for number, job in enumerate(jobs):
        place = f"job {job.get(JOB, number)!r}" if isinstance(job, dict) else f"job {number}"
        try:
            _Job(job, place, intake).read()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            intake.refuse("not-a-job", place, f"it does not read as a job of CVAT: {error!r}")


class _Job:
    """One job; frames by the numbers that they have in its task."""

    def __init__(self, job: Mapping[str, Any], place: str, intake: Intake) -> None:
        self.job, self.place, self.intake = job, place, intake
        self.author = str(job.get("assignee") or "")
        self.rows: dict[int, int] = {}
        for frame in job["frames"]:
            size = (frame.get("width"), frame.get("height"))
            at = f"{place}, frame {frame['number']}"
            row = intake.picture(str(frame["name"]), place=at, size=size)
            if row != UNKNOWN:
                self.rows[int(frame["number"])] = row
        self.order = sorted(self.rows)
        self.ids: set[str] = set()

    def read(self) -> None:
        """All of it, in the order in which the server made it."""
        if tags := self.job.get("tags"):
            self.intake.losses.add(
                "tag", "frames have no attributes here", count=len(tags), examples=[self.place]
            )
        for shape in sorted(self.job["shapes"], key=_made):
            at = f"{self.place}, {shape['type']} {shape.get('id')}"
            if self._known(shape, at):
                self._add(shape, str(shape["label"]), at)
        for track in sorted(self.job["tracks"], key=_made):
            self._track(track, f"{self.place}, track {track.get('id')}")

    def _known(self, shape: Mapping[str, Any], at: str) -> bool:
        """Whether a shape is on a frame of ours, and of a kind that annotations here have."""
        if int(shape["frame"]) not in self.rows:
            return False  # what is wrong with the frame was told with the frame
        if shape["type"] in {"rectangle", "mask", *LINES}:
            return True
        self.intake.losses.add(
            str(shape["type"]), "no annotation here has this shape", examples=[at]
        )
        return False

    def _add(self, shape: Mapping[str, Any], label: str, at: str) -> None:
        row = self.rows[int(shape["frame"])]
        try:
            drawn = self._drawn(shape, label, shape.get("attributes", {}))
        except RowRefused as error:
            self.intake.refuse(error.code, at, error.what, error.remedy, row)
            return
        drawn.id = self._once(drawn.id)
        self.intake.add(row, drawn, f"cvat-{shape.get('id')}", at)

    def _once(self, name: str) -> str:
        """A copy has the attributes of what it was copied from: the first has the id."""
        if name in self.ids:
            return ""
        self.ids.add(name)
        return name

    def _drawn(self, shape: Mapping[str, Any], label: str, said: Mapping[str, str]) -> Drawn:
        """A shape with its attributes. Raises RowRefused."""
        drawn = Drawn(category=label, author=self.author)
        points = [float(value) for value in shape["points"]]
        angle = float(shape.get("rotation") or 0)
        try:
            if shape["type"] == "rectangle":
                be_box(drawn, points, angle)
            elif shape["type"] == "mask":
                self._mask(drawn, points, int(shape["frame"]))
            else:
                be_line(drawn, LINES[shape["type"]], points)
        except ValueError as error:
            raise RowRefused("no-shape", f"its points cannot be read: {error}") from error
        flags = {
            OCCLUDED: "1" if shape.get("occluded") else "0",
            Z_ORDER: str(int(shape.get("z_order") or 0)),
            GROUP: str(int(shape.get("group") or 0)),
        }
        take_flags(drawn, flags)
        own = {name: str(value) for name, value in said.items() if value not in {"", UNSAID}}
        place = own.pop(INTERPOLATED, "")
        take_back(drawn, own)
        drawn.key = is_moved(drawn, place)
        if shape.get("source") == _AUTO:
            drawn.source = MODEL
        return drawn

    def _mask(self, drawn: Drawn, points: list[float], frame: int) -> None:
        runs, (left, top, right, bottom) = points[:-4], map(int, points[-4:])
        crop = (left, top, right - left + 1, bottom - top + 1)
        size = self.intake.size(self.rows[frame])
        be_mask(drawn, [int(run) for run in runs], crop, size)

    def _track(self, track: Mapping[str, Any], at: str) -> None:
        """Key frames, and what lies between them; the last one holds until the job ends."""
        label, said = str(track["label"]), dict(track.get("attributes", {}))
        keys: dict[int, Drawn] = {}
        gone: dict[int, bool] = {}
        ours = said.get(TRACK) or f"cvat-{track.get('id')}"
        for shape in sorted(track["shapes"], key=lambda shape: int(shape["frame"])):
            said |= shape.get("attributes", {})  # what a key frame does not say again holds on
            if not self._known({**shape, "group": track.get("group")}, at):
                continue
            frame = int(shape["frame"])
            merged = {**shape, "group": track.get("group"), "source": track.get("source")}
            try:
                drawn = self._drawn(merged, label, {**said, ID: "", TRACK: ours})
            except RowRefused as error:
                self.intake.refuse(error.code, at, error.what, error.remedy, self.rows[frame])
                continue
            keys[frame], gone[frame] = drawn, bool(shape.get("outside"))
        for frame, drawn in self._filled(keys, gone, at).items():
            self.intake.add(self.rows[frame], drawn, f"cvat-{track.get('id')}-{frame}", at)

    def _filled(
        self, keys: Mapping[int, Drawn], gone: Mapping[int, bool], at: str
    ) -> dict[int, Drawn]:
        """By frame; frames on which it is outside are left out."""
        if not keys:
            return {}
        place = {frame: number for number, frame in enumerate(self.order)}
        times = [frame_parts(self._frame(frame))[2] for frame in self.order]
        last = max(keys)
        shown = set()
        for first, after in zip(sorted(keys), [*sorted(keys)[1:], self.order[-1] + 1], strict=True):
            if not gone[first]:
                shown |= {frame for frame in self.order if first <= frame < after}
        if len({(item.shape, len(item.points)) for item in keys.values()}) > 1:
            self.intake.losses.add(
                "frames between key frames of other shapes",
                "the shape before is held: vertices that come and go are not interpolated",
                examples=[at],
            )
        seen = {place[frame] for frame in shown}
        made = filled_between({place[frame]: item for frame, item in keys.items()}, times, seen)
        found = {self.order[number]: item for number, item in made.items()}
        found |= {frame: item for frame, item in keys.items() if not gone[frame]}
        for frame in self.order[place[last] + 1 :]:
            if frame in shown:
                found[frame] = held(keys[last])
        return dict(sorted(found.items()))

    def _frame(self, number: int) -> FrameId:
        return self.intake.pictures.frame(self.rows[number])


def _made(item: Mapping[str, Any]) -> int:
    return int(item.get("id") or 0)


def is_cvat_api(files: LabelFiles) -> bool:
    """A list of jobs, as `labels pull` writes it."""
    head = files.head(".json").lstrip()
    return head.startswith(b"[") and f'"{JOB}"'.encode() in head
