"""Steps of campaigns: what triggers look at in one recording, and a replay over many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.ingest.campaigns.declared import parse_campaign
from ringroad.ingest.campaigns.moments import moments_of
from ringroad.ingest.campaigns.report import Past, replay
from ringroad.ingest.volume import volume_of
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("numpy", "pyarrow"))
def gather_moments(
    bench: Bench,
    *,
    signals: Artifact,
    events: Artifact,
    frames: Artifact | None = None,
    scores: Artifact | None = None,
) -> Artifact:
    """Lay in order of time what triggers look at in one recording."""
    made = moments_of(
        signals=bench.read_table(signals),
        events=bench.read_table(events),
        frames=None if frames is None else bench.read_table(frames),
        scores=None if scores is None else bench.read_table(scores),
    )
    return bench.write_table("moments", made)


@step(uses=("h3", "numpy", "pyarrow"))
def replay_campaign(
    bench: Bench,
    *,
    campaign: str,
    recordings: list[dict[str, Any]],
    moments: Sequence[Artifact],
    truth: Sequence[Artifact],
    bulk: Sequence[Artifact],
) -> Artifact:
    """Replay the text of a CAMPAIGN.toml over recordings.

    Each of `recordings` holds recording, vehicle, start_ns, end_ns and `bulk`, how many of the
    artifacts of that name are its own; `truth` are events, one artifact per recording.
    """
    past, place = [], 0
    for number, told in enumerate(recordings):
        own = bulk[place : place + told["bulk"]]
        place += told["bulk"]
        past.append(
            Past(
                recording=told["recording"],
                vehicle=told["vehicle"],
                start_ns=told["start_ns"],
                end_ns=told["end_ns"],
                moments=bench.read_table(moments[number]),
                volume=volume_of([bench.read_table(part) for part in own]),
                truth=bench.read_table(truth[number]),
            )
        )
    found = replay(parse_campaign(campaign, subject="campaign"), past)
    return bench.write_json("replay", found.told | {"declared": campaign})
