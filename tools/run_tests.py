"""Run the test suite and say plainly how many tests were skipped, and why."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter


def main() -> int:
    """Run pytest with the arguments given; return its exit status."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *sys.argv[1:]],
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    reasons: Counter[str] = Counter()
    for line in process.stdout or ():
        print(line, end="", flush=True)
        if found := re.match(r"SKIPPED \[(\d+)\] (?:\S+: )?(.*)", line):
            reasons[found.group(2).strip()] += int(found.group(1))
    status = process.wait()
    print(f"took {time.monotonic() - started:.0f} s, skipped: {sum(reasons.values())}")
    for reason, count in reasons.most_common():
        print(f"  {count} x {reason}")
    return status


if __name__ == "__main__":
    sys.exit(main())
