"""Open a workspace for a command, show progress on the terminal, close it at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from ringroad.app import Settings, open_workspace
from ringroad.cli.doors import Door
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.runner import StepEvent


class TerminalTracker:
    """Shows how far a long work is: one line that is written over, on a terminal only."""

    def __init__(self, *, shown: bool) -> None:
        self.shown = shown and sys.stderr.isatty()
        self.last = 0.0

    def metrics(self, values: Mapping[str, float], *, step: int) -> None:
        """Show training figures."""
        text = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        self._line(f"  epoch {step}: {text}")

    def progress(self, what: str, done: int, total: int) -> None:
        """Show a count, at most ten times a second."""
        now = time.monotonic()
        if now - self.last > 0.1 or done == total:
            self.last = now
            self._line(f"  {what}: {done} of {total}" if total else f"  {what}: {done}")

    def clear(self) -> None:
        """Wipe the line."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _line(self, text: str) -> None:
        if self.shown:
            sys.stderr.write(f"\r\x1b[K{text[:100]}")
            sys.stderr.flush()


def settings_of(door: Door) -> Settings:
    """How this call opens its workspace."""
    return Settings(folder=door.workspace, workers=door.workers)


@contextmanager
def opened(door: Door, *, why: bool = False, create: bool = False) -> Iterator[Workspace]:
    """The workspace of this call."""
    tracker = TerminalTracker(shown=not (door.json or door.quiet))

    def listener(event: StepEvent) -> None:
        tracker.clear()
        if why:
            click.echo(explained(event), err=True)

    def say(text: str) -> None:
        tracker.clear()
        door.say(text)

    settings = settings_of(door)
    workspace = open_workspace(settings, tracker=tracker, listener=listener, say=say, create=create)
    try:
        yield workspace
    finally:
        tracker.clear()
        workspace.close()


def explained(event: StepEvent) -> str:
    """One line of --why."""
    if event.cached:
        return f"{event.step}: nothing changed, not run"
    return f"{event.step}: ran ({'; '.join(event.why)}), {event.wall_s:.2f} s"
