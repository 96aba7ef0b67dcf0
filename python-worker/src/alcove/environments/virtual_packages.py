"""What conda calls virtual packages: kernel, C library, processor, CUDA; a broken driver breaks nothing."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

CUDA = "__cuda"
PROCESSOR = "__archspec"

_SECONDS_FOR_DRIVER = 10.0
_SECONDS_FOR_DYING = 0.5
_LIBRARIES = ("libcuda.so.1", "libnvidia-ml.so.1", "nvcuda.dll", "nvml.dll")


class Detected(NamedTuple):
    """What was found."""

    versions: dict[str, str]
    """Versions by name: "__glibc", "__cuda", ...; for "__archspec" the kind of processor."""
    trouble: str = ""
    """Why a GPU that is there cannot be used, "" when nothing is known of that."""


@functools.cache
def detect() -> Detected:
    """Looks at this machine, once per process.

    py-rattler always loads the NVIDIA driver, also when told which CUDA there is. One that does not fit its kernel may
    crash whoever asks it, or never answer. So where there is a driver, another process asks.
    """
    if not _has_driver():
        return Detected(ask())
    asked = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", __file__],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        output, _ = asked.communicate(timeout=_SECONDS_FOR_DRIVER)
    except subprocess.TimeoutExpired:
        _abandon(asked)
        return Detected(_without_driver(), "the NVIDIA driver does not answer")
    if asked.returncode != 0:
        return Detected(_without_driver(), "the NVIDIA driver is broken")
    return Detected(json.loads(output))


def _abandon(process: subprocess.Popen[str]) -> None:
    """Kills it without insisting: who hangs in a driver may not even die."""
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_FOR_DYING)
    if process.stdout is not None:
        process.stdout.close()


def ask() -> dict[str, str]:
    """What py-rattler says."""
    # Imported late: it takes as long as everything else here together, and not every op needs it.
    from rattler import VirtualPackage

    found = {package.name.normalized: package for package in (each.into_generic() for each in VirtualPackage.detect())}
    versions = {name: str(package.version) for name, package in found.items()}
    return versions | ({PROCESSOR: str(found[PROCESSOR].build_string)} if PROCESSOR in found else {})


def _without_driver() -> dict[str, str]:
    """The part that packages for all machines of this kind need."""
    if sys.platform == "win32":
        return {"__win": platform.version()}
    kernel = platform.release().partition("-")[0]
    library, version = platform.libc_ver()
    return {"__unix": "0", "__linux": kernel, **({"__glibc": version} if library == "glibc" else {})}


def _has_driver() -> bool:
    if sys.platform == "darwin":
        return False
    if any((folder / library).exists() for folder in _library_folders() for library in _LIBRARIES):
        return True
    try:
        known = Path("/etc/ld.so.cache").read_bytes()
    except OSError:
        return False
    return any(library.encode() in known for library in _LIBRARIES)


def _library_folders() -> list[Path]:
    if sys.platform == "win32":
        return [Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"]
    searched = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    # The last is where Windows puts it into its Linux.
    return [Path(folder) for folder in [*searched, "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib"] if folder]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ask()))
