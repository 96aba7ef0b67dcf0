"""All that a run needs, made."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from pathlib import Path

from . import building
from .building import BENCHMARKS, BUILD, HOME, Java
from .programs import CaseSkipped

Command = tuple[Sequence["str | Path"], dict[str, str]]
"""A command line, and variables of its environment."""

# By itself Java takes a quarter, and images of 2 GB with their copies would not fit on a machine of 24 GB.
_HEAP = "-XX:MaxRAMPercentage=40"


class Kit:
    """Compiled programs and environments.

    Attributes:
        java: the java that everything runs on.
        python: that of peers, workers and plots.
        commands: how the programs are started that could be made.
        unavailable: program or case -> why there is none.
    """

    def __init__(self, java: str | None, jar: Path | None, python: str, wanted: Container[str]) -> None:
        """
        Args:
            wanted: the programs that will be asked for.
        """
        self.java = Java(java)
        self._jar = (jar or building.alcove_jar(self.java)).resolve()
        self.python = building.environment(python)
        self.commands: dict[str, Command] = {}
        self.unavailable: dict[str, CaseSkipped] = {}
        if "java" in wanted:
            self._add_alcove()
        if "appose" in wanted:
            self._add_appose()
        self.commands["peers"] = [self.python, BENCHMARKS / "peers" / "peers.py", HOME, BUILD], {}

    def _add_alcove(self) -> None:
        try:
            building.echo_child()
        except CaseSkipped as skipped:
            self.unavailable["c_echo"] = skipped
        classes = BUILD / "java"
        self.java.compile(BENCHMARKS / "java" / "speed", classes, self._jar)
        path = _path(classes, self._jar)
        command: list[str | Path] = [self.java.java, _HEAP, "-cp", path, "speed.Main", HOME, BUILD, self.python]
        self.commands["java"] = command, self.java.environment

    def _add_appose(self) -> None:
        build = BUILD / "appose"
        try:
            self.java.maven(BENCHMARKS / "java" / "appose", build)
        except CaseSkipped as skipped:
            self.unavailable["appose"] = skipped
            return
        path = _path(build / "classes", build / "lib" / "*")
        command: list[str | Path] = [
            self.java.java,
            _HEAP,
            "-cp",
            path,
            "peers.ApposeProgram",
            HOME,
            BUILD,
            self.python,
        ]
        # Appose takes the first python on the PATH; its README asks for nothing else.
        variables = {"PATH": os.pathsep.join([str(self.python.parent), os.environ["PATH"]])}
        self.commands["appose"] = command, {**self.java.environment, **variables}

    def growth(self, calls: int, samples: int) -> list[str | Path]:
        """The command that calls an op so often and prints so many samples."""
        classes = BUILD / "images"
        self.java.compile(BENCHMARKS / "java" / "images", classes, self._jar)
        # A heap that is soon at its bound: its growth is not what is looked for.
        return [self.java.java, "-Xmx64m", "-cp", _path(classes, self._jar), "images.Main",
                "growth", self.python, BENCHMARKS, str(calls), str(samples)]  # fmt: skip

    def inner_loops(self) -> str:
        """The class path of the benchmarks of JMH.

        Raises:
            CaseSkipped: when they could not be built.
        """
        build = BUILD / "jmh"
        self.java.maven(BENCHMARKS / "java" / "jmh", build, self._jar)
        return _path(build / "classes", build / "lib" / "*", self._jar)


def _path(*parts: Path) -> str:
    return os.pathsep.join(map(str, parts))
