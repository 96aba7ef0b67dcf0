"""pixi.toml: the packages of pixi's default environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..machine import Machine
from ..wanted import Dependency, Wanted
from .conda_packages import check_channels, check_platforms, check_spec, check_virtual_packages
from .definition import Definition
from .python_packages import check_requirement
from .toml_text import TomlText

_PACKAGES = ("dependencies", "pypi-dependencies")
_KEYS = ("workspace", "project", *_PACKAGES, "target", "system-requirements", "pypi-options")
# They say nothing about packages, or about environments other than the default one.
_IGNORED = ("tasks", "feature", "environments", "activation", "package", "tool", "$schema")
_NOT_HERE = {
    "host-dependencies": "Name what the op needs under [dependencies]",
    "build-dependencies": "Name what the op needs under [dependencies]",
    "dev": "Name what the op needs under [dependencies]",
    "constraints": "Write the limit behind the package under [dependencies]",
}
_KEYS_OF_WORKSPACE = ("channels", "platforms")
_IGNORED_IN_WORKSPACE = (
    "name version description authors license license-file readme homepage repository documentation preview "
    "requires-pixi channel-priority conda-pypi-map"
).split()
_KEYS_OF_SPEC = ("version", "build", "build-number", "channel", "subdir", "md5", "sha256")
_KEYS_OF_REQUIREMENT = (
    "version",
    "extras",
    "url",
    "git",
    "rev",
    "branch",
    "tag",
    "subdirectory",
    "index",
    "env-markers",
)
_VIRTUAL_PACKAGES = {"cuda": "__cuda", "macos": "__osx", "linux": "__linux"}
_TARGETS = {"unix": ("linux-", "osx-"), "linux": ("linux-",), "osx": ("osx-",), "win": ("win-",)}
_EVERYTHING = "*"


@dataclass
class _Found:
    conda: list[Dependency] = field(default_factory=list)
    python: list[Dependency] = field(default_factory=list)
    uv: dict[str, Any] = field(default_factory=dict)


def read(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """What a pixi.toml asks for on this machine; its mistakes are noted in ``definition``."""
    toml = TomlText(definition)
    if definition.mistakes:
        return Wanted()
    for key in toml.table:
        if key in _NOT_HERE:
            definition.mistake(toml.line(key), f"[{key}] is not supported", _NOT_HERE[key])
        elif key not in (*_KEYS, *_IGNORED):
            definition.unknown(toml.line(key), f"entry {key!r}", key, _KEYS)
    found = _Found()
    _take_options(toml, found)
    _take_packages(toml, toml.table, found)
    _take_targets(toml, machine.platform, found)
    _check_environments(toml)
    channels, platforms = _workspace(toml)
    return Wanted(
        conda=tuple(found.conda),
        python=tuple(found.python),
        uv=found.uv,
        channels=channels,
        platforms=platforms,
        virtual_packages=_system_requirements(toml),
        notices=_notices(toml),
    )


def _workspace(toml: TomlText) -> tuple[tuple[str, ...], tuple[str, ...]]:
    name = "project" if "project" in toml.table else "workspace"
    if "project" in toml.table and "workspace" in toml.table:
        hint = "Move the entries of [project], its older name, to [workspace]"
        toml.definition.mistake(toml.line("project"), "[project] and [workspace] are the same", hint)
    workspace = _table(toml, toml.table, name)
    for key in workspace:
        if key not in (*_KEYS_OF_WORKSPACE, *_IGNORED_IN_WORKSPACE):
            toml.definition.unknown(toml.line(name, key), f"entry {key!r} in [{name}]", key, _KEYS_OF_WORKSPACE)
    channels = workspace.get("channels", [])
    if isinstance(channels, list):
        channels = [channel.get("channel") if isinstance(channel, dict) else channel for channel in channels]
    return (
        check_channels(toml.definition, channels, toml.line(name, "channels"), _finder(toml, name, "channels")),
        check_platforms(
            toml.definition,
            workspace.get("platforms", []),
            toml.line(name, "platforms"),
            _finder(toml, name, "platforms"),
        ),
    )


def _take_targets(toml: TomlText, platform: str, found: _Found) -> None:
    for name, target in _table(toml, toml.table, "target").items():
        line = toml.line("target", name)
        if not isinstance(target, dict):
            toml.definition.mistake(line, f"target.{name} must be a table", f"Write [target.{name}.dependencies]")
            continue
        for key in target:
            if key not in (*_PACKAGES, "tasks", "activation"):
                path = f"[target.{name}]"
                toml.definition.unknown(toml.line("target", name, key), f"entry {key!r} in {path}", key, _PACKAGES)
        elsewhere = _Found()  # packages for other platforms are checked as well, but not wanted
        fits = any(platform.startswith(start) for start in _TARGETS.get(name, (name,)))
        _take_packages(toml, target, found if fits else elsewhere, "target", name)


def _take_packages(toml: TomlText, table: dict[str, Any], found: _Found, *path: str) -> None:
    for name, spec in _table(toml, table, "dependencies", *path).items():
        line = toml.line(*path, "dependencies", name)
        text = _match_spec(toml.definition, name, spec, line)
        if text and check_spec(toml.definition, text, line):
            found.conda.append(toml.definition.dependency(text, line))
    for name, spec in _table(toml, table, "pypi-dependencies", *path).items():
        line = toml.line(*path, "pypi-dependencies", name)
        text = _requirement(toml.definition, name, spec, line, found)
        if text and check_requirement(toml.definition, text, line):
            found.python.append(toml.definition.dependency(text, line))


def _match_spec(definition: Definition, name: str, spec: Any, line: int | None) -> str:
    if isinstance(spec, str):
        return name if spec == _EVERYTHING else f"{name} {spec}"
    if not isinstance(spec, dict):
        definition.mistake(line, f"{spec!r} is not a version of {name}", f'Write {name} = ">=1.2" or {name} = "*"')
        return ""
    texts = _texts(definition, name, spec, line, _KEYS_OF_SPEC)
    channel = texts.pop("channel", "")
    brackets = ",".join(f'{key.replace("-", "_")}="{value}"' for key, value in texts.items() if value != _EVERYTHING)
    return f"{channel}::{name}" * bool(channel) + name * (not channel) + (f"[{brackets}]" if brackets else "")


def _requirement(definition: Definition, name: str, spec: Any, line: int | None, found: _Found) -> str:
    if isinstance(spec, str):
        return name if spec == _EVERYTHING else f"{name}{_bounded(spec)}"
    if not isinstance(spec, dict):
        definition.mistake(line, f"{spec!r} is not a version of {name}", f'Write {name} = ">=1.2" or {name} = "*"')
        return ""
    for key in ("path", "editable"):
        if key in spec:
            hint = "Name a published version, or the address of a wheel; what can be edited cannot be locked"
            definition.mistake(line, f"{name} is taken from a local folder", hint)
            return ""
    extras = spec.get("extras", [])
    if not isinstance(extras, list) or not all(isinstance(extra, str) for extra in extras):
        definition.mistake(line, f"the extras of {name} must be a list of texts", 'Write extras = ["all"]')
        extras = []
    texts = _texts(definition, name, {key: spec[key] for key in spec if key != "extras"}, line, _KEYS_OF_REQUIREMENT)
    if "index" in texts:
        found.uv.setdefault("index", []).append({"name": f"{name}-index", "url": texts["index"], "explicit": True})
        found.uv.setdefault("sources", {})[name] = {"index": f"{name}-index"}
    start = name + (f"[{','.join(extras)}]" if extras else "")
    end = f" ; {texts['env-markers']}" if "env-markers" in texts else ""
    if "git" in texts:
        revision = next((f"@{texts[key]}" for key in ("rev", "tag", "branch") if key in texts), "")
        folder = f"#subdirectory={texts['subdirectory']}" if "subdirectory" in texts else ""
        return f"{start} @ git+{texts['git'].removeprefix('git+')}{revision}{folder}{end}"
    if "url" in texts:
        return f"{start} @ {texts['url']}{end}"
    version = texts.get("version", _EVERYTHING)
    return start + ("" if version == _EVERYTHING else _bounded(version)) + end


def _bounded(version: str) -> str:
    """A version alone means that very one."""
    return version if re.match(r"\s*[=<>!~]", version) else f"=={version}"


def _texts(
    definition: Definition, name: str, spec: dict[str, Any], line: int | None, known: tuple[str, ...]
) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in spec.items():
        if key not in known:
            definition.unknown(line, f"entry {key!r} of {name}", key, known)
        elif not isinstance(value, str) or re.search(r"[\"'\[\]\n]", value) and key != "env-markers":
            definition.mistake(line, f"{key} of {name} is {value!r}", "Write a text")
        else:
            texts[key] = value
    return texts


def _take_options(toml: TomlText, found: _Found) -> None:
    options = _table(toml, toml.table, "pypi-options")
    known: dict[str, Callable[[Any], None]] = {
        "index-url": lambda url: _indexes(found, [url], default=True),
        "extra-index-urls": lambda urls: _indexes(found, urls, default=False),
        "find-links": lambda links: found.uv.update({"find-links": [link["url"] for link in links]}),
        "no-build": lambda value: found.uv.update({"no-build": bool(value)} if value is not False else {}),
        "index-strategy": lambda value: found.uv.update({"index-strategy": str(value)}),
    }
    for key, value in options.items():
        line = toml.line("pypi-options", key)
        if key not in known:
            toml.definition.unknown(line, f"entry {key!r} in [pypi-options]", key, known)
            continue
        try:
            known[key](value)
        except (TypeError, KeyError):
            toml.definition.mistake(line, f"{key} in [pypi-options] is {value!r}", "Write it as pixi's manual says")


def _indexes(found: _Found, urls: Any, *, default: bool) -> None:
    for url in urls:
        if not isinstance(url, str):
            raise TypeError
        found.uv.setdefault("index", []).append({"url": url, "default": True} if default else {"url": url})


def _system_requirements(toml: TomlText) -> dict[str, str]:
    versions: dict[str, str] = {}
    for key, value in _table(toml, toml.table, "system-requirements").items():
        line = toml.line("system-requirements", key)
        if key == "libc":
            version = value.get("version") if isinstance(value, dict) else value
            versions |= check_virtual_packages(toml.definition, {"__glibc": version}, line)
        elif key in _VIRTUAL_PACKAGES:
            versions |= check_virtual_packages(toml.definition, {_VIRTUAL_PACKAGES[key]: value}, line)
        elif key != "archspec":
            known = (*_VIRTUAL_PACKAGES, "libc")
            toml.definition.unknown(line, f"entry {key!r} in [system-requirements]", key, known)
    return versions


def _check_environments(toml: TomlText) -> None:
    if "default" in _table(toml, toml.table, "environments"):
        hint = "Only what stands outside features is installed: move it to [dependencies]"
        toml.definition.mistake(toml.line("environments", "default"), "the default environment takes features", hint)


def _notices(toml: TomlText) -> tuple[str, ...]:
    features = toml.table.get("feature")
    left_out = [
        *([f"features ({', '.join(features)})"] if isinstance(features, dict) and features else []),
        *(["activation"] if toml.table.get("activation") else []),
        *(["the package itself"] if toml.table.get("package") else []),
    ]
    return (f"Not taken from {toml.definition.file}: {'; '.join(left_out)}",) if left_out else ()


def _table(toml: TomlText, table: dict[str, Any], key: str, *path: str) -> dict[str, Any]:
    value = table.get(key, {})
    if isinstance(value, dict):
        return value
    name = ".".join([*path, key])
    toml.definition.mistake(toml.line(*path, key), f"{name} must be a table", f"Write [{name}] above its entries")
    return {}


def _finder(toml: TomlText, *path: str) -> Callable[[str], int | None]:
    return lambda text: toml.line_of(text, *path)
