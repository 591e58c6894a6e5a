from __future__ import annotations

import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.signals_csv import read_signals


def signals(tmp_path, text: str, start_ns: int = 1000):
    path = tmp_path / "signals.csv"
    path.write_text(text)
    return read_signals(path, channel="signals", start_ns=start_ns)


def test_columns_become_signals_with_their_units(tmp_path):
    found, problems = signals(
        tmp_path, "time_s,speed_mps,steering_deg,gear\n0,10.5,-3,2\n0.1,,4,\n"
    )
    assert problems == []
    assert {(s.name, s.unit): (s.time_ns.tolist(), s.values.tolist()) for s in found} == {
        ("speed", "m/s"): ([1000], [10.5]),
        ("steering", "deg"): ([1000, 100_001_000], [-3.0, 4.0]),
        ("gear", ""): ([1000], [2.0]),
    }


def test_bad_rows_are_left_out_and_named_by_line(tmp_path):
    found, (problem,) = signals(
        tmp_path,
        "time_s,speed_kmh\n0,1\nsoon,2\n0.2,fast\n\n0.3\n0.4,nan\n0.5,6\n",
    )
    assert found[0].values.tolist() == [1.0, 6.0]
    assert problem == (
        "signals.csv: left out line 3: time_s is 'soon'; line 4: speed_kmh is 'fast'; "
        "line 6: 1 cells for 2 columns; line 7: speed_kmh is 'nan'"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("speed\n1\n", "no column time_s"),
        ("", "no column time_s"),
        ("time_s,a,a\n0,1,2\n", "'a' twice"),
        ("time_s,a\n", "holds no values"),
        ("time_s,a\nx,1\n", "line 2: time_s is 'x'"),
    ],
)
def test_a_file_that_is_no_table_of_signals(tmp_path, text, what):
    with pytest.raises(UnreadableSource, match=what) as raised:
        signals(tmp_path, text)
    assert "time_s,speed_mps" in raised.value.remedy


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "signals.csv"
    path.write_bytes(b"time_s,a\n\xff\xfe\n")
    with pytest.raises(UnreadableSource, match="is no CSV"):
        read_signals(path, channel="signals", start_ns=0)
