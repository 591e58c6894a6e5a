"""Who may do what: one table from operation to the least role and the scope it takes."""

from __future__ import annotations

from dataclasses import dataclass

VIEWER, LABELLER, REVIEWER = "viewer", "labeller", "reviewer"
ENGINEER, APPROVER, ADMIN = "engineer", "approver", "admin"
ROLES = (VIEWER, LABELLER, REVIEWER, ENGINEER, APPROVER, ADMIN)
"""Each may do what those before it may; but a labeller looks blind: see `BLIND`."""
READ, LABEL, WRITE, PROMOTE, ADMINISTER = "read", "label", "write", "promote", "administer"
SCOPES = (READ, LABEL, WRITE, PROMOTE, ADMINISTER)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an operation takes."""

    role: str
    scope: str = READ


SEES, LABELS, REVIEWS = Rule(VIEWER), Rule(LABELLER, LABEL), Rule(REVIEWER, LABEL)
BUILDS, PROMOTES, RULES = Rule(ENGINEER, WRITE), Rule(APPROVER, PROMOTE), Rule(ADMIN, ADMINISTER)

OPERATIONS: dict[str, Rule] = {
    "about": SEES,
    "who_am_i": SEES,
    "list_problems": SEES,
    "show_status": SEES,
    "show_storage": SEES,
    "show_funnel": SEES,
    "show_loop": SEES,
    "show_metrics": SEES,
    "list_recordings": SEES,
    "show_recording": SEES,
    "list_frames": SEES,
    "show_frame": SEES,
    "show_picture": SEES,
    "list_checks": SEES,
    "check_recordings": BUILDS,
    "list_events": SEES,
    "find_events": BUILDS,
    "show_timeline": SEES,
    "list_sweeps": SEES,
    "show_sweep": SEES,
    "list_traces": SEES,
    "make_view": BUILDS,
    "show_view": SEES,
    "list_annotations": SEES,
    "list_predictions": SEES,
    "list_signals": SEES,
    "show_signal": SEES,
    "search_frames": SEES,
    "complete_query": SEES,
    "list_selections": SEES,
    "show_selection": SEES,
    "save_selection": BUILDS,
    "add_to_selection": BUILDS,
    "thin_selection": BUILDS,
    "compare_two_selections": SEES,
    "show_embedding_map": SEES,
    "show_coverage": SEES,
    "list_orders": SEES,
    "show_order": SEES,
    "preview_order": BUILDS,
    "place_order": BUILDS,
    "turn_order": BUILDS,
    "list_guidelines": SEES,
    "show_guideline": SEES,
    "preview_guideline": BUILDS,
    "create_guideline": BUILDS,
    "show_waiting": LABELS,
    "list_tasks": REVIEWS,
    "assign_task": REVIEWS,
    "cancel_task": REVIEWS,
    "take_turn": LABELS,
    "beat_task": LABELS,
    "skip_task": LABELS,
    "submit_task": LABELS,
    "review_task": REVIEWS,
    "list_revisions": REVIEWS,
    "revert_annotations": REVIEWS,
    "show_annotations": REVIEWS,
    "edit_annotations": REVIEWS,
    "show_stretch": REVIEWS,
    "fill_track": REVIEWS,
    "draw_track": REVIEWS,
    "show_label_quality": REVIEWS,
    "list_label_costs": REVIEWS,
    "list_datasets": SEES,
    "show_dataset": SEES,
    "list_dataset_rows": SEES,
    "show_dataset_log": SEES,
    "diff_datasets": SEES,
    "append_dataset": BUILDS,
    "list_dataset_names": SEES,
    "branch_dataset": BUILDS,
    "tag_dataset": BUILDS,
    "show_merge": SEES,
    "merge_datasets": BUILDS,
    "revert_dataset": BUILDS,
    "lock_dataset": BUILDS,
    "unlock_dataset": PROMOTES,
    "list_looks": SEES,
    "show_card": SEES,
    "list_marks": SEES,
    "list_formats": SEES,
    "list_losses": SEES,
    "export_dataset": BUILDS,
    "download_file": SEES,
    "list_training_runs": SEES,
    "show_training_run": SEES,
    "compare_training_runs": SEES,
    "train_network": BUILDS,
    "list_studies": SEES,
    "start_study": BUILDS,
    "show_study": SEES,
    "list_models": SEES,
    "show_model": SEES,
    "list_evaluations": SEES,
    "show_evaluation": SEES,
    "evaluate_model": BUILDS,
    "list_kpis": SEES,
    "list_judged_frames": SEES,
    "list_judged_marks": SEES,
    "list_resimulations": SEES,
    "show_resimulation": SEES,
    "list_differing_frames": SEES,
    "list_differences": SEES,
    "compare_models": BUILDS,
    "list_evaluation_differences": SEES,
    "show_evaluation_difference": SEES,
    "compare_evaluations": BUILDS,
    "list_gates": SEES,
    "show_gate": SEES,
    "check_gate": BUILDS,
    "list_plans": SEES,
    "show_plan": SEES,
    "build_plan": BUILDS,
    "list_aliases": SEES,
    "show_alias": SEES,
    "move_alias": BUILDS,
    "list_promotions": SEES,
    "propose_promotion": PROMOTES,
    "decide_promotion": PROMOTES,
    "show_lineage": SEES,
    "list_executions": SEES,
    "show_execution": SEES,
    "list_operations": SEES,
    "show_operation": SEES,
    "cancel_operation": BUILDS,
    "follow_operation": SEES,
    "list_tokens": RULES,
    "create_token": RULES,
    "revoke_token": RULES,
    "list_sessions": RULES,
    "end_session": RULES,
    "end_sessions": RULES,
    "list_audit": RULES,
    "verify_audit": RULES,
}
"""What is not in this table is refused; a test walks over every operation and role."""

WITHHELD, EMPTIED = "withheld", "emptied"
_ANSWERS = """
    show_lineage list_executions show_execution
    list_operations show_operation follow_operation download_file
    list_selections show_selection compare_two_selections show_coverage
    list_orders show_order list_aliases show_alias
    list_datasets show_dataset list_dataset_rows show_dataset_log diff_datasets list_dataset_names
    show_merge list_looks show_card list_marks list_losses
    list_judged_frames list_judged_marks list_gates show_gate
    list_resimulations show_resimulation list_differing_frames list_differences
    list_evaluation_differences show_evaluation_difference
