"""The environments that come with Alcove, in ``envs/``: they can be read, and their locks are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_environment_uv import Engine

from alcove.environments.formats import format_of
from alcove.environments.machine import Machine
from alcove.environments.specification import Specification

ENVIRONMENTS = Path(__file__).parents[3] / "envs"
EXAMPLES = sorted(path.parent.name for path in ENVIRONMENTS.glob("*/pyproject.toml"))
DEFINITIONS = [*ENVIRONMENTS.glob("*/*.toml"), *ENVIRONMENTS.glob("*/*.txt"), *ENVIRONMENTS.glob("conda/*.yml")]
PLAIN, WITH_GPU = Machine("linux-64"), Machine("linux-64", {"__cuda": "12.6"})


def specified(file: Path, machine: Machine = PLAIN) -> Specification:
    values = {"name": file.parent.name, "format": format_of(file), "text": file.read_text("utf-8"), "source": str(file)}
    return Specification.parse({**values, "first_line": 1}, machine)


def test_the_examples_are_there() -> None:
    assert {"cellpose", "pytorch", "scikit-image", "stardist"} <= set(EXAMPLES)
    assert len(list(ENVIRONMENTS.glob("conda/*.yml"))) >= 2


@pytest.mark.parametrize("file", DEFINITIONS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_definitions_can_be_read(file: Path) -> None:
    for machine in (PLAIN, WITH_GPU):
        specification = specified(file, machine)
        assert specification.wanted.python or specification.wanted.conda
        assert specification.wanted.requires_python or specification.engine_name == "rattler"
        specification.check_platform("linux-64")


@pytest.mark.parametrize("name", EXAMPLES)
def test_locks_are_of_what_they_say_and_name_no_host(name: str) -> None:
    definition = specified(ENVIRONMENTS / name / "pyproject.toml").wanted
    lock = ENVIRONMENTS / name / "requirements.txt"
    locked = specified(lock).wanted

    assert locked.hashes
    assert locked.requires_python == definition.requires_python
    names = {re.split(r"[^\w-]", dependency.text)[0] for dependency in locked.python}
    assert {re.split(r"[^\w-]", dependency.text)[0] for dependency in definition.python} <= names
    assert not re.search(r"https?://", lock.read_text("utf-8"))


def test_a_lock_has_files_for_all_its_platforms(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks the package index that users have, for what it says of the files alone: they are large."""
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.setenv("UV_HTTP_RETRIES", "3")
    folder = ENVIRONMENTS / "scikit-image"
    lock = folder / "requirements.txt"
    values = specified(lock).to_json()

    text = Engine(directory, values).lock_for(*specified(folder / "pyproject.toml").wanted.platforms)

    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE))
    assert pinned.keys() >= {"scikit-image", "numpy", "scipy"}
    assert f'name = "scikit-image"\nversion = "{pinned["scikit-image"]}"' in text


def test_the_examples_of_the_manual_are_understood() -> None:
    manual = (ENVIRONMENTS.parent / "docs" / "environment-files.md").read_text("utf-8")
    blocks = re.findall(r"```(python|yaml)\n(.*?)```", manual, re.DOTALL)
    formats = {"python": "script", "yaml": "environment.yml"}
    found = []
    for language, block in blocks:
        text = block if language == "yaml" else re.sub(r"^# ?(///.*)?", "", block, flags=re.MULTILINE)
        if "environment = " not in text:
            values = {"name": "cells", "format": formats[language], "text": text}
            found.append(Specification.parse(values, WITH_GPU).wanted)

    assert [wanted.variant for wanted in found] == ["gpu", "gpu", "gpu"]
    assert found[0].platforms == ("linux-64", "osx-arm64", "win-64")
    assert found[1].uv["index"][0]["name"] == "pytorch-cu126"
