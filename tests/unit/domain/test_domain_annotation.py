"""Annotations and taxonomies refuse what contradicts itself."""

from __future__ import annotations

import pytest

from ringroad.domain.annotation import Annotation, Box
from ringroad.domain.ids import FrameId
from ringroad.domain.taxonomy import Category, Taxonomy, TaxonomyChange

BOX = Box(x=0, y=0, w=4, h=4)


def mark(**fields: object) -> Annotation:
    return Annotation(frame=FrameId("v/r/front/000000"), category="car", box=BOX, **fields)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"shape": "blob"}, "unknown shape 'blob'; known: box"),
        ({"shape": "polygon", "points": (0.0, 0.0, 1.0, 1.0)}, "3 points or more"),
        ({"shape": "polyline", "points": (0.0, 0.0, 1.0)}, "2 points or more"),
        ({"shape": "cuboid", "points": (0.0,) * 9}, "has 10 numbers, not 9"),
        ({"points": (1.0, 2.0)}, "a box has 0 numbers, not 2"),
        ({"shape": "point", "points": (float("nan"), 0.0)}, "not a number"),
        ({"shape": "mask"}, "has run lengths"),
        ({"shape": "polygon", "points": (0.0,) * 12, "parts": (3, 2)}, "3 corners or more"),
        ({"parts": (3,)}, "the parts of a polygon"),
    ],
)
def test_shapes_have_the_numbers_they_need(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        mark(**fields)


def test_parents_form_no_circle() -> None:
    with pytest.raises(ValueError, match="its own parent"):
        Taxonomy(categories=(Category(name="a", parent="b"), Category(name="b", parent="a")))
    with pytest.raises(ValueError, match="'b' of 'a' is no category"):
        Taxonomy(categories=(Category(name="a", parent="b"),))
    with pytest.raises(ValueError, match="each once"):
        Taxonomy(categories=(Category(name="a"), Category(name="a")))


def test_a_change_says_what_becomes_of_every_category() -> None:
    before = Taxonomy(categories=(Category(name="car"), Category(name="van"), Category(name="cat")))
    after = Taxonomy(categories=(Category(name="car"), Category(name="animal")))
    with pytest.raises(ValueError, match="what becomes of van"):
        TaxonomyChange(before=before, after=after, mapping={"cat": "animal"})
    with pytest.raises(ValueError, match="'truck' is no category of the new"):
        TaxonomyChange(before=before, after=after, mapping={"cat": "animal", "van": "truck"})
    change = TaxonomyChange(before=before, after=after, mapping={"cat": "animal", "van": ""})
    assert [change.becomes(name) for name in before.names] == ["car", "", "animal"]
