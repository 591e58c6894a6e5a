"""How many looks a frame is worth: a look more only where it saves errors enough for its labels.

The rule, in expected labels and expected errors:

* a mark costs one label, whether it comes out of a look at the whole frame or of the answer to
  one question;
* each thing found has a chance of every truth, `nothing` among them, given what everybody said
  of it, how good they are, and how hard it is (`observed.STRATA`, `fitted`). An answer more saves
  the errors that it is expected to settle (`metrics.searched.gains`);
* a look at the whole frame saves these of all its things, and finds some of those that nobody
  found; it costs what there is to draw. A question about single things saves and costs only
  theirs;
* whichever is worth more is asked for, if it saves at least `price` errors per label. At a price
  of 0.1 one spends up to ten labels on the removal of one error.

A share of frames, `calibrate`, gets a second look whatever comes out of it: from these, error
rates stay honest. The choice hangs on the frame's id alone.

Gold is promoted by people. Nothing here makes an answer gold because good annotators agree on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ringroad.domain.annotation import CATEGORIES
from ringroad.domain.ids import FrameId, digest_of
from ringroad.label.fitted import ACCURACY, Fitted, ordinary
from ringroad.label.looks import ADJUDICATE, ANOTHER, ENOUGH, Look, Verdict
from ringroad.label.observed import NETWORK, Asked, Observed, Predicted, observe
from ringroad.label.rows import Mark
from ringroad.metrics.searched import Rates, gains, posteriors, unseen

PRICE = 0.1
CALIBRATE = 0.06
MOST_LOOKS = 3
_SHARES = 0.2
"""Of what is searched before anything was fitted, so much is real; the rest is decoys."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """What a frame is expected to gain.

    Attributes:
        observed: the frame's things.
        posterior: (things, k).
        saved: (things,) errors that an answer of `person` saves.
        person: whom questions about single things should go to: who settles most.
        look_saves: errors one more look at the whole frame saves.
        look_costs: labels it takes.
    """

    observed: Observed
    posterior: np.ndarray
    saved: np.ndarray
    person: str
    look_saves: float
    look_costs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveLooks:
    """A `LooksPolicy`. Options of an order are its first five fields; the rest comes by hand."""

    price: float = PRICE
    """Errors that a label has to save."""
    calibrate: float = CALIBRATE
    """Share of frames with two looks whatever they hold."""
    most: int = MOST_LOOKS
    """Looks, answers to questions included."""
    accuracy: float = ACCURACY
    """Of annotators of whom nothing is known."""
    categories: tuple[str, ...] = CATEGORIES
    fitted: Fitted | None = field(default=None, compare=False)
    """Error rates out of answers so far; without it, `qualities` and `accuracy` stand in."""
    predictions: Mapping[FrameId, Sequence[Predicted]] | None = field(default=None, compare=False)
    """What a network saw."""

    def __post_init__(self) -> None:
        """Shares are shares; JSON has lists where tuples are meant."""
        object.__setattr__(self, "categories", tuple(self.categories))
        if self.price <= 0 or not 0 <= self.calibrate <= 1 or not 0 < self.accuracy < 1:
            raise ValueError("price is positive, calibrate and accuracy are shares")
        if self.most < 1:
            raise ValueError(f"most is {self.most}, it must be 1 or more")

    @property
    def first(self) -> int:
        """One; what comes after hangs on it."""
        return 1

    def after(
        self, frame: FrameId, looks: Sequence[Look], qualities: Mapping[str, float]
    ) -> Verdict:
        """Weigh another look and questions about single things against their labels."""
        if len(looks) >= self.most:
            return Verdict(next=ENOUGH, reason=f"{len(looks)} looks are the most")
        if len(looks) < 2 and self.chosen(frame):
            return Verdict(next=ANOTHER, reason="one of the frames that are always looked at twice")
        weighed = self.weigh(frame, {look.annotator: look.marks for look in looks}, qualities)
        ask = self.doubtful(weighed)
        asking = float(weighed.saved[ask].sum()) - self.price * len(ask)
        looking = weighed.look_saves - self.price * weighed.look_costs
        if max(asking, looking) <= 0:
            return Verdict(next=ENOUGH, reason=_told("nothing more", weighed, ask))
        if asking >= looking:
            return Verdict(next=ADJUDICATE, reason=_told("questions", weighed, ask))
        return Verdict(next=ANOTHER, reason=_told("a look", weighed, ask))

    def chosen(self, frame: FrameId) -> bool:
        """Whether a frame is looked at twice to keep error rates honest."""
        return int(digest_of(f"calibrate {frame}".encode())[:8], 16) < self.calibrate * 16**8

    def doubtful(self, weighed: Weighed) -> np.ndarray:
        """Places of things that are worth a question."""
        return np.flatnonzero(weighed.saved >= self.price)

    def weigh(
        self,
        frame: FrameId,
        looks: Mapping[str, Sequence[Mark]],
        qualities: Mapping[str, float],
        asked: Sequence[Asked] = (),
    ) -> Weighed:
        """What one more answer would save on a frame."""
        seen = None if self.predictions is None else {frame: self.predictions.get(frame, ())}
        busy = {*looks, *(question.person for question in asked)}
        observed = observe(
            {frame: looks},
            categories=self.categories,
            people=self._people(busy),
            predictions=seen,
            asked={frame: asked},
        )
        rates = self._rates(observed, qualities)
        posterior = posteriors(observed.searched, rates)
        ghosts = unseen(observed.searched, rates, posterior)
        free = [at for at, name in enumerate(observed.people)
                if name != NETWORK and name not in busy]  # fmt: skip
        free = free or [at for at, name in enumerate(observed.people) if name != NETWORK]
        answers = rates.confusion[:, free][observed.searched.strata]
        undrawn = np.array([not thing.marks for _, thing in observed.things], bool)
        each = np.stack([
            gains(posterior, answers[:, at], undrawn=undrawn) for at in range(len(free))
        ])  # fmt: skip
        worth = np.maximum(each - self.price, 0.0).sum(axis=1)
        best = int(worth.argmax())
        draws = 1.0 - answers.mean(axis=1)[:, :, observed.searched.nothing]
        finds = float((ghosts * draws).sum())
        costs = float((posterior * draws).sum()) + finds
        return Weighed(
            observed=observed,
            posterior=posterior,
            saved=each[best],
            person=observed.people[free[best]],
            look_saves=float(each.mean(axis=0).sum()) + finds,
            look_costs=max(costs, 1.0),
        )

    def _people(self, busy: Collection[str]) -> tuple[str, ...]:
        known = () if self.fitted is None else self.fitted.people
        people = [name for name in known if name != NETWORK]
        return (*people, *sorted(name for name in busy if name not in people))

    def _rates(self, observed: Observed, qualities: Mapping[str, float]) -> Rates:
        """Fitted ones; for whoever was not fitted, an ordinary annotator of their quality."""
        if self.fitted is not None and self.fitted.people == observed.people:
            return self.fitted.rates
        kinds = len(self.categories)
        strata = observed.searched.counts[2]
        each = []
        for name in observed.people:
            quality = min(max(qualities.get(name, self.accuracy), 0.51), 0.99)
            each.append(ordinary((name,), kinds, accuracy=quality)[0])
        table = np.stack(each)
        table /= table.sum(axis=-1, keepdims=True)
        shares = np.full(kinds + 1, _SHARES / kinds)
        shares[kinds] = 1.0 - _SHARES
        confusion = np.repeat(table[None], strata, axis=0)
        if self.fitted is not None:
            for at, name in enumerate(observed.people):
                if name in self.fitted.people:
                    known = self.fitted.rates.confusion[:, self.fitted.people.index(name)]
                    confusion[:, at] = known
            return Rates(shares=self.fitted.rates.shares, confusion=confusion,
                         counted=np.zeros(confusion.shape[:3]))  # fmt: skip
        return Rates(
            shares=np.repeat(shares[None], strata, axis=0),
            confusion=confusion,
            counted=np.zeros(confusion.shape[:3]),
        )


def _told(what: str, weighed: Weighed, ask: np.ndarray) -> str:
    return (
        f"{what}: a look saves {weighed.look_saves:.2f} errors for {weighed.look_costs:.1f} "
        f"labels, {len(ask)} questions {float(weighed.saved[ask].sum()):.2f}"
    )
