"""Where things lie in an environment, which differs between conda's and Python's and between systems."""

from __future__ import annotations

import os
from pathlib import Path


def conda_python(prefix: Path) -> Path:
    """The interpreter of a conda environment."""
    return prefix / ("python.exe" if os.name == "nt" else "bin/python")


def site_packages(prefix: Path) -> Path:
    """Where the Python of an environment of either kind has its packages."""
    if os.name == "nt":
        return prefix / "Lib" / "site-packages"
    return next((prefix / "lib").glob("python*/site-packages"), prefix / "lib")
