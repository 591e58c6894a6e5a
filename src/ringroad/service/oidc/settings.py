"""Where people sign in, and which role what the issuer says of them gives; out of a TOML file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ringroad.domain.config import build, read_toml
from ringroad.domain.errors import InvalidConfig
from ringroad.service.roles import ROLES

SECRET = "RINGROAD_OIDC_SECRET"  # noqa: S105 (the name of a variable)
BACK = "/enter/oidc/back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """One issuer, and what its claims mean here."""

    issuer: str
    """Such as `https://sso.example/realms/maps`; http on this machine alone."""
    client_id: str
    address: str
    """Of this service as browsers see it, such as `https://data.example`."""
    claim: str = "groups"
    """The claim that roles are read from: a text or a list of texts."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Value of the claim -> role; the highest counts, and who has none is refused."""
    who: str = "email"
    """The claim by which people are called here and in the audit chain."""
    name: str = "single sign-on"
    """What the button says."""
    hosts: tuple[str, ...] = ()
    """Further hosts that the issuer's endpoints may be at; its own without."""
    scope: str = "openid email profile"
    hours: float = 12.0
    """How long a browser stays signed in, at most."""

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be, in words for `build`."""
        for key, value in (("issuer", self.issuer), ("address", self.address)):
            if not safe(value):
                raise ValueError(f"{key} is an https address, or http on this machine: {value!r}")
        unknown = sorted(set(self.roles.values()) - set(ROLES))
        if unknown or not self.roles:
            raise ValueError(f"roles maps values of {self.claim} to {', '.join(ROLES)}: {unknown}")
        if "openid" not in self.scope.split() or not 0 < self.hours <= 24 * 7:
            raise ValueError("scope has openid, and hours are 0 to 168")

    @property
    def back(self) -> str:
        """Where the issuer sends browsers back to: register it there."""
        return self.address.rstrip("/") + BACK

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Where endpoints may be."""
        return frozenset({urlsplit(self.issuer).netloc, *self.hosts})


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    oidc: Oidc


def read_oidc(path: Path) -> Oidc:
    """Out of the section `[oidc]` of a file. Raises InvalidConfig."""
    remedy = "see docs/service.md, Single sign-on"
    return build(_File, read_toml(path, remedy=remedy), subject=str(path)).oidc


def client_secret() -> str:
    """Of the environment, never of a file; empty for a client that has none."""
    return os.environ.get(SECRET, "")


def safe(address: str) -> bool:
    """Whether nobody in between can read or change what goes there."""
    parts = urlsplit(address)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def check_endpoint(oidc: Oidc, what: str, address: object) -> str:
    """An endpoint that the issuer's document names. Raises InvalidConfig where it leads away."""
    if not isinstance(address, str) or not safe(address):
        raise InvalidConfig(f"the issuer names no safe {what}", subject=str(address)[:200])
    if urlsplit(address).netloc not in oidc.allowed_hosts:
        raise InvalidConfig(
            f"the issuer's {what} is at another host",
            subject=address[:200],
            remedy="where that is right, name the host in `hosts` of [oidc]",
        )
    return address
