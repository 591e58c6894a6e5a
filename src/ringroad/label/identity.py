"""Which tracks of different annotators are one: who was meant, frame after frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from ringroad.domain.ids import FrameId
from ringroad.label.things import Thing

Key = tuple[str, str, str]
"""Recording, annotator, the annotator's name of the track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One thing whose identity annotators see differently, or one annotator changes."""

    frame: FrameId
    place: int
    """Of the thing on its frame."""
    said: Mapping[str, str]
    """Annotator -> the common name of the track they put it in."""
    decided: str


def common_tracks(found: Mapping[FrameId, Sequence[Thing]]) -> dict[Key, str]:
    """Each annotator's tracks under common names.

    Annotators in order: each one's tracks take the names of those they share most frames with,
    one name for one track (Hungarian method over frames in common); what is left gets a name
    of its own. A track that an annotator cut in two keeps its name for the longer part alone.
    """
    names: dict[Key, str] = {}
    for recording, frames in _by_recording(found).items():
        people = sorted({person for frame in frames for thing in found[frame]
                         for person, mark in thing.marks.items() if mark.track})  # fmt: skip
        for person in people:
            _name(names, recording, person, [thing for frame in frames for thing in found[frame]])
    return names


def identities(
    found: Mapping[FrameId, Sequence[Thing]], weights: Mapping[str, float] | None = None
) -> tuple[dict[tuple[FrameId, int], str], list[Switch]]:
    """The track of each thing, by weighted majority, and where annotators were not of one mind.

    Returns:
        (frame, place of the thing) -> common name, for things with a track; disagreements.
    """
    names = common_tracks(found)
    decided: dict[tuple[FrameId, int], str] = {}
    switches: list[Switch] = []
    for frame, things in found.items():
        recording = recording_of(frame)
        for place, thing in enumerate(things):
            said = {
                person: names[recording, person, mark.track]
                for person, mark in thing.marks.items()
                if mark.track
            }
            if not said:
                continue
            votes: dict[str, float] = {}
            for person, name in said.items():
                votes[name] = votes.get(name, 0.0) + (weights or {}).get(person, 1.0)
            best = max(votes, key=lambda name: votes[name])  # of equal ones the first
            decided[frame, place] = best
            if len(set(said.values())) > 1:
                switches.append(Switch(frame=frame, place=place, said=said, decided=best))
    return decided, switches


def recording_of(frame: FrameId) -> str:
    """The recording and channel a frame belongs to; tracks do not reach beyond it."""
    return frame.rpartition("/")[0]


def _by_recording(found: Mapping[FrameId, Sequence[Thing]]) -> dict[str, list[FrameId]]:
    grouped: dict[str, list[FrameId]] = defaultdict(list)
    for frame in sorted(found):
        grouped[recording_of(frame)].append(frame)
    return grouped


def _name(names: dict[Key, str], recording: str, person: str, things: Sequence[Thing]) -> None:
    """Give one annotator's tracks their common names."""
    own = sorted({thing.marks[person].track for thing in things
                  if person in thing.marks and thing.marks[person].track})  # fmt: skip
    together = _together(names, recording, person, things)
    known = sorted({name for name, _ in together})
    counts = np.array([[together[name, track] for track in own] for name in known]).reshape(
        len(known), len(own)
    )
    for row, column in zip(*linear_sum_assignment(counts, maximize=True), strict=True):
        if counts[row, column] > 0:
            names[recording, person, own[column]] = known[row]
    taken = {name for (where, _, _), name in names.items() if where == recording}
    for track in own:
        if (recording, person, track) not in names:
            fresh = track if track not in taken else f"{track}/{person}"
            while fresh in taken:
                fresh += "'"
            taken.add(fresh)
            names[recording, person, track] = fresh


def _together(
    names: Mapping[Key, str], recording: str, person: str, things: Sequence[Thing]
) -> Counter[tuple[str, str]]:
    """How often a common name and a track of one annotator stand on the same thing."""
    counts: Counter[tuple[str, str]] = Counter()
    for thing in things:
        mine = thing.marks.get(person)
        if mine is None or not mine.track:
            continue
        for other, mark in thing.marks.items():
            name = names.get((recording, other, mark.track)) if other != person else None
            if name is not None:
                counts[name, mine.track] += 1
    return counts
