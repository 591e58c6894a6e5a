"""Every error Ringroad raises on purpose, drawn once.

RingroadError
├── UsageError              what was asked cannot be understood
│   ├── UnknownName         a name that no table, alias or collection holds
│   ├── InvalidConfig       a configuration file or value that breaks a rule
│   └── MissingExtra        a feature whose optional packages are not installed
├── InputError              something the user gave cannot be used
│   ├── UnreadableSource    a source that no reader understands, or a damaged one
│   ├── SourceChanged       an in-place source differs from what was ingested
│   ├── SourceMissing       an in-place source is no longer where it was
│   ├── InvalidAnnotations  an annotation file with contradictory rows
│   └── SplitLocked         an edit of test rows that are locked
├── IntegrityError          bytes differ from the digest they are known by
│   ├── DigestMismatch      a blob, range or manifest
│   └── PlanRefused         a plan whose manifest forbids loading it here
├── Conflict                somebody else was first
│   ├── LeaseLost           a lease expired or was fenced off
│   ├── AliasMoved          an alias no longer points where the caller expected
│   ├── VersionMoved        another dataset version came after the one a writer started from
│   ├── MergeConflict       two dataset versions changed the same rows differently
│   ├── StaleRevision       an annotation head moved under the writer
│   └── TaskMoved           a labelling task or lot was changed by somebody else
├── IsolationError          a worker that decodes untrusted bytes is gone
│   ├── WorkerDied          killed, crashed, or out of memory
│   └── WorkerTimedOut      over its time limit
├── StorageFull             the file system or store took no more bytes
├── WorkspaceError          the workspace itself cannot be used
└── StepFailed              a step raised after all its attempts
"""

from __future__ import annotations


class RingroadError(Exception):
    """What happened, to which subject, and what to do next."""

    code = "error"

    def __init__(self, what: str, *, subject: str = "", place: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.subject = subject
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.subject, self.place) if part)
        head = f"{where}: {self.what}" if where else self.what
        return f"{head} ({self.remedy})" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.subject, self.place, self.remedy))


def _rebuild(
    kind: type[RingroadError], what: str, subject: str, place: str, remedy: str
) -> RingroadError:
    """Make the error again on the other side of a process boundary."""
    return kind(what, subject=subject, place=place, remedy=remedy)


class UsageError(RingroadError):
    """What was asked cannot be understood."""

    code = "usage"


class UnknownName(UsageError):
    """A name that no table, alias or collection holds."""

    code = "unknown-name"


class InvalidConfig(UsageError):
    """A configuration file or value that breaks a rule."""

    code = "invalid-config"


class MissingExtra(UsageError):
    """A feature whose optional packages are not installed."""

    code = "missing-extra"


class InputError(RingroadError):
    """Something the user gave cannot be used."""

    code = "input"


class UnreadableSource(InputError):
    """A source that no reader understands, or a damaged one."""

    code = "unreadable-source"


class SourceChanged(InputError):
    """An in-place source differs from what was ingested."""

    code = "source-changed"


class SourceMissing(InputError):
    """An in-place source is no longer where it was."""

    code = "source-missing"


class InvalidAnnotations(InputError):
    """An annotation file with contradictory rows."""

    code = "invalid-annotations"


class SplitLocked(InputError):
    """An edit would change test rows that are locked."""

    code = "split-locked"


class IntegrityError(RingroadError):
    """Bytes differ from the digest they are known by."""

    code = "integrity"


class DigestMismatch(IntegrityError):
    """A blob, range or manifest does not hash to its name."""

    code = "digest-mismatch"


class PlanRefused(IntegrityError):
    """A plan whose manifest forbids loading it here."""

    code = "plan-refused"


class Conflict(RingroadError):
    """Somebody else was first."""

    code = "conflict"


class LeaseLost(Conflict):
    """A lease expired or was fenced off by a later owner."""

    code = "lease-lost"


class AliasMoved(Conflict):
    """An alias no longer points where the caller expected."""

    code = "alias-moved"


class VersionMoved(Conflict):
    """A dataset has another version than the writer started from; `place` is its id."""

    code = "version-moved"


class MergeConflict(Conflict):
    """Two versions changed the same rows to different values, and nobody said which count."""

    code = "merge-conflict"


class StaleRevision(Conflict):
    """An annotation head moved under the writer."""

    code = "stale-revision"


class TaskMoved(Conflict):
    """A labelling task, lot or order is no longer as the writer read it."""

    code = "task-moved"


class IsolationError(RingroadError):
    """A worker that decodes untrusted bytes is gone."""

    code = "isolation"


class WorkerDied(IsolationError):
    """The worker was killed, crashed, or ran out of memory."""

    code = "worker-died"


class WorkerTimedOut(IsolationError):
    """The worker ran over its time limit."""

    code = "worker-timed-out"


class StorageFull(RingroadError):
    """The file system or store took no more bytes."""

    code = "storage-full"


class WorkspaceError(RingroadError):
    """The workspace itself cannot be used."""

    code = "workspace"


class StepFailed(RingroadError):
    """A step raised after all its attempts; the cause is chained."""

    code = "step-failed"
