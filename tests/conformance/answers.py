"""What a worker must answer to a line, whatever stands in it: the rules once more, apart from the worker's own."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

_NULL = "null"  # the id of an error that answers no request
_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_REQUESTS = ("initialize", "load", "call", "map", "status")


class Violation(Exception):
    """What a worker did that it may not."""


class Answer:
    """What a line must get: an id (``_NULL`` for id null) and, where it is known, the error's kind."""

    __slots__ = ("id", "kind", "overtakes")

    def __init__(self, request_id: Any, kind: str | None = None, overtakes: bool = False) -> None:
        self.id = request_id
        self.kind = kind
        self.overtakes = overtakes


def answer_to(line: bytes, limit: int) -> Answer | None:
    """What a worker that was initialised must answer to the line, None for nothing."""
    if len(line) > limit:
        return Answer(_NULL, "message_too_large")
    if not line.strip(b" \t\r"):
        return None
    try:
        text = line.decode("utf-8")
        message = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return Answer(_NULL, "parse_error")
    if _depth(text) > 200:
        return Answer(_NULL, "parse_error")
    if not isinstance(message, dict):
        return Answer(_NULL, "invalid_request")
    request_id = message.get("id", _NULL)
    if "id" in message and (type(request_id) is not int or request_id < 1):
        return Answer(_NULL, "invalid_request")
    method = message.get("method")
    if message.get("jsonrpc") != "2.0" or not isinstance(method, str):
        return Answer(request_id, "invalid_request")
    if "id" not in message:
        return None
    if not isinstance(message.get("params", {}), dict):
        return Answer(request_id, "invalid_request")
    if method not in _REQUESTS:
        return Answer(request_id, "method_not_found")
    return Answer(request_id, overtakes=method == "status")


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > 1000:
        raise ValueError("too many digits")
    return int(digits)


def _float(text: str) -> float:
    if abs(float(text)) == float("inf"):
        raise ValueError("beyond a double")
    return float(text)


def refuse_constant(name: str) -> Any:
    """For ``parse_constant``: NaN and the like are no JSON."""
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=refuse_constant)


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _STRUCTURE.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def require_answers(lines: Sequence[bytes], replies: Sequence[dict[str, Any]], limit: int) -> None:
    """Raises ``Violation`` unless the replies are what the lines must get."""
    answers = [answer for answer in (answer_to(line, limit) for line in lines) if answer is not None]
    if len(answers) != len(replies):
        raise Violation(f"{len(replies)} replies to {len(answers)} lines that need one")
    wanted = Counter(answer.id for answer in answers)
    came = Counter(_NULL if reply["id"] is None else reply["id"] for reply in replies)
    for request_id, times in wanted.items():
        if request_id != _NULL and not 1 <= came[request_id] <= times:
            raise Violation(f"{came[request_id]} replies with id {request_id}, {times} requests")
    if unknown := came.keys() - wanted.keys() - {_NULL}:
        raise Violation(f"replies to ids that nobody asked for: {unknown}")
    kinds = Counter(reply["error"]["data"]["kind"] for reply in replies if reply["id"] is None)
    # Requests whose id waited for its reply already.
    kinds["invalid_request"] -= sum(wanted[each] - came[each] for each in wanted if each != _NULL)
    if +kinds != Counter(answer.kind for answer in answers if answer.id == _NULL):
        raise Violation(f"errors with id null: {dict(+kinds)}")
    by_id = {answer.id: answer for answer in answers if wanted[answer.id] == 1 and answer.id != _NULL}
    in_order = []
    for reply in replies:
        answer = by_id.get(reply["id"])
        kind = reply.get("error", {}).get("data", {}).get("kind")
        if answer is not None and answer.kind and kind != answer.kind:
            raise Violation(f"{reply} instead of {answer.kind}")
        if answer is not None and (answer.overtakes or kind == "cancelled"):
            del by_id[answer.id]
        elif answer is not None:
            in_order.append(answer.id)
    if in_order != list(by_id):
        raise Violation("replies that are out of order")
