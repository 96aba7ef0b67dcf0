"""How an ImageJ comes to have ops: by the installer, from folders that cannot be read, two ImageJs at once."""

from __future__ import annotations

import os
from pathlib import Path

import numpy
import pytest
from alcove_program import Alcove
from imagej import OPS, ImageJ, ImageJFolder, Picture, Starter

LEVELS = "Plugins>Alcove>Tests>Levels..."
OPTIONS = "level=90 side=above number=5 doubled=false note=none labels_as=image"


def level(imagej: ImageJ, picture: Picture) -> None:
    """Opens the image, runs the command by a macro, compares the pixels."""
    title = imagej.open(picture.file)
    imagej.macro(f'run("Levels...", "image=[{title}] {OPTIONS}");')
    result = imagej.image(f"Levels of {title}")
    numpy.testing.assert_array_equal(result.pixels, numpy.where(picture.pixels > 90, 5, 0))


def other_javas() -> list[str]:
    """Newer ones than the tests' own."""
    found = []
    for release in sorted(Path("/usr/lib/jvm").glob("*/release")):
        version = next((line for line in release.read_text().splitlines() if line.startswith("JAVA_VERSION=")), '"0"')
        if int(version.split('"')[1].split(".")[0]) >= 21:
            found.append(str(release.parent / "bin" / "java"))
    return found[-1:]


@pytest.mark.parametrize("java", ["java", *other_javas()])
def test_second_imagej_shows_its_ops_at_start(
    start: Starter, imagej: ImageJ, picture: Picture, tmp_path: Path, java: str
) -> None:
    """Beside the shared one, with the same data; and on another Java."""
    folder = ImageJFolder(tmp_path / "ImageJ").install().add(OPS / "pixels.py")
    first = start(folder, java, ALCOVE_TRUSTED_OPS=str(folder.ops))
    first.refresh(LEVELS)
    first.quit()

    second = start(folder, java, ALCOVE_TRUSTED_OPS=str(folder.ops))
    second.until(lambda: LEVELS in second.menus(), "the entry without any click")
    level(second, picture)
    level(imagej, picture)
    (folder.directory / "plugins" / "Fresh_Macro.ijm").touch()
    second.choose("Help>Refresh Menus")
    second.until(lambda: {"Plugins>Fresh Macro", LEVELS} <= set(second.menus()), "the entry in the new menus")
    assert "Plugins>Alcove>pixels" not in second.menus()  # what ImageJ itself makes of Python files
    second.tidy()
    second.quit()


def test_folder_without_permission(start: Starter, tmp_path: Path) -> None:
    folder = ImageJFolder(tmp_path / "ImageJ").install().add(OPS / "answer.py")
    folder.write("closed/hidden.py", "")
    closed = folder.ops / "closed"
    closed.chmod(0)
    # Root may read whatever it likes, unless that is taken from it.
    powers = "-dac_override,-dac_read_search"
    asroot = os.geteuid() == 0
    wrapper = ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"] if asroot else []
    try:
        imagej = start(folder, wrapper=wrapper)
        imagej.refresh("Plugins>Alcove>Answer...")
        (entry,) = [path for path in imagej.menus() if "closed" in path]
        imagej.choose(entry)
        assert "closed" in imagej.wait_read("*closed*")
        imagej.tidy()
        imagej.quit()
    finally:
        closed.chmod(0o755)


def test_installed_by_the_command_line(start: Starter, home: Alcove, tmp_path: Path) -> None:
    folder = ImageJFolder(tmp_path / "ImageJ ü")
    old = folder.directory / "plugins" / "Alcove_-0.0.1.jar"
    old.write_bytes(b"")
    done = home.run("imagej", folder.directory, "--op", OPS / "answer.py", check=True)
    assert str(folder.directory) in done.out + done.err
    assert not old.exists()
    assert (folder.ops / "answer.py").exists()
    imagej = start(folder)
    imagej.until(lambda: "Plugins>Alcove>Answer..." in imagej.menus(), "the entry without any click")
    imagej.quit()
    home.run("imagej", tmp_path / "nowhere").assert_failed("nowhere")
