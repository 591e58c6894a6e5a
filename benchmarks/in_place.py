"""Taking 10 GB in where they lie: CPU and bytes read, beside the official reader and beside `cp`.

Half of the bytes are MCAP (120 MB each, pictures and IMU, plain chunks), half MP4 (100 MB each,
H.264). Ours is the whole `ingest`: SHA-256 of every byte, index, checksums, signals, recording
checks, events, commit. Peers in the same run: the official `mcap` reader once over all messages of
the MCAP half, which indexes nothing, and `cp` of everything. CPU is user and system time of the
process and its children; bytes read are what the kernel fetched from the disk after the page cache
was emptied of these files.

    python benchmarks/in_place.py [GB] [WORKERS]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from copying import SCRIPT
from indexing import write_mcap, write_mp4

ITERATE = """
import sys
from mcap.reader import make_reader
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        for _ in make_reader(file).iter_messages():
            pass
"""


def fetched_bytes() -> int:
    """What this process and the children it waited for had the kernel fetch from a disk."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("read_bytes")))


def forget(paths: Sequence[Path]) -> None:
    """Empty the page cache of some files."""
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def spent(command: Sequence[object], paths: Sequence[Path]) -> dict[str, float]:
    """Seconds, CPU seconds and gigabytes fetched by a command, its files not in memory."""
    forget(paths)
    size = sum(path.stat().st_size for path in paths)
    before, usage, begin = fetched_bytes(), _cpu(), time.monotonic()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return {
        "wall_s": round(time.monotonic() - begin, 1),
        "cpu_s": round(_cpu() - usage, 1),
        "cpu_s_per_gb": round((_cpu() - usage) / size * 1e9, 2),
        "fetched_per_byte": round((fetched_bytes() - before) / size, 3),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory() as name:
        root, source = Path(name), Path(name, "depot")
        source.mkdir()
        for number in range(max(1, round(gigabytes / 2 / 0.122))):
            write_mcap(source / f"{number:03d}.mcap", seed=number)
        for number in range(max(1, round(gigabytes / 2 / 0.1))):
            write_mp4(source / f"{number:03d}.mp4", seed=number)
        paths = sorted(source.iterdir())
        mcaps = [path for path in paths if path.suffix == ".mcap"]
        script = root / "script.py"
        script.write_text(SCRIPT.replace("copy=True", "copy=False"))
        told = {
            "gb": round(sum(path.stat().st_size for path in paths) / 1e9, 2),
            "recordings": len(paths),
            "workers": workers,
            "ingest in place": spent(
                [sys.executable, script, root / "workspace", source, workers], paths
            ),
            "mcap reader, the MCAP half": spent([sys.executable, "-c", ITERATE, *mcaps], mcaps),
            "cp": spent(["cp", "-r", source, root / "copied"], paths),
        }
        told["workspace_mb"] = round(
            sum(p.stat().st_size for p in (root / "workspace").rglob("*") if p.is_file()) / 1e6, 1
        )
    print(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
