"""Records of Python's logging, sent to the host."""

from __future__ import annotations

import logging
from typing import Callable

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _HostHandler(logging.Handler):
    def __init__(self, send: Callable[[str, str, str], None]) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        try:
            names = [name for name, number in _LEVELS.items() if number <= record.levelno]
            self._send(names[-1] if names else "debug", record.name, self.format(record))
        except Exception:
            self.handleError(record)


def send_records(level: str, send: Callable[[str, str, str], None]) -> None:
    """Sends every record of ``level`` and above to ``send(level, logger, message)``; calling it again does nothing."""
    root = logging.getLogger()
    if not any(isinstance(handler, _HostHandler) for handler in root.handlers):
        root.addHandler(_HostHandler(send))
        root.setLevel(_LEVELS.get(level, logging.INFO))
