"""Queries over small sources, against a reference that looks at each frame by itself."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sources import ATOMS, CONDITIONS, FRAMES, RECORDINGS, STEP_NS, SmallSources, sources_of

from ringroad.curate.columns import Columns
from ringroad.curate.language.columns import sql_of
from ringroad.curate.language.evaluate import evaluate
from ringroad.curate.language.explain import render
from ringroad.curate.language.parser import parse
from ringroad.curate.language.tree import (
    And,
    Around,
    Between,
    Compare,
    For,
    Held,
    In,
    Like,
    Node,
    Not,
    Null,
    Or,
    Query,
    Text,
    Then,
    Track,
)
from ringroad.curate.language.vocabulary import Vocabulary
from ringroad.curate.scenario.intervals import Intervals, drop_tracks
from ringroad.domain.errors import UsageError

HALF = STEP_NS // 2
LAST = 40 * FRAMES
"""Half steps that the reference looks at."""
Moments = dict[tuple[int, int], set[int]]


def holds(node: Node, sources: SmallSources, row: int) -> bool:
    """Whether one frame holds a part of a query: one case after the other."""
    value = {name: sources.rows[name][row].as_py() for name in ("condition", "speed_mps")}
    match node:
        case And(parts=parts):
            return all(holds(part, sources, row) for part in parts)
        case Or(parts=parts):
            return any(holds(part, sources, row) for part in parts)
        case Not(part=part):
            return not holds(part, sources, row)
        case Null(column=column):
            return value[column] is None
        case Compare(column=column, op=op, value=wanted):
            have = value[column]
            return have is not None and {
                "=": have == wanted, "!=": have != wanted, "<": have < wanted,
                "<=": have <= wanted, ">": have > wanted, ">=": have >= wanted,
            }[op]  # fmt: skip
        case Between(column=column, low=low, high=high):
            return value[column] is not None and low <= value[column] <= high
        case In(column=column, values=values):
            return value[column] in values
    time = int(sources.rows["time_ns"][row].as_py()) // HALF
    recording = int(sources.recording[row])
    return any(r == recording and time in at for (r, _), at in when(node, sources).items())


def when(node: Node, sources: SmallSources, *, tracked: bool = False) -> Moments:
    """Half steps at which a part holds, by recording and track."""
    match node:
        case Held(name=name, kind=kind, op=op, value=limit):
            table = {"atom": sources.atoms, "event": sources.events, "category": sources.seen}
            return moments(table[kind][name], op, limit, tracked=tracked)
        case Track(part=part):
            return merged(when(part, sources, tracked=True))
        case And(parts=parts):
            found = [when(part, sources, tracked=tracked) for part in parts]
            keys = set.intersection(*(set(part) for part in found))
            return {key: set.intersection(*(part[key] for part in found)) for key in keys}
        case Or(parts=parts):
            out: Moments = {}
            for part in parts:
                for key, at in when(part, sources, tracked=tracked).items():
                    out.setdefault(key, set()).update(at)
            return out
        case Not(part=part):
            spans = moments(sources.seen[""] if tracked else sources.spans(), tracked=tracked)
            held = when(part, sources, tracked=tracked)
            return {key: at - held.get(key, set()) for key, at in spans.items()}
        case Around(part=part, within_ns=within):
            reach = within // HALF
            return {
                key: {t + d for t in at for d in range(-reach, reach + 1)}
                for key, at in when(part, sources, tracked=tracked).items()
            }
        case For(part=part, duration_ns=length):
            kept = {
                key: {t for run in runs(at) if (run[-1] - run[0]) * HALF >= length for t in run}
                for key, at in when(part, sources, tracked=tracked).items()
            }
            return {key: at for key, at in kept.items() if at}
        case Then(first=first, second=second, within_ns=within):
            return followed(
                when(first, sources, tracked=tracked),
                when(second, sources, tracked=tracked),
                within // HALF,
            )
    return of_frames(node, sources)


def of_frames(node: Node, sources: SmallSources) -> Moments:
    """From the first to the last of frames in a row that hold it."""
    found: Moments = {}
    for recording in range(RECORDINGS):
        rows = np.flatnonzero((sources.recording == recording) & sources.alive)
        began = None
        for row in rows.tolist():
            time = int(sources.rows["time_ns"][row].as_py()) // HALF
            if not holds(node, sources, row):
                began = None
                continue
            began = time if began is None else began
            found.setdefault((recording, -1), set()).update(range(began, time + 1))
    return found


def followed(first: Moments, second: Moments, within: int) -> Moments:
    """Each run of the first with the earliest run of the second behind it."""
    found: Moments = {}
    for key, at in first.items():
        for run in runs(at):
            after = [
                other
                for other in runs(second.get(key, set()))
                if run[0] < other[0] <= run[-1] + within
            ]
            if after:
                last = max(run[-1], after[0][-1])
                found.setdefault(key, set()).update(range(run[0], last + 1))
    return found


def moments(held: Intervals, op: str = "", limit: float = 0, *, tracked: bool) -> Moments:
    """Half steps of intervals whose value is within a limit."""
    found: Moments = {}
    for r, track, start, end, value in zip(
        held.recording, held.track, held.start_ns, held.end_ns, held.value, strict=True
    ):
        if (op == "<" and not value < np.float32(limit)) or (op == ">" and not value > limit):
            continue
        key = (int(r), int(track) if tracked else -1)
        found.setdefault(key, set()).update(range(int(start) // HALF, int(end) // HALF + 1))
    return found


def merged(found: Moments) -> Moments:
    """Without tracks."""
    out: Moments = {}
    for (recording, _), at in found.items():
        out.setdefault((recording, -1), set()).update(at)
    return out


def runs(at: set[int]) -> list[list[int]]:
    """Half steps without a gap; stretches that meet at neighbouring half steps stay apart."""
    found: list[list[int]] = []
    for time in sorted(at):
        if found and time == found[-1][-1] + 1:
            found[-1].append(time)
        else:
            found.append([time])
    return found


COLUMN = st.one_of(
    st.builds(
        Compare,
        column=st.just("speed_mps"),
        op=st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        value=st.integers(0, 30),
    ),
    st.builds(
        Compare,
        column=st.just("condition"),
        op=st.sampled_from(["=", "!="]),
        value=st.sampled_from(CONDITIONS),
    ),
    st.builds(
        Between, column=st.just("speed_mps"), low=st.integers(0, 15), high=st.integers(10, 30)
    ),
    st.builds(
        In,
        column=st.just("condition"),
        values=st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=2).map(tuple),
    ),
    st.just(Null(column="speed_mps")),
)
TRACKED = st.one_of(
    st.builds(Held, name=st.sampled_from(ATOMS), kind=st.just("atom")),
    st.builds(
        Held,
        name=st.sampled_from(ATOMS),
        kind=st.just("atom"),
        op=st.sampled_from("<>"),
        value=st.sampled_from([0.25, 0.5]),
    ),
    st.just(Held(name="pedestrian", kind="category")),
)
ABOUT_VEHICLE = st.sampled_from(
    [Held(name="stopped", kind="atom"), Held(name="hard-brake", kind="event")]
)


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Parts put together by and, or, not."""
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, parts=several), st.builds(Or, parts=several), st.builds(Not, part=parts)
    )


