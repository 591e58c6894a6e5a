"""A sandbox whose engine crashes like native code does, on one network and no other."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.deploy.admit import admit_network
from ringroad.domain.ids import digest_of


class FatalEngine(SpawnSandbox):
    """Takes in all other networks as always."""

    def __init__(self, fatal: bytes) -> None:
        super().__init__(timeout_s=60.0)
        self.fatal = digest_of(fatal)

    def call(self, function: Callable[..., Any], *args: Any, timeout_s: float | None = None) -> Any:
        if function is admit_network and digest_of(args[1]) == self.fatal:
            function = admitted_and_crashed
        return super().call(function, *args, timeout_s=timeout_s)


def admitted_and_crashed(*args: Any) -> None:
    """Go all the way with the real engine, then end with a segmentation fault."""
    admit_network(*args)
    os.kill(os.getpid(), signal.SIGSEGV)
