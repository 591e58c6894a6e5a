"""Shapes of label. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict


class AnnotationsTold(TypedDict):
    """Annotations of a frame at one revision. Its ETag is what `If-Match` of an edit takes."""

    cli: str
    frame: str
    picture: str
    current: int
    revision: Revision | None
    guideline: Guideline | None
    marks: Sequence[Mark]


class AnnotatorCost(TypedDict):
    """What one person did, and what it took."""

    annotator: str
    answers: int
    reviews: int
    honeypots: int
    score: float | None
    marks: int
    skipped: int
    expired: int
    hours: float
    lost_hours: float
    seconds_per_mark: float | None
    cost: float | None
    cost_per_mark: float | None


class Bar(TypedDict):
    """A value and its interval; None where there is none."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    counted: int
    what: NotRequired[str]


class Category(TypedDict):
    """One thing that annotators look for."""

    name: str
    shapes: NotRequired[Sequence[str]]
    attributes: NotRequired[Mapping[str, Sequence[str]]]
    parent: NotRequired[str]


class CategoryTouched(TypedDict):
    """What a change does to annotations of one category."""

    category: str
    becomes: str
    annotations: int
    frames: int
    open_tasks: int


class DisagreementTold(TypedDict):
    """One thing that was not seen alike."""

    frame: str
    kind: str
    said: Mapping[str, str]
    decided: str
    by: str


class DisputedFrame(TypedDict):
    """A frame on which looks differ, and the two that share the least."""

    frame: str
    picture: str
    kinds: Mapping[str, int]
    first: LookTold
    second: LookTold


class Edited(TypedDict):
    """New revisions of frames."""

    cli: str
    revisions: Mapping[str, int]
    batch: str


class Guideline(TypedDict):
    """A taxonomy and the text that says how to draw it. Its version is the digest of both."""

    name: str
    taxonomy: Taxonomy
    text: str
    min_side_px: NotRequired[float]


class GuidelineItem(TypedDict):
    """A guideline by name."""

    name: str
    version: str
    categories: Sequence[str]


class GuidelinePreviewed(TypedDict):
    """What a guideline would be, and what it would change. Nothing of it has happened."""

    cli: str
    name: str
    before: str | None
    after: str
    guideline: Guideline
    categories: Sequence[CategoryTouched]
    frames: int
    unrevised: int
    datasets: Sequence[str]
    open_tasks: int


class GuidelineTold(TypedDict):
    """One version of a guideline."""

    cli: str
    version: str
    guideline: Guideline
    toml: NotRequired[str]


class Held(TypedDict):
    """Until when a task is held."""

    task: str
    expires_ns: int


class HeldTask(TypedDict):
    """A task under the lease of who asks."""

    task: str
    order: str
    frame: str
    kind: str
    expires_ns: int


class LabelCosts(TypedDict):
    """What each annotator did, and what it took."""

    cli: str
    costs: Sequence[AnnotatorCost]
    per_hour: float | None


class LabelLot(TypedDict):
    """Frames of an order that are inspected, and accepted or sent back, together."""

    order: str
    number: int
    frames: int
    round: NotRequired[int]
    state: NotRequired[str]
    sample: NotRequired[int]
    limit: NotRequired[int]
    inspected: NotRequired[int]
    bad: NotRequired[int]
    version: NotRequired[int]


class LabelQualityTold(TypedDict):
    """Agreement of blind answers, annotators, and what they do not see alike."""

    cli: str
    subject: str
    unit: str
    units: int
    frames: int
    agreement: Sequence[Bar]
    people: Sequence[Person]
    kinds: Mapping[str, int]
    disagreements: Sequence[DisagreementTold]
    worst: Sequence[DisputedFrame]
    synthetic: bool
    simulated: bool


class LookTold(TypedDict):
    """What one annotator drew on a frame."""

    annotator: str
    marks: Sequence[Mark]
    alone: Sequence[int]


class Mark(TypedDict):
    """A `domain.annotation.Annotation` while it is worked on, without its frame and author."""

    category: str
    x: float
    y: float
    w: float
    h: float
    light_state: NotRequired[str]
    shape: NotRequired[str]
    points: NotRequired[Sequence[float]]
    parts: NotRequired[Sequence[int]]
    mask: NotRequired[str]
    space: NotRequired[str]
    attributes: NotRequired[Mapping[str, str]]
    track: NotRequired[str]
    key: NotRequired[bool]
    guideline: NotRequired[str]
    id: NotRequired[str]


class OrderItem(TypedDict):
    """What was ordered, and how far it is."""

    name: str
    state: str
    looks: str
    guideline: str
    progress: Progress


