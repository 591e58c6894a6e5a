"""Lists in pages. A list is pinned when its first page is asked for: nothing shifts under a reader.

A cursor is signed, opaque, and bound to the operation with its filter and order. It names the
version of the list that it belongs to: where that is no longer held and what the catalog says now
differs, the answer is `cursor-expired`, never a page of another list.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from ringroad.domain.canonical import canonical_json
from ringroad.service.problems import Declined
from ringroad.service.store import Store

MOST = 1000
USUAL = 100
HELD = 32
MAC_BYTES = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pinned:
    """A list as it was at one moment."""

    version: str
    """Equal for equal lists: positions of the catalog, or a digest of what is listed."""
    count: int
    take: Callable[[int, int], Sequence[Any]]
    """Items from an offset on, at most so many."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else the first page told, such as how a search was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some items of a list."""

    items: Sequence[Any]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
    """Of this page: with `offset`, any other place of the same list."""
    extra: Mapping[str, Any]


def pinned_of(
    items: Sequence[T], *, key: Callable[[T], str], tell: Callable[[T], Any] | None = None
) -> Pinned:
    """A list that is in memory; its version is the digest of its keys.

    Args:
        items: in order.
        key: differs where an item does.
        tell: makes of an item what a page has, when its page is asked for.
    """
    digest = sha256("\0".join(key(item) for item in items).encode()).hexdigest()[:32]

    def take(start: int, most: int) -> Sequence[Any]:
        some = items[start : start + most]
        return some if tell is None else [tell(item) for item in some]

    return Pinned(version=digest, count=len(items), take=take)


class Lists:
    """The lists that readers are in."""

    def __init__(self, store: Store) -> None:
        self._secret = _secret(store)
        self._held: OrderedDict[tuple[str, str], Pinned] = OrderedDict()
        self._turn = threading.Lock()

    def page(
        self,
        bound: Mapping[str, Any],
        make: Callable[[], Pinned],
        *,
        limit: int,
        cursor: str = "",
        offset: int | None = None,
    ) -> Page:
        """One page.

        Args:
            bound: operation, filter and order: what a cursor is of.
            make: makes the list as of now.
            limit: at most so many items.
            cursor: of a page before; empty for a list as of now.
            offset: a place of the list, instead of the one that the cursor is at.

        Raises:
            Declined: the cursor is not ours, of another list, or of one that is gone.
        """
        what = sha256(canonical_json(dict(bound))).hexdigest()[:32]
        if cursor:
            version, start = self._read(cursor, what)
            pinned = self._again(what, version, make)
        else:
            pinned, start = make(), 0
            self._hold(what, pinned)
        start = start if offset is None else offset
        items = pinned.take(start, limit)
        end = start + len(items)
        return Page(
            items=items,
            count=pinned.count,
            offset=start,
            version=pinned.version,
            next=self._write(what, pinned.version, end) if items and end < pinned.count else None,
            cursor=self._write(what, pinned.version, start),
            extra=pinned.extra,
        )

    def _again(self, what: str, version: str, make: Callable[[], Pinned]) -> Pinned:
        with self._turn:
            found = self._held.get((what, version))
            if found is not None:
                self._held.move_to_end((what, version))
                return found
        pinned = make()
        if pinned.version != version:
            raise Declined(
                "cursor-expired",
                "the list has changed, and the version that the cursor is of is not held any more",
                remedy="ask for the first page again",
            )
        self._hold(what, pinned)
        return pinned

    def _hold(self, what: str, pinned: Pinned) -> None:
        with self._turn:
            self._held[what, pinned.version] = pinned
            self._held.move_to_end((what, pinned.version))
            while len(self._held) > HELD:
                self._held.popitem(last=False)

    def _write(self, what: str, version: str, offset: int) -> str:
        data = json.dumps([version, offset], separators=(",", ":")).encode()
        signed = self._sign(what, data) + data
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def _read(self, cursor: str, what: str) -> tuple[str, int]:
        try:
            signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            mac, data = signed[:MAC_BYTES], signed[MAC_BYTES:]
            if hmac.compare_digest(mac, self._sign(what, data)):
                version, offset = json.loads(data)
                return str(version), int(offset)
        except ValueError:
            pass
        raise Declined(
            "cursor",
            "the cursor was not given out for this list, filter and order",
            remedy="take `next` of the page before, with the same filter; or leave it out",
        )

    def _sign(self, what: str, data: bytes) -> bytes:
        return hmac.digest(self._secret, what.encode() + b"\0" + data, "sha256")[:MAC_BYTES]


def _secret(store: Store) -> bytes:
    """The key that cursors are signed with; kept, so that they outlive a restart."""
    with store.writing() as db:
        db.execute("INSERT OR IGNORE INTO secret VALUES ('cursors', ?)", (secrets.token_bytes(32),))
        (value,) = db.execute("SELECT value FROM secret WHERE name = 'cursors'").fetchone()
    return bytes(value)
