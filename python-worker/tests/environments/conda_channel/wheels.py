"""conda packages from wheels."""

from __future__ import annotations

import base64
import configparser
import csv
import email
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .archives import PLACEHOLDER, File, Package

PINS = Path(__file__).with_name("wheels.txt")
_FOR_PYTHON_3_11 = ("python >=3.11,<3.12.0a0", "python_abi 3.11.* *_cp311", "libgcc", "libstdcxx")
_DEPENDS = {
    "cowsay": ("python >=3.8",),
    "numpy": _FOR_PYTHON_3_11,
    "packaging": ("python >=3.8",),
    "pip": ("python >=3.9",),
    "tifffile": ("python >=3.11", "numpy"),
}
_TESTS = re.compile(r"numpy/(.*/)?tests/")


def download(folder: Path) -> list[Path]:
    """The pinned wheels; what lies in the folder already is not asked for again.

    Raises:
        RuntimeError: they cannot be had; the message is for whoever runs the tests.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--python-version", "3.11"]
    options += ["--platform", "manylinux_2_17_x86_64", "--requirement", str(PINS)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    finished = subprocess.run([*command, *options, "--dest", str(folder)], capture_output=True, text=True)
    if finished.returncode != 0:
        raise RuntimeError(f"The wheels for the tests with conda packages cannot be had:\n{finished.stderr}")
    names = re.findall(r"^(\w+)==(\S+)", PINS.read_text(encoding="utf-8"), re.MULTILINE)
    return [next(folder.glob(f"{name}-{version}-*.whl")) for name, version in names]


def package(wheel: Path) -> Package:
    """A wheel as a conda package: for every Python when it is pure, else for Python 3.11 on Linux."""
    pure = wheel.name.endswith("-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        info = next(name.split("/")[0] for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        _check(archive, info)
        metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
        site_packages = "site-packages" if pure else "lib/python3.11/site-packages"
        files = {f"{site_packages}/{path}": file for path, file in _content(archive, info)}
        scripts = _scripts(archive, info)
    if not pure:
        files |= {f"bin/{name}": _script(target) for name, target in scripts.items()}
    return Package(
        metadata["Name"].lower(),
        metadata["Version"],
        "pyh_0" if pure else "py311_0",
        subdir="noarch" if pure else "linux-64",
        depends=_DEPENDS[metadata["Name"].lower()],
        license=metadata.get("License-Expression") or "see the package",
        files=files,
        entry_points=tuple(f"{name} = {target}" for name, target in scripts.items()) if pure else (),
        pure=pure,
    )


def _check(archive: zipfile.ZipFile, info: str) -> None:
    """What an installer would check."""
    for path, hashed, _ in csv.reader(io.StringIO(archive.read(f"{info}/RECORD").decode())):
        algorithm, _, expected = hashed.partition("=")
        if algorithm:
            digest = hashlib.new(algorithm, archive.read(path)).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == expected, path


def _content(archive: zipfile.ZipFile, info: str) -> Iterator[tuple[str, File]]:
    for member in archive.infolist():
        if member.is_dir() or _TESTS.match(member.filename):
            continue
        content = archive.read(member)
        if member.filename == f"{info}/RECORD":
            lines = content.decode().splitlines(keepends=True)
            content = "".join(line for line in lines if not _TESTS.match(line)).encode()
        yield member.filename, File(content, bool((member.external_attr >> 16) & 0o100))
    yield f"{info}/INSTALLER", File(b"conda\n")
    yield f"{info}/REQUESTED", File()


def _scripts(archive: zipfile.ZipFile, info: str) -> dict[str, str]:
    if f"{info}/entry_points.txt" not in archive.namelist():
        return {}
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(archive.read(f"{info}/entry_points.txt").decode())
    return dict(parser["console_scripts"]) if parser.has_section("console_scripts") else {}


def _script(target: str) -> File:
    module, _, function = target.partition(":")
    lines = [f"#!{PLACEHOLDER}/bin/python", "import sys", f"from {module} import {function}", f"sys.exit({function}())"]
    return File("".join(line + "\n" for line in lines).encode(), executable=True)
