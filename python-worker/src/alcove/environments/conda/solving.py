"""What the solver is asked: a specification in conda's terms, for one platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.specifiers import Specifier, SpecifierSet

from ..context import Context
from ..specification import Specification
from ..wanted import OLDEST_PYTHON, Dependency

# What packages for another computer may count on; conda-forge's own builds are made for the same.
_OTHER_MACHINES: dict[str, dict[str, str]] = {
    "linux": {"__unix": "0", "__linux": "4.18", "__glibc": "2.28"},
    "osx-64": {"__unix": "0", "__osx": "12.0"},
    "osx-arm64": {"__unix": "0", "__osx": "12.0"},
    "win": {"__win": "10"},
}
_TOO_OLD = ("2.7", "2.7.18", *(f"3.{minor}.{patch}" for minor in range(9) for patch in (0, 20)))
_PROCESSORS = {
    "linux-64": "x86_64",
    "osx-64": "x86_64",
    "win-64": "x86_64",
    "linux-aarch64": "aarch64",
    "osx-arm64": "m1",
    "win-arm64": "aarch64",
}


@dataclass(frozen=True)
class Question:
    """Entries and circumstances of one solution."""

    platform: str
    specs: tuple[str, ...]
    """conda's MatchSpecs."""
    virtual_packages: Mapping[str, str]
    origins: Mapping[str, Dependency]
    """Who asked for an entry, by its text; what Alcove itself needs is not among them."""

    def to_json(self) -> dict[str, object]:
        """As rattler's process takes it."""
        return {
            "platform": self.platform,
            "specs": list(self.specs),
            "virtual_packages": dict(self.virtual_packages),
        }


def question(specification: Specification, context: Context, platform: str) -> Question:
    """What to ask for a platform: this computer's as it is, others as such computers usually are."""
    wanted = specification.wanted
    origins = {dependency.text: dependency for dependency in wanted.conda}
    specs = [*origins, f"python {_range(wanted.requires_python)}"]
    if wanted.requires_python:
        origins[specs[-1]] = _origin_of_python(specification)
    return Question(platform, tuple(dict.fromkeys(specs)), _virtual_packages(specification, context, platform), origins)


def _origin_of_python(specification: Specification) -> Dependency:
    place = specification.place_of_key("requires-python")
    file, _, line = place.rpartition(":")
    text = f"requires-python = {specification.wanted.requires_python!r}"
    return Dependency(text, file, int(line)) if line.isdigit() else Dependency(text, specification.source, None)


def _virtual_packages(specification: Specification, context: Context, platform: str) -> dict[str, str]:
    if platform == context.machine.platform:
        found = dict(context.machine.virtual_packages)
    else:
        system = platform.partition("-")[0]
        found = {**_OTHER_MACHINES.get(platform, _OTHER_MACHINES.get(system, {})), "__archspec": _PROCESSORS[platform]}
    found.update(specification.wanted.virtual_packages)
    return {name: version for name, version in found.items() if version}


def _range(requires_python: str) -> str:
    """A range of Pythons as conda writes it."""
    specifiers = SpecifierSet(requires_python)
    if any(specifiers.contains(version) for version in _TOO_OLD):
        specifiers &= SpecifierSet(OLDEST_PYTHON)
    return ",".join(_conda(specifier) for specifier in sorted(specifiers, key=str))


def _conda(specifier: Specifier) -> str:
    if specifier.operator == "==" and specifier.version.endswith(".*"):
        return specifier.version
    return specifier.operator.replace("===", "==") + specifier.version
