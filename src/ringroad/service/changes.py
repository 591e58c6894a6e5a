"""Which changes of the API's description break clients that were written for it before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]


def breaking(before: Document, after: Document) -> list[str]:
    """What a client of `before` may run into, in words; empty where nothing breaks.

    Found are: operations, answers and fields of answers that are gone; operations of another name;
    types that changed; parameters and fields of requests that are new and required, or gone.
    """
    return sorted({*_operations(before, after), *_schemas(before, after)})


def _operations(before: Document, after: Document) -> Iterator[str]:
    for path, methods in before["paths"].items():
        for method, old in methods.items():
            name = f"{method.upper()} {path}"
            new = after["paths"].get(path, {}).get(method)
            if new is None:
                yield f"{name} is gone"
                continue
            if new.get("operationId") != old.get("operationId"):
                yield f"{name} is called {new.get('operationId')}, not {old.get('operationId')}"
            yield from _parameters(name, old, new)
            for status in old.get("responses", {}):
                if status not in new.get("responses", {}):
                    yield f"{name} does not answer {status} any more"
            yield from _bodies(name, old.get("requestBody"), new.get("requestBody"))


def _parameters(name: str, old: Document, new: Document) -> Iterator[str]:
    was, now = _by_name(old), _by_name(new)
    for key in was.keys() - now.keys():
        yield f"{name} does not take {key[1]} any more"
    for key, parameter in now.items():
        if parameter.get("required") and not was.get(key, {}).get("required"):
            yield f"{name} takes {key[1]}, which is required"
        if key in was and _type(was[key].get("schema", {})) != _type(parameter.get("schema", {})):
            yield f"{name} takes {key[1]} of another type"


def _bodies(name: str, old: Document | None, new: Document | None) -> Iterator[str]:
    if new is not None and new.get("required") and not (old or {}).get("required"):
        yield f"{name} takes a body, which is required"
    for media in (old or {}).get("content", {}):
        if media not in (new or {}).get("content", {}):
            yield f"{name} does not take {media} any more"


def _schemas(before: Document, after: Document) -> Iterator[str]:
    now = after["components"]["schemas"]
    for name, old in before["components"]["schemas"].items():
        new = now.get(name)
        if new is None:
            yield f"{name} is gone"
            continue
        was = old.get("properties", {})
        for field, schema in was.items():
            if field not in new.get("properties", {}):
                yield f"{name}.{field} is gone"
            elif _type(schema) != _type(new["properties"][field]):
                yield f"{name}.{field} has another type"
        if old.get("additionalProperties") is False:
            for field in set(new.get("required", ())) - set(old.get("required", ())):
                yield f"{name}.{field} is required"


def _by_name(operation: Document) -> dict[tuple[str, str], Document]:
    return {(item["in"], item["name"]): item for item in operation.get("parameters", ())}


def _type(schema: Document) -> str:
    """What a value is, without its words and bounds."""
    if "$ref" in schema:
        return str(schema["$ref"])
    for key in ("anyOf", "allOf", "oneOf"):
        if key in schema:
            return " or ".join(sorted(_type(part) for part in schema[key]))
    kind = str(schema.get("type", "anything"))
    return f"{kind} of {_type(schema['items'])}" if "items" in schema else kind
