"""What the uv engine makes of each kind of file: what is locked, from where, and for which platforms."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Steps, build, run_in, specification
from package_index import PackageIndex

from alcove import OpError, environments
from alcove.environments.context import Context
from alcove.environments.engines import Lock, Package
from alcove.environments.machine import Machine
from alcove.environments.networking.settings import Settings
from alcove.environments.reports import Report
from alcove.environments.specification import Specification
from alcove.environments.uv import uv_engine
from alcove.environments.uv.uv_engine import UvEngine

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REPORT = Report(lambda *step: None)


class Engine:
    """The engine for one specification, and folders for it."""

    def __init__(self, directory: Path, values: dict[str, Any], machine: Machine | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        machine = machine or Machine.detect({})
        context = Context(directory, False, Settings.load(directory), machine)
        self._engine = UvEngine(Specification.parse(values, machine), context)
        self._directory = directory
        self._count = 0

    def work(self) -> Path:
        self._count += 1
        work = self._directory / f"work-{self._count}"
        work.mkdir()
        return work

    def lock(self) -> Lock:
        return self._engine.lock(self.work(), REPORT)

    def lock_for(self, *platforms: str) -> str:
        return self._engine.lock_for(platforms, self.work(), REPORT)

    def relock(self, text: str) -> Lock:
        return self._engine.relock(text, self.work(), REPORT)

    def install(self, lock: Lock, trust_cache: bool = True) -> Path:
        work = self.work()
        prefix = work / "prefix"
        self._engine.install(lock, work, prefix, prefix, REPORT, trust_cache)
        return prefix


def of_file(format: str, text: str) -> dict[str, Any]:
    return specification(format=format, text=text, source=f"/lab/{format}", first_line=1)


def named(lock: str) -> dict[str, dict[str, Any]]:
    return {package["name"]: package for package in tomllib.loads(lock).get("packages", ())}


def failed(directory: Path, values: dict[str, Any], cause: str) -> OpError:
    with pytest.raises(OpError) as raised:
        environments.create(values, directory)
    assert raised.value.details["cause"] == cause
    assert raised.value.hint
    return raised.value


def test_a_requirements_txt_is_resolved(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", "1.0", requires=["tissue"])
    index.add("cellular", "2.0")
    index.add("tissue")

    created = environments.create(of_file("requirements.txt", "cellular<2  # the old one\n"), directory)

    assert run_in(created, "import cellular, tissue; print(cellular.VERSION)") == "1.0"


def test_requirements_with_hashes_are_kept_exactly(directory: Path, index: PackageIndex) -> None:
    """No newer version, no file without a hash, and nothing that a package requires but the file does not name."""
    wheel = index.add("cellular", "1.0", requires=["tissue"])
    index.add("cellular", "1.0", tag="py2.py3-none-any")
    index.add_source("cellular", "1.0", "")
    index.add("cellular", "1.1")
    index.add("tissue")
    for name in ("cellular", "tissue"):
        index.add(name, "2.0", tag="py3-none-win_amd64")
    here = f"cellular==1.0 --hash=sha256:{index.hashes[wheel]}\n"
    windows = index.hashes["tissue-2.0-py3-none-win_amd64.whl"]
    text = here + f"tissue==2.0 ; sys_platform == 'win32' --hash=sha256:{windows}\n"

    created = environments.create(of_file("requirements.txt", text), directory)

    assert created["packages"] == (2 if sys.platform == "win32" else 1)
    packages = named((Path(created["directory"]) / "pylock.toml").read_text())
    assert packages.keys() == {"cellular", "tissue"}
    assert "sdist" not in packages["cellular"]
    assert [wheel["hashes"]["sha256"] for wheel in packages["cellular"]["wheels"]] == [index.hashes[wheel]]


def test_requirements_whose_hash_no_file_has_are_refused(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")

    error = failed(directory, of_file("requirements.txt", f"cellular==1.0 --hash=sha256:{'0' * 64}"), "hash_mismatch")

    assert "cellular 1.0" in str(error)


def test_a_missing_package_is_placed_in_its_file(directory: Path) -> None:
    text = f"# a typo\ncelular==1.0 --hash=sha256:{'0' * 64}\n"

    error = failed(directory, of_file("requirements.txt", text), "unsolvable")

    assert str(error) == "There is no package named 'celular' (/lab/requirements.txt:2)"


def test_a_pylock_is_installed_as_it_is(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", "1.0")
    text = Engine(directory, specification("cellular")).lock().text
    index.add("cellular", "2.0")

    created = environments.create(of_file("pylock.toml", text), directory)

    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    assert (Path(created["directory"]) / "pylock.toml").read_text() == text


def test_a_pylock_whose_file_was_exchanged_is_refused(directory: Path, index: PackageIndex) -> None:
    file = index.add("cellular", "1.0")
    text = Engine(directory, specification("cellular")).lock().text
    index.files[file] = index.files[index.add("tampered")]

    failed(directory, of_file("pylock.toml", text), "hash_mismatch")


def test_a_pylock_for_other_computers_is_refused(directory: Path) -> None:
    text = "lock-version = '1.0'\ncreated-by = 'x'\nenvironments = [\"sys_platform == 'plan9'\"]\n"

    assert "is not for" in str(failed(directory, of_file("pylock.toml", text), "platform"))


def test_a_pylock_without_a_file_for_this_computer_names_the_package(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", tag="py3-none-win_arm64")
    text = Engine(directory, specification("cellular ; platform_machine == 'ARM64'")).lock_for("win-arm64")

    error = failed(directory, of_file("pylock.toml", text.replace('marker = "platform_', 'x = "platform_')), "platform")

    assert "cellular 1.0" in str(error)


def test_a_lock_covers_all_platforms_or_names_what_is_missing(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", requires=["winonly ; sys_platform == 'win32'", "partly"])
    index.add("winonly", tag="py3-none-win_amd64")
    for tag in ("manylinux_2_17_x86_64", "win_amd64"):
        index.add("partly", tag=f"cp38-abi3-{tag}")
    index.add_source("built", "1.0", "")
    engine = Engine(directory, specification("cellular"))

    packages = named(engine.lock_for("linux-64", "win-64"))

    assert packages.keys() == {"cellular", "winonly", "partly"}
    with pytest.raises(
        OpError, match=r"partly 1\.0 is published neither for osx-arm64 with Python 3.* nor as"
    ) as raised:
        engine.lock_for("linux-64", "osx-arm64")
    assert raised.value.details["cause"] == "platform"
    assert raised.value.details["packages"] == ["partly 1.0"]


def test_a_lock_tells_what_will_be_installed(directory: Path, index: PackageIndex) -> None:
    file = index.add("cellular", "1.5", metadata="License-Expression: MIT\n")
    index.add("elsewhere")
    engine = Engine(directory, specification("cellular", "elsewhere ; sys_platform == 'plan9'"))

    lock = engine.lock()

    url = f"{index.url.removesuffix('/simple')}/files/{file}"
    (package,) = lock.packages
    assert package == Package("cellular", "1.5", url=url, sha256=index.hashes[file])
    assert engine.relock(lock.text) == lock


def test_licenses_are_read_from_what_is_installed(directory: Path, index: PackageIndex) -> None:
    index.add("first", metadata="License-Expression: BSD-3-Clause\nLicense: other\n")
    index.add("second", metadata="License: Apache 2.0\nClassifier: License :: Other\n")
    long = "License: Permission is hereby granted\n  to do this and that\n"
    index.add("third", metadata=f"{long}Classifier: License :: OSI Approved :: MIT License\n")
    index.add("fourth")

    created = build(directory, "first", "second", "third", "fourth")

    packages = json.loads((Path(created["directory"]) / "alcove-packages.json").read_text())
    licenses = {package["name"]: package["license"] for package in packages}
    assert licenses == {"first": "BSD-3-Clause", "second": "Apache 2.0", "third": "MIT License", "fourth": ""}
    assert all(package["url"].startswith("http") and len(package["sha256"]) == 64 for package in packages)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are compiled from now on."""
    names: list[str] = []
    compile_files = uv_engine.compile_files

    def noting(python: Path, files: list[Path], *others: Any) -> None:
        names.extend(file.name for file in files)
        compile_files(python, files, *others)

    monkeypatch.setattr(uv_engine, "compile_files", noting)
    return names


