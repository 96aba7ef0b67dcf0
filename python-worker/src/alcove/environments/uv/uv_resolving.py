"""From what is wanted to a pylock.toml, by uv."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import tomli_w
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..failures import failure
from ..locks.pylocks import FILE_NAME as LOCK_FILE
from ..locks.pylocks import Pylock
from ..reports import Report
from ..specification import Specification
from ..wanted import Wanted
from .interpreters import Interpreter
from .uv_calls import Uv

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_DOING = "resolving dependencies"
_HASH = re.compile(r"--hash=(\w+):(\w+)")


def resolve(specification: Specification, python: Interpreter, uv: Uv, work: Path, report: Report) -> Pylock:
    """Decides for all platforms at once which packages the specification gets, each pinned by its hash.

    Args:
        specification: what is asked for.
        python: the interpreter to build on; it also runs the builds of packages that tell their needs only so.
        uv: to do it.
        work: a folder for files.
        report: told while it takes time.

    Raises:
        OpError: ``unsolvable``, ``network`` and what else uv may say; ``spec_invalid`` where something has no hash.
    """
    wanted = specification.wanted
    if wanted.lock is not None:
        return Pylock(wanted.lock.text)
    pylock = (_kept if wanted.hashes else _resolved)(wanted, python, uv, work, report)
    if pylock.unpinned:
        raise failure(
            "spec_invalid",
            f"{', '.join(pylock.unpinned)} cannot be pinned by a hash: a local folder may change at any time",
            "Build a wheel of it and name that, or take it from a package index",
        )
    return pylock


def _resolved(wanted: Wanted, python: Interpreter, uv: Uv, work: Path, report: Report) -> Pylock:
    header = work / "header.py"
    header.write_text(_script(wanted, uv.settings), encoding="utf-8")
    export = ["export", "--script", str(header), "--python", str(python.path)]
    export += ["--format", LOCK_FILE, "--no-header", "--output-file", str(work / LOCK_FILE)]
    uv.run(export, work, _DOING, report)
    return Pylock((work / LOCK_FILE).read_text(encoding="utf-8"))


def _script(wanted: Wanted, settings: dict[str, Any]) -> str:
    """An op file's header that asks uv for the same."""
    header: dict[str, Any] = {"dependencies": [dependency.text for dependency in wanted.python]}
    if wanted.requires_python:
        header["requires-python"] = wanted.requires_python
    header["tool"] = {"uv": settings}
    lines = ["/// script", *tomli_w.dumps(header).splitlines(), "///"]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _kept(wanted: Wanted, python: Interpreter, uv: Uv, work: Path, report: Report) -> Pylock:
    """What a requirements.txt with hashes pins: those very packages, and of each only the files with these hashes."""
    hashes: dict[str, set[tuple[str, str]]] = {}
    for each in wanted.python:  # a package may stand there several times, with different markers
        hashes.setdefault(_name(each.text), set()).update(_hashes(each.text))
    lines = [*_options(uv.settings), *(_without_hashes(each.text) for each in wanted.python)]
    (work / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    compilation = ["pip", "compile", "requirements.txt", "--universal", "--no-deps", "--python", str(python.path)]
    compilation += ["--format", LOCK_FILE, "--no-header", "--output-file", LOCK_FILE]
    uv.run(compilation, work, _DOING, report)
    table = tomllib.loads((work / LOCK_FILE).read_text(encoding="utf-8"))
    for package in table.get("packages", ()):
        _keep_files(package, hashes[canonicalize_name(package["name"])])
    return Pylock(tomli_w.dumps(table))


def _name(text: str) -> str:
    return canonicalize_name(Requirement(_without_hashes(text)).name)


def _without_hashes(text: str) -> str:
    return text.split(" --hash")[0]


def _hashes(text: str) -> set[tuple[str, str]]:
    return {(match[1], match[2]) for match in _HASH.finditer(text)}


def _keep_files(package: dict[str, Any], hashes: set[tuple[str, str]]) -> None:
    def is_known(file: dict[str, Any]) -> bool:
        return any((kind, digest) in hashes for kind, digest in file.get("hashes", {}).items())

    offered = [*package.get("wheels", ()), *(package[key] for key in ("sdist", "archive") if key in package)]
    if offered and not any(is_known(file) for file in offered):
        raise failure(
            "hash_mismatch",
            f"The package index has no file of {package['name']} {package.get('version', '')} with a hash that the "
            "requirements name",
            "Make the file anew with 'uv pip compile --generate-hashes', or use the index that it was made with",
            package=package["name"],
            expected=sorted(f"{kind}:{digest}" for kind, digest in hashes),
        )
    package["wheels"] = [wheel for wheel in package.get("wheels", ()) if is_known(wheel)]
    for key in ("sdist", "archive"):
        if key in package and not is_known(package[key]):
            del package[key]
    if not package["wheels"]:
        del package["wheels"]


def _options(settings: dict[str, Any]) -> list[str]:
    """Settings for uv that came from a requirements.txt, as lines of one."""
    lines = [
        f"{'--index-url' if index.get('default') else '--extra-index-url'} {index['url']}"
        for index in settings.get("index", ())
    ]
    lines += [f"--find-links {url}" for url in settings.get("find-links", ())]
    lines += ["--no-index"] * bool(settings.get("no-index")) + ["--pre"] * ("prerelease" in settings)
    for key, option in (("no-build", "--only-binary"), ("no-binary", "--no-binary")):
        lines += [f"{option} :all:"] * bool(settings.get(key))
        lines += [f"{option} {name}" for name in settings.get(f"{key}-package", ())]
    return lines
