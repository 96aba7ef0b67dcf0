"""Virtual environments from Python packages, by uv.

Resolves the header for all platforms into a pylock.toml (PEP 751), and installs that with every hash checked.
"""

from __future__ import annotations

import errno
import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import uv
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from alcove import OpError

from . import caches, interpreters
from .engines import Engine, Installed, Lock, Package
from .failures import failure, of_file
from .interpreters import Interpreter
from .processes import Finished, run
from .pylocks import Pylock, platform_name
from .reports import Report
from .specification import OLDEST_PYTHON, Specification, requires_python
from .uv_messages import Downloads, explain

_LOCK_FILE = "pylock.toml"
_LIST_PYTHONS = ["python", "list", "--only-installed", "--output-format", "json"]
_MOST_COMPILERS = 8

# What would contradict how uv is called here, or weaken it. The user's other settings (mirrors, certificates) hold.
_DROPPED = re.compile(
    r"PYTHON.*|VIRTUAL_ENV.*|CONDA.*|"
    r"UV_(PYTHON|SYSTEM_PYTHON|MANAGED_PYTHON|NO_MANAGED_PYTHON|NO_VERIFY_HASHES|LOCKED|FROZEN|PROJECT|WORKING_DIR|"
    r"PROJECT_ENVIRONMENT|VENV_CLEAR|VENV_SEED|COMPILE_BYTECODE)"
)


class UvEngine(Engine):
    """Engine ``uv``."""

    name = "uv"

    def __init__(self, specification: Specification, directory: Path, offline: bool) -> None:
        self._specification = specification
        self._directory = directory
        self._offline = offline
        self._environment = _environment(directory)
        self._wanted = specification.requires_python or OLDEST_PYTHON

    def lock(self, work: Path, report: Report) -> Lock:
        with caches.tidied(self._directory):
            python = self._interpreter(work, report)
            header = work / "header.py"
            lines = ["/// script", *self._specification.header.splitlines(), "///"]
            header.write_text("".join(f"# {line}".rstrip() + "\n" for line in lines), encoding="utf-8")
            report(0.03, f"Resolving dependencies of {self._specification.file}")
            file = work / _LOCK_FILE
            export = ["export", "--script", str(header), "--python", str(python.path)]
            export += ["--format", _LOCK_FILE, "--no-header", "--output-file", str(file)]
            self._uv(export, work, "resolving dependencies", report)
            pylock = self._pinned(file)
            report(0.2, f"Resolved dependencies of {self._specification.file}")
            return Lock(pylock.text, python.path, python.version, platform_name())

    def install(self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report) -> Installed:
        with caches.tidied(self._directory):
            report(0.2, "Making a virtual environment")
            venv = ["venv", "--relocatable", "--no-project", "--python", str(lock.python), str(prefix)]
            self._uv(venv, work, "making a virtual environment", report)
            self._install_packages(Pylock(lock.text), lock.python_version, work, prefix, report)
            packages = _packages(prefix)
            self._compile(work, prefix, report)
            # Kept for people, and for later checks.
            (prefix / _LOCK_FILE).write_text(lock.text, encoding="utf-8", newline="\n")
            return Installed(_python(prefix), _base_python(prefix), packages)

    def _interpreter(self, work: Path, report: Report) -> Interpreter:
        allowed = interpreters.allowed_versions(self._specification.requires_python)
        found = interpreters.own(allowed)
        if found is None:
            report(0.01, f"Looking for Python {self._wanted}")
            found = interpreters.listed(lambda: self._pythons(work, report), allowed)
        return found or self._downloaded_interpreter(allowed, work, report)

    def _downloaded_interpreter(self, allowed: SpecifierSet, work: Path, report: Report) -> Interpreter:
        problem = f"{self._specification.file} needs Python {self._wanted}, and there is none on this computer"
        hint = f"Install a Python {self._wanted}, or widen requires-python"
        if self._offline or os.environ.get("UV_PYTHON_DOWNLOADS") == "never":
            raise failure("platform", problem, f"{hint}; or run it once with network, which downloads one")
        report(0.02, f"Downloading Python {self._wanted}")
        try:
            install = ["python", "install", "--no-bin", "--no-registry", str(allowed)]
            self._uv(install, work, "downloading Python", report)
        except OpError as error:
            raise OpError(f"{problem}. {error}", hint=f"{hint}. {error.hint}", **error.details) from None
        found = interpreters.listed(lambda: self._pythons(work, report), allowed)
        if found is None:
            raise failure("platform", problem, hint)
        return found

    def _pythons(self, work: Path, report: Report) -> str:
        return self._uv(_LIST_PYTHONS, work, "looking for a Python", report).output

    def _pinned(self, file: Path) -> Pylock:
        pylock = Pylock(file.read_text(encoding="utf-8"))
        if pylock.unpinned:
            raise failure(
                "spec_invalid",
                f"{', '.join(pylock.unpinned)} cannot be pinned by a hash: a local folder may change at any time",
                "Build a wheel of it and name that, or take it from a package index",
            )
        return pylock

    def _install_packages(self, pylock: Pylock, python_version: str, work: Path, prefix: Path, report: Report) -> None:
        command = ["pip", "sync", "--preview-features", "pylock", "--python", str(_python(prefix))]
        command += ["--require-hashes"] if pylock.hashed else []
        command += self._indexes()
        planned, cached = self._plan([*command, str(work / _LOCK_FILE)], work, report)
        report(0.22, f"Installing {len(planned)} packages")
        size = pylock.download_bytes(planned, python_version)
        downloads = Downloads(0 if cached else size)

        def on_line(line: str) -> None:
            if downloads.take(line):
                report(0.22 + 0.5 * downloads.fraction, downloads.message)
            elif line.strip().startswith("Building"):
                report(0.22, line.strip())
            elif line.startswith("Prepared"):
                report(0.75, f"Installing {len(planned)} packages")

        self._uv([*command, str(work / _LOCK_FILE)], work, "installing packages", report, on_line, size)

    def _indexes(self) -> list[str]:
        """The header's package indexes: the lock names their files, but only an index's name leads to its password."""
        indexes = self._specification.uv.get("index", [])
        found = [index for index in indexes if isinstance(index, dict)] if isinstance(indexes, list) else []
        named = [f"{index['name']}={index['url']}" for index in found if "name" in index and "url" in index]
        return [argument for index in named for argument in ("--index", index)]

    def _plan(self, command: list[str], work: Path, report: Report) -> tuple[dict[str, str], bool]:
        """The packages that will be installed, version by name, and whether the cache has some of them."""
        finished = self._uv([*command, "--dry-run", "--output-format", "json"], work, "planning the install", report)
        changes = json.loads(finished.output or "{}").get("changes", [])
        planned: dict[str, str] = {canonicalize_name(change["name"]): str(change["version"]) for change in changes}
        return planned, f"Would download {len(planned)} package" not in "\n".join(finished.log)

    def _compile(self, work: Path, prefix: Path, report: Report) -> None:
        """Compiles the packages, so that the first import is quick; not their own tests, which nobody imports.

        A file that does not compile (a template, say) is no failure: Python compiles what it imports anyway.
        """
        folder = _site_packages(prefix)
        tests = re.compile(re.escape(str(folder)) + r".*[/\\]tests?[/\\]")
        files = sum(1 for file in folder.rglob("*.py") if not tests.match(str(file)))
        done = 0

        def on_line(line: str) -> None:
            nonlocal done
            done += line.count("Compiling '")
            report(0.8 + 0.17 * done / max(files, 1), f"Compiling: {done} of {files} files")

        command = [str(_python(prefix)), "-m", "compileall", "-j", str(_processes()), "-x", tests.pattern, str(folder)]
        environment = {**self._environment, "PYTHONUNBUFFERED": "1"}  # lines are counted as they come
        finished = run(
            command, environment=environment, directory=work, on_line=on_line, on_wait=report.again, merged=True
        )
        if any(f"[Errno {number}]" in line for line in finished.log for number in (errno.ENOSPC, errno.EDQUOT)):
            raise of_file("disk_full", str(folder), self._directory, log=finished.log)

    def _uv(
        self,
        arguments: list[str],
        work: Path,
        doing: str,
        report: Report,
        on_line: Callable[[str], None] | None = None,
        download_bytes: int = 0,
    ) -> Finished:
        command = [_executable(), *arguments, "--color", "never", *(["--offline"] if self._offline else [])]
        finished = run(
            command,
            environment=self._environment,
            directory=work,
            on_line=on_line or (lambda line: report.again()),
            on_wait=report.again,
        )
        if finished.code != 0:
            raise explain(finished, doing, self._specification, self._directory, self._offline, download_bytes)
        return finished


