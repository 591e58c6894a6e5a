"""A study goes on where it was, adds to what it has, and never looks at a test row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from ringroad.datasets.reading import rows_of
from ringroad.domain.dataset import TEST, VAL
from ringroad.domain.errors import Conflict, InvalidConfig, UnknownName
from ringroad.domain.study import ASKED, DONE, FAILED
from ringroad.pipelines.datasets.edits import remove_frames
from ringroad.pipelines.datasets.looks import looks_at
from ringroad.pipelines.finding import dataset_of, table_of
from ringroad.pipelines.train.studies import (
    ENDED,
    RUNNING,
    STOPPED,
    Study,
    best_of,
    studies,
    study_of,
)
from ringroad.pipelines.train.training import train_version
from ringroad.pipelines.train.tuning import alone, plan_study, tune
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.lineage import upstream
from service_kit import copied, open_here
from study_kit import DATASET, judged_dataset, study

TRAINED = ("train_network", "export_network", "predict_validation", "evaluate_validation")
DIVERGES = {"weight_decay": {"choices": [0.01, 1e38]}}


@pytest.fixture(scope="module")
def studied(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which a study of a grid ran: of its two trials the second diverged."""
    folder = tmp_path_factory.mktemp("studied") / "workspace"
    copied(demo_workspace.folder, folder)
    workspace = open_here(folder)
    judged_dataset(workspace)
    tune(workspace, study(sampler="grid", trials=9, search=DIVERGES), workers=2)
    workspace.close()
    return folder


class Ran(list[str]):
    """Names of steps that ran, not those that were found."""

    def __call__(self, event: Any) -> None:
        if not event.cached:
            self.append(event.step)


@pytest.fixture
def ran() -> Ran:
    return Ran()


@pytest.fixture
def workspace(studied: Path, tmp_path: Path, ran: Ran) -> Iterator[Workspace]:
    copied(studied, tmp_path / "workspace")
    opened = open_here(tmp_path / "workspace", listener=ran)
    yield opened
    opened.close()


def test_a_grid_ends_with_its_last_combination_and_a_failure_stops_nothing(workspace: Workspace):
    found = study_of(workspace, "small")
    assert (found.state, found.wanted, len(found.trials)) == (ENDED, 2, 2)
    good, bad = found.trials
    assert good.parameters == {"weight_decay": 0.01}
    assert (good.state, bad.state) == (DONE, FAILED)
    rows = rows_of(workspace.blobs, workspace.catalog.artifact(found.dataset))
    assert good.kpi is not None
    assert good.kpi.frames == pc.sum(pc.equal(rows["split"], VAL)).as_py() > 0
    assert "diverged" in bad.reason
    assert found.best == good
    assert workspace.catalog.resolve("small:candidate") == good.model


def test_the_same_again_trains_nothing_not_even_what_failed(workspace: Workspace, ran: Ran):
    before = study_of(workspace, "small"), workspace.catalog.history("study:small")
    done = tune(workspace, study(sampler="grid", trials=9, search=DIVERGES))
    assert ran == []
    assert (study_of(workspace, "small"), workspace.catalog.history("study:small")) == before
    assert done.trials == before[0].trials


def test_a_trial_is_the_training_run_that_its_parameters_have(workspace: Workspace, ran: Ran):
    trial = study_of(workspace, "small").trials[0]
    fitted = train_version(workspace, dataset_of(workspace, DATASET), epochs=1, channels=4)
    assert ran == []
    assert fitted.model.id == trial.model


def test_more_trials_add_to_those_that_it_has(workspace: Workspace, ran: Ran):
    first = tune(workspace, study(name="more", trials=1))
    assert ran.count("train_network") == 1
    ran.clear()
    plan = plan_study(workspace, study(name="more"))
    assert (len(plan.known), plan.trials, len(plan.first)) == (1, 2, 2)
    assert ran == []
    second = tune(workspace, study(name="more"))
    assert ran.count("train_network") == 1
    assert second.trials[:1] == first.trials
    assert plan.first[1] == second.trials[1].parameters
    ran.clear()
    assert tune(workspace, study(name="more", trials=1)).trials == second.trials
    assert not set(TRAINED) & set(ran)


def test_who_was_stopped_goes_on(workspace: Workspace, tmp_path: Path):
    """Stopped while the first trial is told."""
    told: list[str] = []

    class Enough(BaseException):
        """Somebody pressed a key."""

    def say(line: str) -> None:
        if line.startswith("trial"):
            told.append(study_of(other, "left").state)
            raise Enough

    other = open_here(tmp_path / "workspace", say=say)
    config = study(name="left", sampler="grid", search=DIVERGES)
    with pytest.raises(Enough):
        tune(other, config)
    other.close()
    assert told == [RUNNING]
    found = study_of(workspace, "left")
    assert (found.state, found.count(DONE), found.best) == (STOPPED, 1, found.trials[0])
    done = tune(workspace, config)
    assert [trial.state for trial in done.trials] == [DONE, FAILED]
    assert done.trials[0] == found.trials[0]
    assert [one.name for one in studies(workspace)] == ["left", "small"]


