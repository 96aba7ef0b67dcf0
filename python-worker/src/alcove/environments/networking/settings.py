"""The user's settings: channels, mirrors, proxies, certificates, caches.

Each has a key in ``settings.toml`` and a variable: ``concurrent-downloads`` is ``ALCOVE_CONCURRENT_DOWNLOADS``. A
variable beats the user's file, that beats the file of the whole machine, and that beats the default. Where the field
has a variable of its own (``HTTPS_PROXY``), it comes after ours.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from alcove.network_settings import FILE_VARIABLE, files

from ..failures import failure
from .masking import without_secrets
from .setting_kinds import KEYS, Kind, WrongValue, text_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Java reads them, too, and it reads no TOML; so they are variables alone.
_VARIABLES = {
    FILE_VARIABLE: "the user's settings file",
    "ALCOVE_DATA_DIR": "where environments, caches and the toolbox are",
    "ALCOVE_ENVIRONMENTS_PATH": "folders of environments that others made, only read",
}


@dataclass(frozen=True)
class Settings:
    """Every effective setting."""

    conda_engine: str = "rattler"
    """What makes environments with conda packages: "rattler" or "micromamba"."""
    micromamba: Path | None = None
    """The user's own micromamba executable."""
    channels: tuple[str, ...] = ("conda-forge",)
    """Names or URLs of the channels that hold when none is asked for."""
    allowed_channels: tuple[str, ...] = ("*",)
    """Names or URLs; "*" stands for every channel but Anaconda's own."""
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """URLs to use, the first that works, by the URL of a channel or package index that they stand for."""
    index: str | None = None
    """URL of the package index that is used instead of the public one."""
    extra_indexes: tuple[str, ...] = ()
    """URLs of further package indexes."""
    proxy: str | None = None
    """URL; "" for none at all, None for what the system says."""
    no_proxy: tuple[str, ...] = ()
    """Hosts and domains that are reached directly."""
    certificates: str = "system"
    """"system", or the path of a PEM file with the authorities to trust instead."""
    authentication_file: Path | None = None
    """Passwords and tokens by host, in rattler's and pixi's format."""
    package_caches: tuple[Path, ...] = ()
    """Folders of unpacked conda packages: the first writable one takes what is downloaded, the others are only read."""
    uv_cache: Path | None = None
    """uv's cache."""
    concurrent_downloads: int = 20
    timeout: int = 30
    """Seconds without any data after which a server counts as gone."""
    retries: int = 3
    offline: bool = False
    """Whether only what is on this machine may be used."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each setting that is not the default comes from: a variable's name, or a file with line."""

    @classmethod
    def load(cls, directory: Path, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings that hold for the environments in ``directory``.

        Raises:
            OpError: ``spec_invalid``, with every unknown key and every wrong value.
        """
        mistakes: list[_Mistake] = []
        found: dict[str, tuple[Any, str]] = {}
        for file in files(environment):
            found.update(_of_file(file, mistakes))
        found.update(_of_variables(environment, mistakes))
        if mistakes:
            raise _invalid(mistakes)
        values: dict[str, Any] = {"package_caches": (conda_cache(directory),), "uv_cache": uv_cache(directory)}
        values.update({_attribute(key): value for key, (value, _) in found.items()})
        return cls(**values, sources={key: source for key, (_, source) in found.items()})

    def describe(self, environment: Mapping[str, str] = os.environ) -> list[dict[str, Any]]:
        """Every setting with "name", "variable", "value", "text" (the value as the variable would have it), "source",
        "is_variable" (whether a variable set it), "description", "example" (a text, too) and "choices", and with
        passwords masked."""
        listed = [
            {
                "name": key,
                "variable": _variable(key),
                "value": _shown(getattr(self, _attribute(key))),
                "text": without_secrets(text_of(getattr(self, _attribute(key)), kind.parse)),
                "source": self.sources.get(key, "default"),
                "is_variable": self.sources.get(key, "") in (_variable(key), *kind.variables),
                "description": kind.description,
                "example": _example_text(key, kind),
                "choices": list(kind.choices),
            }
            for key, kind in KEYS.items()
        ]
        for name, description in _VARIABLES.items():
            value = environment.get(name)
            source = "default" if value is None else name
            row = {"name": None, "variable": name, "value": value, "source": source, "description": description}
            listed.append(row)
        return listed


def conda_cache(directory: Path) -> Path:
    """The own package cache for the environments in ``directory``: beside them, so on the same file system, so that
    files can be linked instead of copied."""
    return directory.absolute().parent / "cache" / "conda"


def uv_cache(directory: Path) -> Path:
    """uv's own cache for the environments in ``directory``; beside them for the same reason."""
    return directory.absolute().parent / "cache" / "uv"


def own_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's settings file, which may not be there yet.

    Raises:
        OpError: ``spec_invalid`` when a variable says that there shall be none.
    """
    if environment.get(FILE_VARIABLE) == "":
        raise failure(
            "spec_invalid", f"{FILE_VARIABLE} is empty, so there is no settings file", f"Unset {FILE_VARIABLE}"
        )
    return files(environment)[-1]


class _Mistake(NamedTuple):
    file: str
    """A file's path or a variable's name."""
    line: int | None
    message: str
    hint: str

    @property
    def place(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


def _invalid(mistakes: list[_Mistake]) -> Exception:
    message = "\n".join(f"{mistake.place}: {mistake.message}" for mistake in mistakes)
    return failure("spec_invalid", message, mistakes[0].hint, mistakes=[mistake._asdict() for mistake in mistakes])


def _of_file(file: Path, mistakes: list[_Mistake]) -> dict[str, tuple[Any, str]]:
    """Values and where they come from, by key."""
    try:
        text = file.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(_Mistake(str(file), None, f"cannot be read: {error}", "Correct or remove the file"))
        return {}
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        mistakes.append(_Mistake(str(file), int(line[1]) if line else None, str(error), "Correct that line"))
        return {}
    found = {}
    for key, value in table.items():
        line_number = _line_of(key, text)
        try:
            if key not in KEYS:
                mistakes.append(_Mistake(str(file), line_number, f"unknown setting {key!r}", _instead(key)))
            else:
                found[key] = (KEYS[key].from_toml(value, file.parent), f"{file}:{line_number}")
        except WrongValue as error:
            message = f"{key} must be {error}, and is {without_secrets(repr(value))}"
            mistakes.append(_Mistake(str(file), line_number, message, f"Write it like: {KEYS[key].example}"))
    return found


def _of_variables(environment: Mapping[str, str], mistakes: list[_Mistake]) -> dict[str, tuple[Any, str]]:
    found = {}
    for key, kind in KEYS.items():
        name = next((name for name in (_variable(key), *kind.variables) if _is_set(name, kind, environment)), None)
        if name is None:
            continue
        try:
            found[key] = (kind.from_text(environment[name]), name)
        except WrongValue as error:
            # What another program takes, uv's durations with a unit say, is not for us to refuse.
            if name == _variable(key):
                shown = without_secrets(environment[name])
                mistakes.append(_Mistake(name, None, f"must be {error}, and is {shown!r}", "Correct or unset it"))
    return found


def _is_set(name: str, kind: Kind, environment: Mapping[str, str]) -> bool:
    value = environment.get(name)
    # Only of ours, and only where it has a meaning, is an empty variable more than an unset one.
    return bool(value) or (value == "" and kind.empty_counts and name.startswith("ALCOVE_"))


def _line_of(key: str, text: str) -> int | None:
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[].=]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), None)


def _instead(key: str) -> str:
    close = difflib.get_close_matches(key.lower().replace("_", "-"), KEYS, n=1)
    return f"Did you mean {close[0]!r}?" if close else "Known settings: " + ", ".join(KEYS)


def _variable(key: str) -> str:
    return "ALCOVE_" + key.upper().replace("-", "_")


def _attribute(key: str) -> str:
    return key.replace("-", "_")


def _example_text(key: str, kind: Kind) -> str:
    """The example as its variable would have it."""
    return text_of(tomllib.loads(kind.example.replace(" and below ", "\n"))[key], kind.parse)


def _shown(value: Any) -> Any:
    """A value as JSON, without passwords."""
    if isinstance(value, Mapping):
        return {without_secrets(key): _shown(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    if isinstance(value, str | Path):
        return without_secrets(str(value))
    return value
