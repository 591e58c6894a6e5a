"""Movable names, and the two people that a champion takes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.finding import find_named
from ringroad.pipelines.histories import MODEL_KINDS
from ringroad.service.conditions import IfMatch, quoted, seen
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.problems import Declined
from ringroad.service.promotions import CHAMPION, Promotion
from ringroad.service.schemas.bodies import Name, PageOf
from ringroad.service.schemas.learn import (
    AliasItem,
    AliasTold,
    DecidePromotion,
    MoveAlias,
    ProposePromotion,
)
from ringroad.service.state import Here, Service

router = router_of("deploy")
RESERVED = frozenset(
    {"arena", "campaign", "checks", "dataset", "embedder", "events", "guideline", "intervals",
     "query", "selection", "tags", "thinning"}
)  # fmt: skip
"""Beginnings of names that mean something else, whether or not there is one yet."""
Named = Annotated[Name, Path()]


@router.get("/aliases")
def list_aliases(
    here: Here,
    response: Response,
    asked: Paging,
    prefix: Annotated[str, Query(max_length=200)] = "",
) -> PageOf[AliasItem]:
    """Names and where they point."""

    def make() -> Pinned:
        found = here.workspace.catalog.names(prefix)
        items = [AliasItem(name=name, artifact=at) for name, at in sorted(found.items())]
        return pinned_of(items, key=lambda item: f"{item.name} {item.artifact}")

    return PageOf[AliasItem](
        **fields(page(here, {"list": "aliases", "prefix": prefix}, asked, make)),
        cli=say_cli(response, command("status")),
    )


@router.get("/aliases/{name:path}")
def show_alias(here: Here, response: Response, name: Named) -> AliasTold:
    """Where a name points and has pointed; its ETag is what `If-Match` of a move takes."""
    at = here.workspace.catalog.resolve(name)
    if at is None:
        raise UnknownName("no name is called so", subject=name)
    return _told(here, response, name, at)


@router.post("/aliases/{name:path}")
def move_alias(
    here: Here, who: Who, response: Response, name: Named, body: MoveAlias, if_match: IfMatch = None
) -> AliasTold:
    """Point a name at a model version; a champion takes two people where several sign in."""
    if name.endswith(CHAMPION) and not here.settings.local:
        raise Declined(
            "second-person",
            "a champion is proposed by one person, and another agrees",
            subject=name,
            remedy="POST /api/v1/promotions",
        )
    _of_models(here, name)
    artifact = find_named(here.workspace, body.artifact, MODEL_KINDS, prefix="")
    _move(here, name, artifact.id, seen(if_match), reason=body.reason or f"by {who.who}")
    return _told(here, response, name, artifact.id)


@router.get("/promotions")
def list_promotions(here: Here, response: Response, asked: Paging) -> PageOf[Promotion]:
    """Proposals, newest first."""

    def make() -> Pinned:
        return pinned_of(here.promotions.all(), key=lambda item: f"{item.id} {item.state}")

    return PageOf[Promotion](
        **fields(page(here, {"list": "promotions"}, asked, make)),
        cli=say_cli(response, command("models", "list")),
    )


@router.post("/promotions", status_code=201)
def propose_promotion(
    here: Here, who: Who, response: Response, body: ProposePromotion
) -> Promotion:
    """Propose where a champion's name is to point; another person agrees or not."""
    if not body.name.endswith(CHAMPION):
        raise Declined(
            "invalid-request",
            f"the name of a champion ends in {CHAMPION}",
            subject=body.name,
            remedy="other names are moved at once: POST /api/v1/aliases/NAME",
        )
    _of_models(here, body.name)
    artifact = find_named(here.workspace, body.artifact, MODEL_KINDS, prefix="")
    made = here.promotions.propose(
        body.name,
        artifact.id,
        expected=here.workspace.catalog.resolve(body.name),
        reason=body.reason,
        who=who.who,
    )
    say_cli(response, command("models", "alias", body.name, artifact.id))
    response.headers["location"] = "/api/v1/promotions"
    return made


@router.post("/promotions/{id}:decide")
def decide_promotion(
    here: Here,
    who: Who,
    response: Response,
    id: Annotated[str, Path(max_length=100)],
    body: DecidePromotion,
) -> Promotion:
    """Agree, which moves the name from where it pointed when it was proposed; or not."""

    def move(found: Promotion) -> None:
        reason = f"{found.reason}; proposed by {found.proposed_by}, agreed by {who.who}"
        here.workspace.catalog.move(
            found.name,
            ArtifactId(found.artifact),
            expected=None if found.expected is None else ArtifactId(found.expected),
            now_ns=here.workspace.clock.now_ns(),
            reason=reason,
        )

    made = here.promotions.decide(id, agree=body.agree, who=who.who, move=move)
    moved = command("models", "alias", made.name, made.artifact)
    say_cli(response, moved if body.agree else command("models", "list"))
    return made


def _of_models(here: Service, name: str) -> None:
    """Refuse a name that stands, or whose like stand, for something else than a model version."""
    prefix, colon, role = name.partition(":")
    others = [
        at
        for at in here.workspace.catalog.names(f"{prefix}:").values()
        if at.partition(":")[0] not in MODEL_KINDS
    ]
    if not (prefix and colon and role) or others or prefix in RESERVED:
        raise Declined(
            "invalid-request",
            "is no name of a model version",
            subject=name,
            remedy="call it NAME:ROLE, such as detector:candidate",
        )


def _move(here: Service, name: str, to: ArtifactId, expected: str | None, *, reason: str) -> None:
    catalog = here.workspace.catalog
    before = catalog.resolve(name) if expected is None else ArtifactId(expected)
    catalog.move(name, to, expected=before, now_ns=here.workspace.clock.now_ns(), reason=reason)


def _told(here: Service, response: Response, name: str, at: ArtifactId) -> AliasTold:
    response.headers["etag"] = quoted(at)
    response.headers["cache-control"] = "private, no-cache"
    return AliasTold(
        name=name,
        artifact=at,
        history=here.workspace.catalog.history(name),
        cli=say_cli(response, command("models", "alias", name, at)),
    )
