"""What an op file is made of: itself and the local files that it imports, found by reading them, not by running them.

So an import inside an op's body counts as well, and a file has one digest, whatever was imported before it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path


def digest(file: Path) -> str:
    """The digest that the ids of the file's ops begin with."""
    contents = _contents(file)
    digest = hashlib.sha256(contents.pop(file))
    for source in sorted(contents):
        digest.update(contents[source])
    return digest.hexdigest()[:12]


def sources(file: Path) -> list[Path]:
    """The file itself, then the local files that it imports, and those that they import."""
    return [file, *sorted(_contents(file).keys() - {file})]


def _contents(file: Path) -> dict[Path, bytes]:
    contents: dict[Path, bytes] = {}
    _collect(file, file.parent, contents)
    return contents


def _collect(file: Path, folder: Path, contents: dict[Path, bytes]) -> None:
    contents[file] = file.read_bytes()
    try:
        tree = ast.parse(contents[file])
    except (SyntaxError, ValueError):  # whoever imports it will say so
        return
    for node in ast.walk(tree):
        for base, name in _imported(node, file, folder):
            for source in _files_of(base, name):
                if source not in contents:
                    _collect(source, folder, contents)


def _imported(node: ast.AST, file: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """The folders to look in and the dotted names to look for, of one statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield folder, alias.name
    elif isinstance(node, ast.ImportFrom):
        # One dot is the file's own folder, each further one the folder above.
        base = file.parents[node.level - 1] if 0 < node.level <= len(file.parents) else folder
        for alias in node.names:
            yield base, f"{node.module}.{alias.name}" if node.module else alias.name


def _files_of(base: Path, name: str) -> Iterator[Path]:
    """The files that importing ``a.b.c`` runs as far as they are below ``base``."""
    place = base
    for part in name.split("."):
        place = place / part
        for file in (place / "__init__.py", place.with_name(part + ".py")):
            if file.is_file():
                yield file
