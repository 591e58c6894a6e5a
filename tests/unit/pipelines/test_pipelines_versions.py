"""Edits of a dataset by name: versions, their parents, and what happens when two edit at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from version_maker import begun, frames, opened

from ringroad.datasets.manifest import header_at, layers_of, version_of
from ringroad.datasets.merge import Choices
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, SplitLocked, UnknownName, UsageError, VersionMoved
from ringroad.pipelines.datasets.edits import append_rows, remove_frames, revert, set_lock
from ringroad.pipelines.datasets.log import log, moves
from ringroad.pipelines.datasets.merging import plan_merge, write_merge
from ringroad.pipelines.datasets.names import branch, renew, tag
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.workspace import Workspace
from ringroad.store.doctor import referred, verify
from ringroad.workflow.lineage import upstream

PROGRAM = Path(__file__).with_name("append_program.py")
FIRST = (("a/1",), ("a/2",), ("b/1", "val"), ("t/1", "test"), ("t/2", "test"))


@pytest.fixture
def workspace(tmp_path: Path):
    made = opened(tmp_path / "workspace")
    yield made
    made.close()


def held(workspace: Workspace, name: str) -> list[str]:
    """Frames of a version."""
    return rows_of(workspace.blobs, dataset_of(workspace, name))["frame_id"].to_pylist()


def test_append_is_a_version_with_its_parent(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    done = append_rows(workspace, "night", frames(("a/1", "train", "y"), ("c/1",)), query="more")
    assert (done.put, done.removed, done.before) == (2, 0, first)
    assert held(workspace, "night") == ["a/1", "a/2", "b/1", "c/1", "t/1", "t/2"]
    assert held(workspace, first.id) == ["a/1", "a/2", "b/1", "t/1", "t/2"]
    header = header_at(workspace.blobs, done.version)
    assert (header.parents, header.query, header.name) == ((first.id,), "more", "night")
    version = version_of(workspace.blobs, done.version)
    assert version.counts == {"test": {"day": 2}, "train": {"day": 3}, "val": {"day": 1}}


def test_an_old_plain_manifest_opens_and_grows(workspace: Workspace) -> None:
    first = begun(workspace, "old", *FIRST, plain=True)
    data = workspace.blobs.get(first.digest)
    assert version_of(workspace.blobs, first).frames == 5
    done = append_rows(workspace, "old", frames(("c/1",)))
    assert held(workspace, "old") == ["a/1", "a/2", "b/1", "c/1", "t/1", "t/2"]
    assert layers_of(workspace.blobs, done.version)[0].digest == first.digest
    assert workspace.blobs.get(first.digest) == data
    again = begun(workspace, "new", *FIRST)
    assert (
        version_of(workspace.blobs, first).content == version_of(workspace.blobs, again).content
    ), "the same rows have the same content, whatever they are stored as"


def test_the_loser_is_told_who_won(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    won = append_rows(workspace, "night", frames(("c/1",)), expected=first.id)
    with pytest.raises(VersionMoved) as told:
        append_rows(workspace, "night", frames(("d/1",)), expected=first.id)
    assert told.value.place == won.version.id
    assert won.version.id in str(told.value)
    assert held(workspace, "night") == held(workspace, won.version.id)


def test_what_changes_nothing_makes_no_version(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    done = append_rows(workspace, "night", frames(("a/1",)))
    assert not done.changed
    assert dataset_of(workspace, "night") == first


def test_a_dry_run_writes_nothing(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    before = set(workspace.blobs.digests())
    done = append_rows(workspace, "night", frames(("c/1",)), removed=["a/1"], dry_run=True)
    assert (done.put, done.removed, done.changed) == (1, 1, False)
    assert dataset_of(workspace, "night") == first
    assert set(workspace.blobs.digests()) == before


@pytest.mark.parametrize(
    ("rows", "removed", "message"),
    [
        ([("c/1", "dev")], [], "unknown split 'dev'"),
        ([("a/3", "val")], [], "a: lies in more than one split: train, val"),
        ([("c/1",), ("c/1",)], [], "c/1: 1 frames stand in the edits more than once"),
        ([("a/1",)], ["a/1"], "a/1: 1 frames stand in the edits more than once"),
        ([], ["z/1"], "z/1: 1 frames to remove are not in this version"),
    ],
)
def test_bad_edits_are_one_error_and_nothing_else(
    workspace: Workspace, rows: list[tuple[str, ...]], removed: list[str], message: str
) -> None:
    first = begun(workspace, "night", *FIRST)
    before = set(workspace.blobs.digests())
    with pytest.raises(InputError, match=message):
        append_rows(workspace, "night", frames(*rows), removed=removed)
    assert dataset_of(workspace, "night") == first
    assert set(workspace.blobs.digests()) == before


def test_a_unit_may_move_as_a_whole(workspace: Workspace) -> None:
    begun(workspace, "night", *FIRST)
    done = append_rows(workspace, "night", frames(("a/1", "val"), ("a/2", "val")))
    assert version_of(workspace.blobs, done.version).counts["val"] == {"day": 3}


def test_remove_and_revert(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    gone = remove_frames(workspace, "night", ["a/1", "b/1"], reason="blurred")
    assert (gone.put, gone.removed) == (0, 2)
    assert held(workspace, "night") == ["a/2", "t/1", "t/2"]
    before = set(workspace.blobs.digests())
    back = revert(workspace, "night", first.id, reason="not blurred")
    written = set(workspace.blobs.digests()) - before
    assert sum(workspace.blobs.size(at) or 0 for at in written) < 2_000, "no row is written anew"
    assert held(workspace, "night") == held(workspace, first.id)
    header = header_at(workspace.blobs, back.version)
    assert (header.parents, header.query) == ((gone.version.id,), "not blurred")
    assert (
        version_of(workspace.blobs, back.version).content
        == version_of(workspace.blobs, first).content
    )
    made = upstream(workspace.catalog, back.version.id)
    inputs = {at for run in made.executions.values() for at in run.inputs.values()}
    assert {first.id, gone.version.id} <= inputs


def test_locked_test_rows_stay_until_they_are_unlocked(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    locked = set_lock(workspace, "night", locked=True, reason="gate")
    refused = [
        lambda: append_rows(workspace, "night", frames(("t/1", "test", "y"))),
        lambda: append_rows(workspace, "night", frames(("u/1", "test"))),
        lambda: append_rows(workspace, "night", frames(("t/1",), ("t/2",))),
        lambda: remove_frames(workspace, "night", ["t/1"], reason="odd"),
    ]
    for edit in refused:
        with pytest.raises(SplitLocked, match=r"locked; \d of them would change, in (t|u)"):
            edit()
    with pytest.raises(SplitLocked, match="does not continue"):
        renew(workspace, "night", begun(workspace, "other", ("z/1",)), reason="loop")
    assert dataset_of(workspace, "night") == locked.version
    append_rows(workspace, "night", frames(("c/1",)))
    back = revert(workspace, "night", first.id, reason="c is odd")
    assert header_at(workspace.blobs, back.version).locked, "a revert unlocks nothing"
    opened_ = set_lock(workspace, "night", locked=False, reason="t/1 shows a face")
    remove_frames(workspace, "night", ["t/1"], reason="face")
    set_lock(workspace, "night", locked=True, reason="again")
    with pytest.raises(SplitLocked):
        revert(workspace, "night", first.id, reason="back")
    told = {entry.id: entry for entry in log(workspace, dataset_of(workspace, "night"))}
    assert told[opened_.version.id].query == "unlock: t/1 shows a face"
    assert (told[opened_.version.id].what, told[locked.version.id].what) == ("unlock", "lock")


def test_branch_copies_nothing_and_keeps_the_history(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    before = set(workspace.blobs.digests())
    branch(workspace, "night", "try/one")
    assert set(workspace.blobs.digests()) == before
    done = append_rows(workspace, "try/one", frames(("c/1",)))
    assert dataset_of(workspace, "night") == first
    assert [entry.id for entry in log(workspace, done.version)] == [done.version.id, first.id]
    with pytest.raises(UsageError, match="is taken"):
        branch(workspace, "night", "try/one")
    for odd in ("", " night", "a:b", "a\nb"):
        with pytest.raises(UsageError, match="no name for a dataset"):
            branch(workspace, "night", odd)
    branch(workspace, "night", "Nacht, zweiter Versuch")


def test_tags_stay_and_names_have_history(workspace: Workspace) -> None:
    first = begun(workspace, "night", *FIRST)
    tag(workspace, "night", "v1", reason="released")
    done = append_rows(workspace, "night", frames(("c/1",)), query="more")
    assert dataset_of(workspace, "night@v1") == first
    with pytest.raises(UsageError, match="stands for"):
        tag(workspace, "night", "v1", reason="again")
    tag(workspace, "night", "v1", move=True, reason="again")
    with pytest.raises(UsageError, match="is a tag"):
        append_rows(workspace, "night@v1", frames(("d/1",)))
    with pytest.raises(UnknownName):
        append_rows(workspace, "nigth", frames(("d/1",)))
    told = [(move.name, move.artifact, move.reason) for move in moves(workspace, "night")]
    assert told == [
        ("dataset:night", first.id, "made up"),
        ("dataset:night@v1", first.id, "released"),
        ("dataset:night", done.version.id, "more"),
        ("dataset:night@v1", done.version.id, "again"),
    ]


def test_layers_are_kept_by_a_sweep_and_stay_few(workspace: Workspace) -> None:
    begun(workspace, "long", *((f"u{n}/1",) for n in range(400)))
    for number in range(70):
        append_rows(workspace, "long", frames((f"u{number}/1", "train", f"y{number}")))
    made = dataset_of(workspace, "long")
    layers = layers_of(workspace.blobs, made)
    assert len(layers) <= 16
    assert {layer.digest for layer in layers} <= referred(workspace.blobs, workspace.catalog)
    assert verify(workspace.blobs, workspace.catalog).damage == ()
    found = rows_of(workspace.blobs, made)
    marks = dict(zip(found["unit"].to_pylist(), found["annotations"].to_pylist(), strict=True))
    assert marks == {f"u{n}": f"y{n}" if n < 70 else "x" for n in range(400)}


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), "night", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(*programs: subprocess.Popen[str]) -> list[list[list[str]]]:
    """Let programs begin together; the words of their lines."""
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    return [
        [line.split() for line in program.communicate()[0].splitlines()] for program in programs
    ]


def test_two_processes_append_at_once_and_nothing_is_lost(
    workspace: Workspace, tmp_path: Path
) -> None:
    first = begun(workspace, "night", ("a/1",))
    lines = go(*(start(workspace.folder, who, "12") for who in ("x", "y")))
    wanted = {f"{who}-{n}/{p}" for who in "xy" for n in range(12) for p in range(5)}
    assert set(held(workspace, "night")) == wanted | {"a/1"}
    made = [line for part in lines for line in part if line[0] == "made"]
    lost = [line for part in lines for line in part if line[0] == "lost"]
    assert lost, "they never met: nothing was shown"
    winners = {version for _, _, version in made}
    assert all(winner in winners and winner != seen for _, seen, winner in lost)
    chain = log(workspace, dataset_of(workspace, "night"))
    assert len(chain) == 25, "one line of versions, each on the one before"
    assert all(len(entry.parents) == 1 for entry in chain[:-1])
    assert chain[-1].id == first.id


POINTS = ("blob:before", "blob:after", "catalog:before-commit", "catalog:after-commit")


@pytest.mark.parametrize("point", [f"{name}#{nth}" for name in POINTS for nth in (1, 4)])
def test_a_killed_append_leaves_the_old_version_or_the_new(
    workspace: Workspace, point: str
) -> None:
    begun(workspace, "night", *((f"a{n}/1",) for n in range(200)))
    program = start(workspace.folder, "x", "8", point)
    lines = go(program)[0]
    assert program.returncode == -9
    check_whole(workspace, made=len(lines))


def test_append_killed_at_any_moment(workspace: Workspace) -> None:
    begun(workspace, "night", *((f"a{n}/1",) for n in range(200)))
    for turn in range(6):
        program = start(workspace.folder, f"x{turn}", "500")
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdout.readline()
        program.stdin.write("\n")
        program.stdin.flush()
        time.sleep(0.05 + 0.07 * turn)
        program.kill()
        lines = program.communicate()[0].splitlines()
        check_whole(workspace, made=sum(line.startswith("made") for line in lines), who=f"x{turn}")


def check_whole(workspace: Workspace, *, made: int, who: str = "x") -> None:
    """What was acknowledged is there, one more may be; each append whole, or not at all."""
    found = [frame for frame in held(workspace, "night") if frame.startswith(f"{who}-")]
    units = {frame.partition("/")[0] for frame in found}
    assert len(found) == 5 * len(units)
    assert units == {f"{who}-{n}" for n in range(len(units))}
    assert made <= len(units) <= made + 1
    version = version_of(workspace.blobs, dataset_of(workspace, "night"))
    assert version.frames == len(held(workspace, "night"))
    assert verify(workspace.blobs, workspace.catalog).damage == ()


def test_the_edits_of_a_loser_can_be_merged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begun(workspace, "night", *FIRST)
    run = workspace.runner.run

    def raced(*words: object, **arguments: object) -> object:
        """Somebody else appends between the version's commit and the move of the name."""
        made = run(*words, **arguments)
        monkeypatch.setattr(workspace.runner, "run", run)
        append_rows(workspace, "night", frames(("c/1",)), expected=first.id)
        return made

    monkeypatch.setattr(workspace.runner, "run", raced)
    with pytest.raises(VersionMoved, match="your edits are kept: ringroad datasets merge") as told:
        append_rows(workspace, "night", frames(("d/1",)))
    mine = told.value.remedy.rsplit(" ", 1)[1]
    write_merge(workspace, plan_merge(workspace, "night", mine), Choices())
    assert held(workspace, "night") == ["a/1", "a/2", "b/1", "c/1", "d/1", "t/1", "t/2"]


def test_lineage_names_every_layer(workspace: Workspace) -> None:
    begun(workspace, "night", *FIRST)
    done = append_rows(workspace, "night", frames(("c/1",)))
    inputs: dict[str, str] = {}
    for run in upstream(workspace.catalog, done.version.id).executions.values():
        inputs |= run.inputs
    assert {role.partition("[")[0] for role in inputs} == {"onto", "parents", "edits"}
    assert isinstance(dataset_of(workspace, "night"), Artifact)
