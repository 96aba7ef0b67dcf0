"""What a channel says about its packages, for this platform and for others."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import zstandard

from .archives import MOMENT, Package
from .debian import PYTHON_DEPENDS

SUBDIRS = ("noarch", "linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
Records = dict[str, dict[str, Any]]
"""Records by file name."""

_SYSTEMS = {
    "linux-aarch64": ("__glibc >=2.17",),
    "osx-64": ("__osx >=11.0",),
    "osx-arm64": ("__osx >=11.0",),
    "win-64": ("ucrt >=10.0.20348.0",),
}


def elsewhere(here: dict[str, Records]) -> dict[str, Records]:
    """Records of packages for other platforms, of which there are no files: they can be locked, and no more."""
    libraries = [dependency.split()[0] for dependency in PYTHON_DEPENDS if not dependency.startswith("__")]
    versions = {record["name"]: record["version"] for record in here["linux-64"].values()}
    found: dict[str, Records] = {}
    for subdir, system in _SYSTEMS.items():
        packages = [Package(name, versions[name], subdir=subdir) for name in libraries]
        packages += _others(subdir, system, versions, tuple(libraries))
        found[subdir] = {package.file_name: _record(package) for package in packages}
    return found


def text(subdir: str, records: Records) -> bytes:
    """repodata.json."""
    old = {name: record for name, record in records.items() if name.endswith(".tar.bz2")}
    new = {name: record for name, record in records.items() if name.endswith(".conda")}
    repodata = {
        "info": {"subdir": subdir},
        "packages": old,
        "packages.conda": new,
        "removed": [],
        "repodata_version": 1,
    }
    return json.dumps(repodata, indent=1, sort_keys=True).encode()


def compressed(repodata: bytes) -> bytes:
    """repodata.json.zst."""
    return zstandard.ZstdCompressor(level=9).compress(repodata)


def _others(
    subdir: str, system: tuple[str, ...], versions: dict[str, str], libraries: tuple[str, ...]
) -> list[Package]:
    def package(name: str, build: str, *depends: str) -> Package:
        return Package(name, versions[name], build, subdir=subdir, depends=depends)

    made = ["microscope", "objective", "eyepiece", "stage", "lamp", "camera", "bulky", "activator", "prefix-probe"]
    python = ("python >=3.11,<3.12.0a0", "python_abi 3.11.* *_cp311")
    packages = [
        package("python", "h_0_cpython", *libraries, *system),
        package("numpy", "py311_0", *python),
        package("segmenter", "cpu_0"),
        *(package(name, "h0_0") for name in made if name not in ("microscope", "eyepiece")),
        Package("microscope", "1.0", subdir=subdir, depends=("objective 1.*", "eyepiece 2.*", "lamp")),
        Package("objective", "1.0", subdir=subdir),
        Package("eyepiece", "2.0", subdir=subdir),
    ]
    if subdir == "win-64":
        packages.append(Package("ucrt", "10.0.22621.0", subdir=subdir))
    return packages


def _record(package: Package) -> dict[str, Any]:
    def digest(algorithm: str) -> str:
        return hashlib.new(algorithm, f"{package.subdir}/{package.file_name}".encode()).hexdigest()

    return {
        **package.index(),
        "md5": digest("md5"),
        "sha256": digest("sha256"),
        "size": 10_000 + len(package.file_name),
        "timestamp": MOMENT * 1000,
    }