class OrderPreview(TypedDict):
    """What an order would open, and about what it takes. Nothing of it has happened."""

    name: str
    frames: int
    looks: int
    tasks: int
    boxes_per_frame: float | None
    seconds_per_look: float
    hours: float
    cost: float | None
    basis: str
    left_out: NotRequired[Mapping[str, int]]


class OrderPreviewed(TypedDict):
    """What an order would open and take; nothing was placed."""

    cli: str
    preview: OrderPreview


class OrderTold(TypedDict):
    """One order with all that was ordered."""

    cli: str
    order: OrderItem
    guideline: Guideline | None
    looks_options: Mapping[str, Any]
    lots: Sequence[LabelLot]
    prelabels: str
    annotators: Sequence[str]
    reviewers: Sequence[str]
    review_share: float
    honeypot_share: float
    by: str
    reason: str
    created_ns: int


class PageOfGuidelineItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[GuidelineItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfOrderItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[OrderItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfTaskItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[TaskItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class Person(TypedDict):
    """One annotator."""

    name: str
    looks: int
    marks: int
    seen: Bar
    right: Bar
    invented_per_look: float
    mean_iou: float | None
    by_category: Sequence[Bar]
    confusion: Mapping[str, Mapping[str, float]]
    few: bool
    accuracy: Sequence[float | None]
    drifts: bool
    gold: NotRequired[Bar | None]


class Progress(TypedDict):
    """Where an order stands. What cannot be said yet is None."""

    frames: int
    settled: int
    answers: int
    waiting: int
    reviews_waiting: int
    parked: int
    marks: int
    looks_per_frame: float | None
    left: float
    seconds_per_answer: float | None
    seconds_per_mark: float | None
    hours_left: float | None
    answers_per_hour: float | None
    eta_ns: int | None


class ReviewedTold(TypedDict):
    """A verdict, and the task that mends what it rejects."""

    task: str
    accepted: bool
    again: bool
    rework: str


class Revision(TypedDict):
    """Which annotations a frame had from some time on, and who said so."""

    frame: str
    number: int
    batch: str
    author: NotRequired[str]
    source: NotRequired[str]
    guideline: NotRequired[str]
    reason: NotRequired[str]
    task: NotRequired[str]
    made_ns: NotRequired[int]


class RevisionList(TypedDict):
    """All that was ever said of a frame, oldest first."""

    cli: str
    frame: str
    revisions: Sequence[Revision]


class RevisionTold(TypedDict):
    """One revision."""

    cli: str
    revision: Revision


class StretchFrame(TypedDict):
    """One frame of a stretch."""

    frame: str
    sequence: int
    time_ns: int
    width: int
    height: int
    revision: int
    marks: Sequence[Mark]


class StretchTold(TypedDict):
    """Neighbouring frames of one camera with what they hold now."""

    cli: str
    recording: str
    channel: str
    frames: Sequence[StretchFrame]


class SubmittedTold(TypedDict):
    """What became of an answer."""

    task: str
    answer: str
    marks: int
    again: bool
    next: str
    revision: int
    hidden: NotRequired[str]


class TaskGiven(TypedDict):
    """A task that was given back."""

    task: str
    state: str


class TaskItem(TypedDict):
    """A labelling task: for reviewers, since who answered what is seen here."""

    id: str
    order: str
    frame: str
    kind: str
    look: int
    round: int
    state: str
    priority: float
    assigned: str
    annotator: str
    answer: str | None
    marks: int
    score: float | None
    note: str
    holder: str
    expires_ns: int


class Taxonomy(TypedDict):
    """All categories that one guideline speaks of."""

    categories: Sequence[Category]


class TrackFilled(TypedDict):
    """Key frames, and what lies between them; frames on which the thing is outside are left out."""

    marks: Mapping[str, Mark]


class TurnTaken(TypedDict):
    """The task that was taken; null where there is none."""

    cli: str
    turn: TurnTold | None


class TurnTold(TypedDict):
    """All that the holder of a task is shown. Answers of others are not among it."""

    task: str
    token: int
    kind: str
    frame: str
    picture: str
    order: str
    expires_ns: int
    guideline: Mapping[str, Any] | None
    marks: Sequence[Mark]
    looks: Sequence[Sequence[Mark]]
    things: Sequence[Sequence[int]]
    note: str


class WaitingTold(TypedDict):
    """What somebody holds, and what they could take."""

    cli: str
    held: HeldTask | None
    open: Mapping[str, int]
    more: bool
    hidden: NotRequired[str]
