"""The vectors of adaptation, each a call of a real worker's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from worker_process import Failure, Host, WorkerProcess

Recorder = Callable[[str, object], None]

FOLDER = Path(__file__).parents[2] / "schemas" / "vectors"
VECTORS = json.loads((FOLDER / "adaptation.json").read_text("utf-8"))["vectors"]
MEMBERS = {"name", "op", "adapt", "inputs", "calls", "outputs", "refused", "expected", "failed", "written"}


def is_array(value: Any) -> bool:
    return isinstance(value, dict) and {"shape", "dtype"} <= set(value) and "$type" not in value


def number(encoded: Any) -> Any:
    if not isinstance(encoded, dict):
        return encoded
    return complex(encoded["real"], encoded["imag"]) if encoded["$type"] == "complex" else float(encoded["value"])


def made(array: dict[str, Any]) -> Any:
    """The ndarray that a vector describes."""
    count = int(numpy.prod(array["shape"], dtype=int))
    values = array.get("values", range(count))
    return numpy.array([number(value) for value in values], array["dtype"]).reshape(array["shape"])


def require_equal(host: Host, came: Any, wanted: Any) -> None:
    if isinstance(wanted, list):
        assert len(came) == len(wanted)
        for came_item, wanted_item in zip(came, wanted, strict=True):
            require_equal(host, came_item, wanted_item)
    elif is_array(wanted):
        assert (came["shape"], came["dtype"]) == (wanted["shape"], wanted["dtype"])
        if isinstance(wanted.get("axes"), str):
            assert [axis["name"] for axis in came["axes"]] == wanted["axes"].split()
        elif "axes" in wanted:
            assert came["axes"] == wanted["axes"]
        if "values" in wanted:
            assert numpy.array_equal(host.array(came), made(wanted), equal_nan=came["dtype"].startswith("float"))
    else:
        assert came == wanted


def check(host: Host, worker: WorkerProcess, op: str, vector: dict[str, Any]) -> None:
    inputs = {
        name: host.share(made(value), axes=value.get("axes"), writable=value.get("writable", False))
        if is_array(value)
        else value
        for name, value in vector["inputs"].items()
    }
    try:
        result = worker.request("call", op=op, adapt=vector["adapt"], inputs=inputs)["outputs"]
    except Failure as failure:
        error = (failure.kind, failure.data.get("path"), failure.data.get("expected"))
        wanted = (vector.get("failed"), None, None)
        if "refused" in vector:
            wanted = ("invalid_params", vector["refused"], vector["expected"])
        require_equal(host, list(error), list(wanted))
    else:
        assert set(result) == set(vector.get("outputs", {"a refusal": 1}))
        for name, wanted in vector["outputs"].items():
            require_equal(host, result[name], wanted)
        worker.release(*worker.loaned)
    assert worker.call("calls") == {"result": vector["calls"]}
    for name, values in vector.get("written", {}).items():
        assert host.array(inputs[name]).ravel().tolist() == values


def test_vectors_are_well_formed() -> None:
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS)
    for vector in VECTORS:
        assert set(vector) <= MEMBERS
        assert len({"outputs", "refused", "failed"} & set(vector)) == 1, vector["name"]


def test_vectors(host: Host, worker: WorkerProcess, record_property: Recorder) -> None:
    record_property("vectors", f"adaptation {len(VECTORS)}")
    ops = worker.load(FOLDER / "adaptation.py")
    wrong = []
    for vector in VECTORS:
        try:
            check(host, worker, ops[vector["op"]]["id"], vector)
        except (AssertionError, pytest.fail.Exception) as error:
            wrong.append(f"{vector['name']}: {error}")
    assert not wrong, f"{len(wrong)} of {len(VECTORS)}:\n" + "\n".join(wrong)
