"""All verbs of the API. Written by tools/openapi.py."""

from __future__ import annotations

from ringroad.client.verbs.access import Access
from ringroad.client.verbs.curate import Curate
from ringroad.client.verbs.datasets import Datasets
from ringroad.client.verbs.deploy import Deploy
from ringroad.client.verbs.label import Label
from ringroad.client.verbs.recordings import Recordings
from ringroad.client.verbs.train import Train
from ringroad.client.verbs.validate import Validate
from ringroad.client.verbs.workflow import Workflow
from ringroad.client.verbs.workspace import Workspace


class Verbs(
    Access, Curate, Datasets, Deploy, Label, Recordings, Train, Validate, Workflow, Workspace
):
    """One method an operation, called as the operation is."""
