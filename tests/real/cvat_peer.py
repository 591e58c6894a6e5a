"""A stand-in for a CVAT server, strict: it knows the operations of cvat-sdk and nothing else.

The SDK is made from the server's own description of its API. Paths, methods, parameters and bodies
are refused where the SDK's models refuse them, or do not know them; what is answered goes through
the same models. What the models cannot say, such as which attribute may change along a track, is
done as the server's manual says.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import traceback
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cvat_peer_state import Refused, State
from cvat_sdk.api_client import ApiClient, Configuration
from cvat_sdk.api_client.model_utils import ModelNormal, validate_and_convert_types

APIS = ("projects", "tasks", "jobs", "labels", "requests")
PATHS = re.compile(r"/api/tasks/(\d+)/data/([0-9a-z-]+)$")


class Operation:
    """One operation as the SDK knows it."""

    def __init__(self, api: str, endpoint: Any) -> None:
        self.name = f"{api}.{endpoint.settings['operation_id']}"
        self.method = endpoint.settings["http_method"]
        self.path = re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(_path(endpoint))) + "$")
        self.answer = endpoint.settings["response_schema"]
        kinds, places = endpoint.openapi_types, endpoint.location_map
        self.query = {endpoint.attribute_map[k] for k, at in places.items() if at == "query"}
        self.body = next((kinds[name] for name, at in places.items() if at == "body"), None)


def _path(endpoint: Any) -> str:
    path: str = endpoint.settings["endpoint_path"]
    return path


def operations() -> list[Operation]:
    client = ApiClient(Configuration(host="http://unused"))
    found = []
    for api in APIS:
        group = getattr(client, f"{api}_api")
        endpoints = [value for key, value in vars(group).items() if key.endswith("_endpoint")]
        found += [Operation(api, endpoint) for endpoint in endpoints]
    return found


def checked(value: Any, schema: Any) -> None:
    """Raises where the SDK's models refuse a value, or do not know a key of it."""
    made = validate_and_convert_types(
        value, schema, ["body"], True, True, configuration=Configuration(host="http://unused")
    )
    _known(made)


def _known(made: Any) -> None:
    if isinstance(made, ModelNormal):
        own = set(made._data_store)
        if more := own - set(made.attribute_map):
            raise ValueError(f"{type(made).__name__} has no {', '.join(sorted(more))}")
        for value in made._data_store.values():
            _known(value)
    elif isinstance(made, list):
        for value in made:
            _known(value)


