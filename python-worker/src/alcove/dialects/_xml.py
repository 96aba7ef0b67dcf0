"""Op documents in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from xml.parsers import expat

from lxml import etree

from alcove.dialects import _schemas
from alcove.dialects._members import OP, PARAMETER
from alcove.dialects._reading import Found, Parsed, Place, Unreadable, integer, line_among, real

_NAMESPACE = "urn:alcove:op:1"
_FLAGS = ("idempotent", "gpu", "nullable", "required")
_NUMBERS = ("grace", "memory", "minimum", "maximum", "step")
_ELEMENTS = ("title", "description", "inputs", "outputs", "items", "choices", "default")
_MOST_MISTAKES = 100
_ERROR = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: (?:\[facet '\w+'\] )?(.*)", re.DOTALL)

# ---- Writing


def write(document: dict[str, Any]) -> str:
    """The document, indented, ended by a newline."""
    root = etree.fromstring(f'<ops xmlns="{_NAMESPACE}"/>')
    for op in document["ops"]:
        element = etree.SubElement(root, _tag("op"), _attributes(op, OP))
        for name in ("title", "description"):
            etree.SubElement(element, _tag(name)).text = op[name]
        for side in ("input", "output"):
            for parameter in op[f"{side}s"]:
                _write_parameter(etree.SubElement(element, _tag(side)), parameter)
    etree.indent(root)
    for element in root.iter(_tag("default"), _tag("member"), _tag("list")):
        if len(element) == 1 and len(element[0]) == 0:  # on one line
            element.text = element[0].tail = None
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def _attributes(members: dict[str, Any], order: tuple[str, ...]) -> dict[str, str]:
    return {name: _short(name, members[name]) for name in order if name in members and name not in _ELEMENTS}


def _short(name: str, value: Any) -> str:
    if name in _FLAGS:
        return "true" if value else "false"
    return " ".join(value) if name == "dtypes" else str(value)


def _write_parameter(element: Any, parameter: dict[str, Any]) -> None:
    element.attrib.update(_attributes(parameter, PARAMETER))
    if "choices" in parameter:
        choices = etree.SubElement(element, _tag("choices"))
        for choice in parameter["choices"]:
            _write_value(choices, choice)
    if "items" in parameter:
        _write_parameter(etree.SubElement(element, _tag("items")), parameter["items"])
    if "default" in parameter:
        _write_value(etree.SubElement(element, _tag("default")), parameter["default"])
    if "description" in parameter:
        etree.SubElement(element, _tag("description")).text = parameter["description"]


def _write_value(parent: Any, value: Any) -> None:
    if value is None:
        etree.SubElement(parent, _tag("null"))
    elif isinstance(value, bool):
        etree.SubElement(parent, _tag("boolean")).text = "true" if value else "false"
    elif isinstance(value, list):
        element = etree.SubElement(parent, _tag("list"))
        for item in value:
            _write_value(element, item)
    elif isinstance(value, dict):
        element = etree.SubElement(parent, _tag("object"))
        for name, item in value.items():
            _write_value(etree.SubElement(element, _tag("member"), name=name), item)
    else:
        kind = {int: "integer", float: "float", str: "string"}[type(value)]
        etree.SubElement(parent, _tag(kind)).text = str(value)


# ---- Reading


def parse(content: bytes) -> Parsed:
    """Reads a document.

    Raises:
        Unreadable: when it is not XML, has a document type, or is not what ``op.xsd`` describes.
    """
    _refuse_document_type(content)
    # Without a document type there are no entities, so that the parser's limits on depth and size are not needed.
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        reason = error.msg.partition(", line ")[0].strip()
        raise Unreadable(
            (error.lineno or 1, f"this is not XML: {reason}", "correct the line, or the one above")
        ) from None
    schema = etree.XMLSchema(etree.fromstring(_schemas.text("op.xsd").encode()))
    if not schema.validate(root):
        errors: Any = schema.error_log
        raise Unreadable(*((error.line, *_in_words(error.message)) for error in islice(errors, _MOST_MISTAKES)))
    reader = _Reader()
    document = reader.document(root)
    return Parsed(document, reader.found, lambda place: line_among(reader.lines, place))


def _refuse_document_type(content: bytes) -> None:
    """Entities can grow without end and name files, so a document that could declare some is not parsed at all."""
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        message = "a document type (<!DOCTYPE ...>) is not read in op documents"
        raise Unreadable((parser.CurrentLineNumber, message, "leave it out; write what its entities stand for"))

    def stop(*_: Any) -> None:
        raise StopIteration

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(content, True)
    except StopIteration:
        pass
    except expat.ExpatError as error:
        message = f"this is not XML: {expat.ErrorString(error.code)}"
        raise Unreadable((error.lineno, message, "begin with <ops xmlns=...>")) from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not have
        raise Unreadable((1, f"this is not XML that can be read: {error}", "save it as UTF-8")) from None


def _in_words(message: str) -> tuple[str, str]:
    """The message of the schema, and as a hint what the member is for."""
    match = _ERROR.match(message.replace(f"{{{_NAMESPACE}}}", ""))
    if match is None:
        return message, "see op.xsd"
    element, attribute, text = match.groups()
    if "validation root" in text:
        return f"the document's element is {element}", f'write <ops xmlns="{_NAMESPACE}">'
    where = f"<{element}>" + (f" {attribute}" if attribute else "")
    missing = re.search(r"attribute '(\w+)'", text)
    member = attribute or (missing[1] if missing else element)
    return f"{where}: {text}", _schemas.meaning(member) or "see op.xsd"


class _Reader:
    """Makes values of a document that is as ``op.xsd`` says."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.lines: dict[Place, int] = {}

    def document(self, root: Any) -> dict[str, Any]:
        self.lines[()] = self.lines[("ops",)] = root.sourceline
        return {"ops": [self._op(element, ("ops", index)) for index, element in enumerate(root)]}

    def _op(self, element: Any, place: Place) -> dict[str, Any]:
        members: dict[str, Any] = {**self._short_members(element, place), "inputs": [], "outputs": []}
        self.lines[(*place, "inputs")] = self.lines[(*place, "outputs")] = element.sourceline
        for child in element:
            name = etree.QName(child).localname
            if name in ("input", "output"):
                side = members[f"{name}s"]
                side.append(self._parameter(child, (*place, f"{name}s", len(side))))
            else:
                members[name] = self._text(child, (*place, name))
        return {name: members[name] for name in OP if name in members}

    def _parameter(self, element: Any, place: Place) -> dict[str, Any]:
        members = self._short_members(element, place)
        for child in element:
            name = etree.QName(child).localname
            inner = (*place, name)
            self.lines[inner] = child.sourceline
            if name == "choices":
                members[name] = [self._value(choice, (*inner, index)) for index, choice in enumerate(child)]
            elif name == "items":
                members[name] = self._parameter(child, inner)
            elif name == "default":
                members[name] = self._value(child[0], inner)
            else:
                members[name] = self._text(child, inner)
        return {name: members[name] for name in PARAMETER if name in members}

    def _short_members(self, element: Any, place: Place) -> dict[str, Any]:
        self.lines[place] = element.sourceline
        members: dict[str, Any] = {}
        for name, text in element.attrib.items():
            self.lines[(*place, name)] = element.sourceline
            if name in _FLAGS:
                members[name] = text == "true"
            elif name in _NUMBERS:
                members[name] = self._number(text, (*place, name))
            else:
                members[name] = text.split() if name == "dtypes" else text
        return members

    def _text(self, element: Any, place: Place) -> str:
        self.lines[place] = element.sourceline
        return element.text or ""

    def _number(self, text: str, place: Place) -> Any:
        try:
            return integer(text) if text.lstrip("-").isdigit() else real(text)
        except ValueError as error:
            self.found.append(Found(place, str(error), "write a number that fits"))
            return None

    def _value(self, element: Any, place: Place) -> Any:
        self.lines[place] = element.sourceline
        kind, text = etree.QName(element).localname, element.text or ""
        if kind == "list":
            return [self._value(item, (*place, index)) for index, item in enumerate(element)]
        if kind == "object":
            return dict(self._members(element, place))
        if kind in ("integer", "float"):
            return self._number(text, place)
        return {"null": None, "boolean": text == "true", "string": text}[kind]

    def _members(self, element: Any, place: Place) -> Iterator[tuple[str, Any]]:
        names = set()
        for member in element:
            name = member.get("name")
            inner = (*place, name)
            value = self._value(member[0], inner)
            self.lines[inner] = member.sourceline
            if name in names:
                self.found.append(Found(inner, f"{name} stands here a second time", "keep one of them"))
            names.add(name)
            yield name, value
