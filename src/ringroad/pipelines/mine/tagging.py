"""Tags and captions of frames: who says so, what of several counts, and what searches see."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ringroad.curate.tag_files import KIND, read_tags, tag_value
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UnknownName, UsageError
from ringroad.domain.ids import FrameId, RecordingId, artifact_parts, digest_of, frame_parts
from ringroad.media import arrow
from ringroad.pipelines.curate.scope import Scope, frames_in
from ringroad.pipelines.curate.tag_rows import scope_of_tags
from ringroad.pipelines.evaluate.scoring import size_of
from ringroad.pipelines.evaluate.validate import predict_all
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.mine.embedding import keep_embedder
from ringroad.pipelines.mine.tagging_steps import (
    TAGGER,
    fit_tagger,
    say_tags,
    tag_by_function,
    tag_by_network,
    tag_by_tagger,
)
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import seen_of, taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import TAGGERS

SAID_BY = "says"
"""Prefix of aliases: the model version, tagger or function behind a source of tags."""
LEAST = 0.6
CAPTION = "caption"
SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")
SIGNALS = "signals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """What a source said: frames by kind and value, captions counted as one value."""

    source: str
    frames: Mapping[str, Mapping[str, int]]
    looked: int
    """Frames that it could say something of."""


def say(workspace: Workspace, scope: Scope, kind: str, value: str, *, source: str) -> Tagged:
    """Tag all frames of a scope by hand, beside what this source said of other frames."""
    if not KIND.fullmatch(kind):
        raise UsageError(
            f"{kind!r} is no kind of tag", remedy="such as weather=rain, road=urban, caption=..."
        )
    said = tag_value(value, kind)
    return _keep(workspace, [(frame, kind, said) for frame in frames_in(workspace, scope)], source)


def import_tags(workspace: Workspace, path: Path, *, source: str) -> Tagged:
    """Take in tags from a file, beside what this source said of other frames.

    Raises:
        InputError: the file cannot be used, or is about a frame or recording that is not here.
    """
    rows = []
    known: dict[str, dict[str, None]] = {}
    for about, kind, value in read_tags(path):
        recording = about if about.count("/") == 1 else _recording_of(about, path)
        if recording not in known:
            known[recording] = _known(workspace, recording, path)
        frames = known[recording] if recording == about else {about: None}
        if not frames.keys() <= known[recording].keys():
            raise InputError(
                f"is about {about!r}, which is no frame here",
                subject=str(path),
                remedy="see frame ids: ringroad search",
            )
        rows += [(frame, kind, value) for frame in frames]
    return _keep(workspace, rows, source)


def fit_to(workspace: Workspace, name: str, *, kind: str, source: str, space: str) -> Artifact:
    """Fit a small tagger to what a source says of a kind; `tagger:NAME` points at it then.

    Raises:
        InputError: it says too little to fit to, or nothing is embedded.
    """
    _check_source(name)
    tags = [
        workspace.catalog.artifact(target)
        for alias, target in sorted(workspace.catalog.names(f"tags:{source} ").items())
        if alias
    ]
    if not tags:
        raise UnknownName(
            "nobody of this name tagged frames",
            subject=source,
            remedy="tag some by hand: ringroad tags set weather=rain --on SELECTION",
        )
    embedded = _embedded(workspace, space)
    made = workspace.runner.run(
        fit_tagger,
        tags=tags,
        embeddings=[part for parts in embedded.values() for part in parts],
        kind=kind,
        space=space,
    )
    workspace.point(f"{TAGGER}:{name}", made, reason=f"fitted to {kind} of {source}")
    return made


def run_tagger(workspace: Workspace, scope: Scope, name: str, *, least: float) -> Tagged:
    """Let a fitted tagger, or a plug-in, say what it sees; the source carries its name.

    Raises:
        UnknownName: nothing is called so.
    """
    fitted = workspace.catalog.resolve(f"{TAGGER}:{name}")
    if fitted is None:
        return _run_function(workspace, scope, name)
    tagger = workspace.catalog.artifact(fitted)
    embedded = _embedded(workspace, workspace.json(tagger)["space"])
    wanted = {str(item.recording.id) for item in scope.taken} & set(embedded)
    made = workspace.runner.map(
        tag_by_tagger,
        [
            {
                "tagger": tagger,
                "embeddings": embedded[recording],
                "source": name,
                "recording": recording,
                "least": least,
            }
            for recording in sorted(wanted)
        ],
    )
    workspace.point(f"{SAID_BY}:{name}", tagger, reason="tagged")
    looked = sum(_count(workspace, embedded[recording]) for recording in wanted)
    return _held(workspace, name, sorted(wanted), made, looked)


def run_network(
    workspace: Workspace,
    taken: Sequence[Taken],
    model: Model,
    *,
    source: str,
    kind: str,
    values: Sequence[str],
    least: float,
) -> Tagged:
    """Let a network of classes say what it sees.

    Raises:
        UsageError: the source holds tags of another model version.
        InputError: it answers with another number of values.
    """
    _check_source(source)
    if not KIND.fullmatch(kind) or len(set(values)) < 2:
        raise UsageError(
            "name a kind of tag and at least two values",
            remedy="--kind weather --values clear,rain,snow,fog",
        )
    alias = f"{SAID_BY}:{source}"
    known = workspace.catalog.resolve(alias)
    by = workspace.runner.run(keep_embedder, network=model.network, predictor=model.predictor)
    if known not in (None, by.id):
        raise UsageError(
            f"{source!r} holds tags of another model version, or read in another way",
            subject=model.name,
            remedy="give these a name of their own: --name",
        )
    seen = seen_of(workspace, taken, **size_of(model))
    found = predict_all(workspace, model, seen)
    names = [str(item.taken.recording.id) for item in seen]
    made = workspace.runner.map(
        tag_by_network,
        [
            {
                "scores": item.scores,
                "kind": kind,
                "values": list(values),
                "source": source,
                "recording": recording,
                "least": least,
            }
            for item, recording in zip(found, names, strict=True)
        ],
    )
    workspace.point(alias, by, reason="tagged")
    return _held(workspace, source, names, made, _count(workspace, [s.scores for s in found]))


def _run_function(workspace: Workspace, scope: Scope, name: str) -> Tagged:
    try:
        function = TAGGERS.load(name)
    except UnknownName as error:
        fitted = [alias.partition(":")[2] for alias in workspace.catalog.names(f"{TAGGER}:")]
        raise UnknownName(
            "is neither a tagger that was fitted nor one that is installed",
            subject=name,
            remedy=f"known: {', '.join([*fitted, *TAGGERS.names()]) or 'none'}; fit one: ringroad "
            "tags fit",
        ) from error
    _check_source(name)
    module = inspect.getmodule(function)
    code = digest_of(inspect.getsource(module).encode()) if module else ""
    seen = seen_of(workspace, scope.taken)
    names = [str(item.taken.recording.id) for item in seen]
    made = workspace.runner.map(
        tag_by_function,
        [
            {
                "proxies": item.proxies,
                "tagger": name,
                "code": code,
                "source": name,
                "recording": recording,
            }
            for item, recording in zip(seen, names, strict=True)
        ],
    )
    return _held(workspace, name, names, made, _count(workspace, [s.proxies for s in seen]))


def sources_of(workspace: Workspace) -> list[dict[str, Any]]:
    """Who says what: source, kind, frames by value, and what stands behind it."""
    told: dict[str, dict[str, dict[str, int]]] = {}
    for alias, target in workspace.catalog.names("tags:").items():
        source = alias.removeprefix("tags:").partition(" ")[0]
        rows = table_of(workspace, workspace.catalog.artifact(target))
        for kind, values in _counted([rows]).items():
            own = told.setdefault(source, {}).setdefault(kind, defaultdict(int))
            for value, count in values.items():
                own[value] += count
    return [
        {
            "source": source,
            "by": workspace.catalog.resolve(f"{SAID_BY}:{source}") or "",
            "kinds": {kind: dict(values) for kind, values in kinds.items()},
        }
        for source, kinds in sorted(told.items())
    ]


def _keep(workspace: Workspace, said: Sequence[tuple[str, str, str]], source: str) -> Tagged:
    """Put new words of a hand over its older ones of the same frames and kinds."""
    _check_source(source)
    if workspace.catalog.resolve(f"{SAID_BY}:{source}"):
        raise UsageError(
            f"{source!r} is what a network or tagger says", remedy="give the hand another name"
        )
    by_recording: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for frame, kind, value in said:
        by_recording[str(frame_parts(FrameId(frame))[0])][frame, kind] = value
    names, made = sorted(by_recording), []
    for recording in names:
        before = workspace.catalog.resolve(f"tags:{scope_of_tags(source, recording)}")
        words: dict[tuple[str, str], str] = {}
        if before is not None:
            old = table_of(workspace, workspace.catalog.artifact(before))
            words = {(r["frame_id"], r["kind"]): r["value"] for r in old.to_pylist()}
        words |= by_recording[recording]
        rows = sorted([frame, kind, value] for (frame, kind), value in words.items())
        made.append(workspace.runner.run(say_tags, said=rows, source=source, recording=recording))
    return _held(workspace, source, names, made, len({frame for frame, _, _ in said}))


def _held(
    workspace: Workspace, source: str, names: Sequence[str], made: Sequence[Artifact], looked: int
) -> Tagged:
    for recording, rows in zip(names, made, strict=True):
        workspace.hold("tags", scope_of_tags(source, recording), rows)
    counted = _counted([table_of(workspace, rows) for rows in made])
    return Tagged(source=source, frames=counted, looked=looked)


def _counted(tables: Iterable[pa.Table]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for rows in tables:
        for row in rows.select(["kind", "value"]).to_pylist():
            own = found.setdefault(row["kind"], {})
            value = "" if row["kind"] == CAPTION else row["value"]
            own[value] = own.get(value, 0) + 1
    return found


def _embedded(workspace: Workspace, space: str) -> dict[str, list[Artifact]]:
    """Recording -> the batches of its embeddings in a space, as they were committed."""
    found: dict[str, list[Artifact]] = {}
    for batch in workspace.catalog.batches(f"embeddings.{space}"):
        _, digest = artifact_parts(batch.artifact)
        rows = arrow.from_bytes(workspace.blobs.get(digest))
        if rows.num_rows:
            recording = str(frame_parts(FrameId(rows["frame_id"][0].as_py()))[0])
            found.setdefault(recording, []).append(workspace.catalog.artifact(batch.artifact))
    if not found:
        raise UnknownName(
            f"no embeddings are called {space!r}",
            remedy="describe frames first: ringroad ingest PATH --describe 1, or ringroad embed",
        )
    return found


def _count(workspace: Workspace, parts: Sequence[Artifact]) -> int:
    return sum(table_of(workspace, part).num_rows for part in parts)


def _recording_of(frame: str, path: Path) -> str:
    try:
        return str(frame_parts(FrameId(frame))[0])
    except ValueError as error:
        raise InputError(
            f"is about {frame!r}, which is neither a frame nor a recording here",
            subject=str(path),
            remedy="see ringroad recordings list, and frame ids: ringroad search",
        ) from error


def _known(workspace: Workspace, recording: str, path: Path) -> dict[str, None]:
    """The frames of a recording. Raises InputError where there is none."""
    try:
        taken = taken_of(workspace, workspace.catalog.recording(RecordingId(recording)))
    except UnknownName as error:
        raise InputError(
            f"is about {recording!r}, which is no recording here",
            subject=str(path),
            remedy="see ringroad recordings list",
        ) from error
    return dict.fromkeys(table_of(workspace, taken.frames)["frame_id"].to_pylist())


def _check_source(name: str) -> None:
    if not SOURCE.fullmatch(name) or name == SIGNALS:
        raise UsageError(
            f"{name!r} is no name for who says so",
            remedy="use small letters, digits, dots and dashes, and not `signals`",
        )
