"""Describing op files without their environments: an op of the toolbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Optional

from .calls import progress
from .messages import OpError
from .ops import op

_SECONDS_BETWEEN_LOOKS = 0.1
_NO_PYTHON = "the header's requires-python asks for a Python that is not on this computer: install one, or widen it"
_BOOT = "import sys; sys.path[0] = sys.argv.pop(1); from alcove.__main__ import main; sys.exit(main())"


@op(idempotent=True)
def describe(path: Path, header: str = "", directory: Optional[Path] = None) -> dict[str, Any]:
    """Describes the ops of an op file in a process of their own: importing the file runs its author's code.

    Args:
        path: the op file
        header: its header, the TOML without comment signs; where it asks for another Python than this one, such a
            one is taken, if this machine has it
        directory: the folder that holds all environments

    Returns:
        ``{"ops": [descriptor, ...], "sources": [path, ...]}`` with all files of the author's that the descriptors
        depend on; when the file has mistakes ``error`` in the place of ``ops``, as the protocol writes errors.
    """
    package = os.path.dirname(os.path.dirname(__file__))
    python = _python_for(path, header, directory)
    command = [str(python or sys.executable), "-X", "utf8", "-c", _BOOT, package, "describe", str(path)]
    # A file, not a pipe: a process that the author's file leaves behind would keep a pipe open.
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, start_new_session=True) as process,
    ):
        try:
            while process.poll() is None:
                progress(None, f"Reading {path.name}")
                _wait(process)
        finally:
            _end(process)
        output.seek(0)
        try:
            answer: dict[str, Any] = json.loads(output.read())
        except ValueError:
            raise OpError(
                f"{path.name} ended Python when it was imported (exit code {process.returncode})",
                hint="put what must not run on import under if __name__ == '__main__'",
            ) from None
    if python is None and "error" in answer:
        answer["error"]["data"]["hint"] = _NO_PYTHON
    return answer


def _python_for(path: Path, header: str, directory: Optional[Path]) -> Optional[Path]:
    """The Python that the header wants, None when there is none."""
    if not header or directory is None:
        return Path(sys.executable)
    from .environments.uv.uv_engine import installed_python

    return installed_python(path, header, directory, lambda: progress(None, f"Looking for a Python for {path.name}"))


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_SECONDS_BETWEEN_LOOKS)
    except subprocess.TimeoutExpired:
        pass


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends it, and what it has started, if the call was cancelled; else it has seen to that itself."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
