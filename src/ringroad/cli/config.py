"""`ringroad config`: the settings in force, and where each comes from."""

from __future__ import annotations

from dataclasses import fields

import click
from click.core import ParameterSource

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import settings_of

GLOBAL = {"folder": "workspace"}
"""Field of the settings -> the global option that sets it, where their names differ."""


@click.group()
def config() -> None:
    """Settings in force."""


@command(config)
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
def show(door: Door, origin: bool) -> None:
    """Every setting and its value, as a call with the same options would use them."""
    settings = settings_of(door)
    options = ("json", "quiet", "yes", "seed")
    values = {GLOBAL.get(f.name, f.name): getattr(settings, f.name) for f in fields(settings)}
    values |= {name: getattr(door, name) for name in options}
    told = {
        name: {"value": _plain(value), "origin": _origin(name)} for name, value in values.items()
    }
    width = max(map(len, told))
    lines = [
        f"{name:<{width}}  {item['value']}" + (f"  ({item['origin']})" if origin else "")
        for name, item in sorted(told.items())
    ]
    door.give(told, "\n".join(lines))


def _origin(name: str) -> str:
    """Default, an environment variable by name, or the command line."""
    context = click.get_current_context()
    source = context.get_parameter_source(name)
    if source == ParameterSource.COMMANDLINE:
        return f"command line, --{name}"
    if source == ParameterSource.ENVIRONMENT:
        variable = next(item.envvar for item in context.command.params if item.name == name)
        return f"environment, {variable}"
    return "default"


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str) else str(value)
