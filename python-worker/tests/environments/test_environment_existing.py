"""Interpreters that are there already: used as they are, looked at, and never changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alcove import OpError, environments
from alcove.environments import existing_engine
from alcove.environments.reports import Report

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are faked by scripts")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment that the user made."""
    folder = tmp_path_factory.mktemp("mine") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def site_packages(python: Path) -> Path:
    return next((python.parents[1] / "lib").glob("python3*/site-packages"))


def package(python: Path, name: str, version: str) -> Path:
    folder = site_packages(python) / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def specification(path: Path | str, name: str = "mine") -> dict[str, Any]:
    return {"name": name, "engine": "existing", "format": "script", "text": str(path), "source": "", "variant": "auto"}


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def snapshot(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_an_existing_interpreter_is_noted_down_and_not_touched(directory: Path, python: Path) -> None:
    noted = package(python, "cellular", "1.0")
    before = snapshot(python.parents[1])

    created = environments.create(specification(python), directory)
    again = environments.create(specification(python), directory)

    assert created["python"] == str(python)
    assert created["engine"] == "existing"
    assert (created["packages"], created["created"], again["created"]) == (1, True, False)
    (listed,) = environments.list_environments(directory)
    assert (listed["name"], listed["engine"], listed["state"]) == ("mine", "existing", "ready")
    assert listed["python_version"] == "{}.{}.{}".format(*sys.version_info)
    shown = environments.show(directory, "mine")
    assert [(each["name"], each["version"]) for each in shown["packages"]] == [("cellular", "1.0")]
    environments.remove(directory, "mine")
    assert snapshot(python.parents[1]) == before
    (noted / "METADATA").unlink()
    noted.rmdir()


def test_what_changed_since_is_told(directory: Path, python: Path) -> None:
    first, second = package(python, "first", "1.0"), package(python, "second", "1.0")
    environments.create(specification(python), directory)
    assert environments.verify(directory, "mine")["damaged"] == []

    first.rename(first.with_name("first-2.0.dist-info"))
    metadata = first.with_name("first-2.0.dist-info") / "METADATA"
    metadata.write_text(metadata.read_text().replace("1.0", "2.0"))
    (second / "METADATA").unlink()
    second.rmdir()
    package(python, "third", "1.0")

    damaged = environments.verify(directory, "mine")["damaged"]
    assert [(each["package"], each["problem"]) for each in damaged] == [
        ("first", "changed"),
        ("second", "missing"),
        ("third", "changed"),
    ]


def test_a_conda_environment_brings_its_activation(directory: Path, python: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "conda"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "conda-meta").mkdir()
    (prefix / "etc" / "conda" / "activate.d").mkdir(parents=True)
    (prefix / "etc" / "conda" / "activate.d" / "a.sh").write_text('export DATA="$CONDA_PREFIX/share"\n')
    interpreter = prefix / "bin" / "python"
    interpreter.symlink_to(python)

    created = environments.create(specification(interpreter), directory)

    marker = (Path(created["directory"]) / "alcove.json").read_text(encoding="utf-8")
    assert f'"DATA": "{prefix}/share"' in marker
    assert f'"{prefix}/bin"' in marker


def not_python(tmp_path: Path) -> Path:
    return program(tmp_path / "python", "#!/bin/sh\necho hello\n")


def wrapper(tmp_path: Path) -> Path:
    return program(tmp_path / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')


def dead_link(tmp_path: Path) -> Path:
    (tmp_path / "python").symlink_to(tmp_path / "uninstalled")
    return tmp_path / "python"


def folder(tmp_path: Path) -> Path:
    program(tmp_path / "python.exe", "")
    return tmp_path


def not_executable(tmp_path: Path) -> Path:
    (tmp_path / "python").write_text("")
    return tmp_path / "python"


def not_a_program(tmp_path: Path) -> Path:
    return program(tmp_path / "python", "\x7fELF is not enough")


CASES: list[tuple[Callable[[Path], Path], str, str, str]] = [
    (lambda tmp_path: tmp_path / "gone", "not_found", "There is no ", "sys.executable"),
    (lambda tmp_path: Path("python3"), "spec_invalid", "python3 is no full path of an interpreter", "sys.executable"),
    (folder, "spec_invalid", "is a folder, not an interpreter", "python.exe"),
    (dead_link, "not_found", "leads nowhere", "Install that Python again"),
    (not_python, "spec_invalid", "is a script, not an interpreter", "sys.executable"),
    (wrapper, "spec_invalid", f"is a script that starts {sys.executable}", f"itself: {sys.executable}"),
    (not_executable, "permission", "not marked as a program", "sys.executable"),
    (not_a_program, "spec_invalid", "is no Python", "sys.executable"),
]


@pytest.mark.parametrize(("make", "cause", "message", "hint"), CASES)
def test_what_is_no_interpreter_is_said_clearly(
    directory: Path, tmp_path: Path, make: Callable[[Path], Path], cause: str, message: str, hint: str
) -> None:
    with pytest.raises(OpError) as raised:
        environments.create(specification(make(tmp_path)), directory)
    assert raised.value.details["cause"] == cause
    assert message in str(raised.value)
    assert hint in str(raised.value.hint)
    assert not directory.exists() or not any(directory.glob("*/alcove.json"))


@pytest.mark.parametrize(
    ("implementation", "version", "message"),
    [
        ("CPython", [2, 7, 18], "is Python 2.7.18, and ops need 3.9 or newer"),
        ("CPython", [3, 8, 20], "is Python 3.8.20, and ops need 3.9 or newer"),
        ("PyPy", [3, 10, 14], "is PyPy 3.10.14, and ops need CPython 3.9 or newer"),
    ],
)
def test_other_pythons_are_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, implementation: str, version: list[int], message: str
) -> None:
    # What such an interpreter would answer: the machine has none. The probe itself is also tried by Python 2's grammar.
    answer = f'{{"implementation": "{implementation}", "version": {version}, "executable": "x", "bits": 64}}'
    monkeypatch.setattr(existing_engine, "_is_script", lambda file: False)
    fake = program(tmp_path / "python", f"#!/bin/sh\necho noise\necho '{answer}'\n")
    with pytest.raises(OpError, match=message):
        existing_engine.probe(fake, tmp_path, lambda: None)


def test_the_users_own_python_settings_do_not_reach_the_interpreter(
    directory: Path, python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path))
    found = existing_engine.probe(python, tmp_path, Report(lambda *_: None).again)
    assert found["implementation"] == "CPython"
    assert os.path.samefile(found["executable"], python)
