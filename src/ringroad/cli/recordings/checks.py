"""`ringroad recordings checks`: what the checks found, as lines, JSON or a page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
import pyarrow as pa

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import RecordingId
from ringroad.ingest.checks import SEVERITIES, CheckLimits, read_limits
from ringroad.pipelines.recordings.checking import Checked, checked, findings_of
from ringroad.pipelines.workspace import Workspace


@command()
@click.argument("id", default="")
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default=SEVERITIES[0],
    show_default=True,
    help="At least so severe.",
)
@click.option(
    "--limits",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check again with the limits of a TOML file, section [checks].",
)
@click.option("--again", is_flag=True, help="Check again: frames were decoded since, or the like.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one recording's findings as a self-contained page.",
)
def checks(
    door: Door, id: str, severity: str, limits: Path | None, again: bool, report: Path | None
) -> None:
    """What the checks found in one recording, or in all of them.

    Recordings that were not checked yet are checked now; the others with --again or --limits.
    """
    if report is not None and not id:
        raise UsageError(
            "a report is of one recording", remedy="name it: ringroad recordings checks ID"
        )
    known = CheckLimits() if again else None
    known = read_limits(limits) if limits is not None else known
    with opened(door) as workspace:
        catalog = workspace.catalog
        wanted = (catalog.recording(RecordingId(id)),) if id else catalog.recordings()
        done = checked(workspace, wanted, known)
        rows = findings_of(workspace, done, severity=severity).to_pylist()
        if report is not None:
            _write_page(workspace, done[0], severity, report)
    starts = {item.recording.id: item.recording.start_ns for item in done}
    lines = [line_of(row, starts[row["recording_id"]]) for row in rows]
    lines.append(f"{len(rows)} findings in {len(done)} recordings")
    lines += [f"report   {report}"] if report is not None else []
    value = {"findings": rows, "recordings": len(done)}
    door.give(value | ({"report": str(report)} if report else {}), "\n".join(lines))


def _write_page(workspace: Workspace, done: Checked, severity: str, report: Path) -> None:
    """Plots are imported here: every other command would wait half a second for them."""
    from ringroad.pipelines.recordings.check_evidence import checks_report
    from ringroad.report.render import render

    report.write_bytes(render(checks_report(workspace, done, severity=severity)))


def counted(rows: pa.Table) -> dict[str, int]:
    """How many findings there are of each severity, the most severe first."""
    found = Counter(rows.column("severity").to_pylist())
    return {severity: found[severity] for severity in reversed(SEVERITIES)}


def line_of(row: dict[str, object], start_ns: int) -> str:
    """One finding in one line; times since its recording began."""
    begin, end = ((int(str(row[name])) - start_ns) / 1e9 for name in ("start_ns", "end_ns"))
    where = f"{row['recording_id']} {row['channel']}".rstrip()
    return (
        f"{row['severity']:<8} {row['check']:<28} {where}  {begin:.2f} to {end:.2f} s: "
        f"{row['message']}"
    )
