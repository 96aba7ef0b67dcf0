"""Simple mode: one op, one call, one process. Inputs come by standard input, outputs by standard output and files."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, cast

from . import calls, process
from .calls import Call, Cancelled
from .conversion import MODES
from .messages import AlcoveError, decode, encode, notification
from .outbox import Outbox
from .simple_arrays import InputArrays, OutputFiles, with_files

if TYPE_CHECKING:
    from .arrays import Arrays
    from .loading import LoadedOp

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXAMPLE = """\
example:
  echo '{"image": {"$type": "file", "path": "cells.npy"}, "sigma": 2}' | python -m alcove run segment.py:segment

The outputs are printed as one line of JSON, in which arrays are files in --output. The exit code is 0; 1 when the
inputs or the op failed, and {"error": ...} is printed; 2 when the command line is wrong.
"""


class _Options(NamedTuple):
    file: str
    op: str
    output: Path
    memory: Optional[Path]
    adapt: str
    progress: str


def run(arguments: list[str]) -> int:
    """Calls an op as the program's arguments behind ``run`` say.

    Returns:
        The exit code: 0, or 1 when the inputs or the op failed. A wrong command line exits with 2.
    """
    options = _read_options(arguments)
    reading, writing = process.take_standard_streams()
    call = Call(1, _sender(options.progress))
    code, answer = _attempt(options, reading, call, _Interrupts(call))
    if code and options.progress == "none":
        _tell(answer["error"])
    try:
        with open(writing, "wb", closefd=False) as output:
            output.write(encode(answer))
    except OSError as error:
        sys.stderr.write(f"the answer cannot be printed: {error.strerror}\n")
        return 1
    return code


def _read_options(arguments: list[str]) -> _Options:
    parser = argparse.ArgumentParser(
        prog="python -m alcove run",
        description="Calls an op once. The inputs are a JSON object on standard input.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("op", metavar="OPFILE:OP", help="an op file and, behind the last colon, the name of its op")
    parser.add_argument("--output", metavar="DIR", default=".", help="where arrays go, each as a file (default: here)")
    parser.add_argument("--memory", metavar="DIR", help="where the shared memory lies that inputs are in")
    parser.add_argument(
        "--adapt", choices=MODES, default="lossless", help="how far arrays may be changed to fit the op"
    )
    parser.add_argument(
        "--progress", choices=("json", "none"), default="none", help="write progress and log lines to standard error"
    )
    given = parser.parse_args(arguments)
    file, _, op = given.op.rpartition(":")
    if not file or not op:
        parser.error(f"{given.op}: expected OPFILE:OP, for example segment.py:segment")
    if given.memory is not None and not os.path.isdir(given.memory):
        parser.error(f"--memory: no directory {given.memory}")
    if sys.stdin is None or sys.stdin.isatty():
        parser.error("expected the inputs on standard input, as a JSON object; without any it is {}")
    if sys.stdout is None:
        parser.error("standard output, where the outputs go, is closed")
    output = Path(given.output).absolute()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--output: {output}: {error.strerror}")
    return _Options(file, op, output, given.memory and Path(given.memory), given.adapt, given.progress)


def _sender(progress: str) -> Callable[[str, dict[str, Any]], None]:
    if progress == "none":
        return lambda method, params: None
    outbox = Outbox(2)

    def send(method: str, params: dict[str, Any]) -> None:
        outbox.send(notification(method, params))

    return send


class _Interrupts:
    """Ctrl-C and requests to end cancel the call, wherever in Python it is, until they are held off."""

    def __init__(self, call: Call) -> None:
        self._call: Optional[Call] = call
        self._before = {}
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            number = getattr(signal, name, None)
            # Ignored is what a shell makes it for a program in the background.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._cancel)
        if hasattr(os, "register_at_fork"):
            # The children of an op end as all do: multiprocessing ends them by such a signal.
            os.register_at_fork(after_in_child=self._restore)

    def hold_off(self) -> None:
        """From here on nothing can be cancelled any more."""
        self._call = None

    def _cancel(self, *_: Any) -> None:
        if self._call is not None:
            self._call.cancelled = True
            raise Cancelled

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _attempt(options: _Options, reading: int, call: Call, interrupts: _Interrupts) -> tuple[int, dict[str, Any]]:
    """Exit code and answer. Either all outputs have their files or none has."""
    files = OutputFiles(options.output)
    try:
        outputs = _run(options, reading, call, files)
        interrupts.hold_off()
        files.publish()
        return 0, outputs
    except BaseException as error:
        interrupts.hold_off()
        return 1, {"error": _to_json(error)}
    finally:
        files.discard()
        call.end()
        call.close()


def _run(options: _Options, reading: int, call: Call, files: OutputFiles) -> dict[str, Any]:
    this_process = os.getpid()
    try:
        calls.set_current(call)
        call.begin()
        return _call(_load(options, call), options, _read_inputs(reading), files)
    finally:
        if os.getpid() != this_process:  # a child that the op forked left the op, by an exception perhaps
            os._exit(1)


def _load(options: _Options, call: Call) -> LoadedOp:
    from .loading import load_file
    from .logs import send_records

    if options.progress == "json":
        send_records(
            "info", lambda level, name, message: call.log({"level": level, "logger": name, "message": message})
        )
    ops = {op.descriptor["name"]: op for op in load_file(options.file)}
    if options.op not in ops:
        known = sorted(ops)
        hint = "it has " + ", ".join(known)
        raise AlcoveError("op_not_found", f"no op {options.op} in {options.file}", known=known, hint=hint)
    return ops[options.op]


def _read_inputs(reading: int) -> dict[str, Any]:
    # Left open: a forked child closes this number, and it must not be somebody else's by then.
    with open(reading, "rb", closefd=False) as content:
        text = content.read()
    if text.startswith(_BYTE_ORDER_MARK):  # some shells put it in front of everything
        text = text[len(_BYTE_ORDER_MARK) :]
    if not text.strip():
        return {}
    try:
        inputs = decode(text)
    except AlcoveError as error:
        raise AlcoveError("parse_error", f"standard input: {error}") from None
    if not isinstance(inputs, dict):
        raise AlcoveError("invalid_params", "the inputs must be an object", path="inputs", expected="an object")
    return inputs


def _call(op: LoadedOp, options: _Options, encoded: dict[str, Any], files: OutputFiles) -> dict[str, Any]:
    """The encoded outputs, their arrays written but not yet in their places."""
    from .adaptation import call_adapted
    from .binding import bind
    from .values import decode_value, encode_value

    written = {item["name"] for item in op.descriptor["inputs"] if "direction" in item}
    arrays = InputArrays(options.memory, written)
    inputs = {name: decode_value(with_files(value), f"inputs.{name}", arrays) for name, value in encoded.items()}
    arguments = bind(op.description, inputs)
    outputs = call_adapted(op.call, op.description, arguments, adapt=options.adapt)
    # What the op wrote into the content of a file would be lost.
    outputs.update({name: inputs[name] for name in arrays.written_files})
    answer = {}
    described = {item["name"]: item for item in [*op.descriptor["inputs"], *op.descriptor["outputs"]]}
    for name, value in outputs.items():
        answer[name] = encode_value(value, f"outputs.{name}", cast("Arrays", files))
    for name, value in answer.items():
        item = described[name]
        files.write(value, name, item.get("role") or item.get("items", {}).get("role"))
    return answer


def _to_json(error: BaseException) -> dict[str, Any]:
    from .failures import to_alcove_error

    if isinstance(error, Cancelled):
        error = AlcoveError("cancelled", "cancelled")
    return to_alcove_error(error).to_json()


def _tell(error: dict[str, Any]) -> None:
    """Says on standard error what went wrong, for people."""
    data = error["data"]
    mistakes = data.get("mistakes", [])
    if data.get("traceback") and not mistakes and data["type"] != "OpError":
        sys.stderr.write(data["traceback"])
    sys.stderr.write(f"error: {error['message']}\n" if not mistakes else "")
    for mistake in mistakes:
        sys.stderr.write(f"error: {mistake['file']}:{mistake['line']}: {mistake['message']}\n")
        sys.stderr.write(f"hint: {mistake['hint']}\n")
    if data.get("hint"):
        sys.stderr.write(f"hint: {data['hint']}\n")
