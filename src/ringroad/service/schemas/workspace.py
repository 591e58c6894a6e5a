"""Bodies about the server, its operations, lineage and who may enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from ringroad.service.audit import Entry
from ringroad.service.operations import Operation
from ringroad.service.schemas.bodies import Count, Given, Hidden, Name, PageOf, Told
from ringroad.service.tokens import Token


class About(BaseModel):
    """The server."""

    version: str
    workspace: str
    api: str = "/api/v1"
    local: bool = Field(description="Whether only this machine can reach it.")


class Me(BaseModel):
    """Who asks, and what they may do."""

    who: str
    role: str
    scopes: Sequence[str]
    operations: Sequence[str]


class Status(Told):
    """What a workspace holds."""

    workspace: str
    recordings: Count
    refused: Count
    artifacts: Mapping[str, int]
    aliases: Mapping[str, str]
    batches_not_indexed: Mapping[str, int]
    operations: Mapping[str, int] = Field(description="State -> how many.")
    hidden: Hidden = ""


class Storage(Told):
    """Bytes of a workspace, by what they are."""

    kinds: Mapping[str, Mapping[str, int]] = Field(description="Kind -> artifacts and bytes.")
    in_place_bytes: Count = Field(description="Of sources that lie in the user's own files.")
    free_bytes: Count
    disk_bytes: Count
    recorded_s: float = Field(0.0, description="Seconds of all recordings together.")
    hidden: Hidden = ""


class FunnelStage(BaseModel):
    """One stage: camera frames, and the bytes that they take in their recordings."""

    name: str
    frames: Count
    size_bytes: Count


class Funnel(Told):
    """Raw, useful, labelled, used."""

    stages: Sequence[FunnelStage]
    missing: str = Field("", description="What has to be sent first; there are no stages then.")
    hidden: Hidden = ""


class LineageTold(Told):
    """All that something was made from, or made into."""

    start: str
    direction: str
    artifacts: Sequence[Mapping[str, Any]]
    executions: Sequence[Mapping[str, Any]]
    edges: Sequence[Mapping[str, Any]]


class ExecutionItem(BaseModel):
    """One completed run of a step."""

    id: str
    step: str
    seed: int
    started_ns: int
    seconds: float
    host: str
    attempts: int
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


class ExecutionTold(Told):
    """One execution with its key."""

    execution: ExecutionItem
    parameters: Mapping[str, Any]
    environment: Mapping[str, str]
    code: Mapping[str, str]


class OperationTold(Told):
    """Long work."""

    operation: Operation
    events: str = Field(description="Address of its server-sent events.")


class CreateToken(Given):
    """A token for a person or a program."""

    who: Name
    role: Name
    scopes: Annotated[tuple[Name, ...], Field(min_length=1, max_length=5)] | None = None
    days: Annotated[float, Field(gt=0, le=3650)] = 90


class TokenMade(Told):
    """A new token; its secret is told this once."""

    token: Token
    secret: str


class SessionItem(BaseModel):
    """A browser that is signed in."""

    id: str
    who: str
    role: str
    how: str = Field(description="`printed address`, `token` or `single sign-on`; empty: older.")
    created_ns: int
    expires_ns: int
    used_ns: int | None = Field(description="To within a minute; null where it was never used.")
    own: bool = Field(description="Whether it is the one that asks.")


class SessionsEnded(Told):
    """Browsers that were signed out."""

    who: str
    ended: Count


class AuditPage(PageOf[Entry]):
    """The chain of what was written and refused."""


class AuditVerified(Told):
    """A chain that is whole."""

    entries: Count
    head: str
