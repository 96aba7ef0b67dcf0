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


def to_alcove_error(error: BaseException) -> AlcoveError:
    """The error that a host is told when an op or the loading of one raised, with the author's own lines first."""
    here = os.path.dirname(__file__)
    # Authors know their own lines; those of the worker above them say nothing.
    trace = error.__traceback__
    while trace and trace.tb_next and os.path.dirname(trace.tb_frame.f_code.co_filename) == here:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace))
    frames = [
        {"file": frame.filename, "line": frame.lineno, "function": frame.name}
        for frame in reversed(traceback.extract_tb(error.__traceback__))
        if os.path.dirname(frame.filename) != here
    ]
    _clear_frames(error)
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
        return AlcoveError("op_failed", str(error), **data)
    message = text_of(error)
    if isinstance(error, AlcoveError):  # of a stream that the op uses, which is the op's own matter
        data["hint"] = error.data.get("hint")
        data["details"] = {"kind": error.kind}
    elif isinstance(error, ModuleNotFoundError):
        data["hint"] = f"add the package of {error.name} to the dependencies in the op file's header"
    elif _READ_ONLY.search(message):
        data["hint"] = "inputs are read-only: change a copy, or declare the image as Annotated[Image, Writable]"
    return AlcoveError("op_failed", message, **data)


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
