"""What is stored of a version: its header, its layers of rows, what they add up to.

A version is one small JSON document. Its rows lie in layers: a base and edits on top of it, each
an Arrow file of its own that later versions share. Versions of earlier releases are one Arrow
file with rows and header; they are read as a version of one layer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from ringroad.datasets.identity import Identity, changed, digest_of_rows, identity
from ringroad.datasets.version import KIND, header_of, header_read
from ringroad.domain.artifact import Artifact
from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.errors import DigestMismatch
from ringroad.domain.ids import ArtifactId, Digest
from ringroad.media import arrow
from ringroad.protocols.blobs import Blobs

LAYER_KIND = "dataset-rows"
MEDIA = "application/vnd.ringroad.dataset+json"
FORMAT = 2
_HEX = frozenset("0123456789abcdef")

Counts = Mapping[str, Mapping[str, int]]
"""Split -> condition -> frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Rows that count over those of the layers below."""

    digest: Digest
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One dataset version without its rows."""

    header: DatasetHeader
    layers: tuple[Layer, ...]
    """The base first."""
    counts: Counts
    identity: Identity

    @property
    def frames(self) -> int:
        """How many it holds."""
        return sum(sum(parts.values()) for parts in self.counts.values())

    @property
    def parents(self) -> tuple[ArtifactId, ...]:
        """The versions that it continues, the one it was written on first."""
        mine = [at for at in self.header.parents if at.startswith(f"{KIND}:")]
        return tuple(dict.fromkeys(mine))

    @property
    def content(self) -> str:
        """Equal for equal rows, whatever their history."""
        return digest_of_rows(self.identity)

    def edited(self, header: DatasetHeader, *, gone: pa.Table, new: pa.Table) -> Version:
        """The same layers under another header, counted as if rows had gone and come."""
        return replace(
            self,
            header=header,
            counts=_recounted(self.counts, gone, new),
            identity=changed(self.identity, gone=gone, new=new),
        )


def version_of(blobs: Blobs, artifact: Artifact) -> Version:
    """A version without its rows; one of an earlier release is read and summed as a whole.

    Raises:
        DigestMismatch: the bytes are no dataset version.
    """
    data = blobs.get(artifact.digest)
    if artifact.media == arrow.ARROW_FILE:
        rows = arrow.from_bytes(data)
        layer = Layer(digest=artifact.digest, rows=rows.num_rows)
        return version_from(header_of(rows), rows, (layer,))
    return from_bytes(data)


def layers_of(blobs: Blobs, artifact: Artifact) -> tuple[Layer, ...]:
    """The layers of a version, without counting anything. Raises as `version_of`."""
    data = blobs.get(artifact.digest)
    if artifact.media == arrow.ARROW_FILE:
        rows = arrow.from_bytes(data).num_rows
        return (Layer(digest=artifact.digest, rows=rows),)
    return from_bytes(data).layers


def header_at(blobs: Blobs, artifact: Artifact) -> DatasetHeader:
    """What a version claims, without counting anything. Raises as `version_of`."""
    data = blobs.get(artifact.digest)
    if artifact.media == arrow.ARROW_FILE:
        return header_of(arrow.from_bytes(data))
    return from_bytes(data).header


def version_from(header: DatasetHeader, rows: pa.Table, layers: tuple[Layer, ...]) -> Version:
    """A version out of all its rows."""
    empty = rows.slice(0, 0)
    counts = _recounted({}, empty, rows)
    return Version(header=header, layers=layers, counts=counts, identity=identity(rows))


def to_bytes(version: Version) -> bytes:
    """Canonical JSON."""
    return canonical_json({"format": FORMAT, "dataset": version})


def from_bytes(data: bytes) -> Version:
    """Read what `to_bytes` wrote.

    Raises:
        DigestMismatch: the bytes are no dataset version, or one of a later release.
    """
    try:
        document = json.loads(data)
        given = document["format"]
        fields = document["dataset"]
        header = header_read(fields["header"])
        layers = tuple(_layer(part) for part in fields["layers"])
    except (ValueError, KeyError, TypeError) as error:
        raise DigestMismatch(f"not a dataset version: {error!r}") from error
    if given != FORMAT or not layers:
        raise DigestMismatch(
            f"a dataset version of format {given!r}, this release reads {FORMAT}",
            remedy="open the workspace with the release that wrote it",
        )
    return Version(
        header=header, layers=layers, counts=fields["counts"], identity=fields["identity"]
    )


def _layer(part: Mapping[str, object]) -> Layer:
    digest, rows = str(part["digest"]), int(str(part["rows"]))
    if len(digest) != 64 or set(digest) - _HEX:
        raise ValueError(f"{digest!r} is no digest")
    return Layer(digest=Digest(digest), rows=rows)


def _recounted(before: Counts, gone: pa.Table, new: pa.Table) -> Counts:
    counts = Counter(
        {(split, name): n for split, parts in before.items() for name, n in parts.items()}
    )
    for sign, rows in ((-1, gone), (1, new)):
        grouped = rows.select(["split", "condition"]).group_by(
            ["split", "condition"], use_threads=False
        )
        for row in grouped.aggregate([([], "count_all")]).to_pylist():
            counts[row["split"], row["condition"]] += sign * row["count_all"]
    found: dict[str, dict[str, int]] = {}
    for (split, condition), count in sorted(counts.items()):
        if count:
            found.setdefault(split, {})[condition] = count
    return found
