"""Scratch folders: empty, held while their process lives, swept once it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from ringroad.workflow.scratch import PREFIX, Scratch, sweep

HOLD = """
import sys
from pathlib import Path
from ringroad.workflow.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]))
(scratch.path / "deep").mkdir()
(scratch.path / "deep" / "rows.arrow").write_bytes(b"0" * 4096)
print(scratch.path, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_left_goes_with_the_next_scratch_folder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        left = owner.stdout.readline().strip()
        beside = Scratch(tmp_path)
        assert sorted(str(path) for path in tmp_path.iterdir()) == sorted([left, str(beside.path)])
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    again = Scratch(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([beside.path, again.path])
    beside.close()
    again.close()
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_follows_no_link_and_touches_no_other_folder(tmp_path):
    aim = tmp_path / "kept"
    aim.mkdir()
    (aim / "file").write_text("kept")
    near = tmp_path / "near"
    near.mkdir()
    (near / f"{PREFIX}link").symlink_to(aim)
    (near / f"{PREFIX}file").write_text("a file")
    (near / "ringroad-other").mkdir()
    assert sweep(near) == []
    assert (aim / "file").read_text() == "kept"
    assert len(list(near.iterdir())) == 3


def test_many_at_once_never_sweep_one_another(tmp_path):
    def use(number: int) -> bool:
        scratch = Scratch(tmp_path)
        mine = scratch.path / "mine"
        mine.write_text(str(number))
        kept = [path.name for path in scratch.path.iterdir()] == ["mine"]
        kept = kept and mine.read_text() == str(number)
        scratch.close()
        return kept

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(400)))
    assert list(tmp_path.iterdir()) == []
