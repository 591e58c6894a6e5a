"""Source files of modules: found without importing them, read once, reduced to what counts.

What counts is the syntax tree without positions, comments, docstrings and `__version__`.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeGuard

from ringroad.domain.ids import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One module's file."""

    digest: Digest
    """Of the whole module."""
    imports: tuple[str, ...]
    """Modules it imports, absolute; `from a import b` gives `a` and `a.b`, which may be none."""
    tree: ast.Module


def source_of(path: Path, module: str) -> Source:
    """Read a module's file; read again only when the file changed."""
    return _read(path, module, path.stat().st_mtime_ns)


def find_module(name: str) -> Path | None:
    """The source file of a module; None where there is none, or it is a package without one."""
    top, *parts = name.split(".")
    try:
        spec = find_spec(top)  # of a top-level name: imports nothing
    except ValueError:  # such as __main__
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations is None:
        return Path(spec.origin) if spec.has_location and spec.origin and not parts else None
    for folder in spec.submodule_search_locations:
        place = Path(folder).joinpath(*parts)
        for path in (place / "__init__.py", place.parent / f"{place.name}.py"):
            if path.is_file():
                return path
    return None


def imported(node: ast.AST, module: str, *, package: bool) -> Iterator[str]:
    """Absolute names of the modules that one import statement may load."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _base(node, module, package=package)
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def digest_of_tree(*nodes: ast.AST) -> Digest:
    """SHA-256 of what counts in these nodes."""
    sha = hashlib.sha256()
    for node in nodes:
        sha.update(ast.dump(node).encode())
    return Digest(sha.hexdigest())


def is_type_checking(node: ast.AST) -> TypeGuard[ast.If]:
    """Whether this is `if TYPE_CHECKING:`, whose body never runs."""
    if not isinstance(node, ast.If):
        return False
    test = node.test
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


_PARSING = threading.Lock()
_TRIES = 10


@lru_cache(maxsize=4096)
def _read(path: Path, module: str, _modified_ns: int) -> Source:
    tree = _parsed(path.read_bytes(), path)
    package = path.name == "__init__.py"
    names = dict.fromkeys(
        name for node in _running(tree) for name in imported(node, module, package=package)
    )
    return Source(digest=digest_of_tree(tree), imports=tuple(names), tree=tree)


def _parsed(data: bytes, path: Path) -> ast.Module:
    """One parse at a time, and again where a library parsed in another thread meanwhile.

    CPython counts the depth of a tree per interpreter, not per thread, and fails with SystemError
    where two threads parse (its issue 106905).
    """
    for _ in range(_TRIES - 1):
        with contextlib.suppress(SystemError), _PARSING:
            return ast.parse(data, filename=str(path))
    with _PARSING:
        return ast.parse(data, filename=str(path))


def _running(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements that may run, in functions too; strips what does not count on the way."""
    blocks: list[ast.AST] = [tree]
    while blocks:
        block = blocks.pop()
        if is_type_checking(block):
            block.body.clear()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(block, name, None)
            if not isinstance(inner, list):  # a lambda's body and such are expressions
                continue
            inner[:] = [node for node in inner if _counts(node)]
            for node in inner:
                blocks.append(node)
                if isinstance(node, ast.stmt):
                    yield node


def _counts(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        value = node.value
        return not (isinstance(value, ast.Constant) and isinstance(value.value, str))
    if isinstance(node, ast.Assign):
        return [getattr(target, "id", "") for target in node.targets] != ["__version__"]
    return True


def _base(node: ast.ImportFrom, module: str, *, package: bool) -> str:
    if not node.level:
        return node.module or ""
    above = module.split(".")
    above = above[: len(above) - node.level + package]
    return ".".join([*above, *([node.module] if node.module else [])])
