"""Environments from conda channels, with a part from package indexes if asked for, by rattler.

The lock is a conda-lock.yml. Packages are downloaded into a cache, checked against their SHA-256, and linked from
there.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import caches
from ..compiling import compile_files, worth_compiling
from ..context import Context
from ..distributions import packages_in
from ..engines import Engine, Installed, Lock, Package
from ..failures import failure
from ..locks import lock_reading
from ..locks.conda_locks import FILE_NAME, CondaLock, locked
from ..locks.locked import Locked
from ..prefixes import conda_python, site_packages
from ..reports import Report
from ..specification import Specification
from . import activation, channels, pip_part, rattler_messages, unsolvable
from .bytecode import Bytecode
from .rattler_calls import Rattler, RattlerError
from .solving import Question, question

_DECIDED = "rattler-decided.json"
# Executables have room for this many bytes where the path of their environment is to be written.
_LONGEST_PREFIX = 255
_ANY_HASH = "0123456789abcdef"
_DOWNLOADING = (0.2, 0.55)
_LINKING = (0.55, 0.6)
_INSTALLING = (0.6, 0.78)
_COMPILING = (0.8, 0.97)


class RattlerEngine(Engine):
    """Engine ``rattler``."""

    name = "rattler"

    def __init__(self, specification: Specification, context: Context) -> None:
        super().__init__(specification, context)
        self._platform = context.machine.platform
        self._rattler = Rattler(context)

    def lock(self, work: Path, report: Report) -> Lock:
        _check_length(self._context.directory.absolute() / self._specification.name / _ANY_HASH)
        given = self._specification.wanted.lock
        if given is not None:
            report(0.05, f"Reading {self._specification.file}")
            return self._of_lock(lock_reading.for_machine(self._specification, self._context.machine), work, report)
        self._check_platform()
        with self._closed_if_it_fails():
            lock, records = self._solved([self._platform], work, report)
            return self._lock(lock, records, work, report)

    def lock_for(self, platforms: Sequence[str], work: Path, report: Report) -> str:
        with contextlib.closing(self._rattler):
            return self._solved(list(platforms), work, report)[0].text

    @contextlib.contextmanager
    def _closed_if_it_fails(self) -> Iterator[None]:
        """Ends rattler's process, which otherwise waits for what is to be installed; failures may live on for long."""
        try:
            yield
        except BaseException:
            self._rattler.close()
            raise

    def relock(self, text: str, work: Path, report: Report) -> Lock:
        return self._of_lock(lock_reading.read(text, FILE_NAME).part(self._platform), work, report)

    def install(
        self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report, trust_cache: bool = True
    ) -> Installed:
        # Whether to trust the cache is no question here: rattler's child always checks each file in it that it links.
        _check_length(final)
        decided = json.loads((work / _DECIDED).read_text(encoding="utf-8"))
        records, pip = decided["conda"], [Locked(**values) for values in decided["pip"]]
        self._install_conda(records, lock, work, prefix, final, report)
        pip_part.install(pip, self._specification, self._context, work, prefix, report, _INSTALLING)
        installed = _records_in(prefix)
        self._compile(installed, bool(pip), work, prefix, final, report)
        (prefix / FILE_NAME).write_text(lock.text, encoding="utf-8", newline="\n")
        names = {package.name for package in pip}
        from_index = packages_in(site_packages(prefix), [package.package() for package in pip]) if pip else []
        packages = [*map(_package, installed), *(package for package in from_index if package.name in names)]
        path, variables = activation.capture(prefix, final, report)
        in_order = sorted(packages, key=lambda package: package.name)
        return Installed(conda_python(prefix), None, in_order, path, variables)

    def _compile(
        self, records: list[dict[str, Any]], more: bool, work: Path, prefix: Path, final: Path, report: Report
    ) -> None:
        """Compiles the packages, and whatever ``more`` there is than those from channels."""
        bytecode = Bytecode(caches.bytecode(self._context.directory), prefix, records)
        bytecode.restore()
        files = bytecode.missing()
        if more:
            files += set(worth_compiling(site_packages(prefix))) - _files_of(records, prefix)
        compile_files(conda_python(prefix), files, prefix, final, self._context, work, report, _COMPILING)
        bytecode.keep(work)

    def _solved(
        self, platforms: list[str], work: Path, report: Report
    ) -> tuple[CondaLock, dict[str, list[dict[str, Any]]]]:
        """A lock for the platforms, and what rattler knows of each one's packages."""
        urls = channels.resolve(self._specification.wanted.channels, self._context.settings)
        specifications = [self._specification.on(platform, self._context.machine) for platform in platforms]
        asked = [
            question(specification, self._context, platform)
            for specification, platform in zip(specifications, platforms, strict=True)
        ]
        names = ", ".join(channels.name_of(url) for url in urls)
        report(0.02, f"Solving with packages of {names}")
        try:
            solutions = self._rattler.solve(urls, [each.to_json() for each in asked], work, report)
        except RattlerError as error:
            raise rattler_messages.explain(error, self._specification, self._context) from error
        records: dict[str, list[dict[str, Any]]] = {}
        packages: list[Locked] = []
        for specification, each, solution in zip(specifications, asked, solutions, strict=True):
            records[each.platform] = self._accepted(solution, each, urls)
            packages += locked(records[each.platform], each.platform)
            report(0.1, f"Solved {self._specification.file} for {each.platform}")
            conda = [package for package in packages if package.platform == each.platform]
            packages += pip_part.resolve(specification, self._context, conda, each.platform, work, report)
        return CondaLock(urls, tuple(platforms), tuple(packages)), records

    def _accepted(self, solution: Mapping[str, Any], asked: Question, urls: tuple[str, ...]) -> list[dict[str, Any]]:
        if "error" in solution:
            raise unsolvable.explain(solution["error"], asked, urls, self._specification)
        records: list[dict[str, Any]] = solution["records"]
        origins = [(record["name"], record["url"], record.get("sha256") or "") for record in records]
        channels.check_records(origins, urls, self._context.settings)
        return records

    def _of_lock(self, lock: CondaLock, work: Path, report: Report) -> Lock:
        packages = lock.conda(self._platform)
        channels.check_records([(each.name, each.url, each.sha256) for each in packages], (), self._context.settings)
        return self._lock(lock, {self._platform: [_record(package) for package in packages]}, work, report)

    def _lock(self, lock: CondaLock, records: Mapping[str, list[dict[str, Any]]], work: Path, report: Report) -> Lock:
        version = lock.python_version(self._platform)
        if not version:
            raise failure(
                "spec_invalid",
                f"The lock file of {self._specification.file} has no Python for {self._platform}",
                "Ops need one: add python to what is locked",
            )
        # The lock file says less of conda's packages, and takes longer to read.
        pip = [asdict(package) for package in lock.pip(self._platform)]
        decided = {"conda": records[self._platform], "pip": pip}
        (work / _DECIDED).write_text(json.dumps(decided), encoding="utf-8")
        report(0.2, f"Decided on {len(lock.packages)} packages")
        packages = tuple(package.package() for package in lock.packages)
        return Lock(lock.part(self._platform).text, None, version, self._platform, FILE_NAME, packages)

    def _install_conda(
        self, records: list[dict[str, Any]], lock: Lock, work: Path, prefix: Path, final: Path, report: Report
    ) -> None:
        def on_event(event: dict[str, Any]) -> None:
            step = event.pop("step")
            if step == "waiting":
                report(report.fraction, "Waiting for another installation, which uses the same cache")
            else:
                report.transfer(_DOWNLOADING if step == "downloading" else _LINKING, step, **event)

        report(_DOWNLOADING[0], f"Installing {len(records)} packages")
        requested = [dependency.text for dependency in self._specification.wanted.conda]
        archives = self._context.archives
        placed = records if archives is None else archives.in_records(records)
        try:
            self._rattler.install(placed, requested, lock.platform, work, prefix, final, report, on_event)
        except RattlerError as error:
            size = sum(record.get("size") or 0 for record in records)
            raise rattler_messages.explain(error, self._specification, self._context, size) from error
        if archives is not None:
            archives.out_of_records(prefix, records)

    def _check_platform(self) -> None:
        platforms = self._specification.wanted.platforms
        if platforms and self._platform not in platforms:
            raise failure(
                "platform",
                f"{self._specification.file} is for {', '.join(platforms)}, and this computer is {self._platform}",
                f"Add {self._platform!r} to its platforms if the packages exist for it",
                platforms=list(platforms),
            )


