"""`ringroad recordings export` and `transcode`: standard files, and frames in other forms."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.ids import RecordingId
from ringroad.domain.time import to_iso
from ringroad.media.pictures.profiles import AS_RECORDED, PROFILES, profile_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.exporting import AROUND_S, MCAP, RRD, Exported, Wish
from ringroad.pipelines.recordings.exporting import export as export_files
from ringroad.pipelines.recordings.transcoding import Transcoded
from ringroad.pipelines.recordings.transcoding import transcode as transcode_cameras
from ringroad.pipelines.workspace import Workspace

SECONDS = "S"
CHANNEL = click.option(
    "--channel", "channels", multiple=True, help="Only this one; may be given again."
)
WIDTH = click.option(
    "--width",
    type=int,
    default=0,
    help="Of the profile's pictures in pixels.",
    show_default="its own",
)


@command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder; or, for one recording, a file that ends in .mcap or .rrd.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice([MCAP, RRD]),
    help="By the suffix of --to, else mcap. rrd needs the extra: pip install 'ringroad[rerun]'.",
)
@click.option("--from-s", type=float, metavar=SECONDS, help="Since the recording began.")
@click.option("--until-s", type=float, metavar=SECONDS, help="Up to, not including.")
@click.option("--event", default="", help="One event by id, or by kind where there is one of it.")
@click.option(
    "--around-s",
    type=click.FloatRange(0),
    default=AROUND_S,
    show_default=True,
    metavar=SECONDS,
    help="Of an event: before and after it.",
)
@CHANNEL
@click.option(
    "--profile",
    type=click.Choice([AS_RECORDED, *PROFILES]),
    default=AS_RECORDED,
    show_default=True,
    help="The form in which frames leave.",
)
@WIDTH
def export(
    door: Door,
    ids: tuple[str, ...],
    to: Path,
    format_: str | None,
    from_s: float | None,
    until_s: float | None,
    event: str,
    around_s: float,
    channels: tuple[str, ...],
    profile: str,
    width: int,
) -> None:
    """Write recordings, or a segment of each, as MCAP or .rrd.

    MCAP opens in Foxglove, Rerun and ROS 2, and `ringroad ingest` reads it again. Pictures and
    videos leave as they were recorded, or in another form with --profile; what does not go along
    is listed in the file and here.
    """
    wish = Wish(
        format=format_ or (RRD if to.suffix == f".{RRD}" else MCAP),
        profile=profile,
        width=width,
        from_s=from_s,
        until_s=until_s,
        event=event,
        around_s=around_s,
        channels=channels,
    )
    with opened(door) as workspace:
        made = export_files(workspace, ids, to, wish)
    lines = [line for item in made for line in _lines(item)]
    door.give({"exported": [_value(item) for item in made]}, "\n".join(lines))


@command()
@click.argument("id")
@click.option("--profile", type=click.Choice([*PROFILES]), required=True)
@WIDTH
@CHANNEL
def transcode(door: Door, id: str, profile: str, width: int, channels: tuple[str, ...]) -> None:
    """Store a recording's frames in another form beside the one they were recorded in.

    training: H.264 with a key frame every 10, 640 pixels wide, all frames. preview: 320 pixels
    wide, each second frame, coarse. Frames keep their ids and times. What was made before is
    found again; where the installed PyAV has no H.264 encoder, frames are stored as JPEG.
    """
    wished = profile_of(profile, width=width)
    assert wished is not None  # noqa: S101 (as-recorded is no choice here)
    with opened(door) as workspace:
        recording = workspace.catalog.recording(RecordingId(id))
        made = transcode_cameras(workspace, recording, wished, channels=channels)
        sizes = [_size(workspace, item) for item in made]
    rows = [_told(item, size) for item, size in zip(made, sizes, strict=True)]
    door.give({"transcoded": rows}, "\n".join(map(_transcoded_line, rows)))


def _size(workspace: Workspace, item: Transcoded) -> tuple[str, int, int]:
    """Encoding, width and height of the stored frames."""
    first = table_of(workspace, item.rows).slice(0, 1).to_pylist()[0]
    return first["encoding"], first["width"], first["height"]


def _told(item: Transcoded, size: tuple[str, int, int]) -> dict[str, Any]:
    encoding, width, height = size
    return {
        "recording": item.recording.id,
        "channel": item.channel,
        "profile": item.profile.name,
        "encoding": encoding,
        "width": width,
        "height": height,
        "frames": item.frames,
        "bytes": item.video.size_bytes,
        "recorded_bytes": item.recorded_bytes,
        "video": item.video.id,
        "rows": item.rows.id,
    }


def _transcoded_line(row: dict[str, Any]) -> str:
    return (
        f"{row['channel']}  {row['frames']} frames as {row['encoding']}, {row['width']}x"
        f"{row['height']}, {row['bytes'] / 1e6:.2f} MB (recorded {row['recorded_bytes'] / 1e6:.2f} "
        f"MB)  {row['video'][:18]}"
    )


def _value(item: Exported) -> dict[str, Any]:
    return asdict(item) | {"path": str(item.path)}


def _lines(item: Exported) -> list[str]:
    size = f"{item.size_bytes / 1e6:.2f} MB"
    held = f"{sum(item.messages.values())} messages on {len(item.messages)} topics"
    lasts = f"{to_iso(item.begin_ns)} to {to_iso(item.end_ns)}"
    lines = [f"{item.path}  {size}, {held}, {lasts}"]
    lines += [f"  note  {note}" for note in item.notes]
    for loss in item.losses:
        where = f"{loss.channel}: " if loss.channel else ""
        lines.append(f"  lost  {where}{loss.what} ({loss.why})")
    return lines
