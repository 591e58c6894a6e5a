"""Kinds of operations, by import string: what needs torch is imported when it is asked for."""

from __future__ import annotations

from ringroad.plugins import Table

KINDS = Table(
    "operations",
    {
        "append-dataset": "ringroad.service.work_data:append_dataset",
        "build-plan": "ringroad.service.work_models:make_plan",
        "change-guideline": "ringroad.service.work_guidelines:change_guideline",
        "check-gate": "ringroad.service.work_models:check_gate",
        "check-recordings": "ringroad.service.work_data:check_recordings",
        "compare-evaluations": "ringroad.service.work_models:compare_evaluations",
        "create-dataset": "ringroad.service.work_data:create_dataset",
        "evaluate-model": "ringroad.service.work_models:evaluate_model",
        "export-dataset": "ringroad.service.work_versions:export_dataset",
        "find-events": "ringroad.service.work_data:find_events",
        "merge-dataset": "ringroad.service.work_versions:merge_dataset",
        "place-order": "ringroad.service.work_labels:place_order",
        "prelabel-order": "ringroad.service.work_models:prelabel_order",
        "make-view": "ringroad.service.work_views:make_view",
        "thin-selection": "ringroad.service.work_curate:thin_selection",
        "resimulate": "ringroad.service.work_models:compare_models",
        "run-study": "ringroad.service.work_tune:run_study",
        "revert-dataset": "ringroad.service.work_versions:revert_dataset",
        "train-network": "ringroad.service.work_models:train_network",
    },
)
