"""``initialize``: what a host tells a worker about itself, and what the worker answers."""

from __future__ import annotations

import os
import sys
import time

from . import locks
from .messages import DEFAULT_MAX_LINE_BYTES, PROTOCOL, AlcoveError, unexpected
from .params import at_least, choice, member
from .places import is_block_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

FEATURES = ["ndarray", "table", "progress", "cancel", "status", "log", "map"]
_LOG_LEVELS = ("debug", "info", "warning", "error")
_HOST_PREFIX_LENGTH = len("alcove-") + 8
_SECONDS_FOR_ENVIRONMENT_LOCK = 0.5


class Settings:
    """What a host wants: its memory directory, the prefix of this worker's blocks and what they may hold together, the
    longest line, the least level of log records, and the directory of the worker's environment, empty if it has none.
    """

    def __init__(
        self, directory: str, prefix: str, quota_bytes: int, max_line_bytes: int, log_level: str, environment: str
    ) -> None:
        self.directory = directory
        self.prefix = prefix
        self.quota_bytes = quota_bytes
        self.max_line_bytes = max_line_bytes
        self.log_level = log_level
        self.environment = environment

    @property
    def host_prefix(self) -> str:
        """The host's own prefix, which names its lease."""
        return self.prefix[:_HOST_PREFIX_LENGTH]


def read_settings(params: dict[str, Any]) -> Settings:
    """The params of ``initialize``, checked.

    Raises:
        AlcoveError: ``unsupported_protocol``, or ``invalid_params`` with the path to what is wrong.
    """
    protocol = params.get("protocol")
    if protocol != PROTOCOL or type(protocol) is not int:
        raise AlcoveError("unsupported_protocol", f"this worker speaks protocol {PROTOCOL}", supported=[PROTOCOL])
    memory = member(params, "memory", dict)
    directory = member(memory, "directory", str, "memory.")
    if not os.path.isdir(directory):
        raise unexpected("memory.directory", "a folder that is there")
    prefix = member(memory, "prefix", str, "memory.")
    if not is_block_name(prefix):
        raise unexpected("memory.prefix", "letters a to z, digits and hyphens")
    quota_bytes = member(memory, "quota_bytes", int, "memory.")
    max_line_bytes = member(params, "max_line_bytes", int, default=DEFAULT_MAX_LINE_BYTES)
    environment = member(params, "environment", dict, default={})
    environment = member(environment, "directory", str, "environment.", "")
    if environment and not os.path.isdir(environment):
        raise unexpected("environment.directory", "a folder that is there")
    return Settings(
        directory=directory,
        prefix=prefix,
        quota_bytes=at_least(0, quota_bytes, "memory.quota_bytes"),
        max_line_bytes=at_least(1, max_line_bytes, "max_line_bytes"),
        log_level=choice(params, "log_level", _LOG_LEVELS, "info"),
        environment=environment,
    )


def answer() -> dict[str, Any]:
    """Who the worker is and what it can do."""
    worker = {
        "name": "alcove",
        "version": sys.modules["alcove"].__version__,
        "language": "python",
        "language_version": sys.version.split()[0],
        "pid": os.getpid(),
        "executable": sys.executable,
    }
    return {"protocol": PROTOCOL, "worker": worker, "features": FEATURES}


def use_environment(directory: str) -> Optional[locks.FileLock]:
    """A shared lock that keeps the environment from being removed while this worker lives.

    It also notes the time, for whoever asks when the environment was last used, where the file may be changed.
    """
    end = time.monotonic() + _SECONDS_FOR_ENVIRONMENT_LOCK
    in_use = os.path.join(directory, ".in-use")
    while True:
        # Whoever lists environments holds the lock for a moment, whoever removes one until its marker is gone.
        lock = locks.try_lock(in_use, shared=True)
        if not os.path.exists(os.path.join(directory, "alcove.json")):
            raise AlcoveError(
                "invalid_params",
                f"the environment {directory} is gone or being removed",
                path="environment.directory",
                expected="an environment that is ready",
            )
        if lock is not None or time.monotonic() > end:
            try:
                os.utime(in_use)
            except OSError:  # an administrator's, which everybody may use and nobody change
                pass
            return lock
        time.sleep(0.01)
