"""The near copy of far shards: filled as it is read, bounded, checked."""

from __future__ import annotations

import pickle
import shutil
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.pack import open_pack
from ringroad.datasets.loader.shards import CachedShards
from ringroad.domain.errors import DigestMismatch, InvalidConfig, SourceMissing

ALL = 1 << 30


def digests(pack, shards=None, **config):
    with Loader(pack, LoaderConfig(batch=4, threads=2, **config), shards=shards) as loader:
        return [batch.digest() for _ in range(2) for batch in loader]


def held(folder: Path) -> int:
    """Bytes in the cache; threads that load may take files away meanwhile."""
    total = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def largest(pack):
    return max(pack.shard_path(at).stat().st_size for at in range(len(pack.header.shards)))


def test_each_shard_is_copied_once_and_then_not_missed(pack, tmp_path):
    far = tmp_path / "far"
    shutil.copytree(pack.folder, far)
    mine = open_pack(far)
    cache = CachedShards(mine, tmp_path / "near", limit_bytes=ALL)
    assert digests(mine, cache) == digests(pack)
    full = len(set(mine.full.shard.tolist()))
    assert cache.fetched == full
    shutil.rmtree(far / "shards")
    again = CachedShards(mine, tmp_path / "near", limit_bytes=ALL)
    assert digests(mine, again) == digests(pack)
    assert again.fetched == 0


def test_a_small_cache_does_with_a_window(pack, tmp_path):
    limit = 3 * largest(pack)
    cache = CachedShards(pack, tmp_path, limit_bytes=limit)
    config = LoaderConfig(batch=2, threads=2, window=1, slots=2)
    with Loader(pack, config, shards=cache) as loader:
        for _ in loader:
            assert held(tmp_path) <= limit
    shards = len(set(pack.full.shard.tolist()))
    assert cache.fetched <= 2 * shards  # the next epoch may have begun


def test_a_cache_that_is_too_small_for_the_order_is_slow_but_right(pack, tmp_path):
    cache = CachedShards(pack, tmp_path, limit_bytes=2 * largest(pack))
    assert digests(pack, cache) == digests(pack)
    assert held(tmp_path) <= 2 * largest(pack)


def test_what_other_times_left_makes_room(pack, tmp_path):
    (tmp_path / f"{'0' * 64}.pack").write_bytes(bytes(2 * largest(pack)))
    cache = CachedShards(pack, tmp_path, limit_bytes=2 * largest(pack))
    killed = tmp_path / f"{'1' * 64}.pack.{2**22 + 1}.part"  # no process has this number
    killed.write_bytes(b"x")
    cache.read_into(0, 0, memoryview(bytearray(10)))
    assert not (tmp_path / f"{'0' * 64}.pack").exists()
    assert not killed.exists()


def test_a_shard_larger_than_the_cache_is_told(pack, tmp_path):
    cache = CachedShards(pack, tmp_path, limit_bytes=100)
    with pytest.raises(InvalidConfig, match="the cache may hold 100"):
        cache.read_into(0, 0, memoryview(bytearray(10)))


def test_rot_on_the_way_is_not_kept(pack, tmp_path):
    far = tmp_path / "far"
    shutil.copytree(pack.folder, far)
    mine = open_pack(far)
    path = mine.shard_path(0)
    data = bytearray(path.read_bytes())
    data[5] ^= 1
    path.write_bytes(data)
    cache = CachedShards(mine, tmp_path / "near", limit_bytes=ALL)
    with pytest.raises(DigestMismatch, match="does not hash to its name"):
        cache.read_into(0, 0, memoryview(bytearray(10)))
    assert not list((tmp_path / "near").iterdir())
    path.unlink()
    with pytest.raises(SourceMissing, match="missing"):
        cache.read_into(0, 0, memoryview(bytearray(10)))


def test_many_readers_copy_once(pack, tmp_path):
    cache = CachedShards(pack, tmp_path, limit_bytes=ALL)
    buffers = [bytearray(50) for _ in range(8)]
    threads = [
        threading.Thread(target=cache.read_into, args=(0, 7, memoryview(buffer)))
        for buffer in buffers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.fetched == 1
    assert {bytes(buffer) for buffer in buffers} == {pack.shard_path(0).read_bytes()[7:57]}


def test_it_pickles_open_or_not(pack, tmp_path):
    cache = CachedShards(pack, tmp_path, limit_bytes=ALL)
    cache.read_into(0, 0, memoryview(bytearray(10)))
    again = pickle.loads(pickle.dumps(cache))  # noqa: S301 (our own)
    again.read_into(0, 0, memoryview(bytearray(10)))
    assert again.fetched == 0
