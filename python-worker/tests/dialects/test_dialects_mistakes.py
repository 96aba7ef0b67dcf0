"""What is wrong with a document is told all at once, each with its line and what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcove import OpError, dialects

Mistakes = list[tuple[int, str]]

JSON = """{"ops": [{
  "name": "blur", "title": "Blur", "description": "",
  "form": "function",
  "inputs": [
    {"name": "image", "type": "array", "role": "image", "axes": "y x", "required": true},
    {"name": "sigma",
     "type": "float",
     "minimum": 0, "maximum": 9,
     "required": false,
     "default": 1.5}
  ],
  "outputs": [{"name": "image", "type": "array", "role": "image"}],
  "idempotent": false, "gpu": false
}]}
"""
YAML = """# A comment
ops:
  - name: blur
    title: Blur
    description: ""
    form: function
    inputs:
      - name: sigma
        type: float
        minimum: 0
        required: false
        default: 1.5
    outputs: []
    idempotent: false
    gpu: false
"""
XML = """<?xml version="1.0"?>
<ops xmlns="urn:alcove:op:1">
  <op name="blur" form="function" idempotent="false" gpu="false">
    <title>Blur</title>
    <description/>
    <input name="sigma" type="float" minimum="0" required="false">
      <default><float>1.5</float></default>
    </input>
  </op>
