"""What is micromamba's own about the engine ``micromamba``; what holds for all is in ``test_environment_engines``.

With ALCOVE_TEST_MICROMAMBA these tests run a real micromamba instead of the stand-in.
"""

from __future__ import annotations

import os
from pathlib import Path

import micromamba_stand_in
import pytest
from channel_server import ChannelServer
from conftest import Steps, conda_specification, leftovers

from alcove import OpError, environments


@pytest.fixture
def server(channel_server: ChannelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ChannelServer:
    """The channel, with a micromamba set and a home folder that nobody may touch."""
    monkeypatch.setenv("ALCOVE_MICROMAMBA", str(micromamba_stand_in.install(tmp_path)))
    monkeypatch.setenv("ALCOVE_RETRIES", "0")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return channel_server


def failed(directory: Path, *packages: str) -> OpError:
    with pytest.raises(OpError) as caught:
        environments.create(conda_specification(*packages, engine="micromamba"), directory)
    assert leftovers(directory) == []
    return caught.value


def test_it_is_chosen_by_a_setting_and_leaves_the_users_own_alone(
    server: ChannelServer, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: Steps
) -> None:
    monkeypatch.setenv("ALCOVE_CONDA_ENGINE", "micromamba")
    monkeypatch.setenv("MAMBA_ROOT_PREFIX", str(tmp_path / "home" / "micromamba"))

    made = environments.create(conda_specification("greeter", engine="auto"), directory)

    assert made["engine"] == "micromamba"
    assert list((tmp_path / "home").iterdir()) == []
    packages = environments.show(directory, made["name"])["packages"]
    assert {each["url"].split("/")[2] for each in packages} == {"conda.anaconda.org"}
    assert any(message.startswith("Linking") for message in steps.messages)
    assert made["directory"] in (Path(made["directory"]) / "bin" / "greeter").read_text(encoding="utf-8")


def test_a_package_that_does_not_exist_is_named_with_its_place(server: ChannelServer, directory: Path) -> None:
    error = failed(directory, "greeter", "no-such-thing")

    assert error.details["cause"] == "unsolvable"
    assert "'no-such-thing'" in str(error)
    assert "/ops/cells.py:" in str(error)


def test_packages_that_exclude_each_other_are_named(server: ChannelServer, directory: Path) -> None:
    error = failed(directory, "old-fashioned", "modern")

    assert error.details["cause"] == "unsolvable"
    assert "old-fashioned" in str(error)
    assert len(str(error).splitlines()) <= 10


def test_what_the_computer_lacks_is_named(server: ChannelServer, directory: Path) -> None:
    error = failed(directory, "needs-gpu")

    assert error.details["cause"] == "platform"
    assert "cuda" in str(error)


def test_a_package_that_was_changed_is_refused(server: ChannelServer, directory: Path) -> None:
    error = failed(directory, "tampered")

    assert error.details["cause"] == "hash_mismatch"
    assert "tampered-1.0" in str(error)
    assert error.details["expected"] != error.details["got"]


def test_the_password_of_a_mirror_reaches_it_and_nobody_else(
    server: ChannelServer, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.password = "anna:secret phrase"
    error = failed(directory, "bulky")
    assert error.details["cause"] == "network"

    monkeypatch.setenv("ALCOVE_MIRRORS", os.environ["ALCOVE_MIRRORS"].replace("//127", "//anna:secret%20phrase@127"))
    made = environments.create(conda_specification("bulky", engine="micromamba"), directory)

    texts = [file.read_text(encoding="utf-8") for file in Path(made["directory"]).rglob("*.json")]
    assert not any("anna" in text for text in texts)
    assert list(directory.parent.rglob("authentication.json")) == []


def test_a_micromamba_that_is_none_is_told(
    server: ChannelServer, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCOVE_MICROMAMBA", "/nowhere/micromamba")

    error = failed(directory, "greeter")

    assert error.details["cause"] == "toolbox"
    assert "/nowhere/micromamba" in str(error)
