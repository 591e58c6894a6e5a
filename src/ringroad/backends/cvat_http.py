"""CVAT over its HTTP API: pictures and pre-labels out as tasks, finished jobs back.

Checked against the models of cvat-sdk, which are made from the server's own description; no server
was run. Works with version 2 of the API.
"""

from __future__ import annotations

import base64
import re
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ringroad.backends.cvat_upload import upload
from ringroad.backends.json_http import JsonServer
from ringroad.domain.errors import InputError
from ringroad.protocols.labelling_tool import Pictures

PAGE = 100
UNFINISHED = " (unfinished)"
"""Ends the name of a task until its pictures and pre-labels are all there."""
LONGEST_NAME = 256
LONGEST_WAIT_S = 1800.0
"""For the server to look at pictures."""
_LEGACY = re.compile(r"[0-9a-f]{40}")
"""A key as logging in gives it; access tokens are others."""


class CvatServer:
    """`protocols.labelling_tool.LabellingTool`.

    A task is made under a name that says it is unfinished, and loses that in the end. Who pushes
    again removes the unfinished task of the same frames and makes it anew.
    """

    def __init__(self, url: str, token: str) -> None:
        """Begin; the token is an access token, a key, or USER:PASSWORD."""
        self._server = JsonServer(url, product="CVAT")
        self._server.headers |= {
            "Accept": "application/vnd.cvat+json, application/json",
            "Authorization": _authorization(token),
        }

    def project(self, title: str, interface: Any) -> int:
        """The project of that title, with all these labels and attributes."""
        for item in self._pages("/api/projects", {"name": title}):
            if item.get("name") == title:
                number = int(item["id"])
                self._complete(number, interface or [])
                return number
        if not interface:
            raise InputError(
                "has no project of that title", subject=self._server.url, place=repr(title)
            )
        body = {"name": title, "labels": interface}
        return int(self._server.ask("POST", "/api/projects", body)["id"])

    def frames(self, project: int) -> set[str]:
        """Ids of the frames of all tasks that were sent whole."""
        found: set[str] = set()
        for task in self._tasks(project):
            if not str(task["name"]).endswith(UNFINISHED):
                meta = self._meta(int(task["id"]))
                found |= {_frame_of(str(frame["name"])) for frame in meta["frames"] or ()}
        return found - {""}

    def push(self, project: int, tasks: Sequence[dict[str, Any]], pictures: Pictures) -> int:
        """Make tasks, one after the other. Returns how many frames they have."""
        labels = self._labels(project)
        begun = {str(task["name"]): int(task["id"]) for task in self._tasks(project)}
        count = 0
        for task in tasks:
            name = f"{task['name'][: LONGEST_NAME - len(UNFINISHED)]}{UNFINISHED}"
            if name in begun:
                self._server.ask("DELETE", f"/api/tasks/{begun[name]}")
            body = {"name": name, "project_id": project}
            number = int(self._server.ask("POST", "/api/tasks", body)["id"])
            self._fill(number, task, labels, pictures)
            done = {"name": name.removesuffix(UNFINISHED)}
            self._server.ask("PATCH", f"/api/tasks/{number}", done)
            count += len(task["frames"])
        return count

    def changed(self, project: int, *, since: str) -> Iterator[dict[str, Any]]:
        """Jobs that changed after a time; those that are completed with what was drawn."""
        names = {number: label for label in self._named(project) for number in [label["id"]]}
        whole = {
            int(task["id"])
            for task in self._tasks(project)
            if not str(task["name"]).endswith(UNFINISHED)
        }
        metas: dict[int, dict[str, Any]] = {}
        for job in self._pages("/api/jobs", {"project_id": str(project), "type": "annotation"}):
            task, at = int(job["task_id"]), _time(str(job.get("updated_date", "")))
            if task not in whole or job.get("parent_job_id") or (since and at <= since):
                continue
            said = {"cvat_job": int(job["id"]), "updated_at": at}
            if job.get("state") == "completed":
                meta = metas.setdefault(task, {}) or self._meta(task)
                metas[task] = meta
                said |= self._answer(job, meta, names)
            yield said

    def _fill(
        self, number: int, task: Mapping[str, Any], labels: Mapping[str, Any], pictures: Pictures
    ) -> None:
        """Pictures and pre-labels of a new task."""
        stems = [frame.replace("/", "+") for frame in task["frames"]]
        files = zip(stems, pictures(task["frames"]), strict=True)
        named = ((f"{stem}{suffix}", data) for stem, (suffix, data) in files)
        self._wait(upload(self._server, f"/api/tasks/{number}/data/", named))
        meta = self._meta(number)
        if [_frame_of(str(frame["name"])) for frame in meta["frames"] or ()] != task["frames"]:
            raise self._server.unusable(
                f"/api/tasks/{number}/data/meta", "its frames are not those that were sent"
            )
        body = {
            "version": 0,
            "tags": [],
            "shapes": [_numbered(shape, labels[shape["label"]]) for shape in task["shapes"]],
            "tracks": [_track(track, labels[track["label"]]) for track in task["tracks"]],
        }
        self._server.ask("PUT", f"/api/tasks/{number}/annotations/", body)

    def _wait(self, request: str) -> None:
        path = f"/api/requests/{urllib.parse.quote(request, safe='')}"
        pause, spent = 0.1, 0.0
        while True:
            said = self._server.ask("GET", path)
            if said.get("status") == "finished":
                return
            if said.get("status") == "failed" or spent > LONGEST_WAIT_S:
                why = said.get("message") or "it has not in half an hour"
                raise InputError(
                    f"cannot use the pictures: {why}",
                    subject=self._server.url,
                    place=request,
                    remedy="see the server's log; then push again",
                )
            time.sleep(pause)
            spent, pause = spent + pause, min(2 * pause, 5.0)

    def _complete(self, project: int, interface: Sequence[dict[str, Any]]) -> None:
        """Add labels and attributes that a project lacks; what it has stays."""
        there = {str(label["name"]): label for label in self._named(project)}
        fresh = [label for label in interface if label["name"] not in there]
        if fresh:
            self._server.ask("PATCH", f"/api/projects/{project}", {"labels": fresh})
        for label in interface:
            if label["name"] in there:
                known = {item["name"] for item in there[label["name"]].get("attributes", ())}
                more = [item for item in label["attributes"] if item["name"] not in known]
                if more:
                    path = f"/api/labels/{there[label['name']]['id']}"
                    self._server.ask("PATCH", path, {"attributes": more})

    def _labels(self, project: int) -> dict[str, tuple[int, dict[str, int]]]:
        """Name -> number of a label, and of each of its attributes."""
        return {
            str(label["name"]): (
                int(label["id"]),
                {str(item["name"]): int(item["id"]) for item in label.get("attributes", ())},
            )
            for label in self._named(project)
        }

    def _answer(
        self, job: Mapping[str, Any], meta: Mapping[str, Any], labels: Mapping[int, Any]
    ) -> dict[str, Any]:
        """What was drawn in a job, by names."""
        drawn = self._server.ask("GET", f"/api/jobs/{job['id']}/annotations/")
        gone = set(meta.get("deleted_frames") or ())
        first, last = int(job["start_frame"]), int(job["stop_frame"])
        frames = [
            {**frame, "number": number}
            for number, frame in enumerate(meta["frames"] or ())
            if first <= number <= last and number not in gone
        ]
        try:
            return {
                "assignee": (job.get("assignee") or {}).get("username", ""),
                "frames": frames,
                "shapes": [_named(shape, labels) for shape in drawn["shapes"]],
                "tracks": [
                    {
                        **_named(track, labels),
                        "shapes": [
                            _named({**shape, "label_id": track["label_id"]}, labels)
                            for shape in track["shapes"]
                        ],
                    }
                    for track in drawn["tracks"]
                ],
                "tags": [tag.get("frame") for tag in drawn.get("tags", ())],
            }
        except (KeyError, TypeError) as error:
            path = f"/api/jobs/{job['id']}/annotations/"
            raise self._server.unusable(path, f"{error!r} is missing") from error

    def _tasks(self, project: int) -> Iterator[dict[str, Any]]:
        yield from self._pages("/api/tasks", {"project_id": str(project)})

    def _named(self, project: int) -> Iterator[dict[str, Any]]:
        yield from self._pages("/api/labels", {"project_id": str(project)})

    def _meta(self, task: int) -> dict[str, Any]:
        found: dict[str, Any] = self._server.ask("GET", f"/api/tasks/{task}/data/meta")
        return found

    def _pages(self, path: str, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """By number: where the next page is, is not asked of the server."""
        page = 1
        while True:
            query = urllib.parse.urlencode({**asked, "page": page, "page_size": PAGE})
            found = self._server.ask("GET", f"{path}?{query}")
            rows = found.get("results") if isinstance(found, dict) else None
            if not isinstance(rows, list):
                raise self._server.unusable(path, "it lists nothing")
            yield from rows
            if not found.get("next") or not rows:
                return
            page += 1


def _authorization(token: str) -> str:
    if ":" in token:
        return f"Basic {base64.b64encode(token.encode()).decode()}"
    return f"Token {token}" if _LEGACY.fullmatch(token) else f"Bearer {token}"


def _frame_of(name: str) -> str:
    """The frame that a picture was named after."""
    return name.rpartition("/")[2].rpartition(".")[0].replace("+", "/")


def _time(text: str) -> str:
    """A time that sorts as text."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _numbered(
    item: Mapping[str, Any], label: tuple[int, Mapping[str, int]], *, tracked: bool = False
) -> dict[str, Any]:
    """Numbers in place of names."""
    number, specs = label
    said = [{"spec_id": specs[name], "value": value} for name, value in item["attributes"].items()]
    kept = {key: value for key, value in item.items() if key not in {"label", "attributes"}}
    return {**kept, "attributes": said} if tracked else {
        **kept, "label_id": number, "attributes": said,
    }  # fmt: skip


def _track(track: Mapping[str, Any], label: tuple[int, Mapping[str, int]]) -> dict[str, Any]:
    shapes = [_numbered(shape, label, tracked=True) for shape in track["shapes"]]
    return {**_numbered(track, label), "shapes": shapes}


def _named(item: Mapping[str, Any], labels: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Names in place of numbers. Raises KeyError where the project has no such label."""
    label = labels[item["label_id"]]
    specs = {one["id"]: str(one["name"]) for one in label.get("attributes", ())}
    said = {
        specs[one["spec_id"]]: one["value"]
        for one in item.get("attributes", ())
        if one["spec_id"] in specs
    }
    kept = {key: value for key, value in item.items() if key not in {"label_id", "elements"}}
    return {**kept, "label": str(label["name"]), "attributes": said}
