"""Names to import strings. No if-ladder anywhere chooses an implementation."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ringroad.domain.errors import MissingExtra, UnknownName


class Table:
    """One kind of exchangeable part: name -> `module:attribute`, own entries first.

    Names that are not built in are looked up in the entry-point group `ringroad.<kind>`.
    """

    def __init__(
        self, kind: str, entries: Mapping[str, str], *, extras: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.entries = dict(entries)
        self.extras = dict(extras or {})

    def names(self) -> tuple[str, ...]:
        """All names, built in and installed, sorted."""
        return tuple(sorted({*self.entries, *self._installed()}))

    def load(self, name: str) -> Any:
        """Import what the name stands for.

        Raises:
            UnknownName: the table and the entry points know no such name.
            MissingExtra: its module needs a package that is not installed.
        """
        target = self.entries.get(name) or self._installed().get(name)
        if target is None:
            known = ", ".join(self.names()) or "none"
            raise UnknownName(f"no {self.kind} is called {name!r}", remedy=f"known: {known}")
        module, _, attribute = target.partition(":")
        try:
            found: Any = import_module(module)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "ringroad":
                raise
            extra = self.extras.get(name)
            remedy = f"pip install 'ringroad[{extra}]'" if extra else f"pip install {error.name}"
            raise MissingExtra(
                f"{self.kind} {name!r} needs the package {error.name!r}", remedy=remedy
            ) from error
        for part in attribute.split("."):
            found = getattr(found, part)
        return found

    def _installed(self) -> dict[str, str]:
        from importlib.metadata import entry_points  # costs more CPU than all of the CLI

        return {point.name: point.value for point in entry_points(group=f"ringroad.{self.kind}")}


BLOBS = Table("blobs", {"file": "ringroad.backends.blobs_local:LocalBlobs"})
CATALOGS = Table("catalogs", {"sqlite": "ringroad.backends.catalog_sqlite:SqliteCatalog"})
TABLES = Table("tables", {"lance": "ringroad.backends.tables_lance:LanceTables"})
INDEXES = Table("indexes", {"local": "ringroad.backends.index_local:LocalIndex"})
EXECUTORS = Table(
    "executors",
    {
        "inline": "ringroad.backends.executor_inline:InlineExecutor",
        "spawn": "ringroad.backends.executor_spawn:SpawnExecutor",
    },
)
OBJECTS = Table("objects", {"obstore": "ringroad.backends.objects_obstore:ObstoreObjects"})
SANDBOXES = Table(
    "sandboxes",
    {
        "inline": "ringroad.backends.sandbox_inline:InlineSandbox",
        "spawn": "ringroad.backends.sandbox_spawn:SpawnSandbox",
    },
)
CLOCKS = Table("clocks", {"system": "ringroad.backends.clock_system:SystemClock"})
RUNTIMES = Table("runtimes", {"onnxruntime": "ringroad.backends.runtime_onnx:OnnxRuntime"})
READERS = Table(
    "readers",
    {
        "images": "ringroad.ingest.read_images:ImagesReader",
        "mcap": "ringroad.ingest.read_mcap:McapReader",
        "raw-picture": "ringroad.ingest.read_raw_picture:RawPictureReader",
        "rosbag1": "ringroad.ingest.read_rosbag1:Rosbag1Reader",
        "rosbag2": "ringroad.ingest.read_rosbag2:Rosbag2Reader",
        "video": "ringroad.ingest.read_video:VideoReader",
    },
)
LAYOUTS = Table(
    "layouts",
    {
        "av2": "ringroad.ingest.layout_av2:Av2Layout",
        "bdd100k": "ringroad.ingest.layout_bdd100k:Bdd100kLayout",
        "comma2k19": "ringroad.ingest.layout_comma2k19:Comma2k19Layout",
        "kitti-object": "ringroad.ingest.layout_kitti_object:KittiObjectLayout",
        "kitti-raw": "ringroad.ingest.layout_kitti_raw:KittiRawLayout",
        "nuscenes": "ringroad.ingest.layout_nuscenes:NuScenesLayout",
        "radiate": "ringroad.ingest.layout_radiate:RadiateLayout",
        "raw-pictures": "ringroad.ingest.read_raw_picture:RawPicturesLayout",
        "rosbag2-folder": "ringroad.ingest.layout_rosbag2:Rosbag2Layout",
        "waymo-v2": "ringroad.ingest.layout_waymo_v2:WaymoV2Layout",
    },
)
PREDICTORS = Table(
    "predictors",
    {
        "classes": "ringroad.models.classes:Classes",
        "classes-imagenet": "ringroad.models.classes:ImageNetClasses",
        "embedding": "ringroad.models.embedding:Embedding",
        "embedding-imagenet": "ringroad.models.embedding:ImageNetEmbedding",
        "fastestdet": "ringroad.models.fastestdet:FastestDet",
        "nanodet": "ringroad.models.nanodet:NanoDet",
        "reference": "ringroad.models.reference:Reference",
    },
)
STRATEGIES = Table(
    "strategies",
    {
        "badge": "ringroad.mine.blended:badge",
        "balanced": "ringroad.mine.blended:balanced",
        "bald": "ringroad.mine.strategies:bald",
        "change": "ringroad.mine.strategies:change",
        "disagreement": "ringroad.mine.strategies:disagreement",
        "ensemble": "ringroad.mine.strategies:ensemble",
        "entropy": "ringroad.mine.strategies:entropy",
        "entropy-k-center": "ringroad.mine.blended:entropy_k_center",
        "facility-location": "ringroad.mine.diverse:facility_location",
        "k-center": "ringroad.mine.diverse:k_center",
        "k-means": "ringroad.mine.diverse:k_means",
        "margin": "ringroad.mine.strategies:margin",
        "per-box": "ringroad.mine.blended:per_box",
        "random": "ringroad.mine.strategies:random",
        "rule": "ringroad.mine.strategies:rule",
        "typical": "ringroad.mine.diverse:typical",
        "weighted": "ringroad.mine.blended:weighted",
    },
)
LOOKS = Table(
    "looks",
    {
        "adaptive": "ringroad.label.adaptive:AdaptiveLooks",
        "disputed": "ringroad.label.disputed:DisputedLooks",
        "fixed": "ringroad.label.looks:FixedLooks",
    },
)
CONSENSUS = Table("consensus", {"marks": "ringroad.label.settling:Marks"})
LABEL_FORMATS = Table(
    "label-formats",
    {
        "bdd100k": "ringroad.label.formats.bdd100k.format:BDD100K",
        "coco": "ringroad.label.formats.coco.format:COCO",
        "cvat-api": "ringroad.label.formats.cvat.api:CVAT_API",
        "cvat-images": "ringroad.label.formats.cvat.format:CVAT_IMAGES",
        "cvat-video": "ringroad.label.formats.cvat.format:CVAT_VIDEO",
        "kitti": "ringroad.label.formats.kitti.format:KITTI",
        "label-studio": "ringroad.label.formats.label_studio.format:LABEL_STUDIO",
        "nuscenes": "ringroad.label.formats.nuscenes.format:NUSCENES",
        "openlabel": "ringroad.label.formats.openlabel.format:OPENLABEL",
        "parquet": "ringroad.label.formats.tables.parquet:PARQUET",
        "radiate": "ringroad.label.formats.radiate.format:RADIATE",
        "voc": "ringroad.label.formats.voc.format:VOC",
        "webdataset": "ringroad.label.formats.tables.webdataset:WEBDATASET",
        "yolo": "ringroad.label.formats.yolo.format:YOLO",
        "yolo-obb": "ringroad.label.formats.yolo.format:YOLO_OBB",
        "yolo-seg": "ringroad.label.formats.yolo.format:YOLO_SEG",
    },
)
LABELLING_TOOLS = Table(
    "labelling-tools",
    {
        "cvat": "ringroad.backends.cvat_http:CvatServer",
        "label-studio": "ringroad.backends.label_studio_http:LabelStudioServer",
    },
)
TOOL_FORMS = Table(
    "tool-forms",
    {
        "cvat": "ringroad.label.formats.cvat.api:CVAT_FORM",
        "label-studio": "ringroad.label.formats.label_studio.format:LABEL_STUDIO_FORM",
    },
)
"""How each labelling tool tells tasks, by the name of the tool."""
TAGGERS = Table("taggers", {})
"""Who says words of pictures; none is built in, because none can be trusted everywhere."""
ALL = (
    BLOBS,
    CATALOGS,
    TABLES,
    INDEXES,
    EXECUTORS,
    OBJECTS,
    SANDBOXES,
    CLOCKS,
    RUNTIMES,
    READERS,
    LAYOUTS,
    PREDICTORS,
    STRATEGIES,
    LOOKS,
    CONSENSUS,
    TAGGERS,
    LABEL_FORMATS,
    LABELLING_TOOLS,
    TOOL_FORMS,
)
"""Every table, for `plugins list` and for the test that resolves each entry."""
