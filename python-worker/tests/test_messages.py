"""Lines: what is no message is answered, and never the end of the worker."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker_process import Failure, WorkerProcess, encode

from alcove import messages
from alcove.messages import AlcoveError, LineSplitter, Refusal, Request, decode, depth_exceeds, parse

Recorder = Callable[[str, object], None]

FILE = json.loads((Path(__file__).parents[2] / "schemas/vectors/messages.json").read_text("utf-8"))
VECTORS: list[dict[str, Any]] = FILE["vectors"]
BEFORE: list[dict[str, Any]] = FILE["before_initialize"]


def line_of(vector: dict[str, Any]) -> bytes:
    return base64.b64decode(vector["bytes_base64"]) if "bytes_base64" in vector else vector["line"].encode("utf-8")


def test_names_of_vectors_are_unique() -> None:
    names = [vector["name"] for vector in VECTORS + BEFORE]
    assert sorted(set(names)) == sorted(names)


def test_every_vector_gets_its_answer_and_the_worker_goes_on(worker: WorkerProcess, record_property: Recorder) -> None:
    record_property("vectors", f"messages {len(VECTORS)}")
    require_answers(worker, VECTORS, "method_not_found")


def test_nothing_but_initialize_initialises(start: Any, record_property: Recorder) -> None:
    record_property("vectors", f"messages {len(BEFORE)}")
    worker = start()
    require_answers(worker, BEFORE, "not_initialized")
    worker.initialize()
    assert worker.request("status")["running"] is None


def require_answers(worker: WorkerProcess, vectors: list[dict[str, Any]], after_all: str) -> None:
    wrong = []
    for number, vector in enumerate(vectors):
        line = line_of(vector).replace(b"{memory}", json.dumps(str(worker.directory))[1:-1].encode())
        worker.write(line.replace(b"{prefix}", worker.prefix.encode()) + b"\n")
        # Replies come in order, so whatever stands before this one's answers the vector.
        after = 10**6 + number
        worker.write(encode({"jsonrpc": "2.0", "id": after, "method": "after"}))
        answers = []
        while (message := worker.message())["id"] != after:
            data = message["error"]["data"] if "error" in message else {"kind": None}
            answers.append({"kind": data["kind"], "id": message["id"], "path": data.get("path")})
        assert message["error"]["data"]["kind"] == after_all, vector["name"]
        expected = [] if vector["answer"] is None else [vector["answer"]]
        if len(answers) != len(expected) or not all(map(is_within, expected, answers)):
            wrong.append(f"{vector['name']}: {answers} instead of {expected}")
    assert not wrong, "\n".join(wrong)


def is_within(expected: dict[str, Any], answer: dict[str, Any]) -> bool:
    return expected.items() <= answer.items()


def test_each_error_has_the_code_of_its_kind(worker: WorkerProcess) -> None:
    codes = {"{": -32700, "[]": -32600, '{"jsonrpc": "2.0", "id": 9, "method": "m"}': -32601}
    for line, code in codes.items():
        worker.write(line.encode() + b"\n")
        assert worker.message()["error"]["code"] == code


def test_a_line_too_long_is_skipped_and_told_with_its_length(worker: WorkerProcess) -> None:
    limit = 16 << 20
    worker.write(b"x" * (3 * limit) + b"\n")
    error = worker.message()
    assert error["id"] is None
    assert error["error"]["data"] == {"kind": "message_too_large", "bytes": 3 * limit, "limit": limit}
    assert worker.request("status")["running"] is None


def test_max_line_bytes_holds_both_ways(start: Any) -> None:
    worker = start()
    worker.initialize(max_line_bytes=10_000)
    worker.load("arithmetic.py")
    worker.write(b"[" * 10_001 + b"\n")
    assert worker.message()["error"]["data"]["limit"] == 10_000
    with pytest.raises(Failure) as failure:
        worker.call("repeat", text="x" * 5000, times=3)
    assert failure.value.kind == "message_too_large"
    assert failure.value.data["bytes"] > 15_000
    assert failure.value.data["limit"] == 10_000
    assert worker.call("repeat", text="x" * 5000, times=1) == {"result": "x" * 5000}


def test_a_failure_that_is_too_long_is_told_too(start: Any) -> None:
    worker = start()
    worker.initialize(max_line_bytes=5000)
    worker.load("failing.py")
    with pytest.raises(Failure) as failure:
        worker.call("raise_with_long_message", length=10_000)
    assert failure.value.kind == "message_too_large"
    assert worker.request("status")["running"] is None


def test_a_large_message_within_the_limit_goes_through(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    text = "0123456789" * 500_000
    assert worker.call("echo", value=text) == {"result": text}


def test_an_id_that_is_pending_is_refused(worker: WorkerProcess) -> None:
    worker.load("waiting.py")
    running = worker.send_call("wait_for_cancel")
    worker.notification("progress")
    worker.write(encode({"jsonrpc": "2.0", "id": running, "method": "status"}))
    with pytest.raises(Failure) as failure:
        worker.reply(None)
    assert failure.value.kind == "invalid_request"
    worker.notify("cancel", id=running)
    with pytest.raises(Failure) as failure:
        worker.reply(running)
    assert failure.value.kind == "cancelled"


def test_a_wrong_line_with_a_pending_id_is_not_answered_with_it(worker: WorkerProcess) -> None:
    """Else the call that runs would have two replies."""
    worker.load("waiting.py")
    running = worker.send_call("wait_for_cancel")
    worker.notification("progress")
    worker.write(encode({"id": running, "method": "status"}))
    with pytest.raises(Failure, match="invalid_request"):
        worker.reply(None)
    # Nor may a wrong line's own id be used again before it is answered.
    worker.write(encode({"jsonrpc": "2.0", "id": 1000, "method": 5}))
    worker.write(encode({"jsonrpc": "2.0", "id": 1000, "method": "status"}))
    with pytest.raises(Failure, match="pending"):
        worker.reply(None)
    worker.notify("cancel", id=running)
    for request, kind in ((running, "cancelled"), (1000, "invalid_request")):
        with pytest.raises(Failure) as failure:
            worker.reply(request)
        assert failure.value.kind == kind


def test_true_is_no_id(worker: WorkerProcess) -> None:
    worker.load("waiting.py")
    worker.write(encode({"jsonrpc": "2.0", "id": 1, "method": "load", "params": {"source": "none"}}))
    worker.message()
    call = {"op": worker._ops["wait_for_cancel"], "inputs": {}}
    worker.write(encode({"jsonrpc": "2.0", "id": 1, "method": "call", "params": call}))
    worker.notification("progress")
    for other in (True, 1.0, "1", [1]):
        worker.notify("cancel", id=other)
    assert worker.request("status")["running"] == 1
    worker.notify("cancel", id=1)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(1)


@pytest.mark.parametrize("excess", [0, 1])
def test_the_limit_counts_what_stands_before_the_newline(start: Any, excess: int) -> None:
    limit = 10_000
    worker = start()
    worker.initialize(max_line_bytes=limit)
    worker.load("arithmetic.py")
    line = encode({"jsonrpc": "2.0", "id": 100, "method": "status", "params": {"a": ""}})
    worker.write(line.replace(b'""', b'"' + b"x" * (limit + 1 - len(line) + excess) + b'"'))
    assert worker.message()["id"] == (None if excess else 100)
    worker.call("repeat", text="x", times=0)
    times = limit - len(worker._lines.seen[-1].rstrip(b"\n")) + excess
    if excess:
        with pytest.raises(Failure) as failure:
            worker.call("repeat", text="x", times=times)
        assert failure.value.data == {"kind": "message_too_large", "bytes": limit + 1, "limit": limit}
    else:
        assert worker.call("repeat", text="x", times=times) == {"result": "x" * times}


@given(st.lists(st.binary(max_size=12)), st.integers(1, 10), st.integers(1, 16))
def test_lines_are_the_same_however_the_stream_is_cut(lines: list[bytes], piece: int, limit: int) -> None:
    stream = b"\n".join(lines) + b"\n"
    splitter = LineSplitter(limit)
    found = [line for at in range(0, len(stream), piece) for line in splitter.feed(stream[at : at + piece])]
    expected = [line for line in stream.split(b"\n")[:-1] if line.strip(b" \t\r") or len(line) > limit]
    assert len(found) == len(expected)
    for line, wanted in zip(found, expected, strict=True):
        if len(wanted) > limit:
            assert isinstance(line, Refusal)
            assert line.error.data == {"bytes": len(wanted), "limit": limit}
        else:
            assert line == wanted


def test_of_a_line_that_is_too_long_nothing_is_kept() -> None:
    splitter = LineSplitter(10)
    for _ in range(1000):
        assert splitter.feed(b"x" * 100) == []
    assert splitter._parts == []
    (refusal,) = splitter.feed(b"\n")
    assert isinstance(refusal, Refusal)
    assert refusal.error.data["bytes"] == 100_000


plain = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(plain)
def test_what_json_can_say_is_read(value: Any) -> None:
    assert decode(json.dumps(value).encode()) == value


@given(st.binary())
def test_no_line_breaks_the_parser(line: bytes) -> None:
    assert isinstance(parse(line), (Request, Refusal))


@pytest.mark.parametrize("depth", [1000, 100_000, 1_000_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_lines_are_refused_not_crashed_on(depth: int, brackets: tuple[bytes, bytes]) -> None:
    with pytest.raises(AlcoveError, match=r"line of the protocol|nested deeper"):
        decode(brackets[0] * depth + b"0" + brackets[1] * depth)


def test_depth_counts_objects_and_arrays() -> None:
    assert not depth_exceeds(1, 0)
    assert depth_exceeds([], 0)
    assert not depth_exceeds([{}], 2)
    assert depth_exceeds([{"a": []}], 2)


LARGEST = str(int(sys.float_info.max))
MANY = b"1," * 1000  # makes the line a long one


@pytest.mark.parametrize("long", [b"", MANY])
@pytest.mark.parametrize(
    ("number", "is_read"),
    [
        ("1" * 1000, True),
        ("-" + "1" * 1000, True),
        ("1" * 1001, False),
        ("-" + "1" * 1001, False),
        (LARGEST + ".0", True),
        (LARGEST + "0.0", False),
        ("1e308", True),
        ("1e309", False),
        ("1E309", False),
        ("1E+309", False),
        ("-1.5e+309", False),
        ("1e-309", True),
        ("NaN", False),
        ("-Infinity", False),
    ],
)
def test_numbers_beyond_the_limits_are_refused_in_short_and_in_long_lines(
    number: str, is_read: bool, long: bytes
) -> None:
    line = b"[" + long + number.encode() + b"," + long + b"1]"
    if is_read:
        assert decode(line) == json.loads(line)
    else:
        with pytest.raises(AlcoveError, match="line of the protocol"):
            decode(line)


@pytest.mark.parametrize("text", ["", '"', "[", "]", "\\", '\\"[', "[]", '{"', "x" * 300])
@pytest.mark.parametrize(("depth", "is_read"), [(3, True), (200, True), (201, False)])
def test_the_depth_is_told_whatever_the_texts_hold(text: str, depth: int, is_read: bool) -> None:
    value: Any = [[text, 1]] * 100
    for _ in range(depth - 2):
        value = {text: value, "b": [[text], {}]}
    line = json.dumps(value).encode()
    if is_read:
        assert decode(line) == value
    else:
        with pytest.raises(AlcoveError, match="nested deeper"):
            decode(line)


def test_texts_that_close_what_they_have_not_opened_hide_no_depth() -> None:
    closing = '"]"'
    line = f"[{closing}," * 300 + "1" + "]" * 300
    with pytest.raises(AlcoveError, match="nested deeper"):
        decode(line.encode())


@pytest.mark.parametrize("prepared", [True, False])
def test_lines_are_the_same_without_the_encoder_that_is_no_public_one(
    prepared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not prepared:
        monkeypatch.setattr("json.encoder.c_make_encoder", None)
    monkeypatch.setattr(messages, "_pieces", messages._prepared_encoder())
    value = {"a": [1, 1.5, None, True, "ä\n\ud800", {"": []}], "b": 10**900}
    plain = json.dumps(value, separators=(",", ":"))
    assert messages.encode(value) == plain.encode() + b"\n"
    assert messages.encode_reply(7, value) == b'{"jsonrpc":"2.0","id":7,"result":' + plain.encode() + b"}\n"
    with pytest.raises(ValueError, match="float"):
        messages.encode({"a": float("nan")})


def test_an_encoder_that_wants_to_be_made_in_another_way_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    make, refused = json.encoder.c_make_encoder, []

    def made_in_another_way(*arguments: Any) -> Any:
        if not refused:  # the first who tries is not the standard library, which knows the way
            refused.append(arguments)
            raise TypeError("another way")
        return make(*arguments)

    monkeypatch.setattr("json.encoder.c_make_encoder", made_in_another_way)
    monkeypatch.setattr(messages, "_pieces", messages._prepared_encoder())
    assert messages.encode({"a": 1}) == b'{"a":1}\n'
    assert refused
