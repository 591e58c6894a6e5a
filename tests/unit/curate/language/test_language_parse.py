"""Text to trees and back; what is wrong is pointed at."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.curate.language import tree
from ringroad.curate.language.parser import THEN_NS, parse
from ringroad.curate.language.tree import (
    And,
    Around,
    Between,
    Cell,
    Compare,
    For,
    Held,
    In,
    Like,
    Near,
    Node,
    Not,
    Null,
    Or,
    Query,
    Sql,
    Text,
    Then,
    Track,
    format_query,
)
from ringroad.curate.language.vocabulary import AtomWord, Vocabulary, columns_of
from ringroad.domain.errors import UsageError

S = 10**9
NIGHT = Compare(column="condition", op="=", value="night")
CUT_IN = Held(name="cut-in", kind="atom")
STOPPED = Held(name="stopped", kind="atom")
BRAKE = Held(name="hard-brake", kind="event")

READ: list[tuple[str, Node]] = [
    ("condition = night", NIGHT),
    ("condition = 'night'", NIGHT),
    ('CONDITION == "night"', NIGHT),
    ("condition <> night", Compare(column="condition", op="!=", value="night")),
    ("speed > 36 km/h", Compare(column="speed_mps", op=">", value=10.0)),
    ("speed_mps > 5", Compare(column="speed_mps", op=">", value=5)),
    ("speed = 0", Compare(column="speed_mps", op="=", value=0)),
    ("accel < -0.5 g", Compare(column="accel_mps2", op="<", value=-4.903325)),
    ("sun < -6 deg", Compare(column="sun_deg", op="<", value=-6)),
    ("brightness >= .25", Compare(column="brightness", op=">=", value=0.25)),
    ("time >= 1970-01-02", Compare(column="time_ns", op=">=", value=86_400 * S)),
    ("time >= '1970-01-01 00:01'", Compare(column="time_ns", op=">=", value=60 * S)),
    (
        "time between 1970-01-01T00:00:01.25Z and 2000000000",
        Between(column="time_ns", low=1_250_000_000, high=2_000_000_000),
    ),
    ("weather in (rain, 'fog')", In(column="weather", values=("rain", "fog"))),
    ("weather NOT IN (rain)", Not(part=In(column="weather", values=("rain",)))),
    ("speed is null", Null(column="speed_mps")),
    ("speed IS NOT NULL", Not(part=Null(column="speed_mps"))),
    ("channel like 'cam%'", Compare(column="channel", op="like", value="cam%")),
    ("sql('a = ''b''')", Sql(text="a = 'b'")),
    ("near(48.1, 11.5, 0.2 km)", Near(latitude=48.1, longitude=11.5, radius_m=200.0)),
    ("cell('871f8d7a5ffffff')", Cell(cell="871f8d7a5ffffff")),
    ("cut-in", CUT_IN),
    ("cut-in(< 1.5 s)", Held(name="cut-in", kind="atom", op="<", value=1.5)),
    ("pedestrian", Held(name="pedestrian", kind="category")),
    ("hard-brake", BRAKE),
    ("event(hard-brake)", BRAKE),
    ("event(hard-brake, > 0.5 g)", Held(name="hard-brake", kind="event", op=">", value=4.903325)),
    ("event(hard-brake, within 3 s)", Around(part=BRAKE, within_ns=3 * S)),
    ("within 200 ms of cut-in", Around(part=CUT_IN, within_ns=S // 5)),
    ("cut-in for 2 s", For(part=CUT_IN, duration_ns=2 * S)),
    ("cut-in then stopped", Then(first=CUT_IN, second=STOPPED, within_ns=THEN_NS)),
    ("cut-in then stopped within 1 min", Then(first=CUT_IN, second=STOPPED, within_ns=60 * S)),
    (
        "cut-in then stopped within 1 s then hard-brake",
        Then(
            first=Then(first=CUT_IN, second=STOPPED, within_ns=S),
            second=BRAKE,
            within_ns=THEN_NS,
        ),
    ),
    ("track(occluded)", Track(part=Held(name="occluded", kind="atom"))),
    ("like(car/drive/front/000001)", Like(example="car/drive/front/000001")),
    (
        "like('a b.jpg', crop 1 2 30 40, in layout-64)",
        Like(example="a b.jpg", crop=(1, 2, 30, 40), space="layout-64"),
    ),
    ("unlike('x')", Like(example="x", away=True)),
    ("text('wet road')", Text(words="wet road")),
    ("not cut-in", Not(part=CUT_IN)),
    ("cut-in and stopped or condition = night", Or(parts=(And(parts=(CUT_IN, STOPPED)), NIGHT))),
    ("cut-in and (stopped or condition=night)", And(parts=(CUT_IN, Or(parts=(STOPPED, NIGHT))))),
    (
        "hard-brake and not (condition = day or speed is null)",
        And(
            parts=(
                BRAKE,
                Not(
                    part=Or(
                        parts=(
                            Compare(column="condition", op="=", value="day"),
                            Null(column="speed_mps"),
                        )
                    )
                ),
            )
        ),
    ),
    ("cut-in(gap < 1 s)", Held(name="cut-in", kind="atom", op="<", value=1)),
    ("cut-in(time at most 1 min)", Held(name="cut-in", kind="atom", op="<=", value=60)),
    ("event(near-miss, at most 1.0)", Held(name="near-miss", kind="event", op="<=", value=1)),
    ("event(near-miss, value >= 2)", Held(name="near-miss", kind="event", op=">=", value=2)),
    ("CUT-IN", CUT_IN),
    ("Event(Hard-Brake)", BRAKE),
    ("'cut-in'", CUT_IN),
    ("'traffic light'", Held(name="Traffic light", kind="category")),
    ("track(road)", Track(part=Held(name="road", kind="category"))),
    ("road", Held(name="road", kind="category")),
    ("road = motorway", Compare(column="road", op="=", value="motorway")),
    ("road is null", Null(column="road")),
    ("like(a/%2Fb/000001)", Like(example="a/%2Fb/000001")),
    ("like(a/b in shufflenet)", Like(example="a/b", space="shufflenet")),
    ("cut-in for 1 s for 2 s", For(part=For(part=CUT_IN, duration_ns=S), duration_ns=2 * S)),
    ("cell = 609521063826587647", Compare(column="cell", op="=", value=609521063826587647)),
    ("time < 1970-01-01T01:00+01:00", Compare(column="time_ns", op="<", value=0)),
    (
        "time > '1970-01-01T00:00:00.5-01:00'",
        Compare(column="time_ns", op=">", value=3600 * S + S // 2),
    ),
    ("within 1234567890123456 ns of cut-in", Around(part=CUT_IN, within_ns=1234567890123456)),
    ("condition = 'it''s'", Compare(column="condition", op="=", value="it's")),
    ('condition = "it\'s ""so"""', Compare(column="condition", op="=", value='it\'s "so"')),
    ("not cut-in then stopped", Then(first=Not(part=CUT_IN), second=STOPPED, within_ns=THEN_NS)),
]


