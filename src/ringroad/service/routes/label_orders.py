"""Labelling orders: told what they cost, placed, paused; and guidelines to read beside the work."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Response

from ringroad.label.guidelines import toml_of
from ringroad.pipelines.finding import find_named
from ringroad.pipelines.histories import MODEL_KINDS
from ringroad.pipelines.label.guidelines import guideline_named, guideline_names
from ringroad.pipelines.label.orders import turn_order as turned
from ringroad.pipelines.label.progress import progress_of
from ringroad.pipelines.label.records import guideline_of
from ringroad.pipelines.label.wanted import preview_order as preview
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.conditions import quoted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.label_orders import (
    GuidelineItem,
    GuidelineTold,
    OrderAsked,
    OrderGiven,
    OrderPreviewed,
    OrderTold,
    OrderTurned,
)
from ringroad.service.schemas.labelling import OrderItem
from ringroad.service.state import Here
from ringroad.service.wanted import wanted_of

router = router_of("label")
Named = Annotated[str, Path(max_length=200)]
VERBS = {"active": "resume", "paused": "pause", "closed": "close"}


@router.post("/labelling/orders:preview")
def preview_order(here: Here, who: Who, response: Response, body: OrderAsked) -> OrderPreviewed:
    """What an order would open, and about what it takes. Nothing is placed."""
    if body.model:
        find_named(here.workspace, body.model, MODEL_KINDS, prefix="")
    wanted = wanted_of(body.model_dump(mode="json"), who.who)
    money = () if body.per_hour is None else ("--per-hour", f"{body.per_hour:g}")
    return OrderPreviewed(
        preview=preview(here.workspace, wanted, per_hour=body.per_hour),
        cli=say_cli(response, f"{_line(body, who.who)} {command('--dry-run', *money)[9:]}"),
    )


@router.post("/labelling/orders", status_code=202, responses=ACCEPTED)
def place_order(here: Here, who: Who, response: Response, body: OrderGiven) -> Any:
    """Open the tasks of an order, with pre-labels where a model is named. Twice changes nothing."""
    if body.model:
        find_named(here.workspace, body.model, MODEL_KINDS, prefix="")
    preview(here.workspace, wanted_of(body.model_dump(mode="json"), who.who))
    cli = _line(body, who.who)
    kind = "prelabel-order" if body.model else "place-order"
    return accepted(here, who, response, kind, body, cli=cli, more={"by": who.who})


@router.post("/labelling/orders/{name}:turn")
def turn_order(
    here: Here, who: Who, response: Response, name: Named, body: OrderTurned
) -> OrderItem:
    """Hand out no task of an order for now, or ever; or go on."""
    found = turned(here.workspace, name, body.state, by=who.who)
    say_cli(response, command("labels", VERBS[body.state], name, "--by", who.who))
    return OrderItem(
        name=found.name,
        state=found.state,
        looks=found.looks,
        guideline=found.guideline,
        progress=progress_of(here.workspace, found.name),
    )


@router.get("/labelling/orders/{name}")
def show_order(here: Here, response: Response, name: Named) -> OrderTold:
    """All that was ordered, how far it is, and its lots."""
    catalog = here.workspace.catalog
    order = catalog.order(name)
    return OrderTold(
        order=OrderItem(
            name=order.name,
            state=order.state,
            looks=order.looks,
            guideline=order.guideline,
            progress=progress_of(here.workspace, order.name),
        ),
        guideline=guideline_of(here.workspace, order.guideline),
        looks_options=dict(order.looks_options),
        lots=catalog.lots(order.id),
        prelabels=order.prelabels or "",
        annotators=order.annotators,
        reviewers=order.reviewers,
        review_share=order.review_share,
        honeypot_share=order.honeypot_share,
        by=order.by,
        reason=order.reason,
        created_ns=order.created_ns,
        cli=say_cli(response, command("labels", "progress", order.name)),
    )


@router.get("/labelling/guidelines")
def list_guidelines(here: Here, response: Response, asked: Paging) -> PageOf[GuidelineItem]:
    """Guidelines by name, in their newest version."""

    def make() -> Pinned:
        items = []
        for alias in guideline_names(here.workspace):
            found, artifact = guideline_named(here.workspace, alias)
            items.append(
                GuidelineItem(
                    name=found.name, version=artifact.digest, categories=found.taxonomy.names
                )
            )
        return pinned_of(items, key=lambda item: f"{item.name} {item.version}")

    return PageOf[GuidelineItem](
        **fields(page(here, {"list": "guidelines"}, asked, make)),
        cli=say_cli(response, command("labels", "guideline", "list")),
    )


@router.get("/labelling/guidelines/{name}")
def show_guideline(here: Here, response: Response, name: Named) -> GuidelineTold:
    """A guideline by its name or version: taxonomy, and the text that says how to draw.

    Its ETag is its version, and what `If-Match` of a change takes.
    """
    found, artifact = guideline_named(here.workspace, name)
    response.headers["etag"] = quoted(artifact.digest)
    response.headers["cache-control"] = "private, no-cache"
    return GuidelineTold(
        version=artifact.digest,
        guideline=found,
        toml=toml_of(found),
        cli=say_cli(response, command("labels", "guideline", "show", name)),
    )


def _line(body: OrderGiven, by: str) -> str:
    """The command line that places the same."""
    words = ["labels", "order", body.name, "--on", body.selection, "--by", by]
    texts = {
        "--guideline": body.guideline,
        "--policy": "" if body.looks == "fixed" else body.looks,
        "--model": body.model,
        "--prelabels": body.prelabels,
        "--priority": body.priority,
        "--reason": body.reason,
    }
    for option, text in texts.items():
        words += [option, text] if text else []
    for key, value in body.looks_options.items():
        words += ["--option", f"{key}={value}"]
    if body.lots is not None:
        words += ["--lot-size", str(body.lots.size)]
        words += ["--aql", f"{body.lots.aql:g}", "--ltpd", f"{body.lots.ltpd:g}"]
    for option, share in (("--review", body.review_share), ("--honeypots", body.honeypot_share)):
        words += [option, f"{share:g}"] if share else []
    for option, people in (("--annotator", body.annotators), ("--reviewer", body.reviewers)):
        words += [word for name in people for word in (option, name)]
    return command(*words, "--assign" if body.in_turns else "")
