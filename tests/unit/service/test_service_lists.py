"""Pages add up to the list that was pinned, whatever is written in between."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.service.pages import HELD, Lists, Pinned, pinned_of
from ringroad.service.problems import Declined
from ringroad.service.store import Store
from service_kit import Served


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory):
    store = Store(tmp_path_factory.mktemp("lists"), serving=False)
    yield Lists(store)
    store.close()


def plain(items: list[str]) -> Pinned:
    return pinned_of(items, key=str)


@settings(max_examples=50)
@given(
    items=st.lists(st.text(max_size=5), max_size=40),
    limit=st.integers(1, 45),
    change=st.lists(st.text(max_size=5), max_size=3),
)
def test_pages_add_up_while_the_list_changes(lists: Lists, items, limit, change):
    now, found, cursor = list(items), [], ""
    while True:
        page = lists.page({"q": "x"}, partial(plain, now), limit=limit, cursor=cursor)
        found += page.items
        assert page.count == len(items)
        assert len(page.items) <= limit
        now = [*change, *now]
        if page.next is None:
            break
        cursor = page.next
    assert found == items


def test_a_cursor_jumps_to_any_place(lists: Lists):
    items = [str(n) for n in range(100)]
    first = lists.page({"q": "jump"}, lambda: plain(items), limit=10)
    page = lists.page({"q": "jump"}, lambda: plain([]), limit=5, cursor=first.cursor, offset=70)
    assert page.items == items[70:75]
    behind = lists.page({"q": "jump"}, lambda: plain([]), limit=5, cursor=first.cursor, offset=500)
    assert (behind.items, behind.next, behind.count) == ([], None, 100)


def test_a_list_that_is_not_held_is_made_again_where_it_is_the_same(tmp_path: Path):
    store = Store(tmp_path, serving=False)
    first = Lists(store).page({"q": 1}, lambda: plain(["a", "b"]), limit=1)
    restarted = Lists(store)
    assert restarted.page({"q": 1}, lambda: plain(["a", "b"]), limit=1, cursor=first.next).items
    with pytest.raises(Declined) as told:
        Lists(store).page({"q": 1}, lambda: plain(["a", "c"]), limit=1, cursor=first.next)
    assert told.value.code == "cursor-expired"
    store.close()


def test_only_so_many_lists_are_held(lists: Lists):
    first = lists.page({"n": -1}, lambda: plain(["a", "b"]), limit=1)
    for n in range(HELD):
        lists.page({"n": n}, lambda: plain(["a", "b"]), limit=1)
    with pytest.raises(Declined):
        lists.page({"n": -1}, lambda: plain(["z"]), limit=1, cursor=first.next)


@given(cursor=st.text(max_size=80))
def test_no_text_is_a_cursor(lists: Lists, cursor: str):
    if cursor:
        with pytest.raises(Declined):
            lists.page({"q": "x"}, lambda: plain(["a"]), limit=1, cursor=cursor)


def test_a_search_stays_while_frames_come_in(served: Served):
    """The second page of a search is of what was searched for the first."""
    first = served.get("/search", limit=3)
    served.ask("POST", "/selections", json={"name": "n", "query": "condition = night"})
    served.done(served.ask("POST", "/checks", json={}))
    rest, cursor = [], first["next"]
    while cursor:
        page = served.get("/search", limit=50, cursor=cursor)
        assert page["version"] == first["version"]
        rest += page["items"]
        cursor = page["next"]
    ids = [row["frame_id"] for row in [*first["items"], *rest]]
    assert len(ids) == len(set(ids)) == first["count"]
    assert served.get("/search", limit=1)["version"] != first["version"]


def test_limits_have_limits(shared: Served):
    for parameters in ({"limit": 0}, {"limit": 1001}, {"offset": -1}, {"limit": "x"}):
        assert shared.ask("GET", "/executions", params=parameters).status_code == 422
