"""What uv says on stderr, read for two purposes: how far a download is, and why something failed.

uv has no machine-readable form of either. Its words are English on every system; the operating system's are not, so
those are told apart by "os error N". The texts are those of the pinned uv; the tests provoke each of them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from alcove import OpError

from .failures import CAUSE_OF_ERRNO, Cause, failure, megabytes, of_file
from .processes import Finished
from .specification import Specification

_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_EXPLANATION_LINES = 10


class Downloads:
    """Follows uv's lines "Downloading numpy (15.0MiB)" and " Downloaded numpy"; it names only files above 1 MB."""

    def __init__(self, total_bytes: int) -> None:
        """``total_bytes`` may be 0 for unknown."""
        self._total = total_bytes
        self._running: dict[str, int] = {}
        self._done = 0

    def take(self, line: str) -> bool:
        """Notes what a line says; False when it is about something else."""
        if match := re.fullmatch(r"Downloading (\S+) \(([\d.]+)([KMG]?i?B)\)", line):
            self._running[match[1]] = int(float(match[2]) * _UNITS.get(match[3], 1))
        elif match := re.fullmatch(r" Downloaded (\S+)", line):
            self._done += self._running.pop(match[1], 0)
        else:
            return False
        return True

    @property
    def fraction(self) -> float:
        """The share that is done, by bytes."""
        return min(self._done / self._total, 1.0) if self._total else 0.0

    @property
    def message(self) -> str:
        """What is being downloaded, the largest first, and how much is done."""
        largest = sorted(self._running.items(), key=lambda item: -item[1])
        names = ", ".join(f"{name} ({megabytes(size)})" for name, size in largest[:2])
        more = f" and {len(largest) - 2} more" if len(largest) > 2 else ""
        done = f"{self._done / 1e6:.0f} of {megabytes(self._total)} done" if self._total else ""
        return "Downloading " + "; ".join(part for part in (names + more, done) if part)


# Numbers of the operating system, as in "(os error 28)"; on POSIX they are errno's.
_WINDOWS_ERRORS: dict[int, Cause] = {
    112: "disk_full",
    39: "disk_full",
    5: "permission",
    19: "permission",
    32: "permission",
    206: "path_too_long",
}
_OS_ERRORS = _WINDOWS_ERRORS if sys.platform == "win32" else CAUSE_OF_ERRNO

_NETWORK_TROUBLE = "|".join(
    [
        "network was disabled|Network connectivity is disabled|could not be queried",
        "error sending request|Request failed|Failed to fetch|timed? ?out|HTTP status (client|server) error",
        "Could not resolve host|error decoding response body|Git operation failed",
    ]
)
# The first that matches decides.
_CAUSES: list[tuple[Cause, str]] = [
    ("hash_mismatch", "Hash mismatch|Failed to extract archive"),
    ("spec_invalid", "TOML parse error"),
    ("network", _NETWORK_TROUBLE),
    ("unsolvable", "No solution found"),
    ("platform", "for the current platform|Failed to (download and )?build|No interpreter found|No download found"),
]


def explain(
    finished: Finished,
    doing: str,
    specification: Specification,
    directory: Path,
    offline: bool,
    download_bytes: int = 0,
) -> OpError:
    """The failure that a uv which did not succeed tells of.

    Args:
        finished: how it ended.
        doing: what it was at, "installing packages".
        specification: what was asked for.
        directory: the folder of all environments.
        offline: whether uv was told to use no network.
        download_bytes: how much there was to download; 0 for unknown.
    """
    log = finished.log
    text = "\n".join(log)
    cause = _cause(finished, text)
    if cause in ("disk_full", "path_too_long", "permission"):
        return of_file(cause, _file_in(text) or str(directory), directory, download_bytes, log=log)
    if cause == "network":
        return _network(text, log, specification, offline)
    if cause == "unsolvable":
        return _unsolvable(text, log, specification)
    if cause == "hash_mismatch":
        return _hash_mismatch(text, log)
    if cause == "spec_invalid":
        return _spec_invalid(text, log, specification)
    if cause == "platform":
        return _platform(text, log)
    return _unknown(finished, doing)


def _cause(finished: Finished, text: str) -> Cause | None:
    if finished.died_of("SIGXFSZ"):
        return "disk_full"  # a quota in the form of a limit on the size of files
    if not re.search(r"tcp connect error|dns error", text):  # a firewall's "permission denied" is about the network
        for number in re.findall(r"\(os error (\d+)\)", text):
            if int(number) in _OS_ERRORS:
                return _OS_ERRORS[int(number)]
    return next((cause for cause, pattern in _CAUSES if re.search(pattern, text)), None)


def _unknown(finished: Finished, doing: str) -> OpError:
    if finished.died_of("SIGKILL"):
        message = f"uv was killed while {doing}"
        hint = "Probably there was not enough memory; close other programs and try again"
    else:
        message = f"uv failed while {doing}: {_error_line(finished.log)}"
        hint = "The log has uv's last lines; if it makes no sense, delete the toolbox folder, and it will be made anew"
    return failure("toolbox", message, hint, exit_code=finished.code, log=finished.log)


def _file_in(text: str) -> str | None:
    match = re.search(r"(?:file|directory|to|at) [`'\"]([^`'\"]+)[`'\"]", text)
    return match[1] if match else None


def _error_line(log: list[str]) -> str:
    lines = [line for line in log if line.startswith("error:")] or log or ["it said nothing"]
    return lines[-1].removeprefix("error:").strip()


