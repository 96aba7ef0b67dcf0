"""requirements.txt: packages one per line, as pip reads them, with the options that decide what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..machine import Machine
from ..wanted import Dependency, Wanted
from .definition import Definition, instead, shown
from .python_packages import check_requirement, check_requires_python

_MOST_LINES = 20_000
_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"--hash[= ]\s*(\S+)")
_KNOWN_HASH = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_OPTION = re.compile(r"(--?[A-Za-z][\w-]*)(?:(?:\s*=\s*|\s+)(.*))?", re.DOTALL)
_REQUIRES_PYTHON = re.compile(r"^#[ \t]*requires-python[ \t]*=[ \t]*[\"']([^\"'\n]*)[\"']", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_LOCAL = re.compile(r"\.{0,2}[/\\]|[A-Za-z]:[/\\]|file:|.*\.(?:whl|tar\.gz|zip)$")

_SHORT = {"-i": "--index-url", "-f": "--find-links", "-r": "--requirement", "-c": "--constraint", "-e": "--editable"}
_REFUSED = {
    "--requirement": "Copy the lines of that file into this one: its changes could not be noticed",
    "--constraint": "Write the limits of that file behind the packages here",
    "--editable": "Name a published version, or the address of a wheel; what can be edited cannot be locked",
    "--trusted-host": "Remove it; set UV_INSECURE_HOST on the machines that need it",
    "--prefer-binary": "Remove it, or write '--only-binary :all:'",
    "--use-feature": "Remove it; it is for pip alone",
    "--process-dependency-links": "Remove it; it is for pip alone",
}
_TAKEN = ("--index-url", "--extra-index-url", "--find-links", "--no-index", "--pre", "--only-binary", "--no-binary")
_KNOWN = (*_TAKEN, *_REFUSED, "--require-hashes", "--hash")


class _Line(NamedTuple):
    text: str
    number: int


class Requirements:
    """What lines of a requirements.txt, or of a ``pip:`` part, add up to."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.packages: list[Dependency] = []
        self.uv: dict[str, Any] = {}
        self.must_have_hashes = False
        self._without_hash: list[tuple[Dependency, int]] = []
        self._unpinned: list[tuple[Dependency, int]] = []

    def take(self, text: str, number: int) -> None:
        """Notes one line, which has no comment and no line break any more."""
        if _VARIABLE.search(text):
            hint = "Write it out; a password for an index belongs into UV_INDEX_<NAME>_PASSWORD or a .netrc file"
            self._definition.mistake(number, "environment variables are not filled in here", hint)
        elif text.startswith("-"):
            self._take_option(text, number)
        elif _LOCAL.match(text.partition("@")[0].strip()):
            hint = "Write 'name @ https://...' or 'name @ file:///...' with the full address of a wheel"
            self._definition.mistake(number, f"{shown(text)} is a file", hint)
        else:
            self._take_package(text, number)

    def check_hashes(self) -> bool:
        """Whether all packages have hashes; where only some have, the others are noted."""
        hashed = len(self.packages) > len(self._without_hash)
        if not self.packages or not (hashed or self.must_have_hashes):
            return False
        for package, number in self._without_hash:
            hint = "Give every package a hash or none; 'uv pip compile --generate-hashes' writes them"
            self._definition.mistake(number, f"{package.text!r} has no hash, and others have", hint)
        for package, number in self._unpinned:
            self._definition.mistake(
                number, f"{package.text.split(' --hash')[0]!r} has a hash but no version", "Write '=='"
            )
        return True

    def _take_package(self, text: str, number: int) -> None:
        bare, *options = re.split(" (?=--)", text)
        hashes = []
        for option in options:
            match = _HASH.fullmatch(option.strip())
            if match is None:
                message = f"the option {option.split('=')[0].split()[0]!r} of a package is not understood"
                self._definition.mistake(number, message, "Only --hash=sha256:... can follow a package")
            elif not _KNOWN_HASH.fullmatch(match[1]):
                self._definition.mistake(number, f"{shown(match[1])} is no hash", "Write --hash=sha256: and 64 digits")
            else:
                hashes.append(f"--hash={match[1]}")
        requirement = check_requirement(self._definition, bare.strip(), number)
        if requirement is None:
            return
        dependency = self._definition.dependency(" ".join([bare.strip(), *hashes]), number)
        self.packages.append(dependency)
        if not hashes:
            self._without_hash.append((dependency, number))
        elif requirement.url is None and not any(each.operator in ("==", "===") for each in requirement.specifier):
            self._unpinned.append((dependency, number))

    def _take_option(self, text: str, number: int) -> None:
        match = _OPTION.fullmatch(text)
        name = _SHORT.get(match[1], match[1]) if match else text.split()[0]
        value = (match[2] or "").strip() if match else ""
        if name in _REFUSED:
            self._definition.mistake(number, f"{name} is not possible here", _REFUSED[name])
        elif name == "--require-hashes":
            self.must_have_hashes = True
        elif name not in _TAKEN:
            self._definition.mistake(number, f"unknown option {shown(name)}", instead(name, _KNOWN))
        elif not value and name not in ("--no-index", "--pre"):
            self._definition.mistake(number, f"{name} says nothing", f"Write what it is for: {name} ...")
        else:
            self._set(name, value, number)

    def _set(self, name: str, value: str, number: int) -> None:
        if name == "--no-index":
            self.uv["no-index"] = True
        elif name == "--pre":
            self.uv["prerelease"] = "allow"
        elif name in ("--only-binary", "--no-binary"):
            self._restrict("no-build" if name == "--only-binary" else "no-binary", value)
        elif not re.match(r"(?:https?|file)://\S+$", value):
            self._definition.mistake(number, f"{name} {shown(value)} is no address", "Write it in full: https://...")
        elif name == "--find-links":
            self.uv.setdefault("find-links", []).append(value)
        else:
            self._add_index(value, name == "--index-url", number)

    def _add_index(self, url: str, default: bool, number: int) -> None:
        indexes = self.uv.setdefault("index", [])
        if default and any(index.get("default") for index in indexes):
            self._definition.mistake(
                number, "--index-url stands there twice", "Write --extra-index-url for further ones"
            )
            return
        indexes.append({"url": url, "default": True} if default else {"url": url})

    def _restrict(self, key: str, value: str) -> None:
        for name in value.split(","):
            if name.strip() == ":all:":
                self.uv[key] = True
            elif name.strip() == ":none:":
                self.uv.pop(key, None)
                self.uv.pop(f"{key}-package", None)
            else:
                self.uv.setdefault(f"{key}-package", []).append(name.strip())


