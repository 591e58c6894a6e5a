"""Gathers what a data card tells: rows, annotations, recordings, agreement, coverage, history."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.odd import DEFAULT
from ringroad.datasets.manifest import version_of
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import SPLITS, TEST, TRAIN
from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.ids import RecordingId
from ringroad.domain.time import to_iso
from ringroad.pipelines.curate.covering import cover
from ringroad.pipelines.datasets.log import log
from ringroad.pipelines.datasets.looks import looks_at
from ringroad.pipelines.datasets.names import names_of
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.workspace import Workspace
from ringroad.report.data_card import UNKNOWN, CoverLine, DataCard, HistoryLine, SourceLine

SHOWN_VERSIONS = 30
FEW_UNITS = 5
FINDING = ("create", "append")
"""What is done to a dataset when frames are found for it."""
LABELLING = "labelling"
"""Role of the figures that stand beside a batch which two people answered."""


def describe(
    workspace: Workspace, dataset: Artifact, *, licences: Mapping[str, str], seed: int
) -> DataCard:
    """The data card of a version.

    Args:
        workspace: where it is.
        dataset: the version.
        licences: start of a recording's id -> licence; the longest that fits counts.
        seed: of the intervals of coverage.

    Raises:
        UnknownName: a batch of annotations is gone.
    """
    version, rows = version_of(workspace.blobs, dataset), rows_of(workspace.blobs, dataset)
    batches = labels_of(workspace, rows)
    boxes, empty, origins, authors = _annotations(workspace, rows, batches)
    found, test = looks_at(workspace, dataset)
    coverage, uncovered = _coverage(workspace, dataset, seed)
    splits = [split for split in SPLITS if split in version.counts]
    units = {split: _distinct(rows, split, "unit") for split in splits}
    sources, history = _sources(workspace, rows, licences), _history(workspace, dataset)
    return DataCard(
        id=dataset.id,
        names=names_of(workspace).get(dataset.id, ()),
        header=version.header,
        query=next((line.query for line in history if line.what in FINDING and line.query), ""),
        content=version.content,
        test=test,
        looks=sum(item.test == test for item in found),
        frames={split: version.counts[split] for split in splits},
        units=units,
        recordings={split: _distinct(rows, split, "recording_id") for split in splits},
        boxes=boxes,
        empty=empty,
        origins=origins,
        authors=authors,
        agreement=tuple(_agreement(workspace, batches)),
        sources=sources,
        coverage=coverage,
        uncovered=uncovered,
        history=history,
        limits=tuple(_limits(version.counts, units, boxes, version.header.categories, sources)),
    )


def read_licences(path: Path | None) -> dict[str, str]:
    """Read a file of licences; none where none is named. Raises InputError."""
    if path is None:
        return {}
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot be read: {error}", subject=str(path)) from error
    texts = isinstance(values, dict) and all(isinstance(text, str) for text in values.values())
    if not texts:
        raise InputError(
            "is no list of licences",
            subject=str(path),
            remedy='say {"START OF A RECORDING ID": "LICENCE"}',
        )
    return dict(values)


def _distinct(rows: pa.Table, split: str, column: str) -> int:
    return int(pc.count_distinct(rows.filter(pc.equal(rows["split"], split))[column]).as_py())


def _annotations(
    workspace: Workspace, rows: pa.Table, batches: Sequence[Artifact]
) -> tuple[dict[str, dict[str, int]], dict[str, int], dict[str, int], int]:
    """Split -> category -> count; split -> frames with nothing; origin -> count; authors."""
    counts: Counter[tuple[str, str]] = Counter()
    origins: Counter[str] = Counter()
    authors: set[str] = set()
    for batch in batches:
        mine = rows.filter(pc.equal(rows["annotations"], batch.digest))
        split = dict(zip(mine["frame_id"].to_pylist(), mine["split"].to_pylist(), strict=True))
        columns = ["frame_id", "category", "source", "author"]
        for mark in table_of(workspace, batch).select(columns).to_pylist():
            if mark["frame_id"] not in split:
                continue
            authors.add(mark["author"])
            counts[split[mark["frame_id"]], mark["category"]] += 1
            if mark["category"]:
                origins[mark["source"]] += 1
    boxes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (split_name, category), count in sorted(counts.items()):
        if category:
            boxes[split_name][category] = count
    empty = {name: count for (name, category), count in sorted(counts.items()) if not category}
    return dict(boxes), empty, dict(sorted(origins.items())), len(authors)


def _agreement(
    workspace: Workspace, batches: Sequence[Artifact]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Figures that were made together with a batch."""
    for batch in batches:
        for edge in workspace.catalog.edges(artifact=batch.id):
            made = workspace.catalog.execution(edge.execution) if edge.direction == "out" else None
            if made is None or LABELLING not in made.outputs:
                continue
            told = workspace.json(workspace.catalog.artifact(made.outputs[LABELLING]))
            figures = _numbers(told.get("agreement", {}))
            if figures:
                yield f"{batch.kind}:{batch.digest[:12]}", figures


