"""Answers that are lost, late or odd: asked again where that is safe, done once, told plainly.

The line is a real socket in between that cuts, delays and answers on its own.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ringroad.client import Client, Problem, wire
from service_kit import Served

Cut = Callable[[int], str]


def whole(near: socket.socket) -> bytes:
    """A request to its end."""
    data = b""
    while part := near.recv(1 << 20):
        data += part
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return data


@contextmanager
def line(served: Served, cut: Cut) -> Iterator[str]:
    """An address before a server; `cut` says of each connection what happens to it.

    `pass`: nothing; `before`: closed before it is sent on; `after`: sent on, and the answer is
    lost; else: a status that is answered instead.
    """
    host, _, port = served.host.rpartition(":")
    door = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def carry() -> None:
        for number in range(1000):
            try:
                near, _ = door.accept()
            except OSError:
                return
            with near:
                if ended.is_set():
                    return
                one(near, cut(number))

    def one(near: socket.socket, what: str) -> None:
        data = whole(near)
        if what == "before" or not data:
            return
        if what not in {"pass", "after"}:
            near.sendall(f"HTTP/1.1 {what}\r\nContent-Length: 4\r\n\r\nbusy".encode())
            return
        text = data.replace(f"127.0.0.1:{door.getsockname()[1]}".encode(), served.host.encode())
        text = text.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        with socket.create_connection((host, int(port)), timeout=10) as far:
            far.sendall(text)
            answer = b""
            while part := far.recv(1 << 16):
                answer += part
        if what == "pass":
            near.sendall(answer)

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        ended.set()
        with socket.create_connection(door.getsockname()):
            pass
        thread.join()
        door.close()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "FIRST_WAIT_S", 0.01)


def client_of(served: Served, address: str) -> Client:
    token = served.client.headers["authorization"].removeprefix("Bearer ")
    return Client(address, token=token, timeout_s=10)


def made(served: Served, name: str) -> int:
    """How often it was really done: every answer that is replayed was done before."""
    keys = served.service.store
    with keys.reading() as db:
        rows = db.execute("SELECT body FROM answer WHERE body IS NOT NULL").fetchall()
    return sum(f'"{name}"'.encode() in row["body"] for row in rows)


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_write_whose_answer_is_lost_is_done_once(served: Served, what: str, times: int):
    name = f"{what}{times}"
    with (
        line(served, lambda number: what if number < times else "pass") as address,
        client_of(served, address) as client,
    ):
        told = client.save_selection(name=name, limit=2)
    assert (told["name"], told["frames"]) == (name, 2)
    assert made(served, name) == 1


@pytest.mark.parametrize("status", ["503 Busy", "429 Slow", "502 Bad", "504 Late"])
def test_a_busy_service_is_asked_again(served: Served, status: str):
    with (
        line(served, lambda number: status if number < 2 else "pass") as address,
        client_of(served, address) as client,
    ):
        assert client.who_am_i()["who"] == "local"


@pytest.mark.parametrize("status", ["500 Fault", "400 Bad", "404 None"])
def test_what_asking_again_does_not_mend_is_told_at_once(served: Served, status: str):
    asked = []

    def cut(number: int) -> str:
        asked.append(number)
        return status

    with (
        line(served, cut) as address,
        client_of(served, address) as client,
        pytest.raises(Problem, match="busy") as told,
    ):
        client.who_am_i()
    assert told.value.status == int(status[:3])
    assert asked[0] == 0
    assert len([number for number in asked if number < 2]) <= 2


def test_a_service_that_stays_away_is_told(served: Served):
    with (
        line(served, lambda _: "before") as address,
        client_of(served, address) as client,
        pytest.raises(Problem, match="does not answer") as told,
    ):
        client.who_am_i()
    assert (told.value.code, told.value.remedy) == ("unreachable", "is it running? ringroad serve")


def test_long_work_is_waited_for_over_a_line_that_breaks(served: Served):
    """The stream is heard again behind the last event."""
    with (
        line(served, lambda number: "after" if number in {1, 3} else "pass") as address,
        client_of(served, address) as client,
    ):
        assert client.wait(client.check_recordings())["recordings"] > 0
