"""`ringroad labels`: the table of its commands. Each is imported when it is called."""

from __future__ import annotations

import click

from ringroad.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    # Guidelines, and what is ordered under them.
    "guideline": ("ringroad.cli.label_guideline:guideline", "What may be drawn, and how."),
    "order": ("ringroad.cli.label_orders:order", "Place a labelling order."),
    "orders": ("ringroad.cli.label_orders:orders", "What was ordered, and how far it is."),
    "pause": ("ringroad.cli.label_orders:pause", "Hand out no task of an order for now."),
    "resume": ("ringroad.cli.label_orders:resume", "Hand out tasks of an order again."),
    "close": ("ringroad.cli.label_orders:close", "Hand out no task of an order any more."),
    # An annotator's turn.
    "take": ("ringroad.cli.label_turns:take", "Hold the next task, and write it to a file."),
    "beat": ("ringroad.cli.label_turns:beat", "Say that work on a task goes on."),
    "submit": ("ringroad.cli.label_turns:submit", "Answer a task with a file."),
    "skip": ("ringroad.cli.label_turns:skip", "Give a task back, and say why."),
    "review": ("ringroad.cli.label_turns:review", "Accept annotations, or send them back."),
    # The desk of whoever leads.
    "tasks": ("ringroad.cli.label_tasks:tasks", "Labelling tasks: who looks at which frame."),
    "assign": ("ringroad.cli.label_tasks:assign", "Give a task to one person."),
    "prioritise": ("ringroad.cli.label_tasks:prioritise", "Move a task up or down the queue."),
    "cancel": ("ringroad.cli.label_tasks:cancel", "Want a task no more."),
    "gold": ("ringroad.cli.label_gold:gold", "Answers that a person declared right."),
    "lots": ("ringroad.cli.label_figures:lots", "Acceptance sampling: lots and their state."),
    "progress": ("ringroad.cli.label_figures:progress", "How far an order is, and when it ends."),
    "cost": ("ringroad.cli.label_figures:cost", "Time and money by annotator and by box."),
    "log": ("ringroad.cli.label_history:log", "Every move of every task."),
    # Annotations of frames over time.
    "revisions": ("ringroad.cli.label_history:revisions", "The history of a frame."),
    "tracks": ("ringroad.cli.label_tracks:tracks", "Things over several frames, key by key."),
    "revert": ("ringroad.cli.label_history:revert", "Make earlier annotations current again."),
    # Files of other tools.
    "import": ("ringroad.cli.label_files:import_", "Take in annotations of other tools."),
    "export": ("ringroad.cli.label_files:export", "Write annotations for other tools."),
    "push": ("ringroad.cli.label_tools:push", "Send tasks to a labelling tool's server."),
    "pull": ("ringroad.cli.label_tools:pull", "Bring answers from a labelling tool's server."),
    # Quality.
    "agreement": ("ringroad.cli.label_quality:agreement", "How well blind answers agree."),
    "qa": ("ringroad.cli.label_quality:qa", "How good annotators are, with a page of it."),
    "errors": ("ringroad.cli.label_quality:errors", "Likely errors, worst first."),
    "rehearse": ("ringroad.cli.label_quality:rehearse", "Play a campaign before it is paid for."),
}
"""Name -> import string and one line of help."""


@click.group(cls=LazyGroup, table=COMMANDS)
def labels() -> None:
    """Labelling orders and tasks, revisions of annotations, files in and out."""
