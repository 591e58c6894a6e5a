from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.domain.errors import DigestMismatch, StorageFull
from ringroad.domain.ids import digest_of

LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))"
FULL = """
import sys
from pathlib import Path
from ringroad.backends.blobs_local import LocalBlobs
from ringroad.domain.errors import StorageFull

blobs = LocalBlobs(Path(sys.argv[1]))
small = blobs.put(b"fits")
try:
    blobs.put(bytes(8 << 20))
except StorageFull as error:
    assert "run the same command again" in str(error), error
    assert blobs.put(b"fits") == small
    sys.exit(7)
"""
ENDLESS = """
import sys
from pathlib import Path
from ringroad.backends.blobs_local import LocalBlobs

blobs, number = LocalBlobs(Path(sys.argv[1])), 0
while True:
    data = number.to_bytes(8, "little") * 60_000
    print(blobs.put(data), flush=True)
    number += 1
"""


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_blob_is_a_read_only_file_under_its_prefix(blobs: LocalBlobs) -> None:
    digest = blobs.put(b"bytes")
    path = blobs.root / digest[:2] / digest
    assert files(blobs.root) == [path]
    assert path.stat().st_mode & 0o777 == 0o444


def test_fsyncs_are_those_the_docstring_states(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def counting(descriptor: int) -> None:
        synced.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", counting)
    blobs.put(b"first in its folder")
    assert len(synced) == 3
    synced.clear()
    blobs.put(b"first in its folder")
    assert len(synced) == 1


def test_a_blob_cut_short_is_written_again(blobs: LocalBlobs) -> None:
    digest = blobs.put(b"whole bytes")
    path = blobs.root / digest[:2] / digest
    path.chmod(0o644)
    path.write_bytes(b"who")
    assert blobs.put(b"whole bytes") == digest
    assert blobs.get(digest) == b"whole bytes"


def test_rot_is_found_when_all_is_read(blobs: LocalBlobs) -> None:
    digest = blobs.put(b"whole bytes")
    path = blobs.root / digest[:2] / digest
    path.chmod(0o644)
    path.write_bytes(b"whole_bytes")
    with pytest.raises(DigestMismatch, match=digest):
        blobs.get(digest)


def test_a_reader_that_fails_leaves_nothing(blobs: LocalBlobs) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError("torn")
            return super().read(min(10, size or 10))

    with pytest.raises(ConnectionError):
        blobs.put(Torn(bytes(100)))
    assert files(blobs.root) == []


def test_leftovers_go_after_the_grace(blobs: LocalBlobs) -> None:
    blobs.put(b"kept")
    half = blobs.root / "incoming" / "abc.part"
    half.write_bytes(b"half")
    assert blobs.discard_leftovers(before_ns=half.stat().st_mtime_ns) == (0, 0)
    assert blobs.discard_leftovers(before_ns=half.stat().st_mtime_ns + 1) == (1, 4)
    assert len(list(blobs.digests())) == 1


def test_putting_again_renews_the_time_that_discard_goes_by(blobs: LocalBlobs) -> None:
    digest = blobs.put(b"old")
    path = blobs.path(digest)
    assert path is not None
    os.utime(path, ns=(1, 1))
    assert blobs.put(b"old") == digest
    assert blobs.discard(digest, before_ns=1_000_000) is None
    assert blobs.discard(digest, before_ns=time.time_ns() + 1_000_000_000) == 3
    assert blobs.size(digest) is None


def test_a_full_file_system_leaves_nothing_half_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMIT + FULL, str(tmp_path)],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (7, b"")
    assert [path.read_bytes() for path in files(tmp_path)] == [b"fits"]


def test_a_full_tmpfs(tmp_path: Path) -> None:
    within = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no user make a mount namespace")
    mount = 'mount -t tmpfs -o size=4m none "$1" && exec "$2" -c "$3" "$1"'
    done = subprocess.run(
        [*within, "sh", "-c", mount, "sh", str(tmp_path), sys.executable, FULL],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 7, done.stderr


@pytest.mark.parametrize("wait_s", [0.05, 0.1, 0.15, 0.2])
def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path, wait_s: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip()]
        time.sleep(wait_s)
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().split()
    blobs = LocalBlobs(tmp_path)
    complete = [digest for digest in told if len(digest) == 64]
    assert complete
    for digest in blobs.digests():
        assert digest_of(blobs.get(digest)) == digest
    assert set(complete) <= set(blobs.digests())
    leftovers, _ = blobs.discard_leftovers(before_ns=time.time_ns() + 10**9)
    assert leftovers <= 1
    assert len(files(tmp_path)) == len(list(blobs.digests()))


def test_no_room_for_the_folder_is_full_too(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StorageFull):
        blobs.put(b"bytes")
    assert files(blobs.root) == []
