"""Files of tags: what they say, and every way in which they say nothing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from ringroad.curate.tag_files import read_tags
from ringroad.domain.errors import InputError


def test_a_row_says_what_its_columns_are(tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    path.write_text('recording_id,weather,caption\ncar/a,rain,"wet  road, one bus"\ncar/b,,\n')
    assert read_tags(path) == [
        ("car/a", "weather", "rain"),
        ("car/a", "caption", "wet road, one bus"),
    ]
    path.write_text("frame_id,road\ncar/a/front/000001,66\n")
    assert read_tags(path) == [("car/a/front/000001", "road", "66")]
    packed = tmp_path / "tags.parquet"
    pa.parquet.write_table(pa.table({"frame_id": ["a/b/c/0"], "road": ["urban"]}), packed)
    assert read_tags(packed) == [("a/b/c/0", "road", "urban")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("weather\nrain\n", "neither frame_id nor recording_id"),
        ("frame_id,recording_id,weather\na,b,rain\n", "frame_id and recording_id"),
        ("frame_id\na\n", "no kind of tag"),
        ("frame_id,Wea ther\na,rain\n", "no kind of tag"),
        ("frame_id,weather\na,\n", "says nothing"),
        ("frame_id,weather\na,rain\nb,rain,snow\n", "cannot be read"),
        (f"frame_id,caption\na,{'x' * 2000}\n", "row 1: a value of 2000 letters"),
        ("frame_id,weather\na,\x07\n", "is no tag"),
    ],
)
def test_what_it_cannot_say_is_one_error(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "tags.csv"
    path.write_text(text)
    with pytest.raises(InputError) as told:
        read_tags(path)
    assert said in str(told.value)
    assert str(path) in str(told.value)


def test_numbers_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tags.parquet"
    pa.parquet.write_table(pa.table({"frame_id": ["a"], "road": [3]}), path)
    with pytest.raises(InputError, match="row 1"):
        read_tags(path)
    other = tmp_path / "tags.txt"
    other.write_text("frame_id,road\n")
    with pytest.raises(InputError, match="no file of tags"):
        read_tags(other)
