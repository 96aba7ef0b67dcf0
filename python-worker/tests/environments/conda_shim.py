"""A stand-in for conda on rattler: as much of its command line as conda-lock calls.

    conda info --json
    conda create --prefix P --dry-run --json [--channel C]... SPEC...      solves for $CONDA_SUBDIR
    conda create --prefix P --file EXPLICIT --yes                           installs addresses with their MD5
    conda run --prefix P pip ...

``ALCOVE_MIRRORS``, "URL=MIRROR", says where channels are to be had.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rattler import Channel, Client, Gateway, RepoDataRecord, Subdir, install, solve
from rattler.networking.middleware import MirrorMiddleware
from rattler.package_streaming import download_to_path


def installed(folder: Path) -> Path:
    """Writes an executable ``conda`` that is this, and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "conda"
    file.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{__file__}' \"$@\"\n")
    file.chmod(0o755)
    return file


def _client() -> Client:
    url, _, mirror = os.environ["ALCOVE_MIRRORS"].partition("=")
    return Client([MirrorMiddleware({url: [mirror]})])


async def _solved(channels: Sequence[str], specs: Sequence[str]) -> list[RepoDataRecord]:
    subdir = os.environ["CONDA_SUBDIR"]
    return await solve(
        sources=[Channel(channel) for channel in channels],
        specs=list(specs),
        platforms=[Subdir(subdir), Subdir("noarch")],
        gateway=Gateway(cache_dir=Path(os.environ["CONDA_PKGS_DIRS"]) / "repodata", client=_client()),
    )


def _action(record: RepoDataRecord) -> dict[str, Any]:
    values = json.loads(record.to_json())
    base = record.url.rsplit("/", 2)[0]
    channel = f"{base}/{values['subdir']}"
    stem = record.file_name.removesuffix(".conda").removesuffix(".tar.bz2")
    return {**values, "base_url": base, "channel": channel, "dist_name": stem, "platform": values["subdir"]}


async def _install_explicit(file: Path, prefix: Path) -> None:
    archives = prefix.with_name(f"{prefix.name}-archives")
    archives.mkdir(parents=True)
    records = []
    for line in file.read_text().splitlines():
        if not line.startswith("http"):
            continue
        url, _, md5 = line.partition("#")
        archive = archives / url.rsplit("/", 1)[-1]
        await download_to_path(_client(), url, archive)
        assert hashlib.md5(archive.read_bytes()).hexdigest() == md5, url
        record = await RepoDataRecord.from_package_archive(archive)
        record.url = archive.as_uri()
        records.append(record)
    await install(records, prefix, cache_dir=archives / "cache", show_progress=False)


def _main(arguments: Sequence[str]) -> int:
    if "--version" in arguments:
        sys.stdout.write("conda 24.11.0\n")
        return 0
    command, *rest = arguments
    if command == "info":
        sys.stdout.write(json.dumps({"pkgs_dirs": [os.environ["CONDA_PKGS_DIRS"]]}))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", type=Path)
    parser.add_argument("--channel", action="append", default=[])
    parser.add_argument("--file", type=Path)
    for flag in ("--dry-run", "--json", "--override-channels", "--quiet", "--yes"):
        parser.add_argument(flag, action="store_true")
    known, specs = parser.parse_known_args(rest)
    if command == "run":
        return subprocess.run([known.prefix / "bin" / "python", "-m", *rest[rest.index("pip") :]]).returncode
    if known.file is not None:
        asyncio.run(_install_explicit(known.file, known.prefix))
        return 0
    actions = [_action(record) for record in asyncio.run(_solved(known.channel, specs))]
    chosen = [action for action in actions if not action["name"].startswith("__")]
    sys.stdout.write(json.dumps({"success": True, "actions": {"FETCH": chosen, "LINK": chosen}}))
    return 0


if __name__ == "__main__":
    code = _main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # rattler's threads may still be at work
