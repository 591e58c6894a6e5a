"""Verbs of label. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ringroad.client.shapes.label import (
    AnnotationsTold,
    Edited,
    GuidelinePreviewed,
    GuidelineTold,
    Held,
    LabelCosts,
    LabelQualityTold,
    OrderItem,
    OrderPreviewed,
    OrderTold,
    PageOfGuidelineItem,
    PageOfOrderItem,
    PageOfTaskItem,
    ReviewedTold,
    RevisionList,
    RevisionTold,
    StretchTold,
    SubmittedTold,
    TaskGiven,
    TaskItem,
    TrackFilled,
    TurnTaken,
    WaitingTold,
)
from ringroad.client.shapes.label_given import Lots, MarkGiven
from ringroad.client.shapes.shared import OperationTold
from ringroad.client.wire import Wire


class Label(Wire):
    """Verbs of label."""

    def show_annotations(self, id: str, *, revision: int | None = None) -> AnnotationsTold:
        """What a frame holds now, or held at a revision. The ETag is the newest revision, or 0."""
        found: AnnotationsTold = self._json(
            "GET", "/labelling/annotations/{id}", path={"id": id}, query={"revision": revision}
        )
        return found

    def edit_annotations(
        self,
        id: str,
        *,
        marks: Sequence[MarkGiven],
        if_match: str | None = None,
        idempotency_key: str | None = None,
        guideline: str | None = None,
        reason: str | None = None,
    ) -> Edited:
        """Write the next revision of a frame; of changed tracks what lies between key frames too."""
        found: Edited = self._json(
            "POST",
            "/labelling/annotations/{id}",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"marks": marks, "guideline": guideline, "reason": reason},
        )
        return found

    def list_label_costs(
        self, *, order: str | None = None, per_hour: float | None = None
    ) -> LabelCosts:
        """What each annotator did for an order, or for all, and what it took."""
        found: LabelCosts = self._json(
            "GET", "/labelling/costs", query={"order": order, "per_hour": per_hour}
        )
        return found

    def list_guidelines(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfGuidelineItem:
        """Guidelines by name, in their newest version."""
        found: PageOfGuidelineItem = self._json(
            "GET",
            "/labelling/guidelines",
            query={"limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def create_guideline(
        self,
        *,
        toml: str,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
        text: str | None = None,
        map: Mapping[str, Any] | None = None,
        unnamed: bool | None = None,
        reason: str | None = None,
    ) -> OperationTold:
        """Make a guideline, or the next version of one: its annotations get new revisions under it."""
        found: OperationTold = self._json(
            "POST",
            "/labelling/guidelines",
            header={
                "if-match": if_match,
                "if-none-match": if_none_match,
                "Idempotency-Key": idempotency_key,
            },
            body={"toml": toml, "text": text, "map": map, "unnamed": unnamed, "reason": reason},
        )
        return found

    def show_guideline(self, name: str) -> GuidelineTold:
        """A guideline by its name or version: taxonomy, and the text that says how to draw."""
        found: GuidelineTold = self._json(
            "GET", "/labelling/guidelines/{name}", path={"name": name}
        )
        return found

    def preview_guideline(
        self,
        *,
        toml: str,
        idempotency_key: str | None = None,
        text: str | None = None,
        map: Mapping[str, Any] | None = None,
        unnamed: bool | None = None,
        reason: str | None = None,
    ) -> GuidelinePreviewed:
        """What a guideline would be, and what it would change. Nothing is written."""
        found: GuidelinePreviewed = self._json(
            "POST",
            "/labelling/guidelines:preview",
            header={"Idempotency-Key": idempotency_key},
            body={"toml": toml, "text": text, "map": map, "unnamed": unnamed, "reason": reason},
        )
        return found

    def list_orders(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfOrderItem:
        """What was ordered to be labelled, oldest first, and how far it is."""
        found: PageOfOrderItem = self._json(
            "GET", "/labelling/orders", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def place_order(
        self,
        *,
        name: str,
        selection: str,
        idempotency_key: str | None = None,
        guideline: str | None = None,
        looks: str | None = None,
        looks_options: Mapping[str, Any] | None = None,
        consensus: str | None = None,
        model: str | None = None,
        min_score: float | None = None,
        prelabels: str | None = None,
        priority: str | None = None,
        lots: Lots | None = None,
        review_share: float | None = None,
        honeypot_share: float | None = None,
        annotators: Sequence[str] | None = None,
        reviewers: Sequence[str] | None = None,
        in_turns: bool | None = None,
        seed: int | None = None,
        reason: str | None = None,
    ) -> OperationTold:
        """Open the tasks of an order, with pre-labels where a model is named. Twice changes nothing."""
        found: OperationTold = self._json(
            "POST",
            "/labelling/orders",
            header={"Idempotency-Key": idempotency_key},
            body={
                "name": name,
                "selection": selection,
                "guideline": guideline,
                "looks": looks,
                "looks_options": looks_options,
                "consensus": consensus,
                "model": model,
                "min_score": min_score,
                "prelabels": prelabels,
                "priority": priority,
                "lots": lots,
                "review_share": review_share,
                "honeypot_share": honeypot_share,
                "annotators": annotators,
                "reviewers": reviewers,
                "in_turns": in_turns,
                "seed": seed,
                "reason": reason,
            },
        )
        return found

    def show_order(self, name: str) -> OrderTold:
        """All that was ordered, how far it is, and its lots."""
        found: OrderTold = self._json("GET", "/labelling/orders/{name}", path={"name": name})
        return found

    def turn_order(
        self,
        name: str,
        *,
        state: Literal["active", "paused", "closed"],
        idempotency_key: str | None = None,
    ) -> OrderItem:
        """Hand out no task of an order for now, or ever; or go on."""
        found: OrderItem = self._json(
            "POST",
            "/labelling/orders/{name}:turn",
            path={"name": name},
            header={"Idempotency-Key": idempotency_key},
            body={"state": state},
        )
        return found

    def preview_order(
        self,
        *,
        name: str,
        selection: str,
        idempotency_key: str | None = None,
        guideline: str | None = None,
        looks: str | None = None,
        looks_options: Mapping[str, Any] | None = None,
        consensus: str | None = None,
        model: str | None = None,
        min_score: float | None = None,
        prelabels: str | None = None,
        priority: str | None = None,
        lots: Lots | None = None,
        review_share: float | None = None,
        honeypot_share: float | None = None,
        annotators: Sequence[str] | None = None,
        reviewers: Sequence[str] | None = None,
        in_turns: bool | None = None,
        seed: int | None = None,
        reason: str | None = None,
        per_hour: float | None = None,
    ) -> OrderPreviewed:
        """What an order would open, and about what it takes. Nothing is placed."""
        found: OrderPreviewed = self._json(
            "POST",
            "/labelling/orders:preview",
            header={"Idempotency-Key": idempotency_key},
            body={
                "name": name,
                "selection": selection,
                "guideline": guideline,
                "looks": looks,
                "looks_options": looks_options,
                "consensus": consensus,
                "model": model,
                "min_score": min_score,
                "prelabels": prelabels,
                "priority": priority,
                "lots": lots,
                "review_share": review_share,
                "honeypot_share": honeypot_share,
                "annotators": annotators,
                "reviewers": reviewers,
                "in_turns": in_turns,
                "seed": seed,
                "reason": reason,
                "per_hour": per_hour,
            },
        )
        return found

    def show_label_quality(
        self, *, on: Sequence[str] | None = None, worst: int | None = None
    ) -> LabelQualityTold:
        """Agreement with intervals, annotators, confusion, and the frames that differ most."""
        found: LabelQualityTold = self._json(
            "GET", "/labelling/quality", query={"on": on, "worst": worst}
        )
        return found

    def list_revisions(self, id: str) -> RevisionList:
        """All that was ever said of a frame, oldest first. For reviewers: it names who drew."""
        found: RevisionList = self._json("GET", "/labelling/revisions/{id}", path={"id": id})
        return found

    def revert_annotations(
        self,
        id: str,
        *,
        revision: int,
        if_match: str | None = None,
        idempotency_key: str | None = None,
        reason: str | None = None,
    ) -> RevisionTold:
        """Make earlier annotations of a frame count again, as a new revision."""
        found: RevisionTold = self._json(
            "POST",
            "/labelling/revisions/{id}",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"revision": revision, "reason": reason},
        )
        return found

    def show_stretch(
        self, *, frame: str, before: int | None = None, after: int | None = None
    ) -> StretchTold:
        """A frame and its neighbours in its camera, with the annotations that they hold now."""
        found: StretchTold = self._json(
            "GET", "/labelling/stretch", query={"frame": frame, "before": before, "after": after}
        )
        return found

    def list_tasks(
        self,
        *,
        order: str | None = None,
        state: Literal["", "open", "done", "parked", "cancelled"] | None = None,
        annotator: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> PageOfTaskItem:
        """Tasks as they were opened. For reviewers: looks are blind to those who draw."""
        found: PageOfTaskItem = self._json(
            "GET",
            "/labelling/tasks",
            query={
                "order": order,
                "state": state,
                "annotator": annotator,
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
            },
        )
        return found

    def assign_task(
        self, id: str, *, idempotency_key: str | None = None, to: str | None = None
    ) -> TaskItem:
        """Give a task to one person alone, or to anybody; whoever holds it loses it."""
        found: TaskItem = self._json(
            "POST",
            "/labelling/tasks/{id}:assign",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"to": to},
        )
        return found

    def beat_task(self, id: str, *, token: int, idempotency_key: str | None = None) -> Held:
        """Say that work goes on."""
        found: Held = self._json(
            "POST",
            "/labelling/tasks/{id}:beat",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"token": token},
        )
        return found

    def cancel_task(self, id: str, *, reason: str, idempotency_key: str | None = None) -> TaskItem:
        """Want a task no more; a frame that waited for it alone goes on."""
        found: TaskItem = self._json(
            "POST",
            "/labelling/tasks/{id}:cancel",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"reason": reason},
        )
        return found

    def review_task(
        self,
        id: str,
        *,
        token: int,
        accept: bool,
        idempotency_key: str | None = None,
        comments: Sequence[str] | None = None,
    ) -> ReviewedTold:
        """Accept annotations, or send them back with comments."""
        found: ReviewedTold = self._json(
            "POST",
            "/labelling/tasks/{id}:review",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"token": token, "accept": accept, "comments": comments},
        )
        return found

    def skip_task(
        self, id: str, *, reason: str, token: int, idempotency_key: str | None = None
    ) -> TaskGiven:
        """Give a task back for others, and say why; nobody gets it twice."""
        found: TaskGiven = self._json(
            "POST",
            "/labelling/tasks/{id}:skip",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"reason": reason, "token": token},
        )
        return found

    def submit_task(
        self, id: str, *, token: int, marks: Sequence[MarkGiven], idempotency_key: str | None = None
    ) -> SubmittedTold:
        """Answer a task; the same answer under the same token once more changes nothing."""
        found: SubmittedTold = self._json(
            "POST",
            "/labelling/tasks/{id}:submit",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"token": token, "marks": marks},
        )
        return found

    def draw_track(
        self,
        *,
        track: str,
        frames: Sequence[str],
        keys: Mapping[str, MarkGiven | None],
        idempotency_key: str | None = None,
        expected: Mapping[str, int] | None = None,
        guideline: str | None = None,
        reason: str | None = None,
    ) -> Edited:
        """Add, change or take away key frames of a track; what lies between is made anew."""
        found: Edited = self._json(
            "POST",
            "/labelling/tracks",
            header={"Idempotency-Key": idempotency_key},
            body={
                "track": track,
                "frames": frames,
                "keys": keys,
                "expected": expected,
                "guideline": guideline,
                "reason": reason,
            },
        )
        return found

    def fill_track(
        self,
        *,
        track: str,
        frames: Sequence[str],
        keys: Mapping[str, MarkGiven],
        idempotency_key: str | None = None,
    ) -> TrackFilled:
        """What lies between key frames, as `POST /labelling/tracks` would write it. Writes nothing."""
        found: TrackFilled = self._json(
            "POST",
            "/labelling/tracks:fill",
            header={"Idempotency-Key": idempotency_key},
            body={"track": track, "frames": frames, "keys": keys},
        )
        return found

    def take_turn(
        self,
        *,
        idempotency_key: str | None = None,
        kinds: Sequence[Literal["draw", "honeypot", "adjudicate", "review", "rework"]]
        | None = None,
        order: str | None = None,
    ) -> TurnTaken:
        """Hold the next task that one may have; who holds one already gets the same again."""
        found: TurnTaken = self._json(
            "POST",
            "/labelling/turns",
            header={"Idempotency-Key": idempotency_key},
            body={"kinds": kinds, "order": order},
        )
        return found

    def show_waiting(self) -> WaitingTold:
        """What who asks holds, and what they could take."""
        found: WaitingTold = self._json("GET", "/labelling/waiting")
        return found
