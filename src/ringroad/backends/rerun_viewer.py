"""The web viewer that the Rerun SDK carries in its library, as files; nothing of it is started.

Its own servers listen to every address and ask nobody who they are, so they stay off: the two
files are cut out of the library that the extra installed. Script and program belong together, so
both come from there, and never from a registry.
"""

from __future__ import annotations

import gzip
import mmap
import os
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ringroad.domain.errors import MissingExtra, UnreadableSource

SCRIPT, PROGRAM = "re_viewer.js", "re_viewer_bg.wasm"
PACKED = ".gz"
_BEGIN, _END = b"let wasm_bindgen = (function(exports) {", b"})({ __proto__: null });"
_WASM = b"\0asm\x01\0\0\0"
_LAST_SECTION = 13
REMEDY = "pip install 'ringroad[rerun]'"


def viewer_version() -> str:
    """Of the SDK that is installed. Raises MissingExtra."""
    try:
        return version("rerun-sdk")
    except PackageNotFoundError:
        raise MissingExtra("the Rerun viewer is not installed", remedy=REMEDY) from None


def viewer_files(folder: Path) -> Path:
    """A folder that holds script and program, gzipped; made where it is not there.

    Raises:
        MissingExtra: the SDK is not installed.
        UnreadableSource: this version of it carries no viewer, or lays it out in another way.
    """
    place = folder / viewer_version()
    if not (place / (PROGRAM + PACKED)).exists():
        place.mkdir(parents=True, exist_ok=True)
        for name, data in zip((SCRIPT, PROGRAM), _cut(_library()), strict=True):
            partial = place / f".{name}.{os.getpid()}"
            partial.write_bytes(gzip.compress(data, 6, mtime=0))
            partial.rename(place / (name + PACKED))
    return place


def _library() -> Path:
    spec = find_spec("rerun_bindings")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        for path in sorted(Path(folder).glob("*.so")):
            return path
    raise MissingExtra("the Rerun viewer is not installed", remedy=REMEDY)


def _cut(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        begin, program = held.find(_BEGIN), held.find(_WASM)
        end = held.find(_END, begin) + len(_END)
        if begin < 0 or program < 0 or end <= begin:
            raise UnreadableSource(
                "carries no web viewer that is known",
                subject=f"rerun-sdk {viewer_version()}",
                remedy="export the recording instead: ringroad recordings export --format rrd",
            )
        return held[begin:end], held[program : _program_end(held, program)]


def _program_end(held: mmap.mmap, start: int) -> int:
    """Behind the last section of a WebAssembly module: an id and a length, each of them."""
    at, seen = start + len(_WASM), set[int]()
    while at < len(held):
        section = held[at]
        if section > _LAST_SECTION or (section and section in seen):
            break
        length, body = _number(held, at + 1)
        if not length or body + length > len(held):
            break
        seen.add(section)
        at = body + length
    return at


def _number(held: mmap.mmap, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and the place behind it."""
    found = shift = 0
    while True:
        byte = held[at]
        at += 1
        found |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 or shift > 63:
            return found, at
