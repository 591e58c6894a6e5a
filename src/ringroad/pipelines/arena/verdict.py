"""Joins what an arena's stages found into the one artifact that its name points at."""

from __future__ import annotations

from ringroad.domain.artifact import Artifact
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=())
def join_stages(
    bench: Bench,
    *,
    first: Artifact,
    choices: Artifact,
    full: Artifact | None,
    arms: dict[str, list[object]],
) -> Artifact:
    """The verdict of the first stage, what was chosen, and the second stage where there is one."""
    told = bench.read_json(first)
    return bench.write_json(
        "arena",
        told
        | {
            "choices": bench.read_json(choices),
            "full": bench.read_json(full) if full is not None else None,
            "ways": {
                arm: {"strategy": strategy, "options": options}
                for arm, (strategy, options) in arms.items()
            },
        },
    )
