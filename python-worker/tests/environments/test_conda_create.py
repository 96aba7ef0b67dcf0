"""Environments from conda channels: what is locked, installed, written and told; by the real rattler."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from channel_server import ChannelServer
from conda_channel import Channel
from conftest import conda_specification, specification

from alcove import OpError
from alcove.environments.conda import bytecode, rattler_engine
from alcove.environments.conda.rattler_engine import RattlerEngine
from alcove.environments.context import Context
from alcove.environments.engines import Installed, Lock
from alcove.environments.machine import Machine
from alcove.environments.networking.settings import Settings
from alcove.environments.reports import Report
from alcove.environments.specification import Specification

PACKAGES = ("greeter 1.*", "prefix-probe", "activator")


class Maker:
    """Makes environments in a folder, without the store."""

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "environments"
        self.steps: list[tuple[float, str]] = []
        self._count = 0

    def engine(self, given: dict[str, Any], offline: bool = False, **machine: str) -> RattlerEngine:
        there = Machine.detect().overridden(machine)
        context = Context(self.directory, offline, Settings.load(self.directory), there)
        return RattlerEngine(Specification.parse(given, there), context)

    def work(self) -> Path:
        self._count += 1
        work = self.directory / f"work-{self._count}"
        work.mkdir(parents=True)
        return work

    def report(self) -> Report:
        self.steps.clear()
        return Report(lambda fraction, message, details=None: self.steps.append((fraction, message)))

    def make(self, engine: RattlerEngine, text: str | None = None) -> tuple[Lock, Installed, Path]:
        """The lock, what was installed, and where it is in the end."""
        work, report = self.work(), self.report()
        lock = engine.lock(work, report) if text is None else engine.relock(text, work, report)
        final = self.directory / f"final {self._count}"
        installed = engine.install(lock, work, work / "prefix", final, report)
        (work / "prefix").rename(final)
        return lock, installed, final


@pytest.fixture
def maker(channel_server: ChannelServer, tmp_path: Path) -> Maker:
    return Maker(tmp_path / "Jürgens Zellen")


def said(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.strip()


def test_an_environment_works_where_it_ends_up_and_is_the_same_from_its_lock(
    maker: Maker, channel: Channel, channel_server: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, installed, prefix = maker.make(maker.engine(conda_specification(*PACKAGES)))

    assert lock.file_name == "conda-lock.yml"
    assert lock.platform == "linux-64"
    assert lock.python_version.startswith("3.11.")
    assert (prefix / "conda-lock.yml").read_text(encoding="utf-8") == lock.text
    assert said(prefix / "bin/greeter") == "hello from greeter"
    assert said(prefix / "bin/prefix-probe") == f"{prefix}/share/probe"
    assert installed.path == ["share/activator/bin", "bin"]
    assert installed.variables["ACTIVATOR_HOME"] == f"{prefix}/share/activator"
    names = [package.name for package in installed.packages]
    assert names == sorted(package.name for package in lock.packages)
    python = next(package for package in installed.packages if package.name == "python")
    record = channel.record("python")
    assert (python.url, python.sha256, python.size_bytes) == (record["url"], record["sha256"], record["size"])
    assert python.license == record["license"]
    assert (prefix / "lib/python3.11/site-packages/__pycache__/greeter.cpython-311.pyc").exists()
    fractions = [fraction for fraction, _ in maker.steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] >= 0.8

    # From the lock, with all that is cached, nothing is asked for and nothing compiled.
    channel_server.requests.clear()
    monkeypatch.setattr(rattler_engine, "compile_files", _only_nothing)
    again, there, other = maker.make(maker.engine(conda_specification(*PACKAGES)), lock.text)

    assert again.text == lock.text
    assert [request for request in channel_server.requests if "conda" in request.path] == []
    assert {(each.name, each.license) for each in there.packages} == {
        (each.name, each.license) for each in installed.packages
    }
    assert (other / "lib/python3.11/site-packages/__pycache__/greeter.cpython-311.pyc").exists()
    assert said(other / "bin/prefix-probe") == f"{other}/share/probe"
    code = "import greeter; print(greeter.greet.__code__.co_filename)"
    where = subprocess.run([other / "bin/python", "-c", code], check=True, capture_output=True, text=True).stdout
    assert where.strip() == str(other / "lib/python3.11/site-packages/greeter.py")


def _only_nothing(python: Path, files: list[Path], *_: object) -> None:
    assert files == []


def test_bytecode_that_was_tampered_with_is_compiled_anew(maker: Maker) -> None:
    lock, _, _ = maker.make(maker.engine(conda_specification("greeter 1.*")))
    kept = [file for file in maker.directory.parent.glob("cache/bytecode/*/*/*") if file.name != "files.json"]
    assert kept
    for file in kept:
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content[:-1] + b"?")

    _, _, prefix = maker.make(maker.engine(conda_specification("greeter 1.*")), lock.text)

    assert said(prefix / "bin/greeter") == "hello from greeter"
    compiled = prefix / "lib/python3.11/site-packages/__pycache__/greeter.cpython-311.pyc"
    assert not compiled.read_bytes().endswith(b"?")


def test_bytecode_of_another_source_is_not_taken(tmp_path: Path) -> None:
    prefix, work = tmp_path / "prefix", tmp_path / "work"
    source = prefix / "lib/python3.11/site-packages/greeter.py"
    source.parent.mkdir(parents=True)
    work.mkdir()
    source.write_text("x = 1\n")
    subprocess.run([sys.executable, "-m", "compileall", "-q", source], check=True)
    paths = {"paths": [{"_path": str(source.relative_to(prefix))}]}
    records = [
        {"name": "python", "version": platform.python_version(), "sha256": "a", "paths_data": {"paths": []}},
        {"name": "greeter", "version": "1.0", "sha256": "b", "paths_data": paths},
    ]
    kept = bytecode.Bytecode(tmp_path / "kept", prefix, records)
    kept.keep(work)
    shutil.rmtree(source.parent / "__pycache__")
    kept.restore()
    assert kept.missing() == []

    shutil.rmtree(source.parent / "__pycache__")
    source.write_text("x = 1234\n")
    kept.restore()

    assert kept.missing() == [source]


def test_a_lock_is_for_several_platforms_at_once(maker: Maker) -> None:
    engine = maker.engine(conda_specification("microscope", "numpy"))

    text = engine.lock_for(["linux-64", "osx-arm64", "win-64"], maker.work(), maker.report())

    assert "osx-arm64/python-" in text
    assert "win-64/numpy-" in text
    assert text == engine.lock_for(["linux-64", "osx-arm64", "win-64"], maker.work(), maker.report())
    given = {**specification(), "engine": "auto", "format": "conda-lock.yml", "text": text}
    lock = maker.engine(given).lock(maker.work(), maker.report())
    assert lock.text == engine.lock(maker.work(), maker.report()).text


@pytest.mark.parametrize(("cuda", "build"), [("12.4", "cuda_200"), ("", "cpu_0")])
def test_builds_follow_what_the_machine_has(cuda: str, build: str, maker: Maker) -> None:
    engine = maker.engine(conda_specification("segmenter"), __cuda=cuda)

    lock = engine.lock(maker.work(), maker.report())

    assert {package.name: package.build for package in lock.packages}["segmenter"] == build


def test_a_header_may_ask_for_another_machine(maker: Maker) -> None:
    extra = 'virtual-packages = {"__cuda" = "12.4"}\n'
    engine = maker.engine(conda_specification("segmenter", extra=extra), __cuda="")

    lock = engine.lock(maker.work(), maker.report())

    assert {package.name: package.build for package in lock.packages}["segmenter"] == "cuda_200"


def test_a_file_for_other_platforms_is_told(maker: Maker) -> None:
    engine = maker.engine(conda_specification("numpy", extra='platforms = ["win-64"]\n'))

    with pytest.raises(OpError, match="is for win-64, and this computer is linux-64") as raised:
        engine.lock(maker.work(), maker.report())
    assert raised.value.details["cause"] == "platform"


def test_a_lock_without_python_is_refused(maker: Maker, channel: Channel) -> None:
    record = channel.record("lamp")
    text = json.dumps(
        {
            "version": 1,
            "metadata": {
                "content_hash": {"linux-64": "0"},
                "channels": [{"url": "conda-forge", "used_env_vars": []}],
                "platforms": ["linux-64"],
                "sources": [],
            },
            "package": [
                {
                    "name": "lamp",
                    "version": "1.0",
                    "manager": "conda",
                    "platform": "linux-64",
                    "dependencies": {},
                    "url": record["url"],
                    "hash": {"sha256": record["sha256"]},
                    "category": "main",
                    "optional": False,
                }
            ],
        }
    )
    given = {**specification(), "engine": "auto", "format": "conda-lock.yml", "text": text}

    with pytest.raises(OpError, match="has no Python for linux-64") as raised:
        maker.engine(given).lock(maker.work(), maker.report())
    assert raised.value.details["cause"] == "spec_invalid"


def test_a_path_that_is_too_long_is_told_before_anything_is_asked_for(
    channel_server: ChannelServer, tmp_path: Path
) -> None:
    maker = Maker(tmp_path / ("x" * 120) / ("y" * 120))

    with pytest.raises(OpError) as raised:
        maker.engine(conda_specification("numpy")).lock(maker.work(), maker.report())

    assert raised.value.details["cause"] == "path_too_long"
    assert channel_server.requests == []
