"""The schemas say what the vectors show and what real hosts and workers write."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from documents import SCHEMAS
from jsonschema import Draft202012Validator
from lxml import etree
from referencing import Registry
from worker_process import Failure, Host, WorkerProcess

from alcove.messages import CODES, decode

NAMES = ("message", "op", "value")
ALL = {name: json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")) for name in NAMES}
REGISTRY: Any = Registry().with_contents((schema["$id"], schema) for schema in ALL.values())
MESSAGES = json.loads((SCHEMAS / "vectors/messages.json").read_text("utf-8"))
VALUES = json.loads((SCHEMAS / "vectors/values.json").read_text("utf-8"))

# What no schema can refuse: 1.0 is an integer to it, and it cannot compare two members.
BEYOND_A_SCHEMA = {
    "an ndarray with a size that is a float",
    "too few axes",
    "two columns of one name",
    "columns of different lengths",
    "a list and an ndarray of different lengths",
}
# What a schema takes nevertheless: 1.0 for an integer, and folders that are not there.
A_MESSAGE_NEVERTHELESS = re.compile(
    "that is a float$|with an exponent|directory that is (not there|empty|a NUL|half a)|"
    "whose directory is (not there|a NUL)|no manager made"
)


def part(name: str) -> Draft202012Validator:
    """A validator for a definition of the messages, for a schema with a dot at its end: ``value.``."""
    schema = {"$ref": ALL[name[:-1]]["$id"]} if name.endswith(".") else {"$ref": f"urn:alcove:message:1#/$defs/{name}"}
    return Draft202012Validator(schema, registry=REGISTRY)


def require(name: str, value: Any) -> None:
    """Fails with the most telling reason if the value does not fit."""
    problems = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in part(name).iter_errors(value)
    ]
    assert not problems, f"{name}: {json.dumps(value)[:300]}\n" + "\n".join(problems[:5])


def subschemas(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield where, schema
        for name, inner in schema.items():
            if name not in ("examples", "const", "enum"):
                yield from subschemas(inner, f"{where}/{name}")
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from subschemas(inner, f"{where}/{index}")


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(ALL[name])
    for where, schema in subschemas(ALL[name], name):
        if "$ref" in schema:
            REGISTRY.resolver(ALL[name]["$id"]).lookup(schema["$ref"])
        assert where.endswith(("/properties", "$defs")) or set(schema) <= KEYWORDS, where


KEYWORDS = {
    *("$schema", "$id", "$ref", "$defs", "title", "description", "examples", "type", "enum", "const", "pattern"),
    *("properties", "required", "additionalProperties", "propertyNames", "items", "contains", "minItems", "maxItems"),
    *(
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "multipleOf",
        "minLength",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
        "then",
        "else",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_definition_and_every_member_is_described(name: str) -> None:
    definitions = ALL[name]["$defs"]
    for where, schema in subschemas(ALL[name], name):
        inner = where.split("/")
        if inner[-2:-1] == ["$defs"]:
            assert "description" in schema, where
        # A condition repeats members that are described elsewhere; params and data are as the request and error say.
        elif inner[-2:-1] == ["properties"] and not {"if", "then", "else", "allOf"} & set(inner):
            referred = definitions.get(schema.get("$ref", "").rpartition("/")[2], {})
            assert "description" in {**referred, **schema} or inner[-1] in ("params", "data", "code"), where


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_fit(name: str) -> None:
    count = 0
    for where, schema in subschemas(ALL[name], name):
        pointer = where.removeprefix(name)
        validator = Draft202012Validator({"$ref": f"{ALL[name]['$id']}#{pointer}"}, registry=REGISTRY)
        for example in schema.get("examples", ()):
            validator.validate(example)
            count += 1
            if name == "message" and isinstance(example, dict):
                require("from_worker" if where.split("/")[2] in ("reply", "progress", "log") else "from_host", example)
    assert count


def test_op_xsd_is_a_schema_whose_types_are_described() -> None:
    tree: Any = etree.parse(str(SCHEMAS / "op.xsd"))
    etree.XMLSchema(tree)
    xs = "{http://www.w3.org/2001/XMLSchema}"
    for kind in ("complexType", "attributeGroup"):
        for element in tree.iter(f"{xs}{kind}"):
            if element.get("name"):
                assert element.find(f"{xs}annotation") is not None, element.get("name")
    # The same words as in JSON.
    types = [item.get("value") for item in tree.findall(f".//{xs}attribute[@name='type']//{xs}enumeration")]
    assert types == ALL["op"]["$defs"]["type"]["enum"]
    dtypes = [item.get("value") for item in tree.findall(f".//{xs}simpleType[@name='dtype']//{xs}enumeration")]
    assert dtypes == ALL["value"]["$defs"]["dtype"]["enum"]


def test_every_kind_of_error_has_its_code() -> None:
    definitions = ALL["message"]["$defs"]
    kinds = definitions["error"]["properties"]["data"]["properties"]["kind"]["enum"]
    assert {kind: definitions[kind]["properties"]["code"]["const"] for kind in kinds} == CODES


@pytest.mark.parametrize("vector", VALUES["vectors"], ids=lambda vector: vector["name"])
def test_values_fit(vector: dict[str, Any]) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)  # the validator needs many levels for each of the value's
    try:
        require("value.", vector["encoded"])
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("vector", VALUES["invalid"], ids=lambda vector: vector["name"])
def test_what_is_no_value_does_not_fit(vector: dict[str, Any]) -> None:
    assert part("value.").is_valid(vector["encoded"]) == (vector["name"] in BEYOND_A_SCHEMA)


@pytest.mark.parametrize(
    "vector", MESSAGES["vectors"] + MESSAGES["before_initialize"], ids=lambda vector: vector["name"]
)
def test_lines_of_a_host(vector: dict[str, Any]) -> None:
    line = base64.b64decode(vector["bytes_base64"]) if "bytes_base64" in vector else vector["line"].encode()
    answer = vector["answer"]
    if answer is None or answer["kind"] == "parse_error":  # what is ignored may be anything
        return
    message = decode(line.replace(b"{prefix}", b"alcove-00000000-w1-"))
    if answer["kind"] is None:
        require("from_host", message)
    elif answer["kind"] in ("invalid_request", "method_not_found", "invalid_params"):
        assert part("from_host").is_valid(message) == bool(A_MESSAGE_NEVERTHELESS.search(vector["name"]))


class Recorder:
    """Everything that a worker and its host have written, each line validated."""

    def __init__(self, worker: WorkerProcess) -> None:
        self.worker = worker
        self.methods: dict[int, str] = {}
        self.said: set[str] = set()
        self._read, self._write = worker.message, worker.write
        worker.message = self._message  # type: ignore[method-assign]
        worker.write = self._line  # type: ignore[method-assign]

    def _line(self, line: bytes) -> None:
        message = json.loads(line)
        require("from_host", message)
        self.said.add(message["method"])
        if "id" in message:
            self.methods[message["id"]] = message["method"]
        self._write(line)

    def _message(self) -> dict[str, Any]:
        message = self._read()
        require("from_worker", message)
        if "result" in message:
            require(f"{self.methods[message['id']]}_result", message["result"])
            self.said.add(f"{self.methods[message['id']]}_result")
        else:
            self.said.add(message.get("method") or message["error"]["data"]["kind"])
        return message


def test_real_conversations_are_as_the_schema_says(worker: WorkerProcess, host: Host, tmp_path: Path) -> None:
    recorder = Recorder(worker)
    with pytest.raises(Failure):
        worker.initialize()
    ops = tmp_path / "ops.py"
    ops.write_text(OPS)
    worker.load(ops)
    image = numpy.ones((3, 64, 64), "uint16")
    described = host.share(image, axes="z y x")
    outputs = worker.call("everything", image=described, values={"$type": "object", "value": {"$type": [1.5, None]}})
    assert outputs["image"]["$type"] == "ndarray"
    assert [table["$type"] for table in outputs["table"]] == ["table"] * 3
    assert [value["$type"] for value in outputs["value"]] == ["object"] * 3
    worker.release(outputs["image"]["block"])
    worker.notify("forget", blocks=[described["block"]])
    worker.request("status")
    add = worker.send("map", op=worker._ops["divide"], columns=["by"], rows=[[1], [0]], on_error="continue")
    assert worker.reply(add)["errors"]["1"]["data"]["kind"] == "op_failed"
    for failing in (
        lambda: worker.call("divide", by=0),
        lambda: worker.call("divide", by="a"),
        lambda: worker.call("no_such_op"),
        lambda: worker.call("unencodable"),
        lambda: worker.call("tells", what="x"),
        lambda: worker.call("repeats", times=17 << 20),
        lambda: worker.call("large", gigabytes=1),
        lambda: worker.call("everything", image={**described, "block": "alcove-00000000-h-0"}, values=1),
        lambda: worker.load(tmp_path / "wrong.py"),
        lambda: worker.request("map", op=worker._ops["divide"], columns=["by"], rows=[[1], [0]]),
    ):
        (tmp_path / "wrong.py").write_text("from alcove import op\n\n\n@op\ndef a(b):\n    return b\n")
        with pytest.raises(Failure):
            failing()
    waiting = worker.send_call("wait")
    worker.notification("progress")
    worker.notify("cancel", id=waiting)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(waiting)
    assert recorder.said == {
        *("initialize", "load", "call", "map", "status", "cancel", "release", "forget", "progress", "log"),
        *("load_result", "call_result", "map_result", "status_result"),
        *("invalid_request", "invalid_params", "op_failed", "op_not_found", "unencodable_output", "message_too_large"),
        *("out_of_shared_memory", "array_unavailable", "load_failed", "cancelled"),
    }


OPS = """
import logging
import time
from typing import Any, NamedTuple

