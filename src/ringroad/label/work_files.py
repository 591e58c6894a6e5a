"""The file in which a task is worked on at a terminal: what `take` writes and `submit` reads.

JSON: `task`, `token` and `by` say whose turn it is, `annotations` what is drawn; whatever else is
in it is there to be read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.domain.taxonomy import Guideline
from ringroad.label.answers import marks_from, marks_to
from ringroad.label.guidelines import document_of
from ringroad.label.rows import Mark

_TEXTS = ("task", "by", "frame")
_BEGIN = "begin with a file of: ringroad labels take --by NAME --out FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFile:
    """A turn as a file holds it."""

    task: str
    token: int
    by: str
    frame: FrameId
    marks: tuple[Mark, ...]


def work_document(
    work: WorkFile,
    *,
    kind: str,
    order: str,
    guideline: Guideline | None = None,
    looks: Sequence[Sequence[Mark]] = (),
    note: str = "",
) -> dict[str, Any]:
    """A turn as JSON."""
    return {
        "task": work.task,
        "token": work.token,
        "by": work.by,
        "kind": kind,
        "order": order,
        "frame": work.frame,
        "annotations": marks_to(work.marks),
        **({"looks": [marks_to(look) for look in looks]} if looks else {}),
        **({"note": note} if note else {}),
        **({"guideline": document_of(guideline)} if guideline else {}),
    }


def read_work(path: Path) -> WorkFile:
    """Read a turn.

    Raises:
        InputError: there is no such file, or it is none that `take` wrote.
        InvalidAnnotations: something in `annotations` is no annotation.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            subject=str(path),
            remedy=f"check the path; {_BEGIN}",
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"not JSON: {error}", subject=str(path), remedy=f"mend it there, or {_BEGIN}"
        ) from error
    whole = (
        isinstance(found, dict)
        and all(isinstance(found.get(name), str) for name in _TEXTS)
        and type(found.get("token")) is int
        and isinstance(found.get("annotations", []), list)
    )
    if not whole:
        raise InputError(
            "holds no task, token, by, frame and annotations",
            subject=str(path),
            remedy=_BEGIN,
        )
    frame = FrameId(found["frame"])
    return WorkFile(
        task=found["task"],
        token=found["token"],
        by=found["by"],
        frame=frame,
        marks=tuple(marks_from(frame, found.get("annotations", []))),
    )
