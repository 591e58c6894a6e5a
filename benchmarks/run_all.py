"""Run every benchmark in this folder, one after the other; `make bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LAST = "demo_seeds.py"


def main() -> int:
    """Run them; the longest comes last."""
    folder = Path(__file__).parent
    scripts = sorted(folder.glob("*.py"), key=lambda path: (path.name == LAST, path.name))
    status = 0
    for script in scripts:
        if script.name != Path(__file__).name:
            print(f"== {script.name}", flush=True)
            status |= subprocess.run([sys.executable, str(script)], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
