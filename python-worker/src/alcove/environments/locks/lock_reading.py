"""Reading lock files that conda tools make: conda-lock.yml and pixi.lock.

Whatever is in them, the outcome is a lock that can be installed with every hash checked, or ``spec_invalid`` with file
and line. Only packages of the category "main" and of pixi's default environment are taken.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from alcove import OpError

from ..failures import failure
from ..formats.definition import Definition
from ..formats.yaml_text import Node, parse
from .conda_locks import CondaLock, locked
from .locked import Locked, conda_stem, public_url

if TYPE_CHECKING:
    from ..machine import Machine
    from ..specification import Specification

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_URL = re.compile(r"(https?://[^/\s]+|file://)/\S+")
_PLATFORM = re.compile(r"[a-z]+-[a-z0-9_]+")
_AGAIN = "Make the lock file anew with the tool that made it"


def read(text: str, format: str, specification: Specification | None = None) -> CondaLock:
    """Reads a lock file.

    Args:
        text: its content.
        format: "conda-lock.yml" or "pixi.lock".
        specification: where the text comes from, for messages.

    Raises:
        OpError: ``spec_invalid``; ``details["mistakes"]`` has file, line, message and hint of each.
    """
    source, line = (specification.source, specification.first_line) if specification else ("", None)
    definition = Definition(text, source, line, format)
    lock = _pixi_lock(definition) if format == "pixi.lock" else _conda_lock(definition)
    definition.check()
    return lock


def _conda_lock(definition: Definition) -> CondaLock:
    entries = parse(definition).entries
    nothing = Node(None, 1)
    metadata = entries.get("metadata", nothing)
    version = entries.get("version", nothing)
    platforms = tuple(dict.fromkeys(str(each) for each in metadata.entries.get("platforms", nothing).texts))
    packages = _Packages(set(platforms), definition)
    if definition.mistakes:
        return CondaLock((), (), ())
    if version.value != "1":
        definition.mistake(version.line, f"{version!r} is not a version of conda-lock.yml that is understood", _AGAIN)
    elif not platforms or not all(_PLATFORM.fullmatch(platform) for platform in platforms):
        definition.mistake(metadata.line, "metadata.platforms does not name the platforms", _AGAIN)
    else:
        for node in entries.get("package", nothing).items:
            packages.add(node)
        if not packages.found and not definition.mistakes:
            definition.mistake(1, "it lists no packages", _AGAIN)
    channels = (
        _text(each) or _text(each.entries.get("url")) for each in metadata.entries.get("channels", nothing).items
    )
    found = tuple(_published(channel) or channel for channel in channels if channel)
    return CondaLock(found, platforms, tuple(packages.found.values()))


def _text(node: Node | None) -> str:
    return node.value if node is not None and isinstance(node.value, str) else ""


class _Packages:
    """Takes the entries of a conda-lock file."""

    def __init__(self, platforms: set[str], definition: Definition) -> None:
        self.found: dict[tuple[str, str, str], Locked] = {}
        self._platforms = platforms
        self._definition = definition

    def add(self, node: Node) -> None:
        """Takes one entry, unless it is of another category."""
        if _text(node.entries.get("category")) not in ("", "main"):
            return
        package = self._package(node)
        if package is None:
            return
        key = (package.manager, package.name, package.platform)
        before = self.found.setdefault(key, package)
        if (before.url, before.sha256) != (package.url, package.sha256):
            message = f"{package.name} stands there twice for {package.platform}, as different files"
            self._definition.mistake(node.line, message, _AGAIN)

    def _package(self, node: Node) -> Locked | None:
        values = {name: _text(node.entries.get(name)) for name in ("name", "version", "manager", "platform", "url")}
        missing = [name for name, value in values.items() if not value]
        if missing:
            self._definition.mistake(node.line, f"a package without {', '.join(missing)}", _AGAIN)
            return None
        hashes = node.entries.get("hash", Node(None, 1)).entries
        is_pip = values["manager"] == "pip"
        dependencies = node.entries.get("dependencies", Node(None, 1)).entries
        package = Locked(
            name=canonicalize_name(values["name"]) if is_pip else values["name"],
            version=values["version"],
            manager=values["manager"],
            platform=values["platform"],
            url=_published(values["url"]),
            sha256=_text(hashes.get("sha256")).lower(),
            md5=_text(hashes.get("md5")).lower(),
            dependencies={} if is_pip else {name: _text(wanted) for name, wanted in dependencies.items()},
        )
        wrong = next(_mistakes(package, self._platforms), None)
        if wrong:
            self._definition.mistake(node.entries["url"].line, wrong, _AGAIN)
        return None if wrong else package


def _mistakes(package: Locked, platforms: set[str]) -> Iterator[str]:
    """What keeps a package from being installed with its hash checked."""
    name = package.name
    if package.manager not in ("conda", "pip"):
        yield f"{name} comes from {package.manager!r}; only conda and pip are known"
    if package.platform not in platforms:
        yield f"{name} is for {package.platform}, which is not among the file's platforms"
    if not package.url:
        yield f"{name} has no address that it can be downloaded from"
    elif not _SHA256.fullmatch(package.sha256):
        yield f"{name} has no SHA-256, so that its download could not be checked"
    elif package.md5 and not _MD5.fullmatch(package.md5):
        yield f"the MD5 of {name} is none"
    elif not _is_file_of(package):
        yield f"{name} {package.version} cannot be in a file called {package.file_name!r}"
    else:
        yield from _conda_mistakes(package)


def _published(url: str) -> str:
    """An address as it goes into locks; "" when it is none that files can be had from."""
    try:
        found = public_url(url)
    except ValueError:  # "http://["
        return ""
    return found if _URL.fullmatch(found) else ""


def _is_file_of(package: Locked) -> bool:
    file = package.file_name
    if package.manager == "conda":
        return conda_stem(file).startswith(f"{package.name}-{package.version}-")
    try:
        return parse_wheel_filename(file)[0] == canonicalize_name(package.name)
    except InvalidWheelFilename:
        stem = re.sub(r"\.(tar\.gz|tgz|zip|tar\.bz2)$", "", file)
        return stem != file and canonicalize_name(stem).startswith(canonicalize_name(package.name) + "-")


def _conda_mistakes(package: Locked) -> Iterator[str]:
    """Asks rattler, which will have to understand it."""
    from rattler import MatchSpec, PackageName, Version

    if package.manager == "conda":
        try:
            PackageName(package.name)
            Version(package.version)
            for name, wanted in package.dependencies.items():
                MatchSpec(f"{name} {wanted}".strip())
        except Exception as error:  # each of them has its own
            yield f"{package.name}: {error}"


def _pixi_lock(definition: Definition) -> CondaLock:
    from rattler import LockFile

    with tempfile.TemporaryDirectory(prefix="alcove-lock-") as folder:
        file = Path(folder) / "pixi.lock"
        file.write_text(definition.text, encoding="utf-8", errors="surrogatepass")
        try:
            return _of_environment(LockFile.from_path(file), definition)
        except OpError as error:
            definition.mistake(None, str(error), _AGAIN)
        except Exception as error:  # rattler has many
            problem = str(error).partition("\n")[0].replace(str(file), "pixi.lock")
            line = re.search(r"line:? (\d+)", problem)
            definition.mistake(int(line[1]) if line else None, f"not a lock file of pixi: {problem}", _AGAIN)
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            definition.mistake(None, "not a lock file of pixi: its reader gave up", _AGAIN)
    return CondaLock((), (), ())


def _of_environment(file: Any, definition: Definition) -> CondaLock:
    environments = dict(file.environments())
    chosen = environments.get("default")
    if chosen is None:
        names = ", ".join(sorted(environments)) or "nothing"
        hint = "Only pixi's default environment can be installed"
        definition.mistake(None, f"there is no environment 'default', but {names}", hint)
        return CondaLock((), (), ())
    packages: list[Locked] = []
    platforms: list[str] = []
    for platform in chosen.platforms():
        subdir = str(platform.subdir)
        if subdir not in platforms:
            platforms.append(subdir)
            records = chosen.conda_repodata_records_for_platform(platform) or []
            packages += locked((json.loads(record.to_json()) for record in records), subdir)
            packages += [_pypi(each, subdir) for each in chosen.pypi_packages_for_platform(platform) or []]
    for package in packages:
        wrong = next(_mistakes(package, set(platforms)), None)
        if wrong:
            definition.mistake(_line_of(definition.text, package.url or package.name), wrong, _AGAIN)
    channels = tuple(public_url(str(channel)).rstrip("/") for channel in chosen.channels())
    return CondaLock(channels, tuple(platforms), tuple(packages))


def _pypi(package: Any, platform: str) -> Locked:
    try:
        sha256 = package.hashes.sha256.hex()
    except AttributeError:  # it has none
        sha256 = ""
    fragment = re.search(r"#sha256=([0-9a-f]{64})$", package.location)
    return Locked(
        name=canonicalize_name(package.name),
        version=str(package.version or ""),
        manager="pip",
        platform=platform,
        url=_published(package.location),
        sha256=sha256 or (fragment[1] if fragment else ""),
    )


def _line_of(text: str, url: str) -> int | None:
    return next((number for number, line in enumerate(text.splitlines(), 1) if url and url in line), None)


def for_machine(specification: Specification, machine: Machine) -> CondaLock:
    """The part of a specification's lock that is for a machine, checked against what the machine has.

    Args:
        specification: one whose ``wanted.lock`` is a conda lock.
        machine: what the environment is for.

    Raises:
        OpError: ``spec_invalid``; ``platform``, when it is for other machines.
    """
    assert specification.wanted.lock is not None
    lock = read(specification.wanted.lock.text, specification.wanted.lock.format, specification)
    part = lock.part(machine.platform)
    unmet = next(_unmet(part, machine), None)
    if unmet is not None:
        name, wanted, package = unmet
        has = machine.virtual_packages.get(name)
        raise failure(
            "platform",
            f"{package} in {specification.file} needs {name.lstrip('_')} {wanted or 'of any version'}, "
            f"and this computer has {has or 'none'}",
            "Make the lock file for this computer, or use a computer that has it",
            package=package,
        )
    return part


def _unmet(lock: CondaLock, machine: Machine) -> Iterator[tuple[str, str, str]]:
    """Virtual packages that the lock asks for and the machine lacks: name, versions, and who asks."""
    from rattler import MatchSpec, PackageRecord
    from rattler.package.build_string import BuildString

    for package in lock.conda(machine.platform):
        for name, wanted in package.dependencies.items():
            # Which processor can do what another one can is more than a comparison; locks hardly ever ask.
            if not name.startswith("__") or name == "__archspec":
                continue
            version = machine.virtual_packages.get(name)
            spec = MatchSpec(f"{name} {wanted}".strip())
            if version is None or not spec.matches(PackageRecord(name, version, BuildString("0"), 0, "noarch")):
                yield name, wanted, package.name
