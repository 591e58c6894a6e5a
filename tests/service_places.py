"""What there is to ask for in a served demo: ids and names of every noun, as the API lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ringroad.domain.order import LabelOrder
from ringroad.pipelines.curate.scope import named_selection
from ringroad.pipelines.label.orders import place_order
from service_kit import Served

Known = Mapping[str, Sequence[str]]
LISTS = ("recordings", "datasets", "selections", "models", "evaluations", "gates", "plans",
         "training-runs", "executions", "aliases")  # fmt: skip
QUERY = {
    "recording": "recordings",
    "to": "datasets",
    "like": "frames",
    "step": "steps",
    "order": "orders",
    "q": "queries",
}
"""Parameters of addresses that name something, and what."""
BODY = {
    "artifact": "models",
    "frames": "frames",
    "recordings": "recordings",
    "query": "queries",
    "like": "frames",
    "order": "orders",
}
"""Fields of bodies that name something; those that start long work with torch are left out."""


def furnish(served: Served) -> None:
    """A selection that is ordered to be labelled, found events, a token and a proposal."""
    frames = [row["frame_id"] for row in served.get("/search", limit=4)["items"]]
    served.ask("POST", "/selections/some", json={"frames": frames})
    with served.service.writing() as workspace:
        selection = named_selection(workspace, "some")
        looks = {"looks": 2}
        place_order(
            workspace,
            LabelOrder(
                id="",
                name="night",
                selection=selection.id,
                looks_options=looks,
                review_share=1.0,
                by="lead",
            ),
        )
    served.done(served.ask("POST", "/events", json={}))
    served.ask("POST", "/tokens", json={"who": "Ada", "role": "viewer"})
    at = served.get("/models")["items"][0]["id"]
    body = {"name": "demo:champion", "artifact": at, "reason": "better"}
    served.ask("POST", "/promotions", json=body)


def known(served: Served) -> Known:
    """Ids and names by the place of the API at which they are shown."""
    found: dict[str, list[str]] = {
        place: [item.get("id") or item["name"] for item in served.get(f"/{place}")["items"]]
        for place in LISTS
    }
    found["selections"] = [item["name"] for item in served.get("/selections")["items"]]
    found["aliases"] = [item["name"] for item in served.get("/aliases")["items"]]
    found["frames"] = [row["frame_id"] for row in served.get("/search", limit=50)["items"]]
    found["pictures"] = found["frames"][:5]
    found["tasks"] = [item["id"] for item in served.get("/labelling/tasks")["items"]]
    found["orders"] = [item["name"] for item in served.get("/labelling/orders")["items"]]
    found["operations"] = [item["id"] for item in served.get("/operations")["items"]]
    found["promotions"] = [item["id"] for item in served.get("/promotions")["items"]]
    found["tokens"] = [item["id"] for item in served.get("/tokens")["items"]]
    found["steps"] = sorted({item["step"] for item in served.get("/executions")["items"]})
    found["queries"] = ["condition = night", "speed > 3 m/s", "brightness < 0.4"]
    found["datasets"].append("demo")
    names = [at for at in found["aliases"] if at.startswith("demo:")]
    found["models"] += names
    found["lineage"] = [*found["recordings"][:3], *found["models"], *found["datasets"]]
    return {place: items for place, items in found.items() if items}


def place_of(path: str) -> str:
    """The noun that an address of the API's description is about."""
    parts = [part for part in path.removeprefix("/api/v1/").split("/") if "{" not in part]
    return parts[1] if parts[0] == "labelling" else parts[0]


def replace(path: str, values: Known, case: Any, pick: int) -> None:
    """Let a generated case of an operation name things that there are."""
    items = values.get(place_of(path), ())
    for name in case.path_parameters or {}:
        if items:
            case.path_parameters[name] = quote(items[pick % len(items)])
    for name in case.query or {}:
        if name in QUERY and values.get(QUERY[name]):
            one = values[QUERY[name]][pick % len(values[QUERY[name]])]
            case.query[name] = one
    for name in case.body if isinstance(case.body, dict) else {}:
        some = values.get(BODY.get(name, ""), ())
        if some:
            one = some[pick % len(some)]
            case.body[name] = [one] if isinstance(case.body[name], list) else one
