from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.errors import InvalidConfig
from ringroad.ingest.discover import discover
from ringroad.media.containers.mcap_index import MAGIC
from ringroad.media.pictures.images import encode_jpeg

PICTURE = encode_jpeg(np.zeros((8, 8, 3), np.uint8))
MP4 = b"\0\0\0\x18ftypisom" + bytes(12)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder as one finds it: recordings, side files, and files that are none."""
    files = {
        "drive.mp4": MP4,
        "nested/log.mcap": MAGIC,
        "nested/no_suffix": MP4,
        "frames/img_10.jpg": PICTURE,
        "frames/img_2.jpg": PICTURE,
        "frames/boxes.json": b"{}",
        "notes.txt": b"hello",
        ".hidden.mp4": MP4,
        "broken.mp4": b"no video at all",
        "empty.mcap": b"",
    }
    for name, data in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "in"


def test_a_folder_is_walked_and_each_file_goes_to_the_reader_that_knows_it(folder):
    found = discover([folder])
    assert {source.source_key: source.reader for source in found.sources} == {
        "drive.mp4": "video",
        "nested/log.mcap": "mcap",
        "nested/no_suffix": "video",
        "frames": "images",
    }
    assert {Path(item.uri).name: item.reason for item in found.refused} == {
        "broken.mp4": "no reader recognises it",
        "empty.mcap": "is empty",
    }
    assert found == discover([folder])


def test_pictures_are_in_the_order_a_person_counts(folder):
    source = next(item for item in discover([folder]).sources if item.reader == "images")
    assert source.files == ("img_2.jpg", "img_10.jpg")


def test_a_file_named_itself_goes_by_its_name(folder):
    (source,) = discover([folder / "nested" / "log.mcap"]).sources
    assert source.source_key == "log.mcap"
    (source,) = discover([folder / "frames" / "img_2.jpg"]).sources
    assert (source.source_key, source.files) == ("img_2.jpg", ("img_2.jpg",))
    (refusal,) = discover([folder / "notes.txt"]).refused
    assert refusal.reason == "no reader recognises it"


def test_pictures_are_grouped_by_name(tmp_path):
    for name in ("0001TP_2.jpg", "0001TP_1.jpg", "0016E5_7.jpg", "stray.jpg"):
        (tmp_path / name).write_bytes(PICTURE)
    found = discover([tmp_path], group="^([0-9A-Z]+)_")
    assert {source.source_key: source.files for source in found.sources} == {
        "0001TP": ("0001TP_1.jpg", "0001TP_2.jpg"),
        "0016E5": ("0016E5_7.jpg",),
    }
    (refusal,) = found.refused
    assert "stray.jpg" in refusal.reason


def test_camvid_is_three_drives(test_data):
    found = discover([test_data / "camvid" / "images"], group="^([0-9A-Z]+)_")
    assert {item.source_key: len(item.files) for item in found.sources} == {
        "0001TP": 124,
        "0006R0": 101,
        "0016E5": 305,
    }


@pytest.mark.parametrize("files", [{}, {"a.txt": b"x"}, {"a.bag": b"x", "b.db3": b"y"}])
def test_a_folder_with_nothing_readable_is_one_clear_refusal(tmp_path, files, folder):
    empty = tmp_path / "empty"
    empty.mkdir()
    for name, data in files.items():
        (empty / name).write_bytes(data)
    found = discover([empty, folder])
    (refusal,) = [item for item in found.refused if item.uri.startswith(str(empty))]
    assert refusal.uri == str(empty)
    assert "holds no file that a reader knows" in refusal.reason
    assert "mcap" in refusal.remedy
    assert len(found.sources) == 4  # the rest goes on


def test_a_path_that_is_not_there(tmp_path):
    (refusal,) = discover([tmp_path / "gone"]).refused
    assert refusal.reason == "there is no such file or folder"


def test_two_sources_of_one_key_are_not_mixed_up(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "drive.mp4").write_bytes(MP4)
    found = discover([tmp_path / "a", tmp_path / "b"])
    assert [source.path.parent.name for source in found.sources] == ["a"]
    (refusal,) = found.refused
    assert "would be the same recording" in refusal.reason
    assert len(discover([tmp_path]).sources) == 2


@pytest.mark.parametrize("group", ["(", "^a", "^(a)(b)"])
def test_a_group_is_an_expression_with_one_group(tmp_path, group):
    with pytest.raises(InvalidConfig):
        discover([tmp_path], group=group)


def test_an_expression_that_finds_no_picture_is_told_and_not_the_folder(tmp_path):
    (tmp_path / "a.jpg").write_bytes(PICTURE)
    (refusal,) = discover([tmp_path], group="^([0-9]+)_").refused
    assert "1 pictures are of no group, a.jpg the first" in refusal.reason
    assert "expression" in refusal.remedy


def test_a_file_that_cannot_be_opened_is_told_with_the_reason(tmp_path, monkeypatch, folder):
    """Root may read everything, so the system's refusal is put in its place."""
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    opened = Path.open

    def reluctant(path, *args, **more):
        if path.name == "drive.mp4":
            raise denied
        return opened(path, *args, **more)

    monkeypatch.setattr(Path, "open", reluctant)
    found = discover([folder])
    (refusal,) = [item for item in found.refused if item.uri.endswith("drive.mp4")]
    assert refusal.reason == "cannot be opened: Permission denied"
    assert len(found.sources) == 3
