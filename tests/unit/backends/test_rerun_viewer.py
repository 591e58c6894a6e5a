"""The viewer is cut out of the installed library whole, and only where there is one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ringroad.backends import rerun_viewer
from ringroad.backends.rerun_viewer import PACKED, PROGRAM, SCRIPT, viewer_files
from ringroad.domain.errors import UnreadableSource

WASM = b"\0asm\x01\0\0\0"


def section(number: int, body: bytes) -> bytes:
    return bytes([number, len(body)]) + body


def test_a_library_is_cut_at_the_ends_of_script_and_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = WASM + section(1, b"types") + section(10, b"code") + section(0, b"name")
    script = rerun_viewer._BEGIN + b" exports; " + rerun_viewer._END
    library = tmp_path / "library.so"
    library.write_bytes(b"\x7fELF" + script + b"between" + program + b"\xff\xff after")
    monkeypatch.setattr(rerun_viewer, "_library", lambda: library)
    monkeypatch.setattr(rerun_viewer, "viewer_version", lambda: "9.9.9")
    place = viewer_files(tmp_path / "kept")
    assert place.name == "9.9.9"
    assert gzip.decompress((place / (SCRIPT + PACKED)).read_bytes()) == script
    assert gzip.decompress((place / (PROGRAM + PACKED)).read_bytes()) == program
    library.unlink()
    assert viewer_files(tmp_path / "kept") == place


def test_a_library_without_a_viewer_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library.so"
    library.write_bytes(b"nothing of the kind")
    monkeypatch.setattr(rerun_viewer, "_library", lambda: library)
    monkeypatch.setattr(rerun_viewer, "viewer_version", lambda: "9.9.9")
    with pytest.raises(UnreadableSource) as caught:
        viewer_files(tmp_path / "kept")
    assert "export" in caught.value.remedy


def test_the_installed_sdk_carries_one(tmp_path: Path) -> None:
    pytest.importorskip("rerun_bindings", reason=rerun_viewer.REMEDY)
    place = viewer_files(tmp_path)
    program = gzip.decompress((place / (PROGRAM + PACKED)).read_bytes())
    assert program.startswith(WASM)
    assert len(program) > 10_000_000
    assert b"WebHandle" in gzip.decompress((place / (SCRIPT + PACKED)).read_bytes())