def _record(package: Locked) -> dict[str, Any]:
    """What a lock file tells of a package, as rattler's process takes it; the rest stands in the package itself."""
    return {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "build_number": package.build_number,
        "subdir": package.subdir,
        "noarch": None,
        "depends": [f"{name} {wanted}".strip() for name, wanted in package.dependencies.items()],
        "sha256": package.sha256,
        "md5": package.md5,
        "size": package.size_bytes or None,
        "license": package.license or None,
        "url": package.url,
        "channel": package.channel,
        "file_name": package.file_name,
    }


def _check_length(final: Path) -> None:
    length = len(os.fsencode(final))
    if length > _LONGEST_PREFIX:
        raise failure(
            "path_too_long",
            f"The environment's path has {length} bytes, and conda packages have room for {_LONGEST_PREFIX}: {final}",
            "Let ALCOVE_DATA_DIR point to a folder with a shorter path, or give the environment a shorter name",
            file=str(final),
        )


def _records_in(prefix: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in (prefix / "conda-meta").glob("*.json")]


def _files_of(records: list[dict[str, Any]], prefix: Path) -> set[Path]:
    return {prefix / entry["_path"] for record in records for entry in record["paths_data"]["paths"]}


def _package(record: Mapping[str, Any]) -> Package:
    unpacked = Path(record.get("extracted_package_dir") or "") / "info" / "index.json"
    # What a lock file does not tell, the package does.
    told = record if record.get("license") else _json(unpacked)
    return Package(
        name=record["name"],
        version=record["version"],
        manager="conda",
        build=record["build"],
        url=record["url"],
        sha256=record.get("sha256") or "",
        size_bytes=record.get("size") or 0,
        license=told.get("license") or "",
    )


def _json(file: Path) -> Mapping[str, Any]:
    try:
        values: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values