def in_time(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Parts put together by what stands for time. Whole steps apart, so that none touch."""
    lengths = st.integers(0, 8).map(lambda n: n * STEP_NS)
    return st.one_of(
        st.builds(Around, part=parts, within_ns=lengths),
        st.builds(For, part=parts, duration_ns=lengths),
        st.builds(Then, first=parts, second=parts, within_ns=lengths),
    )


FRAMED = st.recursive(st.one_of(COLUMN, TRACKED, ABOUT_VEHICLE), joined, max_leaves=6)
ONE_TRACK = st.builds(
    Track, part=st.recursive(TRACKED, lambda p: st.one_of(joined(p), in_time(p)), max_leaves=5)
)
TIMED = in_time(st.one_of(TRACKED, ABOUT_VEHICLE, ONE_TRACK, COLUMN))


@settings(deadline=None)  # the reference is slow: it looks at each moment of each stretch
@given(st.one_of(FRAMED, ONE_TRACK, TIMED, joined(st.one_of(TIMED, COLUMN))), st.integers(0, 50))
def test_every_frame_by_itself(node: Node, seed: int) -> None:
    sources = sources_of(seed)
    answer = evaluate(Query(where=node), sources)
    wanted = [
        row for row in range(len(sources.alive)) if sources.alive[row] and holds(node, sources, row)
    ]
    assert sorted(answer.rows.tolist()) == wanted
    assert answer.matched == len(wanted)


@pytest.fixture
def sources() -> SmallSources:
    """Of one seed."""
    return SmallSources(seed=7)


def test_rows_come_by_frame_or_by_order(sources: SmallSources, words: Vocabulary) -> None:
    ids = np.array(sources.rows["frame_id"].to_pylist())
    answer = evaluate(parse("condition = night", words), sources)
    assert ids[answer.rows].tolist() == sorted(ids[answer.rows].tolist())
    answer = evaluate(parse("order by condition, speed desc limit 9", words), sources)
    rows = [
        (sources.rows["condition"][r].as_py(), sources.rows["speed_mps"][r].as_py())
        for r in answer.rows.tolist()
    ]
    assert rows == sorted(rows, key=lambda row: (row[0], row[1] is None, -(row[1] or 0)))
    assert len(rows) == 9
    assert answer.matched == int(sources.alive.sum())


def test_likeness_ranks_what_the_rest_leaves(sources: SmallSources, words: Vocabulary) -> None:
    query = parse("like(car/r1/front/000010) and condition = night limit 5", words)
    answer = evaluate(query, sources)
    assert answer.scores is not None
    assert np.all(np.diff(answer.scores) >= 0)
    night = np.array([c == "night" for c in sources.rows["condition"].to_pylist()])
    assert night[answer.rows].all()
    assert answer.matched == int((night & sources.alive).sum())


def test_several_rankings_are_joined_by_their_ranks(
    sources: SmallSources, words: Vocabulary
) -> None:
    query = parse("like(car/r1/front/000010) and text('wet road') limit 3", words)
    answer = evaluate(query, sources)
    assert answer.scores is not None
    assert np.all(np.diff(answer.scores) <= 0)
    assert "wet" in sources.rows["words"][int(answer.rows[0])].as_py()


def test_what_is_like_the_one_and_unlike_the_other(
    sources: SmallSources, words: Vocabulary
) -> None:
    """Frames on the far side of the first come first: the near side sinks."""
    near = evaluate(parse("like(car/r1/front/000010) limit 9", words), sources).rows
    query = parse("like(car/r1/front/000010) and unlike(car/r1/front/000006) limit 9", words)
    rows = evaluate(query, sources).rows
    side = FRAMES + 10
    assert (rows > side).sum() > (near > side).sum()
    assert rows[0] >= side


def test_far_from_several_is_far_from_each(sources: SmallSources, words: Vocabulary) -> None:
    query = parse("unlike(car/r0/front/000000) and unlike(car/r0/front/000003) limit 3", words)
    last = np.flatnonzero(sources.alive)[-3:]
    assert sorted(evaluate(query, sources).rows.tolist()) == last.tolist()


def test_brackets_do_not_hide_a_ranking(sources: SmallSources, words: Vocabulary) -> None:
    plain = parse("like(car/r1/front/000010) and cut-in and condition = night limit 5", words)
    nested = parse("((like(car/r1/front/000010) and cut-in)) and condition = night limit 5", words)
    one, other = (evaluate(query, sources) for query in (plain, nested))
    assert one.rows.tolist() == other.rows.tolist()
    assert one.matched == other.matched


@pytest.mark.parametrize("ranking", ["like(car/r1/front/000010)", "like(x) and text('wet')"])
def test_nothing_is_ranked_where_no_frame_is_left(
    ranking: str, sources: SmallSources, words: Vocabulary
) -> None:
    """Nor is an example looked for, which may take a network."""
    answer = evaluate(parse(f"{ranking} and condition = dawn and cut-in", words), sources)
    assert len(answer.rows) == 0
    assert answer.scores is not None
    assert {part.how for part in answer.explain.parts} == {"columns", "skipped"}


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 40))
def test_ranks_are_joined_as_the_formula_says(seed: int, count: int, limit: int) -> None:
    sources = sources_of(seed % 50)
    draw = np.random.Generator(np.random.PCG64(seed))
    ids = sources.rows["frame_id"].to_pylist()
    likes = [
        Like(example=ids[row], away=bool(place and draw.random() < 0.5))
        for place, row in enumerate(draw.integers(0, len(ids), count).tolist())
    ]
    answer = evaluate(
        Query(where=And(parts=(*likes, Text(words="wet road")))), sources, limit=limit
    )
    total: dict[int, float] = {}
    named = set()
    for like in likes:
        rows, _, _ = sources.alike(replace(like, away=False), among=None, limit=1_000)
        for place, row in enumerate(rows.tolist()):
            total[row] = total.get(row, 0.0) + (-1 if like.away else 1) / (61 + place)
            named |= set() if like.away else {row}
    rows, _ = sources.worded("wet road", among=None, limit=1_000)
    for place, row in enumerate(rows.tolist()):
        total[row] = total.get(row, 0.0) + 1 / (61 + place)
        named.add(row)
    assert answer.scores is not None
    assert np.allclose(answer.scores, sorted((total[row] for row in named), reverse=True)[:limit])


def test_words_that_nothing_holds_find_nothing(sources: SmallSources, words: Vocabulary) -> None:
    assert len(evaluate(parse("text('snow')", words), sources).rows) == 0


@pytest.mark.parametrize(
    "text",
    [
        "like(car/r0/front/000001) order by speed",
        "sql('no_such_column = 3')", "sql('drop table frames')",
        "sql('1) or (select count(*) from read_csv(''/etc/passwd'')) > (0')",
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(
    text: str, sources: SmallSources, words: Vocabulary
) -> None:
    with pytest.raises(UsageError):
        evaluate(parse(text, words), sources)


def test_values_that_no_frame_has_are_told(sources: SmallSources, words: Vocabulary) -> None:
    query = parse("condition = nigth and not condition in (dawn)", words)
    answer = evaluate(query, sources, vocabulary=words)
    told = render(answer.explain)
    assert "did you mean night?" in told
    assert "'dawn'" in told


def test_the_plan_is_a_tree_that_prints(sources: SmallSources, words: Vocabulary) -> None:
    text = (
        "(cut-in then speed > 5 m/s within 4 ns or cell('871f8d7a5ffffff')) and condition != day "
        "and like(car/r1/front/000010) limit 4"
    )
    explain = evaluate(parse(text, words), sources).explain
    assert [part.how for part in explain.parts] == ["columns", "any of", "likeness"]
    place, timed = explain.parts[1].parts
    assert (place.how, timed.how) == ("place", "intervals")
    assert [part.how for part in timed.parts] == ["stretches", "stretches"]
    assert timed.parts[0].stretches == len(drop_tracks(sources.atoms["cut-in"]))
    assert [part.how for part in timed.parts[1].parts] == ["columns"]
    assert all(part.seconds >= sum(inner.seconds for inner in part.parts) for part in explain.parts)
    told = render(explain)
    assert told.count("cut-in") == 4  # the query, the bracket, the sequence, the atom
    assert f"{timed.parts[0].stretches} stretches" in told
    assert json.loads(json.dumps(asdict(explain)))["parts"][2]["note"] == "exact"


def test_small_numbers_are_compared_in_the_precision_of_the_column(
    sources: SmallSources, words: Vocabulary
) -> None:
    held = sources.rows["speed_mps"].combine_chunks().to_numpy(zero_copy_only=False)
    table = sources.rows.set_column(
        sources.rows.schema.get_field_index("brightness"),
        "brightness",
        pa.array(np.where(np.isnan(held), 1, 1e-5).astype(np.float32)),
    )
    columns = Columns(table, alive=sources.alive)
    for text in ("brightness = 0.00001", "brightness <= 1e-5", "brightness in (1e-5, 3)"):
        where = parse(text, words).where
        assert where is not None
        assert np.array_equal(columns.mask(sql_of(where)), sources.alive & ~np.isnan(held))
    columns.close()


def test_columns_are_asked_once_and_first(sources: SmallSources, words: Vocabulary) -> None:
    query = parse("cut-in and condition = night and not speed > 50 km/h", words)
    parts = evaluate(query, sources).explain.parts
    assert [part.how for part in parts] == ["columns", "intervals"]
    query = parse("cut-in and condition = dawn", words)
    assert [part.how for part in evaluate(query, sources).explain.parts] == ["columns", "skipped"]
