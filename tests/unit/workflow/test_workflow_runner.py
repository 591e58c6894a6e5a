from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import workflow_steps as steps

from ringroad.backends.executor_spawn import SpawnExecutor
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    DigestMismatch,
    MissingExtra,
    StepFailed,
    UnreadableSource,
    UsageError,
    WorkerDied,
)
from ringroad.domain.ids import digest_of
from ringroad.workflow.bench import Bench
from ringroad.workflow.commit import CONFLICT
from ringroad.workflow.step import step
from ringroad.workflow.work import work


def whys(shop):
    return [event.why for event in shop.events]


def test_a_step_runs_once_for_one_key(shop):
    runner = shop.runner()
    first = runner.run(steps.note, text="a")
    assert shop.blobs.get(first.digest) == b"a 0"
    assert runner.run(steps.note, text="a") == first
    assert shop.runner().run(steps.note, text="a", suffix="") == first
    assert [event.cached for event in shop.events] == [False, True, True]
    ran = shop.events[0]
    assert (ran.step, ran.why) == ("note", ("never ran",))
    execution = shop.catalog.execution(ran.execution_id)
    assert execution is not None
    assert execution.outputs == {"result": first.id}
    assert execution.key.parameters == {"text": "a", "suffix": ""}


def test_what_differs_is_told(shop):
    runner = shop.runner()
    a = runner.run(steps.note, text="a")
    runner.run(steps.note, text="a", seed=3)
    b = runner.run(steps.note, text="b", seed=3)
    runner.run(steps.join, parts=[a], between="-")
    runner.run(steps.join, parts=[a, b], between="-")
    runner.run(steps.join, parts=[a, b], between="+" * 60)
    assert whys(shop) == [
        ("never ran",),
        ("seed: 0 -> 3",),
        ("parameter text: a -> b",),
        ("never ran",),
        ("input parts: 1 of 2 are new, 0 gone",),
        (f"parameter between: - -> {'+' * 37}...",),
    ]


def test_the_closest_earlier_execution_is_the_one_compared(shop):
    runner = shop.runner()
    for text in "abcdef":
        runner.run(steps.note, text=text)
    shop.runner().run(steps.note, text="a", seed=1)
    assert shop.events[-1].why == ("seed: 0 -> 1",)
    whole = runner.run(steps.note, text="long")
    for length in (1, 2, 3):
        runner.run(steps.shorten, whole=whole, length=length)
    other = runner.run(steps.note, text="other")
    runner.run(steps.shorten, whole=other, length=2)
    assert shop.events[-1].why == ("input whole changed",)


def test_equal_content_ends_a_change(shop):
    runner = shop.runner()
    for text in ("beginning one", "beginning two"):
        whole = runner.run(steps.note, text=text)
        start = runner.run(steps.shorten, whole=whole, length=9)
        runner.run(steps.join, parts=[start, start], between=" ")
    assert [event.cached for event in shop.events] == [False] * 3 + [False, False, True]


def test_threads_belong_to_the_key_where_the_step_says_so(shop):
    for threads in (1, 2):
        shop.runner(threads=threads).run(steps.threaded, text="a")
        shop.runner(threads=threads).run(steps.note, text="a")
    assert [event.cached for event in shop.events] == [False, False, False, True]
    assert shop.events[2].why == ("environment threads: 1 -> 2",)


