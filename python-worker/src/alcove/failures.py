"""What an author's exception becomes on its way to the host."""

from __future__ import annotations

import os
import re
import traceback
from typing import Any, Optional

from .messages import CODES, AlcoveError, OpError, text_of
from .values import encode_value

# What numpy, Cython and Numba say to who writes to an array that is not writable.
_READ_ONLY = re.compile(r"(array|destination|buffer) is (read-only|not writable)|readonly (array|buffer)")

_MOST_FRAMES = 200
_MOST_CHARACTERS = 200_000


def to_alcove_error(error: BaseException) -> AlcoveError:
    """The error that a host is told when an op or the loading of one raised, with the author's own lines first."""
    _clear_frames(error)  # first, as there may be no memory for what follows before it has gone
    try:
        return _described(error)
    except Exception:  # the exception's own methods fail, or there is no memory all the same
        name = type(error).__name__
        return AlcoveError("op_failed", name, type=name, traceback=name, frames=[])


def _described(error: BaseException) -> AlcoveError:
    here = os.path.dirname(__file__)
    # Authors know their own lines; those of the worker above them say nothing.
    trace = error.__traceback__
    while trace and trace.tb_next and os.path.dirname(trace.tb_frame.f_code.co_filename) == here:
        trace = trace.tb_next
    text = _short("".join(traceback.format_exception(type(error), error, trace, limit=-_MOST_FRAMES)))
    frames = [
        {"file": frame.filename, "line": frame.lineno, "function": frame.name}
        for frame in _ends(traceback.extract_tb(error.__traceback__)[::-1])
        if os.path.dirname(frame.filename) != here
    ]
    if isinstance(error, AlcoveError) and error.kind in CODES:
        return AlcoveError(error.kind, str(error), **error.data)
    installed = [frame for frame in frames if "site-packages" in str(frame["file"])]
    data: dict[str, Any] = {
        "type": type(error).__name__,
        "traceback": text,
        "frames": [frame for frame in frames if frame not in installed] + installed,
    }
    if isinstance(error, OpError):
        data["hint"] = None if error.hint is None else str(error.hint)
        data["details"] = {name: _fact(value) for name, value in error.details.items()}
        return AlcoveError("op_failed", _short(str(error)), **data)
    message = _short(text_of(error))
    if isinstance(error, AlcoveError):  # of a stream that the op uses, which is the op's own matter
        data["hint"] = error.data.get("hint")
        data["details"] = {"kind": error.kind}
    elif isinstance(error, ModuleNotFoundError):
        data["hint"] = f"add the package of {error.name} to the dependencies in the op file's header"
    elif _READ_ONLY.search(message):
        data["hint"] = "inputs are read-only: change a copy, or declare the image as Annotated[Image, Writable]"
    return AlcoveError("op_failed", message, **data)


def _ends(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """The frames, of very many the first and the last: of a recursion that went too far, what began it."""
    half = _MOST_FRAMES // 2
    return frames if len(frames) <= _MOST_FRAMES else frames[:half] + frames[-half:]


def _short(text: str) -> str:
    """The text, of a very long one its ends: a reply that is longer than what a host reads would tell nothing."""
    half = _MOST_CHARACTERS // 2
    left_out = len(text) - _MOST_CHARACTERS
    return text if left_out <= 0 else f"{text[:half]}\n... {left_out} characters left out ...\n{text[-half:]}"


def _clear_frames(error: BaseException) -> None:
    """Frames hold the op's local variables, among them views of shared memory that would count as kept."""
    seen: set[int] = set()  # an error may be its own cause
    waiting: list[Optional[BaseException]] = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            traceback.clear_frames(found.__traceback__)
            waiting += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]


def _fact(value: Any) -> Any:
    """A detail of an ``OpError`` as it can be sent: as text where it is no value of the protocol's."""
    try:
        return encode_value(value, "details", None)
    except AlcoveError:
        return repr(value)
