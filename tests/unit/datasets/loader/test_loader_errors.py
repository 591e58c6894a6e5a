"""Damaged packs: one clear error that names shard and frame, or skipped and told."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from small_pack import HEIGHT, WIDTH, frame_id, jpeg, marks, picture

from ringroad.datasets.loader.config import SKIP, LoaderConfig
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.pack import PackHeader, open_pack
from ringroad.datasets.loader.write_pack import PackWriter, Stored
from ringroad.domain.errors import DigestMismatch, SourceMissing, UnreadableSource


@pytest.fixture
def damaged(pack, tmp_path):
    """A copy that may be damaged."""
    shutil.copytree(pack.folder, tmp_path / "pack")
    return open_pack(tmp_path / "pack")


def shown(pack, **config):
    rows = []
    with Loader(pack, LoaderConfig(batch=4, on_error=SKIP, window=0, **config)) as loader:
        for batch in loader:
            assert len(batch.frames) == len(batch)
            rows += batch.rows.tolist()
            assert {item.frame for item in batch.skipped} <= loader.skipped.keys()
            for place, row in enumerate(batch.rows.tolist()):
                np.testing.assert_array_equal(batch.boxes_of(place), marks(row).boxes)
        return rows, sorted(loader.skipped.values(), key=lambda item: item.frame)


def flip_a_bit(pack, row):
    path = pack.shard_path(int(pack.full.shard[row]))
    data = bytearray(path.read_bytes())
    data[int(pack.full.offset[row]) + 40] ^= 1
    path.write_bytes(data)


def test_rot_is_one_clear_error(damaged):
    flip_a_bit(damaged, 7)
    with pytest.raises(DigestMismatch, match="differs from what was packed") as told:
        list(Loader(damaged, LoaderConfig(batch=4)))
    assert frame_id(7) in told.value.subject
    assert damaged.shard_path(int(damaged.full.shard[7])).name in told.value.place
    assert told.value.remedy


def test_rot_may_be_skipped(damaged):
    flip_a_bit(damaged, 7)
    rows, lost = shown(damaged)
    assert rows == [row for row in range(41) if row != 7]
    assert [item.frame for item in lost] == [frame_id(7)]
    assert damaged.header.shards[int(damaged.full.shard[7])] in lost[0].shard


def test_threads_skip_alike(damaged):
    for row in (0, 5, 6, 7, 33):
        flip_a_bit(damaged, row)
    assert len({str(shown(damaged, threads=threads)) for threads in (1, 2, 3)}) == 1


def test_a_missing_shard_is_one_clear_error(damaged):
    path = damaged.shard_path(2)
    path.unlink()
    with pytest.raises(SourceMissing, match=f"shard {path.name} is missing") as told:
        list(Loader(damaged, LoaderConfig(batch=4)))
    rows = np.flatnonzero(damaged.full.shard == 2)
    assert any(frame_id(row) in told.value.subject for row in rows.tolist())
    kept, lost = shown(damaged)
    assert kept == np.flatnonzero(damaged.full.shard != 2).tolist()
    assert [item.frame for item in lost] == [frame_id(row) for row in rows.tolist()]


def test_a_shard_that_was_cut_off_is_one_clear_error(damaged):
    path = damaged.shard_path(0)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DigestMismatch, match="ends too early") as told:
        list(Loader(damaged, LoaderConfig(batch=4)))
    assert path.name in str(told.value)


def badly_packed(folder, data):
    header = PackHeader(
        dataset="d", name="d", width=WIDTH, height=HEIGHT, categories=("car", "lane")
    )
    with PackWriter(folder, header) as writer:
        for number, record in enumerate([jpeg(picture(0)), data, jpeg(picture(2))]):
            writer.add(frame_id(number), Stored(data=record), marks(number))
        writer.finish()
    return open_pack(folder)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (jpeg(picture(1))[:-200], "Premature end"),
        (jpeg(picture(1))[:100], "damaged picture"),
        (jpeg(picture(1, 40, 32)), "is 40x32 pixels, not 48x32"),
        (jpeg(picture(1, 64, 64)), "damaged picture: 4608 byte buffer is too small"),
        (jpeg(picture(1, 32, 48)), "is 32x48 pixels"),
        (b"no picture at all", "damaged picture"),
    ],
)
def test_a_bad_picture_is_one_clear_error(tmp_path, data, what):
    pack = badly_packed(tmp_path / "pack", data)
    with pytest.raises(UnreadableSource, match=what) as told:
        list(Loader(pack, LoaderConfig(batch=4)))
    assert told.value.subject == f"frame {frame_id(1)}"
    rows, lost = shown(pack)
    assert rows == [0, 2]
    assert lost[0].frame == frame_id(1)


def test_an_epoch_of_nothing_but_bad_frames_ends(damaged):
    for place in range(len(damaged.header.shards)):
        damaged.shard_path(place).unlink()
    rows, lost = shown(damaged)
    assert rows == []
    assert len(lost) == 41
