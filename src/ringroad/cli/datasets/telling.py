"""Dataset versions in words and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ringroad.datasets.diff import DatasetDiff
from ringroad.datasets.manifest import version_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import SPLITS
from ringroad.domain.errors import UsageError
from ringroad.pipelines.datasets.edits import Written
from ringroad.pipelines.workspace import Workspace

SHORT = 20
SPLITS_HELP = "With commas between. Taking test frames out is a look at them."


def told(workspace: Workspace, dataset: Artifact) -> dict[str, Any]:
    """What one version claims and holds."""
    version = version_of(workspace.blobs, dataset)
    return {
        "id": dataset.id,
        "header": asdict(version.header),
        "splits": version.counts,
        "content": version.content,
        "layers": len(version.layers),
    }


def splits_named(text: str) -> tuple[str, ...]:
    """Splits with commas between, in their usual order. Raises UsageError."""
    named = {part.strip() for part in text.split(",") if part.strip()}
    if unknown := sorted(named - set(SPLITS)):
        raise UsageError(f"unknown split {unknown[0]!r}", remedy=f"known: {', '.join(SPLITS)}")
    if not named:
        raise UsageError("names no split", remedy=f"known: {', '.join(SPLITS)}")
    return tuple(split for split in SPLITS if split in named)


def counted(splits: Mapping[str, Mapping[str, int]]) -> str:
    """Frames by split."""
    return ", ".join(f"{split} {sum(parts.values())} frames" for split, parts in splits.items())


def conditions(parts: Mapping[str, int]) -> str:
    """Frames by condition."""
    named = ", ".join(f"{condition or 'unknown'} {count}" for condition, count in parts.items())
    return f"{sum(parts.values())} frames: {named}"


def told_written(name: str, done: Written, *, what: str, dry_run: bool = False) -> str:
    """What an edit came to, in one line."""
    rows = f"{done.put} rows put, {done.removed} frames removed"
    if dry_run:
        return f"dataset:{name} would have {rows}; nothing was written"
    if not done.changed:
        return f"dataset:{name} -> {done.version.id}\n  nothing changed"
    return f"dataset:{name} -> {done.version.id}\n  {what}: {rows}"


def written_values(done: Written) -> dict[str, Any]:
    """What an edit came to, as plain values."""
    return {
        "id": done.version.id,
        "parent": done.before.id,
        "changed": done.changed,
        "put": done.put,
        "removed": done.removed,
    }


def told_diff(found: DatasetDiff) -> list[str]:
    """One line per kind of change."""
    counts = {
        "added": len(found.added),
        "removed": len(found.removed),
        "moved to another split": len(found.moved),
        "annotated anew": len(found.reannotated),
        "weighted anew": len(found.reweighted),
        "grouped anew": len(found.regrouped),
    }
    lines = [f"{count:6} frames {what}" for what, count in counts.items() if count]
    for what, table in (("frames", found.frames), ("boxes on them", found.boxes)):
        for split, parts in table.items():
            lines += [
                f"  {split} {name or 'unknown'}: {shift.before} -> {shift.after} {what}"
                for name, shift in parts.items()
                if shift.before != shift.after
            ]
    return lines + [f"  {name}: {old} -> {new}" for name, (old, new) in found.claims.items()]
