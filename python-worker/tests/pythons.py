"""The Pythons of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

WANTED = tuple(f"3.{minor}" for minor in range(9, 15))


def find_pythons() -> dict[str, str]:
    """The executables of those of ``WANTED`` that start, by version; the running one first."""
    running = "{}.{}".format(*sys.version_info[:2])
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = {running: sys.executable}
    for version in WANTED:
        # A shim of pyenv's answers only for the version that is switched on, so its versions are looked at as well.
        named = [path for path in os.environ.get("ALCOVE_TEST_PYTHONS", "").split(os.pathsep) if path]
        candidates = [*named, shutil.which(f"python{version}"), *map(str, versions.glob(f"{version}.*/bin/python3"))]
        for candidate in filter(None, candidates):
            if version not in found and _version_of(candidate) == version:
                found[version] = candidate
    return found


_versions: dict[str, str] = {}


def _version_of(executable: str) -> str:
    if executable not in _versions:
        program = "import sys; print('%d.%d' % sys.version_info[:2])"
        result = subprocess.run([executable, "-c", program], capture_output=True, text=True)
        _versions[executable] = result.stdout.strip() if result.returncode == 0 else ""
    return _versions[executable]
