"""The part of a conda environment that comes from package indexes.

It is resolved by uv against the conda packages, which stay as they are: each of those that holds a Python package
stands in for the index's package of that name, in conda's version and without requirements, as conda sees to those.
What is left is locked file by file with its hash, and installed without looking at requirements again.
"""

from __future__ import annotations

import importlib.metadata
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from alcove import OpError

from ..context import Context
from ..failures import failure
from ..locks import wheels
from ..locks.locked import Locked, public_url, python_names
from ..networking.network import Network
from ..prefixes import conda_python, site_packages
from ..reports import Report
from ..specification import Specification
from ..uv.uv_calls import Uv
from ..uv.uv_messages import Downloads

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PYLOCK = "pylock.toml"
_PROJECT = "pyproject.toml"
_CONSTRAINTS = "constraints.txt"
_RESOLVING = "resolving the packages from the package index"
_PROJECT_NAME = "alcove-environment"
_RELOCATABLE = "pyvenv.cfg"


def resolve(
    specification: Specification,
    context: Context,
    conda: Sequence[Locked],
    platform: str,
    work: Path,
    report: Report,
) -> tuple[Locked, ...]:
    """Decides which packages from indexes a conda environment gets.

    Args:
        specification: its Python requirements and settings for uv count.
        context: for the machine, whose libraries decide which wheels fit.
        conda: the packages from channels for the platform.
        platform: what it is for.
        work: a folder for files.
        report: told while it takes time.

    Returns:
        The packages, by name; none when none are asked for.

    Raises:
        OpError: ``unsolvable``, ``network`` and what else uv may say.
    """
    requirements = [dependency.text for dependency in specification.wanted.python]
    if not requirements:
        return ()
    python = next((package.version for package in conda if package.name == "python"), None)
    if python is None:
        raise failure(
            "unsolvable",
            f"{specification.file} asks for packages from a package index, but none of its conda packages is Python",
            "Add python to the conda packages",
        )
    folder = work / f"pip-{platform}"
    folder.mkdir()
    glibc = wheels.glibc_of(context.machine, platform)
    held = _held(conda)
    uv = _uv_with_settings(specification, context, folder)
    _write_project(folder / _PROJECT, requirements, uv.settings, held)
    constraints = "".join(f"{name}=={version}\n" for name, version in sorted(held.items()))
    (folder / _CONSTRAINTS).write_text(constraints, encoding="utf-8")
    command = ["pip", "compile", _PROJECT, "--python", sys.executable, "--python-version", python]
    command += ["--constraints", _CONSTRAINTS]
    command += ["--python-platform", wheels.uv_platform(platform, glibc), "--find-links", str(_stand_ins(folder, held))]
    command += ["--format", _PYLOCK, "--no-header", "--output-file", _PYLOCK]
    try:
        uv.run(command, folder, _RESOLVING, report)
    except OpError as error:
        raise _explained(error, held, specification) from None
    table = tomllib.loads((folder / _PYLOCK).read_text(encoding="utf-8"))
    found = (package for package in table.get("packages", ()) if canonicalize_name(package["name"]) not in held)
    network = Network(context.settings, context.offline)
    locked = (_locked(package, platform, python, glibc) for package in found)
    return tuple(replace(package, url=network.unmirrored(package.url)) for package in locked)


def _held(conda: Sequence[Locked]) -> dict[str, str]:
    """What conda brings, version by name on a package index."""
    held = {}
    for package in conda:
        for name in python_names(package):
            try:
                held[name] = str(Version(package.version))
            except InvalidVersion:  # conda's versions may be anything; then uv cannot be told
                continue
    return held


def _uv_with_settings(specification: Specification, context: Context, folder: Path) -> Uv:
    """uv, reading the settings of the project that is written for it, also where it is told to read no files."""
    uv = Uv(specification, context)
    if uv.environment.pop("UV_NO_CONFIG", ""):
        # Where its other files are: the user's and the system's.
        nowhere = ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "APPDATA", "PROGRAMDATA")
        uv.environment.update(dict.fromkeys(nowhere, str(folder)))
    return uv


def _write_project(file: Path, requirements: list[str], settings: dict[str, Any], held: dict[str, str]) -> None:
    uv = dict(settings)
    if "sources" in uv:  # a source would be looked at instead of what stands in
        uv["sources"] = {name: value for name, value in uv["sources"].items() if canonicalize_name(name) not in held}
    project = {"name": _PROJECT_NAME, "version": "0", "requires-python": ">=3", "dependencies": requirements}
    file.write_bytes(tomli_w.dumps({"project": project, "tool": {"uv": uv}}).encode())


