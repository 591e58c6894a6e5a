"""What a server in place of CVAT may answer. A strict stand-in for CVAT is in tests/real."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from table_server import Server, table_server

from ringroad.backends import cvat_http, cvat_upload
from ringroad.backends.cvat_http import CvatServer
from ringroad.domain.errors import InputError, UsageError

FRAMES = ["v/r/front/000000"]
TASK = {"name": "v/r/front 0-0", "frames": FRAMES, "shapes": [], "tracks": []}


@pytest.fixture
def url() -> Iterator[str]:
    with table_server() as found:
        yield found


def listed(*rows: Any) -> tuple[int, bytes]:
    return 200, json.dumps({"results": rows, "next": None}).encode()


def said(value: Any, status: int = 200) -> tuple[int, bytes]:
    return status, json.dumps(value).encode()


def pictures(frames: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    yield from ((".jpg", b"pixels") for _ in frames)


@pytest.fixture
def willing(url: str) -> str:
    """A server that does all that one task needs."""
    Server.answers = {
        "/api/labels": listed({"id": 1, "name": "car", "attributes": []}),
        "GET /api/tasks": listed(),
        "POST /api/tasks": said({"id": 5}, 201),
        "PATCH /api/tasks/5": said({}),
        "/api/tasks/5/data/": said({"rq_id": "create/5"}, 202),
        "/api/requests/create%2F5": said({"status": "finished"}),
        "/api/tasks/5/data/meta": said({"frames": [{"name": "v+r+front+000000.jpg"}]}),
        "/api/tasks/5/annotations/": said({}),
    }
    return url


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((302, b""), "status 302"),
        ((403, b'{"detail": "no"}'), "status 403"),
        ((200, b"<html>"), "cannot be used"),
        ((200, b"[]"), "lists nothing"),
        ((200, b'{"count": 3}'), "lists nothing"),
    ],
)
def test_what_cannot_be_used_is_one_error(url: str, answer: tuple[int, bytes], why: str) -> None:
    Server.answers["/api/projects"] = answer
    with pytest.raises(InputError, match=why) as caught:
        CvatServer(url, "secret").project("x", [])
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
    assert len(Server.asked) == 1  # the redirect was not followed


def test_a_task_bears_its_name_once_it_is_whole(willing: str) -> None:
    assert CvatServer(willing, "t").push(9, [TASK], pictures) == 1
    bodies = [body for path, _, body in Server.asked if path.startswith("/api/tasks") and body]
    assert bodies[0] == {"name": "v/r/front 0-0 (unfinished)", "project_id": 9}
    assert bodies[-1] == {"name": "v/r/front 0-0"}


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("/api/requests/create%2F5", said({"status": "failed", "message": "no pictures"}),
         "no pictures"),
        ("/api/tasks/5/data/meta", said({"frames": [{"name": "another.jpg"}]}), "not those"),
        ("/api/tasks/5/data/", said({}, 202), "names no request"),
    ],
)  # fmt: skip
def test_a_task_that_fails_stays_unfinished(
    willing: str, path: str, answer: tuple[int, bytes], why: str
) -> None:
    Server.answers[path] = answer
    with pytest.raises(InputError, match=why):
        CvatServer(willing, "t").push(9, [TASK], pictures)
    assert not any(body == {"name": "v/r/front 0-0"} for _, _, body in Server.asked)


def test_who_waits_too_long_is_told(willing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cvat_http, "LONGEST_WAIT_S", 0.05)
    Server.answers["/api/requests/create%2F5"] = said({"status": "started"})
    with pytest.raises(InputError, match="half an hour"):
        CvatServer(willing, "t").push(9, [TASK], pictures)


@pytest.mark.parametrize("place", ["", "http://h/_", "http://h/..%2F..%2Fusers", "http://h/a b"])
def test_a_place_for_pieces_that_is_none(
    willing: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cvat_upload, "AT_ONCE_BYTES", 1)
    Server.more = {"Location": place} if place else {}
    with pytest.raises(InputError, match="no place"):
        CvatServer(willing, "t").push(9, [TASK], pictures)


@pytest.mark.parametrize(
    ("token", "authorization"),
    [
        ("ann:secret", "Basic YW5uOnNlY3JldA=="),
        ("0" * 40, f"Token {'0' * 40}"),
        ("pat.abc", "Bearer pat.abc"),
    ],
)
def test_the_kind_of_a_token_is_seen(url: str, token: str, authorization: str) -> None:
    Server.answers = {"/api/projects": listed({"id": 4, "name": "x"}), "/api/labels": listed()}
    assert CvatServer(url, token).project("x", None) == 4
    assert Server.asked[0][1] == authorization


def test_a_project_that_is_not_there(url: str) -> None:
    Server.answers["/api/projects"] = listed({"id": 4, "name": "another"})
    with pytest.raises(InputError, match="no project of that title"):
        CvatServer(url, "t").project("x", None)


def test_labels_and_attributes_that_a_project_lacks_are_added(url: str) -> None:
    note = {"name": "note"}
    Server.answers = {
        "/api/projects": listed({"id": 4, "name": "x"}),
        "/api/projects/4": said({}),
        "/api/labels": listed({"id": 1, "name": "car", "attributes": [{"name": "colour"}]}),
        "/api/labels/1": said({}),
    }
    wanted = [
        {"name": "car", "attributes": [{"name": "colour"}, note]},
        {"name": "van", "attributes": []},
    ]
    assert CvatServer(url, "t").project("x", wanted) == 4
    bodies = {path: body for path, _, body in Server.asked if body}
    assert bodies == {
        "/api/projects/4": {"labels": [wanted[1]]},
        "/api/labels/1": {"attributes": [note]},
    }


def test_times_are_compared_as_times(url: str) -> None:
    jobs = [
        {"id": n, "task_id": 5, "updated_date": at, "state": "new"}
        for n, at in enumerate(["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.5Z",
                                "2026-01-01T12:00:01+02:00"])
    ]  # fmt: skip
    Server.answers = {
        "/api/labels": listed(),
        "/api/tasks": listed({"id": 5, "name": "t"}, {"id": 6, "name": "u (unfinished)"}),
        "/api/jobs": listed(*jobs, {**jobs[2], "task_id": 6}, {**jobs[2], "parent_job_id": 1}),
    }
    server = CvatServer(url, "t")
    assert [job["cvat_job"] for job in server.changed(4, since="")] == [0, 1, 2]
    since = "2026-01-01T10:00:00.000000+00:00"
    assert [job["cvat_job"] for job in server.changed(4, since=since)] == [1, 2]


def test_a_job_with_a_label_of_nobody(url: str) -> None:
    job = {"id": 3, "task_id": 5, "updated_date": "2026-01-01T10:00:00Z", "state": "completed",
           "start_frame": 0, "stop_frame": 0}  # fmt: skip
    Server.answers = {
        "/api/labels": listed(),
        "/api/tasks": listed({"id": 5, "name": "t"}),
        "/api/jobs": listed(job),
        "/api/tasks/5/data/meta": said({"frames": [{"name": "a.jpg"}]}),
        "/api/jobs/3/annotations/": said({"shapes": [{"label_id": 8}], "tracks": []}),
    }
    with pytest.raises(InputError, match="cannot be used"):
        list(CvatServer(url, "t").changed(4, since=""))


def test_other_addresses_are_refused() -> None:
    for url in ("file:///etc/passwd", "ftp://host", "host:80"):
        with pytest.raises(UsageError, match="no http address"):
            CvatServer(url, "t")
