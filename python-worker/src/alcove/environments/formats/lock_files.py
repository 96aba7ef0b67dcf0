"""Locks that somebody made before, recognised here and checked for their shape; who installs them reads the rest."""

from __future__ import annotations

import re
from typing import Any

from ..machine import PLATFORMS, Machine
from ..wanted import LockFile, Wanted
from .definition import Definition
from .python_packages import check_requires_python
from .toml_text import TomlText
from .yaml_text import Node, parse

_CONDA_LOCK_VERSION = "1"
_PIXI_LOCK_VERSIONS = ("4", "5", "6", "7")
_PYLOCK_VERSION = re.compile(r"1\.\d+")
_HASH = re.compile(r"[0-9a-f]{64}")


def read_conda_lock(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """A conda-lock.yml; its mistakes are noted in ``definition``."""
    entries = parse(definition).entries
    version = _required(definition, entries, "version", str)
    if version is not None and version.value != _CONDA_LOCK_VERSION:
        message = f"conda-lock.yml of version {version.value} is not understood"
        definition.mistake(version.line, message, f"Make one of version {_CONDA_LOCK_VERSION}")
    packages = _required(definition, entries, "package", list)
    for package in packages.items if packages else ():
        missing = [
            key for key in ("name", "version", "manager", "platform", "url", "hash") if key not in package.entries
        ]
        if missing:
            definition.mistake(package.line, f"a package without {missing[0]!r}", "Make the lock file anew")
            break
    metadata = _required(definition, entries, "metadata", dict)
    platforms = metadata.entries.get("platforms") if metadata else None
    names = tuple(name for name in platforms.texts if name in PLATFORMS) if platforms else ()
    return Wanted(platforms=names, lock=LockFile("conda-lock.yml", definition.text))


def read_pixi_lock(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """A pixi.lock; its mistakes are noted in ``definition``."""
    entries = parse(definition).entries
    version = _required(definition, entries, "version", str)
    if version is not None and version.value not in _PIXI_LOCK_VERSIONS:
        message = f"pixi.lock of version {version.value} is not understood"
        definition.mistake(version.line, message, "Known versions: " + ", ".join(_PIXI_LOCK_VERSIONS))
    environments = _required(definition, entries, "environments", dict)
    _required(definition, entries, "packages", list)
    names: tuple[str, ...] = ()
    if environments is not None:
        default = environments.entries.get("default")
        if default is None:
            hint = "Only pixi's default environment can be installed"
            definition.mistake(environments.line, "there is no environment 'default'", hint)
        else:
            platforms = default.entries.get("packages", Node({}, 1)).entries
            names = tuple(name for name in platforms if name in PLATFORMS)
    return Wanted(platforms=names, lock=LockFile("pixi.lock", definition.text))


def _required(definition: Definition, entries: dict[str, Node], key: str, kind: type) -> Node | None:
    node = entries.get(key)
    if node is not None and isinstance(node.value, kind):
        return node
    if not definition.mistakes:
        line = None if node is None else node.line
        definition.mistake(line, f"{key!r} is missing or of another kind", f"Is this file really a {definition.what}?")
    return None


def read_pylock(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """A pylock.toml (PEP 751); its mistakes are noted in ``definition``."""
    toml = TomlText(definition)
    if definition.mistakes:
        return Wanted()
    version = toml.table.get("lock-version")
    if not isinstance(version, str) or not _PYLOCK_VERSION.fullmatch(version):
        message = f"pylock.toml of version {version!r} is not understood"
        definition.mistake(toml.line("lock-version"), message, 'It must say lock-version = "1.0"')
    packages = toml.table.get("packages", [])
    if not isinstance(packages, list):
        definition.mistake(toml.line("packages"), "packages must be a list", "Write [[packages]] above each package")
        packages = []
    for package in packages:
        _check_package(toml, package)
    wanted = check_requires_python(definition, toml.table.get("requires-python", ""), toml.line("requires-python"))
    return Wanted(requires_python=wanted, lock=LockFile("pylock.toml", definition.text))


def _check_package(toml: TomlText, package: Any) -> None:
    name = package.get("name") if isinstance(package, dict) else None
    if not isinstance(name, str) or not name:
        toml.definition.mistake(toml.line("packages"), "a package without name", "Make the lock file anew")
        return
    line = toml.line_of(f'"{name}"', "packages")
    if "directory" in package:
        hint = "Build a wheel of it, publish that, and lock anew"
        toml.definition.mistake(line, f"{name} is a local folder, which may change at any time", hint)
        return
    if "vcs" in package:
        vcs = package["vcs"]
        if not isinstance(vcs, dict) or not isinstance(vcs.get("commit-id"), str):
            toml.definition.mistake(line, f"{name} names no commit", "Make the lock file anew")
        return
    files = package.get("wheels", [])
    files = [*files] if isinstance(files, list) else [None]
    files += [package[key] for key in ("sdist", "archive") if key in package]
    if not files:
        toml.definition.mistake(line, f"{name} has no files", "Make the lock file anew")
    elif not all(_has_hash(file) for file in files):
        toml.definition.mistake(line, f"a file of {name} has no SHA-256", "Make the lock file anew, with hashes")
    elif any("path" in file for file in files):
        hint = "Publish it, and lock anew: where the lock file is kept its neighbours are not known"
        toml.definition.mistake(line, f"{name} is a file beside the lock file", hint)


def _has_hash(file: Any) -> bool:
    hashes = file.get("hashes") if isinstance(file, dict) else None
    return isinstance(hashes, dict) and bool(_HASH.fullmatch(str(hashes.get("sha256"))))
