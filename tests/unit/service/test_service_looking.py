"""What pages look at: an axis of time, traces, marks, the map, coverage, the loop, views."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pytest

from ringroad.media.pictures.images import decode_image
from ringroad.service.recent import Recent
from service_kit import API, Served


def recording_with_marks(served: Served) -> str:
    for item in served.get("/recordings")["items"]:
        told = served.get("/annotations", recording=item["id"], channel="/camera/front")
        if told["marks"]:
            return str(item["id"])
    raise AssertionError("no recording of the demo is annotated")


def test_the_axis_holds_every_frame_once(shared: Served):
    at = shared.get("/recordings")["items"][0]["id"]
    told = shared.get("/timeline", recording=at)
    frames = shared.get("/frames", recording=at, limit=1000)["items"]
    (lane,) = told["lanes"]
    ids = [f"{lane['stem']}/{n:06d}" for n in lane["sequence"] or range(len(lane["seconds"]))]
    assert ids == [row["frame_id"] for row in frames]
    seconds = [(row["time_ns"] - told["start_ns"]) / 1e9 for row in frames]
    assert lane["seconds"] == pytest.approx(seconds, abs=1e-6)
    assert told["seconds"] >= max(seconds)


def test_traces_are_those_of_the_signals(shared: Served):
    told = shared.get("/traces")
    assert len(told["traces"]) + len(told["missing"]) == shared.get("/recordings")["count"]
    first = told["traces"][0]
    assert first["origin"] == "GNSS"
    assert first["synthetic"] is True
    one = shared.get("/traces", recording=first["recording"])["traces"][0]
    assert one["north"][0] == first["north"][0]
    assert one["north"][-1] == first["north"][-1]
    curve = shared.get("/signals/curves", recording=first["recording"], name="gnss.latitude")
    assert min(curve["curves"][0]["values"]) <= one["north"][0] <= max(curve["curves"][0]["values"])


def test_marks_of_a_stretch_are_those_of_its_frames(shared: Served):
    at = recording_with_marks(shared)
    whole = shared.get("/annotations", recording=at, channel="/camera/front")
    part = shared.get("/annotations", recording=at, channel="/camera/front", first=2, last=4)
    numbers = {int(mark["frame_id"].rpartition("/")[2]) for mark in part["marks"]}
    assert numbers <= {2, 3, 4}
    expected = [m for m in whole["marks"] if 2 <= int(m["frame_id"].rpartition("/")[2]) <= 4]
    assert part["marks"] == expected
    assert whole["whole"]
    assert shared.get("/annotations", recording=at, channel="/other")["marks"] == []
    assert shared.get("/predictions", recording=at, channel="/camera/front")["marks"] is not None


def test_the_map_shows_the_frames_of_a_query_where_all_frames_show_them(shared: Served):
    everything = shared.get("/embedding-map", colour="condition")
    night = shared.get("/embedding-map", colour="condition", q="condition = night")
    assert night["names"] == ["night"]
    assert set(everything["names"]) == {"day", "dusk", "night"}

    def placed(told: dict) -> dict[str, tuple[float, float]]:
        ids = [f"{told['stems'][stem]}/{number:06d}"
               for stem, number in zip(told["stem"], told["sequence"], strict=True)]  # fmt: skip
        return dict(zip(ids, zip(told["x"], told["y"], strict=True), strict=True))

    all_places = placed(everything)
    found = placed(night)
    assert len(found) == night["matched"] == night["embedded"] > 0
    assert all(
        all_places[frame] == pytest.approx(place, abs=1e-4) for frame, place in found.items()
    )
    asked = shared.get("/search", q="condition = night", limit=1000)["items"]
    assert set(found) == {row["frame_id"] for row in asked}


def test_a_map_by_what_colours_nothing_is_refused(shared: Served):
    answer = shared.client.get(f"{API}/embedding-map?colour=brightness")
    assert answer.status_code == 404
    assert "condition" in answer.json()["hint"]


def test_coverage_is_that_of_the_command_line(shared: Served):
    told = shared.get("/coverage")
    assert told["frames"] == shared.get("/search")["count"]
    names = {f"{a['name']}={value}" for a in told["attributes"] for value in a["values"]}
    assert {cell["cell"] for cell in told["cells"] if ", " not in cell["cell"]} <= names
    assert told["cli"] == "ringroad coverage all"
    light = [c["share"] for c in told["cells"] if c["cell"].startswith("light=")
             and ", " not in c["cell"]]  # fmt: skip
    assert sum(light) == pytest.approx(1)


def test_a_part_of_a_frame_finds_other_frames_than_the_whole(shared: Served):
    frame = shared.get("/search", q="condition = day", limit=1)["items"][0]["frame_id"]
    whole = shared.get("/search", like=frame, limit=10)
    part = shared.get("/search", like=frame, crop="20,30,120,90", limit=10)
    assert "crop 20 30 120 90" in part["cli"]
    assert [r["score"] for r in part["items"]] != [r["score"] for r in whole["items"]]
    assert all(row["score"] >= 0 for row in part["items"])


@pytest.mark.parametrize("crop", ["1,2,3", "a,b,c,d", "1,2,3,-4", "0,0,9000,10"])
def test_a_part_that_is_none_is_refused(shared: Served, crop: str):
    frame = shared.get("/search", limit=1)["items"][0]["frame_id"]
    answer = shared.client.get(f"{API}/search", params={"like": frame, "crop": crop})
    assert answer.status_code in {400, 422}
    assert answer.json()["hint"]


def test_the_loop_counts_what_there_is(shared: Served):
    frames = shared.get("/search")["count"]  # the index follows the catalog
    told = shared.get("/loop")
    counts = {stop["name"]: stop["count"] for stop in told["stops"]}
    status = shared.get("/status")
    assert counts["Recordings"] == status["recordings"]
    assert counts["Frames"] == frames
    assert counts["Datasets"] == status["artifacts"]["dataset"]
    assert told["next"]
    assert all(advice["cli"].startswith("ringroad ") for advice in told["next"])


def test_two_selections_are_compared_and_one_is_thinned(served: Served):
    for name, query in (("dark", "condition = night"), ("bright", "condition = day")):
        body = {"name": name, "query": query}
        assert served.ask("POST", "/selections", json=body).status_code == 201
    told = served.get("/comparisons/selections", one="dark", other="bright")
    assert told["shared_frames"] == 0
    cells = {cell["cell"]: cell["share"] for cell in told["cells"]}
    assert cells["light=night"] == [1, 0]
    body = {"name": "dark", "save": "dark-unlike", "radius": 0.4}
    done = served.done(served.ask("POST", "/thinnings", json=body))
    assert done["state"] == "done", done["problem"]
    kept = served.get("/selections/dark-unlike")
    assert kept["count"] == done["result"]["after"] < done["result"]["before"] == told["frames"][0]


def test_a_recording_is_written_for_the_viewer_once(served: Served):
    pytest.importorskip("rerun", reason="pip install 'ringroad[rerun]'")
    at = served.get("/recordings")["items"][0]["id"]
    made = [served.done(served.ask("POST", "/rerun-views", json={"recording": at}))
            for _ in range(2)]  # fmt: skip
    assert made[0]["result"] == made[1]["result"]
    name = made[0]["result"]["view"]
    view = served.client.get(f"{API}/rerun-views/{name}.rrd")
    assert view.content[:4] == b"RRF2"
    assert served.client.get(f"{API}/rerun-views/{'0' * 32}.rrd").status_code == 404
    with served.stranger as stranger:
        page = stranger.get("/rerun/")
        program = stranger.get("/rerun/re_viewer_bg.wasm")
        assert stranger.get(f"{API}/rerun-views/{name}.rrd").status_code == 401
        assert stranger.get("/rerun/other.js").status_code == 404
    policy = page.headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "http" not in policy
    assert program.content[:4] == b"\0asm"
    assert program.headers["content-type"] == "application/wasm"


def test_frames_without_proxies_come_with_those_beside_them(shared: Served):
    """Of pictures that decode by themselves each comes alone, in the size that was asked for."""
    row = shared.get("/search", limit=1)["items"][0]
    picture = shared.client.get(f"{API}/pictures/{quote(row['frame_id'])}?form=proxy&width=160")
    assert decode_image(picture.content).shape[1] == 160
    assert isinstance(decode_image(picture.content), np.ndarray)


def test_what_was_looked_at_is_held_up_to_a_size():
    cache = Recent[bytes](100, len)
    for name in "abcdef":
        assert cache.get(name, lambda: b"x" * 30) == b"x" * 30
        assert cache.held <= 100
    asked: list[str] = []
    for name in "faf":
        cache.get(name, lambda name=name: asked.append(name) or b"y")  # type: ignore[misc]
    assert asked == ["a"]


def test_what_is_not_there_yet_is_believed_for_a_while():
    asked: list[int] = []

    def make() -> None:
        asked.append(1)

    patient = Recent[bytes | None](10, lambda _: 1, absent_s=60)
    assert patient.get("a", make) is patient.get("a", make) is None
    assert len(asked) == 1
    eager = Recent[bytes | None](10, lambda _: 1)
    assert eager.get("a", make) is eager.get("a", make) is None
    assert len(asked) == 3
