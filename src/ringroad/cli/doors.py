"""What all commands share: global options, exit codes, the way errors and JSON are shown."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ringroad.domain.errors import Conflict, RingroadError, StepFailed, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_GATE_FAIL = 3
EXIT_GATE_INCONCLUSIVE = 4
EXIT_SOME_REFUSED = 5
EXIT_CONFLICT = 6

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How this call was asked to behave."""

    workspace: Path
    json: bool
    quiet: bool
    yes: bool
    workers: int
    seed: int

    def say(self, text: str = "") -> None:
        """A line for people; nothing under --json and --quiet."""
        if not (self.json or self.quiet):
            click.echo(text)

    def give(self, value: Any, text: str = "") -> None:
        """The result: one JSON object under --json, else the text."""
        if self.json:
            click.echo(json.dumps(value, sort_keys=True, ensure_ascii=False))
        elif text:
            click.echo(text)


def command(group: click.Group | None = None, **attributes: Any) -> Callable[[F], click.Command]:
    """Make a command that takes the global options and turns errors into exit codes."""

    def wrap(function: F) -> click.Command:
        made = (group.command if group else click.command)(**attributes)
        return made(_global_options(_guarded(function)))

    return wrap


def _global_options(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        names = ("workspace", "json", "quiet", "yes", "workers", "seed")
        door = Door(**{name: kwargs.pop(name) for name in names})
        return function(door, *args, **kwargs)

    options = (
        click.option(
            "--workspace",
            type=click.Path(file_okay=False, path_type=Path),
            default="ringroad-data",
            envvar="RINGROAD_WORKSPACE",
            show_default=True,
            help="Folder of the workspace.",
        ),
        click.option("--json", is_flag=True, help="Machine-readable output on stdout only."),
        click.option("--quiet", is_flag=True, help="Say only what went wrong."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option(
            "--workers",
            type=click.IntRange(1),
            default=min(os.cpu_count() or 1, 8),
            show_default="CPU cores",
            help="Processes to work with.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Seed of the call."),
    )
    for option in reversed(options):
        call = option(call)
    return call


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(door: Door, *args: Any, **kwargs: Any) -> Any:
        try:
            status = function(door, *args, **kwargs)
        except RingroadError as error:
            _show(door, error)
            status = exit_code(error)
        if isinstance(status, int) and status:
            raise click.exceptions.Exit(status)

    return call


def exit_code(error: RingroadError) -> int:
    """The exit code of an error; of a failed step, that of what made it fail."""
    if isinstance(error, StepFailed) and isinstance(error.__cause__, RingroadError):
        return exit_code(error.__cause__)
    if isinstance(error, UsageError):
        return EXIT_USAGE
    return EXIT_CONFLICT if isinstance(error, Conflict) else EXIT_FAILED


def _show(door: Door, error: RingroadError) -> None:
    if door.json:
        body = {
            "error": error.code,
            "what": error.what,
            "subject": error.subject,
            "place": error.place,
            "remedy": error.remedy,
        }
        click.echo(json.dumps(body, sort_keys=True), err=True)
        return
    where = ", ".join(part for part in (error.subject, error.place) if part)
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(f"{where}: {error.what}" if where else error.what, err=True)
    if error.remedy:
        click.echo(f"  what to do: {error.remedy}", err=True)
    sys.stderr.flush()
