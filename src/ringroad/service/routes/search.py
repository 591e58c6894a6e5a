"""Search, words for a query that is being typed, and selections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import quote

import pyarrow as pa
from fastapi import Path, Query, Request, Response

from ringroad.curate.selection import from_bytes
from ringroad.domain.selection import Selection
from ringroad.pipelines.curate.curation import (
    QUERY,
    SELECTION,
    add_by_hand,
    query_of,
    save,
    save_living,
)
from ringroad.pipelines.curate.search_rows import FoundRows, check_query, find_rows, suggest
from ringroad.pipelines.curate.searching import search
from ringroad.pipelines.finding import find_named
from ringroad.service.bulk import ANSWERS, JSON, ROWS_AT_ONCE, form_of, plain, stream
from ringroad.service.door import command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.problems import Declined
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.curate import (
    AddFrames,
    SaveSelection,
    SearchPage,
    SelectionItem,
    SelectionTold,
    SuggestionItem,
    Suggestions,
)
from ringroad.service.state import Here

router = router_of("curate")
Text = Annotated[str, Query(max_length=10_000)]
Words = Annotated[str, Query(max_length=500)]
Crop = Annotated[
    str, Query(max_length=60, description="x,y,width,height in pixels of `like` as recorded.")
]
Named = Annotated[str, Path(max_length=200)]


@router.get("/search", responses=ANSWERS, response_model=SearchPage)
def search_frames(
    here: Here,
    request: Request,
    response: Response,
    asked: Paging,
    q: Text = "",
    like: Words = "",
    text: Words = "",
    order: Annotated[str, Query(max_length=200)] = "",
    crop: Crop = "",
    explain: bool = False,
) -> Any:
    """Frames for which a query holds; nearest to a frame or a part of it, or best by words, first.

    Without an order they come as recordings came in, by sequence. A ranking ends at 1,000.
    """
    full = f"{q} order by {order}" if order else q
    part = _part(crop, like)
    cli = _search_line(_with_part(q, like, part), "" if part else like, text, order,
                       explain=explain)  # fmt: skip

    def make() -> Pinned:
        found = find_rows(here.workspace, full, like=like, words=text, crop=part)
        return Pinned(
            version=sha256(repr(found.versions).encode()).hexdigest()[:32],
            count=len(found.rows),
            take=lambda start, most: [plain(row) for row in found.values(start, most)],
            extra={"found": found},
        )

    form = form_of(request)
    if form != JSON:
        return stream(_parts(make().extra["found"]), form, cli=cli)
    bound = {"list": "search", "q": full, "like": like, "text": text}
    bound |= {"crop": crop} if crop else {}
    found_page = page(here, bound, asked, make)
    found: FoundRows = found_page.extra["found"]
    return SearchPage(
        **fields(found_page),
        query=found.explain.query,
        matched=found.matched,
        searched=found.indexed,
        notes=found.explain.notes,
        explain=asdict(found.explain) if explain else None,
        cli=say_cli(response, cli),
    )


@router.get("/search/complete")
def complete_query(
    here: Here,
    response: Response,
    q: Text = "",
    cursor: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Suggestions:
    """Words that may stand at the cursor of a query."""
    found = suggest(here.workspace, q, cursor)
    return Suggestions(
        suggestions=[SuggestionItem(**asdict(item)) for item in found],
        cli=say_cli(response, command("search", q)),
    )


@router.get("/selections")
def list_selections(here: Here, response: Response, asked: Paging) -> PageOf[SelectionItem]:
    """Selections by name; living ones hold what their query finds."""
    workspace = here.workspace

    def make() -> Pinned:
        items = []
        for name, at in workspace.catalog.names(f"{SELECTION}:").items():
            held = from_bytes(workspace.blobs.get(workspace.catalog.artifact(at).digest))
            bare = name.removeprefix(f"{SELECTION}:")
            items.append(
                SelectionItem(
                    name=bare, living=False, frames=len(held.frames), query=held.query, id=at
                )
            )
        for name, at in workspace.catalog.names(f"{QUERY}:").items():
            bare = name.removeprefix(f"{QUERY}:")
            query = query_of(workspace, bare)
            items.append(SelectionItem(name=bare, living=True, frames=None, query=query, id=at))
        return pinned_of(items, key=lambda item: f"{item.name} {item.id}")

    return PageOf[SelectionItem](
        **fields(page(here, {"list": "selections"}, asked, make)),
        cli=say_cli(response, command("selections", "list")),
    )


@router.get("/selections/{name:path}")
def show_selection(here: Here, response: Response, asked: Paging, name: Named) -> SelectionTold:
    """The frames of one selection, in order; of a living one as its query finds them now."""
    workspace = here.workspace
    bare = name.removeprefix(f"{SELECTION}:").removeprefix(f"{QUERY}:")
    frozen = workspace.catalog.resolve(f"{SELECTION}:{bare}")
    living = workspace.catalog.resolve(f"{QUERY}:{bare}") if frozen is None else None

    def make() -> Pinned:
        if living is not None:
            found = find_rows(workspace, query_of(workspace, bare))
            kept = Selection(frames=(), query=found.explain.query, reason="living")
            return Pinned(
                version=sha256(repr(found.versions).encode()).hexdigest()[:32],
                count=len(found.rows),
                take=lambda start, most: found.arrow(start, most)["frame_id"].to_pylist(),
                extra={"id": living, "selection": kept},
            )
        artifact = find_named(workspace, name, (SELECTION,), prefix=SELECTION)
        held = from_bytes(workspace.blobs.get(artifact.digest))
        return Pinned(
            version=artifact.digest[:32],
            count=len(held.frames),
            take=lambda start, most: held.frames[start : start + most],
            extra={"id": artifact.id, "selection": held},
        )

    found = page(here, {"list": "selection", "name": name}, asked, make)
    selection: Selection = found.extra["selection"]
    return SelectionTold(
        **fields(found),
        id=found.extra["id"],
        living=living is not None,
        query=selection.query,
        parents=selection.parents,
        reason=selection.reason,
        cli=say_cli(response, command("selections", "show", name)),
    )


@router.post("/selections", status_code=201)
def save_selection(here: Here, response: Response, body: SaveSelection) -> SelectionItem:
    """Keep what a query finds under a name, or with `living` the query itself."""
    check_query(here.workspace, body.query, like=body.like, words=body.text)
    with here.writing() as workspace:
        found = search(workspace, body.query, like=body.like, words=body.text, limit=body.limit)
        kept = (save_living if body.living else save)(workspace, found, body.name)
    line = _search_line(body.query, body.like, body.text, "", explain=False)
    say_cli(response, f"{line} {command('--save', body.name).removeprefix('ringroad ')}")
    response.headers["location"] = f"/api/v1/selections/{quote(body.name)}"
    return SelectionItem(
        name=body.name,
        living=body.living,
        frames=None if body.living else len(found.frames),
        query=found.query,
        id=kept.id,
    )


@router.post("/selections/{name:path}")
def add_to_selection(here: Here, response: Response, name: Named, body: AddFrames) -> SelectionItem:
    """Add frames by hand to a selection; it is made where there is none."""
    with here.writing() as workspace:
        kept, count = add_by_hand(workspace, name, body.frames, reason=body.reason)
    say_cli(response, command("selections", "add", name, *body.frames[:20]))
    return SelectionItem(name=name, living=False, frames=count, query="", id=kept.id)


def _parts(found: FoundRows) -> Iterator[pa.Table]:
    for start in range(0, max(1, len(found.rows)), ROWS_AT_ONCE):
        yield found.arrow(start, ROWS_AT_ONCE)


def _part(crop: str, like: str) -> tuple[int, ...]:
    """Four whole numbers. Raises Declined."""
    if not crop:
        return ()
    words = crop.split(",")
    if not like or len(words) != 4 or not all(word.isdecimal() for word in words):
        raise Declined(
            "invalid-request",
            "a crop is four whole numbers of the frame that `like` names",
            subject=crop,
            place="crop",
            remedy="send x,y,width,height in pixels, such as 10,20,100,80",
        )
    x, y, width, height = (int(word) for word in words)
    return x, y, max(1, width), max(1, height)


def _with_part(q: str, like: str, part: tuple[int, ...]) -> str:
    """The query with the example in its own words: the command line has no other for a part."""
    if not part:
        return q
    numbers = " ".join(str(number) for number in part)
    example = like.replace("'", "''")
    ranking = f"like('{example}', crop {numbers})"
    return f"({q}) and {ranking}" if q else ranking


def _search_line(q: str, like: str, text: str, order: str, *, explain: bool) -> str:
    words = ["search", q]
    for option, value in (("--like", like), ("--text", text), ("--order", order)):
        words += [option, value] if value else []
    return command(*words, "--explain" if explain else "")
