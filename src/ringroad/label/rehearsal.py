"""A labelling campaign played through with simulated annotators, before money is spent.

What comes out is no better than what goes in: annotators err as their profiles say, and
independently of one another. Real ones overlook the same hidden pedestrian. A rehearsal ranks
policies and sizes a budget; it promises no figure.

The policy is asked exactly as the labelling service asks it. A question about a thing, which
follows a verdict of `adjudicate`, is answered by an annotator who has not looked at the frame: as
they would have in a look of their own, so that pointing at a place makes nobody see better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ringroad.domain.ids import FrameId
from ringroad.label.adaptive import AdaptiveLooks
from ringroad.label.annotators import AnnotatorProfile, answer
from ringroad.label.consensus import ConsensusRules, settle
from ringroad.label.cost import CostModel
from ringroad.label.fitted import Fitted, fit_people
from ringroad.label.looks import ADJUDICATE, ANOTHER, ENOUGH, Look, LooksPolicy
from ringroad.label.middle import middle
from ringroad.label.observed import NETWORK_IOU, Asked, Observed, Predicted, observe
from ringroad.label.rows import Mark
from ringroad.label.score import LabelErrors, errors_against
from ringroad.label.things import paired_marks

ROUNDS = 5
"""So often error rates are fitted anew while a campaign runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a campaign is played on."""

    truth: Mapping[FrameId, Sequence[Mark]]
    profiles: tuple[AnnotatorProfile, ...]
    frame_size: tuple[int, int]
    categories: tuple[str, ...]
    predictions: Mapping[FrameId, Sequence[Predicted]] | None = None
    """Of a network that policies may use."""
    cost: CostModel = field(default_factory=CostModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One campaign."""

    labels: Mapping[FrameId, Sequence[Mark]]
    errors: LabelErrors
    marks: int
    """Labels paid: marks in looks, and answers to questions."""
    looks: int
    questions: int
    hours: float

    @property
    def per_thing(self) -> float:
        """Labels paid per thing there is."""
        return self.marks / max(1, self.errors.truths)


@dataclass(slots=True)
class _Book:
    """What was answered so far, and what it took."""

    looks: dict[FrameId, dict[str, list[Mark]]] = field(default_factory=dict)
    asked: dict[FrameId, list[Asked]] = field(default_factory=dict)
    marks: int = 0
    turns: int = 0
    questions: int = 0
    seconds: float = 0.0


def rehearse(stage: Stage, policy: LooksPolicy, *, seed: int) -> Played:
    """Play one campaign: frames in drawn order, annotators by turns."""
    book = _Book()
    order = list(stage.truth)
    np.random.Generator(np.random.PCG64(seed)).shuffle(order)
    current = policy
    for batch in np.array_split(np.arange(len(order)), ROUNDS):
        for at in batch.tolist():
            _play_frame(stage, current, book, order[at], turn=at, seed=seed)
        if isinstance(policy, AdaptiveLooks):
            current = replace(policy, fitted=_fitted(stage, policy, book)[1])
    if isinstance(policy, AdaptiveLooks):
        labels = likeliest(*_fitted(stage, policy, book))
    else:
        labels, _ = settle(book.looks, rules=ConsensusRules(keep_side_px=float("inf")))
    return Played(
        labels=labels,
        errors=errors_against(stage.truth, labels),
        marks=book.marks,
        looks=book.turns,
        questions=book.questions,
        hours=book.seconds / 3600.0,
    )


def likeliest(observed: Observed, fitted: Fitted) -> dict[FrameId, list[Mark]]:
    """Each thing that a person drew under its likeliest category, unless that is `nothing`."""
    labels: dict[FrameId, list[Mark]] = {frame: [] for frame in observed.frames}
    best = fitted.posterior.argmax(axis=1)
    for place, (frame, thing) in enumerate(observed.things):
        if thing.marks and best[place] != observed.searched.nothing:
            category = observed.categories[best[place]]
            labels[frame].append(replace(middle(list(thing.marks.values())), category=category))
    return labels


