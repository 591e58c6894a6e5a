"""The page that says who may do what: one row an operation, one column a role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ringroad.service.roles import BLIND, EMPTIED, LABELLER, ROLES, SCOPES, allows

HEAD = """# Who may do what

Written by `tools/openapi.py` out of the API's description. A test asks every operation as every
role, with every scope alone and without a token, and fails where anything is allowed that is not
marked here. Roles and scopes are explained in [service.md](service.md#who-may-do-what); *blind* is
what a labeller gets without the part that would tell answers
([why](service.md#who-draws-looks-blind)).

"""


def access_page(description: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    head = ["operation", "", "scope", *ROLES]
    lines = [_row(head), _row(["---"] * len(head))]
    return HEAD + "\n".join([*lines, *map(_row, _rows(description))]) + "\n"


def _rows(description: Mapping[str, Any]) -> Iterator[list[str]]:
    for path, methods in description["paths"].items():
        for method, operation in sorted(methods.items()):
            name = operation["operationId"]
            marks = [_mark(role, name) for role in ROLES]
            address = f"`{method.upper()} {path.removeprefix('/api/v1') or '/'}`"
            yield [f"`{name}`", address, operation["x-scope"], *marks]


def _mark(role: str, operation: str) -> str:
    if not allows(role, SCOPES, operation):
        return ""
    return "blind" if role == LABELLER and BLIND.get(operation) == EMPTIED else "yes"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
