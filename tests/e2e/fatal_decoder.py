"""A sandbox whose decoder is killed with SIGKILL in the middle of a frame, for HEVC alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.media.video.container import decode_packets


class FatalForHevc(SpawnSandbox):
    """Decodes all other codecs as always."""

    def call(self, function: Callable[..., Any], *args: Any, timeout_s: float | None = None) -> Any:
        if function is decode_packets and args[0] == "hevc":
            function = killed_in_mid_frame
        return super().call(function, *args, timeout_s=timeout_s)


def killed_in_mid_frame(*args: Any) -> None:
    """Decode over and over until the kill comes, so that it always meets a decoder at work."""
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
    while True:
        decode_packets(*args)
