from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.protocols.sandbox import Sandbox
from ringroad.testing.contract_sandbox import IsolatingSandboxContract, SandboxContract


class TestInlineSandbox(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return InlineSandbox()


@pytest.fixture(scope="module")
def spawned() -> Iterator[SpawnSandbox]:
    sandbox = SpawnSandbox(memory_bytes=3 << 30, timeout_s=60)
    yield sandbox
    sandbox.close()


class TestSpawnSandbox(IsolatingSandboxContract):
    @pytest.fixture
    def sandbox(self, spawned: SpawnSandbox) -> Sandbox:
        return spawned
