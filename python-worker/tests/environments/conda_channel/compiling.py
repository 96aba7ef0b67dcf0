"""Bytecode in packages for one Python alone, as conda-forge's have it."""

from __future__ import annotations

import dataclasses
import os
import posixpath
import subprocess
import tempfile
from pathlib import Path

from .archives import MOMENT, File, Files, Package

_FOLDER = "lib/python3.11"
# One process for each, and each in order: the bytes depend on what a process has compiled before.
_PROGRAM = """
import py_compile, sys
for line in sys.stdin.read().splitlines():
    try:
        py_compile.compile(line, doraise=True)
    except py_compile.PyCompileError:
        pass  # templates are no Python
"""


def with_bytecode(packages: list[Package]) -> list[Package]:
    """The packages, of which one is Python and the others are all that it needs to start, with bytecode in them.

    It is valid as long as files keep the modification time that the archive gives them.
    """
    with tempfile.TemporaryDirectory() as name:
        prefix = Path(name)
        for package in packages:
            _write(package.files, prefix)
        with _compiler(prefix, packages[:1]) as first, _compiler(prefix, packages[1:]) as second:
            assert (first.wait(), second.wait()) == (0, 0)
        return [dataclasses.replace(each, files={**each.files, **_bytecode(each, prefix)}) for each in packages]


def _compiler(prefix: Path, packages: list[Package]) -> subprocess.Popen[str]:
    sources = sorted(path for package in packages for path in package.files if _is_source(path))
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [str(prefix / "bin" / "python"), "-I", "-S", "-c", _PROGRAM]
    process = subprocess.Popen(command, cwd=prefix, stdin=subprocess.PIPE, env=environment, text=True)
    assert process.stdin is not None
    process.stdin.write("\n".join(sources))
    process.stdin.close()
    process.stdin = None
    return process


def _is_source(path: str) -> bool:
    return path.startswith(_FOLDER + "/") and path.endswith(".py")


def _write(files: Files, prefix: Path) -> None:
    for path, file in files.items():
        target = prefix / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.link:
            target.symlink_to(file.link)
        else:
            target.write_bytes(file.content)
            target.chmod(0o755 if file.executable else 0o644)
            os.utime(target, (MOMENT, MOMENT))


def _bytecode(package: Package, prefix: Path) -> Files:
    found: Files = {}
    for path in filter(_is_source, package.files):
        folder, name = posixpath.split(path)
        compiled = posixpath.join(folder, "__pycache__", name.removesuffix(".py") + ".cpython-311.pyc")
        if (prefix / compiled).exists():
            found[compiled] = File((prefix / compiled).read_bytes())
    return found
