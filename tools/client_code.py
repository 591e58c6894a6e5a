"""Writes the verbs and shapes of the Python client out of the API's description."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]
FOLDER = Path(__file__).parents[1] / "src" / "ringroad" / "client"
ARROW = "application/vnd.apache.arrow.stream"
PAGING = {"limit", "cursor", "offset"}
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def files_of(document: Document) -> dict[str, str]:
    """Path below the client's folder -> text, as ruff formats it."""
    tags: dict[str, list[tuple[str, str, Document]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    homes = _homes(document, tags)
    found = {}
    for tag in sorted(tags):
        found[f"verbs/{tag}.py"] = _verbs(tag, tags[tag], homes)
    for home in sorted(set(homes.values())):
        found[f"shapes/{home}.py"] = _shapes(document, home, homes)
    found["verbs/__init__.py"] = _all_verbs(sorted(tags))
    found["shapes/__init__.py"] = '"""Shapes of answers and of parts of requests, by noun."""\n'
    return {name: _formatted(name, text) for name, text in found.items()}


def write(document: Document) -> int:
    """Write all files, and take away those that are no more; how many there are."""
    found = files_of(document)
    for path in [*FOLDER.glob("verbs/*.py"), *FOLDER.glob("shapes/*.py")]:
        if path.relative_to(FOLDER).as_posix() not in found:
            path.unlink()
    for name, text in found.items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_text(text)
    return len(found)


def _homes(document: Document, tags: Mapping[str, Any]) -> dict[str, str]:
    """Shape -> the file it stands in: that of the one tag that uses it, else `shared`."""
    users: dict[str, set[str]] = {}
    for tag, operations in tags.items():
        for _, _, operation in operations:
            for name in _reached(document, operation):
                users.setdefault(name, set()).add(tag)
    alone = {name: next(iter(by)) if len(by) == 1 else "shared" for name, by in users.items()}
    for name, home in alone.items():  # one tag has more shapes than a file should
        given = document["components"]["schemas"][name].get("additionalProperties") is False
        if home == "label" and given:
            alone[name] = "label_given"
    for name, home in list(alone.items()):
        if home == "shared":  # what shared shapes are made of is shared: files make no circle
            for part in _reached(document, document["components"]["schemas"][name]):
                alone[part] = "shared"
    return alone


def _reached(document: Document, part: Any) -> set[str]:
    found: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name in document["components"]["schemas"] and name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
            waiting += [value for key, value in one.items() if key != "$ref"]
        elif isinstance(one, list):
            waiting += one
    return found - {"Problem", "ProblemPlace"}


def type_of(schema: Document) -> str:
    """A schema as Python types say it."""
    if "$ref" in schema:
        return shape_name(schema["$ref"].rpartition("/")[2])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(type_of(part) for part in schema[key]))
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return type_of(schema["allOf"][0])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(map(repr, values))}]"
    kind = schema.get("type")
    if kind == "array":
        return f"Sequence[{type_of(schema.get('items', {}))}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Mapping[str, {type_of(inner) if isinstance(inner, Mapping) else 'Any'}]"
    return PLAIN.get(str(kind), "Any")


def shape_name(name: str) -> str:
    """`PageOf_Token_` -> `PageOfToken`."""
    return re.sub(r"[^A-Za-z0-9]", "", name)


def _shapes(document: Document, home: str, homes: Mapping[str, str]) -> str:
    own = sorted(name for name, at in homes.items() if at == home)
    body = "\n\n".join(_shape(name, document["components"]["schemas"][name]) for name in own)
    used = {at for name in own for at in _direct(document["components"]["schemas"][name])}
    return "\n".join(
        [
            f'"""Shapes of {home}. Written by tools/openapi.py."""',
            "from __future__ import annotations",
            *_imports(body, {at for at in used if homes.get(at) != home}, homes),
            body,
        ]
    )


def _direct(part: Any) -> set[str]:
    text = repr(part)
    return set(re.findall(r"#/components/schemas/([^'\"]+)", text))


def _shape(name: str, schema: Document) -> str:
    if schema.get("type") != "object" or "properties" not in schema:
        return f"{shape_name(name)}: TypeAlias = {type_of(schema)!r}"
    title = str(schema.get("description", "A shape.")).splitlines()[0].replace('"', "'")
    required = set(schema.get("required", ()))
    fields = []
    for field, part in schema["properties"].items():
        typed = type_of(part) if field in required else f"NotRequired[{type_of(part)}]"
        fields.append(f"    {field!r}: {typed},")
    odd = [field for field in schema["properties"] if not field.isidentifier()]
    if odd or any(keyword.iskeyword(field) for field in schema["properties"]):
        lines = [line.replace(": ", ": '", 1)[:-1] + "'," for line in fields]
        return "\n".join([f"{shape_name(name)} = TypedDict({shape_name(name)!r}, {{", *lines, "})"])
    lines = [f"    {line.strip().rstrip(',').replace(chr(39), '', 2)}" for line in fields]
    return "\n".join([f"class {shape_name(name)}(TypedDict):", f'    """{title}"""', *lines])


