"""Verbs of curate. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ringroad.client.shapes.curate import (
    Compared,
    CoverageTold,
    MapTold,
    PageOfSelectionItem,
    SearchPage,
    SelectionItem,
    SelectionTold,
    Suggestions,
)
from ringroad.client.shapes.shared import OperationTold
from ringroad.client.wire import Wire

if TYPE_CHECKING:
    import pyarrow as pa


class Curate(Wire):
    """Verbs of curate."""

    def compare_two_selections(
        self, *, one: str, other: str, radius: float | None = None, seed: int | None = None
    ) -> Compared:
        """Two selections or dataset versions: what each holds, what both hold, who lacks what."""
        found: Compared = self._json(
            "GET",
            "/comparisons/selections",
            query={"one": one, "other": other, "radius": radius, "seed": seed},
        )
        return found

    def show_coverage(
        self, *, what: str | None = None, against: str | None = None, seed: int | None = None
    ) -> CoverageTold:
        """Cells of the default domain that frames cover, with intervals, and what is missing."""
        found: CoverageTold = self._json(
            "GET", "/coverage", query={"what": what, "against": against, "seed": seed}
        )
        return found

    def show_embedding_map(
        self,
        *,
        q: str | None = None,
        colour: str | None = None,
        space: str | None = None,
        most: int | None = None,
    ) -> MapTold:
        """Frames that hold a query on the two directions in which all frames differ most."""
        found: MapTold = self._json(
            "GET", "/embedding-map", query={"q": q, "colour": colour, "space": space, "most": most}
        )
        return found

    def search_frames(
        self,
        *,
        q: str | None = None,
        like: str | None = None,
        text: str | None = None,
        order: str | None = None,
        crop: str | None = None,
        explain: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> SearchPage:
        """Frames for which a query holds; nearest to a frame or a part of it, or best by words, first."""
        found: SearchPage = self._json(
            "GET",
            "/search",
            query={
                "q": q,
                "like": like,
                "text": text,
                "order": order,
                "crop": crop,
                "explain": explain,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def search_frames_table(
        self,
        *,
        q: str | None = None,
        like: str | None = None,
        text: str | None = None,
        order: str | None = None,
        crop: str | None = None,
        explain: bool | None = None,
    ) -> pa.Table:
        """Frames for which a query holds; nearest to a frame or a part of it, or best by words, first."""
        return self._table(
            "GET",
            "/search",
            query={
                "q": q,
                "like": like,
                "text": text,
                "order": order,
                "crop": crop,
                "explain": explain,
            },
        )

    def complete_query(self, *, q: str | None = None, cursor: int | None = None) -> Suggestions:
        """Words that may stand at the cursor of a query."""
        found: Suggestions = self._json("GET", "/search/complete", query={"q": q, "cursor": cursor})
        return found

    def list_selections(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfSelectionItem:
        """Selections by name; living ones hold what their query finds."""
        found: PageOfSelectionItem = self._json(
            "GET", "/selections", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def save_selection(
        self,
        *,
        name: str,
        idempotency_key: str | None = None,
        query: str | None = None,
        like: str | None = None,
        text: str | None = None,
        limit: int | None = None,
        living: bool | None = None,
    ) -> SelectionItem:
        """Keep what a query finds under a name, or with `living` the query itself."""
        found: SelectionItem = self._json(
            "POST",
            "/selections",
            header={"Idempotency-Key": idempotency_key},
            body={
                "name": name,
                "query": query,
                "like": like,
                "text": text,
                "limit": limit,
                "living": living,
            },
        )
        return found

    def show_selection(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> SelectionTold:
        """The frames of one selection, in order; of a living one as its query finds them now."""
        found: SelectionTold = self._json(
            "GET",
            "/selections/{name}",
            path={"name": name},
            query={"limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def add_to_selection(
        self,
        name: str,
        *,
        frames: Sequence[str],
        idempotency_key: str | None = None,
        reason: str | None = None,
    ) -> SelectionItem:
        """Add frames by hand to a selection; it is made where there is none."""
        found: SelectionItem = self._json(
            "POST",
            "/selections/{name}",
            path={"name": name},
            header={"Idempotency-Key": idempotency_key},
            body={"frames": frames, "reason": reason},
        )
        return found

    def thin_selection(
        self,
        *,
        name: str,
        save: str,
        idempotency_key: str | None = None,
        radius: float | None = None,
        within_recording: bool | None = None,
        against: str | None = None,
    ) -> OperationTold:
        """Keep a selection without its near-duplicates under another name."""
        found: OperationTold = self._json(
            "POST",
            "/thinnings",
            header={"Idempotency-Key": idempotency_key},
            body={
                "name": name,
                "save": save,
                "radius": radius,
                "within_recording": within_recording,
                "against": against,
            },
        )
        return found
