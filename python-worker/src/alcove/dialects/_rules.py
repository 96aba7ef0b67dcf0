"""What no schema can say of op documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alcove.dialects._reading import Found, Place
from alcove.dialects._schemas import meaning, name_of
from alcove.docstrings import beyond_xml
from alcove.fitting import mismatch
from alcove.messages import AlcoveError
from alcove.values import decode_value


def broken_rules(document: dict[str, Any]) -> Iterator[Found]:
    """The places at which a document that fits the schema makes no sense."""
    yield from _texts_beyond_xml(document, (), document)
    yield from _repeated_names(document["ops"], ("ops",), document)
    for index, op in enumerate(document["ops"]):
        place: Place = ("ops", index)
        where = name_of(place, document)
        if "id" in op and op["id"].partition(":")[2] != op["name"]:
            yield Found((*place, "id"), f"{where}: the id ends with another name", meaning("id"))
        yield from _form(op, place, where)
        for side in ("inputs", "outputs"):
            yield from _repeated_names(op[side], (*place, side), document)
            for position, parameter in enumerate(op[side]):
                yield from _type(parameter, (*place, side, position), document)


def _texts_beyond_xml(value: Any, place: Place, document: Any) -> Iterator[Found]:
    hint = "leave it out: XML cannot hold it, and a document must have a form in every dialect"
    if isinstance(value, str):
        beyond = beyond_xml(value)
        if beyond:
            yield Found(place, f"{name_of(place, document)} has the character {beyond!r} in it", hint)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts_beyond_xml(item, (*place, index), document)
    elif isinstance(value, dict):
        for name, item in value.items():
            if beyond_xml(name):
                yield Found(place, f"{name_of(place, document)} has a member {name!r}", hint)
            yield from _texts_beyond_xml(item, (*place, name), document)


def _repeated_names(named: list[dict[str, Any]], place: Place, document: Any) -> Iterator[Found]:
    seen = set()
    for index, item in enumerate(named):
        if item["name"] in seen:
            inner = (*place, index)
            yield Found((*inner, "name"), f"{name_of(inner, document)} is there already", "give it another name")
        seen.add(item["name"])


def _form(op: dict[str, Any], place: Place, where: str) -> Iterator[Found]:
    directions = {parameter.get("direction") for parameter in op["inputs"]}
    form = "computer" if "out" in directions else "inplace" if "inout" in directions else "function"
    if op["form"] != form:
        message = f"{where}: the form is {op['form']}, but the directions of its inputs are those of a {form} op"
        yield Found((*place, "form"), message, meaning("form"))


def _type(described: dict[str, Any], place: Place, document: Any) -> Iterator[Found]:
    where = name_of(place, document)
    names = [name.rstrip("?") for name in described.get("axes", "").split()]
    if len(set(names)) < len(names):
        yield Found((*place, "axes"), f"{where}: an axis comes twice in {described['axes']}", meaning("axes"))
    choices = [(type(choice), choice) for choice in described.get("choices", ())]
    if len(set(choices)) < len(choices):
        yield Found((*place, "choices"), f"{where}: a choice comes twice", "keep one of them")
    if "minimum" in described and "maximum" in described and described["minimum"] > described["maximum"]:
        message = f"{where}: the minimum {described['minimum']} is above the maximum {described['maximum']}"
        yield Found((*place, "minimum"), message, "change one of the two")
    elif "default" in described:
        yield from _default(described, (*place, "default"), where)
    if "items" in described:
        yield from _type(described["items"], (*place, "items"), document)


def _default(described: dict[str, Any], place: Place, where: str) -> Iterator[Found]:
    try:
        expected = mismatch(decode_value(described["default"], "default", None), described)
    except AlcoveError as error:
        yield Found(place, f"{where}: {error}", meaning("default"))
        return
    if expected is not None:
        yield Found(place, f"{where}: the default does not fit, it must be {expected}", "change one of the two")
