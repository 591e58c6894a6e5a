"""How the service is opened: where it listens, whom it lets in, what it refuses by size."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from ringroad.domain.errors import InvalidConfig
from ringroad.service.oidc.settings import Oidc

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
BODY_BYTES = 8 << 20
CACHE_BYTES = 640 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Settings of one server."""

    host: str = "127.0.0.1"
    port: int = 8321
    names: tuple[str, ...] = ()
    """Further names by which a browser may ask for it, such as that of a proxy."""
    body_bytes: int = BODY_BYTES
    """Larger requests are refused before they are read."""
    body_s: float = 60.0
    """Slower ones are given up."""
    head_s: float = 20.0
    """A connection that sends no whole head of a request for so long is closed."""
    keys_ns: int = 2 * DAY_NS
    """How long answers are kept for their `Idempotency-Key`."""
    session_ns: int = 7 * DAY_NS
    """How long a browser stays signed in."""
    fold_s: float = 60.0
    """For how long repeats of a refusal become one entry of the audit chain."""
    cache_bytes: int = CACHE_BYTES
    """Memory for tables and pictures that were looked at: four fifths for tables."""
    warm: bool = False
    """Start the decoder at once, so that the first picture does not wait for it."""
    traces: str = ""
    """Address of an OpenTelemetry collector; nothing is sent without."""
    oidc: Oidc | None = None
    """Where people sign in beside tokens, if anywhere."""
    web: Path | None = None
    """Folder of the built web application; the one in the package where None."""

    def __post_init__(self) -> None:
        """Raises InvalidConfig for a port or size that cannot be."""
        if not 0 <= self.port <= 65_535:
            raise InvalidConfig(f"is no port: {self.port}", subject="port")
        if self.body_bytes < 1024:
            raise InvalidConfig(f"is no size: {self.body_bytes}", subject="body_bytes")
        if self.cache_bytes < 0:
            raise InvalidConfig(f"is no size: {self.cache_bytes}", subject="cache_bytes")
        if min(self.body_s, self.head_s, self.fold_s) <= 0:
            raise InvalidConfig(f"is no time: {self.body_s}, {self.head_s}", subject="body_s")

    @property
    def local(self) -> bool:
        """Whether nobody but this machine can reach it."""
        return is_loopback(self.host)

    @property
    def hosts(self) -> frozenset[str]:
        """Names that a request's `Host` may have, without a port, in lower case."""
        own = {"localhost", "127.0.0.1", "[::1]"} if self.local else {_bracketed(self.host)}
        return frozenset(name.lower() for name in (*own, *self.names))


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine alone; other names than `localhost` are not."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    """An IPv6 address as it stands in a `Host` header."""
    bare = host.strip("[]")
    return f"[{bare}]" if ":" in bare else bare
