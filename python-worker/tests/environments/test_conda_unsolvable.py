"""What users are told when conda packages cannot be had together; by the real solver."""

from __future__ import annotations

from pathlib import Path

import pytest
from channel_server import ChannelServer
from conftest import conda_specification

from alcove import OpError
from alcove.environments.conda.rattler_engine import RattlerEngine
from alcove.environments.context import Context
from alcove.environments.machine import Machine
from alcove.environments.networking.settings import Settings
from alcove.environments.reports import Report
from alcove.environments.specification import Specification

THERE = Machine.detect()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "environments"


def solve(directory: Path, *packages: str, extra: str = "", machine: Machine = THERE) -> OpError:
    """The failure of a specification whose packages stand in line 4 of /ops/cells.py."""
    specification = Specification.parse(conda_specification(*packages, extra=extra), machine)
    context = Context(directory, False, Settings.load(directory), machine)
    (directory / "work").mkdir(parents=True)
    with pytest.raises(OpError) as raised:
        RattlerEngine(specification, context).lock(directory / "work", Report(lambda *_: None))
    assert len(str(raised.value).splitlines()) <= 10
    assert raised.value.hint
    assert raised.value.details["log"]
    return raised.value


def test_a_misspelt_name_is_recognised(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "python", "nunpy>=2")

    assert error.details["cause"] == "unsolvable"
    assert str(error) == "There is no package named 'nunpy' in conda-forge for linux-64 (/ops/cells.py:4)"
    assert error.hint.startswith("Did you mean 'numpy'?")


def test_a_version_that_does_not_exist_is_told_with_those_that_do(
    channel_server: ChannelServer, directory: Path
) -> None:
    error = solve(directory, "microscope>=3", "numpy")

    assert str(error) == (
        "There is no microscope >=3 in conda-forge for linux-64 (/ops/cells.py:4); there is 1.0 and 2.0"
    )
    assert error.details["versions"] == ["1.0", "2.0"]


def test_a_python_that_does_not_exist_is_told(channel_server: ChannelServer, directory: Path) -> None:
    text = 'requires-python = ">=3.13"\n[tool.alcove]\nconda = ["numpy"]\n'
    specification = Specification.parse({**conda_specification(), "text": text}, THERE)
    (directory / "work").mkdir(parents=True)

    with pytest.raises(
        OpError, match=r"There is no python >=3\.13 in conda-forge.* \(/ops/cells.py:3\); there is 3.11"
    ):
        RattlerEngine(specification, Context(directory, False, Settings.load(directory), THERE)).lock(
            directory / "work", Report(lambda *_: None)
        )


def test_only_the_entries_that_exclude_each_other_are_named(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "numpy", "greeter", "old-fashioned", "tifffile", "modern")

    lines = str(error).splitlines()
    assert lines[0] == "What cells.py asks for cannot be installed together from conda-forge for linux-64:"
    assert lines[1:3] == ["- old-fashioned (/ops/cells.py:4)", "- modern (/ops/cells.py:4)"]
    assert "objective <2" in str(error)
    assert "objective >=2" in str(error)
    assert "numpy" not in str(error)
    assert error.details["entries"] == ["old-fashioned", "modern"]


def test_two_limits_of_one_package_are_told(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "microscope 1.*", "microscope>=2", "numpy")

    assert "- microscope 1.* (/ops/cells.py:4)" in str(error)
    assert "- microscope>=2 (/ops/cells.py:4)" in str(error)


def test_a_constraint_of_another_package_is_told(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "picky", "modern")

    assert "- picky" in str(error)
    assert "- modern" in str(error)


def test_a_package_whose_own_need_does_not_exist_is_told(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "numpy", "lonely")

    assert str(error).splitlines()[1:] == [
        "- lonely (/ops/cells.py:4)",
        "lonely cannot be had: lonely 1.0 needs no-such-package >=1, which does not exist here",
    ]
    assert error.hint == "Remove this entry, or ask for another version of it"


def test_a_package_for_another_python_is_told(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "needs-old-python", "numpy")

    assert "needs-old-python 1.0 needs python <3.11" in str(error)


def test_a_package_for_newer_systems_is_told_as_such(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "needs-new-glibc")

    assert error.details["cause"] == "platform"
    assert "needs-new-glibc 1.0 needs glibc" in str(error)
    assert f">=2.99, and this is {THERE.virtual_packages['__glibc']} (/ops/cells.py:4)" in str(error)


@pytest.mark.parametrize(("has", "told"), [("", "there is none on linux-64 here"), ("11.8", "this is 11.8")])
def test_a_package_for_gpus_is_told_as_such(
    has: str, told: str, channel_server: ChannelServer, directory: Path
) -> None:
    error = solve(directory, "needs-gpu", machine=THERE.overridden({"__cuda": has}))

    assert error.details["cause"] == "platform"
    assert f"needs-gpu 1.0 needs an NVIDIA GPU with CUDA >=12, and {told}" in str(error)
    assert "virtual-packages" in error.hint


def test_a_channel_of_an_entry_must_be_among_the_channels(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "bioconda::numpy")

    assert error.details["cause"] == "unsolvable"
    assert error.hint.startswith("Add 'bioconda' to the channels")


def test_a_channel_that_does_not_exist_is_told(channel_server: ChannelServer, directory: Path) -> None:
    error = solve(directory, "numpy", extra=f'channels = ["{channel_server.url}/conda-foundry"]\n')

    assert error.details["cause"] == "unsolvable"
    assert str(error) == f"There is no channel '{channel_server.url}/conda-foundry'"


def test_a_package_that_another_platform_lacks_is_told_with_it(channel_server: ChannelServer, directory: Path) -> None:
    specification = Specification.parse(conda_specification("elderly"), THERE)
    (directory / "work").mkdir(parents=True)

    with pytest.raises(OpError, match="no package named 'elderly' in conda-forge for win-64") as raised:
        RattlerEngine(specification, Context(directory, False, Settings.load(directory), THERE)).lock_for(
            ["linux-64", "win-64"], directory / "work", Report(lambda *_: None)
        )
    assert raised.value.details["cause"] == "unsolvable"
