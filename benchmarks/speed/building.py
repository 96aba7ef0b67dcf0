"""Makes what is measured and what measures; a second time it costs next to nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .programs import CaseSkipped

BENCHMARKS = Path(__file__).resolve().parents[1]
HOME = BENCHMARKS.parent
BUILD = BENCHMARKS / "target" / "build"
ENVIRONMENT = HOME / ".venv-benchmark"


class CannotRun(Exception):
    """Nothing can be measured.

    Attributes:
        hint: what to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Java:
    """The java that everything runs on, and its compiler."""

    def __init__(self, java: str | None) -> None:
        home = os.environ.get("JAVA_HOME")
        found = java or (str(Path(home, "bin", "java")) if home else shutil.which("java"))
        # Past links: in /usr/bin there may be a java and no javac.
        self.java = str(Path(found).resolve()) if found else "java"
        self._compiler = Path(self.java).with_name("javac")
        if not self._compiler.is_file():
            raise CannotRun(f"there is no JDK; java is {found}", "Install a JDK 17 or newer, or name one: --java FILE")
        self.environment = {"JAVA_HOME": str(self._compiler.parents[1])}

    def compile(self, sources: Path, classes: Path, jar: Path) -> None:
        """All sources below the folder."""
        files = sorted(sources.rglob("*.java"))
        with _Made(classes, [*files, jar]) as made:
            if made.is_missing:
                _run([self._compiler, "-d", classes, "-cp", jar, *files], "javac", "Install a JDK 17 or newer.")

    def maven(self, folder: Path, build: Path, jar: Path | None = None) -> None:
        """Classes and libraries, by a pom.

        Args:
            jar: that of Alcove, where the pom wants it.

        Raises:
            CaseSkipped: when Maven cannot make it.
        """
        files = sorted([folder / "pom.xml", *folder.rglob("*.java")])
        if not (folder / "pom.xml").is_file():
            raise CaseSkipped(f"there is no {folder.name}/pom.xml")
        with _Made(build, [*files, *([jar] if jar else [])]) as made:
            if made.is_missing:
                command = ["mvn", "-q", "-B", "-ntp", "-f", folder / "pom.xml", f"-Dspeed.build={build}",
                           *([f"-Dalcove.jar={jar}"] if jar else []), "process-classes"]  # fmt: skip
                try:
                    _run(command, "Maven", "", self.environment)
                except CannotRun as failure:
                    hint = "Install Maven 3.8 or newer, and check the network and the proxy in ~/.m2/settings.xml."
                    raise CaseSkipped(f"{folder.name} could not be built: {failure}", hint) from failure


def alcove_jar(java: Java) -> Path:
    """The launcher builds what is missing, or older than the sources."""
    _run([HOME / "alcove", "--version"], "./alcove", "./alcove says what is missing.", java.environment)
    return HOME / "java-manager" / "target" / "run" / "alcove.jar"


def echo_child() -> Path:
    """The C program that sends back what it gets.

    Raises:
        CaseSkipped: without a C compiler.
    """
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        raise CaseSkipped("there is no C compiler", "Debian and Ubuntu: apt install gcc libc6-dev")
    source, program = BENCHMARKS / "c" / "echo.c", BUILD / "echo"
    with _Made(program, [source]) as made:
        if made.is_missing:
            try:
                _run([compiler, "-O2", "-o", program, source], "the C compiler", "")
            except CannotRun as failure:
                raise CaseSkipped(str(failure), "Debian and Ubuntu: apt install gcc libc6-dev") from failure
    return program


def environment(python: str) -> Path:
    """The Python of the environment that peers, workers and plots share; made from pins with hashes."""
    pins = HOME / "envs" / "benchmark.txt"
    made = ENVIRONMENT / "bin" / "python"
    version = _run([python, "-VV"], python, "Name a Python 3.10 or newer: --python FILE")
    # The marker is written last: an environment that was left half-made is made anew.
    marker, wanted = ENVIRONMENT / ".made-from", hashlib.sha256(version.encode() + pins.read_bytes()).hexdigest()
    if marker.is_file() and marker.read_text(encoding="ascii") == wanted and made.exists():
        return made
    _say(f"Making the environment of the benchmarks in {ENVIRONMENT.name} ...")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    _run([python, "-m", "venv", ENVIRONMENT], f"{python} -m venv", "Debian and Ubuntu: apt install python3-venv")
    pip = [made, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "install", "--require-hashes", "--requirement", pins], "pip", "Check the network and pip's settings.")
    marker.write_text(wanted, encoding="ascii")
    return made


class _Made:
    """Something that is made of files: made again when one of them is another than then."""

    def __init__(self, made: Path, files: Iterable[Path]) -> None:
        self._made = made
        self._marker = made.with_name(made.name + ".made-from")
        # Times and sizes: the contents of a jar of some megabytes need not be read each time.
        stats = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
        self._wanted = hashlib.sha256(repr(stats).encode()).hexdigest()

    def __enter__(self) -> _Made:
        marked = self._marker.is_file() and self._marker.read_text(encoding="ascii") == self._wanted
        self.is_missing = not (marked and self._made.exists())
        if self.is_missing:
            if self._made.is_dir():
                shutil.rmtree(self._made)
            self._made.parent.mkdir(parents=True, exist_ok=True)
            _say(f"Making {self._made.name} for the benchmarks ...")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._marker.write_text(self._wanted, encoding="ascii")


def _run(command: Sequence[object], who: str, hint: str, environment: dict[str, str] | None = None) -> str:
    """What it printed on standard output.

    Raises:
        CannotRun: when it fails; the message holds the last that it said.
    """
    words = [str(word) for word in command]
    try:
        finished = subprocess.run(
            words, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace",
        )  # fmt: skip
    except OSError as failure:
        raise CannotRun(f"{who} did not start: {failure}", hint) from failure
    if finished.returncode != 0:
        said = [line for line in (finished.stdout + finished.stderr).splitlines() if line.strip()]
        raise CannotRun(f"{who} failed: " + "\n".join(said[-8:]), hint)
    return finished.stdout


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
