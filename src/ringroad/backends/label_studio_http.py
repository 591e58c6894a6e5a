"""Label Studio over its HTTP API. Pictures are not sent: its tasks name where they lie."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator, Sequence
from typing import Any

from ringroad.backends.json_http import JsonServer
from ringroad.domain.errors import InputError
from ringroad.protocols.labelling_tool import Pictures

PAGE = 100
TASKS_AT_ONCE = 200
_JWT = "eyJ"
"""How a personal access token begins; others are legacy tokens."""


class LabelStudioServer:
    """`protocols.labelling_tool.LabellingTool`."""

    def __init__(self, url: str, token: str) -> None:
        self._server = JsonServer(url, product="Label Studio")
        if token.startswith(_JWT):
            made = self._server.ask("POST", "/api/token/refresh", {"refresh": token})
            token = f"Bearer {made['access']}"
        else:
            token = f"Token {token}"
        self._server.headers["Authorization"] = token

    def project(self, title: str, interface: Any) -> int:
        """The project of that title; made with that interface where there is none."""
        for item in self._pages("/api/projects", {}):
            if item.get("title") == title:
                return int(item["id"])
        if not interface:
            raise InputError(
                "has no project of that title", subject=self._server.url, place=repr(title)
            )
        body = {"title": title, "label_config": interface}
        return int(self._server.ask("POST", "/api/projects", body)["id"])

    def frames(self, project: int) -> set[str]:
        """Ids of the frames that the project has tasks for."""
        tasks = self._pages("/api/tasks", {"project": str(project)})
        return {str(task.get("data", {}).get("frame_id", "")) for task in tasks} - {""}

    def push(self, project: int, tasks: Sequence[dict[str, Any]], pictures: Pictures) -> int:
        """Add tasks, some at a time; where pictures lie, their tasks say."""
        del pictures
        count = 0
        for start in range(0, len(tasks), TASKS_AT_ONCE):
            part = list(tasks[start : start + TASKS_AT_ONCE])
            said = self._server.ask("POST", f"/api/projects/{project}/import", part)
            count += int(said.get("task_count", len(part)))
        return count

    def changed(self, project: int, *, since: str) -> Iterator[dict[str, Any]]:
        """Tasks with all their answers that changed after a time as the server writes it."""
        asked = {"project": str(project), "fields": "all"}
        if since:
            item = {
                "filter": "filter:tasks:updated_at",
                "operator": "greater",
                "type": "Datetime",
                "value": since,
            }
            filters = {"conjunction": "and", "items": [item]}
            asked["query"] = json.dumps({"filters": filters})
        for task in self._pages("/api/tasks", asked):
            if not since or str(task.get("updated_at", "")) > since:
                yield task

    def _pages(self, path: str, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        page, seen = 1, 0
        while True:
            query = urllib.parse.urlencode({**asked, "page": page, "page_size": PAGE})
            found = self._server.ask("GET", f"{path}?{query}")
            listed = found.get("results", found.get("tasks")) if isinstance(found, dict) else found
            rows = listed if isinstance(listed, list) else []
            yield from rows
            seen += len(rows)
            total = found.get("count", found.get("total")) if isinstance(found, dict) else None
            if not rows or len(rows) < PAGE or (isinstance(total, int) and seen >= total):
                return
            page += 1
