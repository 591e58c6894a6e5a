"""Test rows that are locked stay as they are. Who may unlock them is decided elsewhere."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.changes import Changes
from ringroad.domain.dataset import TEST
from ringroad.domain.errors import SplitLocked

SHOWN = 3


def check_lock(found: Changes, *, name: str) -> None:
    """Raise SplitLocked where a frame is a test row, or becomes one, among what differs."""
    parts = [part.filter(pc.equal(part["split"], TEST)) for part in (found.before, found.after)]
    touched = pa.concat_tables(parts)
    if not touched.num_rows:
        return
    frames = pc.unique(touched["frame_id"])
    units = sorted(pc.unique(touched["unit"]).to_pylist())
    shown = ", ".join(units[:SHOWN]) + (f" and {len(units) - SHOWN} more" if units[SHOWN:] else "")
    raise SplitLocked(
        f"the test rows are locked; {len(frames)} of them would change, in {shown}",
        subject=name,
        remedy="leave test rows out, or unlock them for all to see: "
        f"ringroad datasets unlock {name} --reason WHY",
    )
