"""Values and their form on the wire."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker_process import Failure, WorkerProcess

from alcove import Table
from alcove.arrays import Arrays
from alcove.messages import AlcoveError, decode, encode
from alcove.values import blocks_in, decode_value, encode_value

Recorder = Callable[[str, object], None]

VECTORS = json.loads((Path(__file__).parents[2] / "schemas/vectors/values.json").read_text("utf-8"))


def nested(depth: int) -> list[Any]:
    """So many lists, each in the one before."""
    return [nested(depth - 1)] if depth > 1 else []


def changed(table: Table, **columns: Any) -> Table:
    """The table with columns that nobody has looked at."""
    table.update(columns)
    return table


NAMES = {"nan": math.nan, "inf": math.inf, "numpy": numpy, "Table": Table, "nested": nested, "changed": changed}
NO_BLOCKS = Arrays(Path("no such directory"), "alcove-00000000-w1-", 0, lambda names: None)


def exact(value: Any) -> Any:
    """Something equal only for values that are the same: 1, 1.0 and True differ, -0.0 and 0.0 as well, not two NaN."""
    if isinstance(value, Table):
        return ("table", [(name, exact(column)) for name, column in value.items()])
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(item) for item in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack(">d", value)
    if isinstance(value, complex):
        return ("complex", exact(value.real), exact(value.imag))
    if isinstance(value, numpy.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    return (type(value).__name__, value)


def test_names_of_vectors_are_unique() -> None:
    names = [vector["name"] for vector in VECTORS["vectors"] + VECTORS["invalid"] + VECTORS["unencodable"]]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_vectors_are_read_and_written(vector: dict[str, Any], record_property: Recorder) -> None:
    record_property("vectors", "values 1")
    value = eval(vector["python"], NAMES)
    assert exact(decode_value(vector["encoded"], "value", NO_BLOCKS)) == exact(value)
    encoded = encode_value(value, "value", NO_BLOCKS)
    if vector["canonical"]:
        assert exact(encoded) == exact(vector["encoded"])
    assert exact(decode_value(encoded, "value", NO_BLOCKS)) == exact(value)
    assert exact(decode(encode({"value": encoded}))) == exact({"value": encoded})


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_invalid_vectors_are_refused(vector: dict[str, Any], record_property: Recorder) -> None:
    record_property("vectors", "values 1")
    with pytest.raises(AlcoveError) as error:
        decode_value(vector["encoded"], "inputs.value", NO_BLOCKS)
    assert error.value.kind == "invalid_params"
    assert error.value.data["path"] == "inputs.value" + vector["path"]
    assert error.value.data["expected"]


@pytest.mark.parametrize("vector", VECTORS["unencodable"], ids=lambda vector: vector["name"])
def test_unencodable_vectors_are_named(vector: dict[str, Any], record_property: Recorder) -> None:
    record_property("vectors", "values 1")
    with pytest.raises(AlcoveError) as error:
        encode_value(eval(vector["python"], NAMES), "outputs.value", NO_BLOCKS)
    assert error.value.kind == "unencodable_output"
    assert error.value.data == {"path": "outputs.value" + vector["path"], "type": vector["type"]}


def test_an_op_gets_and_returns_every_vector(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    wrong = []
    for vector in VECTORS["vectors"]:
        came = worker.call("echo", value=vector["encoded"])["result"]
        if vector["canonical"] and exact(came) != exact(vector["encoded"]):
            wrong.append(f"{vector['name']}: {came}")
    for vector in VECTORS["invalid"]:
        with pytest.raises(Failure) as failure:
            worker.call("echo", value=vector["encoded"])
        if (failure.value.kind, failure.value.data["path"]) != ("invalid_params", "inputs.value" + vector["path"]):
            wrong.append(f"{vector['name']}: {failure.value}")
    assert not wrong, "\n".join(wrong)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**1000) + 1, 10**1000 - 1)
    | st.floats()
    | st.complex_numbers()
    | st.binary()
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("$type"), inner),
)


@given(plain)
def test_every_value_survives_the_wire(value: Any) -> None:
    line = encode({"value": encode_value(value, "value", NO_BLOCKS)})
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert exact(decode_value(decode(line)["value"], "value", NO_BLOCKS)) == exact(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (numpy.bool_(True), True),
        (numpy.uint64(2**64 - 1), 2**64 - 1),
        (numpy.int8(-5), -5),
        (numpy.float16(0.1), 0.0999755859375),
        (numpy.float32(0.1), 0.10000000149011612),
        (numpy.float64(0.1), 0.1),
        (numpy.float32("nan"), {"$type": "float", "value": "NaN"}),
        (numpy.float64("-inf"), {"$type": "float", "value": "-Infinity"}),
        (numpy.complex64(1 + 2j), {"$type": "complex", "real": 1.0, "imag": 2.0}),
        (numpy.complex128(1 + 2j), {"$type": "complex", "real": 1.0, "imag": 2.0}),
        (numpy.str_("a"), "a"),
        (numpy.bytes_(b"a"), {"$type": "bytes", "base64": "YQ=="}),
        ({numpy.str_("a"): [numpy.int64(1)]}, {"a": [1]}),
        ((1, (2,)), [1, [2]]),
        (Path("a b", "ü"), str(Path("a b", "ü"))),
        (bytearray(b"a"), {"$type": "bytes", "base64": "YQ=="}),
    ],
)
def test_what_python_has_besides(value: Any, expected: Any) -> None:
    encoded = encode_value(value, "value", NO_BLOCKS)
    assert exact(encoded) == exact(expected)
    encode({"value": encoded})


@pytest.mark.parametrize(
    "value",
    [
        numpy.datetime64("2020-01-01T00:00:00.000000001"),
        numpy.datetime64("2020-01-01"),
        numpy.timedelta64(5, "ns"),
        numpy.longdouble(1),
        numpy.zeros(1, "i4,f8")[0],
        numpy.zeros(2, "i4,f8"),
        numpy.zeros(2, "U3"),
        numpy.zeros(2, object),
        numpy.zeros(2, "M8[s]"),
        numpy.zeros(2, numpy.longdouble),
        {1, 2},
        object(),
        range(3),
        memoryview(b"a"),
        {"a": {b"b": 1}},
        {("a", "b"): 1},
        {"\ud800": 1},
    ],
)
def test_what_cannot_be_sent(value: Any) -> None:
    with pytest.raises(AlcoveError) as error:
        encode_value([value], "outputs.x", NO_BLOCKS)
    assert error.value.kind == "unencodable_output"
    assert error.value.data["path"].startswith("outputs.x[0]")


def test_blocks_in_a_value_are_found_but_not_in_what_only_looks_like_one() -> None:
    array = {"$type": "ndarray", "block": "alcove-00000000-w1-3", "offset": 0, "dtype": "uint8", "shape": [1]}
    empty = {**array, "block": None}
    looks_alike = {"$type": "object", "value": {**array, "block": ["x"]}}
    assert blocks_in({"a": [array, empty, {"b": looks_alike}], "c": 1}) == {"alcove-00000000-w1-3"}
