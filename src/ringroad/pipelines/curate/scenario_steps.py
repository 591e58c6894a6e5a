"""Steps over one recording: when each atom held. Their own module, so that keys stay small."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.scenario.ego import ego_state
from ringroad.curate.scenario.find import find_intervals
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import RecordingId
from ringroad.media.schemas import TRACKS
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("numpy", "pyarrow"))
def find_scenarios(
    bench: Bench, *, signals: Artifact, recording: str, tracks: Artifact | None = None
) -> Artifact:
    """Find when each atom held in one recording, by its signals and tracks."""
    ego = ego_state(bench.read_table(signals), RecordingId(recording))
    things = TRACKS.empty_table() if tracks is None else bench.read_table(tracks)
    found = find_intervals(ego, things, recording=RecordingId(recording))
    return bench.write_table("intervals", found, table_name="intervals", about=[recording])


@step(uses=("pyarrow",))
def keep_tracks(bench: Bench, *, rows: Artifact, recording: str) -> Artifact:
    """The tracks of one recording out of a file's."""
    whole = bench.read_table(rows)
    mine = whole.filter(pc.equal(whole["recording_id"].cast(pa.string()), recording))
    return bench.write_table("tracks", mine.unify_dictionaries(), packed=True)
