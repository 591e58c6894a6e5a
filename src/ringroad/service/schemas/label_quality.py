"""Bodies about the quality and cost of labels: for reviewers, since annotators have names here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field

from ringroad.label.progress import AnnotatorCost
from ringroad.label.rows import Mark
from ringroad.report.label_qa import Bar, Person
from ringroad.service.schemas.bodies import Count, Told


class LookTold(BaseModel):
    """What one annotator drew on a frame."""

    annotator: str
    marks: Sequence[Mark]
    alone: Sequence[int] = Field(
        description="Places of marks that the other lacks, or calls something else."
    )


class DisputedFrame(BaseModel):
    """A frame on which looks differ, and the two that share the least."""

    frame: str
    picture: str
    kinds: Mapping[str, int] = Field(description="Disagreements by kind.")
    first: LookTold
    second: LookTold


class DisagreementTold(BaseModel):
    """One thing that was not seen alike."""

    frame: str
    kind: str
    said: Mapping[str, str] = Field(description="Annotator -> what; empty for nothing.")
    decided: str
    by: str


class LabelQualityTold(Told):
    """Agreement of blind answers, annotators, and what they do not see alike."""

    subject: str
    unit: str = Field(description="What intervals resample.")
    units: Count
    frames: Count
    agreement: Sequence[Bar]
    people: Sequence[Person]
    kinds: Mapping[str, int] = Field(description="Disagreements by kind.")
    disagreements: Sequence[DisagreementTold]
    worst: Sequence[DisputedFrame]
    synthetic: bool
    simulated: bool = Field(description="Some annotators were simulated.")


class LabelCosts(Told):
    """What each annotator did, and what it took."""

    costs: Sequence[AnnotatorCost]
    per_hour: float | None
