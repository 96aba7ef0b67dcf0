"""What is asked for: a name, an engine, and a text that says what the environment shall hold, checked before anything
else happens."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import formats
from .failures import failure
from .formats import FORMATS, Text
from .machine import VARIANTS, Machine
from .wanted import Wanted

ENGINES = ("auto", "rattler", "uv", "micromamba", "existing")

# Of conda, also where they name nothing but packages from indexes: Python itself comes from a channel.
_CONDA_FORMATS = ("environment.yml", "pixi.toml", "conda-lock.yml", "pixi.lock")
_NAME = re.compile(r"\w([\w.-]{0,98}\w)?")


@dataclass(frozen=True)
class Specification:
    """A checked specification; ``source`` and ``first_line`` serve messages, and finding what is relative to source."""

    name: str
    engine: str
    """As given: "auto" leaves the choice to ``engine_name``."""
    format: str
    """One of FORMATS."""
    text: str
    """The content of the file, for "script" the header's TOML, for the engine "existing" the interpreter's path."""
    source: str
    first_line: int | None
    variant: str
    """As given: "auto", "gpu" or "cpu"; ``wanted.variant`` is what was chosen."""
    wanted: Wanted
    reference: Path | None = None
    """The shared file that the text names instead of packages, and that ``wanted`` was read from."""

    @classmethod
    def parse(cls, values: dict[str, Any], machine: Machine | None = None) -> Specification:
        """Checks everything that can be known without a solver and reports all mistakes at once.

        Args:
            values: as ``to_json`` gives.
            machine: decides between variants; None for this one.

        Raises:
            OpError: ``spec_invalid``; ``details["mistakes"]`` has file, line, message and hint of each.
        """
        engine = _choice(values, "engine", ENGINES, "auto")
        variant = _choice(values, "variant", ("auto", *VARIANTS), "auto")
        text, source = _text(values, "text"), _text(values, "source", "")
        line = _first_line(values)
        name, format = check_name(values.get("name")), _choice(values, "format", FORMATS, "script")
        wanted, reference = Wanted(), None
        if engine != "existing":
            wanted, reference = formats.read(Text(format, text, source, line), machine or Machine.detect(), variant)
        parsed = cls(name, engine, format, text, source, line, variant, wanted, reference)
        parsed._check_engine()
        return parsed

    @property
    def engine_name(self) -> str:
        """The engine to use: the one that was asked for, else what the packages need."""
        if self.engine != "auto":
            return self.engine
        wanted = self.wanted
        conda = wanted.conda or wanted.channels or self._content_format in _CONDA_FORMATS
        return "rattler" if conda else "uv"

    @property
    def _content_format(self) -> str:
        return self.format if self.reference is None else formats.format_of(self.reference)

    @property
    def file(self) -> str:
        """The name, without its folder, of the file that asks, for messages."""
        return Path(self.source).name or self.name

    def on(self, platform: str, machine: Machine) -> Specification:
        """What the same text asks for, in the same variant, on another platform.

        Args:
            platform: conda's name.
            machine: the one that the specification was read for.
        """
        if platform == machine.platform:
            return self
        values = {**self.to_json(), "variant": self.wanted.variant or self.variant}
        return Specification.parse(values, replace(machine, platform=platform))

    def notes(self, machine: Machine) -> list[str]:
        """What its user should know: which variant is taken and why, and what of the text plays no role."""
        chosen = machine.overridden(self.wanted.virtual_packages).variant(self.variant)
        variant = [f"Using the {chosen.name} variant: {chosen.reason}"] if self.wanted.variant else []
        return [*variant, *self.wanted.notices]

    def check_platform(self, platform: str) -> None:
        """
        Raises:
            OpError: ``platform`` when the specification is for others.
        """
        platforms = self.wanted.platforms
        if platforms and platform not in platforms:
            raise failure(
                "platform",
                f"{self.file} is for {', '.join(platforms)}, and this computer is {platform}",
                f"Use it on such a computer, or add {platform!r} to its platforms",
                platforms=list(platforms),
            )

    def _check_engine(self) -> None:
        if self.engine == "uv" and replace(self, engine="auto").engine_name != "uv":
            first = (self.wanted.conda[0].place if self.wanted.conda else "") or self.file
            hint = "Let the engine be 'auto', or name packages of package indexes only"
            raise failure("spec_invalid", f"{first}: the engine 'uv' installs nothing from conda channels", hint)
        if self.engine in ("rattler", "micromamba") and self._content_format == "pylock.toml":
            hint = "Let the engine be 'auto' or 'uv', or make a conda-lock.yml"
            raise failure("spec_invalid", f"{self.file}: the engine {self.engine!r} reads no pylock.toml", hint)

    def place(self, line: int) -> str:
        """Where a line of the text, counted from 1, stands in its file."""
        return formats.place(Text(self.format, self.text, self.source, self.first_line), line)

    def place_of_key(self, key: str) -> str:
        """Where an entry of the text stands in its file."""
        name = re.escape(key.rpartition(".")[2])
        lines = enumerate(self.text.split("\n"), 1)
        found = (number for number, line in lines if re.search(rf"(?<![\w-]){name}[\"']?\s*[=\].]", line))
        return self.place(next(found, 1))

    def to_json(self) -> dict[str, Any]:
        """What the marker keeps, in the shape that ``parse`` takes."""
        known: dict[str, Any] = {
            "name": self.name,
            "engine": self.engine,
            "format": self.format,
            "text": self.text,
            "source": self.source,
            "variant": self.variant,
        }
        return known if self.first_line is None else {**known, "first_line": self.first_line}


def check_name(name: object) -> str:
    """The name, if it is fit to be a folder's on every system."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise failure(
        "spec_invalid",
        f"{name!r} cannot be the name of an environment",
        "Use up to 100 letters, digits, '.', '_' and '-', beginning and ending with a letter or digit",
    )


def _text(values: dict[str, Any], key: str, default: str | None = None) -> str:
    value = values.get(key, default)
    if not isinstance(value, str):
        raise failure("spec_invalid", f"The specification's {key!r} must be a text, not {value!r}", f"Give {key!r}")
    return value


def _choice(values: dict[str, Any], key: str, known: tuple[str, ...], default: str | None = None) -> str:
    value = _text(values, key, default)
    if value not in known:
        raise failure("spec_invalid", f"There is no {_WORDS[key]} {value!r}", formats.instead(value, known))
    return value


_WORDS = {"engine": "environment engine", "format": "format of environment files", "variant": "variant"}


def _first_line(values: dict[str, Any]) -> int | None:
    line = values.get("first_line")
    if line is not None and (not isinstance(line, int) or isinstance(line, bool) or line < 1):
        raise failure("spec_invalid", f"The specification's 'first_line' is {line!r}", "Count lines from 1")
    return line
