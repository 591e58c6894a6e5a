"""Verbs of validate. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ringroad.client.shapes.shared import OperationTold
from ringroad.client.shapes.validate import (
    DifferencesTold,
    DifferingFrames,
    EvaluationDifferenceTold,
    EvaluationTold,
    GateTold,
    JudgedFrames,
    JudgedMarksTold,
    KpisTold,
    PageOfEvaluationDifference,
    PageOfEvaluationItem,
    PageOfGateItem,
    PageOfPlanItem,
    PageOfResimulationItem,
    PlanTold,
    ResimulationTold,
)
from ringroad.client.wire import Wire


class Validate(Wire):
    """Verbs of validate."""

    def list_evaluation_differences(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfEvaluationDifference:
        """Evaluations that were compared, newest first."""
        found: PageOfEvaluationDifference = self._json(
            "GET",
            "/evaluation-differences",
            query={"limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def compare_evaluations(
        self,
        *,
        champion: str,
        candidate: str,
        idempotency_key: str | None = None,
        dataset: str | None = None,
        seed: int | None = None,
    ) -> OperationTold:
        """Resample the units of both evaluations together; a look at their test rows."""
        found: OperationTold = self._json(
            "POST",
            "/evaluation-differences",
            header={"Idempotency-Key": idempotency_key},
            body={"champion": champion, "candidate": candidate, "dataset": dataset, "seed": seed},
        )
        return found

    def show_evaluation_difference(self, id: str) -> EvaluationDifferenceTold:
        """The differences of two evaluations by category and slice, with their intervals."""
        found: EvaluationDifferenceTold = self._json(
            "GET", "/evaluation-differences/{id}", path={"id": id}
        )
        return found

    def list_evaluations(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfEvaluationItem:
        """KPIs, newest first, with the one of all categories on all frames."""
        found: PageOfEvaluationItem = self._json(
            "GET", "/evaluations", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def evaluate_model(
        self,
        *,
        model: str,
        dataset: str,
        idempotency_key: str | None = None,
        categories: Sequence[str] | None = None,
        confidence: float | None = None,
        seed: int | None = None,
    ) -> OperationTold:
        """Score a model version on the test rows of a dataset version."""
        found: OperationTold = self._json(
            "POST",
            "/evaluations",
            header={"Idempotency-Key": idempotency_key},
            body={
                "model": model,
                "dataset": dataset,
                "categories": categories,
                "confidence": confidence,
                "seed": seed,
            },
        )
        return found

    def show_evaluation(self, id: str) -> EvaluationTold:
        """All KPIs of one evaluation, by category and slice, with their intervals."""
        found: EvaluationTold = self._json("GET", "/evaluations/{id}", path={"id": id})
        return found

    def list_judged_frames(
        self,
        id: str,
        *,
        category: str | None = None,
        slice: str | None = None,
        recording: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> JudgedFrames:
        """The frames that a KPI comes from, most errors first. A look at these test rows."""
        found: JudgedFrames = self._json(
            "GET",
            "/evaluations/{id}/frames",
            path={"id": id},
            query={
                "category": category,
                "slice": slice,
                "recording": recording,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def list_judged_marks(
        self,
        id: str,
        *,
        frame: Sequence[str],
        category: str | None = None,
        threshold: float | None = None,
    ) -> JudgedMarksTold:
        """Truth and detections of some frames, each with what it came to. A look at these test rows."""
        found: JudgedMarksTold = self._json(
            "GET",
            "/evaluations/{id}/marks",
            path={"id": id},
            query={"frame": frame, "category": category, "threshold": threshold},
        )
        return found

    def list_gates(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfGateItem:
        """Verdicts, newest first, with their reasons."""
        found: PageOfGateItem = self._json(
            "GET", "/gates", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def check_gate(
        self,
        *,
        kpis: str,
        name: str,
        metric: str,
        category: str,
        slice: str,
        minimum: float,
        idempotency_key: str | None = None,
        confidence: float | None = None,
    ) -> OperationTold:
        """Hold KPIs against a rule, which is frozen by this."""
        found: OperationTold = self._json(
            "POST",
            "/gates",
            header={"Idempotency-Key": idempotency_key},
            body={
                "kpis": kpis,
                "name": name,
                "metric": metric,
                "category": category,
                "slice": slice,
                "minimum": minimum,
                "confidence": confidence,
            },
        )
        return found

    def show_gate(self, id: str) -> GateTold:
        """One verdict, its reason, and the frames that decided."""
        found: GateTold = self._json("GET", "/gates/{id}", path={"id": id})
        return found

    def list_kpis(
        self,
        *,
        metric: str | None = None,
        category: str | None = None,
        slice: str | None = None,
        dataset: str | None = None,
        alias: str | None = None,
    ) -> KpisTold:
        """One KPI over time: of every evaluation, or of what an alias pointed at when."""
        found: KpisTold = self._json(
            "GET",
            "/kpis",
            query={
                "metric": metric,
                "category": category,
                "slice": slice,
                "dataset": dataset,
                "alias": alias,
            },
        )
        return found

    def list_plans(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfPlanItem:
        """Every plan, newest first, with what was measured of it."""
        found: PageOfPlanItem = self._json(
            "GET", "/plans", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def build_plan(
        self,
        *,
        model: str,
        idempotency_key: str | None = None,
        on: str | None = None,
        threads: int | None = None,
    ) -> OperationTold:
        """Build a plan of a model version for the server's machine."""
        found: OperationTold = self._json(
            "POST",
            "/plans",
            header={"Idempotency-Key": idempotency_key},
            body={"model": model, "on": on, "threads": threads},
        )
        return found

    def show_plan(self, id: str) -> PlanTold:
        """What a plan is bound to, and every figure that was measured of it."""
        found: PlanTold = self._json("GET", "/plans/{id}", path={"id": id})
        return found

    def list_resimulations(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfResimulationItem:
        """Comparisons of two networks, newest first, with their sums."""
        found: PageOfResimulationItem = self._json(
            "GET", "/resimulations", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def compare_models(
        self,
        *,
        candidate: str,
        champion: str,
        idempotency_key: str | None = None,
        on: str | None = None,
        truth: str | None = None,
        threshold: float | None = None,
        limit: int | None = None,
    ) -> OperationTold:
        """Run a candidate beside the champion over recordings; a look at test rows with `truth`."""
        found: OperationTold = self._json(
            "POST",
            "/resimulations",
            header={"Idempotency-Key": idempotency_key},
            body={
                "candidate": candidate,
                "champion": champion,
                "on": on,
                "truth": truth,
                "threshold": threshold,
                "limit": limit,
            },
        )
        return found

    def show_resimulation(self, id: str) -> ResimulationTold:
        """One comparison: how often they differ, by condition and by what differs."""
        found: ResimulationTold = self._json("GET", "/resimulations/{id}", path={"id": id})
        return found

    def list_differences(self, id: str, *, frame: str) -> DifferencesTold:
        """What both said of one frame, what differs, and the truth where it is known."""
        found: DifferencesTold = self._json(
            "GET", "/resimulations/{id}/differences", path={"id": id}, query={"frame": frame}
        )
        return found

    def list_differing_frames(
        self,
        id: str,
        *,
        condition: str | None = None,
        kind: Literal["", "missing", "extra", "category", "light_state", "moved", "score"]
        | None = None,
        right: Literal["", "champion", "candidate"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> DifferingFrames:
        """Frames on which they differ, the worst first; where one of them was right, or in one way."""
        found: DifferingFrames = self._json(
            "GET",
            "/resimulations/{id}/frames",
            path={"id": id},
            query={
                "condition": condition,
                "kind": kind,
                "right": right,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found
