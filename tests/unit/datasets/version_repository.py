"""Versions in memory: real manifests and layers over a dictionary of bytes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pyarrow as pa

from ringroad.datasets.edits import Edited, edited, edits_of
from ringroad.datasets.manifest import Layer, Version, version_from
from ringroad.datasets.merge import History
from ringroad.datasets.revert import reverted
from ringroad.datasets.stack import Stack, layer_of
from ringroad.datasets.version import build
from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.ids import ArtifactId, Digest, digest_of
from ringroad.media import arrow
from ringroad.media.schemas import MANIFEST

HEADER = DatasetHeader(name="d", categories=("car",))


def rows(*given: tuple[str, ...], **cells: object) -> pa.Table:
    """Rows of (frame, split, annotations); each frame its own unit unless `cells` says else."""
    fixed = {"recording_id": "r", "condition": "day", "weight": 1.0, **cells}
    listed = [
        {
            "unit": frame,
            **fixed,
            "frame_id": frame,
            "split": (rest or ("train",))[0],
            "annotations": (*rest, "", "x")[1] or "x",
        }
        for frame, *rest in given
    ]
    return pa.Table.from_pylist(listed, schema=MANIFEST)


@dataclass
class Repository:
    """What pipelines do, without a catalog."""

    layers: dict[str, pa.Table] = field(default_factory=dict)
    versions: dict[ArtifactId, Version] = field(default_factory=dict)
    written: int = 0
    """Bytes of layers."""

    @property
    def history(self) -> History:
        return History(version=self.versions.__getitem__, fetch=self.layers.__getitem__)

    def begin(self, table: pa.Table, header: DatasetHeader = HEADER) -> ArtifactId:
        built = build(header, table).replace_schema_metadata(None)
        return self.keep(version_from(header, built, (self.put(built),)))

    def edit(self, parent: ArtifactId, table=None, removed=(), **claims) -> ArtifactId:
        version = self.versions[parent]
        header = replace(version.header, parents=(parent,), **claims)
        layer = edits_of(table, removed)
        return self.write(parent, edited(version, self.stack(parent), layer, header=header))

    def revert(self, parent: ArtifactId, to: ArtifactId) -> ArtifactId:
        made = reverted(
            self.versions[parent],
            self.versions[to],
            self.stack(parent),
            self.stack(to),
            parent=parent,
            reason=f"back to {to}",
        )
        return self.keep(made)

    def write(self, onto: ArtifactId, made: Edited) -> ArtifactId:
        if not len(made.changes):
            return self.keep(made.version)
        kept, table = self.stack(onto).grown(made.changes.layer)
        return self.keep(replace(made.version, layers=(*kept, self.put(table))))

    def stack(self, at: ArtifactId) -> Stack:
        return self.history.stack(at)

    def put(self, table: pa.Table) -> Layer:
        data = arrow.to_bytes(table, packed=True)
        self.written += len(data)
        digest = digest_of(data)
        self.layers[digest] = layer_of(arrow.from_bytes(data))
        return Layer(digest=Digest(digest), rows=table.num_rows)

    def keep(self, version: Version) -> ArtifactId:
        at = ArtifactId(f"dataset:{digest_of(canonical_json(version))}")
        self.versions[at] = version
        return at
