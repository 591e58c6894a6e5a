from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringroad.backends.executor_inline import InlineExecutor
from ringroad.backends.executor_spawn import SpawnExecutor
from ringroad.protocols.executor import Executor
from ringroad.testing.contract_executor import ExecutorContract


class TestInlineExecutor(ExecutorContract):
    @pytest.fixture
    def executor(self) -> Executor:
        return InlineExecutor()


@pytest.fixture(scope="module")
def pool() -> Iterator[SpawnExecutor]:
    executor = SpawnExecutor(2)
    yield executor
    executor.close()


class TestSpawnExecutor(ExecutorContract):
    @pytest.fixture
    def executor(self, pool: SpawnExecutor) -> Executor:
        return pool
