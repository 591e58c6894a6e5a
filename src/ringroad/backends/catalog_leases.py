"""Leases with fencing tokens in SQL.

A row stands only while its key is held. Tokens come from one counter for all keys, so they
grow for each key too, whatever rows have gone.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, select, update

from ringroad.backends.catalog_base import SqlRoom, put
from ringroad.backends.catalog_schema import COUNTER, LEASE
from ringroad.domain.artifact import Lease
from ringroad.domain.errors import LeaseLost

_HELD = select(LEASE).where(LEASE.c.key == bindparam("name"))
NEXT_TOKEN = (
    update(COUNTER)
    .where(COUNTER.c.name == "lease")
    .values(value=COUNTER.c.value + 1)
    .returning(COUNTER.c.value)
)
_MINE = (LEASE.c.key == bindparam("name")) & (LEASE.c.token == bindparam("held"))
_RENEW = update(LEASE).where(_MINE).values(expires_ns=bindparam("until"))
_RELEASE = delete(LEASE).where(_MINE)


class LeaseRows(SqlRoom):
    """`protocols.catalog.Leases` over SQL."""

    def acquire(self, key: str, owner: str, *, now_ns: int, ttl_ns: int) -> Lease | None:
        """Take the key where it is free or expired; None where it is held, even by `owner`."""
        with self.writing(durable=False) as db:
            held = db.execute(_HELD, {"name": key}).one_or_none()
            if held is not None and held.expires_ns > now_ns:
                return None
            token = db.execute(NEXT_TOKEN).scalar_one()
            expires_ns = now_ns + ttl_ns
            row = {"key": key, "owner": owner, "token": token, "expires_ns": expires_ns}
            put(db, LEASE, row)
        return Lease(key=key, owner=owner, token=token, expires_ns=expires_ns)

    def renew(self, lease: Lease, *, now_ns: int, ttl_ns: int) -> Lease:
        """Hold on. Raises LeaseLost where the lease expired and was taken, or was released."""
        expires_ns = now_ns + ttl_ns
        values = {"name": lease.key, "held": lease.token, "until": expires_ns}
        with self.writing(durable=False) as db:
            if db.execute(_RENEW, values).rowcount == 0:
                raise lost(lease)
        return Lease(key=lease.key, owner=lease.owner, token=lease.token, expires_ns=expires_ns)

    def release(self, lease: Lease) -> None:
        """Give the key back; nothing happens where it was lost already."""
        with self.writing(durable=False) as db:
            db.execute(_RELEASE, {"name": lease.key, "held": lease.token})

    def holder(self, key: str) -> Lease | None:
        """The lease that stands for a key, expired or not; None where it is free."""
        with self.reading() as db:
            row = db.execute(_HELD, {"name": key}).one_or_none()
        if row is None:
            return None
        return Lease(key=row.key, owner=row.owner, token=row.token, expires_ns=row.expires_ns)


def fence(db: Connection, lease: Lease, *, at_ns: int) -> None:
    """Refuse to go on unless the lease stands at that time. Raises LeaseLost."""
    held = db.execute(_HELD, {"name": lease.key}).one_or_none()
    if held is None or held.token != lease.token or held.expires_ns < at_ns:
        raise lost(lease)


def lost(lease: Lease) -> LeaseLost:
    """The error to raise where a lease no longer stands."""
    return LeaseLost(
        f"the lease of {lease.owner} with token {lease.token} expired or was fenced off",
        subject=lease.key,
        remedy="nothing was written; take the key again",
    )
