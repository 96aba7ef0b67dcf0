"""From signatures to descriptors, and what authors are told of signatures that cannot be described."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worker_process import OP_FILES

from alcove.loading import load_file
from alcove.messages import AlcoveError, encode

Describe = Callable[[str], dict[str, Any]]
Mistakes = Callable[[str], list[dict[str, Any]]]

pytestmark = pytest.mark.usefixtures("imports_undone")

HEAD = """
import enum, functools, typing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional
from alcove import *
"""


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    """The descriptor of the one op in a text."""

    def describe_text(text: str) -> dict[str, Any]:
        file = tmp_path / "described.py"
        file.write_text(HEAD + text, encoding="utf-8")
        (loaded,) = load_file(str(file))
        encode(loaded.descriptor)  # whatever it is, it can be sent
        return loaded.descriptor

    return describe_text


@pytest.fixture
def mistakes(tmp_path: Path) -> Mistakes:
    """The mistakes in a text."""

    def mistakes_in(text: str) -> list[dict[str, Any]]:
        file = tmp_path / "described.py"
        file.write_text(HEAD + text, encoding="utf-8")
        with pytest.raises(AlcoveError) as error:
            load_file(str(file))
        assert error.value.kind == "load_failed"
        found: list[dict[str, Any]] = error.value.data["mistakes"]
        return found

    return mistakes_in


def typed() -> dict[str, dict[str, Any]]:
    return {loaded.descriptor["name"]: loaded.descriptor for loaded in load_file(str(OP_FILES / "typed.py"))}


def test_every_type_has_its_descriptor() -> None:
    inputs = {parameter.pop("name"): parameter for parameter in typed()["everything"]["inputs"]}
    assert inputs == {
        "image": {
            "type": "array",
            "role": "image",
            "axes": "c? z? y x",
            "dtypes": ["uint8", "uint16"],
            "required": True,
            "description": "what to segment",
        },
        "array": {"type": "array", "role": "array", "required": True},
        "mask": {"type": "array", "role": "mask", "axes": "y x", "nullable": True, "required": False, "default": None},
        "points": {"type": "array", "role": "points", "nullable": True, "required": False, "default": None},
        "flag": {"type": "boolean", "required": False, "default": True},
        "count": {"type": "integer", "minimum": 0, "maximum": 10, "required": False, "default": 3},
        "sigma": {
            "type": "float",
            "minimum": 0,
            "maximum": 20,
            "step": 0.5,
            "unit": "pixel",
            "label": "Blur",
            "required": False,
            "default": 1,
            "description": "blur before thresholding, in pixels",
        },
        "factor": {"type": "complex", "required": False, "default": {"$type": "complex", "real": 0.0, "imag": 1.0}},
        "name": {"type": "string", "required": False, "default": "cell"},
        "data": {"type": "bytes", "required": False, "default": {"$type": "bytes", "base64": "AA=="}},
        "path": {"type": "path", "required": False, "default": "a b/ü.tif"},
        "method": {
            "type": "choice",
            "choices": ["otsu", "li"],
            "required": False,
            "default": "li",
            "description": "which threshold",
        },
        "level": {"type": "choice", "choices": [1, 2], "required": False, "default": 2},
        "choice": {"type": "choice", "choices": ["OTSU", "LI"], "required": False, "default": "OTSU"},
        "sizes": {"type": "list", "items": {"type": "float"}, "required": False, "default": [1, 2.5]},
        "names": {"type": "list", "items": {"type": "string"}, "required": False, "default": ["a"]},
        "paths": {
            "type": "list",
            "items": {"type": "path"},
            "nullable": True,
            "required": False,
            "default": None,
        },
        "options": {"type": "object", "required": False, "default": {}},
        "anything": {"type": "any", "required": False, "default": None},
        "limit": {"type": "float", "nullable": True, "minimum": 0, "required": False, "default": None},
    }


def test_the_docstring_describes_op_and_parameters() -> None:
    assert typed()["everything"]["description"] == "Take everything.\n\nA second paragraph,\nof two lines."


def test_what_the_decorator_was_told() -> None:
    op = typed()["measure it"]
    told = {key: op[key] for key in ("title", "menu", "version", "idempotent", "gpu", "grace", "form")}
    assert told == {
        "title": "Measure a thing",
        "menu": "Measure>Thing",
        "version": "1.2",
        "idempotent": True,
        "gpu": True,
        "grace": 2.5,
        "form": "function",
    }
    plain = typed()["one_image"]
    assert (plain["title"], plain["gpu"]) == ("One image", False)
    assert not {"idempotent", "menu", "version", "grace"} & set(plain)


def test_outputs_are_named_by_their_fields_role_or_decorator() -> None:
    names = {name: [output["name"] for output in op["outputs"]] for name, op in typed().items()}
    assert names == {
        "everything": [],
        "measure it": ["count", "mean", "where"],
        "find": ["labels", "points", "note"],
        "named_output": ["nuclei"],
        "one_image": ["image"],
        "one_number": ["result"],
        "kinds": ["result"],
    }


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("list", {"type": "list"}),
        ("dict", {"type": "object"}),
        ("typing.List", {"type": "list"}),
        ("typing.Sequence", {"type": "list"}),
        ("typing.Dict[str, Any]", {"type": "object"}),
        ("typing.List[Optional[int]]", {"type": "list", "items": {"type": "integer", "nullable": True}}),
        ("list[Image]", {"type": "list", "items": {"type": "array", "role": "image", "axes": "y x"}}),
        (
            "Optional[Annotated[Image, Axes('z y x')]]",
            {"type": "array", "role": "image", "axes": "z y x", "nullable": True},
        ),
        ("Literal['a', None]", {"type": "choice", "choices": ["a"], "nullable": True}),
        ("Literal[True, False]", {"type": "choice", "choices": [True, False]}),
        ("Annotated[float, Range(maximum=2)]", {"type": "float", "maximum": 2}),
        ("Annotated[float, 'of no concern']", {"type": "float"}),
    ],
)
def test_types(describe: Describe, annotation: str, expected: dict[str, Any]) -> None:
    (parameter,) = describe(f"@op\ndef f(a: {annotation}) -> None: pass\n")["inputs"]
    assert parameter == {"name": "a", **expected, "required": True}


@pytest.mark.skipif(sys.version_info < (3, 10), reason="X | None needs Python 3.10")
def test_the_newer_way_to_write_optional(describe: Describe) -> None:
    (parameter,) = describe("@op\ndef f(a: int | None) -> None: pass\n")["inputs"]
    assert parameter == {"name": "a", "type": "integer", "nullable": True, "required": True}


def test_a_defaults_type_is_kept(describe: Describe) -> None:
    inputs = describe("@op\ndef f(a: float = float('nan'), b: int = 2**70) -> None: pass\n")["inputs"]
    assert [parameter["default"] for parameter in inputs] == [{"$type": "float", "value": "NaN"}, 2**70]


def test_enums_in_lists_may_be_defaults(describe: Describe) -> None:
    text = "class E(enum.Enum):\n    A = 1\n@op\ndef f(a: list[E] = [E.A]) -> None: pass\n"
    assert describe(text)["inputs"][0]["default"] == ["A"]


def test_annotations_may_be_strings(describe: Describe) -> None:
    (parameter,) = describe("@op\ndef f(a: 'Annotated[int, Range(0, 1)]') -> 'None': pass\n")["inputs"]
    assert (parameter["minimum"], parameter["maximum"]) == (0, 1)


def test_functions_that_are_wrapped_show_their_own_signature(describe: Describe) -> None:
    described = describe(
        "def twice(function):\n"
        "    @functools.wraps(function)\n"
        "    def wrapper(*args, **kwargs): return 2 * function(*args, **kwargs)\n"
        "    return wrapper\n"
        "@op\n@twice\ndef f(a: int) -> int: return a\n"
    )
    assert [parameter["name"] for parameter in described["inputs"]] == ["a"]


def test_text_that_xml_cannot_hold_is_replaced(describe: Describe) -> None:
    assert describe('@op\ndef f() -> None:\n    "a\\x00b\\ud800c"\n')["description"] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@op\ndef f(a) -> None: pass", "parameter a has no type"),
        ("@op\ndef f(*a: int) -> None: pass", "parameter a has no fixed name"),
        ("@op\ndef f(**a: int) -> None: pass", "parameter a has no fixed name"),
        ("@op\ndef f(a: int, /) -> None: pass", "parameter a has no fixed name"),
        ("@op\ndef f(a: int): pass", "the result has no type"),
        ("@op\ndef f(a: object) -> None: pass", "parameter a has the type object"),
        ("@op\ndef f(a: tuple[int, int]) -> None: pass", "parameter a has the type"),
        ("@op\ndef f(a: list[set]) -> None: pass", "parameter a has the type set"),
        ("@op\ndef f() -> tuple[int, int]: pass", "output has the type"),
        ("@op\ndef f(a: typing.Union[int, str]) -> None: pass", "several types"),
        ("@op\ndef f(a: 'No') -> None: pass", "name 'No' is not defined"),
        ("@op\ndef f(a: 'int +') -> None: pass", "cannot be evaluated"),
        ("@op\ndef f(a: '1 / 0') -> None: pass", "cannot be evaluated"),
        ("@op\ndef f(a: 'int | 5') -> None: pass", "cannot be evaluated"),
        ("@op\ndef f(a: int = None) -> None: pass", "default None"),
        ("@op\ndef f(a: int = 1.0) -> None: pass", "default 1.0"),
        ("@op\ndef f(a: int = True) -> None: pass", "default True"),
        ("@op\ndef f(a: Path = 5) -> None: pass", "default 5"),
        ("@op\ndef f(a: list[int] = ['x']) -> None: pass", "default ['x']"),
        ("@op\ndef f(a: Literal['x', 'y'] = 'z') -> None: pass", "default 'z'"),
        ("@op\ndef f(a: Any = {1}) -> None: pass", "default of parameter a"),
        ("import numpy\n@op\ndef f(a: Any = numpy.zeros(3)) -> None: pass", "default of parameter a"),
        ("@op\ndef f(a: Annotated[int, Range(0, 5)] = 6) -> None: pass", "default 6"),
        ("@op\ndef f(a: Annotated[float, Range(0, 5)] = float('nan')) -> None: pass", "default nan"),
        ("@op\ndef f(a: Annotated[str, Range(0, 5)]) -> None: pass", "Range is for numbers"),
        ("@op\ndef f(a: Annotated[float, Range(5, 0)]) -> None: pass", "Range"),
        ("@op\ndef f(a: Annotated[float, Range('a', 'b')]) -> None: pass", "Range"),
        ("@op\ndef f(a: Annotated[float, Range(0, float('inf'))]) -> None: pass", "Range"),
        ("@op\ndef f(a: Annotated[float, Range(0, 1, step=float('nan'))]) -> None: pass", "Range"),
        ("@op\ndef f(a: Annotated[float, Unit(5)]) -> None: pass", "Unit"),
        ("@op\ndef f(a: Annotated[float, Label(b'x')]) -> None: pass", "Label"),
        ("@op\ndef f(a: Annotated[float, Axes('y x')]) -> None: pass", "Axes is for arrays"),
        ("@op\ndef f(a: Annotated[float, DTypes('uint8')]) -> None: pass", "DTypes is for arrays"),
        ("@op\ndef f(a: Annotated[Image, DTypes('uint8 float128')]) -> None: pass", "no dtype float128"),
        ("@op\ndef f(a: Annotated[Image, DTypes('')]) -> None: pass", "DTypes"),
        ("@op\ndef f(a: Annotated[Image, DTypes(5)]) -> None: pass", "DTypes"),
        ("@op\ndef f(a: Annotated[Image, Axes('Y,X')]) -> None: pass", "axes 'Y,X'"),
        ("@op\ndef f(a: Annotated[Image, Axes('')]) -> None: pass", "axes ''"),
        ("@op\ndef f(a: Annotated[Image, Axes('y y')]) -> None: pass", "axes 'y y'"),
        ("@op\ndef f(a: Annotated[Image, Axes(5)]) -> None: pass", "axes 5"),
        ("@op\ndef f(a: Literal[b'x']) -> None: pass", "choices"),
        ("class E(enum.Enum):\n    A = 1\n@op\ndef f(a: Literal[E.A]) -> None: pass", "choices"),
        ("class E(enum.Enum): pass\n@op\ndef f(a: E) -> None: pass", "choices"),
        ("@op(title=5)\ndef f() -> None: pass", "title"),
        ("@op(grace='long')\ndef f() -> None: pass", "grace"),
        ("@op(grace=float('nan'))\ndef f() -> None: pass", "grace"),
        ("@op(gpu='yes')\ndef f() -> None: pass", "gpu"),
        ("@op(outputs='nuclei')\ndef f() -> Labels: pass", "outputs"),
        ("@op\ndef f() -> None: pass\n@op\ndef f() -> None: pass", "second op named f"),
        ("class R(NamedTuple):\n    a: int\n    b: object\n@op\ndef f() -> R: pass", "output b has the type object"),
        ("@dataclass\nclass R:\n    a: 'Nothing'\n@op\ndef f() -> R: pass", "Nothing"),
    ],
)
def test_mistakes(mistakes: Mistakes, text: str, message: str) -> None:
    (mistake,) = mistakes(text)
    assert message in mistake["message"]
    assert mistake["hint"]
    line = (HEAD + text).splitlines()[mistake["line"] - 1]
    assert line.startswith(("@op", "def f(", "    b:"))


def test_on_python_3_9_the_error_names_the_older_way(mistakes: Mistakes) -> None:
    text = "@op\ndef f(a: 'int | 5') -> None: pass"  # raises there and here what X | None raises there
    assert "Optional[X]" in mistakes(text)[0]["hint"]


def loaded(tmp_path: Path, text: str) -> Any:
    file = tmp_path / "described.py"
    file.write_text(HEAD + text, encoding="utf-8")
    (op,) = load_file(str(file))
    return op


def test_the_worker_knows_which_parameters_want_a_copy(tmp_path: Path) -> None:
    text = (
        "@op\ndef f(a: Annotated[Image, Writable], b: Image, c: Optional[Annotated[Image, Writable()]]) -> None: pass\n"
    )
    inputs = loaded(tmp_path, text).description.inputs
    assert [found.private for found in inputs] == [True, False, True]
    assert not any("private" in found.descriptor for found in inputs)


def test_the_worker_knows_which_defaults_could_be_changed(tmp_path: Path) -> None:
    text = "@op\ndef f(a: list[int] = [1], b: dict = {}, c: int = 1, d: typing.Sequence[int] = (1,)) -> None: pass\n"
    assert loaded(tmp_path, text).description.mutable_defaults == {"a": [1], "b": {}}


def test_a_decorator_that_hides_the_function_is_the_place_that_is_named(mistakes: Mistakes) -> None:
    text = (
        "def hide(function):\n    def hidden(*args): return function(*args)\n    return hidden\n"
        "@op\n@hide\ndef f(a: int) -> int: return a\n"
    )
    found = mistakes(text)
    assert "hidden: parameter args has no fixed name" in found[0]["message"]


def test_titles_are_made_of_names(describe: Describe) -> None:
    assert describe("@op\ndef measure_DNA_in_cells() -> None: pass\n")["title"] == "Measure DNA in cells"


def test_an_op_that_returns_nothing_may_say_so_in_any_way(describe: Describe) -> None:
    for annotation in ("None", "'None'", "type(None)"):
        assert describe(f"@op\ndef f() -> {annotation}: pass\n")["outputs"] == []


def test_a_result_of_a_class_without_types(mistakes: Mistakes) -> None:
    text = "import collections\nR = collections.namedtuple('R', 'a b')\n@op\ndef f() -> R: pass"
    assert "no type for a" in mistakes(text)[0]["message"]
