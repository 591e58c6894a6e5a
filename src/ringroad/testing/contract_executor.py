"""The suite that every executor passes: inherit, give the fixture `executor`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.protocols.executor import Executor
from ringroad.testing.decoders import double, double_late, double_unless


class ExecutorContract:
    """Work somewhere, results in order."""

    @pytest.fixture
    def executor(self) -> Executor:
        """An executor; the suite does not close it."""
        raise NotImplementedError

    def test_results_come_in_the_order_of_the_items(self, executor: Executor) -> None:
        results = list(executor.map(double_late, [(number,) for number in range(8)]))
        assert results == [0, 2, 4, 6, 8, 10, 12, 14]

    def test_no_items_no_results(self, executor: Executor) -> None:
        assert list(executor.map(double, [])) == []

    def test_an_error_stands_at_its_place(self, executor: Executor) -> None:
        results = executor.map(double_unless, [(number, 3) for number in range(6)])
        assert [next(results), next(results), next(results)] == [0, 2, 4]
        with pytest.raises(UnreadableSource, match="is the bad one") as raised:
            next(results)
        assert raised.value.subject == "3"
        assert list(executor.map(double, [(1,)])) == [2]

    def test_items_are_drawn_as_results_are_taken(self, executor: Executor) -> None:
        drawn: list[int] = []

        def items() -> Iterator[tuple[int]]:
            for number in range(10_000):
                drawn.append(number)
                yield (number,)

        results = executor.map(double, items())
        assert [next(results) for _ in range(3)] == [0, 2, 4]
        assert len(drawn) <= 3 + 4 * executor.workers

    def test_it_can_be_used_again_and_closed_twice(self, executor: Executor) -> None:
        assert executor.workers >= 1
        for _ in range(2):
            assert list(executor.map(double, [(1,), (2,)])) == [2, 4]
        executor.close()
        executor.close()
