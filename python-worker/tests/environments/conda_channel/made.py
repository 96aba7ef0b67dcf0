"""Small packages that are made up, each for one case."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator

from .archives import PLACEHOLDER, File, Files, Package


def packages() -> Iterator[Package]:
    """All of them."""
    yield Package("python_abi", "3.11", "8_cp311", subdir="noarch", constrains=("python 3.11.*",))
    yield _probe()
    yield _activator()
    yield from _versions()
    yield from _unsolvable()
    yield from _for_machines()
    yield _scripted()
    yield Package("bulky", "1.0", files={"share/bulky/noise": File(_noise(4_000_000))})
    yield Package("tampered", "1.0", files=_text("tampered", "1.0"))
    yield Package("unhashed", "1.0", files=_text("unhashed", "1.0"))
    yield Package("elderly", "1.0", files=_text("elderly", "1.0"), old=True)
    yield from _pure("greeter", "1.0", "def greet():\n    print('hello from greeter')\n")
    yield from _pure("greeter", "2.0", "def greet():\n    print('hello again from greeter')\n")


def _text(name: str, version: str) -> Files:
    return {f"share/{name}/version.txt": File(f"{name} {version}\n".encode())}


def _plain(name: str, version: str, *depends: str, number: int = 0, constrains: tuple[str, ...] = ()) -> Package:
    build = f"h{number}_{number}"
    files = {f"share/{name}/version.txt": File(f"{name} {version} {build}\n".encode())}
    return Package(name, version, build, number, depends=depends, constrains=constrains, files=files)


def _versions() -> Iterator[Package]:
    """From microscope 1.0 to 2.0, something of each kind of change happens."""
    yield _plain("microscope", "1.0", "objective 1.*", "eyepiece 2.*", "stage 1.0 h0_0", "lamp")
    yield _plain("microscope", "2.0", "objective 2.*", "eyepiece 1.*", "stage 1.0 h1_1", "camera")
    yield _plain("objective", "1.0")
    yield _plain("objective", "2.0")
    yield _plain("eyepiece", "1.0")
    yield _plain("eyepiece", "2.0")
    yield _plain("stage", "1.0")
    yield _plain("stage", "1.0", number=1)
    yield _plain("lamp", "1.0")
    yield _plain("camera", "1.0")


def _unsolvable() -> Iterator[Package]:
    yield _plain("lonely", "1.0", "no-such-package >=1")
    yield _plain("old-fashioned", "1.0", "objective <2")
    yield _plain("modern", "1.0", "objective >=2")
    yield _plain("picky", "1.0", constrains=("objective <2",))
    yield _plain("needs-gpu", "1.0", "__cuda >=12")
    yield _plain("needs-new-glibc", "1.0", "__glibc >=2.99")
    yield _plain("needs-old-python", "1.0", "python <3.11")


def _for_machines() -> Iterator[Package]:
    """Like those of conda-forge that exist for machines with and without a GPU, of which the former come first."""
    for kind, number, depends in (("cuda", 200, ("__cuda >=12", "cuda-runtime")), ("cpu", 0, ())):
        files = {"share/segmenter/kind.txt": File(f"{kind}\n".encode())}
        yield Package("segmenter", "1.0", f"{kind}_{number}", number, depends=depends, files=files)
    yield _plain("cuda-runtime", "12.4", "__cuda >=12")


def _pure(name: str, version: str, code: str) -> Iterator[Package]:
    """A Python module with a console script of the same name, which calls its greet()."""
    info = f"site-packages/{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"site-packages/{name}.py": File(code.encode()),
        f"{info}/METADATA": File(metadata.encode()),
        f"{info}/INSTALLER": File(b"conda\n"),
        f"{info}/RECORD": File(f"{name}.py,,\n{info[14:]}/METADATA,,\n{info[14:]}/RECORD,,\n".encode()),
    }
    points = (f"{name} = {name}:greet",)
    yield Package(
        name, version, "pyh_0", subdir="noarch", depends=("python >=3.8",), files=files, entry_points=points, pure=True
    )


def _activator() -> Package:
    """Sets variables, as compilers and GDAL do, by a script of each shell and by conda's own file."""
    scripts = {
        "activator.sh": (
            'export ACTIVATOR_HOME="$CONDA_PREFIX/share/activator"\n'
            'export ACTIVATOR_OLD="${ACTIVATOR_HOME}:none"\n'
            "export ACTIVATOR_TEXT='Grüße, \"quoted\"\nin two lines'\n"
            'export PATH="$CONDA_PREFIX/share/activator/bin:$PATH"\n'
            "unset ACTIVATOR_UNWANTED\n"
        ),
        "activator.bat": '@set "ACTIVATOR_HOME=%CONDA_PREFIX%\\share\\activator"\r\n',
        "activator.ps1": '$Env:ACTIVATOR_HOME = "$Env:CONDA_PREFIX\\share\\activator"\r\n',
    }
    files = {f"etc/conda/activate.d/{name}": File(text.encode()) for name, text in scripts.items()}
    files["etc/conda/deactivate.d/activator.sh"] = File(b"unset ACTIVATOR_HOME\n")
    files["etc/conda/env_vars.d/activator.json"] = File(json.dumps({"ACTIVATOR_MODE": "gentle"}).encode())
    files["share/activator/bin/activated"] = File(b'#!/bin/sh\necho "$ACTIVATOR_HOME"\n', executable=True)
    return Package("activator", "1.0", files=files)


def _scripted() -> Package:
    """Has a script that conda runs after installing, which nobody may."""
    script = b'#!/bin/sh\ntouch "$PREFIX/script-was-run"\n'
    return Package("scripted", "1.0", files={"bin/.scripted-post-link.sh": File(script, executable=True)})


def _probe() -> Package:
    """A program that holds its prefix, padded for the longest one, as compiled programs of conda packages do."""
    text = f"prefix={PLACEHOLDER}\n"
    files = {"bin/prefix-probe": File(_program(PLACEHOLDER + "/share/probe"), True), "share/probe": File(text.encode())}
    return Package("prefix-probe", "1.0", depends=("__glibc >=2.17",), files=files)


def _program(text: str) -> bytes:
    """An executable for Linux on x86-64 that prints a text up to its first NUL; so that no compiler is needed."""
    code = bytes.fromhex(
        "488d3522000000"  # lea rsi, [rip + 34], the text
        "31d2"  # xor edx, edx
        "803c1600 7405"  # length: cmp byte [rsi + rdx], 0; je found
        "48ffc2 ebf5"  # inc rdx; jmp length
        "b801000000 bf01000000 0f05"  # found: write(1, text, length)
        "b83c000000 31ff 0f05"  # exit(0)
    )
    content = code + text.encode() + b"\0"
    headers = 64 + 56
    start = 0x400000
    size = headers + len(content)
    identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, start + headers, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, size, size, 0x1000)
    return identity + header + segment + content


def _noise(count: int) -> bytes:
    return hashlib.shake_256(b"bulky").digest(count)