def _imports(body: str, used: set[str], homes: Mapping[str, str]) -> Iterator[str]:
    words = [at for at in ("Mapping", "Sequence") if f"{at}[" in body]
    if words:
        yield f"from collections.abc import {', '.join(words)}"
    typed = [at for at in ("Any", "Literal", "NotRequired", "TypeAlias", "TypedDict")
             if re.search(rf"\b{at}\b", body)]  # fmt: skip
    if typed:
        yield f"from typing import {', '.join(typed)}"
    by_home: dict[str, list[str]] = {}
    for name in sorted(used):
        if name in homes and re.search(rf"\b{shape_name(name)}\b", body):
            by_home.setdefault(homes[name], []).append(shape_name(name))
    for home, names in sorted(by_home.items()):
        yield f"from ringroad.client.shapes.{home} import {', '.join(names)}"


def _verbs(tag: str, operations: list[tuple[str, str, Document]], homes: Mapping[str, str]) -> str:
    parts = [part for one in operations for part in _methods(*one)]
    body = "\n\n".join(parts)
    lines = [f"class {tag.title()}(Wire):", f'    """Verbs of {tag}."""', "", body]
    if "pa.Table" in body:
        lines = ["if TYPE_CHECKING:", "    import pyarrow as pa", "", *lines]
    head = [
        f'"""Verbs of {tag}. Written by tools/openapi.py."""',
        "from __future__ import annotations",
        *_imports("\n".join(lines), set(homes), homes),
        "from ringroad.client.wire import Wire",
    ]
    if "pa.Table" in body:
        head.append("from typing import TYPE_CHECKING")
    return "\n".join([*head, *lines])


def _methods(method: str, path: str, operation: Document) -> Iterator[str]:
    answers = [answer for status, answer in operation["responses"].items() if status[0] == "2"]
    media = answers[0].get("content", {}) if answers else {}
    name = operation["operationId"]
    if "text/event-stream" in media:
        return
    if "application/json" in media:
        yield _method(method, path, operation, name, type_of(media["application/json"]["schema"]))
    else:
        yield _method(method, path, operation, name, "bytes")
    if ARROW in media and "application/json" in media:
        yield _method(method, path, operation, f"{name}_table", "pa.Table")


def _method(method: str, path: str, operation: Document, name: str, gives: str) -> str:
    table = gives == "pa.Table"
    taken: dict[str, tuple[str, bool, str, str]] = {}
    for item in operation.get("parameters", ()):
        if table and item["name"] in PAGING:
            continue
        word = item["name"].replace("-", "_").lower()
        needed = bool(item.get("required"))
        taken[word] = (type_of(item["schema"]), needed, item["in"], item["name"])
    reference = _body_of(operation)
    for field, schema in reference.get("properties", {}).items():
        needed = field in reference.get("required", ())
        taken[field] = (type_of(schema), needed, "body", field)
    places = {at: {w: row for w, row in taken.items() if row[2] == at}
              for at in ("path", "query", "header", "body")}  # fmt: skip
    signature = [f"{word}: {row[0]}" for word, row in places["path"].items()]
    rest = [(word, row) for word, row in taken.items() if row[2] != "path"]
    rest.sort(key=lambda item: not item[1][1])
    if rest:
        signature.append("*")
    signature += [
        f"{word}: {row[0]}" if row[1] else f"{word}: {_with_none(row[0])} = None"
        for word, row in rest
    ]
    bare = path.removeprefix("/api/v1")
    words = [repr(method), repr(bare)]
    for place in ("path", "query", "header", "body"):
        if places[place] or (place == "body" and operation.get("requestBody")):
            pairs = ", ".join(f"{row[3]!r}: {word}" for word, row in places[place].items())
            words.append(f"{place}={{{pairs}}}")
    call = {"pa.Table": "_table", "bytes": "_bytes"}.get(gives, "_json")
    text = f"self.{call}({', '.join(words)})"
    says = str(operation["description"]).split("\n\n")[0].splitlines()[0].replace('"', "'")
    head = f"    def {name}({', '.join(['self', *signature])}) -> {gives}:"
    lines = [head, f'        """{says}"""']
    if call == "_json":
        return "\n".join([*lines, f"        found: {gives} = {text}", "        return found"])
    return "\n".join([*lines, f"        return {text}"])


def _with_none(kind: str) -> str:
    return kind if kind.endswith("None") or kind == "Any" else f"{kind} | None"


_SCHEMAS: dict[str, Document] = {}


def _body_of(operation: Document) -> Document:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return _SCHEMAS.get(schema.get("$ref", "").rpartition("/")[2], schema)


def _all_verbs(tags: list[str]) -> str:
    lines = ['"""All verbs of the API. Written by tools/openapi.py."""']
    lines.append("from __future__ import annotations")
    lines += [f"from ringroad.client.verbs.{tag} import {tag.title()}" for tag in tags]
    lines += [f"class Verbs({', '.join(tag.title() for tag in tags)}):",
              '    """One method an operation, called as the operation is."""']  # fmt: skip
    return "\n".join(lines) + "\n"


def _formatted(name: str, text: str) -> str:
    """As `make format` leaves it."""
    ruff = Path(sys.executable).with_name("ruff")
    for words in (["check", "--select", "I,UP,F401", "--fix", "-q"], ["format", "-q"]):
        run = subprocess.run(
            [ruff, *words, "--stdin-filename", str(FOLDER / name), "-"],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        text = run.stdout
    return text


def prepare(document: Document) -> None:
    """Bodies are looked up by name."""
    _SCHEMAS.update(document["components"]["schemas"])
