"""Runs steps: looks up, leases, works, commits. The graph is walked by whoever calls it.

A step whose key was executed before is not run, whatever happened to the executions before it:
keys name the content of inputs, so that a change that changes nothing ends where it began.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringroad.domain.errors import StepFailed, UsageError, WorkerDied
from ringroad.domain.ids import ExecutionId
from ringroad.domain.time import MILLISECOND_NS, SECOND_NS
from ringroad.protocols.catalog import Catalog
from ringroad.protocols.executor import Executor
from ringroad.protocols.tracker import Tracker
from ringroad.workflow.bench import Kit, SilentTracker
from ringroad.workflow.code import code_of
from ringroad.workflow.commit import commit, missing
from ringroad.workflow.environment import environment_of
from ringroad.workflow.holding import Holding
from ringroad.workflow.keys import Call, Ground, call_of, ground_of
from ringroad.workflow.owner import host_of
from ringroad.workflow.step import R, Step
from ringroad.workflow.why import History
from ringroad.workflow.work import (
    ErrorInWorker,
    Failed,
    LocalTracker,
    Made,
    result_of,
    work,
)

LEASE_NS = 30 * SECOND_NS
POLL_NS = 20 * MILLISECOND_NS
LONGEST_POLL_NS = SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent:
    """A step was run, or found in the catalog."""

    step: str
    execution_id: ExecutionId
    cached: bool
    why: tuple[str, ...]
    """What differs from the closest earlier execution; empty where it was found."""
    cpu_s: float
    """User and system time of the body's process while it ran."""
    wall_s: float