def installed_python(header: str, directory: Path, on_wait: Callable[[], None]) -> Path | None:
    """A Python on this machine that a header allows: the one that runs this, else the newest.

    Args:
        header: the TOML of the PEP 723 block.
        directory: the folder that holds all environments.
        on_wait: called while uv looks; what it raises ends that.

    Returns:
        The interpreter, None when there is none.
    """
    allowed = interpreters.allowed_versions(requires_python(header))
    if interpreters.own(allowed):
        return Path(sys.executable)

    def listing() -> str:
        command = [_executable(), *_LIST_PYTHONS, "--color", "never"]
        variables = _environment(directory)
        listed = run(command, environment=variables, directory=Path.cwd(), on_line=lambda _: None, on_wait=on_wait)
        return listed.output if listed.code == 0 else "[]"

    found = interpreters.listed(listing, allowed)
    return found.path if found else None


def _executable() -> str:
    try:
        return uv.find_uv_bin()
    except FileNotFoundError as error:
        hint = "Delete the toolbox folder, and it will be made anew"
        raise failure("toolbox", "The toolbox is damaged: uv is missing from it", hint) from error


def _environment(directory: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    kept.setdefault("UV_CACHE_DIR", str(caches.cache(directory)))
    kept.setdefault("UV_PYTHON_INSTALL_DIR", str(caches.pythons(directory)))
    return kept


def _processes() -> int:
    return min(os.cpu_count() or 1, _MOST_COMPILERS)


def _python(prefix: Path) -> Path:
    return prefix / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _base_python(prefix: Path) -> Path:
    """What the prefix's interpreter stands on, as uv resolved it (a shim of pyenv, say, is none)."""
    if os.name != "nt":
        return Path(os.readlink(_python(prefix)))
    home = re.search(r"^home *= *(.+?) *$", (prefix / "pyvenv.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    return Path(home[1] if home else sys.base_prefix) / "python.exe"


def _site_packages(prefix: Path) -> Path:
    if os.name == "nt":
        return prefix / "Lib" / "site-packages"
    return next((prefix / "lib").glob("python*/site-packages"))


def _packages(prefix: Path) -> list[Package]:
    found = importlib.metadata.distributions(path=[str(_site_packages(prefix))])
    packages = [Package(canonicalize_name(each.metadata["Name"]), each.version) for each in found]
    return sorted(packages, key=lambda package: package.name)
