"""The table of commands. `--help` reads this table and imports none of them."""

from __future__ import annotations

import sys

import click

from ringroad import __version__
from ringroad.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "arena": ("ringroad.cli.arena:arena", "Strategies of mining, compared."),
    "audit": ("ringroad.cli.audit:audit", "What was written through the service, by whom."),
    "campaigns": ("ringroad.cli.campaigns:campaigns", "Triggers, tried on past recordings."),
    "config": ("ringroad.cli.config:config", "Settings in force, and where they come from."),
    "coverage": ("ringroad.cli.coverage:coverage", "What frames cover, what is missing."),
    "datasets": ("ringroad.cli.datasets:datasets", "Dataset versions: make, merge, lock, export."),
    "demo": ("ringroad.cli.demo:demo", "The whole loop on synthetic recordings."),
    "doctor": ("ringroad.cli.doctor:doctor", "Check, sweep and rebuild a workspace."),
    "embed": ("ringroad.cli.embed:embed", "Embeddings of frames by your own network."),
    "evaluate": ("ringroad.cli.evaluate:evaluate", "Score a model or a file of predictions."),
    "experiments": ("ringroad.cli.experiments:experiments", "Training runs, side by side."),
    "gate": ("ringroad.cli.gate:gate", "Let a model version pass, or not."),
    "ingest": ("ringroad.cli.ingest:ingest", "Take in recordings, in place or copied."),
    "init": ("ringroad.cli.init:init", "Make an empty workspace."),
    "labels": ("ringroad.cli.labels:labels", "Labelling tasks, import and export."),
    "lineage": ("ringroad.cli.lineage:lineage", "Where something came from, and what it touched."),
    "mine": ("ringroad.cli.mine:mine", "Choose the frames that are worth a label."),
    "models": ("ringroad.cli.models:models", "Model versions and their aliases."),
    "open": ("ringroad.cli.open_:open_", "Where the report or an artifact lies."),
    "plans": ("ringroad.cli.plans:plans", "Optimised networks: build, verify, bench."),
    "plugins": ("ringroad.cli.plugins:plugins", "Exchangeable parts by name."),
    "predict": ("ringroad.cli.predict:predict", "Run a network over recordings."),
    "recordings": ("ringroad.cli.recordings:recordings", "Recordings: list, show, events, export."),
    "resimulate": ("ringroad.cli.resimulate:resimulate", "Candidate against champion."),
    "run": ("ringroad.cli.run:run", "The whole loop on your own recordings."),
    "search": ("ringroad.cli.search:search", "Find frames by what is known, likeness, words."),
    "selections": ("ringroad.cli.selections:selections", "Selections of frames: list, show, add."),
    "serve": ("ringroad.cli.serve:serve", "The API and the web application."),
    "sessions": ("ringroad.cli.sessions:sessions", "Browsers that are signed in; sign them out."),
    "simulate": ("ringroad.cli.simulate:simulate", "Write synthetic recordings."),
    "status": ("ringroad.cli.status:status", "What a workspace holds."),
    "studies": ("ringroad.cli.studies:studies", "Tuning studies and their trials."),
    "tags": ("ringroad.cli.tags:tags", "Weather, road, captions: by hand or network."),
    "tokens": ("ringroad.cli.tokens:tokens", "Who may use the service, and as what."),
    "tracks": ("ringroad.cli.tracks:tracks", "Things over time: import, list."),
    "train": ("ringroad.cli.train:train", "Fit a network to a dataset version."),
    "tune": ("ringroad.cli.tune:tune", "Search training parameters, trial by trial."),
    "workflows": ("ringroad.cli.workflows:workflows", "Executions of steps."),
}


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="ringroad")
def ringroad() -> None:
    """Open deep-learning infrastructure for self-driving.

    One loop from a recording to a deployed network and back. Start with `ringroad demo`, or
    with `ringroad ingest PATH` on recordings of your own. Every command takes --workspace,
    --json and --quiet.
    """


def main() -> None:
    """Run the command line; every way out has its exit code."""
    try:
        status = ringroad.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        status = leave.exit_code
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted; start the same command again to go on", err=True)
        status = 130
    sys.exit(status if isinstance(status, int) else 0)
