"""Environments that are there already and that somebody else looks after: a Python that is used and never changed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from alcove import OpError

from .conda import activation
from .engines import Engine, Installed, Lock, Package
from .failures import failure
from .machine import platform_name
from .processes import run
from .reports import Report

_OLDEST = (3, 9)
# In Python 2, too, so that one can be told what is wrong with it. Nothing of the user's may be imported on the way.
_PROBE = """
import json, os, platform, sys
found = {
    "implementation": platform.python_implementation(),
    "version": list(sys.version_info[:3]),
    "executable": sys.executable,
    "bits": 64 if sys.maxsize > 2 ** 32 else 32,
}
if sys.version_info >= (3, 8):
    import importlib.metadata
    found["packages"] = packages = []
    for each in importlib.metadata.distributions():
        try:
            name, version = each.metadata["Name"], each.version
        except Exception:
            continue
        if name and version:
            packages.append([name, version])
sys.stdout.write("\\n" + json.dumps(found) + "\\n")
"""


class ExistingEngine(Engine):
    """Engine ``existing``: the specification's text is the path of an interpreter."""

    name = "existing"

    def lock(self, work: Path, report: Report) -> Lock:
        python = Path(self._specification.text.strip()).expanduser()
        report(0.05, f"Looking at {python}")
        found = probe(python, work, report.again)
        packages = _packages(found)
        text = json.dumps({"python": str(python), "packages": [[each.name, each.version] for each in packages]})
        version = _version(found)
        report(0.2, f"Found Python {version} with {len(packages)} packages")
        return Lock(text, python, version, platform_name(), file_name="", packages=packages)

    def lock_for(self, platforms: Sequence[str], work: Path, report: Report) -> str:
        raise failure(
            "spec_invalid",
            "An environment that somebody else looks after cannot be locked",
            'Export it ("env export") and make an environment of Alcove\'s own from that',
        )

    def relock(self, text: str, work: Path, report: Report) -> Lock:
        return self.lock(work, report)

    def install(
        self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report, trust_cache: bool = True
    ) -> Installed:
        # The prefix is a folder for what Alcove notes down, and for the file by which workers say that they live in it.
        prefix.mkdir()
        python = lock.python
        assert python is not None
        path = [str(python.parent)]
        variables: dict[str, str | None] = {}
        if conda := _conda_prefix(python):
            folders, variables = activation.capture(conda, conda, report)
            path = [str(conda / folder) for folder in folders]
        return Installed(python, None, list(lock.packages), path, variables)


def probe(python: Path, directory: Path, on_wait: Callable[[], None]) -> dict[str, Any]:
    """What an interpreter says of itself: "implementation", "version", "executable", "bits", "packages".

    Args:
        python: its path.
        directory: a working directory for it.
        on_wait: called while it is at work; what it raises ends that.

    Raises:
        OpError: ``not_found``, ``spec_invalid`` or ``permission``, when that is no Python that ops can run in.
    """
    _check_file(python)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    finished = run(
        [str(python), "-c", _PROBE],
        environment=variables,
        directory=directory,
        on_line=lambda line: on_wait(),
        on_wait=on_wait,
    )
    found = _answer(finished.output)
    if _is_script(python):
        started = f" that starts {found['executable']}" if found else ""
        raise failure(
            "spec_invalid",
            f"{python} is a script{started}, not an interpreter; what it starts may be another one tomorrow",
            f"Name the interpreter itself: {found['executable']}" if found else _hint(python),
        )
    if found is None:
        said = finished.log[-1] if finished.log else "it said nothing"
        message = f"{python} is no Python: asked for its version, it ended with exit code {finished.code} ({said})"
        raise failure("spec_invalid", message, _hint(python), log=finished.log)
    _check(python, found)
    return found


def changed(
    python: Path, version: str, packages: Sequence[Package], report: Report
) -> list[tuple[str, Literal["missing", "changed", "unreadable"]]]:
    """The packages of an interpreter that are not as they were then, each with what it is; "python" is itself.

    Args:
        python: the interpreter.
        version: what it was, "3.12.4".
        packages: what was installed in it.
        report: gives a cancel its chance.
    """
    if not python.exists():
        return [("python", "missing")]
    try:
        with tempfile.TemporaryDirectory(prefix="alcove-") as folder:
            found = probe(python, Path(folder), report.again)
    except OpError:
        return [("python", "unreadable")]
    before = {"python": version, **{each.name: each.version for each in packages}}
    now = {"python": _version(found), **{each.name: each.version for each in _packages(found)}}
    different = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    return [(name, "changed" if name in now else "missing") for name in different]


def _version(found: dict[str, Any]) -> str:
    return ".".join(str(number) for number in found["version"])


def _conda_prefix(python: Path) -> Path | None:
    """The conda environment that an interpreter belongs to."""
    prefix = python.parent if os.name == "nt" else python.parent.parent
    return prefix if (prefix / "conda-meta").is_dir() else None


def _packages(found: dict[str, Any]) -> tuple[Package, ...]:
    # The first of a name is the one that is imported.
    versions: dict[str, str] = {}
    for name, version in found["packages"]:
        versions.setdefault(name.lower().replace("_", "-").replace(".", "-"), version)
    return tuple(Package(name, version) for name, version in sorted(versions.items()))


def _answer(output: str) -> dict[str, Any] | None:
    """The last line that is the probe's; a wrapper or a sitecustomize may have printed others."""
    for line in reversed(output.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "implementation" in found:
            return found
    return None


def _check_file(python: Path) -> None:
    if not python.is_absolute():
        raise failure("spec_invalid", f"{python} is no full path of an interpreter", _hint(python))
    if python.is_symlink() and not python.exists():
        target = os.readlink(python)
        message = f"{python} leads nowhere: {target}, to which it is a link, is gone"
        raise failure("not_found", message, "Install that Python again, or name another one")
    if not python.exists():
        raise failure("not_found", f"There is no {python}", _hint(python))
    if python.is_dir():
        raise failure("spec_invalid", f"{python} is a folder, not an interpreter", _hint(python))
    if not os.access(python, os.X_OK):
        message = f"{python} cannot be run: it is not marked as a program"
        raise failure("permission", message, _hint(python))


def _is_script(file: Path) -> bool:
    if file.suffix.lower() in (".bat", ".cmd", ".ps1"):
        return True
    with open(file, "rb") as stream:
        return stream.read(2) == b"#!"


def _hint(python: Path) -> str:
    inside = [python / "bin" / "python", python / "python.exe", python / "Scripts" / "python.exe"]
    there = next((path for path in inside if path.exists()), None)
    if there is not None:
        return f"Name the interpreter in it: {there}"
    return 'Name the interpreter itself; "import sys; print(sys.executable)" in that Python shows its path'


def _check(python: Path, found: dict[str, Any]) -> None:
    version = _version(found)
    oldest = ".".join(str(number) for number in _OLDEST)
    if found["implementation"] != "CPython":
        raise failure(
            "spec_invalid",
            f"{python} is {found['implementation']} {version}, and ops need CPython {oldest} or newer",
            "Name an interpreter from python.org, conda, uv or the system",
        )
    if tuple(found["version"]) < _OLDEST:
        raise failure(
            "spec_invalid",
            f"{python} is Python {version}, and ops need {oldest} or newer",
            "Name a newer interpreter, or let Alcove make an environment",
        )