@pytest.mark.parametrize("unpacked_again", [False, True])
def test_a_wheel_is_compiled_once_a_source_each_time(
    directory: Path, index: PackageIndex, compiled: list[str], unpacked_again: bool
) -> None:
    index.add("cellular", files={"cells.py": "def count(): pass\n"})
    wheel = index.add("built")
    content = index.files.pop(wheel)
    del index.files[f"{wheel}.metadata"], index.hashes[wheel]
    backend = (
        f"def build_wheel(folder, *_):\n    open(folder + '/{wheel}', 'wb').write({content!r})\n    return '{wheel}'"
    )
    index.add_source("built", "1.0", backend)
    build(directory, "cellular", "built", name="first")
    assert {"cellular.py", "cells.py", "built.py"} <= set(compiled)
    compiled.clear()
    if unpacked_again:  # at another time, which the bytecode tells
        shutil.rmtree(directory.parent / "cache" / "uv")

    created = build(directory, "cellular", "built", name="second")

    assert compiled == ["built.py"]
    (source,) = Path(created["directory"]).rglob("cells.py")
    assert run_in(created, "import cells; print(cells.__cached__, cells.count.__code__.co_filename)") == (
        f"{importlib.util.cache_from_source(str(source))} {source}"
    )
    assert environments.verify(directory, "second")["damaged"] == []


