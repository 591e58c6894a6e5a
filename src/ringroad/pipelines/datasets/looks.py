"""Looks at test rows: who, when, why. Rows beside a version, never a part of a key.

A test set wears out with every look that somebody acts on, so every one is written down: scores,
gates, re-simulations with truth, and exports of test rows; cached results too. Training by itself
looks at no test row.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass

import pyarrow.compute as pc

from ringroad.datasets.ancestry import ancestors
from ringroad.datasets.identity import identity
from ringroad.datasets.manifest import header_at, version_of
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact, Measurement
from ringroad.domain.dataset import TEST
from ringroad.domain.ids import ArtifactId
from ringroad.media import arrow
from ringroad.pipelines.datasets.merging import history_of
from ringroad.pipelines.finding import executions_at
from ringroad.pipelines.histories import COMPARISON, EVALUATION
from ringroad.pipelines.workspace import Workspace

LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the test rows of a version."""

    version: ArtifactId
    at_ns: int
    who: str
    why: str
    """`evaluate`, `gate NAME`, `export FOLDER` ..."""
    frames: int
    test: str
    """Identity of the test rows: equal for equal rows, whatever the version."""


def look(workspace: Workspace, dataset: Artifact, *, why: str, who: str = "") -> None:
    """Write down that somebody looks at the test rows of a version; nothing where it has none."""
    frames, test = _test_of(workspace, dataset)
    if not frames:
        return
    detail = {
        "who": who or somebody(),
        "why": why,
        "at_ns": workspace.clock.now_ns(),
        "test": test,
    }
    workspace.catalog.note(
        [
            Measurement(
                artifact=dataset.id, name=LOOK, value=float(frames), unit="frames", detail=detail
            )
        ]
    )


def look_again(workspace: Workspace, kpis: Artifact, *, why: str, who: str = "") -> None:
    """Write down that somebody acts on figures: a look at the test rows that they were scored on.

    Nothing where no evaluation here made them.
    """
    found = [
        made
        for step in (EVALUATION, COMPARISON)
        for made in executions_at(workspace, kpis.id, step, direction="out")
    ]
    for made in found[:1]:
        dataset = workspace.catalog.artifact(made.inputs["dataset"])
        look(workspace, dataset, why=why, who=who)


def looks_at(workspace: Workspace, dataset: Artifact) -> tuple[tuple[Look, ...], str]:
    """Looks at these test rows in any version, and at those of earlier versions; oldest first.

    The second value is the identity of the test rows as they are now.
    """
    _, test = _test_of(workspace, dataset)
    mine = ancestors([dataset.id], history_of(workspace).parents)
    found = [
        item
        for artifact in workspace.catalog.artifacts(dataset.kind)
        for item in _looks(workspace, artifact.id)
        if artifact.id in mine or item.test == test
    ]
    return tuple(sorted(found, key=lambda item: item.at_ns)), test


def somebody() -> str:
    """The user of this process, by name or by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _looks(workspace: Workspace, at: ArtifactId) -> list[Look]:
    return [
        Look(
            version=at,
            at_ns=int(str(item.detail["at_ns"])),
            who=str(item.detail["who"]),
            why=str(item.detail["why"]),
            frames=int(item.value),
            test=str(item.detail["test"]),
        )
        for item in workspace.catalog.measurements(at)
        if item.name == LOOK
    ]


def _test_of(workspace: Workspace, dataset: Artifact) -> tuple[int, str]:
    """How many test rows a version has, and their identity; "" where there are none."""
    if dataset.media == arrow.ARROW_FILE:  # of an earlier release: nothing is summed yet
        rows = rows_of(workspace.blobs, dataset)
        rows = rows.filter(pc.equal(rows["split"], TEST))
        return rows.num_rows, identity(rows).get(TEST, "")
    version = version_of(workspace.blobs, dataset)
    return sum(version.counts.get(TEST, {}).values()), version.identity.get(TEST, "")


def is_locked(workspace: Workspace, dataset: Artifact) -> bool:
    """Whether the test rows of a version are locked."""
    return header_at(workspace.blobs, dataset).locked
