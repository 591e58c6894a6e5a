"""Objects of S3, GCS and Azure through obstore; `file://` for folders that stand in for a bucket.

Where a store lies and who may read it is taken from the environment that the field uses:
`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `GOOGLE_SERVICE_ACCOUNT`, `AZURE_STORAGE_ACCOUNT_NAME` ...
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url

from ringroad.domain.errors import InputError, SourceChanged, SourceMissing
from ringroad.domain.ids import Digest
from ringroad.domain.time import SECOND_NS
from ringroad.protocols.objects import ObjectEntry

SCHEMES = ("s3", "gs", "az", "abfs", "file")
PIECE_BYTES = 8 << 20


class ObstoreObjects:
    """`protocols.objects.Objects` over obstore. Retries are obstore's own: ten, three minutes."""

    def entries(self, url: str) -> Iterator[ObjectEntry]:
        """The object of this URL, or all objects below it, by key."""
        store, base, key = _opened(url)
        alone = _told(url, lambda: _head(store, key)) if key and not key.endswith("/") else None
        if alone is not None:
            yield _entry(base, alone)
            return
        prefix = key if not key or key.endswith("/") else f"{key}/"
        pages = _told(url, lambda: [*obstore.list(store, prefix or None)])
        for item in sorted((one for page in pages for one in page), key=lambda one: one["path"]):
            yield _entry(base, item)

    def read_range(self, url: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes."""
        if length == 0:
            return b""
        store, _, key = _opened(url)
        found = _told(url, lambda: obstore.get_range(store, key, start=offset, length=length))
        data = bytes(found)
        if len(data) != length:
            raise SourceChanged(
                f"it ends within the {length} bytes from {offset} on", subject=url, remedy=REMEDY
            )
        return data

    def fetch(self, url: str, path: Path) -> Digest:
        """Write all bytes into a new file, and return their SHA-256."""
        store, _, key = _opened(url)
        sha = hashlib.sha256()
        with path.open("wb") as file:
            for piece in _pieces(url, lambda: obstore.get(store, key)):
                sha.update(piece)
                file.write(piece)
        return Digest(sha.hexdigest())

    def __reduce__(self) -> tuple[Callable[[], ObstoreObjects], tuple[()]]:
        return ObstoreObjects, ()


REMEDY = "put the object back as it was, or run `ringroad ingest` on it again"


def _pieces(url: str, get: Callable[[], Any]) -> Iterator[memoryview]:
    """The bytes of an answer as they come, its errors told as ours."""
    stream = iter(_told(url, get).stream(min_chunk_size=PIECE_BYTES))
    while (piece := _told(url, lambda: next(stream, None))) is not None:
        yield memoryview(piece)


def _opened(url: str) -> tuple[ObjectStore, str, str]:
    """The store of a URL, its own URL, and the key within it."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise InputError(
            f"no store has addresses like {url!r}", remedy=f"known: {', '.join(SCHEMES)}"
        )
    base = f"{parts.scheme}://{parts.netloc}"
    return _store(base), base, unquote(parts.path).lstrip("/")


@lru_cache(maxsize=16)
def _store(base: str) -> ObjectStore:
    if base.startswith("file:"):
        return from_url("file:///")
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return from_url(base, client_options={"allow_http": plain})


def _head(store: ObjectStore, key: str) -> Any:
    try:
        return obstore.head(store, key)
    except (NotFoundError, FileNotFoundError):
        return None


def _entry(base: str, item: Any) -> ObjectEntry:
    modified: datetime = item["last_modified"]
    return ObjectEntry(
        url=f"{base}/{quote(item['path'])}",
        size_bytes=item["size"],
        modified_ns=int(modified.timestamp()) * SECOND_NS + modified.microsecond * 1000,
    )


def _told(url: str, act: Callable[[], Any]) -> Any:
    """What `act` gives; its errors as ours."""
    try:
        return act()
    except (NotFoundError, FileNotFoundError) as error:
        raise SourceMissing("there is no such object", subject=url, remedy=REMEDY) from error
    except (BaseError, OSError) as error:
        text = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise InputError(
            f"the store does not answer as it should: {text}",
            subject=url,
            remedy="check address and credentials (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID ...)",
        ) from error