def _numbers(values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        return {}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def _sources(
    workspace: Workspace, rows: pa.Table, licences: Mapping[str, str]
) -> tuple[SourceLine, ...]:
    frames = Counter(rows["recording_id"].to_pylist())
    found: defaultdict[tuple[str, bool, str], list[str]] = defaultdict(list)
    for name in sorted(frames):
        try:
            recording = workspace.catalog.recording(RecordingId(name))
            kind = recording.container, recording.synthetic
        except UnknownName:
            kind = UNKNOWN, False
        found[*kind, _licence(name, licences)].append(name)
    return tuple(
        SourceLine(
            container=container,
            synthetic=synthetic,
            licence=licence,
            vehicles=len({name.partition("/")[0] for name in names}),
            recordings=len(names),
            frames=sum(frames[name] for name in names),
        )
        for (container, synthetic, licence), names in sorted(found.items())
    )


def _licence(recording: str, licences: Mapping[str, str]) -> str:
    fitting = [start for start in licences if recording.startswith(start)]
    return licences[max(fitting, key=len)] if fitting else UNKNOWN


def _coverage(
    workspace: Workspace, dataset: Artifact, seed: int
) -> tuple[tuple[CoverLine, ...], str]:
    try:
        told = cover(workspace, dataset.id, odd=DEFAULT, seed=seed)
    except (InputError, UnknownName) as error:
        return (), error.what
    lines = [
        CoverLine(
            cell=row["cell"],
            frames=row["frames"],
            recordings=row["recordings"],
            share=row["share"],
            low=row["low"],
            high=row["high"],
            covered=row["covered"],
        )
        for row in told["cells"]
    ]
    return tuple(sorted(lines, key=lambda line: (line.cell.count(","), line.cell))), ""


def _history(workspace: Workspace, dataset: Artifact) -> tuple[HistoryLine, ...]:
    return tuple(
        HistoryLine(
            id=entry.id,
            what=entry.what,
            query=entry.query,
            frames=entry.frames,
            made=to_iso(entry.made_ns)[:19] if entry.made_ns else UNKNOWN,
        )
        for entry in log(workspace, dataset)[:SHOWN_VERSIONS]
    )


def _limits(
    counts: Mapping[str, Mapping[str, int]],
    units: Mapping[str, int],
    boxes: Mapping[str, Mapping[str, int]],
    categories: Sequence[str],
    sources: Sequence[SourceLine],
) -> Iterator[str]:
    """What a reader must not expect of these data, each said once."""
    if TEST not in counts:
        yield "It keeps no test rows: nothing can be evaluated on it."
    for split, count in units.items():
        if count < FEW_UNITS:
            yield (
                f"{count} units in {split}: frames of one unit resemble each other, so figures on "
                f"{split} rest on {count} different situations at most."
            )
    for split in units:
        if bare := [name for name in categories if not boxes.get(split, {}).get(name)]:
            yield f"Nothing of {', '.join(bare)} in {split}: neither learnt nor scored there."
    strange = sorted(set(counts.get(TEST, {})) - set(counts.get(TRAIN, {})))
    if strange and TRAIN in counts:
        yield f"Tested but not trained on: {', '.join(name or UNKNOWN for name in strange)}."
    if any(line.synthetic for line in sources):
        yield "Some recordings are synthetic: figures on them say nothing about real roads."
    yield (
        "Categories that were not looked for may be in the pictures. Nothing here says that the "
        "annotations are right beyond what agreement shows."
    )
