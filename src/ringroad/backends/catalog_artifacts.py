"""Artifacts, executions, edges and figures in SQL, and the one commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, insert, select
from sqlalchemy.exc import IntegrityError

from ringroad.backends.catalog_base import SqlRoom, put_missing
from ringroad.backends.catalog_batches import ANNOTATIONS, put_last, write_batches
from ringroad.backends.catalog_leases import fence
from ringroad.backends.catalog_records import write_record, write_records
from ringroad.backends.catalog_rows import (
    artifact_of,
    artifact_row,
    code_row,
    edge_rows,
    execution_of,
    execution_row,
    measurement_of,
)
from ringroad.backends.catalog_schema import ALIAS, ARTIFACT, CODE, EDGE, EXECUTION, MEASUREMENT
from ringroad.domain.artifact import Artifact, Edge, Execution, Lease, Measurement
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId, ExecutionId
from ringroad.domain.nearest import nearest
from ringroad.protocols.catalog import Record

HEX_END = "g"
"""Sorts behind every hex character, so that a prefix is a range that an index can answer."""

_EXECUTIONS = select(EXECUTION, CODE.c.modules).join(CODE, CODE.c.digest == EXECUTION.c.code)
_ONE_EXECUTION = _EXECUTIONS.where(EXECUTION.c.id == bindparam("id"))
_OF_STEP = (
    _EXECUTIONS.where(EXECUTION.c.step == bindparam("step"))
    .order_by(EXECUTION.c.position.desc())
    .limit(bindparam("limit"))
)
_NEWEST = _EXECUTIONS.order_by(EXECUTION.c.position.desc()).limit(bindparam("limit"))
_IS_THERE = select(exists().where(EXECUTION.c.id == bindparam("id")))
_ONE_ARTIFACT = select(ARTIFACT).where(ARTIFACT.c.id == bindparam("id"))
_LIKE_DIGEST = re.compile(r"([a-z-]+:)?[0-9a-f]{6,64}")
NAMED = ("dataset", "model", "onnx")
"""Kinds whose names are told: over HTTP who looks blind learns of no selection or order so."""
MOST_NAMES = 1_000
"""That a mistyped one is held against, which takes some 6 ms then."""
_NAMES = (
    select(ALIAS.c.name)
    .join(ARTIFACT, ARTIFACT.c.id == ALIAS.c.artifact)
    .where(ARTIFACT.c.kind.in_(NAMED))
    .order_by(ALIAS.c.name)
    .limit(MOST_NAMES)
)
_MEASUREMENTS = (
    select(MEASUREMENT)
    .where(MEASUREMENT.c.artifact == bindparam("artifact"))
    .order_by(MEASUREMENT.c.position)
)


class ArtifactRows(SqlRoom):
    """`protocols.catalog.Artifacts` over SQL."""

    def commit(
        self,
        execution: Execution,
        artifacts: Iterable[Artifact],
        records: Iterable[Record] = (),
        *,
        batches: Mapping[ArtifactId, str] | None = None,
        lease: Lease | None = None,
    ) -> None:
        """Make a finished execution true, with all it brought, in one transaction."""
        try:
            with self.writing() as db:
                if db.execute(_IS_THERE, {"id": execution.id}).scalar_one():
                    return
                if lease is not None:
                    fence(db, lease, at_ns=execution.ended_ns)
                put_missing(db, ARTIFACT, [artifact_row(artifact) for artifact in artifacts])
                _write_execution(db, execution)
                heads = write_records(db, records, at_ns=execution.ended_ns)
                write_batches(db, batches or {})
                put_last(db, ANNOTATIONS, heads)
        except IntegrityError as error:
            raise UnknownName(
                "an edge, record or batch names an artifact that the catalog does not hold",
                subject=f"execution {execution.id[:12]} of {execution.key.step}",
                remedy="hand the artifact in with the commit",
            ) from error

    def execution(self, id: ExecutionId) -> Execution | None:
        """The execution of that key, or None where it never completed."""
        with self.reading() as db:
            row = db.execute(_ONE_EXECUTION, {"id": id}).one_or_none()
        return None if row is None else execution_of(row)

    def executions(self, step: str, *, limit: int = 100) -> Sequence[Execution]:
        """Executions of one step, or of all for an empty name, newest first."""
        asked = {"step": step, "limit": limit} if step else {"limit": limit}
        with self.reading() as db:
            rows = db.execute(_OF_STEP if step else _NEWEST, asked).all()
        return [execution_of(row) for row in rows]

    def artifact(self, id: ArtifactId) -> Artifact:
        """One artifact; a unique prefix of the digest is enough. Raises UnknownName."""
        with self.reading() as db:
            row = db.execute(_ONE_ARTIFACT, {"id": id}).one_or_none()
            rows = [row] if row is not None else db.execute(_by_prefix(id)).all()
        if len(rows) == 1:
            return artifact_of(rows[0])
        if not rows:
            raise UnknownName("no artifact is called so", subject=id, remedy=self._hint(id))
        raise UnknownName(
            f"stands for {', '.join(f'{row.kind}:{row.digest[:12]}' for row in rows)}",
            subject=id,
            remedy="give more characters, or the kind before a colon",
        )

    def _hint(self, text: str) -> str:
        """What to do where nothing is called so: the name that is most alike, or where to look."""
        if _LIKE_DIGEST.fullmatch(text) is None:
            with self.reading() as db:
                names = db.execute(_NAMES).scalars().all()
            spelt = {name.partition(":")[0]: name for name in names}
            spelt |= {name.partition(":")[2]: name for name in names} | {n: n for n in names}
            if close := nearest(text, spelt):
                return f"did you mean {spelt[close]}?"
        return (
            "see what there is: ringroad datasets list, ringroad models list, ringroad labels "
            "orders; or give kind:digest"
        )

    def artifacts(self, kind: str = "") -> Sequence[Artifact]:
        """All artifacts of a kind, oldest first."""
        statement = select(ARTIFACT).order_by(ARTIFACT.c.position)
        if kind:
            statement = statement.where(ARTIFACT.c.kind == kind)
        with self.reading() as db:
            return [artifact_of(row) for row in db.execute(statement)]

    def edges(
        self, *, artifact: ArtifactId | None = None, execution: ExecutionId | None = None
    ) -> Sequence[Edge]:
        """Edges that touch an artifact or an execution; all where neither is given."""
        statement = select(EDGE).order_by(EDGE.c.execution, EDGE.c.direction, EDGE.c.role)
        if artifact is not None:
            statement = statement.where(EDGE.c.artifact == artifact)
        if execution is not None:
            statement = statement.where(EDGE.c.execution == execution)
        with self.reading() as db:
            rows = db.execute(statement).all()
        return [
            Edge(
                execution=ExecutionId(row.execution),
                artifact=ArtifactId(row.artifact),
                role=row.role,
                direction=row.direction,
            )
            for row in rows
        ]

    def measurements(self, artifact: ArtifactId) -> Sequence[Measurement]:
        """Figures beside an artifact, oldest first."""
        with self.reading() as db:
            rows = db.execute(_MEASUREMENTS, {"artifact": artifact}).all()
        return [measurement_of(row) for row in rows]

    def note(self, measurements: Iterable[Measurement]) -> None:
        """Add figures that somebody measured outside any step."""
        with self.writing() as db:
            for measurement in measurements:
                write_record(db, measurement)

    def reach(self, artifact: ArtifactId, *, up: bool) -> Sequence[Execution]:
        """All executions before or behind an artifact, at any distance, oldest first."""
        with self.reading() as db:
            rows = db.execute(_UP if up else _DOWN, {"artifact": artifact}).all()
        return [execution_of(row) for row in rows]


def _write_execution(db: Connection, execution: Execution) -> None:
    code = code_row(execution.key)
    put_missing(db, CODE, [code])
    db.execute(insert(EXECUTION), execution_row(execution, code["digest"]))
    if edges := edge_rows(execution):
        db.execute(insert(EDGE), edges)


def _by_prefix(text: str) -> Select[Any]:
    """At most four artifacts whose digest starts so; a kind before a colon narrows."""
    kind, _, start = text.rpartition(":")
    digest = ARTIFACT.c.digest
    statement = select(ARTIFACT).where(digest >= start, digest < start + HEX_END).limit(4)
    if not start:
        return statement.limit(0)
    return statement.where(ARTIFACT.c.kind == kind) if kind else statement


def _reach(*, start: str, step_from: str, step_to: str) -> Select[Any]:
    """Executions linked to an artifact by `start` edges, then on from `step_from` to `step_to`."""
    first = select(EDGE.c.execution).where(
        EDGE.c.artifact == bindparam("artifact"), EDGE.c.direction == start
    )
    reached = first.cte("reached", recursive=True)
    near, far = EDGE.alias("near"), EDGE.alias("far")
    onward = (
        select(far.c.execution)
        .select_from(reached)
        .join(near, (near.c.execution == reached.c.execution) & (near.c.direction == step_from))
        .join(far, (far.c.artifact == near.c.artifact) & (far.c.direction == step_to))
    )
    reached = reached.union(onward)
    return _EXECUTIONS.where(EXECUTION.c.id.in_(select(reached.c.execution))).order_by(
        EXECUTION.c.position
    )


_UP = _reach(start="out", step_from="in", step_to="out")
_DOWN = _reach(start="in", step_from="out", step_to="in")
