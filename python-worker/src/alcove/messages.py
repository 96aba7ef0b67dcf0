"""Lines of the protocol: bytes to messages and back, and the errors that travel in them.

This module knows JSON and nothing else of Alcove.
"""

from __future__ import annotations

import json
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Callable, Optional, Union

PROTOCOL = 1
DEFAULT_MAX_LINE_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 200
_BLANKS = b" \t\r"  # JSON's; those that Python adds are no JSON
_SAFE_RECURSION = 1000  # Python's own limit, unless somebody changes it
_NO_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"\\'))
_FEW_LEVELS = 10
# The string's end may be missing, or every quote in it would be looked at as the beginning of another.
_STRINGS_AND_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
MAX_INTEGER_DIGITS = 1000

CODES = {
    "parse_error": -32700,
    "invalid_request": -32600,
    "method_not_found": -32601,
    "invalid_params": -32602,
    "op_failed": -32000,
    "cancelled": -32001,
    "array_unavailable": -32002,
    "out_of_shared_memory": -32003,
    "load_failed": -32004,
    "op_not_found": -32005,
    "unencodable_output": -32006,
    "message_too_large": -32007,
    "unsupported_protocol": -32008,
    "not_initialized": -32009,
}


class AlcoveError(Exception):
    """A failure with a stable ``kind`` (a key of ``CODES``, or one of streams, which no host hears of) and JSON-able
    ``data``."""

    def __init__(self, kind: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.data = data

    def to_json(self) -> dict[str, Any]:
        """The error member of a reply."""
        return {"code": CODES[self.kind], "message": str(self), "data": {"kind": self.kind, **self.data}}


def unexpected(path: str, expected: str) -> AlcoveError:
    """``invalid_params`` for what stands at a path and is not what was expected."""
    return AlcoveError("invalid_params", f"{path}: expected {expected}", path=path, expected=expected)


class OpError(Exception):
    """Raise it in an op for a failure that its user can act on: message and hint are shown, no traceback.

    Args:
        message: what went wrong, in the user's words.
        hint: what to do next.
        details: JSON-able facts for programs; by convention ``cause`` is a stable word.
    """

    def __init__(self, message: str, *, hint: Optional[str] = None, **details: Any) -> None:
        super().__init__(message)
        self.hint = hint
        self.details = details


def text_of(error: BaseException) -> str:
    """Type and message of an exception, even of one whose ``__str__`` fails."""
    try:
        message = str(error)
    except Exception:
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


_INFINITE = (float("inf"), float("-inf"))


def _parse_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise ValueError(f"an integer of more than {MAX_INTEGER_DIGITS} digits")
    return int(digits)


def _parse_float(text: str) -> float:
    number = float(text)
    if number in _INFINITE:
        raise ValueError(f"{text} overflows a double")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"bare {name} is not JSON")


_careful = json.JSONDecoder(parse_int=_parse_integer, parse_float=_parse_float, parse_constant=_refuse_constant)
# A hook costs more than the number it looks at, so numbers have one only where one of them may be beyond the limits. In
# a short line no integer can be, and a look for floats would cost as much as hooks.
_without_long_integers = json.JSONDecoder(parse_float=_parse_float, parse_constant=_refuse_constant)
_without_extremes = json.JSONDecoder(parse_constant=_refuse_constant)
_DIGITS_AND_EXPONENTS = bytes.maketrans(b"123456789+E", b"0000000000e")
# Without an exponent a number overflows a double from this many digits on.
_MANY_DIGITS = b"0" * len(str(int(sys.float_info.max)))
_STEP = 10


def _prepared_encoder() -> Callable[[Any, int], Iterable[str]]:
    """What gives the pieces of a text; made once, as JSONEncoder makes it anew for each text, which costs more than the
    text of a reply."""
    encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), check_circular=False)
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    escape = getattr(json.encoder, "c_encode_basestring_ascii", None)
    try:
        prepared: Callable[[Any, int], Iterable[str]]
        prepared = make(None, encoder.default, escape, None, ":", ",", False, False, False)
        if "".join(prepared({"a": [1, "\u00e4"]}, 0)) == '{"a":[1,"\\u00e4"]}':
            return prepared
    except TypeError:  # a Python that has none, or another one
        pass
    return lambda value, _: encoder.encode(value)


_pieces = _prepared_encoder()


def decode(line: bytes) -> Any:
    """The JSON value in one line.

    Raises:
        AlcoveError: ``parse_error`` when the line is not UTF-8 or not the JSON that the protocol allows.
    """
    may_be_deep = len(line) > _MAX_DEPTH and line.count(b"[") + line.count(b"{") > _MAX_DEPTH and not _is_flat(line)
    try:
        # The parser recurses, and guards the stack by a limit that an op may have raised beyond what the stack holds.
        if may_be_deep and sys.getrecursionlimit() > _SAFE_RECURSION and _brackets_exceed(line, _MAX_DEPTH):
            raise ValueError(f"nested deeper than {_MAX_DEPTH}")
        decoder = _without_long_integers if len(line) <= MAX_INTEGER_DIGITS else _decoder_of(line)
        text = line.decode("utf-8")
        try:
            value, end = decoder.raw_decode(text)
        except json.JSONDecodeError:  # a blank in front, perhaps
            end = -1
        if end != len(text):
            value = decoder.decode(text)  # knows blanks, and what is wrong otherwise
        if may_be_deep and depth_exceeds(value, _MAX_DEPTH):
            raise ValueError(f"nested deeper than {_MAX_DEPTH}")
    except (ValueError, RecursionError) as error:
        raise AlcoveError("parse_error", f"not a line of the protocol: {error}") from None
    return value


