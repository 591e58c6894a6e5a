"""The noun of tuning: a trial is one set of parameters, tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringroad.domain.ids import ArtifactId, ExecutionId
from ringroad.domain.kpi import Kpi

ASKED, DONE, FAILED = "asked", "done", "failed"
STATES = (ASKED, DONE, FAILED)
"""Of a trial: under way or left by somebody who was stopped; with its figure; without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One set of parameters of a study, and what came of it."""

    number: int
    """From 0, in the order in which they were asked."""
    parameters: Mapping[str, float | int | str]
    """The searched ones."""
    training: ExecutionId
    """The training run that these parameters have, whether it has ended or not."""
    state: str = ASKED
    kpi: Kpi | None = None
    """On the validation rows."""
    model: ArtifactId | None = None
    validation: ArtifactId | None = None
    """All KPIs on the validation rows."""
    reason: str = ""
    """Why it failed."""
    lasting: bool = False
    """Whether it would fail the same way again, as a training that diverged would."""

    def __post_init__(self) -> None:
        """Check the state."""
        if self.state not in STATES:
            raise ValueError(f"state is one of {', '.join(STATES)}, not {self.state!r}")

    @property
    def value(self) -> float | None:
        """The figure that the study is about; None without one."""
        return self.kpi.value if self.kpi is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """How the figure of a study goes with one parameter, over the trials that have one."""

    parameter: str
    correlation: float | None
    """Spearman's rank correlation; None where values have no order, or there is nothing to say."""
    trials: int = field(default=0)
    """How many trials it is over."""
