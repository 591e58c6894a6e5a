"""`ringroad serve`: the API and the web application of a workspace."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from ringroad.app import open_workspace
from ringroad.cli.doors import Door, command
from ringroad.cli.opening import settings_of
from ringroad.pipelines.workspace import Workspace
from ringroad.service.build import application, open_service
from ringroad.service.heap import share_one_heap
from ringroad.service.oidc.settings import read_oidc
from ringroad.service.operations import Told
from ringroad.service.serving import authority, listen, server_of
from ringroad.service.settings import CACHE_BYTES, ServiceSettings
from ringroad.service.state import Service
from ringroad.workflow.bench import SilentTracker


@command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8321, show_default=True)
@click.option("--name", "names", multiple=True, help="A further name that browsers ask for.")
@click.option("--oidc", type=click.Path(dir_okay=False, path_type=Path), help="A file: see docs.")
@click.option("--cache", type=click.IntRange(0), default=CACHE_BYTES >> 20, show_default=True,
              help="MiB of memory for tables and pictures that were looked at.")  # fmt: skip
@click.option("--traces", default="", help="Address of an OpenTelemetry collector.")
@click.option("--open", "opens", is_flag=True, help="Open the address in a browser.")
def serve(
    door: Door,
    host: str,
    port: int,
    names: tuple[str, ...],
    oidc: Path | None,
    cache: int,
    traces: str,
    opens: bool,
) -> None:
    """Serve the workspace until Ctrl-C.

    The address that is printed opens one browser, once. Another address than this machine's own
    is refused unless somebody has a token: ringroad tokens create NAME.
    """
    share_one_heap()
    issuer = None if oidc is None else read_oidc(oidc)
    settings = ServiceSettings(
        host=host,
        port=port,
        names=names,
        oidc=issuer,
        cache_bytes=cache << 20,
        traces=traces,
        warm=True,
    )
    reader = replace(settings_of(door), workers=1)

    def open_worker(told: Told) -> Workspace:
        return open_workspace(
            settings_of(door), tracker=told, listener=told.step, say=told.say, create=False
        )

    with ExitStack() as closing:
        workspace = open_workspace(
            reader, tracker=SilentTracker(), listener=_silent, say=_silent, create=False
        )
        closing.callback(workspace.close)
        service = open_service(workspace, settings, open_worker=open_worker, say=door.say)
        closing.callback(service.close)
        taken = closing.enter_context(listen(settings))
        service.authority[0] = authority(taken, settings)
        address = _tell(door, service)
        if opens:
            webbrowser.open(address)
        server = server_of(application(service), settings, unreadable=service.unreadable)
        server.run(sockets=[taken])
    door.say("ended")


def _tell(door: Door, service: Service) -> str:
    """Print the address, with what lets one browser in; programs get a token of their own."""
    base = f"http://{service.authority[0]}"
    value = {"address": base, "api": f"{base}/api/v1"}
    if service.settings.local:
        value |= {"address": service.address(), "token": service.access.server_token()}
    door.give(value, f"serving {door.workspace} at\n  {value['address']}\nCtrl-C ends it")
    sys.stdout.flush()
    return value["address"]


def _silent(what: object) -> None:
    """Reads tell nothing on the terminal."""
    del what
