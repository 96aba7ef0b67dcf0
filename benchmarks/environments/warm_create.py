"""How long an environment of twenty packages takes when everything is in the caches, against the bare tools.

    .venv-development/bin/python benchmarks/environments/warm_create.py [--micromamba FILE]

All cases take turns, in rotating order; a ratio is taken within each round. The toolbox's process runs already, as it
does when a host makes its second environment.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import uv
from rattler import Channel, Client, Config, Gateway, PackageCache, VirtualPackage, install, solve
from setting import CONDA, PYPI, TWENTY, URL, WHEELS, Setting, setting, specification

TARGET_SECONDS = 0.3
_UV = uv.find_uv_bin()


class Cases:
    """Each makes an environment and returns nothing; ``clear`` deletes what it made."""

    def __init__(self, here: Setting, micromamba: Path | None) -> None:
        from alcove import environments

        self._environments = environments
        self._here = here
        self._micromamba = micromamba
        self._made = here.folder / "made"
        self._config = Config.from_toml(f'[mirrors]\n"{URL}" = ["{here.channel.url}"]\n')
        (here.folder / "requirements.txt").write_text("".join(f"{name}==1.0\n" for name in WHEELS))
        self.all: dict[str, Callable[[], None]] = {
            "alcove rattler": self.alcove_rattler,
            "rattler": self.rattler,
            "alcove uv": self.alcove_uv,
            "uv": self.uv,
            "uv, compiling": self.uv_compiling,
        }
        if micromamba is not None:
            self.all["micromamba"] = self.micromamba

    def alcove_rattler(self) -> None:
        self._create("rattler", CONDA)

    def alcove_uv(self) -> None:
        self._create("uv", PYPI)

    def rattler(self) -> None:
        """Solves and links, in this process, with its defaults."""
        asyncio.run(self._solve_and_install())

    def uv(self) -> None:
        """A virtual environment and its packages, without bytecode."""
        self._sync()

    def uv_compiling(self) -> None:
        self._sync("--compile-bytecode")

    def micromamba(self) -> None:
        command = [str(self._micromamba), "create", "--yes", "--quiet", "--no-rc", "--override-channels"]
        command += ["--root-prefix", str(self._here.folder / "mamba"), "--prefix", str(self._made)]
        self._run([*command, "--channel", self._here.channel.url, *TWENTY])

    def clear(self) -> None:
        shutil.rmtree(self._made, ignore_errors=True)
        shutil.rmtree(self._here.data / "environments", ignore_errors=True)

    def _create(self, engine: str, text: str) -> None:
        wanted = specification("benchmark", engine, text)
        made = self._environments.create(wanted, self._here.data / "environments")
        assert made["created"]
        assert made["packages"] == 20, made

    async def _solve_and_install(self) -> None:
        folder = self._here.folder
        client = Client.from_config(self._config)
        gateway = Gateway(cache_dir=folder / "repodata", client=client)
        sources, machine = [Channel(URL)], VirtualPackage.detect()
        records = await solve(sources=sources, specs=TWENTY, gateway=gateway, virtual_packages=machine)
        await install(records, self._made, package_cache=PackageCache(folder / "packages"), client=client)

    def _sync(self, *options: str) -> None:
        cache = ["--cache-dir", str(self._here.folder / "uv")]
        self._run([_UV, "venv", "--quiet", *cache, "--python", sys.executable, str(self._made)])
        python = str(self._made / "bin" / "python")
        requirements = str(self._here.folder / "requirements.txt")
        self._run([_UV, "pip", "sync", "--quiet", *cache, *options, "--python", python, requirements])

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))


def measure(cases: Cases, rounds: int) -> dict[str, list[float]]:
    """Seconds of each case in each round, after a first one that fills the caches."""
    names = list(cases.all)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            cases.clear()
            begin = time.perf_counter()
            cases.all[name]()
            if number:
                seconds[name].append(time.perf_counter() - begin)
    return seconds


def main() -> int:
    """Prints a table; 1 when a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="default: %(default)s")
    parser.add_argument("--micromamba", type=Path, metavar="FILE", help="a micromamba to compare with")
    options = parser.parse_args()
    with setting() as here:
        seconds = measure(Cases(here, options.micromamba), options.rounds)
    print("seconds                median   middle half")
    for name, times in seconds.items():
        times = sorted(times)
        print(f"{name:20}{median(times):9.3f}   {times[len(times) // 4]:.3f} to {times[len(times) * 3 // 4]:.3f}")
    for ours in ("alcove rattler", "alcove uv"):
        for theirs in (name for name in seconds if not name.startswith("alcove")):
            ratio = median(a / b for a, b in zip(seconds[ours], seconds[theirs], strict=True))
            print(f"{ours} / {theirs}: {ratio:.2f}")
    return 0 if all(median(seconds[name]) <= TARGET_SECONDS for name in seconds if name.startswith("alcove")) else 1


if __name__ == "__main__":
    sys.exit(main())
