"""Binding: what the function gets of inputs that fit. Which ones fit, the vectors of inputs say."""

# ruff: noqa: B006 (defaults that a call could change are what is tested)
from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy
import pytest

from alcove import Image, Range, Shapes, Table, op
from alcove.binding import bind
from alcove.descriptors import Description, describe
from alcove.fitting import mismatch
from alcove.messages import AlcoveError
from alcove.ops import declarations


class Method(enum.Enum):
    OTSU = 1
    LI = "li"


@op
def everything(
    image: Image | None = None,
    path: Path = Path("a"),
    method: Method = Method.OTSU,
    sigma: Annotated[float, Range(0, 20)] = 1,
    factor: complex = 0,
    paths: Sequence[Path] = (),
    names: list[str] = ["a"],
    options: dict[str, Any] = {"deep": []},
    table: Table | None = None,
    shapes: Shapes | None = None,
) -> None: ...


@pytest.fixture(scope="module")
def description() -> Description:
    mistakes: list[Any] = []
    (declaration,) = declarations[__name__]
    description = describe(declaration, __file__, mistakes)
    assert description is not None, mistakes
    return description


def test_arguments_are_what_the_signature_says(description: Description) -> None:
    image, table = numpy.zeros((2, 2)), Table({"a": [1]})
    inputs = {"path": "b c", "method": "LI", "sigma": 2, "factor": 3, "paths": ["d"], "image": image, "table": table}
    arguments = bind(description, inputs)
    assert arguments["path"] == Path("b c")
    assert arguments["method"] is Method.LI
    assert type(arguments["sigma"]) is float
    assert type(arguments["factor"]) is complex
    assert arguments["paths"] == [Path("d")]
    assert arguments["image"] is image
    assert arguments["table"] is table


def test_what_is_not_given_is_left_to_the_function(description: Description) -> None:
    assert set(bind(description, {})) == {"names", "options"}
    assert bind(description, {"image": None})["image"] is None


def test_a_call_cannot_change_the_default_of_the_next(description: Description) -> None:
    arguments = bind(description, {})
    arguments["names"].append("b")
    arguments["options"]["deep"].append(1)
    again = bind(description, {})
    assert (again["names"], again["options"]) == (["a"], {"deep": []})
    assert everything.__defaults__ is not None
    assert everything.__defaults__[6] == ["a"]


def test_inputs_that_are_still_to_come(description: Description) -> None:
    @op
    def needs(a: int, b: int) -> None: ...

    needing = describe(declarations[__name__].pop(), __file__, [])
    assert needing is not None
    assert bind(needing, {"a": 1}, later={"b"}) == {"a": 1}
    with pytest.raises(AlcoveError, match="input a is missing"):
        bind(needing, {"b": 1}, later={"b"})


def test_the_first_that_is_wrong_is_told(description: Description) -> None:
    with pytest.raises(AlcoveError) as error:
        bind(description, {"sigma": 30, "path": 5})
    assert error.value.data == {"path": "inputs.path", "expected": "a path"}
    with pytest.raises(AlcoveError, match="no input sigmas") as error:
        bind(description, {"path": 5, "sigmas": 1, "other": 2})
    assert error.value.data["path"] == "inputs.sigmas"
    assert error.value.data["expected"].startswith("one of image, path, method")


def test_arrays_are_ndarrays_and_nothing_that_looks_like_one() -> None:
    class Lookalike:
        dtype, shape, __setitem__ = numpy.dtype("uint8"), (2, 2), list.__setitem__

    descriptor = {"type": "array", "role": "image", "axes": "y x"}
    for value in (Lookalike(), numpy.uint8(1), memoryview(b"ab")):
        assert mismatch(value, descriptor) == "an image array"
    assert mismatch(numpy.zeros(2).view(numpy.recarray), descriptor) is None


def test_tuples_are_lists_and_paths_are_paths() -> None:
    assert mismatch((1, 2), {"type": "list", "items": {"type": "integer"}}) is None
    assert mismatch(Path("a"), {"type": "path"}) is None
    assert mismatch((), {"type": "shapes"}) is None


def test_choices_are_compared_with_their_types() -> None:
    descriptor = {"type": "choice", "choices": [True, 2, "3"]}
    for value, fits in ((True, True), (1, False), (2, True), (2.0, False), ("3", True), (3, False), ([], False)):
        assert (mismatch(value, descriptor) is None) == fits, value
    assert mismatch(1, descriptor) == "one of true, 2, 3"
