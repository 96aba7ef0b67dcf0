"""What micromamba's failures mean for users. Its texts are those of version 2.8; docs/bootstrapping.md tells which were
provoked with a real one."""

from __future__ import annotations

import json
import re
from typing import Any

from alcove import OpError

from .. import failed_downloads
from ..context import Context
from ..failures import Cause, failure, of_file
from ..networking.network import Network
from ..processes import Finished
from ..specification import Specification

_MOST_LINES = 9
_REFUSED: list[tuple[Cause, str]] = [
    ("disk_full", r"No space left on device|not enough space|Disk quota exceeded|File too large"),
    ("permission", r"Permission denied|Read-only file system|Operation not permitted"),
    ("path_too_long", r"File name too long"),
]
_WRONG_BYTES = r"File not valid|incorrect (SHA256|MD5)|doesn't match expectation|Found incorrect downloads"
# What it adds to many failures, and what would send users to the wrong people.
_BOILERPLATE = r"\s*(If you (run|see|still|continue)|Please try running|in which case running|on +mamba's|https://github.com/mamba-org)"
_NETWORK = (
    r"[Dd]ownload error|[Cc]ould ?n[o']t (resolve|connect)|timed? ?out|status: [45]\d\d|\(HTTP|response code|Timeout|"
    r"Multiple errors|failed to fetch|Transfer finalized|SSL|offline|[Cc]onnection"
)
_UNSOLVABLE = r"Could not solve|could not be installed|are incompatible|does not exist|nothing provides"


def explain(
    finished: Finished, doing: str, specification: Specification, context: Context, download_bytes: int = 0
) -> OpError:
    """The failure of a micromamba that did not succeed.

    Args:
        finished: how it ended.
        doing: "solving" or "installing".
        specification: what was asked for.
        context: with the settings of the network.
        download_bytes: how much there was to download; 0 for unknown.
    """
    network = Network(context.settings, context.offline)
    said = [line for line in [*finished.log, _told(finished.output)] if not re.match(_BOILERPLATE, line)]
    text = network.masked("\n".join(said))
    log = [line for line in text.splitlines() if line.strip()]
    for cause, pattern in _REFUSED:
        if re.search(pattern, text):
            return of_file(cause, str(context.directory), context.directory, download_bytes, log=log)
    if finished.died_of("SIGKILL"):
        hint = "Probably there was not enough memory; close other programs and try again"
        return failure("toolbox", f"micromamba was killed while {doing}", hint, exit_code=finished.code, log=log)
    if doing == "solving" and re.search(_UNSOLVABLE, text):
        return _unsolvable(text, specification, log)
    if network.offline:
        return failed_downloads.no_network(specification.file, log)
    if re.search(_WRONG_BYTES, text):
        return _wrong_bytes(text, log)
    if re.search(_NETWORK, text):
        return _network(text, specification, network, log)
    return failure(
        "toolbox",
        f"micromamba failed while {doing}: {_last_error(log)}",
        'The log has its last lines; the engine "rattler" does the same without it',
        exit_code=finished.code,
        log=log,
    )


def _told(output: str) -> str:
    """What its JSON says of the failure."""
    start = output.find("{")
    try:
        answer: Any = json.loads(output[start:]) if start >= 0 else {}
    except ValueError:
        return output
    keys = ("error", "message", "solver_problems")
    return "\n".join(str(answer[key]) for key in keys if isinstance(answer, dict) and key in answer)


def _unsolvable(text: str, specification: Specification, log: list[str]) -> OpError:
    found = re.search(r"Could not solve for environment specs\n(.*?)(?=^critical|\Z)", text, re.DOTALL | re.MULTILINE)
    # "numpy =* *" is every version in every build.
    tree = re.sub(r"( =\*)? \*(?=[ ,;.]|$)", "", found[1] if found else text, flags=re.MULTILINE)
    lines = [line.removeprefix("    ").rstrip() for line in tree.splitlines() if line.strip()]
    system = re.search(r"(__\w+) ?(\S*), which is missing on the system", tree)
    if system:
        needs = re.search(r"[├└]─ (\S+).* is not installable because it requires", tree)
        return failure(
            "platform",
            f"{needs[1] if needs else 'A package'} needs {system[1].strip('_')} {system[2]}, which this computer lacks"
            f"{_place_of(needs[1] if needs else '', specification)}",
            "Use a computer that has it, or ask for a build that does without",
            virtual_package=system[1],
            log=log,
        )
    missing = re.fullmatch(
        r"The following package could not be installed\n└─ (\S+) ?(\S*) does not exist .*", "\n".join(lines)
    )
    if missing:
        wanted = f"{missing[1]} {missing[2]}".strip()
        return failure(
            "unsolvable",
            f"There is no package {wanted!r} in the channels{_place_of(missing[1], specification)}",
            "Correct the name or the version, or add the channel that has it (for biology often bioconda)",
            package=missing[1],
            log=log,
        )
    shown = lines[:_MOST_LINES] + (["..."] if len(lines) > _MOST_LINES else [])
    message = "\n".join([f"What {specification.file} asks for cannot be installed together:", *shown])
    return failure("unsolvable", message, "Widen or remove one of the version limits named above", log=log)


def _place_of(package: str, specification: Specification) -> str:
    """Where it is asked for."""
    named = [each.place for each in specification.wanted.conda if re.match(rf"{re.escape(package)}\b", each.text)]
    return f" ({named[0]})" if package and named and named[0] else ""


def _wrong_bytes(text: str, log: list[str]) -> OpError:
    package = re.search(r"([^/\s:'\"]+\.(?:conda|tar\.bz2))", text)
    hashes = re.findall(r"\b[0-9a-f]{64}\b", text)
    return failed_downloads.wrong_bytes(package[1] if package else None, hashes, "channel", log)


def _network(text: str, specification: Specification, network: Network, log: list[str]) -> OpError:
    status = re.search(r"(?:status:? |response code[^\d]*|HTTP )([45]\d\d)", text)
    trouble = f"it answered {status[1]}" if status else ""
    hint = network.hint(text) + "; then try again: what is complete is not downloaded again"
    return failed_downloads.network(specification.file, failed_downloads.host_in(text), trouble, hint, log)


def _last_error(log: list[str]) -> str:
    errors = [line for line in log if re.match(r"(critical|error)\b", line)] or log or ["it said nothing"]
    return re.sub(r"^(critical|error)\s+(libmamba\s+)?", "", errors[-1]).strip()
