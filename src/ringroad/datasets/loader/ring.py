"""A ring of threads that fills batches ahead, in a known order, into memory that is used again.

Threads take frames one by one, so that a batch is done as soon as all can help it be; which
thread does what changes nothing in it. Batches are opened while there is a free slot and no
further: memory is bounded, and threads wait for whoever takes the batches. A batch that was handed
out owns its slot as long as anybody refers to its array; then the slot is filled again. Who keeps
more batches than the ring has slots gets them in memory of their own.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import numpy as np

from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.order import Step
from ringroad.domain.errors import UsageError


@dataclass(slots=True, kw_only=True, eq=False)
class Filling:
    """A batch that threads are filling.

    Attributes:
        step: what it holds.
        slot: (batch, h, w, 3) uint8.
        left: frames that are not done.
        marks: of the frames that are.
        errors: why a frame could not be had, by its place.
        done: set when none is left.
    """

    step: Step
    slot: np.ndarray
    left: int
    marks: list[Marks]
    errors: dict[int, Exception] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)


class Fill(Protocol):
    """Makes frames. One instance serves all threads of a ring."""

    def scratch(self) -> Any:
        """Memory for one thread."""
        ...

    def expect(self, step: Step) -> None:
        """A step is opened and will be filled soon."""
        ...

    def fill(self, step: Step, place: int, out: np.ndarray, scratch: Any) -> Marks:
        """Write one frame into (h, w, 3) uint8 and return its marks."""
        ...


class Ring:
    """Threads that fill the batches of a plan.

    Args:
        plan: steps in order; threads take turns at it.
        filler: makes frames.
        threads: how many.
        slots: batches in memory, those that are handed out included.
        allocate: makes one slot.
    """

    def __init__(
        self,
        plan: Iterator[Step],
        filler: Fill,
        *,
        threads: int,
        slots: int,
        allocate: Callable[[], np.ndarray],
    ) -> None:
        self._plan = plan
        self._filler = filler
        self._allocate = allocate
        self._slots = slots
        self._total = slots
        self._out: set[int] = set()
        self._free: SimpleQueue[np.ndarray | None] = SimpleQueue()
        self._opened: SimpleQueue[Filling | Exception | None] = SimpleQueue()
        self._turn = threading.Lock()
        self._tally = threading.Lock()
        self._current: Filling | None = None
        self._place = 0
        self._closed = False
        for _ in range(slots):
            self._free.put(allocate())
        self._threads = [
            threading.Thread(target=self._work, daemon=True, name=f"ringroad-loader-{number}")
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def take(self) -> Filling:
        """The next batch, done. Raises UsageError where the ring was closed."""
        self._balance()
        found = self._opened.get()
        if found is None:
            raise UsageError("the loader was closed", remedy="open it again with its last state")
        if isinstance(found, Exception):
            raise found
        found.done.wait()
        return found

    def hand_out(self, slot: np.ndarray) -> np.ndarray:
        """An array over a slot; when it and all views of it are gone, the slot is free again."""
        lease = _Lease(slot)
        self._out.add(id(slot))
        weakref.finalize(lease, self._back, slot).atexit = False
        return np.asarray(lease)

    def give_back(self, slot: np.ndarray) -> None:
        """A slot that nobody gets to see is free again."""
        self._free.put(slot)

    def close(self) -> None:
        """End the threads; each finishes the frame it is at."""
        self._closed = True
        self._free.put(None)
        self._opened.put(None)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _balance(self) -> None:
        """Grow where all slots are held by who took them, and shrink again afterwards."""
        if len(self._out) >= self._total:
            self._free.put(self._allocate())
            self._total += 1
        while self._total > self._slots and len(self._out) < self._slots:
            try:
                self._free.get_nowait()
            except Empty:
                return
            self._total -= 1

    def _back(self, slot: np.ndarray) -> None:
        # Called wherever the last reference goes, even in the middle of garbage collection:
        # nothing here takes a lock that somebody could hold.
        self._out.discard(id(slot))
        self._free.put(slot)

    def _work(self) -> None:
        scratch = None
        while True:
            try:
                scratch = scratch or self._filler.scratch()
                with self._turn:
                    task = self._claim()
            except Exception as error:  # noqa: BLE001 (raised again by whoever takes the batch)
                self._closed = True
                self._opened.put(error)
                return
            if task is None:
                return
            filling, place = task
            try:
                out = filling.slot[place]
                filling.marks[place] = self._filler.fill(filling.step, place, out, scratch)
            except Exception as error:  # noqa: BLE001 (raised again by whoever takes the batch)
                filling.errors[place] = error
            with self._tally:
                filling.left -= 1
                done = not filling.left
            if done:
                filling.done.set()

    def _claim(self) -> tuple[Filling, int] | None:
        """The next frame to make; waits for a free slot. None where the ring was closed."""
        if self._current is None or self._place == len(self._current.marks):
            slot = None if self._closed else self._free.get()
            if slot is None or self._closed:
                self._closed = True
                return None
            step = next(self._plan)
            count = len(step.rows)
            self._current = Filling(step=step, slot=slot, left=count, marks=[Marks()] * count)
            self._place = 0
            self._filler.expect(step)
            self._opened.put(self._current)
        place = self._place
        self._place += 1
        return self._current, place


class _Lease:
    """Lends a slot out: arrays made of it keep it, and its end tells that they are gone."""

    def __init__(self, slot: np.ndarray) -> None:
        self.slot = slot
        self.__array_interface__ = slot.__array_interface__
