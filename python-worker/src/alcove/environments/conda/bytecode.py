"""Which files of conda packages have bytecode that is worth keeping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..bytecode import KeptBytecode, compiled_path, tag_of

_TESTS = re.compile(r"/site-packages/.*/tests?/")


class Bytecode(KeptBytecode):
    """The bytecode of the conda packages in one prefix, kept by the SHA-256 of the Python's package.

    Args:
        folder: where bytecode is kept for all environments.
        prefix: the environment.
        records: the content of the prefix's ``conda-meta``.
    """

    def __init__(self, folder: Path, prefix: Path, records: Iterable[Mapping[str, Any]]) -> None:
        known = {str(record["sha256"]): record for record in records if record.get("sha256")}
        python = next(record for record in known.values() if record["name"] == "python")
        tag = tag_of(str(python["version"]))
        # rattler's process has checked each file that it linked.
        packages = {sha256: dict.fromkeys(_wanted(record, tag), "") for sha256, record in known.items()}
        super().__init__(folder / str(python["sha256"]), tag, prefix, packages)


def _wanted(record: Mapping[str, Any], tag: str) -> Iterator[str]:
    """The Python files of a package that are worth compiling, relative to the prefix.

    Those whose bytecode the package brings are not, even if it is out of date: the package's record names its hash.
    """
    paths = [str(entry["_path"]) for entry in record["paths_data"]["paths"]]
    brought = set(paths)
    for path in paths:
        worth = path.endswith(".py") and "/site-packages/" in path and not _TESTS.search(path)
        if worth and compiled_path(path, tag) not in brought:
            yield path
