"""Verbs of deploy. Written by tools/openapi.py."""

from __future__ import annotations

from ringroad.client.shapes.deploy import AliasTold, PageOfAliasItem, PageOfPromotion, Promotion
from ringroad.client.wire import Wire


class Deploy(Wire):
    """Verbs of deploy."""

    def list_aliases(
        self,
        *,
        prefix: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> PageOfAliasItem:
        """Names and where they point."""
        found: PageOfAliasItem = self._json(
            "GET",
            "/aliases",
            query={"prefix": prefix, "limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def show_alias(self, name: str) -> AliasTold:
        """Where a name points and has pointed; its ETag is what `If-Match` of a move takes."""
        found: AliasTold = self._json("GET", "/aliases/{name}", path={"name": name})
        return found

    def move_alias(
        self,
        name: str,
        *,
        artifact: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
        reason: str | None = None,
    ) -> AliasTold:
        """Point a name at a model version; a champion takes two people where several sign in."""
        found: AliasTold = self._json(
            "POST",
            "/aliases/{name}",
            path={"name": name},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"artifact": artifact, "reason": reason},
        )
        return found

    def list_promotions(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfPromotion:
        """Proposals, newest first."""
        found: PageOfPromotion = self._json(
            "GET", "/promotions", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def propose_promotion(
        self, *, name: str, artifact: str, reason: str, idempotency_key: str | None = None
    ) -> Promotion:
        """Propose where a champion's name is to point; another person agrees or not."""
        found: Promotion = self._json(
            "POST",
            "/promotions",
            header={"Idempotency-Key": idempotency_key},
            body={"name": name, "artifact": artifact, "reason": reason},
        )
        return found

    def decide_promotion(
        self, id: str, *, agree: bool, idempotency_key: str | None = None
    ) -> Promotion:
        """Agree, which moves the name from where it pointed when it was proposed; or not."""
        found: Promotion = self._json(
            "POST",
            "/promotions/{id}:decide",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"agree": agree},
        )
        return found
