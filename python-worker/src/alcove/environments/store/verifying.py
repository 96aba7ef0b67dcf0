"""Whether the files of an environment are what was installed.

Installers leave records with the hash of each file that came with a package: conda's in ``conda-meta``, ``RECORD`` for
packages from indexes. Whatever these cannot say (links, scripts and compiled modules that were made on the spot, the
records themselves) is written to ``alcove-files.json`` when the environment is made, whose own hash is in the marker.
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ..hashing import LINK, MISSING, UNREADABLE, digests
from ..reports import Report
from .locking import IN_USE
from .markers import MARKER

FILES = "alcove-files.json"
_OUR_OWN = {MARKER, FILES, IN_USE}
_ALGORITHMS = ("sha256", "sha384", "sha512")

Problem = Literal["missing", "changed", "unreadable"]


class Damage(NamedTuple):
    """A file that is not as it was when the environment was made."""

    path: str
    """Relative to the prefix, with slashes; absolute when it lies outside."""
    package: str
    """Whose file it is, "" when it belongs to none."""
    problem: Problem


class Expected(NamedTuple):
    """What a file ought to be."""

    digest: str
    """"sha256:<hexadecimal>", or "-> <target>" for a link."""
    package: str


def record(prefix: Path, report: Report) -> str:
    """Writes ``alcove-files.json`` and returns its SHA-256."""
    known = _recorded(prefix)
    rest = {path: LINK if is_link else "sha256" for path, is_link in _files(prefix) if path not in known}
    found = sorted(digests(prefix, rest, lambda done, total: report.again()))
    # JSON escapes what is not ASCII: names of files may hold bytes that are no text.
    text = "{\n" + ",\n".join(f"{json.dumps(path)}: {json.dumps(digest)}" for path, digest in found) + "\n}\n"
    (prefix / FILES).write_text(text, encoding="utf-8", newline="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def damaged_packages(prefix: Path, report: Report) -> list[str]:
    """Packages from indexes with files that are not what the packages' own records say.

    conda's engine looks at every package before it links files from it; uv takes what is in its cache.
    """
    wanted = _from_indexes(prefix, _from_channels(prefix))
    damaged = _compared(prefix, wanted, lambda done, total: report.again())
    return sorted({damage.package for damage in damaged})


def verify(prefix: Path, files_sha256: str, advance: Callable[[int, int], None]) -> tuple[int, list[Damage]]:
    """Compares every file with what is known of it.

    Compiled modules that are missing are no damage, as Python makes them again. Files that were added are not looked
    at.

    Args:
        prefix: the environment.
        files_sha256: what the marker says of ``alcove-files.json``.
        advance: told now and then how many bytes of how many are done; what it raises ends that.

    Returns:
        How many files were looked at, and those that are damaged, by path.
    """
    made, damaged = _read_files(prefix, files_sha256)
    wanted = {**_recorded(prefix), **made}
    return len(wanted) + 1, sorted(damaged + _compared(prefix, wanted, advance))


def _read_files(prefix: Path, files_sha256: str) -> tuple[dict[str, Expected], list[Damage]]:
    try:
        content = (prefix / FILES).read_bytes()
    except FileNotFoundError:
        return {}, [Damage(FILES, "", "missing")]
    except OSError:
        return {}, [Damage(FILES, "", "unreadable")]
    if hashlib.sha256(content).hexdigest() != files_sha256:
        return {}, [Damage(FILES, "", "changed")]
    return {path: Expected(digest, "") for path, digest in json.loads(content).items()}, []


def _files(prefix: Path) -> Iterator[tuple[str, bool]]:
    """All files and links but our own, relative to the prefix, with slashes; and whether each is a link."""
    start = len(str(prefix)) + 1
    for parent, folders, files in os.walk(prefix):
        for name in [*files, *folders]:
            whole = os.path.join(parent, name)
            path = whole[start:].replace(os.sep, "/")
            is_link = os.path.islink(whole)
            if path not in _OUR_OWN and (is_link or not os.path.isdir(whole)):
                yield path, is_link


def _recorded(prefix: Path) -> dict[str, Expected]:
    """What the installers' own records say, by path."""
    channels = _from_channels(prefix)
    return {**_from_indexes(prefix, channels), **channels}


def _from_channels(prefix: Path) -> dict[str, Expected]:
    found = {}
    for file in sorted((prefix / "conda-meta").glob("*.json")):
        package = file.stem.rsplit("-", 2)[0]
        for values in _paths_of(file):
            path = values.get("_path")
            digest = values.get("sha256_in_prefix") or values.get("sha256")
            if digest and values.get("path_type") != "softlink" and _is_inside(path):
                found[str(path)] = Expected(f"sha256:{digest}", package)
    return found


def _paths_of(file: Path) -> list[dict[str, Any]]:
    """The files that a record of conda lists; none when it is damaged, which its own hash tells."""
    try:
        paths = json.loads(file.read_text(encoding="utf-8"))["paths_data"]["paths"]
        return [values for values in paths if isinstance(values, dict)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _from_indexes(prefix: Path, channels: dict[str, Expected]) -> dict[str, Expected]:
    """What ``RECORD`` files say, but for those of conda's packages, which do not know what conda changed."""
    found: dict[str, Expected] = {}
    for pattern in ("lib/python*/site-packages", "Lib/site-packages"):
        for site in prefix.glob(pattern):
            for file in sorted(site.glob("*.dist-info/RECORD")):
                if file.relative_to(prefix).as_posix() not in channels:
                    found.update(_rows_of(file, prefix))
    return found


def _rows_of(file: Path, prefix: Path) -> Iterator[tuple[str, Expected]]:
    package = file.parent.name.removesuffix(".dist-info").rsplit("-", 1)[0]
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    except (OSError, ValueError, csv.Error):
        return  # damaged, which its own hash tells
    for row in rows:
        digest = _digest_in(row[1]) if len(row) > 1 else None
        path = os.path.normpath(file.parent.parent / row[0]) if row else ""
        if digest is not None and path.startswith(str(prefix) + os.sep) and not path.endswith(".pyc"):
            yield Path(path).relative_to(prefix).as_posix(), Expected(digest, package)


def _digest_in(text: str) -> str | None:
    """ "sha256=<base64>" as "sha256:<hexadecimal>"; None for what cannot be compared."""
    algorithm, _, encoded = text.partition("=")
    if algorithm not in _ALGORITHMS:
        return None
    try:
        return f"{algorithm}:{base64.urlsafe_b64decode(encoded + '=' * (-len(encoded) % 4)).hex()}"
    except (binascii.Error, ValueError):
        return None


def _is_inside(path: object) -> bool:
    return isinstance(path, str) and not os.path.isabs(path) and ".." not in path.split("/")


def _compared(prefix: Path, wanted: dict[str, Expected], advance: Callable[[int, int], None]) -> list[Damage]:
    kinds = {path: each.digest.split(":")[0] for path, each in wanted.items()}
    kinds = {path: LINK if kind.startswith(LINK) else kind for path, kind in kinds.items()}
    found = []
    for path, digest in digests(prefix, kinds, advance):
        problem = _problem(path, digest, wanted[path].digest)
        if problem is not None:
            found.append(Damage(path, wanted[path].package, problem))
    return found


def _problem(path: str, found: str, wanted: str) -> Problem | None:
    if found == wanted or (found == MISSING and path.endswith(".pyc")):
        return None
    if found == MISSING:
        return "missing"
    return "unreadable" if found == UNREADABLE else "changed"
