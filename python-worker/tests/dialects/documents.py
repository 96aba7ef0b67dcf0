"""Documents of ops for the tests: any that there can be, and how they are compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
OPS = sorted((SCHEMAS / "vectors/ops").glob("*.json"))
DIALECTS = ("json", "yaml", "xml")

DTYPES = json.loads((SCHEMAS / "value.schema.json").read_text("utf-8"))["$defs"]["dtype"]["enum"]
# Every character of XML 1.0; those that mean something to one of the parsers more often.
CHARACTERS = st.sampled_from(
    list("\t\n\r \"'\\&<>]-:#|?%@`!*~=.,{}[]0123ey\x7f\x85\xa0\u2028\ufeff\ufffd🔬")
) | st.characters(codec="utf-8", exclude_characters=[*map(chr, {*range(32)} - {9, 10, 13}), "\ufffe", "\uffff"])
# What YAML, XML and JSON each take for something else.
WORDS = st.sampled_from(
    "no Yes on null ~ true FALSE 1 1.0 1e3 0o17 0x1F 012 1_000 12:30 .inf -.INF .NaN 2001-12-14 << = --- ... - &a *a "
    "]]> &amp; <!----> ? | > !!str $type".split()
) | st.sampled_from(
    ["", "- a", "a: b", "a #b", "!!str a", " a", "a ", "\ta", "a\n", "\na", "a\n\n", "a\n b\n", "a\r\nb", "a\rb"]
)
TEXTS = WORDS | st.text(CHARACTERS, max_size=12)
NAMES = TEXTS.filter(bool)
INTEGERS = st.integers() | st.integers(-(10**1000) + 1, 10**1000 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(lambda key: key != "$type"), inner, max_size=3)
    ),
    max_leaves=8,
)
TAGGED = st.sampled_from(
    [
        {"$type": "float", "value": "NaN"},
        {"$type": "complex", "real": -0.0, "imag": {"$type": "float", "value": "-Infinity"}},
        {"$type": "bytes", "base64": "AAE="},
        {"$type": "object", "value": {"$type": "float"}},
        {"$type": "table", "columns": [{"name": "", "values": [None, 1, 1.0, True, "1"]}]},
    ]
)
VALUES = PLAIN | TAGGED | st.lists(TAGGED, max_size=2)
AXES = st.lists(st.sampled_from("t z c y x band".split()), min_size=1, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, name + "?"]) for name in names)).map(" ".join)
)
CHOICES = st.lists(TEXTS | INTEGERS | st.booleans(), min_size=1, max_size=4, unique_by=lambda it: (type(it), it))
# Which defaults are known to fit a type of which nothing else is said.
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": INTEGERS,
    "float": FLOATS | st.integers(-(10**300), 10**300) | st.just({"$type": "float", "value": "NaN"}),
    "complex": FLOATS | st.just({"$type": "complex", "real": 1, "imag": -2.5}),
    "string": TEXTS,
    "bytes": st.just({"$type": "bytes", "base64": "AAE="}),
    "path": TEXTS,
    "object": st.dictionaries(TEXTS.filter(lambda key: key != "$type"), VALUES, max_size=3),
    "any": VALUES,
    "table": st.just({"$type": "table", "columns": []}),
    "shapes": st.just([]),
}


@st.composite
def types(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    """The members of a descriptor that say what the values are."""
    kind = draw(st.sampled_from([*FITTING, "choice", "list", "array"]))
    found: dict[str, Any] = {"type": kind, **_some(draw, nullable=st.just(True))}
    if kind == "array":
        found["role"] = draw(st.sampled_from("image labels mask points vectors tracks array".split()))
        found |= _some(draw, axes=AXES, dtypes=st.lists(st.sampled_from(DTYPES), min_size=1, unique=True))
    elif kind == "list" and depth < 3:
        found |= _some(draw, items=types(depth + 1))
    elif kind == "choice":
        found["choices"] = draw(CHOICES)
    elif kind in ("integer", "float"):
        ends = st.integers() if kind == "integer" else st.integers() | FLOATS
        given = _some(draw, minimum=ends, maximum=ends, step=st.just(0.1) | st.integers(1))
        if "minimum" in given and "maximum" in given and given["minimum"] > given["maximum"]:
            given["minimum"], given["maximum"] = given["maximum"], given["minimum"]
        found |= given
    return found | _some(draw, unit=TEXTS, label=TEXTS)


@st.composite
def inputs(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """One input."""
    found = {"name": name, **draw(types())}
    default = None
    if found["type"] == "choice":
        default = st.sampled_from(found["choices"])
    elif found["type"] == "list":
        default = st.just([]) if "items" in found else st.lists(VALUES, max_size=3)
    elif "minimum" in found or "maximum" in found:
        default = st.just(found.get("minimum", found.get("maximum")))
    elif found["type"] != "array":
        default = FITTING[found["type"]]
    if found.get("nullable"):
        default = st.none() if default is None else default | st.none()
    if found["type"] == "array":
        found |= _some(draw, direction=st.sampled_from(["out", "inout"]))
    found["required"] = default is None or draw(st.booleans())
    if default is not None and not found["required"]:
        found["default"] = draw(default)
    return found | _some(draw, description=TEXTS)


@st.composite
def ops(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """One op."""
    takes = [draw(inputs(given)) for given in draw(st.lists(NAMES, max_size=3, unique=True))]
    gives = [
        {"name": given, **draw(types()), **_some(draw, description=TEXTS)}
        for given in draw(st.lists(NAMES, max_size=2, unique=True))
    ]
    directions = {taken.get("direction") for taken in takes}
    return {
        "name": name,
        "title": draw(TEXTS),
        "description": draw(TEXTS),
        "form": "computer" if "out" in directions else "inplace" if "inout" in directions else "function",
        "inputs": takes,
        "outputs": gives,
        **_some(draw, idempotent=st.booleans()),
        "gpu": draw(st.booleans()),
        **_some(draw, version=TEXTS, menu=TEXTS, grace=st.integers(0) | st.floats(0, 1e9), memory=st.integers(1)),
        **_some(draw, id=st.just(f"0123456789ab:{name}")),
    }


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any document of ops."""
    return {"ops": [draw(ops(name)) for name in draw(st.lists(NAMES, max_size=2, unique=True))]}


def _some(draw: st.DrawFn, **members: st.SearchStrategy[Any]) -> dict[str, Any]:
    return {name: draw(strategy) for name, strategy in members.items() if draw(st.booleans())}


def exact(document: Any) -> str:
    """Equal only for documents that are the same: 1, 1.0 and true differ, -0.0 and 0.0, and the order of members."""
    return json.dumps(document, allow_nan=False)


def document_of(path: Path) -> dict[str, Any]:
    """A document in JSON, read without any of ours."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document
