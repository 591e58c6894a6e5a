"""A step's own error in place of what the runner says of it, where the user's input is to blame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ringroad.domain.errors import InputError, StepFailed, UsageError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Raise the InputError or UsageError that failed a step; the step's error for other causes."""
    try:
        yield
    except StepFailed as failed:
        cause = failed.__cause__
        if isinstance(cause, (InputError, UsageError)):
            raise cause from failed
        raise
