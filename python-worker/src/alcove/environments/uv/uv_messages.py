"""What uv says on stderr, read for two purposes: how far a download is, and why something failed.

uv has no machine-readable form of either. Its words are English on every system; the operating system's are not, so
those are told apart by "os error N". The texts are those of the pinned uv; the tests provoke each of them.
"""

from __future__ import annotations

import os
import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from alcove import OpError

from .. import failed_downloads
from ..context import Context
from ..failures import Cause, cause_in, failure, megabytes, of_file
from ..networking.network import Network
from ..processes import Finished
from ..specification import Specification

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
    context: Context,
    download_bytes: int = 0,
) -> OpError:
    """The failure that a uv which did not succeed tells of.

    Args:
        finished: how it ended.
        doing: what it was at, "installing packages".
        specification: what was asked for.
        context: names the folder of all environments, and knows how the network was used.
        download_bytes: how much there was to download; 0 for unknown.
    """
    network = Network(context.settings, context.offline)
    log = [network.masked(line) for line in finished.log]
    finished = finished._replace(log=log)
    text = "\n".join(log)
    cause = _cause(finished, text)
    if cause in ("disk_full", "path_too_long", "permission"):
        return of_file(cause, _file_in(text) or str(context.directory), context.directory, download_bytes, log=log)
    if cause == "network":
        return _network_lost(text, log, specification, network)
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
        refused = cause_in(text)
        if refused is not None:
            return refused
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


def _network_lost(text: str, log: list[str], specification: Specification, network: Network) -> OpError:
    if network.offline or re.search("network was disabled|Network connectivity is disabled", text):
        return failed_downloads.no_network(specification.file, log)
    hint = network.hint(text)
    if os.environ.get("PIP_INDEX_URL") and not network.has_index:
        hint += "; uv does not read PIP_INDEX_URL: set ALCOVE_INDEX to the same"
    host = failed_downloads.host_in(text)
    trouble = failed_downloads.trouble_in(text) or "the connection broke"
    return failed_downloads.network(specification.file, host, trouble, hint, log)


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
    name = canonicalize_name(package)
    asked = [
        each
        for each in specification.wanted.python
        if canonicalize_name(Requirement(each.text.split(" --hash")[0]).name) == name
    ]
    return f" ({asked[0].place})" if asked and asked[0].place else ""


def _hash_mismatch(text: str, log: list[str]) -> OpError:
    package = re.search(r"(?:Hash mismatch for|Failed to download) `([^`]+)`", text)
    hashes = re.findall(r"sha256:[0-9a-f]{64}", text)
    return failed_downloads.wrong_bytes(package[1] if package else None, hashes, "package index", log)


def _spec_invalid(text: str, log: list[str], specification: Specification) -> OpError:
    """uv read a header that was made from the specification; so the line is looked for where the author wrote it."""
    parts = text[text.index("TOML parse error") :].splitlines()[1:]
    shown = next((match[1] for line in parts if (match := re.match(r"\d+ *\| ?(.*)", line.strip()))), "")
    named = re.search(r"unknown field `([^`]+)`", text)
    place = specification.place_of_key(named[1] if named else re.split(r"[=\]]", shown)[0].strip("[ \"'"))
    reason = "; ".join(line.strip() for line in parts if line.strip() and not re.match(r" *(\d* *\||\^)", line))
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
