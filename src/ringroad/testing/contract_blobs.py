"""The suite that every blob store passes: inherit, give the fixture `blobs`."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringroad.domain.errors import DigestMismatch, UnknownName, UsageError
from ringroad.domain.ids import Digest, digest_of
from ringroad.protocols.blobs import Blobs

ABSENT = digest_of(b"never stored")


class BlobsContract:
    """Immutable bytes by digest."""

    @pytest.fixture
    def blobs(self) -> Blobs:
        """An empty store."""
        raise NotImplementedError

    @pytest.mark.parametrize("data", [b"", b"a", bytes(range(256)) * 5000])
    def test_bytes_come_back(self, blobs: Blobs, data: bytes) -> None:
        digest = blobs.put(data)
        assert digest == digest_of(data)
        assert blobs.get(digest) == data
        assert blobs.size(digest) == len(data)

    @pytest.mark.parametrize("wrap", [memoryview, io.BytesIO])
    def test_all_ways_of_giving_bytes_are_one(
        self, blobs: Blobs, wrap: Callable[[bytes], memoryview | io.BytesIO]
    ) -> None:
        assert blobs.put(wrap(b"same")) == blobs.put(b"same")
        assert list(blobs.digests()) == [digest_of(b"same")]

    def test_a_view_of_wider_items_is_its_bytes(self, blobs: Blobs) -> None:
        view = memoryview(b"abcdefgh").cast("I")
        assert blobs.get(blobs.put(view)) == b"abcdefgh"

    def test_a_file_is_stored_and_stays(self, blobs: Blobs, tmp_path: Path) -> None:
        file = tmp_path / "source.bin"
        file.write_bytes(b"recorded" * 300_000)
        digest = blobs.put_file(file)
        assert blobs.get(digest) == file.read_bytes()

    def test_ranges_are_exact(self, blobs: Blobs) -> None:
        digest = blobs.put(b"0123456789")
        assert blobs.read_range(digest, 3, 4) == b"3456"
        assert blobs.read_range(digest, 10, 0) == b""
        assert blobs.read_range(digest, 0, 10) == b"0123456789"

    @pytest.mark.parametrize(("offset", "length"), [(8, 3), (11, 1), (0, 11)])
    def test_a_range_beyond_the_end_is_refused(
        self, blobs: Blobs, offset: int, length: int
    ) -> None:
        digest = blobs.put(b"0123456789")
        with pytest.raises(DigestMismatch):
            blobs.read_range(digest, offset, length)

    @pytest.mark.parametrize(("offset", "length"), [(-1, 3), (0, -1)])
    def test_a_negative_range_is_refused(self, blobs: Blobs, offset: int, length: int) -> None:
        with pytest.raises(UsageError):
            blobs.read_range(blobs.put(b"0123456789"), offset, length)

    def test_absent_digests_are_unknown(self, blobs: Blobs) -> None:
        with pytest.raises(UnknownName):
            blobs.get(ABSENT)
        with pytest.raises(UnknownName):
            blobs.read_range(ABSENT, 0, 1)
        assert blobs.size(ABSENT) is None
        assert blobs.path(ABSENT) is None
        blobs.delete(ABSENT)

    @pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 32, "ab"])
    def test_a_name_that_is_no_digest_is_refused(self, blobs: Blobs, name: str) -> None:
        with pytest.raises(UsageError):
            blobs.size(Digest(name))

    def test_deleted_bytes_are_gone_and_can_come_back(self, blobs: Blobs) -> None:
        digest = blobs.put(b"once")
        blobs.delete(digest)
        assert blobs.size(digest) is None
        assert list(blobs.digests()) == []
        assert blobs.get(blobs.put(b"once")) == b"once"

    def test_digests_lists_each_once(self, blobs: Blobs) -> None:
        put = {blobs.put(str(number % 40).encode()) for number in range(80)}
        assert sorted(blobs.digests()) == sorted(put)

    def test_a_path_holds_the_bytes_and_cannot_be_written(self, blobs: Blobs) -> None:
        path = blobs.path(blobs.put(b"mapped"))
        if path is None:
            pytest.skip("this store has no local files")
        assert path.read_bytes() == b"mapped"
        assert path.stat().st_mode & 0o222 == 0

    def test_many_threads_may_put_the_same_bytes(self, blobs: Blobs) -> None:
        data = [str(number % 5).encode() * 10_000 for number in range(60)]
        with ThreadPoolExecutor(6) as threads:
            digests = list(threads.map(blobs.put, data))
        assert [blobs.get(digest) for digest in digests] == data
        assert len(list(blobs.digests())) == 5

    def test_it_pickles(self, blobs: Blobs) -> None:
        digest = blobs.put(b"here and there")
        again = pickle.loads(pickle.dumps(blobs))  # noqa: S301 (our own bytes)
        assert again.get(digest) == b"here and there"
