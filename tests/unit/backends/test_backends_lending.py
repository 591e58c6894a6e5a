"""Connections that are lent: one after another the same, at once as many as are asked for."""

from __future__ import annotations

import pytest

from ringroad.backends.lending import Lending


class Line:
    closed = False

    def close(self) -> None:
        assert not self.closed
        self.closed = True


@pytest.fixture
def opened() -> list[Line]:
    return []


@pytest.fixture
def lines(opened: list[Line]) -> Lending[Line]:
    def open_() -> Line:
        opened.append(Line())
        return opened[-1]

    return Lending(open_)


def test_what_was_given_back_last_is_lent_first(lines: Lending[Line], opened: list[Line]) -> None:
    with lines.lent() as first, lines.lent() as second:
        assert first is not second
    with lines.lent() as again:
        assert again is first
    assert len(opened) == 2


def test_one_comes_back_whatever_happened(lines: Lending[Line], opened: list[Line]) -> None:
    with pytest.raises(ValueError, match="mine"), lines.lent():
        raise ValueError("mine")
    with lines.lent() as again:
        assert again is opened[0]


def test_the_end_closes_those_that_are_out_when_they_come_back(
    lines: Lending[Line], opened: list[Line]
) -> None:
    with lines.lent(), lines.lent():
        pass
    with lines.lent() as out:
        lines.close()
        assert [line.closed for line in opened] == [False, True]
        assert not out.closed
    assert [line.closed for line in opened] == [True, True]
