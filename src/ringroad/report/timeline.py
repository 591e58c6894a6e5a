"""Everything of a recording above one axis of seconds, as one SVG in the page's colours."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from ringroad.report.recording_view import Beat, RecordingView, Row, Span, Thumb

WIDTH, LEFT, RIGHT = 1200, 210, 90
AXIS = WIDTH - LEFT - RIGHT
COLUMNS = 500
"""A signal is drawn as its lowest and highest in so many columns."""
ROW, TALL, HEAD = 22, 64, 30
TICKS = 10
NAME_CHARACTERS = 28
SHORTEST_PX = 3.0


@dataclass(slots=True)
class _Sheet:
    """What was drawn so far, from above."""

    duration_s: float
    parts: list[Markup] = field(default_factory=list)
    height: float = 0.0

    def x(self, seconds: float) -> float:
        """Where a moment is."""
        share = seconds / self.duration_s if self.duration_s > 0 else 0.0
        return LEFT + AXIS * min(1.0, max(0.0, share))

    def put(self, svg: str, /, **values: object) -> None:
        """Add a piece of SVG; values are escaped."""
        self.parts.append(Markup(svg).format(**values))  # noqa: S704 (our own text, values escaped)

    def name(self, text: str, below: str = "", at: float = 14.0) -> None:
        """The name at the left edge, whole as a tooltip."""
        short = text if len(text) <= NAME_CHARACTERS else f"…{text[1 - NAME_CHARACTERS :]}"
        self.put(
            '<text class="name" x="{x}" y="{y}" text-anchor="end">{short}<title>{text}</title>'
            "</text>",
            x=LEFT - 10, y=_px(self.height + at), short=short, text=text,
        )  # fmt: skip
        if below:
            self.put(
                '<text class="unit" x="{x}" y="{y}" text-anchor="end">{below}</text>',
                x=LEFT - 10, y=_px(self.height + at + 14), below=below,
            )  # fmt: skip

    def heading(self, text: str) -> None:
        """A line that says what follows."""
        self.put(
            '<text class="head" x="4" y="{y}">{text}</text>',
            y=_px(self.height + HEAD - 8), text=text,
        )  # fmt: skip
        self.height += HEAD


def timeline(view: RecordingView) -> Markup:
    """One SVG: frames, messages, signals, events, findings, each in rows of their own."""
    sheet = _Sheet(duration_s=view.duration_s)
    _axis(sheet)
    if view.thumbs:
        sheet.heading("Pictures")
        for camera in dict.fromkeys(item.camera for item in view.thumbs):
            _thumbs(sheet, camera, [item for item in view.thumbs if item.camera == camera])
    for heading, spans in (
        ("Events", view.events),
        ("Findings of the checks", view.findings),
        ("Hardly useful", view.useless),
    ):
        if spans:
            sheet.heading(heading)
            for kind in dict.fromkeys(item.kind for item in spans):
                _spans(sheet, kind, [item for item in spans if item.kind == kind])
    if view.rows:
        sheet.heading("Signals")
        for row in view.rows:
            _signals(sheet, row)
    if view.beats:
        sheet.heading("Messages")
        for beat in view.beats:
            _beat(sheet, beat)
    _axis(sheet)
    body = Markup("\n").join(sheet.parts)
    return Markup(
        '<svg class="timeline" viewBox="0 0 {w} {h}" role="img" aria-label="{label}" '
        'data-left="{left}" data-axis="{axis}" data-seconds="{seconds}">\n{body}\n'
        '<line class="cursor" x1="0" x2="0" y1="0" y2="{h}" visibility="hidden"/></svg>'
    ).format(
        w=WIDTH, h=_px(sheet.height), left=LEFT, axis=AXIS, seconds=f"{view.duration_s:.6f}",
        label=f"{view.title} over {view.duration_s:.2f} seconds", body=body,
    )  # fmt: skip


def _axis(sheet: _Sheet) -> None:
    step = _step(sheet.duration_s)
    for number in range(int(sheet.duration_s / step + 1e-9) + 1):
        at = sheet.x(number * step)
        sheet.put(
            '<text class="tick" x="{x}" y="{y}" text-anchor="middle">{text}</text>',
            x=_px(at), y=_px(sheet.height + 14), text=f"{number * step:g} s",
        )  # fmt: skip
    sheet.height += 22
    sheet.put('<line class="rule" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>',
              a=LEFT, b=LEFT + AXIS, y=_px(sheet.height - 3))  # fmt: skip


def _thumbs(sheet: _Sheet, camera: str, thumbs: Sequence[Thumb]) -> None:
    width = AXIS / max(len(thumbs), 6)
    tallest = max(width * item.size[1] / item.size[0] for item in thumbs)
    sheet.name(camera, below=f"{len(thumbs)} shown")
    for place, item in enumerate(thumbs):
        left = LEFT + place * AXIS / len(thumbs) + (AXIS / len(thumbs) - width) / 2
        height = width * item.size[1] / item.size[0]
        at = sheet.x(item.seconds)
        sheet.put(
            '<image x="{x}" y="{y}" width="{w}" height="{h}" href="data:image/jpeg;base64,{data}">'
            "<title>{title}</title></image>",
            x=_px(left + 1), y=_px(sheet.height), w=_px(width - 2), h=_px(height),
            data=b64encode(item.jpeg).decode(), title=f"{camera} at {item.seconds:.3f} s",
        )  # fmt: skip
        sheet.put(
            '<line class="lead" x1="{a}" y1="{y}" x2="{b}" y2="{z}"/>'
            '<circle class="dot" cx="{b}" cy="{z}" r="2.5"/>',
            a=_px(left + width / 2), y=_px(sheet.height + height), b=_px(at),
            z=_px(sheet.height + tallest + 16),
        )  # fmt: skip
    sheet.height += tallest + 24


def _spans(sheet: _Sheet, kind: str, spans: Sequence[Span]) -> None:
    sheet.name(kind, at=12)
    sheet.put('<line class="grid" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>',
              a=LEFT, b=LEFT + AXIS, y=_px(sheet.height + 8))  # fmt: skip
    for item in spans:
        start, end = sheet.x(item.start_s), sheet.x(item.end_s)
        sheet.put(
            '<rect class="span {tone}" x="{x}" y="{y}" width="{w}" height="12" rx="2" '
            'data-start="{start}" data-end="{end}"><title>{title}</title></rect>',
            tone=item.tone, x=_px(start), y=_px(sheet.height + 2),
            w=_px(max(SHORTEST_PX, end - start)), start=f"{item.start_s:.6f}",
            end=f"{item.end_s:.6f}",
            title=f"{item.kind}, {item.start_s:.2f} to {item.end_s:.2f} s: {item.told}",
        )  # fmt: skip
    sheet.height += ROW - 4


def _signals(sheet: _Sheet, row: Row) -> None:
    values = [line.values[np.isfinite(line.values)] for line in row.lines]
    known = [part for part in values if len(part)]
    low = min((float(part.min()) for part in known), default=0.0)
    high = max((float(part.max()) for part in known), default=0.0)
    room = (high - low) or 1.0
    sheet.name(row.name, below=row.channel if len(row.channel) <= NAME_CHARACTERS else "")
    for text, at in ((f"{high:.4g} {row.unit}", 10.0), (f"{low:.4g}", TALL - 8.0)):
        sheet.put('<text class="value" x="{x}" y="{y}">{text}</text>',
                  x=LEFT + AXIS + 6, y=_px(sheet.height + at), text=text.strip())  # fmt: skip
    sheet.put('<rect class="ground" x="{x}" y="{y}" width="{w}" height="{h}"/>',
              x=LEFT, y=_px(sheet.height), w=AXIS, h=TALL - 6)  # fmt: skip
    if low < 0.0 < high:
        zero = sheet.height + (TALL - 10) * (high / room) + 2
        sheet.put('<line class="grid" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>',
                  a=LEFT, b=LEFT + AXIS, y=_px(zero))  # fmt: skip
    for place, line in enumerate(row.lines):
        points = _envelope(sheet, line.seconds, line.values, low, room)
        sheet.put('<path class="line s{place}" d="{d}"><title>{name}</title></path>',
                  place=place, d=points, name=line.name)  # fmt: skip
        if len(row.lines) > 1:
            sheet.put('<text class="legend t{place}" x="{x}" y="{y}">{name}</text>',
                      place=place, x=LEFT + 6 + 70 * place, y=_px(sheet.height + 12),
                      name=line.name)  # fmt: skip
    sheet.height += TALL


def _envelope(
    sheet: _Sheet, seconds: np.ndarray, values: np.ndarray, low: float, room: float
) -> str:
    """A path through lowest and highest of each column; a gap of two columns and more breaks it."""
    finite = np.isfinite(values)
    seconds, values = seconds[finite], values[finite]
    if not len(seconds):
        return ""
    step = max(sheet.duration_s, 1e-9) / COLUMNS
    columns = np.clip((seconds / step).astype(int), 0, COLUMNS)
    usual = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
    firsts = np.flatnonzero(np.r_[True, np.diff(columns) > 0])
    lowest, highest = np.minimum.reduceat(values, firsts), np.maximum.reduceat(values, firsts)
    pieces: list[str] = []
    before: float | None = None
    for at, (down, up) in zip(firsts, zip(lowest, highest, strict=True), strict=True):
        moment = float(seconds[at])
        apart = before is None or moment - before > max(2 * step, 3 * usual)
        ys = [sheet.height + 2 + (TALL - 10) * (1 - (value - low) / room) for value in (down, up)]
        x = _px(sheet.x(moment))
        pieces.append(f"{'M' if apart else 'L'}{x} {_px(ys[0])}")
        if abs(ys[1] - ys[0]) > 0.3:
            pieces.append(f"L{x} {_px(ys[1])}")
        elif apart:
            pieces.append("h0.01")
        before = moment
    return "".join(pieces)


def _beat(sheet: _Sheet, beat: Beat) -> None:
    """A mark per message where they can be told apart, else how many there are by shade."""
    sheet.name(beat.channel, at=12)
    counts = np.zeros(COLUMNS, int)
    step = max(sheet.duration_s, 1e-9) / COLUMNS
    np.add.at(counts, np.clip((beat.seconds / step).astype(int), 0, COLUMNS - 1), 1)
    wide = AXIS / COLUMNS
    marks = "".join(
        f"M{_px(LEFT + (column + 0.5) * wide)} {_px(sheet.height + 3)}v10"
        for column in np.flatnonzero(counts)
    )
    sheet.put('<path class="beat" d="{d}"><title>{text}</title></path>',
              d=marks, text=f"{len(beat.seconds)} messages, {beat.sensor}")  # fmt: skip
    sheet.height += ROW - 4


def _step(duration_s: float) -> float:
    """A round distance between ticks, at most about `TICKS` of them."""
    least = max(duration_s, 1e-3) / TICKS
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least))


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