def _decoder_of(line: bytes) -> json.JSONDecoder:
    return _careful if _may_hold_extremes(line) else _without_extremes


def _may_hold_extremes(line: bytes) -> bool:
    """Whether a number may have more digits, or be larger, than the protocol allows."""
    marked = line.translate(_DIGITS_AND_EXPONENTS)
    if b"0e0" in marked:
        return True
    # So many digits in a row are seen in every tenth place, too; that there are none is found there much faster.
    return _MANY_DIGITS[::_STEP][1:] in marked[::_STEP] and _MANY_DIGITS in marked


def _is_flat(line: bytes) -> bool:
    """Whether the line certainly nests a few levels deep at most, as nearly all do; costs little beside the parsing."""
    # What has nothing in it is taken out, level by level. A string with brackets leaves its quotes, one with an escaped
    # quote its backslash.
    skeleton = line.translate(None, _NO_STRUCTURE).replace(b'""', b"")
    for _ in range(_FEW_LEVELS):
        skeleton = skeleton.replace(b"[]", b"").replace(b"{}", b"")
    return not skeleton


def _brackets_exceed(line: bytes, limit: int) -> bool:
    """Whether brackets outside strings nest deeper than ``limit``; right for JSON, no matter what for anything else."""
    depth = 0
    for match in _STRINGS_AND_BRACKETS.finditer(line):
        first = match[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > limit:
            return True
    return False


def depth_exceeds(value: Any, limit: int) -> bool:
    """Whether objects and arrays in ``value`` nest deeper than ``limit``, found without recursion that overflows."""
    level = [value]
    for _ in range(limit):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return any(isinstance(item, (dict, list)) for item in level)


def encode(message: dict[str, Any]) -> bytes:
    """One line, ASCII, ended by a newline."""
    return "".join(_pieces(message, 0)).encode("ascii") + b"\n"


def encode_reply(request_id: int, result: dict[str, Any]) -> bytes:
    """The line that answers a request that went well."""
    return f'{{"jsonrpc":"2.0","id":{request_id},"result":{"".join(_pieces(result, 0))}}}\n'.encode("ascii")


def failure(request_id: Optional[int], error: AlcoveError) -> dict[str, Any]:
    """The reply to a request that failed; ``request_id`` is None when no request could be made out."""
    return {"jsonrpc": "2.0", "id": request_id, "error": error.to_json()}


def notification(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """A message that nobody answers."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


class Request:
    """A request (``id`` is an integer) or a notification (``id`` is None) from the host."""

    __slots__ = ("id", "method", "params")

    def __init__(self, request_id: Optional[int], method: str, params: dict[str, Any]) -> None:
        self.id = request_id
        self.method = method
        self.params = params


class Refusal:
    """A line that cannot be carried out, in its place among the requests so that replies keep their order."""

    __slots__ = ("id", "error")

    def __init__(self, request_id: Optional[int], error: AlcoveError) -> None:
        self.id = request_id
        self.error = error


def parse(line: bytes) -> Union[Request, Refusal]:
    """Reads one line as a request or notification; what is wrong with it comes back as a ``Refusal``."""
    try:
        message = decode(line)
    except AlcoveError as error:
        return Refusal(None, error)
    if not isinstance(message, dict):
        return Refusal(None, AlcoveError("invalid_request", "a message is one JSON object"))
    request_id = message.get("id")
    if (type(request_id) is not int or request_id < 1) and "id" in message:
        return Refusal(None, AlcoveError("invalid_request", "id must be an integer from 1"))
    if message.get("jsonrpc") != "2.0":
        return Refusal(request_id, AlcoveError("invalid_request", 'jsonrpc must be "2.0"'))
    method, params = message.get("method"), message.get("params", {})
    if not isinstance(method, str):
        return Refusal(request_id, AlcoveError("invalid_request", "method must be a string"))
    if not isinstance(params, dict):
        if request_id is None:  # a notification, and those are never answered
            return Request(None, method, {})
        return Refusal(request_id, AlcoveError("invalid_request", "params must be an object"))
    return Request(request_id, method, params)


class LineSplitter:
    """Cuts a stream of bytes into lines; of a line above the limit only its length is kept.

    Partial lines are collected in a list: appending to one bytes object would make a long line cost quadratic time.
    """

    def __init__(self, limit: int = DEFAULT_MAX_LINE_BYTES) -> None:
        self.limit = limit
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> list[Union[bytes, Refusal]]:
        """The lines completed by ``data``, blank ones left out, a ``Refusal`` for each that is too long."""
        *complete, rest = data.split(b"\n")
        lines: list[Union[bytes, Refusal]] = []
        for end in complete:
            line = self._complete(end) if self._length or len(end) > self.limit else end
            if isinstance(line, Refusal) or line.strip(_BLANKS):
                lines.append(line)
        if rest:
            self._collect(rest)
        return lines

    def _collect(self, part: bytes) -> None:
        self._length += len(part)
        if self._length <= self.limit:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _complete(self, end: bytes) -> Union[bytes, Refusal]:
        self._collect(end)
        length, line = self._length, b"".join(self._parts)
        self._parts.clear()
        self._length = 0
        if length > self.limit:
            return Refusal(
                None,
                AlcoveError(
                    "message_too_large",
                    f"a line of {length} bytes; the limit is {self.limit}",
                    bytes=length,
                    limit=self.limit,
                ),
            )
        return line
