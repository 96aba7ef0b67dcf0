"""A real ImageJ in a real window, driven from here; its other half is ``org.alcove.drive`` among Java's tests."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

OPS = Path(__file__).resolve().parent / "ops"
ROOT = Path(__file__).resolve().parent.parent.parent
# Where Maven has put jars and classes; ./test java comes before the windows.
JAVA_BUILD = Path(os.environ.get("ALCOVE_TEST_JAVA_BUILD", ROOT / "java-manager" / "target"))
DRIVER = "org/alcove/drive"
# Signs that something hangs; nothing is expected to take that long.
SECONDS_TO_ANSWER = int(os.environ.get("ALCOVE_TEST_PATIENCE", "120"))
SECONDS_TO_END = 60


def plugin_jar() -> Path:
    """The one file that users put into their plugins folder."""
    jars = sorted(JAVA_BUILD.glob("Alcove_-*.jar"), key=lambda path: path.stat().st_mtime)
    assert jars, f"There is no plugin jar in {JAVA_BUILD}: ./test java builds it, if its tests pass."
    return jars[-1]


def library(name: str) -> Path:
    """A jar that Maven has for the tests, by a part of its path."""
    paths = (JAVA_BUILD / "test-class-path.txt").read_text().strip().split(os.pathsep)
    return next(Path(path) for path in paths if name in path)


class ImageJFolder:
    """An ImageJ as somebody has it on disk: plugins and macros; and a home folder for what ImageJ remembers."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ops = directory / "plugins" / "Alcove"
        self.home = directory / "home"
        self.ops.mkdir(parents=True)
        (directory / "macros").mkdir()
        self.home.mkdir()

    def install(self) -> ImageJFolder:
        """Drops our jar into it."""
        shutil.copy(plugin_jar(), self.directory / "plugins")
        return self

    def add(self, *files: Path) -> ImageJFolder:
        for file in files:
            shutil.copy(file, self.ops)
        return self

    def write(self, name: str, text: str) -> Path:
        """An op file of this text."""
        file = self.ops / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


class DriverFailedError(AssertionError):
    """What ImageJ was asked for did not happen."""


@dataclass(frozen=True)
class Image:
    """Pixels (t, z, c, y, x) without axes of length 1, and what ImageJ knows besides."""

    pixels: Any
    facts: dict[str, Any]