"""
_BESIDE = """
    show_frame list_annotations list_predictions
    show_waiting submit_task
    show_status show_storage show_funnel show_loop
"""
BLIND: dict[str, str] = {
    **dict.fromkeys(_ANSWERS.split(), WITHHELD),
    **dict.fromkeys(_BESIDE.split(), EMPTIED),
}
"""What role labeller is not told, whatever the frame: a rule that asked which frame it is would
tell which frames are gold. Withheld is what tells who answered what, what a frame holds, or which
frames are labelled, ordered or chosen: a frame that an order does not hold is a honeypot in it, and
ids are digests, so that whoever knows all of an order can tell the ids of its honeypots. Of
what is emptied the same part is missing, and `hidden` says so; routes ask `service/blind.py`."""

TOLD_ONCE = frozenset({"create_token"})
"""Answers that hold a secret: they are never kept, not even for who asks the same again."""


def allows(role: str, scopes: tuple[str, ...], operation: str) -> bool:
    """Whether a token of a role and scopes may do something."""
    rule = OPERATIONS.get(operation)
    if rule is None or role not in ROLES:
        return False
    if withheld(role, operation):
        return False
    return ROLES.index(role) >= ROLES.index(rule.role) and rule.scope in scopes


def withheld(role: str, operation: str) -> bool:
    """Whether an operation is kept from a role that looks blind."""
    return role == LABELLER and BLIND.get(operation) == WITHHELD
