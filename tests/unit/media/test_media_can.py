from __future__ import annotations

import cantools
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.can import CanLog, by_identifier, decode, describes, load_dbc

DBC = """VERSION ""
BU_: A
BO_ 170 WHEELS: 8 A
 SG_ FRONT : 7|16@0+ (0.01,-67.67) [0|250] "kph" A
 SG_ ANGLE : 19|12@0- (1.5,0) [0|0] "deg" A
 SG_ COUNT : 32|4@1+ (1,0) [0|0] "" A
 SG_ TORQUE : 40|24@1- (0.5,3) [0|0] "Nm" A
BO_ 171 CHOICE: 8 A
 SG_ PAGE M : 0|8@1+ (1,0) [0|0] "" A
 SG_ COLD m1 : 8|16@1- (0.1,0) [0|0] "" A
 SG_ WARM m2 : 8|16@1+ (1,0) [0|0] "" A
BO_ 172 NUMBERS: 8 A
 SG_ SINGLE : 0|32@1- (1,0) [0|0] "" A
BO_ 173 LONG: 12 A
 SG_ INSIDE : 0|8@1+ (1,0) [0|0] "" A
 SG_ OUTSIDE : 64|8@1+ (1,0) [0|0] "" A
BO_ 174 SHORT: 2 A
 SG_ ONLY : 0|8@1+ (1,0) [0|0] "" A
SIG_VALTYPE_ 172 SINGLE : 1;
"""


def frames(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 8), dtype=np.uint8)


@st.composite
def databases(draw: st.DrawFn) -> str:
    """One message with one signal anywhere in its eight bytes."""
    little = draw(st.booleans())
    length = draw(st.integers(1, 64))
    first = draw(st.integers(0, 64 - length))
    start = first if little else first // 8 * 8 + 7 - first % 8
    sign = draw(st.sampled_from("+-"))
    scale = draw(st.sampled_from(["1", "0.01", "-2.5", "100"]))
    offset = draw(st.sampled_from(["0", "-67.67", "40"]))
    return (
        f'VERSION ""\nBU_: A\nBO_ 1 M: 8 A\n'
        f' SG_ S : {start}|{length}@{int(little)}{sign} ({scale},{offset}) [0|0] "" A\n'
    )


@given(databases(), st.binary(min_size=8, max_size=8))
@settings(max_examples=200, deadline=None)
def test_any_signal_is_what_cantools_says(text, data):
    oracle = cantools.database.load_string(text, "dbc").decode_message(1, data)
    (found,) = decode(load_dbc(text.encode())[1], np.frombuffer(data, np.uint8)[None])
    assert found.values[0] == pytest.approx(float(oracle["S"]), rel=1e-12, abs=1e-12)


def test_messages_decode_as_cantools_decodes_them_one_by_one():
    messages = load_dbc(DBC.encode())
    oracle = cantools.database.load_string(DBC, "dbc", strict=False)
    for number in (170, 171, 172, 174):
        data = frames(50, number)
        data[:, 0] = np.arange(50) % 3  # pages of the multiplexed one
        found = {item.name: item for item in decode(messages[number], data)}
        for row, frame in enumerate(data):
            if number == 171 and frame[0] == 0:
                assert all(row not in found[name].rows for name in ("COLD", "WARM"))
                continue
            for name, value in oracle.decode_message(number, frame.tobytes()).items():
                at = found[name].rows.tolist().index(row)
                assert found[name].values[at] == pytest.approx(value, rel=1e-12, nan_ok=True)


def test_units_are_spelled_as_rows_spell_them():
    units = {item.name: item.unit for item in decode(load_dbc(DBC.encode())[170], frames(1))}
    assert units == {"FRONT": "km/h", "ANGLE": "deg", "COUNT": "", "TORQUE": "Nm"}


def test_signals_beyond_eight_bytes_are_left_out():
    assert [item.name for item in decode(load_dbc(DBC.encode())[173], frames(2))] == ["INSIDE"]


def test_a_frame_with_bits_beyond_its_message_is_another():
    messages, data = load_dbc(DBC.encode()), frames(3)
    assert describes(messages[170], data)
    assert not describes(messages[174], data)
    data[:, 2:] = 0
    assert describes(messages[174], data)


def test_frames_are_sorted_by_identifier_and_keep_their_order():
    log = CanLog(
        time_ns=np.arange(6),
        bus=np.array([0, 1, 0, 0, 1, 0]),
        identifier=np.array([9, 9, 3, 9, 4, 3]),
        data=frames(6),
    )
    found = [(number, rows.tolist()) for number, rows in by_identifier(log, 0)]
    assert found == [(3, [2, 5]), (9, [0, 3])]
    assert list(by_identifier(log, 7)) == []


@pytest.mark.parametrize("data", [b"", b"no database", b"BO_ 170 WHEELS: 8", bytes(9 << 20)])
def test_what_is_no_database_is_refused(data):
    with pytest.raises(UnreadableSource, match="CAN database"):
        load_dbc(data)
