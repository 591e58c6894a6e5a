"""Decoders that misbehave in every way a sandbox must survive. Importable from a worker."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import numpy as np

from ringroad.domain.errors import UnreadableSource


def give_back(*args: Any) -> tuple[Any, ...]:
    """The arguments, as they arrived."""
    return args


def process_id() -> int:
    """Who answers."""
    return os.getpid()


def zeros(count: int) -> np.ndarray:
    """So many zero bytes, all of them touched."""
    return np.full(count, 0, np.uint8)


def refuse(name: str) -> None:
    """Raise an error of ours, complete with its parts."""
    raise UnreadableSource("is no video", subject=name, place="offset 12", remedy="give another")


def fail(text: str) -> None:
    """Raise an error that is not ours."""
    raise KeyError(text)


def hang() -> None:
    """Never answer."""
    while True:
        time.sleep(60)


def spin() -> None:
    """Use up CPU time."""
    while True:
        pass


def die(signal_number: int = signal.SIGKILL) -> None:
    """End like a crashed native library."""
    os.kill(os.getpid(), signal_number)


def leave(code: int) -> None:
    """End without a word."""
    os._exit(code)


def double(number: int) -> int:
    """For executors: some work."""
    return 2 * number


def double_late(number: int) -> int:
    """Work that takes the longer the smaller the number is, so that results come out of order."""
    time.sleep(max(0, 4 - number) * 0.02)
    return 2 * number


def double_unless(number: int, bad: int) -> int:
    """Work with one bad item."""
    if number == bad:
        raise UnreadableSource("is the bad one", subject=str(number))
    return 2 * number


def double_or_die(number: int, bad: int) -> int:
    """Work with one deadly item."""
    if number == bad:
        die()
    return 2 * number