def test_rows_records_and_figures_come_true_together(shop):
    made = shop.runner().run(steps.describe, text="abc")
    assert sorted(made) == ["described", "rows"]
    assert [batch.artifact for batch in shop.catalog.batches("frames")] == [made["rows"].id]
    assert shop.catalog.location(digest_of(b"abc")) is not None
    (figure,) = shop.catalog.measurements(made["described"].id)
    assert (figure.name, figure.value, figure.detail) == ("effort", 1.5, {"of": "abc"})
    assert shop.runner().run(steps.describe, text="abc") == made
    assert len(shop.catalog.batches("frames")) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "text not given"),
        ({"text": "a", "txet": "b"}, "takes no txet.*suffix, text"),
        ({"text": object()}, "no canonical JSON"),
        ({"text": float("nan")}, "no canonical JSON"),
        (
            {"text": {"deep": [Artifact(kind="k", digest=digest_of(b""), size_bytes=0, media="")]}},
            "lineage would not see it",
        ),
        (
            {"text": [Artifact(kind="k", digest=digest_of(b""), size_bytes=0, media=""), "x"]},
            "mixes artifacts with str",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_refused(shop, arguments, message):
    with pytest.raises(UsageError, match=message):
        shop.runner().run(steps.note, **arguments)
    assert shop.catalog.executions("note") == []


def test_results_that_do_not_fit_are_refused(shop):
    with pytest.raises(StepFailed, match="handed back str"):
        shop.runner().run(steps.mute)
    with pytest.raises(StepFailed, match="rows of frames that it did not hand back"):
        shop.runner().run(steps.forgetful)
    assert shop.catalog.batches("frames") == []


def test_a_step_is_not_called():
    with pytest.raises(UsageError, match=r"runner\.run\(note, \.\.\.\)"):
        steps.note(None, text="a")


def test_a_step_pickles_by_its_name():
    assert pickle.loads(pickle.dumps(steps.note)) is steps.note  # noqa: S301 (our own bytes)


def test_functions_of_another_shape_are_no_steps():
    def inner(bench: Bench) -> Artifact:
        raise NotImplementedError

    with pytest.raises(UsageError, match="another function"):
        step()(inner)
    for text in ("bench, x", "workbench", "bench, *, seed"):
        made: dict[str, object] = {}
        exec(f"def f({text}): pass", made)  # noqa: S102 (a function without <locals> in its name)
        with pytest.raises(UsageError):
            step()(made["f"])


def test_an_undeclared_distribution_is_told(shop):
    with pytest.raises(MissingExtra, match="no-such-thing"):
        shop.runner().run(_with(uses=("no-such-thing",)))
    with pytest.raises(UsageError, match="no module"):
        shop.runner().run(_with(also=("ringroad.nowhere",)))


def _with(**options):
    return step(**options)(_plain)


def _plain(bench: Bench) -> Artifact:
    return bench.write("note", b"", "text/plain")


def test_bytes_that_are_gone_are_made_again(shop):
    runner = shop.runner()
    made = runner.run(steps.note, text="a")
    shop.blobs.delete(made.digest)
    assert runner.run(steps.note, text="a") == made
    assert shop.blobs.get(made.digest) == b"a 0"
    assert shop.events[-1].why == ("its bytes were gone",)
    assert len(shop.catalog.executions("note")) == 1


def test_bytes_that_are_gone_and_cannot_be_made_again_are_told(shop):
    made = shop.runner().run(steps.unsteady, text="a")
    shop.blobs.delete(made.digest)
    with pytest.raises(DigestMismatch, match="deterministic"):
        shop.runner().run(steps.unsteady, text="a")


def test_errors_are_retried_and_then_told_with_their_cause(shop, tmp_path):
    folder = tmp_path / "tries"
    folder.mkdir()
    made = shop.runner().run(steps.flaky, folder=str(folder), fails=2)
    (execution,) = shop.catalog.executions("flaky")
    assert execution.attempts == 3
    assert shop.blobs.get(made.digest) == b"done"
    whole = shop.runner().run(steps.note, text="a")
    with pytest.raises(StepFailed, match=r"flaky\(seed=4\): failed 3 times: RuntimeError") as told:
        shop.runner().run(steps.flaky, seed=4, folder=str(folder), fails=99)
    assert isinstance(told.value.__cause__, RuntimeError)
    with pytest.raises(StepFailed, match=rf"whole=note:{whole.digest[:8]}"):
        shop.runner().run(steps.shorten, whole=whole, length="nonsense")


def test_an_input_that_cannot_be_read_is_not_tried_again(shop, tmp_path):
    with pytest.raises(StepFailed, match=r"failed once.*record it again") as told:
        shop.runner().run(steps.unreadable, folder=str(tmp_path / "."))
    assert isinstance(told.value.__cause__, UnreadableSource)


def test_the_scratch_folder_is_gone_afterwards(shop):
    steps.RAN.clear()
    made = shop.runner().run(steps.scratched, fail=False)
    assert shop.blobs.get(made.digest) == b"bulk"
    with pytest.raises(StepFailed):
        shop.runner().run(steps.scratched, fail=True)
    assert len(steps.RAN) == 2
    assert not any(Path(folder).exists() for folder in steps.RAN)


def test_an_interruption_leaves_nothing_half_done(shop):
    for call in (
        lambda runner: runner.run(steps.interrupted, text="a"),
        lambda runner: runner.map(steps.interrupted, [{"text": "a"}, {"text": "b"}]),
    ):
        with pytest.raises(KeyboardInterrupt):
            call(shop.runner())
        assert shop.catalog.executions("interrupted") == []
        with shop.catalog.reading() as db:
            assert db.exec_driver_sql("SELECT count(*) FROM lease").scalar_one() == 0


def test_map_keeps_the_order_and_runs_equal_items_once(shop):
    runner = shop.runner()
    runner.run(steps.note, text="b")
    steps.RAN.clear()
    items = [{"text": text} for text in ("a", "b", "c", "a")] + [{"text": "a", "seed": 5}]
    made = runner.map(steps.note, items)
    assert [shop.blobs.get(item.digest) for item in made] == [
        b"a 0",
        b"b 0",
        b"c 0",
        b"a 0",
        b"a 5",
    ]
    assert steps.RAN == ["note"] * 3
    steps.RAN.clear()
    assert shop.runner().map(steps.note, items) == made
    assert steps.RAN == []
    assert runner.map(steps.note, []) == []


def test_map_commits_what_came_before_a_failure(shop):
    with pytest.raises(StepFailed, match="3 and 2"):
        shop.runner().map(steps.strange, [{"number": number} for number in (0, 2, 3, 4)])
    done = shop.catalog.executions("strange")
    assert [execution.key.parameters["number"] for execution in done] == [2, 0]


@pytest.fixture(scope="module")
def pool():
    executor = SpawnExecutor(2)
    yield executor
    executor.close()


def test_map_over_processes_equals_map_here(shop, pool):
    items = [{"text": text} for text in "abcd"]
    made = shop.runner(pool).map(steps.describe, items)
    assert [item["described"].size_bytes for item in made] == [23] * 4
    assert len(shop.catalog.batches("frames")) == 4
    assert shop.runner().map(steps.describe, items) == made


def test_errors_come_back_from_processes(shop, pool, tmp_path):
    with pytest.raises(StepFailed, match=r"failed once: .*StrangeError: 1 and 2") as told:
        shop.runner(pool).map(steps.strange, [{"number": 0}, {"number": 1}])
    assert "workflow_steps.py" in str(told.value.__cause__)
    assert len(shop.catalog.executions("strange")) == 1
    with pytest.raises(StepFailed) as told:
        shop.runner(pool).map(steps.unreadable, [{"folder": str(tmp_path)}])
    assert isinstance(told.value.__cause__, UnreadableSource)
    assert told.value.__cause__.remedy == "record it again"


def test_a_worker_that_dies_is_retried_and_then_told(shop, pool, tmp_path):
    folder = tmp_path / "deaths"
    folder.mkdir()

    def items(*named):
        return [{"folder": str(folder), "name": name, "deaths": deaths} for name, deaths in named]

    made = shop.runner(pool).map(steps.deadly, items(("x", 0), ("y", 1), ("z", 0)))
    assert [shop.blobs.get(item.digest) for item in made] == [b"x", b"y", b"z"]
    with pytest.raises(StepFailed, match="failed 2 times: WorkerDied") as told:
        shop.runner(pool).map(steps.deadly, items(("v", 9)))
    assert isinstance(told.value.__cause__, WorkerDied)


def test_of_two_outputs_under_one_key_the_first_is_kept(shop):
    """Our lease was taken over while we worked, and the other made something else."""
    runner = shop.runner()
    call = runner._call(steps.unsteady, 0, {"text": "a"})
    ours = work(steps.unsteady, runner._kit, runner._tracker, 0, call.arguments)
    kept = shop.runner(owner="elsewhere:1").run(steps.unsteady, text="a")
    assert runner._settle(call, ours) == kept
    (beside,) = shop.catalog.executions(CONFLICT)
    assert beside.outputs == {"result": ours.outputs["result"].id}
    (figure,) = shop.catalog.measurements(ours.outputs["result"].id)
    assert (figure.detail["execution"], figure.detail["first"]) == (call.id, kept.id)
    assert shop.runner().run(steps.unsteady, text="a") == kept


def test_where_only_what_is_there_counts_nothing_runs_and_the_reason_is_told(shop):
    runner = shop.runner()
    a = runner.run(steps.note, text="a")
    runner.reuse_only("train")
    assert runner.run(steps.note, text="a") == a
    assert runner.map(steps.note, [{"text": "a"}]) == [a]
    for act in (
        lambda: runner.run(steps.note, text="b"),
        lambda: runner.map(steps.note, [{"text": "a"}, {"text": "b"}]),
    ):
        with pytest.raises(UsageError, match="before train: parameter text: a -> b"):
            act()
    runner.reuse_only("")
    assert shop.blobs.get(runner.run(steps.note, text="b").digest) == b"b 0"