def test_what_is_asked_for_is_seen_before_it_is_told(studied: Path, tmp_path: Path):
    seen: list[Study] = []

    def listener(event: Any) -> None:
        if event.step == "train_network":
            seen.append(study_of(workspace, "again"))

    copied(studied, tmp_path / "other")
    workspace = open_here(tmp_path / "other", listener=listener)
    tune(workspace, study(name="again", sampler="grid", trials=1, search=DIVERGES))
    workspace.close()
    (trial,) = seen[0].trials
    assert (seen[0].state, seen[0].wanted) == (RUNNING, 1)
    assert (trial.state, trial.number, trial.parameters) == (ASKED, 0, {"weight_decay": 0.01})


def test_one_at_a_time(workspace: Workspace):
    with alone(workspace, "small"), pytest.raises(Conflict, match="is being run by"):
        tune(workspace, study(sampler="grid", search=DIVERGES))
    tune(workspace, study(sampler="grid", search=DIVERGES))


def test_no_test_row_is_looked_at(workspace: Workspace):
    """Neither frames nor labels of the test change a figure; no look is written down."""
    dataset = dataset_of(workspace, DATASET)
    rows = rows_of(workspace.blobs, dataset)
    split = {name: set(rows.filter(pc.equal(rows["split"], name))["frame_id"].to_pylist())
             for name in (VAL, TEST)}  # fmt: skip
    made = workspace.catalog.executions("predict_validation")
    assert made
    for run in made:
        boxes = table_of(workspace, workspace.catalog.artifact(run.outputs["result"]))
        assert set(boxes["frame_id"].to_pylist()) <= split[VAL]
    assert looks_at(workspace, dataset)[0] == ()
    before = study_of(workspace, "small").trials[0]
    remove_frames(workspace, DATASET, sorted(split[TEST]), reason="none is left")
    done = tune(workspace, study(sampler="grid", trials=1, search=DIVERGES))
    assert done.dataset != dataset.id
    assert done.trials[0].training != before.training
    assert (done.trials[0].model, done.trials[0].kpi) == (before.model, before.kpi)


def test_a_study_leads_to_its_models_and_its_dataset(workspace: Workspace):
    found = study_of(workspace, "small")
    steps = {run.key.step for run in upstream(workspace.catalog, found.id).executions.values()}
    assert {"close_study", "open_study", *TRAINED} <= steps
    told = workspace.json(workspace.catalog.artifact(found.id))
    assert told["dataset"] == found.dataset
    assert [trial["state"] for trial in told["trials"]] == [DONE, FAILED]
    assert "at_ns" not in str(told)


def test_a_dataset_without_validation_rows_is_refused(workspace: Workspace):
    with pytest.raises(InvalidConfig, match="no rows to judge trials by") as told:
        tune(workspace, study(dataset="demo"), subject="STUDY.toml")
    assert (told.value.subject, told.value.place) == ("STUDY.toml", "dataset")


@pytest.mark.parametrize(
    ("metric", "what"),
    [
        ({"category": "tram"}, "category 'tram' is not evaluated"),
        ({"slice": "fog"}, "slice 'fog' is not evaluated"),
        ({"slice": "dusk"}, "cannot be evaluated"),
    ],
)
def test_a_figure_that_cannot_be_computed_is_refused_before_anything_is_trained(
    workspace: Workspace, metric: dict[str, str], what: str, ran: Ran
):
    with pytest.raises(InvalidConfig, match=what) as told:
        tune(workspace, study(name="odd", metric=metric))
    assert told.value.place == "[metric]"
    assert ran == []
    with pytest.raises(UnknownName):
        study_of(workspace, "odd")


def test_augmentation_is_searched_truly(workspace: Workspace):
    """As far as the network that comes of it; another space is another study."""
    plain = study_of(workspace, "small").trials[0]
    search = {"flip": {"choices": [1.0]}}
    done = tune(workspace, study(sampler="grid", search=search))
    (flipped,) = study_of(workspace, "small").trials
    assert done.trials == (flipped,)
    assert flipped.parameters == {"flip": 1.0}
    assert flipped.model not in {None, plain.model}


def test_without_one_good_trial_there_is_no_best(workspace: Workspace):
    done = tune(workspace, study(name="bad", trials=1, sampler="grid",
                                 search={"weight_decay": {"choices": [1e38]}}))  # fmt: skip
    assert (done.best, done.alias, best_of(done.trials, "maximise")) == (None, "", None)
    assert workspace.catalog.resolve("bad:candidate") is None
