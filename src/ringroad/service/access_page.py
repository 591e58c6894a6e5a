"""The page that says who may do what: one row an operation, one column a role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ringroad.service.roles import ROLES, SCOPES, allows

HEAD = """# Who may do what

Written by `tools/openapi.py` out of the API's description. A test asks every operation as every
role, with every scope alone and without a token, and fails where anything is allowed that is not
marked here. Roles and scopes are explained in [service.md](service.md#who-may-do-what).

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
            marks = ["yes" if allows(role, SCOPES, name) else "" for role in ROLES]
            address = f"`{method.upper()} {path.removeprefix('/api/v1') or '/'}`"
            yield [f"`{name}`", address, operation["x-scope"], *marks]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
