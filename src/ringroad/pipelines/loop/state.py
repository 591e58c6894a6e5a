"""Where the loop of a workspace stands: what each stop holds, what waits there, what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from ringroad.domain.task import OPEN
from ringroad.pipelines.curate.curation import QUERY, SELECTION
from ringroad.pipelines.curate.frame_index import waiting_batches
from ringroad.pipelines.workspace import Workspace

LABELS = "Labels"
WORK_OFF = "ringroad labels tasks"
"""The stop that counts labelling tasks, and the line that lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of the loop."""

    name: str
    count: int
    unit: str
    waiting: int = 0
    waits_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to do next, and its command line."""

    says: str
    cli: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopState:
    """All stops in the order in which data travels."""

    stops: tuple[Stop, ...]
    advice: tuple[Advice, ...]
    refused: int
    judged: bool
    """It is known how useful every recording is: the funnel can be told."""


def loop_state(workspace: Workspace) -> LoopState:
    """Counts of catalog and index; nothing is computed of the data itself."""
    catalog = workspace.catalog
    kinds = Counter(item.kind for item in catalog.artifacts())
    names = catalog.names()
    recordings = len(catalog.recordings())
    view = workspace.index.view()  # as it is: to look at the loop indexes nothing
    alive = view.alive
    frames = int(np.count_nonzero(alive))
    undecoded = _undecoded(view.columns["brightness"], alive)
    looked = sum(name.startswith("events:") for name in names)
    tasks = Counter[str]()
    for count in catalog.task_counts():
        tasks[count.state] += count.tasks
    stops = (
        Stop(
            name="Recordings", count=recordings, unit="recordings",
            waiting=max(0, recordings - looked), waits_for="events to be looked for",
        ),
        Stop(
            name="Frames", count=frames, unit="frames indexed",
            waiting=undecoded + waiting_batches(workspace, view),
            waits_for="to be decoded or indexed",
        ),
        Stop(
            name="Selections", unit="selections",
            count=sum(name.startswith((f"{SELECTION}:", f"{QUERY}:")) for name in names),
        ),
        Stop(
            name=LABELS, count=kinds["annotations"], unit="batches of annotations",
            waiting=tasks[OPEN], waits_for="labelling tasks open",
        ),
        Stop(name="Datasets", count=kinds["dataset"], unit="versions"),
        Stop(name="Models", count=kinds["model"], unit="model versions"),
        Stop(
            name="Evaluations", count=kinds["kpis"], unit="evaluations",
            waiting=max(0, kinds["model"] - kinds["kpis"]), waits_for="models without one",
        ),
        Stop(name="Gates", count=kinds["gate"], unit="verdicts"),
        Stop(name="Plans", count=kinds["plan"], unit="plans"),
        Stop(
            name="Disagreements", unit="comparisons",
            count=max(kinds["resimulation"], kinds["compared"]),
        ),
    )  # fmt: skip
    refused = len(catalog.refusals())
    held = {stop.name: stop for stop in stops}
    return LoopState(
        stops=stops,
        advice=tuple(_advice(held, refused)),
        refused=refused,
        judged=kinds["usefulness"] >= recordings > 0,
    )


def _undecoded(brightness: object, alive: np.ndarray) -> int:
    if not len(alive):
        return 0
    return int(np.count_nonzero(np.asarray(pc.is_null(brightness)) & alive))


def _advice(held: Mapping[str, Stop], refused: int) -> Iterator[Advice]:
    """What is missing first in the order of the loop, and what waits on the way."""
    if not held["Recordings"].count:
        yield Advice(says="Take recordings in", cli="ringroad ingest PATH --in-place")
        return
    if refused:
        says = f"{refused} source{'s were' if refused > 1 else ' was'} refused: see why"
        yield Advice(says=says, cli="ringroad recordings list")
    if held["Recordings"].waiting:
        says = "Find out what happens in the recordings, and what is worth keeping"
        yield Advice(says=says, cli="ringroad recordings events all")
    if held["Frames"].waiting:
        says = "Decode frames, so that they can be searched by what they look like"
        yield Advice(says=says, cli="ringroad ingest PATH --describe 1")
    if held[LABELS].waiting:
        yield Advice(says=f"Work off {held[LABELS].waiting} labelling tasks", cli=WORK_OFF)
    yield _missing(held)


_MISSING = (
    ("Selections", "Choose frames to label", "ringroad mine --budget 100 --save next"),
    (LABELS, "Label the frames that were chosen", "ringroad labels order --help"),
    ("Datasets", "Make a dataset version of what is labelled", "ringroad datasets create --help"),
    ("Models", "Train a network on it", "ringroad train --help"),
    ("Evaluations", "See how good it is", "ringroad evaluate --help"),
    ("Gates", "Hold it against a gate", "ringroad gate check --help"),
    ("Plans", "Build a plan", "ringroad plans build --help"),
)


def _missing(held: Mapping[str, Stop]) -> Advice:
    for name, says, cli in _MISSING:
        if not held[name].count:
            return Advice(says=says, cli=cli)
    return Advice(says="Label what two networks disagree on", cli="ringroad resimulate --help")
