"""What binding accepts and refuses: the vectors that every host checks its inputs with as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alcove.arrays import Arrays
from alcove.binding import bind
from alcove.descriptors import Described, Description
from alcove.messages import AlcoveError
from alcove.values import decode_value

Recorder = Callable[[str, object], None]

VECTORS = json.loads((Path(__file__).parents[2] / "schemas" / "vectors" / "inputs.json").read_text("utf-8"))["vectors"]
NO_BLOCKS = Arrays(Path("there is none"), "", 0, lambda names: None)


def bound(vector: dict[str, Any]) -> dict[str, Any]:
    inputs = [Described(descriptor, Any) for descriptor in vector["inputs"]]
    values = {name: decode_value(value, f"inputs.{name}", NO_BLOCKS) for name, value in vector["values"].items()}
    return bind(Description({}, inputs, [], {}), values)


def test_there_are_vectors_for_every_type() -> None:
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS)
    types = "boolean integer float complex string bytes path choice list object any array table shapes".split()
    for type_ in types:
        of_type = [vector for vector in VECTORS if [item["type"] for item in vector["inputs"]] == [type_]]
        assert any(vector["refused"] is None for vector in of_type), type_
        assert type_ == "any" or any(vector["refused"] for vector in of_type), type_


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors(vector: dict[str, Any], record_property: Recorder) -> None:
    record_property("vectors", "inputs 1")
    if vector["refused"] is None:
        assert set(bound(vector)) == set(vector["values"])
        return
    with pytest.raises(AlcoveError) as refused:
        bound(vector)
    name, expected = vector["refused"].removeprefix("inputs."), vector["expected"]
    message = f"input {name} must be {expected}"
    if name not in vector["values"]:
        message = f"input {name} is missing"
    elif name not in [item["name"] for item in vector["inputs"]]:
        message = f"no input {name}"
    assert refused.value.kind == "invalid_params"
    assert refused.value.data == {"path": vector["refused"], "expected": expected}
    assert str(refused.value) == message
