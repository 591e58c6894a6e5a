"""Who draws looks blind: the one place that says what role labeller is not told.

What is withheld as a whole is refused at the door, by `roles.BLIND`. Here stands what is taken out
of answers that a labeller gets; each says `hidden` then. Nothing depends on the frame: what was
hidden of gold frames alone would tell which frames they are. Counts go too, since one that moves
with an answer and stays with a honeypot tells which it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from ringroad.domain.task import DRAW, HONEYPOT, KINDS
from ringroad.pipelines.curate.funnel import LABELLED, USED, Stage
from ringroad.pipelines.loop.state import LABELS, WORK_OFF, Advice, Stop
from ringroad.service.access import Principal
from ringroad.service.roles import LABELLER

HIDDEN = "blind"
"""What `hidden` of an answer says."""
ANNOTATIONS = "annotations"
T = TypeVar("T")


def is_blind(who: Principal) -> bool:
    """Whether who asks draws, and judges nothing."""
    return who.role == LABELLER


def hidden_from(who: Principal) -> str:
    """What `hidden` says to who asks; empty where nothing is hidden."""
    return HIDDEN if is_blind(who) else ""


def kinds_for(who: Principal, kinds: Mapping[str, T]) -> dict[str, T]:
    """Figures by kind of artifact or by table; a labeller's are without annotations."""
    return {name: held for name, held in kinds.items() if name != ANNOTATIONS or not is_blind(who)}


def names_for(who: Principal, names: Mapping[str, str]) -> dict[str, str]:
    """Where names point; a labeller is told none."""
    return {} if is_blind(who) else dict(names)


def stages_for(who: Principal, stages: Iterable[Stage]) -> list[Stage]:
    """Stages of the funnel; a labeller's end before what is labelled."""
    return [item for item in stages if item.name not in {LABELLED, USED} or not is_blind(who)]


def stops_for(who: Principal, stops: Iterable[Stop]) -> list[Stop]:
    """Stops of the loop; a labeller's are without the one that counts tasks and answers."""
    return [item for item in stops if item.name != LABELS or not is_blind(who)]


def advice_for(who: Principal, advice: Iterable[Advice]) -> list[Advice]:
    """What to do next; a labeller's is without the count of tasks."""
    return [item for item in advice if item.cli != WORK_OFF or not is_blind(who)]


def kinds_taken(who: Principal, kinds: Iterable[str]) -> tuple[str, ...]:
    """Kinds of tasks that are asked for; a labeller who asks to draw asks for honeypots as well.

    Asking for one of them alone would tell which the next task is.
    """
    wanted = set(kinds)
    if is_blind(who) and wanted & {DRAW, HONEYPOT}:
        wanted |= {DRAW, HONEYPOT}
    return tuple(kind for kind in KINDS if kind in wanted)


def waiting_for(who: Principal, open_: Mapping[str, int]) -> dict[str, int]:
    """Kind -> tasks that wait; to a labeller 1 for some, whatever the number."""
    return {kind: 1 if is_blind(who) else count for kind, count in open_.items() if count}
