"""The one error of the client: a problem as the service told it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ringroad.domain.errors import RingroadError


class Problem(RingroadError):
    """What the service refused, by a code that stays; `remedy` is what to do."""

    def __init__(
        self,
        code: str,
        what: str,
        *,
        status: int,
        subject: str = "",
        place: str = "",
        remedy: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(what, subject=subject, place=place, remedy=remedy)
        self.code = code
        self.status = status
        self.request_id = request_id

    def __reduce__(self) -> tuple[object, ...]:
        """Another process gets the same problem."""
        told = {
            "code": self.code, "detail": self.what, "status": self.status, "subject": self.subject,
            "place": self.place, "hint": self.remedy, "request_id": self.request_id,
        }  # fmt: skip
        return (Problem.told, (told,))

    @classmethod
    def of(cls, status: int, body: bytes) -> Problem:
        """Out of an answer; a proxy in between may answer with something else."""
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        if not isinstance(told, dict) or "code" not in told:
            text = body[:200].decode("utf-8", "replace")
            return cls("error", text or f"status {status}", status=status)
        return cls.told(told)

    @classmethod
    def told(cls, document: Mapping[str, Any]) -> Problem:
        """Out of a problem document, such as that of an operation that failed."""
        return cls(
            document["code"],
            document["detail"],
            status=document["status"],
            subject=document.get("subject", ""),
            place=document.get("place", ""),
            remedy=document.get("hint", ""),
            request_id=document.get("request_id", ""),
        )
