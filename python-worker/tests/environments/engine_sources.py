"""What each engine installs from, behind one face, so that one suite tests them all.

Each source offers "microscope" 1.0 and 2.0. Version 1.0 needs objective 1.0, eyepiece 2.0 and lamp, version 2.0 needs
objective 2.0, eyepiece 1.0 and camera.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Protocol

from channel_server import ChannelServer
from package_index import PackageIndex

NAME = "cells-1a2b3c4d"


class Held(Protocol):
    """A download that stops half-way."""

    reached: threading.Event
    dropped: threading.Event
    released: threading.Event


class Source:
    """An engine, and where its packages come from."""

    engine: str
    files = (("greeter.py", "greeter"), ("share/objective/version.txt", "objective"))
    """Two files and their packages."""
    kinds: tuple[str, ...] = ("added", "downgraded", "rebuilt", "removed", "upgraded")
    """What changes from one version to the other."""

    def specification(self, version: int, name: str = NAME) -> dict[str, Any]:
        """Asks for microscope of that version."""
        made_from = {"source": "/ops/cells.py", "first_line": 3}
        return {"name": name, "engine": self.engine, "format": "script", "text": self.text(version), **made_from}

    def text(self, version: int) -> str:
        """The header."""
        return f'[tool.alcove]\nconda = ["microscope {version}.*", "greeter"]\n'

    def version_in(self, prefix: Path) -> str:
        """Which microscope is installed there."""
        return (prefix / "share" / "microscope" / "version.txt").read_text(encoding="utf-8").split()[1]


class CondaSource(Source):
    """Engines for conda packages."""

    def __init__(self, engine: str, server: ChannelServer) -> None:
        self.engine = engine
        self._server = server

    def requests(self) -> int:
        return len(self._server.requests)

    def hold(self) -> Held:
        """Stops the download of objective half-way."""
        return self._server.hold("*/objective-*")

    def go(self) -> None:
        """Lets the network fail from now on."""
        self._server.stop()


class UvSource(Source):
    """Engine ``uv``."""

    engine = "uv"
    files = (("microscope.py", "microscope"), ("lamp.py", "lamp"))
    kinds = ("added", "downgraded", "removed", "upgraded")

    def __init__(self, index: PackageIndex) -> None:
        self._index = index
        index.add("microscope", "1.0", requires=["objective==1.0", "eyepiece==2.0", "lamp"])
        index.add("microscope", "2.0", requires=["objective==2.0", "eyepiece==1.0", "camera"])
        for name in ("objective", "eyepiece"):
            index.add(name, "1.0", pad=300_000)
            index.add(name, "2.0", pad=300_000)
        index.add("lamp")
        index.add("camera")

    def text(self, version: int) -> str:
        return f"dependencies = {json.dumps([f'microscope=={version}.0'])}\n"

    def version_in(self, prefix: Path) -> str:
        return next(prefix.glob("lib/python*/site-packages/microscope-*.dist-info")).name[11:14]

    def requests(self) -> int:
        return len(self._index.requests)

    def hold(self) -> Held:
        self._index.held |= {file for file in self._index.hashes if file.startswith("objective")}
        return self._index

    def go(self) -> None:
        self._index.close()
