"""Whatever comes, the parser, the splitter and the values answer with a value or with the error that fits.

``tests/conformance`` does the same to a whole worker, by the million.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker_process import Failure, WorkerProcess

from alcove import Table
from alcove.arrays import Arrays
from alcove.messages import AlcoveError, LineSplitter, Refusal, Request, decode, encode, parse
from alcove.values import blocks_in, decode_value, encode_value

VECTORS = Path(__file__).parents[2] / "schemas/vectors"
NO_BLOCKS = Arrays(Path("no such directory"), "alcove-00000000-w1-", 0, lambda names: None)
LINES = [
    vector["line"].encode()
    for vector in json.loads((VECTORS / "messages.json").read_text("utf-8"))["vectors"]
    if "line" in vector
]

# What looks like a value of the protocol's, right or wrong.
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
tags = st.sampled_from(["float", "complex", "bytes", "ndarray", "table", "object", "file", "x", ""])
members = st.sampled_from(
    "$type value real imag base64 block offset dtype shape axes writable columns name values".split()
)
wire = st.recursive(
    scalars
    | tags
    | st.sampled_from(["NaN", "Infinity", "uint8", "float64", "AAAA", "alcove-00000000-h-0"])
    | st.lists(st.integers(0, 2), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(members, inner, max_size=6)
        | st.builds(lambda tag, rest: {**rest, "$type": tag}, tags, st.dictionaries(members, inner, max_size=6))
    ),
    max_leaves=12,
)


def result_of(action: Callable[[], Any]) -> Any:
    """What it returns, or the error that it raises."""
    try:
        return action()
    except AlcoveError as error:
        return error


@given(st.data())
def test_a_changed_line_is_read_or_refused(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(LINES))
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 20)))
    changed = line[:start] + data.draw(st.binary(max_size=8)) + line[end:]
    item = parse(changed)
    if isinstance(item, Request):
        assert item.id is None or item.id >= 1
        assert isinstance(item.params, dict)
    else:
        assert item.error.kind in ("parse_error", "invalid_request")
        assert item.id is None or item.error.kind == "invalid_request"


@given(st.lists(st.binary(max_size=40)), st.lists(st.integers(0, 200)), st.integers(1, 30))
def test_a_stream_may_be_cut_anywhere(lines: list[bytes], cuts: list[int], limit: int) -> None:
    stream = b"\n".join(lines) + b"\n"

    def fed(pieces: list[bytes]) -> list[Any]:
        splitter = LineSplitter(limit)
        found = [line for piece in pieces for line in splitter.feed(piece)]
        return [line.error.data["bytes"] if isinstance(line, Refusal) else line for line in found]

    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    assert fed([stream[start:end] for start, end in itertools.pairwise(places)]) == fed([stream])


@given(wire)
def test_what_looks_like_a_value_is_read_or_refused(value: Any) -> None:
    decoded = result_of(lambda: decode_value(value, "inputs.value", NO_BLOCKS))
    if isinstance(decoded, AlcoveError):
        assert decoded.kind in ("invalid_params", "array_unavailable")
        assert decoded.kind == "array_unavailable" or decoded.data["path"].startswith("inputs.value")
        return
    encoded = encode_value(decoded, "outputs.value", NO_BLOCKS)
    line = encode({"value": encoded})
    assert line.isascii()
    # What was written is read as the same, and is written the same again.
    again = decode_value(decode(line)["value"], "inputs.value", NO_BLOCKS)
    assert encode({"value": encode_value(again, "outputs.value", NO_BLOCKS)}) == line
    assert blocks_in(encoded) == set()


cells = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(st.characters())
tables = st.integers(0, 3).flatmap(
    lambda rows: st.dictionaries(
        st.text(st.characters()), st.lists(cells, min_size=rows, max_size=rows), max_size=4
    ).map(Table)
)
values = st.recursive(
    cells | st.binary() | tables,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.just("$type"), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    """The value with tuples as lists, and something equal to itself for NaN."""
    if isinstance(value, Table):
        return ("table", [(name, plain(column)) for name, column in value.items()])
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, complex):
        return ("complex", plain(value.real), plain(value.imag))
    if isinstance(value, float):
        return "nan" if math.isnan(value) else (value, math.copysign(1, value))
    return (type(value), value)


@given(values)
def test_what_an_op_may_return_comes_back(value: Any) -> None:
    line = encode({"value": encode_value(value, "outputs.value", NO_BLOCKS)})
    assert plain(decode_value(decode(line)["value"], "inputs.value", NO_BLOCKS)) == plain(value)


@given(st.recursive(values | st.sets(st.integers()) | st.just(object()), lambda inner: st.lists(inner, max_size=3)))
def test_what_an_op_may_return_is_sent_or_named(value: Any) -> None:
    encoded = result_of(lambda: encode_value(value, "outputs.value", None))
    if isinstance(encoded, AlcoveError):
        assert encoded.kind == "unencodable_output"
        assert encoded.data["path"].startswith("outputs.value")
    else:
        encode({"value": encoded})


def test_a_huge_line_takes_no_memory(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    before = peak(worker)
    for _ in range(4000):
        worker.write(b"[" * (1 << 16))
    worker.write(b"\n")
    with pytest.raises(Failure) as failure:
        worker.reply(None)
    assert failure.value.data["bytes"] == 4000 << 16
    # What is below the limit of 16 MiB may be kept, what is above it not.
    assert peak(worker) - before < 64 << 20
    assert worker.call("add", a=1) == {"result": 2}


def peak(worker: WorkerProcess) -> int:
    """The most memory that the worker has ever had, in bytes; 0 where the system does not tell."""
    path = Path(f"/proc/{worker.pid}/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def test_ten_megabytes_of_json_in_one_input(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    value = [{"name": f"cell {index}", "area": index * 0.5, "at": [index, [index]]} for index in range(150_000)]
    assert len(json.dumps(value)) > 9_000_000
    assert worker.call("echo", value=value) == {"result": value}


@pytest.mark.parametrize("limit", [5_000, 1_000_000])
def test_a_deep_line_after_an_op_has_changed_how_deep_python_recurses(
    start: Callable[..., WorkerProcess], tmp_path: Path, limit: int
) -> None:
    """Where Python does not guard its own stack any more, the parser would overflow it."""
    path = tmp_path / "recursion.py"
    path.write_text(
        "import sys\nfrom alcove import op\n@op\ndef allow(depth: int) -> None:\n    sys.setrecursionlimit(depth)\n"
    )
    worker = start()
    worker.initialize()
    worker.load(path)
    worker.call("allow", depth=limit)
    for brackets in (b"[", b'{"a":', b'[{"":'):
        worker.write(brackets * 1_000_000 + b"\n")
        with pytest.raises(Failure, match="parse_error"):
            worker.reply(None)
    worker.write(b'{"jsonrpc": "2.0", "id": 99, "method": "status", "params": {"a": "' + b'[\\"{' * 100_000 + b'"}}\n')
    assert worker.reply(99)["running"] is None
