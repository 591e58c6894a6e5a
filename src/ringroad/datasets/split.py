"""Splits frames by recording or by block, so that neighbours in time stay on one side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import SPLITS, TEST, TRAIN, VAL
from ringroad.domain.errors import InputError, UsageError
from ringroad.domain.ids import digest_of

FRACTIONS: Mapping[str, float] = {TRAIN: 0.7, VAL: 0.1, TEST: 0.2}

ROWS = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),
    ]
)
"""What a split returns: by frame id, columns as in `schemas.MANIFEST`."""

_BLOCK = re.compile(r"block of (\d+) frames, (\d+) dropped between")

_NEED = (TRAIN, TEST, VAL)
"""Who gets a unit first where there are fewer than splits: without training nothing is learnt,
without a test nothing is known."""


def by_recording(
    frames: pa.Table,
    *,
    fractions: Mapping[str, float] = FRACTIONS,
    assigned: Mapping[str, str] | None = None,
    seed: int,
) -> pa.Table:
    """Each recording whole in one split.

    Args:
        frames: columns `frame_id`, `recording_id`, `condition` (null counts as "").
        fractions: split -> share of recordings, within each condition.
        assigned: recording -> split, for those that are decided; the rest is drawn.
        seed: of the draw.
    """
    return _split(frames, frames["recording_id"].to_pylist(), fractions, assigned or {}, seed)


def by_block(
    frames: pa.Table,
    *,
    block: int,
    gap: int,
    fractions: Mapping[str, float] = FRACTIONS,
    assigned: Mapping[str, str] | None = None,
    seed: int,
) -> pa.Table:
    """Each block of consecutive frames whole in one split, the frames between blocks left out.

    For few recordings. Blocks are laid along each recording: `block` frames in, `gap` out, and
    so on; a last block shorter than half is left out. Further channels of a recording follow
    the blocks of its first one in time. Units are called `recording#block-003`.

    Args:
        frames: columns `frame_id`, `recording_id`, `channel`, `time_ns`, `condition`.
        block: frames in a unit.
        gap: frames dropped after each.
        fractions: split -> share of units, within each condition.
        assigned: unit -> split, for those that are decided; the rest is drawn.
        seed: of the draw.
    """
    if block < 1 or gap < 0:
        raise UsageError(f"block {block}, gap {gap}", remedy="a block has frames, a gap may be 0")
    units = _block_units(frames, block, gap)
    kept = np.array([unit != "" for unit in units], dtype=bool)
    named = [unit for unit in units if unit]
    return _split(frames.filter(pa.array(kept)), named, fractions, assigned or {}, seed)


def block_unit(block: int, gap: int) -> str:
    """The unit in words, for a dataset header and for intervals."""
    return f"block of {block} frames, {gap} dropped between"


def declared_block(unit: str) -> tuple[int, int] | None:
    """Block and gap that a dataset header declares; None where its unit is a recording."""
    found = _BLOCK.fullmatch(unit)
    return (int(found[1]), int(found[2])) if found else None


def _split(
    frames: pa.Table,
    units: Sequence[str],
    fractions: Mapping[str, float],
    assigned: Mapping[str, str],
    seed: int,
) -> pa.Table:
    _check_fractions(fractions)
    _check_assigned(assigned, units)
    conditions = [condition or "" for condition in frames["condition"].to_pylist()]
    drawn = _draw(_condition_of_units(units, conditions), fractions, assigned, seed)
    table = pa.table(
        {
            "frame_id": frames["frame_id"].combine_chunks(),
            "recording_id": frames["recording_id"].combine_chunks(),
            "unit": pa.array(units, pa.string()),
            "split": pa.array([drawn[unit] for unit in units], pa.string()),
            "condition": pa.array(conditions, pa.string()),
        }
    )
    return table.cast(ROWS).sort_by("frame_id")


def _draw(
    conditions: Mapping[str, str],
    fractions: Mapping[str, float],
    assigned: Mapping[str, str],
    seed: int,
) -> dict[str, str]:
    """Unit -> split. Each condition is drawn by itself, so that one more changes no other."""
    drawn = dict(assigned)
    for condition in sorted(set(conditions.values())):
        open_units = sorted(u for u, c in conditions.items() if c == condition and u not in drawn)
        fixed = Counter(
            assigned[u] for u, c in conditions.items() if c == condition and u in assigned
        )
        quotas = _quotas(len(open_units), fractions, fixed)
        entropy = int(digest_of(canonical_json([seed, condition])), 16)
        order = np.random.Generator(np.random.PCG64(entropy)).permutation(len(open_units))
        places = [split for split in SPLITS for _ in range(quotas.get(split, 0))]
        drawn.update({open_units[i]: split for i, split in zip(order, places, strict=True)})
    return drawn


def _quotas(units: int, fractions: Mapping[str, float], fixed: Mapping[str, int]) -> dict[str, int]:
    """How many units each split gets: one each while they last, then who lacks most."""
    wanted = [split for split in _NEED if fractions.get(split, 0.0) > 0]
    total = units + sum(fixed.values())
    quotas = dict.fromkeys(wanted, 0)
    for _ in range(units):
        have = {split: quotas[split] + fixed.get(split, 0) for split in wanted}
        bare = [split for split in wanted if have[split] == 0]
        pick = bare[0] if bare else max(wanted, key=lambda s: fractions[s] * total - have[s])
        quotas[pick] += 1
    return quotas


def _condition_of_units(units: Sequence[str], conditions: Sequence[str]) -> dict[str, str]:
    """The condition that most frames of a unit have, ties by name."""
    counts: dict[str, Counter[str]] = {}
    for unit, condition in zip(units, conditions, strict=True):
        counts.setdefault(unit, Counter())[condition] += 1
    return {unit: min(c, key=lambda name: (-c[name], name)) for unit, c in counts.items()}


def _block_units(frames: pa.Table, block: int, gap: int) -> list[str]:
    """Unit of each frame; empty for a frame that is left out."""
    recordings = np.asarray(frames["recording_id"].to_pylist(), dtype=object)
    channels = np.asarray(frames["channel"].to_pylist(), dtype=object)
    times = np.asarray(frames["time_ns"], dtype=np.int64)
    units = [""] * len(frames)
    for recording in sorted(set(recordings)):
        places = np.flatnonzero(recordings == recording)
        first = min(channels[places])
        beat = np.sort(times[places][channels[places] == first])
        turns = np.maximum(np.searchsorted(beat, times[places], side="right") - 1, 0)
        for place, turn in zip(places, turns, strict=True):
            number, inside = divmod(int(turn), block + gap)
            length = min(block, len(beat) - number * (block + gap))
            if inside < block and 2 * length >= block:
                units[place] = f"{recording}#block-{number:03d}"
    return units


def _check_assigned(assigned: Mapping[str, str], units: Sequence[str]) -> None:
    if unknown := sorted(set(assigned) - set(units)):
        raise InputError(
            "a split is assigned to a unit that has no frames here",
            subject=unknown[0],
            remedy="correct its name or leave it out",
        )
    if strange := sorted(set(assigned.values()) - set(SPLITS)):
        raise InputError(f"unknown split {strange[0]!r}", remedy=f"use {', '.join(SPLITS)}")


def _check_fractions(fractions: Mapping[str, float]) -> None:
    unknown = sorted(set(fractions) - set(SPLITS))
    if unknown:
        raise InputError(f"unknown split {unknown[0]!r}", remedy=f"use {', '.join(SPLITS)}")
    if not fractions or min(fractions.values()) < 0 or abs(sum(fractions.values()) - 1) > 1e-6:
        raise UsageError(
            f"fractions {dict(fractions)} are no shares",
            remedy="give numbers of 0 or more that sum to 1",
        )
