"""Who holds a lease: `host:process`, and whether that process has gone."""

from __future__ import annotations

import os
import socket


def this_process() -> str:
    """The owner to name in leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


def host_of(owner: str) -> str:
    """The machine an owner runs on."""
    return owner.rpartition(":")[0] or owner


def is_gone(owner: str) -> bool:
    """Whether an owner on this machine has certainly ended; False where that cannot be known.

    A process number that is in use again keeps a dead owner alive until its lease expires.
    """
    host, _, process = owner.rpartition(":")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
