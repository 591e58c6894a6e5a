"""A page to one HTML file that loads nothing and runs no script; equal pages are equal bytes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from itertools import count

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from ringroad.domain.kpi import Verdict
from ringroad.report.drawing import with_prefix
from ringroad.report.gates import describe, many
from ringroad.report.page import Cell, Column, Figure, Page, Picture, Ref, Table, all_refs

_CODE = re.compile(r"`([^`]+)`")


def render(page: Page) -> bytes:
    """One self-contained HTML document in UTF-8."""
    html = _template().render(
        page=page, refs=all_refs(page), svg=_numbered_svg(), verdicts=_VERDICTS
    )
    return html.encode()


_VERDICTS = {
    Verdict.PASS: ("pass", "\N{CHECK MARK}"),
    Verdict.FAIL: ("fail", "\N{MULTIPLICATION X}"),
    Verdict.INCONCLUSIVE: ("open", "?"),
}
"""Class and sign: the sign and the word tell it where colour does not."""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ringroad.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "cell": _cell,
        "describe": describe,
        "many": many,
        "numbers": _numbers,
        "paragraphs": _paragraphs,
        "slug": _slug,
        "uri": _uri,
    }
    environment.tests |= {
        "ref_cell": lambda cell: isinstance(cell, Ref),
        "verdict_cell": lambda cell: isinstance(cell, Verdict),
    }
    return environment.get_template("page.html")


def _numbered_svg() -> Callable[[Figure], Markup]:
    """Gives each drawing of one page its own ids."""
    numbers = count(1)

    def svg(figure: Figure) -> Markup:
        return Markup(with_prefix(figure.svg, f"f{next(numbers)}"))  # noqa: S704 (our own drawing)

    return svg


def _paragraphs(text: str) -> list[Markup]:
    """Paragraphs between blank lines, escaped, with `code` marked."""
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    marked = (_CODE.sub(r"<code>\1</code>", str(escape(part))) for part in parts)
    return [Markup(part) for part in marked]  # noqa: S704 (escaped one line above)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _uri(picture: Picture) -> str:
    return f"data:{picture.media};base64,{b64encode(picture.data).decode()}"


def _numbers(table: Table) -> list[bool]:
    """Which columns hold numbers, and stand to the right."""
    return [any(_numeric(row[at]) for row in table.rows) for at in range(len(table.columns))]


def _numeric(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) or cell is None


def _cell(cell: Cell, column: Column) -> str:
    """One cell in words; links and verdicts are the template's."""
    if cell is None:
        return "\N{EN DASH}"
    if isinstance(cell, float):
        return f"{cell:,.{column.digits}f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return cell.short if isinstance(cell, Ref) else str(cell)