class ImageJ:
    """One running ImageJ. Every method waits until what it asks for has happened."""

    def __init__(
        self,
        folder: ImageJFolder,
        variables: dict[str, str],
        scratch: Path,
        java: str = "java",
        wrapper: Sequence[str] = (),
    ) -> None:
        self.scratch = scratch
        classes = scratch / "driver"
        if not classes.exists():
            shutil.copytree(JAVA_BUILD / "test-classes" / DRIVER, classes / DRIVER)
        self.process = subprocess.Popen(
            [
                *wrapper,
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "-Dfile.encoding=UTF-8",
                f"-Duser.home={folder.home}",
                f"-Dplugins.dir={folder.directory}",
                *os.environ.get("ALCOVE_TEST_JAVA_OPTIONS", "").split(),
                "-cp",
                os.pathsep.join([str(library("/net/imagej/ij/")), str(classes)]),
                "org.alcove.drive.Driver",
                # By a common port the second ImageJ of a user would hand its arguments to the first and go.
                f"-port{1 + int.from_bytes(os.urandom(2), 'big') % 8000}",
            ],
            cwd=scratch,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.errors: deque[str] = deque(maxlen=400)
        self._answers: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._answer("start")

    # ---- Talking ---------------------------------------------------------------------------------------------------

    def _read_answers(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(iter(self.process.stderr.readline, ""))

    def ask(self, command: str, *arguments: object) -> Any:
        assert self.process.stdin is not None
        words = [command, *map(str, arguments)]
        line = "\t".join(word.replace("\\", "\\b").replace("\n", "\\n").replace("\t", "\\t") for word in words)
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):  # the second: it has been ended from here
            raise DriverFailedError(f"{command}: ImageJ has ended\n{self._said()}") from None
        return self._answer(" ".join(words))

    def _answer(self, asked: str) -> Any:
        try:
            line = self._answers.get(timeout=SECONDS_TO_ANSWER)
        except queue.Empty:
            stacks = self._stacks()
            self.end()
            raise DriverFailedError(f"{asked}: no answer from ImageJ\n{stacks}") from None
        verdict, _, answer = line.partition("\t")
        if verdict != "ok":
            raise DriverFailedError(f"{asked}: {json.loads(answer) if answer else 'ImageJ has ended'}\n{self._said()}")
        return json.loads(answer)

    def _said(self) -> str:
        return "".join(self.errors)

    def _stacks(self) -> str:
        stacks = subprocess.run(["jstack", str(self.process.pid)], capture_output=True, text=True, check=False)
        busy = ('"main"', '"Run$', '"AWT-EventQueue')
        threads = [stack for stack in stacks.stdout.split("\n\n") if stack.startswith(busy)]
        return self._said() + "\n\n".join(threads)

    # ---- Menus and windows -----------------------------------------------------------------------------------------

    def menus(self) -> list[str]:
        """Every entry, as Plugins>Alcove>Environments..."""
        return list(self.ask("menus"))

    def choose(self, path: str) -> None:
        self.ask("menu", path)

    def refresh(self, awaited: str) -> None:
        """Looks for op files anew, until the entry is there."""
        self.choose("Plugins>Alcove>Refresh Ops")
        self.until(lambda: awaited in self.menus(), awaited)

    def run_command(self, path: str, **values: object) -> None:
        """Chooses a command, fills its dialog and presses OK."""
        self.choose(path)
        dialog = self.wait(path.split(">")[-1].removesuffix("..."))
        self.fill(dialog, **values)
        self.click(dialog, "OK")

    def windows(self) -> list[str]:
        return list(self.ask("windows"))

    def wait(self, title: str) -> str:
        """Waits for a window; a title that ends in * begins so. Gives its whole title."""
        return str(self.ask("wait", title))

    def wait_gone(self, title: str) -> None:
        self.ask("wait-gone", title)

    def wait_text(self, title: str, text: str) -> str:
        """Waits until a part of the window holds the text, and gives all that stands there."""
        return str(self.ask("wait-text", title, text))

    def wait_read(self, title: str) -> str:
        """Waits for a window, and gives all that can be read in it."""
        return self.texts(self.wait(title))

    def parts(self, title: str) -> list[dict[str, Any]]:
        """What is to be seen in a window, in reading order."""
        return list(self.ask("window", title))

    def texts(self, title: str) -> str:
        """All that can be read in a window."""
        return "\n".join(f"{part['text']} {part['value'] or ''}".strip() for part in self.parts(title))

    def value(self, title: str, part: str) -> Any:
        return next(found["value"] for found in self.parts(title) if part in (found["name"], found["text"]))

    def click(self, title: str, part: str) -> None:
        self.ask("click", title, part)

    def fill(self, title: str, **values: object) -> None:
        """Types, chooses or ticks; a blank stands for each _ in the labels of fields."""
        for label, value in values.items():
            shown = str(value).lower() if isinstance(value, bool) else value
            self.ask("fill", title, label.replace("_", " "), shown)

    def set(self, title: str, part: str, value: object) -> None:
        self.ask("fill", title, part, str(value).lower() if isinstance(value, bool) else value)

    def keys(self, title: str, *chords: str) -> None:
        """Presses keys once the window has the focus, which it must get by itself."""
        self.ask("wait-focus", title)
        for chord in chords:
            self.ask("keys", chord)

    def close(self, title: str) -> None:
        self.ask("close", title)

    def picture(self, file: Path, title: str = "") -> Path:
        """A window, or the whole screen, as a PNG."""
        self.ask("picture", title, file)
        return file

    # ---- Images, tables, macros ------------------------------------------------------------------------------------

    def open(self, file: Path) -> str:
        return str(self.ask("open", file))

    def images(self) -> list[str]:
        return list(self.ask("images"))

    def image(self, title: str) -> Image:
        self.until(lambda: title in self.images(), f"an image {title}")
        file = self.scratch / "pixels"
        facts = self.ask("image", title, file)
        dtype = {"uint8 colours": "uint8", "rgb": ">u4"}.get(facts["type"], facts["type"])
        pixels = numpy.fromfile(file, numpy.dtype(dtype).newbyteorder(">")).reshape(facts["shape"])
        return Image(pixels.squeeze(axis=tuple(axis for axis in range(3) if pixels.shape[axis] == 1)), facts)

    def table(self, title: str) -> dict[str, list[str]]:
        self.until(lambda: title in self.ask("tables"), f"a table {title}")
        return dict(self.ask("table", title))

    def overlay(self, title: str) -> list[dict[str, Any]]:
        return list(self.ask("overlay", title))

    def log(self) -> str:
        return str(self.ask("log"))

    def status(self) -> str:
        return str(self.ask("status"))

    def macro(self, text: str) -> str:
        """Runs it to its end; what it returns, or [aborted]."""
        return str(self.ask("macro", text))

    def start_macro(self, text: str) -> None:
        self.ask("start-macro", text)

    def record(self) -> None:
        self.ask("record")

    def recorded(self) -> str:
        return str(self.ask("recorded"))

    def tidy(self) -> None:
        """Closes everything but ImageJ's own window, and asks nobody."""
        self.ask("tidy")

    def until(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + SECONDS_TO_ANSWER
        while not condition():
            if time.monotonic() > end:
                raise DriverFailedError(
                    f"{what} never came; windows: {self.windows()}; log: {self.log()}\n{self._said()}"
                )
            time.sleep(0.05)

    # ---- The end ---------------------------------------------------------------------------------------------------

    def wait_end(self) -> int:
        """Waits until the process has ended by itself."""
        return self.process.wait(SECONDS_TO_END)

    def quit(self) -> None:
        """As its user does, when nothing runs."""
        self.choose("File>Quit")
        self.wait_end()

    def end(self) -> None:
        """Ends the process, however it is."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS_TO_END)
        for reader in self._readers:
            reader.join(SECONDS_TO_END)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                pass


Starter = Callable[..., ImageJ]


@dataclass
class FirstUse:
    """An ImageJ that was made ready by hand, and what was seen on the way."""

    imagej: ImageJ
    folder: ImageJFolder
    question: str
    wizard: str
    before_agreeing: list[str]


@dataclass(frozen=True)
class Picture:
    """An image file and what is in it."""

    file: Path
    pixels: Any

    @property
    def title(self) -> str:
        return self.file.name
