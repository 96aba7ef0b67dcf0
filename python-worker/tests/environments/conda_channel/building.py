"""Building the channel once for all tests of this machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import debian, made, repodata, wheels
from .archives import File, Package, archive, record
from .compiling import with_bytecode

_HERE = Path(__file__).parent


def built() -> Path:
    """The channel's folder; built at the first time, which takes some seconds and the network.

    It lies in the user's cache, under a name that covers all that decides what is in it but Debian's versions.

    Raises:
        RuntimeError: this machine cannot build it; the message says why.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alcove-tests"
    channel = cache / f"channel-{_digest()}"
    if not channel.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with open(cache / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed; each session of tests asks for it once
            if not channel.is_dir():
                building = cache / f"building-{secrets.token_hex(4)}"
                try:
                    build(building, cache / "downloads")
                    building.rename(channel)
                finally:
                    shutil.rmtree(building, ignore_errors=True)
    return channel


def build(channel: Path, downloads: Path) -> None:
    """Builds the channel in a new folder; twice from the same downloads, it is the same to the bit."""
    channel.mkdir()
    records: dict[str, repodata.Records] = {subdir: {} for subdir in repodata.SUBDIRS}
    with ThreadPoolExecutor() as threads:  # compressing does not hold the interpreter's lock
        for package, said in threads.map(lambda each: (each, _write(each, channel)), _packages(downloads)):
            records[package.subdir][package.file_name] = said
    for subdir, there in {**records, **repodata.elsewhere(records)}.items():
        text = repodata.text(subdir, there)
        (channel / subdir).mkdir(exist_ok=True)
        (channel / subdir / "repodata.json").write_bytes(text)
        (channel / subdir / "repodata.json.zst").write_bytes(repodata.compressed(text))


def _packages(downloads: Path) -> Iterator[Package]:
    with ThreadPoolExecutor() as threads:
        debs = threads.submit(debian.download, downloads / "debs")
        wheel_files = threads.submit(wheels.download, downloads / "wheels")
        yield from made.packages()
        from_wheels = [wheels.package(wheel) for wheel in wheel_files.result()]
        yield from (package for package in from_wheels if package.pure)
        compiled = (package for package in from_wheels if not package.pure)
        yield from with_bytecode([*debian.packages(debs.result()), *compiled])


def _write(package: Package, channel: Path) -> dict[str, Any]:
    content = archive(package)
    said = record(package, content)
    if package.name == "tampered":
        content = archive(replace(package, files={"share/tampered/version.txt": File(b"something else\n")}))
    if package.name == "unhashed":
        del said["sha256"]
    folder = channel / package.subdir
    folder.mkdir(exist_ok=True)
    (folder / package.file_name).write_bytes(content)
    return said


def _digest() -> str:
    digest = hashlib.sha256()
    for file in sorted([*_HERE.glob("*.py"), *_HERE.glob("*.txt")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