def _play_frame(
    stage: Stage, policy: LooksPolicy, book: _Book, frame: FrameId, *, turn: int, seed: int
) -> None:
    """Looks and questions at one frame, until the policy has enough."""
    people = _rotation(stage.profiles, turn)
    for _ in range(min(policy.first, len(people))):
        _look(stage, book, frame, people.pop(0), seed)
    while people:
        if isinstance(policy, AdaptiveLooks) and book.asked.get(frame):
            going = _ask(stage, policy, book, frame, people, seed)
        else:
            looks = [Look(annotator=a, marks=tuple(m)) for a, m in book.looks[frame].items()]
            verdict = policy.after(frame, looks, {})
            going = verdict.next != ENOUGH
            if verdict.next == ANOTHER:
                _look(stage, book, frame, people.pop(0), seed)
            elif verdict.next == ADJUDICATE:
                going = isinstance(policy, AdaptiveLooks) and _ask(
                    stage, policy, book, frame, people, seed
                )
        if not going:
            return


def _rotation(profiles: Sequence[AnnotatorProfile], turn: int) -> list[AnnotatorProfile]:
    """Everybody, beginning with whose turn it is; who comes next changes from round to round."""
    first, others = turn % len(profiles), list(range(len(profiles)))
    others.remove(first)
    shift = (turn // len(profiles)) % max(1, len(others))
    return [profiles[at] for at in (first, *others[shift:], *others[:shift])]


def _look(stage: Stage, book: _Book, frame: FrameId, profile: AnnotatorProfile, seed: int) -> None:
    drawn = _answered(stage, frame, profile, seed)
    book.looks.setdefault(frame, {})[profile.name] = drawn
    book.marks += len(drawn)
    book.turns += 1
    _pay(stage, book, profile, len(drawn))


def _ask(
    stage: Stage,
    policy: AdaptiveLooks,
    book: _Book,
    frame: FrameId,
    people: list[AnnotatorProfile],
    seed: int,
) -> bool:
    """Ask who settles most about all doubtful things; false where none is doubtful."""
    so_far = book.asked.get(frame, [])
    weighed = policy.weigh(frame, book.looks[frame], {}, so_far)
    places = policy.doubtful(weighed).tolist()
    if not places:
        return False
    best = [at for at, profile in enumerate(people) if profile.name == weighed.person]
    profile = people.pop(best[0] if best else 0)
    drawn = _answered(stage, frame, profile, seed)
    for place in places:
        where = weighed.observed.middles[place]
        paired = paired_marks([where], drawn, min_iou=NETWORK_IOU)
        given = drawn[paired[0][1]] if paired else None
        so_far.append(Asked(person=profile.name, where=where, given=given))
    book.asked[frame] = so_far
    book.marks += len(places)
    book.questions += len(places)
    _pay(stage, book, profile, len(places))
    return True


def _pay(stage: Stage, book: _Book, profile: AnnotatorProfile, marks: int) -> None:
    seconds = stage.cost.seconds_per_look + stage.cost.seconds_per_box * marks
    book.seconds += seconds / profile.speed


def _fitted(stage: Stage, policy: AdaptiveLooks, book: _Book) -> tuple[Observed, Fitted]:
    """What is known after all answers so far."""
    observed = observe(
        book.looks,
        categories=stage.categories,
        people=[profile.name for profile in stage.profiles],
        predictions=policy.predictions,
        asked=book.asked,
    )
    return observed, fit_people(observed, accuracy=policy.accuracy)


def _answered(stage: Stage, frame: FrameId, profile: AnnotatorProfile, seed: int) -> list[Mark]:
    return answer(
        frame,
        stage.truth[frame],
        profile,
        seed=seed,
        frame_size=stage.frame_size,
        categories=stage.categories,
    )
