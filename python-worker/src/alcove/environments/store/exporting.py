"""Environments as files that other tools, or Alcove elsewhere, make them from again."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..failures import failure
from ..locks import conda_locks, lock_reading, pixi_locks, pylocks
from ..locks.conda_locks import CondaLock
from ..locks.locked import public_url
from ..locks.yaml_writing import scalar
from ..prefixes import site_packages
from .folders import Marked
from .markers import read_packages
from .store import Store

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FORMATS = ("environment.yml", "requirements.txt", conda_locks.FILE_NAME, pylocks.FILE_NAME, "pixi.lock")

_CONDA_FORGE = "conda-forge"


def export(store: Store, name: str, format: str) -> dict[str, Any]:
    """Gives an environment as a file; see ``alcove.environments.export``."""
    marked = store.found(name).marked
    if marked is None:
        raise store.damaged(name, "there is no marker of the version to use")
    exporter = _Exporter(name, marked)
    offered = exporter.formats
    if format not in offered:
        reason = "is not one of the formats" if format not in FORMATS else f"cannot hold {name}, which {exporter.kind}"
        raise failure("spec_invalid", f"{format} {reason}", "Choose one of " + ", ".join(offered))
    return {"file_name": format, "text": offered[format]()}


class _Exporter:
    """One environment."""

    def __init__(self, name: str, marked: Marked) -> None:
        self._name = name
        self._prefix, self._marker = marked

    @property
    def kind(self) -> str:
        """What it is made of, for messages."""
        kinds = {conda_locks.FILE_NAME: "has conda packages", pylocks.FILE_NAME: "has Python packages alone"}
        return kinds.get(self._marker.lock_file, "Alcove did not make, so that nothing is known of its files")

    @property
    def formats(self) -> dict[str, Any]:
        """The functions that give the text, by format."""
        both = {"environment.yml": self._environment_yml}
        if self._marker.lock_file == conda_locks.FILE_NAME:
            own = {conda_locks.FILE_NAME: self._kept, "pixi.lock": self._pixi_lock}
            return {**own, **both, "requirements.txt": self._found_requirements}
        if self._marker.lock_file == pylocks.FILE_NAME:
            return {pylocks.FILE_NAME: self._kept, **both, "requirements.txt": self._locked_requirements}
        return {"requirements.txt": self._found_requirements}

    def _kept(self) -> str:
        return (self._prefix / self._marker.lock_file).read_text(encoding="utf-8")

    @property
    def _conda_lock(self) -> CondaLock:
        return lock_reading.read(self._kept(), conda_locks.FILE_NAME)

    def _environment_yml(self) -> str:
        if self._marker.lock_file == conda_locks.FILE_NAME:
            lock, platform = self._conda_lock, self._marker.platform
            conda = [f"{package.name}=={package.version}" for package in lock.conda(platform)]
            channels = lock.channels or (_CONDA_FORGE,)
            return self._yml(channels, conda, (f"{each.name}=={each.version}" for each in lock.pip(platform)))
        # A virtual environment has no Python of its own; one from conda has.
        minor = ".".join(self._marker.python_version.split(".")[:2])
        packages = read_packages(self._prefix)
        return self._yml((_CONDA_FORGE,), [f"python={minor}"], (f"{each.name}=={each.version}" for each in packages))

    def _yml(self, channels: Iterable[str], conda: list[str], pip: Iterable[str]) -> str:
        lines = [f"name: {scalar(self._name)}", "channels:", *(f"  - {scalar(channel)}" for channel in channels)]
        lines += ["dependencies:", *(f"  - {scalar(each)}" for each in conda)]
        packages = [f"      - {scalar(each)}" for each in pip]
        lines += ["  - pip:", *packages] if packages else []
        return "".join(line + "\n" for line in lines)

    def _locked_requirements(self) -> str:
        """The lock for all platforms, as pip knows it."""
        packages = tomllib.loads(self._kept()).get("packages", [])
        specification = self._marker.specification
        lines = [f"# {self._name}: packages with their hashes, from its {pylocks.FILE_NAME}"]
        lines += [f"--extra-index-url {url}" for url in _further_indexes(packages, specification)]
        for package in packages:
            lines += _requirement(package)
        return "".join(line + "\n" for line in lines)

    def _found_requirements(self) -> str:
        """The Python packages that are installed, whoever installed them."""
        what = "its conda packages that are no Python packages are missing here, and there are no hashes"
        lines = [f"# The Python packages in {self._name}; {what}"]
        lines += [f"{name}=={version}" for name, version in sorted(self._installed())]
        return "".join(line + "\n" for line in lines)

    def _installed(self) -> Iterator[tuple[str, str]]:
        if self._marker.lock_file:
            for found in importlib.metadata.distributions(path=[str(site_packages(self._prefix))]):
                yield canonicalize_name(found.metadata["Name"]), found.version
        else:
            yield from ((package.name, package.version) for package in read_packages(self._prefix))

    def _pixi_lock(self) -> str:
        return pixi_locks.text(self._conda_lock, _records(self._prefix))


def _records(prefix: Path) -> dict[str, dict[str, Any]]:
    """What conda's records of a prefix say, by SHA-256."""
    records = (json.loads(file.read_text(encoding="utf-8")) for file in (prefix / "conda-meta").glob("*.json"))
    return {record.get("sha256", ""): record for record in records}


def _further_indexes(packages: list[dict[str, Any]], specification: dict[str, Any]) -> list[str]:
    """Indexes that packages come from beside the usual one."""
    used = {public_url(package["index"]) for package in packages if "index" in package}
    text = str(specification.get("text", ""))
    return sorted(url for url in used if url in text)


def _requirement(package: dict[str, Any]) -> list[str]:
    """One package, with all its files: which of them fits is decided where it is installed."""
    marker = f" ; {package['marker']}" if "marker" in package else ""
    if "vcs" in package:
        vcs = package["vcs"]
        return [f"{package['name']} @ {vcs['type']}+{public_url(vcs['url'])}@{vcs['commit-id']}{marker}"]
    files = [*package.get("wheels", ()), *(package[key] for key in ("sdist", "archive") if key in package)]
    if "archive" in package or "version" not in package:
        head = f"{package['name']} @ {public_url(files[0]['url'])}{marker}"
    else:
        head = f"{package['name']}=={package['version']}{marker}"
    hashes = sorted({file["hashes"]["sha256"] for file in files})
    return [" \\\n".join([head, *(f"    --hash=sha256:{each}" for each in hashes)])]
