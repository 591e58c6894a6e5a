"""The loader gives the same batches whatever the threads do, from any step on."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import time
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_pack import HEIGHT, WIDTH, jpeg, marks, picture, write

from ringroad.datasets.loader.augment import Augment
from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.fill import JpegFill
from ringroad.datasets.loader.loader import Loader
from ringroad.domain.errors import InputError, InvalidConfig, UsageError
from ringroad.media.pictures.images import decode_image


def digests(pack, *, resume=None, epochs=2, **config) -> list[str]:
    with Loader(pack, LoaderConfig(batch=4, **config), resume=resume) as loader:
        return [batch.digest() for _ in range(epochs) for batch in loader]


def test_a_batch_holds_what_was_packed(pack):
    with Loader(pack, LoaderConfig(batch=6, threads=2)) as loader:
        for batch in loader:
            assert batch.frames.shape == (len(batch), HEIGHT, WIDTH, 3)
            for place, row in enumerate(batch.rows.tolist()):
                wanted = marks(row)
                np.testing.assert_array_equal(batch.frames[place], decode_image(jpeg(picture(row))))
                np.testing.assert_array_equal(batch.boxes_of(place), wanted.boxes)
                assert len(batch.lines_of(place)) == len(wanted.lines)
                for mine, line in zip(batch.lines_of(place), wanted.lines, strict=True):
                    np.testing.assert_array_equal(mine, line)
                assert batch.weights[place] == np.float32(1 + row / 8)


def test_marks_are_padded(pack):
    with Loader(pack, LoaderConfig(batch=8, window=0, threads=1)) as loader:
        batch = next(iter(loader))
        boxes, categories, counts = batch.padded()
    assert counts.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert boxes.shape == (8, 3, 4)
    assert categories.tolist()[2] == [0, 0, -1]
    np.testing.assert_array_equal(boxes[3], marks(3).boxes)
    assert not boxes[1, 1:].any()


def test_every_frame_of_the_split_comes_once_an_epoch(pack):
    with Loader(pack, LoaderConfig(batch=5, split="train")) as loader:
        for epoch in range(3):
            batches = [(batch.epoch, batch.rows.tolist()) for batch in loader]
            assert {at for at, _ in batches} == {epoch}
            rows = [row for _, part in batches for row in part]
            assert sorted(rows) == pack.rows("train").tolist()
            assert len(batches) == len(loader)


@pytest.mark.parametrize("augment", [None, Augment()])
def test_threads_change_nothing(pack, augment):
    one = digests(pack, threads=1, augment=augment)
    assert len(set(one)) == len(one)
    for threads in (2, 3):
        assert digests(pack, threads=threads, augment=augment) == one


def test_timing_changes_nothing(pack, monkeypatch):
    """Threads that dawdle at random places do not change what comes out."""
    wanted = digests(pack, threads=3, augment=Augment())
    fill = JpegFill.fill

    def dawdle(self, step, place, out, scratch):
        time.sleep(0.004 * ((hash((step.position, place)) ^ id(scratch) // 64) % 3))
        return fill(self, step, place, out, scratch)

    monkeypatch.setattr(JpegFill, "fill", dawdle)
    assert digests(pack, threads=3, augment=Augment(), slots=3) == wanted


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_resumed_loader_gives_the_rest(pack, data):
    config = {
        "seed": data.draw(st.integers(0, 3)),
        "window": data.draw(st.sampled_from([-1, 0, 2])),
        "split": data.draw(st.sampled_from(["", "train"])),
        "drop_last": data.draw(st.booleans()),
        "scale": data.draw(st.sampled_from([1, 2])),
        "augment": data.draw(st.sampled_from([None, Augment()])),
    }
    whole = digests(pack, threads=2, **config)
    stop = data.draw(st.integers(0, len(whole) - 1))
    with Loader(pack, LoaderConfig(batch=4, threads=2, **config)) as loader:
        shown = [_next(loader).digest() for _ in range(stop)]
        state = json.loads(json.dumps(loader.state()))
    threads = data.draw(st.integers(1, 3))
    with Loader(pack, LoaderConfig(batch=4, threads=threads, **config), resume=state) as resumed:
        while len(shown) < len(whole):
            shown += [b.digest() for b in islice(iter(resumed), len(whole) - len(shown))]
    assert shown == whole


def _next(loader):
    return next(iter(loader))


def test_ranks_together_show_what_one_shows(pack):
    with Loader(pack, LoaderConfig(batch=8, split="train")) as loader:
        whole = [row for batch in loader for row in batch.rows.tolist()]
    parts = []
    for rank in (0, 1):
        config = LoaderConfig(batch=4, split="train", rank=rank, world=2)
        with Loader(pack, config) as loader:
            parts.append([batch.rows.tolist() for batch in loader])
    mixed = [row for pair in zip(*parts, strict=True) for row in sum(zip(*pair, strict=False), ())]
    assert mixed[: len(whole) - 1] == whole[: len(whole) - 1]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"pack": "0" * 64}, "of another pack"),
        ({"seed": 9}, "of another seed"),
        ({"order": "0"}, "another order of frames"),
        ({"view": "0"}, "another split, window, scale or augmentation"),
        ({"format": 0}, "another version"),
        ({"position": -1}, "names no place"),
        ({"epoch": "one"}, "names no place"),
    ],
)
def test_a_state_of_something_else_is_refused(pack, change, what):
    with Loader(pack, LoaderConfig()) as loader:
        state = loader.state() | change
    with pytest.raises(InputError, match=what) as told:
        Loader(pack, LoaderConfig(), resume=state)
    assert str(pack.folder) in str(told.value)


@pytest.mark.parametrize(
    "wrong",
    [{"scale": 3}, {"threads": -1}, {"slots": 1}, {"on_error": "ignore"}, {"batch": 0}],
)
def test_impossible_configurations_are_refused(wrong):
    with pytest.raises(InvalidConfig):
        LoaderConfig(**wrong)


def test_too_few_frames_for_a_batch_are_told_at_once(pack):
    with pytest.raises(InvalidConfig, match="do not fill one batch of 100"):
        Loader(pack, LoaderConfig(batch=100, drop_last=True))


def test_a_closed_loader_says_so(pack):
    loader = Loader(pack, LoaderConfig())
    loader.close()
    with pytest.raises(UsageError, match="closed"):
        next(iter(loader))


def test_half_size_is_stored_or_decoded(pack, tmp_path):
    bare = write(tmp_path / "bare", 6)
    for source in (pack, bare):
        with Loader(source, LoaderConfig(batch=4, scale=2, window=0)) as loader:
            batch = next(iter(loader))
            frames = batch.frames.copy()
            boxes = batch.boxes_of(3)
        assert frames.shape == (4, HEIGHT // 2, WIDTH // 2, 3)
        np.testing.assert_allclose(boxes, marks(3).boxes / 2)
        whole = picture(3).astype(float)
        mean = whole.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean(axis=(1, 3))
        assert np.abs(frames[3] - mean).mean() < 6


def _rest_of(data: bytes, sink) -> None:
    with pickle.loads(data) as loader:  # noqa: S301 (our own)
        sink.put([batch.digest() for batch in loader])


def test_a_spawned_process_goes_on(pack):
    whole = digests(pack, epochs=1)
    context = multiprocessing.get_context("spawn")
    with Loader(pack, LoaderConfig(batch=4)) as loader:
        first = [next(iter(loader)).digest() for _ in range(3)]
        sink = context.Queue()
        child = context.Process(target=_rest_of, args=(pickle.dumps(loader), sink))
        child.start()
        rest = sink.get(timeout=60)
        child.join()
        sink.close()
        sink.join_thread()
    assert first + rest == whole
