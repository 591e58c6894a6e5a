"""Packs of video: every group is decoded once an epoch for all of its frames."""

from __future__ import annotations

import numpy as np
import pytest
from small_pack import HEIGHT, WIDTH, picture

from ringroad.datasets.loader.augment import Augment
from ringroad.datasets.loader.config import SKIP, LoaderConfig
from ringroad.datasets.loader.fill_video import VideoFill
from ringroad.datasets.loader.loader import Loader
from ringroad.domain.errors import DigestMismatch
from ringroad.media.video.encode import X264, encoder_here

pytestmark = pytest.mark.skipif(encoder_here() != X264, reason="no encoder of H.264 in PyAV")


@pytest.fixture
def counted(monkeypatch):
    """Groups that were decoded, in order."""
    seen = []
    decoded = VideoFill._decoded
    monkeypatch.setattr(
        VideoFill, "_decoded", lambda self, start: (seen.append(start), decoded(self, start))[1]
    )
    return seen


def test_groups_are_what_the_encoder_made(video_pack):
    assert len(video_pack) == 22
    assert sorted(set(video_pack.start.tolist())) == [0, 4, 8, 12, 16, 20]
    assert len(video_pack.header.shards) > 1


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("window", [0, 2, 3])
def test_each_group_is_decoded_once_an_epoch(video_pack, counted, threads, window):
    config = LoaderConfig(batch=3, threads=threads, window=window, slots=2)
    with Loader(video_pack, config) as loader:
        rows = [row for batch in loader for row in batch.rows.tolist()]
    assert sorted(rows) == list(range(22))
    first = counted[:6]  # the threads may have begun with the next epoch
    assert sorted(first) == [0, 4, 8, 12, 16, 20]


def test_frames_are_those_that_were_packed(video_pack):
    with Loader(video_pack, LoaderConfig(batch=22)) as loader:
        batch = next(iter(loader))
        for place, row in enumerate(batch.rows.tolist()):
            wanted = picture(row).astype(float)
            assert np.abs(batch.frames[place] - wanted).mean() < 12
            others = [
                np.abs(batch.frames[place] - picture(k).astype(float)).mean() for k in range(22)
            ]
            assert int(np.argmin(others)) == row


@pytest.mark.parametrize("config", [{}, {"augment": Augment()}, {"scale": 2}, {"split": "train"}])
def test_threads_change_nothing(video_pack, config):
    def digests(threads):
        with Loader(
            video_pack, LoaderConfig(batch=5, threads=threads, window=2, **config)
        ) as loader:
            return [batch.digest() for _ in range(2) for batch in loader]

    assert digests(1) == digests(2) == digests(3)


def test_any_order_is_right_if_dearer(video_pack, counted):
    with Loader(video_pack, LoaderConfig(batch=4, window=2)) as loader:
        near = {row: f for b in loader for row, f in zip(b.rows.tolist(), b.frames, strict=True)}
    with Loader(video_pack, LoaderConfig(batch=4, window=-1, seed=4)) as loader:
        far = {row: f for b in loader for row, f in zip(b.rows.tolist(), b.frames, strict=True)}
    assert all((near[row] == far[row]).all() for row in range(22))


def test_half_size_is_made_of_the_decoded_frame(video_pack):
    with Loader(video_pack, LoaderConfig(batch=4, scale=2)) as loader:
        assert next(iter(loader)).frames.shape == (4, HEIGHT // 2, WIDTH // 2, 3)


def test_decoded_groups_are_bounded(video_pack):
    filler = VideoFill(video_pack, _Folder(video_pack), scale=1, augment=None, seed=0, pool=4)
    out = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    for row in (0, 4, 8, 12, 16, 20, 1, 5, 9):
        filler.decode(row, out, filler.scratch())
        assert len(filler._groups) <= 4


def _Folder(pack):  # noqa: N802 (stands for a class)
    from ringroad.datasets.loader.shards import FolderShards

    return FolderShards(pack)


def test_rot_names_frame_and_shard(tmp_path):
    from small_pack import write_video

    pack = write_video(tmp_path / "video", 12)
    path = pack.shard_path(int(pack.full.shard[5]))
    data = bytearray(path.read_bytes())
    data[int(pack.full.offset[5]) + 3] ^= 4
    path.write_bytes(data)
    with pytest.raises(DigestMismatch, match="differs from what was packed") as told:
        list(Loader(pack, LoaderConfig(batch=4, window=0)))
    assert "car-1/drive/front" in told.value.subject
    assert path.name in told.value.place
    with Loader(pack, LoaderConfig(batch=4, window=0, on_error=SKIP)) as loader:
        rows = [row for batch in loader for row in batch.rows.tolist()]
    assert rows == [0, 1, 2, 3, 8, 9, 10, 11]  # the whole group is lost
