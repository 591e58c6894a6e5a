"""What leaves a dataset version, and what is told of it: card, marks, export, looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Path, Query, Response
from starlette.responses import FileResponse

from ringroad.domain.dataset import SPLITS
from ringroad.domain.ids import FrameId
from ringroad.label.formats.format import Format
from ringroad.label.formats.known import format_of
from ringroad.pipelines.datasets.data_card import describe
from ringroad.pipelines.datasets.frame_marks import annotations_at, rows_at, sizes_of
from ringroad.pipelines.datasets.looks import is_locked, looks_at
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.label.export import foresee, leaving_of
from ringroad.plugins import LABEL_FORMATS
from ringroad.report.data_card import DataCard, data_card
from ringroad.report.markdown import markdown
from ringroad.report.render import render
from ringroad.service import files
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.bulk import plain
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.held import frames_held, rows_held
from ringroad.service.problems import Declined
from ringroad.service.schemas.versions import (
    CardTold,
    ExportDataset,
    FormatItem,
    FormatsTold,
    FrameMarks,
    LooksTold,
    LossesTold,
    LossItem,
    MarksTold,
    Split,
)
from ringroad.service.state import Here
from ringroad.service.work_versions import COCO, FOLDER

router = router_of("datasets")
Id = Annotated[str, Path(max_length=300)]
Frame = Annotated[str, Query(max_length=1000)]
ARCHIVE, PAGE, TEXT = "application/zip", "text/html", "text/markdown"
WRITTEN = {"type": "string"}
TRAINERS = "a folder for trainers: COCO and JPEG pictures, per split"


@router.get("/label-formats")
def list_formats(here: Here, response: Response) -> FormatsTold:
    """Formats that dataset versions are written in."""
    del here
    known = [format_of(name) for name in LABEL_FORMATS.names()]
    own = _format(format_of(COCO)).model_copy(update={"name": FOLDER, "title": TRAINERS})
    return FormatsTold(
        formats=[own, *(_format(item) for item in known if item.writer is not None)],
        cli=say_cli(response, command("plugins", "formats")),
    )


@router.get(
    "/datasets/{id:path}/card",
    response_model=CardTold,
    responses={200: {"content": {PAGE: {"schema": WRITTEN}, TEXT: {"schema": WRITTEN}}}},
)
def show_card(
    here: Here, response: Response, id: Id, form: Literal["json", "html", "markdown"] = "json"
) -> Any:
    """The data card of a version: as values, as a page, or as Markdown."""
    artifact = dataset_of(here.workspace, id)
    told = describe(here.workspace, artifact, licences={}, seed=0)
    suffix = {"json": "html", "html": "html", "markdown": "md"}[form]
    cli = command("datasets", "card", id, f"card.{suffix}")
    if form == "json":
        return CardTold(card=_plain(told), cli=say_cli(response, cli))
    written = render(data_card(told)) if form == "html" else markdown(data_card(told))
    made = Response(written, media_type=f"{PAGE if form == 'html' else TEXT}; charset=utf-8")
    say_cli(made, cli)
    return made


@router.get("/datasets/{id:path}/looks")
def list_looks(here: Here, response: Response, id: Id) -> LooksTold:
    """Every look at the test rows of a version: who, when, why; those of earlier versions too."""
    artifact = dataset_of(here.workspace, id)
    found, test = looks_at(here.workspace, artifact)
    return LooksTold(
        locked=is_locked(here.workspace, artifact),
        test=test,
        looks=found,
        cli=say_cli(response, command("datasets", "looks", id)),
    )


@router.get("/datasets/{id:path}/marks")
def list_marks(
    here: Here,
    response: Response,
    id: Id,
    frame: Annotated[list[Frame], Query(min_length=1, max_length=100)],
) -> MarksTold:
    """Frames of a version with their row and their annotations, to be drawn on the picture."""
    artifact = dataset_of(here.workspace, id)
    frames = [FrameId(at) for at in dict.fromkeys(frame)]
    rows = {row["frame_id"]: row for row in rows_at(here.workspace, artifact, frames).to_pylist()}
    marks = annotations_at(
        here.workspace, artifact, frames, read=lambda batch: rows_held(here, batch)
    )
    sizes = sizes_of(here.workspace, frames, read=lambda item: frames_held(here, item))
    return MarksTold(
        dataset=artifact.id,
        frames=[
            FrameMarks(
                frame=at,
                picture=f"/api/v1/pictures/{quote(at)}",
                width=sizes.get(at, (0, 0))[0],
                height=sizes.get(at, (0, 0))[1],
                row=plain(rows[at]) if at in rows else None,
                marks=marks[at],
            )
            for at in frames
        ],
        cli=say_cli(response, command("datasets", "show", id)),
    )


@router.get("/datasets/{id:path}/losses")
def list_losses(
    here: Here,
    response: Response,
    id: Id,
    format: Annotated[str, Query(max_length=100)],
    split: Annotated[list[Split] | None, Query(max_length=3)] = None,
) -> LossesTold:
    """What an export to a format would write, and what that format cannot hold."""
    chosen = _writable(format)
    artifact = dataset_of(here.workspace, id)
    seen = foresee(leaving_of(here.workspace, artifact.id, split or SPLITS), chosen)
    words = ["--format", chosen.name, *_part(split or SPLITS), "--dry-run"]
    cli = command("labels", "export", id, _file(chosen), *words)
    return LossesTold(
        format=format,
        annotations=seen.annotations,
        pictures=seen.pictures,
        losses=[LossItem(**asdict(item)) for item in seen.losses],
        cli=say_cli(response, cli),
    )


@router.post("/datasets/{id:path}:export", status_code=202, responses=ACCEPTED)
def export_dataset(here: Here, who: Who, response: Response, id: Id, body: ExportDataset) -> Any:
    """Write a version as files in one archive; with test rows a look at them, by who asks."""
    artifact = dataset_of(here.workspace, id)
    if body.format == FOLDER:
        size = ["--width", str(body.width), "--height", str(body.height)] if body.width else []
        cli = command("datasets", "export", id, "export", *size, *_part(body.splits))
    else:
        chosen = _writable(body.format)
        cli = command("labels", "export", id, _file(chosen), "--format", chosen.name,
                      *_part(body.splits))  # fmt: skip
    more = {"dataset": artifact.id}
    return accepted(here, who, response, "export-dataset", body, cli=cli, more=more)


@router.get(
    "/operations/{id}/file",
    tags=["workflow"],
    response_class=Response,
    responses={200: {"content": {ARCHIVE: {"schema": WRITTEN | {"format": "binary"}}}}},
)
def download_file(here: Here, id: Annotated[str, Path(max_length=100)]) -> Response:
    """The archive that an export wrote, with its list of losses; kept for seven days."""
    operation = here.operations.get(id)
    if operation.result is None or "file" not in operation.result:
        raise Declined(
            "not-made-yet",
            f"it is {operation.state} and has no file",
            subject=id,
            remedy=f"follow it: GET /api/v1/operations/{id}",
        )
    path = files.fetched(here.workspace.folder, operation.id)
    name = f"dataset-{operation.result['dataset'][8:18]}-{operation.result['format']}.zip"
    response = FileResponse(path, media_type=ARCHIVE, filename=name)
    say_cli(response, command("datasets", "export", operation.result["dataset"], "export"))
    return response


def _writable(name: str) -> Format:
    """A format that can be written. FOLDER loses what COCO does. Raises UnknownName, Declined."""
    found = format_of(COCO if name == FOLDER else name)
    if found.writer is None:
        raise Declined(
            "invalid-request",
            "is only read, not written",
            subject=name,
            remedy="choose one of GET /api/v1/label-formats",
        )
    return found


def _file(chosen: Format) -> str:
    return "labels" if chosen.folder else f"labels{chosen.suffix}"


def _format(item: Format) -> FormatItem:
    shapes = [shape for shape, becomes in item.holds.shapes.items() if not becomes]
    return FormatItem(
        name=item.name,
        title=item.title,
        shapes=shapes,
        fields=sorted(item.holds.fields),
        verified=item.verified,
    )


def _plain(card: DataCard) -> dict[str, Any]:
    """A card as JSON can say it: what is no number is null."""
    told = asdict(card)
    told["coverage"] = [plain(line) for line in told["coverage"]]
    return told


def _part(splits: Sequence[str]) -> tuple[str, ...]:
    """How the command line is told to take some splits; nothing for all of them."""
    named = [split for split in SPLITS if split in splits]
    return () if len(named) == len(SPLITS) else ("--splits", ",".join(named))