def _network(text: str, log: list[str], specification: Specification, offline: bool) -> OpError:
    if offline or re.search("network was disabled|Network connectivity is disabled", text):
        return failure(
            "network",
            f"Not everything that {specification.file} needs is on this machine, and the network was not to be used",
            "Run it once with network; afterwards what it needs is here",
            log=log,
        )
    url = re.search(r"https?://[^\s`)]+", text)
    host = re.sub(r"^https?://([^/@]*@)?([^/]+).*$", r"\2", url[0]) if url else None
    where = f" from {host}" if host else ""
    message = f"Could not download what {specification.file} needs{where}{_trouble(text)}"
    return failure("network", message, _network_hint(text), log=log, host=host)


def _trouble(text: str) -> str:
    if status := re.search(r"\(([45]\d\d [^)]*)\)", text):
        return f": it answered {status[1]}"
    if re.search(r"tcp connect error|dns error|\(Connect\)|Could not resolve host", text):
        return ": no connection"
    return ": no answer in time" if re.search(r"timed? ?out", text) else ": the connection broke"


def _network_hint(text: str, environment: Mapping[str, str] = os.environ) -> str:
    seen = {
        name: re.sub(r"//[^/@]*@", "//***@", environment[name])
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy", "NO_PROXY")
        if environment.get(name)
    }
    proxies = ", ".join(f"{name}={value}" for name, value in seen.items())
    hints = [f"Check the network connection and the proxy ({proxies or 'none is set: HTTPS_PROXY sets one'})"]
    if "certificate" in text.lower():
        hints.append("for a proxy with its own certificate set UV_SYSTEM_CERTS=true or SSL_CERT_FILE")
    if environment.get("PIP_INDEX_URL") and not environment.get("UV_DEFAULT_INDEX"):
        hints.append("uv does not read PIP_INDEX_URL: set UV_DEFAULT_INDEX to the same")
    return "; ".join(hints)


def _unsolvable(text: str, log: list[str], specification: Specification) -> OpError:
    missing = re.findall(r"(\S+) was not found in the (?:package registry|cache)", text)
    if missing:
        name = missing[0]
        place = _place_of(name, specification)
        return failure(
            "unsolvable",
            f"There is no package named {name!r}{place}",
            "Probably a typo, or the package has another name than its import; correct it in the dependencies",
            package=name,
            log=log,
        )
    start = text.index("No solution found")
    lines = [re.sub(r"^(cause:|hint:)? *", "", line.strip()) for line in text[start:].splitlines()[1:] if line.strip()]
    shown = lines[:_EXPLANATION_LINES] + (["..."] if len(lines) > _EXPLANATION_LINES else [])
    message = "\n".join([f"What {specification.file} asks for cannot be installed together:", *shown])
    return failure("unsolvable", message, "Widen or remove one of the version limits named above", log=log)


def _place_of(package: str, specification: Specification) -> str:
    name = re.sub(r"[-_.]+", "[-_.]+", package)
    for number, line in enumerate(specification.header.splitlines(), 1):
        if re.search(rf"[\"']{name}\b", line, re.IGNORECASE):
            return f" ({specification.place(number)})"
    return ""


def _hash_mismatch(text: str, log: list[str]) -> OpError:
    package = re.search(r"(?:Hash mismatch for|Failed to download) `([^`]+)`", text)
    hashes = re.findall(r"sha256:[0-9a-f]{64}", text)
    name = package[1] if package else "a package"
    return failure(
        "hash_mismatch",
        f"What was downloaded as {name} is not the file that was expected; it was not installed",
        "Try again; if it happens again, something between here and the package index changes or cuts downloads",
        package=name,
        expected=hashes[0] if hashes else None,
        got=hashes[-1] if hashes else None,
        log=log,
    )


def _spec_invalid(text: str, log: list[str], specification: Specification) -> OpError:
    match = re.search(r"TOML parse error at line (\d+)", text)
    place = specification.place(int(match[1])) if match else specification.source
    said = [line.strip() for line in text[text.index("TOML parse error") :].splitlines()[1:]]
    reason = "; ".join(line for line in said if line and not re.match(r"\d* *\||\^", line))
    return failure("spec_invalid", f"{place}: {reason}", "Correct that line of the header", log=log)


def _platform(text: str, log: list[str]) -> OpError:
    package = re.search(r"(?:Package|build|Failed to download and build) `([^`]+)`", text)
    name = package[1] if package else "A package"
    if "for the current platform" not in text:
        return _build_failed(name, log)
    only = re.search(r"hint: (.*?)(?:; consider|$)", text, re.MULTILINE)
    because = f". {only[1].replace('`', '')}" if only else ""
    return failure(
        "platform",
        f"{name} is published neither for this computer's system and Python nor as source{because}",
        "Choose another version of the package or of Python (requires-python), or limit the dependency to the systems "
        "that have it: \"...; sys_platform == 'win32'\"",
        package=name,
        log=log,
    )


def _build_failed(name: str, log: list[str]) -> OpError:
    said = [line.strip() for line in log if "rror: " in line and not re.match(" *error: (Command|Failed)", line)]
    guess = next((line.removeprefix("hint: ") + ". " for line in log if line.startswith("hint: ")), "")
    return failure(
        "platform",
        f"{name} is not published ready-made for this computer, and building it from its source failed"
        + "".join(f": {line}" for line in said[-1:]),
        guess + "Choose a version that has wheels, or install what the build lacks; the log has its last lines",
        package=name,
        log=log,
    )
