"""Memory and threads: bounded, given back, ended."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from small_pack import HEIGHT, WIDTH, write

from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.fill import JpegFill
from ringroad.datasets.loader.loader import Loader
from ringroad.domain.errors import UsageError


def loader_threads() -> int:
    return sum(thread.name.startswith("ringroad-loader") for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def no_thread_stays():
    yield
    gc.collect()
    assert loader_threads() == 0


def test_threads_fill_no_more_than_the_slots(pack, monkeypatch):
    made = []
    fill = JpegFill.fill
    monkeypatch.setattr(JpegFill, "fill", lambda *args: (made.append(args[1]), fill(*args))[1])
    with Loader(pack, LoaderConfig(batch=4, threads=3, slots=3)) as loader:
        kept = next(iter(loader))
        deadline = time.monotonic() + 5
        while len(made) < 12 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        assert len(made) == 12  # the one in hand, and two ahead
        del kept


def test_memory_is_used_again_only_when_nobody_looks(pack):
    """A view of a view keeps its batch whole."""
    with Loader(pack, LoaderConfig(batch=4, slots=2, threads=2, seed=3)) as loader:
        kept = []
        for epoch in range(3):
            for batch in loader:
                kept.append((batch.frames[-1:][0], batch.frames[-1].copy()))
                del batch
            assert all((view == copy).all() for view, copy in kept), epoch
        first = {view.__array_interface__["data"][0] for view, _ in kept}
        assert len(first) == len(kept)


def test_slots_go_round(pack):
    made = []

    def allocate(shape):
        made.append(shape)
        return np.empty(shape, np.uint8)

    with Loader(pack, LoaderConfig(batch=4, slots=3), allocate=allocate) as loader:
        for _ in range(20):
            for batch in loader:
                del batch
        assert made == [(4, HEIGHT, WIDTH, 3)] * 3


def test_memory_given_back_shrinks_the_ring(pack):
    made = []

    def allocate(shape):
        made.append(shape)
        return np.empty(shape, np.uint8)

    with Loader(pack, LoaderConfig(batch=4, slots=2), allocate=allocate) as loader:
        kept = list(loader)
        grown = len(made)
        assert grown > 2
        kept.clear()
        for _ in range(5):
            for batch in loader:
                del batch
        assert len(made) <= grown + 1
        ring = loader._ring
        assert ring._total == 2


def _held() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_nothing_leaks_over_epochs(pack):
    with Loader(pack, LoaderConfig(batch=4, threads=2)) as loader:
        for _ in range(30):
            for batch in loader:
                del batch
        before = _held()
        for _ in range(150):
            for batch in loader:
                del batch
        assert _held() - before < 4 << 20  # 150 epochs of frames are 28 MB
    files = Path("/proc/self/fd")
    count = len(list(files.iterdir()))
    for _ in range(10):
        with Loader(pack, LoaderConfig(batch=4, threads=2)) as loader:
            next(iter(loader))
    assert len(list(files.iterdir())) <= count


def test_a_loader_that_is_forgotten_ends_its_threads(pack):
    loader = Loader(pack, LoaderConfig(batch=4, threads=2))
    batch = next(iter(loader))
    assert loader_threads() == 2
    del loader
    gc.collect()
    assert loader_threads() == 0
    assert batch.frames.any()  # and what was handed out stays whole


def test_an_error_of_the_consumer_ends_the_threads(pack):
    def learn():
        with Loader(pack, LoaderConfig(batch=4)) as loader:
            for _ in loader:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        learn()


@pytest.mark.parametrize("where", ["fill", "expect", "scratch"])
def test_an_unexpected_error_reaches_the_consumer(pack, monkeypatch, where):
    def broken(*args):
        raise MemoryError("no more")

    monkeypatch.setattr(JpegFill, where, broken)
    loader = Loader(pack, LoaderConfig(batch=4, threads=2, on_error="skip"))
    with pytest.raises(MemoryError, match="no more"):
        next(iter(loader))
    assert loader_threads() == 0


def test_whoever_waits_is_told_of_a_close(pack, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(JpegFill, "expect", lambda *_: held.wait(10))
    loader = Loader(pack, LoaderConfig(batch=4, threads=1))
    told = []

    def take():
        try:
            next(iter(loader))
            next(iter(loader))
        except UsageError as error:
            told.append(str(error))

    waiting = threading.Thread(target=take)
    waiting.start()
    time.sleep(0.1)
    threading.Timer(0.1, held.set).start()
    loader.close()
    waiting.join(10)
    assert not waiting.is_alive()


INTERRUPTED = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
sys.path.insert(0, sys.argv[2])
from ringroad.datasets.loader.fill import JpegFill
from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.pack import open_pack
JpegFill.expect = lambda *args: time.sleep(1)
loader = Loader(open_pack(sys.argv[1]), LoaderConfig(batch=4, threads=2))
print("ready", flush=True)
try:
    for _ in range(1000):
        for batch in loader:
            pass
except KeyboardInterrupt:
    import threading
    print(sum(t.name.startswith("ringroad-loader") for t in threading.enumerate()), flush=True)
"""


def test_an_interrupt_ends_the_threads(tmp_path):
    write(tmp_path / "pack", 20)
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "pack"), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        try:
            told, _ = child.communicate(timeout=30)
        finally:
            child.kill()
    assert told == "0\n"
    assert child.returncode == 0


def test_a_program_that_just_ends_ends(tmp_path):
    write(tmp_path / "pack", 20)
    program = INTERRUPTED.split("JpegFill.expect")[0] + (
        "loader = Loader(open_pack(sys.argv[1]), LoaderConfig(batch=4, threads=2))\n"
        "batch = next(iter(loader))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "pack"), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