class Peer(BaseHTTPRequestHandler):
    """Finds the operation, checks what came, asks the state, checks what goes."""

    protocol_version = "HTTP/1.1"
    operations: list[Operation]
    state: State
    location = ""
    """Stands before the place that an upload is told, where it is not this server's own."""

    def _take(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(size)
        path, _, query = self.path.partition("?")
        try:
            self.state.enter(self.headers.get("Authorization", ""))
            if "Tus-Resumable" in self.headers:
                self._upload(path, data)
                return
            self._operate(path, urllib.parse.parse_qs(query), data)
        except Refused as error:
            self._say(error.status, {"detail": str(error)})
        except Exception:  # noqa: BLE001 (a test looks at what broke)
            self.state.broken.append(traceback.format_exc())
            self._say(500, {"detail": "the peer broke"})

    do_GET = _take  # noqa: N815 (the names are the library's, here and below)
    do_POST = _take  # noqa: N815
    do_PUT = _take  # noqa: N815
    do_PATCH = _take  # noqa: N815
    do_DELETE = _take  # noqa: N815
    do_HEAD = _take  # noqa: N815

    def _operate(self, path: str, query: dict[str, list[str]], data: bytes) -> None:
        some = [one for one in self.operations if one.path.match(path)]
        operation = next((one for one in some if one.method == self.command), None)
        if operation is None:
            raise Refused(405 if some else 404, f"no operation {self.command} {path}")
        if more := set(query) - operation.query:
            raise Refused(400, f"{operation.name} has no parameter {', '.join(sorted(more))}")
        found = operation.path.match(path)
        assert found is not None
        asked = {key: values[0] for key, values in query.items()}
        body = self._body(operation, data)
        status, said = self.state.answer(
            operation.name, [urllib.parse.unquote(part) for part in found.groups()], asked, body
        )
        if said is not None and operation.answer is not None and operation.answer != (None,):
            checked(json.loads(json.dumps(said)), operation.answer)
        self._say(status, said)

    def _body(self, operation: Operation, data: bytes) -> Any:
        if operation.name == "tasks.create_data":
            return self._data(operation, data)
        if operation.body is None:
            if data:
                raise Refused(400, f"{operation.name} takes no body")
            return None
        if self.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise Refused(415, f"{operation.name} takes application/json")
        value = json.loads(data)
        self._check(operation, value)
        return value

    def _check(self, operation: Operation, value: Any) -> None:
        try:
            checked(value, operation.body)
        except Exception as error:
            raise Refused(400, f"{operation.name}: {error}") from error

    def _data(self, operation: Operation, data: bytes) -> tuple[str, Any]:
        """Which message of an upload this is, and what it holds."""
        if "Upload-Multiple" in self.headers:
            return "files", _form(self.headers["Content-Type"], data)
        if "Upload-Finish" in self.headers:
            value = json.loads(data)
            self._check(operation, value)
            return "finish", value
        if "Upload-Start" in self.headers:
            return "start", None
        raise Refused(400, "this peer takes uploads by messages alone")

    def _upload(self, path: str, data: bytes) -> None:
        """A message of TUS 1.0.0, which the SDK's description leaves out."""
        if self.headers["Tus-Resumable"] != "1.0.0":
            raise Refused(412, "another version of TUS")
        if self.command == "POST":
            named = dict(pair.split(" ") for pair in self.headers["Upload-Metadata"].split(","))
            name = base64.b64decode(named["filename"]).decode()
            task = int(path.split("/")[3])
            file = self.state.begin_file(task, name, int(self.headers["Upload-Length"]))
            base = self.location or f"http://{self.headers['Host']}"
            self._say(201, None, {"Location": f"{base}{path}{file}", "Upload-Filename": name})
            return
        found = PATHS.match(path)
        if found is None:
            raise Refused(404, f"no upload {path}")
        task, file = int(found[1]), found[2]
        if self.command == "PATCH":
            if self.headers["Content-Type"] != "application/offset+octet-stream":
                raise Refused(415, "a piece has a type of its own")
            self.state.add_piece(task, file, int(self.headers["Upload-Offset"]), data)
        offset = {"Upload-Offset": str(self.state.offset(task, file))}
        self._say(204 if self.command == "PATCH" else 200, None, offset)

    def _say(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/vnd.cvat+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def _form(kind: str, data: bytes) -> list[tuple[str, bytes]]:
    """Files of a form, by the names that Django would keep."""
    mark = re.search(r'boundary="?([^";]+)', kind)
    if not kind.startswith("multipart/form-data") or mark is None:
        raise Refused(415, "several files come as a form")
    files, fields = [], {}
    for part in data.split(f"--{mark[1]}".encode())[1:-1]:
        head, _, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        said = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        if "filename" in said:
            if not re.fullmatch(r"client_files\[\d+\]", said["name"]):
                raise Refused(400, f"no file is called {said['name']}")
            files.append((said["filename"].rpartition("/")[2], body.removesuffix(b"\r\n")))
        else:
            fields[said["name"]] = body.removesuffix(b"\r\n").decode()
    if not 1 <= int(fields["image_quality"]) <= 100:
        raise Refused(400, "image_quality is 1 to 100")
    return files


@contextmanager
def peer() -> Iterator[tuple[str, type[Peer]]]:
    """A server in a thread, and its handler's class, which holds the state."""
    handler = type("OnePeer", (Peer,), {"operations": operations(), "state": State()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", handler
        finally:
            server.shutdown()
            thread.join()