def _stand_ins(folder: Path, held: dict[str, str]) -> Path:
    """A folder of empty wheels, one for each Python package that conda brings.

    Without them uv would have to find conda's very version on the index, which need not have it, and would take over
    the requirements of the index's package, which conda's need not have.
    """
    links = folder / "conda"
    links.mkdir()
    for name, version in held.items():
        stem = f"{name.replace('-', '_')}-{version}"
        info = f"{stem}.dist-info"
        with zipfile.ZipFile(links / f"{stem}-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
    return links


def _explained(error: OpError, held: dict[str, str], specification: Specification) -> OpError:
    if error.details.get("cause") != "unsolvable":
        return error
    message = str(error).replace(_PROJECT_NAME, specification.file)
    brought = [f"{name} {version}" for name, version in held.items() if f"{name}==" in message]
    ours = f"conda brings {', '.join(brought)}; change its version there, or the requirement of the pip part"
    return OpError(message, hint=ours if brought else error.hint, **error.details)


def _locked(package: dict[str, Any], platform: str, python: str, glibc: tuple[int, int]) -> Locked:
    name = canonicalize_name(package["name"])
    source = package.get("sdist") or package.get("archive")
    file = wheels.best(package.get("wheels", ()), platform, python, glibc) or source
    if file is None or "url" not in file or "sha256" not in file.get("hashes", {}):
        raise failure(
            "spec_invalid",
            f"{name} cannot be pinned by a hash: it comes from a folder or a repository, which may change at any time",
            "Build a wheel of it and name that, or take it from a package index",
            package=name,
        )
    return Locked(
        name=name,
        version=str(package.get("version", "")),
        manager="pip",
        platform=platform,
        url=public_url(file["url"]),
        sha256=file["hashes"]["sha256"],
        size_bytes=file.get("size", 0),
    )


def install(
    packages: Sequence[Locked],
    specification: Specification,
    context: Context,
    work: Path,
    prefix: Path,
    report: Report,
    share: tuple[float, float] = (0.6, 0.75),
) -> None:
    """Installs them, each file's hash checked, into a prefix that holds the conda packages already.

    Scripts find the Python beside them, so that the prefix may be moved afterwards.

    Args:
        packages: those of the lock that come from indexes.
        specification: its settings name the indexes.
        context: as for ``resolve``.
        work: a folder for files.
        prefix: the conda environment.
        report: takes the share given.
        share: where in the whole this begins and ends.

    Raises:
        OpError: ``unsolvable``, when one would replace what conda installed; ``hash_mismatch``, ``network``...
    """
    missing = _not_there(packages, prefix)
    if not missing:
        return
    lock = work / _PYLOCK
    lock.write_text(_pylock(missing, context), encoding="utf-8")
    total = sum(package.size_bytes for package in missing)
    downloads = Downloads(total)
    start, end = share
    report(start, f"Installing {len(missing)} packages from the package index")

    def on_line(line: str) -> None:
        if downloads.take(line):
            report(start + (end - start) * downloads.fraction, downloads.message)
        elif line.strip().startswith("Building"):
            report(start, line.strip())
        else:
            report.again()

    uv = Uv(specification, context)
    command = ["pip", "install", "--preview-features", "pylock", "--python", str(conda_python(prefix)), "--no-deps"]
    command += ["--require-hashes", "--break-system-packages", *_indexes(uv), "--requirements", str(lock)]
    with _Relocatable(prefix):
        uv.run(command, work, "installing packages from the package index", report, on_line, total)
    report(end, f"Installed {len(missing)} packages from the package index")


def _not_there(packages: Sequence[Locked], prefix: Path) -> list[Locked]:
    """The packages without those that conda turned out to hold, under another name than its own."""
    found = importlib.metadata.distributions(path=[str(site_packages(prefix))])
    there: dict[str, str] = {canonicalize_name(each.metadata["Name"]): each.version for each in found}
    for package in packages:
        if there.get(package.name, package.version) != package.version:
            raise failure(
                "unsolvable",
                f"{package.name} {package.version} from the package index would replace {package.name} "
                f"{there[package.name]}, which one of the conda packages holds",
                f"Ask for {package.name}=={there[package.name]} in the pip part, or leave it out there",
                package=package.name,
            )
    return [package for package in packages if package.name not in there]


def _pylock(packages: Sequence[Locked], context: Context) -> str:
    """What uv takes as requirements. (Requirements with addresses would do, but leave a note in the packages that they
    were installed from an address instead of an index.)"""
    listed = [{"name": package.name, "version": package.version, **_file(package)} for package in packages]
    text = tomli_w.dumps({"lock-version": "1.0", "created-by": "alcove", "packages": listed})
    if context.archives is not None:
        return context.archives.in_pylock(text)
    return Network(context.settings, context.offline).mirrored(text)


def _file(package: Locked) -> dict[str, Any]:
    file = {"url": package.url, "hashes": {"sha256": package.sha256}}
    return {"wheels": [file]} if package.file_name.endswith(".whl") else {"sdist": file}


def _indexes(uv: Uv) -> list[str]:
    """The specification's package indexes: only an index's name leads to its password."""
    indexes = uv.settings.get("index", [])
    found = [index for index in indexes if isinstance(index, dict)] if isinstance(indexes, list) else []
    named = [f"{index['name']}={index['url']}" for index in found if "name" in index and "url" in index]
    return [argument for index in named for argument in ("--index", index)]


class _Relocatable:
    """Makes uv write scripts that find the Python beside them, instead of its path, which is still that of a staging
    folder. It does so in virtual environments that say they are relocatable; so for a moment the prefix says it is one,
    upon its own Python."""

    def __init__(self, prefix: Path) -> None:
        self._file = prefix / _RELOCATABLE
        self._home = conda_python(prefix).parent

    def __enter__(self) -> None:
        self._file.write_text(f"home = {self._home}\nrelocatable = true\n", encoding="utf-8")

    def __exit__(self, *exception: object) -> None:
        self._file.unlink()
