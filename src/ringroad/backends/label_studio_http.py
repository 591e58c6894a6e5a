"""Label Studio over its HTTP API, with the standard library's client."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from ringroad.domain.errors import InputError, UsageError

TIMEOUT_S = 60.0
ANSWER_LIMIT = 256 << 20
"""Bytes of one answer."""
PAGE = 100
TASKS_AT_ONCE = 200
_JWT = "eyJ"
"""How a personal access token begins; others are legacy tokens."""


class LabelStudioServer:
    """`protocols.labelling_tool.LabellingTool`.

    Redirects are not followed: they would take the token elsewhere.
    """

    def __init__(self, url: str, token: str) -> None:
        if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
            raise UsageError("is no http address", subject=url, remedy="say http://HOST:PORT")
        self._url = url.rstrip("/")
        self._open = urllib.request.build_opener(_NoRedirect).open
        self._authorization = f"Token {token}"
        if token.startswith(_JWT):
            self._authorization = ""
            access = self._ask("POST", "/api/token/refresh", {"refresh": token})["access"]
            self._authorization = f"Bearer {access}"

    def project(self, title: str, interface: str) -> int:
        """The project of that title; made with that interface where there is none."""
        for item in self._pages("/api/projects", {}):
            if item.get("title") == title:
                return int(item["id"])
        if not interface:
            raise InputError("has no project of that title", subject=self._url, place=repr(title))
        body = {"title": title, "label_config": interface}
        return int(self._ask("POST", "/api/projects", body)["id"])

    def frames(self, project: int) -> set[str]:
        """Ids of the frames that the project has tasks for."""
        tasks = self._pages("/api/tasks", {"project": str(project)})
        return {str(task.get("data", {}).get("frame_id", "")) for task in tasks} - {""}

    def push(self, project: int, tasks: Sequence[dict[str, Any]]) -> int:
        """Add tasks, some at a time."""
        count = 0
        for start in range(0, len(tasks), TASKS_AT_ONCE):
            part = list(tasks[start : start + TASKS_AT_ONCE])
            said = self._ask("POST", f"/api/projects/{project}/import", part)
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
            found = self._ask("GET", f"{path}?{query}")
            listed = found.get("results", found.get("tasks")) if isinstance(found, dict) else found
            rows = listed if isinstance(listed, list) else []
            yield from rows
            seen += len(rows)
            total = found.get("count", found.get("total")) if isinstance(found, dict) else None
            if not rows or len(rows) < PAGE or (isinstance(total, int) and seen >= total):
                return
            page += 1

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._authorization:
            headers["Authorization"] = self._authorization
        asked = urllib.request.Request(  # noqa: S310 (http or https, checked in the beginning)
            f"{self._url}{path}", data=data, headers=headers, method=method
        )
        try:
            with self._open(asked, timeout=TIMEOUT_S) as answer:
                said = answer.read(ANSWER_LIMIT + 1)
        except urllib.error.HTTPError as error:
            self._refused(error, path)
        except (OSError, ValueError) as error:
            raise InputError(
                f"cannot be reached: {getattr(error, 'reason', error)}",
                subject=self._url,
                remedy="see that the server runs, and that the address is its own",
            ) from error
        try:
            if len(said) > ANSWER_LIMIT:
                raise ValueError(f"more than {ANSWER_LIMIT >> 20} MiB")  # noqa: TRY301
            return json.loads(said) if said else {}
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"its answer cannot be used: {error}",
                subject=self._url,
                place=path.partition("?")[0],
                remedy="see that the address is that of a Label Studio server",
            ) from error

    def _refused(self, error: urllib.error.HTTPError, path: str) -> NoReturn:
        said = error.read(300).decode("utf-8", "replace")
        remedy = {
            401: "give its token: --token-file FILE",
            403: "give the token of a user who may do that: --token-file FILE",
            404: "see that the address is that of a Label Studio server",
        }.get(error.code, "see the server's log")
        raise InputError(
            f"refused with status {error.code}: {said}",
            subject=self._url,
            place=path.partition("?")[0],
            remedy=remedy,
        ) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Turns every redirect into an error."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""
