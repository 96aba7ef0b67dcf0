"""One package of a lock, whichever file holds the lock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from packaging.utils import canonicalize_name

from ..engines import Package

_CONDA_ENDINGS = (".conda", ".tar.bz2")
_SECRET_QUERY = re.compile(r"token|secret|passw|signature|\bsig=|credential|api_?key|x-amz", re.IGNORECASE)
# "/t/<token>/" is how conda servers take tokens; a channel may also simply be called "t".
_TOKEN = re.compile(r"/t/(?!(?:noarch|(?:linux|osx|win|emscripten|wasi)-[a-z0-9]+)/)[^/]+(?=/)")


@dataclass(frozen=True)
class Locked:
    """A package that is decided on, for one platform."""

    name: str
    version: str
    manager: str
    """"conda" or "pip"."""
    platform: str
    """What it was locked for, "linux-64"; packages for all platforms are locked once for each."""
    url: str
    """Where it is published, without secrets."""
    sha256: str
    """Of the file, in hexadecimal."""
    md5: str = ""
    dependencies: Mapping[str, str] = field(default_factory=dict)
    """For conda, versions and builds by name: {"python": ">=3.11,<3.12.0a0"}."""
    purls: tuple[str, ...] = ()
    """What the record says it is elsewhere: "pkg:pypi/numpy". Lock files don't hold it."""
    size_bytes: int = 0
    """Of the file; 0 when it is not known. Lock files don't hold it."""
    license: str = ""
    """Lock files don't hold it."""

    @property
    def file_name(self) -> str:
        """The package file's name."""
        return unquote(urlsplit(self.url).path.rsplit("/", 1)[-1])

    @property
    def subdir(self) -> str:
        """The folder of the channel that a conda package lies in: "linux-64" or "noarch"."""
        return urlsplit(self.url).path.rsplit("/", 2)[-2]

    @property
    def channel(self) -> str:
        """The URL of the channel that a conda package lies in."""
        return self.url.rsplit("/", 2)[0]

    @property
    def build(self) -> str:
        """conda's build string, from the file's name; "" for other packages."""
        stem = conda_stem(self.file_name) if self.manager == "conda" else ""
        return stem.rsplit("-", 1)[-1] if stem.count("-") >= 2 else ""

    @property
    def build_number(self) -> int:
        """conda's build number: by custom the end of the build string."""
        number = re.search(r"(?:^|_)(\d+)$", self.build)
        return int(number[1]) if number else 0

    def package(self) -> Package:
        """What there is to say of it to users."""
        return Package(
            name=self.name,
            version=self.version,
            manager=self.manager,
            build=self.build,
            url=self.url,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            license=self.license,
        )


def conda_stem(file_name: str) -> str:
    """A conda package's file name without its ending; "" when it is none."""
    return next((file_name[: -len(ending)] for ending in _CONDA_ENDINGS if file_name.endswith(ending)), "")


def is_python_package(package: Locked) -> bool:
    """Whether a conda package holds a Python package, as far as its record tells."""
    return "python" in package.dependencies or any(purl.startswith("pkg:pypi/") for purl in package.purls)


def public_url(url: str) -> str:
    """A URL as a lock file may hold it: without user and password, without a token in its path or query."""
    parts = urlsplit(url)
    query = "" if _SECRET_QUERY.search(parts.query) else parts.query
    path = _TOKEN.sub("", parts.path + "/")[:-1]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, query, ""))


# Where conda's name for a Python package is another than the package index's and the record does not say so. Only
# packages that people's pip parts depend on; for all others the two names are the same but for "-", "_" and ".".
_PYTHON_NAMES = {
    "dask-core": ("dask",),
    "libopencv-python": ("opencv-python",),
    "matplotlib-base": ("matplotlib",),
    "msgpack-python": ("msgpack",),
    "opencv": ("opencv-python", "opencv-python-headless"),
    "py-opencv": ("opencv-python", "opencv-python-headless"),
    "py-xgboost": ("xgboost",),
    "pyqt": ("pyqt5",),
    "pytables": ("tables",),
    "python-blosc": ("blosc",),
    "python-graphviz": ("graphviz",),
    "python-lmdb": ("lmdb",),
    "pytorch": ("torch",),
    "pytorch-cpu": ("torch",),
    "pytorch-gpu": ("torch",),
    "redis-py": ("redis",),
    "seaborn-base": ("seaborn",),
    "tensorflow-base": ("tensorflow",),
    "vtk-base": ("vtk",),
}


def python_names(package: Locked) -> tuple[str, ...]:
    """The names, normalised, under which a package index knows what a conda package holds; none if nothing Python."""
    purls = [purl.removeprefix("pkg:pypi/") for purl in package.purls if purl.startswith("pkg:pypi/")]
    if purls:
        return tuple(canonicalize_name(re.split(r"[@?#]", name)[0]) for name in purls)
    if not is_python_package(package):
        return ()
    return _PYTHON_NAMES.get(package.name, (canonicalize_name(package.name),))
