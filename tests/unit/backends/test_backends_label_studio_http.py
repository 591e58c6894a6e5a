"""What a server may answer: redirects, pages, refusals, rubbish. A real one is in tests/real."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from table_server import Server, table_server

from ringroad.backends.label_studio_http import LabelStudioServer
from ringroad.domain.errors import InputError, UsageError


@pytest.fixture
def url() -> Iterator[str]:
    with table_server() as found:
        yield found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((302, b""), "status 302"),
        ((401, b'{"detail": "no"}'), "status 401"),
        ((500, b"oops"), "status 500"),
        ((200, b"<html>"), "cannot be used"),
        ((200, b"[" * 100_000), "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_one_error(url: str, answer: tuple[int, bytes], said: str) -> None:
    Server.answers["/api/projects"] = answer
    with pytest.raises(InputError, match=said) as caught:
        LabelStudioServer(url, "secret").project("x", "<View/>")
    assert caught.value.subject == url
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
    assert len(Server.asked) == 1  # the redirect was not followed, nothing was asked again


def test_tasks_come_page_by_page(url: str) -> None:
    first = [{"data": {"frame_id": f"f{number}"}} for number in range(100)]
    Server.answers["/api/tasks"] = (200, json.dumps({"tasks": first, "total": 101}).encode())
    found = LabelStudioServer(url, "t").frames(7)
    assert found == {*(f"f{number}" for number in range(100)), "second page"}
    assert [who for _, who, _ in Server.asked] == ["Token t"] * 2


def test_a_personal_token_is_exchanged(url: str) -> None:
    Server.answers["/api/token/refresh"] = (200, b'{"access": "short-lived"}')
    Server.answers["/api/projects"] = (200, b'{"results": [{"id": 3, "title": "x"}], "count": 1}')
    assert LabelStudioServer(url, "eyJabc").project("x", "") == 3
    assert Server.asked[0] == ("/api/token/refresh", "", {"refresh": "eyJabc"})
    assert Server.asked[1][1] == "Bearer short-lived"


def test_a_project_that_is_not_there(url: str) -> None:
    Server.answers["/api/projects"] = (200, b'{"results": [], "count": 0}')
    with pytest.raises(InputError, match="no project of that title"):
        LabelStudioServer(url, "t").project("x", "")


def test_other_addresses_are_refused() -> None:
    for url in ("file:///etc/passwd", "ftp://host", "host:80"):
        with pytest.raises(UsageError, match="no http address"):
            LabelStudioServer(url, "t")
