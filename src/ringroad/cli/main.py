"""The table of commands. `--help` reads this table and imports none of them."""

from __future__ import annotations

import sys

import click

from ringroad import __version__
from ringroad.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "arena": ("mine.arena:arena", "Strategies of mining, compared."),
    "audit": ("service.audit:audit", "What was written through the service, by whom."),
    "campaigns": ("recordings.campaigns:campaigns", "Triggers, tried on past recordings."),
    "config": ("config:config", "Settings in force, and where they come from."),
    "coverage": ("curate.coverage:coverage", "What frames cover, what is missing."),
    "datasets": ("datasets.datasets:datasets", "Dataset versions: make, merge, lock, export."),
    "demo": ("loop.demo:demo", "The whole loop on synthetic recordings."),
    "doctor": ("doctor:doctor", "Check, sweep and rebuild a workspace."),
    "embed": ("curate.embed:embed", "Embeddings of frames by your own network."),
    "evaluate": ("evaluate.evaluate:evaluate", "Score a model or a file of predictions."),
    "experiments": ("train.experiments:experiments", "Training runs, side by side."),
    "gate": ("evaluate.gate:gate", "Let a model version pass, or not."),
    "ingest": ("recordings.ingest:ingest", "Take in recordings, in place or copied."),
    "init": ("init:init", "Make an empty workspace."),
    "labels": ("label.labels:labels", "Labelling tasks, import and export."),
    "lineage": ("lineage:lineage", "Where something came from, and what it touched."),
    "mine": ("mine.mine:mine", "Choose the frames that are worth a label."),
    "models": ("deploy.models:models", "Model versions and their aliases."),
    "open": ("open_:open_", "Where the report or an artifact lies."),
    "plans": ("deploy.plans:plans", "Optimised networks: build, verify, bench."),
    "plugins": ("plugins:plugins", "Exchangeable parts by name."),
    "predict": ("evaluate.predict:predict", "Run a network over recordings."),
    "recordings": ("recordings.recordings:recordings", "Recordings: list, show, events, export."),
    "resimulate": ("evaluate.resimulate:resimulate", "Candidate against champion."),
    "run": ("loop.run:run", "The whole loop on your own recordings."),
    "search": ("curate.search:search", "Find frames by what is known, likeness, words."),
    "selections": ("curate.selections:selections", "Selections of frames: list, show, add."),
    "serve": ("service.serve:serve", "The API and the web application."),
    "sessions": ("service.sessions:sessions", "Browsers that are signed in; sign them out."),
    "simulate": ("recordings.simulate:simulate", "Write synthetic recordings."),
    "status": ("status:status", "What a workspace holds."),
    "studies": ("train.studies:studies", "Tuning studies and their trials."),
    "tags": ("curate.tags:tags", "Weather, road, captions: by hand or network."),
    "tokens": ("service.tokens:tokens", "Who may use the service, and as what."),
    "tracks": ("curate.tracks:tracks", "Things over time: import, list."),
    "train": ("train.train:train", "Fit a network to a dataset version."),
    "tune": ("train.tune:tune", "Search training parameters, trial by trial."),
    "workflows": ("workflows:workflows", "Executions of steps."),
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
