"""The suites that sandboxes pass: manners for all, walls for those that isolate."""

from __future__ import annotations

import pickle
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ringroad.domain.annotation import Box
from ringroad.domain.errors import UnreadableSource, UsageError, WorkerDied, WorkerTimedOut
from ringroad.domain.ids import Digest, RecordingId, VehicleId
from ringroad.domain.recording import Channel, Recording
from ringroad.protocols.reader import Reading
from ringroad.protocols.sandbox import Sandbox
from ringroad.testing import decoders

RECORDING = Recording(
    id=RecordingId("car/a.mp4"),
    vehicle=VehicleId("car"),
    source_key="a.mp4",
    source=Digest("0" * 64),
    container="mp4",
    start_ns=1,
    duration_ns=2,
    channels=(Channel(name="front", sensor="camera", encoding="h264", messages=3),),
    clock="declared",
)
PLAIN_VALUES = (
    None,
    True,
    -(2**80),
    0.1,
    float("inf"),
    "tëxt\udc00",
    b"",
    bytes(range(256)),
    [1, [2, (3, "x")], {}],
    (),
    {"a": 1, 2: [None], (3, 4): b"key"},
    Path("some/where.mp4"),
    np.float32(1.5),
    Box(x=1.0, y=2, w=3.0, h=4.0),
    RECORDING,
)
ARRAYS: tuple[np.ndarray, ...] = (
    np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    np.zeros((0, 5), np.float64),
    np.array(7, np.int64),
    np.asfortranarray(np.arange(12, dtype=np.float32).reshape(3, 4)),
    np.arange(20, dtype=">i4")[::3].astype("<i4"),
    np.array([True, False]),
)


class SandboxContract:
    """Calls by import name, values in and out, errors as the protocol says."""

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        """A sandbox; the fixture closes it."""
        raise NotImplementedError

    def test_plain_values_come_back_equal(self, sandbox: Sandbox) -> None:
        heard = sandbox.call(decoders.give_back, *PLAIN_VALUES)
        assert heard == PLAIN_VALUES
        assert [type(value) for value in heard] == [type(value) for value in PLAIN_VALUES]

    def test_arrays_come_back_equal_and_can_be_written(self, sandbox: Sandbox) -> None:
        back = sandbox.call(decoders.give_back, *(array.copy() for array in ARRAYS))
        for said, heard in zip(ARRAYS, back, strict=True):
            assert isinstance(heard, np.ndarray)
            assert (heard.dtype, heard.shape) == (said.dtype, said.shape)
            np.testing.assert_array_equal(heard, said)
            heard[...] = 0

    def test_a_reading_comes_back_with_its_tables(self, sandbox: Sandbox) -> None:
        frames = pa.table({"a": [1, 2], "b": ["x", None]}).replace_schema_metadata({"k": "v"})
        said = Reading(recording=RECORDING, frames=frames, signals=frames[:0], cuts=(5, 9))
        (heard,) = sandbox.call(decoders.give_back, said)
        assert heard.recording == RECORDING
        assert heard.frames.equals(frames, check_metadata=True)
        assert heard.signals.num_rows == 0
        assert (heard.cuts, heard.notes) == ((5, 9), ())

    def test_our_errors_come_back_as_themselves(self, sandbox: Sandbox) -> None:
        with pytest.raises(UnreadableSource) as raised:
            sandbox.call(decoders.refuse, "a.mp4")
        error = raised.value
        assert (error.subject, error.place, error.remedy) == ("a.mp4", "offset 12", "give another")

    def test_other_errors_are_unreadable_sources(self, sandbox: Sandbox) -> None:
        with pytest.raises(UnreadableSource, match=r"KeyError: .*atom.*decoders:fail|decoders"):
            sandbox.call(decoders.fail, "no such atom")

    def test_only_importable_functions(self, sandbox: Sandbox) -> None:
        with pytest.raises(UsageError):
            sandbox.call(lambda: None)

    def test_threads_take_turns(self, sandbox: Sandbox) -> None:
        def call(number: int) -> Any:
            return sandbox.call(decoders.give_back, number)[0]

        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(call, range(40))) == list(range(40))


class IsolatingSandboxContract(SandboxContract):
    """A worker's death is not ours, and the next call gets a fresh one."""

    def test_the_worker_is_reused(self, sandbox: Sandbox) -> None:
        assert sandbox.call(decoders.process_id) == sandbox.call(decoders.process_id)

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
    def test_a_killed_worker_names_its_signal(self, sandbox: Sandbox, number: int) -> None:
        with pytest.raises(WorkerDied, match=signal.Signals(number).name):
            sandbox.call(decoders.die, number)
        assert sandbox.call(decoders.give_back, 1) == (1,)

    def test_a_worker_that_leaves_is_dead(self, sandbox: Sandbox) -> None:
        with pytest.raises(WorkerDied, match="exit code 3"):
            sandbox.call(decoders.leave, 3)
        assert sandbox.call(decoders.give_back, 1) == (1,)

    def test_a_hanging_worker_is_stopped(self, sandbox: Sandbox) -> None:
        first = sandbox.call(decoders.process_id)
        with pytest.raises(WorkerTimedOut, match=r"0\.3 s"):
            sandbox.call(decoders.hang, timeout_s=0.3)
        assert sandbox.call(decoders.process_id) != first

    def test_a_greedy_worker_is_stopped(self, sandbox: Sandbox) -> None:
        with pytest.raises(WorkerDied):
            sandbox.call(decoders.zeros, 1 << 40)
        assert sandbox.call(decoders.zeros, 1 << 20).nbytes == 1 << 20

    def test_its_settings_pickle(self, sandbox: Sandbox) -> None:
        mine = sandbox.call(decoders.process_id)
        other = pickle.loads(pickle.dumps(sandbox))  # noqa: S301 (our own bytes)
        assert other.call(decoders.process_id) != mine
        other.close()