</ops>
"""


@pytest.fixture
def mistakes_in(tmp_path: Path) -> Callable[..., Mistakes]:
    """The line and message of each mistake in a text, and that each has a file and a hint."""

    def mistakes_in(text: str | bytes, dialect: str) -> Mistakes:
        path = tmp_path / f"document.{dialect}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        try:
            dialects.read(path)
        except OpError as error:
            refused = error
        else:
            return []
        assert refused.hint
        mistakes: list[dict[str, Any]] = refused.details["mistakes"]
        for mistake in mistakes:
            assert mistake["file"] == str(path)
            assert mistake["hint"]
            assert "\n" not in mistake["message"]
        return [(mistake["line"], mistake["message"]) for mistake in mistakes]

    return mistakes_in


@pytest.mark.parametrize(("text", "dialect"), [(JSON, "json"), (YAML, "yaml"), (YAML, "yml"), (XML, "xml")])
def test_what_is_right(tmp_path: Path, text: str, dialect: str) -> None:
    path = tmp_path / f"Document.{dialect.upper()}"
    path.write_text(text, "utf-8")
    assert dialects.read(path)["ops"][0]["inputs"][-1]["default"] == 1.5


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('"float"', '"flot"', 7, 'op blur: input sigma: type cannot be "flot"'),
        (
            '"type": "float"',
            '"type": "float", "tpye": 1',
            7,
            "op blur: input sigma has a member tpye, which means nothing",
        ),
        ('     "type": "float",\n', "", 6, "op blur: input sigma has no type"),
        ('     "required": false,\n', "", 6, "op blur: input sigma has no required"),
        ('"required": false', '"required": true', 10, "op blur: input sigma: default has no place here"),
        ('"form": "function"', '"form": "procedure"', 3, 'op blur: form cannot be "procedure"'),
        ('"axes": "y x"', '"axes": "y, x"', 5, 'op blur: input image: axes cannot be "y, x"'),
        ('"axes": "y x"', '"axes": "y x\\n"', 5, 'op blur: input image: axes cannot be "y x\\n"'),
        ('"axes": "y x"', '"axes": "y y"', 5, "op blur: input image: an axis comes twice in y y"),
        (', "role": "image", "axes"', ', "axes"', 5, "op blur: input image has no role"),
        ('"axes": "y x"', '"dtypes": ["uint8", "u2"]', 5, 'op blur: input image: dtypes[1] cannot be "u2"'),
        ('"axes": "y x"', '"nullable": false', 5, "op blur: input image: nullable cannot be false"),
        ('"axes": "y x"', '"minimum": 0', 5, "op blur: input image: minimum has no place here"),
        ('"axes": "y x"', '"direction": "inout"', 3, "op blur: the form is function, but the directions of its inputs"),
        ('"minimum": 0', '"minimum": 10', 8, "op blur: input sigma: the minimum 10 is above the maximum 9"),
        ('"minimum": 0', '"minimum": "0"', 8, 'op blur: input sigma: minimum cannot be "0"'),
        ('"minimum": 0', '"step": 0', 8, "op blur: input sigma: step cannot be 0"),
        (
            '"default": 1.5',
            '"default": 10',
            10,
            "op blur: input sigma: the default does not fit, it must be a float fr",
        ),
        ('"default": 1.5', '"default": null', 10, "op blur: input sigma: the default does not fit, it must be a float"),
        ('"default": 1.5', '"default": true', 10, "op blur: input sigma: the default does not fit, it must be a float"),
        ('"default": 1.5', '"default": {"$type": "x"}', 10, "op blur: input sigma: default: expected a $type of"),
        ('"default": 1.5', '"default": NaN', 10, "NaN is not JSON"),
        ('"default": 1.5', '"default": 1e400', 10, "the number 1e400 is too large"),
        ('"default": 1.5', '"default": ' + "1" * 1001, 10, "an integer has more than 1000 digits"),
        ('"default": 1.5', '"default": ' + "1" * 9999, 10, "an integer has more than 1000 digits"),
        ('"default": 1.5', '"default": 1.5,\n\n"type": "float"', 12, "type stands here a second time"),
        ('"title": "Blur"', '"title": "\\ud800"', 2, 'op blur: title cannot be "\ud800"'),
        ('"name": "sigma"', '"name": "image"', 6, "op blur: input image is there already"),
        ('"name": "sigma"', '"name": ""', 6, 'op blur: input 2: name cannot be ""'),
        ('"gpu": false', '"gpu": 0', 13, "op blur: gpu cannot be 0"),
        ('"gpu": false', '"gpu": false, "memory": 1.0', 13, "op blur: memory cannot be 1.0"),
        ('"gpu": false', '"gpu": false, "grace": -1', 13, "op blur: grace cannot be -1"),
        ('"gpu": false', '"gpu": false, "id": "0123456789ab:b"', 13, "op blur: the id ends with another name"),
        ('"gpu": false', '"gpu": false, "id": "123:blur"', 13, 'op blur: id cannot be "123:blur"'),
        ('"gpu": false', '"gpu" false', 13, "this is not JSON: Expecting ':' delimiter"),
        ("}]}\n", "}]}\n}", 15, "this is not JSON: Extra data"),
        ('"inputs": [', '"inputs": [[', 12, "this is not JSON: Expecting"),
    ],
)
def test_mistakes_in_json(mistakes_in: Any, old: str, new: str, line: int, message: str) -> None:
    assert JSON.count(old) >= 1
    # The last one, where there are several: those of the input sigma.
    before, _, after = JSON.rpartition(old)
    ((found_line, found),) = mistakes_in(before + new + after, "json")
    assert (found_line, found[: len(message)]) == (line, message)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("type: float", "type: flot", 9, 'op blur: input sigma: type cannot be "flot"'),
        (
            "type: float",
            "type: float\n        tpye: float",
            10,
            "op blur: input sigma has a member tpye, which means nothing",
        ),
        ("        type: float\n", "", 8, "op blur: input sigma has no type"),
        ("required: false", "required: no", 11, 'op blur: input sigma: required cannot be "no"'),
        ("minimum: 0", "minimum: 2", 12, "op blur: input sigma: the default does not fit"),
        ("minimum: 0", "minimum: .inf", 10, ".inf is no number that JSON has"),
        ("minimum: 0", "minimum: 1e999", 10, "the number 1e999 is too large"),
        ("minimum: 0", f"minimum: {'1' * 1001}", 10, "an integer has more than 1000 digits"),
        ("minimum: 0", f"minimum: 0x{'f' * 1000}", 10, "an integer has more than 1000 digits"),
        ("gpu: false", "gpu: false\n    gpu: true", 16, "gpu stands here a second time"),
        ("gpu: false", "1: false", 15, "the key 1 is no text"),
        ("gpu: false", "~: false", 15, "the key ~ is no text"),
        ("gpu: false", "[gpu]: false", 15, "a key that is no text is not read in op documents"),
        ("gpu: false", "gpu: &a false", 15, "an anchor or alias (& or *) is not read in op documents"),
        ("gpu: false", "gpu: *a", 15, "an anchor or alias (& or *) is not read in op documents"),
        ("gpu: false", "<<: *a", 15, "an anchor or alias (& or *) is not read in op documents"),
        ("gpu: false", "gpu: !!bool false", 15, "the tag tag:yaml.org,2002:bool is not read in op documents"),
        ("gpu: false", "gpu: !!python/object/apply:os.getcwd []", 15, "the tag tag:yaml.org,2002:python/object/apply"),
        ("gpu: false", "gpu: false\n---\nops: []", 16, "a second document is not read in op documents"),
        ("    gpu: false", "\tgpu: false", 15, "this is not YAML: found character '\\t'"),
        ("    gpu: false", "   gpu: false", 15, "this is not YAML: "),
        ("gpu: false", "gpu: [false", 16, "this is not YAML: "),
        ("gpu: false", 'gpu: "\\U00110000"', 1, "this is not YAML: "),
        ("gpu: false", "gpu: \x01", 15, "this is not YAML: the character '\\x01'"),
        ("title: Blur", "title: Blur: fast", 4, "this is not YAML: mapping values are not allowed here"),
    ],
)
def test_mistakes_in_yaml(mistakes_in: Any, old: str, new: str, line: int, message: str) -> None:
    assert YAML.count(old) == 1
    ((found_line, found),) = mistakes_in(YAML.replace(old, new), "yaml")
    assert (found_line, found[: len(message)]) == (line, message)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('type="float"', 'type="flot"', 6, "<input> type: The value 'flot' is not an element of the set"),
        ('type="float"', 'tpye="float" type="float"', 6, "<input> tpye: The attribute 'tpye' is not allowed."),
        ('type="float" ', "", 6, "<input>: The attribute 'type' is required but missing."),
        ('minimum="0"', 'minimum="0x1"', 6, "<input> minimum: The value '0x1' is not accepted"),
        ('minimum="0"', 'minimum="01"', 6, "<input> minimum: The value '01' is not accepted"),
        ('minimum="0"', 'minimum="2"', 7, "op blur: input sigma: the default does not fit, it must be a float from 2"),
        ('minimum="0"', 'minimum="1e999"', 6, "the number 1e999 is too large"),
        ('minimum="0"', f'minimum="{"1" * 1001}"', 6, "an integer has more than 1000 digits"),
        ('minimum="0"', 'role="image"', 6, "op blur: input sigma: role has no place here"),
        ("<float>1.5</float>", "<integer>1.5</integer>", 7, "<integer>: The value '1.5' is not accepted"),
        ("<float>1.5</float>", "<string>\n1.5</string>", 7, "op blur: input sigma: the default does not fit"),
        ("<float>1.5</float>", "", 7, "<default>: Missing child element(s)."),
        ("<default><float>1.5</float></default>", "<defualt/>", 7, "<defualt>: This element is not expected."),
        ("    <description/>\n", "", 5, "<input>: This element is not expected. Expected is ( description )."),
        ("urn:alcove:op:1", "urn:alcove:op:2", 2, "the document's element is {urn:alcove:op:2}ops"),
        (' xmlns="urn:alcove:op:1"', "", 2, "the document's element is ops"),
        ("</title>", "</titel>", 4, "this is not XML: Opening and ending tag mismatch: title line 4 and titel"),
        ("Blur", "&blur;", 4, "this is not XML: Entity 'blur' not defined"),
        ("Blur", "&#0;", 4, "this is not XML: "),
        ("</ops>\n", "</ops>\n<ops/>", 11, "this is not XML: Extra content at the end of the document"),
        ('"1.0"?>', '"1.0" encoding="x"?>', 1, "this is not XML that can be read: unknown encoding: x"),
    ],
)
def test_mistakes_in_xml(mistakes_in: Any, old: str, new: str, line: int, message: str) -> None:
    assert XML.count(old) == 1
    ((found_line, found),) = mistakes_in(XML.replace(old, new), "xml")
    assert (found_line, found[: len(message)]) == (line, message)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE ops [<!ENTITY blur "Blur">]>',
        '<!DOCTYPE ops [<!ENTITY blur SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE ops SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE ops [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>',
        '<!DOCTYPE ops [<!ENTITY a "aaaaaaaaaa">'
        + "".join(
            f'<!ENTITY {b} "&{a};&{a};&{a};&{a};&{a};&{a};">'
            for a, b in zip("abcdefghijkl", "bcdefghijklm", strict=True)
        )
        + "]>",
        "<!DOCTYPE ops>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_anything_comes_of_it(
    mistakes_in: Any, declaration: str, encoding: str
) -> None:
    text = XML.removeprefix('<?xml version="1.0"?>\n').replace("Blur", "&blur;")
    document = f'<?xml version="1.0" encoding="{encoding}"?>\n{declaration}\n{text}'.encode(encoding)
    assert mistakes_in(document, "xml") == [(2, "a document type (<!DOCTYPE ...>) is not read in op documents")]


def test_all_mistakes_are_told_at_once(mistakes_in: Any) -> None:
    json_text = JSON.replace('"float"', '"flot"').replace("false}", "null}").replace('"gpu": false', '"gpu": "no"')
    assert [line for line, _ in mistakes_in(json_text, "json")] == [7, 13]
    xml_text = XML.replace('"float"', '"flot"').replace('gpu="false"', 'gpu="no"')
    assert [line for line, _ in mistakes_in(xml_text, "xml")] == [3, 6]
    yaml_text = YAML.replace(" float", " flot").replace("gpu: false", "gpu: no") + "    gpuu: true\n"
    assert [line for line, _ in mistakes_in(yaml_text, "yaml")] == [9, 15, 16]


def test_members_that_are_there_twice_are_all_told(mistakes_in: Any) -> None:
    found = mistakes_in('{"ops": [],\n"a": 1,\n"a": 2,\n"b": {"c": 1, "d": {},\n"c": 2}}', "json")
    assert found == [(3, "a stands here a second time"), (5, "c stands here a second time")]
    value = "<object>\n<member name='a'><null/></member>\n<member name='a'><null/></member></object>"
    text = XML.replace("<float>1.5</float>", value).replace('"float" minimum="0"', '"any"')
    assert mistakes_in(text, "xml") == [(9, "a stands here a second time")]


@pytest.mark.parametrize("dialect", ["json", "yaml", "xml"])
@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"\n",
            b"\0",
            b"\xff",
            b"[]",
            b"null",
            b"<",
            b"<a/>",
            b"- a",
            b"a",
            b'"a"',
            b"{}",
            b"ops:",
            b"ops",
            b"ops: ",
        ),
        *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00", b'"\\ud800"', b"\r", b"\t", b"\x1a"),
        *(b"[" * 100_000, b'{"a":' * 100_000, b"<a>" * 100_000, b"- " * 20_000, b"&a" * 1000, b"!" * 1000),
        *(b"%YAML 9.9\n---\na", b"%YAML 1.1\n%YAML 1.1\n--- a", b"<?xml?>", b"<?xml version='1.0'?>", b"<![CDATA[a]]>"),
    ],
)
def test_what_is_no_document_is_a_mistake_and_never_a_crash(mistakes_in: Any, content: bytes, dialect: str) -> None:
    assert mistakes_in(content, dialect)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([JSON, YAML, XML]), st.data())
def test_no_change_of_a_document_makes_a_crash(mistakes_in: Any, text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(at + 8, len(text))))
    new = data.draw(st.text(max_size=3) | st.sampled_from([*"{}[]<>&*!|:\"'#,-\n\t 019.", "null", "<![CDATA[", "\\u"]))
    for dialect in ("json", "yaml", "xml"):
        mistakes_in((text[:at] + new + text[until:]).encode("utf-8", "surrogatepass"), dialect)


@pytest.mark.parametrize("character", ["\0", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_default_that_xml_cannot_hold(mistakes_in: Any, character: str) -> None:
    for value in ([{"a": f"b{character}"}], {f"a{character}": 1}):
        text = JSON.replace('"float"', '"any"').replace('"minimum": 0, "maximum": 9,', "")
        ((line, message),) = mistakes_in(text.replace("1.5", json.dumps(value)), "json")
        assert line == 10
        assert message.startswith("op blur: input sigma: default")
        assert repr(character)[1:-1] in message


def test_encodings(mistakes_in: Any) -> None:
    for text, dialect in ((JSON, "json"), (YAML, "yaml"), (XML, "xml")):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            assert mistakes_in(text.replace("Blur", "Größe 🔬").encode(encoding), dialect) == [], (dialect, encoding)
    declared = XML.replace('"1.0"', '"1.0" encoding="ISO-8859-1"', 1).replace("Blur", "Größe")
    assert mistakes_in(declared.encode("latin-1"), "xml") == []
    message = "it is not written in UTF-8"
    assert mistakes_in(JSON.replace('"blur"', '"größe"').encode("latin-1"), "json") == [
        (2, f"this is not JSON: {message}")
    ]
    assert mistakes_in(YAML.replace("Blur", "Größe").encode("latin-1"), "yaml") == [(4, f"this is not YAML: {message}")]
    ((line, message),) = mistakes_in(XML.replace("Blur", "Größe").encode("latin-1"), "xml")
    assert (line, message) == (4, "this is not XML: Invalid bytes in character encoding")


def test_lines_are_right_far_down(mistakes_in: Any) -> None:
    far = "\n" * 100_000
    (mistake,) = mistakes_in(JSON.replace('"gpu": false', f'{far}"gpu": 0'), "json")
    assert mistake[0] == 100_013
    (mistake,) = mistakes_in(YAML.replace("    gpu: false", f"{far}    gpu: 0"), "yaml")
    assert mistake[0] == 100_015
    (mistake,) = mistakes_in(XML.replace("<default><float>1.5", f"{far}<default><float>-1.5"), "xml")
    assert mistake[0] == 100_007


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    for dialect in ("json", "yaml", "xml"):
        path = tmp_path / f"document.{dialect}"
        with path.open("wb") as file:
            file.truncate(200 << 20)
        with pytest.raises(OpError) as refused:
            dialects.read(path)
        (mistake,) = refused.value.details["mistakes"]
        assert mistake["message"] == "the file has more than 4 MiB, which no document of ops needs"


@pytest.mark.parametrize(
    ("name", "cause"),
    [("none.json", "not_found"), ("document.txt", "failed"), ("folder.json", "failed"), ("a.py", "failed")],
)
def test_what_is_no_file_of_ours(tmp_path: Path, name: str, cause: str) -> None:
    (tmp_path / "document.txt").write_text("ops: []")
    (tmp_path / "a.py").write_text("")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(OpError) as refused:
        dialects.read(tmp_path / name)
    assert refused.value.hint
    assert refused.value.details["cause"] == cause
    assert refused.value.details["path"] == str(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(OpError, match="is no file"):
        dialects.read(tmp_path / "pipe.json")


def test_descriptors_that_are_wrong_are_not_rendered() -> None:
    ops = json.loads(JSON)["ops"]
    ops[0]["inputs"][1]["type"] = "flot"
    ops[0]["gpu"] = None
    with pytest.raises(OpError, match='op blur: input sigma: type cannot be "flot"') as refused:
        dialects.render(ops, "yaml")
    assert [mistake["message"] for mistake in refused.value.details["mistakes"]] == [
        'op blur: input sigma: type cannot be "flot"',
        "op blur: gpu cannot be null",
    ]


def test_descriptors_nested_too_deeply_are_not_rendered() -> None:
    ops = json.loads(JSON)["ops"]
    items: dict[str, Any] = {"type": "any"}
    for _ in range(300):
        items = {"type": "list", "items": items}
    ops[0]["outputs"] = [{"name": "a", **items}]
    for dialect in ("json", "yaml", "xml"):
        with pytest.raises(OpError, match="nested"):
            dialects.render(ops, dialect)  # type: ignore[arg-type]
