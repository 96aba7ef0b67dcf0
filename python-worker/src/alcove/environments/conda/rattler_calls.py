"""Calls of rattler, in processes that can be killed; again when the network failed in a way that may pass."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import caches
from ..context import Context
from ..networking.network import Network
from ..reports import Report
from . import conda_cache
from .rattler_process import ProcessDied, RattlerProcess

# rattler repeats single requests itself, so that these come on top.
SECONDS_UNTIL_NEXT_TRY = (2.0, 6.0)
_SECONDS_BETWEEN_TICKS = 0.1
# Nothing says how far the reading of a channel's index is; this many times the time that a silence may take.
_SILENCES_FOR_SOLVING = 10


@dataclass(eq=False)
class RattlerError(Exception):
    """rattler's failure, as its process told it."""

    type: str
    """The class of rattler's exception; "HashMismatch", "Stalled" and "Died" are ours."""
    text: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def may_pass(self) -> bool:
        """Whether trying again may help: the network's failures but for those that a server meant."""
        return self.type == "Stalled" or is_passing(self.text)


def is_passing(text: str) -> bool:
    """Whether the text of a failure tells of a network that is gone, slow or cut off."""
    if any(f"({code}" in text for code in ("400", "401", "403", "404", "407", "410", "451")):
        return False
    # A proxy or a server that one must be known to, or that is not known itself, will be so in a moment, too.
    if "invalid peer certificate" in text or "proxy authorization required" in text:
        return False
    # What a disk or a file refused is no matter of the network, even when it happened to a download.
    if "(os error 28)" in text or "(os error 13)" in text:
        return False
    return any(
        sign in text
        for sign in (
            "error sending request",
            "error decoding response body",
            "error reading a body",
            "HTTP status server error",
            "(429 ",
            "(408 ",
            "timed out",
            "Connection reset",
            "end of file before message length",
            "unexpected EOF",
            "unexpected end of file",
        )
    )


class Rattler:
    """rattler for one environment."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings = context.settings
        self._offline = context.offline or context.settings.offline
        self._process: RattlerProcess | None = None
        self._end: Callable[[], Any] = lambda: None

    def solve(self, channels: tuple[str, ...], targets: list[dict[str, Any]], work: Path, report: Report) -> Any:
        """Solves for each target: {"platform", "specs", "virtual_packages"}; ``work`` is a folder for files.

        Returns:
            for each, "platform" and either "records" or "error".

        Raises:
            RattlerError: what is not about a single target.
        """
        request = {
            "command": "solve",
            "channels": list(channels),
            "targets": targets,
            "repodata": str(caches.repodata(self._context.directory)),
            "limit": self._settings.timeout * _SILENCES_FOR_SOLVING,
        }
        return self._patiently(request, report, lambda event: report.again())["solutions"]

    def install(
        self,
        records: list[dict[str, Any]],
        requested: list[str],
        platform: str,
        work: Path,
        prefix: Path,
        final: Path,
        report: Report,
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        """Installs records into a prefix that is written for its final place.

        Raises:
            RattlerError: what went wrong; packages that were downloaded completely stay in the cache.
        """
        folders = caches.conda(self._context.directory, self._settings)
        request = {
            "command": "install",
            "records": records,
            "requested": requested,
            "platform": platform,
            "prefix": str(prefix),
            "final": str(final),
            "timeout": self._settings.timeout,
        }
        with conda_cache.tidied(folders), caches.layers(folders, work) as layers:
            self._patiently({**request, "caches": [str(folder) for folder in layers]}, report, on_event)

    def fetch(
        self,
        files: list[dict[str, Any]],
        report: Report,
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        """Downloads files: {"name", "url", "sha256", "size", "path"}; those that are there already stay.

        Raises:
            RattlerError: what went wrong; files that came completely stay.
        """
        request = {
            "command": "fetch",
            "files": files,
            "timeout": self._settings.timeout,
        }
        self._patiently(request, report, on_event)

    def _patiently(
        self, request: dict[str, Any], report: Report, on_event: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        for seconds in SECONDS_UNTIL_NEXT_TRY:
            try:
                return self._once(request, report, on_event)
            except RattlerError as error:
                if not error.may_pass or self._offline:
                    raise
                _wait(seconds, report)
        return self._once(request, report, on_event)

    def _once(
        self, request: dict[str, Any], report: Report, on_event: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        values = {**request, "offline": self._offline, "downloads": self._settings.concurrent_downloads}
        process = self._process
        if process is None:
            process = self._process = RattlerProcess(self._variables())
            # Solving and installing may be far apart, and the second may never come.
            self._end = weakref.finalize(self, process.end)
        answered = False
        try:
            answer = process.ask(values, on_event, report.again)
            answered = "error" not in answer
        except ProcessDied as died:
            raise RattlerError("Died", "\n".join(died.log), {"exit_code": died.code}) from None
        finally:
            # What failed may go on in the background, and what was interrupted is gone; after an installation, nothing
            # more will be asked.
            if not answered or request["command"] != "solve":
                self.close()
        if not answered:
            error = answer["error"]
            raise RattlerError(error.pop("type"), error.pop("text"), error)
        return answer

    def close(self) -> None:
        """Ends the process if there is one; there will be another one if need be."""
        self._process = None
        self._end()

    def _variables(self) -> dict[str, str]:
        variables = Network(self._settings, self._offline).rattler_variables()
        if self._offline:
            # rattler fetches a package anew whose files in the cache are damaged; here it finds nobody to ask.
            nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
            kept = {name: value for name, value in variables.items() if not name.upper().endswith("_PROXY")}
            return {**kept, **nowhere}
        return variables


def _wait(seconds: float, report: Report) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        report(report.fraction, "The connection broke; trying again in a moment")
        time.sleep(_SECONDS_BETWEEN_TICKS)