from alcove import Image, OpError, Table, empty, op, progress


class Outputs(NamedTuple):
    image: Image
    table: Table
    value: dict


@op(title="Does \\"everything\\"", menu="A>B", version="1", grace=0.5, memory=1)
def everything(image: Image, values: Any = float("nan")) -> Outputs:
    logging.getLogger("author").warning("about to begin")
    progress(0.5, "half done")
    return Outputs(image + 1, Table({"a": [1, float("inf")], "b": ["x", None]}), values)


@op
def divide(by: float) -> float:
    return 1 / by


@op
def unencodable() -> Any:
    return object()


@op
def tells(what: str) -> str:
    raise OpError(what, hint="nothing", cause="x")


@op
def repeats(times: int) -> str:
    return "x" * times


@op
def large(gigabytes: int) -> Any:
    return empty((gigabytes << 30,), "uint8")


@op
def wait() -> None:
    while True:
        progress(None, "waiting")
        time.sleep(0.01)
"""


def test_a_first_conversation_too(start: Any) -> None:
    worker = start()
    recorder = Recorder(worker)
    with pytest.raises(Failure, match="not_initialized"):
        worker.request("status")
    worker._last_id += 1
    refused = {"jsonrpc": "2.0", "id": worker._last_id, "method": "initialize", "params": {"protocol": 2, "memory": {}}}
    recorder._write(json.dumps(refused).encode() + b"\n")
    with pytest.raises(Failure, match="unsupported_protocol"):
        worker.reply(worker._last_id)
    worker.initialize(log_level="debug", max_line_bytes=1 << 20)
    recorder._write(b"{\n")
    with pytest.raises(Failure, match="parse_error"):
        worker.reply(None)
    assert recorder.said == {
        *("status", "not_initialized", "unsupported_protocol", "initialize", "initialize_result", "parse_error"),
    }
