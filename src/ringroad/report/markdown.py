"""A page as Markdown: its words and tables. Drawings are told in words, photographs left out."""

from __future__ import annotations

from collections.abc import Iterator

from ringroad.report.page import Cell, Column, Page, Ref, Section, Table, all_refs


def markdown(page: Page) -> bytes:
    """One Markdown document in UTF-8; equal pages are equal bytes."""
    parts = [f"# {_plain(page.title)}"]
    if page.synthetic:
        parts.append(
            "**Synthetic data.** Some recordings behind this page were rendered, not driven."
        )
    parts.append(page.summary)
    if page.facts:
        parts.append("\n".join(_facts(page)))
    for section in page.sections:
        parts += _section(section)
    if refs := all_refs(page):
        listed = "\n".join(f"* `{ref.short}` {ref.label}: `{ref.command}`" for ref in refs)
        parts.append(f"## Lineage\n\n{listed}")
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _facts(page: Page) -> Iterator[str]:
    for fact in page.facts:
        note = f" ({_plain(fact.note)})" if fact.note else ""
        yield f"* {_plain(fact.label)}: **{_plain(fact.value)}**{note}"


def _section(section: Section) -> Iterator[str]:
    yield f"## {_plain(section.title)}"
    yield section.text
    for figure in section.figures:
        yield _plain(figure.alt)
    for table in section.tables:
        yield _table(table)


def _table(table: Table) -> str:
    heads = [f"{column.name} ({column.unit})" if column.unit else column.name
             for column in table.columns]  # fmt: skip
    lines = [_row(heads), _row("---" for _ in heads)]
    for row in table.rows:
        cells = zip(row, table.columns, strict=True)
        lines.append(_row(_cell(cell, column) for cell, column in cells))
    return f"{_plain(table.caption)}:\n\n" + "\n".join(lines)


def _row(cells: Iterator[str] | list[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _cell(cell: Cell, column: Column) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, Ref):
        return f"`{cell.short}`"
    if isinstance(cell, float):
        return f"{cell:.{column.digits}f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _plain(text: str) -> str:
    """No text can end a cell or a line."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
