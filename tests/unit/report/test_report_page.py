"""The page as one file: equal bytes, nothing loaded, everything escaped, readable without eyes."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from ringroad.domain.annotation import Box
from ringroad.domain.ids import ArtifactId
from ringroad.domain.kpi import Kpi, Verdict
from ringroad.report.gates import describe, many
from ringroad.report.page import Column, Page, Ref, Section, Table, all_refs
from ringroad.report.pictures import DETECTION, TRUTH, Mark, frame_picture, mosaic
from ringroad.report.plots import (
    Curve,
    composition,
    funnel,
    kpi_by_slice,
    latency_histogram,
    learning_curve,
)
from ringroad.report.render import render

VOID = {"meta", "img", "br", "link", "path", "use", "circle", "rect", "line"}


class Outline(HTMLParser):
    """Ids, links, headings and attributes of a page, and whether its elements nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag

    def all(self, attribute: str) -> list[str]:
        return [a[attribute] or "" for _, a in self.seen if attribute in a]


@pytest.fixture(scope="module")
def html(page: Page) -> str:
    text = render(page).decode()
    if folder := os.environ.get("RINGROAD_SHOW_PAGE"):
        (Path(folder) / "report.html").write_text(text)
    return text


def test_equal_pages_are_equal_bytes(page: Page, html: str) -> None:
    assert render(page).decode() == html


def test_drawings_are_equal_in_other_processes_and_styles(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nfont.size: 30\n")
    code = (
        "from ringroad.report.plots import funnel; import sys;"
        "sys.stdout.write(funnel([('raw', 9), ('used', 2)], unit='frames', caption='').svg)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, cwd=cwd, capture_output=True, text=True
        ).stdout
        for cwd in (tmp_path, tmp_path.parent)
    ]
    here = funnel([("raw", 9), ("used", 2)], unit="frames", caption="").svg
    assert {hashlib.sha256(text.encode()).hexdigest() for text in (*told, here)} == {
        hashlib.sha256(here.encode()).hexdigest()
    }


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    before = dict(mpl.rcParams)
    funnel([("raw", 9), ("used", 2)], unit="frames", caption="")
    assert dict(mpl.rcParams) == before


def test_nothing_is_loaded_and_nothing_runs(html: str) -> None:
    outline = Outline(html)
    assert not outline.open
    assert "script" not in {tag for tag, _ in outline.seen}
    for link in (*outline.all("src"), *outline.all("href"), *outline.all("xlink:href")):
        assert link.startswith(("#", "data:image/"))
    assert not re.findall(r"url\((?!#)", html)
    assert "@import" not in html
    assert "<!--" not in html


def test_ids_are_unique_and_every_link_arrives(html: str) -> None:
    outline = Outline(html)
    ids = outline.all("id")
    assert len(ids) == len(set(ids))
    links = [*outline.all("href"), *outline.all("xlink:href"), *re.findall(r"url\((#[^)]+)", html)]
    assert {link.lstrip("#") for link in links} <= set(ids)


def test_pictures_and_drawings_are_told_in_words(html: str) -> None:
    outline = Outline(html)
    told = [a.get("aria-label") for _, a in outline.seen if a.get("role") in ("img", "region")]
    assert len(told) >= 10
    assert all(told)
    assert all(a.get("alt") for tag, a in outline.seen if tag == "img")
    headings = [int(tag[1]) for tag, _ in outline.seen if re.fullmatch("h[1-6]", tag)]
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))


def test_drawings_are_well_formed_and_follow_the_page(page: Page) -> None:
    drawings = [f for s in page.sections for f in (*s.figures, *(c.figure for c in s.gates))]
    for drawing in drawings:
        ET.fromstring(drawing.svg.replace("xlink:href", "href"))  # noqa: S314 (our own)
        assert not re.findall(r"#[0-9a-f]{6}\b", drawing.svg)
        assert "var(--" in drawing.svg


