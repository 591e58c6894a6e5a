"""An order of a request in the words that pipelines take. Imports nothing that trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.domain.errors import InvalidConfig, UsageError
from ringroad.domain.order import LotPlan
from ringroad.pipelines.label.wanted import WantedOrder

Body = Mapping[str, Any]
_SAME = (
    "name", "selection", "guideline", "looks", "looks_options", "consensus", "prelabels",
    "priority", "review_share", "honeypot_share", "in_turns", "seed", "reason",
)  # fmt: skip


def wanted_of(body: Body, by: str) -> WantedOrder:
    """An order out of a checked body.

    Raises:
        UsageError: both a model and pre-labels, or turns of nobody.
        InvalidConfig: a plan of lots that cannot be.
    """
    if body["model"] and body["prelabels"]:
        raise UsageError(
            "a model makes pre-labels, `prelabels` names them",
            subject=body["name"],
            remedy="send one of `model` and `prelabels`",
        )
    if body["in_turns"] and not body["annotators"]:
        raise UsageError(
            "nobody is named to take turns", subject=body["name"], remedy="send `annotators`"
        )
    return WantedOrder(
        **{name: body[name] for name in _SAME},
        annotators=tuple(body["annotators"]),
        reviewers=tuple(body["reviewers"]),
        lots=_lots(body),
        by=by,
    )


def _lots(body: Body) -> LotPlan | None:
    if body["lots"] is None:
        return None
    try:
        return LotPlan(**body["lots"])
    except ValueError as error:
        raise InvalidConfig(str(error), subject=f"order {body['name']}", place="lots") from error
