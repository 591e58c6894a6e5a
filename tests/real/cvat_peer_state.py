"""What the stand-in for a CVAT server knows: projects, tasks, jobs, annotations, uploads."""

from __future__ import annotations

import io
import itertools
import threading
from typing import Any

from PIL import Image

TOKENS = {
    "Bearer an-access-token": "ann",
    "Basic YW5uOnNlY3JldA==": "ann",  # ann:secret
    "Token 0123456789012345678901234567890123456789": "ann",
}
NOW = "2026-11-29T12:00:{:09.6f}Z"
POINTS = {"rectangle": (4, 4), "polygon": (6, 0), "polyline": (4, 0), "points": (2, 0),
          "mask": (5, 0)}  # fmt: skip


class Refused(Exception):
    """A status and what the server says."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class State:
    """All of it, behind one lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._number = itertools.count(1)
        self._seconds = itertools.count(0)
        self.projects: dict[int, dict[str, Any]] = {}
        self.labels: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, dict[str, Any]] = {}
        self.jobs: dict[int, dict[str, Any]] = {}
        self.drawn: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, bytes]] = {}
        self.frames: dict[int, list[dict[str, Any]]] = {}
        self.uploads: dict[tuple[int, str], tuple[str, int, bytearray]] = {}
        self.finished: dict[str, int] = {}
        self.polls: dict[str, int] = {}
        self.broken: list[str] = []
        self.asked: list[str] = []
        self.page = 2
        """Rows of a page, few, so that pages are turned."""
        self.fail_after = 10**9
        """Requests after which all are refused, as by a server that goes down."""
        self.pieces_to_refuse = 0

    def enter(self, authorization: str) -> None:
        with self._lock:
            self.fail_after -= 1
            if self.fail_after < 0:
                raise Refused(503, "going down")
        if authorization not in TOKENS:
            raise Refused(401, "Invalid token.")

    def answer(self, name: str, at: list[str], asked: dict[str, str], body: Any) -> tuple[int, Any]:
        with self._lock:
            self.asked.append(name)
            method = getattr(self, name.replace(".", "_"), None)
            if method is None:
                raise Refused(501, f"this peer does not do {name}")
            found: tuple[int, Any] = method(*at, asked=asked, body=body)
            return found

    def _now(self) -> str:
        return NOW.format(next(self._seconds) / 7)

    def _paged(self, rows: list[dict[str, Any]], asked: dict[str, str]) -> tuple[int, Any]:
        number, size = int(asked.get("page", 1)), min(self.page, int(asked.get("page_size", 10)))
        some = rows[(number - 1) * size : number * size]
        if not some and number > 1:
            raise Refused(404, "Invalid page.")
        more = "http://192.0.2.1/elsewhere" if number * size < len(rows) else None
        return 200, {"count": len(rows), "next": more, "previous": None, "results": some}

    # Projects and labels

    def projects_list(self, *, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        rows = [p for p in self.projects.values() if asked.get("name", p["name"]) == p["name"]]
        return self._paged(rows, asked)

    def projects_create(self, *, asked: Any, body: Any) -> tuple[int, Any]:
        number = next(self._number)
        self.projects[number] = {
            "id": number, "name": body["name"], "created_date": self._now(),
            "tasks": {"url": "http://192.0.2.1/tasks", "count": 0},
            "labels": {"url": "http://192.0.2.1/labels"},
        }  # fmt: skip
        for label in body.get("labels", ()):
            self._add_label(number, label)
        return 201, self.projects[number]

    def projects_partial_update(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        for label in body.get("labels", ()):
            self._add_label(int(at), label)
        return 200, self.projects[int(at)]

    def _add_label(self, project: int, label: dict[str, Any]) -> None:
        if any(known["project_id"] == project and known["name"] == label["name"]
               for known in self.labels.values()):  # fmt: skip
            raise Refused(400, f"label {label['name']} is there twice")
        number = next(self._number)
        self.labels[number] = {"id": number, "name": label["name"], "project_id": project,
                               "color": "#33ddff", "type": label.get("type", "any"),
                               "attributes": [], "sublabels": [], "has_parent": False}  # fmt: skip
        self._add_attributes(number, label.get("attributes", []))

    def _add_attributes(self, label: int, attributes: list[dict[str, Any]]) -> None:
        known = self.labels[label]["attributes"]
        for item in attributes:
            if item["name"] in {one["name"] for one in known}:
                raise Refused(400, f"attribute {item['name']} is there twice")
            if item["input_type"] == "select" and item["default_value"] not in item["values"]:
                raise Refused(400, f"{item['default_value']!r} is no value of {item['name']}")
            known.append({**item, "id": next(self._number)})

    def labels_list(self, *, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        rows = [one for one in self.labels.values()
                if str(one["project_id"]) == asked["project_id"]]  # fmt: skip
        return self._paged(rows, asked)

    def labels_partial_update(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        self._add_attributes(int(at), body.get("attributes", []))
        return 200, self.labels[int(at)]

    # Tasks and their pictures

    def tasks_list(self, *, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        rows = [task for task in self.tasks.values()
                if str(task["project_id"]) == asked.get("project_id", "")]  # fmt: skip
        return self._paged(rows, asked)

    def tasks_create(self, *, asked: Any, body: Any) -> tuple[int, Any]:
        number = next(self._number)
        self.tasks[number] = {
            "id": number, "name": body["name"], "project_id": body.get("project_id"),
            "jobs": {"count": 0, "completed": 0, "validation": 0, "url": "http://192.0.2.1/j"},
            "labels": {"url": "http://192.0.2.1/l"}, "updated_date": self._now(), "size": 0,
        }  # fmt: skip
        self.files[number] = {}
        return 201, self.tasks[number]

    def tasks_retrieve(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        return 200, self.tasks[int(at)]

    def tasks_partial_update(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        self.tasks[int(at)] |= body
        return 200, self.tasks[int(at)]

    def tasks_destroy(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        del self.tasks[int(at)]
        for number in [n for n, job in self.jobs.items() if job["task_id"] == int(at)]:
            del self.jobs[number]
        return 204, None

    def tasks_create_data(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        task, (kind, value) = int(at), body
        if kind == "start":
            return 202, {"rq_id": "none"}
        if kind == "files":
            for name, data in value:  # the server appends to a file of that name
                self.files[task][name] = self.files[task].get(name, b"") + data
            return 200, {"rq_id": "none"}
        request = f"action=create&target=task&id={task}"
        self.finished[request] = task
        order = value.get("upload_file_order") or sorted(self.files[task])
        if sorted(order) != sorted(self.files[task]):
            raise Refused(400, "upload_file_order names other files than came")
        self._ingest(task, order)
        return 202, {"rq_id": request}

    def _ingest(self, task: int, order: list[str]) -> None:
        rows = []
        for name in order:
            with Image.open(io.BytesIO(self.files[task][name])) as picture:
                rows.append({"name": name, "width": picture.width, "height": picture.height,
                             "related_files": 0})  # fmt: skip
        self.frames[task] = rows
        number = next(self._number)
        self.tasks[task] |= {"size": len(rows)}
        self.jobs[number] = {
            "id": number, "task_id": task, "project_id": self.tasks[task]["project_id"],
            "state": "new", "stage": "annotation", "type": "annotation", "assignee": None,
            "start_frame": 0, "stop_frame": len(rows) - 1, "updated_date": self._now(),
            "issues": {"url": "http://192.0.2.1/i", "count": 0}, "parent_job_id": None,
            "labels": {"url": "http://192.0.2.1/l"},
        }  # fmt: skip
        self.drawn[task] = {"version": 0, "tags": [], "shapes": [], "tracks": [], "intervals": []}

    def requests_retrieve(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        if at not in self.finished:
            raise Refused(404, f"no request {at}")
        self.polls[at] = self.polls.get(at, 0) + 1
        return 200, {
            "id": at, "status": "started" if self.polls[at] == 1 else "finished", "message": "",
            "created_date": self._now(),
            "operation": {"target": "task", "type": "create:task", "task_id": self.finished[at]},
        }  # fmt: skip

    def tasks_retrieve_data_meta(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        frames = self.frames.get(int(at), [])
        return 200, {
            "chunks_updated_date": self._now(), "frames": frames,
            "deleted_frames": self.tasks[int(at)].get("deleted", []), "size": len(frames),
            "start_frame": 0, "stop_frame": max(0, len(frames) - 1),
        }  # fmt: skip

    # Large pictures

    def begin_file(self, task: int, name: str, size: int) -> str:
        if name in self.files[task]:
            raise Refused(409, "File with same name already exists")
        file = f"00000000-0000-4000-8000-{next(self._number):012d}"
        self.uploads[task, file] = (name, size, bytearray())
        return file

    def add_piece(self, task: int, file: str, offset: int, data: bytes) -> None:
        name, size, held = self.uploads[task, file]
        if self.pieces_to_refuse:
            self.pieces_to_refuse -= 1
            raise Refused(503, "busy")
        if offset != len(held):
            raise Refused(409, "another offset")
        held += data
        if len(held) == size:
            self.files[task][name] = bytes(held)

    def offset(self, task: int, file: str) -> int:
        return len(self.uploads[task, file][2])

    # Jobs and annotations

    def jobs_list(self, *, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        rows = [job for job in self.jobs.values()
                if str(job["project_id"]) == asked.get("project_id", "")
                and asked.get("type", job["type"]) == job["type"]]  # fmt: skip
        return self._paged(rows, asked)

    def jobs_partial_update(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        job = self.jobs[int(at)]
        job |= {key: body[key] for key in ("state", "stage") if key in body}
        job["updated_date"] = self._now()
        job["assignee"] = {"id": 7, "username": "ann", "url": "http://192.0.2.1/u"}
        return 200, job

    def tasks_update_annotations(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        self.drawn[int(at)] = self._taken(int(at), body)
        return 200, self.drawn[int(at)]

    def tasks_retrieve_annotations(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        return 200, self.drawn[int(at)]

    def jobs_retrieve_annotations(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        return 200, self.drawn[self.jobs[int(at)]["task_id"]]

    def jobs_update_annotations(self, at: str, *, asked: Any, body: Any) -> tuple[int, Any]:
        self.jobs[int(at)]["updated_date"] = self._now()
        return self.tasks_update_annotations(
            str(self.jobs[int(at)]["task_id"]), asked=asked, body=body
        )

    def _taken(self, task: int, body: dict[str, Any]) -> dict[str, Any]:
        """Annotations with numbers, and what their attributes are where nobody said it."""
        count = len(self.frames[task])
        shapes = [self._shape(shape, count) for shape in body.get("shapes", ())]
        tracks = []
        for track in body.get("tracks", ()):
            if not track["shapes"] or track["frame"] != min(s["frame"] for s in track["shapes"]):
                raise Refused(400, "a track begins at its first shape")
            label = self._label(track["label_id"])
            rows = [self._geometry(shape, count) for shape in track["shapes"]]
            if len({row["frame"] for row in rows}) < len(rows):
                raise Refused(400, "a track has one shape a frame")
            for place, row in enumerate(rows):
                said = self._said(label, row.get("attributes", []), mutable=True, all_=place == 0)
                row["attributes"] = said
            own = self._said(label, track.get("attributes", []), mutable=False, all_=True)
            tracks.append({"group": 0, "source": "manual", **track, "id": next(self._number),
                           "attributes": own, "shapes": rows, "elements": []})  # fmt: skip
        return {"version": 0, "tags": [], "shapes": shapes, "tracks": tracks, "intervals": []}

    def _shape(self, shape: dict[str, Any], count: int) -> dict[str, Any]:
        label = self._label(shape["label_id"])
        said = self._said(label, shape.get("attributes", []), mutable=None, all_=True)
        row = self._geometry(shape, count)
        return {"group": 0, "source": "manual", **row, "score": 1.0, "elements": [],
                "id": shape.get("id") or next(self._number), "attributes": said}  # fmt: skip

    def _geometry(self, shape: dict[str, Any], count: int) -> dict[str, Any]:
        if not 0 <= shape["frame"] < count:
            raise Refused(400, f"the task has no frame {shape['frame']}")
        least, exactly = POINTS[shape["type"]]
        points = len(shape["points"])
        if points < least or (exactly and points != exactly):
            raise Refused(400, f"{points} numbers make no {shape['type']}")
        return {"occluded": False, "outside": False, "z_order": 0, "rotation": 0.0, **shape}

    def _label(self, number: int) -> dict[str, Any]:
        if number not in self.labels:
            raise Refused(400, f"label_id {number} is unknown")
        return self.labels[number]

    @staticmethod
    def _said(
        label: dict[str, Any], said: list[dict[str, Any]], *, mutable: bool | None, all_: bool
    ) -> list[dict[str, Any]]:
        """Attributes of a shape, a track (not mutable) or a key frame; defaults where none."""
        specs = {one["id"]: one for one in label["attributes"]
                 if mutable is None or one["mutable"] == mutable}  # fmt: skip
        for one in said:
            if one["spec_id"] not in specs:
                raise Refused(400, f"spec_id {one['spec_id']} is not among those of the label here")
        values = {one["spec_id"]: one["value"] for one in said}
        missing = {at: spec.get("default_value", "") for at, spec in specs.items()} if all_ else {}
        return [{"spec_id": at, "value": value} for at, value in (missing | values).items()]
