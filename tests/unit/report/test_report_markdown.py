"""Pages as Markdown: words and tables, nothing that breaks out of a cell."""

from __future__ import annotations

from ringroad.domain.ids import ArtifactId
from ringroad.report.markdown import markdown
from ringroad.report.page import Column, Fact, Figure, Page, Ref, Section, Table

AT = ArtifactId("dataset:" + "a" * 64)
PAGE = Page(
    title="A | title",
    synthetic=True,
    summary="First.\n\nSecond.",
    facts=(Fact(value="3", label="frames", note="all of them"),),
    sections=(
        Section(
            title="What",
            text="Words.",
            figures=(Figure(svg="<svg/>", alt="Told in words.", caption="c"),),
            tables=(
                Table(
                    caption="Cells",
                    columns=(Column(name="name"), Column(name="share", unit="%", digits=1)),
                    rows=(("a|b\nc", 1.26), (None, 1200), (Ref(artifact=AT), None)),
                ),
            ),
        ),
    ),
    lineage=(Ref(artifact=AT, label="this one"),),
)


def test_words_tables_and_lineage() -> None:
    text = markdown(PAGE).decode()
    assert text == markdown(PAGE).decode()
    lines = text.splitlines()
    assert lines[0] == "# A \\| title"
    assert "**Synthetic data.**" in lines[2]
    assert "* frames: **3** (all of them)" in lines
    assert "Told in words." in lines
    assert lines[lines.index("| name | share (%) |") + 1] == "| --- | --- |"
    assert "| a\\|b c | 1.3 |" in lines
    assert "| - | 1,200 |" in lines
    assert f"| `{AT[:20]}` | - |" in lines
    assert f"* `{AT[:20]}` this one: `ringroad lineage {AT[:20]}`" in lines
