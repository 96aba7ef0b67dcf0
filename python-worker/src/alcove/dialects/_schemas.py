"""What ``op.schema.json`` says of a document, and the schemas' own texts."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from alcove.dialects._reading import Found, Place

_MOST_MISTAKES = 100
_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
# Beside this file in the jar, in the repository's own folder otherwise.
_FOLDERS = (Path(__file__).parent / "schemas", Path(__file__).parents[4] / "schemas")


@functools.cache
def text(name: str) -> str:
    """A file of ``schemas/``."""
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    return (folder / name).read_text("utf-8")


@functools.cache
def _op_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(text("op.schema.json"))
    return schema


def meaning(member: str) -> str:
    """What a member of a descriptor is for, in one sentence; empty for what is none."""
    schema = _op_schema()
    described = schema["$defs"].get(member) or schema["properties"].get(member) or {}
    return str(described.get("description", "")).split(". ")[0].removesuffix(".")


def violations(document: Any) -> list[Found]:
    """Where a document is not what the schema says, the first hundred places."""
    try:
        errors = list(islice(_validator().iter_errors(document), _MOST_MISTAKES))
    except RecursionError:
        return [Found((), "lists are nested too deeply", "no op needs that")]
    # What goes with a type is told only where the rest is right: a wrong type would make all of it wrong.
    plain = {_owner(error) for error in errors if not _is_conditional(error)}
    found = [
        mistake
        for error in errors
        if not (_is_conditional(error) and _owner(error) in plain)
        for mistake in _mistakes(error, document)
    ]
    return list(dict.fromkeys(found))


@functools.cache
def _validator() -> Any:
    import jsonschema
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    # Values are read by the worker's own decoder, which says more and knows no limit to their depth.
    values = json.loads(text("value.schema.json"))
    values = {"$schema": values["$schema"], "$id": values["$id"], "$defs": {"dtype": values["$defs"]["dtype"]}}
    base: Any = jsonschema.Draft202012Validator
    extend: Any = jsonschema.validators.extend
    strict = extend(
        base,
        validators={"pattern": _pattern, "properties": _properties},
        type_checker=base.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
    )
    return strict(_op_schema(), registry=Registry().with_resource(values["$id"], DRAFT202012.create_resource(values)))


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    """As the schema means it: Python's own $ matches before a newline at the end too."""
    import jsonschema

    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def _properties(validator: Any, properties: dict[str, Any], value: Any, _: Any) -> Iterator[Any]:
    """As jsonschema has it, but for a member that must not be there the error says where."""
    import jsonschema

    for name in properties if isinstance(value, dict) else ():
        if name in value and properties[name] is False:
            yield jsonschema.ValidationError(f"{name} must not be there", path=[name])
        elif name in value:
            yield from validator.descend(value[name], properties[name], path=name, schema_path=name)


def _is_conditional(error: Any) -> bool:
    return "then" in error.absolute_schema_path or "else" in error.absolute_schema_path


def _owner(error: Any) -> Place:
    """The object whose member is wrong or missing."""
    place = tuple(error.absolute_path)
    return place if error.validator in ("required", "additionalProperties") else place[:-1]


def _mistakes(error: Any, document: Any) -> Iterator[Found]:
    place = tuple(error.absolute_path)
    where = name_of(place, document)
    if error.validator == "required":
        for member in error.validator_value:
            if member not in error.instance:
                yield Found(place, f"{where} has no {member}", f"add {member}: {meaning(member)}")
    elif error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for member in error.instance:
            if member not in known:
                close = difflib.get_close_matches(member, known, 1)
                hint = f"write {close[0]}" if close else "one of " + ", ".join(known)
                yield Found((*place, member), f"{where} has a member {member}, which means nothing", hint)
    elif error.validator == "properties":
        yield Found(place, f"{where} has no place here", meaning(str(place[-1])))
    else:
        value = json.dumps(error.instance, ensure_ascii=False)
        value = value if len(value) <= 60 else value[:57] + "..."
        yield Found(place, f"{where} cannot be {value}", _hint(error, place))


def _hint(error: Any, place: Place) -> str:
    if error.validator == "enum":
        return "one of " + ", ".join(map(str, error.validator_value))
    if error.validator == "pattern" and error.validator_value == _op_schema()["$defs"]["text"]["pattern"]:
        return meaning("text")
    if not place:
        return "an object with the member ops"
    member = [key for key in place if isinstance(key, str)][-1]
    kind = _KINDS.get(error.validator_value, "") if error.validator == "type" and isinstance(place[-1], str) else ""
    return ": ".join(filter(None, (kind, meaning(member))))


def name_of(place: Place, document: Any) -> str:
    """A place in words: "segment: input sigma: minimum"."""
    words: list[str] = []
    value = document
    for key in place:
        value = value[key]
        if isinstance(key, int) and words[-1:] in (["ops"], ["inputs"], ["outputs"]):
            kind = words.pop()[:-1]
            name = value.get("name") if isinstance(value, dict) else None
            words.append(f"{kind} {name if isinstance(name, str) and name else key + 1}")
        elif isinstance(key, int) and words:
            words[-1] += f"[{key}]"
        else:
            words.append(str(key))
    return ": ".join(words) or "the document"
