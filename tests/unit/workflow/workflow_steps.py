"""Steps that the tests of this room run; importable from spawned workers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of
from ringroad.domain.recording import Location
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

RAN: list[str] = []
"""Names of bodies that ran in this process."""


@step()
def note(bench: Bench, *, text: str, suffix: str = "") -> Artifact:
    """Write a text."""
    RAN.append("note")
    return bench.write("note", f"{text}{suffix} {bench.seed}".encode(), "text/plain")


@step()
def join(bench: Bench, *, parts: Sequence[Artifact], between: str) -> Artifact:
    """Join texts."""
    RAN.append("join")
    return bench.write("note", between.encode().join(map(bench.read, parts)), "text/plain")


@step()
def shorten(bench: Bench, *, whole: Artifact, length: int) -> Artifact:
    """Keep the beginning of a text."""
    RAN.append("shorten")
    return bench.write("note", bench.read(whole)[:length], "text/plain")


@step()
def describe(bench: Bench, *, text: str) -> dict[str, Artifact]:
    """Write JSON, rows of a table, a record and a figure."""
    rows = pa.table({"frame_id": [text], "length": [len(text)]})
    described = bench.write_json("described", {"text": text, "length": len(text)})
    bench.measure(described, "effort", 1.5, "s", of=text)
    uri = f"file:/data/{text}"
    location = Location(digest=digest_of(text.encode()), uri=uri, size_bytes=1, modified_ns=2)
    bench.record(location)
    return {"rows": bench.write_table("rows", rows, table_name="frames"), "described": described}


@step()
def node(
    bench: Bench, *, inputs: Sequence[Artifact], world: str, name: int, value: int
) -> Artifact:
    """A node of a random graph: many different inputs give equal outputs."""
    RAN.append(f"{name}")
    total = value + sum(bench.read_json(part)["total"] for part in inputs)
    return bench.write_json("total", {"total": total // 3, "world": world})


@step(retries=2)
def flaky(bench: Bench, *, folder: str, fails: int) -> Artifact:
    """Fail so many times, counted in a folder over processes."""
    tries = len(list(Path(folder).iterdir()))
    (Path(folder) / str(tries)).touch()
    if tries < fails:
        raise RuntimeError(f"attempt {tries} fails")
    return bench.write("note", b"done", "text/plain")


@step(retries=5)
def unreadable(bench: Bench, *, folder: str) -> Artifact:
    """Meet an input that no attempt can read."""
    (Path(folder) / str(time.time_ns())).touch()
    raise UnreadableSource("cut short", subject="a.mp4", remedy="record it again")


class StrangeError(Exception):
    """Cannot be made again from its pickle."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


@step()
def strange(bench: Bench, *, number: int) -> Artifact:
    """Fail on odd numbers with an error that does not travel."""
    if number % 2:
        raise StrangeError(number, 2)
    return bench.write("note", str(number).encode(), "text/plain")


@step(retries=1)
def deadly(bench: Bench, *, folder: str, name: str, deaths: int) -> Artifact:
    """Kill its own process the first times."""
    died = len(list(Path(folder).glob(f"{name}-*")))
    if died < deaths:
        (Path(folder) / f"{name}-{died}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return bench.write("note", name.encode(), "text/plain")


@step()
def scratched(bench: Bench, *, fail: bool) -> Artifact:
    """Leave something in the scratch folder and say where it was."""
    (bench.scratch / "inner").mkdir()
    (bench.scratch / "inner" / "file").write_bytes(b"bulk")
    RAN.append(str(bench.scratch))
    if fail:
        raise RuntimeError("after the mess")
    return bench.write("note", bench.scratch / "inner" / "file", "text/plain")


@step()
def interrupted(bench: Bench, *, text: str) -> Artifact:
    """Be interrupted from the keyboard after the bytes were written."""
    bench.write("note", text.encode(), "text/plain")
    raise KeyboardInterrupt


@step()
def unsteady(bench: Bench, *, text: str) -> Artifact:
    """Make something else each time."""
    return bench.write("note", f"{text} {time.perf_counter_ns()}".encode(), "text/plain")


@step(threads=True)
def threaded(bench: Bench, *, text: str) -> Artifact:
    """Say how many threads there are."""
    return bench.write("note", f"{text} {bench.threads}".encode(), "text/plain")


@step()
def mute(bench: Bench) -> Artifact:
    """Hand back no artifact."""
    return "text"  # type: ignore[return-value]  # this is the mistake


@step()
def forgetful(bench: Bench) -> Artifact:
    """Write rows and hand back something else."""
    bench.write_table("rows", pa.table({"x": [1]}), table_name="frames")
    return bench.write("note", b"x", "text/plain")


@step()
def counted(bench: Bench, *, folder: str, text: str) -> Artifact:
    """Leave a file for each time it ran, over processes."""
    (Path(folder) / f"{os.getpid()}-{time.perf_counter_ns()}").touch()
    time.sleep(0.3)
    return bench.write("note", text.encode(), "text/plain")
