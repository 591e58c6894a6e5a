"""Runs the user's own trainer as a program, never through a shell. Reads nothing it wrote."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.domain.ids import digest_of
from ringroad.protocols.tracker import Tracker

PLACEHOLDERS = ("dataset", "model", "seed")
"""`{dataset}` a folder to read, `{model}` the ONNX file to write, `{seed}` a number."""
NEEDED = ("dataset", "model")
LAST_LINES = 8
_PLACE = re.compile(r"\{([^{}]*)\}")


def arguments_of(command: str, values: Mapping[str, str]) -> list[str]:
    """Split a command as a shell would, then fill in its placeholders; a value stays one word.

    Raises:
        InvalidConfig: a quote is open, a placeholder is unknown, or one that is needed is absent.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidConfig(f"cannot be split: {error}", subject=command) from error
    used = {name for word in words for name in _PLACE.findall(word)}
    if unknown := sorted(used - set(PLACEHOLDERS)):
        raise InvalidConfig(
            f"unknown placeholder {{{unknown[0]}}}",
            subject=command,
            remedy=f"known: {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}",
        )
    if missing := [name for name in NEEDED if name not in used]:
        raise InvalidConfig(
            f"does not say where {{{missing[0]}}} goes",
            subject=command,
            remedy="as in: python my.py --data {dataset} --out {model}",
        )
    return [_PLACE.sub(lambda found: values[found.group(1)], word) for word in words]


def files_of(command: str) -> dict[str, str]:
    """The words of a command that are files, and their digests: an edited script is another."""
    words = shlex.split(command)
    return {
        word: digest_of(Path(word).read_bytes()) for word in words if Path(word).is_file()
    }  # fmt: skip


def run_command(arguments: Sequence[str], *, tracker: Tracker) -> None:
    """Run a program to its end; each line that it prints goes to the tracker.

    Raises:
        InputError: it cannot be started, or ends with a status other than 0.
    """
    last: deque[str] = deque(maxlen=LAST_LINES)
    subject = shlex.join(arguments)
    try:
        running = subprocess.Popen(  # noqa: S603 (the user's own command, split without a shell)
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise InputError(
            f"cannot be started: {error.strerror}",
            subject=subject,
            remedy="name a program that is installed, by its path where it is not on PATH",
        ) from error
    with running:
        for number, line in enumerate(running.stdout or (), start=1):
            last.append(line.rstrip())
            tracker.progress(last[-1], number, 0)
    if running.returncode:
        said = " | ".join(line for line in last if line) or "nothing"
        raise InputError(
            f"ended with status {running.returncode}; its last lines: {said}",
            subject=subject,
            remedy="mend the trainer and run the same again",
        )
