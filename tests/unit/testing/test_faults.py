from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.domain.errors import StorageFull, UsageError
from ringroad.testing.faults import Faults, faulty_blobs, full

KILLED = """
import sys
from pathlib import Path
from ringroad.backends.blobs_local import LocalBlobs
from ringroad.testing.faults import Faults, faulty_blobs

blobs = faulty_blobs(LocalBlobs(Path(sys.argv[1])), Faults.parse("blob:after#3"))
for number in range(9):
    blobs.put(bytes([number]))
    print(number, flush=True)
"""


def test_the_process_is_killed_at_the_nth_pass(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "0\n1\n"
    assert len(list(LocalBlobs(tmp_path).digests())) == 3


def test_an_error_is_raised_at_its_pass_only(tmp_path: Path) -> None:
    faults = Faults.parse("blob:before#2", full)
    blobs = faulty_blobs(LocalBlobs(tmp_path), faults)
    digest = blobs.put(b"1")
    with pytest.raises(StorageFull):
        blobs.put_file(Path(__file__))
    assert blobs.put(b"1") == digest
    assert blobs.get(digest) == b"1"
    assert faults.passes == {"blob:before": 3, "blob:after": 2}


def test_points_are_known_names() -> None:
    with pytest.raises(UsageError, match="catalog:before-commit"):
        Faults.parse("catalog:before")


def test_faulty_parts_pickle(tmp_path: Path) -> None:
    blobs = faulty_blobs(LocalBlobs(tmp_path), Faults("blob:before", 1, full))
    again = pickle.loads(pickle.dumps(blobs))  # noqa: S301 (our own bytes)
    with pytest.raises(StorageFull):
        again.put(b"x")