def test_bytecode_of_wheels_that_was_tampered_with_is_compiled_anew(
    directory: Path, index: PackageIndex, compiled: list[str]
) -> None:
    index.add("cellular")
    build(directory, "cellular", name="first")
    (kept,) = (file for file in directory.parent.glob("cache/bytecode/*/*/*") if file.name != "files.json")
    content = kept.read_bytes()
    kept.unlink()
    kept.write_bytes(content.replace(b"1.0", b"6.6"))
    compiled.clear()

    created = build(directory, "cellular", name="second")

    assert compiled == ["cellular.py"]
    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    compiled.clear()
    build(directory, "cellular", name="third")
    assert compiled == []


def test_bytecode_of_another_python_or_source_is_not_taken(
    directory: Path, index: PackageIndex, compiled: list[str]
) -> None:
    index.add("cellular")
    created = build(directory, "cellular", name="first")
    (folder,) = directory.parent.glob("cache/bytecode/*")
    assert folder.name == "cpython-" + run_in(created, "import platform; print(platform.python_version())")
    folder.rename(folder.with_name("cpython-3.12.99"))
    compiled.clear()

    build(directory, "cellular", name="second")

    assert compiled == ["cellular.py"]
    (listed,) = folder.glob("*/files.json")
    listed.write_text(re.sub(r'\["\w{64}"', f'["{"0" * 64}"', listed.read_text()))
    compiled.clear()
    build(directory, "cellular", name="third")
    assert compiled == ["cellular.py"]


def test_a_tampered_cache_is_not_trusted_for_repairs(directory: Path, index: PackageIndex) -> None:
    """uv takes unpacked packages from its cache as they are, so what is to be trusted must be downloaded again."""
    index.add("cellular")
    engine = Engine(directory, specification("cellular"))
    lock = engine.lock()
    engine.install(engine.relock(lock.text))
    (cached,) = (directory.parent / "cache" / "uv").rglob("cellular.py")
    cached.write_text("VERSION = 'tampered'\n")

    installed = {
        trust: next(engine.install(engine.relock(lock.text), trust).rglob("cellular.py")).read_text()
        for trust in (True, False)
    }

    assert installed == {True: "VERSION = 'tampered'\n", False: "VERSION = '1.0'\n"}
    assert next(engine.install(engine.relock(lock.text)).rglob("cellular.py")).read_text() == "VERSION = '1.0'\n"


