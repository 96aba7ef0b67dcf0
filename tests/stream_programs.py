"""Programs of both languages that write and read streams, told what to do line by line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Where Maven has put the classes; ./test java comes before the end-to-end tests.
JAVA_BUILD = Path(os.environ.get("ALCOVE_TEST_JAVA_BUILD", ROOT / "java-manager" / "target"))


def command(language: str, java_class: str, python_file: Path) -> list[str]:
    """What starts the Java or the Python program of two that do the same."""
    if language == "python":
        return [sys.executable, str(python_file)]
    libraries = (JAVA_BUILD / "test-class-path.txt").read_text().strip()
    class_path = os.pathsep.join([str(JAVA_BUILD / "classes"), str(JAVA_BUILD / "test-classes"), libraries])
    return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", class_path, f"org.alcove.{java_class}"]


def environment() -> dict[str, str]:
    """With the package ``alcove`` for Python."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "python-worker" / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


class Program:
    """A running ``StreamProgram`` of Java or ``stream_program.py``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._process = subprocess.Popen(
            command(language, "StreamProgram", ROOT / "tests" / "stream_program.py"),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: Any) -> str:
        """The answer to a command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().rstrip("\n")

    def tell(self, *words: Any) -> str:
        """The same of a command that must succeed."""
        answer = self.ask(*words)
        assert answer, f"{self.language} program ended at {words}"
        assert not answer.startswith("error"), f"{words}: {answer}"
        return answer

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """As ``kill -9`` does; returns when it is dead."""
        self._process.kill()
        self.end()

    def end(self) -> None:
        self._process.communicate()