@pytest.mark.parametrize(("text", "wanted"), READ, ids=[text for text, _ in READ])
def test_reading(text: str, wanted: Node, words: Vocabulary) -> None:
    found = parse(text, words)
    assert found == Query(where=wanted)
    assert parse(format_query(found), words) == found


def test_order_and_limit(words: Vocabulary) -> None:
    found = parse("condition = night order by speed desc, frame limit 7", words)
    assert found == Query(where=NIGHT, order=(("speed_mps", True), ("frame_id", False)), limit=7)
    assert parse("  ", words) == Query()
    assert parse("limit 3", words) == Query(limit=3)


WRONG = (
    "speeed > 5", "speed > 5", "speed > 5 kg", "speed > 5 deg", "speed >", "speed > night",
    "speed", "condition", "condition night", "condition = ", "condition = night and",
    "condition = night an cut-in", "condition = night cut-in", "condition in rain",
    "condition in (rain", "condition in ()", "condition is night", "condition not night",
    "condition between a", "time > yesterday", "time > 2018-13-01", "time > 2018-02-30T08:00",
    "cutin", "cut-in(1 s)", "cut-in(= 1 s)", "cut-in(< 1 m)", "cut-in(< 1 s", "cut-inn(< 1 s)",
    "event(hardbrake)", "event()", "event(hard-brake, 3 s)", "event(hard-brake, within 3)",
    "event(hard-brake, within 3 m)", "hard-brake then", "then cut-in", "cut-in then within 3 s",
    "cut-in for", "cut-in for 3", "cut-in for -1 s", "within 3 s cut-in", "within of cut-in",
    "near(48.1, 11.5)", "near(48.1, 11.5, 200)", "near(100, 11.5, 200 m)", "near(1, 2, -3 m)",
    "near(48.1 11.5, 1 km)", "cell('zzz')", "cell(871f8d)", "like()", "like(a, b)",
    "like(a, crop 1 2 3)", "like(a, crop 1 2 0 4)", "like(a, in shuflenet)", "text()", "text('  ')",
    "sql(speed)", "sql('')", "track(", "track()", "track(cut-in", "(cut-in", "cut-in)", "()",
    "'night'", "5", "not", "and", "order", "order by", "order by spead", "cut-in order by",
    "limit 0", "limit -1", "limit 2.5", "limit many", "limit", "cut-in limit 3 limit 4",
    "condition = 'night", "speed > 5 m/s; drop table x", "speed * 3.6 > 50", "@", "\x00",
    "brightness > 0.5 m", "night", "exists (select 1 from events)", "lower(condition) = 'x'",
    "recording_id in (select recording_id from checks)", "speed(3)", "like(", "like('')",
    "unlike(a) or condition = night", "not text('wet')", "like(a) then stopped", "like(a) for 2 s",
    "cut-in and (like(a) or stopped)", "track(like(a))", "track(condition = night)",
    "track(stopped)", "track(hard-brake)", "track(event(hard-brake))", "track(near(1, 2, 3 m))",
    "track(track(cut-in))", "cut-in(distance < 1 s)", "cut-in(at 1 s)", "speed > 1e999 m/s",
    "near(1, 2, 30000 km)", "near(1, 2, 1e400 m)", "sequence > 123456789012345678901234567890",
    "limit 99999999999", "time > 9999-01-01", "time > 2018-08-02T08:34:05.1234567891",
    "time > '2018-08-02.5'", "time between 2018-08-02 and", "cut-in within 3 s", "weather = ",
    "speed < 5 < 6", "condition = a/b = c", "cut-in(< -1e30 s)", "condition = 'a\ud800b'",
    "condition = night\nand\tspeeed_mps > 5 and brightness > 0.25 and channel like 'cam%' and x",
)  # fmt: skip


