"""Merges of datasets in a workspace: forward, conflicts, locks, torn units, unrelated histories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from version_maker import begun, frames, opened

from ringroad.datasets.manifest import header_at
from ringroad.datasets.merge import Choices
from ringroad.datasets.merge_files import choices_from, to_bytes
from ringroad.datasets.reading import rows_of
from ringroad.domain.errors import InputError, MergeConflict, SplitLocked, VersionMoved
from ringroad.pipelines.datasets.edits import append_rows, remove_frames, revert, set_lock
from ringroad.pipelines.datasets.log import log
from ringroad.pipelines.datasets.merging import plan_merge, write_merge
from ringroad.pipelines.datasets.names import branch
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.workspace import Workspace

FIRST = (("a/1",), ("a/2",), ("b/1", "val"), ("t/1", "test"))


@pytest.fixture
def workspace(tmp_path: Path):
    made = opened(tmp_path / "workspace")
    begun(made, "main", *FIRST)
    branch(made, "main", "side")
    yield made
    made.close()


def held(workspace: Workspace, name: str) -> dict[str, str]:
    """Frame -> annotations."""
    rows = rows_of(workspace.blobs, dataset_of(workspace, name))
    return dict(zip(rows["frame_id"].to_pylist(), rows["annotations"].to_pylist(), strict=True))


def merge(workspace: Workspace, name: str, other: str, choices: Choices | None = None):
    return write_merge(workspace, plan_merge(workspace, name, other), choices or Choices())


def test_both_sides_come_together(workspace: Workspace) -> None:
    ours = append_rows(workspace, "main", frames(("a/1", "train", "ours"), ("c/1",)))
    theirs = append_rows(
        workspace, "side", frames(("a/2", "train", "theirs"), ("d/1",)), removed=["b/1"]
    )
    done = merge(workspace, "main", "side")
    assert held(workspace, "main") == {
        "a/1": "ours", "a/2": "theirs", "c/1": "x", "d/1": "x", "t/1": "x"
    }  # fmt: skip
    header = header_at(workspace.blobs, done.version)
    assert header.parents == (ours.version.id, theirs.version.id)
    assert header.query == f"merge of {theirs.version.id}"
    assert (done.put, done.removed) == (2, 1)
    assert merge(workspace, "main", "side").version == done.version, "it holds side already"
    forward = plan_merge(workspace, "side", "main")
    assert forward.forward
    assert write_merge(workspace, forward, Choices()).version == done.version
    assert log(workspace, done.version)[0].parents == header.parents


def test_cells_of_one_row_merge_and_fight_by_themselves(workspace: Workspace) -> None:
    append_rows(workspace, "main", frames(("a/1", "train", "ours"), weight=2.0))
    append_rows(workspace, "side", frames(("a/1", "train", "theirs"), condition="night"))
    planned = plan_merge(workspace, "main", "side")
    assert planned.merge is not None
    (conflict,) = planned.merge.rows.conflicts
    assert (conflict.frame, conflict.kind, conflict.cells) == ("a/1", "edit/edit", ("annotations",))
    with pytest.raises(MergeConflict, match="1 of 1 conflicts are not decided, the first at a/1"):
        write_merge(workspace, planned, Choices())
    write_merge(workspace, planned, Choices(default="theirs"))
    row = rows_of(workspace.blobs, dataset_of(workspace, "main")).to_pylist()[0]
    assert (row["annotations"], row["weight"], row["condition"]) == ("theirs", 2.0, "night")


def test_every_kind_of_conflict_is_shown_and_resolved_from_a_file(workspace: Workspace) -> None:
    append_rows(workspace, "main", frames(("a/1", "train", "o"), ("n/1", "train", "o")),
                removed=["b/1"])  # fmt: skip
    append_rows(
        workspace, "side", frames(("a/1", "train", "t"), ("n/1", "val", "t"), ("b/1", "val", "t"))
    )
    planned = plan_merge(workspace, "main", "side")
    assert planned.merge is not None
    found = {item.frame: item.kind for item in planned.merge.rows.conflicts}
    assert found == {"a/1": "edit/edit", "b/1": "edit/removal", "n/1": "add/add"}
    document = json.loads(to_bytes(planned.merge))
    takes = {"a/1": {"annotations": "both"}, "b/1": "remove", "n/1": "theirs"}
    for row in document["rows"]:
        row["take"] = takes[row["frame"]]
    choices = choices_from(json.dumps(document).encode(), planned.merge, place="file")
    write_merge(workspace, planned, choices)
    rows = rows_of(workspace.blobs, dataset_of(workspace, "main")).to_pylist()
    told = {row["frame_id"]: (row["split"], row["annotations"]) for row in rows}
    assert told == {
        "a/1": ("train", "both"), "a/2": ("train", "x"), "n/1": ("val", "t"), "t/1": ("test", "x")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(ours="dataset:0"), "other versions"),
        (lambda d: d["rows"][0].update(take="mine"), "takes 'mine'"),
        (lambda d: d["rows"][0].update(take={"colour": "red"}), "takes {'colour'"),
        (lambda d: d["rows"][0].update(take={"weight": "heavy"}), "weight is 'heavy'"),
        (lambda d: d["rows"][0].update(take={"split": "dev"}), "unknown split 'dev'"),
        (lambda d: d["rows"][0].update(frame="q/9"), "is not in conflict"),
        (lambda d: d.pop("rows"), "no file of conflicts"),
    ],
)
def test_a_bad_file_of_resolutions_is_one_error(workspace: Workspace, change, message) -> None:
    before = append_rows(workspace, "main", frames(("a/1", "train", "o")))
    append_rows(workspace, "side", frames(("a/1", "train", "t")))
    planned = plan_merge(workspace, "main", "side")
    assert planned.merge is not None
    document = json.loads(to_bytes(planned.merge))
    change(document)
    with pytest.raises(InputError, match=message):
        write_merge(
            workspace,
            planned,
            choices_from(json.dumps(document).encode(), planned.merge, place="file"),
        )
    assert dataset_of(workspace, "main") == before.version


def test_what_is_no_json_is_one_error(workspace: Workspace) -> None:
    append_rows(workspace, "main", frames(("a/1", "train", "o")))
    append_rows(workspace, "side", frames(("a/1", "train", "t")))
    plan = plan_merge(workspace, "main", "side").merge
    assert plan is not None
    for data in (b"", b"[]", b"\xff", b"[" * 100_000, b'{"rows": 3, "header": []}'):
        with pytest.raises(InputError, match="no file of conflicts"):
            choices_from(data, plan, place="file")


def test_a_unit_on_two_sides_is_refused_by_name(workspace: Workspace) -> None:
    append_rows(workspace, "main", frames(("a/1", "val"), ("a/2", "val")))
    append_rows(workspace, "side", frames(("a/3", "train")))
    before = dataset_of(workspace, "main")
    with pytest.raises(InputError, match="a: lies in more than one split: train, val"):
        merge(workspace, "main", "side")
    assert dataset_of(workspace, "main") == before


@pytest.mark.parametrize("locked", ["main", "side"])
def test_a_locked_test_frame_never_moves_into_train(workspace: Workspace, locked: str) -> None:
    set_lock(workspace, locked, locked=True, reason="gate")
    other = "side" if locked == "main" else "main"
    append_rows(workspace, other, frames(("t/1", "train"), ("c/1",)))
    before = dataset_of(workspace, "main")
    with pytest.raises(SplitLocked, match="would change, in t"):
        merge(workspace, "main", "side")
    assert dataset_of(workspace, "main") == before
    append_rows(workspace, other, frames(("t/1", "test")))
    done = merge(workspace, "main", "side")
    assert header_at(workspace.blobs, done.version).locked
    assert held(workspace, "main").keys() == {"a/1", "a/2", "b/1", "c/1", "t/1"}


def test_a_branch_that_unlocked_does_not_unlock_by_merging(workspace: Workspace) -> None:
    set_lock(workspace, "main", locked=True, reason="gate")
    merge(workspace, "side", "main")
    set_lock(workspace, "side", locked=False, reason="try")
    done = merge(workspace, "main", "side")
    assert header_at(workspace.blobs, done.version).locked
    remove_frames(workspace, "side", ["t/1"], reason="try")
    with pytest.raises(SplitLocked):
        merge(workspace, "main", "side")


def test_histories_that_never_met_need_a_word(workspace: Workspace) -> None:
    begun(workspace, "other", ("a/1",), ("z/1",))
    with pytest.raises(InputError, match="no version in common"):
        plan_merge(workspace, "main", "other")
    planned = plan_merge(workspace, "main", "other", unrelated=True)
    assert planned.merge is not None
    assert planned.merge.conflicts == 0, "equal rows of both are one row"
    write_merge(workspace, planned, Choices())
    assert held(workspace, "main").keys() == {"a/1", "a/2", "b/1", "t/1", "z/1"}


def test_a_claim_that_became_false_is_a_conflict(workspace: Workspace) -> None:
    append_rows(workspace, "side", frames(("a/1", "train", "y")), categories=("car", "sign"))
    append_rows(workspace, "main", frames(("c/1",)))
    planned = plan_merge(workspace, "main", "side")
    assert planned.merge is not None
    (claim,) = planned.merge.header.conflicts
    assert (claim.field, claim.ours, claim.theirs) == ("categories", ("car",), ("car", "sign"))
    with pytest.raises(MergeConflict, match="the first at header"):
        write_merge(workspace, planned, Choices())
    document = json.loads(to_bytes(planned.merge))
    document["header"][0]["take"] = "ours"
    made = write_merge(
        workspace,
        planned,
        choices_from(json.dumps(document).encode(), planned.merge, place="file"),
    )
    assert header_at(workspace.blobs, made.version).categories == ("car",)


def test_a_claim_goes_over_where_nothing_was_labelled_under_the_old(workspace: Workspace) -> None:
    append_rows(workspace, "side", frames(("a/1", "train", "y")), categories=("car", "sign"))
    append_rows(workspace, "main", frames(("a/2",), weight=3.0))
    done = merge(workspace, "main", "side")
    assert header_at(workspace.blobs, done.version).categories == ("car", "sign")


def test_a_merge_that_was_overtaken_names_the_winner(workspace: Workspace) -> None:
    append_rows(workspace, "main", frames(("c/1",)))
    append_rows(workspace, "side", frames(("d/1",)))
    planned = plan_merge(workspace, "main", "side")
    won = append_rows(workspace, "main", frames(("e/1",)))
    with pytest.raises(VersionMoved) as told:
        write_merge(workspace, planned, Choices())
    assert told.value.place == won.version.id
    assert "e/1" in held(workspace, "main")


def test_a_revert_is_merged_like_any_edit(workspace: Workspace) -> None:
    first = dataset_of(workspace, "main")
    append_rows(workspace, "main", frames(("c/1",)))
    branch(workspace, "main", "late")
    append_rows(workspace, "late", frames(("d/1",)))
    revert(workspace, "main", first.id, reason="c is odd")
    merge(workspace, "main", "late")
    assert held(workspace, "main").keys() == {"a/1", "a/2", "b/1", "d/1", "t/1"}
