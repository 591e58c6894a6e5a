"""`ringroad serve` as a process: its address, its end; tokens and the chain by command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from service_kit import API, Served

ENDS_S = 20


@contextmanager
def process(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "ringroad.cli", "serve", "--json", "--port", "0",
               "--workspace", str(folder), "--workers", "1", *options]  # fmt: skip
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        line = running.stdout.readline()
        assert line, running.stderr.read()
        yield running, json.loads(line)
    finally:
        running.kill()
        running.communicate()


def end(running: subprocess.Popen[str], number: signal.Signals) -> None:
    """It ends at once, with nothing more to say."""
    running.send_signal(number)
    assert running.wait(ENDS_S) == 0
    assert running.stdout.read() == ""
    assert running.stderr.read() == ""


def test_it_serves_and_ends_cleanly(served_folder: Path):
    with process(served_folder) as (running, told):
        assert told["api"].startswith("http://127.0.0.1:")
        with httpx.Client(trust_env=False) as client:
            bearer = {"authorization": f"Bearer {told['token']}"}
            assert client.get(f"{told['api']}/me", headers=bearer).json()["who"] == "local"
            page = client.get(told["address"])
            assert page.status_code == 200
            assert client.get(f"{told['api']}/me").json()["role"] == "admin"
            assert "ringroad" in client.get(told["api"].removesuffix(API)).text.lower()
        end(running, signal.SIGTERM)
    with process(served_folder) as (running, again), httpx.Client(trust_env=False) as client:
        old = {"authorization": f"Bearer {told['token']}"}
        assert client.get(f"{again['api']}/me", headers=old).status_code == 401
        end(running, signal.SIGINT)


def cli(folder: Path, *arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(ringroad, [*arguments, "--workspace", str(folder)])
    assert result.exit_code == status, result.output
    return result.output


def test_others_are_refused_without_a_token(tmp_path: Path):
    cli(tmp_path / "w", "init")
    told = cli(tmp_path / "w", "serve", "--host", "0.0.0.0", "--port", "0", status=2)  # noqa: S104
    assert "ringroad tokens create" in told


def test_a_taken_port_is_told(shared: Served, tmp_path: Path):
    cli(tmp_path / "w", "init")
    port = shared.host.rpartition(":")[2]
    assert "--port 0" in cli(tmp_path / "w", "serve", "--port", port, status=2)


def test_no_workspace_is_told(tmp_path: Path):
    assert "ringroad init" in cli(tmp_path / "none", "serve", status=1)
    assert "ringroad init" in cli(tmp_path / "none", "tokens", "list", status=1)


def test_tokens_and_the_chain_by_command_line(shared: Served):
    made = json.loads(cli(shared.folder, "tokens", "create", "Ines", "--role", "viewer", "--json"))
    token = made["secret"]
    assert shared.ask("GET", "/me", token=token).json()["who"] == "Ines"
    assert "Ines" in cli(shared.folder, "tokens", "list")
    assert token not in cli(shared.folder, "tokens", "list")
    cli(shared.folder, "tokens", "revoke", made["token"]["id"])
    assert shared.ask("GET", "/me", token=token).status_code == 401
    assert "who_am_i" in cli(shared.folder, "audit", "list", "--limit", "100000")
    assert "whole" in cli(shared.folder, "audit", "verify")


def test_the_application_is_served_from_its_folder(served_folder: Path, tmp_path: Path):
    """Files with a digest in their name are kept; every place is the one page."""
    from ringroad.service.settings import ServiceSettings
    from service_kit import serve

    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>App</title>")
    (web / "assets" / "app-1f0c.js").write_text("let one = 1;" * 1000)
    (web / "secret-link").symlink_to("/etc/passwd")
    for served in serve(served_folder, ServiceSettings(port=0, web=web)):
        with served.stranger as browser:
            script = browser.get("/assets/app-1f0c.js")
            assert script.headers["content-type"].startswith("text/javascript")
            assert "immutable" in script.headers["cache-control"]
            assert script.headers["content-encoding"] == "gzip"
            plain = {"accept-encoding": "identity"}
            whole = browser.get("/assets/app-1f0c.js", headers=plain)
            assert whole.text == script.text
            assert "content-encoding" not in whole.headers
            assert whole.headers["etag"] != script.headers["etag"]
            etag = {"if-none-match": script.headers["etag"]}
            assert browser.get("/assets/app-1f0c.js", headers=etag).status_code == 304
            for place in ("/", "/curate?q=night", "/recordings/fleet/day-000.mcap"):
                page = browser.get(place)
                assert page.text.startswith("<!doctype html><title>App")
                assert page.headers["cache-control"] == "no-cache"
            assert browser.get("/assets/none.js").status_code == 404
            assert b"root:" not in browser.get("/secret-link").content
