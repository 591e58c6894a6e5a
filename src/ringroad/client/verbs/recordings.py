"""Verbs of recordings. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ringroad.client.shapes.recordings import (
    FrameTold,
    MarkList,
    RecordingPage,
    RecordingTold,
    RowPage,
    SignalCurves,
    SignalList,
    SweepList,
    Timeline,
    Traces,
)
from ringroad.client.shapes.shared import FramePage, OperationTold
from ringroad.client.wire import Wire

if TYPE_CHECKING:
    import pyarrow as pa


class Recordings(Wire):
    """Verbs of recordings."""

    def list_annotations(
        self, *, recording: str, channel: str, first: int | None = None, last: int | None = None
    ) -> MarkList:
        """Annotations that count, of the frames of one camera between two sequence numbers."""
        found: MarkList = self._json(
            "GET",
            "/annotations",
            query={"recording": recording, "channel": channel, "first": first, "last": last},
        )
        return found

    def list_checks(
        self,
        *,
        recording: str | None = None,
        severity: Literal["info", "warning", "error"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> RowPage:
        """What the checks found, at least so severe; `missing` names recordings not checked yet."""
        found: RowPage = self._json(
            "GET",
            "/checks",
            query={
                "recording": recording,
                "severity": severity,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def list_checks_table(
        self,
        *,
        recording: str | None = None,
        severity: Literal["info", "warning", "error"] | None = None,
    ) -> pa.Table:
        """What the checks found, at least so severe; `missing` names recordings not checked yet."""
        return self._table("GET", "/checks", query={"recording": recording, "severity": severity})

    def check_recordings(
        self, *, idempotency_key: str | None = None, recordings: Sequence[str] | None = None
    ) -> OperationTold:
        """Check recordings again, with the limits that are usual."""
        found: OperationTold = self._json(
            "POST",
            "/checks",
            header={"Idempotency-Key": idempotency_key},
            body={"recordings": recordings},
        )
        return found

    def list_events(
        self,
        *,
        recording: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> RowPage:
        """What happened; `missing` names recordings in which nobody looked yet."""
        found: RowPage = self._json(
            "GET",
            "/events",
            query={
                "recording": recording,
                "kind": kind,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def list_events_table(
        self, *, recording: str | None = None, kind: str | None = None
    ) -> pa.Table:
        """What happened; `missing` names recordings in which nobody looked yet."""
        return self._table("GET", "/events", query={"recording": recording, "kind": kind})

    def find_events(
        self, *, idempotency_key: str | None = None, recordings: Sequence[str] | None = None
    ) -> OperationTold:
        """Find events in recordings, and how useful each stretch of them is."""
        found: OperationTold = self._json(
            "POST",
            "/events",
            header={"Idempotency-Key": idempotency_key},
            body={"recordings": recordings},
        )
        return found

    def list_frames(
        self,
        *,
        recording: str,
        channel: str | None = None,
        around: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> FramePage:
        """Camera frames of a recording by channel and sequence, as ingest wrote them."""
        found: FramePage = self._json(
            "GET",
            "/frames",
            query={
                "recording": recording,
                "channel": channel,
                "around": around,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def list_frames_table(
        self, *, recording: str, channel: str | None = None, around: str | None = None
    ) -> pa.Table:
        """Camera frames of a recording by channel and sequence, as ingest wrote them."""
        return self._table(
            "GET", "/frames", query={"recording": recording, "channel": channel, "around": around}
        )

    def show_frame(self, id: str) -> FrameTold:
        """One frame, its neighbours in its channel, and the annotations that count."""
        found: FrameTold = self._json("GET", "/frames/{id}", path={"id": id})
        return found

    def show_picture(
        self, id: str, *, form: Literal["recorded", "proxy"] | None = None, width: int | None = None
    ) -> bytes:
        """A frame as JPEG: as recorded, or smaller from its proxy where it has one."""
        return self._bytes(
            "GET", "/pictures/{id}", path={"id": id}, query={"form": form, "width": width}
        )

    def list_predictions(
        self, *, recording: str, channel: str, first: int | None = None, last: int | None = None
    ) -> MarkList:
        """What models found on the frames of one camera between two sequence numbers."""
        found: MarkList = self._json(
            "GET",
            "/predictions",
            query={"recording": recording, "channel": channel, "first": first, "last": last},
        )
        return found

    def list_recordings(
        self,
        *,
        vehicle: str | None = None,
        synthetic: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> RecordingPage:
        """All recordings by id, and the sources that were refused."""
        found: RecordingPage = self._json(
            "GET",
            "/recordings",
            query={
                "vehicle": vehicle,
                "synthetic": synthetic,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def show_recording(self, id: str) -> RecordingTold:
        """One recording with its channels, sweeps and calibrations."""
        found: RecordingTold = self._json("GET", "/recordings/{id}", path={"id": id})
        return found

    def make_view(
        self,
        *,
        recording: str,
        idempotency_key: str | None = None,
        from_s: float | None = None,
        until_s: float | None = None,
    ) -> OperationTold:
        """A recording, or a stretch of it, for the Rerun viewer; its result names the view."""
        found: OperationTold = self._json(
            "POST",
            "/rerun-views",
            header={"Idempotency-Key": idempotency_key},
            body={"recording": recording, "from_s": from_s, "until_s": until_s},
        )
        return found

    def show_view(self, name: str) -> bytes:
        """What the viewer's page at `/rerun/?view=NAME` reads."""
        return self._bytes("GET", "/rerun-views/{name}.rrd", path={"name": name})

    def list_signals(self, *, recording: str) -> SignalList:
        """Which signals a recording has; all their values where NDJSON or Arrow is asked for."""
        found: SignalList = self._json("GET", "/signals", query={"recording": recording})
        return found

    def list_signals_table(self, *, recording: str) -> pa.Table:
        """Which signals a recording has; all their values where NDJSON or Arrow is asked for."""
        return self._table("GET", "/signals", query={"recording": recording})

    def show_signal(
        self,
        *,
        recording: str,
        name: Sequence[str],
        channel: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        points: int | None = None,
    ) -> SignalCurves:
        """Curves between two times; each stretch keeps its smallest and its largest value."""
        found: SignalCurves = self._json(
            "GET",
            "/signals/curves",
            query={
                "recording": recording,
                "name": name,
                "channel": channel,
                "start_ns": start_ns,
                "end_ns": end_ns,
                "points": points,
            },
        )
        return found

    def list_sweeps(self, *, recording: str) -> SweepList:
        """Sweeps of the lidars and radars of a recording, by channel and sequence."""
        found: SweepList = self._json("GET", "/sweeps", query={"recording": recording})
        return found

    def show_sweep(self, id: str, *, most: int | None = None) -> bytes:
        """A sweep in its sensor's coordinates, evenly thinned: seven bytes a point."""
        return self._bytes("GET", "/sweeps/{id}", path={"id": id}, query={"most": most})

    def show_timeline(self, *, recording: str) -> Timeline:
        """When each camera, lidar and radar of a recording recorded: the axis of a page."""
        found: Timeline = self._json("GET", "/timeline", query={"recording": recording})
        return found

    def list_traces(self, *, recording: str | None = None) -> Traces:
        """Where vehicles were: one recording in full, or all of them, thinned for a map."""
        found: Traces = self._json("GET", "/traces", query={"recording": recording})
        return found