@pytest.fixture
def cuda_index() -> Iterator[PackageIndex]:
    """Stands in for PyTorch's own index of CUDA builds: it is none of the machines' that run these tests, and what it
    has changes. The names and versions are those that it has."""
    index = PackageIndex()
    index.add("torch", "2.7.1+cu126", tag="cp38-abi3-manylinux_2_28_x86_64")
    index.add("torch", "2.7.1+cu126", tag="cp38-abi3-win_amd64")
    yield index
    index.close()


@pytest.fixture
def cpu_index() -> Iterator[PackageIndex]:
    """Likewise, of builds without CUDA."""
    index = PackageIndex()
    for tag in ("manylinux_2_28_x86_64", "win_amd64"):
        index.add("torch", "2.7.1+cpu", tag=f"cp38-abi3-{tag}")
    yield index
    index.close()


def test_the_variant_decides_which_build_of_torch_is_locked(
    directory: Path, index: PackageIndex, cuda_index: PackageIndex, cpu_index: PackageIndex
) -> None:
    index.add("torch", "2.8.0")
    index.add("cellular", requires=["torch>=2"])
    extra = "".join(
        f"""
[tool.alcove.{variant}.uv.sources]
torch = {{ index = "pytorch-{kind}" }}
[[tool.alcove.{variant}.uv.index]]
name = "pytorch-{kind}"
url = "{url}"
explicit = true
"""
        for variant, kind, url in (("gpu", "cu126", cuda_index.url), ("cpu", "cpu", cpu_index.url))
    )
    values = specification("cellular", "torch==2.7.*", extra=extra)

    for machine, kind, source in (
        (Machine("linux-64", {"__cuda": "12.6"}), "cu126", cuda_index),
        (Machine("linux-64"), "cpu", cpu_index),
    ):
        packages = named(Engine(directory / kind, values, machine).lock_for("linux-64", "win-64"))
        assert packages["torch"]["version"] == f"2.7.1+{kind}"
        assert packages["torch"]["index"] == source.url
        assert len(packages["torch"]["wheels"]) == 2
        assert packages["cellular"]["index"] == index.url
    assert not any("cellular" in request for request in cuda_index.requests)  # it is asked for torch alone


def test_an_index_of_cuda_builds_for_one_package(
    directory: Path, index: PackageIndex, cuda_index: PackageIndex
) -> None:
    """As uv's manual has it, without variants: in the header itself."""
    index.add("torch", "2.8.0")
    extra = f"""
[tool.uv.sources]
torch = {{ index = "pytorch-cu126" }}
[[tool.uv.index]]
name = "pytorch-cu126"
url = "{cuda_index.url}"
explicit = true
"""
    packages = named(Engine(directory, specification("torch", extra=extra)).lock_for("linux-64"))

    assert (packages["torch"]["version"], packages["torch"]["index"]) == ("2.7.1+cu126", cuda_index.url)


def test_the_variant_is_said(
    directory: Path, index: PackageIndex, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("cellular")
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12.4")

    created = build(directory, extra="[tool.alcove.gpu]\ndependencies = ['cellular']\n")

    assert "Using the gpu variant: CUDA 12.4 was found" in steps.messages
    assert (created["packages"], created["variant"]) == (1, "gpu")


def test_a_header_for_other_platforms_is_refused_here(directory: Path) -> None:
    other = "win-64" if sys.platform != "win32" else "linux-64"

    error = failed(directory, specification(extra=f"[tool.alcove]\nplatforms = ['{other}']\n"), "platform")

    assert str(error).startswith(f"cells.py is for {other}, and this computer is ")


def test_mistakes_that_uv_finds_in_a_variant_are_placed(directory: Path) -> None:
    extra = "[tool.alcove.cpu.uv]\nprerelaese = 'allow'\n[tool.alcove.gpu.uv]\nprerelaese = 'allow'\n"

    error = failed(directory, specification(extra=extra), "spec_invalid")

    assert str(error).startswith("/ops/cells.py:5: ")
