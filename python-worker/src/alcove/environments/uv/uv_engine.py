"""Virtual environments from Python packages, by uv.

Resolves what is asked for, for all platforms, into a pylock.toml (PEP 751), and installs that with every hash checked.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from alcove import OpError

from .. import bytecode, caches
from ..compiling import compile_files, worth_compiling
from ..context import Context
from ..distributions import packages_in
from ..engines import Engine, Installed, Lock
from ..failures import failure
from ..locks.pylocks import FILE_NAME as LOCK_FILE
from ..locks.pylocks import Pylock, Target
from ..machine import Machine, platform_name
from ..networking.network import Network
from ..networking.settings import Settings
from ..processes import run
from ..reports import Report
from ..specification import Specification
from ..wanted import OLDEST_PYTHON, Wanted
from . import interpreters, uv_calls
from .interpreters import Interpreter
from .uv_calls import Uv
from .uv_messages import Downloads
from .uv_resolving import resolve

_COMPILING = (0.8, 0.97)
_LIST_PYTHONS = ["python", "list", "--only-installed", "--output-format", "json"]


class UvEngine(Engine):
    """Engine ``uv``."""

    name = "uv"

    def __init__(self, specification: Specification, context: Context) -> None:
        super().__init__(specification, context)
        self._uv = Uv(specification, context)
        self._network = Network(context.settings, context.offline)
        self._cache = caches.uv(context.directory, context.settings)

    def lock(self, work: Path, report: Report) -> Lock:
        self._specification.check_platform(self._context.machine.platform)
        with caches.tidied(self._cache):
            python, pylock = self._resolved(work, report)
            lock = self._lock(pylock, python)
            report(0.2, f"Resolved dependencies of {self._specification.file}")
            return lock

    def lock_for(self, platforms: Sequence[str], work: Path, report: Report) -> str:
        with caches.tidied(self._cache):
            python, pylock = self._resolved(work, report)
        for platform in platforms:
            self._check(pylock, Target(platform, python.version))
        return self._network.unmirrored(pylock.text)

    def relock(self, text: str, work: Path, report: Report) -> Lock:
        pylock = Pylock(text)
        allowed = [pylock.requires_python] if pylock.requires_python else []
        if self._context.archives is not None:
            allowed.append(f"=={self._context.archives.python_minor}.*")
        return self._lock(pylock, self._interpreter(",".join(allowed), work, report))

    def install(
        self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report, trust_cache: bool = True
    ) -> Installed:
        with caches.tidied(self._cache):
            report(0.2, "Making a virtual environment")
            venv = ["venv", "--relocatable", "--no-project", "--python", str(lock.python), str(prefix)]
            self._uv.run(venv, work, "making a virtual environment", report)
            self._install_packages(lock, work, prefix, report, trust_cache)
            packages = packages_in(_site_packages(prefix), lock.packages)
            self._compile(lock, work, prefix, final, report, trust_cache)
            # Kept for people, and for later checks.
            (prefix / LOCK_FILE).write_text(lock.text, encoding="utf-8", newline="\n")
            return Installed(_python(prefix), _base_python(prefix), packages)

    def _compile(self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report, trust_cache: bool) -> None:
        site, folder = _site_packages(prefix), caches.bytecode(self._context.directory)
        files = sorted(worth_compiling(site))
        kept = bytecode.of_wheels(folder, lock.python_version, prefix, site, lock.packages, files)
        if trust_cache:
            kept.restore()
        restored = kept.restored
        files = [file for file in files if file not in restored]
        compile_files(_python(prefix), files, prefix, final, self._context, work, report, _COMPILING)
        kept.keep(work)

    def _resolved(self, work: Path, report: Report) -> tuple[Interpreter, Pylock]:
        python = self._interpreter(self._specification.wanted.requires_python, work, report)
        report(0.03, f"Resolving dependencies of {self._specification.file}")
        return python, resolve(self._specification, python, self._uv, work, report)

    def _lock(self, pylock: Pylock, python: Interpreter) -> Lock:
        target = Target(self._context.machine.platform, python.version, here=True)
        self._check(pylock, target)
        text = self._network.unmirrored(pylock.text)
        packages = Pylock(text).packages(target)
        return Lock(text, python.path, python.version, target.platform, LOCK_FILE, packages)

    def _check(self, pylock: Pylock, target: Target) -> None:
        minor = ".".join(target.python_version.split(".")[:2])
        if not pylock.is_for(target):
            raise failure(
                "platform",
                f"The lock of {self._specification.file} is not for {target.platform} with Python {minor}",
                "Make the lock anew, for that platform and Python, too",
            )
        missing = pylock.missing(target)
        if missing:
            raise failure(
                "platform",
                f"{', '.join(missing)} is published neither for {target.platform} with Python {minor} nor as source",
                "Choose another version of the package or of Python (requires-python), or limit the dependency to the "
                "systems that have it: \"...; sys_platform == 'win32'\"",
                platform=target.platform,
                packages=missing,
            )

    def _interpreter(self, requires_python: str, work: Path, report: Report) -> Interpreter:
        allowed = interpreters.allowed_versions(requires_python)
        found = interpreters.own(allowed)
        if found is None:
            report(0.01, f"Looking for Python {requires_python or OLDEST_PYTHON}")
            found = interpreters.listed(lambda: self._pythons(work, report), allowed)
        return found or self._downloaded_interpreter(requires_python or OLDEST_PYTHON, allowed, work, report)

    def _downloaded_interpreter(self, wanted: str, allowed: SpecifierSet, work: Path, report: Report) -> Interpreter:
        problem = f"{self._specification.file} needs Python {wanted}, and there is none on this computer"
        hint = f"Install a Python {wanted}, or widen requires-python"
        if self._context.offline or os.environ.get("UV_PYTHON_DOWNLOADS") == "never":
            raise failure("platform", problem, f"{hint}; or run it once with network, which downloads one")
        report(0.02, f"Downloading Python {wanted}")
        try:
            install = ["python", "install", "--no-bin", "--no-registry", str(allowed)]
            self._uv.run(install, work, "downloading Python", report)
        except OpError as error:
            raise OpError(f"{problem}. {error}", hint=f"{hint}. {error.hint}", **error.details) from None
        found = interpreters.listed(lambda: self._pythons(work, report), allowed)
        if found is None:
            raise failure("platform", problem, hint)
        return found

    def _pythons(self, work: Path, report: Report) -> str:
        return self._uv.run(_LIST_PYTHONS, work, "looking for a Python", report).output

    def _install_packages(self, lock: Lock, work: Path, prefix: Path, report: Report, trust_cache: bool) -> None:
        file = work / LOCK_FILE
        file.write_text(self._with_places(lock.text), encoding="utf-8", newline="\n")
        command = ["pip", "sync", "--preview-features", "pylock", "--python", str(_python(prefix))]
        command += ["--require-hashes"] if Pylock(lock.text).hashed else []
        command += [*self._indexes(), str(file)]
        if not trust_cache:
            self._forget(lock, work, report)
        planned, cached = self._planned(command, lock, work, report, trust_cache)
        report(0.22, f"Installing {len(planned)} packages")
        size = sum(package.size_bytes for package in lock.packages if planned.get(package.name) == package.version)
        downloads = Downloads(0 if cached else size)

        def on_line(line: str) -> None:
            if downloads.take(line):
                report(0.22 + 0.5 * downloads.fraction, downloads.message)
            elif line.strip().startswith("Building"):
                report(0.22, line.strip())
            elif line.startswith("Prepared"):
                report(0.75, f"Installing {len(planned)} packages")

        self._uv.run(command, work, "installing packages", report, on_line, size)

    def _with_places(self, text: str) -> str:
        """The lock with the places where its files can be had from here."""
        archives = self._context.archives
        return self._network.mirrored(text) if archives is None else archives.in_pylock(text)

    def _forget(self, lock: Lock, work: Path, report: Report) -> None:
        """Takes the packages out of uv's cache, whose unpacked files it never checks again: they are linked into
        environments, so whatever damaged one there damaged the cache. A refresh would not do: a server that says
        "not modified" makes uv take what is unpacked already.
        """
        if self._context.offline and self._context.archives is None:
            raise failure(
                "network",
                f"The packages of {self._specification.file} must be downloaded again, as the copies on this machine "
                "are damaged, and the network was not to be used",
                "Repair it with network",
            )
        if lock.packages:
            report(0.21, "Forgetting downloads that may be damaged")
            names = [package.name for package in lock.packages]
            self._uv.run(["cache", "clean", *names], work, "cleaning its cache", report)

    def _indexes(self) -> list[str]:
        """The header's package indexes: the lock names their files, but only an index's name leads to its password."""
        indexes = self._uv.settings.get("index", [])
        found = [index for index in indexes if isinstance(index, dict)] if isinstance(indexes, list) else []
        named = [f"{index['name']}={index['url']}" for index in found if "name" in index and "url" in index]
        return [argument for index in named for argument in ("--index", index)]

    def _planned(
        self, command: list[str], lock: Lock, work: Path, report: Report, trust_cache: bool
    ) -> tuple[dict[str, str], bool]:
        """As ``_plan``, but without asking uv when all packages were installed here before, which only costs time."""
        folder = caches.bytecode(self._context.directory)
        if trust_cache and bytecode.keeps_wheels(folder, lock.python_version, lock.packages):
            return {package.name: package.version for package in lock.packages}, True
        return self._plan(command, work, report)

    def _plan(self, command: list[str], work: Path, report: Report) -> tuple[dict[str, str], bool]:
        """The packages that will be installed, version by name, and whether the cache has some of them."""
        planning = [*command, "--dry-run", "--output-format", "json"]
        finished = self._uv.run(planning, work, "planning the install", report)
        changes = json.loads(finished.output or "{}").get("changes", [])
        planned: dict[str, str] = {canonicalize_name(change["name"]): str(change["version"]) for change in changes}
        return planned, f"Would download {len(planned)} package" not in "\n".join(finished.log)


def installed_python(file: Path, header: str, directory: Path, on_wait: Callable[[], None]) -> Path | None:
    """A Python on this machine that a header allows: the one that runs this, else the newest.

    Args:
        file: the op file.
        header: the TOML of its PEP 723 block.
        directory: the folder that holds all environments.
        on_wait: called while uv looks; what it raises ends that.

    Returns:
        The interpreter, None when there is none.
    """
    machine = Machine(platform_name())
    values = {"name": "describing", "format": "script", "text": header, "source": str(file)}
    try:
        wanted = Specification.parse(values, machine).wanted
    except OpError:
        wanted = Wanted()  # its mistakes are told when the environment is made
    allowed = interpreters.allowed_versions(wanted.requires_python)
    if interpreters.own(allowed):
        return Path(sys.executable)
    variables = uv_calls.variables(Context(directory, True, Settings.load(directory), machine))

    def listing() -> str:
        command = [uv_calls.executable(), *_LIST_PYTHONS, "--color", "never"]
        listed = run(command, environment=variables, directory=Path.cwd(), on_line=lambda _: None, on_wait=on_wait)
        return listed.output if listed.code == 0 else "[]"

    found = interpreters.listed(listing, allowed)
    return found.path if found else None


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
