"""The page of one recording: what is above each other happened at the same time."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from ringroad.media.pictures.images import encode_jpeg
from ringroad.report.from_above import BIRD_SIDE, from_above
from ringroad.report.recording_page import recording_page
from ringroad.report.recording_view import Beat, Line, RecordingView, Row, Span, Thumb, Trace
from ringroad.report.timeline import AXIS, LEFT

HOSTILE = "</svg><script>alert(1)</script>\"'&"
SECONDS = np.arange(0.0, 20.0, 0.1)
EMPTY = RecordingView(
    title="car/empty", synthetic=False, duration_s=20.0, facts=(), channels=(), calibrations=(),
    beats=(), thumbs=(), rows=(), events=(), findings=(), useless=(), trace=None, birds=(),
    absent=("No camera frames are in this recording.",),
)  # fmt: skip
FULL = replace(
    EMPTY,
    title="car/full",
    synthetic=True,
    facts=(("begins", "today"),),
    channels=(("/cam", "camera", "jpeg", "200", "10.00 Hz", "64 x 48"),),
    beats=(Beat(channel="/cam", sensor="camera", seconds=SECONDS),),
    thumbs=tuple(
        Thumb(camera="/cam", seconds=at, jpeg=encode_jpeg(np.zeros((48, 64, 3), np.uint8)),
              size=(64, 48))
        for at in (0.0, 10.0, 20.0)
    ),
    rows=(
        Row(name="speed", channel="/motion", unit="m/s",
            lines=(Line(name="speed", seconds=SECONDS, values=np.sin(SECONDS)),)),
    ),
    events=(Span(kind="hard-brake", tone="event", start_s=5.0, end_s=10.0, told="-6 m/s2"),),
    findings=(Span(kind="frozen", tone="error", start_s=15.0, end_s=15.0, told="one picture"),),
    trace=Trace(
        origin="GNSS", east_m=SECONDS * 8, north_m=np.zeros(200), seconds=SECONDS,
        speed=np.full(200, 8.0),
    ),
    absent=(),
)  # fmt: skip


class Seen(HTMLParser):
    """Tags, and those that are open at the end."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "line", "circle", "rect", "image"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag


@pytest.mark.parametrize("view", [EMPTY, FULL, replace(EMPTY, duration_s=0.0)])
def test_a_page_is_whole_and_loads_nothing(view: RecordingView) -> None:
    page = recording_page(view)
    seen = Seen(page)
    assert seen.open == []
    text = page.decode().replace("http://www.w3.org", "")
    assert "http://" not in text
    assert "https://" not in text
    for tag, attributes in seen.tags:
        assert tag not in {"link", "iframe", "object"}
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")


def test_spans_stand_where_they_happened() -> None:
    spans = {
        attributes["class"]: attributes
        for tag, attributes in Seen(recording_page(FULL)).tags
        if tag == "rect" and (attributes["class"] or "").startswith("span")
    }
    brake, frozen = spans["span event"], spans["span error"]
    assert float(brake["x"] or 0) == LEFT + AXIS * 0.25
    assert float(brake["width"] or 0) == AXIS * 0.25
    assert float(frozen["x"] or 0) == LEFT + AXIS * 0.75
    assert float(frozen["width"] or 0) > 0


def test_names_of_files_are_text_and_never_markup() -> None:
    row = replace(FULL.rows[0], name=HOSTILE, channel=HOSTILE, unit=HOSTILE)
    trace = FULL.trace
    assert trace is not None
    view = replace(
        FULL, title=HOSTILE, rows=(row,), trace=replace(trace, origin=HOSTILE),
        beats=(replace(FULL.beats[0], channel=HOSTILE),),
        thumbs=tuple(replace(item, camera=HOSTILE) for item in FULL.thumbs),
        events=(replace(FULL.events[0], kind=HOSTILE, told=HOSTILE),),
        facts=((HOSTILE, HOSTILE),), channels=((HOSTILE,) * 6,), absent=(HOSTILE,),
    )  # fmt: skip
    page = recording_page(view)
    assert [tag for tag, _ in Seen(page).tags].count("script") == 1
    assert b"<script>alert" not in page


def test_a_gap_in_a_signal_is_a_gap_in_its_line() -> None:
    known = np.concatenate([SECONDS[:50], SECONDS[150:]])
    line = Line(name="speed", seconds=known, values=np.ones(len(known)))
    view = replace(FULL, rows=(replace(FULL.rows[0], lines=(line,)),))
    path = re.search(r'class="line s0" d="([^"]+)"', recording_page(view).decode())
    assert path is not None
    assert path[1].count("M") == 2


def test_points_lie_where_they_are_from_above() -> None:
    import io

    from PIL import Image

    ahead, left = np.array([[30.0, 0.0, 4.0]]), np.array([[0.0, 30.0, -2.0]])
    far = np.array([[500.0, 0.0, 0.0], [np.nan, 0.0, 0.0]])
    bird = from_above(np.concatenate([ahead, left, far]), title="one")
    pixels = np.asarray(Image.open(io.BytesIO(bird.picture)))
    lit = {tuple(at) for at in np.argwhere(pixels.sum(axis=2) > 100).tolist()}
    middle = BIRD_SIDE // 2
    assert {at for at in lit if max(abs(at[0] - middle), abs(at[1] - middle)) > 3} == {
        (BIRD_SIDE // 4, middle), (middle, BIRD_SIDE // 4),
    }  # fmt: skip
    assert "4 points" in bird.title
