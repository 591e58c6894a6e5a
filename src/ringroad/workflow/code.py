"""What code a step runs: digests of its static first-party import closure.

First-party are `ringroad` and the top-level package of the step's own module. Of that module
only what the function uses counts, definition by definition, so that a change in one step
leaves its neighbours alone; every other module counts whole, with all it imports and with the
packages it stands in. Files are read as they are now: a process that outlives an edit of its
own source should be started again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ringroad.domain.errors import MissingExtra, UsageError
from ringroad.workflow.modules import digest_of_tree, find_module, imported, source_of

HOUSE = "ringroad"


def code_of(
    function: Callable[..., Any], *, uses: Iterable[str] = (), also: Iterable[str] = ()
) -> dict[str, str]:
    """Module (or `module:definition`) -> digest, and `distribution:name` -> version, sorted.

    Raises:
        UsageError: the function's source cannot be read, or a module of `also` does not exist.
        MissingExtra: a distribution of `uses` is not installed.
    """
    module = function.__module__
    first_party = {HOUSE, module.partition(".")[0]}
    own, roots = _own_code(function, Path(function.__code__.co_filename))
    wanted = [*_packages(module), *roots, *_existing(function, also)]
    found = {**own, **_closure(wanted, first_party)}
    found |= {f"distribution:{name}": _version(name) for name in uses}
    return dict(sorted(found.items()))


def _own_code(function: Callable[..., Any], path: Path) -> tuple[dict[str, str], list[str]]:
    """Definitions of the function's module that it uses, and modules that those import."""
    module = function.__module__
    try:
        tree = source_of(path, module).tree
    except (OSError, SyntaxError) as error:
        raise UsageError(
            f"its source cannot be read: {error}",
            subject=f"step {function.__name__}",
            remedy="define steps in a file",
        ) from error
    definitions, loose = _definitions(tree)
    package = path.name == "__init__.py"
    found: dict[str, str] = {f"{module}:top": digest_of_tree(*loose)} if loose else {}
    roots: list[str] = []
    seen: set[str] = set()
    waiting = ["*", function.__name__, *(name for node in loose for name in _names(node))]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in definitions:
            continue
        seen.add(name)
        kept = []
        for node in definitions[name]:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                roots += imported(node, module, package=package)
                continue
            body = _undecorated(node) if name == function.__name__ else node
            kept.append(body)
            waiting += _names(body)
            roots += _inner_imports(body, module, package=package)
        if kept:
            found[f"{module}:{name}"] = digest_of_tree(*kept)
    return found, roots


def _closure(roots: Iterable[str], first_party: set[str]) -> dict[str, str]:
    """Digests of whole modules, of all that they import, and of the packages around them."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module in seen or module.partition(".")[0] not in first_party:
            continue
        seen.add(module)
        waiting += _packages(module)
        path = find_module(module)
        if path is not None:
            source = source_of(path, module)
            found[module] = source.digest
            waiting += source.imports
    return found


def _definitions(tree: ast.Module) -> tuple[dict[str, list[ast.stmt]], list[ast.stmt]]:
    """Name -> statements at the top of the module that bind it, and those that bind none."""
    named: dict[str, list[ast.stmt]] = {}
    loose: list[ast.stmt] = []
    for node in _top(tree.body):
        names = list(_bound(node))
        for name in names:
            named.setdefault(name, []).append(node)
        if not names and not isinstance(node, ast.Pass):
            loose.append(node)
    return named, loose


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at the top, those under `if`, `try` and `with` among them."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _top([*node.body, *node.orelse])
        elif isinstance(node, ast.With):
            yield from _top(node.body)
        elif isinstance(node, ast.Try):
            handled = [inner for handler in node.handlers for inner in handler.body]
            yield from _top([*node.body, *handled, *node.orelse, *node.finalbody])
        else:
            yield node


def _bound(node: ast.stmt) -> Iterator[str]:
    """Names that one statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    else:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def _names(node: ast.AST) -> set[str]:
    """Every name a definition mentions; a local one of equal spelling is counted too."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _inner_imports(node: ast.AST, module: str, *, package: bool) -> Iterator[str]:
    for part in ast.walk(node):
        yield from imported(part, module, package=package)


def _undecorated(node: ast.stmt) -> ast.stmt:
    """The step's function as it runs: its decorator is no part of the work."""
    if not isinstance(node, ast.FunctionDef):
        return node
    fields = {name: getattr(node, name) for name in node._fields}
    return ast.FunctionDef(**{**fields, "decorator_list": []})


def _packages(module: str) -> list[str]:
    """The packages around a module, whose `__init__` runs before it."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _existing(function: Callable[..., Any], also: Iterable[str]) -> Iterator[str]:
    for module in also:
        if find_module(module) is None:
            raise UsageError(
                f"`also` names {module!r}, which is no module with a source file",
                subject=f"step {function.__name__}",
                remedy="name modules as they are imported",
            )
        yield module


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError as error:
        raise MissingExtra(
            f"the step uses {name!r}, which is not installed", remedy=f"pip install {name}"
        ) from error
