"""Our lock files in the hands of conda-lock, and its own in ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import conda_shim
import pytest
from channel_server import ChannelServer
from conftest import conda_specification
from package_index import PackageIndex

from alcove import environments
from alcove.environments.locks import lock_reading


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    """A conda executable."""
    return conda_shim.installed(tmp_path / "bin")


# conda-lock's libraries warn, and change the standard library's, so that they get a process of their own.
_CONDA_LOCK = """
import json, sys
from conda_lock.conda_lock import main
for arguments in json.loads(sys.argv[1]):
    main(arguments, standalone_mode=False)
"""


def run(folder: Path, *commands: list[object]) -> None:
    """Runs conda-lock in a folder, once for each command."""
    texts = json.dumps([[str(argument) for argument in command] for command in commands])
    subprocess.run([sys.executable, "-c", _CONDA_LOCK, texts], check=True, cwd=folder)


def test_conda_lock_installs_from_our_lock(
    directory: Path,
    channel_server: ChannelServer,
    index: PackageIndex,
    conda: Path,
    tmp_path: Path,
) -> None:
    greets = "def main():\n    import greeter, sys\n    print(greeter.__name__, sys.prefix)\n"
    index.add("cells", scripts="cells = cells:main\n", files={"cells.py": greets})
    spec = conda_specification("python 3.11.*", "greeter", "pip")
    spec["text"] = 'dependencies = ["cells"]\n' + spec["text"]
    locked = environments.lock(spec, directory, ["linux-64", "win-64"])
    file = tmp_path / locked["file_name"]
    file.write_text(locked["text"])

    prefix = tmp_path / "made by conda-lock"
    run(
        tmp_path,
        ["render", "--kind", "explicit", file],
        ["install", "--conda", conda, "--prefix", prefix, file],
    )

    for platform, count in locked["packages"].items():
        explicit = (tmp_path / f"conda-{platform}.lock").read_text()
        assert f"/{platform}/python-" in explicit
        assert "# pip cells @ http" in explicit
        assert explicit.count("http") == count
    assert subprocess.check_output([prefix / "bin" / "cells"], text=True).split(maxsplit=1) == [
        "greeter",
        f"{prefix}\n",
    ]


def test_we_install_what_conda_lock_locked(
    directory: Path, channel_server: ChannelServer, conda: Path, tmp_path: Path
) -> None:
    source, file = tmp_path / "environment.yml", tmp_path / "conda-lock.yml"
    source.write_text("channels: [conda-forge]\ndependencies: [python=3.11, numpy]\n")
    machine = tmp_path / "virtual-packages.yml"
    machine.write_text('subdirs: {linux-64: {packages: {__glibc: "2.36"}}}\n')
    options = ["--platform", "linux-64", "--lockfile", file, "--virtual-package-spec", machine]
    run(tmp_path, ["lock", "--conda", conda, "--file", source, *options])
    ours = environments.lock(conda_specification("python 3.11.*", "numpy"), directory)["text"]
    assert files(file.read_text()) == files(ours)


def files(text: str) -> list[tuple[str, str, str, str]]:
    found = lock_reading.read(text, "conda-lock.yml").packages
    return [(package.name, package.url, package.sha256, package.md5) for package in found]
