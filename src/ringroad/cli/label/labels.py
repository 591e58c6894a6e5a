"""`ringroad labels`: the table of its commands. Each is imported when it is called."""

from __future__ import annotations

import click

from ringroad.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    # Guidelines, and what is ordered under them.
    "guideline": ("label.guideline:guideline", "What may be drawn, and how."),
    "order": ("label.orders:order", "Place a labelling order."),
    "orders": ("label.orders:orders", "What was ordered, and how far it is."),
    "pause": ("label.orders:pause", "Hand out no task of an order for now."),
    "resume": ("label.orders:resume", "Hand out tasks of an order again."),
    "close": ("label.orders:close", "Hand out no task of an order any more."),
    # An annotator's turn.
    "take": ("label.turns:take", "Hold the next task, and write it to a file."),
    "beat": ("label.turns:beat", "Say that work on a task goes on."),
    "submit": ("label.turns:submit", "Answer a task with a file."),
    "skip": ("label.turns:skip", "Give a task back, and say why."),
    "review": ("label.turns:review", "Accept annotations, or send them back."),
    # The desk of whoever leads.
    "tasks": ("label.tasks:tasks", "Labelling tasks: who looks at which frame."),
    "assign": ("label.tasks:assign", "Give a task to one person."),
    "prioritise": ("label.tasks:prioritise", "Move a task up or down the queue."),
    "cancel": ("label.tasks:cancel", "Want a task no more."),
    "gold": ("label.gold:gold", "Answers that a person declared right."),
    "lots": ("label.figures:lots", "Acceptance sampling: lots and their state."),
    "progress": ("label.figures:progress", "How far an order is, and when it ends."),
    "cost": ("label.figures:cost", "Time and money by annotator and by box."),
    "log": ("label.history:log", "Every move of every task."),
    # Annotations of frames over time.
    "revisions": ("label.history:revisions", "The history of a frame."),
    "tracks": ("label.tracks:tracks", "Things over several frames, key by key."),
    "revert": ("label.history:revert", "Make earlier annotations current again."),
    # Files of other tools.
    "import": ("label.files:import_", "Take in annotations of other tools."),
    "export": ("label.files:export", "Write annotations for other tools."),
    "push": ("label.tools:push", "Send tasks to a labelling tool's server."),
    "pull": ("label.tools:pull", "Bring answers from a labelling tool's server."),
    # Quality.
    "agreement": ("label.quality:agreement", "How well blind answers agree."),
    "qa": ("label.quality:qa", "How good annotators are, with a page of it."),
    "errors": ("label.quality:errors", "Likely errors, worst first."),
    "rehearse": ("label.quality:rehearse", "Play a campaign before it is paid for."),
}
"""Name -> import string and one line of help."""


@click.group(cls=LazyGroup, table=COMMANDS)
def labels() -> None:
    """Labelling orders and tasks, revisions of annotations, files in and out."""