def read(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """What a requirements.txt asks for; its mistakes are noted in ``definition``."""
    requirements = Requirements(definition)
    for line in _lines(definition):
        requirements.take(line.text, line.number)
    return Wanted(
        requires_python=_requires_python(definition),
        python=tuple(requirements.packages),
        uv=requirements.uv,
        hashes=requirements.check_hashes(),
    )


def _requires_python(definition: Definition) -> str:
    """What a comment says, as the format knows no other way: ``# requires-python = ">=3.11"``."""
    said = _REQUIRES_PYTHON.search(definition.text)
    if said is None:
        return ""
    line = definition.text.count("\n", 0, said.start()) + 1
    return check_requires_python(definition, said[1], line)


def _lines(definition: Definition) -> Iterator[_Line]:
    """Lines without comments, those that end in a backslash joined with the next."""
    lines = definition.text.split("\n")
    if len(lines) > _MOST_LINES:
        definition.mistake(None, f"the file has {len(lines)} lines", f"It can have {_MOST_LINES}")
        return
    parts: list[str] = []
    start = 1
    for number, line in enumerate(lines, 1):
        if not parts:
            start = number
        line = _COMMENT.sub("", line.rstrip("\r"))
        if line.endswith("\\") and number < len(lines):
            parts.append(line[:-1])
            continue
        text = " ".join(" ".join([*parts, line]).split())
        parts = []
        if text:
            yield _Line(text, start)
