"""Reads YOLO text: boxes, polygons and rotated boxes, in shares of the picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from ringroad.domain.annotation import POLYGON, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN
from ringroad.label.geometry import bounds_of, rotated_from

_LISTS = frozenset({"train.txt", "val.txt", "test.txt", "classes.txt", "readme.txt"})
_NEAR = 1e-6
"""Pixels: what shares of a picture lose on the way."""
_ENTRY = re.compile(r"^\s*(?:-|(\d+)\s*:)\s*(.+?)\s*$")


def read_yolo(files: LabelFiles, intake: Intake) -> None:
    """Boxes: `class x y w h`, middle and size. A sixth number is a score."""
    _read(files, intake, "box")


def read_yolo_seg(files: LabelFiles, intake: Intake) -> None:
    """Polygons: `class x y x y ...`; lines of five numbers, and four upright corners, are boxes."""
    _read(files, intake, "polygon")


def read_yolo_obb(files: LabelFiles, intake: Intake) -> None:
    """Rotated boxes: `class` and x, y of four corners in order."""
    _read(files, intake, "rotated")


def _read(files: LabelFiles, intake: Intake, kind: str) -> None:
    """One text file per picture; an empty one is a picture that holds nothing."""
    names = category_names(files)
    for name in label_files(files):
        path = PurePosixPath(name)
        below = str(PurePosixPath(*path.parts[1:] if path.parts[0] == "labels" else path.parts))
        stem = below.removesuffix(path.suffix)
        picture = intake.picture(stem, f"images/{stem}", path.stem, place=name, stem=True)
        if picture == UNKNOWN:
            continue
        width, height = intake.size(picture)
        if width <= 0 or height <= 0:
            intake.refuse("no-size", name, "the size of its picture is not known", "", picture)
            continue
        lines = files.read(name).decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = f"{name}, line {number}"
            try:
                drawn = _line(line.split(), names, (width, height), kind)
            except RowRefused as error:
                intake.refuse(error.code, place, error.what, error.remedy, picture)
                continue
            intake.add(picture, drawn, None, place)


def _line(
    words: Sequence[str], names: Sequence[str] | None, size: tuple[float, float], kind: str
) -> Drawn:
    try:
        values = [float(word) for word in words[1:]]
        number = int(words[0])
    except ValueError:
        raise RowRefused("not-a-number", f"{' '.join(words)[:60]!r} are no numbers") from None
    drawn = Drawn(category=_category(number, names))
    width, height = size
    points = [value * (height if place % 2 else width) for place, value in enumerate(values)]
    if len(values) in {4, 5}:
        x, y, w, h = points[:4]
        drawn.x, drawn.y, drawn.w, drawn.h = x - w / 2, y - h / 2, w, h
        drawn.attributes = {"score": words[5]} if len(values) == 5 else {}
    elif kind == "rotated" and len(values) == 8:
        turned = rotated_from(points)
        if turned is None:
            raise RowRefused("no-rectangle", "its four corners are no rectangle", "draw it again")
        if _upright(points, drawn):
            return drawn
        drawn.shape, drawn.points = ROTATED_BOX, turned
    elif kind == "polygon" and len(values) >= 6 and not len(values) % 2:
        if len(values) == 8 and _upright(points, drawn):
            return drawn
        drawn.shape, drawn.points = POLYGON, points
    else:
        raise RowRefused(
            "wrong-count",
            f"{len(values)} numbers behind the class",
            "import it as yolo, yolo-seg or yolo-obb, whichever it is",
        )
    return drawn


def _upright(points: Sequence[float], drawn: Drawn) -> bool:
    """Whether four corners are those of a box, which is filled in then."""
    x, y, w, h = bounds_of(points)
    corners = zip(points[0::2], points[1::2], strict=True)
    near = [(abs(a - x) < _NEAR, abs(b - y) < _NEAR, abs(a - x - w) < _NEAR, abs(b - y - h) < _NEAR)
            for a, b in corners]  # fmt: skip
    sides = {(left, top) for left, top, right, bottom in near if left != right and top != bottom}
    if len(sides) == len(near) == 4:
        drawn.x, drawn.y, drawn.w, drawn.h = x, y, w, h
        return True
    return False


def _category(number: int, names: Sequence[str] | None) -> str:
    if names is None:
        return str(number)
    if not 0 <= number < len(names):
        raise RowRefused(
            "unknown-category",
            f"class {number} is not among the {len(names)} names",
            "add the name to data.yaml or classes.txt",
        )
    return names[number]


def category_names(files: LabelFiles) -> list[str] | None:
    """Names by number, out of data.yaml, classes.txt or a .names file; None where there is none."""
    for name in files.names():
        base = PurePosixPath(name).name.lower()
        if base in {"classes.txt", "obj.names"} or base.endswith(".names"):
            text = files.read(name).decode("utf-8", "replace")
            return [line.strip() for line in text.splitlines() if line.strip()]
    for name in files.names():
        if name.endswith((".yaml", ".yml")):
            found = _yaml_names(files.read(name).decode("utf-8", "replace"))
            if found is not None:
                return found
    return None


def _yaml_names(text: str) -> list[str] | None:
    """The key `names`: a list in one line, a list, or a map from numbers. Other YAML is passed."""
    lines = text.splitlines()
    at = next((n for n, line in enumerate(lines) if line.startswith("names:")), None)
    if at is None:
        return None
    rest = lines[at].removeprefix("names:").strip()
    if rest.startswith("[") and rest.endswith("]"):
        return [_bare(word) for word in rest[1:-1].split(",") if word.strip()]
    found: dict[int, str] = {}
    for line in lines[at + 1 :]:
        match = _ENTRY.match(line)
        if match is None:
            if line.strip() and not line.lstrip().startswith("#"):
                break
            continue
        found[int(match[1]) if match[1] else len(found)] = _bare(match[2])
    if sorted(found) != list(range(len(found))):
        raise InvalidAnnotations("names in data.yaml do not count from 0 without holes")
    return [found[number] for number in range(len(found))]


def _bare(word: str) -> str:
    word = word.strip()
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word


def label_files(files: LabelFiles) -> list[str]:
    """Text files of pictures; below `labels/` where there is such a folder."""
    texts = [name for name in files.names() if name.endswith(".txt")]
    texts = [name for name in texts if PurePosixPath(name).name.lower() not in _LISTS]
    below = [name for name in texts if "labels" in PurePosixPath(name).parts[:-1]]
    return below or texts


def is_yolo(files: LabelFiles) -> bool:
    """Text files of a class and four numbers, perhaps with a score."""
    counts = _counts(files)
    return bool(counts) and counts <= {5, 6}


def is_yolo_obb(files: LabelFiles) -> bool:
    """Text files of a class and eight numbers; they may be polygons of four corners too."""
    return _counts(files) == {9}


def is_yolo_seg(files: LabelFiles) -> bool:
    """Text files of a class and pairs of numbers, three or more."""
    counts = _counts(files)
    return bool(counts) and all(count >= 7 and count % 2 for count in counts)


def _counts(files: LabelFiles) -> set[int]:
    """Words in the lines of the first files; none where one does not begin as YOLO's do."""
    found: set[int] = set()
    for name in label_files(files)[:50]:
        for line in files.read(name).decode("utf-8", "replace").splitlines():
            words = line.split()
            try:
                if words and (int(words[0]) < 0 or not [float(word) for word in words[1:]]):
                    return set()
            except ValueError:
                return set()
            found |= {len(words)} if words else set()
    return found