def test_errors_show_the_place(words: Vocabulary, golden: Golden) -> None:
    told = []
    for text in WRONG:
        with pytest.raises(UsageError) as caught:
            parse(text, words)
        told.append(f"{text!r}\n{caught.value}\n")
    golden.check("language_errors.txt", "\n".join(told))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        parse(text, Vocabulary(columns={}))


ATOMS = {"cut-in": AtomWord(name="cut-in", tracked=True, unit="s")}
PIECES = st.sampled_from(
    ["condition", "=", "night", "(", ")", "and", "or", "not", "then", "within", "3 s", "for",
     "cut-in", "track", "speed", ">", "5", "km/h", "like", "'x'", ",", "event", "limit", "in"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14))
def test_any_words_are_read_or_refused(pieces: list[str]) -> None:
    words = Vocabulary(columns=columns_of(), atoms=ATOMS, events={"hard-brake": "m/s2"})
    try:
        found = parse(" ".join(pieces), words)
    except UsageError:
        return
    assert parse(format_query(found), words) == found


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000, "not " * 5_000, "track(" * 3_000, "a" * 30_000, "within 1 s of " * 1_000,
        "cut-in" + " for 1 s" * 1_000, "cut-in" + " then cut-in" * 1_000,
        "(" * 28 + "cut-in" + (" then cut-in" * 20 + ")") * 28,
    ],
)  # fmt: skip
def test_what_nests_without_end_is_refused_at_once(text: str, words: Vocabulary) -> None:
    with pytest.raises(UsageError):
        parse(text, words)


@pytest.mark.parametrize("digits", [20, 5_000])
def test_numbers_without_end_are_refused(digits: int, words: Vocabulary) -> None:
    for head in ("limit ", "time > ", "sequence > ", "near(1, 2, ", "cut-in for ", "cut-in(< "):
        with pytest.raises(UsageError):
            parse(head + "9" * digits, words)


class Golden:
    """Compares with a file beside this one; RINGROAD_WRITE_GOLDEN=1 writes it."""

    folder = Path(__file__).parent / "golden"

    def check(self, name: str, text: str) -> None:
        """Equal, or written."""
        path = self.folder / name
        if os.environ.get("RINGROAD_WRITE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert path.read_text() == text


@pytest.fixture
def golden() -> Golden:
    """Golden files of this folder."""
    return Golden()


def test_durations_are_said_in_the_largest_exact_unit() -> None:
    assert tree.duration(90 * S) == "90 s"
    assert tree.duration(120 * S) == "2 min"
    assert tree.duration(1) == "1 ns"
    assert tree.duration(0) == "0 ns"
