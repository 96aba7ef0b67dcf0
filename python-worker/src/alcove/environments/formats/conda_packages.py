"""What is asked of conda channels, checked as far as that goes without them."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..machine import PLATFORMS
from ..wanted import Dependency
from .definition import Definition, instead, shown

LineOf = Callable[[str], int | None]
"""The line in which a text stands."""

_MOST_PACKAGES = 2000
_LONGEST = 500
# rattler takes "not a spec at all" for a package with a version and a build; nobody means that.
_SHAPE = re.compile(
    r"(?:[\w.:/+-]+::)?"  # a channel
    r"[A-Za-z0-9_][\w.-]*"  # the name
    r"(?:\s*(?:[=<>!~]=?=?)\s*[\w.!*+|,<>=~ ()-]+|\s+[\d*][\w.!*+|,<>=~()-]*(?:\s+[\w.*]+)?|\s*\*)?"  # version, build
    r"(?:\s*\[[^\[\]]*\])?"
)
_CHANNEL = re.compile(r"(?:https?|file)://\S+|[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*")
_VERSION = re.compile(r"\d+(\.\d+)*")


def check_conda(
    definition: Definition, packages: object, line: int | None, line_of: LineOf, key: str = "conda"
) -> tuple[Dependency, ...]:
    """The packages of a list, as conda writes them; those that are not so are noted as mistakes."""
    if not isinstance(packages, list):
        definition.mistake(line, f"{key} must be a list", f'Write {key} = ["numpy>=1.26", "pytorch"]')
        return ()
    if len(packages) > _MOST_PACKAGES:
        definition.mistake(line, f"{key} names {len(packages)} packages", f"Name at most {_MOST_PACKAGES}")
        return ()
    places = [line_of(str(package)) or line for package in packages]
    return tuple(
        definition.dependency(str(package), place)
        for package, place in zip(packages, places, strict=True)
        if check_spec(definition, package, place)
    )


def check_spec(definition: Definition, text: object, line: int | None) -> bool:
    """Whether a text is one of conda's MatchSpecs; noted when it is none."""
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    hint = 'Write it like "numpy" or "numpy>=1.26,<3"; the name must be the channel\'s'
    reason = ""
    if isinstance(text, str) and len(text) <= _LONGEST and _SHAPE.fullmatch(text):
        try:
            MatchSpec(text)
            return True
        except InvalidMatchSpecError as error:
            reason = ": " + str(error).split("\n")[0]
    if isinstance(text, str) and (";" in text or "@" in text):
        hint = "That is how packages of an index are written: name it under dependencies (in YAML under pip:)"
    definition.mistake(line, f"{shown(text)} is not a conda package{reason}", hint)
    return False


def check_channels(
    definition: Definition, channels: object, line: int | None, line_of: LineOf, key: str = "channels"
) -> tuple[str, ...]:
    """Names or addresses of channels."""
    if not isinstance(channels, list):
        definition.mistake(line, f"{key} must be a list", f'Write {key} = ["conda-forge"]')
        return ()
    found: list[str] = []
    for channel in channels:
        place = line_of(str(channel)) or line
        if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
            definition.mistake(
                place, f"{shown(channel)} is not a channel", 'Write its name, "conda-forge", or its address'
            )
        elif channel in found:
            definition.mistake(place, f"the channel {channel!r} is named twice", "Name it once; the first counts most")
        else:
            found.append(channel)
    return tuple(found)


def check_platforms(
    definition: Definition, platforms: object, line: int | None, line_of: LineOf, key: str = "platforms"
) -> tuple[str, ...]:
    """conda's names of platforms."""
    if not isinstance(platforms, list):
        definition.mistake(line, f"{key} must be a list", f'Write {key} = ["linux-64", "win-64"]')
        return ()
    found: list[str] = []
    for platform in platforms:
        if platform not in PLATFORMS:
            place = line_of(str(platform)) or line
            definition.mistake(place, f"there is no platform {shown(platform)}", instead(str(platform), PLATFORMS))
        elif platform not in found:
            found.append(platform)
    return tuple(found)


def check_virtual_packages(
    definition: Definition, packages: object, line: int | None, key: str = "virtual-packages"
) -> dict[str, str]:
    """Versions of virtual packages by name."""
    if not isinstance(packages, dict):
        definition.mistake(line, f"{key} must be a table", f'Write {key} = {{"__cuda" = "12.4"}}')
        return {}
    found: dict[str, str] = {}
    for name, version in packages.items():
        if not re.fullmatch(r"__[a-z]+", str(name)):
            definition.mistake(
                line, f"{name!r} is not a virtual package", "They begin so: __cuda, __glibc, __osx, __win"
            )
        elif not isinstance(version, str) or (version and name != "__archspec" and not _VERSION.fullmatch(version)):
            definition.mistake(line, f"{version!r} is not a version of {name}", 'Write it like "12.4"')
        else:
            found[name] = version
    return found
