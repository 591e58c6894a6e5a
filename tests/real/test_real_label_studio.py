"""A round trip through a real Label Studio server; see tools/label_studio.sh."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from label_shop import PICTURES, Shop, rows

from ringroad.cli.main import ringroad

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


@pytest.fixture
def server() -> tuple[str, Path]:
    url = os.environ.get("RINGROAD_LABEL_STUDIO", "")
    token = os.environ.get("RINGROAD_LABEL_STUDIO_TOKEN_FILE", "")
    if not url or not token:
        pytest.skip("RINGROAD_LABEL_STUDIO names no server: tools/label_studio.sh start FOLDER")
    return url, Path(token)


def call(server: tuple[str, Path], method: str, path: str, body: Any = None) -> Any:
    """As the page in the browser would."""
    request = urllib.request.Request(  # noqa: S310 (the server of this test)
        server[0] + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Token {server[1].read_text().strip()}",
            "Content-Type": "application/json",
        },
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read() or b"{}")


def test_tasks_out_answers_in(shop: Shop, server: tuple[str, Path], tmp_path: Path) -> None:
    title = f"trip {os.getpid()}"
    to = ("--project", title, "--token-file", str(server[1]))
    sent = shop.ask("labels", "push", "all", "--to", server[0], *to)
    assert (sent["tasks"], sent["there"]) == (PICTURES, 0)
    again = shop.ask("labels", "push", "all", "--to", server[0], *to)
    assert (again["tasks"], again["there"]) == (0, PICTURES)
    nothing = shop.ask("labels", "pull", "--from", server[0], *to)
    assert nothing["tasks"] == 0

    before = rows(shop, tmp_path)
    tasks = call(server, "GET", f"/api/tasks?project={sent['project']}&fields=all")["tasks"]
    tasks.sort(key=lambda task: task["data"]["frame_id"])
    for task in tasks:  # somebody takes the pre-labels over as they are
        regions = task["predictions"][0]["result"] if task["predictions"] else []
        call(server, "POST", f"/api/tasks/{task['id']}/annotations", {"result": regions})
    accepted = shop.ask("labels", "pull", "--from", server[0], *to)
    assert (accepted["tasks"], accepted["moved"], accepted["problems"]) == (PICTURES, 0, [])
    assert rows(shop, tmp_path) == before

    (answer,) = call(server, "GET", f"/api/tasks/{tasks[0]['id']}/annotations")
    regions = answer["result"]
    moved, gone = regions[0], regions[1]
    moved["value"]["x"] += 5
    new = {**moved, "id": "drawn-here", "value": {**moved["value"], "x": 60}, "meta": {}}
    body = {"result": [moved, new]}
    call(server, "PATCH", f"/api/annotations/{answer['id']}", body)
    dry = shop.ask("labels", "pull", "--from", server[0], *to, "--dry-run")
    assert (dry["moved"], rows(shop, tmp_path)) == (1, before)
    pulled = shop.ask("labels", "pull", "--from", server[0], *to)
    assert (pulled["tasks"], pulled["moved"]) == (1, 1)  # the others were not asked for again
    after = rows(shop, tmp_path)
    assert gone["id"] not in after
    assert after[moved["id"]][1][0] == pytest.approx(before[moved["id"]][1][0] + 5, abs=1e-4)
    drawn = next(name for name in after if name.endswith("drawn-here"))
    assert set(after) == (set(before) - {gone["id"]}) | {drawn}
    unchanged = set(before) - {gone["id"], moved["id"]}
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert shop.ask("labels", "pull", "--from", server[0], *to)["tasks"] == 0


def test_a_wrong_token_and_a_wrong_place(
    shop: Shop, server: tuple[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("0" * 40)
    runner = CliRunner()
    for url, said in ((server[0], "status 401"), ("http://127.0.0.1:9", "cannot be reached")):
        arguments = ["labels", "push", "all", "--to", url, "--project", "x", "--token-file",
                     str(tmp_path / "token"), "--workspace", str(shop.workspace)]  # fmt: skip
        result = runner.invoke(ringroad, arguments)
        assert result.exit_code == 1
        assert said in result.output
        assert "what to do" in result.output
