"""What an op file is made of: itself and the local files that it imports, found by reading them, not by running them.

So an import inside an op's body counts as well, and a file has one digest, whatever was imported before it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from importlib import import_module


def digest(file: str) -> str:
    """The digest that the ids of the file's ops begin with."""
    contents = _contents(file)
    return _sha256(b"".join([contents.pop(file), *(contents[source] for source in sorted(contents, key=_parts))]))[:12]


def sources(file: str) -> list[str]:
    """The file itself, then the local files that it imports, and those that they import."""
    return [file, *sorted(_contents(file).keys() - {file}, key=_parts)]


def _sha256(content: bytes) -> str:
    # hashlib loads OpenSSL for it, which takes a worker as long as half of its start; what Python itself is built with
    # has another name in each version.
    for module in ("_sha2", "_sha256", "hashlib"):
        try:
            return str(import_module(module).sha256(content).hexdigest())
        except ImportError:
            continue
    raise AssertionError("hashlib is part of Python")


def _parts(path: str) -> list[str]:
    return path.split(os.sep)


def _contents(file: str) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    _collect(file, os.path.dirname(file), contents)
    return contents


def _collect(file: str, folder: str, contents: dict[str, bytes]) -> None:
    with open(file, "rb") as content:
        contents[file] = content.read()
    try:
        tree = ast.parse(contents[file])
    except (SyntaxError, ValueError):  # whoever imports it will say so
        return
    for node in ast.walk(tree):
        for base, name in _imported(node, file, folder):
            for source in _files_of(base, name):
                if source not in contents:
                    _collect(source, folder, contents)


def _imported(node: ast.AST, file: str, folder: str) -> Iterator[tuple[str, str]]:
    """The folders to look in and the dotted names to look for, of one statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield folder, alias.name
    elif isinstance(node, ast.ImportFrom):
        # One dot is the file's own folder, each further one the folder above.
        is_relative = 0 < node.level <= file.count(os.sep)
        base = file if is_relative else folder
        for _ in range(node.level if is_relative else 0):
            base = os.path.dirname(base)
        for alias in node.names:
            yield base, f"{node.module}.{alias.name}" if node.module else alias.name


def _files_of(base: str, name: str) -> Iterator[str]:
    """The files that importing ``a.b.c`` runs as far as they are below ``base``."""
    place = base
    for part in name.split("."):
        place = os.path.join(place, part)
        for file in (os.path.join(place, "__init__.py"), place + ".py"):
            if os.path.isfile(file):
                yield file
