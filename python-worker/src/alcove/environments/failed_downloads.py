"""What a failed download means for users, whichever program downloaded."""

from __future__ import annotations

import re

from alcove import OpError

from .failures import failure


def host_in(text: str) -> str | None:
    """The host, and its port, of the first URL in a program's words."""
    found = re.search(r"https?://(?:[^\s`)'\"/@]*@)?(\[[^\]\s]*\](?::\d+)?|[^\s`)'\"\]/?#]+)", text)
    return found[1] if found else None


def trouble_in(text: str) -> str | None:
    """What was wrong with the network, when Rust's libraries, which rattler and uv share, tell of it."""
    if status := re.search(r"\(([45]\d\d [^)]*)\)", text):
        return f"it answered {status[1]}"
    if re.search(r"certificate|UnknownIssuer", text):
        return "its certificate is not trusted"
    if re.search(r"tcp connect error|dns error|\(Connect\)|client error \(Connect|Could not resolve host", text):
        return "no connection"
    return "no answer in time" if re.search(r"timed? ?out", text) else None


def no_network(file: str, log: list[str]) -> OpError:
    """What ``file`` needs is not here, and must not be downloaded."""
    return failure(
        "network",
        f"Not everything that {file} needs is on this machine, and the network was not to be used",
        "Run it once with network; afterwards what it needs is here",
        log=log,
    )


def network(file: str, host: str | None, trouble: str, hint: str, log: list[str]) -> OpError:
    """What ``file`` needs could not be downloaded; ``trouble`` says why, "" when that is not known."""
    where = (f" from {host}" if host else "") + (f": {trouble}" if trouble else "")
    return failure("network", f"Could not download what {file} needs{where}", hint, log=log, host=host)


def wrong_bytes(package: str | None, hashes: list[str], server: str, log: list[str]) -> OpError:
    """What came is not what was locked or listed.

    Args:
        package: its name or its file's, None when that is not known.
        hashes: that of the right file and, where it is known, that of what came.
        server: what it came from: "channel".
        log: the program's words.
    """
    name = package or "a package"
    return failure(
        "hash_mismatch",
        f"What was downloaded as {name} is not the file that was expected; it was not installed",
        f"Try again; if it happens again, something between here and the {server} changes or cuts downloads",
        package=name,
        expected=hashes[0] if hashes else None,
        got=hashes[-1] if len(hashes) > 1 else None,
        log=log,
    )
