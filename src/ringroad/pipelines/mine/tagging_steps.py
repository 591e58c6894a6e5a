"""Steps that say words of frames: by hand, by a small tagger, by a network, by a function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.query import matrix_of
from ringroad.curate.tag_files import KIND, tag_value
from ringroad.curate.tagging import Tagger, fit, judge, shares_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.media.pictures import proxies as pack
from ringroad.media.schemas import TAGS
from ringroad.pipelines.curate.tag_rows import scope_of_tags
from ringroad.plugins import TAGGERS
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

TAGGER = "tagger"
FRAMES_AT_ONCE = 64

Said = tuple[str, str, str, float]
"""Frame, kind, value, how sure."""


@step(uses=("pyarrow",))
def say_tags(bench: Bench, *, said: list[list[str]], source: str, recording: str) -> Artifact:
    """What a hand says of the frames of one recording."""
    rows = [(frame, kind, value, 1.0) for frame, kind, value in said]
    return _written(bench, rows, source, recording)


@step(uses=("numpy", "pyarrow", "scipy"))
def fit_tagger(
    bench: Bench,
    *,
    tags: Sequence[Artifact],
    embeddings: Sequence[Artifact],
    kind: str,
    space: str,
) -> Artifact:
    """Fit a small tagger to frames that were tagged, and judge it on frames it did not see."""
    told = pa.concat_tables([bench.read_table(part).cast(TAGS) for part in tags])
    told = told.filter(pc.equal(told["kind"], kind))
    value_of = dict(zip(told["frame_id"].to_pylist(), told["value"].to_pylist(), strict=True))
    ids, vectors = _vectors(bench, embeddings)
    order = sorted(at for at, frame in enumerate(ids) if frame in value_of)
    order.sort(key=lambda at: ids[at])
    frames = [ids[at] for at in order]
    values = sorted({value_of[frame] for frame in frames})
    if len(values) < 2:
        raise InputError(
            f"{len(frames)} frames with a {kind} and an embedding in {space!r} say "
            f"{', '.join(values) or 'nothing'}: there is nothing to tell apart",
            subject=kind,
            remedy="tag frames of at least two values: ringroad tags set, ringroad tags import",
        )
    labels = np.array([values.index(value_of[frame]) for frame in frames])
    names = [str(frame_parts(FrameId(frame))[0]) for frame in frames]
    _, recordings = np.unique(names, return_inverse=True)
    made = fit(vectors[order], labels, values)
    judged = judge(vectors[order], labels, recordings, values)
    return bench.write_json(
        TAGGER,
        {
            "kind": kind,
            "space": space,
            "values": list(values),
            "weights": made.weights.tolist(),
            "middle": made.middle.tolist(),
            "spread": made.spread.tolist(),
            "homes": made.homes.tolist(),
            "reach": made.reach,
            "judged": asdict(judged),
        },
    )


@step(uses=("numpy", "pyarrow", "scipy"))
def tag_by_tagger(
    bench: Bench,
    *,
    tagger: Artifact,
    embeddings: Sequence[Artifact],
    source: str,
    recording: str,
    least: float,
) -> Artifact:
    """What a fitted tagger says of the frames of one recording that are embedded."""
    told = bench.read_json(tagger)
    made = Tagger(
        values=tuple(told["values"]),
        weights=np.array(told["weights"]),
        middle=np.array(told["middle"]),
        spread=np.array(told["spread"]),
        homes=np.array(told["homes"]),
        reach=told["reach"],
    )
    ids, vectors = _vectors(bench, embeddings)
    shares = shares_of(made, vectors)
    rows = _surest(ids, shares, told["kind"], made.values, least)
    return _written(bench, rows, source, recording)


@step(uses=("numpy", "pyarrow"))
def tag_by_network(
    bench: Bench,
    *,
    scores: Artifact,
    kind: str,
    values: list[str],
    source: str,
    recording: str,
    least: float,
) -> Artifact:
    """What a network of classes says of the frames of one recording."""
    rows = bench.read_table(scores)
    lists = rows["vector"].to_pylist()
    sizes = {len(vector) for vector in lists}
    if sizes - {len(values)}:
        raise InputError(
            f"answers with {max(sizes)} numbers a frame, {len(values)} values are named",
            subject=source,
            remedy="name its values in its order: --values clear,rain,snow",
        )
    shares = np.asarray(lists, np.float64).reshape(-1, len(values))
    said = _surest(rows["frame_id"].to_pylist(), shares, kind, values, least)
    return _written(bench, said, source, recording)


@step(uses=("numpy", "pyarrow"))
def tag_by_function(
    bench: Bench, *, proxies: Artifact, tagger: str, code: str, source: str, recording: str
) -> Artifact:
    """What a plug-in says of the decoded frames of one recording; `code` is its digest."""
    del code  # part of the key alone
    tag = TAGGERS.load(tagger)
    packed = bench.read_table(proxies)
    ids, pixels = packed["frame_id"].to_pylist(), pack.pixels_of(packed)
    said: list[Said] = []
    for start in range(0, len(ids), FRAMES_AT_ONCE):
        some = ids[start : start + FRAMES_AT_ONCE]
        answers = tag(pixels[start : start + FRAMES_AT_ONCE])
        said += _checked(some, answers, tagger)
    return _written(bench, said, source, recording)


def _checked(ids: Sequence[str], answers: object, tagger: str) -> list[Said]:
    """What a plug-in answered, as rows. Raises InputError for anything but words by kind."""
    remedy = "answer with one mapping per frame, of kinds such as weather or caption to texts"
    if not isinstance(answers, Sequence) or len(answers) != len(ids):
        raise InputError(
            f"answers with no list of {len(ids)}", subject=f"tagger {tagger}", remedy=remedy
        )
    found: list[Said] = []
    for frame, answer in zip(ids, answers, strict=True):
        for kind, value in dict(answer).items():
            if not (isinstance(kind, str) and KIND.fullmatch(kind) and isinstance(value, str)):
                raise InputError(
                    f"says {value!r} as {kind!r}", subject=f"tagger {tagger}", remedy=remedy
                )
            if value.strip():
                found.append((frame, kind, tag_value(value, f"tagger {tagger}"), 1.0))
    return found


def _vectors(bench: Bench, parts: Sequence[Artifact]) -> tuple[list[str], np.ndarray]:
    """Frame ids and (n, d) vectors; of a frame that stands twice the last one."""
    tables = [bench.read_table(part) for part in parts]
    whole = pa.concat_tables(table.replace_schema_metadata(None) for table in tables)
    place = {frame: at for at, frame in enumerate(whole["frame_id"].to_pylist())}
    return list(place), matrix_of(whole)[list(place.values())]


def _surest(
    ids: Sequence[str], shares: np.ndarray, kind: str, values: Sequence[str], least: float
) -> Iterable[Said]:
    """The likeliest value of each frame, where it is likely enough."""
    best = shares.argmax(axis=1)
    for at, frame in enumerate(ids):
        sure = float(shares[at, best[at]])
        if sure > 0 and sure >= least:
            yield frame, kind, values[best[at]], sure


def _written(bench: Bench, said: Iterable[Said], source: str, recording: str) -> Artifact:
    scope = scope_of_tags(source, recording)
    rows = [
        {
            "tag_id": f"{source} {kind} {frame}",
            "of": scope,
            "frame_id": frame,
            "recording_id": recording,
            "source": source,
            "kind": kind,
            "value": value,
            "score": sure,
        }
        for frame, kind, value, sure in said
    ]
    table = pa.Table.from_pylist(rows, schema=TAGS)
    return bench.write_table("tags", table, table_name="tags", about=[scope])
