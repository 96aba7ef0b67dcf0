"""The first start on a machine without any Python: micromamba brings one from a channel, and pip's wheel the rest."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from alcove_program import Alcove
from channels import ChannelServer, mirrored

sys.path.append(str(Path(__file__).resolve().parent.parent / "python-worker" / "tests" / "environments"))

import micromamba_stand_in


@pytest.fixture
def path_without_python(tmp_path: Path) -> str:
    """All that the machine has but for Pythons: the launcher needs some of it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*") if place else ():
            if not program.name.startswith(("python", "pypy")) and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return str(folder)


@pytest.fixture
def new_alcove(alcove: Alcove, tmp_path: Path) -> Alcove:
    """The program with nothing in its data directory, which has an awkward name, but what pip has downloaded before."""
    downloaded = alcove.data_directory / "cache" / "pip"
    if downloaded.exists():
        (tmp_path / "neue dätä" / "cache").mkdir(parents=True)
        (tmp_path / "neue dätä" / "cache" / "pip").symlink_to(downloaded)
    return Alcove(tmp_path / "neue dätä", alcove.memory_directory, tmp_path)


def test_a_machine_without_python_gets_one(
    new_alcove: Alcove, channel_server: ChannelServer, path_without_python: str, tmp_path: Path
) -> None:
    micromamba = micromamba_stand_in.install(tmp_path)
    variables = {**mirrored(channel_server), "ALCOVE_MICROMAMBA": str(micromamba), "PATH": path_without_python}
    (tmp_path / "own.py").write_text(
        "from alcove import op\n@op\ndef where() -> str:\n    import sys\n    return sys.base_prefix\n"
    )

    found = {each["name"]: each for each in new_alcove.run("doctor", "--json", **variables).json}
    assert found["Python"]["status"] == "warning"
    assert str(micromamba) in found["Python"]["hint"]
    ran = new_alcove.run("run", f"{tmp_path / 'own.py'}:where", check=True, **variables)

    assert str(new_alcove.data_directory / "toolbox" / "python") in ran.out
    assert "Linking python" in ran.err
    assert new_alcove.staging() == []
    found = {each["name"]: each for each in new_alcove.run("doctor", "--json", **variables).json}
    assert "brought by micromamba" in found["Python"]["value"]
    assert all(each["status"] != "problem" for each in found.values()), found


def test_without_python_and_without_network_three_ways_are_shown(new_alcove: Alcove, path_without_python: str) -> None:
    ran = new_alcove.run("env", "remove", "any", PATH=path_without_python, ALCOVE_OFFLINE="1")

    ran.assert_failed("no Python", "ALCOVE_OFFLINE", "install Python", "let Alcove download", "ALCOVE_MICROMAMBA point")
    doctor = new_alcove.run("doctor", PATH=path_without_python, ALCOVE_OFFLINE="1", ALCOVE_PROXY="http://me:pw@proxy:1")
    assert doctor.code == 1
    assert "PROBLEM  Python" in doctor.out
    assert "http://***@proxy:1" in doctor.out
    assert ":pw@" not in doctor.out
