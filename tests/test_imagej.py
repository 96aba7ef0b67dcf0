"""``./alcove imagej``: the one jar that makes op files commands of an ImageJ."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from alcove_program import EXAMPLES, Alcove

JAVA_8 = 52
JAVA_17 = 61


@pytest.fixture
def imagej(tmp_path: Path) -> Path:
    """The folder of an ImageJ, as it comes out of its archive."""
    folder = tmp_path / "Image J ü"
    (folder / "plugins").mkdir(parents=True)
    (folder / "ij.jar").touch()
    return folder


@pytest.fixture
def plugin(alcove: Alcove, imagej: Path) -> Path:
    """The jar where the program has put it."""
    finished = alcove.run("imagej", imagej, "--op", EXAMPLES / "cells.py", check=True)
    return Path(finished.out.strip())


def test_puts_the_plugin_and_op_files_into_an_imagej(alcove: Alcove, imagej: Path) -> None:
    old = imagej / "plugins" / "Alcove_-0.0.1.jar"
    old.touch()
    finished = alcove.run("imagej", imagej.parent, "--op", EXAMPLES / "cells.py", check=True)
    plugin = Path(finished.out.strip())
    assert plugin.parent == imagej / "plugins"
    assert plugin.is_file()
    assert not old.exists()
    assert "Replaced Alcove_-0.0.1.jar" in finished.err
    assert (imagej / "plugins" / "Alcove" / "cells.py").is_file()
    assert "Refresh Ops" in (imagej / "macros" / "RunAtStartup.ijm").read_text()

    again = alcove.run("imagej", imagej, "--json", check=True).json
    assert again["jar"] == str(plugin)
    assert again["replaced"] == []
    assert again["starts_by_itself"] is True

    alcove.run("imagej", imagej / "macros").assert_failed("is not the folder of an ImageJ", "Fiji.app")
    (imagej / "plugins" / "Alcove" / "cells.py").write_text("# mine\n")
    refused = alcove.run("imagej", imagej, "--op", EXAMPLES / "cells.py")
    refused.assert_failed("cells.py is there already", "--replace")


def test_the_jar_holds_what_imagej_needs_and_nothing_that_others_bring(plugin: Path) -> None:
    with zipfile.ZipFile(plugin) as jar:
        names = jar.namelist()
        config = jar.read("plugins.config").decode()
        versions = {
            name: jar.read(name)[7] for name in names if name.startswith("org/alcove/") and name.endswith(".class")
        }
        # The same sources give the same jar.
        assert {jar.getinfo(name).date_time for name in versions if "/shaded/" not in name} == {(2026, 1, 1, 0, 0, 0)}
    assert "_" in plugin.name, "else ImageJ does not look into it"
    entries = [line for line in config.splitlines() if line and not line.startswith("#")]
    assert entries
    assert all("org.alcove.start.Start(" in line for line in entries)
    assert not [name for name in names if "fasterxml" in name]
    for absent in (
        "picocli/",
        "org/alcove/cli/",
        "ij/",
        "org/scijava/",
        "net/imglib2/",
        "com/formdev/",
    ):
        assert not [name for name in names if name.startswith(absent)], absent
    for present in (
        "org/alcove/shaded/jackson/core/JsonFactory.class",
        "worker/alcove/__init__.py",
        "toolbox/toolbox.txt",
    ):
        assert present in names
    for name, version in versions.items():
        if name.startswith("org/alcove/start/"):
            assert version == JAVA_8, name
        else:
            assert version <= JAVA_17, name


def test_another_jackson_does_no_harm(plugin: Path, tmp_path: Path) -> None:
    broken = tmp_path / "others" / "com" / "fasterxml" / "jackson" / "core"
    broken.mkdir(parents=True)
    for name in ("JsonFactory", "JsonGenerator", "JsonParser"):
        (broken / f"{name}.class").write_text("of another age")
    program = tmp_path / "Prints.java"
    program.write_text(
        "public class Prints { public static void main(String[] arguments) {"
        ' System.out.println(org.alcove.files.JsonText.of(java.util.Map.of("answer", 42))); } }'
    )
    class_path = os.pathsep.join([str(tmp_path / "others"), str(plugin)])
    printed = subprocess.run(
        ["java", "-cp", class_path, str(program)], capture_output=True, text=True, check=True, timeout=100
    )
    assert printed.stdout.split() == ['{"answer":42}']
