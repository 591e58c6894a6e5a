"""The reference network learns, and an interruption changes not one bit of what it learns."""

import numpy as np
import pytest
import torch
from rectangles import CONFIG, SIZE, annotations_of, frames_of

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.deploy.onnx_strip import strip
from ringroad.domain.errors import InputError
from ringroad.models.checkpoint import from_bytes
from ringroad.models.export import to_onnx
from ringroad.models.nms import iou_matrix
from ringroad.models.reference import Reference
from ringroad.train.data import training_data
from ringroad.train.fit import TrainConfig, fit
from ringroad.workflow.bench import SilentTracker


def data_of(count, seed, annotated=("car", "pedestrian", "light"), states=True):
    frames, rows = frames_of(count, seed)
    return training_data(
        CONFIG,
        frames,
        np.full((count, 2), SIZE),
        [f"f{n:03d}" for n in range(count)],
        annotations_of(rows),
        annotated=annotated,
        states_annotated=states,
        weights=np.ones(count),
    )


class StopAfter(SilentTracker):
    """Stops a training like Ctrl-C, after so many epochs."""

    def __init__(self, epochs):
        self.epochs = epochs

    def progress(self, what, done, total):
        if done == self.epochs:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def model():
    config = TrainConfig(epochs=40, batch=8, learning_rate=4e-3, average=0.95)
    return fit(CONFIG, config, data_of(48, 1), seed=0, tracker=SilentTracker()).model


def predictor_of(model):
    runtime = OnnxRuntime()
    session = runtime.load(strip(to_onnx(from_bytes(model))), threads=1, optimise=True)
    return Reference(session, CONFIG, threshold=0.3)


def test_it_finds_what_it_was_shown(model):
    frames, rows = frames_of(24, 99)
    found = predictor_of(model).predict(frames)
    hits = 0
    for frame, category, *box in rows:
        detections = found[int(frame[1:])]
        same = [i for i, name in enumerate(detections.categories) if name == category]
        overlap = iou_matrix(np.array([box], float), detections.boxes[same])
        hits += bool(overlap.size and overlap.max() >= 0.5)
    assert hits / len(rows) > 0.8


def test_light_states_are_learnt(model):
    frames, _ = frames_of(12, 5)
    states = [s for d in predictor_of(model).predict(frames) for s in d.light_states if s]
    assert states
    assert states.count("red") / len(states) > 0.9


def test_an_interruption_changes_no_bit(tmp_path):
    config, data = TrainConfig(epochs=4), data_of(12, 2)
    whole = fit(CONFIG, config, data, seed=3, tracker=SilentTracker())
    for epochs in (1, 3):
        with pytest.raises(KeyboardInterrupt):
            fit(
                CONFIG,
                config,
                data,
                seed=3,
                tracker=StopAfter(epochs),
                checkpoint=tmp_path / "state",
            )
    resumed = fit(
        CONFIG, config, data, seed=3, tracker=SilentTracker(), checkpoint=tmp_path / "state"
    )
    assert resumed.model == whole.model
    assert resumed.curve == whole.curve


def test_seed_decides():
    config, data = TrainConfig(epochs=1), data_of(8, 2)
    first, again, other = (
        fit(CONFIG, config, data, seed=seed, tracker=SilentTracker()).model for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_what_nobody_looked_for_teaches_nothing():
    """Frames on which only cars were looked for leave the other heat maps where they were."""
    config = TrainConfig(epochs=2, weight_decay=0.0, average=0.0)
    start = fit(CONFIG, TrainConfig(epochs=1), data_of(8, 4), seed=0, tracker=SilentTracker())
    fitted = fit(
        CONFIG,
        config,
        data_of(8, 4, annotated=("car",), states=False),
        seed=0,
        tracker=SilentTracker(),
        start_from=start.model,
    )
    before, after = from_bytes(start.model), from_bytes(fitted.model)
    car, pedestrian = (CONFIG.categories.index(name) for name in ("car", "pedestrian"))
    assert torch.equal(before.heat.weight[pedestrian], after.heat.weight[pedestrian])
    assert not torch.equal(before.heat.weight[car], after.heat.weight[car])
    assert torch.equal(before.state.weight, after.state.weight)


def test_frames_of_another_size_are_refused():
    data = data_of(4, 0)
    small = type(data)(
        frames=data.frames[:, :32],
        boxes=data.boxes,
        categories=data.categories,
        states=data.states,
        annotated=data.annotated,
        states_annotated=data.states_annotated,
        weights=data.weights,
    )
    with pytest.raises(InputError, match="decode to the network's size"):
        fit(CONFIG, TrainConfig(), small, seed=0, tracker=SilentTracker())
