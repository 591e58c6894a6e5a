"""A reusable spawned worker with limits, for decoding untrusted bytes.

The worker's replies are read by `sandbox_wire`, which executes nothing: a decoder that was taken
over by the file it read can answer with wrong values, not with code. This is a wall against
crashes, hangs and memory, and against pickles; it is no jail for system calls.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import socket
import struct
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

import numpy as np

from ringroad.backends import sandbox_wire
from ringroad.backends.sandbox_inline import unreadable
from ringroad.backends.spawned import begin_worker, import_name, signal_name
from ringroad.domain import errors
from ringroad.domain.errors import (
    InvalidConfig,
    RingroadError,
    UnreadableSource,
    WorkerDied,
    WorkerTimedOut,
)

R = TypeVar("R")
GIB = 1 << 30
SIZES = struct.Struct("<QQ")
"""Before each message: bytes of its head, number of its buffers."""

MAX_BUFFERS = 1 << 20
GRACE_S = 5.0
"""How long a worker may take to end by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one worker may use.

    Attributes:
        memory_bytes: address space, shared libraries included (RLIMIT_AS).
        timeout_s: wall time of one call, start of the worker included.
        cpu_s: CPU time of one call; None for no limit of its own.
    """

    memory_bytes: int
    timeout_s: float
    cpu_s: int | None


class SpawnSandbox:
    """One worker, started at the first call and again after it died.

    Pickles as its limits. Calls from several threads take turns.
    """

    def __init__(
        self, *, memory_bytes: int = 4 * GIB, timeout_s: float = 120.0, cpu_s: int | None = None
    ) -> None:
        if memory_bytes <= 0 or timeout_s <= 0 or (cpu_s is not None and cpu_s <= 0):
            raise InvalidConfig("the limits of a sandbox are numbers above zero")
        self.limits = Limits(memory_bytes=memory_bytes, timeout_s=timeout_s, cpu_s=cpu_s)
        self._turn = threading.Lock()
        self._worker: _Worker | None = None

    def call(self, function: Callable[..., R], *args: Any, timeout_s: float | None = None) -> R:
        """Run `function(*args)` inside."""
        name = import_name(function)
        request = pickle.dumps((name, args), protocol=5)
        allowed_s = self.limits.timeout_s if timeout_s is None else timeout_s
        with self._turn:
            if self._worker is None or not self._worker.alive():
                self.close()
                self._worker = _Worker(self.limits)
            try:
                reply = self._worker.ask(request, time.monotonic() + allowed_s)
            except BaseException as error:
                told = self._worker.end(error, name, allowed_s)
                self._worker = None
                if told is None:
                    raise
                raise told from error
            try:
                result: R = _open(reply, name)
            except WorkerDied:  # it says so itself when it ran out of memory
                self.close()
                raise
        return result

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def __reduce__(self) -> tuple[Callable[..., SpawnSandbox], tuple[Limits]]:
        return _again, (self.limits,)


def _again(limits: Limits) -> SpawnSandbox:
    return SpawnSandbox(
        memory_bytes=limits.memory_bytes, timeout_s=limits.timeout_s, cpu_s=limits.cpu_s
    )


class _Worker:
    """The near end of one spawned process."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.line, far = socket.socketpair()
        self.process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(far, limits), daemon=True, name="ringroad-sandbox"
        )
        with far:
            self.process.start()
        self.kill = weakref.finalize(self, _kill, self.process, self.line)

    def alive(self) -> bool:
        return self.process.is_alive()

    def ask(self, request: bytes, deadline: float) -> Any:
        """Send one request and decode its reply.

        Raises:
            TimeoutError: the deadline passed.
            EOFError: the worker closed its end; BrokenPipeError, ConnectionResetError likewise.
            BadReply: what came is not a reply.
        """
        self._within(deadline)
        self.line.sendall(SIZES.pack(len(request), 0))
        self.line.sendall(request)
        head, buffers = self._receive(deadline)
        return sandbox_wire.decode(bytes(head), buffers)

    def end(self, error: BaseException, function: str, allowed_s: float) -> RingroadError | None:
        """Kill the worker; say what became of it, None where the error is not its own."""
        ended = isinstance(error, (EOFError, ConnectionError))
        if ended:
            self.process.join(GRACE_S)
        code = self.process.exitcode
        self.kill()
        if isinstance(error, TimeoutError):
            return _timed_out(function, f"took longer than {allowed_s:g} s")
        if ended and code == -signal.SIGXCPU:
            return _timed_out(function, f"took longer than {self.limits.cpu_s} s of CPU")
        if ended:
            return _died(function, f"the worker ended with {signal_name(code)}")
        if isinstance(error, sandbox_wire.BadReply):
            return _died(function, f"the worker's reply is broken: {error}")
        return None

    def _receive(self, deadline: float) -> tuple[memoryview, list[memoryview]]:
        head_bytes, count = SIZES.unpack(self._exactly(SIZES.size, deadline))
        room = self.limits.memory_bytes - head_bytes
        if room < 0 or count > MAX_BUFFERS:
            raise sandbox_wire.BadReply(f"it claims {head_bytes} bytes and {count} buffers")
        sizes = struct.unpack(f"<{count}Q", self._exactly(8 * count, deadline))
        if sum(sizes) > room:
            raise sandbox_wire.BadReply(f"it claims {sum(sizes)} bytes")
        head = self._exactly(head_bytes, deadline)
        return head, [self._exactly(size, deadline) for size in sizes]

    def _exactly(self, size: int, deadline: float) -> memoryview:
        data = np.empty(size, np.uint8).data  # not touched before it is filled
        rest = data
        while rest:
            self._within(deadline)
            got = self.line.recv_into(rest)
            if not got:
                raise EOFError
            rest = rest[got:]
        return data

    def _within(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.line.settimeout(left)


def _kill(process: SpawnProcess, line: socket.socket) -> None:
    line.close()
    process.kill()
    process.join()


def _timed_out(function: str, what: str) -> WorkerTimedOut:
    return WorkerTimedOut(
        f"the decoder {what} and was stopped",
        subject=function,
        remedy="the source is damaged or too large for the limit; raise it in the settings",
    )


def _died(function: str, what: str) -> WorkerDied:
    return WorkerDied(
        what,
        subject=function,
        remedy="the source is damaged or hostile, or needs more memory than the limit allows",
    )


def _open(reply: Any, function: str) -> Any:
    """The result, or the error that the function raised."""
    match reply:
        case ["done", result]:
            return result
        case ["error", str(kind), str(what), str(subject), str(place), str(remedy)]:
            known = getattr(errors, kind, None)
            if not (isinstance(known, type) and issubclass(known, RingroadError)):
                known = UnreadableSource
            raise known(what, subject=subject, place=place, remedy=remedy)
    raise _died(function, "the worker's reply is broken: neither a result nor an error")


def _serve(line: socket.socket, limits: Limits) -> None:
    """The worker: one request after the other until the other end is gone."""
    begin_worker()
    os.dup2(2, 1)  # whatever a decoder prints, the program's own output stays clean
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    while (request := _request(line)) is not None:
        _limit_cpu(limits.cpu_s)
        head, buffers = _answer(request, limits)
        line.sendall(SIZES.pack(len(head), len(buffers)))
        line.sendall(struct.pack(f"<{len(buffers)}Q", *(part.nbytes for part in buffers)))
        line.sendall(head)
        for part in buffers:
            line.sendall(part)


def _request(line: socket.socket) -> bytearray | None:
    size = _take(line, SIZES.size)
    return None if size is None else _take(line, SIZES.unpack(size)[0])


def _take(line: socket.socket, size: int) -> bytearray | None:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        got = line.recv_into(rest)
        if not got:
            return None
        rest = rest[got:]
    return data


def _limit_cpu(cpu_s: int | None) -> None:
    if cpu_s is not None:
        used = time.process_time()
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + cpu_s + 1, hard))


def _answer(request: bytearray, limits: Limits) -> tuple[bytes, list[memoryview]]:
    name = "?"
    try:
        name, args = pickle.loads(request)  # noqa: S301 (from the parent, who is trusted)
        return sandbox_wire.encode(["done", _found(name)(*args)])
    except RingroadError as error:
        return _failure(error)
    except MemoryError:
        mib = limits.memory_bytes >> 20
        return _failure(_died(name, f"the decoder ran out of its {mib} MiB of memory"))
    except Exception as error:  # noqa: BLE001 (the protocol: any error of a decoder is one)
        return _failure(unreadable(name, error))


def _failure(error: RingroadError) -> tuple[bytes, list[memoryview]]:
    told = (error.what, error.subject, error.place, error.remedy)
    return sandbox_wire.encode(["error", type(error).__name__, *map(str, told)])


def _found(name: str) -> Callable[..., Any]:
    module, _, path = name.partition(":")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    call: Callable[..., Any] = found
    return call
