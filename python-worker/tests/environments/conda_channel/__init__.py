"""A real conda channel, made from Debian's packages and Python's wheels where no conda channel can be reached.

Its URL, for everybody who uses it, is conda-forge's; ``channel_server`` serves it there by way of a mirror. In it are:

- ``python`` 3.11 with the libraries that it needs, ``numpy``, ``tifffile``, ``packaging``, ``cowsay``, ``pip``: real
  ones; ``TWENTY`` is a request that installs twenty packages
- ``greeter`` 1.0 and 2.0: a module for every Python with a console script
- ``microscope`` 1.0 and 2.0 with ``objective``, ``eyepiece``, ``stage``, ``lamp``, ``camera``: from one to the other
  something is added, removed, upgraded, downgraded and rebuilt
- ``prefix-probe``: a program with a placeholder for its prefix; prints ``<prefix>/share/probe``
- ``activator``: variables and PATH by etc/conda/activate.d (ACTIVATOR_HOME and others)
- ``scripted``: has a post-link script, which must not run; ``elderly``: a .tar.bz2
- ``lonely`` (misses a package), ``old-fashioned`` with ``modern`` or ``picky`` with ``modern`` (exclude each other),
  ``needs-gpu``, ``needs-new-glibc``, ``needs-old-python``: unsolvable
- ``segmenter``: builds for machines with and without CUDA
- ``bulky``: 4 MB that take a while; no other package is needed
- ``tampered``: its archive is not what the channel says; ``unhashed``: the channel gives no SHA-256

For linux-aarch64, osx-64, osx-arm64 and win-64 there are records without files.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from .building import built

URL = "https://conda.anaconda.org/conda-forge"
TWENTY = ["python 3.11.*", "numpy", "packaging", "greeter"]


class Channel:
    """The channel's files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def built(cls) -> Channel:
        """The channel, built unless it is there."""
        return cls(built())

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """All records for linux-64 and noarch, with their file names ("fn") and URLs ("url")."""
        return [
            {**record, "fn": name, "url": f"{URL}/{subdir}/{name}"}
            for subdir in ("linux-64", "noarch")
            for kind in ("packages", "packages.conda")
            for name, record in json.loads((self.directory / subdir / "repodata.json").read_text())[kind].items()
        ]

    def record(self, name: str, version: str | None = None) -> dict[str, Any]:
        """The record of a package; of its newest version if none is given."""
        found = [each for each in self.records if each["name"] == name and version in (None, each["version"])]
        return max(found, key=lambda each: (each["version"], each["build_number"]))

    def archive(self, name: str, version: str | None = None) -> Path:
        """The file of a package."""
        record = self.record(name, version)
        return self.directory / str(record["subdir"]) / str(record["fn"])