def test_every_variable_is_defined_for_light_and_dark(html: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", html, re.DOTALL)
    used = set(re.findall(r"var\(--([\w-]+)\)", html)) - {"edge"}
    assert used <= set(re.findall(r"--([\w-]+):", light))
    assert set(re.findall(r"--([\w-]+):", dark)) == set(re.findall(r"--([\w-]+):", light))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_contrast_holds_wcag_aa(html: str, scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", html, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for ground in ("ground", "surface", "sunk"):
        for text in ("ink", "muted", "accent"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for word in ("pass", "fail", "open"):
        assert _contrast(colours[word], colours[f"{word}-soft"]) >= 4.5, word
    for number in range(6):
        assert _contrast(colours[f"series-{number}"], colours["surface"]) >= 3, number


def test_the_banner_stands_where_data_are_synthetic_and_only_there(page: Page, html: str) -> None:
    assert "<strong>Synthetic data.</strong>" in html
    assert "Synthetic data" not in render(replace(page, synthetic=False)).decode()


def test_every_ref_is_listed_once_with_its_command(page: Page, html: str) -> None:
    refs = all_refs(page)
    assert len({ref.anchor for ref in refs}) == len(refs) == 8
    for ref in refs:
        assert html.count(f'id="{ref.anchor}"') == 1
        assert f"<code>ringroad lineage {ref.short}</code>" in html


def test_text_from_outside_cannot_become_markup() -> None:
    evil = '<script>alert("x")</script>'
    table = Table(caption=evil, columns=(Column(name=evil),), rows=((evil,),))
    ref = Ref(artifact=ArtifactId(f"kpis:{evil}"), label=evil)
    section = Section(
        title=evil,
        text=f"`{evil}` {evil}",
        tables=(table,),
        figures=(funnel([(evil, 3), ("$a_$ b$", 1)], unit=evil, caption=evil),),
        lineage=(ref,),
    )
    page = Page(title=evil, synthetic=False, summary=evil, sections=(section,))
    html = render(page).decode()
    assert "<script" not in html
    assert "$a_$ b$" in html


def test_cells_are_written_with_their_digits() -> None:
    columns = (Column(name="a"), Column(name="b", unit="ms", digits=1), Column(name="c"))
    rows: tuple[tuple[int | float | Verdict | None, ...], ...]
    rows = ((12345, 1234.56, None), (1, 0.04, Verdict.PASS))
    section = Section(title="t", tables=(Table(caption="c", columns=columns, rows=rows),))
    html = render(Page(title="t", synthetic=False, summary="", sections=(section,))).decode()
    for text in ("12,345", "1,234.6", "\N{EN DASH}", ">0.0<", "PASS", "(ms)"):
        assert text in html
    with pytest.raises(ValueError, match="2 cells under 3 columns"):
        Table(caption="c", columns=columns, rows=((1, 2),))


def test_what_was_not_evaluated_is_said_and_not_drawn_as_zero() -> None:
    kpi = Kpi(
        metric="AP50", category="cyclist", slice="night", value=None, low=None, high=None,
        confidence=0.95, units=0, unit="recording", truths=0, frames=9,
    )  # fmt: skip
    figure = kpi_by_slice([kpi], [kpi], names=("old", "new"), caption="")
    assert figure.svg.count("not evaluated") == 2
    assert "not evaluated to not evaluated" in figure.alt
    assert describe(kpi).endswith("not evaluated")


def test_figures_tell_their_numbers() -> None:
    arm = Curve(name="random", xs=(0, 400), values=(0.3, 0.35))
    assert "random 0.3 at 0, 0.35 at 400" in learning_curve([arm], x="x", y="y", caption="").alt
    steps = [("raw", 2000), ("used", 1)]
    assert "used 1 (0.1%)" in funnel(steps, unit="frames", caption="").alt
    one = latency_histogram(np.full(7, 3.0), quantiles={"p50": 3.0}, caption="")
    assert "7 runs: p50 3 ms, longest 3 ms" in one.alt


def test_figures_of_nothing_are_empty_figures() -> None:
    for figure in (
        funnel([], unit="frames", caption=""),
        composition({}, unit="frames", splits=("train",), caption=""),
        kpi_by_slice([], [], names=("old", "new"), caption=""),
        learning_curve([], x="x", y="y", caption=""),
    ):
        ET.fromstring(figure.svg.replace("xlink:href", "href"))  # noqa: S314 (our own)


def test_a_gate_names_the_frames_that_decided(html: str) -> None:
    assert "<summary>1 frame decided</summary>" in html
    assert "<li><code>van/run-3/front/000017</code></li>" in html


def _decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def _near(pixels: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(pixels - colour).max(axis=2) < 40).sum())


def test_boxes_are_drawn_where_they_are_in_their_colours() -> None:
    frame = np.zeros((100, 200, 3), np.uint8)
    truth = [Mark(box=Box(x=20, y=20, w=40, h=40))]
    found = [Mark(box=Box(x=120, y=30, w=50, h=50))]
    drawn = frame_picture(frame, truths=truth, detections=found, alt="a", caption="c", width=400)
    pixels = _decoded(drawn.data)
    assert (drawn.width, drawn.height) == pixels.shape[1::-1]
    assert pixels.shape[1] == 400
    above_legend = pixels[:200]
    assert _near(above_legend[:, :200], TRUTH) > 100
    assert _near(above_legend[:, :200], DETECTION) == 0
    assert _near(above_legend[:, 200:], DETECTION) > 200
    assert _near(above_legend[:, 200:], TRUTH) == 0
    empty = frame_picture(frame, truths=(), detections=(), alt="a", caption="c", width=400)
    assert _near(_decoded(empty.data)[:200], TRUTH) == 0
    again = frame_picture(frame, truths=truth, detections=found, alt="a", caption="c", width=400)
    assert again == drawn


def test_marks_at_the_edge_stay_in_the_picture() -> None:
    frame = np.full((40, 60, 3), 128, np.uint8)
    edge = [Mark(box=Box(x=55, y=0, w=30, h=90), text="pedestrian 0.99")]
    drawn = frame_picture(frame, truths=edge, detections=edge, alt="a", caption="c")
    assert drawn.width == 120


def test_a_mosaic_shows_every_frame() -> None:
    frames = [np.full((30, 40, 3), shade, np.uint8) for shade in (40, 120, 200)]
    sheet = mosaic(frames, titles=["", "", ""], alt="a", caption="c", columns=2, width=206)
    pixels = _decoded(sheet.data)
    assert pixels.shape == (156, 206, 3)
    middles = [pixels[37, 50], pixels[37, 156], pixels[118, 50]]
    assert [int(m.mean().round(-1)) for m in middles] == [40, 120, 200]


def test_units_are_counted_in_words() -> None:
    assert many(1, "recording") == "1 recording"
    assert many(1200, "recording") == "1,200 recordings"
    assert many(12, "block of 20 frames") == "12 blocks of 20 frames"
