"""What rattler's failures mean for users: a cause, one clear sentence, and the next step.

Its texts are those of the pinned version; the tests provoke each of them.
"""

from __future__ import annotations

import re
from pathlib import Path

from alcove import OpError

from .. import failed_downloads
from ..context import Context
from ..failures import cause_in, failure, of_file
from ..networking.network import Network
from ..specification import Specification
from . import channels
from .rattler_calls import RattlerError, is_passing

_LOG_LINES = 50
_SIGKILL = 9
# What unpacking says of bytes that are no package, or another one than it was.
_WRONG_BYTES = (
    r"hash mismatch|checksum mismatch|Data corruption|[Ii]nvalid [Zz]ip|zip archive|bz2 header|bzip2|"
    r"[Uu]nknown frame descriptor|invalid gzip|numeric field was not a number|failed to iterate over archive|"
    r"Restored data doesn't match checksum|failed to unpack"
)
_UNREADABLE_INDEX = r"failed to decode|invalid type|failed to deserialize|expected value|Unknown frame descriptor|zstd"


def explain(error: RattlerError, specification: Specification, context: Context, download_bytes: int = 0) -> OpError:
    """The failure that rattler tells of, but for specifications that cannot be solved.

    Args:
        error: from rattler's process.
        specification: what was asked for.
        context: with the settings of the network.
        download_bytes: how much there was to download; 0 for unknown.
    """
    network = Network(context.settings, context.offline)
    text = network.masked(error.text)
    log = text.splitlines()[-_LOG_LINES:]
    cause = cause_in(text)
    if cause is not None and not re.search(r"tcp connect error|dns error", text):
        return of_file(cause, _file_in(text) or str(context.directory), context.directory, download_bytes, log=log)
    if error.type == "Died":
        return _died(error, log)
    if error.type == "HashMismatch":
        return failure("hash_mismatch", text, "Restore the file, or index the channel anew", log=log, **error.details)
    if error.type == "InstallerError" and re.search(_WRONG_BYTES, text):
        return _wrong_bytes(text, log)
    if context.offline or context.settings.offline or error.type == "NotCached":
        return failed_downloads.no_network(specification.file, log)
    if error.type == "GatewayError" and re.search(r"could not find subdir|\(404 ", text):
        return _no_channel(text, log)
    trouble = _trouble(error, text)
    if trouble is not None:
        return _network(trouble, error, text, log, specification, network)
    if error.type == "InvalidMatchSpecError":
        return failure("spec_invalid", text, 'Write conda packages like "numpy>=2,<3" or "numpy=2.1"', log=log)
    return failure(
        "toolbox",
        f"rattler failed: {log[0] if log else 'it said nothing'}",
        "The log has what it said; if it makes no sense, delete the toolbox folder, and it will be made anew",
        log=log,
    )


def _died(error: RattlerError, log: list[str]) -> OpError:
    code = error.details.get("exit_code")
    if code == -_SIGKILL:
        message = "rattler was killed"
        hint = "Probably there was not enough memory; close other programs and try again"
    else:
        message = f"rattler ended unexpectedly: {log[-1] if log else f'exit status {code}'}"
        hint = "Try again; if it happens again, delete the toolbox folder, and it will be made anew"
    return failure("toolbox", message, hint, exit_code=code, log=log)


def _wrong_bytes(text: str, log: list[str]) -> OpError:
    package = re.search(r"failed to fetch (\S+)", text) or re.search(r"([^/\s:]+\.(?:conda|tar\.bz2))", text)
    hashes = re.findall(r"[0-9a-f]{64}", text)
    return failed_downloads.wrong_bytes(package[1] if package else None, hashes, "channel", log)


def _no_channel(text: str, log: list[str]) -> OpError:
    url = re.search(r"in channel '([^']+)'", text)
    if url is None:
        found = re.search(r"https?://[^\s`)'\"]+", text)
        message = f"The channel has no {found[0] if found else 'such file'}: it is incomplete, or just being changed"
        hint = "Try again in a few minutes"
        return failure("network", message, hint, log=log, host=failed_downloads.host_in(text))
    name = channels.name_of(url[1])
    return failure(
        "unsolvable",
        f"There is no channel {name!r}",
        "Correct its name, or give its full address",
        channel=name,
        log=log,
    )


def _network(
    trouble: str, error: RattlerError, text: str, log: list[str], specification: Specification, network: Network
) -> OpError:
    host_in = failed_downloads.host_in
    host = host_in(text) or host_in(network.mirrored(error.details.get("url") or ""))
    hint = network.hint(text) + "; then try again: what is complete is not downloaded again"
    return failed_downloads.network(specification.file, host, trouble, hint, log)


def _trouble(error: RattlerError, text: str) -> str | None:
    """What is wrong with the network; None when it is something else."""
    if error.type == "Stalled":
        return error.text
    if trouble := failed_downloads.trouble_in(text):
        return trouble
    if error.type in ("GatewayError", "FetchRepoDataError") and re.search(_UNREADABLE_INDEX, text):
        return "what it sent is no list of packages (a login page, perhaps)"
    return "the connection broke" if is_passing(text) else None


def _file_in(text: str) -> str | None:
    found = re.search(r"[`'\"]((?:/|[A-Za-z]:[\\/])[^`'\"]+)[`'\"]", text)
    return str(Path(found[1])) if found else None
