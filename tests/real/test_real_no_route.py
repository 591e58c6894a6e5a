"""The whole tutorial in a network namespace without a route: everything works, nothing calls out.

The demo and every block of the pages run with loopback alone; each attempt to reach another address
is a system call that strace has written down.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]
ROOT = Path(__file__).parents[2]
CALLS = "connect,sendto,sendmsg,sendmmsg"
OWN = re.compile(r'inet_addr\("127\.|"::1"|"::ffff:127\.')
NAMESPACE = ["unshare", "--user", "--map-root-user", "--net"]


@pytest.fixture(scope="module")
def sealed() -> list[str]:
    """What to put before a command; a skip that says why where it cannot be had."""
    for tool in ("unshare", "ip", "strace"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: apt-get install util-linux iproute2 strace")
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"no namespaces here: {tried.stderr.strip()}")
    return [*NAMESPACE, "sh", "-c", 'ip link set lo up && exec "$0" "$@"']


def outward(log: Path) -> list[str]:
    """Attempts to reach another address than this machine's own."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if re.search(r"sa_family=AF_INET6?\b", line)
            and not OWN.search(line)]  # fmt: skip


def run(sealed: list[str], log: Path, *words: str, **options: Any) -> Any:
    traced = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(log)]
    return subprocess.run(
        [*sealed, *traced, *words], capture_output=True, text=True, timeout=1800, **options
    )


def blocks() -> list[Any]:
    """Every block of the pages that is run, as the tests of the pages find them."""
    spec = importlib.util.spec_from_file_location("pages", ROOT / "tests" / "docs" / "test_docs.py")
    assert spec is not None
    assert spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    sys.modules["pages"] = pages
    spec.loader.exec_module(pages)
    return [one for kind in ("bash", "python") for one in pages.blocks(kind) if not one.why_not]


def test_the_namespace_lets_nothing_out_and_attempts_are_seen(sealed: list[str], tmp_path: Path):
    """The test itself: an attempt fails, and is found."""
    code = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "try: s.connect(('192.0.2.1', 53))\n"
        "except OSError as error: print(error.errno)\n"
        "a = socket.create_server(('127.0.0.1', 0)); socket.create_connection(a.getsockname())"
    )
    done = run(sealed, tmp_path / "log", sys.executable, "-c", code)
    assert done.stdout.strip() == "101", done.stderr
    (line,) = outward(tmp_path / "log")
    assert "192.0.2.1" in line


def test_the_whole_tutorial_works_and_asks_nobody(
    sealed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tools = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("RINGROAD_WORKSPACE", str(tmp_path / "workspace"))
    demo = [sys.executable, "-m", "ringroad.cli", "demo", "--quick", "--quiet", "--workers", "2"]
    done = run(sealed, tmp_path / "demo.log", *demo)
    assert done.returncode == 0, done.stderr
    reached, failed = {"demo": outward(tmp_path / "demo.log")}, {}
    for number, block in enumerate(blocks()):
        name, here = f"{block.page}:{block.line}", tmp_path / f"{number}"
        log = tmp_path / f"{number}.log"
        here.mkdir()
        words = {
            "bash": ["bash", "-euo", "pipefail", "-c", block.code],
            "python": [sys.executable, "-c", block.code],
        }[block.kind]
        done = run(sealed, log, *words, cwd=here)
        reached[name] = outward(log)
        if done.returncode not in {0, 3, 4, 5}:
            failed[name] = done.stderr[-2000:]
    assert not failed
    assert len(reached) > 10
    assert not {name: lines for name, lines in reached.items() if lines}
