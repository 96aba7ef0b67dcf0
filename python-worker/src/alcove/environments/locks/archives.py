"""Package files that lie on this machine, as they come with a packed environment."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from . import wheels

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Archives:
    """A folder of package files: ``<sha256>/<file name>``. Whoever fills it checks that the hashes are true."""

    folder: Path
    python_version: str
    """The version of the Python that they are for, "3.12.4"; of wheels, only those are there that fit its minor."""

    @property
    def python_minor(self) -> str:
        """ "3.12"."""
        return ".".join(self.python_version.split(".")[:2])

    def path(self, sha256: str, file_name: str) -> Path | None:
        """The file of that content, None when it is not there."""
        file = self.folder / sha256 / file_name
        return file if file.is_file() else None

    def in_pylock(self, text: str) -> str:
        """A pylock.toml to install from: with the files that are here instead of those elsewhere."""
        table = tomllib.loads(text)
        for package in table.get("packages", ()):
            self._localise(package)
        return tomli_w.dumps(table)

    def in_records(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Records of conda packages to install from, likewise; ``out_of_records`` makes that good afterwards."""
        found = ((record, self.path(record["sha256"], record["file_name"])) for record in records)
        return [dict(record) if file is None else {**record, "url": file.as_uri()} for record, file in found]

    def out_of_records(self, prefix: Path, records: Sequence[Mapping[str, Any]]) -> None:
        """Writes into a prefix where its conda packages really come from.

        Args:
            prefix: where records from ``in_records`` were installed.
            records: those that ``in_records`` was given.
        """
        urls = {record["sha256"]: record["url"] for record in records}
        for file in (prefix / "conda-meta").glob("*.json"):
            record = json.loads(file.read_text(encoding="utf-8"))
            url = urls.get(record.get("sha256", ""), record.get("url"))
            if record.get("url") != url:
                text = json.dumps({**record, "url": url}, indent=2, ensure_ascii=False)
                file.write_text(text, encoding="utf-8", newline="\n")

    def _localise(self, package: dict[str, Any]) -> None:
        there = [self._local(wheel) for wheel in package.get("wheels", ())]
        found = [wheel for wheel in there if wheel is not None]
        if found:
            package["wheels"] = found
            for other in ("sdist", "index"):
                package.pop(other, None)
        archive = package.get("archive", {})
        file = self._file(archive)
        if file is not None:
            # uv takes the URL of a file for a wheel of an index, and not for a package that was named by its address.
            package["archive"] = {"path": file.as_posix(), "hashes": archive["hashes"]}

    def _local(self, wheel: dict[str, Any]) -> dict[str, Any] | None:
        file = self._file(wheel)
        return None if file is None else {"url": file.as_uri(), "hashes": wheel["hashes"]}

    def _file(self, wheel: dict[str, Any]) -> Path | None:
        return self.path(wheel.get("hashes", {}).get("sha256", ""), wheels.file_name(wheel))
