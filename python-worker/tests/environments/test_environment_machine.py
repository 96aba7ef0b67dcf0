"""What an environment is made for: platform, virtual packages, variant."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alcove import OpError
from alcove.environments import virtual_packages
from alcove.environments.machine import PLATFORMS, Machine


@pytest.fixture(autouse=True)
def detected_anew() -> Iterator[None]:
    virtual_packages.detect.cache_clear()
    yield
    virtual_packages.detect.cache_clear()


def test_this_machine() -> None:
    machine = Machine.detect({})

    assert machine.platform in PLATFORMS
    assert "__archspec" in machine.virtual_packages
    if sys.platform == "linux":
        assert machine.virtual_packages["__glibc"] == os.confstr("CS_GNU_LIBC_VERSION").split()[1]  # type: ignore[union-attr]


def test_what_the_user_says_holds_instead() -> None:
    machine = Machine.detect({"CONDA_OVERRIDE_CUDA": "12.4", "CONDA_OVERRIDE_GLIBC": "2.17"})

    assert machine.has_cuda
    assert machine.virtual_packages["__cuda"] == "12.4"
    assert machine.virtual_packages["__glibc"] == "2.17"
    assert not Machine.detect({"CONDA_OVERRIDE_CUDA": ""}).has_cuda


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CONDA_OVERRIDE_CUDA", "none"), ("CONDA_OVERRIDE_GLIBC", "2.x"), ("ALCOVE_VARIANT", "tpu")],
)
def test_a_variable_that_makes_no_sense_is_named(variable: str, value: str) -> None:
    with pytest.raises(OpError, match=f"{variable} is '{value}'") as raised:
        Machine.detect({variable: value})
    assert raised.value.details["cause"] == "spec_invalid"


def test_the_variant_is_chosen_and_the_choice_explained() -> None:
    with_gpu, without = Machine("linux-64", {"__cuda": "12.4"}), Machine("linux-64")

    assert with_gpu.variant() == ("gpu", "CUDA 12.4 was found")
    assert without.variant() == ("cpu", "no NVIDIA GPU with CUDA was found")
    assert with_gpu.variant("cpu") == ("cpu", "it was asked for")
    assert Machine("linux-64", forced_variant="gpu").variant() == ("gpu", "ALCOVE_VARIANT says so")
    assert with_gpu.overridden({"__cuda": ""}).variant().name == "cpu"


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver that is no library, and with which any program may be made to fail."""
    (tmp_path / "libcuda.so.1").write_bytes(b"not a library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    return tmp_path


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the driver is looked for elsewhere")


@LINUX
def test_a_driver_that_is_no_library_is_none(driver: Path) -> None:
    found = virtual_packages.detect()

    assert "__cuda" not in found.versions
    assert "__archspec" in found.versions


@LINUX
@pytest.mark.parametrize(
    ("program", "trouble"),
    [("kill -SEGV $$", "the NVIDIA driver is broken"), ("exec sleep 600", "the NVIDIA driver does not answer")],
)
def test_a_driver_that_crashes_or_hangs_is_said_to_do_so(
    driver: Path, monkeypatch: pytest.MonkeyPatch, program: str, trouble: str
) -> None:
    """A program stands in for Python with such a driver: no test can have one."""
    stand_in = driver / "python"
    stand_in.write_text(f"#!/bin/sh\n{program}\n")
    stand_in.chmod(0o755)
    monkeypatch.setattr(virtual_packages.sys, "executable", str(stand_in))
    monkeypatch.setattr(virtual_packages, "_SECONDS_FOR_DRIVER", 1.0)

    machine = Machine.detect({})

    assert machine.variant() == ("cpu", trouble)
    assert {"__unix", "__linux", "__glibc"} <= machine.virtual_packages.keys()