class Runner:
    """Executes steps against one catalog. One thread uses a runner at a time.

    Any number of runners, in any processes, may share a catalog: a key is worked on by one of
    them, the others wait for its result. An interrupted runner gives its leases back; those of
    a killed one are taken over at once on the same machine, elsewhere when they expire.
    """

    def __init__(
        self,
        catalog: Catalog,
        kit: Kit,
        executor: Executor,
        *,
        owner: str,
        tracker: Tracker | None = None,
        listener: Callable[[StepEvent], None] | None = None,
        lease_ns: int = LEASE_NS,
    ) -> None:
        self._catalog = catalog
        self._kit = kit
        self._executor = executor
        self._owner = owner
        self._tracker = LocalTracker(tracker or SilentTracker())
        self._listener = listener
        self._holding = Holding(catalog, kit.clock, owner=owner, ttl_ns=lease_ns)
        self._history = History(catalog)
        self._grounds: dict[Step[Any], Ground] = {}
        self._reusing = ""

    def reuse_only(self, until: str) -> None:
        """Run nothing anew until this is called with an empty text; `until` says what is awaited.

        A step that would have to run raises UsageError then, and says why it would.
        """
        self._reusing = until

    def key_of(self, step: Step[Any], /, *, seed: int = 0, **arguments: Any) -> ExecutionId:
        """The id of the execution that these arguments have, whether it ran or not."""
        return self._call(step, seed, arguments).id

    def run(self, step: Step[R], /, *, seed: int = 0, **arguments: Any) -> R:
        """Run one step in this process, unless its key was executed before.

        Raises:
            StepFailed: the body raised in its last attempt; the cause is chained.
            UsageError: the arguments do not fit the step.
        """
        call = self._call(step, seed, arguments)
        if (found := self._found(call)) is not None:
            return found
        self._stand_still(call)
        poll_ns = POLL_NS
        while not self._holding.take(call.id):
            poll_ns = self._wait(poll_ns)
            if (found := self._found(call)) is not None:
                return found
        try:
            if (found := self._found(call)) is not None:  # committed before the lease was free
                return found
            made = work(step, self._kit, self._tracker, seed, call.arguments, call.id)
            return self._settle(call, made)
        finally:
            self._holding.give_back(call.id)

    def map(self, step: Step[R], items: Sequence[Mapping[str, Any]], *, seed: int = 0) -> list[R]:
        """Run one step on many items over the executor; results stand in the order of the items.

        An item may name its own `seed`. What was executed before is found first; each result is
        committed as it arrives, so that what an interruption leaves undone is all that is left.

        Raises:
            StepFailed: as for `run`, of the first item that failed; those before it are kept.
        """
        calls = [self._call(step, item.get("seed", seed), _without_seed(item)) for item in items]
        results = {call.id: found for call in calls if (found := self._found(call)) is not None}
        todo = {call.id: call for call in calls if call.id not in results}
        for call in todo.values():
            self._stand_still(call)
        self._work_off(list(todo.values()), results)
        return [results[call.id] for call in calls]

    def _call(self, step: Step[R], seed: int, arguments: Mapping[str, object]) -> Call[R]:
        ground = self._grounds.get(step)
        if ground is None:
            code = code_of(step.function, uses=step.uses, also=step.also)
            environment = environment_of(threads=self._kit.threads if step.threads else None)
            ground = self._grounds[step] = ground_of(code, environment)
        return call_of(step, arguments, seed=seed, ground=ground)

    def _found(self, call: Call[R]) -> R | None:
        """The outputs of an earlier execution of the key, if their bytes are still held."""
        execution = self._catalog.execution(call.id)
        if execution is None:
            return None
        outputs = {role: self._catalog.artifact(at) for role, at in execution.outputs.items()}
        if missing(self._kit.blobs, outputs):
            return None
        self._tell(
            StepEvent(
                step=call.step.name,
                execution_id=call.id,
                cached=True,
                why=(),
                cpu_s=0.0,
                wall_s=0.0,
            )
        )
        found: R = result_of(outputs)
        return found

    def _stand_still(self, call: Call[Any]) -> None:
        if self._reusing:
            why = self._history.why(call.key) or ("its bytes are gone",)
            raise UsageError(
                f"would have to run before {self._reusing}: {'; '.join(why)}",
                subject=call.step.name,
                remedy="leave --from out: what is done is not done again",
            )

    def _work_off(self, todo: list[Call[R]], results: dict[ExecutionId, R]) -> None:
        """Rounds over what is left: keys that others hold wait for a later round."""
        total, poll_ns, deaths = len(todo), POLL_NS, dict.fromkeys((call.id for call in todo), 0)
        while todo:
            before = len(todo)
            try:
                self._round(todo, results, total)
            except WorkerDied as died:
                call = next(call for call in todo if call.id not in results)
                deaths[call.id] += 1
                if deaths[call.id] > call.step.retries:
                    raise _failed(call, Failed(died, deaths[call.id])) from died
            todo = [call for call in todo if call.id not in results]
            poll_ns = self._wait(poll_ns) if len(todo) == before else POLL_NS

    def _round(self, todo: Sequence[Call[R]], results: dict[ExecutionId, R], total: int) -> None:
        drawn: list[Call[R]] = []

        def items() -> Iterator[tuple[Any, ...]]:
            for call in todo:
                if not self._holding.take(call.id):
                    continue
                if (found := self._found(call)) is not None:
                    results[call.id] = found
                    self._holding.give_back(call.id)
                    continue
                drawn.append(call)
                yield call.step, self._kit, self._tracker, call.seed, call.arguments, call.id

        done = total - len(todo)
        try:
            for number, made in enumerate(self._executor.map(work, items())):
                call = drawn[number]
                results[call.id] = self._settle(call, made)
                self._holding.give_back(call.id)
                self._tracker.progress(call.step.name, done + number + 1, total)
        finally:
            self._holding.give_back_all()

    def _settle(self, call: Call[R], made: Made | Failed) -> R:
        """Commit what was made and tell why it was."""
        if isinstance(made, Failed):
            raise _failed(call, made) from made.error
        why = self._why(call)
        kept = commit(
            self._catalog,
            self._holding,
            self._kit.blobs,
            call,
            made,
            host=host_of(self._owner),
            wait=lambda: self._kit.clock.sleep_ns(POLL_NS),
        )
        if self._kit.attempts is not None:
            shutil.rmtree(self._kit.attempts / call.id, ignore_errors=True)
        self._tell(
            StepEvent(
                step=call.step.name,
                execution_id=call.id,
                cached=False,
                why=why,
                cpu_s=made.cpu_s,
                wall_s=made.wall_s,
            )
        )
        result: R = result_of(kept)
        return result

    def _why(self, call: Call[Any]) -> tuple[str, ...]:
        """What differs from before; nobody listens, nobody looks."""
        if self._listener is None:
            return ()
        why = self._history.why(call.key) or ("its bytes were gone",)
        self._history.add(call.key)
        return why

    def _tell(self, event: StepEvent) -> None:
        if self._listener is not None:
            self._listener(event)

    def _wait(self, poll_ns: int) -> int:
        """Sleep, and return how long to sleep the next time."""
        self._kit.clock.sleep_ns(poll_ns)
        return min(2 * poll_ns, LONGEST_POLL_NS)


def _failed(call: Call[Any], failed: Failed) -> StepFailed:
    """One line for the reader; the chained cause has the rest."""
    text = str(failed.error).strip() or repr(failed.error)
    kind = "" if isinstance(failed.error, ErrorInWorker) else f"{type(failed.error).__name__}: "
    times = "once" if failed.attempts == 1 else f"{failed.attempts} times"
    return StepFailed(
        f"failed {times}: {kind}{text.splitlines()[-1]}",
        subject=str(call),
        remedy="steps that are done stay done: mend the cause and run the same again",
    )


def _without_seed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "seed"}
