"""Pictures into a task of CVAT: several at once, and large ones piece by piece (TUS 1.0.0).

An upload is begun, fed, and ended; only then does the server look at what came.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Sequence

from ringroad.backends.json_http import JsonServer
from ringroad.domain.errors import InputError

AT_ONCE_BYTES = 32 << 20
"""Of pictures in one request; a larger one goes piece by piece."""
PIECE_BYTES = 8 << 20
QUALITY = 95
"""Of the pictures that annotators see; the server keeps those that were sent."""
TRIES = 3
_TUS = {"Tus-Resumable": "1.0.0"}
_FILE_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_BUSY = frozenset({409, 423, 460, 500, 502, 503, 504})
"""Refusals of a piece after which the server is asked how much it has."""


def upload(server: JsonServer, path: str, pictures: Iterable[tuple[str, bytes]]) -> str:
    """Send pictures in order; returns the id of the request that the server works on.

    Args:
        server: CVAT.
        path: of the task's data.
        pictures: name and bytes of each.

    Raises:
        InputError: the server refuses, or changes a name.
    """
    server.send("POST", path, b"", {"Upload-Start": ""})
    names: list[str] = []
    waiting: list[tuple[str, bytes]] = []
    for name, data in pictures:
        names.append(name)
        if len(data) > AT_ONCE_BYTES:
            _in_pieces(server, path, name, data)
            continue
        if waiting and sum(len(one) for _, one in waiting) + len(data) > AT_ONCE_BYTES:
            _at_once(server, path, waiting)
            waiting = []
        waiting.append((name, data))
    if waiting:
        _at_once(server, path, waiting)
    ending = {
        "image_quality": QUALITY,
        "sorting_method": "predefined",
        "upload_file_order": names,
    }
    server.headers["Upload-Finish"] = ""
    try:
        said = server.ask("POST", path, ending)
    finally:
        del server.headers["Upload-Finish"]
    if not isinstance(said, dict) or not said.get("rq_id"):
        raise server.unusable(path, "it names no request to wait for")
    return str(said["rq_id"])


def _at_once(server: JsonServer, path: str, pictures: Sequence[tuple[str, bytes]]) -> None:
    """Several pictures as one form."""
    mark = f"ringroad-{secrets.token_hex(16)}"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="image_quality"\r\n\r\n'
        f"{QUALITY}\r\n".encode()
    ]
    for number, (name, data) in enumerate(pictures):
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="client_files[{number}]"; '
            f'filename="{_quoted(name)}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        parts += [head.encode(), data, b"\r\n"]
    parts.append(f"--{mark}--\r\n".encode())
    headers = {"Upload-Multiple": "", "Content-Type": f"multipart/form-data; boundary={mark}"}
    server.send("POST", path, b"".join(parts), headers)


def _quoted(name: str) -> str:
    """A file name as forms hold it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _in_pieces(server: JsonServer, path: str, name: str, data: bytes) -> None:
    """One picture piece by piece; goes on behind what arrived.

    The server says where the pieces go. Of that address the last part alone is used, below the
    path of the upload: what a server names is not asked.
    """
    meta = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = {**_TUS, "Upload-Length": str(len(data)), "Upload-Metadata": meta}
    made = server.send("POST", path, b"", {**headers, "Origin": server.origin})
    file = made.headers.get("location", "").rstrip("/").rpartition("/")[2]
    if not _FILE_ID.fullmatch(file):
        raise server.unusable(path, "it says no place for the picture")
    if made.headers.get("upload-filename", name) != name:
        raise InputError(f"has a picture {name!r} already", subject=server.url, remedy="push again")
    offset, failed = 0, 0
    while offset < len(data):
        piece = data[offset : offset + PIECE_BYTES]
        more = {**_TUS, "Content-Type": "application/offset+octet-stream"}
        answer = server.send(
            "PATCH", f"{path}{file}", piece, {**more, "Upload-Offset": str(offset)}, expected=_BUSY
        )
        if answer.status in _BUSY:
            failed += 1
            if failed >= TRIES:
                raise InputError(
                    f"refused a piece of {name!r} {failed} times: status {answer.status}",
                    subject=server.url,
                    remedy="see the server's log; then push again",
                )
            answer = server.send("HEAD", f"{path}{file}", None, _TUS)
        offset = _offset(server, path, answer.headers.get("upload-offset", ""), len(data))


def _offset(server: JsonServer, path: str, said: str, size: int) -> int:
    if not said.isdecimal() or int(said) > size:
        raise server.unusable(path, f"it has {said!r} of {size} bytes")
    return int(said)
