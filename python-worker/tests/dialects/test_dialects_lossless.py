"""A document says the same in every dialect, whatever it says."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from documents import DIALECTS, OPS, SCHEMAS, document_of, documents, exact
from hypothesis import HealthCheck, example, given, settings
from jsonschema import Draft202012Validator
from lxml import etree
from referencing import Registry
from ruamel.yaml import YAML

from alcove import dialects

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def through(document: dict[str, Any], dialect: str, folder: Path) -> dict[str, Any]:
    """The document, written in a dialect and read again."""
    path = folder / f"document.{dialect}"
    path.write_text(dialects.render(document["ops"], dialect), "utf-8", newline="")  # type: ignore[arg-type]
    return dialects.read(path)


def an_op(**changes: Any) -> dict[str, Any]:
    """A document of one op with one input, ``changes`` made to the input."""
    taken = {"name": "a", "type": "any", "required": False, "default": None, **changes}
    return {
        "ops": [
            {
                "name": "op",
                "title": "",
                "description": "",
                "form": "function",
                "inputs": [taken],
                "outputs": [],
                "idempotent": False,
                "gpu": False,
            }
        ]
    }


def nested(depth: int, kind: type) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if kind is list else {"a": value}
    return value


@SLOWLY
@given(documents())
@example(an_op(default={"k" * 2000: 1, "\n" * 600: {"x" * 1024: []}}))
@example(an_op(default=nested(190, dict)))
@example(an_op(default=nested(190, list)))
@example(an_op(default="a\n" * 3000))
@example(an_op(default=["  a\nb", "a\n\n  b", " \na", "a\n ", "a \nb", "#a\n#b"]))
@example(an_op(default=[[], {}, [[]], [{}], {"": {"": []}}, [{"a": 1, "b": [2]}]]))
def test_any_document_in_any_dialect_and_from_there_in_any_other(tmp_path: Path, document: dict[str, Any]) -> None:
    for first, second in itertools.permutations(DIALECTS, 2):
        assert exact(through(through(document, first, tmp_path), second, tmp_path)) == exact(document)


@SLOWLY
@given(documents())
def test_what_is_written_is_what_the_schemas_describe(document: dict[str, Any]) -> None:
    schemas = {name: json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")) for name in ("op", "value")}
    registry: Any = Registry().with_contents((schema["$id"], schema) for schema in schemas.values())
    for text in (dialects.render(document["ops"], "json"), json.dumps(document)):
        Draft202012Validator(schemas["op"], registry=registry).validate(json.loads(text))
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "op.xsd")))
    schema.assertValid(etree.fromstring(dialects.render(document["ops"], "xml").encode()))


@SLOWLY
@given(documents())
def test_another_reader_of_yaml_reads_the_same(document: dict[str, Any]) -> None:
    text = dialects.render(document["ops"], "yaml")
    assert exact(YAML(typ="safe", pure=True).load(text)) == exact(document)


@SLOWLY
@given(documents())
def test_a_reader_of_yaml_1_1_reads_the_same(document: dict[str, Any]) -> None:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)
    assert exact(reader.load(dialects.render(document["ops"], "yaml"))) == exact(document)


@pytest.mark.parametrize("path", OPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("dialect", ["yaml", "xml"])
def test_vectors_are_written_as_they_stand_there(
    path: Path, dialect: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("vectors", "dialects 1")
    pinned = path.with_suffix(f".{dialect}").read_text("utf-8")
    assert dialects.render(document_of(path)["ops"], dialect) == pinned  # type: ignore[arg-type]


@pytest.mark.parametrize("path", OPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_vectors_are_read_as_they_stand_there(path: Path, dialect: str) -> None:
    assert exact(dialects.read(path.with_suffix(f".{dialect}"))) == exact(document_of(path))


def test_there_are_vectors() -> None:
    assert len(OPS) >= 10


def test_yaml_and_xml_read_well() -> None:
    document = an_op(
        type="float", minimum=0, maximum=20.0, unit="µm", default=1.5, description="How far it reaches,\nin all axes"
    )
    document["ops"][0] |= {"title": "Blur: fast", "description": "Blurs an image.", "grace": 1e-7}
    assert dialects.render(document["ops"], "yaml") == (
        "ops:\n"
        "  - name: op\n"
        '    title: "Blur: fast"\n'
        "    description: Blurs an image.\n"
        "    form: function\n"
        "    inputs:\n"
        "      - name: a\n"
        "        type: float\n"
        "        minimum: 0\n"
        "        maximum: 20.0\n"
        "        unit: µm\n"
        "        required: false\n"
        "        default: 1.5\n"
        "        description: |-\n"
        "          How far it reaches,\n"
        "          in all axes\n"
        "    outputs: []\n"
        "    idempotent: false\n"
        "    gpu: false\n"
        "    grace: 1.0e-07\n"
    )
    assert dialects.render(document["ops"], "xml") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ops xmlns="urn:alcove:op:1">\n'
        '  <op name="op" form="function" idempotent="false" gpu="false" grace="1e-07">\n'
        "    <title>Blur: fast</title>\n"
        "    <description>Blurs an image.</description>\n"
        '    <input name="a" type="float" minimum="0" maximum="20.0" unit="µm" required="false">\n'
        "      <default><float>1.5</float></default>\n"
        "      <description>How far it reaches,\nin all axes</description>\n"
        "    </input>\n"
        "  </op>\n"
        "</ops>\n"
    )


@pytest.mark.parametrize(
    "text", ["no", "1e3", "0o17", "12:30", "~", "012", "1_000", "y", ".5", "=", "<<", "null", "+1"]
)
def test_texts_that_readers_of_yaml_disagree_about_are_quoted(text: str) -> None:
    written = dialects.render(an_op(default=text)["ops"], "yaml")
    assert re.search(r"default: (.*)", written)[1] == f'"{text}"'  # type: ignore[index]


def test_members_come_in_their_order(tmp_path: Path) -> None:
    document = an_op(type="float", default=1.0, unit="s")
    shuffled = {"ops": [dict(reversed(op.items())) for op in document["ops"]]}
    for taken in shuffled["ops"][0]["inputs"]:
        taken["default"] = taken.pop("default")
    for dialect in DIALECTS:
        assert list(through(shuffled, dialect, tmp_path)["ops"][0]) == list(document["ops"][0])
        assert dialects.render(shuffled["ops"], dialect) == dialects.render(document["ops"], dialect)  # type: ignore[arg-type]
